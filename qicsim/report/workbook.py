"""A plan as a workbook that is a model: prices and quantities in cells, amounts as formulas, native charts, to print.

The same plan gives the same bytes: nothing of the day or of the machine is in the file.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from qicsim.ground.files import refuse_folders, write_bytes
from qicsim.plan.record import DISTRICT, PROVINCE, Plan, Words
from qicsim.report import plan_tables
from qicsim.report.book import budget, model, nation, places, posts
from qicsim.report.book.nation import HIGH, LOW, MEAN, OTHER
from qicsim.report.book.sheet import HEAD, NOTE, STRONG, WARNING, WRAPPED, Book, Sheet, block
from qicsim.report.colours import BLUE, GREEN, ORANGE, REFERENCE, VERMILLION
from qicsim.report.exhibits import TEXT, Table, amount, to_sheet, width_in_cells
from qicsim.report.formatting import quarter_named
from qicsim.report.language import ENGLISH, Language, name_of, say, speaking, text, text_of, untranslated
from qicsim.report.plan_words import alone, how_to_read, notes, title_of, verdict, whole_of

README, ASSUMPTIONS = text("Read me"), text("Assumptions")
HEAD_ROW, LAST, A3 = 3, 4, 8
ACROSS_A_PAGE = 150.0  # characters of a page that reads well
CHARACTERS = 7.6  # of a worksheet's column for a share of 1 of a printed page
MODEL = (
    text("This workbook is a model: change a yellow cell and every amount follows."),
    text("Inputs: prices, the PBF bill that the ministry knows, {currency} and the discount rate."),
    text("Quantities: what is bought in each year; Coach posts: posts, with their pay."),
    text("Budget and envelope: the money that is known to be there, and the gap to the cost."),
    text("Results of the runs (indicators, launches, value for money) are numbers: they do not follow changed cells."),
    text("Totals stand in shaded cells. A cell without a value is empty: no run has one."))


def write_readme(book: Book, plan: Plan, provenance: Mapping[str, Any]) -> None:
    """The first sheet: what it is, what makes numbers misleading, how to use it, and how to make it again."""
    sheet = book.sheet(README, title_of(plan), say("Compared with: {reference}. {verdict}",
                                                   reference=name_of(plan.reference.title), verdict=verdict(plan)))
    sheet.widths((0, 0, 30), (1, 1, 118))
    sheet.merged(1, (0, 1), sheet.note)
    line = HEAD_ROW
    if plan.warnings:
        sheet.text(line, 0, say("Warnings"), STRONG)
        for number, warning in enumerate(notes(plan.warnings), start=1):
            sheet.text(line + number, 1, warning, WARNING)
        line += len(plan.warnings) + 2
    line = _pairs(sheet, line, say("How to use it"), [("", say(one)) for one in MODEL])
    line = _pairs(sheet, line, say("What a reader must know"), [("", one) for one in (how_to_read(plan),
                                                                                     *notes(plan.notes))])
    line = _pairs(sheet, line, say("How to make these numbers again"), [
        (say("Command"), untranslated(str(provenance.get("command", "")))),
        (say("Draws, replicates, seed"), f"{plan.draws}, {plan.replicates}, {plan.seed}"),
        (say("Digests of model, scenario, reference"), untranslated(", ".join((
            str(provenance.get("source_digest", "")), plan.scenario.digest, plan.reference.digest))))])
    sheet.sheet.print_area(0, 0, line, 1)


def _pairs(sheet: Sheet, line: int, title: str, pairs: Sequence[tuple[str, str]], last: int = 1) -> int:
    """A section of names and sentences, which go on to the column `last`; returns the line after it."""
    sheet.text(line, 0, title, STRONG)
    for name, said in pairs:
        line += 1
        sheet.text(line, 0, name, WRAPPED)
        sheet.merged(line, (1, last), said, WRAPPED)
    return line + 2


def write_assumptions(book: Book, plan: Plan) -> None:
    """What the scenario and the reference assume, and the levers in which they differ."""
    sheet = book.sheet(ASSUMPTIONS, say("Assumptions of the plan and of the reference"),
                       say("Levers are what the programme decides; those that differ are listed."))
    sheet.widths((0, 0, 34), (1, 1, 18), (2, 3, 52))
    sheet.merged(1, (0, 3), sheet.note)
    line = HEAD_ROW
    for what, words in ((say("Plan"), plan.scenario), (say("Reference"), plan.reference)):
        line = _pairs(sheet, line, what, _assumed(words), 3)
    table = plan_tables.levers(plan)
    last = to_sheet(sheet, table, line)
    if not plan.levers:
        sheet.text(last + 1, 0, say("None in the years of the plan."), NOTE)
    sheet.sheet.print_area(0, 0, last + 1, 3)
    sheet.sheet.repeat_rows(0, 1)
    sheet.sheet.freeze_panes(2, 1)


def _assumed(words: Words) -> list[tuple[str, str]]:
    return [(say("Title"), name_of(words.title)), (say("Description"), text_of(words.description)),
            *((say("Assumption"), text_of(one)) for one in words.assumptions),
            *((say("Held at one value"), f"{name} = {value:.6g}") for name, value in words.fixed.items())]


def write_exhibits(book: Book, name: str, tables: Sequence[Table | None], *, wide: bool = False,
                   listed: bool = False) -> None:
    """A sheet of exhibits, one under the other; the first gives the sheet its title and its note.

    `wide` prints on A3; what is `listed` is left out of print.
    """
    there = [one for one in tables if one is not None]
    if not there:
        book.sheet(name, say(name), say("There is nothing to compare: the scenario is its own reference."))
        return
    first = there[0]
    sheet = book.sheet(name, first.title, first.note)
    right = max(width_in_cells(one) for one in there) - 1
    at, cells = 0, [width_in_cells(first.only(place)) for place in range(len(first.columns))]
    wide_at = [max(column.width * CHARACTERS, 9.0) if held == 1 else 11.0 * held
               for column, held in zip(first.columns, cells, strict=True)]
    words = sum(width for column, width in zip(first.columns, wide_at, strict=True) if column.form == TEXT)
    spare = 1.0 + max(ACROSS_A_PAGE - sum(wide_at), 0.0) / max(words, 1.0)  # what is free goes to columns of words
    for column, width, held in zip(first.columns, wide_at, cells, strict=True):
        sheet.widths((at, at + held - 1, width * (spare if column.form == TEXT else 1.0) / held))
        at += held
    line = to_sheet(sheet, first, HEAD_ROW)
    last = line
    for table in there[1:]:
        sheet.text(last + 2, 0, table.title, STRONG)
        sheet.merged(last + 3, (0, right), table.note)
        last = to_sheet(sheet, table, last + 4)
    sheet.table(HEAD_ROW, line, at - 1, kept=1, filtered=len(there) == 1, listed=listed)
    sheet.printed(last, right)
    if wide:
        sheet.sheet.set_paper(A3)


def compared(plan: Plan) -> list[Table | None]:
    """What stands on the sheet of options."""
    return [] if alone(plan) else [plan_tables.options(plan)]


NAME, BY_QUARTER = text("Charts"), text("Launches by quarter")
SIZE = {"width": 620, "height": 330}
FIRST_ROW, ROWS_APART, COLUMNS_APART, ACROSS = 3, 18, 10, 2
NAMES_COLUMN = ACROSS * COLUMNS_APART + 1  # names of series, beside the printed page
TENS = 10.0
WHOLE, PERCENT, FIRST_QUARTER = "#,##0", "0%", 4


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
        sheet.text(FIRST_ROW - 1, NAMES_COLUMN, say("Names of series in the charts (may be changed)"), HEAD)

    def named(self, name: str) -> list[Any]:
        """A cell that holds the name of a series."""
        row = FIRST_ROW + self._names
        self._names += 1
        self.sheet.text(row, NAMES_COLUMN, name)
        return [say(NAME), row, NAMES_COLUMN]

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
    sheet = book.sheet(NAME, say("Charts"), say("Each chart reads the cells of the other sheets and changes with "
                                                "them."))
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

    scores = (line(say("Recorded score"), "recorded", MEAN, VERMILLION),
              line(say("Recorded, 5 %"), "recorded", LOW, VERMILLION, dashed=True),
              line(say("Recorded, 95 %"), "recorded", HIGH, VERMILLION, dashed=True),
              line(say("True quality"), "true", MEAN, BLUE),
              line(say("Recorded, reference"), "recorded", OTHER, REFERENCE))
    shares = (line(say("Recorded"), "recorded_80", MEAN, VERMILLION), line(say("True"), "true_80", MEAN, BLUE),
              line(say("Recorded, reference"), "recorded_80", OTHER, REFERENCE))
    teams = (line(say("Ever joined"), "ever", MEAN, BLUE), line(say("Active teams"), "active", MEAN, GREEN),
             line(say("Ever joined, reference"), "ever", OTHER, REFERENCE))
    least, across = _least(plan), say("End of year")
    points = say("points (axis begins at {least})", least=f"{least:.0f}") if least else say("points")
    _lines(drawn, axis, scores, Look(say("NQEM score and true quality, {whole}", whole=whole_of(plan)), across, points,
                                     WHOLE, least, _told(plan, ("recorded", "true"))))
    _lines(drawn, axis, shares, Look(say("Facilities at 80 or more, {whole}", whole=whole_of(plan)), across,
                                     say("% of open facilities"), PERCENT, None, _told(plan, ("recorded_80",
                                                                                              "true_80"))))
    _lines(drawn, axis, teams, Look(say("Facilities that joined, and active teams"), across, say("facilities"), WHOLE,
                                    None, _told(plan, ("ever", "active"))))


def _least(plan: Plan) -> float:
    """Where the axis of scores begins: the ten below the lowest number that is drawn, so that lines are not flat."""
    recorded, true = plan.target("recorded"), plan.target("true")
    lowest = [np.nanmin(values[0]) for values in (recorded.scenario.low, recorded.reference.mean, true.scenario.mean)]
    return float(max(np.floor(min(lowest) / TENS) * TENS, 0.0))


def _told(plan: Plan, names: Sequence[str]) -> str:
    """The first and the last number of indicators in words."""
    parts = []
    for name in names:
        target = plan.target(name)
        first, last = (amount(float(target.scenario.mean[0, at]), target.form) for at in (0, -1))
        parts.append(say("{indicator} ({unit}): {before} at the end of {year}, {after} at the end of {last}.",
                         indicator=text_of(target.title), unit=say(target.shown_unit), before=first, after=last,
                         year=plan.baseline_year, last=plan.years[-1]))
    return " ".join(parts)


def _coaches(drawn: Drawn, plan: Plan) -> None:
    axis = Axis(posts.NAME, posts.FIRST_YEAR, posts.FIRST_YEAR + len(plan.years))
    lines = (Line(say("Posts planned"), posts.row_of(places.POSTS), REFERENCE),
             Line(say("At work"), posts.row_of(places.AT_WORK), BLUE),
             Line(say("Needed for every planned visit"), posts.row_of(places.NEEDED), VERMILLION, dashed=True))
    held = plan.coaches
    planned, needed = (float(spread.mean[0, -1]) for spread in (held.posts, held.needed))
    _lines(drawn, axis, lines, Look(say("Coaches of operational districts"), say("End of year"),
                                    say("part-time coaches"), WHOLE, None,
                                    say("At the end of {year} {planned} posts are planned and {needed} coaches needed.",
                                        year=plan.years[-1], planned=f"{planned:,.0f}", needed=f"{needed:,.0f}")))


def _lines(drawn: Drawn, axis: Axis, lines: Sequence[Line], look: Look) -> None:
    """A chart of lines over the years of a sheet; the heads of the coaches' sheet are bare years."""
    years = block((posts.HEAD_ROW, posts.FIRST_YEAR),
                  (posts.HEAD_ROW, posts.FIRST_YEAR + axis.last - axis.first), sheet=posts.NAME, fixed=True)
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
    first, last = FIRST_QUARTER, FIRST_QUARTER - 1 + len(plan.quarters)
    for name, column, style in ((say("Launched"), 2, {"color": BLUE, "width": 2.25}),
                                (say("Allowed by the plan"), 1, {"color": REFERENCE, "width": 1.5,
                                                                 "dash_type": "dash"})):
        chart.add_series({
            "name": drawn.named(name), "line": style,
            "categories": "=" + block((first, 0), (last, 0), sheet=BY_QUARTER, fixed=True),
            "values": "=" + block((first, column), (last, column), sheet=BY_QUARTER, fixed=True)})
    end, there = quarter_named(plan.quarters[-1]), plan.launches
    drawn.place(chart, Look(say("Operational districts launched"), say("Quarter"), say("districts"), WHOLE, None,
                            say("By the end of {quarter} {planned} districts are allowed and {launched} are launched, "
                                "mean of runs.", quarter=end, planned=f"{there.planned[-1]:,.0f}",
                                launched=f"{there.launched.mean[-1]:,.0f}")))


