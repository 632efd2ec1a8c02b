"""The series of total scores in a data folder, beside the district and kind of each facility."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from qicsim.calendar import MONTHS_PER_QUARTER, MONTHS_PER_YEAR
from qicsim.errors import DataError
from qicsim.files import MEGABYTE
from qicsim.scenario.data import REGISTER, SCORES
from qicsim.world.register import Register, read_register
from qicsim.world.table import Layout, Table, read_table, suggest

TOTAL = "total"
LONGEST = 40
_LAYOUT = Layout(("facility", "quarter", "item", "score"), limit=400 * MEGABYTE)
_QUARTER = re.compile(r"(\d{4})Q([1-4])")


class Series(NamedTuple):
    """Total scores (F, T) by quarter, nan where missing; `month` is the absolute last month of the last quarter.

    `kind` (F,) is 0 for health centres and 1 for hospitals, `district` (F,) a row for each operational district.
    """

    facility: tuple[str, ...]
    scores: np.ndarray
    kind: np.ndarray
    district: np.ndarray
    month: int
    source: str


def read_series(folder: Path | str) -> Series:
    """The total scores of a data folder; RegisterError or DataError with every fault."""
    place = Path(folder)
    register = read_register(place / REGISTER)
    table = read_table(place / SCORES, _LAYOUT, DataError)
    cells = _cells(table, register)
    table.refuse_faults()
    return series_of(register, cells, str(place / SCORES))


def series_of(register: Register, cells: dict[tuple[int, int], float], source: str = "") -> Series:
    """The series of scores by (row of the register, number of the quarter since year 0); DataError without any."""
    if not cells:
        table = Table(source, DataError)
        table.fault("item", f'no row is "{TOTAL}"', allowed="a total score for facilities and quarters")
        table.refuse_faults()
    rows, quarters = (np.array(part, dtype=np.int64) for part in zip(*cells, strict=True))
    last = int(quarters.max())
    first = max(int(quarters.min()), last - LONGEST + 1)
    scores = np.full((len(register), last - first + 1), np.nan)
    kept = quarters >= first
    scores[rows[kept], quarters[kept] - first] = np.array(list(cells.values()))[kept]
    districts = {name: row for row, name in enumerate(dict.fromkeys(register.operational_district))}
    return Series(register.id, scores, register.hospital,
                  np.array([districts[name] for name in register.operational_district], dtype=np.int64),
                  (last + 1) * MONTHS_PER_QUARTER - 1, source)


def _cells(table: Table, register: Register) -> dict[tuple[int, int], float]:
    """Total scores by facility's row and quarter."""
    place, cells = {name: row for row, name in enumerate(register.id)}, {}
    for row in table.rows:
        if row.cells.get("item") != TOTAL:
            continue
        facility, quarter = row.text("facility"), _QUARTER.fullmatch(row.cells.get("quarter", ""))
        if facility not in place:
            row.fault("facility", f'"{facility}" is not in the register', hint=suggest(facility, place))
        if quarter is None:
            row.fault("quarter", f'"{row.cells.get("quarter", "")}" is not a quarter', allowed="a quarter like 2024Q2")
        score = row.number("score", low=0, high=100)
        if facility in place and quarter is not None:
            at = place[facility], int(quarter[1]) * (MONTHS_PER_YEAR // MONTHS_PER_QUARTER) + int(quarter[2]) - 1
            if at in cells:
                row.fault("score", f'"{facility}" has another one in {quarter[0]}', allowed="one for each quarter")
            cells[at] = score
    return cells
