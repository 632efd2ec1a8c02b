"""The model: one run of a scenario, lived month by month by Mesa's agents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from qicsim.agents.views import District, Facility
from qicsim.ground.calendar import format_month
from qicsim.ground.declare import declared, default_row, parameter_sets
from qicsim.ground.errors import Fault, QicsimError, SettingError, nearest
from qicsim.inputs.observed.levels import ready
from qicsim.inputs.scenario import Scenario, load_scenario
from qicsim.inputs.scenario.values import Faults, parameter_value
from qicsim.inputs.world.build import World, build_world
from qicsim.inputs.world.network import peer_graph
from qicsim.model.indicators import PROGRAMME, indicators
from qicsim.model.levers import lever_table
from qicsim.model.luck import allocate_luck
from qicsim.model.month import close_month, open_month
from qicsim.model.observe import read_nation, read_programme
from qicsim.model.parameters import Parameters
from qicsim.model.simulate import allocate_reading, noise_key, recording_of
from qicsim.model.state import allocate_state
from qicsim.model.steps.begin import begin

if TYPE_CHECKING:
    import networkx
    import pandas as pd


class QicModel(mesa.Model):
    """One run of a scenario in Mesa.

    `month` counts the months lived; `running` turns False at the end of the horizon. `resolved` is the scenario
    (Mesa 3.5 has a use of its own for the name `scenario`). `datacollector` reports every national indicator.
    """

    def __init__(self, world: World, scenario: Scenario, parameters: Mapping[str, float] | np.ndarray | None = None,
                 *, seed: int = 1, draw: int = 0, replicate: int = 0) -> None:
        """A model that has not lived a month yet.

        `parameters` are values by dotted path, or a draw: one value for each parameter in the order of their
        declaration (n,), under those that the scenario fixes. SettingError for anything that does not fit.
        """
        _refuse_misfit(world, scenario)
        key = _key(seed, draw, replicate)
        super().__init__(rng=seed)
        self.world, self.resolved, self.key = world, scenario, key
        self.setting, self.levers, self.structure = world.setting, lever_table(scenario.levers), scenario.structure
        self.parameters = parameter_sets(Parameters, _parameter_row(scenario, parameters)[None])[0]
        self.state, self.luck = allocate_state(self.setting), allocate_luck(self.setting, kept=False)
        begin(self.setting, self.levers, self.parameters, self.state, key)
        self.month, self.today = 0, None
        for row in range(len(world.districts)):
            District(self, row)
        for row in range(len(world.register)):
            Facility(self, row)
        self.reading = allocate_reading(self.setting, recording_of(self.setting, every=1), ("nation",))
        self.report_facilities({})

    @classmethod
    def from_name(cls, name: str, *, until: str | None = None, data: Path | str | None = None, **settings: Any
                  ) -> QicModel:
        """The model of a shipped scenario or of a scenario file, in the world that it asks for.

        `until` ("2030-12") replaces the last month; `data` is a data folder of real facilities; `settings` are
        parameters, seed, draw and replicate.
        """
        scenario = load_scenario(name, horizon_end=until, data=None if data is None else ready(data))
        return cls(build_world(scenario), scenario, **settings)

    def report_facilities(self, reporters: Mapping[str, str | Callable[[Any], Any]]) -> QicModel:
        """Have the collector report this of every facility too, each month from now on (slow); the model itself.

        Afterwards `model.datacollector.get_agenttype_vars_dataframe(Facility)` has it.
        """
        wanted = {Facility: dict(reporters)} if reporters else None
        self.datacollector = mesa.DataCollector(_national(self.world), agenttype_reporters=wanted)
        return self

    @property
    def facilities(self) -> mesa.agent.AgentSet:
        """Every facility, in the order of the register."""
        return self.agents_by_type[Facility]

    @property
    def districts(self) -> mesa.agent.AgentSet:
        """Every operational district."""
        return self.agents_by_type[District]

    @cached_property
    def network(self) -> networkx.Graph:
        """The peer network; its nodes are facilities' ids."""
        return peer_graph(self.world.register)

    def step(self) -> None:
        """Live one month; QicsimError after the last one."""
        if self.month >= self.world.months:
            raise QicsimError(f"The horizon has ended: all {self.world.months} months were lived.")
        self.today = open_month(self.month, self.setting, self.levers, self.structure, self.parameters, self.state,
                                self.luck, self.key)
        self.facilities.shuffle_do("step")
        close_month(self.today, self.setting, self.levers, self.parameters, self.state, self.luck, self.key)
        self._read()
        self.month += 1
        self.running = self.month < self.world.months
        self.datacollector.collect(self)

    def _read(self) -> None:
        """Read the month as the compiled run does."""
        threshold = self.levers[self.month].threshold
        read_nation(self.month, self.setting, threshold, self.state, self.reading.nation[self.month])
        read_programme(self.today, self.setting, self.parameters, self.state, self.reading.counts,
                       self.reading.programme[self.month])

    def run(self) -> QicModel:
        """Live the months that are left; the model itself."""
        while self.running:
            self.step()
        return self

    def to_frame(self) -> pd.DataFrame:
        """National indicators: a row for each month reported, named like "2018-01"."""
        frame = self.datacollector.get_model_vars_dataframe()
        first = self.world.start + self.month - len(frame)
        frame.index = [format_month(first + month) for month in range(len(frame))]
        return frame.rename_axis("month")

    def close(self) -> None:
        """Let all agents go, also those that Mesa 3.3 would keep the model alive for."""
        self.running = False
        self.remove_all_agents()
        getattr(mesa.Agent, "_ids", {}).pop(self, None)


