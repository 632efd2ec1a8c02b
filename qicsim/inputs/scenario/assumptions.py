"""Assumptions: sentences that say which levers they speak of, so that a file that changes these does not inherit them.

    assumptions = ["Plain words.", { text = "2 coaches a district.", levers = ["coaches"] },
                   { text = "No team joined after the pilot.", levers = ["recruiting"], until = "2026-12" }]

A sentence with levers is dropped where one of them has other values than the sentence was written for, up to `until`
or to the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.ground.calendar import format_month
from qicsim.ground.errors import Faults, repeated
from qicsim.inputs.scenario.timeline import LEVERS
from qicsim.inputs.scenario.values import month, show, text
from qicsim.model.levers import Levers

KEYS = ("text", "levers", "until")


class Assumption(str):  # noqa: SLOT000 it carries what it speaks of
    """A sentence, the levers that it speaks of, and the last month (absolute number) of which it does; None: all."""

    levers: tuple[str, ...] = ()
    until: int | None = None


@dataclass(frozen=True)
class Dropped:
    """A sentence that a scenario does not inherit, because it changes these levers that the sentence names."""

    text: str
    levers: tuple[str, ...]


def assumption(sentence: str, levers: Iterable[str] = (), until: int | None = None) -> Assumption:
    """A sentence with its marks."""
    marked = Assumption(sentence)
    marked.levers, marked.until = tuple(levers), until
    return marked


def read_assumptions(faults: Faults, values: Any) -> tuple[Assumption, ...]:
    """The list of a file: texts, or tables of a text with its marks."""
    if not isinstance(values, list):
        faults.add("assumptions", f"{show(values)} is not a list", hint='Write assumptions = ["...", "..."]')
        return ()
    found = [_read(faults, f"assumptions, item {position}", value) for position, value in enumerate(values, start=1)]
    for twice in repeated(one for one in found if one is not None):
        faults.add("assumptions", f"{show(str(twice))} stands there twice")
    return tuple(one for one in found if one is not None)


def _read(faults: Faults, place: str, value: Any) -> Assumption | None:
    if not isinstance(value, dict):
        plain = text(faults, place, value)
        return None if plain is None else assumption(plain)
    for key in value:
        if key not in KEYS:
            faults.add(place, f"{show(key)} is not known here", ", ".join(KEYS), faults.nearest(key, KEYS))
    levers = value.get("levers", [])
    if not isinstance(levers, list):
        faults.add(f"{place} levers", f"{show(levers)} is not a list", hint='Write levers = ["coaches"]')
        levers = []
    for name in levers:
        if name not in LEVERS:
            faults.add(f"{place} levers", f"{show(name)} is not a lever",
                       hint=(faults.nearest(name, LEVERS) if isinstance(name, str) else "")
                       or "`qicsim describe levers` lists them all")
    until = month(faults, f"{place} until", value["until"]) if "until" in value else None
    if "text" not in value:
        faults.add(place, '"text" is missing')
        return None
    sentence = text(faults, place, value["text"])
    return None if sentence is None else assumption(sentence, [name for name in levers if name in LEVERS], until)


def written(sentence: str) -> str | dict[str, Any]:
    """A sentence as a resolved form holds it: a text, or a table where it has marks."""
    if not isinstance(sentence, Assumption) or not sentence.levers:
        return str(sentence)
    until = {} if sentence.until is None else {"until": format_month(sentence.until)}
    return {"text": str(sentence), "levers": list(sentence.levers), **until}


def still_true(sentences: Iterable[str], start: int, before: Levers, after: Levers
               ) -> tuple[tuple[str, ...], tuple[Dropped, ...]]:
    """The sentences that levers do not contradict, and the others.

    Args:
        sentences: with or without marks.
        start: the first month of the levers.
        before: the levers that the sentences were written for, (months,).
        after: those in force, (months,).
    """
    kept: list[str] = []
    dropped: list[Dropped] = []
    for one in sentences:
        changed = tuple(name for name in getattr(one, "levers", ())
                        if _differ(getattr(before, name), getattr(after, name), start, getattr(one, "until", None)))
        if changed:
            dropped.append(Dropped(str(one), changed))
        else:
            kept.append(one)
    return tuple(kept), tuple(dropped)


def _differ(before: np.ndarray, after: np.ndarray, start: int, until: int | None) -> bool:
    """Whether two courses of a lever differ up to a month."""
    months = min(before.size, after.size) if until is None else max(until - start + 1, 0)
    return not np.array_equal(before[:months], after[:months])
