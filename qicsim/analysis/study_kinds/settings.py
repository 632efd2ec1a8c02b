"""Settings that several kinds of analysis share; each check notes what is wrong and goes on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from qicsim.ground.errors import Faults, nearest
from qicsim.ground.intervals import LEVEL
from qicsim.inputs.scenario.values import one_of, show
from qicsim.runs.fields import NATION
from qicsim.runs.study import Study

Names = tuple[tuple[str, str], ...]
"""Pairs of indicator and group."""


def refuse_unknown(faults: Faults, table: Mapping[str, Any], known: Collection[str]) -> None:
    """Note each key that is not known."""
    for key in table:
        if key not in known:
            faults.add("[analysis]", f"{show(key)} is not known", ", ".join(known), nearest(str(key), known))


def fields_of(faults: Faults, table: Mapping[str, Any], study: Study) -> Names:
    """The indicators and groups to be analysed: all that are kept, or those that `indicators` and `groups` name."""
    if study.layout.keep.detail != NATION:
        faults.add("[keep] detail", f"{show(study.layout.keep.detail)} cannot be analysed", f'"{NATION}"')
    kept = [(field.indicator.name, field.group) for field in study.layout.fields]
    indicators = words(faults, table, "indicators", tuple(dict.fromkeys(name for name, _ in kept)))
    groups = words(faults, table, "groups", tuple(dict.fromkeys(group for _, group in kept)))
    return tuple((name, group) for name, group in kept if name in indicators and group in groups)


def words(faults: Faults, table: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """A list of words that are allowed; all of them where the key is left out."""
    value = table.get(key, list(allowed))
    if not isinstance(value, list) or not value:
        faults.add(f"[analysis] {key}", f"{show(value)} is no list of words", f'a list like ["{allowed[0]}"]')
        return allowed
    found = [one_of(faults, f"[analysis] {key}", one, allowed) for one in value]
    return tuple(dict.fromkeys(one for one in found if one is not None))


def level_of(faults: Faults, table: Mapping[str, Any]) -> float:
    """The level of intervals."""
    return number(faults, table, "level", default=LEVEL, low=0.5, high=0.99)


def number(faults: Faults, table: Mapping[str, Any], key: str, *, default: float, low: float, high: float) -> float:
    """A number in a range, or its default."""
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        faults.add(f"[analysis] {key}", f"{show(value)} is not possible", f"{low:g} to {high:g}")
        return default
    return float(value)


def too_few(faults: Faults, study: Study, *, draws: int, replicates: int, scenarios: int) -> None:
    """Note a study that is too small for its analysis."""
    for name, there, least in (("draws", study.draws, draws), ("replicates", study.replicates, replicates),
                               ("scenarios", len(study.scenarios), scenarios)):
        if there < least:
            faults.add(name, f"{there} are too few for this analysis", f"{least} or more")
