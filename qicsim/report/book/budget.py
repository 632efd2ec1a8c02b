"""The budget: by payer, line and province, added up from the detail by formulas; then totals, discounted, in riel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from qicsim.plan.record import MONEY, Plan, Spread
from qicsim.report.book.cells import block, cell, total
from qicsim.report.book.detail import FIRST_YEAR as DETAIL_YEAR
from qicsim.report.book.detail import LINE_COLUMN, PAYER_COLUMN, PROVINCE_COLUMN, column_of
from qicsim.report.book.sheet import STRONG, TEXT, TOTAL, Book, Sheet, bilingual
from qicsim.report.words import COST_WORDS, PAYER_WORDS

NAME = "Budget"
RATE_ROW, FACTOR_ROW, HEAD_ROW = 3, 4, 5
FIRST_YEAR = 2
FIRST_PAYER = HEAD_ROW + 2
RATE_NAME = "riel_per_usd"


class Part(NamedTuple):
    """Rows of one section: their names, the column of the detail that holds these names, and US$ (rows, years)."""

    title: str
    names: tuple[str, ...]
    khmer: tuple[str, ...]
    column: int
    usd: np.ndarray


def write_budget(book: Book, plan: Plan) -> None:
    """The sheet of the budget."""
    budget = plan.budget
    sheet = book.sheet(NAME, f"Budget {budget.years[0]} to {budget.years[-1]}, constant US$ of {budget.price_year}",
                       "Means of runs; totals and sums are formulas over the sheet Budget detail. Low and high are the "
                       "5 % and 95 % points between runs and do not add up.")
    _settings(sheet, plan)
    years = len(budget.years)
    sheet.heads(HEAD_ROW, ["US$ by year", "", *(str(year) for year in budget.years), bilingual("Total")])
    sheet.sheet.set_row(HEAD_ROW, 32)
    line = HEAD_ROW + 1
    for part in _parts(plan):
        line = _section(sheet, plan, part, line)
    line = _sums(sheet, plan, line)
    last = _intervals(sheet, plan, line)
    sheet.table(HEAD_ROW, last, FIRST_YEAR + years, kept=FIRST_YEAR, filtered=False)
    sheet.widths((0, 0, 46), (1, 1, 18), (FIRST_YEAR, FIRST_YEAR + years, 13))


def _settings(sheet: Sheet, plan: Plan) -> None:
    """The rate of exchange, which a reader may change, and the factors of discounting."""
    budget = plan.budget
    sheet.text(RATE_ROW, 0, f"Riel for US$ 1: {budget.rate_in_words}")
    sheet.number(RATE_ROW, 1, budget.riel_per_usd, "rate", TOTAL)
    sheet.book.workbook.define_name(RATE_NAME, f"='{NAME}'!{cell(RATE_ROW, 1, fixed=True)}")
    sheet.text(FACTOR_ROW, 0, f"Worth of US$ 1 of the year: {budget.discounting}")
    sheet.numbers(FACTOR_ROW, FIRST_YEAR, budget.factors, "factor")


def _parts(plan: Plan) -> tuple[Part, ...]:
    budget = plan.budget
    khmer = {place.name: place.name_km for place in plan.places}
    payers = tuple(PAYER_WORDS[payer] for payer in budget.payers)
    return (Part("By payer", payers, ("",) * len(payers), PAYER_COLUMN, budget.mean.sum(axis=(1, 2)).T),
            _lines(plan, "Collaboratives, by line", pbf=False), _lines(plan, "PBF and assessment, by line", pbf=True),
            Part("By province", budget.provinces, tuple(khmer.get(name, "") for name in budget.provinces),
                 PROVINCE_COLUMN, budget.mean.sum(axis=(2, 3)).T))


def _lines(plan: Plan, title: str, *, pbf: bool) -> Part:
    budget = plan.budget
    chosen = [place for place, line in enumerate(budget.lines) if (line in budget.pbf_lines) == pbf]
    names = tuple(COST_WORDS[budget.lines[place]] for place in chosen)
    return Part(title, names, ("",) * len(names), LINE_COLUMN, budget.mean.sum(axis=(1, 3))[:, chosen].T)


def _section(sheet: Sheet, plan: Plan, part: Part, line: int) -> int:
    """A section: its title, a row for each name as sums over the detail, a total; returns the next free line."""
    years = len(plan.budget.years)
    sheet.text(line, 0, part.title, STRONG)
    first = line + 1
    for number, name in enumerate(part.names):
        row = first + number
        sheet.text(row, 0, name)
        sheet.text(row, 1, part.khmer[number])
        for place in range(years):
            formula = (f"=SUMIFS({column_of(plan, DETAIL_YEAR + place)},{column_of(plan, part.column)},"
                       f"{cell(row, 0)})")
            sheet.formula(row, FIRST_YEAR + place, formula, float(part.usd[number, place]), MONEY, TEXT)
        sheet.formula(row, FIRST_YEAR + years, total((row, FIRST_YEAR), (row, FIRST_YEAR + years - 1)),
                      float(part.usd[number].sum()), MONEY)
    end = first + len(part.names)
    sheet.text(end, 0, bilingual("Total").replace("\n", " "), TOTAL)
    sums = part.usd.sum(axis=0)
    for place, value in enumerate([*sums, sums.sum()]):
        column = FIRST_YEAR + place
        sheet.formula(end, column, total((first, column), (end - 1, column)), float(value), MONEY)
    return end + 2


def _sums(sheet: Sheet, plan: Plan, line: int) -> int:
    """Everything, discounted, and in riel; formulas over the total of the payers."""
    budget, years = plan.budget, len(plan.budget.years)
    paid, end = FIRST_PAYER + len(budget.payers), FIRST_YEAR + years
    yearly = budget.mean.sum(axis=(1, 2, 3))
    sheet.text(line, 0, "All spending", STRONG)
    sheet.text(line + 1, 0, f"US$, {budget.discounting}", TOTAL)
    sheet.text(line + 2, 0, "Riel, not discounted", TOTAL)
    for place in range(years):
        column = FIRST_YEAR + place
        sheet.formula(line + 1, column, f"={cell(paid, column)}*{cell(FACTOR_ROW, column)}",
                      float(yearly[place] * budget.factors[place]), MONEY)
        sheet.formula(line + 2, column, f"={cell(paid, column)}*{RATE_NAME}",
                      float(yearly[place] * budget.riel_per_usd), "riel")
    over = block((paid, FIRST_YEAR), (paid, end - 1)), block((FACTOR_ROW, FIRST_YEAR), (FACTOR_ROW, end - 1))
    sheet.formula(line + 1, end, f"=SUMPRODUCT({over[0]},{over[1]})", float(yearly @ budget.factors), MONEY)
    sheet.formula(line + 2, end, f"={cell(paid, end)}*{RATE_NAME}", float(yearly.sum() * budget.riel_per_usd), "riel")
    return line + 4


def _intervals(sheet: Sheet, plan: Plan, line: int) -> int:
    """Intervals between runs; returns the last line. The sums over years are of runs, not of the ends of years."""
    budget = plan.budget
    rows: Sequence[tuple[str, Spread, Spread]] = (
        ("All spending", budget.by_year, _at(budget.total, 0)),
        ("Collaboratives", budget.collaboratives, _at(budget.total, 1)),
        ("PBF and assessment", budget.pbf, _at(budget.total, 2)),
        ("More than in the reference", budget.extra, budget.extra_total))
    sheet.text(line, 0, "Intervals between runs, US$", STRONG)
    for title, yearly, summed in rows:
        for statistic in ("mean", "low", "high"):
            line += 1
            sheet.text(line, 0, title)
            sheet.text(line, 1, statistic)
            sheet.numbers(line, FIRST_YEAR, [*getattr(yearly, statistic), float(getattr(summed, statistic))], MONEY)
    return line


def _at(spread: Spread, place: int) -> Spread:
    return Spread(*(getattr(spread, name)[place] for name in ("mean", "low", "high", "n")))
