"""What is kept of a run: the fields of its record, and how they are read off.

A field is an indicator of a group of facilities over times and places. A record is the fields one after the other, as
float64. At the detail of the nation the times are quarters or years; places are read at the ends of years. Money
is known by year, for the nation and for provinces.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from qicsim.calendar import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, format_quarter
from qicsim.ensemble.sums import DERIVED, GROUP_ROWS, Sums, columns_needed
from qicsim.model.columns import COST_LINES, PAYERS, PBF_LINES
from qicsim.model.indicators import PROGRAMME, Indicator, indicators
from qicsim.model.simulate import Reading, Recording

NATION, PROVINCE, DISTRICT, FACILITY = DETAILS = ("nation", "province", "district", "facility")
QUARTER, YEAR = EVERY = ("quarter", "year")
ALL = "all"
ONE_GROUP = {ALL: (0,)}
DOLLARS = "US$ of 2021 a year"
_PROGRAMME = tuple(indicator.name for indicator in PROGRAMME)
_QIC = tuple(line for line in COST_LINES if line not in PBF_LINES)
COSTS: dict[str, tuple[Indicator, tuple[str, ...], tuple[str, ...]]] = {
    "qic_cost": (Indicator("qic_cost", "cost of collaboratives", DOLLARS, ""), _QIC, PAYERS),
    "pbf_cost": (Indicator("pbf_cost", "cost of PBF and of assessment", DOLLARS, ""), PBF_LINES, PAYERS),
    **{f"cost_{line}_{payer}": (Indicator(f"cost_{line}_{payer}", f"{line.replace('_', ' ')}, paid by {payer}",
                                          DOLLARS, ""), (line,), (payer,))
       for line in COST_LINES for payer in PAYERS}}
"""Each cost with the lines and payers that it adds up."""


@dataclass(frozen=True)
class Keep:
    """What is to be kept: names of indicators and of groups, the detail of places, and how often the nation is read."""

    indicators: tuple[str, ...]
    groups: tuple[str, ...] = (ALL,)
    detail: str = NATION
    every: str = QUARTER


class Extent(NamedTuple):
    """Where and when a scenario takes place: first month (absolute), months, care areas, and names of its places."""

    start: int
    months: int
    areas: tuple[str, ...]
    provinces: tuple[str, ...]
    districts: tuple[str, ...]
    facilities: tuple[str, ...]

    @property
    def quarters(self) -> tuple[str, ...]:
        """Names of the quarters."""
        return tuple(format_quarter(self.start + month)
                     for month in range(MONTHS_PER_QUARTER - 1, self.months, MONTHS_PER_QUARTER))

    @property
    def years(self) -> tuple[str, ...]:
        """Names of the calendar years that are touched."""
        last = self.start + self.months - 1
        return tuple(str(year) for year in range(self.start // MONTHS_PER_YEAR, last // MONTHS_PER_YEAR + 1))

    def places(self, detail: str) -> tuple[str, ...]:
        """Names of the places at a detail."""
        return {NATION: (NATION,), PROVINCE: self.provinces, DISTRICT: self.districts,
                FACILITY: self.facilities}[detail]


def known(areas: tuple[str, ...], detail: str) -> dict[str, Indicator]:
    """Every indicator that can be kept at a detail, costs among them, by name."""
    named = [*indicators(areas), *(PROGRAMME if detail == NATION else ()),
             *(one for one in DERIVED if detail != FACILITY or one.name != "order_80")]
    return {one.name: one for one in named} | {name: cost for name, (cost, _, _) in COSTS.items()}


@dataclass(frozen=True)
class Field:
    """An indicator of a group over times and places, which stands at `start` in the record, times before places."""

    indicator: Indicator
    group: str
    times: tuple[str, ...]
    places: tuple[str, ...]
    start: int

    @property
    def shape(self) -> tuple[int, int]:
        """Times and places."""
        return len(self.times), len(self.places)

    @property
    def span(self) -> slice:
        """Where the field stands in a record."""
        return slice(self.start, self.start + len(self.times) * len(self.places))


class Raw(NamedTuple):
    """Sums of many runs, from which fields are worked out: the runs are the first axis of each array.

    sums       (n, times, places, groups, columns);  programme  (n, times, 8)
    cost       US$ since the start (n, years, places, lines, payers)
    """

    sums: np.ndarray
    programme: np.ndarray
    cost: np.ndarray


@dataclass(frozen=True)
class Layout:
    """The fields of a record, and how a run is read to fill them."""

    keep: Keep
    extent: Extent
    fields: tuple[Field, ...]

    @property
    def size(self) -> int:
        """Numbers in a record."""
        return self.fields[-1].span.stop

    @cached_property
    def digest(self) -> str:
        """Names the form of the record, 16 hexadecimal digits."""
        form = [[f.indicator.name, f.group, f.times, f.places] for f in self.fields]
        return blake2b(json.dumps(form).encode(), digest_size=8).hexdigest()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Columns of sums that the fields need."""
        needed = (columns_needed(f.indicator) for f in self.fields if _is_sum(f.indicator.name))
        return tuple(dict.fromkeys(column for columns in needed for column in columns))

    @cached_property
    def places_of_columns(self) -> np.ndarray:
        """Positions of the columns in a reading; int64 (columns,)."""
        names = [indicator.name for indicator in indicators(self.extent.areas)]
        return np.array([names.index(column) for column in self.columns], dtype=np.int64)

    @cached_property
    def records(self) -> np.ndarray:
        """The quarters of a reading that are kept, at the detail of the nation; int64 (times,)."""
        quarters = self.extent.quarters
        if self.keep.every == QUARTER:
            return np.arange(len(quarters))
        return np.array([max(at for at, name in enumerate(quarters) if name[:4] == year) for year in self.extent.years])

    @property
    def groups(self) -> Mapping[str, tuple[int, ...]]:
        """The rows of sums that make up each group."""
        return ONE_GROUP if self.keep.detail == FACILITY else GROUP_ROWS

    def recording(self, facility: np.ndarray) -> Recording:
        """What a run reads; `facility` is the setting's table of facilities."""
        detail = self.keep.detail
        if detail == NATION:
            return Recording(MONTHS_PER_QUARTER, np.zeros(len(facility), dtype=np.int64), True)
        place = np.arange(len(facility)) if detail == FACILITY else facility[detail]
        return Recording(self.extent.months, np.ascontiguousarray(place, dtype=np.int64), detail != FACILITY)

    def allocate(self, runs: int) -> Raw:
        """Empty arrays for the sums of some runs."""
        extent, nation = self.extent, self.keep.detail == NATION
        times = len(self.records) if nation else len(extent.years)
        groups = 1 if self.keep.detail == FACILITY else len(GROUP_ROWS[ALL])
        places = len(extent.places(self.keep.detail))
        money = any(f.indicator.name in COSTS for f in self.fields)
        where = len(self._places_of_money())
        return Raw(np.zeros((runs, times, places, groups, len(self.columns))),
                   np.zeros((runs, times if nation else 0, len(PROGRAMME))),
                   np.zeros((runs, len(extent.years) if money else 0, where, len(COST_LINES), len(PAYERS))))

    def note(self, raw: Raw, run: int, reading: Reading) -> None:
        """Copy what is needed of a reading into the sums of a run."""
        nation = self.keep.detail == NATION
        table = reading.nation[self.records] if nation else reading.places
        raw.sums[run] = table[..., self.places_of_columns].reshape(raw.sums.shape[1:])
        if nation:
            raw.programme[run] = reading.programme[self.records]
        if raw.cost.shape[1]:
            by_province = reading.cost.sum(axis=2)
            raw.cost[run] = by_province if self.keep.detail == PROVINCE else by_province.sum(axis=1, keepdims=True)

    def values(self, raw: Raw) -> np.ndarray:
        """The records of runs from their sums; float64 (n, size)."""
        out = np.empty((len(raw.sums), self.size))
        sums = Sums(raw.sums, self.columns, dict(self.groups))
        yearly = np.diff(raw.cost, axis=1, prepend=0.0) if raw.cost.shape[1] else raw.cost
        for f in self.fields:
            name = f.indicator.name
            if name in COSTS:
                _, lines, payers = COSTS[name]
                chosen = yearly[..., [COST_LINES.index(line) for line in lines], :]
                found = chosen[..., [PAYERS.index(payer) for payer in payers]].sum(axis=(-2, -1))
            elif name in _PROGRAMME:
                found = raw.programme[:, :, _PROGRAMME.index(name)]
            else:
                found = sums.value(f.indicator, f.group)
            out[:, f.span] = found.reshape(len(out), -1)
        return out

    def _places_of_money(self) -> tuple[str, ...]:
        return self.extent.provinces if self.keep.detail == PROVINCE else (NATION,)


def layout_of(keep: Keep, extent: Extent) -> Layout:
    """The layout of what is kept; every name is known at this detail."""
    declared_names, fields, start = known(extent.areas, keep.detail), [], 0
    yearly = keep.detail != NATION or keep.every == YEAR
    for name in keep.indicators:
        money, grouped = name in COSTS, _is_sum(name) and name != "order_80"
        times = extent.years if yearly or money else extent.quarters
        places = extent.places(keep.detail)
        if money and keep.detail != PROVINCE:
            places = (NATION,)
        for group in keep.groups if grouped else (ALL,):
            fields.append(Field(declared_names[name], group, times, places, start))
            start = fields[-1].span.stop
    return Layout(keep, extent, tuple(fields))


def _is_sum(name: str) -> bool:
    """Whether an indicator is worked out from sums over facilities."""
    return name not in COSTS and name not in _PROGRAMME
