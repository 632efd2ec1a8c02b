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
from qicsim.ground.translatable import Told, in_a_row, tell

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
    fields = {"sample": f"{known.effective_sample:.0f}", "shape": f"{known.pareto_k:.2f}"}
    if known.effective_sample >= enough and known.pareto_k < SOUND_SHAPE:
        return _because(exact, tell("importance weights have an effective sample of {sample} and Pareto k {shape}",
                                    **fields))
    facts = tell("importance weights have an effective sample of {sample} and Pareto k {shape}; {enough} and below "
                 "{sound} are needed", **fields, enough=f"{enough:.0f}", sound=SOUND_SHAPE)
    if not 0 < prior_runs < len(bank):
        return _because(approximate(problem, bank, share=share, metric=metric), facts)
    plain = bank.rows(slice(prior_runs))
    gained, error = gain_of_rounds(problem, bank, plain, share=share)
    helps = gained > ERRORS * error
    by = {"count": PSEUDO_TRUTHS, "gained": f"{gained:.2f}", "error": f"{error:.2f}"}
    measured = (tell("rounds lower the squared error of {count} pseudo-truths against plain prior draws (by {gained}, "
                     "standard error {error}, prior variances)", **by) if helps else
                tell("rounds do not lower the squared error of {count} pseudo-truths against plain prior draws (by "
                     "{gained}, standard error {error}, prior variances)", **by))
    return _because(approximate(problem, bank if helps else plain, share=share, metric=metric if helps else None),
                    in_a_row((facts, measured)))


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


def _because(posterior: Posterior, reason: Told) -> Posterior:
    known = posterior.diagnostics
    if known.unreached:
        reason = tell("{reason}; NO RUN REACHES {targets}: what is said there is an extrapolation", reason=reason,
                      targets=", ".join(known.unreached))
    return replace(posterior, diagnostics=replace(known, chosen=reason))
