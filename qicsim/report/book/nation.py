"""The nation's indicators in full: target, projection, chances, reference and difference, a row for each."""

from __future__ import annotations

import numpy as np

from qicsim.ground.intervals import Intervals
from qicsim.plan.record import COUNT, POINTS, SHARE, SURE, Plan, Target
from qicsim.report.book.cells import cell
from qicsim.report.book.sheet import PER_SHARE, STRONG_WRAPPED, WRAPPED, Book, Sheet

NAME = "Indicators nation"
HEAD_ROW, FIRST_YEAR = 3, 3
MEAN, LOW, HIGH, OTHER = "Target (mean)", "Projection, low", "Projection, high", "Reference (mean)"
MEDIAN, REACHED, SAFE = "Projection, median", "Runs that reach the target", f"Level that {SURE:.0%} of runs reach"
GAIN, GAIN_LOW, GAIN_HIGH, RUNS = ("Difference (mean)", "Difference, low", "Difference, high", "Runs with a value (n)")
STATISTICS = (MEAN, LOW, MEDIAN, HIGH, REACHED, SAFE, OTHER, GAIN, GAIN_LOW, GAIN_HIGH, RUNS)
DIFFERENCES = frozenset({GAIN, GAIN_LOW, GAIN_HIGH})


def row_of(plan: Plan, target: str, statistic: str) -> int:
    """The row of the sheet in which a statistic of an indicator stands."""
    names = [one.name for one in plan.targets]
    return HEAD_ROW + 1 + names.index(target) * len(STATISTICS) + STATISTICS.index(statistic)


def write_nation(book: Book, plan: Plan) -> None:
    """The sheet of the nation."""
    sheet = book.sheet(NAME, f"Indicators of {plan.whole}: baseline {plan.baseline_year}, targets to {plan.years[-1]}",
                       "At the end of the year. Low and high are the 5 % and 95 % points between runs; differences are "
                       "scenario minus reference, run by run, for shares in percentage points. A run reaches the "
                       "target where it is at the mean or better. Who is responsible, and how a target is verified: "
                       "sheet Targets.")
    last = HEAD_ROW + len(plan.targets) * len(STATISTICS)
    sheet.fit(0, [target.title for target in plan.targets])
    sheet.fit(1, STATISTICS)
    sheet.widths((2, 2, 19), (FIRST_YEAR, FIRST_YEAR + len(plan.years), 12),
                 (FIRST_YEAR + len(plan.axis), FIRST_YEAR + len(plan.axis), 15))
    sheet.heads(HEAD_ROW, ["Indicator", "Statistic", "Unit", f"{plan.baseline_year} baseline, simulated", *plan.years,
                           "Change since the baseline"], numbers=FIRST_YEAR)
    for target in plan.targets:
        _target(sheet, plan, target)
    sheet.table(HEAD_ROW, last, FIRST_YEAR + len(plan.axis), kept=2)


def values_of(target: Target) -> dict[str, np.ndarray]:
    """The statistics of the nation as the sheet shows them, (years,): differences of shares in percentage points."""
    there, apart, scale = target.scenario, target.difference, PER_SHARE if target.form == SHARE else 1.0
    found = {MEAN: there.mean, LOW: there.low, MEDIAN: target.median, HIGH: there.high, REACHED: _reached(target),
             SAFE: target.sure if target.direction else np.full_like(target.sure, np.nan),
             OTHER: target.reference.mean, GAIN: scale * apart.mean, GAIN_LOW: scale * apart.low,
             GAIN_HIGH: scale * apart.high, RUNS: _runs(there)}
    return {name: values[0] for name, values in found.items()}


def _reached(target: Target) -> np.ndarray:
    """Shares of runs that reach the target; none where neither more nor less is a goal."""
    return target.reached if target.direction else np.full_like(target.reached, np.nan)


def _form(target: Target, statistic: str) -> tuple[str, str]:
    """The form of a statistic's numbers, and its unit."""
    if statistic == RUNS:
        return COUNT, "runs"
    if statistic == REACHED:
        return SHARE, "% of runs"
    if statistic in DIFFERENCES:
        return POINTS if target.form == SHARE else target.form, target.difference_unit
    return target.form, target.shown_unit


def _target(sheet: Sheet, plan: Plan, target: Target) -> None:
    for statistic, values in values_of(target).items():
        line = row_of(plan, target.name, statistic)
        style = STRONG_WRAPPED if statistic == MEAN else WRAPPED
        form, unit = _form(target, statistic)
        for column, text in enumerate((target.title, statistic, unit)):
            sheet.text(line, column, text, style)
        sheet.numbers(line, FIRST_YEAR, values, form, style)
        if statistic == MEAN and target.scenario.n[0, 0] and target.scenario.n[0, -1]:
            _change(sheet, plan, target, line)


def _runs(spread: Intervals) -> np.ndarray:
    return spread.n.astype(float)


def _change(sheet: Sheet, plan: Plan, target: Target, line: int) -> None:
    """The last target minus the baseline, as a formula; of shares in percentage points."""
    end, mean = FIRST_YEAR + len(plan.years), target.scenario.mean[0]
    change, formula = float(mean[-1] - mean[0]), f"{cell(line, end)}-{cell(line, FIRST_YEAR)}"
    if target.form == SHARE:
        sheet.formula(line, end + 1, f"={PER_SHARE:.0f}*({formula})", PER_SHARE * change, "percentage points")
    else:
        sheet.formula(line, end + 1, f"={formula}", change, target.form)
