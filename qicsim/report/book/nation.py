"""The nation's indicators in full: target, interval, reference and difference, a row for each."""

from __future__ import annotations

import numpy as np

from qicsim.plan.record import COUNT, Plan, Spread, Target
from qicsim.report.book.cells import cell
from qicsim.report.book.sheet import STRONG, TEXT, Book, Sheet

NAME = "Indicators nation"
HEAD_ROW, FIRST_YEAR = 3, 4
STATISTICS = ("Target (mean)", "Target, low", "Target, high", "Reference (mean)", "Difference (mean)",
              "Difference, low", "Difference, high", "Runs with a value (n)")


def row_of(plan: Plan, target: str, statistic: str) -> int:
    """The row of the sheet in which a statistic of an indicator stands."""
    names = [one.name for one in plan.targets]
    return HEAD_ROW + 1 + names.index(target) * len(STATISTICS) + STATISTICS.index(statistic)


def write_nation(book: Book, plan: Plan) -> None:
    """The sheet of the nation."""
    sheet = book.sheet(NAME, f"National indicators: baseline {plan.baseline_year}, targets to {plan.years[-1]}",
                       "At the end of the year. Low and high are the 5 % and 95 % points between runs; differences are "
                       "scenario minus reference, run by run.")
    sheet.heads(HEAD_ROW, ["Indicator", "Statistic", "Unit", "Responsible",
                           *(f"{year} baseline" if year == plan.baseline_year else str(year) for year in plan.axis),
                           "Change since the baseline"])
    for target in plan.targets:
        _target(sheet, plan, target)
    last = HEAD_ROW + len(plan.targets) * len(STATISTICS)
    sheet.table(HEAD_ROW, last, FIRST_YEAR + len(plan.axis), kept=2)
    sheet.widths((0, 0, 44), (1, 1, 22), (2, 2, 14), (3, 3, 34), (FIRST_YEAR, FIRST_YEAR + len(plan.axis), 12))
    sheet.sheet.set_row(HEAD_ROW, 32)


def _target(sheet: Sheet, plan: Plan, target: Target) -> None:
    there, other, apart = target.scenario, target.reference, target.difference
    rows = (there.mean, there.low, there.high, other.mean, apart.mean, apart.low, apart.high, _runs(there))
    for statistic, values in zip(STATISTICS, rows, strict=True):
        line = row_of(plan, target.name, statistic)
        first = statistic == STATISTICS[0]
        style = STRONG if first else TEXT
        form = COUNT if statistic == STATISTICS[-1] else target.form
        for column, text in enumerate((target.title, statistic, target.unit, target.responsible)):
            sheet.text(line, column, text, style)
        sheet.numbers(line, FIRST_YEAR, values[0], form, style)
        if first and target.scenario.n[0, 0] and target.scenario.n[0, -1]:
            _change(sheet, plan, target, line)


def _runs(spread: Spread) -> np.ndarray:
    return spread.n.astype(float)


def _change(sheet: Sheet, plan: Plan, target: Target, line: int) -> None:
    """The last target minus the baseline, as a formula."""
    end, mean = FIRST_YEAR + len(plan.years), target.scenario.mean[0]
    sheet.formula(line, end + 1, f"={cell(line, end)}-{cell(line, FIRST_YEAR)}", float(mean[-1] - mean[0]), target.form)
