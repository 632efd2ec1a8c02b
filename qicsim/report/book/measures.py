"""Tables of indicators by place and year: one row for each place and indicator, totals below those that add up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from qicsim.plan.record import COUNT, DISTRICT, NATION, PROVINCE, Plan, Spread
from qicsim.report.book.cells import total
from qicsim.report.book.sheet import TEXT, TOTAL, Book, Sheet, bilingual

HEAD_ROW = 3
PLACES = ("Province", "ខេត្ត", "Operational district", "Indicator", "Unit", "Responsible")
FIRST_YEAR = len(PLACES)
SHORT = {NATION: "nation", PROVINCE: "province", DISTRICT: "district"}


class Row(NamedTuple):
    """An indicator of a table: its title, unit, form, who is responsible, its spread (places, years), if it adds up.

    `difference` is the spread of scenario minus reference, or None.
    """

    title: str
    unit: str
    form: str
    responsible: str
    spread: Spread
    adds: bool
    difference: Spread | None = None


def target_rows(plan: Plan) -> list[Row]:
    """The plan's indicators; counts add up over places."""
    return [Row(target.title, target.unit, target.form, target.responsible, target.scenario, target.form == COUNT,
                target.difference) for target in plan.targets]


def coach_rows(plan: Plan) -> list[Row]:
    """Coaches, as indicators."""
    coaches = plan.coaches
    said = (("Coach posts planned", coaches.posts), ("Coaches at work", coaches.at_work),
            ("Coaches needed for every visit", coaches.needed), ("Coaches trained in the year", coaches.trained))
    return [Row(title, "coaches", "rate", "", spread, True) for title, spread in said]


def write_measures(book: Book, plan: Plan, rows: Sequence[Row], level: str, name: str) -> Sheet:
    """A sheet of rows by place of a level: means by year, the last year's difference, then both ends of intervals."""
    sheet = book.sheet(f"{name} {SHORT[level]}", f"{name} by {level}: baseline {plan.baseline_year}, targets to "
                       f"{plan.years[-1]}",
                       "Mean between runs at the end of the year. To the right, outside the printed page: the 5 % and "
                       "95 % points between runs (low, high) and n, the number of runs that have a value.")
    years = len(plan.axis)
    _heads(sheet, plan)
    line = HEAD_ROW + 1
    for row in rows:
        line = _block(sheet, plan, row, level, line)
    last = line - 1
    sheet.table(HEAD_ROW, last, FIRST_YEAR + 4 * years + 2, kept=FIRST_YEAR)
    sheet.sheet.print_area(0, 0, last, FIRST_YEAR + years + 2)
    sheet.widths((0, 0, 19), (1, 1, 15), (2, 2, 20), (3, 3, 42), (4, 4, 12), (5, 5, 30),
                 (FIRST_YEAR, FIRST_YEAR + years + 2, 11))
    sheet.sheet.set_column(FIRST_YEAR + years + 3, FIRST_YEAR + 4 * years + 2, 11, None, {"level": 1})
    return sheet


def _heads(sheet: Sheet, plan: Plan) -> None:
    years = [f"{year}\nbaseline" if year == plan.baseline_year else str(year) for year in plan.axis]
    end = plan.years[-1]
    more = [f"{year}\n{what}" for what in ("low", "high", "n") for year in plan.axis]
    sheet.heads(HEAD_ROW, [*(bilingual(head) for head in PLACES), *years,
                           *(f"{end} minus reference\n{what}" for what in ("mean", "low", "high")), *more])
    sheet.sheet.set_row(HEAD_ROW, 46)


def _block(sheet: Sheet, plan: Plan, row: Row, level: str, first: int) -> int:
    """An indicator in every place of a level, with a total where it adds up; returns the next free line."""
    line = first
    for place in plan.rows(level):
        _line(sheet, plan, row, int(place), line)
        line += 1
    if row.adds and level != NATION:
        _total(sheet, plan, row, plan.rows(level), (first, line))
        line += 1
    return line


def _line(sheet: Sheet, plan: Plan, row: Row, place: int, line: int) -> None:
    where, spread, years = plan.places[place], row.spread, len(plan.axis)
    names = (where.province or where.name, _khmer(plan, place), where.name if where.level == DISTRICT else "")
    for column, text in enumerate((*names, row.title, row.unit, row.responsible)):
        sheet.text(line, column, text)
    at = FIRST_YEAR
    sheet.numbers(line, at, spread.mean[place], row.form)
    if row.difference is not None:
        ends = [getattr(row.difference, end)[place, -1] for end in ("mean", "low", "high")]
        sheet.numbers(line, at + years, ends, row.form)
    sheet.numbers(line, at + years + 3, spread.low[place], row.form)
    sheet.numbers(line, at + 2 * years + 3, spread.high[place], row.form)
    sheet.numbers(line, at + 3 * years + 3, spread.n[place].astype(float), COUNT)


def _khmer(plan: Plan, place: int) -> str:
    """The Khmer name of the province in which a place lies, or of the nation."""
    where = plan.places[place]
    found = (one.name_km for one in plan.places if one.level != DISTRICT and one.name == (where.province or where.name))
    return next(found, "")


def _total(sheet: Sheet, plan: Plan, row: Row, places: np.ndarray, lines: tuple[int, int]) -> None:
    """The sum over places of a level, as a formula."""
    first, line = lines
    for column, text in enumerate((bilingual("Total").replace("\n", " "), "", "", row.title, row.unit, "")):
        sheet.text(line, column, text, TOTAL if text else TEXT)
    for place in range(len(plan.axis)):
        column = FIRST_YEAR + place
        sheet.formula(line, column, total((first, column), (line - 1, column)),
                      float(row.spread.mean[places, place].sum()), row.form)
