"""Figures of the analysis `contrasts`: how much more than the reference, true beside recorded, and its path."""

from __future__ import annotations

import numpy as np

from qicsim.experiment.findings import Findings
from qicsim.experiment.kinds.contrasts import Compared, Contrasts, compared_words
from qicsim.experiment.said import scale
from qicsim.report.analyses.common import (
    MANY_TIMES,
    MARGINS,
    PANEL,
    cell,
    mark,
    named_rows,
    plain_number,
    year_ticks,
    years_of,
)
from qicsim.report.canvas import canvas, finish, frame, quiet
from qicsim.report.colours import INK, RECORDED, TRUE
from qicsim.report.elements import Markup, details, figure, joined, numbered, panels, table
from qicsim.report.figures import legend
from qicsim.report.words import number

ROW = 40.0
COLOURS = (TRUE, RECORDED)
HEADS = ("Scenario", "Indicator", "Group", "At", "More than the reference", "Standard error", "From chance",
         "Runs saved by pairing, times", "Of them by luck")


def exhibits(findings: Findings) -> list[Markup]:
    """The exhibits, numbered."""
    found: Contrasts = findings.record
    drawn = [_last(found, 1)]
    times = max(len(one.field.times) for arm in found.arms for one in found.first(arm))
    return [*drawn, _over_time(found, 2)] if times >= MANY_TIMES else drawn


def _said(found: Contrasts) -> str:
    return (f"Paired by draw and luck: {found.draws:,} draws, {found.replicates:,} replicates of each. Interval: "
            f"{100 * found.level:.0f}\u00a0% of draws (parameters), the noise of replicates removed.")


def _legend(found: Contrasts) -> Markup:
    shown = found.first(found.arms[0])
    signs = [(colour, "dot" if place == 0 else "ring", one.field.indicator.meaning)
             for place, (colour, one) in enumerate(zip(COLOURS, shown, strict=False))]
    return legend(*signs)


# ------------------------------------------------------------------------------------------------------- at the end

def _last(found: Contrasts, place: int) -> Markup:
    unit = found.first(found.arms[0])[0].field.indicator.unit
    factor, word = scale(unit)
    drawing = canvas(560.0, 48.0 + ROW * len(found.arms))
    axes = frame(drawing, (196.0, 14.0, 38.0, 6.0))
    said = []
    for row, arm in enumerate(found.arms):
        shown = [one for one in found.first(arm) if one.known]
        for aside, one, colour in zip((-0.16, 0.16), shown, COLOURS, strict=False):
            c, at = one.contrast, one.last
            mark(axes, row + aside, (c.low[at] * factor, c.mean[at] * factor, c.high[at] * factor),
                 c.error_chance[at] * factor, colour, filled=colour == TRUE)
        said += [f"{arm.title}, {one.field.indicator.meaning}: {compared_words(one)}" for one in shown]
    named_rows(axes, [arm.title for arm in found.arms])
    axes.axvline(0.0, color=INK, linewidth=0.9)
    axes.set_xlabel(f"{word} more than the reference")
    quiet(axes, grid="x")
    note = (f"{_said(found)} Pale bar: two standard errors from chance on each side of the mean, which more replicates "
            f"would make shorter. Reference: {found.reference.title}. Data: contrasts.csv.")
    return figure("figure-last", numbered(place, "How much more than the reference, at the last time"), note,
                  joined((_legend(found), finish(drawing, "last", "; ".join(said)))), _table(found))


def _table(found: Contrasts) -> Markup:
    first = [one for arm in found.arms for one in found.first(arm)]
    rest = [one for one in found.compared if one not in first]
    shown = table("Differences from the reference, with their interval between draws", HEADS,
                  [_row(one) for one in first], class_="dense")
    if not rest:
        return shown
    return joined((shown, details("Other indicators and groups", table("Other indicators and groups", HEADS,
                                                                       [_row(one) for one in rest], class_="dense"))))


def _row(one: Compared) -> list[object]:
    c, unit, at = one.contrast, one.field.indicator.unit, one.last
    return [one.arm.title, f"{one.field.indicator.meaning}, {scale(unit)[1]}", one.field.group.replace("_", " "),
            one.field.times[at] if one.known else "", cell(c.mean[at], c.low[at], c.high[at], unit),
            plain_number(c.error[at], unit), plain_number(c.error_chance[at], unit),
            number(c.saved_total[at], 1), number(c.saved_within[at], 1)]


# --------------------------------------------------------------------------------------------------------- over time

def _over_time(found: Contrasts, place: int) -> Markup:
    drawn = [(arm.title, _path(found, row)) for row, arm in enumerate(found.arms)]
    solid = found.first(found.arms[0])[0].field.indicator.meaning
    note = (f"{_said(found)} Lines: means; band: the interval of {solid}. "
            "All panels have the same scale. Data: contrasts.csv.")
    return figure("figure-time", numbered(place, "The difference over time"), note,
                  joined((_legend(found), panels(drawn, "small"))), "")


def _path(found: Contrasts, row: int) -> Markup:
    arm = found.arms[row]
    drawing = canvas(*PANEL)
    axes = frame(drawing, MARGINS)
    axes.axhline(0.0, color=INK, linewidth=0.8)
    for place, (one, colour) in enumerate(zip(found.first(arm), COLOURS, strict=False)):
        factor, x, c = scale(one.field.indicator.unit)[0], years_of(one.field.times), one.contrast
        if place == 0:
            axes.fill_between(x, c.low * factor, c.high * factor, color=colour, alpha=0.18, linewidth=0)
        axes.plot(x, c.mean * factor, color=colour, linestyle="solid" if place == 0 else (0, (4, 1.8)))
        year_ticks(axes, x)
    axes.set_ylim(*_limits(found))
    quiet(axes)
    return finish(drawing, f"path-{row}", f"Over time: {'; '.join(_words(one) for one in found.first(arm))}")


def _words(one: Compared) -> str:
    return f"{one.arm.title}, {one.field.indicator.meaning}, {one.field.times[one.last]}: {compared_words(one)}"


def _limits(found: Contrasts) -> tuple[float, float]:
    """Limits that hold every band and line."""
    shown = [one for arm in found.arms for one in found.first(arm)]
    parts = [part * scale(one.field.indicator.unit)[0] for one in shown
             for part in (one.contrast.low, one.contrast.high, one.contrast.mean)]
    everything = np.concatenate([*parts, [0.0]])
    low, high = float(np.nanmin(everything)), float(np.nanmax(everything))
    room = 0.05 * max(high - low, 1e-9)
    return low - room, high + room
