"""The levers of one scenario file: starting values under `[levers]` and dated `[[change]]` blocks."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from qicsim.ground.calendar import format_month
from qicsim.ground.errors import Faults
from qicsim.inputs.scenario.timeline import LEVERS, Change, can_ramp
from qicsim.inputs.scenario.values import Value, is_flag, lever_value, month, show, texts

_TIMES_OF_CHANGE = ("from", "ramp_to")
_OTHER_UNIT_OF_TIME = re.compile(r"(.*)_(years?|quarters?|weeks?|days?)")
OLD_TOPICS = "scored_topics_only"
_TOP_KEYS = ("title", "description", "assumptions", "extends")


def read_levers(faults: Faults, table: Mapping[str, Any], *, start: int | None
                ) -> tuple[dict[str, Value], list[Change]]:
    """Starting values, and the changes of levers that are written as a list of dated values."""
    values: dict[str, Value] = {}
    changes: list[Change] = []
    for name, value in renamed(faults, "[levers]", table).items():
        place = f"[levers] {name}"
        if not _is_lever(faults, "[levers]", name):
            continue
        several = isinstance(value, list) and not (LEVERS[name].areas and _are_texts(value))
        dated = _dated_values(faults, place, value, start) if several else [(None, place, value)]
        for since, where, given in dated:
            found = _value(faults, where, given, name)
            if found is not None and since is None:
                values[name] = found
            elif found is not None and since is not None:
                changes.append(Change(name, since, found))
    return values, changes


def _dated_values(faults: Faults, place: str, entries: list[Any], start: int | None
                  ) -> list[tuple[int | None, str, Any]]:
    """(month or None for the start, place, value) of `[{from = "2027-01", value = 1}, ...]`, as in resolved files."""
    dated: list[tuple[int | None, str, Any]] = []
    months: set[int] = set()
    for position, entry in enumerate(entries, start=1):
        where = f"{place}, item {position}"
        if not isinstance(entry, dict) or set(entry) != {"from", "value"}:
            faults.add(where, f"{show(entry)} is not a dated value", allowed='{ from = "2027-01", value = ... }')
            continue
        since = month(faults, f"{where}, from", entry["from"])
        if since in months:
            faults.add(where, f'"{format_month(since)}" is there more than once', allowed="each month once")
        elif since is not None:
            months.add(since)
            dated.append((None if since == start else since, where, entry["value"]))
    if not dated or dated[0][0] is not None:
        faults.add(place, "a list of dated values begins with the first month of the file's own horizon")
    return dated


def _are_texts(values: list[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


def _value(faults: Faults, place: str, value: Any, name: str) -> Value | None:
    """A value of a lever as it is stored, or the names of care areas, which are looked up when their file is known."""
    return texts(faults, place, value) if LEVERS[name].areas else lever_value(faults, place, value, LEVERS[name])


def renamed(faults: Faults, place: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """The table with `scored_topics_only` read as what it is called since 0.2, and said so."""
    if OLD_TOPICS not in table:
        return dict(table)
    if "topics" in table:
        faults.add(f"{place} {OLD_TOPICS}", "stands beside topics, which replaces it", hint="Keep topics alone")
    warnings.warn(f'{OLD_TOPICS} is now topics = "scored" (false: "team"); the old spelling works until version 0.3.',
                  FutureWarning, stacklevel=2)
    return {"topics" if name == OLD_TOPICS else name: _as_topics(value) if name == OLD_TOPICS else value
            for name, value in table.items()}


def _as_topics(value: Any) -> Any:
    """What the flag says in words; what it cannot be stays as it is, for the message."""
    if isinstance(value, list):
        return [{**one, "value": _as_topics(one.get("value"))} if isinstance(one, dict) else one for one in value]
    return ("scored" if value else "team") if value in (0, 1) else value


def _is_lever(faults: Faults, place: str, name: str) -> bool:
    """Whether the name is a lever's; a fault with a way out when it is not."""
    if name in LEVERS:
        return True
    hint = faults.nearest(name, LEVERS)
    if match := _OTHER_UNIT_OF_TIME.fullmatch(name):
        hint = faults.nearest(f"{match[1]}_months", LEVERS) or hint
        hint = f"{hint} Durations are given in months: a year is 12".strip()
    elif name in _TOP_KEYS:
        hint = f'"{name}" belongs at the top of the file, before the first [section]'
    faults.add(place, f"{show(name)} is not a lever", hint=hint or "`qicsim describe levers` lists them all")
    return False


