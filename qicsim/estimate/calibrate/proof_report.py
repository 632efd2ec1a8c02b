"""The proof of a fitted study, in one object: every check that stands beside the posterior."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qicsim.estimate.calibrate.acceptance import Gate, Recovery, gate, recovery
from qicsim.estimate.calibrate.checks import FreshSeeds, fresh_seed_penalty
from qicsim.estimate.calibrate.choice import choose
from qicsim.estimate.calibrate.fitting import Fit, Progress
from qicsim.estimate.calibrate.methods import Methods, methods
from qicsim.estimate.calibrate.parameter_status import Learned, learned
from qicsim.estimate.calibrate.prediction import Checked, Early, checked, early_prediction
from qicsim.estimate.calibrate.sbc import Ranks, sbc_ranks
from qicsim.estimate.calibrate.structure import Structural, structures
from qicsim.estimate.calibrate.zero_effect import ZeroEffect, zero_effect
from qicsim.ground.threads import one_thread

FEWEST_NEAR = 1000


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
    """Over truths from the prior, and over truths where the rounds looked, near what was reported."""
    n, seed = fitted.study.truths, fitted.study.seed
    near = fitted.rounds.near()
    banks = {"prior": fitted.bank}
    if len(fitted.pool) > len(fitted.bank) and int(near.usable.sum()) >= max(FEWEST_NEAR, n + 1):
        banks["near the report"] = near
    found = []
    for where, bank in banks.items():
        ranks = sbc_ranks(fitted.problem, bank, choose, n=min(n, int(np.sum(bank.usable)) - 1), seed=seed,
                          progress=progress)
        found.append(Calibration(where, ranks, gate(ranks), recovery(ranks)))
    return tuple(found)
