"""Native charts on a sheet of their own, ready to be pasted: each reads cells of the other sheets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from qicsim.plan.record import COUNT, POINTS, RATE, SHARE, Plan
from qicsim.report.book import budget, coaches, launches, nation
from qicsim.report.book.cells import block
from qicsim.report.book.sheet import FORMS, Book
from qicsim.report.colours import BLUE, GREEN, ORANGE, REFERENCE, VERMILLION

NAME = "Charts"
SIZE = {"width": 620, "height": 330}
FIRST_ROW, ROWS_APART, COLUMNS_APART, ACROSS = 3, 18, 10, 2


class Line(NamedTuple):
    """A series: its name, the row of its numbers, its colour, and whether it is dashed."""

    name: str
    row: int
    colour: str
    dashed: bool = False


class Axis(NamedTuple):
    """Where the numbers of a chart stand: sheet, row of the heads, first and last column."""

    sheet: str
    heads: int
    first: int
    last: int


def write_charts(book: Book, plan: Plan) -> None:
    """The sheet of charts."""
    sheet = book.sheet(NAME, "Charts", "Each chart reads the cells of the other sheets and changes with them.")
    sheet.sheet.fit_to_pages(1, 1)
    drawn = [*_national(book, plan), _coaches(book, plan), _quarters(book, plan), _payers(book, plan)]
    for place, chart in enumerate(drawn):
        row, column = divmod(place, ACROSS)
        sheet.sheet.insert_chart(FIRST_ROW + row * ROWS_APART, column * COLUMNS_APART, chart)
    rows = -(-len(drawn) // ACROSS)
    sheet.sheet.print_area(0, 0, FIRST_ROW + rows * ROWS_APART, ACROSS * COLUMNS_APART - 1)


def _national(book: Book, plan: Plan) -> list[Any]:
    """Scores, shares and teams of the nation with their targets over time."""
    axis = Axis(nation.NAME, nation.HEAD_ROW, nation.FIRST_YEAR, nation.FIRST_YEAR + len(plan.years))
    mean, low, high, other = "Target (mean)", "Target, low", "Target, high", "Reference (mean)"

    def line(name: str, target: str, statistic: str, colour: str, *, dashed: bool = False) -> Line:
        return Line(name, nation.row_of(plan, target, statistic), colour, dashed)

    scores = (line("Recorded score", "recorded", mean, VERMILLION),
              line("Recorded, 5 %", "recorded", low, VERMILLION, dashed=True),
              line("Recorded, 95 %", "recorded", high, VERMILLION, dashed=True),
              line("True quality", "true", mean, BLUE), line("Recorded, reference", "recorded", other, REFERENCE))
    shares = (line("Recorded", "recorded_80", mean, VERMILLION), line("True", "true_80", mean, BLUE),
              line("Recorded, reference", "recorded_80", other, REFERENCE))
    teams = (line("Ever joined", "ever", mean, BLUE), line("Active teams", "active", mean, GREEN),
             line("Ever joined, reference", "ever", other, REFERENCE))
    return [_lines(book, "NQEM score and true quality, nation", axis, scores, POINTS),
            _lines(book, "Facilities at 80 or more, nation", axis, shares, SHARE),
            _lines(book, "Facilities that joined, and active teams", axis, teams, COUNT)]


def _coaches(book: Book, plan: Plan) -> Any:
    axis = Axis(coaches.NAME, coaches.HEAD_ROW, coaches.FIRST_YEAR, coaches.FIRST_YEAR + len(plan.years))
    lines = (Line("Posts planned", coaches.row_of(coaches.POSTS), REFERENCE),
             Line("At work", coaches.row_of(coaches.AT_WORK), BLUE),
             Line("Needed for every visit", coaches.row_of(coaches.NEEDED), VERMILLION, dashed=True))
    return _lines(book, "Coaches of operational districts", axis, lines, COUNT)


def _lines(book: Book, title: str, axis: Axis, lines: Sequence[Line], form: str) -> Any:
    """A chart of lines over the years of a sheet."""
    chart = book.workbook.add_chart({"type": "line"})
    for line in lines:
        style = {"color": line.colour, "width": 1.0 if line.dashed else 2.25} | (
            {"dash_type": "dash"} if line.dashed else {})
        chart.add_series({
            "name": line.name, "line": style,
            "categories": "=" + block((axis.heads, axis.first), (axis.heads, axis.last), sheet=axis.sheet, fixed=True),
            "values": "=" + block((line.row, axis.first), (line.row, axis.last), sheet=axis.sheet, fixed=True)})
    return _finished(chart, title, form)


def _quarters(book: Book, plan: Plan) -> Any:
    """Districts planned and launched by quarter; these stand in columns."""
    chart = book.workbook.add_chart({"type": "line"})
    first, last = launches.HEAD_ROW + 1, launches.HEAD_ROW + len(plan.quarters)
    for name, column, colour in (("Planned", 1, REFERENCE), ("Launched", 2, BLUE)):
        chart.add_series({
            "name": name, "line": {"color": colour, "width": 2.25},
            "categories": "=" + block((first, 0), (last, 0), sheet=launches.BY_QUARTER, fixed=True),
            "values": "=" + block((first, column), (last, column), sheet=launches.BY_QUARTER, fixed=True)})
    return _finished(chart, "Operational districts launched", COUNT)


def _payers(book: Book, plan: Plan) -> Any:
    """Spending by payer, stacked."""
    chart = book.workbook.add_chart({"type": "column", "subtype": "stacked"})
    first, last = budget.FIRST_YEAR, budget.FIRST_YEAR + len(plan.budget.years) - 1
    for place, colour in enumerate((BLUE, ORANGE)[:len(plan.budget.payers)]):
        row = budget.FIRST_PAYER + place
        chart.add_series({
            "name": ["Budget", row, 0], "fill": {"color": colour}, "gap": 60,
            "categories": "=" + block((budget.HEAD_ROW, first), (budget.HEAD_ROW, last), sheet=budget.NAME, fixed=True),
            "values": "=" + block((row, first), (row, last), sheet=budget.NAME, fixed=True)})
    return _finished(chart, f"Budget by payer, constant US$ of {plan.budget.price_year}", RATE, "#,##0")


def _finished(chart: Any, title: str, form: str, shown: str = "") -> Any:
    chart.set_title({"name": title, "name_font": {"size": 12}})
    chart.set_legend({"position": "bottom"})
    chart.set_y_axis({"num_format": shown or FORMS[form], "major_gridlines": {"visible": True, "line": {
        "color": "#D9D9D9"}}})
    chart.set_size(SIZE)
    return chart
