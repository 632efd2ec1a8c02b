"""Sheets with a row for each place: indicators and coaches by province and district, launches by district."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from qicsim.ground.intervals import Intervals
from qicsim.plan.record import COUNT, DISTRICT, POINTS, PROVINCE, SHARE, SURE, Plan, Target
from qicsim.report.book.sheet import TENTH, TOTAL, Book, Sheet, total_shown
from qicsim.report.language import place_name, say, text, text_of
from qicsim.report.plan_words import place_of, quarter_words

HEAD_ROW, PER_SHARE = 3, 100.0
FIRST_YEAR = 4  # behind province, district, indicator, unit
AFTER = 6  # columns between the years and the ends of intervals: differences, median, chance, safe level
INDICATORS = {PROVINCE: text("Indicators province"), DISTRICT: text("Indicators district")}
COACHES = {PROVINCE: text("Coaches province"), DISTRICT: text("Coaches district")}
LAUNCHES = text("Launches")
POSTS, AT_WORK, NEEDED, TRAINED = range(4)
COACH_WORDS = (text("Coach posts planned"), text("Coaches at work"), text("Coaches needed for every visit"),
               text("Coaches trained in the year"))


class Row(NamedTuple):
    """An indicator of a table: its title, unit, form, intervals (places, years), if it adds up over places.

    `target` is what is known beside the intervals, or None.
    """

    title: str
    unit: str
    form: str
    spread: Intervals
    adds: bool
    target: Target | None = None


def target_rows(plan: Plan) -> list[Row]:
    """The plan's indicators; counts add up over places."""
    return [Row(text_of(target.title), say(target.shown_unit), target.form, target.scenario, target.form == COUNT,
                target)
            for target in plan.targets]


def coach_rows(plan: Plan, level: str = "") -> list[Row]:
    """Coaches, as indicators: whole posts, of a district with one digit (a mean of runs)."""
    held = plan.coaches
    return [Row(say(title), say("coaches"), TENTH if level == DISTRICT else COUNT, spread, adds=True)
            for title, spread in zip(COACH_WORDS, (held.posts, held.at_work, held.needed, held.trained), strict=True)]


def write_places(book: Book, plan: Plan, rows: Sequence[Row], level: str, name: str) -> None:
    """A sheet of rows by place of a level: means by year, the last year's difference, then both ends of intervals."""
    sheet = book.sheet(name, say("{name}: baseline {first}, targets to {last}", name=say(name),
                                 first=plan.baseline_year, last=plan.years[-1]),
                       say("Means of runs at the ends of years. Totals stand below the table and follow its filter. "
                           "Differences of shares are percentage points. To the right of the page: chances of the last "
                           "target, the 5 % and 95 % points between runs, and n, the runs that have a value."))
    years, places = len(plan.axis), plan.rows(level)
    sheet.fit(0, [place_name(place.province) for place in plan.places] + [say("Total of the rows shown")], most=24)
    sheet.fit(1, [place.name for place in plan.districts], most=26, least=2.0 if level != DISTRICT else 8.0)
    sheet.fit(2, [row.title for row in rows], most=46)
    sheet.widths((3, 3, 13), (FIRST_YEAR, FIRST_YEAR + years + 2, 10))
    sheet.behind(FIRST_YEAR + years + 3, FIRST_YEAR + 4 * years + AFTER - 1, 11)
    _heads(sheet, plan)
    for number, row in enumerate(rows):
        for at, place in enumerate(places.tolist(), start=HEAD_ROW + 1 + number * len(places)):
            _line(sheet, plan, row, place, at)
    last = HEAD_ROW + len(rows) * len(places)
    sheet.table(HEAD_ROW, last, FIRST_YEAR + 4 * years + AFTER - 1, kept=FIRST_YEAR, noted=FIRST_YEAR + years + 2)
    sheet.printed(_totals(sheet, plan, rows, places, last + 2), FIRST_YEAR + years + 2)


