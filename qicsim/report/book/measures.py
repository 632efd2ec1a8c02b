"""Tables of indicators by place and year: one row for each place and indicator, totals below those that add up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from qicsim.ground.intervals import Intervals
from qicsim.plan.record import COUNT, DISTRICT, NATION, POINTS, PROVINCE, SHARE, SURE, Plan, Target
from qicsim.report.book.cells import total_shown
from qicsim.report.book.sheet import PER_SHARE, TENTH, TOTAL, WRAPPED, Book, Sheet, bilingual

HEAD_ROW = 3
PLACES = ("Province", "ខេត្ត", "Operational district", "Indicator", "Unit")
FIRST_YEAR = len(PLACES)
AFTER = 6  # columns between the years and the ends of intervals: differences, median, chance, safe level
TOTALS = "Total of the rows shown"
SHORT = {NATION: "nation", PROVINCE: "province", DISTRICT: "district"}


class Row(NamedTuple):
    """An indicator of a table: its title, unit, form, its spread (places, years), if it adds up over places.

    `target` is what is known beside the spread, or None.
    """

    title: str
    unit: str
    form: str
    spread: Intervals
    adds: bool
    target: Target | None = None


def target_rows(plan: Plan) -> list[Row]:
    """The plan's indicators; counts add up over places."""
    return [Row(target.title, target.shown_unit, target.form, target.scenario, target.form == COUNT, target)
            for target in plan.targets]


def coach_rows(plan: Plan, level: str = NATION) -> list[Row]:
    """Coaches, as indicators: whole posts, of a district with one digit (a mean of runs)."""
    coaches = plan.coaches
    said = (("Coach posts planned", coaches.posts), ("Coaches at work", coaches.at_work),
            ("Coaches needed for every visit", coaches.needed), ("Coaches trained in the year", coaches.trained))
    return [Row(title, "coaches", TENTH if level == DISTRICT else COUNT, spread, True) for title, spread in said]


def write_measures(book: Book, plan: Plan, rows: Sequence[Row], level: str, name: str) -> Sheet:
    """A sheet of rows by place of a level: means by year, the last year's difference, then both ends of intervals."""
    sheet = book.sheet(f"{name} {SHORT[level]}", f"{name} by {level}: baseline {plan.baseline_year}, targets to "
                       f"{plan.years[-1]}",
                       "Mean between runs at the end of the year. Totals stand below the table and follow its filter. "
                       "Differences of shares are percentage points. To the right, outside the printed page: chances "
                       "of the last target, the 5 % and 95 % points between runs (low, high), and n, the number of "
                       "runs that have a value.")
    years, places = len(plan.axis), plan.rows(level)
    _widths(sheet, plan, rows)
    if level != DISTRICT:
        sheet.hide(2)  # no district
    _heads(sheet, plan)
    for number, row in enumerate(rows):
        for at, place in enumerate(places.tolist(), start=HEAD_ROW + 1 + number * len(places)):
            _line(sheet, plan, row, place, at)
    last = HEAD_ROW + len(rows) * len(places)
    sheet.table(HEAD_ROW, last, FIRST_YEAR + 4 * years + AFTER - 1, kept=FIRST_YEAR, noted=FIRST_YEAR + years + 2)
    below = _totals(sheet, plan, rows, places, last + 2)
    sheet.sheet.print_area(0, 0, below, FIRST_YEAR + years + 2)
    return sheet


def _widths(sheet: Sheet, plan: Plan, rows: Sequence[Row]) -> None:
    """Columns as wide as their words; the ends of intervals are grouped."""
    years = len(plan.axis)
    sheet.fit(0, [*(place.province for place in plan.places), TOTALS], most=26)
    sheet.fit(2, [PLACES[2], *(place.name for place in plan.districts)], most=30)
    sheet.fit(3, [row.title for row in rows])
    sheet.widths((1, 1, 15), (4, 4, 14), (FIRST_YEAR, FIRST_YEAR + years + 2, 11))
    sheet.widths((FIRST_YEAR + years + 3, FIRST_YEAR + 4 * years + AFTER - 1, 11))
    sheet.sheet.set_column(FIRST_YEAR + years + 3, FIRST_YEAR + 4 * years + AFTER - 1, 11, None, {"level": 1})


