"""The worker's side: a task names runs by plain values, the worker has the worlds, the outcome is plain values again.

A task carries the facts of the study as bytes. A worker unpacks them once, builds each world once, shares it between
scenarios that differ in levers only, and keeps both for the tasks that follow.
"""

from __future__ import annotations

import pickle
import threading
import time
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from qicsim.ground.declare import parameter_sets
from qicsim.ground.errors import QicsimError
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.world.build import World, build_world, data_files
from qicsim.model.levers import lever_table
from qicsim.model.luck import Luck, allocate_luck
from qicsim.model.parameters import Parameters
from qicsim.model.simulate import Reading, Recording, State, allocate_reading, allocate_state, noise_key, simulate
from qicsim.runs.draws import with_fixed
from qicsim.runs.identity import code_digest, data_digests
from qicsim.runs.layout import Layout, Raw

STUDIES_HELD = 4
_UNPACKING = threading.Lock()
NOT_FINITE = "a sum of the run is not finite"


class WorkerError(QicsimError):
    """A worker that would give other numbers: it has another version of the code, or other data files."""


@dataclass(frozen=True)
class Facts:
    """What all tasks of a study share.

    `data` holds the digests of each scenario's data files, `since` the month (absolute) from which levers of points
    hold.
    """

    scenarios: tuple[Scenario, ...]
    data: tuple[dict[str, str], ...]
    layout: Layout
    seed: int
    levers: tuple[str, ...]
    since: int | None
    code: str

    def packed(self) -> bytes:
        """The facts as bytes that travel with every task."""
        return zlib.compress(pickle.dumps(self))


class Task(NamedTuple):
    """Some runs: for each its scenario, the values of all parameters, the settings of levers, draw and replicate."""

    facts: bytes
    scenario: np.ndarray
    values: np.ndarray
    settings: np.ndarray
    draw: np.ndarray
    replicate: np.ndarray


class Outcome(NamedTuple):
    """Records (n, size), the cause of failure of each run ("" for none), and the seconds that the runs took."""

    values: np.ndarray
    causes: tuple[str, ...]
    seconds: float


def perform(task: Task) -> Outcome:
    """Run a task; a run that fails leaves its cause and does not disturb the others.

    Raises WorkerError where code or data are not those of the process that gave out the task.
    """
    bench = _bench(task.facts)
    runs = len(task.scenario)
    raw, causes, seconds = bench.facts.layout.allocate(runs), [""] * runs, 0.0
    for run in range(runs):
        try:
            arm = bench.arm(int(task.scenario[run]))
            began = time.perf_counter()
            arm.run(raw, run, task)
            seconds += time.perf_counter() - began
        except WorkerError:
            raise
        except Exception as error:  # noqa: BLE001 whatever a run raises belongs to that run
            causes[run] = f"{type(error).__name__}: {error}"
    for run, fine in enumerate(_finite(raw)):
        causes[run] = causes[run] or ("" if fine else NOT_FINITE)
    return Outcome(bench.facts.layout.values(raw), tuple(causes), seconds)


def _finite(raw: Raw) -> np.ndarray:
    """Whether every sum of a run is a finite number; (n,)."""
    return np.logical_and.reduce([np.isfinite(part).reshape(len(part), -1).all(axis=1) for part in raw])


@dataclass(frozen=True, eq=False)
class _Place:
    """A world with what its runs read, and buffers for each thread."""

    world: World
    recording: Recording
    local: threading.local = field(default_factory=threading.local)

    def buffers(self) -> tuple[State, Luck, Reading]:
        """A state, luck and a reading of this thread."""
        if not hasattr(self.local, "buffers"):
            setting = self.world.setting
            self.local.buffers = (allocate_state(setting), allocate_luck(setting, kept=False),
                                  allocate_reading(setting, self.recording))
        return self.local.buffers


@dataclass(frozen=True, eq=False)
class _Arm:
    """A scenario, ready to run at any point by any thread."""

    scenario: Scenario
    place: _Place
    levers: np.ndarray
    facts: Facts

    def run(self, raw: Raw, run: int, task: Task) -> None:
        """One run of a task, added up in `raw`."""
        state, luck, reading = self.place.buffers()
        values = with_fixed(task.values[run:run + 1], self.scenario.parameters)
        simulate(self.place.world.setting, self._levers_at(task.settings[run]), self.scenario.structure,
                 parameter_sets(Parameters, values)[0],
                 noise_key(self.facts.seed, int(task.draw[run]), int(task.replicate[run])), state, luck,
                 self.place.recording, reading)
        self.facts.layout.note(raw, run, reading)

    def _levers_at(self, settings: np.ndarray) -> np.ndarray:
        """The scenario's levers, changed as a point says."""
        if self.facts.since is None or np.isnan(settings).all():
            return self.levers
        changed = self.levers.copy()
        for name, value in zip(self.facts.levers, settings, strict=True):
            if not np.isnan(value):
                changed[name][self.facts.since - self.scenario.start:] = value
        return changed


@dataclass(frozen=True, eq=False)
class _Bench:
    """The scenarios of a study in this process, made when they are first needed."""

    facts: Facts
    arms: dict[int, _Arm] = field(default_factory=dict)
    places: dict[Any, _Place] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def arm(self, number: int) -> _Arm:
        """The scenario with this number."""
        with self.lock:
            if number not in self.arms:
                scenario = self.facts.scenarios[number]
                if data_digests(scenario) != self.facts.data[number]:
                    raise WorkerError(f'a data file of "{scenario.name}" is not what it was when the work was given '
                                      "out, or differs on this worker")
                self.arms[number] = _Arm(scenario, self._place(scenario), lever_table(scenario.levers), self.facts)
            return self.arms[number]

    def _place(self, scenario: Scenario) -> _Place:
        """The world of a scenario; scenarios that differ in nothing that a world is built from share it."""
        built_from = (tuple(data_files(scenario).values()), scenario.start, scenario.months, scenario.provinces,
                      scenario.pbf_since)
        if built_from not in self.places:
            world = build_world(scenario)
            self.places[built_from] = _Place(world, self.facts.layout.recording(world.setting.facility))
        return self.places[built_from]


def _bench(packed: bytes) -> _Bench:
    """The bench of these facts: one for all threads."""
    with _UNPACKING:
        return _unpacked(packed)


@lru_cache(maxsize=STUDIES_HELD)
def _unpacked(packed: bytes) -> _Bench:
    facts: Facts = pickle.loads(zlib.decompress(packed))  # noqa: S301 from the process that sent the task itself
    if facts.code != code_digest():
        raise WorkerError("a worker has another version of qicsim, numba, numpy, networkx or Python than the process "
                          "that gives it work; install the same on both")
    return _Bench(facts)
