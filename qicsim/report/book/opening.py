"""The first sheet, what the scenarios assume, and the sheets that hold one exhibit or a few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qicsim.plan.record import Plan, Words
from qicsim.report import plan_tables
from qicsim.report.book.sheet import NOTE, STRONG, WARNING, WRAPPED, Book, Sheet
from qicsim.report.exhibits import Table, to_sheet, width_in_cells
from qicsim.report.language import name_of, say, text, text_of, untranslated
from qicsim.report.plan_words import alone, how_to_read, notes, title_of, verdict

README, ASSUMPTIONS = text("Read me"), text("Assumptions")
HEAD_ROW, LAST, A3 = 3, 4, 8
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


def write_exhibits(book: Book, name: str, tables: Sequence[Table | None], *, wide: bool = False) -> None:
    """A sheet of exhibits, one under the other; the first gives the sheet its title and its note."""
    there = [one for one in tables if one is not None]
    if not there:
        book.sheet(name, say(name), say("There is nothing to compare: the scenario is its own reference."))
        return
    first = there[0]
    sheet = book.sheet(name, first.title, first.note)
    right = max(width_in_cells(one) for one in there) - 1
    at = 0
    for place, column in enumerate(first.columns):
        cells = width_in_cells(first.only(place))
        sheet.widths((at, at + cells - 1, max(column.width * CHARACTERS, 9.0) if cells == 1 else 11.0))
        at += cells
    line = to_sheet(sheet, first, HEAD_ROW)
    last = line
    for table in there[1:]:
        sheet.text(last + 2, 0, table.title, STRONG)
        sheet.merged(last + 3, (0, right), table.note)
        last = to_sheet(sheet, table, last + 4)
    sheet.table(HEAD_ROW, line, at - 1, kept=1, filtered=len(there) == 1)
    sheet.sheet.print_area(0, 0, last, right)
    if wide:
        sheet.sheet.set_paper(A3)


def compared(plan: Plan) -> list[Table | None]:
    """What stands on the sheet of options."""
    return [] if alone(plan) else [plan_tables.options(plan)]
