"""The answer in full: what to choose, what is spent, PBF alone, the record and the truth, provinces, what is alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from qicsim.analysis.places import province_gaps
from qicsim.analysis.quarters import facility_years
from qicsim.analysis.spending import MeanSpending
from qicsim.decide.decision import Decision
from qicsim.decide.frontier import Row
from qicsim.decide.value import large_steps
from qicsim.ground import numbers
from qicsim.ground.intervals import Interval
from qicsim.ground.numbers import MILLION, adding
from qicsim.inputs.country import plan_start
from qicsim.model.levers import NO_CEILING
from qicsim.report import formatting
from qicsim.report.decision_words import GROUP_WORDS, money, unit
from qicsim.report.elements import Markup, joined, tag
from qicsim.report.language import phrase, say
from qicsim.report.points import PBF_LEDGER, ledger_cells
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


def cost(results: Results, name: str) -> str:
    """Collaboratives, the change in PBF, and both together by payer; nothing before the plans begin."""
    if results.early:
        return ""
    return " ".join((_collaboratives(results, name), _public(results, name)))


def _collaboratives(results: Results, name: str) -> str:
    own = results.level(name, results.end, "qic_cost")
    if own.mean == 0.0:
        return say("It spends nothing on collaboratives from {year} on.", year=plan_start())
    said = say("Its collaboratives cost US$ {cost} million{spread} from {first} to {last}, in money of {price_year}.",
               cost=numbers.number(own.mean / MILLION, 1), spread=_spread(own, sign=False), first=plan_start(),
               last=results.end, price_year=results.price_year)
    before = results.level(results.reference, results.end, "qic_cost")
    if name == results.reference or before.mean == 0.0:
        return said
    more = say("Against the reference, which spends on some too, that is US$ {more} million.",
               more=numbers.signed(results.difference(name, results.end, "qic_cost").mean / MILLION, 1))
    return f"{said} {more}"


def _public(results: Results, name: str) -> str:
    """PBF and all public money, more than the reference; the parts are rounded so that they add up."""
    own, pbf, public = (results.difference(name, results.end, which)
                        for which in ("qic_cost", "pbf_cost", "public_cost"))
    government, donor = adding([float(usd) / MILLION
                                for usd in MeanSpending(results.comparison).extra_by_payer(name)])
    more = round(public.mean / MILLION, 1) - round(own.mean / MILLION, 1)  # the other two stand in the table
    rises = pbf.mean > 0.0 and public.mean > 0.0
    write = partial(numbers.number, digits=1) if rises else numbers.signed
    told = {"pbf": write(more), "pbf_spread": _spread(pbf, sign=not rises), "all": write(public.mean / MILLION),
            "all_spread": _spread(public, sign=not rises), "government": write(government), "donors": write(donor)}
    if rises:
        return say("PBF payments rise with the recorded score: with assessments by US$ {pbf} million{pbf_spread} over "
                   "the reference. Together that is US$ {all} million more of public money{all_spread}: government "
                   "{government}, donors {donors}.", **told)
    return say("PBF and assessments change by US$ {pbf} million{pbf_spread} against the reference, all public money "
               "together by US$ {all} million{all_spread}: government {government}, donors {donors}.", **told)


def _spread(cell: Interval[float], *, sign: bool) -> str:
    """The interval in brackets, after a space; nothing where there is none."""
    if cell.low == cell.high:
        return ""
    return f" ({formatting.interval(cell.low / MILLION, cell.high / MILLION, sign=sign)})"


def without_ceiling(results: Results, name: str) -> str:
    """What a fixed budget of PBF would mean where there is none: payments grow with the record, without limit."""
    extra = None if results.early else MeanSpending(results.comparison).extra_payments(name)
    levers = results.comparison.ensemble.runners[name].scenario.levers
    if extra is None or np.min(levers.pbf_envelope) < NO_CEILING:
        return ""
    return say(
        "Here PBF payments grow with the record without limit, by US$ {extra} million from {first} to {last}. With a "
        "fixed PBF budget every payment would have to be {cut} smaller; a scenario with the lever pbf_envelope "
        "simulates what that does to quality.",
        extra=numbers.number(extra.usd / MILLION, 1),
        first=plan_start(),
        last=results.end,
        cut=numbers.percent(extra.share),
    )


def for_each_facility(results: Results, name: str) -> str:
    """US$ a year for each facility: of collaboratives, and of all public money more than the reference."""
    each = facility_years(results.comparison.ensemble, name, plan_start(), results.end)
    if results.early or not math.isfinite(each):
        return ""
    return say("For each facility of the country that is US$ {own} a year for collaboratives; all public money "
               "differs from the reference by US$ {public} a year and facility.",
               own=numbers.number(results.level(name, results.end, "qic_cost").mean / each),
               public=numbers.signed(results.difference(name, results.end, "public_cost").mean / each, 0))


WANTED = 0.8  # of facilities truly at 80: the share that the target asks for


def in_full(results: Results) -> Markup:
    """What stands behind the answer; nothing where the runs end before the plans begin."""
    best = results.best
    if best is None or results.early:
        return Markup("")
    paragraphs = (_pbf_alone(results, best), _sentences(_gap(results, best), _record(results, best)),
                  _money(results, best), rule(results), target(results),
                  _provinces(results, best), _ties(results, best))
    return joined(tag("p", paragraph) for paragraph in paragraphs if paragraph)


def _sentences(*parts: object) -> Markup:
    return joined((part for part in parts if part), " ")


# ----------------------------------------------------------------------------------------------------------- PBF alone


def _pbf_alone(results: Results, best: str) -> Markup:
    """Whether performance-based financing alone would do, where that is what the reference is in the end."""
    reference = results.reference
    pbf, support = (results.lever(reference, name)[-1] for name in ("pbf", "support"))
    since = next(year for year in results.years if results.has(reference, year))
    if not pbf or support or not since < plan_start() <= results.end:
        return Markup("")
    return _sentences(_would_it_do(results, best), _its_points(results, since))


def _would_it_do(results: Results, best: str) -> Markup:
    alone, there = (results.level(name, results.end, "true_80").mean for name in (results.reference, best))
    told = {"reference": formatting.quoted(results.title(results.reference)), "alone": numbers.percent(alone),
            "best": results.named(best), "there": numbers.percent(there), "year": results.end}
    if alone >= WANTED:
        return phrase("Would performance-based financing alone do? Yes: under {reference}, which is PBF alone after "
                      "its project, {alone} of facilities are truly at 80 or more at the end of {year}; under {best} "
                      "{there}.", **told)
    return phrase("Would performance-based financing alone do? No: under {reference}, which is PBF alone after its "
                  "project, {alone} of facilities are truly at 80 or more at the end of {year}; under {best} {there}.",
                  **told)


def _its_points(results: Results, since: int) -> str:
    """How far true quality goes in the reference, and what part of that is booked to PBF; the parts add up."""
    reference = results.reference
    start, end = (results.level(reference, year, "true").mean for year in (since, results.end))
    booked = ledger_cells(results, difference=False)
    by_pbf = sum(booked[reference, results.end, line].mean - booked[reference, since, line].mean for line in PBF_LEDGER)
    before, pbf, other = adding([start, by_pbf, end - start - by_pbf])
    return say(
        "True quality goes from {start} points at the end of {since} to {end} at the end of {year}: {by_pbf} "
        "points are booked to PBF, {other} to other change that goes on anyway.",
        start=numbers.number(before, 1),
        since=since,
        end=numbers.number(end, 1),
        year=results.end,
        by_pbf=numbers.signed(pbf),
        other=numbers.signed(other),
    )


# ----------------------------------------------------------------------------------------------------- record and money


def _gap(results: Results, best: str) -> Markup:
    """The gap between recorded and true, in the reference and in the best scenario."""
    gaps = {name: results.level(name, results.end, "inflation").mean for name in (results.reference, best)}
    told = {"reference": gaps[results.reference], "best": gaps[best]}
    scenario = results.named(best)
    if min(gaps.values()) > 0:
        return phrase("The record flatters: the mean recorded score is {reference} points above true quality in the "
                      "reference, and {best} points above it under {scenario}.", scenario=scenario,
                      **{key: numbers.number(value, 1) for key, value in told.items()})
    return phrase("Recorded and true differ: the mean recorded score minus true quality is {reference} points in the "
                  "reference, and {best} points under {scenario}.", scenario=scenario,
                  **{key: numbers.signed(value) for key, value in told.items()})


def _record(results: Results, best: str) -> str:
    """What would be recorded at 80 or more, and what truly is there."""
    true, recorded = (numbers.percent(results.level(best, results.end, f"{which}_80").mean)
                      for which in ("true", "recorded"))
    quarter = results.last_recorded(best, results.end)
    if quarter:
        return say("There {recorded} of facilities were at 80 or more when scores were last recorded, in {quarter}, "
                   "and {true} truly are.", recorded=recorded, true=true, quarter=quarter)
    return say("There {recorded} of facilities would be recorded at 80 or more, and {true} truly are.",
               recorded=recorded, true=true)


def _money(results: Results, best: str) -> Markup:
    each = for_each_facility(results, best)
    if not each:
        return Markup("")
    return _sentences(phrase("What does {scenario} cost?", scenario=results.named(best)), cost(results, best),
                      each, without_ceiling(results, best))


# ---------------------------------------------------------------------------------------------------------- provinces


def _provinces(results: Results, best: str) -> Markup:
    """Whether provinces draw closer: the range, paired with the reference."""
    if len(results.comparison.ensemble.runners[best].world.provinces) == 1:
        return Markup("")
    gaps = province_gaps(results.comparison.ensemble, best, results.reference, results.end)
    change = gaps.change
    told = {"scenario": results.named(best), "year": results.end, "there": numbers.number(gaps.scenario, 1),
            "before": numbers.number(gaps.reference, 1), "change": numbers.signed(change.mean) + _spread_of(change)}
    if results.several and change.high < 0.0:
        return phrase("Do provinces draw closer? Yes: at the end of {year} the best and the worst province are {there} "
                      "points apart under {scenario} and {before} in the reference, {change}.", **told)
    if results.several and change.low > 0.0:
        return phrase("Do provinces draw closer? No, they draw apart: at the end of {year} the best and the worst "
                      "province are {there} points apart under {scenario} and {before} in the reference, "
                      "{change}.", **told)
    return phrase("Do provinces draw closer? That cannot be told: at the end of {year} the best and the worst province "
                  "are {there} points apart under {scenario} and {before} in the reference, {change}.", **told)


def _spread_of(cell: Interval[float]) -> str:
    return "" if cell.low == cell.high else f"\u00a0({formatting.interval(cell.low, cell.high, sign=True)})"


# --------------------------------------------------------------------------------------------------------------- alike


def _ties(results: Results, best: str) -> Markup:
    """What cannot be told apart from the best, and from the reference."""
    if not results.several:
        return Markup("")
    alike = results.alike(best)
    flat = results.alike(results.reference)
    rivals = [name for name in results.others if name != best and results.has(name, results.end)]
    told = {"best": results.named(best), "scenarios": _titles(results, alike)}
    lead: object = ""
    if rivals and alike:
        lead = phrase("Paired in the same runs, {best} cannot be told apart from {scenarios}: the interval of the "
                      "difference holds zero.", **told)
    elif rivals:
        lead = phrase("Paired in the same runs, {best} is above every other scenario in at least 95 % of runs.",
                      best=told["best"])
    none = (phrase("From the reference itself these cannot be told apart: {scenarios}.",
                   scenarios=_titles(results, flat)) if flat else "")
    return _sentences(lead, none)


def _titles(results: Results, names: Sequence[str]) -> Markup:
    return joined((results.named(name) for name in names), "; ")
