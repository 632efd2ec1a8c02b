"""Checklists for reporting (ODD, CHEERS 2022, STRESS), filled from the code and from runs.

A checklist is a file in `assets/checklists`: what each item asks, in words of our own, and either the name of the
answer that the code gives, or what a person has to write. Nothing is answered by fixed text: where the source of an
answer is missing, the item is open, and says why.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from qicsim.errors import Fault, SettingError, nearest
from qicsim.report import checklist_inputs, checklist_model, checklist_runs
from qicsim.report.checklist_facts import Facts, Found, Missing, NotAsked

FOLDER = Path(__file__).with_name("assets") / "checklists"
NAMES = ("odd", "cheers", "stress")
FILLED, OPEN, NOT_ASKED = "filled", "open", "not applicable"
ANSWERS: dict[str, Callable[[Facts], Found]] = {
    **checklist_model.ANSWERS, **checklist_inputs.ANSWERS, **checklist_runs.ANSWERS}


@dataclass(frozen=True)
class Item:
    """An item: what it asks; `answer` names a function of ANSWERS, or else `person` says what a person writes."""

    number: str
    section: str
    title: str
    asks: str
    answer: str = ""
    person: str = ""


@dataclass(frozen=True)
class Checklist:
    """A checklist: its source with grade, how far it was checked, and its items."""

    key: str
    title: str
    source: str
    grade: str
    seen: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Answered:
    """An item with its state (filled, open, not applicable), its text or the reason, and where that can be checked."""

    item: Item
    state: str
    text: str
    where: str = ""


@dataclass(frozen=True)
class FilledChecklist:
    """A checklist with its answers, and for which scenarios."""

    checklist: Checklist
    scenarios: tuple[str, ...]
    answers: tuple[Answered, ...]

    def of(self, state: str) -> tuple[Answered, ...]:
        """The answers in a state."""
        return tuple(one for one in self.answers if one.state == state)

    @property
    def applicable(self) -> int:
        """How many items this study has a use for."""
        return len(self.answers) - len(self.of(NOT_ASKED))

    @property
    def score(self) -> float:
        """Filled items as a share of the applicable ones, 0-1."""
        return len(self.of(FILLED)) / self.applicable

    @property
    def words(self) -> str:
        """The score, and which items are open."""
        opened = ", ".join(one.item.number for one in self.of(OPEN))
        left = f" Open: {opened}." if opened else " None is open."
        spare = len(self.of(NOT_ASKED))
        aside = f", {spare} not applicable" if spare else ""
        return (f"{self.checklist.title}: {len(self.of(FILLED))} of {self.applicable} items are filled "
                f"({100 * self.score:.0f} %{aside}).{left}")


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
    return Answered(item, FILLED, found.text, found.where)
