"""The observed scores as one table without gaps between quarters, with what summaries and contrasts need beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, format_quarter
from qicsim.ground.errors import DataError, Fault
from qicsim.inputs.exchange.folder import DataFolder

NEVER = 10**6
QUARTERS_PER_YEAR = MONTHS_PER_YEAR // MONTHS_PER_QUARTER


@dataclass(frozen=True, eq=False)
class ScorePanel:
    """Total scores of F facilities over Q successive quarters.

    Attributes:
        facility: ids, as in the register.
        first: number of the first quarter since year 0 (its absolute months over 3).
        scores: (F, Q), points, nan where there is none.
        hospital: (F,) True for referral hospitals.
        district: (F,) rows 0, 1, ... of operational districts.
        joined: (F,) the column in which a facility was first in a collaborative, negative where that was before the
            first quarter, NEVER where it never was or nothing is known.
    """

    facility: tuple[str, ...]
    first: int
    scores: np.ndarray
    hospital: np.ndarray
    district: np.ndarray
    joined: np.ndarray

    @property
    def quarters(self) -> tuple[str, ...]:
        """Names of the quarters."""
        return tuple(format_quarter((self.first + column) * MONTHS_PER_QUARTER)
                     for column in range(self.scores.shape[1]))

    @property
    def last_month(self) -> int:
        """Absolute number of the last month of the last quarter."""
        return (self.first + self.scores.shape[1]) * MONTHS_PER_QUARTER - 1

    def rows(self, chosen: np.ndarray) -> ScorePanel:
        """The panel of some facilities: places (n,) or marks (F,)."""
        names = np.array(self.facility, dtype=object)[chosen]
        return replace(self, facility=tuple(names), scores=self.scores[chosen], hospital=self.hospital[chosen],
                       district=self.district[chosen], joined=self.joined[chosen])

    def since(self, first: int) -> ScorePanel:
        """The panel without quarters before number `first`."""
        cut = max(first - self.first, 0)
        joined = np.where(self.joined == NEVER, NEVER, self.joined - cut)
        return replace(self, first=self.first + cut, scores=self.scores[:, cut:], joined=joined)

    def masked(self, scores: np.ndarray) -> np.ndarray:
        """Scores (F, Q) of a run, nan where nothing was observed: a summary sees the same facilities and quarters."""
        return np.where(np.isnan(self.scores), np.nan, scores)


def panel_of(folder: DataFolder) -> ScorePanel:
    """The scores of a data folder; DataError if it holds none."""
    if not folder.quarters or np.isnan(folder.scores).all():
        raise DataError(str(folder.path), [Fault("scores.csv", "there is no total score",
                                                 "at least one round of scores", "qicsim import --scores FILE")])
    numbers = np.array([int(name[:4]) * QUARTERS_PER_YEAR + int(name[5]) - 1 for name in folder.quarters])
    first = int(numbers.min())
    scores = np.full((len(folder.register), int(numbers.max()) - first + 1), np.nan)
    scores[:, numbers - first] = folder.scores
    joined = np.where(folder.joined < 0, NEVER, folder.joined // MONTHS_PER_QUARTER - first)
    return ScorePanel(tuple(folder.register.id), first, scores, np.asarray(folder.register.hospital, dtype=bool),
                      district_rows(folder.register.operational_district), joined.astype(np.int64))


def district_rows(names: tuple[str, ...]) -> np.ndarray:
    """The row of each facility's district, in order of first appearance; int64 (F,)."""
    place = {name: row for row, name in enumerate(dict.fromkeys(names))}
    return np.array([place[name] for name in names], dtype=np.int64)