def _payers(drawn: Drawn, plan: Plan) -> None:
    """Spending by payer, stacked."""
    chart = drawn.book.workbook.add_chart({"type": "column", "subtype": "stacked"})
    held = plan.budget
    first, last = budget.FIRST_YEAR, budget.FIRST_YEAR + len(held.years) - 1
    for place, colour in enumerate((BLUE, ORANGE)[:len(held.payers)]):
        row = budget.FIRST_PAYER + place
        chart.add_series({
            "name": [say(budget.BUDGET), row, 0], "fill": {"color": colour}, "gap": 60,
            "categories": "=" + block((budget.HEAD_ROW, first), (budget.HEAD_ROW, last), sheet=budget.BUDGET,
                                      fixed=True),
            "values": "=" + block((row, first), (row, last), sheet=budget.BUDGET, fixed=True)})
    drawn.place(chart, Look(say("Budget by payer"), say("Year"), say("constant US$ of {year}", year=held.price_year),
                            WHOLE,
                            None, say("In all US$ {usd} from {first} to {last}.",
                                      usd=f"{float(held.own.mean.sum()):,.0f}",
                                      first=held.years[0], last=held.years[-1])))


TARGETS, OPTIONS, ACTIVITIES, UNCERTAINTY = text("Targets"), text("Options"), text("Activities"), text("Uncertainty")
SOURCES, PARAMETERS, DATA_FILES = text("Sources"), text("Parameters"), text("Data files")
VALUE = text("Value for money")
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 a date of no meaning, always the same: files can be compared byte by byte
SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
LONGEST_PROPERTY = 255


