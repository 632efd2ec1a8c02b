"""Sequential rounds: more runs where the likelihood asks for them, weighted right, until a rule says stop.

Population Monte Carlo on a falling temperature (Cappe, Guillin, Marin and Robert 2004; Beaumont and others 2009).
Each proposal stands on the pool of all runs at the lowest temperature T at which its effective sample is large
enough:

    weights ~ likelihood^(1 / T) * prior / proposal

T is 1 when the pool carries the posterior itself; sqrt(T) is the tolerance, the factor by which spreads are widened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qicsim.estimate.calibrate.bank import Bank
from qicsim.estimate.calibrate.choice import choose
from qicsim.estimate.calibrate.pool import Pool
from qicsim.estimate.calibrate.posterior import Posterior
from qicsim.estimate.calibrate.problem import Problem
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.translatable import tell

GROWTH = 1.1
PATIENCE = 8
BATCH = 4096
NEEDED = 1000.0

REACHED = tell("the effective sample was reached")
SPENT = tell("the budget was spent")
STALLED = tell("neither the tolerance shrank nor the effective sample grew")
STOPPED = tell("it was asked to stop")


@dataclass(frozen=True)
class Round:
    """What a round began with: runs, tolerance (factor on spreads), effective sample at that tolerance and at 1."""

    runs: int
    tolerance: float
    tempered_sample: float
    effective_sample: float


@dataclass(frozen=True, eq=False)
class Rounds:
    """A sequential fit: the posterior, the pool of all runs behind it, its rounds, and why it stopped."""

    posterior: Posterior
    pool: Bank
    rounds: tuple[Round, ...]
    stopped: str


def sequential(problem: Problem, bank: Bank, *, needed: float = NEEDED, most_runs: int = 50_000, batch: int = BATCH,
               progress: Callable[[Round], bool | None] | None = None) -> Rounds:
    """Add rounds of runs to a bank of prior draws until the posterior's effective sample is `needed`.

    Args:
        problem: states simulator and targets.
        bank: draws from the prior; its seed fixes the rounds too.
        needed: effective sample at which to stop.
        most_runs: budget of the rounds together, besides the bank.
        batch: runs of a round.
        progress: called with each round as it begins; stops the fit if it returns False.

    Raises:
        SettingError: for settings outside their range; SimulatorError if every run of a round fails.
    """
    _check(needed, most_runs, batch)
    pool, rounds = Pool(problem, bank), []
    while True:
        tolerance, tempered, full = pool.temper()
        rounds.append(Round(pool.runs, tolerance, tempered, full))
        stopped = _verdict(rounds, needed, spent=pool.runs - len(bank) + batch > most_runs)
        if not stopped and progress is not None and progress(rounds[-1]) is False:
            stopped = STOPPED
        if stopped:
            weighted = pool.weighted()
            return Rounds(choose(problem, weighted, prior_runs=len(bank)), weighted, tuple(rounds), stopped)
        pool.extend(batch)


def _verdict(rounds: list[Round], needed: float, *, spent: bool) -> str:
    """Why to stop, or nothing."""
    now = rounds[-1]
    if now.tolerance == 1.0 and now.effective_sample >= needed:
        return REACHED
    if spent:
        return SPENT
    before = rounds[-1 - PATIENCE] if len(rounds) > PATIENCE else None
    if before and now.tolerance * GROWTH > before.tolerance and now.effective_sample < GROWTH * before.effective_sample:
        return STALLED
    return ""


def _check(needed: float, most_runs: int, batch: int) -> None:
    faults = []
    if not needed >= 1.0:
        faults.append(Fault("needed", f"an effective sample of {needed:g}", "1 or more"))
    if most_runs < 0:
        faults.append(Fault("most_runs", f"{most_runs} runs", "0 or more"))
    if batch < 1:
        faults.append(Fault("batch", f"{batch} runs", "1 or more"))
    if faults:
        raise SettingError("", faults)
