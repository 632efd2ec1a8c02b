"""The last sheets: how sure the numbers are, and where they come from."""

from __future__ import annotations

from qicsim.plan.notes import interval_words
from qicsim.plan.record import COUNT, Influence, Plan
from qicsim.report.book.budget import PART_WORDS
from qicsim.report.book.sheet import ASIDE, NOTE, STRONG, TEXT, WRAPPED, Book, Sheet

UNCERTAINTY, SOURCES, PARAMETERS = "Uncertainty", "Sources", "Parameters"
FIRST_LINE, HEAD_ROW, SHA_COLUMN, MEASURED = 3, 3, 3, 3  # columns after MEASURED have numbers before them


def write_uncertainty(book: Book, plan: Plan) -> None:
    """What the intervals mean, those of the last year, spending with uncertain unit costs, what moves the results."""
    sheet = book.sheet(UNCERTAINTY, "How sure the numbers are", f"{plan.runs:,} runs of each scenario.")
    outcomes = len(plan.influence.outcomes)
    right = 2 + max(outcomes, 4)
    sheet.fit(0, [target.title for target in plan.targets], most=40)
    sheet.widths((1, 1, 54), (2, 2, 19), (3, right, 15))
    sheet.merged(1, (0, right), sheet.note)
    sheet.merged(FIRST_LINE, (0, right), interval_words(plan.runs, plan.draws, plan.replicates), WRAPPED)
    line = _last_year(sheet, plan, FIRST_LINE + 2)
    line = _unit_costs(sheet, plan, line)
    last = _influence(sheet, plan, line, right)
    sheet.sheet.print_area(0, 0, last, right)
    sheet.sheet.repeat_rows(0, 1)
    sheet.sheet.freeze_panes(2, 1)


def _last_year(sheet: Sheet, plan: Plan, line: int) -> int:
    """Targets of the last year, and their projections."""
    sheet.text(line, 0, f"Targets at the end of {plan.years[-1]}, {plan.whole}", STRONG)
    sheet.heads(line + 1, ["Indicator", "Meaning", "Unit", "Target (mean)", "Projection, low (5 %)",
                           "Projection, high (95 %)", "Runs (n)"], numbers=3)
    for number, target in enumerate(plan.targets, start=2):
        there = target.scenario
        for column, text in enumerate((target.title, target.meaning, target.shown_unit)):
            sheet.text(line + number, column, text, WRAPPED)
        sheet.numbers(line + number, 3, [values[0, -1] for values in (there.mean, there.low, there.high)], target.form)
        sheet.number(line + number, 6, float(there.n[0, -1]), COUNT)
    return line + len(plan.targets) + 3


def _unit_costs(sheet: Sheet, plan: Plan, line: int) -> int:
    """Spending over the years of the plan, with unit costs scaled as runs drew them, and each drawn from its range."""
    budget = plan.budget
    rows = [(words, at) for at, words in PART_WORDS]
    kinds = (("all unit costs scaled as the runs drew them, not discounted", budget.own.total),
             ("each unit cost drawn from its own range instead, not discounted", budget.uncertain),
             (f"all unit costs scaled as the runs drew them, {budget.discounting}", budget.own.discounted))
    sheet.text(line, 0, f"Spending {budget.years[0]} to {budget.years[-1]}, US$ of {budget.price_year}", STRONG)
    sheet.heads(line + 1, ["Spending", "How", "Unit", "Mean", "Low (5 %)", "High (95 %)", "Runs (n)"], numbers=3)
    at = line + 2
    for title, place in rows:
        for how, spread in kinds:
            for column, text in enumerate((title, how, "US$")):
                sheet.text(at, column, text, WRAPPED)
            sheet.numbers(at, 3, [values[place] for values in (spread.mean, spread.low, spread.high)], "money")
            sheet.number(at, 6, float(spread.n[place]), COUNT)
            at += 1
    return at + 1