def write_workbook(plan: Plan, path: Path | str, provenance: Mapping[str, Any] | None = None, *,
                   language: Language = ENGLISH) -> Path:
    """Write a plan to an .xlsx file, whole or not at all; returns its path.

    `provenance` stands on the first sheet, by default that of the plan. SettingError where a folder has the name.
    """
    import xlsxwriter

    place = Path(path)
    refuse_folders(place.parent, [place.name])
    content = io.BytesIO()  # the library prints a traceback of its own when a disk is full
    workbook = xlsxwriter.Workbook(content, SAFE)
    with speaking(language):
        workbook.set_properties({"title": title_of(plan)[:LONGEST_PROPERTY], "author": "qicsim", "created": CREATED})
        _write(Book(workbook), plan, plan.provenance if provenance is None else provenance)
    workbook.close()
    write_bytes(place, content.getbuffer())
    return place


def _write(book: Book, plan: Plan, provenance: Mapping[str, Any]) -> None:
    own, reference = model.sides(plan)
    write_readme(book, plan, provenance)
    write_exhibits(book, TARGETS, [plan_tables.targets(plan)], wide=True)
    write_exhibits(book, OPTIONS, compared(plan), wide=True)
    write_exhibits(book, VALUE, [plan_tables.value(plan), plan_tables.value_without_payments(plan)])
    write_exhibits(book, ACTIVITIES, [plan_tables.activities(plan)])
    model.write_inputs(book, plan)
    model.write_quantities(book, plan, own, (posts.NAME, posts.row_of(places.POSTS)))
    posts.write_posts(book, plan)
    budget.write_envelope(book, plan)
    budget.write_budget(book, plan)
    budget.write_added(book, plan)
    nation.write_nation(book, plan)
    for level in (PROVINCE, DISTRICT):
        places.write_places(book, plan, places.target_rows(plan), level, places.INDICATORS[level])
    places.write_launches(book, plan)
    write_exhibits(book, BY_QUARTER, [plan_tables.quarters(plan)])
    for level in (PROVINCE, DISTRICT):
        places.write_places(book, plan, places.coach_rows(plan, level), level, places.COACHES[level])
    model.write_quantities(book, plan, reference)
    for side in (own, reference):
        model.write_detail(book, plan, side)
    write_charts(book, plan)
    write_assumptions(book, plan)
    write_exhibits(book, UNCERTAINTY, [plan_tables.differences(plan), plan_tables.sums(plan),
                                               plan_tables.drivers(plan)], listed=True)
    write_exhibits(book, SOURCES, [plan_tables.unit_costs(plan)])
    write_exhibits(book, DATA_FILES, [plan_tables.data_files(plan)])
    write_exhibits(book, PARAMETERS, [plan_tables.parameters(plan)], listed=True)
