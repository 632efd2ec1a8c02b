"""Posterior predictive of everything reported, and prediction of what was not fitted.

What was fitted is held against the runs behind the posterior; a check against fresh runs of draws as projections take
them (`fitting.joined_values`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from qicsim.estimate.calibrate.bank import Bank, bank_of
from qicsim.estimate.calibrate.checks import Predicted, predictive
from qicsim.estimate.calibrate.fitting import Fit, fit_some, joined_values
from qicsim.estimate.calibrate.noise import FIRST_FRESH_BLOCK, block_of_streams
from qicsim.estimate.calibrate.posterior import Diagnostics, Posterior
from qicsim.estimate.calibrate.problem import KINDS, Problem, Target
from qicsim.estimate.calibrate.targets import Report, summaries
from qicsim.ground.translatable import as_written, in_a_row, tell

EXACT = 1e-9
FRESH = FIRST_FRESH_BLOCK + 1024


@dataclass(frozen=True)
class Checked:
    """A reported value against 5, 50, 95 % of runs and 5, 95 % of reports; nan where the model gives no number."""

    key: str
    quantity: str
    at: str
    role: str
    kind: str
    observed: float
    sd: float
    discrepancy: float
    low: float
    middle: float
    high: float
    reported_low: float
    reported_high: float
    tail: float
    missed: bool
    note: str


@dataclass(frozen=True)
class Early:
    """What the early targets alone predict: rows of later targets, the posterior's diagnostics, how many were hit."""

    fitted: tuple[str, ...]
    rows: tuple[Checked, ...]
    diagnostics: Diagnostics

    @property
    def inside(self) -> int:
        """How many later values lie within the stated 90 % interval."""
        return sum(not row.missed for row in self.rows)


def checked(fitted: Fit) -> tuple[Checked, ...]:
    """Every report, in the order of the file; one that the model has built in has no numbers."""
    keys, fresh = {target.summary for target in fitted.problem.targets}, _joined_runs(fitted)
    return tuple(_row(report, fitted.problem, *((fitted.pool, fitted.posterior) if report.key in keys else fresh))
                 for report in fitted.reports)


def _joined_runs(fitted: Fit) -> tuple[Bank, Posterior]:
    """Fresh runs of joined draws, all of the same weight."""
    n = fitted.study.paired
    streams = block_of_streams(FRESH, n)
    summaries = fitted.history.summaries(joined_values(fitted, n), streams, seed=fitted.study.seed)
    cube = np.full((n, len(fitted.problem.parameters)), 0.5)
    bank = bank_of(fitted.problem, cube, summaries, streams=streams, seed=fitted.study.seed)
    equal = np.full(n, 1.0 / n)
    return bank, Posterior(bank.parameters, cube, equal, np.arange(n), False,
                           Diagnostics("joined", n, n, float(n)))


def early_prediction(fitted: Fit) -> Early | None:
    """Fit what was known early and predict what was reported later; None if nothing early is fitted."""
    reports = fitted.study.fitted(fitted.reports)
    first = tuple(report.key for report in reports if report.early)
    if not first:
        return None
    problem, bank, posterior = fit_some(fitted, first)
    return Early(first, tuple(_row(report, problem, bank, posterior) for report in reports if not report.early),
                 posterior.diagnostics)


def _row(report: Report, problem: Problem, bank: Bank, posterior: Posterior) -> Checked:
    nothing = float("nan")
    head = Checked(report.key, report.quantity, report.at, report.role, report.kind, report.value, report.sd,
                   report.discrepancy, nothing, nothing, nothing, nothing, nothing, nothing, missed=False,
                   note=report.note)
    if report.key not in summaries() or report.kind not in KINDS:
        return head
    sd = report.sd if np.isfinite(report.sd) else EXACT
    finite = np.isfinite(bank.values[posterior.members, summaries().index(report.key)])
    one = problem.with_targets([Target(report.key, report.value, sd, report.kind)])
    found: Predicted = predictive(one, bank, _some(posterior, finite))[0]
    missing = int((~finite).sum())
    notes = (as_written(report.note), tell("{count} runs without a value", count=missing) if missing else "")
    return replace(head, low=found.low, middle=found.middle, high=found.high, reported_low=found.reported_low,
                   reported_high=found.reported_high, tail=found.tail, missed=found.missed,
                   note=in_a_row(filter(None, notes)))


def _some(posterior: Posterior, rows: np.ndarray) -> Posterior:
    if rows.all():
        return posterior
    weights = posterior.weights[rows] / posterior.weights[rows].sum()
    return Posterior(posterior.parameters, posterior.cube[rows], weights, posterior.members[rows], posterior.adjusted,
                     posterior.diagnostics)
