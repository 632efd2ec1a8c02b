"""Indices of one output with their intervals, from values (points, replicates).

    sobol     first (Jansen 1999: Saltelli's product with the level taken out), total (Jansen 1999), second
    shapley   Shapley effects as shares (Goda 2021; Song, Nelson and Staum 2016)
    morris    mu_star, mu, sigma (Morris 1991; Campolongo, Cariboni and Saltelli 2007), for a whole range
    pawn      PAWN index: distance of distributions, median over ten slices (Pianosi and Wagener 2018)

First, total, second and Shapley are ratios of means over blocks. With a, b the ends of a block, c a row between:

    V = (a - b)^2 / 2        total: (a - c)^2 / 2        first: V - (b - c)^2 / 2

each a product over different replicates (`noise`), so that a factor that moves nothing has exactly 0 when luck is
shared, and a factor that is alone exactly 1. Their intervals take the blocks as independent: the points of a Sobol
sequence are spread more evenly, which makes intervals too wide rather than too narrow.

mu_star and PAWN are means of absolute values, which chance can only raise. Each is bracketed without any assumption on
chance but that replicates (halves of the sample) are independent: from above by the plain mean of |effect|, from below
by the effect in one part with the sign, or at the place, that another part gives it. The interval goes from the lower
end of the lower one to the upper end of the upper one. Between the two the estimate of mu_star is the mean absolute
value of normal effects with mean mu and spread sigma (both free of chance); for PAWN, and for levers of more than two
values, it is the middle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import special, stats

from qicsim.analysis.noise import half_square
from qicsim.analysis.sampling import CubeDesign, starts

SLICES = 10
GROUPS = 20
GRID = 4096
TWO = 2


@dataclass(frozen=True, eq=False)
class Estimate:
    """An index of every factor (k,), or pair of factors (k, k), with the ends of its interval."""

    index: str
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


Estimator = Callable[[CubeDesign, np.ndarray, float], tuple[Estimate, ...]]


# -------------------------------------------------------------------------------------------------- shares of variance


def sobol_indices(design: CubeDesign, values: np.ndarray, level: float) -> tuple[Estimate, ...]:
    """First and total order, and second order if the design has it.

    With second order every index is the mean of two: from A and from B.
    """
    k, rows = len(design.factors), _blocks(design, values)
    a, one, other, b = rows[:, :1], rows[:, 1:k + 1], rows[:, k + 1:-1], rows[:, -1:]
    spread = half_squares(a - b)
    total, first = half_squares(a - one), spread - half_squares(b - one)
    if design.layout.correlation is not None:
        first = spread - half_squares(a - other)
    if design.second_order:
        total = 0.5 * (total + half_squares(b - other))
        first = 0.5 * (first + spread - half_squares(a - other))
    found = (_ratio("first", first, spread[:, 0], level), _ratio("total", total, spread[:, 0], level))
    if not design.second_order:
        return found
    pairs = list(combinations(range(k), 2))
    left, right = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    apart = 0.5 * (half_squares(one[:, right] - other[:, left]) + half_squares(one[:, left] - other[:, right]))
    second = _ratio("second", spread - apart - first[:, left] - first[:, right], spread[:, 0], level)
    return (*found, Estimate("second", *(_square(part, pairs, k) for part in (second.value, second.low, second.high))))


def shapley_indices(design: CubeDesign, values: np.ndarray, level: float) -> tuple[Estimate, ...]:
    """Shapley effects as shares of the variance; they add up to 1."""
    rows = _blocks(design, values)
    gained = half_squares(rows[:, :1] - rows)
    shares = np.empty(design.order.shape)
    np.put_along_axis(shares, design.order, np.diff(gained, axis=1), axis=1)
    return (_ratio("shapley", shares, gained[:, -1], level),)


def half_squares(difference: np.ndarray) -> np.ndarray:
    """Half the squares of differences (n, rows, replicates) without chance, (n, rows)."""
    return half_square(difference.swapaxes(1, 2))


def _ratio(index: str, parts: np.ndarray, whole: np.ndarray, level: float) -> Estimate:
    """Means of parts (n, k) as shares of the mean of wholes (n,), with intervals by linearisation; NaN of no whole."""
    n, mean = len(whole), float(whole.mean())
    if not mean > 0.0:
        nothing = np.full(parts.shape[1], np.nan)
        return Estimate(index, nothing, np.zeros(parts.shape[1]), np.ones(parts.shape[1]))
    value = parts.mean(axis=0) / mean
    off = (parts - value * whole[:, None]) / mean
    half = _t(level, n - 1) * off.std(axis=0, ddof=1) / np.sqrt(n)
    return Estimate(index, value, value - half, value + half)


def _square(values: np.ndarray, pairs: list[tuple[int, int]], k: int) -> np.ndarray:
    """Values of pairs as a table (k, k), NaN but above the diagonal."""
    out = np.full((k, k), np.nan)
    for (i, j), value in zip(pairs, values, strict=True):
        out[i, j] = value
    return out


# -------------------------------------------------------------------------------------------------- elementary effects


def morris_indices(design: CubeDesign, values: np.ndarray, level: float) -> tuple[Estimate, ...]:
    """What each factor moves when it goes across its range: mean absolute effect, mean effect, spread of effects.

    A parameter crosses half the cube, so its effect is twice the difference: for an output that is linear in the
    probability of its prior the difference between the ends of its range. A lever takes all its values: its absolute
    effect is the largest difference between two of them, its effect that of the last value of its list from the first.
    """
    found = [_effects_of(_visits(design, values, at), level) for at in range(len(design.factors))]
    return tuple(Estimate(name, *np.array([one[place] for one in found]).T)
                 for place, name in enumerate(("mu_star", "mu", "sigma")))


def _visits(design: CubeDesign, values: np.ndarray, factor: int) -> np.ndarray:
    """Outputs at what a factor takes, from low to high, scaled to its whole range: (n, values, replicates)."""
    layout, moves = design.layout, design.layout.moves
    first = starts(design.order, moves)[:, factor]
    rows = first[:, None] + np.arange(moves[factor] + 1)
    column = int(np.flatnonzero(layout.of_factor(factor))[0])
    at = np.take_along_axis(design.points[:, column].reshape(design.n, design.block), rows, axis=1)
    rows = np.take_along_axis(rows, np.argsort(at, axis=1), axis=1)
    scale = 1.0 if layout.values[column] else 2.0
    return scale * np.take_along_axis(_blocks(design, values), rows[:, :, None], axis=1)


def _effects_of(visits: np.ndarray, level: float) -> tuple[tuple[float, ...], ...]:
    """mu_star, mu and sigma of a factor, each with its interval."""
    n, _, replicates = visits.shape
    effects = visits[:, -1] - visits[:, 0]
    shown, wide = effects.mean(axis=1), _t(level, n - 1) / np.sqrt(n)
    chance = effects.var(axis=1, ddof=1) / replicates if replicates > 1 else np.zeros(n)
    mean, half = float(shown.mean()), wide * float(shown.std(ddof=1))
    squares = n / (n - 1.0) * (shown - mean) ** 2 - chance
    spread, own, more = float(squares.mean()), wide * float(squares.std(ddof=1)), float(shown.var(ddof=1)) / n
    # `more`: what the estimated mean adds, which counts where effects are of two sizes and squares hardly vary
    sigma = tuple(float(np.sqrt(max(part, 0.0))) for part in (
        spread, spread - own - more, spread + own + (wide**2 * n - 1.0) * more))
    lowest, lower, upper, highest = _bracket(visits, wide)
    likely = float(folded(np.array([abs(mean)]), sigma[0])[0])
    value = float(np.clip(likely, lower, upper)) if visits.shape[1] == TWO else 0.5 * (lower + upper)
    return (value, lowest, highest), (mean, mean - half, mean + half), sigma


def _bracket(visits: np.ndarray, wide: float) -> tuple[float, float, float, float]:
    """mu_star from what replicates agree on to what they show with chance taken off; the ends of both intervals."""
    replicates = visits.shape[2]
    shown = np.ptp(visits.mean(axis=2), axis=1)
    top, half = float(shown.mean()), wide * float(shown.std(ddof=1))
    if replicates == 1:
        return max(top - half, 0.0), top, top, top + half
    floor, unsure = 0.0, 0.0
    if visits.shape[1] == TWO:  # what chance alone makes of their difference
        off = np.ptp(visits - visits.mean(axis=2, keepdims=True), axis=1).mean(axis=1) / np.sqrt(replicates - 1.0)
        floor, unsure = float(off.mean()), wide * float(off.std(ddof=1))
    upper, highest = without_noise(np.array([top, top + np.hypot(half, unsure)]), floor).tolist()
    agreed = np.mean([_agreed(visits, at) for at in range(replicates)], axis=0)
    lower = min(max(float(agreed.mean()), 0.0), upper)
    return min(max(float(agreed.mean()) - wide * float(agreed.std(ddof=1)), 0.0), lower), lower, upper, highest


def _agreed(visits: np.ndarray, replicate: int) -> np.ndarray:
    """A replicate's difference between the values that are highest and lowest in the mean of the others; (n,)."""
    others = np.delete(visits, replicate, axis=2).mean(axis=2)
    own = visits[:, :, replicate]
    ends = (np.take_along_axis(own, pick(others, axis=1)[:, None], axis=1)[:, 0] for pick in (np.argmax, np.argmin))
    return np.subtract(*ends)


