"""The probability that a target is met, and what it hinges on.

A target is met in a run or not; its probability is the mean over draws of the share of a draw's replicates that meet
it, and its interval counts draws, as replicates of a draw are alike. What it hinges on are its drivers: the parameters
whose rank correlation with that share is more than chance (`qicsim.analysis.drivers`, with the chances in the lowest
and the highest third of each parameter).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.analysis.drivers import FEWEST_DRAWS, Drivers, drivers
from qicsim.decide.checks import Checks, is_number, shown
from qicsim.ground.numbers import percent
from qicsim.ground.translatable import Told, tell

NINETY_SEVEN = 1.959963984540054
FEWEST = 3.0  # draws that meet, or miss, a target: with fewer it counts as never, or always, met


@dataclass(frozen=True, eq=False)
class Chance:
    """The probability of a target, (scenarios,), with its 95 % interval, and by draw (scenarios, draws)."""

    names: tuple[str, ...]
    probability: np.ndarray
    low: np.ndarray
    high: np.ndarray
    by_draw: np.ndarray


@dataclass(frozen=True, eq=False)
class TargetDrivers:
    """The drivers of a target, and the same in a plain sentence; None when it is always or never met."""

    drivers: Drivers | None
    sentence: Told

    @property
    def named(self) -> tuple[str, ...]:
        """The parameters that the target moves with for more than chance, the strongest first."""
        return tuple(driver.parameter for driver in self.drivers.named) if self.drivers else ()


def chance(values: Any, target: float, names: Sequence[str], *, at_most: bool = False) -> Chance:
    """How probable it is that values (scenarios, draws, replicates) reach a target.

    Raises SettingError, with every fault, for shapes, names, a target or values that are not finite.
    """
    faults = Checks()
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


def target_drivers(met: Any, parameters: Any, names: Sequence[str]) -> TargetDrivers:
    """The parameters that a target moves with (`qicsim.analysis.drivers`).

    Args:
        met: (draws,) whether it was met, or the share of a draw's replicates that met it.
        parameters: (draws, parameters).
        names: of the parameters.

    Raises:
        SettingError: with every fault: shapes, names, shares outside 0-1, values that are not finite.
    """
    faults = Checks()
    share = faults.numbers("met", met, ("draw",))
    table = faults.numbers("parameters", parameters, ("draw", "parameter"), {"parameter": names})
    known = faults.names("names", names, table.shape[-1], "parameters")
    if share.size and table.size and len(share) != len(table):
        faults.add("parameters", f"{len(table)} draws for {len(share)} of the target", "the same draws")
    if share.size and (share.min() < 0.0 or share.max() > 1.0):
        faults.add("met", "has shares outside 0 to 1", "0 to 1")
    faults.refuse()
    if float(min(share.sum(), (1.0 - share).sum())) < FEWEST:
        return TargetDrivers(None, tell("The target is met in {share} of draws: too one-sided to say what it hinges "
                                        "on.", share=percent(share.mean())))
    found = drivers(share, table, known)
    if found.draws < FEWEST_DRAWS:
        return TargetDrivers(found, tell("{draws} draws are too few to say what it hinges on.", draws=found.draws))
    named = ", ".join(driver.parameter for driver in found.named)
    return TargetDrivers(found, tell("The target hinges on {parameters}.", parameters=named) if named
                         else tell("No parameter alone decides it."))
