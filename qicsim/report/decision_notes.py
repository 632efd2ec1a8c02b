"""What stands under each figure of a decision: how to read it, how many draws, what kind of uncertainty.

Line ends inside the texts are spaces on the page.
"""

from __future__ import annotations

from qicsim.decide.decision import Decision
from qicsim.report import words
from qicsim.report.decision_words import basis, money, runs_words, unit


def plane(decision: Decision) -> str:
    """Of the cost-effectiveness plane."""
    return f"""To the right: more effect than the reference; up: more cost. Large dots are means, small dots single
        draws of the scenarios with a colour (at most 150 each), the black line is the frontier.
        Where dots crowd, some carry no number: the table has them all. A unit of effect is a
        {unit(decision)}. {basis(decision)} {runs_words(decision)}. The scatter holds what is not known of parameters
        {_cost_scatter(decision)}, and what is left of chance after averaging the runs of a draw; not the error of the
        model's form."""


def _cost_scatter(decision: Decision) -> str:
    return ("and of unit costs (all lines together)" if decision.settings.unit_costs == "as simulated"
            else "and of unit costs (line by line)")


def acceptability(decision: Decision) -> str:
    """Of the curves."""
    said = "as given" if decision.value.given else "where the last large step becomes worth its price"
    return f"""For each worth of a {unit(decision)}, the share of {decision.draws:,} draws in which a scenario has the
        highest net benefit. The wide grey band is the scenario that is best on average: follow it, even where another
        is more often the best. The vertical line marks {money(decision.value.worth)}, {said}; single numbers on this
        page are worked out there. Nobody has said what a unit is worth in Cambodia, and it must not be held against a
        threshold for a DALY."""


def information(decision: Decision) -> str:
    """Of the bars of information."""
    return f"""How much better the choice would be on average if a mechanism (left) or one parameter (right) were known
        before choosing, at {money(decision.value.worth)} for a unit of effect: the most that a study of it can be
        worth. Regression on {decision.draws:,} draws, less what shuffled draws give by luck; lines are two standard
        errors. Grey: not above all of the shuffled ones. Values of parameters do not add up to that of their
        mechanism."""


def regret(decision: Decision) -> str:
    """Of regret."""
    asked = "; ".join(decision.robust.thresholds.values())
    where = ("" if len(decision.robust.structures) == 1 else
             f" Structures of equal weight: {', '.join(decision.robust.structures)}.")
    return f"""How much net benefit is lost against the best scenario of the same draw, at
        {money(decision.value.worth)} for a unit of effect. Dots: mean of {decision.draws:,} draws; lines end at the
        95 % point; upright marks: the largest.{where} Good enough means that {asked}."""


def target(decision: Decision) -> str:
    """Of the target."""
    return f"""Dots: mean share; lines: {words.LEVEL} of {decision.draws:,} draws; the upright line is the target. The
        chance is the mean over draws of the share of runs that meet it, with a 95 % interval that counts draws. What is
        true nobody observes; what is recorded also counts leniency and gaming."""


def budget(decision: Decision) -> str:
    """Of the budget."""
    limit = "The black line is the ceiling. " if decision.budget.excess else ""
    return f"""US$ million of 2021 a year, not discounted; the money of {decision.settings.perspective_words}, PBF
        payments with it. {limit}Means over {decision.draws:,} draws; intervals stand in the table. The same scale in
        every panel."""
