"""What a decision says, in words: the answer in a paragraph, and what is called what on its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qicsim.decide.currency import usd_words
from qicsim.decide.decision import Decision
from qicsim.report import words
from qicsim.report.elements import Markup, joined, plain, tag

UNIT_WORDS = {
    "facility_years_true_80": "facility-year truly at 80 points or more",
    "facility_years_recorded_80": "facility-year recorded at 80 points or more",
    "points_true": "year of one point more of mean true quality",
    "points_recorded": "year of one point more of mean recorded score",
    "person_years_true_80": "person-year served by a facility truly at 80 points or more",
    "person_years_recorded_80": "person-year served by a facility recorded at 80 points or more",
    "unscored": "year of one point more of quality that is not scored",
    "range_true": "year of one point less between the best and the worst province",
    "slope_true": "year of one point less of the slope index between provinces"}
GROUP_WORDS = {"all": "facilities", "health_centre": "health centres", "referral_hospital": "referral hospitals"}


@dataclass(frozen=True, eq=False)
class Labels:
    """What scenarios are called: short signs (given, or numbered in the decision's order) and titles."""

    decision: Decision
    keys: Mapping[str, str] | None = None

    def key(self, name: str) -> str:
        """A scenario's short sign."""
        if name == self.decision.reference:
            return "Ref"
        return self.keys[name] if self.keys else str(self.decision.others.index(name) + 1)

    def title(self, name: str) -> str:
        """A scenario's title as plain text."""
        return plain(self.decision.titles[name]) or plain(name)

    def heading(self, name: str) -> str:
        """Short sign and title."""
        return f"{'Reference:' if name == self.decision.reference else f'{self.key(name)}.'} {self.title(name)}"

    def row(self, name: str) -> Markup:
        """A scenario as the head of a row of a table."""
        return joined((tag("span", self.heading(name), class_="title"), tag("span", name, class_="name")), " ")


def unit(decision: Decision, *, many: bool = False) -> str:
    """The unit of the effect that money is held against."""
    one = UNIT_WORDS[decision.value.outcome.name]
    head, _, rest = one.partition(" ")
    return f"{head}s {rest}" if many else one


def runs_words(decision: Decision) -> str:
    """How many draws the numbers stand on, and where these come from."""
    held = words.DRAW_WORDS.get(decision.source, f"draws from {decision.source}")
    return (f"{words.plural(decision.draws, 'draw', 'draws')} of {words.plural(decision.replicates, 'run', 'runs')} "
            f"each; draws hold {held}")


def money(amount: float) -> str:
    """US$ in running text, held together."""
    return usd_words(amount).replace(" ", "\u00a0").replace("-", words.MINUS)


def basis(decision: Decision) -> str:
    """Years, discounting and perspective in a sentence."""
    return (f"Years {decision.years[0]} to {decision.years[-1]}, {decision.discounting.words}; the money of "
            f"{decision.settings.perspective_words}, US$ of 2021.")


# ------------------------------------------------------------------------------------------------------- the answer


def answer(decision: Decision, keys: Mapping[str, str] | None = None) -> Markup:
    """One paragraph: what is worth buying, at what cost, how sure, and what would change our mind."""
    labels = Labels(decision, keys)
    if len(decision.names) == 1:
        return tag("p", *_alone(decision, labels))
    return tag("p", *_buy(decision, labels), *_sure(decision), *_study(decision), *_aim(decision, labels))


def _alone(decision: Decision, labels: Labels) -> tuple[object, ...]:
    name = decision.names[0]
    effect = decision.gains[decision.settings.outcome].discounted[0].mean()
    cost = money(float(decision.bill.costs[0].mean()))
    return ("Only one scenario was run, ", tag("strong", labels.title(name)), ", so there is nothing to choose. It ",
            f"costs {cost} and comes with {words.number(float(effect))} {unit(decision, many=True)}. ", basis(decision))


def _buy(decision: Decision, labels: Labels) -> tuple[object, ...]:
    """Along the frontier: which scenario from which worth on; then what the last of them buys, and for how much."""
    on = decision.value.steps
    last = on[-1].name
    if len(decision.value.frontier.on) == 1:
        return (tag("strong", labels.title(last)), " costs no more than any other scenario and brings no less, so it ",
                f"is the choice whatever a {unit(decision)} is worth. ", *_over(decision, labels, last))
    steps = [joined((tag("strong", labels.title(row.name)), "from", tag("strong", money(float(row.icer or 0.0))), "on"),
                    " ") for row in on[1:]]
    return (f"What is worth buying depends on what a {unit(decision)} is worth to those who pay: ",
            tag("strong", labels.title(on[0].name)), ", the cheapest, if little; ", joined(steps, "; "), ". ",
            _small(decision), *_over(decision, labels, last))


def _small(decision: Decision) -> str:
    """How many steps of the frontier bring next to nothing."""
    left = len(decision.value.frontier.on) - len(decision.value.steps)
    return (f"({words.plural(left, 'further step brings', 'further steps bring')} less than a tenth of what the "
            "frontier spans, and can be left aside.) " if left else "")


def _over(decision: Decision, labels: Labels, name: str) -> tuple[object, ...]:
    """What a scenario adds over the reference, and what part of the cost is payment."""
    if name == decision.reference:
        return (tag("em", labels.title(name)), " is the reference itself. ")
    place = decision.names.index(name)
    found = decision.value.plane
    cost, effect = found.extra_costs[place], found.extra_effects[place]
    share = float(decision.bill.pbf_share[place])
    paid = (f"; {words.percent(share)} of it is PBF, whose payments follow the recorded score"
            if 0.0 < share <= 1.0 and cost.mean() > 0.0 else "")
    return (f"Over the reference, {words.quoted(labels.title(decision.reference))}, ",
            tag("em", labels.title(name)), f" brings {words.signed(float(effect.mean()), 0)} ",
            f"{unit(decision, many=True)}{_between(decision, effect, 0)} for ",
            money(float(cost.mean())), f" more{_between(decision, cost / 1e6, 1)}{paid}. ")


def _between(decision: Decision, values: object, digits: int) -> str:
    import numpy as np

    if decision.draws == 1:
        return ""
    low, high = np.percentile(np.asarray(values), (5.0, 95.0))
    return f" ({words.LEVEL} of draws: {words.interval(float(low), float(high), digits, sign=True)})"


def _sure(decision: Decision) -> tuple[object, ...]:
    """How sure the choice is at the worth that single numbers stand for."""
    if decision.draws == 1:
        return ("This is a single draw, so it cannot say how sure the choice is. ",)
    held = decision.value
    said = "the worth given" if held.given else "where the last large step becomes worth its price"
    return (f"How sure? At {money(held.worth)}, {said}, the best choice on average is the best in ",
            tag("strong", words.percent(held.sure)), " of draws, and knowing everything would be worth ",
            f"{money(decision.learning.perfect.value)}. ")


def _study(decision: Decision) -> tuple[object, ...]:
    return (f"What would change our mind? {decision.learning.first} ",)


def _aim(decision: Decision, labels: Labels) -> tuple[object, ...]:
    """How probable the target is, at best."""
    found = decision.aim
    place = decision.names.index(found.likeliest)
    kind = "truly" if found.target.indicator == "true_80" else "recorded"
    share, mean, likely = (words.percent(value) for value in (
        found.target.share, float(found.share.mean[place]), float(found.meant.probability[place])))
    return (f"The target of {share} of {GROUP_WORDS[found.target.group]} {kind} at 80 points or more by the end of ",
            f"{found.target.by} is met in {likely} of runs at best, under ", tag("em", labels.title(found.likeliest)),
            f", where {mean} are there on average.")


def fits(decision: Decision, labels: Labels) -> str:
    """Which scenarios a ceiling allows, by their titles."""
    found = decision.budget.fits
    if found is None:
        return decision.budget.sentence
    risk = words.percent(decision.settings.risk)
    if found.fitting:
        return (f"Within the ceiling in every year, with a risk of at most {risk}: "
                f"{words.listed([labels.title(name) for name in found.fitting])}.")
    nearest = min(found.ever, key=lambda name: found.ever[name])
    return (f"No scenario fits the ceiling with a risk of at most {risk}. {labels.title(nearest)} comes nearest, and "
            f"exceeds it in {words.percent(found.ever[nearest])} of draws.")
