"""The search: an evolution of plans in a grid, after NSGA-II, that keeps every plan that it ever saw.

    K. Deb, A. Pratap, S. Agarwal, T. Meyarivan (2002) A fast and elitist multiobjective genetic algorithm: NSGA-II.
    IEEE Transactions on Evolutionary Computation 6:182-97.

What keeps the constraint comes before what breaks it, and what breaks it less before what breaks it more; then come
ranks of the front, then distance within a rank. It knows nothing of simulations: who calls it evaluates plans.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

POPULATION = 60
CROSSED, EVEN = 0.9, 0.5
"""Share of children with two parents, and of the levers that come from the second one."""
TO_A_NEIGHBOUR = 0.7
"""Share of the changes of an ordered lever that go one step up or down."""
NEAR_THE_BEST = 0.25
"""Share of children that are changed copies of the best plan so far."""
MOST_TRIES = 40


class Scores(NamedTuple):
    """What plans are judged by.

    objectives  more being better, (n, objectives)
    violation   how far each breaks the constraint, 0 where it keeps it, (n,)
    """

    objectives: np.ndarray
    violation: np.ndarray


@dataclass(eq=False)
class Archive:
    """Every plan that was evaluated, (n, levers), with its scores, in the order in which they came."""

    places: np.ndarray
    objectives: np.ndarray
    violation: np.ndarray
    numbers: dict[bytes, int] = field(default_factory=dict)

    @staticmethod
    def empty(levers: int) -> Archive:
        """An archive without a plan."""
        return Archive(np.empty((0, levers), dtype=np.int64), np.empty((0, 0)), np.empty(0))

    def __len__(self) -> int:
        """How many plans there are."""
        return len(self.places)

    def add(self, places: np.ndarray, scores: Scores) -> None:
        """Take up plans that are not there yet."""
        for at, row in enumerate(places):
            self.numbers[key_of(row)] = len(self) + at
        self.places = np.concatenate([self.places, places])
        self.objectives = (scores.objectives if not len(self.objectives)
                           else np.concatenate([self.objectives, scores.objectives]))
        self.violation = np.concatenate([self.violation, scores.violation])

    def front(self) -> np.ndarray:
        """Numbers of the plans that keep the constraint and that no other one betters in everything."""
        kept = np.flatnonzero(self.violation <= 0.0)
        return kept[ranks_of(self.objectives[kept]) == 0]

    def best(self) -> int:
        """The number of the plan with the highest first objective among those that keep the constraint most."""
        least = np.flatnonzero(self.violation == self.violation.min())
        return int(least[np.argmax(self.objectives[least, 0])])


Evaluate = Callable[[np.ndarray], Scores]
Watch = Callable[[Archive], None]
Favourites = Callable[[Archive], Sequence[int]]


def unwatched(_: Archive) -> None:
    """Nobody looks on."""


def best_alone(archive: Archive) -> Sequence[int]:
    """The best plan."""
    return (archive.best(),)



def evolve(sizes: np.ndarray, evaluate: Evaluate, first: np.ndarray, *, plans: int, seed: int,
           repaired: Callable[[np.ndarray], np.ndarray] = lambda places: places, ordered: np.ndarray | None = None,
           watch: Watch = unwatched, favourites: Favourites = best_alone) -> Archive:
    """Every plan of a search, as many as `plans` or as there are; the same arguments give the same plans.

    Args:
        sizes: how many values each lever has, (levers,).
        evaluate: gives the scores of plans (n, levers).
        first: plans to begin with, (n, levers).
        plans: how many plans are evaluated at most, the first ones among them.
        seed: fixes the search's own chance.
        repaired: puts plans that mean the same into one form.
        ordered: whether the values of a lever have an order, (levers,); all if None.
        watch: called with the archive after each generation.
        favourites: numbers of plans in the archive that many children are changed copies of; the best one if not given.
    """
    chance = np.random.default_rng(seed)
    archive = Archive.empty(len(sizes))
    steps = np.ones(len(sizes), dtype=bool) if ordered is None else ordered
    new = _unseen(repaired(np.asarray(first, dtype=np.int64)), archive, plans)
    population = np.empty(0, dtype=np.int64)
    while len(new):
        at = len(archive)
        archive.add(new, evaluate(new))
        watch(archive)
        population = _survivors(archive, np.concatenate([population, np.arange(at, len(archive))]))
        parents = _Parents(archive, population, tuple(favourites(archive)), sizes, steps)
        new = _children(parents, repaired, chance, plans)
    return archive


def key_of(places: np.ndarray) -> bytes:
    """The key of a plan: its own bytes, the same in every process."""
    return np.ascontiguousarray(places, dtype=np.int64).tobytes()


def first_plans(sizes: np.ndarray, known: np.ndarray, seed: int, population: int = POPULATION) -> np.ndarray:
    """Known plans, nothing at all, everything at once, and a Latin hypercube; int64 (n, levers)."""
    from scipy.stats import qmc

    ends = np.stack([np.zeros_like(sizes), sizes - 1])
    rest = max(population - len(known) - len(ends), 0)
    cube = qmc.LatinHypercube(len(sizes), rng=np.random.default_rng(seed)).random(rest) if rest else (
        np.empty((0, len(sizes))))
    return np.concatenate([known.reshape(-1, len(sizes)), ends, (cube * sizes).astype(np.int64)])


def _unseen(places: np.ndarray, archive: Archive, plans: int) -> np.ndarray:
    """Different plans that the archive lacks, no more than are still to come."""
    rows = {key_of(row): row for row in places}
    new = [row for key, row in rows.items() if key not in archive.numbers][:max(plans - len(archive), 0)]
    return np.stack(new) if new else np.empty((0, places.shape[1]), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class _Parents:
    """Where children come from; the population stands in order, the best plan first."""

    archive: Archive
    population: np.ndarray
    favourites: tuple[int, ...]
    sizes: np.ndarray
    ordered: np.ndarray

    def child(self, chance: np.random.Generator) -> np.ndarray:
        """A plan made of one or two others, changed in one lever or more."""
        places, levers = self.archive.places, len(self.sizes)
        if self.favourites and chance.random() < NEAR_THE_BEST:
            child = places[self.favourites[chance.integers(len(self.favourites))]].copy()
        else:
            one, other = (int(self.population[chance.integers(len(self.population), size=2).min()]) for _ in range(2))
            taken = (chance.random(levers) < EVEN) & (chance.random() < CROSSED)
            child = np.where(taken, places[other], places[one])
        changed = chance.random(levers) < 1.0 / levers
        changed[chance.integers(levers)] = True
        for lever in np.flatnonzero(changed):
            child[lever] = self._moved(int(lever), int(child[lever]), chance)
        return child

    def _moved(self, lever: int, place: int, chance: np.random.Generator) -> int:
        size = int(self.sizes[lever])
        if self.ordered[lever] and chance.random() < TO_A_NEIGHBOUR:
            return int(np.clip(place + chance.choice((-1, 1)), 0, size - 1))
        return int(chance.integers(size))


def _children(parents: _Parents, repaired: Callable[[np.ndarray], np.ndarray], chance: np.random.Generator,
              plans: int) -> np.ndarray:
    """New plans, as many as the population has; none where the grid has no other ones, or enough were evaluated."""
    made: dict[bytes, np.ndarray] = {}
    wanted = min(POPULATION, plans - len(parents.archive))
    for _ in range(MOST_TRIES if wanted > 0 else 0):
        some = repaired(np.stack([parents.child(chance) for _ in range(POPULATION)]))
        made |= {key_of(row): row for row in some if key_of(row) not in parents.archive.numbers}
        if len(made) >= wanted:
            break
    rows = list(made.values())[:max(wanted, 0)]
    return np.stack(rows) if rows else np.empty((0, len(parents.sizes)), dtype=np.int64)


def _survivors(archive: Archive, numbers: np.ndarray) -> np.ndarray:
    """The plans that go on, in order: what keeps the constraint by rank and distance, then the rest by violation."""
    violation = archive.violation[numbers]
    kept, broken = numbers[violation <= 0.0], numbers[violation > 0.0]
    ranks = ranks_of(archive.objectives[kept])
    far = np.zeros(len(kept))
    for rank in np.unique(ranks):
        of_rank = ranks == rank
        far[of_rank] = distances(archive.objectives[kept[of_rank]])
    in_order = kept[np.lexsort((-far, ranks))]
    return np.concatenate([in_order, broken[np.argsort(archive.violation[broken], kind="stable")]])[:POPULATION]


def ranks_of(objectives: np.ndarray) -> np.ndarray:
    """The rank of each row (n, objectives), more being better: 0 on the front, 1 on that of the rest, and so on."""
    n = len(objectives)
    ranks = np.full(n, -1)
    if not n:
        return ranks
    no_worse = np.all(objectives[:, None, :] >= objectives[None, :, :], axis=2)
    better: np.ndarray = no_worse & np.any(objectives[:, None, :] > objectives[None, :, :], axis=2)
    above, rank = better.sum(axis=0), 0
    while (ranks < 0).any():
        now = (ranks < 0) & (above == 0)
        ranks[now] = rank
        above = above - better[now].sum(axis=0)
        rank += 1
    return ranks


def distances(objectives: np.ndarray) -> np.ndarray:
    """How far each row is from its neighbours, summed over objectives as shares of their span; infinite at the ends."""
    far = np.zeros(len(objectives))
    for column in objectives.T:
        order = np.argsort(column, kind="stable")
        span = column[order[-1]] - column[order[0]]
        far[order[[0, -1]]] = np.inf
        if span > 0.0:
            far[order[1:-1]] += (column[order[2:]] - column[order[:-2]]) / span
    return far


def thinned(objectives: np.ndarray, most: int) -> np.ndarray:
    """Numbers of at most so many rows of a front, the nearest to others left out one by one."""
    kept = np.arange(len(objectives))
    while len(kept) > most:
        kept = np.delete(kept, int(np.argmin(distances(objectives[kept]))))
    return kept
