"""The series of total scores in a data folder, beside the district and kind of each facility."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_QUARTER, MONTHS_PER_YEAR
from qicsim.ground.errors import DataError, Fault
from qicsim.inputs.exchange.folder import SCORES, TOTAL, DataFolder, read_folder
from qicsim.inputs.exchange.settings import items

LONGEST = 40
FEWEST_LAST = 0.2
"""Share of the usual number of scores that a quarter must hold to be the last: levels are those of its month."""


class Series(NamedTuple):
    """Total scores (F, T) by quarter, nan where missing; `month` is the absolute last month of the last quarter.

    `kind` (F,) is 0 for health centres and 1 for hospitals, `district` (F,) a row for each operational district;
    `quarters` (T,) are named YYYYQn. There is a score in the last quarter; quarters more than ten years before it are
    left out, and so are later ones with very few scores, of which `notes` speak. `areas` are the scores (F, T) of the
    care areas that the data hold, by key.
    """

    facility: tuple[str, ...]
    scores: np.ndarray
    kind: np.ndarray
    district: np.ndarray
    month: int
    source: str
    quarters: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    areas: Mapping[str, np.ndarray] = {}


def read_series(folder: Path | str, held: DataFolder | None = None) -> Series:
    """The total scores of a data folder (`held`, or read); InputError kinds for what cannot be used, or no score."""
    data, source = held or read_folder(folder), str(Path(folder) / SCORES)
    counts = np.count_nonzero(~np.isnan(data.scores), axis=0)
    if not counts.any():
        raise DataError(source, [Fault("item", f'no row is "{TOTAL}"', "a total score for facilities and quarters")])
    last, names = last_quarter(counts), data.register.operational_district
    rows = {name: row for row, name in enumerate(dict.fromkeys(names))}
    kept = slice(max(last - LONGEST + 1, 0), last + 1)
    return Series(data.register.id, data.scores[:, kept], data.register.hospital,
                  np.array([rows[name] for name in names], dtype=np.int64), _last_month(data.quarters[last]), source,
                  data.quarters[kept], _left(data.quarters, counts, last),
                  {key: data.by_item[key][:, kept] for key in sorted(set(items().values()) & set(data.by_item))})


def last_quarter(counts: np.ndarray) -> int:
    """The last quarter that holds at least a fifth of the usual number of scores, from the numbers (Q,).

    The usual number is the median of the quarters that hold any.
    """
    return int(np.flatnonzero((counts > 0) & (counts >= FEWEST_LAST * usual_count(counts)))[-1])


def usual_count(counts: np.ndarray) -> float:
    """The median number of scores of the quarters that hold any."""
    return float(np.median(counts[counts > 0]))


def _left(quarters: tuple[str, ...], counts: np.ndarray, last: int) -> tuple[str, ...]:
    """What is said of quarters after the last one."""
    late = [f"{quarters[at]} ({counts[at]:,})" for at in np.flatnonzero(counts) if at > last]
    if not late:
        return ()
    said = (f"Quarters with fewer than {FEWEST_LAST:.0%} of the usual number of scores ({usual_count(counts):,.0f}) do "
            f"not set the month of the levels: {', '.join(late)} not used. Levels are those of {quarters[last]}.")
    return (said,)


def _last_month(quarter: str) -> int:
    """Absolute number of the last month of a quarter written YYYYQn."""
    return int(quarter[:4]) * MONTHS_PER_YEAR + int(quarter[5]) * MONTHS_PER_QUARTER - 1
