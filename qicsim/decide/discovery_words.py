"""When a plan fails, in sentences: for the terminal, and said again in other languages on the page."""

from __future__ import annotations

from qicsim.decide.boxes import Limit
from qicsim.decide.discovery import FEWEST, Discovery, Failure, Sign
from qicsim.decide.search.question import GOALS, SHARES
from qicsim.decide.search.words import amount
from qicsim.ground.declare import declared
from qicsim.ground.numbers import number, percent
from qicsim.ground.translatable import Told, tell
from qicsim.model.parameters import Parameters

SEEN = {"recorded": "the mean recorded score", "recorded_80": "the share of facilities recorded at 80 points or more",
        "coverage": "the share of facilities that ever joined", "active": "the number of active teams"}
"""What is seen, by its indicator."""
LEVELS = (*SHARES, "coverage")


def level(indicator: str, value: float, *, growth: bool = False) -> Told | str:
    """A value of an indicator with its unit, or what it grows by."""
    if indicator == "active":
        return tell("{count} teams", count=number(value))
    if indicator in LEVELS and not growth:
        return percent(value, 1)
    return amount("true_80" if indicator in LEVELS else indicator, value, sign=False)


def asked(failure: Failure, year: int) -> Told:
    """When a plan fails."""
    fields = {"goal": tell(GOALS[failure.indicator]), "year": year,
              "value": level(failure.indicator, failure.value, growth=failure.gain)}
    if failure.gain:
        return tell("a gain of less than {value} over the reference in {goal} at the end of {year}", **fields)
    return tell("{goal} below {value} at the end of {year}", **fields)


def limit_words(found: Discovery, limit: Limit) -> Told:
    """A limit: what the parameter means, its value, and which draws keep it."""
    known = declared(Parameters)
    meaning = _told(known[limit.parameter].declaration.meaning)
    fields = {"meaning": meaning, "parameter": limit.parameter, "value": f"{limit.value:.3g}",
              "share": percent(found.within(limit))}
    if limit.above:
        return tell("“{meaning}” ({parameter}) is {value} or more, as in {share} of draws", **fields)
    return tell("“{meaning}” ({parameter}) is {value} or less, as in {share} of draws", **fields)


def _told(text: str) -> Told:
    """A title or a meaning, which translations hold as it stands."""
    return tell(text.replace("{", "{{").replace("}", "}}"))


def headline(found: Discovery) -> Told:
    """How often the plan fails, and where most."""
    fields = {"plan": _told(found.plan.title), "share": percent(found.share),
              "asked": asked(found.failure, found.year)}
    if not found.peeled:
        return tell("“{plan}” fails in {share} of draws; failing is {asked}. Fewer than {few} draws of each half fail, "
                    "or do not: there is nothing to find.", few=FEWEST, **fields)
    if found.box is None:
        return tell("“{plan}” fails in {share} of draws; failing is {asked}. No range of a parameter tells where it "
                    "fails: no limit that was found holds on draws that it was not found on.", **fields)
    held = found.box.other
    where = [limit_words(found, limit) for limit in found.box.limits]
    return tell("“{plan}” fails in {share} of draws; failing is {asked}. It fails in {density} of draws where {where}; "
                "elsewhere in {outside}. {coverage} of the draws that fail lie there.",
                density=percent(held.density), outside=percent(found.elsewhere), coverage=percent(held.coverage),
                where=_and(where), **fields)


def _and(parts: list[Told]) -> Told | str:
    whole: Told | str = parts[0]
    for part in parts[1:]:
        whole = tell("{first}, and {second}", first=whole, second=part)
    return whole


def dropped_words(found: Discovery) -> list[Told]:
    """Limits that are not told as findings."""
    return [tell("Not a finding: {limit}: as many failures come by chance in {p} of cases.",
                 limit=limit_words(found, limit), p=percent(p)) for limit, p in found.dropped]


def sign_words(sign: Sign) -> Told:
    """An early sign."""
    fields = {"seen": tell(SEEN[sign.indicator]), "year": sign.year, "below": percent(sign.below),
              "above": percent(sign.above), "share": percent(sign.share),
              "value": level(sign.indicator, sign.value, growth=sign.growth)}
    if not sign.tells:
        return tell("{year}: nothing that is seen by its end tells more than chance.", year=sign.year)
    if sign.growth:
        return tell("{year}: where {seen} has grown by less than {value} since before the plan ({share} of draws), it "
                    "fails in {below}; in the others in {above}.", **fields)
    return tell("{year}: where {seen} is below {value} ({share} of draws), it fails in {below}; in the others in "
                "{above}.", **fields)


def basis(found: Discovery) -> Told:
    """What the figures stand on."""
    return tell("{draws} draws with {replicates} run each, paired with the reference “{reference}”. Boxes and signs "
                "were found on one half of the draws; the shares are those of the other half.", draws=len(found.fails),
                replicates=found.replicates, reference=_told(found.reference.title))


def answer(found: Discovery) -> list[str]:
    """The answer as lines of plain text."""
    lines: list[str] = [headline(found), *dropped_words(found)]
    if found.signs:
        lines += ["", "Early signs:", *(f"  {sign_words(one)}" for one in found.signs)]
    return [*lines, "", basis(found)]
