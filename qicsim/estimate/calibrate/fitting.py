"""Fitting the reported history: the problem of a study, its bank, its rounds, its posterior."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from qicsim.estimate.calibrate.bank import Bank
from qicsim.estimate.calibrate.choice import choose
from qicsim.estimate.calibrate.fill import fill_bank
from qicsim.estimate.calibrate.posterior import Posterior
from qicsim.estimate.calibrate.problem import Problem
from qicsim.estimate.calibrate.reported_history import Calibrated, History, parameter_names
from qicsim.estimate.calibrate.sequential import Round, Rounds, sequential
from qicsim.estimate.calibrate.study import BIAS, Study
from qicsim.estimate.calibrate.targets import Report, summaries
from qicsim.ground.declare import declared, default_row
from qicsim.ground.threads import one_thread
from qicsim.runs.draws import names
from qicsim.runs.modules import EFFECTS
from qicsim.runs.posterior import fill_module

Progress = Callable[[str, int, int], None]
CHUNK = 512


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted study: the problem, the bank of prior draws, the rounds, and the posterior that they end in."""

    study: Study
    reports: tuple[Report, ...]
    history: History
    problem: Problem
    bank: Bank
    rounds: Rounds

    @property
    def pool(self) -> Bank:
        """All runs, those of the rounds among them."""
        return self.rounds.pool

    @property
    def posterior(self) -> Posterior:
        """The posterior."""
        return self.rounds.posterior


def kept_values(fitted: Fit, n: int) -> np.ndarray:
    """`n` posterior draws of equal weight: values (n, kept) of the parameters that the study keeps."""
    values = fitted.problem.quantile(fitted.posterior.resampled(n, fitted.study.seed))
    return values[:, [fitted.study.parameters.index(name) for name in fitted.study.kept]]


def joined_values(fitted: Fit, n: int) -> np.ndarray:
    """`n` draws of all parameters (n, all) as projections take them.

    Kept parameters come from the posterior, those of effects from their shipped posterior if there is one, and the
    others from the prior draws of the bank. What the study fixes stays fixed.
    """
    study, every = fitted.study, parameter_names()
    values = whole_values(study, fitted.problem.quantile(fitted.bank.cube[np.arange(n) % len(fitted.bank)]))
    if study.table2 != BIAS:
        model = values[:, :len(names())].copy()
        fill_module(model, EFFECTS, study.seed)
        free = [every.index(name) for name in EFFECTS.of(study.parameters)]
        values[:, free] = model[:, free]
    values[:, [every.index(name) for name in study.kept]] = kept_values(fitted, n)
    return values


def whole_values(study: Study, free: np.ndarray) -> np.ndarray:
    """Values of all parameters (n, all) from those of the free ones (n, d)."""
    names = parameter_names()
    row = default_row(Calibrated)
    for name, value in (study.fixed or {}).items():
        row[names.index(name)] = value
    values = np.tile(row, (len(free), 1))
    values[:, [names.index(name) for name in study.parameters]] = free
    return values


def history_problem(study: Study, reports: Sequence[Report], history: History) -> Problem:
    """The problem of a study: its free parameters, its targets, the simulator of the reported history."""
    priors = dict(zip(parameter_names(), declared(Calibrated).values(), strict=True))
    leaves = [priors[name].declaration for name in study.parameters]

    def quantile(cube: np.ndarray) -> np.ndarray:
        return np.column_stack([leaf.quantile(cube[:, i]) for i, leaf in enumerate(leaves)])

    def simulate(free: np.ndarray, streams: np.ndarray) -> np.ndarray:
        return history.summaries(whole_values(study, free), streams, seed=study.seed)

    def there(free: np.ndarray, streams: np.ndarray) -> np.ndarray:
        return history.there(whole_values(study, free), streams, seed=study.seed)

    facts = json.dumps([history.digest, sorted((study.fixed or {}).items()),
                        [[name, str(priors[name].declaration)] for name in study.parameters]])
    return Problem(study.parameters, quantile, simulate, summaries(),
                   tuple(one.target for one in study.fitted(reports)),
                   hashlib.sha256(facts.encode()).hexdigest(), there)


@one_thread
def fit(study: Study, reports: Sequence[Report], *, history: History | None = None, progress: Progress | None = None
        ) -> Fit:
    """Fill the bank, add rounds, read the posterior; runs that the store of the history has are not made again."""
    tell = progress or (lambda *_: None)
    told, stated = history or History.of(), study.restated(reports)
    problem = history_problem(study, stated, told)
    bank = fill_bank(problem, study.runs, seed=study.seed, chunk=CHUNK,
                     progress=lambda done, total: tell("Bank", done, total))

    def begun(one: Round) -> None:
        tell("Rounds", one.runs - len(bank), study.round_runs)

    rounds = sequential(problem, bank, needed=study.effective, most_runs=study.round_runs, batch=study.batch,
                        progress=begun)
    return Fit(study, stated, told, problem, bank, rounds)


def fit_some(fitted: Fit, keys: Sequence[str]) -> tuple[Problem, Bank, Posterior]:
    """The posterior of some targets only, from the bank of prior draws.

    A run in which no team worked on a topic contradicts that teams were reported on it, so it is refused where that
    topic is fitted; here it may be used if the topic is not among `keys`.
    """
    chosen = [one.target for one in fitted.reports if one.key in keys]
    problem = fitted.problem.with_targets(chosen)
    bank = fitted.bank.judged(problem)
    return problem, bank, choose(problem, bank)

