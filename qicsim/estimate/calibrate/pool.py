"""The pool of a sequential fit: all runs so far, and what each weighs by the proposal that it came from.

Every round is weighted by prior over its own proposal, which was fixed before the round was drawn. (A mixture of all
proposals, later ones too, would use runs better, but a run with a large weight draws later proposals to itself and so
loses its weight again: posteriors come out too narrow by several per cent.) Rounds are joined by their credit for
each run:

    credit = efficiency of its draws * (tolerance of its proposal)^-r,    r directions

which depends on earlier rounds only. Any credit is right; a good one keeps wide rounds from spoiling narrow ones.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from qicsim.estimate.calibrate.bank import BY_RUN, Bank, bank_of
from qicsim.estimate.calibrate.fill import simulate_chunk
from qicsim.estimate.calibrate.importance import NEGLIGIBLE, log_weights
from qicsim.estimate.calibrate.metric import noisy_summaries
from qicsim.estimate.calibrate.noise import PROPOSAL, block_of_streams, generator
from qicsim.estimate.calibrate.posterior import effective_sample
from qicsim.estimate.calibrate.problem import Problem
from qicsim.estimate.calibrate.proposal import around, directions
from qicsim.estimate.calibrate.scores import cube_of, scores_of

EFFICIENCY_OF_A_ROUND = 0.3
MOST_FOR_DIRECTIONS = 20_000
FEWEST_EFFECTIVE = 50.0
EFFECTIVE_FOR_EACH_DIRECTION = 20.0
SMALLEST_POWER = 1e-8
HALVINGS = 40
STEP = 1.2
TRIED = 9


class Pool:
    """All runs so far: `offsets` are log of credit times prior over proposal, `logs` log-likelihoods."""

    def __init__(self, problem: Problem, bank: Bank) -> None:
        """Begin with a bank of prior draws."""
        self._problem = problem
        self._banks = [bank]
        self._basis = _basis(problem, bank)
        self._inside = scores_of(bank.cube) @ self._basis
        self._logs = log_weights(problem, bank)
        self._offsets = np.zeros(len(bank))
        self._power = SMALLEST_POWER
        self._tempered = np.zeros(len(bank))

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return len(self._logs)

    def temper(self) -> tuple[float, float, float]:
        """Set the temperature: tolerance (factor on spreads), effective sample there, effective sample at 1."""
        wanted = max(FEWEST_EFFECTIVE, EFFECTIVE_FOR_EACH_DIRECTION * self._basis.shape[1])
        self._power = (_largest_power(self._logs, self._offsets, wanted) if len(self._banks) == 1
                       else _next_power(self._logs, self._offsets, wanted, self._power))
        self._tempered = _weights(self._power * self._logs + self._offsets)
        here = effective_sample(self._tempered)
        if len(self._banks) == 1:
            self._offsets[:] = self._credit(here / self.runs)
        return self._power**-0.5, here, effective_sample(_weights(self._logs + self._offsets))

    def extend(self, n: int) -> None:
        """Simulate `n` runs of a proposal that stands on the tempered pool, and add them."""
        number, seed = len(self._banks), self._banks[0].seed
        luck = generator(seed, PROPOSAL, number)
        weights = truncated(self._tempered)
        rows = np.flatnonzero(weights > NEGLIGIBLE * weights.max())
        proposal = around(self._inside[rows], weights[rows], self._basis, luck)
        scores = proposal.draw(n, luck)
        cube, streams = cube_of(scores), block_of_streams(number, n)
        summaries, status = simulate_chunk(self._problem, cube, streams)
        added = bank_of(self._problem, cube, summaries, streams=streams, seed=seed, status=status)
        inside = np.einsum("nd,dr->nr", scores, self._basis)
        self._banks.append(added)
        self._inside = np.concatenate([self._inside, inside])
        self._logs = np.concatenate([self._logs, log_weights(self._problem, added)])
        offsets = self._credit(EFFICIENCY_OF_A_ROUND) - proposal.log_ratio(inside)
        self._offsets = np.concatenate([self._offsets, offsets])

    def weighted(self) -> Bank:
        """All runs as one bank, weighted by credit times prior over proposal."""
        whole: dict[str, Any] = {name: np.concatenate([getattr(bank, name) for bank in self._banks])
                                 for name in BY_RUN}
        whole["log_weights"] = self._offsets - self._offsets.max()
        return replace(self._banks[0], **whole)

    def _credit(self, efficiency: float) -> float:
        """Log of the credit of a run drawn at the present temperature."""
        return float(np.log(efficiency) + 0.5 * self._basis.shape[1] * np.log(self._power))


def _basis(problem: Problem, bank: Bank) -> np.ndarray:
    """Directions of the scores that the targets speak about, from the first runs of the bank."""
    rows = np.flatnonzero(bank.usable)[:MOST_FOR_DIRECTIONS]
    some = bank.rows(rows)
    noisy = noisy_summaries(problem, some)
    middle = np.median(noisy, axis=0)
    spread = np.std(noisy, axis=0)
    features = np.tanh((noisy - middle) / np.where(spread > 0.0, spread, 1.0))
    return directions(scores_of(some.cube), features)


def _weights(logs: np.ndarray) -> np.ndarray:
    return np.exp(logs - logs.max())


def truncated(weights: np.ndarray) -> np.ndarray:
    """Weights (n,) cut at their sum over sqrt(n) (Ionides 2008), so that no single run draws a proposal to itself."""
    return np.minimum(weights, weights.sum() / np.sqrt(len(weights)))


def _largest_power(logs: np.ndarray, offset: np.ndarray, wanted: float) -> float:
    """The largest power of the likelihood, up to 1, at which draws of the prior have the effective sample wanted."""
    if effective_sample(_weights(logs + offset)) >= wanted:
        return 1.0
    low, high = math.log(SMALLEST_POWER), 0.0
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        enough = effective_sample(_weights(math.exp(middle) * logs + offset)) >= wanted
        low, high = (middle, high) if enough else (low, middle)
    return math.exp(low)


def _next_power(logs: np.ndarray, offset: np.ndarray, wanted: float, last: float) -> float:
    """The power of the next round: the largest from the `last` one on with the effective sample wanted, else the last.

    The tolerance shrinks by at most the factor STEP: rounds that cool too fast stand on few draws, and never find what
    those missed. It never grows again, since wider rounds would have next to no credit beside what is there.
    """
    tried = np.minimum(last * np.geomspace(1.0, STEP**2, TRIED), 1.0)
    enough = [power for power in tried if effective_sample(_weights(power * logs + offset)) >= wanted]
    return float(max(enough, default=last))

