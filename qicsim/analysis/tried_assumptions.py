"""What leading plans gain under each assumption that decides, from paired runs; as simulated stands first.

Means and intervals between runs are those of the comparison, so that the row as simulated is the headline. Chances are
shares of draws. The range of a plan is the union over assumptions, as simulated among them: it holds no weights, since
nobody knows how likely each assumption is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qicsim.analysis.gains import at_year_end, mean_by_draw, works_by_draw
from qicsim.ground.intervals import Interval, interval_of
from qicsim.ground.shown import Shown
from qicsim.inputs.country import plan_start
from qicsim.runs.assumptions import AS_SIMULATED, Assumption, named
from qicsim.runs.ensemble import Ensemble

if TYPE_CHECKING:
    import pandas as pd

SMALL = 1.0
"""Points: a gain that nobody would notice."""
YEARS_OF_TRIALS = 3
"""No controlled study of collaboratives reaches further."""


def last_of_trials() -> int:
    """The last year of plans that is not beyond all controlled studies of collaboratives."""
    return plan_start() + YEARS_OF_TRIALS - 1


@dataclass(frozen=True, eq=False)
class Tried:
    """A plan against the reference under one assumption; points of mean true quality.

    key       of the assumption, or AS_SIMULATED
    gain      at the end, interval between runs
    early     likewise three years after plans begin
    little    share of draws with a gain below a point at the end
    nothing   share of draws in which collaboratives can do nothing
    works     mean gain in the other draws (NaN where there is none), and in how many of these it is below a point
    share_80  mean gain in the share of facilities truly at 80 points or more
    rank      by mean gain among the plans that were tried, from 1
    """

    key: str
    plan: str
    gain: Interval[float]
    early: Interval[float]
    little: float
    nothing: float
    works: float
    little_if_works: float
    share_80: float
    rank: int

    @property
    def assumption(self) -> Assumption | None:
        """What was assumed otherwise; None as simulated."""
        return None if self.key == AS_SIMULATED else named(self.key)


@dataclass(frozen=True, eq=False, repr=False)
class TriedAssumptions(Shown):
    """Plans under assumptions.

    plans       the leading ones, that of the largest gain first
    year        at whose end gains are read; `early_year` three years after plans begin, or the same if that is later
    draws       how many there are, with so many `replicates` under each assumption
    rows        as simulated and by assumption, for each plan
    """

    plans: tuple[str, ...]
    year: int
    early_year: int
    draws: int
    replicates: int
    rows: tuple[Tried, ...]

    def of(self, plan: str) -> tuple[Tried, ...]:
        """The rows of a plan, as simulated first."""
        return tuple(row for row in self.rows if row.plan == plan)

    def at(self, key: str, plan: str) -> Tried | None:
        """The row of an assumption; None if it was not tried."""
        return next((row for row in self.of(plan) if row.key == key), None)

    @property
    def keys(self) -> tuple[str, ...]:
        """What was tried besides as simulated."""
        return tuple(dict.fromkeys(row.key for row in self.rows if row.key != AS_SIMULATED))

    def range_of_means(self, plan: str) -> tuple[float, float]:
        """The lowest and the highest mean gain under any assumption."""
        found = [row.gain.mean for row in self.of(plan)]
        return min(found), max(found)

    def range_of_intervals(self, plan: str) -> tuple[float, float]:
        """The lowest and the highest end of an interval under any assumption."""
        return min(row.gain.low for row in self.of(plan)), max(row.gain.high for row in self.of(plan))

    @property
    def table(self) -> pd.DataFrame:
        """One row for each assumption and plan."""
        import pandas as pd

        return pd.DataFrame([{
            "assumption": row.key, "group": row.assumption.group if row.assumption else "",
            "title": row.assumption.title if row.assumption else "", "scenario": row.plan, "year": self.year,
            "gain": row.gain.mean, "gain_p05": row.gain.low, "gain_p95": row.gain.high,
            "early_year": self.early_year, "early_gain": row.early.mean, "early_gain_p05": row.early.low,
            "early_gain_p95": row.early.high, "below_1": row.little, "no_effect": row.nothing,
            "gain_if_it_works": row.works, "below_1_if_it_works": row.little_if_works,
            "true_80_gain": row.share_80, "rank": row.rank, "draws": self.draws, "runs": row.gain.n}
            for row in self.rows])


def tried_assumptions(own: Ensemble, others: Mapping[str, Ensemble], plans: Sequence[str], reference: str,
                      years: tuple[int, int]) -> TriedAssumptions:
    """Plans as simulated, and under assumptions by key.

    Args:
        own: the ensemble as simulated.
        others: ensembles of the plans and the reference under the same draws and luck.
        plans: names of scenarios that last to the end.
        reference: what they are compared with.
        years: at whose ends gains are read: early and late.
    """
    rows = [row for key, ensemble in ({AS_SIMULATED: own} | dict(others)).items()
            for row in _rows(key, ensemble, plans, reference, years)]
    replicates = max((one.replicates for one in others.values()), default=own.replicates)
    return TriedAssumptions(tuple(plans), years[1], years[0], len(own.draws), replicates, tuple(rows))


def gain_of_plan(ensemble: Ensemble, plan: str, reference: str, year: int) -> Tried:
    """What one plan gains as simulated by the end of a year, with its chances."""
    return _rows(AS_SIMULATED, ensemble, (plan,), reference, (min(last_of_trials(), year), year))[0]


def _rows(key: str, ensemble: Ensemble, plans: Sequence[str], reference: str, years: tuple[int, int]) -> list[Tried]:
    early, late = (at_year_end(ensemble, year) for year in years)
    means = [float(np.mean(late[plan] - late[reference])) for plan in plans]
    rank = {plan: 1 + sum(other > mean for other in means) for plan, mean in zip(plans, means, strict=True)}
    at_80 = at_year_end(ensemble, years[1], "true_80")
    found = []
    for plan in plans:
        gains = [one[plan] - one[reference] for one in (late, early, at_80)]
        points, works = mean_by_draw(ensemble, gains[0]), works_by_draw(ensemble, plan)
        gain, soon = (interval_of(one).at() for one in gains[:2])
        some = points[works] if works.any() else np.full(1, np.nan)
        found.append(Tried(key, plan, gain, soon, float(np.mean(points < SMALL)), float(1.0 - works.mean()),
                           float(some.mean()), float(np.mean(some < SMALL)) if works.any() else np.nan,
                           float(gains[2].mean()), rank[plan]))
    return found
