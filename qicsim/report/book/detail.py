"""Spending in detail: a row for each province, cost line and payer, a column for each year.

There are two such sheets with the same rows, of the plan and of its reference: the sheets Budget and Plan minus
reference add them up.
"""

from __future__ import annotations

import numpy as np

from qicsim.model.columns import COST_LINES, PBF_PAYMENTS
from qicsim.plan.record import MONEY, Plan
from qicsim.report.book.cells import block, total, total_shown
from qicsim.report.book.sheet import SUM, TOTAL, WRAPPED, Book, Sheet, bilingual
from qicsim.report.formatting import COST_WORDS, PAYER_WORDS

NAME, REFERENCE = "Budget detail", "Reference detail"
HEAD_ROW, FIRST_YEAR = 3, 5
PROVINCE_COLUMN, PART_COLUMN, LINE_COLUMN, PAYER_COLUMN = 0, 2, 3, 4
PURPOSES = COLLABORATIVES, ASSESSMENT, PAYMENTS = "Collaboratives", "Assessment", "PBF payments"
HEADS = (bilingual("Province"), "ខេត្ត", "Purpose", "Line", "Payer")
TOTALS = "Total of the rows shown"


def written(plan: Plan) -> np.ndarray:
    """The rows of both sheets, int64 (rows, 3): province, line, payer for which the plan or the reference spends."""
    budget = plan.budget
    return np.argwhere((np.abs(budget.own.mean) + np.abs(budget.reference.mean)).sum(axis=0) != 0.0)


def column_of(plan: Plan, column: int, sheet: str = NAME) -> str:
    """The range of a column of the table, with fixed rows and columns and the sheet in front."""
    last = HEAD_ROW + max(len(written(plan)), 1)
    return block((HEAD_ROW + 1, column), (last, column), sheet=sheet, fixed=True)


def purpose(plan: Plan, line: str) -> str:
    """What a cost line is for: one of PURPOSES."""
    if line not in plan.budget.pbf_lines:
        return COLLABORATIVES
    return PAYMENTS if line == COST_LINES[PBF_PAYMENTS] else ASSESSMENT


def write_detail(book: Book, plan: Plan) -> None:
    """The sheets of the detail, of the plan and of the reference."""
    _write(book, plan, NAME, plan.budget.own.mean, "Budget of the plan")
    _write(book, plan, REFERENCE, plan.budget.reference.mean, "Spending of the reference")


def _write(book: Book, plan: Plan, name: str, usd: np.ndarray, title: str) -> None:
    """A sheet of US$ (years, provinces, lines, payers)."""
    budget, years = plan.budget, len(plan.budget.years)
    sheet = book.sheet(name, f"{title} by province, line, payer and year",
                       f"Mean of runs, constant US$ of {budget.price_year}, not discounted. The sheets Budget and Plan "
                       "minus reference add these rows up: a change here changes theirs. The total below follows the "
                       "filter.")
    last = HEAD_ROW + len(written(plan))
    _widths(sheet, plan, years)
    sheet.heads(HEAD_ROW, [*HEADS, *budget.years, bilingual("Total")], numbers=FIRST_YEAR)
    khmer = {place.name: place.name_km for place in plan.places}
    for number, (province, line, payer) in enumerate(written(plan).tolist()):
        name_of, what = budget.provinces[province], budget.lines[line]
        _row(sheet, HEAD_ROW + 1 + number, (name_of, khmer.get(name_of, ""), purpose(plan, what), COST_WORDS[what],
                                            PAYER_WORDS[budget.payers[payer]]), usd[:, province, line, payer])
    sheet.table(HEAD_ROW, last, FIRST_YEAR + years, kept=FIRST_YEAR)
    _totals(sheet, usd.sum(axis=(1, 2, 3)), last)
    sheet.sheet.print_area(0, 0, last + 2, FIRST_YEAR + years)


def _widths(sheet: Sheet, plan: Plan, years: int) -> None:
    sheet.fit(0, [*plan.budget.provinces, TOTALS], most=26)
    sheet.fit(3, [COST_WORDS[line] for line in plan.budget.lines], most=44)
    sheet.widths((1, 1, 15), (2, 2, 16), (4, 4, 13), (FIRST_YEAR, FIRST_YEAR + years, 12))


def _row(sheet: Sheet, row: int, names: tuple[str, ...], usd: np.ndarray) -> None:
    for column, text in enumerate(names):
        sheet.text(row, column, text, WRAPPED)
    sheet.numbers(row, FIRST_YEAR, usd, MONEY)
    end = FIRST_YEAR + len(usd)
    sheet.formula(row, end, total((row, FIRST_YEAR), (row, end - 1)), float(usd.sum()), MONEY, SUM)


def _totals(sheet: Sheet, yearly: np.ndarray, last: int) -> None:
    """The sum of every column over the rows that a filter leaves; it stands below the table."""
    row = last + 2
    for column in range(FIRST_YEAR):
        sheet.blank(row, column)
    sheet.text(row, 0, TOTALS, TOTAL)
    for place, value in enumerate([*yearly, yearly.sum()]):
        column = FIRST_YEAR + place
        formula = total_shown((HEAD_ROW + 1, column), (last, column)) if last > HEAD_ROW else "=0"
        sheet.formula(row, column, formula, float(value), MONEY)