def folded(effect: np.ndarray, spread: float) -> np.ndarray:
    """Mean absolute value of normal effects with these means e (n,), 0 or more, and the standard deviation s.

    g(e) = s sqrt(2 / pi) exp(-e^2 / 2 s^2) + e erf(e / s sqrt(2))
    """
    if not spread > 0.0:
        return effect
    scaled = effect / spread
    return np.asarray(spread * np.sqrt(2.0 / np.pi) * np.exp(-0.5 * scaled**2)
                      + effect * special.erf(scaled / np.sqrt(2.0)))


def without_noise(shown: np.ndarray, floor: float) -> np.ndarray:
    """The most that effects are worth in the mean that show these mean absolute effects (n,) above a noise floor.

    An effect e with noise of standard deviation s shows `folded`(e, s) in the mean, and floor if it is 0. As that is
    convex in e and s, effects that show H are worth at most its inverse at H in the mean.
    """
    if not floor > 0.0:
        return shown
    grid = np.linspace(0.0, max(float(shown.max()), floor), GRID)
    return np.asarray(np.interp(shown, folded(grid, floor * np.sqrt(0.5 * np.pi)), grid))


# ------------------------------------------------------------------------------------------ distances of distributions


def pawn_index(design: CubeDesign, values: np.ndarray, level: float) -> tuple[Estimate, ...]:
    """Median distance (Kolmogorov and Smirnov) of the output's distribution from that with the factor in a slice.

    Parts of the sample are picked at random: every second point of a Sobol sequence lies in one half of the cube.
    """
    y = values.mean(axis=1)
    n = len(y)
    part = np.random.default_rng(design.seed).permutation(n) % GROUPS
    shown, agreed = _distances(design.points, y, part % 2 == 0)
    less = np.array([_distances(design.points[part != one], y[part != one], part[part != one] % 2 == 0)
                     for one in range(GROUPS)])
    error = np.sqrt((GROUPS - 1.0) / GROUPS * ((less - less.mean(axis=0)) ** 2).sum(axis=0))
    wide = _t(level, GROUPS - 1)
    lower = np.clip(agreed, 0.0, shown)
    return (Estimate("pawn", 0.5 * (lower + shown), np.clip(agreed - wide * error[1], 0.0, lower),
                     np.minimum(shown + wide * error[0], 1.0)),)


