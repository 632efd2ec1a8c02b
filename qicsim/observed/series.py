"""The series of total scores in a data folder, beside the district and kind of each facility."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from qicsim.calendar import MONTHS_PER_QUARTER, MONTHS_PER_YEAR
from qicsim.errors import DataError, Fault
from qicsim.exchange.folder import SCORES, TOTAL, read_folder

LONGEST = 40


class Series(NamedTuple):
    """Total scores (F, T) by quarter, nan where missing; `month` is the absolute last month of the last quarter.

    `kind` (F,) is 0 for health centres and 1 for hospitals, `district` (F,) a row for each operational district. There
    is a score in the last quarter; quarters more than ten years before it are left out.
    """

    facility: tuple[str, ...]
    scores: np.ndarray
    kind: np.ndarray
    district: np.ndarray
    month: int
    source: str


def read_series(folder: Path | str) -> Series:
    """The total scores of a data folder; InputError kinds with every fault, DataError where there is no score."""
    data, source = read_folder(folder), str(Path(folder) / SCORES)
    seen = np.flatnonzero(~np.isnan(data.scores).all(axis=0))
    if not seen.size:
        raise DataError(source, [Fault("item", f'no row is "{TOTAL}"', "a total score for facilities and quarters")])
    last, names = int(seen[-1]), data.register.operational_district
    rows = {name: row for row, name in enumerate(dict.fromkeys(names))}
    return Series(data.register.id, data.scores[:, max(last - LONGEST + 1, 0):last + 1], data.register.hospital,
                  np.array([rows[name] for name in names], dtype=np.int64), _last_month(data.quarters[last]), source)


def _last_month(quarter: str) -> int:
    """Absolute number of the last month of a quarter written YYYYQn."""
    return int(quarter[:4]) * MONTHS_PER_YEAR + int(quarter[5]) * MONTHS_PER_QUARTER - 1
