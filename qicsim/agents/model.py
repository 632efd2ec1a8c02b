"""The model: one run of a scenario, lived month by month by Mesa's agents."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from qicsim.agents.views import District, Facility
from qicsim.ground.calendar import format_month
from qicsim.ground.declare import declared, default_row, parameter_sets
from qicsim.ground.errors import Fault, Faults, QicsimError, SettingError, nearest
from qicsim.inputs.observed.levels import ready
from qicsim.inputs.scenario import REFERENCE, Scenario, change, load_scenario, with_data
from qicsim.inputs.scenario.values import parameter_value
from qicsim.inputs.world.build import World, build_world
from qicsim.inputs.world.network import peer_graph
from qicsim.model.indicators import PROGRAMME, indicators
from qicsim.model.luck import allocate_luck
from qicsim.model.month import close_month, open_month
from qicsim.model.observe import read_nation, read_programme
from qicsim.model.parameters import Parameters
from qicsim.model.places import blaming
from qicsim.model.simulate import allocate_reading, noise_key, recording_of
from qicsim.model.state import allocate_state
from qicsim.model.steps.begin import begin

if TYPE_CHECKING:
    import networkx
    import pandas as pd

ROUNDING = 1e-6  # points


class QicModel(mesa.Model):
    """One run of a scenario in Mesa.

    `month` counts the months lived; `running` turns False at the end of the horizon. `resolved` is the scenario
    (Mesa 3.5 has a use of its own for the name `scenario`). `datacollector` reports every national indicator.
    """

    def __init__(self, world: World | None = None, scenario: str | Path | Scenario = REFERENCE,
                 parameters: Mapping[str, float] | np.ndarray | None = None, *, seed: int = 1, draw: int = 0,
                 replicate: int = 0, rng: int | None = None, until: str | None = None, data: Path | str | None = None,
                 since: str | None = None, facility: type[Facility] = Facility, district: type[District] = District,
                 **levers: Any) -> None:
        """A model that has not lived a month yet.

        Args:
            world: where the scenario takes place; by default it is built.
            scenario: a resolved one, a shipped name or a file.
            parameters: values by dotted path, or a draw: one value for each parameter in the order of their
                declaration (n,), under those that the scenario fixes.
            seed: fixes all luck, with `draw` and `replicate`; `rng` is Mesa's name for it.
            draw: number of the draw, 0 to 2^20 - 1.
            replicate: number of the replicate, 0 to 4,095.
            rng: takes the place of `seed`.
            until: the last month ("2030-12").
            data: a data folder of real facilities.
            since: the month from which `levers` hold ("2027-01"); by default the first that is not history.
            facility: the class of facilities, one that inherits `Facility`.
            district: the class of districts, one that inherits `District`.
            levers: levers by name, at values as scenario files have them.

        InputError kinds for anything that does not fit.
        """
        scenario = _resolved(scenario, until, data, since, levers)
        seed = seed if rng is None else rng
        world = build_world(scenario) if world is None else world
        _refuse_misfit(world, scenario)
        _refuse_strangers(facility, district)
        key = _key(seed, draw, replicate)
        super().__init__(rng=seed)
        self.world, self.resolved, self.key = world, scenario, key
        self._begin(_parameter_row(scenario, parameters))
        self._populate(facility, district)
        self.report_facilities({})

    def _populate(self, facility: type[Facility], district: type[District]) -> None:
        """An agent for each row."""
        self._facility, self._district = facility, district
        for row in range(len(self.world.districts)):
            district(self, row)
        for row in range(len(self.world.register)):
            facility(self, row)

    def _begin(self, parameters: np.ndarray) -> None:
        """The state before the first month."""
        self.setting, self.structure = self.world.setting, self.resolved.structure
        self.levers, *self._missed = self.resolved.tables
        self.parameters = parameter_sets(Parameters, parameters[None])[0]
        self.state, self.luck = allocate_state(self.setting), allocate_luck(self.setting, kept=False)
        begin(self.setting, self.levers, self.parameters, self.state, self.key)
        self.month, self.today = 0, None
        self.own_points, self._closed = np.zeros(len(self.world.register)), True
        self.reading = allocate_reading(self.setting, recording_of(self.setting, every=1), ("nation",))

    @classmethod
    def from_name(cls, name: str, **settings: Any) -> QicModel:
        """The model of a shipped scenario or of a scenario file; `settings` are those of the class."""
        return cls(None, name, **settings)

    def __repr__(self) -> str:
        """The scenario, how far it has lived, and with how many agents."""
        month = format_month(self.world.start + self.month - 1) if self.month else "the start"
        return (f"<{type(self).__name__} of {self.resolved.name} at {month}: {len(self.world.register):,} facilities "
                f"in {len(self.world.districts)} districts>")

    def report_facilities(self, reporters: Mapping[str, str | Callable[[Any], Any]]) -> QicModel:
        """Have the collector report this of every facility too, each month from now on (slow); the model itself.

        Afterwards `model.datacollector.get_agenttype_vars_dataframe(Facility)`, or of one's own class, has it.
        """
        wanted = {self._facility: dict(reporters)} if reporters else None
        self.datacollector = mesa.DataCollector(_national(self.world), agenttype_reporters=wanted)
        return self

    @property
    def facilities(self) -> mesa.agent.AgentSet:
        """Every facility, in the order of the register."""
        return self.agents_by_type[self._facility]

    @property
    def districts(self) -> mesa.agent.AgentSet:
        """Every operational district."""
        return self.agents_by_type[self._district]

    @cached_property
    def network(self) -> networkx.Graph:
        """The peer network; its nodes are facilities' ids."""
        return peer_graph(self.world.register)

    def step(self) -> None:
        """Live one month; QicsimError after the last one."""
        if self.month >= self.world.months:
            raise QicsimError(f"The horizon has ended: all {self.world.months} months were lived.")
        self._decide()
        with blaming():
            self.today = open_month(self.month, self.setting, self.levers, self.structure, self.parameters, self.state,
                                    self.luck, self.key)
            self.facilities.shuffle_do("step")
            close_month(self.today, self.setting, self.levers, self.parameters, self.state, self.luck, self.key)
            self._read()
        self._say_if_not_closed()
        self.month += 1
        self.running = self.month < self.world.months
        self.datacollector.collect(self)

    def _decide(self) -> None:
        """Where the plan is adaptive, go on under the levers of one of its sides from the month of its rule on."""
        rule = self.resolved.rule
        if rule is not None and self.month == self.resolved.decided and not rule.reached(
                self.resolved.start, self.levers, self.setting, self.state):
            self.levers = self._missed[0]

    def _read(self) -> None:
        """Read the month as the compiled run does."""
        threshold = self.levers[self.month].threshold
        read_nation(self.month, self.setting, threshold, self.state, self.reading.nation[self.month])
        read_programme(self.today, self.setting, self.parameters, self.state, self.reading.counts,
                       self.reading.programme[self.month])

    def _say_if_not_closed(self) -> None:
        """Warn, once, of true quality that no line of the ledger accounts for."""
        booked = self.state.facility["ledger"].sum(axis=1) + self.own_points
        gap = np.where(self.setting.facility["opened"] <= self.month, self.state.facility["true_score"] - booked, 0.0)
        if self._closed and np.abs(gap).max() > ROUNDING:
            self._closed, row = False, int(np.abs(gap).argmax())
            warnings.warn(f"The ledger is not closed: {self.world.register.id[row]} has {gap[row]:+.2f} points of true "
                          "quality that no line accounts for. A rule that changes `quality` itself is booked nowhere; "
                          "`facility.improve(area, points)` books it.", stacklevel=3)

    def run(self) -> QicModel:
        """Live the months that are left; the model itself."""
        while self.running:
            self.step()
        return self

    def to_frame(self) -> pd.DataFrame:
        """National indicators: a row for each month reported, named like "2027-01"."""
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


