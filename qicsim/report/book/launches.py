"""Launches: when each district is launched, and how many are launched by the end of each quarter."""

from __future__ import annotations

import numpy as np

from qicsim.plan.record import DISTRICT, POINTS, SHARE, Plan
from qicsim.report.book.cells import cell, total
from qicsim.report.book.sheet import TEXT, TOTAL, Book, Sheet, bilingual

NAME, BY_QUARTER = "Launches", "Launches by quarter"
HEAD_ROW = 3
COLUMNS = ("Province", "ខេត្ត", "Operational district", "Early (5 %)", "Median quarter", "Late (95 %)")
FIRST = len(COLUMNS)


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
                       "which it is launched by the end of the year; to the right, beyond the page, by quarter.")
    years, quarters = len(plan.axis), len(plan.quarters)
    sheet.heads(HEAD_ROW, [*(bilingual(head) for head in COLUMNS), *(f"by end {year}" for year in plan.axis),
                           *plan.quarters])
    sheet.sheet.set_row(HEAD_ROW, 32)
    khmer = {place.name: place.name_km for place in plan.places if place.level != DISTRICT}
    for number, place in enumerate(plan.districts):
        line = HEAD_ROW + 1 + number
        words = (quarter_words(plan, float(one)) for one in plan.launches.quarter[number])
        for column, text in enumerate((place.province, khmer.get(place.province, ""), place.name, *words)):
            sheet.text(line, column, text)
        sheet.numbers(line, FIRST, plan.launches.by_year[number], SHARE)
        sheet.numbers(line, FIRST + years, plan.launches.by_quarter[number], SHARE)
    last = HEAD_ROW + len(plan.districts)
    _totals(sheet, plan, last + 1)
    sheet.table(HEAD_ROW, last, FIRST + years + quarters - 1, kept=3)
    sheet.sheet.print_area(0, 0, last + 1, FIRST + years - 1)
    sheet.sheet.conditional_format(HEAD_ROW + 1, FIRST, last, FIRST + years + quarters - 1,
                                   {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#9DC3E6",
                                    "min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1})
    sheet.widths((0, 0, 19), (1, 1, 15), (2, 2, 22), (3, 5, 13), (FIRST, FIRST + years - 1, 10))
    sheet.sheet.set_column(FIRST + years, FIRST + years + quarters - 1, 9, None, {"level": 1})


def _totals(sheet: Sheet, plan: Plan, line: int) -> None:
    """Districts launched, on average: the sum of the shares."""
    sheet.text(line, 0, "Districts launched (mean of runs)", TOTAL)
    for column in range(1, FIRST):
        sheet.sheet.write_blank(line, column, None, sheet.book.format(TOTAL))
    shares = np.concatenate([plan.launches.by_year, plan.launches.by_quarter], axis=1).sum(axis=0)
    for place, value in enumerate(shares):
        column = FIRST + place
        sheet.formula(line, column, total((HEAD_ROW + 1, column), (line - 1, column)), float(value), POINTS)


def write_quarters(book: Book, plan: Plan) -> None:
    """The sheet of quarters: districts planned and launched."""
    sheet = book.sheet(BY_QUARTER, "Operational districts launched by the end of each quarter",
                       "Planned is what the scenario allows. Low and high are the 5 % and 95 % points between runs.")
    sheet.heads(HEAD_ROW, ["Quarter", "Planned (at most)", "Launched, mean", "Launched, low", "Launched, high",
                           "New in the quarter, mean", "Runs (n)"])
    launched = plan.launches.launched
    for place, quarter in enumerate(plan.quarters):
        line = HEAD_ROW + 1 + place
        sheet.text(line, 0, quarter)
        sheet.number(line, 1, float(plan.launches.planned[place]), POINTS)
        for column, values in enumerate((launched.mean, launched.low, launched.high), start=2):
            sheet.number(line, column, float(values[place]), POINTS)
        _new(sheet, plan, line, place)
        sheet.number(line, 6, float(launched.n[place]), "count")
    last = HEAD_ROW + len(plan.quarters)
    sheet.table(HEAD_ROW, last, 6, kept=1)
    sheet.widths((0, 0, 34), (1, 6, 15))
    sheet.sheet.set_row(HEAD_ROW, 32)


def _new(sheet: Sheet, plan: Plan, line: int, place: int) -> None:
    """Launched in the quarter: a difference; in the first, from those launched before the plan."""
    before = float(plan.launches.by_year[:, 0].sum()) if place == 0 else float(plan.launches.launched.mean[place - 1])
    earlier = repr(before) if place == 0 else cell(line - 1, 2)
    sheet.formula(line, 5, f"={cell(line, 2)}-{earlier}", float(plan.launches.launched.mean[place]) - before, POINTS,
                  TEXT)
