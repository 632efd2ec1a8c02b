"""Coach posts of the nation: planned, filled, needed, trained; and what is missing, as formulas."""

from __future__ import annotations

from qicsim.ground.intervals import Intervals
from qicsim.plan.record import COUNT, Plan
from qicsim.report.book.cells import cell, total
from qicsim.report.book.measures import coach_rows
from qicsim.report.book.sheet import STRONG_WRAPPED, TOTAL, WRAPPED, Book, Sheet

NAME = "Coaches nation"
HEAD_ROW, FIRST_YEAR = 3, 3
STATISTICS = ("mean", "low", "high", "n")
POSTS, AT_WORK, NEEDED, TRAINED = range(4)
GAPS = (("Posts that are vacant (planned minus at work)", POSTS, AT_WORK),
        ("Coaches short for every visit (needed minus planned)", NEEDED, POSTS))


def row_of(measure: int, statistic: str = "mean") -> int:
    """The row in which a statistic of posts, coaches at work, needed or trained stands."""
    return HEAD_ROW + 1 + measure * len(STATISTICS) + STATISTICS.index(statistic)


def write_coaches(book: Book, plan: Plan) -> None:
    """The sheet of the nation's coaches."""
    sheet = book.sheet(NAME, f"Coaches of operational districts, {plan.baseline_year} to {plan.years[-1]}",
                       "Part-time district coaches at the end of the year, means between runs, shown as whole posts. "
                       "A negative number of vacant posts or of coaches short is a surplus.")
    rows, years = coach_rows(plan), len(plan.axis)
    sheet.fit(0, [*(row.title for row in rows), *(title for title, _, _ in GAPS)])
    sheet.widths((1, 2, 12), (FIRST_YEAR, FIRST_YEAR + years - 1, 10))
    sheet.heads(HEAD_ROW, ["Coaches", "Statistic", "Unit", *plan.axis], numbers=FIRST_YEAR)
    for measure, row in enumerate(rows):
        _measure(sheet, measure, row.title, row.spread)
    first = HEAD_ROW + 1 + 4 * len(STATISTICS)
    means = [row.spread.mean[0] for row in rows]
    for number, (title, more, less) in enumerate(GAPS):
        line = first + number
        for column, text in enumerate((title, "mean", "coaches")):
            sheet.text(line, column, text, TOTAL)
        for place in range(years):
            column = FIRST_YEAR + place
            sheet.formula(line, column, f"={cell(row_of(more), column)}-{cell(row_of(less), column)}",
                          float(means[more][place] - means[less][place]), COUNT)
    _trained(sheet, plan, first + len(GAPS))
    sheet.table(HEAD_ROW, first + len(GAPS), FIRST_YEAR + years - 1, kept=3, filtered=False)


def _measure(sheet: Sheet, measure: int, title: str, spread: Intervals) -> None:
    values = (spread.mean[0], spread.low[0], spread.high[0], spread.n[0].astype(float))
    for statistic, numbers in zip(STATISTICS, values, strict=True):
        line, style = row_of(measure, statistic), STRONG_WRAPPED if statistic == "mean" else WRAPPED
        for column, text in enumerate((title, statistic, "runs" if statistic == "n" else "coaches")):
            sheet.text(line, column, text, style)
        sheet.numbers(line, FIRST_YEAR, numbers, COUNT, style)


def _trained(sheet: Sheet, plan: Plan, line: int) -> None:
    """Coaches trained over the years of the plan, without the baseline year."""
    for column, text in enumerate((f"Coaches trained, {plan.years[0]} to {plan.years[-1]}", "mean", "coaches")):
        sheet.text(line, column, text, TOTAL)
    row, last = row_of(TRAINED), FIRST_YEAR + len(plan.years)
    sheet.formula(line, FIRST_YEAR, total((row, FIRST_YEAR + 1), (row, last)),
                  float(plan.coaches.trained.mean[0, 1:].sum()), COUNT)
