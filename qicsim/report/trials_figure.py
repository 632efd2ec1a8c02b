"""The forest plot of the studies, with the mean over programmes and what to expect of a new one."""

from __future__ import annotations

import io
import math
import textwrap
from typing import TYPE_CHECKING

import numpy as np

from qicsim.estimate.evidence.rules import Readings
from qicsim.estimate.evidence.summary import Evidence, Fit
from qicsim.estimate.evidence.synthesis import Prediction
from qicsim.ground.numbers import number, percent
from qicsim.report.colours import GREEN, INK, PAPER, REFERENCE, SOFT, TRUE
from qicsim.report.panel import TEXT
from qicsim.report.svg import canvas, drawing_style, frame, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, ROW, TOP, BOTTOM, LEFT, RIGHT = 1000.0, 25.0, 34.0, 124.0, 350.0, 240.0
RESOLUTION = 200
Z95 = 1.96
CAPTION_WIDTH = 160
LONGEST_NAME = 44
SETS = {"core": "Collaboratives and continuous quality improvement", "indirect": "Coaching, mentoring, standards",
        "broad": "Other countries' hospitals", "": "Measured by the teams themselves"}
SIZES = {"partly": "partly assumed", "imputed": "imputed", "remembered": "from memory"}
"""What is said of a size that was not seen."""


