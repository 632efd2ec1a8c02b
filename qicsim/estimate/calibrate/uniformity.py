"""Are these numbers uniform? Tests for ranks between 0 and 1.

The band of the empirical distribution is simultaneous: a uniform sample leaves it anywhere with the stated
probability. At points z_i the count below is Binomial(n, z_i), and given one count the next is binomial too, so the
probability that all counts stay within pointwise intervals is a product of matrices, exact (Sailynoja, Buerkner and
Vehtari 2022, "Graphical test for discrete uniformity and its applications in goodness-of-fit evaluation and multiple
sample comparison").
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import special

POINTS = 50
FEWEST_IN_BIN = 25
MOST_BINS = 20
HALVINGS = 40


def ecdf_p_value(ranks: np.ndarray) -> float:
    """Probability that a uniform sample strays as far from the diagonal as these ranks (n,), anywhere."""
    n, grid = len(ranks), _grid()
    counts = np.searchsorted(np.sort(ranks), grid, side="right")
    pointwise = _two_sided(counts, n, grid)
    return max(1.0 - _stays_within(n, float(pointwise.min())), 0.0)


@cache
def ecdf_band(n: int, level: float = 0.95) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points, lower and upper ends of the simultaneous band of the empirical distribution of n uniform numbers."""
    low, high = 0.0, 1.0 - level
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _stays_within(n, middle) >= level else (low, middle)
    grid = _grid()
    allowed = _allowed(n, low)
    return grid, allowed.argmax(axis=1) / n, (n - allowed[:, ::-1].argmax(axis=1)) / n


def chi_square_p_value(ranks: np.ndarray) -> float:
    """Pearson's test of equal counts in up to 20 bins of at least 25 expected ranks each."""
    bins = int(np.clip(len(ranks) // FEWEST_IN_BIN, 2, MOST_BINS))
    counts = np.bincount(np.minimum((ranks * bins).astype(int), bins - 1), minlength=bins)
    expected = len(ranks) / bins
    return float(special.chdtrc(bins - 1, np.sum((counts - expected) ** 2) / expected))


def coverage(ranks: np.ndarray, level: float) -> int:
    """How many central intervals of this level hold the truth."""
    return int(np.sum(np.abs(ranks - 0.5) <= 0.5 * level))


def binomial_p_value(count: int, n: int, share: float) -> float:
    """Two-sided probability of a count as far from its expectation (twice the smaller tail)."""
    return float(_two_sided(np.array([count]), n, np.array([share]))[0])


def binomial_interval(count: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson's confidence interval of a share."""
    tail = 0.5 * (1.0 - level)
    low = 0.0 if count == 0 else float(special.betaincinv(count, n - count + 1, tail))
    high = 1.0 if count == n else float(special.betaincinv(count + 1, n - count, 1.0 - tail))
    return low, high


def _grid() -> np.ndarray:
    return np.arange(1, POINTS) / POINTS


def _two_sided(counts: np.ndarray, n: int, shares: np.ndarray) -> np.ndarray:
    """Twice the smaller tail probability of binomial counts, at most 1."""
    below = special.bdtr(counts, n, shares)
    above = np.where(counts > 0, special.bdtrc(np.maximum(counts - 1, 0), n, shares), 1.0)
    return np.minimum(2.0 * np.minimum(below, above), 1.0)


def _allowed(n: int, pointwise: float) -> np.ndarray:
    """Counts whose pointwise probability is above a limit, (points, n + 1)."""
    counts = np.arange(n + 1)
    return np.array([_two_sided(counts, n, np.full(n + 1, share)) > pointwise for share in _grid()])


def _stays_within(n: int, pointwise: float) -> float:
    """Probability that at every point the count's pointwise probability is above a limit."""
    logs = special.gammaln(np.arange(n + 2) + 1.0)
    allowed, grid = _allowed(n, pointwise), _grid()
    counts, chances, before = np.array([0]), np.array([1.0]), 0.0
    for row, share in zip(allowed, grid, strict=True):
        after = np.flatnonzero(row)
        step = (share - before) / (1.0 - before)
        more, left = after[:, None] - counts, n - counts
        possible = more >= 0
        jump = np.where(possible, more, 0)
        log_chance = (logs[left] - logs[jump] - logs[np.maximum(left - jump, 0)]
                      + jump * np.log(step) + (left - jump) * np.log1p(-step))
        transition = np.where(possible & (jump <= left), np.exp(log_chance), 0.0)
        counts, chances, before = after, transition @ chances, share
    return float(chances.sum())
