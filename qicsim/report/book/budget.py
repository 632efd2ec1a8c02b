"""The budget as formulas over the detail: by payer, purpose, line and province; discounted; against an envelope."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from qicsim.ground.intervals import Intervals
from qicsim.plan.record import ALL, ASSESSMENT, COLLABORATIVES, MONEY, PAYMENTS, Plan, Spending
from qicsim.report.book import model
from qicsim.report.book.model import (
    DETAIL,
    DETAIL_REFERENCE,
    DETAIL_YEAR,
    LINE_COLUMN,
    PAYER_COLUMN,
    PURPOSE_COLUMN,
    PURPOSES,
    column_of,
    purpose,
)
from qicsim.report.book.sheet import INPUT, STRONG, SUM, TENTH, TEXT, TOTAL, WRAPPED, Book, Sheet, cell, total
from qicsim.report.formatting import COST_WORDS, PAYER_WORDS
from qicsim.report.language import place_name, say, text
from qicsim.report.plan_words import PART_WORDS, increment_words

BUDGET, ADDED, ENVELOPE = text("Budget"), text("Plan minus reference"), text("Budget and envelope")
HEAD_ROW, FIRST_YEAR, MILLION = 3, 2, 1_000_000
FIRST_SECTION = HEAD_ROW + 1
FIRST_PAYER = FIRST_SECTION + 1
PROVINCE_COLUMN = 0
LEAST = 1e-6  # US$; a mean that is less gives no share of its interval
PARTS_OF = {COLLABORATIVES: model.COLLABORATIVES, ASSESSMENT: model.ASSESSMENT, PAYMENTS: model.PBF}
Wanted = Sequence[tuple[int, str]]


class Part(NamedTuple):
    """A division of money: its title, the names of its rows (two columns), and the columns of the detail with these."""

    title: str
    names: tuple[str, ...]
    second: tuple[str, ...]
    columns: tuple[int, ...]
    usd: np.ndarray


class Source(NamedTuple):
    """Where a sheet takes its money from: spending, and a formula for a year and criteria (column, cell)."""

    spent: Spending
    formula: Callable[[int, Wanted], str]


def summed(plan: Plan, year: int, wanted: Wanted, sheet: str = DETAIL) -> str:
    """A sum over the rows of a detail whose columns hold what cells say; over all rows without any."""
    column = column_of(plan, DETAIL_YEAR + year, sheet)
    conditions = "".join(f",{column_of(plan, at, sheet)},{where}" for at, where in wanted)
    return f"SUMIFS({column}{conditions})" if wanted else f"SUM({column})"


def divisions(plan: Plan, usd: np.ndarray) -> tuple[Part, ...]:
    """US$ (years, provinces, lines, payers) by payer, purpose, line and province; rows of each are (rows, years)."""
    budget = plan.budget
    payers = tuple(say(PAYER_WORDS[payer]) for payer in budget.payers)
    return (Part(say("By payer"), payers, ("",) * len(payers), (PAYER_COLUMN,), usd.sum(axis=(1, 2)).T),
            _by_purpose(plan, usd), _lines(plan, usd, say("Collaboratives, by line"), pbf=False),
            _lines(plan, usd, say("PBF and assessment, by line"), pbf=True),
            Part(say("By province"), tuple(map(place_name, budget.provinces)), ("",) * len(budget.provinces),
                 (PROVINCE_COLUMN,), usd.sum(axis=(2, 3)).T))


def _by_purpose(plan: Plan, usd: np.ndarray) -> Part:
    """Payers and what their money is for."""
    budget, by_line = plan.budget, usd.sum(axis=1)
    rows, names, second = [], [], []
    for place, payer in enumerate(budget.payers):
        for what in PURPOSES:
            chosen = [at for at, line in enumerate(budget.lines) if purpose(plan, line) == what]
            rows.append(by_line[:, chosen, place].sum(axis=1))
            names.append(say(PAYER_WORDS[payer]))
            second.append(say(what))
    return Part(say("By payer and purpose"), tuple(names), tuple(second), (PAYER_COLUMN, PURPOSE_COLUMN),
                np.array(rows))


def _lines(plan: Plan, usd: np.ndarray, title: str, *, pbf: bool) -> Part:
    """Cost lines of one kind on which the plan or the reference spends anything."""
    budget = plan.budget
    chosen = [line for line in model.bought(plan) if (budget.lines[line] in budget.pbf_lines) == pbf]
    names = tuple(say(COST_WORDS[budget.lines[line]]) for line in chosen)
    return Part(title, names, ("",) * len(names), (LINE_COLUMN,), usd.sum(axis=(1, 3))[:, chosen].T)


# -------------------------------------------------------------------------------------------------------------- sheets


def write_budget(book: Book, plan: Plan) -> None:
    """All spending of the plan."""
    held = plan.budget
    sheet = book.sheet(BUDGET, say("Budget {first} to {last}, constant US$ of {year}", first=held.years[0],
                                   last=held.years[-1], year=held.price_year),
                       say("All spending of the plan, also what would be spent without it. Sums are formulas over the "
                           "sheet Budget detail. Low and high are the 5 % and 95 % points between runs; they keep "
                           "their ratio to the mean when prices or quantities are changed, and do not add up."))
    _write(sheet, plan, Source(held.own, lambda year, wanted: summed(plan, year, wanted)))


def write_added(book: Book, plan: Plan) -> None:
    """What the plan adds to the reference: what a request for money is for."""
    held = plan.budget
    sheet = book.sheet(ADDED, say("What the plan spends more than the reference, {first} to {last}, constant US$ of "
                                  "{year}", first=held.years[0], last=held.years[-1], year=held.price_year),
                       say("{increment} Scenario minus reference, run by run; sums are formulas. A negative number is "
                           "saved.", increment=increment_words(plan)))
    _write(sheet, plan, Source(held.increment, lambda year, wanted: f"{summed(plan, year, wanted)}-"
                                                                    f"{summed(plan, year, wanted, DETAIL_REFERENCE)}"))


def _write(sheet: Sheet, plan: Plan, source: Source) -> None:
    years, line = len(plan.years), FIRST_SECTION
    after = FIRST_YEAR + years
    sheet.widths((0, 0, 40), (1, 1, 18), (FIRST_YEAR, after, 13))
    sheet.heads(HEAD_ROW, [say("US$ by year"), "", *plan.years, say("Total")], numbers=FIRST_YEAR)
    sheet.behind(after + 2, after + 2 + 2 * (years + 1))
    for part in divisions(plan, source.spent.mean):
        line = _section(sheet, part, line, source, years)
    line = _discounted(sheet, plan, source.spent, (FIRST_PAYER + len(plan.budget.payers), line))
    last = _intervals(sheet, plan, source, line)
    sheet.table(HEAD_ROW, last, after, kept=FIRST_YEAR, filtered=False)


def _section(sheet: Sheet, part: Part, line: int, source: Source, years: int) -> int:
    """A section: its title, a row for each name as sums over the detail, a total; returns the next free line."""
    sheet.text(line, 0, part.title, STRONG)
    first = line + 1
    for number, names in enumerate(zip(part.names, part.second, strict=True)):
        row = first + number
        sheet.texts(row, names)
        wanted = [(column, cell(row, at)) for at, column in enumerate(part.columns)]
        for year, value in enumerate(part.usd[number]):
            sheet.formula(row, FIRST_YEAR + year, f"={source.formula(year, wanted)}", float(value), MONEY, TEXT)
        _sum(sheet, row, float(part.usd[number].sum()), years)
    end = first + len(part.names)
    sheet.texts(end, (say("Total"),), TOTAL)
    sheet.blank(end, 1)
    sums = part.usd.sum(axis=0) if part.names else np.zeros(years)
    for place, value in enumerate([*sums, sums.sum()]):
        formula = total((first, FIRST_YEAR + place), (end - 1, FIRST_YEAR + place)) if part.names else "=0"
        sheet.formula(end, FIRST_YEAR + place, formula, float(value), MONEY)
    return end + 2


def _sum(sheet: Sheet, row: int, value: float, years: int, style: str = SUM) -> None:
    end = FIRST_YEAR + years
    sheet.formula(row, end, total((row, FIRST_YEAR), (row, end - 1)), value, MONEY, style)


def _discounted(sheet: Sheet, plan: Plan, spent: Spending, lines: tuple[int, int]) -> int:
    """Everything discounted, and in local money, over a row of totals; `lines`: that row, and where to write."""
    budget, (paid, line), years = plan.budget, lines, len(plan.years)
    yearly, end = spent.mean.sum(axis=(1, 2, 3)), FIRST_YEAR + years
    sheet.text(line, 0, say("All spending"), STRONG)
    names = (say("Years away from the present"), say("Worth today of US$ 1"), say("US$, discounted"),
             say("Million {currency}, not discounted"))
    for number, name in enumerate(names, start=1):
        sheet.texts(line + number, (name,), WRAPPED if number < 3 else TOTAL)  # noqa: PLR2004 the last two are totals
    sheet.numbers(line + 1, FIRST_YEAR, budget.waits, TENTH)
    for at in range(years):
        column = FIRST_YEAR + at
        sheet.formula(line + 2, column, f"=(1+{model.RATE})^-{cell(line + 1, column)}", float(budget.factors[at]),
                      "factor", TEXT)
        sheet.formula(line + 3, column, f"={cell(paid, column)}*{cell(line + 2, column)}",
                      float(yearly[at] * budget.factors[at]), MONEY)
    for column, value in enumerate([*yearly, yearly.sum()], start=FIRST_YEAR):
        sheet.formula(line + 4, column, f"={cell(paid, column)}*{model.PER_USD}/{MILLION}",
                      float(value * budget.per_usd / MILLION), MONEY)
    sheet.formula(line + 3, end, total((line + 3, FIRST_YEAR), (line + 3, end - 1)), float(yearly @ budget.factors),
                  MONEY)
    return line + 6


# ----------------------------------------------------------------------------------------------------------- intervals


def _intervals(sheet: Sheet, plan: Plan, source: Source, line: int) -> int:
    """Mean and ends of each part of the money: means are formulas, ends keep their ratio to the mean; the last line."""
    sheet.text(line, 0, say("Intervals between runs, US$, not discounted"), STRONG)
    spent, paid = source.spent, FIRST_PAYER + len(plan.budget.payers)
    for part in range(len(PART_WORDS)):
        name = say(PART_WORDS[part])
        mean = line + 1
        line = _interval(sheet, name, (spent.by_part.rows(part), spent.total.rows(part)), line)
        for year in range(len(plan.years)):
            formula = (f"={cell(paid, FIRST_YEAR + year)}" if part == ALL
                       else f"={source.formula(year, [(PURPOSE_COLUMN, _quoted(say(PARTS_OF[part])))])}")
            sheet.formula(mean, FIRST_YEAR + year, formula, float(spent.by_part.mean[part, year]), MONEY, TEXT)
        _sum(sheet, mean, float(spent.total.mean[part]), len(plan.years))
    return line


def _interval(sheet: Sheet, name: str, known: tuple[Intervals, Intervals], line: int) -> int:
    """The rows of an interval; ends are the mean's cell times the ratio beside the page. Returns the last row."""
    yearly, whole = known
    mean = [*np.asarray(yearly.mean).tolist(), float(whole.mean)]
    sheet.texts(line + 1, (name, say("mean")))
    for number, (words, end) in enumerate(((say("low"), "low"), (say("high"), "high"))):
        row = line + 2 + number
        sheet.texts(row, (name, words))
        ends = [*np.asarray(getattr(yearly, end)).tolist(), float(getattr(whole, end))]
        for at, (middle, value) in enumerate(zip(mean, ends, strict=True)):
            beside = FIRST_YEAR + len(mean) + 1 + at
            if abs(middle) < LEAST:
                sheet.number(row, FIRST_YEAR + at, value, MONEY)
                continue
            sheet.number(row, beside, value / middle, "factor")
            sheet.formula(row, FIRST_YEAR + at, f"={cell(line + 1, FIRST_YEAR + at)}*{cell(row, beside)}", value, MONEY,
                          TEXT)
    return line + 3


