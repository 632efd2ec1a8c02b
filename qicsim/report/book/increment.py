"""What the plan adds to the reference, by year, payer, purpose, line and province: what a request for money is for."""

from __future__ import annotations

from collections.abc import Sequence

from qicsim.ground.numbers import millions
from qicsim.plan.record import ALL, COLLABORATIVES, PAYMENTS, Plan
from qicsim.report.book.budget import HEAD_ROW, PART_WORDS, frame
from qicsim.report.book.detail import REFERENCE
from qicsim.report.book.sheet import Book
from qicsim.report.book.spent import FIRST_YEAR, Source, all_spending, intervals, parts_of, section, summed

NAME = "Plan minus reference"
FIRST_SECTION = HEAD_ROW + 1


def write_increment(book: Book, plan: Plan) -> None:
    """The sheet of what the plan adds."""
    budget, more = plan.budget, plan.budget.increment
    sheet = book.sheet(NAME, f"What the plan spends more than the reference, {budget.years[0]} to {budget.years[-1]}, "
                             f"constant US$ of {budget.price_year}", words_of(plan))
    frame(sheet, plan)
    source, line = Source(more.mean, lambda year, wanted: _difference(plan, year, wanted)), FIRST_SECTION
    for part in parts_of(plan, more.mean):
        line = section(sheet, part, line, source)
    paid = FIRST_SECTION + 1 + len(budget.payers)
    line = all_spending(sheet, plan, more.mean, (paid, line), "All that is added (rates: sheet Budget)")
    rows = [(words, more.by_part.rows(place), more.total.rows(place)) for place, words in PART_WORDS]
    last = intervals(sheet, rows, line, "Intervals between runs of what is added, US$, not discounted") - 2
    sheet.table(HEAD_ROW, last, FIRST_YEAR + len(budget.years), kept=FIRST_YEAR, filtered=False)


def words_of(plan: Plan) -> str:
    """The increment in a sentence, with what of it is for collaboratives and what follows from scores."""
    total = plan.budget.increment.total
    shown = [millions(float(total.mean[place])) for place in (ALL, COLLABORATIVES, PAYMENTS)]
    return (f"The plan adds US$ {shown[0]} million to what the reference spends: {shown[1]} million for "
            f"collaboratives, and {shown[2]} million of PBF payments that follow recorded scores, whether or not care "
            "is truly better. Scenario minus reference, run by run, means; all sums are formulas over the sheets "
            "Budget detail and Reference detail. A negative number is saved.")


def _difference(plan: Plan, year: int, wanted: Sequence[tuple[int, str]]) -> str:
    return f"{summed(plan, year, wanted)}-{summed(plan, year, wanted, REFERENCE)}"
