"""The ledger: where the points came from, as stacked bars of differences from the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qicsim.ground.intervals import Interval
from qicsim.ground.numbers import signed
from qicsim.report.colours import BLUE, GREEN, INK, ORANGE, PURPLE, SKY, VERMILLION, ink_on
from qicsim.report.elements import Markup
from qicsim.report.formatting import lines
from qicsim.report.language import say, text
from qicsim.report.results import Results
from qicsim.report.svg import TEXT, canvas, finish, frame, quiet, row_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PBF_LEDGER = ("resources", "attention", "incentive")
GROUPS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (text("Work on the team's topic"), ("pdsa",), BLUE),
    (text("Spill-over to other care areas"), ("spillover",), SKY),
    (text("Learning sessions"), ("session",), GREEN),
    (text("Exchange visits and informal peers"), ("exchange", "peers"), PURPLE),
    (text("PBF: money, being measured, bonus"), PBF_LEDGER, ORANGE),
    (text("Gains that faded"), ("fading",), VERMILLION),
    (text("Other: weights, accreditation, slow change, luck, start"),
     ("initial", "accreditation", "drift", "luck"), "#595959"),
)
WIDTH, ROW, SHOWN_FROM = 700.0, 34.0, 0.06  # a number is written in a segment at least so wide, as a share of the axis


def ledger_cells(results: Results, *, difference: bool) -> dict[tuple[str, int, str], Interval[float]]:
    """Ledger lines by scenario, year and line: points since the start, or the difference from the reference."""
    start = "difference_" if difference else ""
    columns = ["scenario", "year", "line", *(f"{start}{part}" for part in ("mean", "p50", "p05", "p95"))]
    rows = results.comparison.ledger[columns].itertuples(index=False, name=None)
    return {(name, int(year), line): Interval(mean, median, low, high, results.comparison.ensemble.runs)
            for name, year, line, mean, median, low, high in rows}


def grouped(cells: dict[tuple[str, int, str], Interval[float]], name: str, year: int) -> np.ndarray:
    """Means of the groups of lines, (groups,); missing lines count nothing."""
    return np.array([sum(cells[name, year, line].mean for line in members if (name, year, line) in cells)
                     for _, members, _ in GROUPS])


def bars(results: Results) -> Markup:
    """A bar for each scenario: groups of ledger lines to the right where they add, to the left where they take away."""
    cells = ledger_cells(results, difference=True)
    names = [name for name in results.others if results.has(name, results.end)]
    figure = canvas(WIDTH, 60.0 + ROW * len(names))
    axes = frame(figure, (228.0, 52.0, 52.0, 4.0))
    parts = np.array([grouped(cells, name, results.end) for name in names])
    low, high = np.minimum(parts, 0.0).sum(axis=1).min(), np.maximum(parts, 0.0).sum(axis=1).max()
    axes.set_xlim(min(low * 1.05, -0.5), max(high * 1.05, 0.5))
    for place, row in enumerate(parts):
        _bar(axes, place, row)
    axes.axvline(0.0, color=INK, linewidth=0.9)
    axes.set_ylim(len(names) - 0.5, -0.5)
    row_labels(axes, [lines(results.heading(name), 37, 2) for name in names])
    label = say("points of mean true quality by {year}, more or less than under the reference", year=results.end)
    for at, part in enumerate(lines(label, 60, 2)):
        axes.annotate(part, (0.5, 0.0), (0.0, -20.0 - at * 1.25 * TEXT), xycoords="axes fraction",
                      textcoords="offset points", ha="center", va="top")
    quiet(axes, grid="x")
    said = "; ".join(f"{results.title(name)} {signed(row.sum())}" for name, row in zip(names, parts, strict=True))
    return finish(figure, "points", say("Where the points came from, difference from the reference by {year}. Net: "
                                        "{said}.", year=results.end, said=said))


def _bar(axes: Axes, place: int, row: np.ndarray) -> None:
    span = axes.get_xlim()[1] - axes.get_xlim()[0]
    ends = [0.0, 0.0]
    for value, (_, _, colour) in zip(row, GROUPS, strict=True):
        side = int(value > 0)
        axes.barh(place, value, left=ends[side], height=0.56, color=colour, linewidth=0)
        if abs(value) >= SHOWN_FROM * span:
            axes.text(ends[side] + value / 2.0, place, signed(value), ha="center", va="center", color=ink_on(colour),
                      fontsize=TEXT * 0.9)
        ends[side] += value
    axes.plot([row.sum()], [place + 0.37], marker="^", markersize=5.0, color=INK, markeredgewidth=0.0)
    axes.text(max(ends[1], row.sum()) + 0.012 * span, place, signed(row.sum()), va="center", fontweight="bold")
