"""What new data taught beyond an earlier posterior, which of its assumptions they contradict, and what fits now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.estimate.calibrate.checks import INTERVAL, Predicted, predictive
from qicsim.estimate.calibrate.fill import CubePoints
from qicsim.estimate.calibrate.metric import noisy_summaries
from qicsim.estimate.calibrate.parameter_status import LEAST_CONTRACTION, LEAST_SHIFT, SURE
from qicsim.estimate.calibrate.posterior_as_prior import prior_scores
from qicsim.estimate.calibrate.reported_history import Calibrated
from qicsim.estimate.calibrate.update import Update
from qicsim.ground.declare import declared
from qicsim.inputs.observed.targets import KEYS, SUMMARIES

DRAWS = 4096
STRONG, WEAK = 0.01, 0.05
TIED = 3
LEAST_TIE = 0.1


@dataclass(frozen=True)
class Taught:
    """One parameter: 5, 50, 95 % before and after the data; what they taught.

    contraction  share of the earlier variance removed, in normal scores of the declared prior
    shift        change of the mean there, in earlier standard deviations
    new          True where the data taught more than chance could, at this effective sample
    """

    parameter: str
    meaning: str
    unit: str
    before_low: float
    before_middle: float
    before_high: float
    low: float
    middle: float
    high: float
    contraction: float
    shift: float
    new: bool


@dataclass(frozen=True)
class Judged:
    """One observed summary against the model before and after the update.

    before_*, after_*   5, 50, 95 % of what would be observed; nan after where nothing was fitted
    p                   probability of a summary at least as far from the middle, before the data (two-sided)
    conflict            "strong" (p below 1 %), "some" (below 5 %) or ""
    tied                parameters that move the summary most, with the sign of the correlation
    missed              outside the 90 % interval after the update
    """

    summary: str
    meaning: str
    unit: str
    observed: float
    error: float
    chance: float
    sd: float
    discrepancy: float
    before_low: float
    before_middle: float
    before_high: float
    p: float
    conflict: str
    tied: tuple[str, ...]
    after_low: float
    after_middle: float
    after_high: float
    missed: bool


def taught(updated: Update) -> tuple[Taught, ...]:
    """Every parameter, the most contracted first."""
    before = updated.prior.quantile(CubePoints(len(updated.prior.parameters), 1).next(DRAWS))
    after = updated.values(DRAWS)
    old, new = prior_scores(before), prior_scores(after)
    spread = np.where(old.std(axis=0) > 0.0, old.std(axis=0), 1.0)
    removed = 1.0 - (new.std(axis=0) / spread) ** 2
    shift = (new.mean(axis=0) - old.mean(axis=0)) / spread
    chance = 1.0 / np.sqrt(max(updated.posterior.diagnostics.effective_sample, 1.0))
    beyond = ((removed > max(LEAST_CONTRACTION, SURE * np.sqrt(2.0) * chance))
              | (np.abs(shift) > max(LEAST_SHIFT, SURE * chance)))
    first, last = (np.quantile(draws, INTERVAL, axis=0) for draws in (before, after))
    rows = []
    for i, (name, leaf) in enumerate(zip(updated.prior.parameters, declared(Calibrated).values(), strict=True)):
        rows.append(Taught(name, leaf.declaration.meaning, leaf.declaration.unit, *_three(first[:, i]),
                           *_three(last[:, i]), float(removed[i]), float(shift[i]), bool(beyond[i])))
    return tuple(sorted(rows, key=lambda row: -row.contraction))


def _three(values: np.ndarray) -> tuple[float, float, float]:
    low, middle, high = (float(value) for value in values)
    return low, middle, high


def judged(updated: Update) -> tuple[Judged, ...]:
    """Every observed summary: what was to be expected before, whether it is a surprise, and how it fits now."""
    if not updated.aims:
        return ()
    before = predictive(updated.problem, updated.bank, updated.before())
    after = predictive(updated.problem, updated.pool, updated.posterior)
    ties = _ties(updated)
    rows = []
    for aim, old, new, tied in zip(updated.aims, before, after, ties, strict=True):
        known = SUMMARIES[KEYS.index(aim.key)]
        p = surprise(old)
        conflict = "strong" if p < STRONG else "some" if p < WEAK else ""
        rows.append(Judged(aim.key, known.meaning, known.unit, aim.value, aim.error, aim.chance, aim.sd,
                           aim.discrepancy, old.reported_low, old.middle, old.reported_high, p, conflict, tied,
                           new.reported_low, new.middle, new.reported_high, new.missed))
    return tuple(rows)


def surprise(found: Predicted) -> float:
    """Probability of a summary at least as far in a tail; two-sided."""
    return min(2.0 * min(found.tail, 1.0 - found.tail), 1.0)


def _ties(updated: Update) -> list[tuple[str, ...]]:
    """For each target the parameters most correlated with it over runs of the prior, with the sign."""
    rows = updated.bank.usable
    noisy = noisy_summaries(updated.problem, updated.bank)[rows]
    scores = prior_scores(updated.problem.quantile(updated.bank.cube[rows]))
    least = max(LEAST_TIE, SURE / np.sqrt(len(scores)))
    found = []
    for column in noisy.T:
        with np.errstate(invalid="ignore", divide="ignore"):
            tie = np.nan_to_num([np.corrcoef(column, scores[:, i])[0, 1] for i in range(scores.shape[1])])
        best = [i for i in np.argsort(-np.abs(tie))[:TIED] if abs(tie[i]) > least]
        found.append(tuple(f"{updated.prior.parameters[i]} ({tie[i]:+.2f})" for i in best))
    return found
