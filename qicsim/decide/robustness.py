"""Robust choices: how much each scenario could be regretted, and how often it is good enough.

    regret_i = max_j Y_j - Y_i        in the same structure and draw

The mean regret under the draws is the expected loss; the largest (minimax) asks nothing of probabilities (Savage 1951,
J Am Stat Assoc 46:55-67). Satisficing: the share of draws in which thresholds on several outcomes all hold (Starr's
domain criterion; McPhail et al. 2018, Earth's Future 6:169-91).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.decide.checks import Checks, promoted
from qicsim.decide.outcomes import ONE_SCENARIO
from qicsim.decide.targets import share_interval


@dataclass(frozen=True, eq=False)
class Regret:
    """Regret of each scenario, in the unit of the outcome.

    regret        float64 (structures, scenarios, draws)
    mean          (scenarios,): over structures (of equal weight) and draws
    high          (scenarios,): 95 % point
    largest       (scenarios,)
    by_structure  (structures, scenarios): mean
    """

    names: tuple[str, ...]
    regret: np.ndarray
    mean: np.ndarray
    high: np.ndarray
    largest: np.ndarray
    by_structure: np.ndarray

    @property
    def choices(self) -> dict[str, str]:
        """The scenario with the least mean, 95 % and largest regret; of equals, the first by name."""
        return {rule: min(zip(values.tolist(), self.names, strict=True))[1]
                for rule, values in (("mean", self.mean), ("95 %", self.high), ("minimax", self.largest))}

    @property
    def sentence(self) -> str:
        """Which choice is robust, in words."""
        if len(self.names) == 1:
            return ONE_SCENARIO
        rules = self.choices
        if len(set(rules.values())) == 1:
            return f"{rules['mean']} has the least regret on average, at 95 % and at the worst."
        return "Least regret: " + ", ".join(f"{name} ({rule})" for rule, name in rules.items()) + "."


def regret(values: Any, names: Sequence[str], *, higher_is_better: bool = True) -> Regret:
    """Regret of values (scenarios, draws) or (structures, scenarios, draws), compared within structure and draw.

    Raises SettingError, with every fault, for an empty set, names that do not fit, or values that are not finite.
    """
    faults = Checks()
    array = faults.numbers("values", promoted(values, 3, 0), ("structure", "scenario", "draw"),
                           {"scenario": [str(name) for name in names]})
    known = faults.names("names", names, array.shape[1], "scenarios")
    faults.refuse()
    good = array if higher_is_better else -array
    lost = good.max(axis=1, keepdims=True) - good
    flat = np.moveaxis(lost, 1, 0).reshape(len(known), -1)
    return Regret(known, lost, flat.mean(axis=1), np.percentile(flat, 95.0, axis=1), flat.max(axis=1),
                  lost.mean(axis=2))


@dataclass(frozen=True)
class AtLeast:
    """A threshold from which on an outcome is good enough."""

    value: float

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Whether it holds."""
        return values >= self.value


@dataclass(frozen=True)
class AtMost:
    """A threshold up to which an outcome is good enough."""

    value: float

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Whether it holds."""
        return values <= self.value


@dataclass(frozen=True, eq=False)
class Satisficing:
    """Shares of draws: all thresholds (scenarios,) with a 95 % interval, and each alone (outcomes, scenarios)."""

    names: tuple[str, ...]
    outcomes: tuple[str, ...]
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray
    each: np.ndarray

    @property
    def best(self) -> int:
        """The place of the scenario for which all thresholds hold most often; of equals, the first."""
        return int(np.argmax(self.share))


def satisficing(outcomes: Mapping[str, Any], thresholds: Mapping[str, AtLeast | AtMost],
                names: Sequence[str]) -> Satisficing:
    """How often thresholds hold together, from outcomes (scenarios, draws) by name, paired by draw.

    Raises SettingError, with every fault, for no threshold, one without its outcome, or arrays that do not fit.
    """
    faults = Checks()
    if not thresholds:
        faults.add("thresholds", "there is none", "one or more")
    faults.known("thresholds", thresholds, tuple(outcomes))
    labels = {"scenario": [str(name) for name in names]}
    arrays = {name: faults.numbers(f"outcomes {name}", values, ("scenario", "draw"), labels)
              for name, values in outcomes.items() if name in thresholds}
    first = next(iter(arrays.values()), np.zeros((0, 0)))
    for name, array in arrays.items():
        faults.alike(f"outcomes {name}", array, "others", first)
    known = faults.names("names", names, len(first), "scenarios")
    faults.refuse()
    held = np.stack([thresholds[name].holds(array) for name, array in arrays.items()])
    together = held.all(axis=0)
    low, high = share_interval(together.mean(axis=1), together.shape[1])
    return Satisficing(known, tuple(arrays), together.mean(axis=1), low, high, held.mean(axis=2))
