"""What a factorial has found, and the same in words: is there a synergy, and in what?"""

from __future__ import annotations

from dataclasses import dataclass

from qicsim.analysis.amounts import amount, between, group_words
from qicsim.analysis.study_kinds.compared import SCORES, Compared, leading, told
from qicsim.analysis.study_kinds.contrasts import saved_words
from qicsim.ground.translatable import Told, in_a_row, tell

TWO = 2
SHARES = ("true_80", "recorded_80")
MEANT = {1: (tell("in truth it is positive: together they bring more than the sum"),
             tell("in the record it is positive: together they bring more than the sum")),
         -1: (tell("in truth it is negative: together they bring less than the sum"),
              tell("in the record it is negative: together they bring less than the sum"))}
NO_SYNERGY = tell("No synergy is to be seen, neither in truth nor in the record")
CLAIMED = {(1, 1): tell("A synergy exists, in truth and in the record"),
           (1, -1): tell("A synergy exists in truth only"),
           (1, 0): tell("A synergy exists in truth, and the record does not show it"),
           (0, 1): tell("The synergy exists in the record only"),
           (-1, 1): tell("The synergy exists in the record only")}
"""Verdicts by the signs in truth and in the record."""
NOTES = (
    tell("An interaction is counted in the indicator's unit: what policies bring together, minus the sum of what each "
         "brings alone. Near the ceiling of a score two that each help bring less together, whatever else they do."),
    tell("A synergy counts as seen when its interval is clear of zero, with the noise of replicates and without it."),
    tell("The direct synergy of payment and improvement (interaction.synergy) has a prior centred on zero: the model "
         "assumes none, and what shows up comes from its other mechanisms as well."))


@dataclass(frozen=True, eq=False)
class Factorial:
    """Effects by their factors, and the means of the cells, each with its title and what is on in it."""

    factors: tuple[str, ...]
    effects: dict[tuple[str, ...], tuple[Compared, ...]]
    cells: tuple[tuple[str, str, dict[str, float]], ...]
    size: Told
    level: float


def sentences(found: Factorial) -> list[str]:
    """The synergies first, then what each policy brings, and what pairing saves for that."""
    verdicts = [synergy(scores) for factors, compared in found.effects.items() if len(factors) > 1
                for scores in _pairs(compared, everything=len(found.factors) == TWO)]
    effects = [tell("{factor}, {time}: {effect}.", factor=factors[0], time=leading(compared)[0].time,
                    effect=told(compared))
               for factors, compared in found.effects.items() if len(factors) == 1]
    alone = [one for factors, compared in found.effects.items() for one in leading(compared) if len(factors) == 1]
    return [*_none_of_many(found), *verdicts, *effects, *saved_words(alone, found.size)]


def _none_of_many(found: Factorial) -> list[str]:
    """Of many interactions, which are seen in the scores of the first group."""
    pairs = [_pairs(compared, everything=False) for factors, compared in found.effects.items() if len(factors) > 1]
    scores = [pair[0] for pair in pairs if pair]
    if len(scores) <= 1:
        return []
    true, recorded = (", ".join(pair[place].title for pair in scores if clear_sign(pair[place])) or tell("none")
                      for place in range(len(SCORES)))
    return [tell("Of {count} interactions of {factors} in the mean score, {true} is clear of zero in truth, and "
                 "{recorded} in the record.", count=len(scores), factors=", ".join(found.factors), true=true,
                 recorded=recorded)]


def _pairs(compared: tuple[Compared, ...], *, everything: bool) -> list[tuple[Compared, ...]]:
    """True beside recorded: scores of the first group; with everything, its shares and the others' scores."""
    known = {(one.field.indicator.name, one.field.group): one for one in compared if one.known}
    groups = tuple(dict.fromkeys(one.field.group for one in compared))
    more = [(SHARES, groups[0]), *((SCORES, group) for group in groups[1:])]
    wanted = [(SCORES, groups[0]), *(more if everything else [])]
    return [tuple(known[name, group] for name in names) for names, group in wanted
            if all((name, group) in known for name in names)]


def synergy(scores: tuple[Compared, ...]) -> Told:
    """Whether an interaction, such as the synergy that is claimed in the literature, is in truth or in the record."""
    true, recorded = (clear_sign(one) for one in scores)
    signs = [MEANT[sign][place] for place, sign in enumerate((true, recorded)) if sign]
    verdict = CLAIMED.get((true, recorded), NO_SYNERGY)
    more = in_a_row(signs) if signs else tell("neither is clear of zero")
    first, of_record = scores
    what = tell("share at the threshold or more") if first.field.indicator.name in SHARES else tell("mean score")
    return tell("{effect}, {what}, {group}, {time}: {verdict} ({more}). On average it is {true} and {recorded}.",
                effect=first.title, what=what, group=group_words(first.field.group), time=first.time, verdict=verdict,
                more=more, true=tell("{mean} in truth ({level} of draws {ends}, above zero in {above}; standard error "
                                     "{error})", **_average(first)),
                recorded=tell("{mean} in the record ({level} of draws {ends}, above zero in {above}; standard error "
                              "{error})", **_average(of_record)))


def _average(one: Compared) -> dict[str, str]:
    """The mean with its interval, its standard error, and how often it is above zero."""
    c, unit, at = one.contrast, one.field.indicator.unit, one.last
    return {"mean": amount(c.mean[at], unit), "level": f"{100 * c.level:.0f}\u00a0%",
            "ends": between(c.low[at], c.high[at], unit), "above": f"{100 * c.above[at]:.0f}\u00a0%",
            "error": amount(c.error[at], unit, named=False, sign=False)}


def clear_sign(one: Compared) -> int:
    """-1 or 1 when the interval between draws lies on that side of zero, with the noise of replicates and without it.

    Without it alone is not enough: it is taken off by moving draws together, also those in which nothing happens.
    """
    c, at = one.contrast, one.last
    sign = int(c.sign[at])
    return sign if (c.noisy_low[at] > 0.0 if sign > 0 else c.noisy_high[at] < 0.0) else 0
