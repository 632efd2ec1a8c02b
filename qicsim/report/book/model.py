"""The workbook as a model: prices and quantities in cells that can be changed, and amounts as formulas over them.

    Inputs               a price for each cost line, what PBF is known to cost, rates
    Quantities           quantity of each line and year, its price, and their product, of the plan and of the reference
    Budget detail        province, line and payer: their share of the line's amount, as in the runs

The price of a line is its mean amount over its mean quantity over all years,
as the plan pays it. Prices of single years
differ a little in the runs: what they are relative to the line's price stands beside the page, so that quantity times
price is the mean of the runs to the cent and a changed price moves every year alike.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qicsim.model.columns import COST_LINES, PBF_PAYMENTS
from qicsim.plan.record import MONEY, PAYMENTS, Plan
from qicsim.report.book.sheet import (
    ASIDE,
    INPUT,
    PERCENT,
    STRONG_WRAPPED,
    SUM,
    TENTH,
    TEXT,
    TOTAL,
    WRAPPED,
    Book,
    Sheet,
    block,
    cell,
    total,
    total_shown,
)
from qicsim.report.formatting import COST_WORDS, PAYER_WORDS
from qicsim.report.language import again, place_name, say, text

INPUTS, QUANTITIES, QUANTITIES_REFERENCE = text("Inputs"), text("Quantities"), text("Quantities reference")
DETAIL, DETAIL_REFERENCE = text("Budget detail"), text("Reference detail")
HEAD_ROW, PRICE_COLUMN, FIRST_YEAR = 3, 2, 3
ROWS_OF_A_LINE = QUANTITY, PRICE, AMOUNT = range(3)
PBF_BILL, RUNS_BILL, PER_USD, RATE = "known_pbf_bill", "pbf_bill_of_the_runs", "currency_per_usd", "discount_rate"
DETAIL_YEAR, PURPOSE_COLUMN, LINE_COLUMN, PAYER_COLUMN = 4, 1, 2, 3
PURPOSES = COLLABORATIVES, ASSESSMENT, PBF = text("Collaboratives"), text("Assessment"), text("PBF payments")
UNIT_WORDS = {
    "post-month": text("post-month"), "visit": text("visit"), "coach": text("coach"),
    "coach-month": text("coach-month"), "team": text("team"), "team-month": text("team-month"),
    "team at a session": text("team at a session"), "district-month": text("district-month"), "month": text("month"),
    "facility-round": text("facility-round"), "verified facility-round": text("verified facility-round"),
    "facility-quarter": text("facility-quarter"), "facility-month": text("facility-month"),
    "hospital-month": text("hospital-month")}


class Side(NamedTuple):
    """One of the two that are modelled: sheets of its quantities and of its detail, US$, quantities (lines, years)."""

    quantities: str
    detail: str
    usd: np.ndarray
    counts: np.ndarray


def sides(plan: Plan) -> tuple[Side, Side]:
    """The plan and its reference; US$ are means (years, provinces, lines, payers)."""
    held = plan.budget
    return (Side(QUANTITIES, DETAIL, held.own.mean, held.quantities.own),
            Side(QUANTITIES_REFERENCE, DETAIL_REFERENCE, held.reference.mean, held.quantities.reference))


def bought(plan: Plan) -> list[int]:
    """Places of the cost lines on which the plan or the reference spends anything."""
    spent = (np.abs(plan.budget.own.mean) + np.abs(plan.budget.reference.mean)).sum(axis=(0, 1, 3)) != 0.0
    return np.flatnonzero(spent).tolist()


def price_of(plan: Plan, line: int) -> float:
    """Mean price paid for a unit of a line over all years, by the plan; by the reference where the plan buys none."""
    for side in sides(plan):
        if side.counts[line].sum() > 0.0:
            return float(side.usd[:, :, line].sum() / side.counts[line].sum())
    return 0.0


def purpose(plan: Plan, line: str) -> str:
    """What a cost line is for: one of PURPOSES."""
    if line not in plan.budget.pbf_lines:
        return COLLABORATIVES
    return PBF if line == COST_LINES[PBF_PAYMENTS] else ASSESSMENT


def price_name(line: str) -> str:
    """What the price of a line is called in formulas."""
    return f"price_{line}"


# -------------------------------------------------------------------------------------------------------------- inputs


def write_inputs(book: Book, plan: Plan) -> None:
    """Prices, the known bill of PBF, rates; all in cells that can be changed."""
    held, lines = plan.budget, bought(plan)
    sheet = book.sheet(INPUTS, say("Inputs: prices, PBF and rates"), say(
        "Yellow cells may be changed, here and on the sheets Quantities, Coach posts and Budget and envelope: every "
        "amount follows. A price is what the runs paid on average, in US$ of {year}. Low and high are the range of the "
        "unit cost; few of them are figures of the country.", year=held.price_year))
    sheet.widths((0, 0, 38), (1, 1, 22), (2, 4, 14), (5, 5, 60))
    sheet.heads(HEAD_ROW, [say("Price of"), say("Unit"), say("Price, US$"), say("Low"), say("High"), say("Source")],
                numbers=2)
    costs = {one.key: one for one in plan.sources.unit_costs}
    for row, line in enumerate(lines, start=HEAD_ROW + 1):
        name = held.lines[line]
        known = costs.get(held.quantities.keys[line])
        sheet.texts(row, (say(COST_WORDS[name]), say(UNIT_WORDS[held.quantities.units[line]])))
        sheet.number(row, PRICE_COLUMN, price_of(plan, line), "price", INPUT)
        if known:
            sheet.numbers(row, PRICE_COLUMN + 1, (known.low, known.high), "price", WRAPPED)
            sheet.text(row, PRICE_COLUMN + 3, say(known.source), ASIDE)
        book.name(price_name(name), row, PRICE_COLUMN, INPUTS)
    last = _bill(sheet, plan, HEAD_ROW + 2 + len(lines))
    last = _rates(sheet, plan, last + 1)
    sheet.table(HEAD_ROW, last, PRICE_COLUMN + 3, kept=1, filtered=False)


def _bill(sheet: Sheet, plan: Plan, row: int) -> int:
    """What PBF is known to pay facilities in a year, and what it does in the runs; returns the last row."""
    simulated = float(plan.budget.baseline.mean[PAYMENTS])
    sheet.texts(row, (say("PBF payments known for {year}", year=plan.baseline_year), say("US$ a year")))
    sheet.number(row, PRICE_COLUMN, simulated, MONEY, INPUT)
    sheet.merged(row, (3, 5), say("As delivered: those of the runs. With the ministry's own number here, payments of "
                                  "all years are scaled by it."), ASIDE)
    sheet.texts(row + 1, (say("PBF payments of the runs in {year}", year=plan.baseline_year), say("US$ a year")))
    sheet.number(row + 1, PRICE_COLUMN, simulated, MONEY)
    sheet.book.name(PBF_BILL, row, PRICE_COLUMN, INPUTS)
    sheet.book.name(RUNS_BILL, row + 1, PRICE_COLUMN, INPUTS)
    return row + 1


def _rates(sheet: Sheet, plan: Plan, row: int) -> int:
    """The country's own money for a dollar, and the discount rate; returns the last row."""
    held = plan.budget
    for at, (words, name, value, form, note) in enumerate((
            (say("{Currency} for US$ 1"), PER_USD, held.per_usd, "currency",
             f"{again(held.rate_in_words)}. {again(held.prices)}"),
            (say("Discount rate a year"), RATE, held.discount_rate, PERCENT, again(held.discounting)))):
        sheet.texts(row + at, (words,))
        sheet.number(row + at, PRICE_COLUMN, value, form, INPUT)
        sheet.merged(row + at, (3, 5), say("As delivered: {what}.", what=note.rstrip(".")), ASIDE)
        sheet.book.name(name, row + at, PRICE_COLUMN, INPUTS)
    return row + 1


