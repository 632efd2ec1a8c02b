"""The shock index: how far a quarter was disturbed from outside (COVID-19), 0 not at all to 1 most."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_QUARTER, MONTHS_PER_YEAR
from qicsim.ground.errors import DataError
from qicsim.ground.table import Layout, Row, read_table
from qicsim.inputs.world.evidence import check_evidence

_QUARTER = re.compile(r"(\d{4})Q([1-4])", re.ASCII)
_LAYOUT = Layout(("quarter", "shock", "source", "grade"))


def read_shock(path: Path | str) -> dict[int, float]:
    """Shock index by the number of the quarter's first month; DataError with every fault."""
    table = read_table(path, _LAYOUT, DataError)
    shock = {_quarter(row): _index(row) for row in table.rows}
    table.refuse_repeats("quarter")
    table.refuse_faults()
    return shock


def _quarter(row: Row) -> int:
    """Number of the first month of the row's quarter."""
    text = row.text("quarter")
    match = _QUARTER.fullmatch(text)
    if match is None:
        if text:
            row.fault("quarter", f'"{text}" is not a quarter', allowed="a year and a quarter, like 2026Q3")
        return -1
    return int(match[1]) * MONTHS_PER_YEAR + (int(match[2]) - 1) * MONTHS_PER_QUARTER


def _index(row: Row) -> float:
    check_evidence(row)
    return row.number("shock", low=0, high=1)


def monthly_shock(shock: dict[int, float], start: int, months: int) -> np.ndarray:
    """Shock index of each month of a horizon, 0 in quarters that the file does not hold; float64 (months,)."""
    quarters = (month - month % MONTHS_PER_QUARTER for month in range(start, start + months))
    return np.array([shock.get(quarter, 0.0) for quarter in quarters])
