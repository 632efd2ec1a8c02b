"""What a register itself makes doubtful: facilities and districts that may be the same, places, numbers of people."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from difflib import SequenceMatcher
from itertools import combinations
from typing import NamedTuple

from qicsim.ground.calendar import MONTHS_PER_YEAR, format_month
from qicsim.ground.translatable import tell
from qicsim.inputs.country import home
from qicsim.inputs.country.provinces import extent
from qicsim.inputs.exchange.findings import Findings
from qicsim.inputs.exchange.words import counted, district_of, normal, spellings, words
from qicsim.inputs.world.register import Facility

FEWEST_PEOPLE, MOST_PEOPLE = 200, 100_000
MOST_OF_CENSUS = 1.5  # people counted and a generous growth since
MOST_USUAL, FEWEST_SAME = 2.5, 3
MARGIN = 0.25  # degrees around the outline of the country, which is schematic
FAR_YEARS = 10
SHOWN = 20
NEAR = 0.9
MOST_DISTRICTS = 200
SHORTEST = 5


class Placed(NamedTuple):
    """A facility and where it stands."""

    facility: Facility
    place: str


def check_register(placed: Sequence[Placed], findings: Findings, today: date | None = None) -> None:
    """Warnings and questions about the facilities that are used."""
    _dates(placed, today, findings)
    _outside(placed, findings)
    _census(placed, findings)
    _twins(placed, findings)
    _districts(placed, findings)
    _same_place(placed, findings)
    _people(placed, findings)


def _twins(placed: Sequence[Placed], findings: Findings) -> None:
    """Facilities of one kind and province whose names differ in nothing but type words, spaces and signs."""
    roles = home().role_of
    groups = _grouped(((one.facility.province, roles.get(one.facility.type) == 0, bare_name(one.facility.name)), one)
                      for one in placed)
    _say(groups, "the same name twice", lambda shown: tell(
        "{facilities} have the same name in one province, but for type words and spaces", facilities=shown),
         tell("If they are one facility, correct the files"), findings)


def bare_name(name: str) -> str:
    """A name without type words, spaces and signs."""
    short = f" {normal(name)} "
    for phrases in words("types").values():
        for phrase in sorted(phrases, key=len, reverse=True):
            short = short.replace(f" {phrase} ", " ") if phrase.isascii() else short.replace(phrase, " ")
    joined = re.sub(r"\s", "", short)
    return joined.removesuffix("hc") or joined or normal(name)


def _districts(placed: Sequence[Placed], findings: Findings) -> None:
    """Districts of one province whose names are the same but for the words around them, or nearly so."""
    first: dict[tuple[str, str], str] = {}
    for one in placed:
        first.setdefault((one.facility.province, one.facility.operational_district), one.place)
    by_province: dict[str, list[str]] = {}
    for province, district in first:
        by_province.setdefault(province, []).append(district)
    for province, every in by_province.items():
        districts = every[:MOST_DISTRICTS]
        if len(every) > MOST_DISTRICTS:
            findings.warning("many districts", first[province, every[MOST_DISTRICTS]],
                             tell(
                "{province} has {count} operational districts; the names of the first {most} are compared with each "
                "other", province=province, count=f"{len(every):,}", most=MOST_DISTRICTS), count=len(every))
        bare = {district: bare_district(district) for district in districts}
        for early, late in combinations(districts, 2):
            if _near(bare[early], bare[late]):
                findings.warning("districts nearly the same", first[province, late],
                                 tell(
                    '"{late}" and "{early}" ({place}) in {province}', late=late[:60], early=early[:60],
                    place=first[province, early], province=province),
                                 hint=tell("If they are one operational district, write its name in one way"), count=2)


def bare_district(name: str) -> str:
    """The name of a district for comparing, without spaces; words that are alike in the country are one."""
    alike = spellings("alike")
    return "".join(alike.get(word, word) for word in district_of(name).split())


def _near(one: str, other: str) -> bool:
    if one == other:
        return True
    if re.findall(r"\d+", one) != re.findall(r"\d+", other) or min(len(one), len(other)) < SHORTEST:
        return False
    match = SequenceMatcher(None, one, other, autojunk=False)
    return match.quick_ratio() >= NEAR and match.ratio() >= NEAR


def _same_place(placed: Sequence[Placed], findings: Findings) -> None:
    known = [one for one in placed if math.isfinite(one.facility.latitude) and math.isfinite(one.facility.longitude)]
    _say(_grouped(((one.facility.latitude, one.facility.longitude), one) for one in known), "the same coordinates",
         lambda shown: tell("{facilities} have the same coordinates", facilities=shown),
         tell("Are they one facility, or are these the coordinates of a town?"), findings)


def _grouped(pairs: Iterable[tuple[object, Placed]]) -> dict[object, list[Placed]]:
    found: dict[object, list[Placed]] = {}
    for key, one in pairs:
        found.setdefault(key, []).append(one)
    return {key: group for key, group in found.items() if len(group) > 1}


def _say(groups: Mapping[object, list[Placed]], check: str, words_of: Callable[[str], str], hint: str,
         findings: Findings) -> None:
    for number, group in enumerate(groups.values()):
        if number == SHOWN:
            findings.warning(check, "", tell("{count} more groups of this kind",
                                                count=f"{len(groups) - SHOWN:,}"), count=len(groups) - SHOWN)
            break
        shown = ", ".join(f'"{one.facility.name[:60]}" ({one.facility.operational_district[:60]}, {one.place})'
                          for one in group[:SHOWN])
        findings.warning(check, group[0].place, words_of(shown), hint=hint, count=len(group))


def _dates(placed: Sequence[Placed], today: date | None, findings: Findings) -> None:
    """Facilities that open or close after today: plans of a few years are said, others asked about."""
    if today is None:
        return
    now = today.year * MONTHS_PER_YEAR + today.month - 1
    for name, months in (("opens", [one.facility.opened for one in placed]),
                         ("closes", [one.facility.closed for one in placed])):
        later = [(one, month) for one, month in zip(placed, months, strict=True) if month > now]
        far = [pair for pair in later if pair[1] > now + FAR_YEARS * MONTHS_PER_YEAR]
        for several in (far, [pair for pair in later if pair not in far]):
            if several:
                first, month = several[0]
                text = tell('"{name}" opens in {month}; {count} in all after {today}' if name == "opens" else
                            '"{name}" closes in {month}; {count} in all after {today}', name=first.facility.name[:60],
                            month=format_month(month), count=f"{len(several):,}", today=today)
                if several is far:
                    findings.question("dates", "dates far ahead", first.place, text, count=len(several))
                else:
                    findings.warning("dates ahead", first.place, text, count=len(several))


def _outside(placed: Sequence[Placed], findings: Findings) -> None:
    """Coordinates that lie outside the country."""
    bounds = extent(home())
    if bounds is None:
        return
    west, east, south, north = bounds

    def within(latitude: float, longitude: float) -> bool:
        return west - MARGIN <= longitude <= east + MARGIN and south - MARGIN <= latitude <= north + MARGIN

    out = [one for one in placed if math.isfinite(one.facility.latitude) and math.isfinite(one.facility.longitude)
           and not within(one.facility.latitude, one.facility.longitude)]
    if not out:
        return
    first = out[0].facility
    swapped = all(within(one.facility.longitude, one.facility.latitude) for one in out)
    findings.question("places", "coordinates outside the country", out[0].place,
                      tell(
        '"{name}" lies at latitude {latitude}, longitude {longitude}, outside the country (latitude {south} to '
        "{north}, longitude {west} to {east}); {count} in all", name=first.name[:60], latitude=f"{first.latitude:g}",
        longitude=f"{first.longitude:g}", south=f"{south:.1f}", north=f"{north:.1f}", west=f"{west:.1f}",
        east=f"{east:.1f}", count=f"{len(out):,}"), count=len(out),
                      hint=tell("Latitude and longitude are exchanged") if swapped else "")


def _census(placed: Sequence[Placed], findings: Findings) -> None:
    """People of a district or a province in each of its health centres: each person would be counted many times."""
    roles = home().role_of
    centres = [one for one in placed if roles.get(one.facility.type) == 0]
    for province in home().provinces:
        mine = [one for one in centres if one.facility.province == province.name]
        total = sum(one.facility.population for one in mine)
        if total > MOST_OF_CENSUS * province.population:
            findings.question("people", "people against the census", mine[0].place,
                              counted(len(mine), "{count} health centre of {province} serves {people} people in all; "
                                      "the census counts {census} in the province",
                                      "{count} health centres of {province} serve {people} people in all; the census "
                                      "counts {census} in the province", province=province.name, people=f"{total:,.0f}",
                                      census=f"{province.population:,}"),
                              hint=tell("Give each facility the people of its own catchment"), count=len(mine))
    usual = sum(one.population for one in home().provinces) / max(sum(one.first_level[1] for one in home().provinces),
                                                                  1)
    groups = _grouped(((one.facility.province, one.facility.operational_district, one.facility.population), one)
                      for one in centres if one.facility.population > MOST_USUAL * usual)
    same = [group for group in groups.values() if len(group) >= FEWEST_SAME]
    if same:
        first = same[0][0]
        count = sum(map(len, same))
        findings.question("people", "the same people in every facility", first.place,
                          tell(
            "{few} health centres of {district} have {people} people each, and so {count} in {districts} districts; "
            "{usual} are usual", few=f"{len(same[0]):,}", district=first.facility.operational_district[:60],
            people=f"{first.facility.population:,.0f}", count=f"{count:,}", districts=f"{len(same):,}",
            usual=f"{usual:,.0f}"), hint=tell("Are these the people of the district?"), count=count)


def _people(placed: Sequence[Placed], findings: Findings) -> None:
    """Health centres for very few or very many people."""
    roles = home().role_of
    odd = [one for one in placed if roles.get(one.facility.type) == 0
           and not FEWEST_PEOPLE <= one.facility.population <= MOST_PEOPLE]
    for one in odd[:SHOWN]:
        findings.warning("unusual population", one.place, tell(
            '"{name}" has {people} people; a health centre usually has {low} to {high}', name=one.facility.name[:60],
            people=f"{one.facility.population:,.0f}", low=f"{FEWEST_PEOPLE:,}", high=f"{MOST_PEOPLE:,}"),
                         hint=tell("Check the number, and thousands in it"))
    if len(odd) > SHOWN:
        findings.warning("unusual population", "", tell("{count} health centres in all", count=f"{len(odd):,}"),
                         count=len(odd))
