"""The parts of a study file: scenarios, what is kept, the table of points; each notes what is wrong and goes on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from qicsim.ground.calendar import format_month
from qicsim.ground.errors import Faults, InputError, nearest, repeated
from qicsim.inputs.observed.levels import ready
from qicsim.inputs.scenario import Scenario, load_scenario, shipped, with_data
from qicsim.inputs.scenario.values import month, one_of, show, text
from qicsim.inputs.world.areas import read_areas
from qicsim.inputs.world.build import data_files, facilities_of
from qicsim.runs.fields import (
    ALL,
    COSTS,
    DETAILS,
    EVERY,
    FACILITY,
    NATION,
    QUARTER,
    YEAR,
    Extent,
    Keep,
    known,
)
from qicsim.runs.layout import Layout, layout_of
from qicsim.runs.points import PointTable, read_points
from qicsim.runs.sums import GROUP_ROWS

SHOWN_BY_DEFAULT = ("true", "recorded", "true_80", "recorded_80", "coverage")
KEEP_KEYS = ("indicators", "groups", "detail", "every", "costs")
POINT_KEYS = ("file", "from")

T = TypeVar("T")


@dataclass(frozen=True)
class Reader:
    """A document, the folder that its files are relative to, and the faults found so far."""

    faults: Faults
    document: Mapping[str, Any]
    folder: Path

    def refuse_unknown(self, place: str, table: Mapping[str, Any], known_keys: Collection[str]) -> None:
        """Note each key that is not known."""
        for key in table:
            if key not in known_keys:
                self.faults.add(place, f"{show(key)} is not known", ", ".join(known_keys),
                                nearest(str(key), known_keys))

    def table(self, place: str, value: Any, known_keys: Collection[str]) -> Mapping[str, Any]:
        """A table with known keys only, or an empty one."""
        if not isinstance(value, Mapping):
            self.faults.add(place, f"{show(value)} is no table", f"a table {place}")
            return {}
        self.refuse_unknown(place, value, known_keys)
        return value

    def gather(self, place: str, call: Callable[[], T]) -> T | None:
        """What a call gives; None with all its faults noted, each with the input that it stands in."""
        try:
            return call()
        except InputError as error:
            for fault in error.faults:
                parts = (place, error.source, fault.place)
                self.faults.append(replace(fault, place=": ".join(part for part in parts if part)))
            return None


def read_data(reader: Reader, value: Any) -> Path | None:
    """The data folder that a study names, with levels estimated when it has scores alone."""
    name = text(reader.faults, "data", value)
    return None if name is None else reader.gather("data", lambda: ready(reader.folder / name))


def read_scenarios(reader: Reader, value: Any, until: int | None, data: Path | None = None) -> tuple[Scenario, ...]:
    """The resolved scenarios that a study names, on a data folder if there is one."""
    if not isinstance(value, list | tuple) or not value:
        reader.faults.add("scenarios", f"{show(value)} is no list of scenarios" if value is not None else "is missing",
                          'a list like ["reported", "my-plan.toml"]')
        return ()
    end = None if until is None else format_month(until)
    found = [_scenario(reader, at, one, end, data) for at, one in enumerate(value, start=1)]
    scenarios = tuple(one for one in found if one is not None)
    names = [scenario.name for scenario in scenarios]
    for name in sorted(repeated(names)):
        reader.faults.add("scenarios", f'"{name}" is there more than once', "each name once")
    return scenarios


def _scenario(reader: Reader, at: int, value: Any, end: str | None, data: Path | None) -> Scenario | None:
    place = f"scenarios {at}"
    if isinstance(value, Scenario):
        return value if data is None else with_data(value, data)
    if text(reader.faults, place, value) is None:
        return None
    path = value if value in shipped() or "." not in value else str(reader.folder / value)
    return reader.gather(place, lambda: load_scenario(path, horizon_end=end, data=data))


def read_keep(reader: Reader, value: Any) -> Keep:
    """What is to be kept; names of indicators are checked with the scenarios (`layout_of_scenarios`)."""
    faults, table = reader.faults, reader.table("[keep]", value, KEEP_KEYS)
    detail = one_of(faults, "[keep] detail", table.get("detail", NATION), DETAILS) or NATION
    usual = QUARTER if detail == NATION else YEAR
    every = one_of(faults, "[keep] every", table.get("every", usual), EVERY) or usual
    if detail != NATION and every == QUARTER:
        faults.add("[keep] every", f"quarters are not read at the detail of a {detail}", '"year"')
    groups = _words(reader, "[keep] groups", table.get("groups", [ALL]))
    for group in groups:
        one_of(faults, "[keep] groups", group, [ALL] if detail == FACILITY else GROUP_ROWS)
    names = _words(reader, "[keep] indicators", table.get("indicators", list(SHOWN_BY_DEFAULT)))
    costs = table.get("costs", False)
    if not isinstance(costs, bool):
        faults.add("[keep] costs", f"{show(costs)} is not a choice", "true or false")
    names = tuple(dict.fromkeys((*names, *(COSTS if costs is True else ()))))
    return Keep(names, tuple(dict.fromkeys(groups)), detail, every)


def _words(reader: Reader, place: str, value: Any) -> tuple[str, ...]:
    """A list of words; the word "all" stands for itself."""
    if value == ALL:
        return (ALL,)
    if not isinstance(value, list | tuple) or not value or not all(isinstance(one, str) for one in value):
        reader.faults.add(place, f"{show(value)} is no list of names", f'a list, or "{ALL}"')
        return (ALL,)
    return tuple(value)


def read_table_of_points(reader: Reader, value: Any) -> PointTable | None:
    """The table of points that a study names, with the month from which its levers hold."""
    table = reader.table("[points]", value, POINT_KEYS)
    name = text(reader.faults, "[points] file", table.get("file"))
    start = month(reader.faults, "[points] from", table["from"]) if "from" in table else None
    since = None if start is None else format_month(start)
    found = None if name is None else reader.gather("[points]", lambda: read_points(reader.folder / name, since))
    if found is not None and found.levers and "from" not in table:
        reader.faults.add("[points] from", "is missing: levers hold from a month on", 'a month like "2027-01"')
    return found


def layout_of_scenarios(faults: Faults, scenarios: Sequence[Scenario], keep: Keep) -> Layout | None:
    """What is kept of every scenario alike; None, with faults noted, when they differ in where or when."""
    extents: list[Extent] = []
    for scenario in scenarios:
        try:
            extents.append(extent_of(scenario))
        except InputError as error:
            faults.extend(replace(fault, place=f"{error.source}: {fault.place}") for fault in error.faults)
    if len(extents) < max(len(scenarios), 1):
        return None
    first = extents[0]
    for scenario, other in zip(scenarios, extents, strict=True):
        for what, here, there in (("months", first[:2], other[:2]), ("care areas", first.areas, other.areas),
                                  ("places", first.places(keep.detail), other.places(keep.detail))):
            if here != there:
                faults.add("scenarios", f'"{scenario.name}" has other {what} than "{scenarios[0].name}"',
                           f"the same {what} for all" + ("; `until` sets their end" if what == "months" else ""))
    names = known(first, keep.detail)
    everything = tuple(name for name in names if name not in COSTS)
    wanted = (everything if name == ALL else (name,) for name in keep.indicators)
    chosen = tuple(dict.fromkeys(name for part in wanted for name in part))
    for name in chosen:
        if name not in names:
            faults.add("[keep] indicators", f'"{name}" is not an indicator at the detail of a {keep.detail}',
                       hint=nearest(name, names) or "`qicsim describe indicators` lists them")
    return None if faults else layout_of(replace(keep, indicators=chosen), first)


def extent_of(scenario: Scenario) -> Extent:
    """Where and when a scenario takes place; InputError kinds for data files that cannot be used."""
    files = data_files(scenario)
    register, areas = facilities_of(scenario), read_areas(files["areas"])
    return Extent(scenario.start, scenario.months, scenario.country.price_year, areas.keys,
                  tuple(dict.fromkeys(register.province)),
                  tuple(dict.fromkeys(register.operational_district)), register.id)
