"""One scenario with its world and levers: what its runs are made from, and the names of what is read of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, format_quarter
from qicsim.ground.declare import parameter_sets
from qicsim.ground.shown import Shown
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.world.build import World
from qicsim.model import indicators as ind
from qicsim.model.levers import lever_table
from qicsim.model.parameters import Parameters
from qicsim.runs.branches import Side, sides_of
from qicsim.runs.draws import Draws, with_fixed
from qicsim.runs.worker import built_world


@dataclass(frozen=True, eq=False, repr=False)
class Runner(Shown):
    """A scenario with its world."""

    scenario: Scenario
    world: World
    levers: np.ndarray

    @property
    def adaptive(self) -> tuple[Side | None, np.ndarray | None]:
        """The side whose `levers` these are, and the levers of the other one; None for both without a fork."""
        side, *_ = sides_of(self.scenario)
        return side, None if side is None else self.scenario.tables[1]

    @staticmethod
    def of(scenario: Scenario) -> Runner:
        """The runner of a scenario; reads and checks the scenario's data files."""
        return Runner(scenario, built_world(scenario), lever_table(scenario.levers))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of a reading."""
        return tuple(indicator.name for indicator in ind.indicators(self.world.areas.keys))

    @cached_property
    def quarters(self) -> tuple[str, ...]:
        """Names of the quarters of the horizon."""
        months = range(MONTHS_PER_QUARTER - 1, self.scenario.months, MONTHS_PER_QUARTER)
        return tuple(format_quarter(self.scenario.start + month) for month in months)

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Calendar years that the horizon touches."""
        first, last = self.scenario.start, self.scenario.start + self.scenario.months - 1
        return tuple(range(first // MONTHS_PER_YEAR, last // MONTHS_PER_YEAR + 1))

    @cached_property
    def year_ends(self) -> np.ndarray:
        """The last record of each calendar year; int64 (years,)."""
        year_of = np.array([int(quarter[:4]) for quarter in self.quarters])
        return np.array([np.flatnonzero(year_of == year)[-1] for year in self.years])

    def parameter_sets(self, draws: Draws) -> np.ndarray:
        """The draws as compiled code takes them, with the scenario's fixed parameters; shape (n,)."""
        return parameter_sets(Parameters, with_fixed(draws.values, self.scenario.parameters))