def _influence(sheet: Sheet, plan: Plan, line: int, right: int) -> int:
    """Rank correlations, the most influential parameters first; returns the last line."""
    found = plan.influence
    sheet.text(line, 0, "Which unknowns move the results: rank correlations over draws", STRONG)
    limit = (f"With {found.draws} draws, correlations up to {found.limits.min():.2f}, up or down, come by chance"
             f"{_largest(found)}: of twenty outcomes that no parameter moves, one has a correlation beyond its limit. "
             "Cells are empty where there is no way from the parameter to the outcome."
             if found.limits.min() < 1.0 else
             f"With {found.draws} draws no correlation can be told from chance.")
    sheet.merged(line + 1, (0, right), limit, NOTE)
    sheet.heads(line + 2, ["Parameter", "Meaning", "Unit", *found.outcomes], numbers=3)
    for number, name in enumerate(found.names, start=3):
        for column, text in enumerate((name, found.meanings[number - 3], found.units[number - 3])):
            sheet.text(line + number, column, text, WRAPPED)
        sheet.numbers(line + number, 3, found.rho[number - 3], "correlation")
    last = line + 2 + len(found.names)
    sheet.sheet.autofilter(line + 2, 0, last, 2 + len(found.outcomes))
    sheet.sheet.conditional_format(line + 3, 3, last, 2 + len(found.outcomes), {
        "type": "3_color_scale", "min_color": "#5AA2D6", "mid_color": "#FFFFFF", "max_color": "#E69F00",
        "min_type": "num", "min_value": -1, "mid_type": "num", "mid_value": 0, "max_type": "num", "max_value": 1})
    return last


def _largest(found: Influence) -> str:
    """The largest limit, where outcomes differ in it."""
    largest = float(found.limits.max())
    return f" ({largest:.2f} for some outcomes)" if f"{largest:.2f}" != f"{found.limits.min():.2f}" else ""


def write_sources(book: Book, plan: Plan) -> None:
    """Unit costs, data files and grades of evidence."""
    sources = plan.sources
    sheet = book.sheet(SOURCES, f"Unit costs (US$ of {plan.budget.price_year}) and data files",
                       "Grades: " + "; ".join(f"{grade} {meaning}" for grade, meaning in sources.grades.items()) + ".")
    sheet.widths((0, 0, 24), (1, 1, 16), (2, 4, 10), (5, 5, 10), (6, 7, 60))
    sheet.heads(HEAD_ROW, ["Unit cost", "Unit"])
    sheet.heads(HEAD_ROW, ["US$", "Low", "High"], 2, numbers=2)
    sheet.heads(HEAD_ROW, ["Grade", "Source", "Note"], 5)
    for line, row in enumerate(sources.unit_costs, start=HEAD_ROW + 1):
        for column, text in ((0, row.key), (1, row.unit), (5, row.grade), (6, row.source), (7, row.note)):
            sheet.text(line, column, text, ASIDE if column > 1 else WRAPPED)
        sheet.numbers(line, 2, (row.usd, row.low, row.high), "money", WRAPPED)
    last = HEAD_ROW + len(sources.unit_costs)
    sheet.table(HEAD_ROW, last, 7, kept=1)
    line = last + 2
    sheet.text(line, 0, "Data files", STRONG)
    sheet.heads(line + 1, ["Kind", "File", "Shipped", "sha256"])
    for number, file in enumerate(sources.data, start=2):
        for column, text in enumerate((file.kind, file.name, "yes" if file.shipped else "no", file.sha256)):
            sheet.text(line + number, column, text, TEXT if column == SHA_COLUMN else WRAPPED)
    sheet.sheet.print_area(0, 0, line + 1 + len(sources.data), 7)


def write_parameters(book: Book, plan: Plan) -> None:
    """Every parameter with its prior, the draws of this plan, source and grade."""
    sheet = book.sheet(PARAMETERS, "Uncertain parameters",
                       f"Intervals are 5-95 %. The draws of this plan come from: {plan.draws_from}.")
    sheet.widths((0, 0, 28), (1, 1, 46), (2, 2, 14), (3, 8, 11), (9, 9, 10), (10, 10, 70))
    sheet.heads(HEAD_ROW, ["Parameter", "Meaning", "Unit"])
    sheet.heads(HEAD_ROW, ["Default", "Prior, low", "Prior, high", "Draws, low", "Draws, high",
                           "Fixed by the scenario"], 3, numbers=3)
    sheet.heads(HEAD_ROW, ["Grade", "Source"], 9)
    for line, row in enumerate(plan.sources.parameters, start=HEAD_ROW + 1):
        for column, text in ((0, row.name), (1, row.meaning), (2, row.unit), (9, row.grade),
                             (10, f"{row.source}: {row.citation}" if row.citation else row.source)):
            sheet.text(line, column, text, ASIDE if column > MEASURED else WRAPPED)
        sheet.numbers(line, 3, (row.default, row.prior_low, row.prior_high, row.low, row.high), "significant", WRAPPED)
        if row.fixed is not None:
            sheet.number(line, 8, row.fixed, "significant", WRAPPED)
    sheet.table(HEAD_ROW, HEAD_ROW + len(plan.sources.parameters), 10, kept=1)
