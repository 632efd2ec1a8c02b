"""Checklists for reporting (ODD, CHEERS 2022, STRESS), filled from the code and from runs.

A checklist is a file in `assets/checklists`: the published short name of each item, what it asks, in words of our own,
the name of the answer that the code gives, and what a person has to write or to add. Nothing is answered by fixed text:
where the source of an answer is missing, the item is open, and says why; where a part of the answer is missing, it is
filled partly.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.ground.shown import Shown
from qicsim.report import checklist_costs, checklist_inputs, checklist_model, checklist_runs
from qicsim.report.checklist_facts import Facts, Found, Missing, NotAsked, said

FOLDER = Path(__file__).with_name("assets") / "checklists"
NAMES = ("odd", "cheers", "stress")
FILLED, PARTLY, OPEN, NOT_ASKED = "filled", "partly", "open", "not applicable"
CHECKED = {"S": "list verified against the publication",
           "W": "list verified only in part against the publication",
           "M": "list not verified against the publication"}
ANSWERS: dict[str, Callable[[Facts], Found]] = {
    **checklist_model.ANSWERS, **checklist_inputs.ANSWERS, **checklist_costs.ANSWERS, **checklist_runs.ANSWERS}


@dataclass(frozen=True)
class Item:
    """An item: its published short name, and what it asks in words of our own.

    `answer` names a function of ANSWERS; `person` says what a person writes, or adds to that answer. `added` items are
    of this project: the publication does not have them.
    """

    number: str
    section: str
    title: str
    asks: str
    answer: str = ""
    person: str = ""
    added: bool = False

    @property
    def name(self) -> str:
        """The published short name; marked where the item is not published."""
        return f"{self.title} (added by this project)" if self.added else self.title


@dataclass(frozen=True)
class Checklist:
    """A checklist: its source with grade, how far it was checked, and its items."""

    key: str
    title: str
    source: str
    grade: str
    seen: str
    items: tuple[Item, ...]

    @property
    def checked(self) -> str:
        """How far the list was checked against the publication, in a few words."""
        return CHECKED[self.grade]


@dataclass(frozen=True)
class Answered:
    """An item with its state (filled, partly, open, not applicable), its text or the reason, and where to check that.

    `lacks` is the part of the text that says what is missing of an answer that is filled partly. `assumed` answers rest
    on assumptions only.
    """

    item: Item
    state: str
    text: str
    where: str = ""
    lacks: str = ""
    assumed: bool = False


@dataclass(frozen=True, repr=False)
class FilledChecklist(Shown):
    """A checklist with its answers, and for which scenarios."""

    checklist: Checklist
    scenarios: tuple[str, ...]
    answers: tuple[Answered, ...]

    def of(self, state: str) -> tuple[Answered, ...]:
        """The answers in a state."""
        return tuple(one for one in self.answers if one.state == state)

    def published(self, state: str) -> int:
        """How many published items are in a state."""
        return sum(not one.item.added for one in self.of(state))

    def numbers(self, state: str) -> str:
        """The numbers of the items in a state, with commas; "none" where there is none."""
        return ", ".join(one.item.number for one in self.of(state)) or "none"

    @property
    def applicable(self) -> int:
        """How many published items this study has a use for."""
        return sum(self.published(state) for state in (FILLED, PARTLY, OPEN))

    @property
    def score(self) -> float:
        """Published items that are filled as a share of those that apply, 0-1; those filled partly do not count."""
        return self.published(FILLED) / self.applicable

    @property
    def words(self) -> str:
        """The score, how far the list was checked, and which items are not filled or rest on assumptions."""
        spare = self.published(NOT_ASKED)
        aside = f"; {spare} not applicable" if spare else ""
        head = (f"{self.checklist.title}: {self.published(FILLED)} of {self.applicable} published items are filled "
                f"({100 * self.score:.0f} %; {self.checklist.checked}{aside}).")
        partly = f"Partly filled, not counted: {self.numbers(PARTLY)}." if self.of(PARTLY) else ""
        opened = f"Open: {self.numbers(OPEN)}." if self.of(OPEN) else "None is open."
        return said(head, partly, opened, self._added(), self._assumed())

    def _added(self) -> str:
        own = [one for one in self.answers if one.item.added]
        filled = sum(one.state == FILLED for one in own)
        return f"Of {len(own)} further items of this project {filled} are filled." if own else ""

    def _assumed(self) -> str:
        """Which answers rest on assumptions only."""
        numbers = ", ".join(one.item.number for one in self.answers if one.assumed)
        return f"Answered from assumptions only: {numbers}." if numbers else ""


@cache
def read_checklist(name: str) -> Checklist:
    """A checklist by its key; SettingError for another name."""
    if name not in NAMES:
        raise SettingError("", [Fault("checklist", f'"{name}" is not a checklist', ", ".join(NAMES),
                                      nearest(name, NAMES))])
    table: dict[str, Any] = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    items = tuple(Item(**item) for item in table.pop("item"))
    return Checklist(name, items=items, **table)


def fill(name: str, facts: Facts) -> FilledChecklist:
    """A checklist with every answer that the facts give; SettingError for an unknown name."""
    checklist = read_checklist(name)
    return FilledChecklist(checklist, tuple(one.name for one in facts.scenarios),
                           tuple(_answered(item, facts) for item in checklist.items))


def fill_all(facts: Facts, names: Sequence[str] = NAMES) -> tuple[FilledChecklist, ...]:
    """Several checklists from the same facts."""
    return tuple(fill(name, facts) for name in names)


def _answered(item: Item, facts: Facts) -> Answered:
    if not item.answer:
        return Answered(item, OPEN, f"A person writes: {item.person}")
    try:
        found = ANSWERS[item.answer](facts)
    except Missing as reason:
        return Answered(item, OPEN, str(reason))
    except NotAsked as reason:
        return Answered(item, NOT_ASKED, str(reason))
    lacks = said(found.lacks, f"A person adds: {item.person}" if item.person else "")
    resting = "This rests on assumptions only." if found.assumed else ""
    return Answered(item, PARTLY if lacks else FILLED, said(found.text, resting, lacks), found.where, lacks,
                    found.assumed)
