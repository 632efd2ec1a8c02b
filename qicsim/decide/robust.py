"""Robust choices among the scenarios of an ensemble: regret, the chance of a target, and what is good enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qicsim.analysis.drivers import movers
from qicsim.decide.costs_by_scenario import Budget
from qicsim.decide.decision_inputs import Frame
from qicsim.decide.outcomes import ONE_SCENARIO
from qicsim.decide.outcomes_by_scenario import Gain
from qicsim.decide.reading import at_year_end
from qicsim.decide.robustness import AtLeast, AtMost, Regret, Satisficing, satisficing
from qicsim.decide.robustness import regret as regret_of
from qicsim.decide.settings import Target
from qicsim.decide.targets import Chance, TargetDrivers, chance, target_drivers
from qicsim.decide.value import Value
from qicsim.ground.intervals import DRAWS, Intervals, interval_of
from qicsim.ground.translatable import Told, tell

SURE = (0.5, 0.8)
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Aim:
    """The target by scenario.

    target    share, year, indicator and group
    chances   of `true_80` and of `recorded_80` reaching it, whichever of them is meant
    share     mean and interval between draws of the share that is meant, (scenarios,)
    reached   share that is reached with a chance of 50 and of 80 %, by that chance, (scenarios,): over draws and runs
    options   names of the choices
    drivers   what it hinges on, for the scenarios that matter: the likeliest to meet it, and the best value
    middle    the same for a line through the middle of the draws (share, drivers), for targets that are met always or
              never
    """

    target: Target
    names: tuple[str, ...]
    chances: dict[str, Chance]
    share: Intervals
    reached: dict[float, np.ndarray]
    options: tuple[str, ...]
    drivers: dict[str, TargetDrivers]
    middle: dict[str, tuple[float, TargetDrivers]]

    @property
    def meant(self) -> Chance:
        """The chance of the indicator that the target names."""
        return self.chances[self.target.indicator]

    @property
    def ever(self) -> bool:
        """Whether it is met in any run under any of the choices."""
        return any(met > 0.0 for met, name in zip(self.meant.probability, self.names, strict=True)
                   if name in self.options)

    @property
    def nearest(self) -> tuple[str, float]:
        """The choice whose share is highest of those that are reached in 8 of 10 runs, and that share, in per cent."""
        shares = zip(self.reached[SURE[-1]].tolist(), self.names, strict=True)
        share, name = max(one for one in shares if one[1] in self.options)
        return name, float(np.floor(100.0 * share + ROUNDING))

    @property
    def likeliest(self) -> str:
        """The choice with the best chance; of equals, the one with the highest mean share."""
        every = zip(self.meant.probability.tolist(), self.share.mean.tolist(), self.names, strict=True)
        return max(one for one in every if one[2] in self.options)[2]


@dataclass(frozen=True, eq=False)
class Robust:
    """Regret of net benefit (US$) of the choices, and how often scenarios are good enough.

    enough      share of draws in which all of `thresholds` hold, of all scenarios
    thresholds  what is asked for, in words, by name
    disagree    scenarios under which one measure of the gap between provinces narrows on average and the other widens
    """

    regret: Regret
    enough: Satisficing
    thresholds: dict[str, Told]
    disagree: tuple[str, ...]

    @property
    def binding(self) -> str:
        """The threshold that is met least often where it is met most often."""
        return min(zip(self.enough.each.max(axis=1).tolist(), self.enough.outcomes, strict=True))[1]

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
    runs = shares[target.indicator].reshape(len(frame.names), -1)
    reached = {sure: np.percentile(runs, 100.0 * (1.0 - sure), axis=1) for sure in SURE}
    found = Aim(target, frame.names, chances, interval_of(by_draw, axis=1, kind=DRAWS), reached, held.options, {}, {})
    for name in dict.fromkeys((found.likeliest, held.best)):
        place = frame.names.index(name)
        found.drivers[name] = _drivers(frame, name, found.meant.by_draw[place])
        if found.drivers[name].drivers is None:
            line = float(np.median(by_draw[place]))
            found.middle[name] = line, _drivers(frame, name, (by_draw[place] > line).astype(float))
    return found


def _drivers(frame: Frame, name: str, met: np.ndarray) -> TargetDrivers:
    return target_drivers(met, *movers(frame.ensemble.draws, [frame.ensemble.runners[name].scenario]))


def robust(frame: Frame, held: Value, found: Aim, gains: Mapping[str, Gain], spent: Budget) -> Robust:
    """Regret of the net benefit of the choices, and satisficing."""
    told = regret_of(held.net, held.options)
    outcomes, thresholds, words = _thresholds(frame, found, gains, spent)
    means = np.stack([gains[name].gained.mean(axis=1) for name in ("slope_true", "range_true")])
    apart = [name for name, (slope, wide) in zip(frame.names, means.T.tolist(), strict=True) if slope * wide < 0.0]
    return Robust(told, satisficing(outcomes, thresholds, frame.names), words, tuple(apart))


def _thresholds(frame: Frame, found: Aim, gains: Mapping[str, Gain], spent: Budget
                ) -> tuple[dict[str, np.ndarray], dict[str, AtLeast | AtMost], dict[str, Told]]:
    """What is good enough: the target, no wider gap between provinces (if there are two), and the ceiling if any."""
    target = found.target
    outcomes = {"target": found.meant.by_draw}
    thresholds: dict[str, AtLeast | AtMost] = {"target": AtLeast(0.5)}
    words = {"target": tell("the target of {share} % by {year} is met", share=f"{100.0 * target.share:g}",
                            year=target.by)}
    if len(frame.ensemble.runners[frame.reference].world.provinces) > 1:
        for name, said in GAPS.items():
            outcomes[name], thresholds[name], words[name] = gains[name].gained, AtMost(0.0), said
    if spent.excess:
        limit = next(iter(spent.excess.values())).ceiling
        outcomes["ceiling"] = np.stack([(usd > limit).any(axis=1).astype(float) for usd in spent.spent.values()])
        thresholds["ceiling"] = AtMost(0.0)
        words["ceiling"] = tell("spending stays within the ceiling in every year")
    return outcomes, thresholds, words


GAPS = {"slope_true": tell("the slope index between provinces, ranked by where they began, is no higher than under the "
                           "reference"),
        "range_true": tell("the distance between the best and the worst province is no wider than under the reference")}
