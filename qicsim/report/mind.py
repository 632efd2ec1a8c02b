"""What would change our mind: how often the leading plan is no better, who overtakes it, what its gain hinges on."""

from __future__ import annotations

import numpy as np

from qicsim.calibrate.learned import ASSUMED, ELSEWHERE, LEARNED
from qicsim.declare import declared
from qicsim.report import words
from qicsim.report.elements import Markup, items, joined, table, tag
from qicsim.report.evidence import kind_of, zero_effect_sentence
from qicsim.report.hinges import Hinge, chance_limit, gains, hinges, overtaken, overtaking, varied
from qicsim.report.language import name_of, phrase, say, text
from qicsim.report.results import Results

SMALL = 1.0  # points: a gain that nobody would notice
KNOWN = {LEARNED: text("learned from the reported history"),
         ELSEWHERE: text("known from elsewhere, not from Cambodian scores"),
         ASSUMED: text("assumed: no figure was found")}


def change_of_mind(results: Results) -> Markup:
    """The section; nothing where there is no scenario to compare."""
    best = results.best
    if best is None:
        return Markup("")
    said = [_not_better(results, best), _overtaken(results, best), _on_record(results, best), zero_effect_sentence()]
    return joined((tag("p", phrase("The plan in question is {scenario}.", scenario=tag("strong", results.title(best)))),
                   items(one for one in said if one), _hinges(results, best)))


def _not_better(results: Results, best: str) -> str:
    gain = gains(results, best)
    return say("In {none} of {draws} draws it is not better than the reference, and in {small} it gains less than "
               "{limit} point.", none=words.percent(float(np.mean(gain <= 0.0))), draws=f"{gain.size:,}",
               small=words.percent(float(np.mean(gain < SMALL))), limit=words.number(SMALL))


def _overtaken(results: Results, best: str) -> Markup:
    rivals = overtaking(results, best)
    if not rivals:
        return Markup("")
    rival = max(rivals, key=rivals.__getitem__)
    if rivals[rival] == 0.0:
        return phrase("No other scenario gains more in any draw.")
    return phrase("In {share} of draws another scenario gains more, most often {rival} ({often}).",
                  share=words.percent(overtaken(results, best)), rival=tag("em", results.title(rival)),
                  often=words.percent(rivals[rival]))


def _on_record(results: Results, best: str) -> str:
    """How much of the gain on record is no gain in quality."""
    true, recorded = (results.difference(best, results.end, which).mean for which in ("true", "recorded"))
    if abs(recorded - true) < SMALL:
        return say("On record the gain at the end of {year} is {recorded} points, in truth {true}: less than a point "
                   "apart on average.", year=results.end, recorded=words.signed(recorded), true=words.signed(true))
    return say("On record the gain at the end of {year} is {recorded} points, in truth {true}: a study that re-scores "
               "facilities with independent assessors would tell the two apart.", year=results.end,
               recorded=words.signed(recorded), true=words.signed(true))


def _hinges(results: Results, best: str) -> Markup:
    """The table of the parameters that the gain goes with, or why there is none."""
    draws = len(results.comparison.ensemble.draws)
    limit = chance_limit(draws, varied(results))
    if limit >= 1.0:
        return tag("p", say("{draws} draws are too few to tell which assumptions the gain hinges on.",
                            draws=f"{draws:,}"))
    found = hinges(results, best)
    heads = (say("Assumption"), say("Evidence"), say("Gain where it is low"), say("Gain where it is high"),
             say("Rank correlation"), say("More than chance"))
    note = say("Gains are means over the third of {draws} draws in which the assumption is lowest, and highest. With "
               "so many draws and {count} assumptions, chance alone shows rank correlations up to ±{limit}.",
               draws=f"{draws:,}", count=varied(results), limit=words.number(limit, 2))
    return joined((table(say("What the gain hinges on most: points more than the reference, end of {year}",
                             year=results.end), heads, [_row(one, limit) for one in found], class_="list hinges"),
                   tag("p", note, class_="note")))


def _row(one: Hinge, limit: float) -> list[object]:
    from qicsim.model.parameters import Parameters  # compiles: only a page that is written should wait

    declaration = declared(Parameters)[one.parameter].declaration
    meaning = joined((name_of(declaration.meaning), tag("span", one.parameter, class_="name")), " ")
    return [meaning, say(KNOWN[kind_of(one.parameter)]), words.signed(one.low), words.signed(one.high),
            words.signed(one.correlation, 2), say("yes") if abs(one.correlation) > limit else say("no")]
