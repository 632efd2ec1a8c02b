"""The record of a run: its fields one after the other, and how a run is read to fill them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_QUARTER
from qicsim.model.columns import COST_LINES, PAYERS
from qicsim.model.indicators import PROGRAMME, indicators
from qicsim.model.simulate import Reading, Recording
from qicsim.runs.fields import (
    ALL,
    COSTS,
    FACILITY,
    NATION,
    PROGRAMME_NAMES,
    PROVINCE,
    QUARTER,
    YEAR,
    Extent,
    Field,
    Keep,
    is_sum,
    known,
)
from qicsim.runs.sums import GROUP_ROWS, Sums, columns_needed

ONE_GROUP = {ALL: (0,)}


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
        needed = (columns_needed(f.indicator) for f in self.fields if is_sum(f.indicator.name))
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
            elif name in PROGRAMME_NAMES:
                found = raw.programme[:, :, PROGRAMME_NAMES.index(name)]
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
        money, grouped = name in COSTS, is_sum(name) and name != "order_80"
        times = extent.years if yearly or money else extent.quarters
        places = extent.places(keep.detail)
        if money and keep.detail != PROVINCE:
            places = (NATION,)
        for group in keep.groups if grouped else (ALL,):
            fields.append(Field(declared_names[name], group, times, places, start))
            start = fields[-1].span.stop
    return Layout(keep, extent, tuple(fields))