# ---------------------------------------------------------------------------------------------------------- quantities


def row_of(plan: Plan, line: int, what: int) -> int:
    """The row of a line's quantity, price or amount on a sheet of quantities."""
    return HEAD_ROW + 1 + len(ROWS_OF_A_LINE) * bought(plan).index(line) + what


def write_quantities(book: Book, plan: Plan, side: Side, posts: tuple[str, int] | None = None) -> None:
    """A sheet of quantities, prices and amounts by line and year.

    `posts` is the sheet and the row of the plan's coach posts: months of posts that are filled follow them.
    """
    years, lines = plan.years, bought(plan)
    own = side.quantities == QUANTITIES
    sheet = book.sheet(side.quantities, say("What the plan buys, at what price") if own
                       else say("What the reference buys, at what price"), say(
        "Quantity times price is the amount: the mean of the runs to the cent, as delivered. Prices of the years are "
        "the price on the sheet Inputs times what the runs paid in the year relative to it, to the right of the page."))
    after = FIRST_YEAR + len(years)
    sheet.widths((0, 0, 36), (1, 1, 16), (2, 2, 20), (FIRST_YEAR, after, 12))
    sheet.heads(HEAD_ROW, [say("Line"), say("What"), say("Unit"), *years, say("Total"), "",
                           *(say("{year}, relative", year=year) for year in years)], numbers=FIRST_YEAR)
    sheet.behind(after + 2, after + 1 + len(years))
    for line in lines:
        _line(sheet, plan, side, line, posts if own else None)
    last = HEAD_ROW + len(ROWS_OF_A_LINE) * len(lines)
    sheet.table(HEAD_ROW, last, after + 1 + len(years), kept=2, filtered=False, noted=after)
    sheet.printed(last, after)


