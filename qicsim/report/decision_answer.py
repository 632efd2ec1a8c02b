"""The answer of a decision: what is worth buying, at what cost, how sure that is, and what would change our mind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from qicsim.decide.answer import VIEWS
from qicsim.decide.budget import ALL, MONEY_WORDS
from qicsim.decide.decision import Decision
from qicsim.decide.frontier import Row
from qicsim.decide.settings import PAYMENTS
from qicsim.decide.tables import where as worth_from
from qicsim.decide.value import Point, large_steps
from qicsim.ground import numbers
from qicsim.ground.intervals import Interval
from qicsim.ground.numbers import MILLION, brief, millions, signed
from qicsim.report import formatting
from qicsim.report.decision_words import GROUP_WORDS, Labels, basis, between, money, unit
from qicsim.report.elements import Markup, joined, tag
from qicsim.report.first_screen import HEADS, small_interval, tile
from qicsim.report.language import again, counted, phrase, say


def answer(decision: Decision, keys: Mapping[str, str] | None = None) -> Markup:
    """A few short paragraphs: what to buy; payments left out or counted; how sure; what to learn, and the target."""
    labels = Labels(decision, keys)
    if len(decision.names) == 1:
        return tag("p", _alone(decision, labels))
    mind = say("What would change our mind? {first}", first=again(decision.learning.first))
    parts = ((ceiling(decision, labels), *_buy(decision, labels)), (payments(decision, labels),),
             (sure(decision, labels),), (mind, _aim(decision, labels)))
    return joined(tag("p", joined((one for one in said if one), " ")) for said in parts if any(said))


def in_short(decision: Decision) -> Markup:
    """The first screen: the choice under each view of PBF's budget, and four tiles: choose, bring, cost, how sure."""
    labels = Labels(decision)
    if len(decision.names) == 1 or decision.draws == 1:
        return tag("div", answer(decision), class_="answer")
    lead = phrase("It depends on what a {unit} is worth to those who pay.", unit=unit(decision))
    views = [tag("p", tag("strong", say(HEADS[view])), " ", phrase("{steps}.", steps=steps(
        large_steps(decision.value.views[VIEWS[view]]), labels))) for view in HEADS]
    barred = ceiling(decision, labels)
    return joined((tag("div", tag("p", lead), *views, tag("p", barred) if barred else "", class_="answer"),
                   tag("div", *_tiles(decision, labels), class_="four wide")))


def _tiles(decision: Decision, labels: Labels) -> tuple[Markup, ...]:
    """The choice at the worth that single numbers stand for, over the reference."""
    here = decision.value.points[1]
    chosen = decision.value.turned_to
    effect = decision.value.plane.effect.at(decision.names.index(chosen))
    more = decision.more_a_year(chosen)
    equal = formatting.listed([labels.title(name) for name in labels.ordered({here.best, *here.tied} - {chosen})])
    return (tile(say("What to choose"), labels.title(chosen),
                 say("where one more unit is worth {worth}", worth=money(here.worth))),
            tile(say("What it brings"), say("Nothing more") if chosen == decision.reference else phrase(
                "{effect} {interval}", effect=brief(effect.mean, sign=True), interval=tag(
                    "small", f"({between(effect.low, effect.high, sign=True)})")), unit(decision, many=True)),
            tile(say("What it costs a year"), phrase("US$ {usd} million {interval}", usd=signed(more.mean / MILLION, 1),
                                                     interval=small_interval(more, MILLION)),
                 say("all money of those who pay, more than the reference")),
            tile(say("How sure that is"),
                 say("not the best in {share} of draws", share=numbers.percent(1.0 - decision.value.sure_of(chosen))),
                 say("as good as it, as far as draws can tell: {others}", others=equal) if equal else "",
                 say("trials elsewhere, and assumptions")))


def _alone(decision: Decision, labels: Labels) -> Markup:
    effect = decision.gains[decision.settings.outcome].level.mean[0]
    return phrase("Only one scenario was run, {scenario}, so there is nothing to choose. It costs {cost} and comes "
                  "with {effect} {units}. {basis}", scenario=tag("strong", labels.title(decision.names[0])),
                  cost=money(float(decision.bill.cost.mean[0])), effect=brief(float(effect)),
                  units=unit(decision, many=True), basis=basis(decision))


# --------------------------------------------------------------------------------------------------- what can be chosen


def ceiling(decision: Decision, labels: Labels) -> str:
    """What the ceiling forbids, by name, and what is left; nothing without a ceiling."""
    if decision.budget.fits is None:
        return ""
    if decision.settings.ceiling_is == ALL:
        return _forbidden(decision, labels)
    what = say(MONEY_WORDS[decision.settings.ceiling_is])
    return joined((_forbidden(decision, labels), phrase("The ceiling counts {what}.", what=what)), " ")


