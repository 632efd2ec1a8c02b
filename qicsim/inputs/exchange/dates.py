"""Months and quarters as people and programs write them, and those of a whole column, read in one way.

month_of("15/07/2026")             # July 2026
period_of("ត្រីមាសទី២ ឆ្នាំ២០២៦")      # Period(quarter of 2026Q2, month -1)
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, format_quarter
from qicsim.ground.translatable import tell
from qicsim.inputs.exchange.findings import Findings
from qicsim.inputs.exchange.headings import place
from qicsim.inputs.exchange.settings import Settings
from qicsim.inputs.exchange.words import normal, spellings

if TYPE_CHECKING:
    import pandas as pd

EARLIEST, LATEST = 1900, 2100
BUDDHIST = 543
NO_MONTH = -1
QUARTERS_PER_YEAR = 4
_EXCEL_EPOCH, _EXCEL_DAYS = date(1899, 12, 30), (20_000, 70_000)
_NEVER = re.compile(r"9999 12 31(?: \d.*)?|31 12 9999(?: \d.*)?|9999 ?12(?: ?31)?")
WRITTEN = "2026Q2, Q2 2026, 2026-06, 202606 or 30/06/2026"
WRITTEN_MONTH = "2026-07, 202607, 15/07/2026, Jul 2026 or 2026Q3"


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
_SPAN = re.compile(r"(?P<a>[^\W\d]+) (?:to )?(?P<b>[^\W\d]+) (?P<y>\d{4})")
_NUMBERS = [re.compile(pattern) for pattern in (
    r"(?P<y>\d{4}) (?P<m>\d{1,2})(?: (?P<d>\d{1,2})(?:t?(?: \d.*)?| \d.*)?)?",
    r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})?",
    r"(?P<d>\d{1,2}) (?P<m>\d{1,2}) (?P<y>\d{4})(?: \d.*)?",
    r"(?P<m>\d{1,2}) (?P<y>\d{4})",
)]
_SLASHED = _NUMBERS[2]
_LOOSE = (re.compile(r"(?P<y>\d{4}) (?P<m>\d{1,2})"), _NUMBERS[3])
_DATE_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}.*")
_FOUR = {1, 2, 3, 4}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_OTHER = re.compile(r"(?:q|quarter|qtr|t|trim|trimester|tr|k)? ?(?P<q>[1-4]|iv|i{1,3}) (?P<y>\d{4}|\d{2})|"
                    r"(?P<y2>\d{4}|\d{2}) ?(?:q|quarter|qtr|t|trim|tr)? ?(?P<q2>[1-4]|iv|i{1,3})")
_OTHER_PERIODS = re.compile(r"\d{4} ?w ?\d{1,2}|\d{6}b|fy ?\d{4}.*|\d{4}(?:apr|jul|sep|oct|nov)(?: ?q ?[1-4])?")
_NAMED = re.compile(r"(?:(?P<d>\d{1,2}) )?(?:ខែ ?)?(?P<n>[^\d ]+)(?: (?P<d2>\d{1,2}))? ?(?:ឆ្នាំ ?)?(?P<y>\d{4})|"
                    r"(?P<y2>\d{4}) (?P<n2>[^\d ]+)")


class Order(NamedTuple):
    """The first texts of a column that prove the day first, the month first, or neither; "" where there is none."""

    day: str
    month: str
    unclear: str


def order_of(texts: Iterable[str]) -> Order:
    """What the dates of a column, like 05/06/2026, say about their order."""
    found = {"day": "", "month": "", "unclear": ""}
    for text in texts:
        if match := _SLASHED.fullmatch(normal(text)):
            first, second = int(match["d"]), int(match["m"])
            proof = "unclear" if max(first, second) <= MONTHS_PER_YEAR else "day" if first > second else "month"
            if first != second and not found[proof]:
                found[proof] = text
    return Order(**found)


def loose_month(text: str) -> tuple[int, int] | None:
    """Year and number of texts like 1/2026 or 2026-1, whose number may be a month or a quarter; None for others."""
    match = _loose(text)
    return (int(match["y"]), int(match["m"])) if match else None


def may_be_quarters(texts: Iterable[str]) -> bool:
    """Whether numbers beside years, as in 1/2026, may be quarters: none is above 4.

    Two digits, as in 01/2026, mean months, but where 01 to 04 are all that there are.
    """
    found = [match for text in texts if (match := _loose(text))]
    numbers = {int(match["m"]) for match in found}
    padded = all(len(match["m"]) > 1 for match in found)
    return bool(numbers) and numbers <= _FOUR and (not padded or numbers == _FOUR)


def _loose(text: str) -> re.Match[str] | None:
    short = normal(text)
    return next((found for pattern in _LOOSE if (found := pattern.fullmatch(short))), None)


def period_of(text: str, *, month_first: bool = False, quarters: bool = False) -> Period:
    """The period that a text names; ValueError, in a few words, if none.

    `month_first`: 05/06/2026 is a day of May; `quarters`: 2/2026 is the second quarter, not February.
    """
    _refuse_sign(text)
    short = normal(_DATE_TIME.sub(r"\1", text.strip()))
    if quarters and (loose := loose_month(text)):
        if loose[1] > QUARTERS_PER_YEAR or not loose[1]:
            raise ValueError(f"has no quarter {loose[1]}; with --periods quarter it is 1 to 4")
        short = f"{loose[0]}q{loose[1]}"
    for pattern in _QUARTERS:
        if match := pattern.fullmatch(short):
            return Period(_year(match["y"]) * MONTHS_PER_YEAR + (int(match["q"]) - 1) * MONTHS_PER_QUARTER)
    if (match := _SPAN.fullmatch(short)) and (first := _first_of(match["a"], match["b"])) >= 0:
        return Period(_year(match["y"]) * MONTHS_PER_YEAR + first)
    month = _month(short, month_first=month_first)
    return Period(month - month % MONTHS_PER_QUARTER, month)


def _refuse_sign(text: str) -> None:
    """ValueError for a number with a sign before it: -2026 is no year."""
    if text.strip().startswith(("-", "+", "=")):
        raise ValueError("is not a date: it begins with a sign")


def _first_of(first: str, last: str) -> int:
    """The first month (from 0) of a quarter that is named by its first and last month; -1 if it is none."""
    names = spellings("months")
    months = [int(names.get(each, 0)) - 1 for each in (first, last)]
    quarter = months[0] >= 0 and months[0] % MONTHS_PER_QUARTER == 0 and months[1] - months[0] == MONTHS_PER_QUARTER - 1
    return months[0] if quarter else -1


def month_of(text: str, *, month_first: bool = False, quarters: bool = False) -> int:
    """Absolute month of a date, a month, a quarter (its first month) or a year (January); ValueError if none."""
    _refuse_sign(text)
    if re.fullmatch(r"\d{4}", short := normal(text)):
        return _year(short) * MONTHS_PER_YEAR
    period = period_of(text, month_first=month_first, quarters=quarters)
    return period.quarter if period.month == NO_MONTH else period.month


def _month(short: str, *, month_first: bool) -> int:
    for pattern in _NUMBERS:
        if match := pattern.fullmatch(short):
            parts = match.groupdict()
            month, day, slashed = int(match["m"]), int(parts.get("d") or 1), parts["y"] != short[:4]
            if month_first and slashed and parts.get("d"):
                month, day = day, month
            return _number(_year(match["y"]), month, day, day_first=slashed)
    if (match := _NAMED.fullmatch(short)) and (name := spellings("months").get(match["n"] or match["n2"])):
        day = int(match["d"] or match["d2"] or 1)
        return _number(_year(match["y"] or match["y2"]), int(name), day, day_first=False)
    raise ValueError(_refusal(short))


def _number(year: int, month: int, day: int, *, day_first: bool) -> int:
    """Absolute month; a date like 07/15/2026 can only have its month first."""
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
    if _OTHER_PERIODS.fullmatch(short):
        return "is a week, two months, or part of a financial year, not a quarter"
    if re.fullmatch(r"\d{5}(?: \d+)?", short) and _EXCEL_DAYS[0] <= int(short[:5]) <= _EXCEL_DAYS[1]:
        return (f"looks like an Excel date ({_EXCEL_EPOCH + timedelta(days=int(short[:5]))}); give the column the "
                "format of a date in the workbook, or write it out")
    if meant := _meant(short):
        return f"is not a date; write {meant} if that is meant"
    return "is not a date" if short else "is empty"


def _meant(short: str) -> str:
    """The quarter that other usual forms mean: q1 26, i 2026, t1 2026; "" if none."""
    if not (match := _OTHER.fullmatch(short)):
        return ""
    quarter = match["q"] or match["q2"]
    number = int(quarter) if quarter.isdecimal() else _ROMAN[quarter]
    year = match["y"] or match["y2"]
    return f"{year if len(year) == 4 else 2000 + int(year)}Q{number}"  # noqa: PLR2004 (digits of a year)


def is_never(text: str) -> bool:
    """Whether a date is the last day that programs know, which stands for no date."""
    return bool(_NEVER.fullmatch(normal(_DATE_TIME.sub(r"\1", text.strip()))))


def reading(parse: Callable[[str], object], text: str) -> tuple[object, str]:
    """What `parse` makes of a text, and ""; or None and what is wrong."""
    try:
        return parse(text), ""
    except ValueError as reason:
        return None, str(reason)


# -------------------------------------------------------------------------------------------------------- whole columns

SHOWN = 60
FAULTY, UNCLEAR, FUTURE, PAST = "faulty quarter", "month or quarter", "quarter in the future", "quarter long ago"
FIRST_YEAR = 1990
"""Rounds of scores and collaboratives of health facilities are younger: the first collaborative of teams that improve
care began in 1995 (Institute for Healthcare Improvement, The Breakthrough Series, 2003)."""


class Read(NamedTuple):
    """A period as read; the check that refuses it and what is wrong, "" if nothing."""

    period: Period
    check: str = ""
    words: str = ""


class Periods(NamedTuple):
    """Of each row: quarter, month (NO_MONTH where none), the check that refuses it, and the place of it in `words`."""

    quarter: np.ndarray
    month: np.ndarray
    check: np.ndarray
    key: pd.Series
    words: list[str]


def read_periods(rows: pd.DataFrame, used: np.ndarray, settings: Settings, findings: Findings) -> Periods:
    """The periods of rows with the columns file, sheet, period, element; only `used` rows say how a sheet is read."""
    import pandas as pd

    sheet = rows.groupby(["file", "sheet"], sort=False, observed=True).ngroup().to_numpy()
    codes, texts = rows["period"].factorize()
    pair, pairs = pd.factorize(sheet * max(len(texts), 1) + codes)
    of_sheet, of_text = np.divmod(pairs, max(len(texts), 1))
    live = np.bincount(pair, weights=used, minlength=len(pairs)) > 0
    read: list[Read] = [Read(Period(NO_MONTH))] * len(pairs)
    for number in np.unique(of_sheet):
        mine = np.flatnonzero((of_sheet == number) & live)
        head = rows.iloc[int(np.argmax(sheet == number))]
        spoken = [str(texts[of_text[at]]) for at in mine]
        found = _sheet(spoken, place(head["file"], head["sheet"]), bool(head["element"]), settings, findings)
        for at, one in zip(mine, found, strict=True):
            read[at] = one
    quarter = np.array([one.period.quarter for one in read] or [0], dtype=np.int64)
    month = np.array([one.period.month for one in read] or [0], dtype=np.int64)
    check = np.array([one.check for one in read] or [""], dtype=object)
    return Periods(quarter[pair], month[pair], check[pair], pd.Series(pair, index=rows.index),
                   [one.words for one in read])


def _sheet(texts: list[str], where: str, element: bool, settings: Settings,  # noqa: FBT001 (of the rows)
           findings: Findings) -> list[Read]:
    """The periods of the texts of one sheet; those of data elements are written as DHIS2 writes them."""
    month_first = say_order(texts, where, findings)
    loose = not element and settings.periods == "auto" and may_be_quarters(texts)
    return [_read(text, settings, month_first=month_first, loose=loose,
                  quarters=settings.periods == "quarter" and not element) for text in texts]


def _read(text: str, settings: Settings, *, month_first: bool, loose: bool, quarters: bool) -> Read:
    try:
        period = period_of(text, month_first=month_first, quarters=quarters)
    except ValueError as reason:
        return Read(Period(NO_MONTH), FAULTY, f'the quarter "{text[:SHOWN]}" {reason}')
    if loose and loose_month(text) is not None:
        return Read(period, UNCLEAR, f'"{text[:SHOWN]}" may be a month or a quarter: no number of the sheet is above 4')
    if settings.today and period.quarter > month_of_day(settings.today):
        return Read(period, FUTURE, f'the quarter "{text[:SHOWN]}" is in the future; today is {settings.today}')
    if period.quarter < FIRST_YEAR * MONTHS_PER_YEAR:
        return Read(period, PAST, f'the quarter "{text[:SHOWN]}" lies before {FIRST_YEAR}')
    return Read(period)


def month_of_day(day: datetime.date) -> int:
    """The absolute month of a day."""
    return day.year * MONTHS_PER_YEAR + day.month - 1


def say_order(texts: Iterable[str], where: str, findings: Findings) -> bool:
    """Whether the dates of a column have their month first; what was found goes to `findings`."""
    order = order_of(texts)
    if order.day and order.month:
        findings.error("dates in two orders", where, tell(
            '"{day}" has the day first and "{month}" the month', day=order.day[:SHOWN], month=order.month[:SHOWN]),
                       allowed=tell("one order in a column"), hint=tell("Write dates like 2026-06-30"))
        return False
    if order.month:
        findings.note("dates", where, tell(
            '"{date}" has its month first; all dates of the column are read so', date=order.month[:SHOWN]))
    elif order.unclear and not order.day:
        findings.warning("dates", where, tell(
            '"{date}" and the like are read day first; no date of the column says whether this is right',
            date=order.unclear[:SHOWN]), hint=tell("Write dates like 2026-06-30"))
    return bool(order.month)
