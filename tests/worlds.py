"""Small worlds for tests: a register and a scenario are written, then read and built by the package's own code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from qicsim.ground.declare import declared, default_row, parameter_sets
from qicsim.inputs.scenario import Scenario, load_scenario
from qicsim.inputs.world.build import World, build_world
from qicsim.model.columns import Setting, Structure
from qicsim.model.levers import lever_table
from qicsim.model.luck import Luck, allocate_luck
from qicsim.model.month import close_month, live, open_month
from qicsim.model.parameters import Parameters
from qicsim.model.simulate import Reading, Recording, allocate_reading, noise_key, ready, recording_of, simulate
from qicsim.model.state import State, allocate_state
from qicsim.model.steps.begin import begin

HEADER = "id,name,type,province,operational_district,population,opened\n"
# Province, district, hospitals, health centres: uneven on purpose, and one district has no hospital.
DISTRICTS = (
    ("Battambang", "OD-BA1", 1, 6), ("Battambang", "OD-BA2", 2, 5), ("Battambang", "OD-BA3", 0, 4),
    ("Kampong Cham", "OD-KC1", 1, 7), ("Kampong Cham", "OD-KC2", 1, 5),
    ("Pursat", "OD-PU1", 1, 6), ("Pursat", "OD-PU2", 1, 3),
)
OPENED = {"OD-BA1-H2": "2018-08", "OD-KC1-H5": "2019-01", "OD-PU1-R1": "2019-05"}
PROVINCES = ("Kampong Cham", "Battambang", "Pursat")

SCENARIO = """\
title = "A small country"
description = "Seven districts; three years."

[horizon]
start = "2018-01"
end = "2020-12"

[rollout]
provinces = ["Kampong Cham", "Battambang", "Pursat"]

[data]
register = "register.csv"

[levers]
recruiting = true
support = true
provinces = 3
districts = 7
launch_boost = 2
"""

EVERYTHING = SCENARIO + """\
reenrol = true
join_floor = 0.4
coach_training = 6
maintenance = 0.3
mentoring = 0.5
virtual = 0.25
sessions = 2
exchanges = 4
visitors = 2
programme_months = 15
cycle_months = 6
accreditation = 0.5
tablets = 0.5
cpd = 0.3
preservice = 0.2
institutionalised = 0.4
donor_share = 0.7
budget = 250_000

[[change]]
from = "2019-01"
weights = "extended"
schedule = "linear"
pay_delay = 5
separated = 0.5
verification = 0.4
matching = "random"

[[change]]
from = "2019-07"
order = "lowest-score"
schedule = "threshold"
matching = "similar"

[[change]]
from = "2020-04"
support = false
recruiting = false

[structure]
contagion = "threshold"
"""


JOINED = """\
facility,joined,left
OD-BA1-R1,2018-02,
OD-BA1-H1,2018-05,2019-02
OD-PU1-H2,2018-11,
OD-KC1-H5,2018-10,
"""


def register_text(*more: str) -> str:
    """The register of the small country as CSV; `more` are further lines."""
    lines = []
    for province, district, hospitals, centres in DISTRICTS:
        for kind, count in (("R", hospitals), ("H", centres)):
            for number in range(1, count + 1):
                name, people = f"{district}-{kind}{number}", 3000 + 1700 * number + 9000 * (kind == "R")
                kind_of = "CPA2" if kind == "R" else "health_centre"
                lines.append(f"{name},{name},{kind_of},{province},{district},{people},{OPENED.get(name, '')}")
    return HEADER + "\n".join([*lines, *more]) + "\n"


@dataclass(frozen=True, eq=False)
class Country:
    """A world with its scenario, and everything that compiled code takes but parameters and key."""

    world: World
    scenario: Scenario
    setting: Setting
    levers: np.ndarray
    structure: Structure

    def but(self, **levers: object) -> Country:
        """The same country under other levers: a value for all months, or an array (months,)."""
        table = self.levers.copy()
        for name, values in levers.items():
            table[name] = values
        return replace(self, levers=table)

    def where(self, **tables: np.ndarray) -> Country:
        """The same country with other tables or lists in its setting."""
        return replace(self, setting=self.setting._replace(**tables))

    def shaped(self, **forms: int) -> Country:
        """The same country under the shipped structure but for these forms, by their numbers."""
        return replace(self, structure=Structure(**forms))

    def first(self, months: int) -> Country:
        """The same country, shorter."""
        return replace(self.where(month=self.setting.month[:months]), levers=self.levers[:months])

    def run(self, params=None, *, key=None, state: State | None = None, luck: Luck | None = None) -> State:
        """The state at the end of a run of `simulate`."""
        state = allocate_state(self.setting) if state is None else state
        self.read(params, key=key, state=state, luck=luck)
        return state

    def read(self, params=None, *, key=None, state: State | None = None, luck: Luck | None = None) -> Reading:
        """What a run of `simulate` reads, every month."""
        recording, reading = whole_nation(self.setting, every=1)
        arguments = (self.setting, self.levers, self.structure, parameters() if params is None else params,
                     noise_key(1, 0, 0) if key is None else key,
                     allocate_state(self.setting) if state is None else state,
                     allocate_luck(self.setting, kept=False) if luck is None else luck, recording, reading, 0,
                     len(self.levers))
        if not getattr(simulate, "signatures", True):  # one process compiles, the others wait
            ready(arguments)
        simulate(*arguments)
        return reading

    def months(self, params=None, *, key=None) -> Iterator[tuple[int, State]]:
        """Each month, and the state at its end (the same arrays again and again)."""
        params, key = parameters() if params is None else params, noise_key(1, 0, 0) if key is None else key
        state, luck = allocate_state(self.setting), allocate_luck(self.setting, kept=False)
        begin(self.setting, self.levers, params, state, key)
        for month in range(self.setting.month.size):
            today = open_month(month, self.setting, self.levers, self.structure, params, state, luck, key)
            for f in range(state.facility.size):
                live(f, today, self.setting, self.levers, params, state, luck, key)
            close_month(today, self.setting, self.levers, params, state, luck, key)
            yield month, state


def whole_nation(setting: Setting, *, every: int) -> tuple[Recording, Reading]:
    """A recording of the nation every so many months, and of the whole of it and of its money at the ends of years."""
    recording = recording_of(setting, [(np.zeros(setting.facility.size, dtype=np.int64), False)], every=every)
    return recording, allocate_reading(setting, recording, ("nation", "places", "cost"))


def build_country(register: str, scenario: str) -> Country:
    """The country of a register and a scenario, both as text."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "register.csv").write_text(register)
        (Path(folder) / "small.toml").write_text(scenario)
        return country_of(load_scenario(Path(folder) / "small.toml"))


