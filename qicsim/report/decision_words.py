"""What a decision says, in words: the answer in a paragraph, and what is called what on its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qicsim.decide.currency import usd_words
from qicsim.decide.decision import Decision
from qicsim.report import words
from qicsim.report.elements import Markup, joined, plain, tag
from qicsim.report.language import again, counted, name_of, phrase, say, text

UNIT_WORDS = {
    "facility_years_true_80": (text("facility-year truly at 80 points or more"),
                               text("facility-years truly at 80 points or more")),
    "facility_years_recorded_80": (text("facility-year recorded at 80 points or more"),
                                   text("facility-years recorded at 80 points or more")),
    "points_true": (text("year of one point more of mean true quality"),
                    text("years of one point more of mean true quality")),
    "points_recorded": (text("year of one point more of mean recorded score"),
                        text("years of one point more of mean recorded score")),
    "person_years_true_80": (text("person-year served by a facility truly at 80 points or more"),
                             text("person-years served by a facility truly at 80 points or more")),
    "person_years_recorded_80": (text("person-year served by a facility recorded at 80 points or more"),
                                 text("person-years served by a facility recorded at 80 points or more")),
    "unscored": (text("year of one point more of quality that is not scored"),
                 text("years of one point more of quality that is not scored")),
    "range_true": (text("year of one point less between the best and the worst province"),
                   text("years of one point less between the best and the worst province")),
    "slope_true": (text("year of one point less of the slope index between provinces"),
                   text("years of one point less of the slope index between provinces"))}
GROUP_WORDS = {"all": text("facilities"), "health_centre": text("health centres"),
               "referral_hospital": text("referral hospitals")}


@dataclass(frozen=True, eq=False)
class Labels:
    """What scenarios are called: short signs (given, or numbered in the decision's order) and titles."""

    decision: Decision
    keys: Mapping[str, str] | None = None

    def key(self, name: str) -> str:
        """A scenario's short sign."""
        if name == self.decision.reference:
            return say("Ref")
        return self.keys[name] if self.keys else str(self.decision.others.index(name) + 1)

    def title(self, name: str) -> str:
        """A scenario's title as plain text."""
        return name_of(plain(self.decision.titles[name]) or plain(name))

    def heading(self, name: str) -> str:
        """Short sign and title."""
        if name == self.decision.reference:
            return say("Reference: {title}", title=self.title(name))
        return f"{self.key(name)}. {self.title(name)}"

    def row(self, name: str) -> Markup:
        """A scenario as the head of a row of a table."""
        return joined((tag("span", self.heading(name), class_="title"), tag("span", name, class_="name")), " ")


def unit(decision: Decision, *, many: bool = False) -> str:
    """The unit of the effect that money is held against."""
    return say(UNIT_WORDS[decision.value.outcome.name][many])


def runs_words(decision: Decision) -> str:
    """How many draws the numbers stand on, and where these come from."""
    source = decision.source
    held = (say(words.DRAW_WORDS[source]) if source in words.DRAW_WORDS
            else say("draws from {source}", source=plain(source)))
    return say("{draws} of {runs} each; draws hold {held}", held=held,
               draws=counted(decision.draws, "{count} draw", "{count} draws"),
               runs=counted(decision.replicates, "{count} run", "{count} runs"))


def money(amount: float) -> str:
    """US$ in running text, held together."""
    return again(usd_words(amount)).replace(" ", "\u00a0").replace("-", words.MINUS)


def basis(decision: Decision) -> str:
    """Years, discounting and perspective in a sentence."""
    return say("Years {first} to {last}, {discounting}; the money of {payers}, US$ of 2021.", first=decision.years[0],
               last=decision.years[-1], discounting=again(decision.discounting.words),
               payers=again(decision.settings.perspective_words))


# ------------------------------------------------------------------------------------------------------- the answer


def answer(decision: Decision, keys: Mapping[str, str] | None = None) -> Markup:
    """One paragraph: what is worth buying, at what cost, how sure, and what would change our mind."""
    labels = Labels(decision, keys)
    if len(decision.names) == 1:
        return tag("p", _alone(decision, labels))
    said = (*_buy(decision, labels), _sure(decision),
            say("What would change our mind? {first}", first=again(decision.learning.first)), _aim(decision, labels))
    return tag("p", joined((part for part in said if part), " "))


def _alone(decision: Decision, labels: Labels) -> Markup:
    effect = decision.gains[decision.settings.outcome].discounted[0].mean()
    return phrase("Only one scenario was run, {scenario}, so there is nothing to choose. It costs {cost} and comes "
                  "with {effect} {units}. {basis}", scenario=tag("strong", labels.title(decision.names[0])),
                  cost=money(float(decision.bill.costs[0].mean())), effect=words.number(float(effect)),
                  units=unit(decision, many=True), basis=basis(decision))


def _buy(decision: Decision, labels: Labels) -> tuple[str, ...]:
    """Along the frontier: which scenario from which worth on; then what the last of them buys, and for how much."""
    on = decision.value.steps
    last = on[-1].name
    if len(decision.value.frontier.on) == 1:
        return (phrase("{scenario} costs no more than any other scenario and brings no less, so it is the choice "
                       "whatever a {unit} is worth.", scenario=tag("strong", labels.title(last)), unit=unit(decision)),
                _over(decision, labels, last))
    steps = [phrase("{scenario} from {worth} on", scenario=tag("strong", labels.title(row.name)),
                    worth=tag("strong", money(float(row.icer or 0.0)))) for row in on[1:]]
    return (phrase("What is worth buying depends on what a {unit} is worth to those who pay: {first}, the cheapest, "
                   "if little; {steps}.", unit=unit(decision), first=tag("strong", labels.title(on[0].name)),
                   steps=joined(steps, "; ")),
            _small(decision), _over(decision, labels, last))


def _small(decision: Decision) -> str:
    """How many steps of the frontier bring next to nothing."""
    left = len(decision.value.frontier.on) - len(decision.value.steps)
    return counted(left, "({count} further step brings less than a tenth of what the frontier spans, and can be left "
                         "aside.)",
                   "({count} further steps bring less than a tenth of what the frontier spans, and can be left aside.)"
                   ) if left else ""


def _over(decision: Decision, labels: Labels, name: str) -> Markup:
    """What a scenario adds over the reference, and what part of the cost is payment."""
    if name == decision.reference:
        return phrase("{scenario} is the reference itself.", scenario=tag("em", labels.title(name)))
    place = decision.names.index(name)
    found = decision.value.plane
    cost, effect = found.extra_costs[place], found.extra_effects[place]
    told = {"reference": words.quoted(labels.title(decision.reference)), "scenario": tag("em", labels.title(name)),
            "effect": words.signed(float(effect.mean()), 0), "units": unit(decision, many=True),
            "effects": _between(decision, effect, 0), "cost": money(float(cost.mean())),
            "costs": _between(decision, cost / 1e6, 1)}
    share = float(decision.bill.pbf_share[place])
    if 0.0 < share <= 1.0 and cost.mean() > 0.0:
        return phrase("Over the reference, {reference}, {scenario} brings {effect} {units}{effects} for {cost} "
                      "more{costs}; {share} of it is PBF, whose payments follow the recorded score.", **told,
                      share=words.percent(share))
    return phrase("Over the reference, {reference}, {scenario} brings {effect} {units}{effects} for {cost} "
                  "more{costs}.", **told)


def _between(decision: Decision, values: np.ndarray, digits: int) -> str:
    """The interval in brackets, after a space; nothing for a single draw."""
    if decision.draws == 1:
        return ""
    low, high = np.percentile(values, (5.0, 95.0))
    between = words.interval(float(low), float(high), digits, sign=True)
    return "\u00a0" + say("({level} of draws: {between})", level=words.LEVEL, between=between)


def _sure(decision: Decision) -> Markup:
    """How sure the choice is at the worth that single numbers stand for."""
    if decision.draws == 1:
        return phrase("This is a single draw, so it cannot say how sure the choice is.")
    held = decision.value
    return phrase("How sure? At {worth}, {said}, the best choice on average is the best in {share} of draws, and "
                  "knowing everything would be worth {most}.", worth=money(held.worth), said=where(decision),
                  share=tag("strong", words.percent(held.sure)), most=money(decision.learning.perfect.value))


def where(decision: Decision) -> str:
    """Why single numbers stand at the worth that they do."""
    return (say("the worth given") if decision.value.given
            else say("where the last large step becomes worth its price"))


def _aim(decision: Decision, labels: Labels) -> Markup:
    """How probable the target is, at best."""
    found = decision.aim
    place = decision.names.index(found.likeliest)
    told = {"share": words.percent(found.target.share), "group": say(GROUP_WORDS[found.target.group]),
            "year": found.target.by, "scenario": tag("em", labels.title(found.likeliest)),
            "likely": words.percent(float(found.meant.probability[place])),
            "mean": words.percent(float(found.share.mean[place]))}
    if found.target.indicator == "true_80":
        return phrase("The target of {share} of {group} truly at 80 points or more by the end of {year} is met in "
                      "{likely} of runs at best, under {scenario}, where {mean} are there on average.", **told)
    return phrase("The target of {share} of {group} recorded at 80 points or more by the end of {year} is met in "
                  "{likely} of runs at best, under {scenario}, where {mean} are there on average.", **told)


def fits(decision: Decision, labels: Labels) -> str:
    """Which scenarios a ceiling allows, by their titles."""
    found = decision.budget.fits
    if found is None:
        return again(decision.budget.sentence)
    risk = words.percent(decision.settings.risk)
    if found.fitting:
        return say("Within the ceiling in every year, with a risk of at most {risk}: {scenarios}.", risk=risk,
                   scenarios=words.listed([labels.title(name) for name in found.fitting]))
    nearest = min(found.ever, key=lambda name: found.ever[name])
    return say("No scenario fits the ceiling with a risk of at most {risk}. {nearest} comes nearest, and exceeds it in "
               "{share} of draws.", risk=risk, nearest=labels.title(nearest),
               share=words.percent(found.ever[nearest]))
