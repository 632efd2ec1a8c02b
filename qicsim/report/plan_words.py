"""What papers say of a plan in sentences, each a template with facts: how to read numbers, money, chances, pace."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from qicsim.ground.intervals import Interval
from qicsim.ground.numbers import millions, number, percent
from qicsim.plan.record import (
    ALL,
    COLLABORATIVES,
    COUNT,
    MONEY,
    PAYMENTS,
    POINTS,
    SHARE,
    SURE,
    Option,
    Place,
    Plan,
    Target,
)
from qicsim.plan.spending import Step
from qicsim.report.exhibits import THOUSANDS, Number, amount, spelled
from qicsim.report.formatting import LEVEL, listed, quarter_named, quoted
from qicsim.report.language import name_of, say, spoken, text, text_of, untranslated
from qicsim.report.language import place_name as province_name

PART_WORDS = (text("all spending"), text("collaboratives"), text("assessment and verification"), text("PBF payments"))
STANDING_WORDS = {
    "on the frontier": text("good value: nothing else brings as much for less"),
    "dominated": text("brings no more than {others}, which costs less"),
    "extendedly dominated": text("brings less for its money than a mixture of {others}"),
    "same as": text("the same as {others}")}
WHOLE_WORDS = {"the nation": text("the nation"), "the register": text("the register")}
PROMISED, PEOPLE, NATION_ROW = "recorded_80", "people", 0
PAYMENT_LEVERS = ("pbf", "schedule", "pbf_size", "threshold", "weights", "rounds")
HALF = 0.5
INVENTED = text("The facilities are invented: real provinces with real populations, but no real facility. Numbers of a "
                "province or district show how the plan would be laid out, and are no forecast for that place.")


def alone(plan: Plan) -> bool:
    """Whether the scenario is its own reference: nothing differs, and no difference is worth a line."""
    return plan.scenario.name == plan.reference.name


def title_of(plan: Plan) -> str:
    """The plan's title, in the language spoken if it is a shipped one."""
    return name_of(plan.scenario.title)


def capital(words: str) -> str:
    """A phrase with a capital letter, as the first word of a sentence, where the script has them."""
    return f"{words[:1].upper()}{words[1:]}"


def small(words: str) -> str:
    """A title in the middle of a sentence; names in it keep their capital letters."""
    return f"{words[:1].lower()}{words[1:]}"


def whole_of(plan: Plan) -> str:
    """The nation, or the register where one was given."""
    return say(WHOLE_WORDS[plan.whole])


def place_of(place: Place) -> str:
    """A place's name: of a province in the language spoken, of a district as it is written."""
    return untranslated(place.name) if place.province and place.province != place.name else province_name(place.name)


# ------------------------------------------------------------------------------------------------------------- targets


def form_of(target: Target) -> str:
    """The form in which papers that are read show a target: people in thousands."""
    return THOUSANDS if target.form == COUNT and target.unit == PEOPLE else target.form


def unit(target: Target) -> str:
    """The unit of a target's levels, for readers."""
    return say("thousand people") if form_of(target) == THOUSANDS else say(target.shown_unit)


def level(target: Target, year: int) -> Number:
    """The nation's level of a target at the end of a year, by its place on the axis."""
    return Number(target.scenario.at(NATION_ROW, year), form_of(target))


def gain(target: Target, year: int) -> Number:
    """The nation's difference from the reference; of shares in percentage points."""
    known = target.difference.at(NATION_ROW, year)
    return (Number(known.scaled(100.0), POINTS, sign=True) if target.form == SHARE
            else Number(known, form_of(target), sign=True))


def difference_unit(target: Target) -> str:
    """The unit of a target's differences, for readers."""
    return unit(target) if form_of(target) == THOUSANDS else say(target.difference_unit)


def told(cell: Number) -> str:
    """A number with its interval, in words."""
    return spelled(cell.value, cell.form, sign=cell.sign) if isinstance(cell.value, Interval) else amount(
        cell.value, cell.form, sign=cell.sign)


def with_unit(value: float, target: Target) -> str:
    """A level with its unit."""
    return say("{value} {unit}", value=amount(value, form_of(target)), unit=unit(target))


# ------------------------------------------------------------------------------------------------------------ sentences


def how_to_read(plan: Plan) -> str:
    """What numbers and intervals are, said once."""
    return say("Numbers are means of {runs} runs ({draws} draws of the uncertain parameters, {replicates} of each); "
               "the {level} interval stands in brackets. Intervals hold what the parameters leave open and chance, not "
               "what the model itself may have wrong. Years are simulated, those before {year} "
               "too.", runs=number(plan.runs),
               draws=number(plan.draws), replicates=number(plan.replicates), level=LEVEL, year=plan.years[0])


def uncertainty(plan: Plan) -> str:
    """What intervals are, for captions: level, kind, and number of runs."""
    return say("{level} intervals between runs, n = {runs}", level=LEVEL, runs=number(plan.runs))


def verdict(plan: Plan) -> str:
    """Whether the plan may be called recommended, and why not where it may not."""
    if plan.recommended:
        return say("Recommended among the options of this paper: true quality is higher at the end than without the "
                   "plan, and no plan that comes with the model brings as much for less. Whether it is worth its money "
                   "is for the ministry to say.")
    if not plan.better:
        return say("Not recommended: true quality is no higher at the end than without the plan.")
    standing = plan.standing
    if standing is not None and plan.dominated:
        return say("Not recommended as it is: {others} would bring as much or more true quality for less public money.",
                   others=listed([quoted(name_of(title)) for title in standing.over]))
    if plan.missing:
        return say("No recommendation: the plan was not compared with {count} plans that come with the model.",
                   count=number(len(plan.missing)))
    return say("No recommendation: the plan was compared with nothing.")


