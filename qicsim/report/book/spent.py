"""Sections of spending by year, summed from the detail by formulas: the budget, and what it adds to the reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from qicsim.ground.intervals import Intervals
from qicsim.plan.record import MONEY, Plan
from qicsim.report.book.cells import block, cell, total
from qicsim.report.book.detail import FIRST_YEAR as DETAIL_YEAR
from qicsim.report.book.detail import (
    LINE_COLUMN,
    NAME,
    PART_COLUMN,
    PAYER_COLUMN,
    PROVINCE_COLUMN,
    PURPOSES,
    column_of,
    purpose,
)
from qicsim.report.book.sheet import STRONG, SUM, TEXT, TOTAL, WRAPPED, Sheet, bilingual
from qicsim.report.formatting import COST_WORDS, PAYER_WORDS

FIRST_YEAR, MILLION = 2, 1_000_000
RIEL, RATE, FACTORS = "riel_per_usd", "discount_rate", "worth_of_a_dollar"


class Part(NamedTuple):
    """Rows of a section: their names (two columns), the columns of the detail that hold these, US$ (rows, years)."""

    title: str
    names: tuple[str, ...]
    second: tuple[str, ...]
    columns: tuple[int, ...]
    usd: np.ndarray


class Source(NamedTuple):
    """Where a sheet of spending takes its numbers from: US$ (years, provinces, lines, payers), and a formula.

    `formula` gives it for the column of a year in the detail and the criteria (column of the detail, cell).
    """

    usd: np.ndarray
    formula: Callable[[int, Sequence[tuple[int, str]]], str]


def summed(plan: Plan, year: int, wanted: Sequence[tuple[int, str]], sheet: str = NAME) -> str:
    """A sum over the rows of a detail whose columns hold what cells say."""
    conditions = ",".join(f"{column_of(plan, column, sheet)},{where}" for column, where in wanted)
    return f"SUMIFS({column_of(plan, DETAIL_YEAR + year, sheet)},{conditions})"


def parts_of(plan: Plan, usd: np.ndarray) -> tuple[Part, ...]:
    """The sections of US$ (years, provinces, lines, payers)."""
    budget = plan.budget
    khmer = {place.name: place.name_km for place in plan.places}
    payers = tuple(PAYER_WORDS[payer] for payer in budget.payers)
    blank = ("",) * len(payers)
    return (Part("By payer", payers, blank, (PAYER_COLUMN,), usd.sum(axis=(1, 2)).T),
            _by_purpose(plan, usd),
            _lines(plan, usd, "Collaboratives, by line", pbf=False),
            _lines(plan, usd, "PBF and assessment, by line", pbf=True),
            Part("By province", budget.provinces, tuple(khmer.get(name, "") for name in budget.provinces),
                 (PROVINCE_COLUMN,), usd.sum(axis=(2, 3)).T))


def _by_purpose(plan: Plan, usd: np.ndarray) -> Part:
    """Payers and what their money is for."""
    budget, by_line = plan.budget, usd.sum(axis=1)
    rows, names, second = [], [], []
    for place, payer in enumerate(budget.payers):
        for what in PURPOSES:
            chosen = [at for at, line in enumerate(budget.lines) if purpose(plan, line) == what]
            rows.append(by_line[:, chosen, place].sum(axis=1))
            names.append(PAYER_WORDS[payer])
            second.append(what)
    return Part("By payer and purpose", tuple(names), tuple(second), (PAYER_COLUMN, PART_COLUMN), np.array(rows))


def _lines(plan: Plan, usd: np.ndarray, title: str, *, pbf: bool) -> Part:
    """Cost lines of one kind on which the plan or the reference spends anything."""
    budget = plan.budget
    spent = (np.abs(budget.own.mean) + np.abs(budget.reference.mean)).sum(axis=(0, 1, 3)) != 0.0
    chosen = [place for place, line in enumerate(budget.lines) if (line in budget.pbf_lines) == pbf and spent[place]]
    names = tuple(COST_WORDS[budget.lines[place]] for place in chosen)
    return Part(title, names, ("",) * len(names), (LINE_COLUMN,), usd.sum(axis=(1, 3))[:, chosen].T)


def section(sheet: Sheet, part: Part, line: int, source: Source) -> int:
    """A section: its title, a row for each name as sums over the detail, a total; returns the next free line."""
    years = part.usd.shape[1] if part.names else source.usd.shape[0]
    sheet.text(line, 0, part.title, STRONG)
    first = line + 1
    for number in range(len(part.names)):
        _row(sheet, part, number, first + number, source)
    end = first + len(part.names)
    sheet.text(end, 0, bilingual("Total").replace("\n", " "), TOTAL)
    sheet.blank(end, 1)
    sums = part.usd.sum(axis=0) if part.names else np.zeros(years)
    for place, value in enumerate([*sums, sums.sum()]):
        column = FIRST_YEAR + place
        formula = total((first, column), (end - 1, column)) if part.names else "=0"
        sheet.formula(end, column, formula, float(value), MONEY)
    return end + 2


def _row(sheet: Sheet, part: Part, number: int, row: int, source: Source) -> None:
    sheet.text(row, 0, part.names[number], WRAPPED)
    sheet.text(row, 1, part.second[number], WRAPPED)
    wanted = [(column, cell(row, at)) for at, column in enumerate(part.columns)]
    values = part.usd[number]
    for place, value in enumerate(values):
        sheet.formula(row, FIRST_YEAR + place, f"={source.formula(place, wanted)}", float(value), MONEY, TEXT)
    end = FIRST_YEAR + len(values)
    sheet.formula(row, end, total((row, FIRST_YEAR), (row, end - 1)), float(values.sum()), MONEY, SUM)


def all_spending(sheet: Sheet, plan: Plan, usd: np.ndarray, lines: tuple[int, int], title: str) -> int:
    """Everything, discounted, and in riel; formulas over a row of totals. `lines`: that row, and where to write."""
    budget, (paid, line) = plan.budget, lines
    yearly, end = usd.sum(axis=(1, 2, 3)), FIRST_YEAR + len(budget.years)
    sheet.text(line, 0, title, STRONG)
    for number, name in enumerate(("US$, discounted", "Million riel, not discounted"), start=1):
        sheet.text(line + number, 0, name, TOTAL)
        sheet.blank(line + number, 1)
    for place in range(len(budget.years)):
        column = FIRST_YEAR + place
        sheet.formula(line + 1, column, f"={cell(paid, column)}*INDEX({FACTORS},1,{place + 1})",
                      float(yearly[place] * budget.factors[place]), MONEY)
    for column, value in enumerate([*yearly, yearly.sum()], start=FIRST_YEAR):
        sheet.formula(line + 2, column, f"={cell(paid, column)}*{RIEL}/{MILLION}",
                      float(value * budget.riel_per_usd / MILLION), MONEY)
    over = block((paid, FIRST_YEAR), (paid, end - 1))
    sheet.formula(line + 1, end, f"=SUMPRODUCT({over},{FACTORS})", float(yearly @ budget.factors), MONEY)
    return line + 4


def intervals(sheet: Sheet, rows: Sequence[tuple[str, Intervals, Intervals]], line: int, title: str) -> int:
    """Intervals between runs; returns the next free line. The sums over years are of runs, not of the ends of years."""
    sheet.text(line, 0, title, STRONG)
    for name, yearly, whole in rows:
        for statistic in ("mean", "low", "high"):
            line += 1
            sheet.text(line, 0, name, WRAPPED)
            sheet.text(line, 1, statistic)
            sheet.numbers(line, FIRST_YEAR, [*getattr(yearly, statistic), float(getattr(whole, statistic))], MONEY)
    return line + 2
