"""What a search found, in sentences: for the terminal, and said again in other languages on the page."""

from __future__ import annotations

import math

from qicsim.decide.budget import MONEY_WORDS
from qicsim.decide.currency import usd_words
from qicsim.decide.search.best import Best
from qicsim.decide.search.ladder import Step, what_binds
from qicsim.decide.search.levers import said
from qicsim.decide.search.order import Order
from qicsim.decide.search.question import GOALS, SHARES
from qicsim.decide.settings import PERSPECTIVE_WORDS
from qicsim.ground.intervals import Interval
from qicsim.ground.numbers import number, percent, signed
from qicsim.ground.translatable import Told, tell

POINTS = ("true", "recorded", "unscored")
PEOPLE = ("people_true_80", "people_recorded_80")


def amount(goal: str, value: float, *, sign: bool = True) -> Told | str:
    """An amount of a goal with its unit."""
    written = bare(goal, value, sign=sign)
    if goal in SHARES:
        return tell("{share} percentage points", share=written)
    if goal in PEOPLE:
        return tell("{people} people", people=written)
    return tell("{points} points", points=written) if goal in POINTS else written


def bare(goal: str, value: float, *, sign: bool = True) -> str:
    """An amount of a goal without its unit: shares as percentages, people whole."""
    scale, digits = (100.0, 1) if goal in SHARES else (1.0, 0 if goal in PEOPLE else 2)
    return (signed if sign else number)(scale * value, digits)


def gained(goal: str, gain: Interval[float]) -> Told:
    """A gain with its interval."""
    return tell("{mean} (90 % of draws: {low} to {high})", mean=amount(goal, gain.mean), low=bare(goal, gain.low),
                high=bare(goal, gain.high))


def headline(best: Best) -> Told:
    """What answers, in one sentence."""
    question, plan = best.question, best.plan
    needed = usd_words(float(best.measured.needed(question.risk)[plan]))
    if best.choice.best is None and question.money is not None:
        return tell("No plan that was looked at keeps within {money} a year; the one that comes nearest needs "
                    "{needed}.", money=usd_words(question.money), needed=needed)
    if best.choice.best is None:
        return tell("No plan that was found reaches the target in {chance} of draws; the likeliest reaches it in "
                    "{reached}, for {needed} a year.", chance=percent(1.0 - question.risk),
                    reached=percent(float((best.measured.reached[plan] >= 0.0).mean())), needed=needed)
    fields = {"gain": gained(question.goal, best.gain_of(plan)), "first": best.years[0], "last": best.years[-1],
              "goal": tell(GOALS[question.goal]), "needed": needed, "risk": percent(question.risk)}
    if question.money is None:
        return tell("The cheapest plan that reaches the target in {chance} of draws needs {needed} a year and gains, "
                    "in {goal}, {gain} over the reference, mean of {first} to {last}.",
                    chance=percent(1.0 - question.risk), **{key: one for key, one in fields.items() if key != "risk"})
    return tell("The best plan found for {money} a year gains, in {goal}, {gain} over the reference, mean of {first} "
                "to {last}. It needs {needed} in its dearest year, and more in {risk} of draws at most.",
                money=usd_words(question.money), **fields)


def sure(best: Best) -> Told:
    """How sure it is that this is the best of the plans that had the second look."""
    others = int(best.choice.alike.sum()) - 1
    chance = percent(float(best.choice.chance[best.plan]))
    if best.choice.best is None:
        return tell("Nothing can be chosen, so that no plan is the best.")
    if others < 1:
        return tell("It is the best of {plans} plans in {chance} of draws, and none of the others that may be chosen "
                    "is as good but for chance.", plans=len(best.places), chance=chance)
    return tell("It is the best of {plans} plans in {chance} of draws; {others} of the others that may be chosen "
                "cannot be told apart from it.", plans=len(best.places), chance=chance, others=others)