def stands(one: Option | Step) -> str:
    """How an option stands towards the others, in words."""
    key = one.status if one.status in STANDING_WORDS else "same as"
    return say(STANDING_WORDS[key], others=listed([quoted(name_of(title)) for title in one.over]))


def increment_words(plan: Plan) -> str:
    """What the plan adds to spending, split into the programme and what follows from scores."""
    held = plan.budget.increment.total
    words = {"first": plan.years[0], "last": plan.years[-1],
             "all": spelled(held.at(ALL), MONEY, sign=True), "own": spelled(held.at(COLLABORATIVES), MONEY, sign=True),
             "paid": spelled(held.at(PAYMENTS), MONEY, sign=True)}
    if any(lever.name in PAYMENT_LEVERS for lever in plan.levers):
        return say("The plan adds US$ {all} million from {first} to {last}: {own} million for collaboratives and "
                   "{paid} million of PBF payments, because it changes their rules and because recorded scores "
                   "change.", **words)
    return say("The plan adds US$ {all} million from {first} to {last}: {own} million for collaboratives and {paid} "
               "million of PBF payments, which follow recorded scores, lenient ones too, and are no budget line of the "
               "programme.", **words)


def a_year(plan: Plan, part: int) -> float:
    """Mean US$ a year of a part of the plan's money."""
    return float(plan.budget.own.total.mean[part]) / len(plan.years)


def cost_words(plan: Plan) -> str:
    """What the plan costs a year."""
    return say("The collaboratives cost US$ {own} million a year, all public money with the plan US$ {all} million a "
               "year (constant prices of {year}).", own=millions(a_year(plan, COLLABORATIVES)),
               all=millions(a_year(plan, ALL)), year=plan.budget.price_year)


def promised(plan: Plan) -> Target:
    """The target that papers speak of when they speak of promises."""
    return next((one for one in plan.targets if one.name == PROMISED), plan.targets[0])


def chance_words(plan: Plan) -> str:
    """How likely the first targets are met, and what could be promised instead."""
    last, target = (NATION_ROW, len(plan.years)), promised(plan)
    return say("Targets are means and can be missed: for {indicator}, {target} by {year} is reached in {share} of the "
               "runs; {safe} in {sure} of them, which is safer to promise.", indicator=quoted(text_of(target.title)),
               target=with_unit(float(target.scenario.mean[last]), target), year=plan.years[-1],
               share=percent(float(target.reached[last])), safe=with_unit(float(target.sure[last]), target),
               sure=percent(SURE))


def gain_words(plan: Plan, target: Target) -> str:
    """An indicator at the baseline and at the end, with and without the plan."""
    begin, end = level(target, 0), level(target, len(plan.years))
    words = {"indicator": text_of(target.title), "unit": unit(target), "before": told(begin), "after": told(end),
             "year": plan.baseline_year, "last": plan.years[-1]}
    if alone(plan):
        return say("{indicator} ({unit}): {before} at the end of {year}, {after} at the end of {last}.", **words)
    other = spelled(target.reference.at(NATION_ROW, len(plan.years)), form_of(target))
    return say("{indicator} ({unit}): {before} at the end of {year}, {after} at the end of {last}; {other} without the "
               "plan.", **words, other=other)


def pace_words(plan: Plan) -> str:
    """What sets the pace: the plan's ceiling, or capacity and money; and what is there at the plan's own date."""
    held = plan.launches
    if not held.recruiting:
        return say("The plan launches no district from {year} on: {launched} are launched before.", year=plan.years[0],
                   launched=spelled(held.launched.at(0), COUNT))
    lag = held.planned[:held.due + 1] - held.launched.mean[:held.due + 1]
    words = {"planned": number(held.planned[held.due]), "quarter": quarter_named(plan.quarters[held.due]),
             "launched": spelled(held.launched.at(held.due), COUNT)}
    if (lag < HALF).all():
        return say("The plan allows {planned} districts from {quarter} on, and {launched} are launched by its end: the "
                   "plan's own ceiling sets the pace.", **words)
    return say("The plan allows {planned} districts from {quarter} on, and {launched} are launched by its end: "
               "capacity and money set the pace in some quarters, not the ceiling alone.", **words)


def quarter_words(plan: Plan, value: float) -> str:
    """A quarter of launch: a place in `plan.quarters`, before them (-1), or never (infinite)."""
    if not math.isfinite(value) or value >= len(plan.quarters):
        return say("not by {year}", year=plan.years[-1])
    if value < 0:
        return say("before {year}", year=plan.years[0])
    return quarter_named(plan.quarters[round(value)]) if spoken().code == "km" else plan.quarters[round(value)]


def notes(said: Sequence[str]) -> list[str]:
    """Notes and warnings of a plan in the language spoken."""
    return [text_of(one) for one in said]


def last_change(plan: Plan) -> int:
    """The place of the first quarter from which on allowed and launched districts stay as they are."""
    held = plan.launches
    rows = np.stack([held.planned, held.launched.mean, held.launched.low, held.launched.high], axis=1)
    other = np.flatnonzero(np.abs(rows - rows[-1]).max(axis=1) > 1e-9)  # noqa: PLR2004 as good as equal
    return min(int(other[-1]) + 1, len(rows) - 1) if other.size else 0