def forest(evidence: Evidence) -> tuple[str, bytes]:
    """The figure as SVG text and as PNG; the same evidence gives the same bytes."""
    drawing, picture = io.StringIO(), io.BytesIO()
    with drawing_style():
        figure = _drawn(evidence)
        figure.savefig(drawing, format="svg", facecolor=PAPER,
                       metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
        figure.savefig(picture, format="png", dpi=RESOLUTION, facecolor=PAPER, metadata={"Software": None})
    return drawing.getvalue(), picture.getvalue()


def _drawn(evidence: Evidence) -> Figure:
    fit = evidence.fit
    groups = [(title, _members(fit.readings, name)) for name, title in SETS.items()]
    groups = [(title, members) for title, members in groups if members]
    rows = sum(len(members) + 1 for _, members in groups) + 4
    figure = canvas(WIDTH, TOP + BOTTOM + ROW * rows)
    axes = frame(figure, (LEFT, RIGHT, BOTTOM, TOP))
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_yticks([])
    axes.set_xlim(*_limits(fit))
    quiet(axes, grid="x")
    axes.axvline(0.0, color=INK, linewidth=0.9)
    place = 0
    for title, members in groups:
        _left(axes, place, title, weight="bold")
        for member in members:
            place += 1
            _study(axes, place, fit.readings, member)
        place += 1
    _summary(axes, place, fit)
    axes.set_xlabel(_label(fit))
    _heads(axes)
    _caption(figure, evidence)
    return figure


def _members(found: Readings, name: str) -> list[int]:
    """Rows of one set, the largest effect first."""
    members = [at for at, trial in enumerate(found.trials) if trial.set == name]
    return sorted(members, key=lambda at: (-found.effect[at], found.trials[at].key))


def _limits(fit: Fit) -> tuple[float, float]:
    ends = [fit.readings.effect - Z95 * fit.readings.error, fit.readings.effect + Z95 * fit.readings.error,
            fit.plain_quantiles]
    return 5.0 * math.floor(min(map(np.min, ends)) / 5.0) - 1.0, 5.0 * math.ceil(max(map(np.max, ends)) / 5.0) + 1.0


def _study(axes: Axes, place: float, found: Readings, at: int) -> None:
    trial, effect, half = found.trials[at], float(found.effect[at]), Z95 * float(found.error[at])
    axes.plot([effect - half, effect + half], [place, place], color=TRUE, linewidth=1.5, solid_capstyle="butt",
              linestyle="solid" if trial.se_known == "derived" else (0, (2.5, 1.5)))
    axes.plot([effect], [place], marker="s", markersize=6.0, color=TRUE, markeredgewidth=1.4,
              markerfacecolor=TRUE if trial.size_known == "seen" else PAPER)
    _left(axes, place, _short(trial.name), of=number(trial.facilities))
    _right(axes, place, f"{number(effect, 1)} ({number(effect - half, 1)} to {number(effect + half, 1)})",
           SIZES.get(trial.size_known, ""))


def _short(name: str) -> str:
    """A name cut to what fits, with its country and year whole."""
    study, comma, where = name.rpartition(", ")
    return name if len(name) <= LONGEST_NAME else f"{study[:LONGEST_NAME - len(where) - 3]}…{comma}{where}"


def _summary(axes: Axes, place: int, fit: Fit) -> None:
    """The mean over programmes, and a new programme with and without a mass at zero."""
    found = fit.pooled
    axes.axhline(place - 0.5, color=REFERENCE, linewidth=0.6)
    axes.fill([found.low, found.mean, found.high, found.mean], [place, place - 0.28, place, place + 0.28], color=INK,
              linewidth=0)
    _left(axes, place, "Mean over programmes (95 %)", weight="bold", of=f"{found.k} studies")
    _right(axes, place, f"{number(found.mean, 1)} ({number(found.low, 1)} to {number(found.high, 1)})",
           f"SD {number(found.tau, 1)}")
    _left(axes, place + 1, "A new programme: median, middle half, 90 %", weight="bold")
    for row, title, levels, new, colour in (
            (place + 2, "with a mass at zero", fit.spike_quantiles, fit.spike, GREEN),
            (place + 3, "without one", fit.plain_quantiles, fit.plain, REFERENCE)):
        _prediction(axes, row, levels, colour)
        _left(axes, row, title)
        _right(axes, row, f"{number(levels[2], 1)} ({number(levels[0], 1)} to {number(levels[4], 1)})",
               f"{percent(new.little)} below 1")
        _mass(axes, row, new, colour)


def _prediction(axes: Axes, row: float, levels: np.ndarray, colour: str) -> None:
    axes.plot(levels[[0, 4]], [row, row], color=colour, linewidth=1.8, solid_capstyle="butt")
    axes.plot(levels[[1, 3]], [row, row], color=colour, linewidth=8.0, alpha=0.45, solid_capstyle="butt")
    axes.plot(levels[[2]], [row], marker="o", markersize=6.0, color=colour)


def _mass(axes: Axes, row: float, new: Prediction, colour: str) -> None:
    if new.null > 0.0:
        axes.annotate(f"{percent(new.null)} at 0", (0.0, row), xytext=(-5, 0), textcoords="offset points", ha="right",
                      va="center", color=colour, fontsize=TEXT * 0.9)


def _left(axes: Axes, place: float, text: str, *, weight: str = "normal", of: str = "") -> None:
    """The name of a row, and how many it stands on."""
    at = axes.get_yaxis_transform()
    axes.text(-0.75, place, text, transform=at, ha="left", va="center", fontweight=weight)
    axes.text(-0.03, place, of, transform=at, ha="right", va="center", color=SOFT)


def _right(axes: Axes, place: float, text: str, note: str) -> None:
    at = axes.get_yaxis_transform()
    axes.text(1.27, place, text, transform=at, ha="right", va="center")
    axes.text(1.30, place, note, transform=at, ha="left", va="center", color=SOFT)


def _heads(axes: Axes) -> None:
    for x, text, side in ((-0.75, "study", "left"), (-0.03, "facilities", "right"), (1.27, "points", "right"),
                          (1.30, "size", "left")):
        axes.text(x, 1.0, text, transform=axes.transAxes, ha=side, va="bottom", color=SOFT)


def _label(fit: Fit) -> str:
    if fit.rule.key.startswith("G"):
        return "gain on the topic, percentage points from a start of 49 %"
    return "gain on the topic, percentage points as measured"


def _caption(figure: Figure, evidence: Evidence) -> None:
    fit = evidence.fit
    text = (
        f"Rule {fit.rule.key}: {fit.rule.meaning}. n = {fit.pooled.k} studies. Lines of studies: 95 % intervals from "
        f"standard errors (sampling); dashed where the error is assumed ({fit.assumed_errors} of {fit.pooled.k}). "
        "Hollow squares: the size is partly assumed, imputed for a null whose size is not published, or from memory. "
        "Diamond: random-effects mean, 95 % interval (Paule–Mandel, Hartung–Knapp). Bars below: what a new programme "
        "would do, from differences between programmes and uncertainty of the mean; both ends are soft, since most "
        "errors are assumed, and the mass at zero is largely a prior’s.")
    height = figure.get_size_inches()[1] * 96.0
    figure.text(0.043, (BOTTOM - 52.0) / height, textwrap.fill(text, CAPTION_WIDTH), ha="left", va="top", color=SOFT,
                fontsize=TEXT * 0.9, linespacing=1.3)
