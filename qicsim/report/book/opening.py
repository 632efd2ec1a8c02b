"""The first sheets: what the workbook holds and how to read it, and what the scenario assumes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qicsim.plan.notes import interval_words
from qicsim.plan.record import LeverRow, Plan, Words
from qicsim.report.book.sheet import NOTE, STRONG, WARNING, WRAPPED, Book, Sheet

README, ASSUMPTIONS = "Read me", "Assumptions"
CONTENTS = (
    ("Targets", "Every indicator on one page: targets by year, how sure they are, who is responsible, how to verify"),
    ("Assumptions", "What the scenario and the reference assume, and the levers in which they differ"),
    ("Indicators nation", "Every indicator in full: targets, projections, chances, reference, difference"),
    ("Indicators province, Indicators district", "The same by place; filter by indicator, province or district"),
    ("Launches, Launches by quarter", "When each operational district is launched"),
    ("Coaches nation, Coaches province, Coaches district", "Coach posts planned, filled and needed; coaches trained"),
    ("Budget", "Spending of the plan by year, payer, purpose, line and province; rates that may be changed"),
    ("Plan minus reference", "What the plan adds to the spending of the reference: what a request for money is for"),
    ("Value for money", "The options by cost: what each brings, how it stands, how often it is best"),
    ("Budget detail, Reference detail", "The detail behind both"),
    ("Charts", "Charts of the main numbers, ready to be pasted"),
    ("Uncertainty", "What the intervals mean, and which unknowns move the results"),
    ("Sources, Parameters", "Unit costs, data files, and every parameter with its source and grade of evidence"))
FORMULAS = ("Totals are formulas, in shaded cells. Means, low and high are numbers from the runs. Cells without a "
            "value are empty: no run has one. Numbers are shown rounded, so that totals can differ from their parts in "
            "the last digit.")
KHMER_NOTE = ("Names of provinces are those of the census; the other Khmer words are draft translations that no native "
              "speaker has reviewed.")
HEAD_ROW, LAST = 3, 4


def write_readme(book: Book, plan: Plan, provenance: dict[str, Any]) -> None:
    """The first sheet."""
    sheet = book.sheet(README, plan.scenario.title,
                       f"Compared with: {plan.reference.title}. Scenario {plan.scenario.name} against "
                       f"{plan.reference.name}.")
    sheet.widths((0, 0, 34), (1, 1, 110))
    sheet.merged(1, (0, 1), sheet.note)
    line = _warnings(sheet, plan, HEAD_ROW)
    line = _pairs(sheet, line, "What a reader must know", [("", note) for note in plan.notes])
    line = _pairs(sheet, line, "How to read the numbers", [
        ("Intervals", interval_words(plan.runs, plan.draws, plan.replicates)),
        ("Formulas", FORMULAS), ("Khmer", KHMER_NOTE)])
    line = _pairs(sheet, line, "Sheets", CONTENTS)
    line = _pairs(sheet, line, "How to make these numbers again", _provenance(plan, provenance))
    sheet.sheet.print_area(0, 0, line, 1)
    sheet.sheet.fit_to_pages(1, 1)


def _warnings(sheet: Sheet, plan: Plan, line: int) -> int:
    """What makes numbers misleading, before everything else; returns the line after it, or the same without any."""
    if not plan.warnings:
        return line
    sheet.text(line, 0, "Warning" if len(plan.warnings) == 1 else "Warnings", STRONG)
    for number, warning in enumerate(plan.warnings, start=1):
        sheet.text(line + number, 1, warning, WARNING)
    return line + len(plan.warnings) + 2


def _provenance(plan: Plan, provenance: dict[str, Any]) -> list[tuple[str, str]]:
    return [("Command", str(provenance.get("command", ""))), ("qicsim", str(provenance.get("qicsim", ""))),
            ("Digest of the model", str(provenance.get("source_digest", ""))),
            ("Draws, replicates, seed", f"{plan.draws} ({plan.draws_from}), {plan.replicates}, {plan.seed}"),
            ("Digest of the scenario", plan.scenario.digest), ("Digest of the reference", plan.reference.digest)]


def _pairs(sheet: Sheet, line: int, title: str, pairs: Sequence[tuple[str, str]], last: int = 1) -> int:
    """A section of names and sentences, which go on to the column `last`; returns the line after it."""
    sheet.text(line, 0, title, STRONG)
    for name, said in pairs:
        line += 1
        sheet.text(line, 0, name, WRAPPED)
        sheet.merged(line, (1, last), said, WRAPPED)
    return line + 2


def write_assumptions(book: Book, plan: Plan) -> None:
    """What is assumed."""
    sheet = book.sheet(ASSUMPTIONS, "Assumptions of the scenario and of the reference",
                       "Levers are what the programme decides; only those that differ are listed.")
    sheet.widths((0, 0, 34), (1, 1, 60), (2, 2, 16), (3, 4, 46))
    sheet.merged(1, (0, LAST), sheet.note)
    line = HEAD_ROW
    for what, said in (("Scenario", plan.scenario), ("Reference", plan.reference)):
        line = _scenario(sheet, line, what, said)
    sheet.text(line, 0, "Levers that differ", STRONG)
    sheet.heads(line + 1, ["Lever", "Meaning", "Unit", f"Scenario: {plan.scenario.name}",
                           f"Reference: {plan.reference.name}"])
    head = line + 1
    for number, row in enumerate(plan.levers, start=1):
        _lever(sheet, head + number, row)
    if not plan.levers:
        sheet.text(head + 1, 0, "None in the years of the plan.", NOTE)
    sheet.sheet.print_area(0, 0, head + max(len(plan.levers), 1), LAST)
    sheet.sheet.repeat_rows(0, 1)
    sheet.sheet.freeze_panes(2, 1)


def _scenario(sheet: Sheet, line: int, what: str, said: Words) -> int:
    pairs = [("Title", said.title), ("Name", said.name), ("Description", said.description)]
    pairs += [(f"Assumption {number}", text) for number, text in enumerate(said.assumptions, start=1)]
    pairs += [(f"Fixed: {name}", f"{value:.6g}") for name, value in said.fixed.items()]
    return _pairs(sheet, line, what, pairs, LAST)


def _lever(sheet: Sheet, line: int, row: LeverRow) -> None:
    held = ("; ".join(f"from {month}: {value}" for month, value in values) for values in (row.values, row.reference))
    for column, text in enumerate((row.name, row.meaning, row.unit, *held)):
        sheet.text(line, column, text, WRAPPED)