def _line(sheet: Sheet, plan: Plan, side: Side, line: int, posts: tuple[str, int] | None) -> None:
    name, unit = plan.budget.lines[line], say(UNIT_WORDS[plan.budget.quantities.units[line]])
    price, years = price_of(plan, line), len(plan.years)
    amounts, counts = side.usd.sum(axis=(1, 3))[:, line], side.counts[line]
    relative = np.divide(amounts, counts * price, out=np.ones(years), where=counts * price > 0.0)
    quantity, paid, amount = (row_of(plan, line, what) for what in ROWS_OF_A_LINE)
    for row, what, told in ((quantity, say("quantity"), unit), (paid, say("price"), say("US$")),
                            (amount, say("amount"), say("US$"))):
        sheet.texts(row, (say(COST_WORDS[name]), what, told), STRONG_WRAPPED if row == amount else WRAPPED)
    paid_by_score = name == COST_LINES[PBF_PAYMENTS] and plan.budget.baseline.mean[PAYMENTS] > 0.0
    bill = f"*{PBF_BILL}/{RUNS_BILL}" if paid_by_score else ""
    filled = _filled(plan, counts) if posts and name == "coach_posts" else None
    for at in range(years):
        column, beside = FIRST_YEAR + at, FIRST_YEAR + years + 2 + at
        sheet.number(paid, beside, float(relative[at]), "factor")
        sheet.formula(paid, column, f"={price_name(name)}{bill}*{cell(paid, beside)}", price * relative[at], "price",
                      TEXT)
        if filled is None or posts is None:
            sheet.number(quantity, column, float(counts[at]), TENTH, INPUT)
        else:
            sheet.number(quantity, beside, float(filled[at]), "factor")
            sheet.formula(quantity, column, f"={cell(posts[1], column + 1, sheet=posts[0])}*{cell(quantity, beside)}",
                          float(counts[at]), TENTH, TEXT)
        sheet.formula(amount, column, f"={cell(quantity, column)}*{cell(paid, column)}", float(amounts[at]), MONEY, SUM)
    for row, value, form in ((quantity, counts.sum(), TENTH), (amount, amounts.sum(), MONEY)):
        end = FIRST_YEAR + years
        sheet.formula(row, end, total((row, FIRST_YEAR), (row, end - 1)), float(value), form, SUM)


def _filled(plan: Plan, counts: np.ndarray) -> np.ndarray | None:
    """Months that are filled for each post of the end of a year; None where in some year there are no posts."""
    posts = plan.coaches.posts.mean[0, 1:]
    return counts / posts if (posts > 0.0).all() else None


