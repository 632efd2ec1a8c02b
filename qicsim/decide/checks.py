"""Checks of arrays and names that collect every fault before anything is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from qicsim.ground.errors import Fault, SettingError, nearest, repeated

Labels = Mapping[str, Sequence[str]]


class Faults:
    """Faults of one call; `refuse` raises SettingError with all of them, or does nothing when there are none."""

    def __init__(self) -> None:
        """Begin with none."""
        self.found: list[Fault] = []

    def add(self, place: str, found: str, allowed: str = "", hint: str = "") -> None:
        """Note a fault."""
        self.found.append(Fault(place, found, allowed, hint))

    def refuse(self) -> None:
        """SettingError with every fault noted so far."""
        if self.found:
            raise SettingError("", self.found)

    def numbers(self, place: str, values: Any, axes: tuple[str, ...], labels: Labels | None = None) -> np.ndarray:
        """Values as float64 with the given axes; notes other shapes, empty axes, and values that are not finite.

        What has another number of axes comes back empty, and further checks let it pass: one fault each.
        """
        try:
            array = np.asarray(values, dtype=float)
        except (TypeError, ValueError):
            self.add(place, "are not an array of numbers", f"numbers by {', '.join(axes)}")
            return np.zeros((0,) * len(axes))
        if array.ndim != len(axes):
            self.add(place, f"have the shape {array.shape}", f"{len(axes)} axes: ({', '.join(axes)})")
            return np.zeros((0,) * len(axes))
        if not array.size:
            self.add(place, f"have no {axes[array.shape.index(0)]}", f"one {axes[array.shape.index(0)]} or more")
        elif not np.isfinite(array).all():
            self.add(place, _not_finite(array, axes, labels or {}), "finite numbers")
        return array

    def not_negative(self, place: str, array: np.ndarray, hint: str = "") -> None:
        """Note values below zero."""
        if array.size and np.isfinite(array).all() and array.min() < 0.0:
            self.add(place, f"{array.min():g} is negative", "0 or more", hint)

    def alike(self, place: str, array: np.ndarray, like: str, other: np.ndarray) -> None:
        """Note two arrays of different shapes."""
        if array.size and other.size and array.shape != other.shape:
            self.add(place, f"have the shape {array.shape}, {like} {other.shape}", "one shape")

    def names(self, place: str, names: Sequence[str], count: int, what: str) -> tuple[str, ...]:
        """Names as text; notes another number than `count`, and names that are there twice."""
        given = tuple(str(name) for name in names)
        if count and len(given) != count:
            self.add(place, f"{len(given)} names for {count} {what}", "one name each")
        twice = sorted(repeated(given))
        if twice:
            self.add(place, f'"{twice[0]}" is there more than once', "each name once")
        return given

    def known(self, place: str, wanted: Iterable[str], allowed: Sequence[str]) -> None:
        """Note words that are not among the allowed ones, with the nearest."""
        for word in wanted:
            if word not in allowed:
                self.add(place, f'"{word}" is not known', ", ".join(allowed), nearest(str(word), allowed))

    def between(self, place: str, value: float, low: float, high: float, hint: str = "") -> None:
        """Note a number outside a range, ends included, or what is no number."""
        if not is_number(value):
            self.add(place, f'"{value}" is no number', f"{low:g} to {high:g}", hint)
        elif not low <= value <= high:
            self.add(place, f"{value:g}", f"{low:g} to {high:g}", hint)


def is_number(value: object) -> bool:
    """Whether a value can be compared with numbers: a plain or a NumPy number, no truth value and no text."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_)


def shown(value: object) -> str:
    """A value that was given, for a fault."""
    return f"{value:g}" if isinstance(value, int | float | np.number) else f'"{value}"'


def promoted(values: Any, axes: int, axis: int) -> Any:
    """Values with an axis of length 1 put in when they have one axis fewer than wanted; otherwise as they are."""
    try:
        array = np.asarray(values)
    except ValueError:
        return values
    return np.expand_dims(array, axis) if array.ndim == axes - 1 else values


def _not_finite(array: np.ndarray, axes: tuple[str, ...], labels: Labels) -> str:
    """Which value is the first that is not finite, and how many there are."""
    bad = np.argwhere(~np.isfinite(array))
    first = bad[0]
    where = ", ".join(f'{axis} "{labels[axis][place]}"' if axis in labels and place < len(labels[axis])
                      else f"{axis} {place}" for axis, place in zip(axes, first, strict=True))
    many = f" ({len(bad)} such values)" if len(bad) > 1 else ""
    return f"{where} is {array[tuple(first)]}{many}"
