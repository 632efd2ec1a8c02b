"""Updating a posterior with the scores of a data folder.

The earlier posterior is the prior (`informed`), the summaries of `observed.targets` are the targets. Their errors:

    sd^2 = max(se^2 - chance^2, (se / 3)^2)        model discrepancy: factor * that of `observed.targets`

se      standard error of the observed summary, clustered by operational district
chance  standard deviation of the summary between runs of the same parameters

A run carries chance of its own, since it is one country and not the mean of many; to add all of se would count chance
twice. What the districts of the data show beyond it is added, and at least a third of se, or too few runs would come
near. Errors that summaries share are in the runs, which give all summaries of one country together.

Rounds of more runs are proposed with `chance` added to the errors: a run that misses by bad luck does not speak against
its parameters. The posterior is then read with the errors above, from all runs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qicsim.estimate.calibrate.bank import Bank
from qicsim.estimate.calibrate.choice import choose
from qicsim.estimate.calibrate.data_world import DataWorld
from qicsim.estimate.calibrate.fill import CubePoints, fill_bank
from qicsim.estimate.calibrate.noise import FIRST_FRESH_BLOCK, STREAMS_PER_BLOCK
from qicsim.estimate.calibrate.posterior import Diagnostics, Posterior
from qicsim.estimate.calibrate.posterior_as_prior import InformedPrior
from qicsim.estimate.calibrate.problem import Problem, Target
from qicsim.estimate.calibrate.sequential import Round, Rounds, sequential
from qicsim.ground.threads import one_thread
from qicsim.inputs.observed.targets import KEYS, SUMMARIES, Found, observed_summaries
from qicsim.runs.store import Store

CHANCE_DRAWS, CHANCE_RUNS = 16, 8
LEAST_OF_ERROR = 1.0 / 3.0
CHUNK = 256
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Effort:
    """How thoroughly to update: runs of the prior, most runs of rounds, runs of a round, effective sample, draws."""

    runs: int = 4096
    round_runs: int = 12_288
    batch: int = 2048
    effective: int = 1000
    draws: int = 1000
    seed: int = 1

    def with_runs(self, runs: int) -> Effort:
        """The same with a bank of another size, and rounds in proportion."""
        return Effort(runs, 3 * runs, max(runs // 2, 64), self.effective, self.draws, self.seed)


@dataclass(frozen=True)
class Aim:
    """A target with where its error comes from: clustered standard error, chance of a run; values in its unit."""

    key: str
    value: float
    error: float
    chance: float
    sd: float
    discrepancy: float

    @property
    def target(self) -> Target:
        """What the fit takes."""
        return Target(self.key, self.value, self.sd, "equal", self.discrepancy)

    @property
    def wide(self) -> Target:
        """What proposals take: the chance of a run is added."""
        return Target(self.key, self.value, float(np.hypot(self.sd, self.chance)), "equal", self.discrepancy)


@dataclass(frozen=True, eq=False)
class Update:
    """An updated posterior: world, prior, aims, problem, bank of the prior, rounds, posterior."""

    world: DataWorld
    prior: InformedPrior
    aims: tuple[Aim, ...]
    problem: Problem
    bank: Bank
    rounds: Rounds
    posterior: Posterior
    effort: Effort

    @property
    def pool(self) -> Bank:
        """All runs."""
        return self.rounds.pool

    def before(self) -> Posterior:
        """The prior as if it were a posterior: every run of the bank with the same weight."""
        rows = np.flatnonzero(self.bank.usable)
        weights = np.full(len(rows), 1.0 / max(len(rows), 1))
        return Posterior(self.bank.parameters, self.bank.cube[rows], weights, rows, False,
                         Diagnostics("prior", len(rows), len(rows), float(len(rows))))

    def values(self, n: int) -> np.ndarray:
        """`n` posterior draws of equal weight: values of all parameters, (n, d)."""
        return self.prior.quantile(self.posterior.resampled(n, self.effort.seed))


@one_thread
def update(world: DataWorld, prior: InformedPrior, *, effort: Effort | None = None, discrepancy: float = 1.0,
           found: Found | None = None, store: Store | None = None, progress: Progress | None = None) -> Update:
    """Update a prior by what was observed.

    Args:
        world: simulates the data folder; its panel holds the scores.
        prior: what was known before.
        effort: how many runs.
        discrepancy: factor on the stated model discrepancies; 0 takes the model for right.
        found: observed summaries, where they are known already.
        store: keeps what runs give, so that an interrupted update goes on where it was.
        progress: called with (part of the work, done, in all).

    Raises:
        DataError: for too few districts.
    """
    work, tell = effort or Effort(), progress or (lambda *_: None)
    bare = problem_of(world, prior, work.seed)
    bare = bare if store is None else bare.kept(store, foreign=False)
    aims = aims_of(found or observed_summaries(world.panel), chance_of(bare, work.seed), discrepancy)
    problem = bare.with_targets([aim.target for aim in aims])
    bank = fill_bank(problem, work.runs, seed=work.seed, chunk=CHUNK,
                     progress=lambda done, total: tell("Bank", done, total))
    rounds = rounds_of(problem.with_targets([aim.wide for aim in aims]), bank, work, tell)
    return Update(world, prior, aims, problem, bank, rounds,
                  choose(problem, rounds.pool, prior_runs=len(bank)), work)


def rounds_of(problem: Problem, bank: Bank, work: Effort, tell: Progress) -> Rounds:
    """Rounds of more runs."""
    def begun(one: Round) -> None:
        tell("Rounds", one.runs - len(bank), work.round_runs)

    return sequential(problem, bank, needed=work.effective, most_runs=work.round_runs, batch=work.batch,
                      progress=begun)


def problem_of(world: DataWorld, prior: InformedPrior, seed: int) -> Problem:
    """The problem without targets; only summaries that the observed table can give are kept."""
    from qicsim.inputs.observed.targets import summaries

    kept = np.flatnonzero(np.isfinite(summaries(world.panel.scores, world.panel)))
    model = np.array([not name.startswith("observation.") for name in prior.parameters])

    def simulate(values: np.ndarray, streams: np.ndarray) -> np.ndarray:
        return world.summaries(values[:, model], streams, seed=seed)[:, kept]

    facts = json.dumps([world.digest, prior.digest, seed])
    return Problem(prior.parameters, prior.quantile, simulate, tuple(KEYS[i] for i in kept), (),
                   hashlib.sha256(facts.encode()).hexdigest())


def chance_of(problem: Problem, seed: int) -> dict[str, float]:
    """Standard deviation of each summary between runs of the same parameters, mean over draws of the prior."""
    cube = CubePoints(len(problem.parameters), seed).next(CHANCE_DRAWS)
    streams = (np.arange(CHANCE_DRAWS * CHANCE_RUNS, dtype=np.int64) + FIRST_FRESH_BLOCK * STREAMS_PER_BLOCK)
    values = problem.simulate(np.repeat(problem.quantile(cube), CHANCE_RUNS, axis=0), streams)
    # By columns, since a sum along them rounds otherwise than one across: kept runs must give the same as new ones.
    by_draw = np.asfortranarray(values).reshape(CHANCE_DRAWS, CHANCE_RUNS, -1)
    chance = np.sqrt(np.nanmean(np.nanvar(by_draw, axis=1, ddof=1), axis=0))
    return dict(zip(problem.summaries, chance.tolist(), strict=True))


def aims_of(found: Found, chance: dict[str, float], discrepancy: float) -> tuple[Aim, ...]:
    """The targets with their errors."""
    aims = []
    for i in found.usable:
        key, error = KEYS[i], float(found.errors[i])
        if key in chance and np.isfinite(chance[key]):
            sd = float(np.sqrt(max(error**2 - chance[key] ** 2, (LEAST_OF_ERROR * error) ** 2)))
            beyond = discrepancy * SUMMARIES[i].discrepancy
            aims.append(Aim(key, float(found.values[i]), error, chance[key], sd, beyond))
    return tuple(aims)
