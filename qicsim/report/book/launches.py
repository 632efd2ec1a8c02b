"""Launches: when each district is launched, and how many are launched by the end of each quarter."""

from __future__ import annotations

import numpy as np

from qicsim.plan.record import COUNT, DISTRICT, SHARE, Plan
from qicsim.report.book.cells import block, cell, total_shown
from qicsim.report.book.sheet import TEXT, TOTAL, WRAPPED, Book, Sheet, bilingual

NAME, BY_QUARTER = "Launches", "Launches by quarter"
HEAD_ROW = 3
COLUMNS = ("Province", "ខេត្ត", "Operational district", "Early (5 %)", "Median quarter", "Late (95 %)")
FIRST = len(COLUMNS)
TOTALS = "Districts launched"


def quarter_words(plan: Plan, place: float) -> str:
    """A quarter of launch in words; before or after the plan where it lies outside."""
    if not np.isfinite(place):
        return f"not by {plan.years[-1]}"
    if place < 0:
        return f"before {plan.years[0]}"
    return plan.quarters[int(place)] if place < len(plan.quarters) else f"not by {plan.years[-1]}"


def write_launches(book: Book, plan: Plan) -> None:
    """The sheet of districts: quarter of launch, and the share of runs launched by the ends of years and quarters."""
    sheet = book.sheet(NAME, "Launch schedule by operational district and quarter",
                       "Half of the runs have launched a district by its median quarter. Shares are shares of runs in "
                       "which it is launched by the end of the year; to the right, beyond the page, by quarter. The "
                       "total below follows the filter.")
    years, quarters = len(plan.axis), len(plan.quarters)
    sheet.fit(0, [*(place.province for place in plan.places), TOTALS], most=26)
    sheet.fit(2, [COLUMNS[2], *(place.name for place in plan.districts)], most=30)
    sheet.widths((1, 1, 15), (3, 5, 13), (FIRST, FIRST + years - 1, 12),
                 (FIRST + years, FIRST + years + quarters - 1, 9))
    sheet.heads(HEAD_ROW, [*(bilingual(head) for head in COLUMNS), *(f"by end {year}" for year in plan.axis),
                           *plan.quarters], numbers=FIRST)
    khmer = {place.name: place.name_km for place in plan.places if place.level != DISTRICT}
    for number, place in enumerate(plan.districts):
        line = HEAD_ROW + 1 + number
        words = (quarter_words(plan, float(one)) for one in plan.launches.quarter[number])
        for column, text in enumerate((place.province, khmer.get(place.province, ""), place.name, *words)):
            sheet.text(line, column, text, WRAPPED)
        sheet.numbers(line, FIRST, plan.launches.by_year[number], SHARE)
        sheet.numbers(line, FIRST + years, plan.launches.by_quarter[number], SHARE)
    last = HEAD_ROW + len(plan.districts)
    sheet.table(HEAD_ROW, last, FIRST + years + quarters - 1, kept=3, noted=FIRST + years - 1)
    _totals(sheet, plan, last + 2)
    sheet.sheet.print_area(0, 0, last + 2, FIRST + years - 1)
    sheet.sheet.conditional_format(HEAD_ROW + 1, FIRST, last, FIRST + years + quarters - 1,
                                   {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#9DC3E6",
                                    "min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1})
    sheet.sheet.set_column(FIRST + years, FIRST + years + quarters - 1, 9, None, {"level": 1})


def _totals(sheet: Sheet, plan: Plan, line: int) -> None:
    """Districts launched, on average, of those that a filter leaves: the sum of the shares."""
    for column in range(FIRST):
        sheet.blank(line, column)
    sheet.text(line, 0, TOTALS, TOTAL)
    shares = np.concatenate([plan.launches.by_year, plan.launches.by_quarter], axis=1).sum(axis=0)
    for place, value in enumerate(shares):
        column = FIRST + place
        sheet.formula(line, column, total_shown((HEAD_ROW + 1, column), (line - 2, column)), float(value), COUNT)


def write_quarters(book: Book, plan: Plan) -> None:
    """The sheet of quarters: districts planned and launched."""
    sheet = book.sheet(BY_QUARTER, "Operational districts launched by the end of each quarter",
                       "Whole districts: planned is what the scenario allows, rounded down, as a part of a district "
                       "is not launched; means of runs are shown rounded. Low and high are the 5 % and 95 % points "
                       "between runs.")
    sheet.widths((0, 0, 14), (1, 6, 16))
    sheet.heads(HEAD_ROW, ["Quarter", "Planned (at most)", "Launched, mean", "Launched, low", "Launched, high",
                           "New in the quarter, mean", "Runs (n)"], numbers=1)
    launched = plan.launches.launched
    for place, quarter in enumerate(plan.quarters):
        line = HEAD_ROW + 1 + place
        sheet.text(line, 0, quarter)
        sheet.number(line, 1, float(plan.launches.planned[place]), COUNT)
        for column, values in enumerate((launched.mean, launched.low, launched.high), start=2):
            sheet.number(line, column, float(values[place]), COUNT)
        _new(sheet, plan, line, place)
        sheet.number(line, 6, float(launched.n[place]), COUNT)
    last = HEAD_ROW + len(plan.quarters)
    sheet.table(HEAD_ROW, last, 6, kept=1)


def _new(sheet: Sheet, plan: Plan, line: int, place: int) -> None:
    """Launched in the quarter: a difference; in the first, from those launched before the plan."""
    before = float(plan.launches.by_year[:, 0].sum()) if place == 0 else float(plan.launches.launched.mean[place - 1])
    districts = block((HEAD_ROW + 1, FIRST), (HEAD_ROW + len(plan.districts), FIRST), sheet=NAME)
    earlier = f"SUM({districts})" if place == 0 else cell(line - 1, 2)
    sheet.formula(line, 5, f"={cell(line, 2)}-{earlier}", float(plan.launches.launched.mean[place]) - before, COUNT,
                  TEXT)