def basis(best: Best) -> Told:
    """What the figures stand on."""
    return tell("{searched} plans were searched on {few} draws; all figures are of {many} other draws that the search "
                "never had. “Best” is the best of the levers and values that were tried, in a model of invented "
                "facilities unless it was given real ones.", searched=f"{best.searched:,}", few=best.search_draws,
                many=best.look_draws)


def counts(best: Best) -> Told:
    """What the money counts."""
    return tell("Money counts {what}, {payers}, in US$ of {year} a year.", what=tell(MONEY_WORDS[best.question.which]),
                payers=tell(PERSPECTIVE_WORDS[best.question.perspective]), year=best.prices.year)


def step_words(best: Best, step: Step) -> Told:
    """A step of the ladder in a line."""
    if step.plan is None or step.gain is None:
        return tell("{money} a year: no plan that was looked at keeps within it.", money=usd_words(step.money))
    return tell("{money} a year: {gain}; what binds: {binds}.", money=usd_words(step.money),
                gain=gained(best.question.goal, step.gain), binds=what_binds(step.binds))


def enough_words(best: Best) -> Told:
    """Where more money buys nothing."""
    if best.enough is None:
        return tell("More money still buys something, up to the last step that was tried.")
    return tell("Above {money} a year, more money buys nothing that can be told from chance.",
                money=usd_words(best.enough))


def least_words(best: Best) -> list[Told]:
    """The least money for the target."""
    reach = best.question.reach
    if reach is None:
        return []
    target = {"goal": tell(GOALS[reach.indicator]), "year": reach.year,
              "value": percent(reach.value) if reach.indicator in SHARES else number(reach.value, 0)}
    return [tell("{goal}, {value} or more by the end of {year}: no plan that was found reaches it in {chance} of "
                 "draws.", chance=percent(one.chance), **target) if one.plan is None or math.isnan(one.money) else
            tell("{goal}, {value} or more by the end of {year}: in {chance} of draws with {money} a year.",
                 chance=percent(one.chance), money=usd_words(one.money), **target) for one in best.least]


def list_words(best: Best, order: Order) -> list[Told]:
    """What a list of districts of the search brings, in a sentence."""
    found = order.found
    if found is None:
        return []
    fields = {"tried": found.tried, "more": gained(best.question.goal, found.more)}
    if found.better:
        return [tell("Of {tried} orders of single districts that were tried, the best one gains {more} over the plan's "
                     "own rule on draws that it was not found on: the plan goes by that list.", **fields)]
    return [tell("Of {tried} orders of single districts that were tried, the best one gains {more} over the plan's own "
                 "rule on draws that it was not found on, which is no reason to leave the rule.", **fields)]


def order_words(best: Best, order: Order) -> Told:
    """Whether the order of districts matters."""
    fields = {"concordance": f"{order.concordance:.2f}",
              "changed": amount(best.question.goal, order.changed, sign=False)}
    if order.matters:
        return tell("The order of districts matters somewhat: another order changes the mean gain by up to {changed}, "
                    "and draws agree which districts give most for their money by {concordance} (Kendall's W: 0 is "
                    "chance, 1 one order in all draws).", **fields)
    return tell("The order of districts hardly matters here: another order changes the mean gain by {changed} at most, "
                "and draws agree which districts give most for their money by {concordance} only (Kendall's W: 0 is "
                "chance, 1 one order in all draws). Invented districts are alike; real ones may differ more.", **fields)


def answer(best: Best) -> list[str]:
    """The answer as lines of plain text."""
    lines: list[str] = [headline(best), sure(best), counts(best), *best.prices.said, *least_words(best), "",
                        "The plan:", *(f"  {one}" for one in said(best.space, best.places[best.plan])), "", "Money:",
                        *(f"  {step_words(best, step)}" for step in best.steps), enough_words(best)]
    if best.order is not None:
        lines += ["", order_words(best, best.order), *list_words(best, best.order)]
    return [*lines, "", basis(best)]