def data_folder(folder: Path, **files: str) -> Path:
    """A data folder with these files as text by name (`levels`, `joined`, `scores`; `register`: the small country)."""
    for name, text in ({"register": register_text()} | files).items():
        (folder / f"{name}.csv").write_text(text)
    return folder


@cache
def _small_data() -> TemporaryDirectory:
    folder = TemporaryDirectory(prefix="qicsim-small-")
    data_folder(Path(folder.name))
    return folder


def on_small(name: str, **settings) -> Scenario:
    """A shipped scenario on the facilities of the small country, which lives in a thirtieth of the nation's time."""
    return load_scenario(name, data=Path(_small_data().name), **settings)


def levels_text(month: str, mean: float = 60.0, step: float = 0.5, sd: float = 2.0, hygiene: float | None = None
                ) -> str:
    """Levels of every facility of the small country: the mean, a step more, two steps more, ...

    Hand hygiene is so many points above that in two of three facilities, if it is said.
    """
    ids = [line.split(",")[0] for line in register_text().splitlines()[1:]]
    level = [mean + step * (at - 20) for at in range(len(ids))]
    area = ["" if hygiene is None else f",{one + hygiene}" if at % 3 else "," for at, one in enumerate(level)]
    return f"facility,month,mean,sd{'' if hygiene is None else ',area_hand_hygiene'}\n" + "".join(
        f"{name},{month},{one},{sd}{more}\n" for name, one, more in zip(ids, level, area, strict=True))


def build_on_data(scenario: str, **files: str) -> Country:
    """The country of a data folder with these files, under a scenario that names no register."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "small.toml").write_text(scenario.replace('[data]\nregister = "register.csv"\n', ""))
        return country_of(load_scenario(Path(folder) / "small.toml", data=data_folder(Path(folder), **files)))


@cache
def observed_country() -> Country:
    """The busy country with levels at 2019-06, and four teams that joined before and after."""
    return build_on_data(EVERYTHING, levels=levels_text("2019-06"), joined=JOINED)


def country_of(scenario: Scenario) -> Country:
    """The country of a resolved scenario."""
    world = build_world(scenario)
    return Country(world, scenario, world.setting, lever_table(scenario.levers), scenario.structure)


@cache
def small_country() -> Country:
    """Seven districts in three provinces with collaboratives from the first month, for three years."""
    return build_country(register_text(), SCENARIO)


@cache
def busy_country() -> Country:
    """The small country with every mechanism and every lever at work."""
    return build_country(register_text(), EVERYTHING)


LISTED = ("OD-PU2", "OD-BA3", "OD-KC1")


@cache
def listed_country() -> Country:
    """The small country, which launches its districts in an order of its own; the list leaves some out."""
    return build_country(register_text(), SCENARIO.replace("[data]", f"districts = {json.dumps(LISTED)}\n\n[data]")
                         + 'order = "listed"\n')


def parameters(overrides: Mapping[str, float] | None = None) -> np.record:
    """A parameter set for compiled code: the defaults, changed by {dotted path: value}, within the priors or not."""
    return parameter_sets(Parameters, parameter_row(overrides)[None])[0]


def parameter_row(overrides: Mapping[str, float] | None = None) -> np.ndarray:
    """One value for each parameter (n,), in the order of their declaration."""
    row, places = default_row(Parameters), {path: at for at, path in enumerate(declared(Parameters))}
    for path, value in (overrides or {}).items():
        row[places[path]] = value
    return row


def copied(state: State) -> State:
    """A copy that later months leave alone."""
    return State(*(table.copy() for table in state))


def by_id(country: Country, state: State) -> dict[str, np.record]:
    """The row of each facility by its id."""
    return dict(zip(country.world.register.id, state.facility.copy(), strict=True))


def differing(one: State, other: State) -> list[str]:
    """The columns in which two states differ in any bit."""
    return [f"{name}.{column}" for name in State._fields for column in getattr(one, name).dtype.names
            if not np.array_equal(getattr(one, name)[column], getattr(other, name)[column])]


def digest(state: State) -> str:
    """The sha256 of every column of a state."""
    total = sha256()
    for name in State._fields:
        for column in getattr(state, name).dtype.names:
            total.update(np.ascontiguousarray(getattr(state, name)[column]).tobytes())
    return total.hexdigest()