# -------------------------------------------------------------------------------------------------------------- detail


def written(plan: Plan) -> np.ndarray:
    """The rows of both details, int64 (rows, 3): province, line, payer for which the plan or the reference spends."""
    budget = plan.budget
    return np.argwhere((np.abs(budget.own.mean) + np.abs(budget.reference.mean)).sum(axis=0) != 0.0)


def column_of(plan: Plan, column: int, sheet: str = DETAIL) -> str:
    """The range of a column of a detail, with fixed rows and columns and the sheet in front."""
    last = HEAD_ROW + max(len(written(plan)), 1)
    return block((HEAD_ROW + 1, column), (last, column), sheet=sheet, fixed=True)


def write_detail(book: Book, plan: Plan, side: Side) -> None:
    """A sheet with a row for each province, line and payer: its share of the line's amount, by year."""
    budget, years = plan.budget, len(plan.years)
    own, last = side.detail == DETAIL, HEAD_ROW + len(written(plan))
    sheet = book.sheet(side.detail, say("Budget of the plan by province, line, payer and year") if own
                       else say("Spending of the reference by province, line, payer and year"), say(
        "Constant US$ of {year}, not discounted: the line's amount (sheet {sheet}) times the share of the row, to the "
        "right of the page, as in the runs. The total below follows the filter.", year=budget.price_year,
        sheet=say(side.quantities)))
    after = DETAIL_YEAR + years
    sheet.fit(0, [place_name(name) for name in budget.provinces], most=26)
    sheet.widths((1, 1, 16), (2, 2, 34), (3, 3, 12), (DETAIL_YEAR, after, 12))
    sheet.behind(after + 2, after + 1 + years)
    sheet.heads(HEAD_ROW, [say("Province"), say("Purpose"), say("Line"), say("Payer"), *budget.years, say("Total"), "",
                           *(say("{year}, share", year=year) for year in budget.years)], numbers=DETAIL_YEAR)
    for row, (province, line, payer) in enumerate(written(plan).tolist(), start=HEAD_ROW + 1):
        name = budget.lines[line]
        sheet.texts(row, (place_name(budget.provinces[province]), say(purpose(plan, name)), say(COST_WORDS[name]),
                          say(PAYER_WORDS[budget.payers[payer]])))
        _shares(sheet, row, (side.usd[:, province, line, payer], side.usd[:, :, line].sum(axis=(1, 2))),
                (side.quantities, row_of(plan, line, AMOUNT)))
    sheet.table(HEAD_ROW, last, after, kept=DETAIL_YEAR)
    _totals(sheet, side.usd.sum(axis=(1, 2, 3)), last)
    sheet.printed(last + 2, after)


def _shares(sheet: Sheet, row: int, usd: tuple[np.ndarray, np.ndarray], amount: tuple[str, int]) -> None:
    """The amounts of a row, (years,), as shares of those of its line."""
    mine, whole = usd
    years = len(mine)
    share = np.divide(mine, whole, out=np.zeros(years), where=whole != 0.0)
    for at in range(years):
        column, beside = DETAIL_YEAR + at, DETAIL_YEAR + years + 2 + at
        sheet.number(row, beside, float(share[at]), "factor")
        sheet.formula(row, column, f"={cell(amount[1], FIRST_YEAR + at, sheet=amount[0])}*{cell(row, beside)}",
                      float(mine[at]), MONEY, TEXT)
    end = DETAIL_YEAR + years
    sheet.formula(row, end, total((row, DETAIL_YEAR), (row, end - 1)), float(mine.sum()), MONEY, SUM)


def _totals(sheet: Sheet, yearly: np.ndarray, last: int) -> None:
    """The sum of every column over the rows that a filter leaves; it stands below the table."""
    row = last + 2
    sheet.texts(row, (say("Total of the rows shown"),), TOTAL)
    for at, value in enumerate([*yearly, yearly.sum()]):
        column = DETAIL_YEAR + at
        formula = total_shown((HEAD_ROW + 1, column), (last, column)) if last > HEAD_ROW else "=0"
        sheet.formula(row, column, formula, float(value), MONEY)