def _national(world: World) -> dict[str, Callable[[QicModel], float]]:
    """A reporter for each national indicator."""
    columns = indicators(world.areas.keys)
    place = {indicator.name: at for at, indicator in enumerate(columns)}
    sums: dict[str, Callable[[QicModel], float]] = {
        name: partial(_mean, at=at, per=place.get(columns[at].per)) for name, at in place.items()}
    sums["ledger_own"] = _of_own
    return sums | {indicator.name: partial(_of_programme, at=at) for at, indicator in enumerate(PROGRAMME)}


def _mean(model: QicModel, at: int, per: int | None) -> float:
    """A sum over the nation in the last month, divided by what the indicator is per; nan for none of those."""
    sums = model.reading.nation[model.month - 1].sum(axis=0)
    if per is None:
        return float(sums[at])
    return float(sums[at] / sums[per]) if sums[per] else float("nan")


def _of_own(model: QicModel) -> float:
    """Points that rules of one's own have added to true quality, mean of open facilities."""
    return float(model.own_points[model.setting.facility["opened"] < model.month].mean())


def _of_programme(model: QicModel, at: int) -> float:
    """An indicator of the programme in the last month."""
    return float(model.reading.programme[model.month - 1, at])


# ----------------------------------------------------------------------------------------------------------- input


def _resolved(scenario: str | Path | Scenario, until: str | None, data: Path | str | None, since: str | None,
              levers: Mapping[str, Any]) -> Scenario:
    """The scenario over its horizon and data, with levers at other values from a month on."""
    folder = None if data is None else ready(data)
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario, horizon_end=until, data=folder)
    elif until is not None:
        raise SettingError(scenario.name, [Fault("until", f'"{until}" of a scenario that is resolved',
                                                 "load_scenario(name, horizon_end=...)")])
    elif folder is not None:
        scenario = with_data(scenario, folder)
    if not levers:
        return scenario
    first = scenario.start if scenario.known_until is None else min(scenario.known_until + 1, scenario.end)
    return change(scenario, from_=since or format_month(first), name=scenario.name, **levers)


def _refuse_strangers(facility: type, district: type) -> None:
    """Classes of agents are views on the state."""
    faults = [Fault(name, f"{own!r} is no {base.__name__}", f"a class that inherits qicsim.agents.{base.__name__}")
              for name, own, base in (("facility", facility, Facility), ("district", district, District))
              if not (isinstance(own, type) and issubclass(own, base))]
    if faults:
        raise SettingError("", faults)


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