def _distances(points: np.ndarray, y: np.ndarray, one: np.ndarray) -> np.ndarray:
    """Medians over slices of the largest distance, and of the distance in one half where the other has its largest."""
    order = np.argsort(y, kind="stable")
    halves, found = one[order], []
    for column in points[order].T:
        slices = np.empty(len(y), dtype=np.int64)
        slices[np.argsort(column, kind="stable")] = np.arange(len(y)) * SLICES // len(y)
        inside = slices[:, None] == np.arange(SLICES)
        whole, first, second = (_gap(inside, chosen) for chosen in (np.ones(len(y), dtype=bool), halves, ~halves))
        agreed = [_at_largest(*pair) for pair in ((first, second), (second, first))]
        found.append([np.median(np.abs(whole).max(axis=0)), np.median(np.mean(agreed, axis=0))])
    return np.array(found).T


def _gap(inside: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Distribution of the chosen values in each slice minus that of all the chosen, at every value (n, slices)."""
    own, mine = np.cumsum(inside & chosen[:, None], axis=0), np.cumsum(chosen)
    return np.asarray(own / np.maximum(own[-1], 1) - (mine / max(int(mine[-1]), 1))[:, None])


def _at_largest(where: np.ndarray, read: np.ndarray) -> np.ndarray:
    """What `read` has where `where` is largest in size, with the sign of that; (slices,)."""
    at = np.abs(where).argmax(axis=0)[None]
    return np.asarray((np.sign(np.take_along_axis(where, at, axis=0)) * np.take_along_axis(read, at, axis=0))[0])


ESTIMATORS: dict[str, dict[str, Estimator]] = {
    "sobol": {"sobol": sobol_indices}, "morris": {"morris": morris_indices}, "shapley": {"shapley": shapley_indices},
    "sequence": {"pawn": pawn_index}}


def _blocks(design: CubeDesign, values: np.ndarray) -> np.ndarray:
    """Values by block: (n, rows of a block, replicates)."""
    return values.reshape(design.n, design.block, values.shape[1])


def _t(level: float, freedom: int) -> float:
    """Standard errors of a half-width."""
    return float(stats.t.ppf(0.5 + 0.5 * level, max(freedom, 1)))
