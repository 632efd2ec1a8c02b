"""The model as a function of points of the unit cube: what every adapter calls.

    evaluator = Evaluator.of("national-2030", parameter_factors(["pdsa.k_item"]), [Output("true", quarter="2030Q4")])
    outputs = evaluator.outputs(points)          {name: (points, replicates)} or (points, replicates, quarters)

Every point has luck of its own, by the number of its row or a number that is given.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from qicsim.analysis.factors import Factor, check_factors, parameter_draws
from qicsim.analysis.levers import scenarios_of
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.inputs.scenario import Scenario, load_scenario
from qicsim.model.levers import lever_table
from qicsim.model.simulate import Reading, noise_key
from qicsim.runs.blocks import Recorder, standard
from qicsim.runs.branches import Buffers
from qicsim.runs.ensemble import kept_of
from qicsim.runs.executors import in_threads
from qicsim.runs.readout import known_of, values_of
from qicsim.runs.runner import Runner
from qicsim.runs.sums import GROUP_ROWS


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


@dataclass(frozen=True, eq=False)
class Evaluator:
    """A scenario whose factors are coordinates of the unit cube; `runner` is the scenario ready to run."""

    runner: Runner
    factors: tuple[Factor, ...]
    wanted: tuple[Output, ...]
    replicates: int
    seed: int
    workers: int

    @staticmethod
    def of(scenario: str | Path | Scenario, factors: Sequence[Factor], wanted: Sequence[Output], *,
           replicates: int = 1, seed: int = 1, workers: int | None = None, until: str | None = None) -> Evaluator:
        """An evaluator; SettingError for factors or outputs that do not exist, InputError kinds for the scenario."""
        resolved = scenario if isinstance(scenario, Scenario) else load_scenario(scenario, horizon_end=until)
        check_factors(factors)
        evaluator = Evaluator(Runner.of(resolved), tuple(factors), tuple(wanted), replicates, seed,
                              workers or os.cpu_count() or 1)
        _check(evaluator)
        return evaluator

    def outputs(self, points: np.ndarray, luck: Sequence[int] | None = None) -> dict[str, np.ndarray]:
        """The outputs at points (n, factors), each (n, replicates) or (n, replicates, quarters).

        `luck` are the numbers of the points' luck; by default those of their rows.
        """
        points = np.asarray(points, dtype=float)
        if points.ndim != 2 or points.shape[1] != len(self.factors):  # noqa: PLR2004 points and factors
            raise SettingError("", [Fault("points", f"have the shape {points.shape}", f"(n, {len(self.factors)})")])
        scenarios, which = scenarios_of(self.runner.scenario, self.factors, points)
        # Levers are no part of the world: it is built once.
        runners = [replace(self.runner, scenario=one, levers=lever_table(one.levers)) for one in scenarios]
        draws = parameter_draws(self.factors, points)
        parameters = [runner.parameter_sets(draws) for runner in runners]
        numbers = range(len(points)) if luck is None else luck

        rows: list[list[list[np.ndarray]]] = [[]] * len(points)
        recorder = self._recorder

        def at(row: int) -> None:
            runner, own, buffers = runners[which[row]], parameters[which[row]][row], self._buffers(recorder)
            rows[row] = []
            for replicate in range(self.replicates):
                key = noise_key(self.seed, numbers[row], replicate)
                reading = buffers.run(runner.levers, (runner.scenario.structure, own, key))
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


def _check(evaluator: Evaluator) -> None:
    """SettingError for outputs that the scenario does not give."""
    runner = evaluator.runner
    known = known_of(runner)
    faults = [] if evaluator.wanted else [Fault("outputs", "there is none", "one or more")]
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
