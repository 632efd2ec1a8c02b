"""Structural alternatives in the settings of an analysis: tables `[[analysis.structure]]`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qicsim.ground.errors import Faults, repeated
from qicsim.ground.translatable import tell
from qicsim.inputs.country import home
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.scenario.forms import FORMS, read_forms
from qicsim.inputs.scenario.structure import restructured
from qicsim.inputs.scenario.values import one_of, show, text
from qicsim.model.levers import SCHEDULES

KEYS = ("name", *FORMS, "schedule", "provinces")
SHIPPED = tell("as shipped")
MOST = 20


@dataclass(frozen=True)
class Alternative:
    """A structural alternative: its name, and the forms that it changes."""

    name: str
    forms: Mapping[str, str] = field(default_factory=dict)
    schedule: str = ""
    provinces: tuple[str, ...] = ()

    def of(self, scenario: Scenario) -> Scenario:
        """The scenario under this alternative."""
        return restructured(scenario, self.forms, schedule=self.schedule, provinces=self.provinces)


def alternatives(faults: Faults, value: Any) -> tuple[Alternative, ...]:
    """The alternatives of the tables."""
    if not isinstance(value, list) or len(value) > MOST:
        faults.add("[analysis] structure", f"{show(value)} cannot be used", "tables [[analysis.structure]]")
        return ()
    found = [_alternative(faults, f"[[analysis.structure]] {number}", one) for number, one in enumerate(value, start=1)]
    names = [one.name for one in found]
    for name in sorted({*repeated(names), *({SHIPPED} & set(names))}):
        faults.add("[analysis] structure", f'"{name}" is there more than once', "each name once")
    return tuple(found)


def _alternative(faults: Faults, place: str, block: Any) -> Alternative:
    if not isinstance(block, Mapping) or not set(block) & set(KEYS[1:]):
        faults.add(place, "changes nothing", ", ".join(KEYS[1:]))
        return Alternative(place)
    for key in block:
        if key not in KEYS:
            faults.add(place, f"{show(key)} is not known", ", ".join(KEYS))
    order = block.get("provinces", [])
    if not isinstance(order, list):
        faults.add(f"{place}, provinces", f"{show(order)} is no list", 'a list like ["Northmark", "Eastvale"]')
        order = []
    return Alternative(
        text(faults, f"{place}, name", block.get("name")) or place,
        read_forms(faults, f"{place},", block),
        one_of(faults, f"{place}, schedule", block["schedule"], SCHEDULES) or "" if "schedule" in block else "",
        tuple(name for one in order if (name := one_of(faults, f"{place}, provinces", one, home().by_people))))
