"""From starting values and dated changes to one value of each lever for each month.

All months that can be simulated lie on one axis, so that a change before the horizon (in a file that is extended)
simply is in force when the horizon begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.ground.declare import Lever, declared
from qicsim.inputs.country.record import EARLIEST, LATEST
from qicsim.inputs.scenario.values import Value, is_flag
from qicsim.model.levers import Levers

LEVERS: dict[str, Lever] = {name: leaf.declaration for name, leaf in declared(Levers).items()}


@dataclass(frozen=True)
class Change:
    """From `month` on the lever has `value`; with `ramp_to` it moves there in equal monthly steps."""

    lever: str
    month: int
    value: Value
    ramp_to: int | None = None


def can_ramp(lever: Lever) -> bool:
    """Whether the lever is an amount that can move step by step."""
    return not lever.choices and not lever.areas and not is_flag(lever)


def dtype_of(lever: Lever) -> type:
    """Choices, flags and whole numbers are int64; amounts are float64."""
    return np.int64 if lever.choices or lever.whole else np.float64


def paint(values: np.ndarray, first: int, change: Change) -> None:
    """Write a change into `values` (months,), whose first entry is the month `first`; from its month to the end."""
    at = change.month - first
    before = values[max(at - 1, 0)]
    values[at:] = change.value
    if change.ramp_to is None:
        return
    steps = change.ramp_to - change.month + 1
    taken = np.arange(1, min(steps, values.size - at + 1))
    rise = (values.dtype.type(change.value) - before) * taken
    whole = np.issubdtype(values.dtype, np.integer)
    values[at:at + taken.size] = before + (rise // steps if whole else rise / steps)


def in_force(layers: Iterable[tuple[Mapping[str, Value], Iterable[Change]]], start: int) -> dict[str, list[Change]]:
    """For each lever its changes that count, in order of month, given layers of (starting values, changes).

    A layer's starting value replaces what earlier layers say up to the horizon's `start`; a layer's first change of a
    lever ends what earlier layers plan for that lever from its month on.
    """
    history: dict[str, list[Change]] = {name: [] for name in LEVERS}
    for starting, changes in layers:
        for name, value in starting.items():
            history[name] = [Change(name, EARLIEST, value), *(old for old in history[name] if old.month > start)]
        own = sorted(changes, key=lambda change: change.month)
        for name in {change.lever for change in own}:
            new = [change for change in own if change.lever == name]
            history[name] = [old for old in history[name] if old.month < new[0].month] + new
    return history


def lever_values(history: Mapping[str, Iterable[Change]]) -> Levers:
    """Every lever over all months that can be simulated, each (LATEST - EARLIEST + 1,)."""
    columns: dict[str, Any] = {}
    for name, leaf in declared(Levers).items():
        values: np.ndarray = np.full(LATEST - EARLIEST + 1, leaf.default, dtype=dtype_of(leaf.declaration))
        for change in history[name]:
            paint(values, EARLIEST, change)
        columns[name] = values
    return Levers(**columns)


def cut(levers: Levers, first: int, last: int) -> Levers:
    """The months `first` to `last` of levers over the whole axis, as arrays of their own."""
    columns: tuple[Any, ...] = levers
    return Levers(*(values[first - EARLIEST:last - EARLIEST + 1].copy() for values in columns))
