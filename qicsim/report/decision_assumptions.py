"""A decision's page under assumptions that decide: the best plan under each, what is lost, where the choice turns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qicsim.decide.decision import Decision
from qicsim.decide.frontier import Row
from qicsim.decide.under_assumptions import UnderAssumptions
from qicsim.ground.numbers import millions
from qicsim.report.decision_words import Labels, money, unit
from qicsim.report.decision_words import assumed as title
from qicsim.report.elements import Markup, joined, table, tag
from qicsim.report.language import phrase, say


def assumed(decision: Decision, labels: Labels, count: Iterator[int]) -> Markup:  # noqa: ARG001 one form for all chapters
    """The choice under each assumption, and where it turns by the price of a point; nothing where none was tried."""
    found = decision.assumed
    if found is None:
        return Markup("")
    said = (_turning(decision, labels), _best(found, labels))
    return joined((*(tag("p", one) for one in said if one), _choices(decision, found, labels),
                   _regrets(found, labels), tag("p", _note(decision), class_="note")))


def _turning(decision: Decision, labels: Labels) -> Markup:
    """The price of a point at which the choice turns last, as simulated, and its range over assumptions."""
    *before, last = decision.by_point
    if not before:
        return Markup("")
    said = phrase("For one point more of true quality in one facility for a year the choice turns from {before} to "
                  "{last} at {price}.", before=tag("em", labels.title(before[-1].name)),
                  last=tag("em", labels.title(last.name)), price=tag("strong", money(float(last.icer or 0.0))))
    prices = decision.assumed.prices if decision.assumed else None
    if prices is None:
        return said
    wide = phrase("Under other assumptions the choice turns last at {low} to {high}.", low=money(prices[0]),
                  high=money(prices[1]))
    return joined((said, wide), " ")


def _best(found: UnderAssumptions, labels: Labels) -> Markup:
    """Which plan is best under how many assumptions, and which one risks least."""
    own, *others = found.choices
    turned = [one for one in others if one.best != own.best]
    least = tag("em", labels.title(found.least_regret))
    told = {"best": tag("em", labels.title(own.best)), "worth": money(found.worth), "least": least}
    if not turned:
        return phrase("At {worth} for a unit of effect {best} is the best plan as simulated and under all assumptions "
                      "that were tried. {least} has the least mean regret under the assumption that is worst for it.",
                      **told)
    return phrase("At {worth} for a unit of effect {best} is the best plan as simulated; under these another one is: "
                  "{assumptions}. {least} has the least mean regret under the assumption that is worst for it.", **told,
                  assumptions="; ".join(title(one.key) for one in turned))


def _choices(decision: Decision, found: UnderAssumptions, labels: Labels) -> Markup:
    rows = [[title(one.key), labels.key(one.best), _steps(one.steps, labels), _steps(one.by_point, labels)]
            for one in found.choices]
    heads = (say("Assumption"), say("Best plan at {worth}", worth=money(found.worth)),
             say("By what a {unit} is worth", unit=unit(decision)),
             say("By what one point more in one facility for a year is worth"))
    return table(say("The choice under other assumptions"), heads, rows, class_="dense list")


def _steps(steps: Sequence[Row], labels: Labels) -> str:
    """From which worth on each plan is the choice."""
    first, *later = steps
    return "; ".join([labels.key(first.name), *(say("{scenario} from {worth} on", scenario=labels.key(row.name),
                                                    worth=money(float(row.icer or 0.0))) for row in later)])


def _regrets(found: UnderAssumptions, labels: Labels) -> Markup:
    rows = [[title(one.key), *(millions(float(lost)) for lost in one.regret)] for one in found.choices]
    return table(say("Mean regret under other assumptions, US$ million of net benefit, discounted"),
                 (say("Assumption"), *map(labels.key, found.plans)), rows, class_="dense list")


def _note(decision: Decision) -> str:
    return say("The plans that are not dominated were run again under each assumption, one at a time, with the same "
               "{draws} draws and luck. Regret is held against the best plan under the same assumption and draw. "
               "Nobody knows how likely each assumption is, so nothing is averaged over them.",
               draws=f"{decision.draws:,}")
