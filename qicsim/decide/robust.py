"""Robust choices among the scenarios of an ensemble: regret, the chance of a target, and what is good enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qicsim.decide.bill import Budget
from qicsim.decide.frame import Frame
from qicsim.decide.gains import Gain
from qicsim.decide.outcomes import ONE_SCENARIO
from qicsim.decide.reading import at_year_end
from qicsim.decide.robustness import AtLeast, AtMost, Regret, Satisficing, satisficing
from qicsim.decide.robustness import regret as regret_of
from qicsim.decide.settings import Target
from qicsim.decide.spread import Spread, spread
from qicsim.decide.targets import Chance, Hinges, chance, hinges
from qicsim.decide.value import Value
from qicsim.told import Told, tell

OWN = "as simulated"


@dataclass(frozen=True, eq=False)
class Aim:
    """The target by scenario.

    target    share, year, indicator and group
    chances   of `true_80` and of `recorded_80` reaching it, whichever of them is meant
    share     mean and interval between draws of the share that is meant, (scenarios,)
    hinges    what it hinges on, for the scenarios that matter: the likeliest to meet it, and the best value
    middle    the same for a line through the middle of the draws (share, hinges), for targets that are met always or
              never
    """

    target: Target
    names: tuple[str, ...]
    chances: dict[str, Chance]
    share: Spread
    hinges: dict[str, Hinges]
    middle: dict[str, tuple[float, Hinges]]

    @property
    def meant(self) -> Chance:
        """The chance of the indicator that the target names."""
        return self.chances[self.target.indicator]

    @property
    def likeliest(self) -> str:
        """The scenario with the best chance; of equals, the one with the highest mean share."""
        return max(zip(self.meant.probability.tolist(), self.share.mean.tolist(), self.names, strict=True))[2]


@dataclass(frozen=True, eq=False)
class Robust:
    """Regret of net benefit (US$) by structure, and how often scenarios are good enough.

    structures  names of the axis of `regret.by_structure`
    enough      share of draws in which all of `thresholds` hold
    thresholds  what is asked for, in words, by name
    """

    structures: tuple[str, ...]
    regret: Regret
    enough: Satisficing
    thresholds: dict[str, Told]

    @property
    def sentence(self) -> str:
        """Which choice is robust, in words."""
        return ONE_SCENARIO if len(self.regret.names) == 1 else self.regret.sentence


def aim(frame: Frame, held: Value) -> Aim:
    """How probable the target is, and what it hinges on."""
    target = frame.settings.target
    shares = {name: at_year_end(frame.ensemble, name, int(target.by or 0), target.group)
              for name in ("true_80", "recorded_80")}
    chances = {name: chance(share, target.share, frame.names) for name, share in shares.items()}
    by_draw = shares[target.indicator].mean(axis=2)
    found = Aim(target, frame.names, chances, spread(by_draw), {}, {})
    for name in dict.fromkeys((found.likeliest, held.best)):
        place = frame.names.index(name)
        found.hinges[name] = _hinges(frame, found.meant.by_draw[place])
        if not found.hinges[name].ranked:
            line = float(np.median(by_draw[place]))
            found.middle[name] = line, _hinges(frame, (by_draw[place] > line).astype(float))
    return found


def _hinges(frame: Frame, met: np.ndarray) -> Hinges:
    return hinges(met, frame.table, frame.parameters, seed=frame.settings.seed)


def robust(frame: Frame, nets: Mapping[str, np.ndarray], found: Aim, gains: Mapping[str, Gain], spent: Budget
           ) -> Robust:
    """Regret of net benefits (scenarios, draws) by structure, and satisficing."""
    told = regret_of(np.stack(list(nets.values())), frame.names)
    outcomes, thresholds, words = _thresholds(found, gains, spent)
    return Robust(tuple(nets), told, satisficing(outcomes, thresholds, frame.names), words)


def _thresholds(found: Aim, gains: Mapping[str, Gain], spent: Budget
                ) -> tuple[dict[str, np.ndarray], dict[str, AtLeast | AtMost], dict[str, Told]]:
    """What is good enough: the target, the ceiling if there is one, and no wider gap between provinces."""
    target = found.target
    outcomes = {"target": found.meant.by_draw, "provinces": gains["slope_true"].gained}
    thresholds: dict[str, AtLeast | AtMost] = {"target": AtLeast(0.5), "provinces": AtMost(0.0)}
    words = {"target": tell("the target of {share} % by {year} is met", share=f"{100.0 * target.share:g}",
                            year=target.by),
             "provinces": tell("the gap between provinces is no wider than under the reference")}
    if spent.excess:
        limit = next(iter(spent.excess.values())).ceiling
        outcomes["ceiling"] = np.stack([(usd > limit).any(axis=1).astype(float) for usd in spent.spent.values()])
        thresholds["ceiling"] = AtMost(0.0)
        words["ceiling"] = tell("spending stays within the ceiling in every year")
    return outcomes, thresholds, words
