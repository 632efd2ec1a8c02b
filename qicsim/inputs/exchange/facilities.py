"""From candidates to the register: what is left out, types, provinces, dates, people; each row with its fate."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from qicsim.ground.files import FORMULA_STARTS
from qicsim.inputs.exchange.candidates import Candidate
from qicsim.inputs.exchange.crosswalk import LEAVE_OUT
from qicsim.inputs.exchange.dates import WRITTEN_MONTH, is_never, month_of, reading
from qicsim.inputs.exchange.header_detection import place
from qicsim.inputs.exchange.keys import is_total
from qicsim.inputs.exchange.numbers import degrees_of, number_of, people_of
from qicsim.inputs.exchange.periods import say_order
from qicsim.inputs.exchange.places import kind_of, left_out_by, nearest_province, province_of, province_spellings
from qicsim.inputs.exchange.row_audit import ERROR, NOT_USED, USED, Accounts, Findings, Proposal
from qicsim.inputs.exchange.settings import KINDS, Settings
from qicsim.inputs.exchange.synonyms import normal
from qicsim.inputs.world.register import BEFORE_HORIZON, MOST_PEOPLE, NOT_CLOSED, Facility
from qicsim.inputs.world.table import listed, suggest

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
        self.assumed: Counter[str] = Counter()
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
            self.assumed[f'"{(texts["type"] or texts["groups"] or texts["name"])[:60]}" {assumed}'] += 1
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
            fault("unknown type", f'"{shown[:60]}" is not a known facility type', listed(KINDS),
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
