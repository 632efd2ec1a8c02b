"""Topics of a wave: names of care areas in scenario files, and the number whose bits they are in the model.

Bit a is the area in row a of the areas file in force, so that names can be looked up only when it is known which file
that is: a scenario may replace the file of the one that it extends.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from qicsim.ground.errors import Faults
from qicsim.inputs.country import home
from qicsim.inputs.country.record import ROLES
from qicsim.inputs.scenario.fork import SIDES, ForkText
from qicsim.inputs.scenario.layer import Layer
from qicsim.inputs.scenario.timeline import Change
from qicsim.inputs.scenario.values import Value, show

TYPICAL_CEILINGS = {"single": 98.5, "broad": 93.0}
"""Typical ceilings of single procedures and of broad areas, points: centres of the ceilings' priors."""
OTHER_NAMES = {f"{part}_{short}{tail}": f"{part}_{role}{tail}" for role, short in zip(ROLES, ("hc", "rh"), strict=True)
               for part, tail in (("weight", ""), ("weight", "_extended"), ("topic", ""))}
"""Columns by role under the names that the tables of the default country have, and as other countries may call them."""
LITTLE_ROOM = 5.0
"""Points below its ceiling at which a programme sets no area as a topic (`qicsim.model.mechanisms.topic`)."""


@dataclass(frozen=True)
class Area:
    """What decides whether a care area makes sense as a topic of a wave.

    weighed  whether it has weight in the score of any kind of facility, by set of weights
    full     whether it began so near its typical ceiling that a programme does not set it
    chosen   whether any team ever chose it, without which none does
    """

    key: str
    weighed: tuple[bool, bool]
    full: bool
    chosen: bool


def area_keys(data: Mapping[str, Path]) -> tuple[str, ...]:
    """The keys of the care areas in force, in order; what else is wrong with their file shows when it is read whole."""
    with suppress(OSError, UnicodeDecodeError, csv.Error), _file(data).open(
            encoding="utf-8-sig", newline="") as file:
        return tuple((row.get("key") or "").strip() for row in csv.DictReader(file))
    return ()


def areas_in_force(data: Mapping[str, Path]) -> tuple[Area, ...]:
    """The care areas in force, in order; none where their file cannot be read, which shows when it is read whole."""
    with suppress(OSError, ValueError, KeyError, TypeError, csv.Error), _file(data).open(
            encoding="utf-8-sig", newline="") as file:
        return tuple(_area(row) for row in csv.DictReader(file))
    return ()


def _file(data: Mapping[str, Path]) -> Path:
    """The file of care areas in force: a scenario's own, else the country's."""
    return data.get("areas", home().table("areas"))


def _area(row: Mapping[str, str]) -> Area:
    def some(*columns: str) -> bool:
        return any(float(row[column] if column in row else row[OTHER_NAMES[column]]) > 0.0 for column in columns)

    return Area(row["key"].strip(), (some("weight_hc", "weight_rh"), some("weight_hc_extended", "weight_rh_extended")),
                TYPICAL_CEILINGS[row["breadth"].strip()] - float(row["start"]) < LITTLE_ROOM,
                some("topic_hc", "topic_rh"))


def names_of(bits: int, keys: Sequence[str]) -> list[str]:
    """The areas whose bits are set."""
    return [key for place, key in enumerate(keys) if bits >> place & 1]


def with_area_numbers(faults: Faults, layers: Sequence[Layer]) -> list[Layer]:
    """The layers with numbers in place of names of care areas; a fault for every name that is none."""
    data = {key: path for layer in layers for key, path in layer.data.items()}
    return [replace(layer, levers={name: numbered(faults, f"[levers] {name}", value, data)
                                   for name, value in layer.levers.items()},
                    changes=tuple(changes_numbered(faults, layer.changes, data)),
                    fork=None if layer.fork is None else ForkText(layer.fork.rule, *(
                        tuple(changes_numbered(faults, getattr(layer.fork, side), data)) for side in SIDES)))
            for layer in layers]


def changes_numbered(faults: Faults, changes: Sequence[Change], data: Mapping[str, Path]) -> list[Change]:
    """Changes with numbers in place of names of care areas."""
    return [replace(one, value=numbered(faults, f"[[change]] {one.lever}", one.value, data)) for one in changes]


def numbered(faults: Faults, place: str, value: Value, data: Mapping[str, Path]) -> float:
    """The number of a value; 0 for no areas."""
    if not isinstance(value, tuple):
        return value
    keys = area_keys(data) if value else ()
    for name in value:
        if name not in keys:
            faults.add(place, f"{show(name)} is not a care area", ", ".join(keys), faults.nearest(name, keys))
    return sum(1 << keys.index(name) for name in value if name in keys)
