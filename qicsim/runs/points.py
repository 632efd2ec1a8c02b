"""Points: what is varied between runs of a scenario, namely parameters' values and, from a month on, levers.

Points come from draws, from a table crossed with draws, or ready-made from Python (a Sobol design, say).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from qicsim.ground.calendar import parse_month
from qicsim.ground.declare import declared
from qicsim.ground.errors import DataError, Fault, Faults
from qicsim.ground.shown import Shown
from qicsim.ground.table import Layout, Row, read_table
from qicsim.inputs.scenario.timeline import LEVERS
from qicsim.inputs.scenario.values import lever_value, month, parameter_value
from qicsim.model.parameters import Parameters
from qicsim.runs.draws import Draws, names

MOST_POINTS = 2**24
MOST_DRAWS = 2**20
MATRIX = 2
FLAGS = {"true": True, "false": False}


@dataclass(frozen=True, eq=False, repr=False)
class Points(Shown):
    """Points of an experiment; n of them.

    Attributes:
        values: every parameter, in the order of `qicsim.runs.draws.names`; float64 (n, parameters).
        draw: numbers that fix the luck: points with the same number share it; int64 (n,), each below 2^20.
        levers, settings: names of levers (L,) and what they are set to, float64 (n, L): a choice by its position, NaN
            where the scenario's own value stays.
        since: month from which settings hold, like "2027-01"; None where there are no levers.
        row: row of the table that a point came from, int64 (n,); 0 throughout where there was none.
    """

    values: np.ndarray
    draw: np.ndarray
    levers: tuple[str, ...] = ()
    settings: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    since: str | None = None
    row: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def __post_init__(self) -> None:
        """Complete what was left out, and check the rest: DataError with every fault."""
        n = len(self.values)
        for name, value in (("values", np.ascontiguousarray(self.values, dtype=np.float64)),
                            ("draw", np.ascontiguousarray(self.draw, dtype=np.int64)),
                            ("settings", np.ascontiguousarray(self.settings, dtype=np.float64)
                             if self.levers else np.empty((n, 0))),
                            ("row", np.ascontiguousarray(self.row, dtype=np.int64)
                             if len(self.row) else np.zeros(n, dtype=np.int64))):
            object.__setattr__(self, name, value)
        faults = Faults([*_form_faults(self), *_lever_faults(self)])
        if self.since is not None:
            month(faults, "since", self.since)
        if faults:
            raise DataError("points", faults)

    def __len__(self) -> int:
        """How many points there are."""
        return len(self.values)

    @property
    def month(self) -> int | None:
        """The month from which settings hold, absolute."""
        return None if self.since is None else parse_month(self.since)


@dataclass(frozen=True, eq=False)
class PointTable:
    """Rows of a table: parameters (n, p), and levers (n, L) from the month `since` on; NaN where a cell is empty."""

    parameters: tuple[str, ...]
    values: np.ndarray
    levers: tuple[str, ...]
    settings: np.ndarray
    since: str | None = None


def from_draws(draws: Draws) -> Points:
    """A point for each draw, with luck of its own."""
    return Points(draws.values, np.arange(len(draws)))


def crossed(draws: Draws, table: PointTable) -> Points:
    """Every row of a table under every draw, draw by draw; the rows share the luck of their draw."""
    rows = len(table.values)
    values = np.repeat(draws.values, rows, axis=0)
    for at, name in enumerate(table.parameters):
        given = np.tile(table.values[:, at], len(draws))
        place = names().index(name)
        values[:, place] = np.where(np.isnan(given), values[:, place], given)
    return Points(values, np.repeat(np.arange(len(draws)), rows), table.levers,
                  np.tile(table.settings, (len(draws), 1)), table.since, np.tile(np.arange(rows), len(draws)))


def read_points(path: Path, since: str | None = None) -> PointTable:
    """The table of a CSV file: a column for each parameter or lever, empty cells for what stays.

    Raises DataError with every fault.
    """
    table = read_table(path, Layout((), (*names(), *LEVERS)), DataError)
    there = tuple(table.rows[0].cells) if table.rows else ()
    if not table.rows:
        table.fault("", "holds no point", allowed="one row or more")
    parameters = tuple(name for name in there if name in names())
    levers = tuple(name for name in there if name in LEVERS)
    values = [[_parameter(row, name) for name in parameters] for row in table.rows]
    settings = [[_lever(row, name) for name in levers] for row in table.rows]
    table.refuse_faults()
    return PointTable(parameters, np.array(values), levers, np.array(settings), since)


def _parameter(row: Row, name: str) -> float:
    if not row.cells[name]:
        return np.nan
    found = row.number(name)
    faults = Faults()
    if np.isfinite(found):
        parameter_value(faults, f"line {row.line}, {name}", found, declared(Parameters)[name].declaration)
    row.faults.extend(faults)
    return found


def _lever(row: Row, name: str) -> float:
    cell, faults = row.cells[name], Faults()
    worded = bool(LEVERS[name].choices) or cell in FLAGS
    given = FLAGS.get(cell, cell) if worded else row.number(name) if cell else np.nan
    if isinstance(given, float) and np.isnan(given):
        return np.nan
    found = lever_value(faults, f"line {row.line}, {name}", given, LEVERS[name]) if cell else None
    row.faults.extend(faults)
    return np.nan if found is None else float(found)


def _form_faults(points: Points) -> list[Fault]:
    n, faults = len(points), []
    if not 1 <= n <= MOST_POINTS:
        faults.append(Fault("values", f"{n} points", f"1 to {MOST_POINTS:,}"))
    if points.values.shape != (n, len(names())):
        faults.append(Fault("values", f"shape {points.values.shape}", f"({n}, {len(names())}): every parameter"))
    elif not np.isfinite(points.values).all():
        faults.append(Fault("values", "not all are finite", "finite numbers"))
    if points.draw.shape != (n,) or (n and not 0 <= points.draw.min() <= points.draw.max() < MOST_DRAWS):
        faults.append(Fault("draw", "does not number the luck of every point", f"{n} whole numbers below {MOST_DRAWS}"))
    if points.row.shape != (n,):
        faults.append(Fault("row", f"shape {points.row.shape}", f"({n},)"))
    return faults


def _lever_faults(points: Points) -> list[Fault]:
    faults = Faults()
    for name in points.levers:
        if name not in LEVERS:
            faults.add("levers", f'"{name}" is not a lever')
    if points.settings.shape != (len(points), len(points.levers)):
        faults.add("settings", f"shape {points.settings.shape}", f"({len(points)}, {len(points.levers)})")
    if points.levers and points.since is None:
        faults.add("since", "is missing", "the month from which the levers hold")
    if faults:
        return faults
    for name, column in zip(points.levers, points.settings.T, strict=True):
        lever, set_to = LEVERS[name], column[~np.isnan(column)]
        low, high = (0, len(lever.choices) - 1) if lever.choices else (lever.low, lever.high)
        whole = bool(lever.choices) or lever.whole
        if ((set_to < low) | (set_to > high)).any() or (whole and (set_to % 1 != 0).any()):
            faults.add("settings", f"{name} is set to what it cannot be", lever.allowed)
    return faults
