"""What would change our mind: how often the leading plan is no better, who overtakes it, what its gain hinges on."""

from __future__ import annotations

import numpy as np

from qicsim.decide.targets import share_interval
from qicsim.estimate.calibrate.parameter_status import ASSUMED, ELSEWHERE, LEARNED
from qicsim.ground.declare import declared
from qicsim.report import external_evidence, formatting
from qicsim.report.drivers import (
    FEWEST,
    SPILL,
    Hinge,
    chance_limit,
    gains,
    hinge,
    hinges,
    overtaken,
    overtaking,
    varied,
)
from qicsim.report.elements import Markup, items, joined, table, tag
from qicsim.report.evidence import kind_of
from qicsim.report.language import counted, name_of, phrase, say, text
from qicsim.report.results import Results

SMALL = 1.0  # points: a gain that nobody would notice
KNOWN = {LEARNED: text("learned from the reported history"),
         ELSEWHERE: text("known from elsewhere, not from Cambodian scores"),
         ASSUMED: text("assumed: no figure was found")}


def change_of_mind(results: Results) -> Markup:
    """The section; nothing where there is no scenario to compare, or no plan has begun at the end."""
    best = results.best
    if best is None or results.early:
        return Markup("")
    said = [*_shares(results, best), _assumed_to_work(results, best), external_evidence.beside_trials(results, best),
            _on_record(results, best)]
    return joined((tag("p", phrase("The plan in question is {scenario}.", scenario=results.named(best, "strong"))),
                   items(one for one in said if one), _hinges(results, best)))


def _draws(results: Results) -> int:
    return len(results.comparison.ensemble.draws)


def _shares(results: Results, best: str) -> tuple[object, ...]:
    """Shares of draws; with few draws only that they are too few."""
    if _draws(results) < FEWEST:
        return (counted(_draws(results), "{count} draw is too few to say how often the plan is no better than the "
                        "reference, and what its gain hinges on.",
                        "{count} draws are too few to say how often the plan is no better than the reference, and what "
                        "its gain hinges on."),)
    return _no_gain(results, best), _overtaken(results, best)


def _no_gain(results: Results, best: str) -> str:
    """In how many draws the gain is below a point, with the interval that so many draws leave."""
    gain = gains(results, best)
    share = float(np.mean(gain < SMALL))
    told = {"draws": f"{gain.size:,}", "between": _between(share, gain.size)}
    if share == 0.0:
        return say("No draw of {draws} shows a gain below 1 point (95 % interval of that share: {between}).", **told)
    return say("In {share} of {draws} draws the gain is below 1 point (95 % interval: {between}).",
               share=formatting.percent(share), **told)


def _between(share: float, draws: int) -> str:
    low, high = (float(end) for end in share_interval(np.array(share), draws))
    return say("{low} to {high}", low=formatting.percent(low), high=formatting.percent(high))


def _assumed_to_work(results: Results, best: str) -> str:
    """That the model holds no draw in which collaboratives do nothing, where the plan has any."""
    if external_evidence.by_collaboratives(results, best) <= 0.0:
        return ""
    return say("In every draw collaboratives have some effect on care, by construction: all their priors lie above "
               "zero. Whether they work in Cambodia is assumed here, not tested.")


def _overtaken(results: Results, best: str) -> Markup:
    rivals = overtaking(results, best)
    if not rivals:
        return Markup("")
    rival = max(rivals, key=rivals.__getitem__)
    if rivals[rival] == 0.0:
        return phrase("No other scenario gains more in any draw.")
    share = overtaken(results, best)
    return phrase("In {share} of draws (95 % interval: {between}) another scenario gains more, most often {rival} "
                  "({often}).", share=formatting.percent(share), between=_between(share, _draws(results)),
                  rival=results.named(rival), often=formatting.percent(rivals[rival]))


def _on_record(results: Results, best: str) -> str:
    """How much of the gain on record is no gain in quality."""
    true, recorded = (results.difference(best, results.end, which).mean for which in ("true", "recorded"))
    if abs(recorded - true) < SMALL:
        return say(
            "On record the gain at the end of {year} is {recorded} points, in truth {true}: less than a point "
            "apart on average.",
            year=results.end,
            recorded=formatting.signed(recorded),
            true=formatting.signed(true),
        )
    return say("On record the gain at the end of {year} is {recorded} points, in truth {true}: a study that re-scores "
               "facilities with independent assessors would tell the two apart.", year=results.end,
               recorded=formatting.signed(recorded), true=formatting.signed(true))


# -------------------------------------------------------------------------------------------------------------- hinges


def _hinges(results: Results, best: str) -> Markup:
    """The table of the parameters that the gain goes with more than chance has it, and of spill-over in any case."""
    draws, count = _draws(results), len(varied(results, best))
    if draws < FEWEST:
        return Markup("")
    limit = chance_limit(draws, count)
    above = hinges(results, best)
    spill = hinge(results, best, SPILL)
    rows = [*above, *([spill] if spill and spill.parameter not in [one.parameter for one in above] else [])]
    told = {"draws": f"{draws:,}", "count": count, "limit": formatting.number(limit, 2)}
    none = "" if above else tag("p", say("With {draws} draws none of {count} assumptions stands out above chance, "
                                         "which alone shows rank correlations up to ±{limit}.", **told))
    return joined((none, _table(results, rows, limit, told) if rows else ""))


def _table(results: Results, rows: list[Hinge], limit: float, told: dict[str, object]) -> Markup:
    heads = (say("Assumption"), say("Evidence"), say("Gain where it is low"), say("Gain where it is high"),
             say("Rank correlation"), say("More than chance"))
    note = say("Gains are means over the third of {draws} draws in which the assumption is lowest, and highest. With "
               "so many draws and {count} assumptions, chance alone shows rank correlations up to ±{limit}; only "
               "larger ones are listed, and spill-over in any case.", **told)
    return joined((table(say("What the gain hinges on most: points more than the reference, end of {year}",
                             year=results.end), heads, [_row(one, limit) for one in rows], class_="list hinges"),
                   tag("p", note, class_="note")))


def _row(one: Hinge, limit: float) -> list[object]:
    from qicsim.model.parameters import Parameters  # compiles: only a page that is written should wait

    declaration = declared(Parameters)[one.parameter].declaration
    meaning = joined((name_of(declaration.meaning), tag("span", one.parameter, class_="name")), " ")
    return [meaning, say(KNOWN[kind_of(one.parameter)]), formatting.signed(one.low), formatting.signed(one.high),
            formatting.signed(one.correlation, 2), say("yes") if abs(one.correlation) > limit else say("no")]