# ------------------------------------------------------------------------------------------------------- reporters


def _national(world: World) -> dict[str, partial[float]]:
    """A reporter for each national indicator."""
    columns = indicators(world.areas.keys)
    place = {indicator.name: at for at, indicator in enumerate(columns)}
    sums = {name: partial(_mean, at=at, per=place.get(columns[at].per)) for name, at in place.items()}
    return sums | {indicator.name: partial(_of_programme, at=at) for at, indicator in enumerate(PROGRAMME)}


def _mean(model: QicModel, at: int, per: int | None) -> float:
    """A sum over the nation in the last month, divided by what the indicator is per; nan for none of those."""
    sums = model.reading.nation[model.month - 1].sum(axis=0)
    if per is None:
        return float(sums[at])
    return float(sums[at] / sums[per]) if sums[per] else float("nan")


def _of_programme(model: QicModel, at: int) -> float:
    """An indicator of the programme in the last month."""
    return float(model.reading.programme[model.month - 1, at])


# ----------------------------------------------------------------------------------------------------------- input


def _refuse_misfit(world: World, scenario: Scenario) -> None:
    """A world is built for one horizon."""
    if (world.start, world.months) != (scenario.start, scenario.months):
        there, here = (f"{format_month(one.start)} to {format_month(one.start + one.months - 1)}"
                       for one in (world, scenario))
        raise SettingError(scenario.name, [Fault("world", f"was built for {there}", f"{here}, as in the scenario")])


def _parameter_row(scenario: Scenario, parameters: Mapping[str, float] | np.ndarray | None) -> np.ndarray:
    """A value for each parameter (n,): the caller's draw or the defaults, what the scenario fixes, what is named."""
    leaves, faults, named = declared(Parameters), Faults(), dict(scenario.parameters)
    row = default_row(Parameters)
    if isinstance(parameters, Mapping):
        named |= parameters
    elif parameters is not None:
        row = np.array(parameters, dtype=float)
    if row.shape != (len(leaves),):
        raise SettingError("parameters", [Fault("", f"have the shape {row.shape}", f"({len(leaves)},)")])
    for path in sorted(named.keys() - leaves.keys()):
        faults.add(path, "is not a parameter", hint=nearest(path, leaves))
    for at, (path, leaf) in enumerate(leaves.items()):
        row[at] = parameter_value(faults, path, named.get(path, float(row[at])), leaf.declaration) or 0.0
    if faults:
        raise SettingError("parameters", faults)
    return row


def _key(seed: int, draw: int, replicate: int) -> tuple[np.uint64, np.uint64]:
    try:
        return noise_key(seed, draw, replicate)
    except ValueError as error:
        raise SettingError("", [Fault("seed, draw, replicate", str(error))]) from error
