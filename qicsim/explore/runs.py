"""Runs for a page that waits: each draw's past is lived once and kept, and a change of a lever runs the years after it.

The reference and all plans of the page agree until its first year. Their state in that month is kept for every draw
(some 1.2 MB each for the whole country), so that a plan takes the months after it alone. Assumptions that change the
past have pasts and a reference of their own. What was run is kept by its levers, for the latest plans.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar

import numpy as np

from qicsim.explore.controls import ENVELOPE, LINES, SHARES, Ask, Country, Plan, Target
from qicsim.ground.translatable import tell
from qicsim.inputs.country import plan_start
from qicsim.inputs.scenario import Scenario, load_scenario
from qicsim.inputs.world.build import World
from qicsim.model.columns import COST_LINES, UNIT_COSTS
from qicsim.model.levers import NO_CEILING, lever_table
from qicsim.model.simulate import noise_key
from qicsim.runs.assumptions import EFFICACY, named, under
from qicsim.runs.blocks import PROVINCE_COLUMNS, YEAR, Block, Recorder
from qicsim.runs.branches import Buffers
from qicsim.runs.draws import Draws, names
from qicsim.runs.ensemble import RunError
from qicsim.runs.executors import threads, workers_of
from qicsim.runs.runner import Runner

STAGES = (8, 16, 32, 64)
"""After so many draws a page is told what is known; beyond, after all."""
BATCH = 8
"""Draws that are given out at a time, so that another tab need not wait for all draws of this one."""
COUNTRIES_KEPT, ARMS_KEPT = 2, 16
NATION = ("facilities", "ever", "active", "true", "recorded", "true_80", "recorded_80", "people_true_80")
COACHES = ("at_work", "needed")
BLOCKS = (*(Block("nation", name, YEAR, 4) for name in NATION),
          *(Block("whole_province", name, YEAR, 4) for name in PROVINCE_COLUMNS),
          Block("cost", "all", YEAR, 4), *(Block("coaches", name, YEAR, 4) for name in COACHES))
T = TypeVar("T")


class Record(NamedTuple):
    """What is kept of a run, by year.

    nation    float32 (years, 4, NATION)  sums by kind and status
    province  float32 (years, provinces, PROVINCE_COLUMNS)
    money     float64 (years, lines, payers)  US$ in the year
    coaches   float64 (years, COACHES)  of all districts
    """

    nation: np.ndarray
    province: np.ndarray
    money: np.ndarray
    coaches: np.ndarray


@dataclass(eq=False)
class Arm:
    """Runs of one table of levers; `setting` is another than the country's where other prices change what happens."""

    levers: np.ndarray
    setting: Any
    records: list[Record | None]

    def first(self, runs: int) -> Record:
        """The records of the first runs, stacked."""
        found = [one for one in self.records[:runs] if one is not None]
        return Record(*(np.stack(part) for part in zip(*found, strict=True)))


