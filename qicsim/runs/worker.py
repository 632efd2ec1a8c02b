"""The worker's side: a task names runs by plain values, the worker has the worlds, the outcome is plain values again.

A task carries the facts of the design as bytes. A worker unpacks them once, builds each world once, shares it between
scenarios that differ in levers only, and keeps both for the tasks that follow. Runs of a task that share world,
structure, parameters and luck are simulated together, branch by branch (`qicsim.runs.branches`).
"""

from __future__ import annotations

import pickle
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np

from qicsim.ground.declare import parameter_sets
from qicsim.ground.errors import QicsimError
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.world.build import World, data_files, unordered_world
from qicsim.model.columns import Setting
from qicsim.model.parameters import Parameters
from qicsim.model.simulate import Reading, noise_key
from qicsim.runs.blocks import Block, Recorder
from qicsim.runs.branches import Branch, Buffers, Side, branches_of, sides_of
from qicsim.runs.draws import with_fixed
from qicsim.runs.identity import code_digest, data_digests

DESIGNS_HELD = 4
_UNPACKING = threading.Lock()
NOT_FINITE = "a sum of the run is not finite"


class WorkerError(QicsimError):
    """A worker that would give other numbers: it has another version of the code, or other data files."""


@dataclass(frozen=True)
class Facts:
    """What all tasks of a design share.

    `data` holds the digests of each scenario's data files, `blocks` what is recorded of its runs, `since` the month
    (absolute) from which levers of points hold.
    """

    scenarios: tuple[Scenario, ...]
    data: tuple[dict[str, str], ...]
    blocks: tuple[tuple[Block, ...], ...]
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


class Part(NamedTuple):
    """Runs of a task (by number) of one extent, with the numbers (n, ...) of each block."""

    runs: np.ndarray
    scenario: int
    values: tuple[np.ndarray, ...]


class Outcome(NamedTuple):
    """What was recorded, the cause of failure of each run ("" for none), and the seconds that the runs took."""

    parts: tuple[Part, ...]
    causes: tuple[str, ...]
    seconds: float


def perform(task: Task) -> Outcome:
    """Run a task; a run that fails leaves its cause and does not disturb the others.

    Raises WorkerError where code or data are not those of the process that gave out the task.
    """
    return _Work(_bench(task.facts), task).done()


@dataclass(frozen=True, eq=False)
class _Place:
    """A world with what its runs record, and buffers for each thread."""

    world: World
    recorder: Recorder
    local: threading.local = field(default_factory=threading.local)

    def buffers(self) -> Buffers:
        """The buffers of this thread."""
        if not hasattr(self.local, "buffers"):
            recorder = self.recorder
            self.local.buffers = Buffers.of(self.world.setting, recorder.recording, recorder.asked,
                                            quarters=recorder.quarters)
        return self.local.buffers


@dataclass(frozen=True, eq=False)
class _Arm:
    """A scenario, ready to run at any point by any thread.

    `levers` is one table, or that of each side of a fork; `setting` is the place's, in the scenario's own order.
    """

    scenario: Scenario
    place: _Place
    levers: tuple[np.ndarray, ...]
    setting: Setting


@dataclass(frozen=True, eq=False)
class _Bench:
    """The scenarios of a design in this process, made when they are first needed."""

    facts: Facts
    arms: dict[int, _Arm] = field(default_factory=dict)
    places: dict[Any, _Place] = field(default_factory=dict)
    trees: dict[tuple[int, ...], Branch] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def arm(self, number: int) -> _Arm:
        """The scenario with this number."""
        with self.lock:
            if number not in self.arms:
                scenario = self.facts.scenarios[number]
                if data_digests(scenario) != self.facts.data[number]:
                    raise WorkerError(f'a data file of "{scenario.name}" is not what it was when the work was given '
                                      "out, or differs on this worker")
                place = self._place(scenario, self.facts.blocks[number])
                self.arms[number] = _Arm(scenario, place, scenario.tables, place.world.in_order(scenario).setting)
            return self.arms[number]

    def tree(self, numbers: Sequence[int], branching: Callable[[], Branch]) -> Branch:
        """The branches of some scenarios at their own levers."""
        key = tuple(numbers)
        if key not in self.trees:
            self.trees[key] = branching()
        return self.trees[key]

    def _place(self, scenario: Scenario, blocks: tuple[Block, ...]) -> _Place:
        """The world of a scenario; scenarios that differ in nothing that a world is built from share it."""
        key = (built_from(scenario), blocks)
        if key not in self.places:
            world = built_world(replace(scenario, districts=()))
            self.places[key] = _Place(world, Recorder(world.setting, scenario.start, world.areas.keys, blocks))
        return self.places[key]


