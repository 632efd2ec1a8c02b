"""The budget: by payer, purpose, line and province, added up from the detail by formulas; discounted; in riel."""

from __future__ import annotations

import math

import numpy as np

from qicsim.plan.record import ALL, ASSESSMENT, COLLABORATIVES, MONEY, PAYMENTS, Plan
from qicsim.report.book.cells import block, cell
from qicsim.report.book.sheet import ASIDE, INPUT, PERCENT, STRONG, TENTH, TEXT, WRAPPED, Book, Sheet, bilingual
from qicsim.report.book.spent import (
    FACTORS,
    FIRST_YEAR,
    RATE,
    RIEL,
    Source,
    all_spending,
    intervals,
    parts_of,
    section,
    summed,
)

NAME = "Budget"
HEAD_ROW, RIEL_ROW, RATE_ROW, WAIT_ROW, FACTOR_ROW, FIRST_SECTION = 3, 5, 6, 7, 8, 10
FIRST_PAYER = FIRST_SECTION + 1
MIDDLE_OF_YEAR = 0.5
PART_WORDS = ((ALL, "All spending"), (COLLABORATIVES, "Collaboratives"), (ASSESSMENT, "Assessment"),
              (PAYMENTS, "PBF payments"))


def write_budget(book: Book, plan: Plan) -> None:
    """The sheet of the budget."""
    budget = plan.budget
    sheet = book.sheet(NAME, f"Budget {budget.years[0]} to {budget.years[-1]}, constant US$ of {budget.price_year}",
                       "All spending of the plan, also what would be spent without it: what it adds is on the sheet "
                       "Plan minus reference. Means of runs; totals and sums are formulas over the sheet Budget "
                       "detail. Low and high are the 5 % and 95 % points between runs and do not add up.")
    frame(sheet, plan)
    _settings(sheet, plan)
    source, line = Source(budget.own.mean, lambda year, wanted: summed(plan, year, wanted)), FIRST_SECTION
    for part in parts_of(plan, budget.own.mean):
        line = section(sheet, part, line, source)
    line = all_spending(sheet, plan, budget.own.mean, (FIRST_PAYER + len(budget.payers), line), "All spending")
    own, before = budget.own, budget.reference
    rows = [(words, own.by_part.rows(place), own.total.rows(place)) for place, words in PART_WORDS]
    rows.append(("The reference, all spending", before.by_year, before.total.rows(ALL)))
    line = intervals(sheet, rows, line, "Intervals between runs, US$, not discounted")
    last = _baseline(sheet, plan, line)
    sheet.table(HEAD_ROW, last, FIRST_YEAR + len(budget.years), kept=FIRST_YEAR, filtered=False)


def frame(sheet: Sheet, plan: Plan) -> None:
    """Widths and heads of a sheet of spending by year."""
    budget, years = plan.budget, len(plan.budget.years)
    sheet.widths((0, 0, 40), (1, 1, 18), (FIRST_YEAR, FIRST_YEAR + years, 13))
    sheet.heads(HEAD_ROW, ["US$ by year", "", *budget.years, bilingual("Total")], numbers=FIRST_YEAR)


def _settings(sheet: Sheet, plan: Plan) -> None:
    """Rates that a reader may change: riel for a dollar, and discounting, whose factors are formulas."""
    budget, last = plan.budget, FIRST_YEAR + len(plan.budget.years) - 1
    rate, waits = discounting_of(budget.factors)
    sheet.text(RIEL_ROW - 1, 0, "Rates (the two yellow cells may be changed)", STRONG)
    sheet.text(RIEL_ROW, 0, "Riel for US$ 1", WRAPPED)
    sheet.number(RIEL_ROW, 1, budget.riel_per_usd, "riel", INPUT)
    sheet.merged(RIEL_ROW, (FIRST_YEAR, last + 1), f"As delivered: {budget.rate_in_words}. {budget.prices}", ASIDE)
    sheet.text(RATE_ROW, 0, "Discount rate a year", WRAPPED)
    sheet.number(RATE_ROW, 1, rate, PERCENT, INPUT)
    sheet.merged(RATE_ROW, (FIRST_YEAR, last + 1), f"As delivered: {budget.discounting}. Intervals of discounted "
                 "spending on the sheet Uncertainty are of the runs and keep that rate.", ASIDE)
    sheet.text(WAIT_ROW, 0, "Years that the money of a year is away from the present", WRAPPED)
    sheet.numbers(WAIT_ROW, FIRST_YEAR, waits, TENTH)
    sheet.text(FACTOR_ROW, 0, "Worth today of US$ 1 of the year", WRAPPED)
    for column, value in enumerate(budget.factors, start=FIRST_YEAR):
        sheet.formula(FACTOR_ROW, column, f"=(1+{RATE})^-{cell(WAIT_ROW, column)}", float(value), "factor", TEXT)
    define = sheet.book.workbook.define_name
    define(RIEL, f"='{NAME}'!{cell(RIEL_ROW, 1, fixed=True)}")
    define(RATE, f"='{NAME}'!{cell(RATE_ROW, 1, fixed=True)}")
    define(FACTORS, "=" + block((FACTOR_ROW, FIRST_YEAR), (FACTOR_ROW, last), sheet=NAME, fixed=True))


def discounting_of(factors: np.ndarray) -> tuple[float, np.ndarray]:
    """The rate a year behind the factors of successive years, and the years that each waits, float64 (years,).

    With one year only its money is taken to fall in the middle of it; without discounting waits count from there.
    """
    first = float(factors[0])
    rate = first / float(factors[1]) - 1.0 if len(factors) > 1 else first ** (-1.0 / MIDDLE_OF_YEAR) - 1.0
    start = -math.log(first) / math.log1p(rate) if rate > 0.0 else MIDDLE_OF_YEAR
    return round(rate, 12), np.round(start + np.arange(len(factors), dtype=float), 9)


def _baseline(sheet: Sheet, plan: Plan, line: int) -> int:
    """What was spent in the year before the plan, in the runs; returns the last line."""
    spent = plan.budget.baseline
    sheet.text(line, 0, f"Before the plan: {plan.baseline_year} (simulated), US$", STRONG)
    sheet.heads(line, ["mean", "low", "high"], FIRST_YEAR, numbers=FIRST_YEAR)
    for place, words in PART_WORDS:
        line += 1
        sheet.text(line, 0, words, WRAPPED)
        sheet.numbers(line, FIRST_YEAR, [spent.mean[place], spent.low[place], spent.high[place]], MONEY)
    return line
