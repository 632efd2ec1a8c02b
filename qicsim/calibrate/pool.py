"""The pool of a sequential fit: all runs so far, the mixture of proposals that they came from, and their weights.

Runs whose tempered likelihood is below exp(-30) of the best are dead: nobody reckons the mixture for them, and they
weigh nothing.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from qicsim.calibrate.bank import BY_RUN, Bank, bank_of
from qicsim.calibrate.fill import simulate_chunk, write_chunk
from qicsim.calibrate.importance import log_weights
from qicsim.calibrate.metric import noisy_summaries
from qicsim.calibrate.noise import PROPOSAL, block_of_streams, generator
from qicsim.calibrate.posterior import effective_sample
from qicsim.calibrate.problem import Problem
from qicsim.calibrate.proposal import Proposal, around, directions
from qicsim.calibrate.scores import cube_of, scores_of

DEAD = 30.0
MOST_FOR_DIRECTIONS = 20_000
FEWEST_EFFECTIVE = 50.0
EFFECTIVE_FOR_EACH_DIRECTION = 10.0
SMALLEST_POWER = 1e-8
HALVINGS = 40


class Pool:
    """All runs so far. `mixture` is the sum over proposals of runs times density over prior, up to date if alive."""

    def __init__(self, problem: Problem, bank: Bank) -> None:
        """Begin with a bank of prior draws."""
        self._problem = problem
        self._banks = [bank]
        self._basis = _basis(problem, bank)
        self._inside = scores_of(bank.cube) @ self._basis
        self._logs = log_weights(problem, bank)
        self._parts: list[tuple[int, Proposal]] = []
        self._mixture = np.full(len(bank), float(len(bank)))
        self._reckoned = np.zeros(len(bank), dtype=np.int64)
        self._power = SMALLEST_POWER
        self._tempered = np.zeros(len(bank))
        self._alive = np.isfinite(self._logs)

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return len(self._logs)

    def temper(self) -> tuple[float, float, float]:
        """Set the temperature: tolerance (factor on spreads), effective sample there, effective sample at 1."""
        self._reckon()
        rows = np.flatnonzero(self._alive)
        logs, offset = self._logs[rows] - self._logs[rows].max(), -np.log(self._mixture[rows])
        wanted = max(FEWEST_EFFECTIVE, EFFECTIVE_FOR_EACH_DIRECTION * self._basis.shape[1])
        self._power = _largest_power(logs, offset, wanted, self._power)
        tempered = _weights(self._power * logs + offset)
        self._tempered = np.zeros(self.runs)
        self._tempered[rows] = tempered
        return self._power**-0.5, effective_sample(tempered), effective_sample(_weights(logs + offset))

    def extend(self, n: int, folder: Path | None) -> None:
        """Simulate `n` runs of a proposal that stands on the tempered pool, and add them."""
        number = len(self._parts) + 1
        luck = generator(self._banks[0].seed, PROPOSAL, number)
        rows = np.flatnonzero(self._tempered)
        proposal = around(self._inside[rows], self._tempered[rows], self._basis, luck)
        scores = proposal.draw(n, luck)
        cube = cube_of(scores)
        streams = block_of_streams(number, n)
        record = _simulated(self._problem, cube, streams, folder and folder / f"round-{number:03d}-{n}.npy")
        added = bank_of(self._problem, cube, record["summaries"], streams=streams, seed=self._banks[0].seed,
                        status=record["status"])
        self._add(proposal, added, scores @ self._basis)

    def weighted(self) -> Bank:
        """All runs as one bank, weighted by prior over mixture; dead runs have weight zero."""
        self._reckon()
        whole: dict[str, Any] = {name: np.concatenate([getattr(bank, name) for bank in self._banks]) for name in BY_RUN}
        with np.errstate(divide="ignore"):
            whole["log_weights"] = np.where(self._alive, np.log(self.runs / self._mixture), -np.inf)
        return replace(self._banks[0], **whole)

    def _add(self, proposal: Proposal, added: Bank, inside: np.ndarray) -> None:
        earlier = float(len(self._banks[0])) + sum(n * np.exp(part.log_ratio(inside)) for n, part in self._parts)
        self._parts.append((len(added), proposal))
        self._banks.append(added)
        self._inside = np.concatenate([self._inside, inside])
        self._logs = np.concatenate([self._logs, log_weights(self._problem, added)])
        self._mixture = np.concatenate([self._mixture, np.broadcast_to(earlier, len(added))])
        self._reckoned = np.concatenate([self._reckoned, np.full(len(added), len(self._parts) - 1)])

    def _reckon(self) -> None:
        """Find the runs that are alive, and bring their mixture up to date."""
        self._alive = self._power * (self._logs.max() - self._logs) < DEAD
        for number, (n, part) in enumerate(self._parts, start=1):
            rows = np.flatnonzero(self._alive & (self._reckoned < number))
            self._mixture[rows] += n * np.exp(part.log_ratio(self._inside[rows]))
            self._reckoned[rows] = number


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


def _largest_power(logs: np.ndarray, offset: np.ndarray, wanted: float, least: float) -> float:
    """The largest power of the likelihood, `least` to 1, at which the effective sample is `wanted` or more."""
    if effective_sample(_weights(logs + offset)) >= wanted:
        return 1.0
    low, high = np.log(least), 0.0
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        enough = effective_sample(_weights(np.exp(middle) * logs + offset)) >= wanted
        low, high = (middle, high) if enough else (low, middle)
    return float(np.exp(low))


def _simulated(problem: Problem, cube: np.ndarray, streams: np.ndarray, path: Path | None) -> np.ndarray:
    """Records of the runs; taken from the file if it holds these very draws, else simulated and kept there."""
    if path is not None and path.exists():
        record = np.load(path)
        if np.array_equal(record["cube"], cube):
            return record
    record, notes = simulate_chunk(problem, cube, streams)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_chunk(path.parent, path.name, record, notes)
    return record
