"""Months and quarters as people and programs write them.

month_of("15/07/2021")             # July 2021
period_of("ត្រីមាសទី២ ឆ្នាំ២០២១")      # Period(quarter of 2021Q2, month -1)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from qicsim.calendar import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, format_quarter
from qicsim.exchange.words import normal, spellings

EARLIEST, LATEST = 1900, 2100
BUDDHIST = 543
NO_MONTH = -1
WRITTEN = "2021Q2, Q2 2021, 2021-06, 202106 or 30/06/2021"
WRITTEN_MONTH = "2021-07, 202107, 15/07/2021, Jul 2021 or 2021Q3"


class Period(NamedTuple):
    """A quarter (the absolute month in which it begins) and the month, NO_MONTH where only a quarter is said."""

    quarter: int
    month: int = NO_MONTH

    @property
    def name(self) -> str:
        """The quarter, written YYYYQn."""
        return format_quarter(self.quarter)


_QUARTERS = [re.compile(pattern) for pattern in (
    r"(?P<y>\d{4}) ?(?:q|quarter|qtr|ត្រីមាស(?:ទី)?) ?(?P<q>[1-4])",
    r"(?:q|quarter|qtr|ត្រីមាស(?:ទី)?) ?(?P<q>[1-4])(?: of)? ?(?:year|ឆ្នាំ)? ?(?P<y>\d{4})",
    r"(?P<q>[1-4]) ?(?:st|nd|rd|th)? ?(?:q|quarter|qtr) ?(?P<y>\d{4})",
    r"(?:year|ឆ្នាំ) ?(?P<y>\d{4}) ?(?:q|quarter|qtr|ត្រីមាស(?:ទី)?) ?(?P<q>[1-4])",
)]
_NUMBERS = [re.compile(pattern) for pattern in (
    r"(?P<y>\d{4}) (?P<m>\d{1,2})(?: (?P<d>\d{1,2})(?:t?(?: \d.*)?| \d.*)?)?",
    r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})?",
    r"(?P<d>\d{1,2}) (?P<m>\d{1,2}) (?P<y>\d{4})(?: \d.*)?",
    r"(?P<m>\d{1,2}) (?P<y>\d{4})",
)]
_DATE_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}.*")
_NAMED = re.compile(r"(?:(?P<d>\d{1,2}) )?(?:ខែ ?)?(?P<n>[^\d ]+)(?: (?P<d2>\d{1,2}))? ?(?:ឆ្នាំ ?)?(?P<y>\d{4})|"
                    r"(?P<y2>\d{4}) (?P<n2>[^\d ]+)")


def period_of(text: str) -> Period:
    """The period that a text names; ValueError, in a few words, if none."""
    short = normal(_DATE_TIME.sub(r"\1", text.strip()))
    for pattern in _QUARTERS:
        if match := pattern.fullmatch(short):
            return Period(_year(match["y"]) * MONTHS_PER_YEAR + (int(match["q"]) - 1) * MONTHS_PER_QUARTER)
    month = _month(short)
    return Period(month - month % MONTHS_PER_QUARTER, month)


def month_of(text: str) -> int:
    """Absolute month of a date, a month, a quarter (its first month) or a year (January); ValueError if none."""
    if re.fullmatch(r"\d{4}", short := normal(text)):
        return _year(short) * MONTHS_PER_YEAR
    period = period_of(text)
    return period.quarter if period.month == NO_MONTH else period.month


def _month(short: str) -> int:
    for pattern in _NUMBERS:
        if match := pattern.fullmatch(short):
            parts = match.groupdict()
            return _number(_year(match["y"]), int(match["m"]), int(parts.get("d") or 1),
                           day_first=parts["y"] != short[:4])
    if (match := _NAMED.fullmatch(short)) and (name := spellings("months").get(match["n"] or match["n2"])):
        day = int(match["d"] or match["d2"] or 1)
        return _number(_year(match["y"] or match["y2"]), int(name), day, day_first=False)
    raise ValueError(_refusal(short))


def _number(year: int, month: int, day: int, *, day_first: bool) -> int:
    """Absolute month; a date like 07/15/2021 can only have its month first."""
    if day_first and month > MONTHS_PER_YEAR >= day:
        month, day = day, month
    if not (1 <= month <= MONTHS_PER_YEAR and 1 <= day <= 31):  # noqa: PLR2004 (days of a month)
        raise ValueError("has no such month or day")
    return year * MONTHS_PER_YEAR + month - 1


def _year(text: str) -> int:
    year = int(text)
    if EARLIEST <= year <= LATEST:
        return year
    if EARLIEST <= year - BUDDHIST <= LATEST:
        raise ValueError(f"has the year {year}; if it is a Buddhist year, write {year - BUDDHIST}")
    raise ValueError(f"has the year {year}")


def _refusal(short: str) -> str:
    if re.fullmatch(r"\d{4}", short):
        return "is a year, not a quarter"
    if re.fullmatch(r"\d{4} ?s ?[12]", short):
        return "is half a year, not a quarter"
    return "is not a date" if short else "is empty"


def reading(parse: Callable[[str], object], text: str) -> tuple[object, str]:
    """What `parse` makes of a text, and ""; or None and what is wrong."""
    try:
        return parse(text), ""
    except ValueError as reason:
        return None, str(reason)