@dataclass(eq=False)
class _Work:
    """A task at work: what was recorded of each run, and why others failed."""

    bench: _Bench
    task: Task
    recorded: dict[int, tuple[np.ndarray, ...]] = field(default_factory=dict)
    causes: dict[int, str] = field(default_factory=dict)

    def done(self) -> Outcome:
        """Do the task."""
        arms, seconds = self._arms(), 0.0
        for runs in self._together(arms):
            began = time.thread_time()
            try:
                self._run(runs, arms)
            except Exception:  # noqa: BLE001 which of them it was is found by running each alone
                self._run_each(runs, arms)
            seconds += time.thread_time() - began
        causes = tuple(self.causes.get(run, "") for run in range(len(self.task.scenario)))
        return Outcome(tuple(self._parts(arms)), causes, seconds)

    def _arms(self) -> dict[int, _Arm]:
        """The scenarios that can be run, by number; a scenario that cannot be leaves the cause with its runs."""
        arms = {}
        for number in dict.fromkeys(self.task.scenario.tolist()):
            try:
                arms[number] = self.bench.arm(number)
            except WorkerError:
                raise
            except Exception as error:  # noqa: BLE001 whatever a world raises belongs to its runs
                self.causes |= {int(run): f"{type(error).__name__}: {error}"
                                for run in np.flatnonzero(self.task.scenario == number)}
        return arms

    def _together(self, arms: dict[int, _Arm]) -> list[list[int]]:
        """Runs that share world, structure, parameters and luck, in the order of the task."""
        groups: dict[Any, list[int]] = {}
        for run, number in enumerate(self.task.scenario.tolist()):
            if number in arms:
                scenario = arms[number].scenario
                key = (id(arms[number].place), scenario.structure, tuple(sorted(scenario.parameters.items())),
                       self.task.values[run].tobytes(), int(self.task.draw[run]), int(self.task.replicate[run]))
                groups.setdefault(key, []).append(run)
        return list(groups.values())

    def _run(self, runs: list[int], arms: dict[int, _Arm]) -> None:
        """Simulate runs that belong together, branch by branch."""
        task, first = self.task, runs[0]
        numbers = [int(task.scenario[run]) for run in runs]
        arm = arms[numbers[0]]
        own = task.settings.shape[1] == 0 or np.isnan(task.settings[runs]).all()
        levers, settings, sides, of = list[np.ndarray](), list[Setting](), list[Side | None](), list[int]()
        for run, number in zip(runs, numbers, strict=True):
            tables, own_sides = self._levers_of(arms[number], run), sides_of(arms[number].scenario)
            levers += tables
            settings += [arms[number].setting] * len(tables)
            sides += own_sides
            of += [run] * len(tables)
        parameters = parameter_sets(Parameters, with_fixed(task.values[first:first + 1], arm.scenario.parameters))[0]
        key = noise_key(self.bench.facts.seed, int(task.draw[first]), int(task.replicate[first]))

        def finish(some: tuple[int, ...], reading: Reading) -> None:
            values = arm.place.recorder.copies(reading)
            for number in some:
                self.recorded[of[number]] = values
                self.causes[of[number]] = "" if values else NOT_FINITE

        branching = partial(branches_of, levers, settings, sides)
        tree = self.bench.tree(numbers, branching) if own else branching()
        arm.place.buffers().run_all(tree, levers, (arm.scenario.structure, parameters, key), finish, settings=settings,
                                    sides=sides)

    def _run_each(self, runs: list[int], arms: dict[int, _Arm]) -> None:
        for run in runs:
            try:
                self._run([run], arms)
            except Exception as error:  # noqa: BLE001 whatever a run raises belongs to that run
                self.causes[run] = f"{type(error).__name__}: {error}"

    def _levers_of(self, arm: _Arm, run: int) -> list[np.ndarray]:
        return [levers_at(table, arm.scenario.start, self.bench.facts, self.task.settings[run]) for table in arm.levers]

    def _parts(self, arms: dict[int, _Arm]) -> list[Part]:
        """What was recorded, runs of one extent and of the same blocks together."""
        groups: dict[int, list[int]] = {}
        for run in sorted(self.recorded):
            if not self.causes[run]:
                groups.setdefault(id(arms[int(self.task.scenario[run])].place), []).append(run)
        return [Part(np.array(runs), int(self.task.scenario[runs[0]]),
                     tuple(np.stack(column) for column in zip(*(self.recorded[run] for run in runs), strict=True)))
                for runs in groups.values()]


def levers_at(levers: np.ndarray, start: int, facts: Facts, settings: np.ndarray) -> np.ndarray:
    """A scenario's levers, changed as a point says from the month `since` on."""
    if facts.since is None or np.isnan(settings).all():
        return levers
    changed = levers.copy()
    for name, value in zip(facts.levers, settings, strict=True):
        if not np.isnan(value):
            changed[name][facts.since - start:] = value
    return changed


def built_from(scenario: Scenario) -> tuple[Any, ...]:
    """What the world of a scenario is built from, hashable, but for the order of districts."""
    return (tuple(data_files(scenario).values()), scenario.start, scenario.months, scenario.provinces,
            scenario.pbf_since, scenario.pbf_bill, scenario.structure.nqem, scenario.country)


_WORLDS: dict[Any, World] = {}
_BUILDING = threading.Lock()
WORLDS_HELD = 4


def built_world(scenario: Scenario) -> World:
    """The world of a scenario as its files are now; scenarios that differ in nothing that it is built from share it.

    Where they list districts, all but the table of districts is shared.
    """
    key = (built_from(scenario), tuple(data_digests(scenario).values()))
    with _BUILDING:
        if key not in _WORLDS:
            while len(_WORLDS) >= WORLDS_HELD:
                _WORLDS.pop(next(iter(_WORLDS)))
            _WORLDS[key] = unordered_world(scenario)
        return _WORLDS[key].in_order(scenario)


def _bench(packed: bytes) -> _Bench:
    """The bench of these facts: one for all threads."""
    with _UNPACKING:
        return _unpacked(packed)


@lru_cache(maxsize=DESIGNS_HELD)
def _unpacked(packed: bytes) -> _Bench:
    facts: Facts = pickle.loads(zlib.decompress(packed))  # noqa: S301 from the process that sent the task itself
    if facts.code != code_digest():
        raise WorkerError("a worker has another version of qicsim, numba, numpy, networkx or Python, or other "
                          "extensions (QICSIM_EXTEND), than the process that gives it work; have the same on both")
    return _Bench(facts)
