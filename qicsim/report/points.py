"""The ledger: where the points came from, as stacked bars of differences from the reference."""

from __future__ import annotations

import numpy as np

from qicsim.ground.extension import added_lines
from qicsim.ground.intervals import Interval
from qicsim.ground.numbers import signed
from qicsim.report.colours import BLUE, GREEN, INK, ORANGE, PURPLE, SKY, VERMILLION, ink_on
from qicsim.report.elements import Markup
from qicsim.report.formatting import lines
from qicsim.report.language import say, text
from qicsim.report.panel import TEXT, Panel
from qicsim.report.results import Results

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
    *([(text("Extensions"), tuple(added_lines()), "#b58900")] if added_lines() else []),
)
NET = "M0 -2.5L2.5 2.5H-2.5Z"
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
    panel = Panel((WIDTH, 60.0 + ROW * len(names)), (228.0, 52.0, 52.0, 4.0), grid="x")
    parts = np.array([grouped(cells, name, results.end) for name in names])
    low, high = np.minimum(parts, 0.0).sum(axis=1).min(), np.maximum(parts, 0.0).sum(axis=1).max()
    panel.x.fixed = (min(low * 1.05, -0.5), max(high * 1.05, 0.5))
    for place, row in enumerate(parts):
        _bar(panel, place, row)
    panel.upright(0.0, INK, 0.9)
    panel.names([lines(results.heading(name), 37, 2) for name in names])
    label = say("points of mean true quality by {year}, more or less than under the reference", year=results.end)
    panel.x.name = "\n".join(lines(label, 60, 2))
    said = "; ".join(f"{results.title(name)} {signed(row.sum())}" for name, row in zip(names, parts, strict=True))
    return panel.svg("points", say("Where the points came from, difference from the reference by {year}. Net: {said}.",
                                   year=results.end, said=said))


def _bar(panel: Panel, place: int, row: np.ndarray) -> None:
    span = panel.x.limits[1] - panel.x.limits[0]
    ends = [0.0, 0.0]
    for value, (_, _, colour) in zip(row, GROUPS, strict=True):
        side = int(value > 0)
        panel.box((ends[side], ends[side] + value), (place - 0.28, place + 0.28), colour)
        if abs(value) >= SHOWN_FROM * span:
            panel.text(ends[side] + value / 2.0, place, signed(value), anchor="middle", colour=ink_on(colour),
                       size=TEXT * 0.9)
        ends[side] += value
    panel.sign(row.sum(), place + 0.37, NET, INK)
    panel.text(max(ends[1], row.sum()) + 0.012 * span, place, signed(row.sum()), bold=True)
