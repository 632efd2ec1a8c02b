"""What stands under each figure of a decision: how to read it, how many draws, what kind of uncertainty."""

from __future__ import annotations

from qicsim.decide.decision import Decision
from qicsim.decide.information import CLEAR, SHUFFLES
from qicsim.decide.settings import LEVELS, UNIT_COSTS
from qicsim.ground import numbers
from qicsim.report import formatting
from qicsim.report.decision_answer import where
from qicsim.report.decision_words import basis, money, runs_words, unit
from qicsim.report.language import again, say


def plane(decision: Decision) -> str:
    """Of the cost-effectiveness plane."""
    together = decision.settings.unit_costs == UNIT_COSTS[0]
    if decision.settings.level != LEVELS[0]:
        costs = say("unit costs (all lines together)") if together else say("unit costs (line by line)")
    else:
        costs = (say("unit costs (all lines together) and of the level of payments") if together
                 else say("unit costs (line by line) and of the level of payments"))
    return say("To the right: more effect than the reference; up: more cost. Large dots are means, small dots single "
               "draws of the scenarios with a colour (at most 150 each), the black line is the frontier. Where dots "
               "crowd, some carry no number: the table has them all. A unit of effect is a {unit}. {basis} {runs}. The "
               "scatter holds what is not known of parameters and of {costs}, and what is left of chance after "
               "averaging the runs of a draw; not the error of the model's form.", unit=unit(decision),
               basis=basis(decision), runs=runs_words(decision), costs=costs)


def acceptability(decision: Decision) -> str:
    """Of the curves."""
    return say("For each worth of a {unit}, the share of {draws} draws in which a scenario has the highest net "
               "benefit. The wide grey band is the scenario that is best on average: follow it, even where another is "
               "more often the best. The vertical line marks {worth}, {said}; single numbers on this page are worked "
               "out there. Nobody has said what a unit is worth in {country}, and it must not be held against a "
               "threshold for a DALY.", unit=unit(decision), draws=f"{decision.draws:,}",
               worth=money(decision.value.worth), said=where(decision))


def information(decision: Decision) -> str:
    """Of the bars of information."""
    return say("How much better the choice would be on average if a mechanism (left) or one parameter (right) were "
               "known before choosing, at {worth} for a unit of effect: the most that a study of it can be worth. "
               "Regression on {draws} draws; lines are two standard errors. Nothing is taken off for luck. Net benefit "
               "was shuffled between draws {shuffles} times: a value stands above luck (in colour) if the highest of "
               "all bars reaches it in at most {chance} of shuffles. A mechanism is worth at least what its best "
               "parameter is. All this holds for the model as it is: a wrong form of it is not among what can be "
               "learnt.", worth=money(decision.value.worth), draws=f"{decision.draws:,}", shuffles=SHUFFLES,
               chance=numbers.percent(CLEAR))


def regret(decision: Decision) -> str:
    """Of regret."""
    return say("How much net benefit is lost against the best scenario of the same draw, at {worth} for a unit of "
               "effect. Dots: mean of {draws} draws; lines end at the 95 % point; upright marks: the largest.",
               worth=money(decision.value.worth), draws=f"{decision.draws:,}")


def target(decision: Decision) -> str:
    """Of the target."""
    return say("Dots: mean share; lines: {level} of {draws} draws; the upright line is the target. The chance is the "
               "mean over draws of the share of runs that meet it, with a 95 % interval that counts draws. What is "
               "true nobody observes; what is recorded also counts leniency and gaming.", level=formatting.LEVEL,
               draws=f"{decision.draws:,}")


def budget(decision: Decision) -> str:
    """Of the budget."""
    told = {"payers": again(decision.settings.perspective_words), "draws": f"{decision.draws:,}",
            "year": decision.settings.money.year}
    if decision.budget.excess:
        return say("US$ million of {year} a year, not discounted; the money of {payers}, PBF payments with it. The "
                   "black line is the ceiling. Means over {draws} draws; intervals stand in the table. The same "
                   "scale in every panel.", **told)
    return say("US$ million of {year} a year, not discounted; the money of {payers}, PBF payments with it. Means over "
               "{draws} draws; intervals stand in the table. The same scale in every panel.", **told)
