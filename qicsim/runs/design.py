"""The design of runs: which there are, in which order, and the keys of each.

Runs are numbered replicate by replicate, in each point by point, in each scenario by scenario, so that what an
interruption leaves is balanced and scenarios that share a past stand together. The keys of a run are digests of
everything that its numbers depend on; they do not know how large the design is, so that a larger one finds the runs of
the smaller.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from qicsim.ground.shown import Shown
from qicsim.inputs.scenario import Scenario
from qicsim.runs.blocks import Block
from qicsim.runs.draws import names, with_fixed
from qicsim.runs.identity import code_digest, data_digests
from qicsim.runs.keys import Keys, LeverKey, lever_key, who_key, world_key
from qicsim.runs.layout import Layout
from qicsim.runs.points import Points
from qicsim.runs.study import Study
from qicsim.runs.worker import Facts, Task, levers_at

BLOCK = 8192


class Shard(NamedTuple):
    """One of several parts of a design, that can run apart: number 1 to `of`."""

    number: int = 1
    of: int = 1


WHOLE = Shard()


@dataclass(frozen=True, eq=False, repr=False)
class Design(Shown):
    """Runs of scenarios at points, each some times with luck of its own; `blocks` is what each scenario records."""

    scenarios: tuple[Scenario, ...]
    points: Points
    replicates: int
    seed: int
    blocks: tuple[tuple[Block, ...], ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Scenarios, points, replicates."""
        return len(self.scenarios), len(self.points), self.replicates

    @property
    def runs(self) -> int:
        """How many runs there are."""
        scenarios, points, replicates = self.shape
        return scenarios * points * replicates

    def places(self, runs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Scenario, point and replicate of runs; three arrays (n,)."""
        rest, scenario = np.divmod(runs, self.shape[0])
        replicate, point = np.divmod(rest, self.shape[1])
        return scenario, point, replicate

    def numbers(self, shard: Shard = WHOLE) -> Iterator[np.ndarray]:
        """The numbers of the runs of a shard in order, in blocks; every shard holds whole sets of scenarios."""
        for first in range(0, self.runs, BLOCK):
            runs = np.arange(first, min(first + BLOCK, self.runs))
            yield runs[runs // self.shape[0] % shard.of == shard.number - 1]

    def size(self, shard: Shard) -> int:
        """How many runs a shard has."""
        groups = self.runs // self.shape[0]
        return self.shape[0] * len(range(shard.number - 1, groups, shard.of))

    def of_scenario(self, number: int) -> np.ndarray:
        """The runs of a scenario, point by point, replicates inside; int64 (points x replicates,)."""
        scenarios, points, replicates = self.shape
        return np.arange(self.runs).reshape(replicates, points, scenarios)[:, :, number].T.ravel()

    def keys(self, runs: np.ndarray) -> Keys:
        """The keys of runs."""
        who, tables, draw = [], [], self.points.draw
        for scenario, point, replicate in zip(*(part.tolist() for part in self.places(runs)), strict=True):
            who.append(who_key(self._worlds[scenario], self._values[scenario][point], self.seed, int(draw[point]),
                               replicate))
            tables.append(self._lever_key(scenario, self.points.settings[point]))
        return Keys(tuple(who), tuple(tables))

    def task(self, runs: np.ndarray) -> Task:
        """Runs as a worker takes them."""
        scenario, point, replicate = self.places(runs)
        points = self.points
        return Task(self._packed, scenario, points.values[point], points.settings[point], points.draw[point],
                    replicate)

    def inputs(self, run: int) -> dict[str, Any]:
        """What a run is made from, JSON-able, with its address in hexadecimal."""
        scenario, point, replicate = (int(part[0]) for part in self.places(np.array([run])))
        points = self.points
        settings = zip(points.levers, points.settings[point].tolist(), strict=True)
        return {"address": self.keys(np.array([run])).addresses[0].hex(), "seed": self.seed,
                "scenario": self.scenarios[scenario].name, "draw": int(points.draw[point]),
                "replicate": replicate, "parameters": dict(zip(names(), points.values[point].tolist(), strict=True)),
                "levers": {name: value for name, value in settings if not np.isnan(value)}}

    @cached_property
    def facts(self) -> Facts:
        """What all tasks share."""
        points = self.points
        return Facts(self.scenarios, self._data, self.blocks, self.seed, points.levers, points.month, code_digest())

    @cached_property
    def _packed(self) -> bytes:
        return self.facts.packed()

    @cached_property
    def _data(self) -> tuple[dict[str, str], ...]:
        return tuple(data_digests(scenario) for scenario in self.scenarios)

    @cached_property
    def _worlds(self) -> tuple[bytes, ...]:
        return tuple(world_key(scenario, data) for scenario, data in zip(self.scenarios, self._data, strict=True))

    @cached_property
    def _values(self) -> tuple[np.ndarray, ...]:
        """The values of all parameters at every point, those that a scenario fixes among them."""
        values = self.points.values
        return tuple(with_fixed(values, scenario.parameters) if scenario.parameters else values
                     for scenario in self.scenarios)

    @cached_property
    def _tables(self) -> tuple[tuple[np.ndarray, ...], ...]:
        return tuple(scenario.tables for scenario in self.scenarios)

    @cached_property
    def _lever_keys(self) -> dict[tuple[int, bytes], LeverKey]:
        return {}

    def _lever_key(self, number: int, settings: np.ndarray) -> LeverKey:
        """The key of a scenario's levers at a point."""
        key = (number, settings.tobytes())
        if key not in self._lever_keys:
            scenario = self.scenarios[number]
            levers, *missed = (levers_at(table, scenario.start, self.facts, settings) for table in self._tables[number])
            self._lever_keys[key] = lever_key(levers, scenario.start, scenario.districts, scenario.rule, *missed)
        return self._lever_keys[key]


@dataclass(frozen=True, eq=False, repr=False)
class StudyDesign(Design):
    """The runs of a study."""

    study: Study

    @property
    def layout(self) -> Layout:
        """What is kept of the runs."""
        return self.study.layout


def design_of(study: Study) -> StudyDesign:
    """The design of a study; InputError kinds when its draws cannot be had."""
    blocks = (study.layout.blocks,) * len(study.scenarios)
    return StudyDesign(study.scenarios, study.points(), study.replicates, study.seed, blocks, study)
