"""The design of an experiment: which runs there are, in which order, and the address of each.

Runs are numbered replicate by replicate, in each point by point, in each scenario by scenario, so that what an
interruption leaves is balanced. A run's address is a digest of everything that its numbers depend on; it does not know
how large the design is, so that a larger one finds the runs of the smaller.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np

from qicsim.inputs.scenario import Scenario
from qicsim.runs.draws import names
from qicsim.runs.identity import code_digest, data_digests
from qicsim.runs.layout import Layout
from qicsim.runs.points import Points
from qicsim.runs.study import Study
from qicsim.runs.worker import Facts, Task

ADDRESS_BYTES = 16
ADDRESS = f"S{ADDRESS_BYTES}"
BLOCK = 8192


class Shard(NamedTuple):
    """One of several parts of a design, that can run apart: number 1 to `of`."""

    number: int = 1
    of: int = 1


WHOLE = Shard()


@dataclass(frozen=True, eq=False)
class Design:
    """The runs of a study."""

    study: Study
    points: Points

    @property
    def layout(self) -> Layout:
        """The form of the records."""
        return self.study.layout

    @property
    def shape(self) -> tuple[int, int, int]:
        """Scenarios, points, replicates."""
        return len(self.study.scenarios), len(self.points), self.study.replicates

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
        """The numbers of the runs of a shard in order, in blocks; every shard holds whole pairs of scenarios."""
        for first in range(0, self.runs, BLOCK):
            runs = np.arange(first, min(first + BLOCK, self.runs))
            yield runs[runs // self.shape[0] % shard.of == shard.number - 1]

    def size(self, shard: Shard) -> int:
        """How many runs a shard has."""
        groups = self.runs // self.shape[0]
        return self.shape[0] * len(range(shard.number - 1, groups, shard.of))

    def addresses(self, runs: np.ndarray) -> np.ndarray:
        """The addresses of runs; 16 bytes each, (n,)."""
        values, settings, draw = self.points.values, self.points.settings, self.points.draw
        found = bytearray()
        for scenario, point, replicate in zip(*(part.tolist() for part in self.places(runs)), strict=True):
            digest = blake2b(self._arms[scenario], digest_size=ADDRESS_BYTES)
            digest.update(values[point].tobytes())
            digest.update(settings[point].tobytes())
            digest.update(struct.pack("<qqq", self.study.seed, draw[point], replicate))
            found += digest.digest()
        return np.frombuffer(bytes(found), dtype=ADDRESS)

    def task(self, runs: np.ndarray) -> Task:
        """Runs as a worker takes them."""
        scenario, point, replicate = self.places(runs)
        points = self.points
        return Task(self._facts, scenario, points.values[point], points.settings[point], points.draw[point], replicate)

    def inputs(self, run: int) -> dict[str, Any]:
        """What a run is made from, JSON-able, with its address in hexadecimal."""
        scenario, point, replicate = (int(part[0]) for part in self.places(np.array([run])))
        points = self.points
        settings = zip(points.levers, points.settings[point].tolist(), strict=True)
        return {"address": self.addresses(np.array([run])).tobytes().hex(), "seed": self.study.seed,
                "scenario": self.study.scenarios[scenario].name, "draw": int(points.draw[point]),
                "replicate": replicate, "parameters": dict(zip(names(), points.values[point].tolist(), strict=True)),
                "levers": {name: value for name, value in settings if not np.isnan(value)}}

    @cached_property
    def _facts(self) -> bytes:
        study, points = self.study, self.points
        return Facts(study.scenarios, self._data, study.layout, study.seed, points.levers, points.month,
                     code_digest()).packed()

    @cached_property
    def _data(self) -> tuple[dict[str, str], ...]:
        return tuple(data_digests(scenario) for scenario in self.study.scenarios)

    @cached_property
    def _arms(self) -> tuple[bytes, ...]:
        """For each scenario the digest of all that its runs have in common."""
        return tuple(self._arm(*pair) for pair in zip(self.study.scenarios, self._data, strict=True))

    def _arm(self, scenario: Scenario, data: dict[str, str]) -> bytes:
        common = [code_digest(), scenario.digest, data, self.layout.digest, self.layout.keep.detail,
                  self.points.levers, self.points.since]
        return blake2b(json.dumps(common, sort_keys=True).encode(), digest_size=ADDRESS_BYTES).digest()


def design_of(study: Study) -> Design:
    """The design of a study; InputError kinds when its draws cannot be had."""
    return Design(study, study.points())
