"""Which facility of the register a row means: by id, uid, code or name, whatever its capitals and signs.

Each column is looked up among the keys of its own kind first: a code is a code before it is an id. Province and
district beside it tell apart facilities of the same name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import SequenceMatcher, get_close_matches
from heapq import nsmallest
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qicsim.ground.translatable import tell
from qicsim.inputs.exchange.findings import Findings, Proposal
from qicsim.inputs.exchange.settings import LEAVE_OUT
from qicsim.inputs.exchange.words import district_of, holds, look_alike, normal, province_of, words
from qicsim.inputs.world.register import Register

if TYPE_CHECKING:
    import pandas as pd

UNKNOWN, AMBIGUOUS, LEFT_OUT, TOTALS = -1, -2, -3, -4
SPLIT = -10
"""This and lower numbers stand for facilities that were split: `Keys.splits[SPLIT - place]` are the rows of each."""
KEYS = ("id", "dhis2_uid", "code", "name")
BESIDE = ("province", "operational_district")
NEAREST = 2
SHOWN = 60
_CANDIDATES = 5
_MOST_ASKED = 50
MOST_PROPOSED = 500
_WORDS = {"id": "id", "dhis2_uid": "uid", "code": "code", "name": "name"}


class Meant(NamedTuple):
    """A row of the register, or UNKNOWN, AMBIGUOUS, LEFT_OUT or TOTALS; the text that named it; why it is not clear."""

    place: int
    label: str
    reason: str = ""


class Keys:
    """Keys of a register: `meant(cells)` is the row of the register that the cells of a row name."""

    def __init__(self, register: Register, left_out: Mapping[str, str] | None = None,
                 others: Mapping[str, str] | None = None, crosswalk: Mapping[str, tuple[str, ...]] | None = None,
                 findings: Findings | None = None) -> None:
        """`left_out` maps normalised keys of facilities that were left out to the reason.

        `others` says what units of other levels are; `crosswalk` maps old names and codes to those of the register, and
        what is wrong in it goes to `findings`.
        """
        self.register = register
        self.left_out = left_out or {}
        self.others = others or {}
        self.findings = Findings() if findings is None else findings
        self.shown = {normal(name): name for name in (*register.name, *register.id)}
        kinds = (register.id, register.dhis2_uid, register.code, register.name)
        self.places = {kind: _index(texts) for kind, texts in zip(KEYS, kinds, strict=True)}
        self.short = {kind: _index([text.lstrip("0") if text.isdecimal() else "" for text in texts])
                      for kind, texts in zip(KEYS[:-1], kinds, strict=False)}
        self.reasons: dict[str, str] = {}
        self.asked = 0
        self.splits: list[tuple[int, ...]] = []
        self.crossed = {text: self._crossed(text, meant) for text, meant in (crosswalk or {}).items()}

    def found(self, kind: str, text: str) -> frozenset[int]:
        """The rows that a text of a kind of key may mean: those of its kind, else those of every other kind.

        A number that lost its leading zeros may also mean the one that still has them, if it means something else too.
        """
        key = normal(text)
        if not key:
            return frozenset()
        if own := self.places[kind].get(key):
            return own
        others = frozenset[int]().union(*(self.places[other].get(key, frozenset()) for other in KEYS if other != kind))
        return others | self.short.get(kind, {}).get(key, frozenset()) if others else others

    def meant(self, cells: Mapping[str, str]) -> Meant:
        """The row that cells, by KEYS and BESIDE, mean together."""
        texts = {kind: text for kind in KEYS if (text := cells.get(kind, ""))}
        label = next(iter(texts.values()), "")
        if crossed := next((text for text in texts.values() if normal(text) in self.crossed), ""):
            return Meant(self.crossed[normal(crossed)], crossed)
        each = {kind: found for kind, text in texts.items() if (found := self.found(kind, text))}
        if not each:
            return Meant(self._without(cells), label)
        sure = {kind: next(iter(found)) for kind, found in each.items() if len(found) == 1}
        if len(set(sure.values())) > 1:
            return self._contradicted(texts, sure)
        left = frozenset.intersection(*each.values())
        if len(left) == 1:
            return Meant(next(iter(left)), label)
        if sure:  # the name is that of others; the id, uid or code says which
            return self._contradicted(texts, {kind: min(found) for kind, found in each.items()})
        several = left or frozenset[int]().union(*each.values())
        near = self._beside(several, cells)
        return Meant(next(iter(near)), label) if len(near) == 1 else self._unclear(label, cells, near or several)

    def _crossed(self, text: str, meant: tuple[str, ...]) -> int:
        """What a text of the crosswalk leads to: a row, LEFT_OUT, or a number of SPLIT and below."""
        if LEAVE_OUT in meant:
            return LEFT_OUT
        found = [self._target(text, each) for each in meant]
        if UNKNOWN in found:
            return UNKNOWN
        if len(set(found)) == 1:
            return found[0]
        self.splits.append(tuple(dict.fromkeys(found)))
        return SPLIT - len(self.splits) + 1

    def _target(self, text: str, meant: str) -> int:
        several = next((rows for kind in KEYS if (rows := self.places[kind].get(normal(meant)))), frozenset[int]())
        if len(several) == 1:
            return next(iter(several))
        self.findings.error("crosswalk", "", tell(
            '"{name}" leads to "{meant}", which is the name of several facilities' if several else
            '"{name}" leads to "{meant}", which is not in the register', name=text[:SHOWN], meant=meant[:SHOWN]),
                            allowed=tell("an id, uid, code or name of the register, or leave out"),
                            hint="" if several else self._near(meant))
        return UNKNOWN

    def _without(self, cells: Mapping[str, str]) -> int:
        keys = [normal(text) for kind in KEYS if (text := cells.get(kind, ""))]
        if any(key in self.left_out for key in keys):
            return LEFT_OUT
        return TOTALS if is_total(cells) else UNKNOWN

    def _contradicted(self, texts: Mapping[str, str], found: Mapping[str, int]) -> Meant:
        said = " and ".join(f'{_WORDS[kind]} "{texts[kind][:SHOWN]}"' for kind in found)
        means = ", ".join(f"the {_WORDS[kind]} is that of {self._named(at)}" for kind, at in found.items())
        self.reasons[said] = f"{said} contradict each other: {means}"
        return Meant(AMBIGUOUS, said, self.reasons[said])

    def _unclear(self, label: str, cells: Mapping[str, str], places: Collection[int]) -> Meant:
        beside = ", ".join(text[:SHOWN] for kind in BESIDE if (text := cells.get(kind, "")))
        said = f'"{label[:SHOWN]}"' + (f" ({beside})" if beside else "")
        first = nsmallest(_CANDIDATES, places)
        more = f" and {len(places) - _CANDIDATES:,} more" if len(places) > _CANDIDATES else ""
        self.reasons[said] = (f"{said} names several facilities of the register: "
                              f"{'; '.join(map(self._named, first))}{more}")
        return Meant(AMBIGUOUS, said, self.reasons[said])

    def _named(self, at: int) -> str:
        one = self.register
        beside = one.id[at][:SHOWN], one.operational_district[at][:SHOWN], one.province[at]
        return f'"{one.name[at][:SHOWN]}" ({", ".join(beside)})'

    def _beside(self, places: Iterable[int], cells: Mapping[str, str]) -> frozenset[int]:
        """Those of some rows whose province and district are the ones that stand beside the name."""
        province, district = province_of(cells.get("province", "")), district_of(cells.get("operational_district", ""))
        return frozenset(at for at in places if province in ("", self.register.province[at]) and (
            not district or district == district_of(self.register.operational_district[at])
            or district == district_of(self.register.operational_district[at].partition(" (")[0])))

    def all_meant(self, fields: pd.DataFrame) -> tuple[list[Meant], np.ndarray]:
        """What the different rows of a table mean, and which of these each row is."""
        import pandas as pd

        columns = [name for name in (*KEYS, *BESIDE) if name in fields]
        codes = np.zeros(len(fields), dtype=np.int64)
        for name in columns:
            column, unique = fields[name].factorize()
            codes = pd.factorize(codes * (len(unique) + 1) + column)[0]
        _, first = np.unique(codes, return_index=True)
        texts = fields[columns].iloc[first].to_numpy().tolist()
        return [self.meant(dict(zip(columns, map(str.strip, cells), strict=True))) for cells in texts], codes

    def nearest(self, text: str) -> str:
        """A sentence with the nearest names, "" if none is near; only the first questions are looked into."""
        bare = normal(text.strip().removesuffix(".0"))
        self.asked += 1
        for kind, texts in self.short.items():
            if zeros := texts.get(bare):
                at = min(zeros)
                key = {"id": self.register.id, "dhis2_uid": self.register.dhis2_uid, "code": self.register.code}[kind]
                return tell('The register has the {kind} "{key}"; leading zeros may have been lost', kind=_WORDS[kind],
                            key=key[at])
        if bare in self.others:
            return (f"{self.others[bare]}. Say its district in --crosswalk FILE: parent,{text[:SHOWN]},DISTRICT; or "
                    "leave its scores out: facility, the same, leave out")
        return "" if self.asked > _MOST_ASKED else self._near(text)

    def _near(self, text: str) -> str:
        """The nearest names as a question."""
        near = self._nearest(text, NEAREST)
        if not near:
            return ""
        alike = next((words_of for one in near if (words_of := look_alike(text, self.shown[one]))), "")
        asked = " or ".join(f'"{self.shown[one]}"' for one in near)
        return f"Did you mean {asked}?{f' Mind: {alike}' if alike else ''}"

    def _nearest(self, text: str, most: int) -> list[str]:
        return get_close_matches(normal(text[:100]), list(self.shown), n=most, cutoff=0.6)

    def propose(self, text: str, rows: int, where: str) -> None:
        """Note that a crosswalk would need a row for an unknown facility, with the nearest name of the register."""
        if not text or len(self.findings.proposals) >= MOST_PROPOSED:
            return
        near = self._nearest(text, 1)
        score = SequenceMatcher(None, normal(text[:100]), near[0]).ratio() if near else 0.0
        meant = self.shown[near[0]] if near else ""
        self.findings.proposals.append(Proposal("facility", text, meant, score, rows, where))


def _index(texts: Iterable[str]) -> dict[str, frozenset[int]]:
    """Rows by normalised text; the same text may stand in several."""
    found: dict[str, set[int]] = {}
    for place, text in enumerate(texts):
        if key := normal(text):
            found.setdefault(key, set()).add(place)
    return {key: frozenset(places) for key, places in found.items()}


def is_total(cells: Mapping[str, str]) -> bool:
    """Whether a row adds up others: one of its names is a word for a total, or begins or ends with one."""
    total = words("totals")["total"]
    for kind in ("id", "name", *BESIDE):
        text = normal(cells.get(kind, ""))
        if text in total or any(text.startswith(f"{word} ") or text.endswith(f" {word}") for word in total
                                if word.isascii()) or holds(text, [word for word in total if not word.isascii()]):
            return True
    return False
