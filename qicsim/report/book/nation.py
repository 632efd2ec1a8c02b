"""The nation's indicators in full: target, projection, chances, reference and difference, a row for each."""

from __future__ import annotations

import numpy as np

from qicsim.ground.intervals import Intervals
from qicsim.plan.record import COUNT, POINTS, SHARE, Plan, Target
from qicsim.report.book.places import PER_SHARE
from qicsim.report.book.sheet import STRONG_WRAPPED, WRAPPED, Book, Sheet, cell
from qicsim.report.language import say, text, text_of
from qicsim.report.plan_words import whole_of

NAME = text("Indicators nation")
HEAD_ROW, FIRST_YEAR = 3, 3
MEAN, LOW, HIGH, OTHER = text("Target (mean)"), text("Projection, low"), text("Projection, high"), text("Reference "
                                                                                                        "(mean)")
MEDIAN, REACHED = text("Projection, median"), text("Runs that reach the target")
SAFE = text("Level that 80 % of runs reach")
GAIN, GAIN_LOW, GAIN_HIGH, RUNS = (text("Difference (mean)"), text("Difference, low"), text("Difference, high"),
                                   text("Runs with a value (n)"))
STATISTICS = (MEAN, LOW, MEDIAN, HIGH, REACHED, SAFE, OTHER, GAIN, GAIN_LOW, GAIN_HIGH, RUNS)
DIFFERENCES = frozenset({GAIN, GAIN_LOW, GAIN_HIGH})


def row_of(plan: Plan, target: str, statistic: str) -> int:
    """The row of the sheet in which a statistic of an indicator stands."""
    names = [one.name for one in plan.targets]
    return HEAD_ROW + 1 + names.index(target) * len(STATISTICS) + STATISTICS.index(statistic)


def write_nation(book: Book, plan: Plan) -> None:
    """The sheet of the nation."""
    sheet = book.sheet(NAME, say("Indicators, {whole}: baseline {first}, targets to {last}", whole=whole_of(plan),
                                 first=plan.baseline_year, last=plan.years[-1]),
                       say("At the ends of years. Low and high are the 5 % and 95 % points between runs; differences "
                           "are scenario minus reference, run by run, for shares in percentage points. A run reaches "
                           "the target where it is at the mean or better."))
    last = HEAD_ROW + len(plan.targets) * len(STATISTICS)
    sheet.fit(0, [text_of(target.title) for target in plan.targets], most=46)
    sheet.fit(1, [say(one) for one in STATISTICS])
    sheet.widths((2, 2, 19), (FIRST_YEAR, FIRST_YEAR + len(plan.years), 11),
                 (FIRST_YEAR + len(plan.axis), FIRST_YEAR + len(plan.axis), 15))
    sheet.heads(HEAD_ROW, [say("Indicator"), say("Statistic"), say("Unit"),
                           say("{year} baseline, simulated", year=plan.baseline_year), *plan.years,
                           say("Change since the baseline")], numbers=FIRST_YEAR)
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
        return COUNT, say("runs")
    if statistic == REACHED:
        return SHARE, say("% of runs")
    if statistic in DIFFERENCES:
        return POINTS if target.form == SHARE else target.form, say(target.difference_unit)
    return target.form, say(target.shown_unit)


def _target(sheet: Sheet, plan: Plan, target: Target) -> None:
    for statistic, values in values_of(target).items():
        line = row_of(plan, target.name, statistic)
        style = STRONG_WRAPPED if statistic == MEAN else WRAPPED
        form, unit = _form(target, statistic)
        sheet.texts(line, (text_of(target.title), say(statistic), unit), style)
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
        sheet.formula(line, end + 1, f"={PER_SHARE:.0f}*({formula})", PER_SHARE * change, POINTS)
    else:
        sheet.formula(line, end + 1, f"={formula}", change, target.form)
