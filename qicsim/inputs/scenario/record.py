"""A resolved scenario: everything that is fixed before a run except parameters' values and luck."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from qicsim.ground.calendar import format_month
from qicsim.ground.errors import ScenarioError
from qicsim.ground.shown import Face, Shown, in_a_word
from qicsim.inputs.country import Country, home
from qicsim.inputs.scenario.assumptions import Dropped, still_true, written
from qicsim.inputs.scenario.fork import MISSED, REACHED, Fork, Rule
from qicsim.inputs.scenario.forms import forms_of
from qicsim.inputs.scenario.layer import FORMAT, file_digest
from qicsim.inputs.scenario.names import name_fault
from qicsim.inputs.scenario.timeline import LEVERS
from qicsim.inputs.scenario.wave import area_keys, names_of
from qicsim.model.columns import Structure
from qicsim.model.levers import Levers, lever_table

MOST_SEGMENTS = 5
_WORDS = ("name", "title", "description", "assumptions")


@dataclass(frozen=True, eq=False, repr=False)
class Scenario(Shown):
    """One scenario with every field explicit; equal to another when the resolved forms are equal.

    `start` is the absolute number of the first month (`qicsim.ground.calendar`), `months` the length of the horizon;
    `levers` holds arrays (months,), float64 for amounts and int64 for choices, flags and whole numbers. `known_until`
    is the last month whose history is told, so that nothing can be decided in it any more; None where all can.
    `districts` come first, in this order, while the lever `order` is "listed"; the others of the register follow.
    `fork` is there where the plan is adaptive: `levers` then are those of the runs that reach its sign.
    `dropped` are the sentences that the files it stands on assume and its own levers contradict. `country` is where it
    plays: its data, unless `data` names files in their place.
    """

    name: str
    title: str
    description: str
    assumptions: tuple[str, ...]
    start: int
    months: int
    levers: Levers
    provinces: tuple[str, ...]
    pbf_since: int
    pbf_bill: float | None
    parameters: dict[str, float]
    structure: Structure
    data: dict[str, Path]
    source: Path
    known_until: int | None = None
    districts: tuple[str, ...] = ()
    fork: Fork | None = None
    dropped: tuple[Dropped, ...] = ()
    country: Country = field(default_factory=home)

    def __post_init__(self) -> None:
        """Refuse a name that is none; ScenarioError. What the program makes of a name may be longer than the name."""
        fault = name_fault(self.name, longest=None)
        if fault is not None:
            raise ScenarioError("", [fault])

    def face(self) -> Face:
        """Title, horizon, where it stands, and the levers that change."""
        moving = {name: self._segments(name) for name in LEVERS}
        changes = tuple(f"{name}: {_course(segments)}" for name, segments in moving.items() if len(segments) > 1)
        fixed = (f"{len(self.parameters)} parameters fixed",) if self.parameters else ()
        forked = () if self.fork is None else ((f"decided in {format_month(self.fork.rule.month)}; where it is missed: "
                                                f"{in_a_word(self._changes(self.fork.missed))}"),)
        return Face(f"Scenario {self.name}: {self.title}, {format_month(self.start)} to {format_month(self.end)}",
                    (*fixed, *changes, *forked))

    def resolved(self) -> dict[str, Any]:
        """The scenario as a JSON document that `load_scenario` reads again: nothing implicit, no absolute path."""
        return {
            "format": FORMAT,
            **({} if self.country.is_default else {"world": self.country.key}),
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "assumptions": [written(one) for one in self.assumptions],
            "horizon": {"start": format_month(self.start), "end": format_month(self.end), **self._known()},
            "rollout": {"provinces": list(self.provinces),
                        **({"districts": list(self.districts)} if self.districts else {})},
            "pbf": {"since": format_month(self.pbf_since),
                    **({} if self.pbf_bill is None else {"bill": self.pbf_bill})},
            "levers": {name: self._segments(name, self.decided) for name in LEVERS},
            **({} if self.fork is None else {"fork": self.fork.rule.facts() | {
                REACHED: self._changes(self.levers), MISSED: self._changes(self.fork.missed)}}),
            "parameters": dict(sorted(self.parameters.items())),
            "structure": forms_of(self.structure),
            "data": {key: self._data_file(path) for key, path in sorted(self.data.items())},
        }

    @property
    def areas(self) -> Path:
        """The file of care areas in force."""
        return self.data.get("areas", self.country.table("areas"))

    @property
    def end(self) -> int:
        """Absolute number of the last month."""
        return self.start + self.months - 1

    def to_json(self) -> str:
        """The resolved form as text, ending in a line feed."""
        return json.dumps(self.resolved(), indent=1, ensure_ascii=False) + "\n"

    @property
    def digest(self) -> str:
        """The sha256 of what the scenario does: its resolved form without words, and without `known_until`."""
        acting = {key: value for key, value in self.resolved().items() if key not in _WORDS}
        if not self.country.is_default:
            acting["world"] = self.country.digest
        acting["horizon"] = {key: value for key, value in acting["horizon"].items() if key != "known_until"}
        return hashlib.sha256(json.dumps(acting, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        """Whether the other scenario has the same resolved form."""
        return isinstance(other, Scenario) and self.resolved() == other.resolved()

    def __hash__(self) -> int:
        """Equal scenarios have the same number."""
        return hash(self.digest)

    def with_levers(self, levers: Levers) -> Scenario:
        """The scenario with other levers over the same months, without the assumptions that these contradict.

        A fork goes: `changed` keeps it.
        """
        kept, dropped = still_true(self.assumptions, self.start, self.levers, levers)
        return replace(self, levers=levers, assumptions=kept, dropped=(*self.dropped, *dropped), fork=None)

    def changed(self, change: Callable[[Levers], Levers]) -> Scenario:
        """The scenario with its levers changed, on both sides of a fork."""
        fork = self.fork
        return replace(self.with_levers(change(self.levers)),
                       fork=None if fork is None else replace(fork, missed=change(fork.missed)))

    @property
    def rule(self) -> Rule | None:
        """The rule by which an adaptive plan is decided."""
        return None if self.fork is None else self.fork.rule

    @property
    def tables(self) -> tuple[np.ndarray, ...]:
        """The levers as compiled code takes them, (months,): one table, or that of each side of a fork."""
        return (lever_table(self.levers), *(() if self.fork is None else (lever_table(self.fork.missed),)))

    @property
    def decided(self) -> int:
        """How many months there are before a fork; all of them without one."""
        return self.months if self.fork is None else self.fork.rule.month - self.start

    def _known(self) -> dict[str, str]:
        return {} if self.known_until is None else {"known_until": format_month(self.known_until)}

    def _segments(self, name: str, months: int | None = None) -> list[dict[str, Any]]:
        """A lever in the first months (default: all) as months from which a value holds."""
        values = getattr(self.levers, name)[:months]
        starts = [0, *(np.flatnonzero(np.diff(values)) + 1)]
        return [{"from": format_month(self.start + int(at)),
                 "value": self.written(name, values[at])} for at in starts]

    def _changes(self, levers: Levers) -> list[dict[str, Any]]:
        """What levers change from the month of the fork on, as blocks of a file."""
        blocks: dict[int, dict[str, Any]] = {}
        for name in LEVERS:
            values = getattr(levers, name)
            for at in self.decided + np.flatnonzero(np.diff(values[self.decided - 1:])):
                block = blocks.setdefault(int(at), {"from": format_month(self.start + int(at))})
                block[name] = self.written(name, values[at])
        return [blocks[at] for at in sorted(blocks)]

    def written(self, name: str, value: Any) -> Any:
        """A value of a lever as files write it: the word of a choice, the keys of care areas, a number."""
        if LEVERS[name].areas:
            return names_of(int(value), area_keys({"areas": self.areas})) if value else []
        return LEVERS[name].choices[int(value)] if LEVERS[name].choices else value.item()

    def _data_file(self, path: Path) -> dict[str, str]:
        folder = self.source.resolve().parent
        name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
        return {"file": name, "sha256": file_digest(path)}


def _course(segments: list[dict[str, Any]]) -> str:
    """The values of a lever and when each begins; of many the first ones and the last."""
    written = [f"{in_a_word(one['value'])} from {one['from']}" for one in segments]
    return ", ".join(written if len(written) <= MOST_SEGMENTS else [*written[:MOST_SEGMENTS - 1], "...", written[-1]])