def _heads(sheet: Sheet, plan: Plan) -> None:
    years = [say("{year} baseline, simulated", year=year) if year == plan.baseline_year else year for year in plan.axis]
    end = plan.years[-1]
    ends = [f"{year}\n{what}" for what in (say("low"), say("high"), "n") for year in plan.axis]
    sheet.heads(HEAD_ROW, [say("Province"), say("Operational district"), say("Indicator"), say("Unit"), *years,
                           *(say("{year} minus reference, {what}", year=end, what=what)
                             for what in (say("mean"), say("low"), say("high"))), say("{year}, median", year=end),
                           say("Runs that reach the target of {year}", year=end),
                           say("Level that {share} of runs reach in {year}", share=f"{SURE:.0%}", year=end), *ends],
                numbers=FIRST_YEAR)


def _line(sheet: Sheet, plan: Plan, row: Row, place: int, line: int) -> None:
    where, spread, years = plan.places[place], row.spread, len(plan.axis)
    sheet.texts(line, (place_name(where.province or where.name), place_of(where) if where.level == DISTRICT else "",
                       row.title, row.unit))
    sheet.numbers(line, FIRST_YEAR, spread.mean[place], row.form)
    if row.target is not None:
        _beside(sheet, row.target, place, (line, FIRST_YEAR + years))
    for number, values in enumerate((spread.low, spread.high, spread.n.astype(float))):
        column = FIRST_YEAR + AFTER + (number + 1) * years
        sheet.numbers(line, column, values[place], COUNT if number == 2 else row.form)  # noqa: PLR2004 the third is n


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


def _totals(sheet: Sheet, plan: Plan, rows: Sequence[Row], places: np.ndarray, line: int) -> int:
    """Below the table: what adds up, summed over the places that a filter leaves; returns the last line."""
    for number, row in enumerate(rows):
        if not row.adds:
            continue
        first = HEAD_ROW + 1 + number * len(places)
        sheet.blank(line, 1)
        sheet.texts(line, (say("Total of the rows shown"), "", row.title, row.unit), TOTAL)
        for at in range(len(plan.axis)):
            column = FIRST_YEAR + at
            sheet.formula(line, column, total_shown((first, column), (first + len(places) - 1, column)),
                          float(row.spread.mean[places, at].sum()), row.form)
        line += 1
    return line - 1


# ------------------------------------------------------------------------------------------------------------- launches


def write_launches(book: Book, plan: Plan) -> None:
    """The sheet of districts: quarter of launch, and the share of runs launched by the ends of years and quarters."""
    sheet = book.sheet(LAUNCHES, say("Launch schedule by operational district and quarter"),
                       say("Half of the runs have launched a district by its median quarter. Shares are shares of runs "
                           "by the end of the year; to the right of the page, by quarter. The total below follows the "
                           "filter."))
    years, quarters, first = len(plan.axis), len(plan.quarters), 5
    sheet.fit(0, [*(place_name(place.province) for place in plan.places), say("Districts launched")], most=26)
    sheet.fit(1, [say("Operational district"), *(place.name for place in plan.districts)], most=30)
    sheet.widths((2, 4, 13), (first, first + years - 1, 12))
    sheet.behind(first + years, first + years + quarters - 1)
    sheet.heads(HEAD_ROW, [say("Province"), say("Operational district"), say("Early (5 %)"), say("Median quarter"),
                           say("Late (95 %)"), *(say("by end {year}", year=year) for year in plan.axis),
                           *plan.quarters],
                numbers=first)
    for number, place in enumerate(plan.districts):
        line = HEAD_ROW + 1 + number
        sheet.texts(line, (place_name(place.province), place_of(place),
                           *(quarter_words(plan, float(one)) for one in plan.launches.quarter[number])))
        sheet.numbers(line, first, plan.launches.by_year[number], SHARE)
        sheet.numbers(line, first + years, plan.launches.by_quarter[number], SHARE)
    last = HEAD_ROW + len(plan.districts)
    sheet.table(HEAD_ROW, last, first + years + quarters - 1, kept=2, noted=first + years - 1)
    sheet.texts(last + 2, (say("Districts launched"),), TOTAL)
    shares = np.concatenate([plan.launches.by_year, plan.launches.by_quarter], axis=1).sum(axis=0)
    for at, value in enumerate(shares):
        column = first + at
        sheet.formula(last + 2, column, total_shown((HEAD_ROW + 1, column), (last, column)), float(value), COUNT)
    sheet.printed(last + 2, first + years - 1)
    sheet.sheet.conditional_format(HEAD_ROW + 1, first, last, first + years + quarters - 1,
                                   {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#9DC3E6",
                                    "min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1})
