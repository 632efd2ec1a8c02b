"""From a resolved scenario to the arrays of its world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_QUARTER, MONTHS_PER_YEAR
from qicsim.ground.declare import table
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.shown import Shown
from qicsim.ground.table import listed, suggest
from qicsim.inputs.country import Country
from qicsim.inputs.country.record import TABLES as TABLES_OF_COUNTRY
from qicsim.inputs.world.areas import Areas, mostly_structure, read_areas
from qicsim.inputs.world.check import check_setting
from qicsim.inputs.world.money import Payments, Schedules, UnitCosts, read_payments, read_schedules, read_unit_costs
from qicsim.inputs.world.network import peer_arrays
from qicsim.inputs.world.observed import anchor_of, facility_columns, known_months
from qicsim.inputs.world.register import Register, identities, open_since, read_register
from qicsim.inputs.world.shock import monthly_shock, read_shock
from qicsim.inputs.world.synthetic import invented_register
from qicsim.model.columns import (
    NOT_KNOWN,
    NQEM_MOSTLY_STRUCTURE,
    CareAreas,
    DistrictSite,
    FacilitySite,
    Money,
    Month,
    ProvinceSite,
    Schedule,
    Setting,
    Structure,
)

OBSERVED = ("joined", "levels")
"""Kinds of data files that there are only where a scenario names them."""


class ResolvedScenario(Protocol):
    """What the world needs to know of a scenario; months are absolute numbers (see `qicsim.ground.calendar`)."""

    @property
    def name(self) -> str:
        """Names the scenario in messages."""

    @property
    def start(self) -> int:
        """The first month."""

    @property
    def months(self) -> int:
        """How many months there are."""

    @property
    def provinces(self) -> tuple[str, ...]:
        """Provinces in the order of the plan."""

    @property
    def districts(self) -> tuple[str, ...]:
        """Districts in the order of the plan; those that are left out follow in the register's order."""

    @property
    def pbf_since(self) -> int:
        """The month in which PBF began."""

    @property
    def pbf_bill(self) -> float | None:
        """What performance payments cost a year at the start of the run, US$; None: as the payments' file has it."""

    @property
    def structure(self) -> Structure:
        """The forms of the model."""

    @property
    def data(self) -> Mapping[str, Path]:
        """Data files of its own, by kind."""

    @property
    def country(self) -> Country:
        """Where it plays."""


@dataclass(frozen=True, eq=False, repr=False)
class World(Shown):
    """The fixed part of a run, with the names that results need.

    `provinces` (P,) and `districts` (D,) name the rows; `start` is the absolute number of the first month; `synthetic`
    is True where facilities are invented.
    """

    setting: Setting
    register: Register
    areas: Areas
    unit_costs: UnitCosts
    provinces: tuple[str, ...]
    districts: tuple[str, ...]
    start: int
    months: int
    synthetic: bool

    @property
    def country(self) -> Country:
        """Where it lies."""
        return self.register.country

    def in_order(self, scenario: ResolvedScenario) -> World:
        """The world with districts in the order that a scenario lists; SettingError for districts that are not there.

        All but the table of districts is shared.
        """
        if not scenario.districts:
            return self
        faults = [Fault("[rollout] districts", f'"{name}" is not a district of the register',
                        hint=suggest(name, self.districts) or f"Districts: {listed(self.districts)}.")
                  for name in scenario.districts if name not in self.districts]
        if faults:
            raise SettingError(scenario.name, faults)
        turns = {name: turn for turn, name in enumerate(dict.fromkeys((*scenario.districts, *self.districts)))}
        table_of_districts = self.setting.district.copy()
        table_of_districts["turn"] = [turns[name] for name in self.districts]
        return replace(self, setting=self.setting._replace(district=table_of_districts))


def build_world(scenario: ResolvedScenario) -> World:
    """The world of a scenario.

    Raises RegisterError, DataError or SettingError for what cannot be used, WorldError for a wrong column.
    """
    return unordered_world(scenario).in_order(scenario)


