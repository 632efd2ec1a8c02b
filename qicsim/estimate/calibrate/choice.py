"""Which posterior a bank can give: exact weights where they carry it, the approximate one where they do not."""

from __future__ import annotations

from dataclasses import replace

from qicsim.estimate.calibrate.approximate import SHARE, approximate
from qicsim.estimate.calibrate.bank import Bank
from qicsim.estimate.calibrate.importance import SOUND_SHAPE, importance
from qicsim.estimate.calibrate.metric import Metric
from qicsim.estimate.calibrate.posterior import Posterior
from qicsim.estimate.calibrate.problem import Problem

ENOUGH = 200.0


def choose(problem: Problem, bank: Bank, *, enough: float = ENOUGH, share: float = SHARE,
           metric: Metric | None = None) -> Posterior:
    """The importance posterior if its effective sample is `enough` and its tail sound, else the approximate one.

    `diagnostics.chosen` says why. `share` and `metric` are those of `approximate`.
    """
    exact = importance(problem, bank)
    known = exact.diagnostics
    facts = (f"importance weights have an effective sample of {known.effective_sample:.0f} "
             f"and Pareto k {known.pareto_k:.2f}")
    if known.effective_sample >= enough and known.pareto_k < SOUND_SHAPE:
        return _because(exact, facts)
    return _because(approximate(problem, bank, share=share, metric=metric),
                    f"{facts}; {enough:.0f} and below {SOUND_SHAPE} are needed")


def _because(posterior: Posterior, reason: str) -> Posterior:
    return replace(posterior, diagnostics=replace(posterior.diagnostics, chosen=reason))
