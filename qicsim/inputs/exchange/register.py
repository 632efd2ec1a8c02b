"""From candidates to the register: types, places, dates, people; each facility once, each row with its fate."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from qicsim.ground.files import FORMULA_STARTS
from qicsim.ground.table import listed, suggest
from qicsim.ground.translatable import tell
from qicsim.inputs.country import home
from qicsim.inputs.exchange.dates import WRITTEN_MONTH, is_never, month_of, reading, say_order
from qicsim.inputs.exchange.findings import ERROR, NOT_USED, USED, Accounts, Findings, Proposal
from qicsim.inputs.exchange.folder import Place
from qicsim.inputs.exchange.headings import place
from qicsim.inputs.exchange.keys import is_total
from qicsim.inputs.exchange.register_checks import Placed, check_register
from qicsim.inputs.exchange.settings import LEAVE_OUT, Settings, kinds_known
from qicsim.inputs.exchange.sources import Candidate
from qicsim.inputs.exchange.words import (
    counted,
    degrees_of,
    kind_of,
    left_out_by,
    nearest_province,
    normal,
    number_of,
    people_of,
    province_of,
    province_spellings,
)
from qicsim.inputs.world.register import (
    BEFORE_HORIZON,
    MOST_FACILITIES,
    MOST_PEOPLE,
    NOT_CLOSED,
    Facility,
    Register,
    register_of,
)

LONGEST = 250
EXAMPLES = 3
BY_TEXT = ("unknown type", "unknown province")  # checks whose cause is the text itself
TOTALS = "a row of totals"
NEVER = "closed at the end of the year 9999 is read as never closed"
Note = Callable[[str, str, str, str], None]  # check, what was found, what is allowed, hint
_UID = re.compile(r"[A-Za-z][A-Za-z0-9]{10}")
IDS = ("id", "dhis2_uid", "code", "name")
_UNREADABLE = re.compile("\\?\\?|\ufffd|\u00c3[\u0080-\u00bf]|\u00e1\u017e|\u00e1\u0178")
"""Letters that a program replaced, and UTF-8 that was read as Windows-1252."""
_DEGREES = {"latitude": 90.0, "longitude": 180.0}


class Fault(NamedTuple):
    """What is wrong with a row."""

    candidate: Candidate
    found: str
    allowed: str
    hint: str


@dataclass
class Decision:
    """What becomes of a candidate: a facility (population nan where not known), or a fate with its reason."""

    candidate: Candidate
    facility: Facility | None = None
    fate: str = USED
    reason: str = ""


class Deciding:
    """Decides about candidates one by one; notes what it finds."""

    def __init__(self, settings: Settings, findings: Findings, found: Sequence[Candidate]) -> None:
        """All candidates together say which text serves as id, and in which order the dates of each column are."""
        self.settings, self.findings, self.id_field = settings, findings, id_field(found)
        self.month_first = {key: say_order(texts, f"{place(*key[:2])}, column {key[2]}", findings)
                            for key, texts in _dates(found).items()}
        self.assumed: dict[str, list[str]] = {}
        self.faults: dict[tuple[str, str, str, str], list[Fault]] = {}
        self.unreadable: list[Candidate] = []
        self.said: dict[str, list[str]] = {}
        self.orphans: dict[tuple[str, str, str], list[Candidate]] = {}
        self.cleaned: list[str] = []

    def decide(self, candidate: Candidate) -> Decision:
        """The facility of a candidate, or why there is none."""
        texts = {key: self._clean(candidate, text) for key, text in candidate.texts.items()}
        if is_total(texts):
            return Decision(candidate, None, NOT_USED, TOTALS)
        shown = tuple(normal(texts[key]) for key in ("type", "groups", "name"))
        if word := left_out_by((*shown, normal(texts["ownership"])), self.settings.leave_out):
            return Decision(candidate, None, NOT_USED, f"left out on request: {word}")
        exact = tuple(normal(texts[key]) for key in ("dhis2_uid", "code", "id"))
        if any(self.settings.crosswalk.facility.get(key) == (LEAVE_OUT,) for key in (*exact, shown[2])):
            return Decision(candidate, None, NOT_USED, "left out by the crosswalk")
        kind, assumed = kind_of(shown, exact, self.settings.types)
        if kind == LEAVE_OUT:
            return Decision(candidate, None, NOT_USED, "left out by its type")
        if assumed:
            said = f'"{(texts["type"] or texts["groups"] or texts["name"])[:60]}" {assumed}'
            self.assumed.setdefault(said, []).append(candidate.place)
        if _UNREADABLE.search(texts["name"]):
            self.unreadable.append(candidate)
        wrong: list[str] = []
        facility = self._facility(candidate, texts, kind, wrong)
        if wrong:
            return Decision(candidate, None, NOT_USED if self.settings.skip_faulty else ERROR, "; ".join(wrong))
        return Decision(candidate, facility)

    def _clean(self, candidate: Candidate, text: str) -> str:
        """Text in one line that no spreadsheet takes for a formula."""
        line = re.sub(r"\s+", " ", "".join(
            sign if unicodedata.category(sign) not in ("Cc", "Cs") else " " for sign in text)).strip()
        signs = "".join(FORMULA_STARTS)
        if line.startswith(FORMULA_STARTS) and number_of(line) is None:
            line = line.lstrip(signs + " ")
        if line != re.sub(r" +", " ", text).strip():
            self.cleaned.append(candidate.place)
        return line

    def _fault(self, candidate: Candidate, wrong: list[str], check: str, found: str, *, allowed: str = "",
               hint: str = "") -> None:
        """Note a fault of a row; rows that share a cause are said together (`say_faults`)."""
        wrong.append(f"{check}: {found}"[:200])
        cause = found if check in BY_TEXT else found.split('"', maxsplit=1)[0]
        self.faults.setdefault((check, candidate.file, candidate.sheet, cause), []).append(
            Fault(candidate, found, allowed, hint))

    def say_faults(self) -> None:
        """One line for each cause, with the first rows that have it; warnings where rows with errors are left out."""
        for (check, _, _, cause), faults in self.faults.items():
            first = faults[0]
            what = f'"{first.candidate.label[:60]}": {first.found}' if first.candidate.label else first.found
            if len(faults) > 1:
                what += f" ({len(faults):,} rows; also {_examples(faults, same=check in BY_TEXT)})"
            if check == "unknown type":
                self.findings.proposals.append(Proposal("type", cause.split('"')[1], "", 0.0, len(faults),
                                                        first.candidate.place))
            if check == "unknown province":
                self.findings.proposals.append(Proposal(
                    "province", cause.split('"')[1], *nearest_province(cause.split('"')[1]), len(faults),
                    first.candidate.place))
            if self.settings.skip_faulty:
                left = "the row is left out" if len(faults) == 1 else "the rows are left out"
                self.findings.warning(check, first.candidate.place, f"{what}; {left}", hint=first.hint,
                                      count=len(faults))
            else:
                self.findings.error(check, first.candidate.place, what, allowed=first.allowed, hint=first.hint,
                                    count=len(faults))

    def _facility(self, candidate: Candidate, texts: dict[str, str], kind: str, wrong: list[str]) -> Facility:
        def fault(check: str, found: str, allowed: str, hint: str) -> None:
            self._fault(candidate, wrong, check, found, allowed=allowed, hint=hint)

        for key in ("id", "code", "name", "operational_district"):
            if len(texts[key]) > LONGEST:
                fault("long text", f"{key} has {len(texts[key]):,} characters", f"at most {LONGEST}", "")
        if not texts[self.id_field]:
            fault("no id", f"{self.id_field} is empty", "an id for every facility, as for the others", "")
        if not kind:
            shown = texts["type"] or texts["groups"] or "no type"
            fault("unknown type", f'"{shown[:60]}" is not a known facility type', listed(kinds_known()),
                  "Say what it is in --types FILE or --crosswalk FILE")
        self._check_uid(texts, fault)
        opened, closed = (self._month(candidate, texts, key, fault) for key in ("opened", "closed"))
        if closed not in (NOT_CLOSED, opened) and closed < opened:
            fault("closed before opening", f'opened "{texts["opened"][:60]}", closed "{texts["closed"][:60]}"',
                  "a day of closing after that of opening", "")
        return Facility(texts[self.id_field], texts["name"] or texts[self.id_field], kind,
                        self._province(candidate, texts, wrong, fault),
                        texts["operational_district"], self._people(candidate, texts, fault),
                        opened, self._degrees(texts, "latitude", fault),
                        self._degrees(texts, "longitude", fault), texts["dhis2_uid"], texts["code"],
                        closed)

    @staticmethod
    def _check_uid(texts: dict[str, str], fault: Note) -> None:
        if texts["dhis2_uid"] and not _UID.fullmatch(texts["dhis2_uid"]):
            fault("faulty uid", f'"{texts["dhis2_uid"][:60]}" is not a DHIS2 uid',
                  "11 letters and digits, a letter first", "")

    def _province(self, candidate: Candidate, texts: dict[str, str], wrong: list[str], fault: Note) -> str:
        text = texts["province"]
        text = self.settings.crosswalk.province.get(normal(text), text)
        name = province_of(text) if text else ""
        if not text or not texts["operational_district"]:
            missing = [key.replace("_", " ") for key in ("province", "operational_district") if not texts[key]]
            found = f"has no {' and no '.join(missing)}"
            wrong.append(f"no parent: {found}")
            self.orphans.setdefault((candidate.file, candidate.sheet, found), []).append(candidate)
        elif not name:
            hint = suggest(text, province_spellings())
            fault("unknown province", f'"{text[:60]}" is not a known province',
                  "" if hint else listed(province_spellings()), hint)
        return name

    def _people(self, candidate: Candidate, texts: dict[str, str], fault: Note) -> float:
        if not texts["population"]:
            return math.nan
        people, how = people_of(texts["population"])
        if people is None or not 0 <= people <= MOST_PEOPLE:
            fault("faulty population", f'"{texts["population"][:60]}" is not a number of people',
                  f"whole numbers from 1 to {MOST_PEOPLE:,}", "")
            return math.nan
        if how:
            self.said.setdefault(f"populations like {texts['population'][:20]}: {how}", []).append(candidate.place)
        return people or math.nan

    def _month(self, candidate: Candidate, texts: dict[str, str], key: str, fault: Note) -> int:
        empty = BEFORE_HORIZON if key == "opened" else NOT_CLOSED
        if not texts[key]:
            return empty
        if key == "closed" and is_never(texts[key]):
            self.said.setdefault(NEVER, []).append(candidate.place)
            return empty
        month_first = self.month_first[candidate.file, candidate.sheet, key]
        month, wrong = reading(partial(month_of, month_first=month_first), texts[key])
        if wrong:
            fault("faulty date", f'{key} "{texts[key][:60]}" {wrong}', WRITTEN_MONTH, "")
        return month if isinstance(month, int) else empty

    @staticmethod
    def _degrees(texts: dict[str, str], key: str, fault: Note) -> float:
        if not texts[key]:
            return math.nan
        value = degrees_of(texts[key])
        if value is None or abs(value) > _DEGREES[key]:
            fault("faulty coordinates", f'{key} "{texts[key][:60]}" is no degree', "degrees with a decimal point", "")
            return math.nan
        return value


def _examples(faults: Sequence[Fault], *, same: bool) -> str:
    """Names and rows of the faults after the first; what each says where it is not the same."""
    shown = [f'"{one.candidate.label[:40]}" (row {one.candidate.row}' + ("" if same else f": {one.found[:80]}") + ")"
             for one in faults[1:EXAMPLES + 1]]
    return ", ".join(shown) + (" ..." if len(faults) > EXAMPLES + 1 else "")


def _dates(found: Sequence[Candidate]) -> dict[tuple[str, str, str], list[str]]:
    """The dates of each column: file, sheet and field."""
    texts: dict[tuple[str, str, str], list[str]] = {}
    for one in found:
        for key in ("opened", "closed"):
            texts.setdefault((one.file, one.sheet, key), []).append(one.texts[key])
    return texts


def id_field(found: Sequence[Candidate]) -> str:
    """The text that serves as id: the first of id, uid, code, name that most candidates have."""
    half = len(found) / 2
    return next((key for key in IDS if sum(bool(one.texts[key]) for one in found) > half), "name")


def account(decisions: Sequence[Decision], accounts: Accounts) -> None:
    """Book every decision."""
    for one in decisions:
        accounts.add_rows(one.candidate.file, one.candidate.sheet, [one.candidate.row], one.fate, one.reason)


# --------------------------------------------------------------------------------------------------------- the register

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
        hint = tell("Is the file empty but for its headings? With DHIS2 units, check --levels: no unit stands at the "
                    "facility level") if not found else ""
        found_in = found[0].file if found else files
        findings.error("empty register", found_in, tell(
            "no facility is left of {count} rows ({reasons})" if reasons else "no facility is left of {count} rows",
            count=f"{len(found):,}", reasons=reasons), hint=hint)
        return None
    if len(facilities) > MOST_FACILITIES:
        findings.error("too many facilities", "", tell("{count} facilities", count=f"{len(facilities):,}"),
                       allowed=tell("at most {most}", most=f"{MOST_FACILITIES:,}"))
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
        findings.warning("the same name twice", twice[0].candidate.place, tell(
            '"{name}" and others stand in several districts; their ids are the name with district and province',
            name=twice[0].candidate.label[:60]), hint=tell("Give ids or codes"), count=len(twice))


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
            findings.warning("duplicates", one.candidate.place, tell(
                '"{name}" is the same as {place}; it is used once', name=one.candidate.label[:60],
                place=other.candidate.place))
        else:
            _contradicted(one, other, settings, findings)


def _contradicted(one: Decision, other: Decision, settings: Settings, findings: Findings) -> None:
    differs = [f'{key.replace("_", " ")} "{text[:60]}", there "{other.candidate.texts[key][:60]}"'
               for key, text in one.candidate.texts.items() if text != other.candidate.texts[key]]
    found = tell('"{name}" has the id or uid of {place} and says something else: {what}',
                 name=one.candidate.label[:60], place=other.candidate.place, what="; ".join(differs[:SHOWN]))
    one.facility, one.reason = None, f"contradicts {other.candidate.place}"
    if settings.skip_faulty:
        one.fate = NOT_USED
        findings.warning("contradictory duplicates", one.candidate.place, tell(
            "{what}; this row is left out, the first is used", what=found))
    else:
        one.fate = ERROR
        findings.error("contradictory duplicates", one.candidate.place, found, allowed=tell("each facility once"))


def _say(deciding: Deciding, decisions: Sequence[Decision], findings: Findings) -> None:
    """What is wrong, and what was assumed, cleaned and left out."""
    deciding.say_faults()
    if unreadable := deciding.unreadable:
        findings.question("names", "unreadable names", unreadable[0].place, counted(
                          len(unreadable), '"{name}" and {count} name holds question marks or broken letters',
                          '"{name}" and {count} names in all hold question marks or broken letters',
                          name=unreadable[0].label[:60]), count=len(unreadable),
                          hint=tell("The file was saved without its letters; save it again as CSV UTF-8 or XLSX"))
    for text, places in deciding.assumed.items():
        findings.warning("assumed type", places[0], text, hint=tell("Say what it is in a table for --types"),
                         count=len(places))
    for key, orphans in deciding.orphans.items():
        what = key[2]
        number = sum((one.candidate.file, one.candidate.sheet) == key[:2] for one in decisions)
        _say_orphans(deciding.settings, what, orphans, findings, whole=len(orphans) == number)
    for text, places in deciding.said.items():
        findings.note("how numbers and dates were read", places[0],
                      counted(len(places), "{what}; {count} row", "{what}; {count} rows", what=text),
                      count=len(places))
    totals = [one.candidate for one in decisions if one.reason == TOTALS]
    if totals:
        findings.warning("rows of totals", totals[0].place, tell(
            '"{name}" and the like are taken for sums over facilities and left out', name=totals[0].label[:60]),
                         count=len(totals))
    if deciding.cleaned:
        findings.warning("cleaned text", deciding.cleaned[0], tell(
            "control characters, or signs with which a spreadsheet begins a formula, were taken out of texts"),
                         count=len(deciding.cleaned))
    out = Counter(one.reason for one in decisions if one.reason.startswith("left out"))
    for reason, count in out.items():
        findings.note("left out", "", tell("{reason}: {count} facilities", reason=reason, count=f"{count:,}"),
                      count=count)


def _say_orphans(settings: Settings, what: str, orphans: Sequence[Candidate], findings: Findings, *,
                 whole: bool) -> None:
    """One line for all rows of a sheet that lack the same; `whole`: no row of the sheet has it."""
    first = orphans[0]
    more = f" ({len(orphans):,} rows, the last is row {orphans[-1].row})" if len(orphans) > 1 else ""
    found = f'"{first.label[:60]}": {what}{more}'
    if settings.skip_faulty:
        findings.warning("no parent", first.place, tell("{what}; left out", what=found), count=len(orphans))
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
                         tell('"{district}" stands in {provinces}; they are kept apart', district=district[:60],
                              provinces=listed(sorted(homes[district]))),
                         count=len(homes[district]))
    return [one._replace(operational_district=f"{one.operational_district} ({one.province})")
            if one.operational_district in split else one for one in facilities]


def _populated(facilities: Sequence[Facility], people: Mapping[str, float], findings: Findings) -> list[Facility]:
    """Facilities with people: of the register, of the population file, or the stated default."""
    given = [one._replace(population=_given(one, people)) for one in facilities]
    imported = Counter(one.province for one in facilities)
    share = {province.name: province.population / max(imported[province.name], province.first_level[1], 1)
             for province in home().provinces}
    missing = [one for one in given if math.isnan(one.population)]
    if missing:
        findings.warning("missing population", "", tell(
            '{count} of {all} facilities have no population, like "{name}"; each gets the census population of its '
            "province, divided by the facilities of the province here, or by those known if more",
            count=f"{len(missing):,}", all=f"{len(given):,}", name=missing[0].name[:60]),
                         hint=tell("Give a column or --population FILE"), count=len(missing))
    return [one._replace(population=float(round(share[one.province]))) if math.isnan(one.population) else one
            for one in given]


def _given(one: Facility, people: Mapping[str, float]) -> float:
    keys = (one.id, one.dhis2_uid, one.code, one.name)
    return next((people[normal(key)] for key in keys if key and normal(key) in people), one.population)
