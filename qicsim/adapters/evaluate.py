"""The model as a function of points of the unit cube: what every adapter calls.

    evaluator = Evaluator.of("national-2030", parameter_factors(["pdsa.k_item"]), [Output("true", quarter="2030Q4")])
    outputs = evaluator.outputs(points)          {name: (points, replicates)} or (points, replicates, quarters)

Every point has luck of its own, by the number of its row or a number that is given.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from qicsim.analysis.factors import Factor, check_factors, parameter_draws
from qicsim.analysis.levers import scenarios_of
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.inputs.scenario import Scenario, load_scenario
from qicsim.model.levers import lever_table
from qicsim.runs.draws import Draws
from qicsim.runs.ensemble import Ensemble
from qicsim.runs.readout import known_indicators, values
from qicsim.runs.runner import Kept, Runner
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

        def at(row: int) -> list[list[np.ndarray]]:
            runner, own = runners[which[row]], parameters[which[row]][row]
            return [self._read(runner, runner.run(own, self.seed, numbers[row], replicate))
                    for replicate in range(self.replicates)]

        with ThreadPoolExecutor(self.workers) as pool:
            rows = list(pool.map(at, range(len(points))))
        return {one.name: np.array([[replicate[place] for replicate in row] for row in rows])
                for place, one in enumerate(self.wanted)}

    def means(self, points: np.ndarray, luck: Sequence[int] | None = None) -> np.ndarray:
        """Means over replicates, (n,) for one output or (n, outputs); every output must have a quarter."""
        columns = [values.mean(axis=1) for values in self.outputs(points, luck).values()]
        if any(column.ndim != 1 for column in columns):
            raise SettingError("", [Fault("outputs", "one is a series over time", "outputs of one quarter")])
        return columns[0] if len(columns) == 1 else np.column_stack(columns)

    def _read(self, runner: Runner, kept: Kept) -> list[np.ndarray]:
        """What is wanted of a run, read as from an ensemble of this run alone (in its precision)."""
        alone = Kept(*(part[None].astype(np.float32) for part in kept))
        ensemble = Ensemble({"it": runner}, {"it": alone}, Draws(np.empty((1, 0)), ""), 1, self.seed)
        told = []
        for one in self.wanted:
            series = values(ensemble, "it", one.indicator, one.group)[0]
            told.append(series if one.quarter is None else series[runner.quarters.index(one.quarter)])
        return told


def _check(evaluator: Evaluator) -> None:
    """SettingError for outputs that the scenario does not give."""
    runner = evaluator.runner
    known = known_indicators(Ensemble({"it": runner}, {}, Draws(np.empty((1, 0)), ""), 1, evaluator.seed))
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
