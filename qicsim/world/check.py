"""The one entrance to compiled code: are the columns of a setting what their declarations say?

Compiled code reads past the end of an array without a word, so shapes, types, ranges and rows that point at other
rows are checked here, once for each world. Type and shape are read off the declared meaning, which ends in
"...; float64 (2, A)".
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import numpy as np

from qicsim.declare import Column, declared
from qicsim.errors import QicsimError
from qicsim.model.columns import Setting

WEIGHT_TOLERANCE = 1e-6
_FORM = re.compile(r"; (uint64|int64|float64) \(([^()]+)\)$")
# Columns that hold rows of something, and the letter of how many of it there are.
_POINTERS = {"district": "D", "province": "P", "district_province": "P", "peer": "F", "province_order": "P"}
# Columns that say where each group of rows begins, and the letter or column whose length they end at.
_STARTS = {"peer_start": "ties", "district_start": "F", "province_start": "D"}


class WorldError(QicsimError):
    """A column of the world that compiled code must not be given."""


def form_of(column: Column) -> tuple[np.dtype, tuple[str, ...]]:
    """Type and shape that a column's meaning declares; the shape in letters and numbers."""
    match = _FORM.search(column.meaning)
    if match is None:
        raise WorldError(f'the meaning "{column.meaning}" does not end in a type and a shape')
    return np.dtype(match[1]), tuple(part.strip() for part in match[2].split(",") if part.strip())


def check_setting(setting: Setting) -> None:
    """Raise WorldError, naming every column that is not as declared."""
    sizes: dict[str, int] = {}
    faults: list[str] = []
    for name, leaf in declared(Setting).items():
        faults += [f"{name}: {fault}" for fault in _form_faults(getattr(setting, name), leaf.declaration, sizes)]
    if not faults:
        faults = [*_range_faults(setting), *_pointer_faults(setting, sizes), *_weight_faults(setting)]
    if faults:
        raise WorldError("\n".join(faults))


def _form_faults(array: object, column: Column, sizes: dict[str, int]) -> Iterator[str]:
    """Type, order and shape; `sizes` learns each letter from the first column that shows it."""
    dtype, letters = form_of(column)
    if not isinstance(array, np.ndarray) or array.dtype != dtype:
        yield f"must be an array of {dtype}, not {getattr(array, 'dtype', type(array).__name__)}"
        return
    if not array.flags.c_contiguous or not array.flags.writeable:
        yield "must be contiguous and writeable"
    if array.ndim != len(letters):
        yield f"must have the shape ({', '.join(letters)}), not {array.shape}"
        return
    for letter, size in zip(letters, array.shape, strict=True):
        wanted = _size_of(letter, size, sizes)
        if size != wanted:
            yield f"has {size} values where {letter} = {wanted}"


def _size_of(letter: str, size: int, sizes: dict[str, int]) -> int:
    """The size that a letter, a letter plus 1, or a number stands for; an unknown letter takes `size`."""
    if letter.isdigit():
        return int(letter)
    name, _, more = letter.partition("+")
    extra = int(more or 0)
    return sizes.setdefault(name, size - extra) + extra


def _range_faults(setting: Setting) -> Iterator[str]:
    """Values that are not finite or outside the declared range."""
    for name, leaf in declared(Setting).items():
        array, column = getattr(setting, name), leaf.declaration
        if not array.size:
            continue
        low, high = float(array.min()), float(array.max())
        if math.isnan(low) or math.isinf(low) or math.isinf(high):
            yield f"{name}: holds a value that is not finite"
        elif low < column.low or high > column.high:
            yield f"{name}: runs from {low:g} to {high:g}; allowed {column.low:g} to {column.high:g}"


def _pointer_faults(setting: Setting, sizes: dict[str, int]) -> Iterator[str]:
    """Rows that point outside, and groups that do not cover all rows in order."""
    for name, letter in _POINTERS.items():
        rows = getattr(setting, name)
        if rows.size and not 0 <= rows.min() <= rows.max() < sizes[letter]:
            yield f"{name}: points outside the {sizes[letter]} rows of {letter}"
    for name, letter in _STARTS.items():
        starts = getattr(setting, name)
        if starts[0] != 0 or starts[-1] != sizes[letter] or np.any(np.diff(starts) < 0):
            yield f"{name}: must rise from 0 to {sizes[letter]}"
    if sorted(setting.province_order.tolist()) != list(range(sizes["P"])):
        yield "province_order: must hold every province once"


def _weight_faults(setting: Setting) -> Iterator[str]:
    if np.any(np.abs(setting.area_weight.sum(axis=2) - 1.0) > WEIGHT_TOLERANCE):
        yield "area_weight: the weights of a kind and a set must sum to 1"
