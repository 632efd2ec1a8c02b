"""What would change our mind: how often the leading plan is no better, who overtakes it, what its gain hinges on."""

from __future__ import annotations

import numpy as np

from qicsim.analysis.drivers import FEWEST_DRAWS, Driver, Drivers
from qicsim.analysis.gains import GainByDraw
from qicsim.decide.targets import share_interval
from qicsim.estimate.calibrate.parameter_status import ASSUMED, ELSEWHERE, LEARNED
from qicsim.ground import numbers
from qicsim.ground.declare import declared
from qicsim.report import risks
from qicsim.report.elements import Markup, items, joined, table, tag
from qicsim.report.evidence import WEIGHTED, kind_of
from qicsim.report.language import counted, name_of, phrase, say, text
from qicsim.report.results import Results

SMALL = 1.0  # points: a gain that nobody would notice
MOST = 5
SPILL = "pdsa.spill"
KNOWN = {LEARNED: text("learned from the reported history"),
         ELSEWHERE: text("known from elsewhere, not from scores of {country}"),
         WEIGHTED: text("weighted by controlled trials elsewhere, which hardly narrow it"),
         ASSUMED: text("assumed: no figure was found")}


def change_of_mind(results: Results) -> Markup:
    """The section; nothing where there is no scenario to compare, or no plan has begun at the end."""
    if results.plan is None or results.early:
        return Markup("")
    gain, best = results.comparison.gain(results.plan), results.plan
    said = [*_shares(results, gain), risks.beside_trials(results, best),
            _on_record(results, best)]
    return joined((tag("p", phrase("The plan in question is {scenario}.", scenario=results.named(best, "strong"))),
                   items(one for one in said if one), _drivers(results, gain.drivers)))


def _shares(results: Results, gain: GainByDraw) -> tuple[object, ...]:
    """Shares of draws; with few draws only that they are too few."""
    if gain.points.size < FEWEST_DRAWS:
        return (counted(gain.points.size, "{count} draw is too few to say how often the plan is no better than the "
                        "reference, and what its gain hinges on.",
                        "{count} draws are too few to say how often the plan is no better than the reference, and what "
                        "its gain hinges on."),)
    return _no_gain(gain), _overtaken(results, gain)


def _no_gain(gain: GainByDraw) -> str:
    """In how many draws the gain is below a point, with the interval that so many draws leave."""
    share, draws = gain.share_below(SMALL), gain.points.size
    told = {"draws": f"{draws:,}", "between": _between(share, draws)}
    if share == 0.0:
        return say("No draw of {draws} shows a gain below 1 point (95 % interval of that share: {between}).", **told)
    return say("In {share} of {draws} draws the gain is below 1 point (95 % interval: {between}).",
               share=numbers.percent(share), **told)


def _between(share: float, draws: int) -> str:
    low, high = (float(end) for end in share_interval(np.array(share), draws))
    return say("{low} to {high}", low=numbers.percent(low), high=numbers.percent(high))


def _overtaken(results: Results, gain: GainByDraw) -> Markup:
    rivals = gain.rivals
    if not rivals:
        return Markup("")
    rival = max(rivals, key=rivals.__getitem__)
    if rivals[rival] == 0.0:
        return phrase("No other scenario gains more in any draw.")
    share = gain.overtaken
    return phrase("In {share} of draws (95 % interval: {between}) another scenario gains more, most often {rival} "
                  "({often}).", share=numbers.percent(share), between=_between(share, gain.points.size),
                  rival=results.named(rival), often=numbers.percent(rivals[rival]))


def _on_record(results: Results, best: str) -> str:
    """How much of the gain on record is no gain in quality."""
    true, recorded = (results.difference(best, results.end, which).mean for which in ("true", "recorded"))
    if abs(recorded - true) < SMALL:
        return say(
            "On record the gain at the end of {year} is {recorded} points, in truth {true}: less than a point "
            "apart on average.",
            year=results.end,
            recorded=numbers.signed(recorded),
            true=numbers.signed(true),
        )
    return say("On record the gain at the end of {year} is {recorded} points, in truth {true}: a study that re-scores "
               "facilities with independent assessors would tell the two apart.", year=results.end,
               recorded=numbers.signed(recorded), true=numbers.signed(true))


# ------------------------------------------------------------------------------------------------------------- drivers


def _drivers(results: Results, found: Drivers) -> Markup:
    """The table of the parameters that the gain goes with more than chance has it, and of spill-over in any case."""
    if found.draws < FEWEST_DRAWS:
        return Markup("")
    named, spill = found.named[:MOST], found.of(SPILL)
    rows = [*named, *([spill] if spill and spill not in named else [])]
    told = {"draws": f"{found.draws:,}", "count": found.tested, "limit": numbers.number(found.limit, 2)}
    none = "" if named else tag("p", say("With {draws} draws none of the {count} assumptions that can move the gain "
                                         "stands out above chance, which alone shows rank correlations up to "
                                         "±{limit}.", **told))
    return joined((none, _table(results, rows, found, told) if rows else ""))


def _table(results: Results, rows: list[Driver], found: Drivers, told: dict[str, object]) -> Markup:
    heads = (say("Assumption"), say("Evidence"), say("Gain where it is low"), say("Gain where it is high"),
             say("Rank correlation"), say("More than chance"))
    note = say("Gains are means over the third of {draws} draws in which the assumption is lowest, and highest. With "
               "so many draws and the {count} assumptions that can move the gain, chance alone shows rank correlations "
               "up to ±{limit}; only larger ones are listed, and spill-over in any case.", **told)
    title = say("What the gain hinges on most: points more than the reference, end of {year}", year=results.end)
    return joined((table(title, heads, [_row(driver, found, results) for driver in rows], class_="list hinges"),
                   tag("p", note, class_="note")))


def _row(driver: Driver, found: Drivers, results: Results) -> list[object]:
    from qicsim.model.parameters import Parameters  # compiles: only a page that is written should wait

    declaration = declared(Parameters)[driver.parameter].declaration
    meaning = joined((name_of(declaration.meaning), tag("span", driver.parameter, class_="name")), " ")
    known = say(KNOWN[kind_of(driver.parameter, results.comparison.ensemble.draws)])
    return [meaning, known, numbers.signed(driver.lowest),
            numbers.signed(driver.highest), numbers.signed(driver.correlation, 2),
            say("yes") if found.exceeds(driver.correlation) else say("no")]
