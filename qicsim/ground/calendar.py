"""Months as integers: months since January of the year 0, and positions in a horizon.

A horizon starts in the first month of a quarter, so that quarters of the run are quarters of the calendar.
"""

from __future__ import annotations

import re

MONTHS_PER_YEAR = 12
MONTHS_PER_QUARTER = 3
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def parse_month(text: str) -> int:
    """Number of the month written `YYYY-MM`; ValueError when it is written otherwise."""
    match = _MONTH.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is not a month; months are written like 2027-01')
    return int(match[1]) * MONTHS_PER_YEAR + int(match[2]) - 1


def format_month(number: int) -> str:
    """The month written `YYYY-MM`."""
    return f"{number // MONTHS_PER_YEAR:04d}-{number % MONTHS_PER_YEAR + 1:02d}"


def format_quarter(number: int) -> str:
    """The quarter in which the month lies, written `YYYYQn`."""
    return f"{number // MONTHS_PER_YEAR:04d}Q{number % MONTHS_PER_YEAR // MONTHS_PER_QUARTER + 1}"
