"""The proof of a fitted study, in one object: every check that stands beside the posterior."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qicsim.estimate.calibrate.acceptance import Gate, Recovery, gate, recovery
from qicsim.estimate.calibrate.checks import FreshSeeds, fresh_seed_penalty
from qicsim.estimate.calibrate.fitting import Fit, Progress
from qicsim.estimate.calibrate.methods import Methods, methods
from qicsim.estimate.calibrate.parameter_status import Learned, learned
from qicsim.estimate.calibrate.prediction import Checked, Early, checked, early_prediction
from qicsim.estimate.calibrate.sbc import Ranks, posterior_ranks
from qicsim.estimate.calibrate.structure import Structural, structures
from qicsim.estimate.calibrate.zero_effect import ZeroEffect, zero_effect
from qicsim.ground.threads import one_thread

POSTERIOR = "the posterior"


@dataclass(frozen=True, eq=False)
class Calibration:
    """Simulation-based calibration over truths of one kind: ranks, verdict, recovery of the known parameters."""

    where: str
    ranks: Ranks
    gate: Gate
    recovery: tuple[Recovery, ...]


@dataclass(frozen=True, eq=False)
class Proof:
    """All checks of a fitted study."""

    calibrations: tuple[Calibration, ...]
    checked: tuple[Checked, ...]
    early: Early | None
    learned: tuple[Learned, ...]
    fresh: FreshSeeds
    zero: tuple[ZeroEffect, ...]
    structures: tuple[Structural, ...]
    methods: Methods


@one_thread
def prove(fitted: Fit, *, progress: Progress | None = None) -> Proof:
    """Make every check."""
    tell = progress or (lambda *_: None)

    def part(what: str) -> Callable[[int, int], None]:
        return lambda done, total: tell(what, done, total)

    zero = zero_effect(fitted, part("Zero effect"))
    alternatives = structures(fitted, progress=part("Alternatives"))
    fresh = fresh_seed_penalty(fitted.problem, fitted.pool, fitted.posterior, draws=fitted.study.paired)
    return Proof(calibrations(fitted, part("Simulation-based calibration")), checked(fitted), early_prediction(fitted),
                 learned(fitted), fresh, zero, alternatives, methods(fitted))


def calibrations(fitted: Fit, progress: Callable[[int, int], None] | None = None) -> tuple[Calibration, ...]:
    """Over truths drawn from the posterior; nothing where it does not rest on the weights of runs."""
    if fitted.posterior.adjusted:
        return ()
    ranks = posterior_ranks(fitted.problem, fitted.pool, fitted.posterior, n=fitted.study.truths,
                            seed=fitted.study.seed, parameters=fitted.study.kept, progress=progress)
    return (Calibration(POSTERIOR, ranks, gate(ranks), recovery(ranks)),)
