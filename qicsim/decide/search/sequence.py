"""An order of districts by local search: from known orders on, by swaps and moves, as long as one gains.

It knows nothing of simulations: who calls it values orders, all on the same draws. Where no neighbour of an order is
better, the search goes on from the best one, shaken. The same arguments give the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

TOGETHER = 12
"""Neighbours that are valued at a time."""
SHAKEN = 3
"""Swaps by which a best order is shaken."""
IN_VAIN = 20
"""Times in a row that an order is shaken without a new one, after which all orders are taken to be seen."""

Value = Callable[[np.ndarray], np.ndarray]


@dataclass(eq=False)
class Tried:
    """Orders that were valued, by their first `counted` districts: those that follow change nothing."""

    value: Value
    counted: int
    trials: int
    known: dict[bytes, float] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """How many orders may still be valued."""
        return self.trials - len(self.known)

    def key(self, order: np.ndarray) -> bytes:
        """What tells an order from others."""
        return np.ascontiguousarray(order[:self.counted], dtype=np.int64).tobytes()

    def values(self, orders: Sequence[np.ndarray]) -> np.ndarray:
        """The values of orders, (n,); minus infinity for those that may not be valued any more."""
        new = {self.key(order): order for order in orders if self.key(order) not in self.known}
        some = dict(list(new.items())[:max(self.left, 0)])
        if some:
            self.known |= dict(zip(some, self.value(np.stack(list(some.values()))).tolist(), strict=True))
        return np.array([self.known.get(self.key(order), -np.inf) for order in orders])


def improved(starts: np.ndarray, value: Value, *, counted: int, trials: int, seed: int) -> tuple[np.ndarray, int]:
    """The best order that was seen, int64 (districts,), and how many were valued.

    Args:
        starts: orders to begin with, (n, districts); each holds the rows of all districts.
        value: gives the value of orders (n, districts), more being better, (n,).
        counted: how many districts from the first on can be launched.
        trials: how many orders are valued at most.
        seed: fixes the search's own chance.
    """
    chance, tried = np.random.default_rng(seed), Tried(value, counted, trials)
    valued = tried.values(list(starts))
    best, most = starts[int(np.argmax(valued))], float(valued.max())
    here, there, in_vain = best, most, 0
    while tried.left > 0 and in_vain < IN_VAIN:
        before = len(tried.known)
        here, there = _climbed(here, there, tried, chance)
        if there > most:
            best, most = here, there
        here = best
        for _ in range(SHAKEN):
            here = moved(here, _moves(len(best), counted, chance)[0])
        there = float(tried.values([here])[0])
        in_vain = 0 if len(tried.known) > before else in_vain + 1
    return best, len(tried.known)


def moved(order: np.ndarray, move: np.ndarray) -> np.ndarray:
    """The order with the districts at two places swapped, or that at the first one moved to the second."""
    swap, one, other = move.tolist()
    found = order.copy()
    if swap:
        found[[one, other]] = order[[other, one]]
        return found
    return np.insert(np.delete(found, one), other, order[one])


def _moves(districts: int, counted: int, chance: np.random.Generator) -> np.ndarray:
    """All moves that change what can be launched, (n, 3), shuffled."""
    one, other = np.divmod(np.arange(districts**2), districts)
    matters = (one != other) & (np.minimum(one, other) < counted)
    swaps = matters & (one < other)
    several = np.concatenate([np.column_stack([np.full(some.sum(), swap), one[some], other[some]])
                              for swap, some in ((1, swaps), (0, matters))])
    return chance.permutation(several) if len(several) else np.zeros((1, 3), dtype=np.int64)


def _climbed(order: np.ndarray, value: float, tried: Tried, chance: np.random.Generator) -> tuple[np.ndarray, float]:
    """The order from which on no neighbour is better, or where the trials end; with its value."""
    going = True
    while going and tried.left > 0:
        going = False
        moves = _moves(len(order), tried.counted, chance)
        for at in range(0, len(moves), TOGETHER):
            some = moves[at:at + TOGETHER]
            found, most = _best_of(order, value, some, tried)
            if most > value:
                order, value, going = found, most, True
                break
            if tried.left <= 0:
                break
    return order, value


def _best_of(order: np.ndarray, value: float, moves: np.ndarray, tried: Tried) -> tuple[np.ndarray, float]:
    """The best neighbour; where several are better than the order, all those moves together are tried too."""
    orders = [moved(order, move) for move in moves]
    values = tried.values(orders)
    better = np.flatnonzero(values > value)
    if len(better) > 1:
        together = order
        for move in moves[better[np.argsort(-values[better], kind="stable")]]:
            together = moved(together, move)
        orders.append(together)
        values = np.append(values, tried.values([together]))
    at = int(np.argmax(values))
    return orders[at], float(values[at])
