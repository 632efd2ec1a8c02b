"""Drawings of sensitivity indices: bars with intervals, lines over time, the plane of a screening."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from qicsim.analysis.sensitivity import Sensitivity
from qicsim.analysis.study_kinds.outputs import Output
from qicsim.analysis.study_kinds.sensitivity_findings import MAIN_WORDS, SensitivityRecord
from qicsim.report.colours import BLUE, INK, LINES, PAPER, REFERENCE, RULE, SOFT, STYLES
from qicsim.report.elements import Markup
from qicsim.report.formatting import lines
from qicsim.report.svg import apart, canvas, finish, frame, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAR = "#8fbfdc"
MOST = 12
ROW = 32.0
LABELS = 218.0
KINDS = ("line", "dash")
MARGIN = 0.06
NAMED = 8
COLUMN, ROOM = 0.68, 1.6
"""Where names stand, as a share of the width; width over the largest effect."""


def bars(record: SensitivityRecord, result: Sensitivity, output: Output, key: str) -> Markup:
    """The strongest factors of an output at its last time, as bars with intervals."""
    way = record.settings.way
    index = result.index(way.main)
    shown, half = index.shown[:, -1], index.half_width[:, -1]
    order = [int(at) for at in np.argsort(-np.nan_to_num(shown, nan=-np.inf), kind="stable")
             if np.isfinite(shown[at])][:MOST]
    figure = canvas(470.0, 44.0 + ROW * max(len(order), 1))
    axes = frame(figure, (LABELS, 14.0, 38.0, 4.0))
    for row, at in enumerate(order):
        axes.barh(row, shown[at], height=0.62, color=BAR, linewidth=0)
        axes.plot([shown[at] - half[at], shown[at] + half[at]], [row, row], color=INK, linewidth=1.3)
    if way.main == "total":
        _first(axes, result, order)
    if np.isfinite(index.floor[-1]):
        axes.axvline(index.floor[-1], color=REFERENCE, linewidth=1.2, linestyle=(0, (4, 2)))
    axes.axvline(0.0, color=INK, linewidth=0.9)
    axes.set_ylim(max(len(order), 1) - 0.5, -0.5)
    axes.set_yticks(range(len(order)), ["\n".join(lines(record.meanings[result.design.factors[at]], 34, 2))
                                        for at in order], linespacing=1.1, multialignment="right")
    axes.set_xlabel(MAIN_WORDS[way.main] + (f", {output.unit}" if way.main == "mu_star" else ""))
    if not order:
        axes.text(0.5, 0.5, "no index is converged", transform=axes.transAxes, ha="center", va="center")
    quiet(axes, grid="x")
    said = "; ".join(f"{result.design.factors[at]} {shown[at]:.2f} ({shown[at] - half[at]:.2f} to "
                     f"{shown[at] + half[at]:.2f})" for at in order)
    return finish(figure, key, f"{output.words}, {output.times[-1]}: {said or 'no index is converged'}")


def _first(axes: Axes, result: Sensitivity, order: Sequence[int]) -> None:
    """First indices of Sobol, where they are converged, as rings a little below."""
    first = result.index("first")
    for row, at in enumerate(order):
        value, half = first.shown[at, -1], first.half_width[at, -1]
        if np.isfinite(value):
            axes.plot([value - half, value + half], [row + 0.2] * 2, color=INK, linewidth=0.9)
            axes.plot([value], [row + 0.2], marker="o", markersize=4.4, color=INK, markerfacecolor=PAPER)


def over_time(record: SensitivityRecord, result: Sensitivity, output: Output, chosen: Sequence[int], key: str
              ) -> Markup:
    """The main index of chosen factors over time, with intervals as bands and gaps where it is not converged."""
    index = result.index(record.settings.way.main)
    figure = canvas(430.0, 250.0)
    axes = frame(figure, (46.0, 12.0, 26.0, 8.0))
    x = np.arange(len(output.times))
    for place, at in enumerate(chosen):
        shown, half = index.shown[at], index.half_width[at]
        colour, style = LINES[place], STYLES[place % len(KINDS)]
        axes.fill_between(x, shown - half, shown + half, color=colour, alpha=0.14, linewidth=0)
        axes.plot(x, shown, color=colour, linestyle=style, marker=".", markersize=4.0)
    wanted = sorted({0, len(x) // 2, len(x) - 1})
    axes.set_xticks(wanted, [output.times[at] for at in wanted])
    axes.set_xlim(-0.3, len(x) - 0.7)
    axes.set_ylim(min(0.0, axes.get_ylim()[0]), None)
    axes.set_ylabel(MAIN_WORDS[record.settings.way.main])
    quiet(axes)
    factors = result.design.factors
    said = "; ".join(f"{factors[at]} {_path(index.shown[at], output.times)}" for at in chosen)
    return finish(figure, key, f"{output.words} over time: {said}")


def _path(values: np.ndarray, times: Sequence[str]) -> str:
    """The first and last converged values with their times."""
    there = np.flatnonzero(np.isfinite(values))
    if not there.size:
        return "not converged"
    first, last = int(there[0]), int(there[-1])
    return f"{values[first]:.2f} at {times[first]} to {values[last]:.2f} at {times[last]}"


def plane(result: Sensitivity, key: str) -> Markup:
    """Mean absolute elementary effects against their standard deviations at the last time."""
    strong, spread = (result.index(name) for name in ("mu_star", "sigma"))
    x, y = strong.shown[:, -1], spread.shown[:, -1]
    there = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    figure = canvas(430.0, 300.0)
    axes = frame(figure, (48.0, 12.0, 38.0, 8.0))
    limit = ROOM * float(np.max(x[there], initial=0.0)) or 1.0
    if np.isfinite(strong.floor[-1]):
        axes.axvspan(0.0, strong.floor[-1], color=RULE, alpha=0.6, linewidth=0)
    axes.plot([0.0, limit], [0.0, limit], color=REFERENCE, linewidth=0.9, linestyle=STYLES[2])
    axes.plot(x[there], y[there], linestyle="none", marker="o", markersize=4.6, color=BLUE, markeredgecolor=PAPER,
              markeredgewidth=0.6)
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
