"""The model as a function of points of the unit cube: what every adapter calls.

    evaluator = Evaluator.of("national-2030", parameter_factors(["pdsa.k_item"]), [Output("true", quarter="2030Q4")])
    outputs = evaluator.outputs(points)          {name: (points, replicates)} or (points, replicates, quarters)

**Luck.** The number of a point's luck is made from what is uncertain in it, so that the model stays a function: the
same point gives the same result, alone or among others, in any order and process. Points that differ in levers alone
are policies of one future and share its luck. `on_stream(1)`, `on_stream(2)`, ... are further replicates of everything.

An evaluator can be pickled: it travels as its scenario, and its world is built once more in each process, from the same
data files.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from qicsim.analysis.factors import DummyFactor, Factor, LeverFactor, ValueFactor, check_factors, parameter_draws
from qicsim.analysis.levers import scenarios_of
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.ground.shown import Shown
from qicsim.inputs.scenario import Scenario, load_scenario
from qicsim.model.levers import lever_table
from qicsim.model.simulate import REPLICATES_PER_DRAW, Reading, noise_key
from qicsim.runs.blocks import Recorder, standard
from qicsim.runs.branches import Buffers
from qicsim.runs.draws import MOST_DRAWS
from qicsim.runs.ensemble import kept_of
from qicsim.runs.executors import in_threads
from qicsim.runs.identity import code_digest, data_digests
from qicsim.runs.readout import known_of, values_of
from qicsim.runs.runner import Runner
from qicsim.runs.sums import GROUP_ROWS
from qicsim.runs.worker import WorkerError


@dataclass(frozen=True)
class Output:
    """An indicator of a group of facilities in a quarter ("2030Q4"), or in all of them."""

    indicator: str
    quarter: str | None = None
    group: str = "all"

    @property
    def name(self) -> str:
        """Its name in results: a Python identifier."""
        group = "" if self.group == "all" else self.group
        return "_".join(part for part in (self.indicator, group, self.quarter) if part).replace(" ", "_")


@dataclass(frozen=True, eq=False, repr=False)
class Evaluator(Shown):
    """A scenario whose factors are coordinates of the unit cube; `runner` is the scenario ready to run.

    `data` holds the digests of the data files that its world was built from. `stream` numbers the replicates: stream 0
    has the first `replicates` of them, stream 1 the next, and so on.
    """

    runner: Runner
    data: dict[str, str]
    factors: tuple[Factor, ...]
    wanted: tuple[Output, ...]
    replicates: int
    seed: int
    workers: int
    stream: int = 0

    @staticmethod
    def of(scenario: str | Path | Scenario, factors: Sequence[Factor], wanted: Sequence[Output], *,
           replicates: int = 1, seed: int = 1, workers: int | None = None, until: str | None = None,
           stream: int = 0) -> Evaluator:
        """An evaluator; SettingError for factors or outputs that do not exist, InputError kinds for the scenario."""
        resolved = scenario if isinstance(scenario, Scenario) else load_scenario(scenario, horizon_end=until)
        check_factors(factors)
        evaluator = Evaluator(Runner.of(resolved), data_digests(resolved), tuple(factors), tuple(wanted),
                              replicates, seed, workers or os.cpu_count() or 1, stream)
        _check(evaluator)
        return evaluator

    def on_stream(self, stream: int) -> Evaluator:
        """The same evaluator with other replicates; SettingError where there are not so many."""
        other = replace(self, stream=stream)
        _check(other)
        return other

    def __reduce__(self) -> tuple[Callable[..., Evaluator], tuple[Any, ...]]:
        """Travel as the scenario, with the digests of its data files and of the code."""
        return _arrived, (self.runner.scenario, self.data, code_digest(), self.factors, self.wanted, self.replicates,
                          self.seed, self.workers, self.stream)

    def luck_of(self, points: np.ndarray) -> list[int]:
        """The numbers of the luck of points (n, factors), below 2^20: made from all factors but levers and dummies."""
        uncertain = [column for column, one in enumerate(self.factors)
                     if not isinstance(one, LeverFactor | DummyFactor)]
        return [_number_of(row) for row in np.asarray(points, dtype=np.float64)[:, uncertain]]

    def outputs(self, points: np.ndarray, luck: Sequence[int] | None = None) -> dict[str, np.ndarray]:
        """The outputs at points (n, factors), each (n, replicates) or (n, replicates, quarters).

        `luck` are the numbers of the points' luck (`luck_of`, unless they are given; those of a design are its
        `draws`). SettingError for points of another shape or outside the unit cube.
        """
        points = np.asarray(points, dtype=float)
        if points.ndim != 2 or points.shape[1] != len(self.factors):  # noqa: PLR2004 points and factors
            raise SettingError("", [Fault("points", f"have the shape {points.shape}", f"(n, {len(self.factors)})")])
        faults = [fault for column, one in enumerate(self.factors) if not isinstance(one, ValueFactor)
                  for fault in _outside(one.name, points[:, column])]
        if faults:
            raise SettingError("", faults)
        scenarios, which = scenarios_of(self.runner.scenario, self.factors, points)
        # Levers are no part of the world: it is built once.
        runners = [replace(self.runner, scenario=one, levers=lever_table(one.levers)) for one in scenarios]
        draws = parameter_draws(self.factors, points)
        parameters = [runner.parameter_sets(draws) for runner in runners]
        adaptive = [runner.adaptive for runner in runners]
        numbers = self.luck_of(points) if luck is None else luck
        first = self.stream * self.replicates

        rows: list[list[list[np.ndarray]]] = [[]] * len(points)
        recorder = self._recorder

        def at(row: int) -> None:
            runner, own, buffers = runners[which[row]], parameters[which[row]][row], self._buffers(recorder)
            rows[row] = []
            for replicate in range(first, first + self.replicates):
                key = noise_key(self.seed, numbers[row], replicate)
                reading = buffers.run(runner.levers, (runner.scenario.structure, own, key), *adaptive[which[row]])
                rows[row].append(self._read(runner, recorder, reading))

        in_threads(at, range(len(points)), self.workers)
        return {one.name: np.array([[replicate[place] for replicate in row] for row in rows])
                for place, one in enumerate(self.wanted)}

    def means(self, points: np.ndarray, luck: Sequence[int] | None = None) -> np.ndarray:
        """Means over replicates, (n,) for one output or (n, outputs); every output must have a quarter."""
        columns = [values.mean(axis=1) for values in self.outputs(points, luck).values()]
        if any(column.ndim != 1 for column in columns):
            raise SettingError("", [Fault("outputs", "one is a series over time", "outputs of one quarter")])
        return columns[0] if len(columns) == 1 else np.column_stack(columns)

    @cached_property
    def _recorder(self) -> Recorder:
        world = self.runner.world
        return Recorder(world.setting, world.start, world.areas.keys, standard(world.areas.keys))

    @cached_property
    def _local(self) -> threading.local:
        return threading.local()

    def _buffers(self, recorder: Recorder) -> Buffers:
        """The buffers of this thread."""
        if not hasattr(self._local, "buffers"):
            self._local.buffers = Buffers.of(self.runner.world.setting, recorder.recording, recorder.asked)
        return self._local.buffers

    def _read(self, runner: Runner, recorder: Recorder, reading: Reading) -> list[np.ndarray]:
        """What is wanted of a run, read as from an ensemble of this run alone (in its precision)."""
        parts: dict[str, list[np.ndarray]] = {}
        for block, numbers in zip(recorder.blocks, recorder.copies(reading), strict=True):
            parts.setdefault(block.source, []).append(numbers[None])
        kept, read = kept_of(parts), []
        for one in self.wanted:
            series = values_of(runner, kept, one.indicator, one.group)[0]
            read.append(series if one.quarter is None else series[runner.quarters.index(one.quarter)])
        return read


def _arrived(scenario: Scenario, data: dict[str, str], code: str, *settings: Any) -> Evaluator:
    """The evaluator in another process; WorkerError where it would give other numbers."""
    if code != code_digest() or data != data_digests(scenario):
        raise WorkerError(f'"{scenario.name}" cannot be evaluated here: this process has another version of the code, '
                          "or other data files, than the one that it comes from")
    return Evaluator(Runner.of(scenario), data, *settings)


def _number_of(values: np.ndarray) -> int:
    """A number below 2^20 for values (k,)."""
    digest = hashlib.sha256(np.ascontiguousarray(values, dtype=np.float64).tobytes()).digest()
    return int.from_bytes(digest[:4], "big") % MOST_DRAWS


def _outside(name: str, coordinates: np.ndarray) -> list[Fault]:
    """A fault for coordinates (n,) that are none."""
    outside = ~((coordinates >= 0.0) & (coordinates <= 1.0))
    return [Fault(name, f"{coordinates[outside][0]:g}", "0 to 1, a probability")] if outside.any() else []


def _check(evaluator: Evaluator) -> None:
    """SettingError for outputs that the scenario does not give, and for replicates that there are not."""
    runner = evaluator.runner
    known = known_of(runner)
    faults = [] if evaluator.wanted else [Fault("outputs", "there is none", "one or more")]
    most = REPLICATES_PER_DRAW // max(evaluator.replicates, 1)
    if not 1 <= evaluator.replicates <= REPLICATES_PER_DRAW:
        faults.append(Fault("replicates", f"{evaluator.replicates}", f"1 to {REPLICATES_PER_DRAW}"))
    elif not 0 <= evaluator.stream < most:
        faults.append(Fault("stream", f"{evaluator.stream}", f"0 to {most - 1}, of {evaluator.replicates} each"))
    for one in evaluator.wanted:
        if one.indicator not in known:
            faults.append(Fault("outputs", f'"{one.indicator}" is not an indicator',
                                hint=nearest(one.indicator, known)))
        if one.group not in GROUP_ROWS:
            faults.append(Fault("outputs", f'"{one.group}" is not a group', ", ".join(GROUP_ROWS)))
        if one.quarter is not None and one.quarter not in runner.quarters:
            faults.append(Fault("outputs", f'"{one.quarter}"', f"{runner.quarters[0]} to {runner.quarters[-1]}"))
    if faults:
        raise SettingError("", faults)
