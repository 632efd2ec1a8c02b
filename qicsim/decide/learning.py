"""What it is worth to know more before choosing, and which study comes first.

Groups are the mechanisms: parameters whose names begin alike. The value of knowing a group perfectly is the most that a
study of it can be worth; the re-scoring is the only study that is valued with its size and its price. A study is named
only from `ENOUGH` draws on.
"""

from __future__ import annotations

from dataclasses import dataclass

from qicsim.decide.costs_by_scenario import Bill
from qicsim.decide.currency import usd_words
from qicsim.decide.decision_inputs import Frame
from qicsim.decide.information import FEWEST_DRAWS, Information, Perfect, evpi, evppi
from qicsim.decide.mechanisms import MEANINGS, STUDIES, mechanisms
from qicsim.decide.outcomes import ONE_SCENARIO
from qicsim.decide.randomised_order import RandomisedOrder, randomised_order
from qicsim.decide.rescore import AtWorth, Rescored, Valued, leading, rescored
from qicsim.decide.value import Value
from qicsim.ground.translatable import Told, tell

ENOUGH = 200


@dataclass(frozen=True, eq=False)
class Learning:
    """Values of information at the worth of `Value`, US$.

    perfect        of knowing everything
    alone, groups  of each parameter, and of each mechanism; None when that cannot be worked out (`first` says why)
    studies        re-scoring by what it measures; empty likewise
    assumptions    of the re-scoring, in words
    over           of everything, and the net benefit of the best re-scoring, by what a unit is worth
    pays           at which of these worths a re-scoring stands above its cost and above luck
    first          which study to buy first, in words
    order          what a random order of districts is worth, with and without draws without any effect
    """

    perfect: Perfect
    alone: Information | None
    groups: Information | None
    studies: dict[str, Valued]
    assumptions: tuple[Told, ...]
    over: tuple[AtWorth, ...]
    pays: tuple[float, ...]
    first: Told
    order: RandomisedOrder | None = None


def learning(frame: Frame, held: Value, paid: Bill) -> Learning:
    """Values of information for the choice among the options."""
    perfect = evpi(held.net)
    if len(held.options) == 1:
        said = ONE_SCENARIO if len(frame.names) == 1 else tell(
            "Only one scenario can be chosen, so there is nothing to learn for the choice.")
        return Learning(perfect, None, None, {}, (), (), (), said)
    draws = len(frame.table)
    if draws < FEWEST_DRAWS:
        return Learning(perfect, None, None, {}, (), (), (), tell(
            "{draws} draws are too few to say what a study would be worth: {fewest} or more are needed, and some "
            "hundreds to trust it.", draws=draws, fewest=FEWEST_DRAWS))
    alone = evppi(held.net, frame.table, frame.parameters, seed=frame.settings.seed)
    grouped = evppi(held.net, frame.table, frame.parameters, groups=mechanisms(frame.parameters),
                    seed=frame.settings.seed)
    found = rescored(frame, held, paid)
    return Learning(perfect, alone, grouped, found.studies, found.assumptions, found.over, found.pays,
                    first_study(held.worth, perfect, grouped, found, draws), randomised_order(frame, held))


# ------------------------------------------------------------------------------------------------- the first study


def first_study(worth: float, perfect: Perfect, groups: Information, found: Rescored, draws: int) -> Told:
    """Which study the ministry should buy first, from the results alone."""
    said, most = usd_words(worth), _most(groups)
    if perfect.value <= 0.0:
        return tell("No study should be bought for this choice: at {worth} for a unit of effect, no draw would change "
                    "it.", worth=said)
    if not found.studies:
        return tell("A re-scoring before the choice could not be valued. {most}", most=most)
    best = leading(found.studies)
    if not best.study.best:
        return tell("No size of an independent re-scoring is worth its cost at {worth} for a unit of effect; no other "
                    "study is priced here. {most}", worth=said, most=most)
    study = _study(best, said)
    clear = bool(best.study.clear[best.study.place])
    if draws < ENOUGH and clear:
        return tell("{draws} draws are too few to name a study ({enough} are needed). They hint that {study}. {most}",
                    draws=draws, enough=ENOUGH, study=study, most=most)
    if draws < ENOUGH:
        return tell("{draws} draws are too few to name a study ({enough} are needed), and they hint at none: no value "
                    "of a re-scoring stands above its cost and above what luck gives. {most}", draws=draws,
                    enough=ENOUGH, most=most)
    if not clear:
        return tell("No study can be named: {study}, but that does not stand two standard errors above its cost and "
                    "above what luck gives. {most}", study=study, most=most)
    return _bought(best, study, groups)


def _bought(best: Valued, study: Told, groups: Information) -> Told:
    """A re-scoring that is worth its cost, held against the most that a study of any mechanism can be worth."""
    net = float(best.study.net[best.study.place])
    rivals = [place for place in groups.order if groups.clear[place] and groups.value[place] > net]
    if not rivals:
        return tell("Buy an independent re-scoring first: {study}. It is the only study priced here, and what it "
                    "brings beyond its cost, {net}, is more than any mechanism that stands above luck would be worth "
                    "if it were known perfectly.", study=study, net=usd_words(net))
    return tell("Of the studies that are priced here, buy an independent re-scoring first: {study}. Only studies of "
                "these could come before it, and none is priced here: {rivals}. Each would have to bring more than "
                "{net} beyond its cost.", study=study, rivals=_listed([_rival(groups, int(place)) for place in rivals]),
                net=usd_words(net))


def _rival(groups: Information, place: int) -> Told:
    """A mechanism, and the most that a study of it can be worth."""
    return tell("{meaning} (at most {value})", meaning=tell(MEANINGS[groups.names[place]]),
                value=usd_words(float(groups.value[place])))


def _listed(told: list[Told]) -> Told:
    """Several sentences' parts as one."""
    return told[0] if len(told) == 1 else tell("{one}; {rest}", one=told[0], rest=_listed(told[1:]))


def _study(best: Valued, worth: Told) -> Told:
    """The best size of a re-scoring, with its value and its cost."""
    at = best.study.place
    return tell("an independent re-scoring of {size} facilities to learn {measured} is worth {value} at {worth} for a "
                "unit of effect and costs {cost}", size=f"{best.study.best:,}", measured=tell(best.measured),
                worth=worth, value=usd_words(float(best.study.value[at])), cost=usd_words(float(best.study.cost[at])))


def _most(groups: Information) -> Told:
    """What knowing the most valuable mechanism could be worth at most, among those that stand above luck."""
    top = int(groups.order[0])
    if not groups.clear[top]:
        return tell("No single mechanism's value stands above the noise of these draws.")
    name = groups.names[top]
    return tell("Of single mechanisms, most would be worth knowing {meaning}: {study} can be worth {value} at most, if "
                "it left nothing open.", meaning=tell(MEANINGS[name]), study=tell(STUDIES[name]),
                value=usd_words(float(groups.value[top])))
