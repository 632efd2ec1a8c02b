"""The probability that a target is met, and what it hinges on.

A target is met in a run or not; its probability is the mean over draws of the share of a draw's replicates that meet
it, and its interval counts draws, as replicates of a draw are alike. A parameter's weight is the difference between its
means with the target met and missed, in standard deviations (each draw counts for both, by its share), with a 95 %
interval. It counts as found only if a difference as large is rare when draws are shuffled, at a false discovery rate of
5 % over all parameters (Benjamini and Hochberg 1995, J R Stat Soc B 57:289-300). A parameter that matters only in the
middle of its range, or only together with another, is not seen by means: the chances in its lowest and highest third
are given beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import rankdata, t

from qicsim.decide.checks import Faults, is_number, shown
from qicsim.decide.currency import percent
from qicsim.ground.translatable import Told, tell

NINETY_SEVEN = 1.959963984540054
RATE = 0.05
FEWEST = 3.0
SHUFFLES, BATCH = 5000, 500


@dataclass(frozen=True, eq=False)
class Chance:
    """The probability of a target, (scenarios,), with its 95 % interval, and by draw (scenarios, draws)."""

    names: tuple[str, ...]
    probability: np.ndarray
    low: np.ndarray
    high: np.ndarray
    by_draw: np.ndarray


@dataclass(frozen=True)
class Hinge:
    """A parameter on which a target hinges.

    difference  mean where it is met minus mean where it is missed, in standard deviations; with `low`, `high` (95 %)
    chance_low  probability of the target in the lowest third of the parameter; chance_high in the highest
    found       whether the difference survives the correction for many parameters
    """

    name: str
    difference: float
    low: float
    high: float
    chance_low: float
    chance_high: float
    found: bool


@dataclass(frozen=True)
class Hinges:
    """Parameters by falling absolute difference; empty, with a plain sentence, when a target is always or never met."""

    ranked: tuple[Hinge, ...]
    sentence: Told

    @property
    def found(self) -> tuple[str, ...]:
        """The parameters that it hinges on for more than chance."""
        return tuple(one.name for one in self.ranked if one.found)


def chance(values: Any, target: float, names: Sequence[str], *, at_most: bool = False) -> Chance:
    """How probable it is that values (scenarios, draws, replicates) reach a target.

    Raises SettingError, with every fault, for shapes, names, a target or values that are not finite.
    """
    faults = Faults()
    labels = {"scenario": [str(name) for name in names]}
    array = faults.numbers("values", values, ("scenario", "draw", "replicate"), labels)
    known = faults.names("names", names, len(array), "scenarios")
    if not is_number(target) or not np.isfinite(target):
        faults.add("target", shown(target), "a finite number")
    faults.refuse()
    met = (array <= target if at_most else array >= target).mean(axis=2)
    return Chance(known, met.mean(axis=1), *share_interval(met.mean(axis=1), met.shape[1]), met)


def share_interval(share: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of a share of `count` draws (Wilson 1927, J Am Stat Assoc 22:209-12)."""
    squared = NINETY_SEVEN**2 / count
    centre = (share + squared / 2.0) / (1.0 + squared)
    half = NINETY_SEVEN / (1.0 + squared) * np.sqrt(share * (1.0 - share) / count + squared / (4.0 * count))
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def hinges(met: Any, parameters: Any, names: Sequence[str], *, seed: int = 1) -> Hinges:
    """What a target hinges on.

    Args:
        met: (draws,) whether it was met, or the share of a draw's replicates that met it.
        parameters: (draws, parameters).
        names: of the parameters.
        seed: of the shuffles.

    Raises:
        SettingError: with every fault: shapes, names, shares outside 0-1, values that are not finite.
    """
    faults = Faults()
    share = faults.numbers("met", met, ("draw",))
    table = faults.numbers("parameters", parameters, ("draw", "parameter"), {"parameter": names})
    known = faults.names("names", names, table.shape[-1], "parameters")
    if share.size and table.size and len(share) != len(table):
        faults.add("parameters", f"{len(table)} draws for {len(share)} of the target", "the same draws")
    if share.size and (share.min() < 0.0 or share.max() > 1.0):
        faults.add("met", "has shares outside 0 to 1", "0 to 1")
    faults.refuse()
    fewer = float(min(share.sum(), (1.0 - share).sum()))
    if fewer < FEWEST:
        return Hinges((), tell("The target is met in {share} of draws: too one-sided to say what it hinges on.",
                               share=percent(share.mean())))
    difference, error = _difference(share, table)
    found = _discoveries(_by_chance(share, table, difference, np.random.default_rng(seed)))
    half = t.ppf(0.975, fewer - 1.0) * error
    numbers = np.column_stack([difference, difference - half, difference + half, _thirds(share, table)])
    rows = [Hinge(name, mean, low, high, few, many, bool(yes))
            for name, (mean, low, high, few, many), yes in zip(known, numbers.tolist(), found, strict=True)]
    ranked = tuple(sorted(rows, key=lambda row: (-abs(row.difference), row.name)))
    first = [row.name for row in ranked if row.found]
    told = (tell("The target hinges on {parameters}.", parameters=", ".join(first)) if first
            else tell("No parameter alone decides it."))
    return Hinges(ranked, told)


def _scaled(table: np.ndarray) -> np.ndarray:
    """Parameters in standard deviations from their mean; zeros for what does not vary."""
    spread = table.std(axis=0)
    return (table - table.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0) * (np.ptp(table, axis=0) > 0.0)


def _difference(share: np.ndarray, table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Standardised difference in means (parameters,) and its standard error, by influence; 0 for what does not vary."""
    scaled = _scaled(table)
    sides = np.stack([share / share.mean(), (1.0 - share) / (1.0 - share.mean())])
    means = sides @ scaled / len(share)
    difference = means[0] - means[1]
    pull = [side[:, None] * (scaled - mean) for side, mean in zip(sides, means, strict=True)]
    influence = pull[0] - pull[1] - difference * (scaled**2 - 1.0) / 2.0
    return difference, influence.std(axis=0, ddof=1) / np.sqrt(len(share))


def _by_chance(share: np.ndarray, table: np.ndarray, difference: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """How often a difference as large comes up when draws are shuffled; (parameters,), never 0."""
    scaled = _scaled(table)
    mean = share.mean()
    larger = np.zeros(table.shape[1])
    for _ in range(SHUFFLES // BATCH):
        shuffled = rng.permuted(np.tile(share, (BATCH, 1)), axis=1)
        again = (shuffled - mean) @ scaled / (len(share) * mean * (1.0 - mean))
        larger += (np.abs(again) >= np.abs(difference) * (1.0 - 1e-9)).sum(axis=0)
    return (1.0 + larger) / (1.0 + SHUFFLES)


def _discoveries(chances: np.ndarray) -> np.ndarray:
    """Which p-values are findings at a false discovery rate of `RATE`."""
    order = np.argsort(chances)
    passed = np.flatnonzero(chances[order] <= RATE * np.arange(1, len(chances) + 1) / len(chances))
    found = np.zeros(len(chances), dtype=bool)
    found[order[: passed[-1] + 1 if passed.size else 0]] = True
    return found


def _thirds(share: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Mean share in the lowest and the highest third of each parameter, (parameters, 2)."""
    place = (rankdata(table, axis=0) - 0.5) / len(table)
    ends = [place <= 1.0 / 3.0, place >= 2.0 / 3.0]
    return np.stack([(end * share[:, None]).sum(axis=0) / np.maximum(end.sum(axis=0), 1) for end in ends], axis=1)