def _quoted(words: str) -> str:
    """Text inside a formula."""
    doubled = words.replace('"', '""')
    return f'"{doubled}"'


# ------------------------------------------------------------------------------------------------------------ envelope


def write_envelope(book: Book, plan: Plan) -> None:
    """Costs against the money that is known to be there, by year: all, by payer, and of the collaboratives alone."""
    budget = plan.budget
    sheet = book.sheet(ENVELOPE, say("Budget against the money that is known, {first} to {last}", first=budget.years[0],
                                     last=budget.years[-1]),
                       say("The envelope (yellow) is, as delivered, what is spent without the plan: write over it what "
                           "is known. The gap is cost minus envelope: what has to be found."))
    years = len(plan.years)
    sheet.widths((0, 0, 40), (1, 1, 18), (FIRST_YEAR, FIRST_YEAR + years, 13))
    sheet.heads(HEAD_ROW, [say("US$ by year"), "", *plan.years, say("Total")], numbers=FIRST_YEAR)
    line = HEAD_ROW + 1
    own, known = budget.own, budget.reference
    rows: list[tuple[str, Wanted, np.ndarray, np.ndarray]] = [
        (say("All public money"), (), own.by_year.mean, known.by_year.mean)]
    for place, payer in enumerate(budget.payers):
        words = say(PAYER_WORDS[payer])
        rows.append((words, [(PAYER_COLUMN, _quoted(words))], own.by_payer.mean[place], known.by_payer.mean[place]))
    rows.append((say("Collaboratives"), [(PURPOSE_COLUMN, _quoted(say(model.COLLABORATIVES)))],
                 own.by_part.mean[COLLABORATIVES], known.by_part.mean[COLLABORATIVES]))
    for name, wanted, cost, there in rows:
        line = _gap(sheet, plan, name, wanted, (cost, there), line)
    sheet.table(HEAD_ROW, line - 2, FIRST_YEAR + years, kept=FIRST_YEAR, filtered=False)


def _gap(sheet: Sheet, plan: Plan, name: str, wanted: Wanted, usd: tuple[np.ndarray, np.ndarray],  # noqa: PLR0917
         line: int) -> int:
    """Cost, envelope and gap of one division; returns the next free line."""
    cost, known = usd
    for number, what in enumerate((say("cost"), say("envelope"), say("gap"))):
        sheet.texts(line + number, (name, what), TOTAL if number == 2 else WRAPPED)  # noqa: PLR2004 the gap
    for at in range(len(plan.years)):
        column = FIRST_YEAR + at
        sheet.formula(line, column, f"={summed(plan, at, wanted)}", float(cost[at]), MONEY, TEXT)
        sheet.formula(line + 1, column, f"={summed(plan, at, wanted, DETAIL_REFERENCE)}", float(known[at]), MONEY,
                      INPUT)
        sheet.formula(line + 2, column, f"={cell(line, column)}-{cell(line + 1, column)}", float(cost[at] - known[at]),
                      MONEY)
    for number, value in enumerate((cost.sum(), known.sum(), (cost - known).sum())):
        _sum(sheet, line + number, float(value), len(plan.years), TOTAL if number == 2 else SUM)  # noqa: PLR2004 the gap
    return line + 4