# --------------------------------------------------------------------------------------------------- dated changes


def read_changes(faults: Faults, blocks: Any, *, start: int | None, end: int | None, given: Iterable[Change] = ()
                 ) -> list[Change]:
    """The changes of every `[[change]]`; `start` and `end` are the horizon that the same file states."""
    if not isinstance(blocks, list):
        faults.add("change", f"{show(blocks)} stands where dated changes should",
                   hint="Write each change below a line [[change]], with two brackets")
        return []
    changes = [change for position, block in enumerate(blocks, start=1)
               for change in _read_block(faults, position, block)]
    _check_dates(faults, [*given, *changes], start, end)
    _check_contradictions(faults, [*given, *changes])
    return changes


def _read_block(faults: Faults, position: int, block: Any) -> list[Change]:
    place = f"[[change]] {position}"
    if not isinstance(block, dict):
        faults.add(place, f"{show(block)} stands where a table should")
        return []
    block = renamed(faults, place, block)
    if "from" not in block:
        faults.add(place, '"from" is missing', hint='Say when it begins: from = "2027-01"')
    since = month(faults, f"{place} from", block["from"]) if "from" in block else None
    until = month(faults, f"{place} ramp_to", block["ramp_to"]) if "ramp_to" in block else None
    names = [name for name in block if name not in _TIMES_OF_CHANGE and _is_lever(faults, place, name)]
    if set(block) <= set(_TIMES_OF_CHANGE):
        faults.add(place, "no lever is changed")
    if since is not None and until is not None and until < since:
        faults.add(f"{place} ramp_to", f'"{format_month(until)}" is before its beginning, "{format_month(since)}"')
    if "ramp_to" in block:
        _check_ramp(faults, place, names)
    found = {name: _value(faults, f"{place} {name}", block[name], name) for name in names}
    return [] if since is None else [Change(name, since, value, until if can_ramp(LEVERS[name]) else None)
                                     for name, value in found.items() if value is not None]


def _check_ramp(faults: Faults, place: str, names: list[str]) -> None:
    """Something must move step by step, and a choice cannot; what is on or off switches when the ramp begins."""
    for name in names:
        if LEVERS[name].choices or LEVERS[name].areas:
            faults.add(f"{place} ramp_to", f"{name} is a choice and cannot move step by step",
                       hint="Give it a [[change]] of its own")
    if names and all(is_flag(LEVERS[name]) for name in names):
        faults.add(f"{place} ramp_to", f"{', '.join(names)} can only be on or off and cannot move step by step")


def _check_dates(faults: Faults, changes: Iterable[Change], start: int | None, end: int | None) -> None:
    for change in changes:
        place, date = f"[[change]] {change.lever}", f'"{format_month(change.month)}"'
        if start is not None and change.month < start:
            faults.add(place, f'{date} is before the horizon begins, "{format_month(start)}"',
                       hint="Write the value from the first month on below [levers]")
        if end is not None and change.month > end:
            faults.add(place, f'{date} is after the horizon ends, "{format_month(end)}"')


def _check_contradictions(faults: Faults, changes: Iterable[Change]) -> None:
    """One lever cannot get two values in one month of one file."""
    seen: dict[tuple[str, int], Value] = {}
    for change in changes:
        key = (change.lever, change.month)
        if key in seen:
            faults.add(f"[[change]] {change.lever}", f'is changed twice in "{format_month(change.month)}"',
                       hint="Keep one of the two")
        seen[key] = change.value