@dataclass(eq=False)
class Lived:
    """The country under one set of assumptions, with the past of each draw as far as it was lived.

    scenario    the reference, as it is assumed
    parameters  of each draw, as compiled code takes them
    since       months of the past
    """

    scenario: Scenario
    draws: Draws
    world: World
    recorder: Recorder
    parameters: np.ndarray
    levers: np.ndarray
    since: int
    seed: int
    pasts: list[tuple[np.ndarray, ...] | None]
    before: list[tuple[np.ndarray, ...] | None]
    locks: tuple[threading.Lock, ...]
    local: threading.local = field(default_factory=threading.local)

    @staticmethod
    def of(scenario: Scenario, draws: Draws, since: int, seed: int) -> Lived:
        """A country in which nothing was lived; `since` is an absolute month. InputError kinds for its data files."""
        runner, n = Runner.of(scenario), len(draws)
        recorder = Recorder(runner.world.setting, scenario.start, runner.world.areas.keys, BLOCKS)
        return Lived(scenario, draws, runner.world, recorder, runner.parameter_sets(draws), runner.levers,
                     since - scenario.start, seed, [None] * n, [None] * n, tuple(threading.Lock() for _ in range(n)))

    @property
    def years_before(self) -> int:
        """Years of the past."""
        return -(-self.since // 12)

    def ready(self) -> None:
        """Have the model compiled."""
        self._new_buffers().live(self.levers, self._fixed(0), 0, 0)

    def _fixed(self, draw: int) -> tuple[Any, ...]:
        return self.scenario.structure, self.parameters[draw], noise_key(self.seed, draw, 0)

    def live(self, draw: int, arms: Sequence[Arm]) -> None:
        """Run a draw of each arm that lacks it; RunError where a run gives no numbers."""
        with self.locks[draw]:
            lacking = [arm for arm in arms if arm.records[draw] is None]
            if not lacking:
                return
            buffers, fixed, past = self._buffers(), self._fixed(draw), self.pasts[draw]
            if past is None:
                buffers.setting = self.world.setting
                buffers.live(self.levers, fixed, 0, self.since)
                self.before[draw] = tuple(part[:self.years_before] for part in self._read(buffers))
                past = self.pasts[draw] = buffers.copied()
            for arm in lacking:
                buffers.bring_back(past)
                buffers.setting = arm.setting
                buffers.live(arm.levers, fixed, self.since, len(arm.levers))
                arm.records[draw] = self._record(draw, self._read(buffers))

    def _buffers(self) -> Buffers:
        if not hasattr(self.local, "buffers"):
            self.local.buffers = self._new_buffers()
        return self.local.buffers

    def _new_buffers(self) -> Buffers:
        return Buffers.of(self.world.setting, self.recorder.recording, self.recorder.asked)

    def _read(self, buffers: Buffers) -> tuple[np.ndarray, ...]:
        values = self.recorder.copies(buffers.reading)
        if not values:
            raise RunError("A run gave no numbers: a sum is not finite.")
        return values

    def _record(self, draw: int, own: tuple[np.ndarray, ...]) -> Record:
        """The record of a run: its past as it was read then, its own years after it."""
        before = self.before[draw]
        assert before is not None  # noqa: S101 read with the past
        parts = [np.concatenate([past, now[self.years_before:]]) for past, now in zip(before, own, strict=True)]
        nation, provinces = len(NATION), len(NATION) + len(PROVINCE_COLUMNS)
        spent = np.diff(parts[provinces].astype(float), axis=0, prepend=0.0).sum(axis=(1, 2))
        coaches = [part.sum(axis=1, dtype=float) for part in parts[provinces + 1:]]
        return Record(np.stack(parts[:nation], axis=-1), np.stack(parts[nation:provinces], axis=-1), spent,
                      np.stack(coaches, axis=-1))


@dataclass(frozen=True, eq=False)
class Job:
    """What a page asks, ready to run: the country, scenarios, and runs of the reference and of its plans by name."""

    ask: Ask
    lived: Lived
    scenarios: Mapping[str, Scenario]
    arms: Mapping[str, Arm]

    def missing(self, runs: int) -> list[int]:
        """The draws among the first ones that some arm lacks."""
        return [draw for draw in range(runs) if any(arm.records[draw] is None for arm in self.arms.values())]

    def factors(self) -> np.ndarray:
        """By how much lines of spending are dearer than in the runs, (lines,)."""
        found = np.ones(len(COST_LINES))
        for key, factor in self.ask.costs.items():
            found[LINES[key][0]] = factor
        return found


class Runs:
    """All runs of a session, on threads of its own; every method may be called from any thread."""

    def __init__(self, country: Country, draws: Draws, *, seed: int, workers: int | None = None) -> None:
        """Prepare to run; nothing is run yet."""
        self.country, self.draws, self.seed = country, draws, seed
        self.executor = threads(workers)
        self.titles = {name: country.reference.title if name == country.reference.name else load_scenario(name).title
                       for name in country.presets}
        self._lock = threading.Lock()
        self._lived: OrderedDict[tuple[str, ...], Lived] = OrderedDict()
        self._arms: OrderedDict[tuple[Any, ...], Arm] = OrderedDict()

    @property
    def stages(self) -> tuple[int, ...]:
        """After how many draws a page is told what is known."""
        n = len(self.draws)
        return (*(stage for stage in STAGES if stage < n), n)

    def begin(self) -> None:
        """Begin to live the pasts of all draws, and the reference, behind what pages ask meanwhile.

        What is not compiled yet is compiled first, here, where Ctrl-C can end it.
        """
        self.lived(()).ready()
        job = self.job(Ask({}, (), None, {}, Target(0.0, plan_start())))
        left = iter(range(len(self.draws)))

        def go_on(_: object = None) -> None:
            draw = next(left, None)
            if draw is not None:
                with suppress(RuntimeError):  # the session has ended
                    self.submit(job, draw, _never).add_done_callback(go_on)

        for _ in range(workers_of(self.executor)):
            go_on()

    def job(self, ask: Ask) -> Job:
        """What is asked, ready to run; SettingError for a plan that cannot be."""
        lived = self.lived(ask.assumptions)
        scenarios = {"": self._limited(lived.scenario, ask.envelope)}
        for key, plan in ask.plans.items():
            made = self.country.scenario(plan, f"what-if-{key.lower()}", self.title(plan))
            scenarios[key] = self._limited(replace(made, structure=lived.scenario.structure), ask.envelope)
        return Job(ask, lived, scenarios, {key: self._arm(ask, lived, one) for key, one in scenarios.items()})

    def title(self, plan: Plan) -> str:
        """What a plan is called."""
        title = self.titles[plan.preset]
        return tell("{plan}, changed", plan=tell(title)) if plan.changed else title

    def submit(self, job: Job, draw: int, stopped: Callable[[], bool]) -> Future[None]:
        """Run a draw of a job on a thread, unless it is stopped by then."""
        return self.executor.submit(_live, job, draw, stopped)

    def finish(self, job: Job, runs: int | None = None) -> None:
        """Run the first draws of a job, or all."""
        for one in [self.submit(job, draw, _never) for draw in job.missing(len(self.draws) if runs is None else runs)]:
            one.result()

    def lived(self, assumptions: tuple[str, ...]) -> Lived:
        """The country under assumptions; the one as simulated is always kept, and the latest other one."""
        with self._lock:
            if assumptions not in self._lived:
                scenario, draws = self.assumed(assumptions)
                self._lived[assumptions] = Lived.of(scenario, draws, self.country.since, self.seed)
            self._lived.move_to_end(assumptions)
            self._lived.move_to_end((), last=False) if () in self._lived else None
            while len(self._lived) > COUNTRIES_KEPT:
                gone = next(key for key in self._lived if key)
                del self._lived[gone]
                self._arms = OrderedDict((key, arm) for key, arm in self._arms.items() if key[0] != gone)
            return self._lived[assumptions]

    def assumed(self, assumptions: tuple[str, ...]) -> tuple[Scenario, Draws]:
        """The reference and the draws under assumptions, one after the other."""
        scenario, draws = self.country.reference, self.draws
        for key in assumptions:
            if key in SHARES:
                values = draws.values.copy()
                values[:, names().index(EFFICACY)] *= SHARES[key]
                draws = replace(draws, values=values)
            else:
                (scenario,), draws = under(named(key), [scenario], draws, self.seed)
        return scenario, draws

    def _limited(self, scenario: Scenario, envelope: float | None) -> Scenario:
        if envelope is None:
            return scenario
        limited = np.array(scenario.levers.pbf_envelope)
        limited[self.country.since - scenario.start:] = envelope
        return scenario.with_levers(scenario.levers._replace(**{ENVELOPE: limited}))  # type: ignore[arg-type]

    def _arm(self, ask: Ask, lived: Lived, scenario: Scenario) -> Arm:
        """The runs of a scenario, those of before where its levers were run, and prices that change what happens."""
        levers = lever_table(scenario.levers)
        capped = bool((np.asarray(scenario.levers.budget)[lived.since:] < NO_CEILING).any())
        priced = tuple(sorted(ask.costs.items())) if capped else ()
        key = (ask.assumptions, levers.tobytes(), priced)
        with self._lock:
            if key not in self._arms:
                setting = _priced(lived.world.setting, ask.costs) if priced else lived.world.setting
                self._arms[key] = Arm(levers, setting, [None] * len(self.draws))
            self._arms.move_to_end(key)
            while len(self._arms) > ARMS_KEPT:
                self._arms.popitem(last=False)
            return self._arms[key]


def _live(job: Job, draw: int, stopped: Callable[[], bool]) -> None:
    if not stopped():
        job.lived.live(draw, list(job.arms.values()))


def _never() -> bool:
    return False


def _priced(setting: Any, costs: Mapping[str, float]) -> Any:
    """The setting with dearer or cheaper unit costs."""
    money = setting.money.copy()
    for key, factor in costs.items():
        for one in LINES[key][1]:
            money["unit_cost"][0, UNIT_COSTS.index(one)] *= factor
    return setting._replace(money=money)
