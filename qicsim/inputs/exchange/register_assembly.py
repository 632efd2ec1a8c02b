"""The register of an import: candidates decided, each facility once, districts in one province, people for everyone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from qicsim.inputs.exchange.candidates import Candidate
from qicsim.inputs.exchange.facilities import IDS, TOTALS, Deciding, Decision, account
from qicsim.inputs.exchange.folder import Place
from qicsim.inputs.exchange.register_warnings import Placed, check_register
from qicsim.inputs.exchange.row_audit import ERROR, NOT_USED, Accounts, Findings
from qicsim.inputs.exchange.settings import Settings
from qicsim.inputs.exchange.synonyms import counted, normal
from qicsim.inputs.world.provinces import provinces
from qicsim.inputs.world.register import MOST_FACILITIES, Facility, Register, register_of
from qicsim.inputs.world.table import listed

SHOWN = 5


class Gathered(NamedTuple):
    """A register, and the normalised keys of facilities that are not in it, with the reason.

    `above` has uid and code of the organisation units of its districts and provinces.
    """

    register: Register
    left_out: dict[str, str]
    above: dict[Place, tuple[str, str]]


def gather(found: Sequence[Candidate], settings: Settings, findings: Findings, accounts: Accounts,
           people: Mapping[str, float], *, files: str = "") -> Gathered | None:
    """The facilities, or None where errors leave none; `people` is population by normalised id, uid, code, name.

    `files` are the names of the register's files.
    """
    deciding = Deciding(settings, findings, found)
    decisions = [deciding.decide(one) for one in found]
    if deciding.id_field == "name":
        _told_apart(decisions, findings)
    _once(decisions, settings, findings)
    facilities = [one.facility for one in decisions if one.facility is not None]
    account(decisions, accounts)
    _say(deciding, decisions, findings)
    if not facilities and not found and findings.of(ERROR):
        return None
    if not facilities:
        why = Counter(one.reason for one in decisions if one.fate == NOT_USED)
        reasons = "; ".join(f"{reason[:60]}: {count:,} rows" for reason, count in why.most_common(SHOWN))
        hint = ("Is the file empty but for its headings? With DHIS2 units, check --levels: no unit stands at the "
                "facility level") if not found else ""
        found_in = found[0].file if found else files
        findings.error("empty register", found_in, f"no facility is left of {len(found):,} rows"
                       + (f" ({reasons})" if reasons else ""), hint=hint)
        return None
    if len(facilities) > MOST_FACILITIES:
        findings.error("too many facilities", "", f"{len(facilities):,} facilities",
                       allowed=f"at most {MOST_FACILITIES:,}")
        return None
    filled = _populated(_undivided(facilities, findings), people, findings)
    places = [one.candidate.place for one in decisions if one.facility is not None]
    check_register([Placed(*pair) for pair in zip(filled, places, strict=True)], findings, settings.today)
    register = register_of(filled)
    return Gathered(register, {normal(text): one.reason for one in decisions if one.facility is None
                               for key in IDS if (text := one.candidate.texts[key])},
                    _above(filled, [one.candidate for one in decisions if one.facility is not None]))


def _above(facilities: Sequence[Facility], candidates: Sequence[Candidate]) -> dict[Place, tuple[str, str]]:
    """Uid and code of the units of districts and provinces; none for a place that has several."""
    found: dict[Place, set[tuple[str, str]]] = {}
    for one, candidate in zip(facilities, candidates, strict=True):
        for level, pair in candidate.above.items():
            place = (level, one.province, one.operational_district if level == "district" else "")
            found.setdefault(place, set()).add(pair)
    return {place: next(iter(pairs)) for place, pairs in found.items() if len(pairs) == 1}


def _told_apart(decisions: Sequence[Decision], findings: Findings) -> None:
    """Names that serve as ids and stand in several districts get the name of the district too."""
    homes: dict[str, set[tuple[str, str]]] = {}
    for one in decisions:
        if one.facility is not None:
            homes.setdefault(normal(one.facility.id), set()).add((one.facility.province,
                                                                  one.facility.operational_district))
    twice = [one for one in decisions if one.facility is not None and len(homes[normal(one.facility.id)]) > 1]
    for one in twice:
        if one.facility is not None:
            home = f"{one.facility.operational_district}, {one.facility.province}"
            one.facility = one.facility._replace(id=f"{one.facility.id} ({home})")
    if twice:
        findings.warning("the same name twice", twice[0].candidate.place, f'"{twice[0].candidate.label[:60]}" and '
                         "others stand in several districts; their ids are the name with district and province",
                         hint="Give ids or codes", count=len(twice))


def _once(decisions: Sequence[Decision], settings: Settings, findings: Findings) -> None:
    """Each id and each uid once: the same row again is left out, another row with the same id or uid is an error."""
    first: dict[tuple[str, str], Decision] = {}
    for one in decisions:
        if one.facility is None:
            continue
        keys = [("id", one.facility.id)] + ([("uid", one.facility.dhis2_uid)] if one.facility.dhis2_uid else [])
        other = next((first[key] for key in keys if key in first), None)
        if other is None:
            first |= dict.fromkeys(keys, one)
        elif other.candidate.texts == one.candidate.texts:
            one.facility, one.fate, one.reason = None, NOT_USED, f"the same as {other.candidate.place}"
            findings.warning("duplicates", one.candidate.place, f'"{one.candidate.label[:60]}" is the same as '
                             f"{other.candidate.place}; it is used once")
        else:
            _contradicted(one, other, settings, findings)


def _contradicted(one: Decision, other: Decision, settings: Settings, findings: Findings) -> None:
    differs = [f'{key.replace("_", " ")} "{text[:60]}", there "{other.candidate.texts[key][:60]}"'
               for key, text in one.candidate.texts.items() if text != other.candidate.texts[key]]
    found = (f'"{one.candidate.label[:60]}" has the id or uid of {other.candidate.place} and says something else: '
             f"{'; '.join(differs[:SHOWN])}")
    one.facility, one.reason = None, f"contradicts {other.candidate.place}"
    if settings.skip_faulty:
        one.fate = NOT_USED
        findings.warning("contradictory duplicates", one.candidate.place, f"{found}; this row is left out, the first "
                         "is used")
    else:
        one.fate = ERROR
        findings.error("contradictory duplicates", one.candidate.place, found, allowed="each facility once")


def _say(deciding: Deciding, decisions: Sequence[Decision], findings: Findings) -> None:
    """What is wrong, and what was assumed, cleaned and left out."""
    deciding.say_faults()
    if unreadable := deciding.unreadable:
        findings.question("names", "unreadable names", unreadable[0].place, f'"{unreadable[0].label[:60]}" and '
                          f"{counted(len(unreadable), 'name holds', 'names in all hold')} question marks or broken "
                          "letters", count=len(unreadable),
                          hint="The file was saved without its letters; save it again as CSV UTF-8 or XLSX")
    for text, count in deciding.assumed.items():
        findings.warning("assumed type", "", text,
                         hint="Say what it is in a table for --types", count=count)
    for key, orphans in deciding.orphans.items():
        what = key[2]
        number = sum((one.candidate.file, one.candidate.sheet) == key[:2] for one in decisions)
        _say_orphans(deciding.settings, what, orphans, findings, whole=len(orphans) == number)
    for text, places in deciding.said.items():
        findings.note("how numbers and dates were read", places[0],
                      f"{text}; {counted(len(places), 'row', 'rows')}", count=len(places))
    totals = [one.candidate for one in decisions if one.reason == TOTALS]
    if totals:
        findings.warning("rows of totals", totals[0].place, f'"{totals[0].label[:60]}" and the like are taken for sums '
                         "over facilities and left out", count=len(totals))
    if deciding.cleaned:
        findings.warning("cleaned text", deciding.cleaned[0], "control characters, or signs with which a spreadsheet "
                         "begins a formula, were taken out of texts", count=len(deciding.cleaned))
    out = Counter(one.reason for one in decisions if one.reason.startswith("left out"))
    for reason, count in out.items():
        findings.note("left out", "", f"{reason}: {count:,} facilities", count=count)


def _say_orphans(settings: Settings, what: str, orphans: Sequence[Candidate], findings: Findings, *,
                 whole: bool) -> None:
    """One line for all rows of a sheet that lack the same; `whole`: no row of the sheet has it."""
    first = orphans[0]
    more = f" ({len(orphans):,} rows, the last is row {orphans[-1].row})" if len(orphans) > 1 else ""
    found = f'"{first.label[:60]}": {what}{more}'
    if settings.skip_faulty:
        findings.warning("no parent", first.place, f"{found}; left out", count=len(orphans))
    else:
        findings.error("no parent", first.place, found, allowed="both", count=len(orphans),
                       hint=("No column was taken for it: say which one it is in --crosswalk FILE, heading,ITS TEXT,"
                             "province. " if whole and len(orphans) > 1 else "Write them in every row. ")
                       + "With DHIS2 units, check --levels and give every page, or the export of the units above")


def _undivided(facilities: Sequence[Facility], findings: Findings) -> list[Facility]:
    """Facilities whose districts lie in one province each: a name used in two gets the province's name too."""
    homes: dict[str, set[str]] = {}
    for one in facilities:
        homes.setdefault(one.operational_district, set()).add(one.province)
    split = {district for district, found in homes.items() if len(found) > 1}
    for district in sorted(split):
        findings.warning("district in several provinces", "",
                         f'"{district[:60]}" stands in {listed(sorted(homes[district]))}; they are kept apart',
                         count=len(homes[district]))
    return [one._replace(operational_district=f"{one.operational_district} ({one.province})")
            if one.operational_district in split else one for one in facilities]


def _populated(facilities: Sequence[Facility], people: Mapping[str, float], findings: Findings) -> list[Facility]:
    """Facilities with people: of the register, of the population file, or the stated default."""
    given = [one._replace(population=_given(one, people)) for one in facilities]
    imported = Counter(one.province for one in facilities)
    share = {province.name: province.population / max(imported[province.name], province.health_centres_2022)
             for province in provinces()}
    missing = [one for one in given if math.isnan(one.population)]
    if missing:
        findings.warning("missing population", "", f"{len(missing):,} of {len(given):,} facilities have no population, "
                         f'like "{missing[0].name[:60]}"; each gets the census population of its province in 2019, '
                         "divided by the facilities of the province here, or by its health centres of 2022 if more",
                         hint="Give a column or --population FILE", count=len(missing))
    return [one._replace(population=float(round(share[one.province]))) if math.isnan(one.population) else one
            for one in given]


def _given(one: Facility, people: Mapping[str, float]) -> float:
    keys = (one.id, one.dhis2_uid, one.code, one.name)
    return next((people[normal(key)] for key in keys if key and normal(key) in people), one.population)