def unordered_world(scenario: ResolvedScenario) -> World:
    """The world of a scenario, whatever order of districts it lists; errors as of `build_world`."""
    everyone = read_register(data_files(scenario)["register"], scenario.country)
    register = open_since(everyone, _first_look(scenario))
    areas: Areas = _read(scenario, "areas", read_areas)
    if scenario.structure.nqem == NQEM_MOSTLY_STRUCTURE:
        areas = mostly_structure(areas)
    unit_costs: UnitCosts = _read(scenario, "unit_costs", read_unit_costs)
    places = _places(register)
    peer_start, peer = peer_arrays(register)
    setting = Setting(
        facility=_facility_table(register, places, peer_start, scenario.start,
                                 facility_columns(scenario.data, register, everyone.id, scenario.start,
                                                  scenario.months, areas=areas.keys), areas=len(areas.keys)),
        district=_district_table(register, places), province=_province_table(places), area=_area_table(areas),
        schedule=_schedule_table(scenario), money=_money_table(scenario, register, unit_costs),
        month=_month_table(scenario), peer=peer, province_order=_province_order(places.provinces, scenario))
    check_setting(setting)
    return World(setting, register, areas, unit_costs, places.provinces, places.districts, scenario.start,
                 scenario.months, register.synthetic)


def country_table(country: Country, kind: str) -> Path:
    """The file of one of a country's tables; a register that it lacks is invented from its counts, in its folder."""
    path = country.table(kind)
    return path if kind != "register" or path.is_file() else invented_register(country)


def data_files(scenario: ResolvedScenario) -> dict[str, Path]:
    """The data files that the scenario's world is read from: its own where it names one, else the country's."""
    files = {key: Path(scenario.data.get(key) or country_table(scenario.country, key)) for key in TABLES_OF_COUNTRY}
    return files | {key: Path(scenario.data[key]) for key in OBSERVED if key in scenario.data}


def facilities_of(scenario: ResolvedScenario) -> Register:
    """The facilities of a scenario's world: its register without those that closed before the run, or the levels."""
    register = read_register(data_files(scenario)["register"], scenario.country)
    return open_since(register, _first_look(scenario))


def _first_look(scenario: ResolvedScenario) -> int:
    """The month in which a facility must be open to be in the run: that of the levels, else the first."""
    anchor = anchor_of(scenario.data)
    return scenario.start if anchor is None else anchor


def _read(scenario: ResolvedScenario, key: str, reader: Callable[[Path], Any]) -> Any:
    return reader(data_files(scenario)[key])


# ---------------------------------------------------------------------------------------------------------- places


class _Places(NamedTuple):
    """Provinces and districts in the register's order, and for each row of facilities and districts where it lies.

    `district_start` int64 (D+1,) and `province_start` int64 (P+1,): the first facility and the first district of each.
    """

    provinces: tuple[str, ...]
    districts: tuple[str, ...]
    province: np.ndarray
    district: np.ndarray
    district_province: np.ndarray
    district_start: np.ndarray
    province_start: np.ndarray


def _places(register: Register) -> _Places:
    provinces_there, province = _rows(register.province)
    districts, district = _rows(register.operational_district)
    district_start = _starts(district, len(districts))
    district_province = province[district_start[:-1]]
    return _Places(provinces_there, districts, province, district, district_province, district_start,
                   _starts(district_province, len(provinces_there)))


