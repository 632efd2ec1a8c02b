"""The one entrance to compiled code: are the tables of a setting what their declarations say?

Compiled code reads past the end of an array without a word, so types, ranges and rows that point at other rows are
checked here, once for each world.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from qicsim.ground.declare import Column, declared, table_dtype
from qicsim.ground.errors import QicsimError
from qicsim.model.columns import TABLES, Setting
from qicsim.model.levers import SCHEDULES

WEIGHT_TOLERANCE = 1e-6
_ROWS = {"area": 1, "schedule": len(SCHEDULES), "money": 1}
_LISTS = ("peer", "province_order")
# Columns that hold rows of another table.
_POINTERS = (("facility", "district"), ("facility", "province"), ("district", "province"))
# Tables whose rows each own the rows from one column up to another, and the table or list that these are rows of.
_SPANS = (("facility", "first_peer", "end_peer", "peer"), ("district", "first", "end", "facility"),
          ("province", "first", "end", "district"))


class WorldError(QicsimError):
    """A column of the world that compiled code must not be given."""


def check_setting(setting: Setting) -> None:
    """Raise WorldError, naming every table and column that is not as declared."""
    faults = [*_form_faults(setting)]
    if not faults:
        faults = [*_range_faults(setting), *_pointer_faults(setting), *_span_faults(setting), *_weight_faults(setting)]
    if faults:
        raise WorldError("\n".join(faults))


def _form_faults(setting: Setting) -> Iterator[str]:
    """Type, order and number of rows of each table and list."""
    areas = setting.area.dtype["dimension"].shape[0] if setting.area.dtype.names else 0
    wanted = {name: table_dtype(record, areas=areas) for name, record in TABLES.items()}
    wanted |= dict.fromkeys(_LISTS, np.dtype(np.int64))
    for name, dtype in wanted.items():
        array = getattr(setting, name)
        if not isinstance(array, np.ndarray) or array.dtype != dtype or array.ndim != 1:
            yield f"{name}: must be a one-dimensional array of the declared type, not {_form(array)}"
        elif not array.flags.c_contiguous or not array.flags.writeable:
            yield f"{name}: must be contiguous and writeable"
        elif len(array) != _ROWS.get(name, len(array)) or (not len(array) and name != "peer"):
            yield f"{name}: has {len(array)} rows; allowed {_ROWS.get(name, '1 or more')}"


def _form(array: object) -> str:
    return f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__


def _range_faults(setting: Setting) -> Iterator[str]:
    """Values that are not finite or outside the declared range."""
    for name, record in TABLES.items():
        for column, leaf in declared(record).items():
            fault = _range_fault(getattr(setting, name)[column], leaf.declaration)
            if fault:
                yield f"{name}.{column}: {fault}"


def _range_fault(values: np.ndarray, column: Column) -> str:
    if not np.all(np.isfinite(values)):
        return "holds a value that is not finite"
    low, high = float(values.min()), float(values.max())
    if low < column.low or high > column.high:
        return f"runs from {low:g} to {high:g}; allowed {column.low:g} to {column.high:g}"
    return ""


def _pointer_faults(setting: Setting) -> Iterator[str]:
    """Rows of other tables that do not exist."""
    pointers = [(f"{name}.{column}", getattr(setting, name)[column], column) for name, column in _POINTERS]
    for place, rows, target in (*pointers, ("peer", setting.peer, "facility")):
        size = len(getattr(setting, target))
        if rows.size and not 0 <= rows.min() <= rows.max() < size:
            yield f"{place}: points outside the {size} rows of {target}"
    if not np.array_equal(np.sort(setting.province_order), np.arange(len(setting.province))):
        yield "province_order: must hold every province once"


def _span_faults(setting: Setting) -> Iterator[str]:
    """Spans that do not cover all rows, one after the other."""
    for name, first, end, target in _SPANS:
        firsts, ends = getattr(setting, name)[first], getattr(setting, name)[end]
        size = len(getattr(setting, target))
        if not np.array_equal(firsts, [0, *ends[:-1]]) or ends[-1] != size or np.any(ends < firsts):
            yield f"{name}.{first} and {name}.{end}: must cover the {size} rows of {target}, one span after the other"


def _weight_faults(setting: Setting) -> Iterator[str]:
    if np.any(np.abs(setting.area["weight"].sum(axis=-1) - 1.0) > WEIGHT_TOLERANCE):
        yield "area.weight: the weights of a kind and a set must sum to 1"
