"""Results: an experiment's runs as arrays, one indicator at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from qicsim.ground import plots
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.ground.numbers import plural
from qicsim.ground.shown import Face, Shown, in_a_word
from qicsim.runs.design import BLOCK, StudyDesign
from qicsim.runs.fields import ALL, Field
from qicsim.runs.store import NOWHERE, Found, Store

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


class State(NamedTuple):
    """How far an experiment is: runs in all, finished, failed, missing, and damaged files of its store."""

    runs: int
    done: int
    failed: int
    missing: int
    damaged: int


@dataclass(frozen=True, eq=False, repr=False)
class Results(Shown):
    """The runs of a design, as far as the store has them; what it lacks is NaN.

    Arrays are read from the store when they are asked for: memory holds what is given back, and where each run stands.
    """

    design: StudyDesign
    store: Store

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Names of the first axis."""
        return tuple(scenario.name for scenario in self.design.study.scenarios)

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every indicator and group that was kept, with its times and places."""
        return self.design.layout.fields

    def face(self) -> Face:
        """How far the study is, and what is kept."""
        import pandas as pd

        state, (scenarios, points, replicates) = self.state(), self.design.shape
        kept = pd.DataFrame([{"indicator": one.indicator.name, "group": one.group, "times": in_a_word(one.times),
                              "places": in_a_word(one.places), "unit": one.indicator.unit} for one in self.fields])
        return Face(f"Results of {self.design.study.name}: {state.done:,} of {state.runs:,} runs "
                    f"({plural(scenarios, 'scenario', 'scenarios')} x {plural(points, 'point', 'points')} x "
                    f"{plural(replicates, 'replicate', 'replicates')})",
                    (*((f"{state.failed:,} runs failed",) if state.failed else ()),
                     f"kept: {in_a_word(tuple(dict.fromkeys(kept['indicator'])))}"), kept)

    def plot(self, indicator: str | None = None, group: str = ALL, *, place: str | None = None, axes: Any = None
             ) -> Any:
        """Mean and 5-95 % interval between all runs of each scenario, on matplotlib axes, which are given back.

        By default of the first indicator and place. SettingError for what was not kept.
        """
        field = self.field(indicator or self.fields[0].indicator.name, group)
        if place is not None and place not in field.places:
            raise SettingError("", [Fault("place", f'"{place}" was not kept', "", nearest(place, field.places))])
        at = field.places.index(place) if place else 0
        runs = self.read(field)[..., at]
        series = {name: (field.times, plots.path_between_runs(own.reshape(-1, len(field.times))))
                  for name, own in zip(self.scenarios, runs, strict=True)}
        return plots.paths(series, f"{field.indicator.meaning}, {field.indicator.unit}", axes)

    def times(self, indicator: str) -> tuple[str, ...]:
        """Names of the quarters or years of an indicator."""
        return self._named(indicator)[0].times

    def places(self, indicator: str) -> tuple[str, ...]:
        """Names of the places of an indicator."""
        return self._named(indicator)[0].places

    def values(self, indicator: str, group: str = ALL, *, time: str | None = None, points: slice = slice(None)
               ) -> np.ndarray:
        """An indicator in every run: float64 (scenarios, points, replicates, times, places), NaN for missing runs.

        `time` ("2030Q4", "2030") keeps that time alone and its axis with it; `points` a part of the points. Raises
        SettingError for a name that was not kept.
        """
        field = self.field(indicator, group)
        return self.read(field, slice(None) if time is None else self._time(field, time), points)

    def read(self, field: Field, times: slice = slice(None), points: slice = slice(None)) -> np.ndarray:
        """Some times of a field at some points; float64 (scenarios, points, replicates, times, places)."""
        layout, numbers = self.design.layout, self._numbers(points)
        runs = numbers.ravel()
        chosen = [layout.blocks.index(block) for block in layout.needed(field)]
        there = (self._found.where[runs][:, chosen, 0] != NOWHERE).all(axis=1)
        shape = (len(field.times), len(field.places))
        values = np.full((len(runs), *shape), np.nan)
        if there.any():
            values[there] = layout.values(field, self.store.read(self._found.some(runs[there]), chosen))
        return values[:, times].reshape(*numbers.shape, -1, shape[1])

    def present(self) -> np.ndarray:
        """Which runs are there; bool (scenarios, points, replicates)."""
        return self._found.complete[self._numbers(slice(None))]

    def frame(self, indicators: Sequence[str] | None = None, group: str = ALL) -> pd.DataFrame:
        """A row for each run, time and place, a column for each indicator; those must share times and places."""
        import pandas as pd

        names = list(indicators or dict.fromkeys(field.indicator.name for field in self.fields))
        fields = [self.field(name, group) for name in names]
        faults = [Fault("indicators", f'"{field.indicator.name}" has other times or places than "{names[0]}"')
                  for field in fields if (field.times, field.places) != (fields[0].times, fields[0].places)]
        if faults:
            raise SettingError("", faults)
        axes = (self.scenarios, range(self.design.shape[1]), range(self.design.shape[2]), fields[0].times,
                fields[0].places)
        index = pd.MultiIndex.from_product(axes, names=["scenario", "point", "replicate", "time", "place"])
        columns = {name: self.values(name, group).ravel() for name in names}
        return pd.DataFrame(columns, index=index).reset_index()

    def to_xarray(self, indicators: Sequence[str] | None = None) -> Any:
        """The runs as an xarray Dataset with units, and the parameters of each point (`qicsim.runs.labelled`)."""
        from qicsim.runs.labelled import of_study

        return of_study(self, indicators)

    def to_zarr(self, folder: Path | str, indicators: Sequence[str] | None = None) -> Path:
        """Write `to_xarray` as a zarr store, some points at a time."""
        from qicsim.runs.labelled import write_zarr

        return write_zarr(self, folder, indicators)

    def to_parquet(self, file: Path | str, indicators: Sequence[str] | None = None) -> Path:
        """Write a row for each run, indicator, group, time and place as a parquet file, some points at a time."""
        from qicsim.runs.labelled import write_parquet

        return write_parquet(self, file, indicators)

    def state(self) -> State:
        """How far the experiment is."""
        absent = int((~self._found.complete).sum())
        failed = sum(1 for _ in self.failures())
        return State(self.design.runs, self.design.runs - absent, failed, absent - failed, len(self.store.damaged))

    def made_by_others(self) -> Counter[str]:
        """How many of the missing runs are there as made by other code, by the name of that code."""
        return self.store.made_by_others(self.design.keys(np.flatnonzero(~self._found.complete)))

    def failures(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Number and note of every run that failed, in the order of the design."""
        absent = np.flatnonzero(~self._found.complete) if self.store.failures else np.empty(0, dtype=np.int64)
        for first in range(0, len(absent), BLOCK):
            runs = absent[first:first + BLOCK]
            for run, address in zip(runs.tolist(), self.design.keys(runs).addresses, strict=True):
                if address in self.store.failures:
                    yield run, self.store.failures[address]

    def field(self, indicator: str, group: str = ALL) -> Field:
        """The field of an indicator and a group; SettingError if it was not kept."""
        named = self._named(indicator)
        found = next((field for field in named if field.group == group), None)
        if found is None:
            raise SettingError("", [Fault("group", f'"{group}" was not kept',
                                          ", ".join(field.group for field in named))])
        return found

    @cached_property
    def _found(self) -> Found:
        """Where every run stands."""
        return self.store.find(self.design.keys(np.arange(self.design.runs)), self.design.layout.blocks)

    def _numbers(self, points: slice) -> np.ndarray:
        """Numbers of runs by scenario, point and replicate."""
        scenarios, count, replicates = self.design.shape
        numbers = np.arange(self.design.runs).reshape(replicates, count, scenarios)
        return numbers.transpose(2, 1, 0)[:, points]

    def _named(self, indicator: str) -> list[Field]:
        named = [field for field in self.fields if field.indicator.name == indicator]
        if not named:
            kept = dict.fromkeys(field.indicator.name for field in self.fields)
            raise SettingError("", [Fault("indicators", f'"{indicator}" was not kept', ", ".join(kept),
                                          nearest(indicator, kept))])
        return named

    def _time(self, field: Field, time: str) -> slice:
        if time not in field.times:
            raise SettingError("", [Fault("time", f'"{time}" was not kept', f"{field.times[0]} to {field.times[-1]}",
                                          nearest(time, field.times))])
        at = field.times.index(time)
        return slice(at, at + 1)
