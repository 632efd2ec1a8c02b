"""Drawings of sensitivity indices: bars with intervals, lines over time, the plane of a screening."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from qicsim.analysis.sensitivity import Sensitivity
from qicsim.analysis.study_kinds.outputs import Output
from qicsim.analysis.study_kinds.sensitivity_findings import MAIN_WORDS, SensitivityRecord
from qicsim.report.colours import BLUE, INK, LINES, PAPER, REFERENCE, SOFT, STYLES
from qicsim.report.elements import Markup
from qicsim.report.formatting import lines
from qicsim.report.svg import apart, canvas, finish, frame, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAR, FADED = "#8fbfdc", "#dcebf4"
MOST = 12
ROW = 32.0
LABELS = 218.0
KINDS = ("line", "dash")
MARGIN = 0.06
NAMED = 8
NOTHING = "nothing moves it"
COLUMN, ROOM = 0.68, 1.6
"""Where names stand, as a share of the width; width over the largest effect."""


def bars(record: SensitivityRecord, result: Sensitivity, output: Output, key: str) -> Markup:
    """The strongest factors of an output at its last time, as bars with intervals; faded where not converged."""
    way = record.settings.way
    index = result.index(way.main)
    value, low, high, sure = (part[:, -1] for part in (index.estimate, index.low, index.high, index.converged))
    order = strongest_first(value)[:MOST]
    figure = canvas(470.0, 44.0 + ROW * max(len(order), 1))
    axes = frame(figure, (LABELS, 14.0, 38.0, 4.0))
    for row, at in enumerate(order):
        axes.barh(row, value[at], height=0.62, color=BAR if sure[at] else FADED, linewidth=0)
        axes.plot([low[at], high[at]], [row, row], color=INK if sure[at] else SOFT, linewidth=1.3)
    if way.main == "total":
        _first(axes, result, order)
    axes.axvline(0.0, color=INK, linewidth=0.9)
    axes.set_ylim(max(len(order), 1) - 0.5, -0.5)
    axes.set_yticks(range(len(order)), ["\n".join(lines(record.meanings[result.design.factors[at]], 34, 2))
                                        for at in order], linespacing=1.1, multialignment="right")
    axes.set_xlabel(MAIN_WORDS[way.main] + (f", {output.unit}" if way.main == "mu_star" else ""))
    if not order:
        axes.text(0.5, 0.5, NOTHING, transform=axes.transAxes, ha="center", va="center")
    quiet(axes, grid="x")
    said = "; ".join(f"{result.design.factors[at]} {value[at]:.2f} ({low[at]:.2f} to {high[at]:.2f})" for at in order)
    return finish(figure, key, f"{output.words}, {output.times[-1]}: {said or NOTHING}")


def strongest_first(value: np.ndarray) -> list[int]:
    """Places of the factors that have a value, by falling value."""
    return [int(at) for at in np.argsort(-np.nan_to_num(value, nan=-np.inf), kind="stable") if np.isfinite(value[at])]


def _first(axes: Axes, result: Sensitivity, order: Sequence[int]) -> None:
    """First indices of Sobol as rings a little below, faded where not converged."""
    first = result.index("first")
    for row, at in enumerate(order):
        colour = INK if first.converged[at, -1] else SOFT
        axes.plot([first.low[at, -1], first.high[at, -1]], [row + 0.2] * 2, color=colour, linewidth=0.9)
        axes.plot([first.estimate[at, -1]], [row + 0.2], marker="o", markersize=4.4, color=colour,
                  markerfacecolor=PAPER)


def over_time(record: SensitivityRecord, result: Sensitivity, output: Output, chosen: Sequence[int], key: str
              ) -> Markup:
    """The main index of chosen factors over time, with intervals as bands."""
    index = result.index(record.settings.way.main)
    figure = canvas(430.0, 250.0)
    axes = frame(figure, (46.0, 12.0, 26.0, 8.0))
    x = np.arange(len(output.times))
    for place, at in enumerate(chosen):
        colour, style = LINES[place], STYLES[place % len(KINDS)]
        axes.fill_between(x, index.low[at], index.high[at], color=colour, alpha=0.14, linewidth=0)
        axes.plot(x, index.estimate[at], color=colour, linestyle=style, marker=".", markersize=4.0)
    wanted = sorted({0, len(x) // 2, len(x) - 1})
    axes.set_xticks(wanted, [output.times[at] for at in wanted])
    axes.set_xlim(-0.3, len(x) - 0.7)
    axes.set_ylim(min(0.0, axes.get_ylim()[0]), None)
    axes.set_ylabel(MAIN_WORDS[record.settings.way.main])
    quiet(axes)
    factors = result.design.factors
    said = "; ".join(f"{factors[at]} {_path(index.estimate[at], output.times)}" for at in chosen)
    return finish(figure, key, f"{output.words} over time: {said}")


def _path(values: np.ndarray, times: Sequence[str]) -> str:
    """The first and last values with their times."""
    there = np.flatnonzero(np.isfinite(values))
    if not there.size:
        return NOTHING
    first, last = int(there[0]), int(there[-1])
    return f"{values[first]:.2f} at {times[first]} to {values[last]:.2f} at {times[last]}"


def plane(result: Sensitivity, key: str) -> Markup:
    """Mean absolute elementary effects against their standard deviations at the last time; rings: not converged."""
    strong, spread = (result.index(name) for name in ("mu_star", "sigma"))
    x, y, sure = strong.estimate[:, -1], spread.estimate[:, -1], strong.converged[:, -1] & spread.converged[:, -1]
    there = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    figure = canvas(430.0, 300.0)
    axes = frame(figure, (48.0, 12.0, 38.0, 8.0))
    limit = ROOM * float(np.max(x[there], initial=0.0)) or 1.0
    axes.plot([0.0, limit], [0.0, limit], color=REFERENCE, linewidth=0.9, linestyle=STYLES[2])
    for chosen, face, edge in ((~sure, PAPER, SOFT), (sure, BLUE, PAPER)):
        axes.plot(x[chosen], y[chosen], linestyle="none", marker="o", markersize=4.6, markerfacecolor=face,
                  markeredgecolor=edge, markeredgewidth=0.6)
    axes.set_xlim(0.0, limit)
    axes.set_ylim(0.0, max(1.15 * float(np.max(y[there], initial=0.0)), 1e-9))
    _names(axes, result, there[np.argsort(-x[there], kind="stable")][:NAMED], x, y)
    axes.set_xlabel("mean absolute elementary effect")
    axes.set_ylabel("standard deviation of effects")
    quiet(axes)
    return finish(figure, key, f"{len(there)} of {len(x)} factors; strongest: " + ", ".join(
        result.design.factors[at] for at in there[np.argsort(-x[there], kind="stable")][:NAMED]))


def _names(axes: Axes, result: Sensitivity, chosen: np.ndarray, x: np.ndarray, y: np.ndarray) -> None:
    """Names in a column beside the points, with a line to each."""
    high = axes.get_ylim()[1]
    places = apart([float(y[at]) for at in chosen], MARGIN * high, 0.02 * high, 0.98 * high)
    for at, place in zip(chosen, places, strict=True):
        axes.annotate(result.design.factors[at], (x[at], y[at]), (COLUMN * axes.get_xlim()[1], place),
                      va="center", fontsize=8.0, arrowprops={"arrowstyle": "-", "color": SOFT, "linewidth": 0.5,
                                                             "shrinkA": 0.0, "shrinkB": 2.0})
