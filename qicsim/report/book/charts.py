"""Native charts on a sheet of their own, ready to be pasted: each reads cells of the other sheets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from qicsim.plan.record import Plan
from qicsim.report.book import budget, coaches, launches, nation, spent
from qicsim.report.book.cells import block
from qicsim.report.book.nation import HIGH, LOW, MEAN, OTHER
from qicsim.report.book.sheet import HEAD, Book, Sheet
from qicsim.report.colours import BLUE, GREEN, ORANGE, REFERENCE, VERMILLION

NAME = "Charts"
SIZE = {"width": 620, "height": 330}
FIRST_ROW, ROWS_APART, COLUMNS_APART, ACROSS = 3, 18, 10, 2
NAMES_COLUMN = ACROSS * COLUMNS_APART + 1  # names of series, beside the printed page
TENS = 10.0
WHOLE, PERCENT = "#,##0", "0%"


class Line(NamedTuple):
    """A series: its name, the row of its numbers, its colour, and whether it is dashed."""

    name: str
    row: int
    colour: str
    dashed: bool = False


class Axis(NamedTuple):
    """Where the numbers of a chart stand: sheet, first and last column."""

    sheet: str
    first: int
    last: int


class Look(NamedTuple):
    """How a chart is shown: title, names of both axes, form of numbers, where the upright axis begins, and in words."""

    title: str
    across: str
    upright: str
    form: str
    least: float | None
    words: str


class Drawn:
    """The sheet of charts while it is written: names of series are cells beside the page, charts are placed in turn."""

    def __init__(self, book: Book, sheet: Sheet) -> None:
        """Begin with no charts and no names."""
        self.book, self.sheet = book, sheet
        self.count, self._names = 0, 0
        sheet.widths((NAMES_COLUMN, NAMES_COLUMN, 34))
        sheet.text(FIRST_ROW - 1, NAMES_COLUMN, "Names of series in the charts (may be changed)", HEAD)

    def named(self, name: str) -> list[Any]:
        """A cell that holds the name of a series."""
        row = FIRST_ROW + self._names
        self._names += 1
        self.sheet.text(row, NAMES_COLUMN, name)
        return [NAME, row, NAMES_COLUMN]

    def place(self, chart: Any, look: Look) -> None:
        """Finish a chart and put it in the next free place, with words for those who cannot see it."""
        chart.set_title({"name": look.title, "name_font": {"size": 12}})
        chart.set_legend({"position": "bottom"})
        chart.set_x_axis({"name": look.across, "name_font": {"bold": False}})
        chart.set_y_axis({"num_format": look.form, "name": look.upright, "name_font": {"bold": False},
                          "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}}
                         | ({} if look.least is None else {"min": look.least}))
        chart.set_size(SIZE)
        row, column = divmod(self.count, ACROSS)
        self.count += 1
        self.sheet.sheet.insert_chart(FIRST_ROW + row * ROWS_APART, column * COLUMNS_APART, chart,
                                      {"description": f"{look.title}. {look.words}"})


def write_charts(book: Book, plan: Plan) -> None:
    """The sheet of charts."""
    sheet = book.sheet(NAME, "Charts", "Each chart reads the cells of the other sheets and changes with them.")
    sheet.sheet.fit_to_pages(1, 1)
    drawn = Drawn(book, sheet)
    _national(drawn, plan)
    _coaches(drawn, plan)
    _quarters(drawn, plan)
    _payers(drawn, plan)
    rows = -(-drawn.count // ACROSS)
    sheet.merged(1, (0, ACROSS * COLUMNS_APART - 1), sheet.note)
    sheet.sheet.print_area(0, 0, FIRST_ROW + rows * ROWS_APART, ACROSS * COLUMNS_APART - 1)


def _national(drawn: Drawn, plan: Plan) -> None:
    """Scores, shares and teams of the nation with their targets over time."""
    axis = Axis(nation.NAME, nation.FIRST_YEAR, nation.FIRST_YEAR + len(plan.years))

    def line(name: str, target: str, statistic: str, colour: str, *, dashed: bool = False) -> Line:
        return Line(name, nation.row_of(plan, target, statistic), colour, dashed)

    scores = (line("Recorded score", "recorded", MEAN, VERMILLION),
              line("Recorded, 5 %", "recorded", LOW, VERMILLION, dashed=True),
              line("Recorded, 95 %", "recorded", HIGH, VERMILLION, dashed=True),
              line("True quality", "true", MEAN, BLUE), line("Recorded, reference", "recorded", OTHER, REFERENCE))
    shares = (line("Recorded", "recorded_80", MEAN, VERMILLION), line("True", "true_80", MEAN, BLUE),
              line("Recorded, reference", "recorded_80", OTHER, REFERENCE))
    teams = (line("Ever joined", "ever", MEAN, BLUE), line("Active teams", "active", MEAN, GREEN),
             line("Ever joined, reference", "ever", OTHER, REFERENCE))
    least = _least(plan)
    begins = f" (axis begins at {least:.0f})" if least else ""
    _lines(drawn, axis, scores, Look(f"NQEM score and true quality, {plan.whole}", "End of year", f"points{begins}",
                                     WHOLE, least, _told(plan, ("recorded", "true"), "{:.1f} points")))
    _lines(drawn, axis, shares, Look(f"Facilities at 80 or more, {plan.whole}", "End of year", "% of open facilities",
                                     PERCENT, None, _told(plan, ("recorded_80", "true_80"), "{:.0%}")))
    _lines(drawn, axis, teams, Look("Facilities that joined, and active teams", "End of year", "facilities", WHOLE,
                                    None, _told(plan, ("ever", "active"), "{:,.0f}")))


def _least(plan: Plan) -> float:
    """Where the axis of scores begins: the ten below the lowest number that is drawn, so that lines are not flat."""
    recorded, true = plan.target("recorded"), plan.target("true")
    lowest = [np.nanmin(values[0]) for values in (recorded.scenario.low, recorded.reference.mean, true.scenario.mean)]
    return float(max(np.floor(min(lowest) / TENS) * TENS, 0.0))


def _told(plan: Plan, names: Sequence[str], form: str) -> str:
    """The first and the last number of indicators in words."""
    parts = []
    for name in names:
        target = plan.target(name)
        first, last = (form.format(float(target.scenario.mean[0, at])) for at in (0, -1))
        parts.append(f"{target.title}: {first} at the end of {plan.baseline_year}, {last} at the end of "
                     f"{plan.years[-1]}.")
    return " ".join(parts)


def _coaches(drawn: Drawn, plan: Plan) -> None:
    axis = Axis(coaches.NAME, coaches.FIRST_YEAR, coaches.FIRST_YEAR + len(plan.years))
    lines = (Line("Posts planned", coaches.row_of(coaches.POSTS), REFERENCE),
             Line("At work", coaches.row_of(coaches.AT_WORK), BLUE),
             Line("Needed for every visit", coaches.row_of(coaches.NEEDED), VERMILLION, dashed=True))
    held = plan.coaches
    posts, needed = (float(spread.mean[0, -1]) for spread in (held.posts, held.needed))
    _lines(drawn, axis, lines, Look("Coaches of operational districts", "End of year", "part-time coaches", WHOLE, None,
                                    f"At the end of {plan.years[-1]} {posts:,.0f} posts are planned and {needed:,.0f} "
                                    "coaches are needed."))


def _lines(drawn: Drawn, axis: Axis, lines: Sequence[Line], look: Look) -> None:
    """A chart of lines over the years of a sheet; the heads of the coaches' sheet are bare years."""
    years = block((coaches.HEAD_ROW, coaches.FIRST_YEAR),
                  (coaches.HEAD_ROW, coaches.FIRST_YEAR + axis.last - axis.first), sheet=coaches.NAME, fixed=True)
    chart = drawn.book.workbook.add_chart({"type": "line"})
    for line in lines:
        style = {"color": line.colour, "width": 1.0 if line.dashed else 2.25} | (
            {"dash_type": "dash"} if line.dashed else {})
        chart.add_series({
            "name": drawn.named(line.name), "line": style,
            "categories": f"={years}",
            "values": "=" + block((line.row, axis.first), (line.row, axis.last), sheet=axis.sheet, fixed=True)})
    drawn.place(chart, look)


