"""One scenario, ready to run: its world and levers, and what is kept of a run.

Kept of each run (float32): sums of the nation by quarter, kind and QIC status; the programme's indicators by quarter; a
few sums by province and year; cost by year, province, kind, line and payer.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, format_quarter
from qicsim.ground.declare import parameter_sets
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.world.build import World, build_world
from qicsim.model import indicators as ind
from qicsim.model.columns import COST_LINES, PAYERS
from qicsim.model.levers import lever_table
from qicsim.model.luck import Luck, allocate_luck
from qicsim.model.parameters import Parameters
from qicsim.model.simulate import (
    Reading,
    Recording,
    State,
    allocate_reading,
    allocate_state,
    noise_key,
    simulate,
)
from qicsim.runs.draws import Draws, with_fixed

GROUPS = ("health_centre never", "health_centre ever", "referral_hospital never", "referral_hospital ever")
PROVINCE_COLUMNS = ("facilities", "ever", "active", "true", "recorded", "true_80", "recorded_80", "people",
                    "people_true_80", "people_recorded_80")


class Kept(NamedTuple):
    """What is kept of a run, or of many: then every array has the runs as its first axis."""

    nation: np.ndarray
    programme: np.ndarray
    province: np.ndarray
    cost: np.ndarray


Shapes = tuple[tuple[int, ...], ...]
"""The shape of each array of `Kept`, in order."""


@dataclass(frozen=True, eq=False)
class Runner:
    """A scenario with its world, compiled and ready; `run` may be called from any number of threads."""

    scenario: Scenario
    world: World
    levers: np.ndarray
    recording: Recording
    local: threading.local

    @staticmethod
    def of(scenario: Scenario) -> Runner:
        """The runner of a scenario; reads and checks the scenario's data files."""
        world = build_world(scenario)
        place = np.ascontiguousarray(world.setting.facility["province"])
        return Runner(scenario, world, lever_table(scenario.levers), Recording(MONTHS_PER_QUARTER, place, True),
                      threading.local())

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

    def shapes(self) -> Shapes:
        """Shapes of what is kept of one run."""
        provinces = len(self.world.provinces)
        return ((len(self.quarters), len(GROUPS), len(self.columns)), (len(self.quarters), len(ind.PROGRAMME)),
                (len(self.years), provinces, len(PROVINCE_COLUMNS)),
                (len(self.years), provinces, 2, len(COST_LINES), len(PAYERS)))

    def parameter_sets(self, draws: Draws) -> np.ndarray:
        """The draws as compiled code takes them, with the scenario's fixed parameters; shape (n,)."""
        return parameter_sets(Parameters, with_fixed(draws.values, self.scenario.parameters))

    def run(self, parameters: np.void, seed: int, draw: int, replicate: int) -> Kept:
        """One run: what is to be kept of it, in buffers that this thread fills again with its next run (copy it)."""
        state, luck, reading = self._buffers()
        simulate(self.world.setting, self.levers, self.scenario.structure, parameters,
                 noise_key(seed, draw, replicate), state, luck, self.recording, reading)
        return self._keep(reading)

    @cached_property
    def _province_columns(self) -> np.ndarray:
        return np.array([self.columns.index(name) for name in PROVINCE_COLUMNS])

    def _buffers(self) -> tuple[State, Luck, Reading]:
        if not hasattr(self.local, "buffers"):
            setting = self.world.setting
            self.local.buffers = (allocate_state(setting), allocate_luck(setting, kept=False),
                                  allocate_reading(setting, self.recording))
        return self.local.buffers

    def _keep(self, reading: Reading) -> Kept:
        years, _, columns = reading.places.shape
        provinces = reading.places.reshape(years, -1, len(GROUPS), columns)[..., self._province_columns].sum(axis=2)
        return Kept(reading.nation, reading.programme, provinces, reading.cost)
