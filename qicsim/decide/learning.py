"""What it is worth to know more before choosing among the scenarios of an ensemble, and which study comes first.

Groups are the mechanisms: parameters whose names begin alike. The value of knowing a group perfectly is the most that a
study of it can be worth; the re-scoring is valued as a study, with its size and its price.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qicsim.decide.bill import Bill
from qicsim.decide.currency import usd_words
from qicsim.decide.frame import Frame
from qicsim.decide.information import FEWEST_DRAWS, Perfect, evpi, evppi
from qicsim.decide.mechanisms import MEANINGS, STUDIES, mechanisms
from qicsim.decide.noise import Cleared, cleared
from qicsim.decide.outcomes import ONE_SCENARIO
from qicsim.decide.rescore import Valued, studies
from qicsim.decide.value import Value
from qicsim.told import Told, tell


@dataclass(frozen=True, eq=False)
class Learning:
    """Values of information at the worth of `Value`, US$.

    perfect        of knowing everything
    alone, groups  of each parameter, and of each mechanism; None when that cannot be worked out (`first` says why)
    studies        re-scoring by what it measures; empty likewise
    assumptions    of the re-scoring, in words
    first          which study to buy first, in words
    """

    perfect: Perfect
    alone: Cleared | None
    groups: Cleared | None
    studies: dict[str, Valued]
    assumptions: tuple[Told, ...]
    first: Told


def learning(frame: Frame, held: Value, paid: Bill) -> Learning:
    """Values of information for the choice among all scenarios."""
    perfect = evpi(held.net)
    if len(frame.names) == 1:
        return Learning(perfect, None, None, {}, (), ONE_SCENARIO)
    if len(frame.table) < FEWEST_DRAWS:
        return Learning(perfect, None, None, {}, (), tell(
            "{draws} draws are too few to say what a study would be worth: {fewest} or more are needed, and some "
            "hundreds to trust it.", draws=len(frame.table), fewest=FEWEST_DRAWS))
    alone = _known(frame, held, {name: [name] for name in frame.parameters})
    grouped = _known(frame, held, mechanisms(frame.parameters))
    found, assumptions = studies(frame, held, paid)
    return Learning(perfect, alone, grouped, found, assumptions, _first(held, perfect, grouped, found))


def _known(frame: Frame, held: Value, groups: dict[str, list[str]]) -> Cleared:
    """Values of knowing groups of parameters, less what luck gives."""
    seed = frame.settings.seed
    found = evppi(held.net, frame.table, frame.parameters, groups=groups, seed=seed)
    columns = [frame.table[:, [frame.parameters.index(name) for name in members]] for members in groups.values()]
    return cleared(held.net, found, columns, seed=seed)


# ------------------------------------------------------------------------------------------------- the first study


def _first(held: Value, perfect: Perfect, groups: Cleared, found: Mapping[str, Valued]) -> Told:
    """Which study the ministry should buy first, from the results alone."""
    worth, most = usd_words(held.worth), _most(groups)
    if perfect.value <= 0.0:
        return tell("No study should be bought for this choice: at {worth} for a unit of effect, no draw would change "
                    "it.", worth=worth)
    best = max(found.values(), key=_rank, default=None)
    if best is None:
        return tell("A re-scoring before the choice could not be valued. {most}", most=most)
    if not best.study.best:
        return tell("No size of an independent re-scoring is worth its cost at {worth} for a unit of effect. {most}",
                    worth=worth, most=most)
    study = _study(best, worth)
    if best.above[int(np.argmax(best.study.net))]:
        return tell("Buy this study first: {study}. {most}", study=study, most=most)
    return tell("No study can be named yet: {study}, which does not stand above the noise of these draws. Run more "
                "draws before paying. {most}", study=study, most=most)


def _study(best: Valued, worth: Told) -> Told:
    """The best size of a re-scoring, with its value and its cost."""
    place = int(np.argmax(best.study.net))
    facts = {"size": best.study.best, "measured": tell(best.measured), "worth": worth,
             "value": usd_words(float(best.study.matched[place])), "cost": usd_words(float(best.study.cost[place]))}
    if place == len(best.study.sizes) - 1:
        return tell("an independent re-scoring of {size} facilities, the largest that was tried, to learn {measured} "
                    "is worth {value} at {worth} for a unit of effect and costs {cost}", **facts)
    return tell("an independent re-scoring of {size} facilities to learn {measured} is worth {value} at {worth} for a "
                "unit of effect and costs {cost}", **facts)


def _rank(one: Valued) -> tuple[bool, float]:
    """Studies whose best size stands above luck come first, then those that are worth more than they cost."""
    place = int(np.argmax(one.study.net))
    return bool(one.above[place]), float(one.study.net[place])


def _most(groups: Cleared) -> Told:
    """What knowing the most valuable mechanism could be worth at most."""
    top = int(groups.found.order[0])
    name, most = groups.found.names[top], float(groups.found.corrected[top])
    if not groups.above[top]:
        return tell("No single mechanism's value stands above the noise of these draws.")
    return tell("Most would be worth knowing {meaning} ({mechanism}): {study} can be worth {value} at most, if it left "
                "nothing open.", meaning=tell(MEANINGS[name]), mechanism=name, study=tell(STUDIES[name]),
                value=usd_words(most))
