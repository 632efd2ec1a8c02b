"""What a random order of districts can teach before the choice: what collaboratives can do, and how far it reaches.

Districts that start later are the control of those that start earlier, so that one study teaches the effect on topics
and the breadth beyond them. The value is the most that it can be worth, as if it left nothing of the two open. How
often collaboratives can do nothing is largely a prior's judgement, on which values of information hang: the same is
worked out without the draws in which they can do nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.decide.currency import usd_words
from qicsim.decide.decision_inputs import Frame
from qicsim.decide.information import FEWEST_DRAWS, evppi
from qicsim.decide.value import Value
from qicsim.ground.numbers import percent
from qicsim.ground.translatable import Told, tell
from qicsim.runs.assumptions import BREADTH, EFFICACY

TAUGHT = (EFFICACY, BREADTH)


@dataclass(frozen=True)
class Worth:
    """Values in US$ over some draws: of the study with its standard error, and of knowing everything (`perfect`).

    clear  whether the study's value is more than luck gives
    """

    draws: int
    value: float
    error: float
    clear: bool
    perfect: float


@dataclass(frozen=True)
class RandomisedOrder:
    """The worth of the study over all draws, and over those in which collaboratives can do something.

    works    None where there are too few such draws, or where all are
    nothing  share of draws in which collaboratives can do nothing
    worth    US$ for a unit of effect
    """

    whole: Worth
    works: Worth | None
    nothing: float
    worth: float

    @property
    def sentence(self) -> Told:
        """The worth of the study in words."""
        told = {"value": usd_words(self.whole.value), "perfect": usd_words(self.whole.perfect),
                "worth": usd_words(self.worth)}
        if self.works is None:
            return tell("Districts that start in a random order would teach both what collaboratives can do and how "
                        "far that reaches beyond their topics. Where a unit of effect is worth {worth}, such a study "
                        "is worth {value} at most; knowing everything, {perfect}.", **told)
        return tell("Districts that start in a random order would teach both what collaboratives can do and how far "
                    "that reaches beyond their topics. Where a unit of effect is worth {worth}, such a study is worth "
                    "{value} at most; knowing everything, {perfect}. Without the {nothing} of draws in which "
                    "collaboratives can do nothing, largely a judgement: {less} and {rest}.", **told,
                    nothing=percent(self.nothing), less=usd_words(self.works.value),
                    rest=usd_words(self.works.perfect))


def randomised_order(used: Frame, held: Value) -> RandomisedOrder | None:
    """The worth of the study for the choice; None where neither of what it teaches varies, or draws are too few."""
    known = [name for name in TAUGHT if name in used.parameters
             and np.ptp(used.table[:, used.parameters.index(name)]) > 0.0]
    if not known or len(used.table) < FEWEST_DRAWS:
        return None
    works = np.ones(len(used.table), dtype=bool)
    if EFFICACY in known:
        works = used.table[:, used.parameters.index(EFFICACY)] > 0.0
    some = FEWEST_DRAWS <= works.sum() < len(works)
    return RandomisedOrder(_worth(used, held, known, np.ones_like(works)),
                           _worth(used, held, known, works) if some else None, float(1.0 - works.mean()), held.worth)


def _worth(used: Frame, held: Value, known: list[str], chosen: np.ndarray) -> Worth:
    found = evppi(held.net[:, chosen], used.table[chosen], used.parameters, groups={"order": known},
                  seed=used.settings.seed)
    return Worth(int(chosen.sum()), float(found.value[0]), float(found.error[0]), bool(found.clear[0]),
                 found.evpi.value)
