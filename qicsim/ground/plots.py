"""Pictures for notebooks and scripts (matplotlib): paths with bands, intervals, stacked parts, tiles.

Each draws on the axes that it is given, or on new ones, and gives them back, so that they can be changed, put beside
others and saved as any matplotlib axes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from qicsim.ground.intervals import interval_of

FADED = 0.35


class Path(NamedTuple):
    """An amount over time with its interval, arrays (times,)."""

    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray


class Tile(NamedTuple):
    """A value at a place of a grid, rows from above."""

    row: int
    column: int
    value: float


def axes_or_new(axes: Any = None, size: tuple[float, float] = (7.0, 4.0)) -> Any:
    """The axes, or those of a new figure."""
    if axes is not None:
        return axes
    from matplotlib import pyplot

    return pyplot.subplots(figsize=size, layout="constrained")[1]


def paths(series: Mapping[str, tuple[Sequence[str], Path]], label: str, axes: Any = None) -> Any:
    """Lines with bands over named times, which are put in order."""
    axes = axes_or_new(axes)
    times = sorted({time for names, _ in series.values() for time in names})
    at = {time: place for place, time in enumerate(times)}
    for name, (own, path) in series.items():
        x = [at[time] for time in own]
        line, = axes.plot(x, path.middle, label=name)
        axes.fill_between(x, path.low, path.high, color=line.get_color(), alpha=0.2, linewidth=0)
    step = max(math.ceil(len(times) / 7), 1)
    axes.set_xticks(range(0, len(times), step), times[::step])
    axes.set_ylabel(label)
    axes.legend()
    return axes


def intervals(rows: Mapping[str, tuple[float, float, float]], label: str, axes: Any = None, *,
              faded: Sequence[str] = ()) -> Any:
    """A dot and its interval (value, low, high) in each row, the first above; `faded` ones are paler."""
    axes = axes_or_new(axes, (7.0, 1.2 + 0.35 * len(rows)))
    for place, (name, (value, low, high)) in enumerate(rows.items()):
        alpha = FADED if name in faded else 1.0
        axes.plot([low, high], [place, place], color="C0", alpha=alpha)
        axes.plot(value, place, "o", color="C0", alpha=alpha)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.axvline(0.0, color="0.6", linewidth=0.8, zorder=0)
    axes.set_xlabel(label)
    return axes


def stacks(rows: Mapping[str, Mapping[str, float]], label: str, axes: Any = None) -> Any:
    """A bar in each row, made of parts: gains to the right of zero, losses to the left, a dot at their sum."""
    from matplotlib import colormaps

    axes = axes_or_new(axes, (8.0, max(4.2, 1.6 + 0.45 * len(rows))))
    colours, names = colormaps["tab20"], list(rows)
    parts = list(dict.fromkeys(part for row in rows.values() for part in row))
    ends = {1: np.zeros(len(names)), -1: np.zeros(len(names))}
    for number, part in enumerate(parts):
        amounts = np.array([rows[name].get(part, 0.0) for name in names])
        starts = np.where(amounts >= 0.0, ends[1], ends[-1])
        axes.barh(range(len(names)), amounts, left=starts, label=part, color=colours(number % colours.N))
        ends[1] += np.maximum(amounts, 0.0)
        ends[-1] += np.minimum(amounts, 0.0)
    axes.plot(ends[1] + ends[-1], range(len(names)), "ko", label="sum")
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.axvline(0.0, color="0.3", linewidth=0.8)
    axes.set_xlabel(label)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize="small")
    return axes


def tiles(places: Mapping[str, Tile], label: str, axes: Any = None, *, around_zero: bool = False) -> Any:
    """A square for each place with its name and value; colours from blue to orange around zero, or of one scale."""
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    axes = axes_or_new(axes, (6.5, 6.0))
    found = np.array([tile.value for tile in places.values()])
    most = float(np.nanmax(np.abs(found))) or 1.0
    low, high = (-most, most) if around_zero else (float(np.nanmin(found)), float(np.nanmax(found)))
    scale = ScalarMappable(Normalize(low, high), colormaps["PuOr_r" if around_zero else "cividis"])
    for name, (row, column, value) in places.items():
        colour = scale.to_rgba(value)
        ink = "k" if np.dot(colour[:3], (0.3, 0.6, 0.1)) > 0.5 else "w"  # noqa: PLR2004 half of all light
        axes.add_patch(_square(column, row, colour))
        axes.text(column + 0.5, row + 0.5, f"{_in_lines(name)}\n{value:{'+' if around_zero else ''}.1f}", color=ink,
                  ha="center", va="center", fontsize="x-small")
    axes.set_xlim(0, 1 + max(tile.column for tile in places.values()))
    axes.set_ylim(1 + max(tile.row for tile in places.values()), 0)
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.figure.colorbar(scale, ax=axes, label=label, shrink=0.7)
    return axes


def _square(x: int, y: int, colour: Any) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x + 0.02, y + 0.02), 0.96, 0.96, facecolor=colour)


def _in_lines(name: str) -> str:
    return "\n".join(name.split(" ", 1))


def path_between_runs(values: np.ndarray) -> Path:
    """Mean and 5-95 % interval of values (runs, times); runs without a value are left out."""
    found = interval_of(values)
    return Path(found.mean, found.low, found.high)