def _quarters(drawn: Drawn, plan: Plan) -> None:
    """Districts planned and launched by quarter; these stand in columns."""
    chart = drawn.book.workbook.add_chart({"type": "line"})
    first, last = launches.HEAD_ROW + 1, launches.HEAD_ROW + len(plan.quarters)
    for name, column, style in (("Launched", 2, {"color": BLUE, "width": 2.25}),
                                ("Planned", 1, {"color": REFERENCE, "width": 1.5, "dash_type": "dash"})):
        chart.add_series({
            "name": drawn.named(name), "line": style,
            "categories": "=" + block((first, 0), (last, 0), sheet=launches.BY_QUARTER, fixed=True),
            "values": "=" + block((first, column), (last, column), sheet=launches.BY_QUARTER, fixed=True)})
    end, there = plan.quarters[-1], plan.launches
    drawn.place(chart, Look("Operational districts launched", "Quarter", "districts", WHOLE, None,
                            f"By the end of {end} {there.planned[-1]:,.0f} are allowed and "
                            f"{there.launched.mean[-1]:,.0f} are launched, mean of runs."))


def _payers(drawn: Drawn, plan: Plan) -> None:
    """Spending by payer, stacked."""
    chart = drawn.book.workbook.add_chart({"type": "column", "subtype": "stacked"})
    held = plan.budget
    first, last = spent.FIRST_YEAR, spent.FIRST_YEAR + len(held.years) - 1
    for place, colour in enumerate((BLUE, ORANGE)[:len(held.payers)]):
        row = budget.FIRST_PAYER + place
        chart.add_series({
            "name": [budget.NAME, row, 0], "fill": {"color": colour}, "gap": 60,
            "categories": "=" + block((budget.HEAD_ROW, first), (budget.HEAD_ROW, last), sheet=budget.NAME, fixed=True),
            "values": "=" + block((row, first), (row, last), sheet=budget.NAME, fixed=True)})
    drawn.place(chart, Look("Budget by payer", "Year", f"constant US$ of {held.price_year}", WHOLE, None,
                            f"In all US$ {float(held.own.mean.sum()):,.0f} from {held.years[0]} to {held.years[-1]}."))
