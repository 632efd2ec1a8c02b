"""The reported history of a country as a calibration problem: parameters in, summaries out, many runs at a time.

A change of Table 2 as a run would have been reported, where teams measure themselves and each row has its own bias:

    reported change = min(change + bias, 100 - first reading)

change  mean change of the best teams (`model.reported`);  bias  normal(10, 10) points, independent between rows: teams
        overstate what they achieved, or understate it;  first reading  as reported (98 of general waste): no reading
        passes 100
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, NamedTuple

import numpy as np

from qicsim.estimate.calibrate.noise import STREAMS_PER_BLOCK
from qicsim.estimate.calibrate.targets import TOPICS, counts_of, summaries
from qicsim.ground.calendar import parse_month
from qicsim.ground.declare import Parameter, declared, from_cube, parameter_sets
from qicsim.ground.priors import Normal
from qicsim.inputs.country import Country
from qicsim.inputs.scenario import Scenario, load_scenario
from qicsim.inputs.world.build import World, build_world, data_files
from qicsim.model.levers import lever_table
from qicsim.model.parameters import Parameters
from qicsim.model.reported import NO_TEAM, Reported
from qicsim.model.simulate import noise_key, recording_of
from qicsim.runs.blocks import ONCE, Block
from qicsim.runs.branches import Buffers
from qicsim.runs.draws import with_fixed
from qicsim.runs.executors import in_threads
from qicsim.runs.identity import code_digest, data_digests
from qicsim.runs.keys import Keys, lever_key, who_key, world_key
from qicsim.runs.recall import Recall, Recorded
from qicsim.runs.store import Store

PIECE = 16
NO_TOPIC = ("0000-01", "0000-01", 0, 0, 0.0)
"""Asked where a country reported no topic: a reading before any run, as a run is read for one topic or more."""
READ = ("counts", "changes", "joined", "trust")


def _bias(topic: str) -> Parameter:
    return Parameter(f"points by which teams overstate their change on {topic}", "points", -40.0, 60.0,
                     Normal(10.0, 10.0), "assumption", "A")


class Observation(NamedTuple):
    """What lies between quality and what teams reported; part of the calibration, not of projections."""

    bias_hand_hygiene: Annotated[float, _bias("hand hygiene")] = 10.0
    bias_medical_waste: Annotated[float, _bias("medical waste")] = 10.0
    bias_general_waste: Annotated[float, _bias("general waste")] = 10.0
    bias_tb_screening: Annotated[float, _bias("TB screening")] = 10.0
    bias_family_planning: Annotated[float, _bias("family planning")] = 10.0


class Calibrated(NamedTuple):
    """The parameters of the model and of the observation, as one list."""

    model: Parameters
    observation: Observation


def parameter_names() -> tuple[str, ...]:
    """Dotted paths as the model knows them, then those of the observation."""
    return (*declared(Parameters), *(f"observation.{name}" for name in declared(Observation)))


def parameters_from_cube(cube: np.ndarray) -> np.ndarray:
    """Points of the unit cube through the priors, shape (n, parameters)."""
    return from_cube(Calibrated, cube)


@dataclass(frozen=True, eq=False)
class History:
    """The reported scenario to the last counts, ready to run in batches by any number of threads.

    Its runs are runs like any others: with a `store` those that it has are read there, and the others are kept.
    """

    world: World
    levers: np.ndarray
    scenario: Scenario
    reported: Reported
    totals_at: str
    workers: int
    local: threading.local
    store: Store | None = None

    @staticmethod
    def of(scenario: Scenario | None = None, *, totals_at: str = "", workers: int | None = None,
           store: Store | None = None) -> History:
        """The history of a scenario (default: the shipped one); `totals_at` is the month of the last counts."""
        totals_at = totals_at or counts_of().late
        told = scenario or load_scenario("reported", horizon_end=counts_of().late)
        world = build_world(told)
        return History(world, lever_table(told.levers), told, _reported(world, totals_at), totals_at,
                       workers or os.cpu_count() or 1, threading.local(), store)

    def summaries(self, parameters: np.ndarray, streams: np.ndarray, *, seed: int) -> np.ndarray:
        """Summaries (n, 16) in the order of `summaries` for parameters (n, d) under stream numbers (n,).

        A stream is draw + 2^20 replicate. A topic that no team worked on has the value NaN.
        """
        values, bias = np.split(parameters, [-len(TOPICS)], axis=1)
        values = with_fixed(values, self.scenario.parameters)

        def make(runs: np.ndarray) -> tuple[np.ndarray, ...]:
            return self._made(parameter_sets(Parameters, values[runs]), streams[runs], seed)

        if self._recall is None:
            counts, changes, joined, trust = make(np.arange(len(values)))
        else:
            counts, changes, joined, trust = self._recall.runs(
                self._keys(values, streams, seed), self._recorded, make,
                lambda run: {"seed": seed, "stream": int(streams[run]), "values": values[run].tolist()})
        early, middle, late = counts[:, 0], counts[:, 1], counts[:, 2]
        read = np.full(bias.shape, np.nan)
        there = [TOPICS.index(topic) for topic in topics_of(self.world.country)]
        changes = changes[:, :len(there)]
        read[:, there] = np.where(changes == NO_TEAM, np.nan,
                                  np.minimum(changes + bias[:, there], most_change(self.world.country)))
        return np.column_stack([early[:, :3], middle[:, [3, 4, 1]], late[:, :3], read, joined[:, 1] - joined[:, 0],
                                trust[:, 0]])

    def there(self, parameters: np.ndarray, streams: np.ndarray, *, seed: int) -> np.ndarray:
        """Which of the runs of `summaries` the store has; bool (n,)."""
        if self._recall is None:
            return np.zeros(len(parameters), dtype=bool)
        values = with_fixed(parameters[:, :-len(TOPICS)], self.scenario.parameters)
        return self._recall.there(self._keys(values, streams, seed), self._recorded)

    @property
    def digest(self) -> str:
        """What the summaries depend on besides parameters, streams and seed: code, data, scenario, month of totals."""
        data = [hashlib.sha256(path.read_bytes()).hexdigest() for _, path in sorted(data_files(self.scenario).items())]
        facts = json.dumps([code_digest(), data, self.scenario.digest, self.totals_at])
        return hashlib.sha256(facts.encode()).hexdigest()

    def _made(self, sets: np.ndarray, streams: np.ndarray, seed: int) -> tuple[np.ndarray, ...]:
        """What was recorded of each run: counts (n, 3, 5), changes (n, topics), joined (n, 2), trust (n, 1)."""
        made: list[tuple[np.ndarray, ...]] = [()] * len(sets)

        def piece(first: int) -> None:
            for i in range(first, min(first + PIECE, len(sets))):
                replicate, draw = divmod(int(streams[i]), STREAMS_PER_BLOCK)
                fixed = self.scenario.structure, sets[i], noise_key(seed, draw, replicate)
                told = self._buffers().run(self.levers, fixed).reported
                made[i] = tuple(getattr(told, name).copy() for name in READ)

        in_threads(piece, range(0, len(sets), PIECE), self.workers)
        return tuple(np.stack(column) for column in zip(*made, strict=True))

    @cached_property
    def _recall(self) -> Recall | None:
        return None if self.store is None else Recall(self.store)

    @cached_property
    def _recorded(self) -> Recorded:
        """What is recorded, with the digest of what was asked: months, topics, teams, and the end of the run."""
        asked = json.dumps([*(part.tolist() for part in self.reported), len(self.levers)])
        digest = hashlib.sha256(asked.encode()).hexdigest()[:12]
        return Recorded(self.scenario.start, tuple(Block("reported", f"{name} {digest}", ONCE) for name in READ))

    @cached_property
    def _key_of_world(self) -> bytes:
        return world_key(self.scenario, data_digests(self.scenario))

    def _keys(self, values: np.ndarray, streams: np.ndarray, seed: int) -> Keys:
        """The keys of runs, which are those of any design."""
        who = []
        for row, stream in zip(values, streams.tolist(), strict=True):
            replicate, draw = divmod(stream, STREAMS_PER_BLOCK)
            who.append(who_key(self._key_of_world, row, seed, draw, replicate))
        return Keys(tuple(who), (lever_key(self.levers, self.scenario.start),) * len(who))

    def _buffers(self) -> Buffers:
        if not hasattr(self.local, "buffers"):
            setting = self.world.setting
            self.local.buffers = Buffers.of(setting, recording_of(setting, reported=self.reported), ("reported",))
        return self.local.buffers


def places(keys: Sequence[str]) -> np.ndarray:
    """Columns of the summaries with these keys."""
    return np.array([summaries().index(key) for key in keys])


def topics_of(country: Country) -> tuple[str, ...]:
    """The topics of which a country reported changes, in the order of TOPICS."""
    reported = counts_of(country).topics
    return tuple(topic for topic in TOPICS if topic in reported)


def most_change(country: Country) -> np.ndarray:
    """The largest change that can be reported of each of its topics, points; float64 (topics,)."""
    reported = counts_of(country).topics
    return np.array([100.0 - reported[topic][4] for topic in topics_of(country)])


def _reported(world: World, totals_at: str) -> Reported:
    """Months of the run and rows of areas at which the history was reported."""
    counts = counts_of(world.country)
    topics = topics_of(world.country)
    rows = [counts.topics[topic] for topic in topics] or [NO_TOPIC]
    areas = [world.areas.keys.index(topic) for topic in topics] or [0]
    first = [parse_month(row[0]) - world.start for row in rows]
    latest = [parse_month(row[1]) - world.start for row in rows]
    return Reported(
        np.array([parse_month(text) - world.start for text in (counts.early, counts.middle, totals_at)]),
        np.array(areas), np.array(first), np.array(latest), np.array([row[2] for row in rows]),
        np.array([row[3] for row in rows]))
