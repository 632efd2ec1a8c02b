"""Structural alternatives side by side: how much better or worse the reported history fits under each.

The evidence of a structure is the mean likelihood over its prior. It is estimated for the shipped form and for the
alternative on the same draws and luck, those of the last rounds, each weighted by prior over proposal:

    evidence = sum w L / sum w

so that chance cancels in the ratio. An alternative that does not speak about some targets is compared on the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qicsim.estimate.calibrate.bank import Bank
from qicsim.estimate.calibrate.fill import simulate_chunk
from qicsim.estimate.calibrate.fitting import CHUNK, Fit, history_problem
from qicsim.estimate.calibrate.importance import NEGLIGIBLE
from qicsim.estimate.calibrate.likelihood import discrepancy, log_likelihood
from qicsim.estimate.calibrate.posterior import effective_sample
from qicsim.estimate.calibrate.problem import Problem
from qicsim.estimate.calibrate.reported_history import History
from qicsim.estimate.calibrate.study import Alternative
from qicsim.estimate.calibrate.targets import counts_of
from qicsim.ground.translatable import tell
from qicsim.inputs.scenario import Scenario, load_scenario
from qicsim.inputs.scenario.structure import restructured

CLEAR = 3.0
ERRORS = 2.0
FEWEST_EFFECTIVE = 20.0
TOO_FEW = tell("too few runs fit to compare")


@dataclass(frozen=True)
class Structural:
    """An alternative against the shipped form.

    log_ratio, error  log of its evidence over the shipped form's, and its standard error
    weight            its posterior probability if both were equally likely before
    effective         effective sample behind its evidence;  shipped_effective  behind the shipped form's
    mismatch          mean root mean square deviation from the targets, in spreads
    shipped_mismatch  that of the shipped form
    """

    name: str
    title: str
    log_ratio: float
    error: float
    weight: float
    effective: float
    shipped_effective: float
    mismatch: float
    shipped_mismatch: float
    verdict: str

    @property
    def weight_in_words(self) -> str:
        """The weight with the one digit that such samples bear; none where too few runs fit to compare."""
        return "" if self.verdict == TOO_FEW else f"{self.weight:.1f}"


def structures(fitted: Fit, *, progress: Callable[[int, int], None] | None = None) -> tuple[Structural, ...]:
    """Every alternative of the study; its runs are kept where those of the fit are."""
    study, found = fitted.study, []
    runs = fitted.pool.rows(slice(max(len(fitted.pool) - study.alternative_runs, 0), None))
    for done, one in enumerate(study.alternatives):
        shared = tuple(target for target in fitted.problem.targets if target.summary not in one.without)
        history = History.of(alternative_scenario(one), totals_at=one.totals_at,
                             workers=fitted.history.workers, store=fitted.history.store)
        problem = history_problem(study, fitted.reports, history).with_targets(shared)
        values = _runs(problem, runs, _counter(progress, done * len(runs), len(study.alternatives) * len(runs)))
        found.append(_compared(one, problem, runs, values))
    return tuple(found)


def _counter(progress: Callable[[int, int], None] | None, before: int, total: int) -> Callable[[int], None]:
    """Progress of one alternative among all."""
    return lambda part: progress(before + part, total) if progress is not None else None


def alternative_scenario(one: Alternative) -> Scenario:
    """The reported scenario with the structure of an alternative."""
    told = load_scenario("reported", horizon_end=counts_of().late)
    return restructured(told, one.forms, schedule=one.schedule, provinces=one.provinces)


def _runs(problem: Problem, runs: Bank, tell: Callable[[int], None]) -> np.ndarray:
    """Summaries of the alternative for the same draws and streams, (n, k); failed runs are not finite."""
    values = np.empty_like(runs.values)
    for first in range(0, len(runs), CHUNK):
        part = slice(first, min(first + CHUNK, len(runs)))
        values[part] = simulate_chunk(problem, runs.cube[part], runs.streams[part])[0]
        tell(part.stop)
    return values


def _compared(one: Alternative, problem: Problem, runs: Bank, values: np.ndarray) -> Structural:
    places = problem.columns
    prior = np.exp(runs.log_weights - runs.log_weights.max())
    other, shipped = (_weights(problem, part[:, places], prior) for part in (values, runs.values))
    log_ratio, error = _log_ratio(other, shipped)
    effective, known = effective_sample(other), effective_sample(shipped)
    return Structural(one.name, one.title, log_ratio, error, float(1.0 / (1.0 + np.exp(-log_ratio))), effective, known,
                      _mismatch(problem, values[:, places], other), _mismatch(problem, runs.values[:, places], shipped),
                      _verdict(log_ratio, error, min(effective, known)))


def _weights(problem: Problem, values: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Prior over proposal times likelihood; zero for a run without a summary, which contradicts what was reported."""
    weights, finite = np.zeros(len(values)), np.isfinite(values).all(axis=1)
    weights[finite] = prior[finite] * np.exp(log_likelihood(values[finite], problem.observation))
    return weights


def _log_ratio(other: np.ndarray, shipped: np.ndarray) -> tuple[float, float]:
    """Log ratio of sums over the same runs, and its standard error by resampling runs."""
    luck, found = np.random.default_rng(1), []
    for _ in range(500):
        rows = luck.integers(len(other), size=len(other))
        found.append(_log(other[rows].sum()) - _log(shipped[rows].sum()))
    return _log(other.sum()) - _log(shipped.sum()), float(np.std(found))


def _log(value: float) -> float:
    return float(np.log(max(value, 1e-300)))


def _mismatch(problem: Problem, values: np.ndarray, weights: np.ndarray) -> float:
    rows = weights > NEGLIGIBLE * weights.max(initial=0.0)
    if not rows.any():
        return float("nan")
    return float(np.average(discrepancy(values[rows], problem.observation), weights=weights[rows]))


def _verdict(log_ratio: float, error: float, effective: float) -> str:
    if effective < FEWEST_EFFECTIVE:
        return TOO_FEW
    if abs(log_ratio) < np.log(CLEAR) or abs(log_ratio) < ERRORS * error:
        return tell("the data cannot tell it from the shipped form")
    return tell("the data favour it") if log_ratio > 0.0 else tell("the data speak against it")