def _forbidden(decision: Decision, labels: Labels) -> Markup:
    """What the ceiling forbids, by name, and what is left."""
    found, risk = decision.options, numbers.percent(decision.settings.risk)
    if not found.fits:
        nearest = min(found.forbidden, key=lambda name: found.forbidden[name])
        return phrase("No scenario fits the ceiling with a risk of at most {risk}. {nearest} comes nearest, and "
                      "exceeds it in {share} of draws. What follows sets the ceiling aside.", risk=risk,
                      nearest=tag("strong", labels.title(nearest)), share=numbers.percent(found.forbidden[nearest]))
    if not found.forbidden:
        return phrase("The ceiling forbids none of the choices: each exceeds it in at most {risk} of draws.", risk=risk)
    out = formatting.listed([say("{scenario} (above it in {share} of draws)", scenario=labels.title(name),
                            share=numbers.percent(share)) for name, share in found.forbidden.items()])
    return phrase("The ceiling, with a risk of at most {risk}, forbids {out}. What follows weighs only what fits it: "
                  "{fitting}. Fixed grants of about {grants} a year are not in the money that is held against it.",
                  risk=risk, out=out, fitting=formatting.listed([labels.title(name) for name in found.names]),
                  grants=money(decision.bill.grants))


# ------------------------------------------------------------------------------------------------------- what to choose


def _buy(decision: Decision, labels: Labels) -> tuple[str, ...]:
    """Along the frontier: which scenario from which worth on; then what the last of them buys, and for how much."""
    on = decision.value.steps
    last = on[-1].name
    if len(decision.value.options) == 1:
        return (phrase("{scenario} is the only choice.", scenario=tag("strong", labels.title(last))),
                _over(decision, labels, on))
    if len(decision.value.frontier.on) == 1:
        return (phrase("{scenario} costs no more than any other choice and brings no less, so it is the choice "
                       "whatever a {unit} is worth.", scenario=tag("strong", labels.title(last)), unit=unit(decision)),
                _over(decision, labels, on))
    return (phrase("What is worth buying depends on what a {unit} is worth to those who pay: {steps}.",
                   unit=unit(decision), steps=steps(on, labels)), _small(decision), _over(decision, labels, on))


def steps(rows: Sequence[Row], labels: Labels) -> Markup:
    """Large steps of a frontier in short: the cheapest if little, then each scenario from its threshold on."""
    first = phrase("{scenario}, the cheapest, if little", scenario=tag("strong", labels.title(rows[0].name)))
    later = [phrase("{scenario} from {worth} on", scenario=tag("strong", labels.title(row.name)),
                    worth=tag("strong", money(float(row.icer or 0.0)))) for row in rows[1:]]
    return joined((first, *later), "; ")


def _small(decision: Decision) -> str:
    """How many steps of the frontier bring next to nothing."""
    left = len(decision.value.frontier.on) - len(decision.value.steps)
    return counted(left, "({count} further step brings less than a tenth of what the frontier spans, and can be left "
                         "aside.)",
                   "({count} further steps bring less than a tenth of what the frontier spans, and can be left aside.)"
                   ) if left else ""


def _over(decision: Decision, labels: Labels, rows: Sequence[Row]) -> Markup:
    """What the last step adds over the reference, its price there and over the step before, and PBF's part of it."""
    row = rows[-1]
    if row.name == decision.reference:
        return phrase("{scenario} is the reference itself.", scenario=tag("em", labels.title(row.name)))
    place = decision.names.index(row.name)
    found = decision.value.plane
    cost, effect = found.cost.at(place), found.effect.at(place)
    told = {
        "reference": formatting.quoted(labels.title(decision.reference)),
        "scenario": tag("em", labels.title(row.name)),
        "effect": brief(effect.mean, sign=True),
        "units": unit(decision, many=True),
        "effects": _between(decision, effect),
        "cost": money(abs(cost.mean)),
        "costs": _between(decision, cost, millions),
    }
    said = [phrase("Over the reference, {reference}, {scenario} brings {effect} {units}{effects} for {cost} "
                   "more{costs}.", **told) if cost.mean >= 0.0 else
            phrase("Against the reference, {reference}, {scenario} brings {effect} {units}{effects} and costs {cost} "
                   "less{costs}.", **told)]
    if cost.mean > 0.0 and effect.mean > 0.0:
        said.append(phrase("That is {ratio} a unit over the reference.", ratio=money(float(found.ratio[place]))))
    if row.icer is not None and row.over != (decision.reference,):
        said.append(phrase("Over {before}, the step before it on the frontier, a unit costs {icer}.",
                           before=formatting.quoted(labels.title(row.over[0])), icer=money(row.icer)))
    share = float(decision.bill.pbf_share[place])
    if 0.0 < share <= 1.0 and cost.mean > 0.0:
        said.append(phrase("Of its extra cost over the reference, {share} is PBF, whose payments follow the recorded "
                           "score.", share=numbers.percent(share)))
    return joined(said, " ")


