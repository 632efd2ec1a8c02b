"""Simulation-based calibration: fit what runs of a bank would have reported, and see where the truth ranks.

Each pseudo-truth is a run of the bank; its own noisy summaries are the observation, the run itself is left out. If
posteriors are right, the truth is one more draw from each of them, and its rank is uniform (Talts and others 2018).
Besides the parameters, where draws were not moved, the targets' summaries are ranked, and the log-likelihood of the
run: it shows a posterior that ignores the data, which no parameter would (Modrak and others 2023).

The prior of the check is what the bank's draws stand for. `weighted_bank` makes it a posterior (posterior SBC:
Sailynoja and others 2025): truths are drawn with their posterior weights, their noisy readings are data that come on
top of what was observed, and all other runs keep their posterior weights. So the check is made where the real
observation lies, with the runs, weights and likelihood that the posterior itself rests on. A truth whose weights fail
(Pareto k of 0.7 or more, or too few runs to read it from) is counted and not ranked, since its ranks would mean
nothing; no other estimator stands in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qicsim.estimate.calibrate.bank import Bank
from qicsim.estimate.calibrate.importance import importance, weights_fail
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
        failed: truths whose weights failed, which stand in none of these.
    """

    quantities: tuple[str, ...]
    ranks: np.ndarray
    rows: np.ndarray
    truths: np.ndarray
    means: np.ndarray
    sds: np.ndarray
    effective_samples: np.ndarray
    methods: tuple[str, ...]
    failed: int = 0


def sbc_ranks(problem: Problem, bank: Bank, fit: Fit, *, n: int = FEWEST, seed: int = 1,
              rows: np.ndarray | None = None, errors: np.ndarray | None = None,
              unsound: bool = True, progress: Callable[[int, int], None] | None = None) -> Ranks:
    """Rank the truth in posteriors of `n` pseudo-observations.

    Args:
        problem: states the targets, whose spreads and bounds the pseudo-observations share.
        bank: draws; those chosen as truths are left out one by one.
        fit: from a problem and a bank to a posterior, as `importance`, `approximate` or `choose`; let it use a metric
            that was learned once from the whole bank, or every fit learns it again.
        n: pseudo-observations, at most the usable runs.
        seed: fixes which runs are chosen, and the ranks of ties.
        rows: runs of the bank to be the truths, instead of `n` chosen at random.
        errors: their errors of observation (truths, targets), standard normal; those of the bank if not given.
        unsound: whether truths whose weights fail are ranked like any others.
        progress: called with (fits done, fits in all).

    Raises:
        SettingError: if there are fewer usable runs than `n` + 1.
    """
    rows = _truths(bank, n, seed) if rows is None else rows
    values, observation = bank.targeted(problem)[0], problem.observation
    noisy = (noisy_summaries(problem, bank)[rows] if errors is None else values[rows] + errors * observation.spreads)
    names = (*problem.parameters, *(target.summary for target in problem.targets), LOG_LIKELIHOOD)
    ties = generator(seed, RANKS).random((len(rows), len(names)))
    scores, found, ranked = scores_of(bank.cube), [], []
    for done, row in enumerate(rows):
        pseudo = problem.with_observation(observed_from(noisy[done], observation))
        posterior = fit(pseudo, bank.without(int(row)))
        if progress is not None:
            progress(done + 1, len(rows))
        if not unsound and weights_fail(posterior.diagnostics):
            continue
        below = posterior.below(bank.cube[row])
        if not posterior.adjusted and problem.targets:
            below = np.append(below, _summaries_below(pseudo, posterior, values, int(row), ties[done, len(below):]))
        moved = scores_of(posterior.cube) if posterior.adjusted else scores[posterior.members]
        found.append(_ranked(posterior, moved, below, ties[done]))
        ranked.append(done)
    return _together(names, found, rows[ranked], scores[rows[ranked]], len(rows) - len(found))


def _together(names: tuple[str, ...], found: list[Any], rows: np.ndarray, truths: np.ndarray, failed: int) -> Ranks:
    """The ranks of the truths in one record; `truths` (truths, parameters) are their normal scores."""
    if not found:
        return Ranks(names, np.empty((0, len(names))), rows, truths, truths, truths, np.empty(0), (), failed)
    ranks, means, sds, effective, methods = zip(*found, strict=True)
    width = min(len(one) for one in ranks)
    return Ranks(names[:width], np.array([one[:width] for one in ranks]), rows, truths, np.array(means), np.array(sds),
                 np.array(effective), methods, failed)


def posterior_ranks(problem: Problem, bank: Bank, posterior: Posterior, *, n: int = FEWEST, seed: int = 1,
                    parameters: Sequence[str] = (), fit: Fit = importance,
                    progress: Callable[[int, int], None] | None = None) -> Ranks:
    """Rank `n` truths drawn from a posterior by importance weights, each in its posterior from the other runs.

    Args:
        problem: states the targets, whose spreads and bounds the pseudo-observations share.
        bank: the runs behind the posterior.
        posterior: the weights of the runs, and of the truths.
        n: truths.
        seed: fixes truths, their errors of observation, and the ranks of ties.
        parameters: which parameters are ranked (default: all).
        fit: weighs the other runs by the pseudo-observation.
        progress: called with (fits done, fits in all).
    """
    weighted = weighted_bank(bank, posterior, parameters or problem.parameters)
    narrow = replace(problem, parameters=weighted.parameters)
    errors = generator(seed, CHOICE, 1).standard_normal((n, len(problem.targets)))
    return sbc_ranks(narrow, weighted, fit, seed=seed, rows=posterior.chosen(n, seed), errors=errors,
                     unsound=False, progress=progress)


def weighted_bank(bank: Bank, posterior: Posterior, parameters: Sequence[str]) -> Bank:
    """The runs behind a posterior as a bank that stands for it, with the columns of some parameters."""
    columns = [bank.parameters.index(name) for name in parameters]
    members = bank.rows(posterior.members)
    return replace(members, parameters=tuple(parameters), cube=members.cube[:, columns],
                   log_weights=np.log(posterior.weights))


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


def _summaries_below(pseudo: Problem, posterior: Posterior, values: np.ndarray, row: int,
                     ties: np.ndarray) -> np.ndarray:
    """Posterior probabilities below the truth's summaries and log-likelihood.

    Counts take few values, so the truth lies anywhere among runs that tie with it.
    """
    runs = values[np.append(posterior.members, row)]
    told = np.column_stack([runs, log_likelihood(runs, pseudo.observation)])
    return np.asarray(posterior.weights @ ((told[:-1] < told[-1]) + ties * (told[:-1] == told[-1])))
