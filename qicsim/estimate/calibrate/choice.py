"""Which posterior runs can give: exact weights where they carry it, the approximate one where they do not.

The approximate one may rest on all runs or on the plain prior draws among them. Rounds pay where the posterior is much
narrower than the prior, and harm where chance in the simulator keeps it wide, since their runs carry wild weights. So
they are used only where they beat the prior draws on pseudo-truths: runs that the rounds hold for likely, each found
again from its own noisy summaries, once from all other runs and once from the other prior draws.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qicsim.estimate.calibrate.approximate import SHARE, approximate
from qicsim.estimate.calibrate.bank import Bank
from qicsim.estimate.calibrate.importance import SOUND_SHAPE, importance
from qicsim.estimate.calibrate.likelihood import observed_from
from qicsim.estimate.calibrate.metric import Metric, noisy_summaries
from qicsim.estimate.calibrate.posterior import Posterior
from qicsim.estimate.calibrate.problem import Problem
from qicsim.estimate.calibrate.scores import scores_of

ENOUGH = 200.0
PSEUDO_TRUTHS = 40
ERRORS = 2.0


def choose(problem: Problem, bank: Bank, *, enough: float = ENOUGH, share: float = SHARE,
           metric: Metric | None = None, prior_runs: int = 0) -> Posterior:
    """The importance posterior if its effective sample is `enough` and its tail sound, else the approximate one.

    `diagnostics.chosen` says why, and which targets no run reaches. `share` and `metric` are those of `approximate`;
    `prior_runs` says how many of the bank's runs, the first ones, are draws of the prior, if others follow them.
    """
    exact = importance(problem, bank)
    known = exact.diagnostics
    facts = (f"importance weights have an effective sample of {known.effective_sample:.0f} "
             f"and Pareto k {known.pareto_k:.2f}")
    if known.effective_sample >= enough and known.pareto_k < SOUND_SHAPE:
        return _because(exact, facts)
    facts = f"{facts}; {enough:.0f} and below {SOUND_SHAPE} are needed"
    if not 0 < prior_runs < len(bank):
        return _because(approximate(problem, bank, share=share, metric=metric), facts)
    plain = bank.rows(slice(prior_runs))
    gained, error = gain_of_rounds(problem, bank, plain, share=share)
    helps = gained > ERRORS * error
    measured = (f"rounds {'lower' if helps else 'do not lower'} the squared error of {PSEUDO_TRUTHS} pseudo-truths "
                f"against plain prior draws (by {gained:.2f}, standard error {error:.2f}, prior variances)")
    return _because(approximate(problem, bank if helps else plain, share=share, metric=metric if helps else None),
                    f"{facts}; {measured}")


def gain_of_rounds(problem: Problem, bank: Bank, plain: Bank, *, share: float = SHARE) -> tuple[float, float]:
    """By how much all runs lower the mean squared error of posterior means against plain draws, and its error.

    In prior variances (normal scores), mean over parameters. `plain` are the first runs of `bank`.
    """
    near = approximate(problem, bank, share=share)
    rows = np.unique(near.members[near.chosen(PSEUDO_TRUTHS)])
    noisy, truths = noisy_summaries(problem, bank)[rows], scores_of(bank.cube[rows])
    gains = []
    for row, seen, truth in zip(rows.tolist(), noisy, truths, strict=True):
        pseudo = problem.with_observation(observed_from(seen, problem.observation))
        wide = approximate(pseudo, plain.without(row) if row < len(plain) else plain, share=share)
        narrow = approximate(pseudo, bank.without(row), share=share)
        off = [found.weights @ scores_of(found.cube) - truth for found in (wide, narrow)]
        gains.append(float(np.mean(off[0]**2 - off[1]**2)))
    return float(np.mean(gains)), float(np.std(gains, ddof=1) / np.sqrt(len(gains))) if len(gains) > 1 else 0.0


def _because(posterior: Posterior, reason: str) -> Posterior:
    known = posterior.diagnostics
    if known.unreached:
        reason = f"{reason}; NO RUN REACHES {', '.join(known.unreached)}: what is said there is an extrapolation"
    return replace(posterior, diagnostics=replace(known, chosen=reason))
