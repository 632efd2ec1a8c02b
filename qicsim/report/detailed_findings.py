"""The answer in full: PBF alone, the gap between record and truth, cost for a facility, provinces, what is alike."""

from __future__ import annotations

from collections.abc import Sequence

from qicsim.analysis.compare import PLAN_START
from qicsim.analysis.places import province_gaps
from qicsim.ground import numbers
from qicsim.ground.intervals import Interval
from qicsim.ground.numbers import adding
from qicsim.report import formatting, recommendation, spent
from qicsim.report.elements import Markup, joined, tag
from qicsim.report.language import phrase, say
from qicsim.report.points import PBF_LEDGER, ledger_cells
from qicsim.report.results import Results

WANTED = 0.8  # of facilities truly at 80: the share that the target asks for


def in_full(results: Results) -> Markup:
    """What stands behind the answer; nothing where the runs end before the plans begin."""
    best = results.best
    if best is None or results.early:
        return Markup("")
    paragraphs = (_pbf_alone(results, best), _sentences(_gap(results, best), _record(results, best)),
                  _money(results, best), recommendation.rule(results), recommendation.target(results),
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
    if not pbf or support or not since < PLAN_START <= results.end:
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
    each = spent.for_each_facility(results, best)
    if not each:
        return Markup("")
    return _sentences(phrase("What does {scenario} cost?", scenario=results.named(best)), spent.cost(results, best),
                      each, spent.without_ceiling(results, best))


# ---------------------------------------------------------------------------------------------------------- provinces


def _provinces(results: Results, best: str) -> Markup:
    """Whether provinces draw closer: the range, paired with the reference."""
    if len(results.comparison.ensemble.runners[best].world.provinces) == 1:
        return Markup("")
    gaps = province_gaps(results.comparison.ensemble, best, results.reference, results.end)
    change = gaps.change
    told = {"scenario": results.named(best), "year": results.end, "there": numbers.number(gaps.scenario, 1),
            "before": numbers.number(gaps.reference, 1), "change": numbers.signed(change.mean) + _spread(change)}
    if results.several and change.high < 0.0:
        return phrase("Do provinces draw closer? Yes: at the end of {year} the best and the worst province are {there} "
                      "points apart under {scenario} and {before} in the reference, {change}.", **told)
    if results.several and change.low > 0.0:
        return phrase("Do provinces draw closer? No, they draw apart: at the end of {year} the best and the worst "
                      "province are {there} points apart under {scenario} and {before} in the reference, "
                      "{change}.", **told)
    return phrase("Do provinces draw closer? That cannot be told: at the end of {year} the best and the worst province "
                  "are {there} points apart under {scenario} and {before} in the reference, {change}.", **told)


def _spread(cell: Interval[float]) -> str:
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