def _between(decision: Decision, known: Interval[float], write: Callable[..., str] = brief) -> Markup:
    """The interval in brackets, after a space; nothing for a single draw."""
    if decision.draws == 1:
        return Markup("")
    told = between(known.low, known.high, write, sign=True)
    return joined((Markup("&nbsp;"), phrase("({level} of draws: {between})", level=formatting.LEVEL, between=told)))


def payments(decision: Decision, labels: Labels) -> Markup:
    """What payments to facilities are, and what to choose when they are treated the other way."""
    share = float(decision.bill.payments.max())
    if not share > 0.0:
        return Markup("")
    counted_in = decision.settings.payments == PAYMENTS[0]
    other = decision.value.views[PAYMENTS[counted_in]]
    told = {"share": numbers.percent(share), "steps": steps(large_steps(other), labels)}
    if counted_in:
        return phrase("Up to {share} of this money is PBF's payments to facilities and staff. For the budget of those "
                      "who pay they are money like any other; for society they are transfers: they pass from one hand "
                      "to another and use up nothing. Without payments to facilities the choice is: {steps}.", **told)
    return phrase("PBF's payments to facilities and staff are left out here: for society they are transfers, which "
                  "pass from one hand to another and use up nothing. For the budget of those who pay they are money "
                  "like any other, up to {share} of all; counted, the choice is: {steps}.", **told)


# ------------------------------------------------------------------------------------------------------------ how sure


def sure(decision: Decision, labels: Labels) -> Markup:
    """How sure the choice is at the worth that single numbers stand for, by name; and at half and twice that worth."""
    if decision.draws == 1:
        return phrase("This is a single draw, so it cannot say how sure the choice is.")
    if len(decision.value.options) == 1:
        return Markup("")
    less, here, more = decision.value.points
    told = {"worth": money(here.worth), "said": where(decision), "scenario": tag("strong", labels.title(here.best)),
            "share": tag("strong", numbers.percent(here.sure)), "most": money(here.evpi)}
    if here.tied:
        said = phrase("How sure? At {worth}, {said}, {tied} are equally good on average, as far as these draws can "
                      "tell: {scenario} is the best in {share} of draws, and knowing everything would be worth {most}.",
                      tied=formatting.listed([labels.title(name) for name in labels.ordered((here.best, *here.tied))]),
                      **told)
    else:
        said = phrase("How sure? At {worth}, {said}, {scenario} is the best on average and the best in {share} of "
                      "draws, and knowing everything would be worth {most}.", **told)
    return joined((said, _around(labels, less), _around(labels, more)), " ")


def _around(labels: Labels, at: Point) -> Markup:
    return phrase("At {worth}: {scenario}, the best in {share} of draws.", worth=money(at.worth),
                  scenario=labels.title(at.best), share=numbers.percent(at.sure))


def where(decision: Decision) -> str:
    """Why single numbers stand at the worth that they do."""
    return again(worth_from(decision))


def unmet(decision: Decision, labels: Labels) -> Markup:
    """That no run meets the target; the nearest one that 8 of 10 runs meet, and the money that reaches it."""
    target, (name, share) = decision.aim.target, decision.aim.nearest
    told = {"asked": numbers.percent(target.share), "nearest": numbers.percent(share / 100.0), "year": target.by,
            "group": say(GROUP_WORDS[target.group]), "scenario": tag("em", labels.title(name))}
    said = (phrase("The target of {asked} of {group} truly at 80 points or more by the end of {year} is met in no run, "
                   "whatever is chosen; the nearest that 8 of 10 runs meet is {nearest}, under {scenario}.", **told)
            if target.indicator == "true_80" else
            phrase("The target of {asked} of {group} recorded at 80 points or more by the end of {year} is met in no "
                   "run, whatever is chosen; the nearest that 8 of 10 runs meet is {nearest}, under {scenario}.",
                   **told))
    if name == decision.reference:
        return said
    more = decision.more_a_year(name).mean
    cost = (phrase("It takes {money} a year more than the reference.", money=money(more)) if more >= 0.0 else
            phrase("It takes {money} a year less than the reference.", money=money(-more)))
    return joined((said, cost), " ")


def _aim(decision: Decision, labels: Labels) -> Markup:
    """How probable the target is, at best."""
    found = decision.aim
    if not found.ever:
        return unmet(decision, labels)
    place = decision.names.index(found.likeliest)
    told = {"share": numbers.percent(found.target.share), "group": say(GROUP_WORDS[found.target.group]),
            "year": found.target.by, "scenario": tag("em", labels.title(found.likeliest)),
            "likely": numbers.percent(float(found.meant.probability[place])),
            "mean": numbers.percent(float(found.share.mean[place]))}
    if found.target.indicator == "true_80":
        return phrase("The target of {share} of {group} truly at 80 points or more by the end of {year} is met in "
                      "{likely} of runs at best, under {scenario}, where {mean} are there on average.", **told)
    return phrase("The target of {share} of {group} recorded at 80 points or more by the end of {year} is met in "
                  "{likely} of runs at best, under {scenario}, where {mean} are there on average.", **told)
