"""Coach posts of the nation with their pay: posts can be changed, and what they cost follows."""

from __future__ import annotations

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_YEAR
from qicsim.plan.record import COUNT, MONEY, Plan
from qicsim.report.book import model
from qicsim.report.book.places import AT_WORK, COACH_WORDS, NEEDED, POSTS, coach_rows
from qicsim.report.book.sheet import INPUT, SUM, TOTAL, WRAPPED, Book, Sheet, cell, total
from qicsim.report.language import say, text

NAME = text("Coach posts")
HEAD_ROW, FIRST_YEAR = 3, 3
STATISTICS = (text("mean"), text("low"), text("high"), text("n"))
GAPS = ((text("Posts that are vacant (planned minus at work)"), POSTS, AT_WORK),
        (text("Coaches short for every visit (needed minus planned)"), NEEDED, POSTS))
LINE = "coach_posts"


def row_of(measure: int, statistic: int = 0) -> int:
    """The row in which a statistic of posts, coaches at work, needed or trained stands."""
    return HEAD_ROW + 1 + measure * len(STATISTICS) + statistic


def write_posts(book: Book, plan: Plan) -> None:
    """The sheet of the nation's coaches and of what posts cost."""
    sheet = book.sheet(NAME, say("Coach posts of operational districts and their pay, {first} to {last}",
                                 first=plan.baseline_year, last=plan.years[-1]),
                       say("Part-time district coaches at the ends of years, means of runs. Posts (yellow) may be "
                           "changed: months of pay in the budget follow them. A negative number of vacant posts or of "
                           "coaches short is a surplus."))
    rows, years = coach_rows(plan), len(plan.axis)
    sheet.fit(0, [*map(say, COACH_WORDS), *(say(title) for title, _, _ in GAPS), say("Pay of posts nobody needs, a "
                                                                                     "year")])
    sheet.widths((1, 2, 12), (FIRST_YEAR, FIRST_YEAR + years, 11))
    sheet.heads(HEAD_ROW, [say("Coaches"), say("Statistic"), say("Unit"), *plan.axis, say("Total")], numbers=FIRST_YEAR)
    for measure, row in enumerate(rows):
        values = (row.spread.mean[0], row.spread.low[0], row.spread.high[0], row.spread.n[0].astype(float))
        for number, (statistic, numbers) in enumerate(zip(STATISTICS, values, strict=True)):
            line = row_of(measure, number)
            sheet.texts(line, (row.title, say(statistic), say("runs") if statistic == "n" else say("coaches")))
            sheet.numbers(line, FIRST_YEAR, numbers, COUNT,
                          INPUT if (measure, number) == (POSTS, 0) else WRAPPED)
    means = [row.spread.mean[0] for row in rows]
    line = row_of(len(COACH_WORDS))
    for number, (title, more, less) in enumerate(GAPS):
        sheet.texts(line + number, (say(title), say("mean"), say("coaches")), TOTAL)
        for at in range(years):
            column = FIRST_YEAR + at
            sheet.formula(line + number, column, f"={cell(row_of(more), column)}-{cell(row_of(less), column)}",
                          float(means[more][at] - means[less][at]), COUNT)
    last = _pay(sheet, plan, (means[POSTS], means[NEEDED]), line + len(GAPS))
    sheet.table(HEAD_ROW, last, FIRST_YEAR + years, kept=3, filtered=False)


def _pay(sheet: Sheet, plan: Plan, means: tuple[np.ndarray, np.ndarray], line: int) -> int:
    """Pay of a post and month, of all posts, and of those beyond what every visit needs; returns the last row."""
    held = plan.budget
    at = held.lines.index(LINE) if LINE in held.lines else -1
    if at not in model.bought(plan):
        return line - 1
    posts, needed = (one[1:] for one in means)
    amounts, counts = held.own.mean.sum(axis=(1, 3))[:, at], held.quantities.own[at]
    price = np.divide(amounts, counts, out=np.full(len(counts), model.price_of(plan, at)), where=counts > 0.0)
    rows = ((say("Pay of a post and month"), price), (say("Pay of all posts if filled, a year"),
                                                      MONTHS_PER_YEAR * posts * price),
            (say("Pay of posts nobody needs, a year"), MONTHS_PER_YEAR * np.maximum(posts - needed, 0.0) * price))
    for number, (title, values) in enumerate(rows):
        row = line + number
        sheet.texts(row, (title, say("mean"), say("US$")), TOTAL)
        for year, value in enumerate(values):
            column = FIRST_YEAR + 1 + year
            pay, post, need = cell(line, column), cell(row_of(POSTS), column), cell(row_of(NEEDED), column)
            formula = (f"={cell(model.row_of(plan, at, model.PRICE), model.FIRST_YEAR + year, sheet=model.QUANTITIES)}",
                       f"={post}*{MONTHS_PER_YEAR}*{pay}", f"=MAX({post}-{need},0)*{MONTHS_PER_YEAR}*{pay}")[number]
            sheet.formula(row, column, formula, float(value), MONEY if number else "price")
        if number:
            end = FIRST_YEAR + 1 + len(values)
            sheet.formula(row, end, total((row, FIRST_YEAR + 1), (row, end - 1)), float(values.sum()), MONEY, SUM)
    return line + 2
