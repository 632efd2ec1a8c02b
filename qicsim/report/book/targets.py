"""The targets on one page: baseline, yearly targets, how sure they are, who is responsible, how they are verified."""

from __future__ import annotations

from qicsim.plan.record import SHARE, SURE, Plan, Target
from qicsim.report.book.sheet import ASIDE, WRAPPED, Book, Sheet

NAME = "Targets"
HEAD_ROW, FIRST_YEAR = 3, 2
A3 = 8  # the number of the paper in xlsx: on A4 the type of so many columns would be too small to read
NOTE = ("A target is the mean between runs at the end of the year. Where few runs are far above the others, fewer "
        "than half reach it: later columns say how many do, and which level {sure:.0%} of the runs reach, which is "
        "safer to promise. What is not measured today is what the model holds to be true: no target to hold anybody "
        "to. Who is responsible is a proposal, for the ministry to change.")


def write_targets(book: Book, plan: Plan) -> None:
    """The sheet of targets."""
    end = plan.years[-1]
    sheet = book.sheet(NAME, f"Baseline {plan.baseline_year} and targets to {end}, {plan.whole}",
                       NOTE.format(sure=SURE))
    years, after = len(plan.axis), FIRST_YEAR + len(plan.axis)
    sheet.fit(0, [target.title for target in plan.targets], most=44)
    sheet.widths((1, 1, 12), (FIRST_YEAR, after - 1, 11), (after, after + 2, 13))
    for column, texts in enumerate(([one.responsible for one in plan.targets], [one.verified for one in plan.targets]),
                                   start=after + 3):
        sheet.fit(column, texts, most=30)
    sheet.heads(HEAD_ROW, ["Indicator", "Unit", f"{plan.baseline_year} baseline, simulated", *plan.years,
                           f"Reference {end}", f"Runs that reach the target of {end}",
                           f"Level that {SURE:.0%} of runs reach in {end}"], numbers=FIRST_YEAR)
    sheet.heads(HEAD_ROW, ["Responsible (a proposal)", "Means of verification"], after + 3)
    for line, target in enumerate(plan.targets, start=HEAD_ROW + 1):
        _target(sheet, target, line, years)
    sheet.table(HEAD_ROW, HEAD_ROW + len(plan.targets), after + 4, kept=1)
    sheet.sheet.set_paper(A3)


def _target(sheet: Sheet, target: Target, line: int, years: int) -> None:
    after, last = FIRST_YEAR + years, (0, -1)
    sheet.text(line, 0, target.title, WRAPPED)
    sheet.text(line, 1, target.shown_unit, WRAPPED)
    sheet.text(line, after + 3, target.responsible, ASIDE)
    sheet.text(line, after + 4, target.verified, ASIDE)
    sheet.numbers(line, FIRST_YEAR, target.scenario.mean[0], target.form)
    sheet.number(line, after, float(target.reference.mean[last]), target.form)
    sheet.number(line, after + 1, float(target.reached[last]) if target.direction else float("nan"), SHARE)
    sheet.number(line, after + 2, float(target.sure[last]) if target.direction else float("nan"), target.form)
