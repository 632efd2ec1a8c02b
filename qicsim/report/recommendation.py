"""The choice that money makes, in the brief's words.

The brief names the scenario that gains most; what is worth buying may be another one. Both are said, by one rule.
"""

from __future__ import annotations

from qicsim.decide.decision import Decision
from qicsim.decide.frontier import Row
from qicsim.decide.value import large_steps
from qicsim.ground import numbers
from qicsim.report.decision_words import GROUP_WORDS, money, unit
from qicsim.report.elements import Markup, joined, tag
from qicsim.report.language import phrase, say
from qicsim.report.results import Results


def rule(results: Results) -> Markup:
    """Which scenario to buy, by what a unit of effect is worth; and whether that is the one that gains most."""
    decision = results.choice.decision
    if decision is None or results.best is None:
        return Markup("")
    steps, one = decision.value.steps, unit(decision)
    if len(steps) == 1:
        said = phrase("{scenario} costs no more than any other and brings no less, so it is the one to buy whatever a "
                      "{unit} is worth.", scenario=_named(results, steps[0].name), unit=one)
    else:
        said = phrase("Which one to buy depends on what a {unit} is worth to those who pay: {choices}.", unit=one,
                      choices=joined(_choices(results, steps), "; "))
    parts = (said, _without_payments(results, decision), _differ(results, decision, results.best))
    return joined((part for part in parts if part), " ")


def _without_payments(results: Results, decision: Decision) -> Markup:
    """The choice where PBF's payments, which for society only change hands, are left out."""
    steps = large_steps(decision.value.views["left out"])
    if not float(decision.bill.payments.max()) > 0.0:
        return Markup("")
    if len(steps) == 1:
        return phrase("With PBF's payments to facilities left out, which for society only change hands, it is "
                      "{scenario}.", scenario=_named(results, steps[0].name))
    return phrase("With PBF's payments to facilities left out, which for society only change hands: {choices}.",
                  choices=joined(_choices(results, steps), "; "))


def _choices(results: Results, steps: tuple[Row, ...]) -> list[Markup]:
    """From the dearest choice to the cheapest: from which worth on it is the best on average."""
    worth = [money(float(row.icer or 0.0)) for row in steps]
    first, *middle, last = range(len(steps))
    return [phrase("{scenario} if more than {worth}", scenario=_named(results, steps[last].name),
                   worth=tag("strong", worth[last])),
            *(phrase("{scenario} between {low} and {high}", scenario=_named(results, steps[at].name), low=worth[at],
                     high=worth[at + 1]) for at in reversed(middle)),
            phrase("{scenario} below that", scenario=_named(results, steps[first].name))]


def _differ(results: Results, decision: Decision, best: str) -> Markup:
    """Where the scenario with the largest gain is not what the rule ends in."""
    last = decision.value.steps[-1].name
    told = {"best": _named(results, best), "last": _named(results, last)}
    if best == last:
        return Markup("")
    if best in [row.name for row in decision.value.frontier.on]:
        return phrase("So the two answers differ: {best} gains the most points, but what it brings beyond {last} is "
                      "little for its price.", **told)
    return phrase("So the two answers differ: {best} gains the most points, but for the same money others bring more "
                  "facility-years at 80.", **told)


def _named(results: Results, name: str) -> Markup:
    title = results.named(name)
    return phrase("{scenario} (the reference)", scenario=title) if name == results.reference else title


def target(results: Results) -> Markup:
    """The chance of the target under the scenario that is likeliest to meet it; for a single run, whether it is met."""
    decision = results.choice.decision
    if decision is None or decision.aim.target.indicator != "true_80":
        return Markup("")
    found = decision.aim
    place = decision.names.index(found.likeliest)
    told: dict[str, object] = {
        "share": numbers.percent(found.target.share), "group": say(GROUP_WORDS[found.target.group]),
        "year": found.target.by, "likely": numbers.percent(float(found.meant.probability[place])),
        "mean": numbers.percent(float(found.share.mean[place]))}
    if not results.several:
        return _in_one_run(met=bool(found.share.mean[place] >= found.target.share), told=told)
    if found.likeliest == results.best:
        return phrase("The target, {share} of {group} truly at 80 or more by the end of {year}, is met in {likely} of "
                      "runs; on average {mean} are there.", **told)
    return phrase("The target, {share} of {group} truly at 80 or more by the end of {year}, is met in {likely} of runs "
                  "at best; under {scenario} {mean} are there on average.", **told,
                  scenario=_named(results, found.likeliest))


def _in_one_run(*, met: bool, told: dict[str, object]) -> Markup:
    if met:
        return phrase("The target, {share} of {group} truly at 80 or more by the end of {year}, is met in this run: "
                      "{mean} are there.", **told)
    return phrase("The target, {share} of {group} truly at 80 or more by the end of {year}, is not met in this run: at "
                  "best {mean} are there.", **told)
