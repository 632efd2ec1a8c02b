"""Quarters and months of rows of scores: the dates of a sheet are read in one way, and nothing lies in the future."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_YEAR
from qicsim.inputs.exchange.dates import NO_MONTH, Period, loose_month, may_be_quarters, order_of, period_of
from qicsim.inputs.exchange.header_detection import place
from qicsim.inputs.exchange.row_audit import Findings
from qicsim.inputs.exchange.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

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

    sheet = rows.groupby(["file", "sheet"], sort=False).ngroup().to_numpy()
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
        findings.error("dates in two orders", where, f'"{order.day[:SHOWN]}" has the day first and '
                       f'"{order.month[:SHOWN]}" the month', allowed="one order in a column",
                       hint="Write dates like 2021-06-30")
        return False
    if order.month:
        findings.note("dates", where, f'"{order.month[:SHOWN]}" has its month first; all dates of the column are read '
                      "so")
    elif order.unclear and not order.day:
        findings.warning("dates", where, f'"{order.unclear[:SHOWN]}" and the like are read day first; no date of the '
                         "column says whether this is right", hint="Write dates like 2021-06-30")
    return bool(order.month)