def _rows(names: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """Different names in order of first appearance, and the row of each; int64 (n,)."""
    place = {name: row for row, name in enumerate(dict.fromkeys(names))}
    return tuple(place), np.array([place[name] for name in names], dtype=np.int64)


def _starts(group: np.ndarray, groups: int) -> np.ndarray:
    """Where each group of sorted rows begins, and where the last ends; int64 (groups+1,)."""
    return np.searchsorted(group, np.arange(groups + 1)).astype(np.int64)


def _filled(record: type, rows: int, areas: int = 0, **columns: object) -> np.ndarray:
    """A table of a record class with its columns; cells of care areas hold `areas` numbers."""
    filled = table(record, rows, areas=areas)
    for name, values in columns.items():
        filled[name] = values
    return filled


def _facility_table(register: Register, places: _Places, peer_start: np.ndarray, start: int,
                    observed: Mapping[str, np.ndarray], *, areas: int) -> np.ndarray:
    return _filled(
        FacilitySite, len(register), areas=areas, identity=identities(register.id), district=places.district,
        province=places.province, hospital=register.hospital, opened=np.maximum(register.opened - start, 0),
        first_peer=peer_start[:-1], end_peer=peer_start[1:], population=register.population,
        **(dict.fromkeys(("level_month", "area_level", "joined", "left"), NOT_KNOWN) | dict(observed)))


def _district_table(register: Register, places: _Places) -> np.ndarray:
    return _filled(
        DistrictSite, len(places.districts), identity=identities(places.districts), province=places.district_province,
        first=places.district_start[:-1], end=places.district_start[1:],
        population=np.bincount(places.district, weights=register.population), turn=np.arange(len(places.districts)))


def _province_table(places: _Places) -> np.ndarray:
    return _filled(ProvinceSite, len(places.provinces), first=places.province_start[:-1],
                   end=places.province_start[1:])


def _province_order(there: tuple[str, ...], scenario: ResolvedScenario) -> np.ndarray:
    """Rows of the provinces: the scenario's first, then the others by code.

    A plan may name provinces that the register lacks.
    """
    known = scenario.country.province_names
    faults = [Fault("provinces", f'"{name}" is not a province of {scenario.country.name}', hint=suggest(name, known) or
                    f"Provinces: {listed(known)}.") for name in scenario.provinces if name not in known]
    if faults:
        raise SettingError(scenario.name, faults)
    order = dict.fromkeys((*scenario.provinces, *there))
    return np.array([there.index(name) for name in order if name in there], dtype=np.int64)


# ---------------------------------------------------------------------------------------------- areas, money, time


def _area_table(areas: Areas) -> np.ndarray:
    filled = table(CareAreas, 1, areas=len(areas.keys))
    for name in CareAreas._fields:
        filled[name] = getattr(areas, name)
    return filled


def _schedule_table(scenario: ResolvedScenario) -> np.ndarray:
    schedules: Schedules = _read(scenario, "schedules", read_schedules)
    return _filled(Schedule, len(schedules.pay), start=schedules.score_from, pay=schedules.pay, slope=schedules.slope)


def _money_table(scenario: ResolvedScenario, register: Register, unit_costs: UnitCosts) -> np.ndarray:
    payments: Payments = _read(scenario, "payments", read_payments)
    performance_pay = payments.performance_pay
    if scenario.pbf_bill is not None:
        performance_pay = performance_pay * (scenario.pbf_bill / _yearly_bill(scenario, register, performance_pay))
    return _filled(Money, 1, grant=payments.grant, performance_pay=performance_pay, unit_cost=unit_costs.usd)


def _yearly_bill(scenario: ResolvedScenario, register: Register, performance_pay: np.ndarray) -> float:
    """US$ that performance payments of the facilities open in the first month cost a year, each paid the average."""
    kinds = np.bincount(register.hospital[register.opened <= scenario.start], minlength=len(performance_pay))
    yearly = MONTHS_PER_YEAR / MONTHS_PER_QUARTER * float(kinds @ performance_pay)
    if yearly <= 0:
        raise SettingError(scenario.name, [Fault(
            "[pbf] bill", f"{scenario.pbf_bill:g} cannot be shared out: no facility that is open in the first month "
            "has a performance payment", "payments above 0 in the file of payments")])
    return yearly


def _month_table(scenario: ResolvedScenario) -> np.ndarray:
    months = np.arange(scenario.start, scenario.start + scenario.months)
    shock = monthly_shock(_read(scenario, "shock", read_shock), scenario.start, scenario.months)
    return _filled(
        Month, scenario.months, shock=shock, month_of_year=months % MONTHS_PER_YEAR,
        pbf_years=np.maximum(0.0, (months - scenario.pbf_since) / MONTHS_PER_YEAR),
        known_joins=known_months(scenario.data, scenario.start, scenario.months))
