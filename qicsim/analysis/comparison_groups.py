"""The runs of an experiment as arms: each scenario, or each scenario under each row of the table of points.

Arms share draws and luck, so that they can be compared run by run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.translatable import Told, as_written, tell
from qicsim.inputs.scenario.timeline import LEVERS
from qicsim.runs.fields import NATION, Field
from qicsim.runs.results import Results


@dataclass(frozen=True)
class Arm:
    """One of the things that are compared: a scenario (its place and name), a row of the table, and what to call it."""

    place: int
    scenario: str
    row: int
    title: str


def arms_of(results: Results) -> tuple[Arm, ...]:
    """Scenario by scenario, every row of the table of points."""
    rows = np.unique(results.design.points.row).tolist()
    told = {row: row_words(results, row) for row in rows} if len(rows) > 1 else {}
    return tuple(Arm(place, scenario.name, row, tell("{scenario} ({settings})", scenario=as_written(scenario.title),
                                                     settings=told[row]) if told else as_written(scenario.title))
                 for place, scenario in enumerate(results.design.study.scenarios) for row in rows)


def row_words(results: Results, row: int) -> str:
    """What a row of the table sets."""
    points, table = results.design.points, results.design.study.table
    first = int(np.flatnonzero(points.row == row)[0])
    said = [f"{name} {_value(name, value)}" for name, value in zip(points.levers, points.settings[first], strict=True)
            if np.isfinite(value)]
    if table is not None:
        said += [f"{name} {value:g}" for name, value in zip(table.parameters, table.values[row], strict=True)
                 if np.isfinite(value)]
    return ", ".join(said) or tell("as it is")


def _value(lever: str, value: float) -> str:
    choices = LEVERS[lever].choices
    return choices[int(value)] if choices else f"{value:g}"


def arm_values(results: Results, arms: tuple[Arm, ...], field: Field) -> np.ndarray:
    """A field of the nation in every arm: float64 (arms, draws, replicates, times); NaN where there is no value."""
    check_nation(results)
    return by_arm(results, arms, results.read(field)[..., 0])


def by_arm(results: Results, arms: tuple[Arm, ...], values: np.ndarray) -> np.ndarray:
    """Values (scenarios, points, ...) as (arms, draws, ...)."""
    rows = results.design.points.row
    return np.stack([values[arm.place][rows == arm.row] for arm in arms])


def check_nation(results: Results) -> None:
    """SettingError unless the nation was kept."""
    detail = results.design.layout.keep.detail
    if detail != NATION:
        raise SettingError("", [Fault("[keep] detail", f'"{detail}" cannot be analysed', f'"{NATION}"')])


@dataclass(frozen=True)
class Size:
    """What an analysis rests on: draws that have a run, most replicates of a draw, pairs of draw and replicate."""

    draws: int
    replicates: int
    pairs: int

    @staticmethod
    def of(done: np.ndarray) -> Size:
        """The size of what is done, bool (draws, replicates)."""
        counts = done.sum(axis=1)
        return Size(int((counts > 0).sum()), int(counts.max(initial=0)), int(counts.sum()))

    @property
    def words(self) -> Told:
        """In words: the pairs themselves where some draws lack a replicate."""
        each = tell("1 replicate") if self.replicates == 1 else tell("{count} replicates", count=f"{self.replicates:,}")
        if self.pairs == self.draws * self.replicates:
            return tell("{draws} draws x {replicates}", draws=f"{self.draws:,}", replicates=each)
        return tell("{pairs} pairs of draw and replicate ({draws} draws, at most {replicates})",
                    pairs=f"{self.pairs:,}", draws=f"{self.draws:,}", replicates=each)


def size_of(results: Results, arms: tuple[Arm, ...]) -> Size:
    """What is there in every arm; of an experiment that has nothing in every arm, what is there in any."""
    present = by_arm(results, arms, results.present())
    everywhere = np.all(present, axis=0)
    return Size.of(everywhere if everywhere.any() else np.any(present, axis=0))


@dataclass(frozen=True, eq=False)
class Whole:
    """The draws and the number of replicates that are there in every arm; and how many there were to be."""

    draws: np.ndarray
    replicates: int
    wanted: tuple[int, int]

    @property
    def size(self) -> Size:
        """How much is there."""
        return Size(len(self.draws), self.replicates, len(self.draws) * self.replicates)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out."""
        draws, replicates = self.wanted
        if (len(self.draws), self.replicates) == self.wanted:
            return ()
        return (tell("Only {there} of {draws} draws with {some} of {replicates} replicates are there in every "
                     "scenario; the analysis uses these.", there=len(self.draws), draws=draws, some=self.replicates,
                     replicates=replicates),)

    def of(self, values: np.ndarray) -> np.ndarray:
        """The part of values (arms, draws, replicates, ...) that is whole."""
        return values[:, self.draws, :self.replicates]


def whole(results: Results, arms: tuple[Arm, ...], *, fewest: tuple[int, int]) -> Whole:
    """The largest part with no run missing; SettingError when it has fewer draws or replicates than needed."""
    present: np.ndarray = np.all(by_arm(results, arms, results.present()), axis=0)
    counts = {r: np.flatnonzero(present[:, :r].all(axis=1)) for r in range(fewest[1], present.shape[1] + 1)}
    enough = {r: draws for r, draws in counts.items() if len(draws) >= fewest[0]}
    if not enough:
        raise SettingError("", [Fault("runs", "too few are there", f"{fewest[0]} draws with {fewest[1]} replicates in "
                                      "every scenario", "`qicsim experiment resume` makes those that are missing")])
    most = max(enough, key=lambda r: (r * len(enough[r]), r))
    return Whole(enough[most], most, present.shape)
