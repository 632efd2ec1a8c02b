"""The budget in detail: a row for each province, cost line and payer, a column for each year."""

from __future__ import annotations

import numpy as np

from qicsim.plan.record import MONEY, Plan
from qicsim.report.book.cells import block, total
from qicsim.report.book.sheet import TOTAL, Book, Sheet, bilingual
from qicsim.report.words import COST_WORDS, PAYER_WORDS

NAME = "Budget detail"
HEAD_ROW, FIRST_YEAR = 3, 5
PROVINCE_COLUMN, LINE_COLUMN, PAYER_COLUMN = 0, 3, 4


def written(plan: Plan) -> np.ndarray:
    """The rows that are written, int64 (rows, 3): province, line, payer for which anything is spent in some year."""
    return np.argwhere(plan.budget.mean.sum(axis=0) != 0.0)


def column_of(plan: Plan, column: int) -> str:
    """The range of a column of the table, with fixed rows and columns and the sheet in front."""
    last = HEAD_ROW + max(len(written(plan)), 1)
    return block((HEAD_ROW + 1, column), (last, column), sheet=NAME, fixed=True)


def write_detail(book: Book, plan: Plan) -> None:
    """The sheet of the detail."""
    budget, years = plan.budget, len(plan.budget.years)
    sheet = book.sheet(NAME, "Budget by province, line, payer and year",
                       f"Mean of runs, constant US$ of {budget.price_year}, not discounted. The sheet Budget adds "
                       "these rows up: a change here changes its totals.")
    sheet.heads(HEAD_ROW, [bilingual("Province"), "ខេត្ត", "Part", "Line", "Payer",
                           *(str(year) for year in budget.years), bilingual("Total")])
    sheet.sheet.set_row(HEAD_ROW, 32)
    khmer = {place.name: place.name_km for place in plan.places}
    for number, (province, line, payer) in enumerate(written(plan).tolist()):
        name, what = budget.provinces[province], budget.lines[line]
        _row(sheet, HEAD_ROW + 1 + number, (name, khmer.get(name, ""), _part(plan, what), COST_WORDS[what],
                                            PAYER_WORDS[budget.payers[payer]]), budget.mean[:, province, line, payer])
    last = HEAD_ROW + len(written(plan))
    _totals(sheet, plan, last + 1)
    sheet.table(HEAD_ROW, last, FIRST_YEAR + years, kept=FIRST_YEAR)
    sheet.sheet.print_area(0, 0, last + 1, FIRST_YEAR + years)
    sheet.widths((0, 0, 19), (1, 1, 15), (2, 2, 15), (3, 3, 34), (4, 4, 13), (FIRST_YEAR, FIRST_YEAR + years, 12))


def _part(plan: Plan, line: str) -> str:
    return "PBF" if line in plan.budget.pbf_lines else "Collaboratives"


def _row(sheet: Sheet, row: int, names: tuple[str, ...], usd: np.ndarray) -> None:
    for column, text in enumerate(names):
        sheet.text(row, column, text)
    sheet.numbers(row, FIRST_YEAR, usd, MONEY)
    end = FIRST_YEAR + len(usd)
    sheet.formula(row, end, total((row, FIRST_YEAR), (row, end - 1)), float(usd.sum()), MONEY, TOTAL)


def _totals(sheet: Sheet, plan: Plan, row: int) -> None:
    """The sum of every column; it stands below the filter."""
    yearly = plan.budget.mean.sum(axis=(1, 2, 3))
    sheet.text(row, 0, "Total", TOTAL)
    for column in range(1, FIRST_YEAR):
        sheet.sheet.write_blank(row, column, None, sheet.book.format(TOTAL))
    for place, value in enumerate([*yearly, yearly.sum()]):
        column = FIRST_YEAR + place
        formula = total((HEAD_ROW + 1, column), (row - 1, column)) if row > HEAD_ROW + 1 else "=0"
        sheet.formula(row, column, formula, float(value), MONEY)
