"""Simulation-based calibration: fit what runs of the bank would have reported, and see where the truth ranks.

Each pseudo-truth is a run of the bank; its own noisy summaries are the observation, the run itself is left out. If
posteriors are right, the truth is one more draw from each of them, and its rank is uniform (Talts and others 2018).
Besides the parameters, the log-likelihood of the run is ranked where draws were not moved: it shows a posterior that
ignores the data, which no parameter would (Modrak and others 2023).

The prior of the check is what the bank's draws come from. On `Rounds.near()`, that is the proposals of a sequential
fit: a check of likelihood, simulator and weights where the real observation lies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qicsim.estimate.calibrate.bank import Bank
from qicsim.estimate.calibrate.likelihood import log_likelihood, observed_from
from qicsim.estimate.calibrate.metric import noisy_summaries
from qicsim.estimate.calibrate.noise import CHOICE, RANKS, generator
from qicsim.estimate.calibrate.posterior import Posterior
from qicsim.estimate.calibrate.problem import Problem
from qicsim.estimate.calibrate.scores import scores_of
from qicsim.ground.errors import Fault, SettingError

Fit = Callable[[Problem, Bank], Posterior]
LOG_LIKELIHOOD = "log-likelihood"
FEWEST = 500


@dataclass(frozen=True, eq=False)
class Ranks:
    """Ranks of truths in their posteriors.

    Attributes:
        quantities: names of the columns of `ranks`: parameters, then the log-likelihood where it was ranked.
        ranks: between 0 and 1, (n, quantities).
        rows: rows of the bank that were the truths, (n,).
        truths, means, sds: normal scores of the parameters: true, posterior mean and sd; (n, d).
        effective_samples: of the posteriors, (n,).
        methods: of the posteriors, (n,).
    """

    quantities: tuple[str, ...]
    ranks: np.ndarray
    rows: np.ndarray
    truths: np.ndarray
    means: np.ndarray
    sds: np.ndarray
    effective_samples: np.ndarray
    methods: tuple[str, ...]


def sbc_ranks(problem: Problem, bank: Bank, fit: Fit, *, n: int = FEWEST, seed: int = 1,
              rows: np.ndarray | None = None, progress: Callable[[int, int], None] | None = None) -> Ranks:
    """Rank the truth in posteriors of `n` pseudo-observations.

    Args:
        problem: states the targets, whose spreads and bounds the pseudo-observations share.
        bank: draws; those chosen as truths are left out one by one.
        fit: from a problem and a bank to a posterior, as `importance`, `approximate` or `choose`; let it use a metric
            that was learned once from the whole bank, or every fit learns it again.
        n: pseudo-observations, at most the usable runs.
        seed: fixes which runs are chosen, and the ranks of ties.
        rows: runs of the bank to be the truths, instead of `n` chosen at random.
        progress: called with (fits done, fits in all).

    Raises:
        SettingError: if there are fewer usable runs than `n` + 1.
    """
    rows = _truths(bank, n, seed) if rows is None else rows
    ties = generator(seed, RANKS).random((len(rows), len(problem.parameters) + 1))
    values, noisy, observation = bank.targeted(problem)[0], noisy_summaries(problem, bank), problem.observation
    scores = scores_of(bank.cube)
    found = []
    for done, row in enumerate(rows):
        pseudo = problem.with_observation(observed_from(noisy[row], observation))
        posterior = fit(pseudo, bank.without(int(row)))
        below = posterior.below(bank.cube[row])
        if not posterior.adjusted and problem.targets:
            below = np.append(below, _log_likelihood_below(pseudo, posterior, values, int(row)))
        moved = scores_of(posterior.cube) if posterior.adjusted else scores[posterior.members]
        found.append(_ranked(posterior, moved, below, ties[done]))
        if progress is not None:
            progress(done + 1, len(rows))
    ranks, means, sds, effective, methods = zip(*found, strict=True)
    width = min(len(one) for one in ranks)
    names = (*problem.parameters, LOG_LIKELIHOOD)[:width]
    return Ranks(names, np.array([one[:width] for one in ranks]), rows, scores[rows], np.array(means),
                 np.array(sds), np.array(effective), methods)


def _truths(bank: Bank, n: int, seed: int) -> np.ndarray:
    usable = np.flatnonzero(bank.usable)
    if not 1 <= n < len(usable):
        allowed = f"1 to {len(usable) - 1}, one less than the bank's usable runs"
        raise SettingError("", [Fault("n", f"{n} pseudo-observations", allowed)])
    return generator(seed, CHOICE).choice(usable, size=n, replace=False)


def _ranked(posterior: Posterior, scores: np.ndarray, below: np.ndarray,
            ties: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, float, str]:
    """Ranks of one truth, posterior mean and sd of the scores, effective sample, method."""
    effective = posterior.diagnostics.effective_sample
    mean = posterior.weights @ scores
    variance = posterior.weights @ (scores - mean) ** 2
    # The truth is one of effective + 1 exchangeable draws: its rank lies anywhere between two of the others.
    ranks = (below * effective + ties[:len(below)]) / (effective + 1.0)
    return ranks, mean, np.sqrt(variance), effective, posterior.diagnostics.method


def _log_likelihood_below(pseudo: Problem, posterior: Posterior, values: np.ndarray, row: int) -> float:
    logs = log_likelihood(values[np.append(posterior.members, row)], pseudo.observation)
    return float(posterior.weights @ ((logs[:-1] < logs[-1]) + 0.5 * (logs[:-1] == logs[-1])))
