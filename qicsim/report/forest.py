"""Forest plots: studies with their intervals, and what to expect of a new programme; drawn once for all papers."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from qicsim.estimate.evidence.rules import Readings
from qicsim.estimate.evidence.summary import Evidence, Fit
from qicsim.ground.numbers import number, percent
from qicsim.report import formatting
from qicsim.report.colours import GREEN, INK, PAPER, REFERENCE, SOFT, TRUE
from qicsim.report.elements import Markup
from qicsim.report.language import say, text
from qicsim.report.panel import PIXEL, Panel

ROW, WIDE, LEFT = 20.0, 700.0, 300.0
ALONE, ASIDE, CAPTION, SIGNS = 1000.0, 300.0, 118.0, 170
NAME_SIGNS, LETTERS = 46, 8.3
Z95 = 1.96
DASHED = (0, (2.5, 1.5))
SETS = {"core": text("Collaboratives and continuous quality improvement"),
        "indirect": text("Coaching, mentoring, standards"), "broad": text("Other countries' hospitals"),
        "": text("Measured by the teams themselves")}
SIZES = {"partly": text("partly assumed"), "imputed": text("imputed"), "remembered": text("from memory")}
"""What is said of a size that was not seen."""


class Line(NamedTuple):
    """A row: its name, and levels: none (a heading), low, middle and high, or 5, 25, 50, 75 and 95 % points.

    `aside` stands right of the axes; the dot is hollow where a size was not `seen`, the line dashed where its error is
    not `known`.
    """

    name: str
    levels: tuple[float, ...] = ()
    colour: str = TRUE
    aside: str = ""
    seen: bool = True
    known: bool = True


def forest(lines: Sequence[Line], axis: str, *, width: float = WIDE, right: float = 16.0, below: float = 38.0) -> Panel:
    """The panel; `right` and `below` are margins, pixels."""
    panel = Panel((width, below + 14.0 + ROW * len(lines)), (LEFT, right, below, 4.0), grid="x")
    panel.upright(0.0, INK, 0.9)
    for at, one in enumerate(lines):
        if one.levels:
            _row(panel, at, one)
    end = panel.x.limits[1]
    for at, one in enumerate(lines):
        panel.text(end, at, one.aside, off=(8.0, 0.0), size=LETTERS)
    panel.names([[_short(one.name)] for one in lines], LETTERS)
    panel.x.name = axis
    return panel


def _row(panel: Panel, at: int, one: Line) -> None:
    low, middle, high = one.levels[0], one.levels[len(one.levels) // 2], one.levels[-1]
    spread = len(one.levels) > 3  # noqa: PLR2004 low, middle, high
    panel.line([low, high], [at, at], one.colour, width=1.8 if spread else 1.4, style="solid" if one.known else DASHED)
    if spread:
        panel.line([one.levels[1], one.levels[3]], [at, at], one.colour, width=7.0)
    panel.dots(middle, at, 6.0 if spread else 5.0, (INK if spread else one.colour) if one.seen else PAPER,
               edge=None if one.seen else (one.colour, 1.3))


def _short(name: str) -> str:
    """The name of a study, cut to what fits, with its country and year whole."""
    study, comma, where = name.rpartition(", ")
    return name if len(name) <= NAME_SIGNS or not comma else f"{study[:NAME_SIGNS - len(where) - 3]}…, {where}"


# ---------------------------------------------------------------------------------------------------- a file of its own


def of_evidence(evidence: Evidence) -> str:
    """The studies behind a synthesis, its mean and a new programme, as the text of an SVG file."""
    fit = evidence.fit
    lines = []
    for key, title in SETS.items():
        members = [at for at, trial in enumerate(fit.readings.trials) if trial.set == key]
        if members:
            lines += [Line(say(title)), *(_study(fit.readings, at) for at in sorted(
                members, key=lambda at: (-fit.readings.effect[at], fit.readings.trials[at].key)))]
    lines += [*_expected(fit)]
    axis = (say("gain on the topic, percentage points from a start of 49 %") if fit.rule.key.startswith("G") else
            say("gain on the topic, percentage points as measured"))
    panel = forest(lines, axis, width=ALONE, right=ASIDE, below=CAPTION)
    for at, part in enumerate(textwrap.wrap(_caption(fit), SIGNS)):
        panel.text(panel.x.limits[0], len(lines) - 0.5, part, off=(-LEFT * PIXEL + 8.0, 38.0 + 11.0 * at), colour=SOFT,
                   size=LETTERS)
    return _alone(panel.svg("forest", _caption(fit)), panel)


def _study(found: Readings, at: int) -> Line:
    trial, effect, half = found.trials[at], float(found.effect[at]), Z95 * float(found.error[at])
    said = [_range(effect - half, effect, effect + half),
            *([say("{count} facilities", count=number(trial.facilities))] if np.isfinite(trial.facilities) else []),
            *([say(SIZES[trial.size_known])] if trial.size_known in SIZES else [])]
    return Line(trial.name, (effect - half, effect, effect + half), aside=", ".join(said),
                seen=trial.size_known == "seen", known=trial.se_known == "derived")


def _expected(fit: Fit) -> list[Line]:
    """The mean over programmes, and a new programme with and without a mass at zero."""
    found = fit.pooled
    mean = say("{points}, {studies} studies, SD {tau}", points=_range(found.low, found.mean, found.high),
               studies=found.k, tau=number(found.tau, 1))
    lines = [Line(say("Mean over programmes (95 %)"), (found.low, found.mean, found.high), INK, mean)]
    for title, levels, new, colour in (
            (say("A new programme, with a mass at zero"), fit.spike_quantiles, fit.spike, GREEN),
            (say("A new programme, without one"), fit.plain_quantiles, fit.plain, REFERENCE)):
        said = say("{points}, {little} below 1", points=_range(levels[0], levels[2], levels[4]),
                   little=percent(new.little))
        if new.null > 0.0:
            said = say("{said}, {null} at 0", said=said, null=percent(new.null))
        lines.append(Line(title, tuple(map(float, np.asarray(levels))), colour, said))
    return lines


def _range(low: float, middle: float, high: float) -> str:
    return f"{number(middle, 1)} ({formatting.interval(low, high)})"


def _caption(fit: Fit) -> str:
    return say(
        "Rule {rule}: {meaning}. n = {count} studies. Lines of studies: 95 % intervals from standard errors "
        "(sampling); dashed where the error is assumed ({assumed} of {count}). Hollow: the size is partly assumed, "
        "imputed for a null whose size is not published, or from memory. Mean: random effects (Paule–Mandel, "
        "Hartung–Knapp). A new programme: median, middle half and 90 %, from differences between programmes and "
        "uncertainty of the mean; both ends are soft, since most errors are assumed, and the mass at zero is largely "
        "a prior’s.", rule=fit.rule.key, meaning=fit.rule.meaning, count=fit.pooled.k, assumed=fit.assumed_errors)


def _alone(drawn: Markup, panel: Panel) -> str:
    """A drawing of a page as a file: with its name space, its size, a ground and letters."""
    inside = re.sub(r"^<svg[^>]*>", "", drawn[drawn.index("<svg"):drawn.index("</svg>") + len("</svg>")])
    width, height = panel.width / PIXEL, panel.height / PIXEL
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
            f'viewBox="0 0 {panel.width:g} {panel.height:g}" font-family="sans-serif">'
            f'<rect width="100%" height="100%" fill="{PAPER}"/>{inside}\n')
