"""How sure the order of a ranked list is: what it would be with another seed, and what it adds to the observed levels.

Another seed gives other counts of runs at the threshold: the probability behind a count k of n is Beta(k + a,
n - k + b), where Beta(a, b) has the mean and the variance of all facilities' probabilities (chance taken out), the new
count is binomial, and mean scores, which decide between equals, move by their standard error.
Resampling the runs themselves would not do: a facility that reaches the threshold in none of them never would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qicsim.analysis.projected_tables import effective_runs
from qicsim.ground.intervals import HIGH, LOW
from qicsim.model.recording import MEASURES

if TYPE_CHECKING:
    import pandas as pd

    from qicsim.runs.ensemble import Followed

RESAMPLES = 400
FIRST, SHOWN_FIRST = 10, 20
MOST_ALIKE, SMALLEST = 1000.0, 0.1
"""How many runs a common probability is worth at most, and at least."""
TIE = 1e-9
"""Weight of the mean score (0-100) in the order: it decides between facilities of the same probability alone."""


class Agreement(NamedTuple):
    """What a ranked list (n facilities) is worth.

    first, kept    of the first so many, how many stand among the first again with another seed, expected
    levels, same   of the first so many, how many are those with the lowest observed levels; -1 without levels
    correlation    rank correlation of the list with the observed levels, the lowest first; nan without levels
    """

    first: int
    kept: float
    levels: int
    same: int
    correlation: float


def resampled_ranks(followed: Followed, table: pd.DataFrame, quarter: int, measure: str) -> np.ndarray:
    """Ranks (resamples, n), from 1, of the ranked facilities at the top of a list, each time with another seed."""
    names = {name: row for row, name in enumerate(followed.runner.world.register.id)}
    rows = np.array([names[name] for name in table["id"][table["rank"].notna()]], dtype=np.int64)
    column = MEASURES.index(measure)
    reached, scores = (values[:, quarter, column][:, rows].astype(float) for values in (followed.reached,
                                                                                        followed.scores))
    runs = max(effective_runs(reached, followed.replicates), 1.0)
    count, size, luck = reached.mean(axis=0) * runs, (RESAMPLES, len(rows)), np.random.default_rng(1)
    high, low = _beta_of(count / runs, runs)
    behind = luck.beta(count + high, runs - count + low, size=size)
    share = luck.binomial(round(runs), behind) / round(runs)
    mean = luck.normal(scores.mean(axis=0), scores.std(axis=0) / np.sqrt(runs), size=size)
    order = np.argsort(share + TIE * mean, axis=1, kind="stable")
    return np.asarray(np.argsort(order, axis=1) + 1)


def _beta_of(shares: np.ndarray, runs: float) -> tuple[float, float]:
    """The beta distribution of the probabilities behind shares (n,) of so many runs, by moments."""
    if not len(shares):
        return 1.0, 1.0
    mean = (shares.sum() + 0.5) / (len(shares) + 1.0)  # neither 0 nor 1
    chance = float((shares * (1.0 - shares)).mean()) / runs
    between = max(float(shares.var()) - chance, mean * (1.0 - mean) / MOST_ALIKE)
    size = max(mean * (1.0 - mean) / between - 1.0, SMALLEST)
    return mean * size, (1.0 - mean) * size


def with_intervals(table: pd.DataFrame, ranks: np.ndarray) -> pd.DataFrame:
    """The list with `rank_low` and `rank_high`, and `group`: within one nobody can be ordered.

    An interval holds 90 % of resamples, and the rank itself. A group begins with the
    first facility whose interval begins after that of the group's first one has ended.
    """
    low, high = (np.full(len(table), np.nan) for _ in range(2))
    group = np.full(len(table), np.nan)
    if ranks.shape[1]:
        number = ranks.shape[1]
        own = np.arange(1.0, number + 1.0)  # the first of a list are drawn towards its middle: their rank is kept in
        bounds = np.percentile(ranks, (LOW, HIGH), axis=0, method="inverted_cdf")
        low[:number], high[:number] = np.minimum(bounds[0], own), np.maximum(bounds[1], own)
        last, of = -np.inf, 0
        for at in range(number):
            if low[at] > last:
                last, of = high[at], of + 1
            group[at] = of
    found = table.copy()
    for place, (name, values) in enumerate((("rank_low", low), ("rank_high", high), ("group", group)), start=1):
        found.insert(place, name, values)
    return found


def agreement_of(table: pd.DataFrame, ranks: np.ndarray) -> Agreement:
    """What the list of these resampled ranks is worth."""
    number = ranks.shape[1]
    first, levels = min(FIRST, number), min(SHOWN_FIRST, number)
    kept = float((ranks[:, :first] <= first).sum(axis=1).mean())
    observed = table["observed"].to_numpy(float)[:number]
    if not number or not np.isfinite(observed).all():
        return Agreement(first, kept, levels, -1, np.nan)
    order = np.argsort(observed, kind="stable")
    by_level = np.argsort(order)
    spread = number * (number**2 - 1) / 6.0
    correlation = 1.0 - float(((by_level - np.arange(number)) ** 2).sum()) / spread if number > 1 else np.nan
    return Agreement(first, kept, levels, int((by_level[:levels] < levels).sum()), correlation)