def _heads(sheet: Sheet, plan: Plan) -> None:
    years = [f"{year}\nbaseline, simulated" if year == plan.baseline_year else year for year in plan.axis]
    end = plan.years[-1]
    ends = [f"{year}\n{what}" for what in ("low", "high", "n") for year in plan.axis]
    sheet.heads(HEAD_ROW, [*(bilingual(head) for head in PLACES), *years,
                           *(f"{end} minus reference\n{what}"
                             for what in ("mean", "low", "high")),
                           f"{end}\nmedian", f"{end}\nruns that reach the target",
                           f"{end}\nlevel that {SURE:.0%} of runs reach", *ends], numbers=FIRST_YEAR)


def _line(sheet: Sheet, plan: Plan, row: Row, place: int, line: int) -> None:
    where, spread, years = plan.places[place], row.spread, len(plan.axis)
    names = (where.province or where.name, _khmer(plan, place), where.name if where.level == DISTRICT else "")
    for column, text in enumerate((*names, row.title, row.unit)):
        sheet.text(line, column, text, WRAPPED)
    sheet.numbers(line, FIRST_YEAR, spread.mean[place], row.form)
    if row.target is not None:
        _beside(sheet, row.target, place, (line, FIRST_YEAR + years))
    for number, values in enumerate((spread.low, spread.high, spread.n.astype(float))):
        at = FIRST_YEAR + AFTER + (number + 1) * years
        sheet.numbers(line, at, values[place], COUNT if number == 2 else row.form)  # noqa: PLR2004 the third is n


def _beside(sheet: Sheet, target: Target, place: int, where: tuple[int, int]) -> None:
    """Beside the years of a place: the last difference from the reference, and the chances of the last target."""
    line, at = where
    scale, form = (PER_SHARE, POINTS) if target.form == SHARE else (1.0, target.form)
    ends = [scale * getattr(target.difference, end)[place, -1] for end in ("mean", "low", "high")]
    sheet.numbers(line, at, ends, form)
    sheet.number(line, at + 3, float(target.median[place, -1]), target.form)
    if target.direction:
        sheet.number(line, at + 4, float(target.reached[place, -1]), SHARE)
        sheet.number(line, at + 5, float(target.sure[place, -1]), target.form)


def _khmer(plan: Plan, place: int) -> str:
    """The Khmer name of the province in which a place lies, or of the nation."""
    where = plan.places[place]
    found = (one.name_km for one in plan.places if one.level != DISTRICT and one.name == (where.province or where.name))
    return next(found, "")


def _totals(sheet: Sheet, plan: Plan, rows: Sequence[Row], places: np.ndarray, line: int) -> int:
    """Below the table: what adds up, summed over the places that a filter leaves; returns the last line."""
    for number, row in enumerate(rows):
        if row.adds:
            first = HEAD_ROW + 1 + number * len(places)
            _total(sheet, plan, row, places, (first, line))
            line += 1
    return line - 1


def _total(sheet: Sheet, plan: Plan, row: Row, places: np.ndarray, lines: tuple[int, int]) -> None:
    """The sum over places of a level, as a formula."""
    first, line = lines
    for column, text in enumerate((TOTALS, "", "", row.title, row.unit)):
        sheet.blank(line, column)
        sheet.text(line, column, text, TOTAL)
    for place in range(len(plan.axis)):
        column = FIRST_YEAR + place
        sheet.formula(line, column, total_shown((first, column), (first + len(places) - 1, column)),
                      float(row.spread.mean[places, place].sum()), row.form)
