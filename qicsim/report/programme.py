"""Figures of the programme: facilities reached and the load of coaches, and visits got against visits wanted."""

from __future__ import annotations

import numpy as np

from qicsim.analysis import programme
from qicsim.ground.numbers import number
from qicsim.inputs.country import plan_start
from qicsim.report.colours import LINES, RECORDED, REFERENCE, STYLES, TRUE
from qicsim.report.elements import Markup
from qicsim.report.figures import DASHED, PANEL, sign, year_axis
from qicsim.report.language import say, text
from qicsim.report.panel import Panel
from qicsim.report.results import Path, Results
from qicsim.report.svg import apart

REACH = (
    ("coverage", text("Facilities that ever joined, % of all"), 100.0),
    ("active", text("Teams active at the time"), 1.0),
    ("coaches", text("Coaches at work"), 1.0),
    ("coach_load", text("Coaches’ time in use, %"), 100.0),
)
SAME = 0.02  # of the height of the panel: lines that lie so close are drawn once


def bundles(results: Results, indicator: str) -> list[tuple[list[str], Path]]:
    """Scenarios whose paths are nearly the same, drawn as one; the bundle of the reference comes first."""
    paths = {name: results.path(name, indicator) for name in results.names}
    height = max((np.nanmax(path.mean, initial=0.0) for path in paths.values()), default=0.0) or 1.0
    found: list[tuple[list[str], Path]] = []
    for name, path in paths.items():
        near = next((names for names, other in found if _close(path, other, SAME * height)), None)
        if near is None:
            found.append(([name], path))
        else:
            near.append(name)
    return found


def _close(one: Path, other: Path, limit: float) -> bool:
    if one.x.shape != other.x.shape or not np.array_equal(one.x, other.x):
        return False
    return bool(np.allclose(one.mean, other.mean, rtol=0.0, atol=limit, equal_nan=True))


def reach_panel(results: Results, indicator: str, meaning: str, scale: float) -> Markup:
    """An indicator of the programme over time under every scenario; lines end in the scenarios' numbers."""
    panel = Panel((430.0, 250.0), (36.0, 118.0, 24.0, 8.0))
    drawn = bundles(results, indicator)
    colours = [_colour(results, names, place) for place, (names, _) in enumerate(drawn)]
    for place, (_, path) in enumerate(drawn):
        panel.line(path.x, path.mean * scale, colours[place], style=STYLES[place % len(STYLES)], width=1.8)
    year_axis(panel, results)
    panel.y.fixed = (0.0, max(panel.y.limits[1], 1.0) * 1.04)
    _end_labels(panel, [(results.keys(names), path, colour)
                       for (names, path), colour in zip(drawn, colours, strict=True)], scale)
    said = "; ".join(f"{results.keys(names)}: {number(path.at(results.end) * scale)}" for names, path in drawn)
    return panel.svg(f"reach-{indicator.replace('_', '-')}",
                     say("{meaning}, at the end of {year} by scenario number. {said}.", meaning=meaning,
                         year=results.end, said=said))


def _colour(results: Results, names: list[str], place: int) -> str:
    return REFERENCE if results.reference in names else LINES[(place - 1) % len(LINES)]


def _end_labels(panel: Panel, lines: list[tuple[str, Path, str]], scale: float) -> None:
    """A label at the height where each line ends, moved apart where they would touch."""
    ends = [(label, _last(path) * scale, colour) for label, path, colour in lines if np.isfinite(_last(path))]
    low, high = panel.y.limits
    right = panel.x.limits[1]
    gap = (high - low) / 15.0
    for (label, end, colour), place in zip(ends, apart([end for _, end, _ in ends], gap, low, high), strict=True):
        panel.text(right, end, label, off=(8.0, float(panel.y.at(place) - panel.y.at(end))), bold=True, leader=colour)


def _last(path: Path) -> float:
    there = path.mean[np.isfinite(path.mean)]
    return float(there[-1]) if there.size else float("nan")


def wanted_visits(results: Results, name: str) -> np.ndarray:
    """Coaching visits wanted for each active team at the end of each quarter; NaN while there is no support."""
    return programme.wanted_visits(results.comparison.ensemble.runners[name])


def launches(results: Results, name: str) -> bool:
    """Whether the scenario launches districts after the plans begin."""
    return programme.launches_districts(results.comparison.ensemble.runners[name])


def coached(results: Results) -> tuple[str, ...]:
    """Scenarios with active teams after the plans begin, or at any time if there are none; the reference first."""
    paths = {name: results.path(name, "visits") for name in results.names}
    late = tuple(name for name, path in paths.items() if np.isfinite(path.mean[path.x > plan_start()]).any())
    return late or tuple(name for name, path in paths.items() if np.isfinite(path.mean).any())


def visits_panel(results: Results, name: str) -> Markup:
    """Visits that a team gets each month against those wanted, in one scenario."""
    panel = Panel((PANEL[0], 150.0), (28.0, 15.0, 22.0, 8.0))
    got, wanted = results.path(name, "visits"), wanted_visits(results, name)
    panel.line(got.x, wanted, RECORDED, style=DASHED, width=1.6)
    panel.band(got.x, got.low, got.high, TRUE)
    panel.line(got.x, got.mean, TRUE, width=1.8)
    year_axis(panel, results)
    most = max(np.nanmax(wanted_visits(results, each), initial=0.5) for each in coached(results))
    panel.y.fixed = (0.0, 1.08 * float(most))
    end = got.at(results.end)
    told = {"scenario": results.title(name), "year": results.end}
    said = (say("{scenario}: at the end of {year} {visits} visits a team and month.", **told, visits=number(end, 2))
            if np.isfinite(end) else say("{scenario}: at the end of {year} no active team.", **told))
    return panel.svg(f"visits-{sign(results, name)}", said)
