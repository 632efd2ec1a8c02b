"""Figures of contrasts: how large at the last time, and over time, true beside recorded; with the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qicsim.analysis.amounts import group_words, scale
from qicsim.analysis.study_kinds.compared import Compared, leading, told
from qicsim.analysis.study_kinds.contrasts import times_words
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
from qicsim.report.colours import INK, RECORDED, TRUE
from qicsim.report.elements import Markup, details, figure, joined, numbered, panels, table
from qicsim.report.figures import legend
from qicsim.report.svg import canvas, finish, frame, quiet

ROW = 40.0
COLOURS = (TRUE, RECORDED)


@dataclass(frozen=True, eq=False)
class Effects:
    """What is drawn: rows (title and contrasts), a name for rows, words for the numbers, how it was made, the CSV."""

    rows: Sequence[tuple[str, tuple[Compared, ...]]]
    kind: str
    head: str
    made: str
    file: str

    @property
    def shown(self) -> list[Compared]:
        """The leading contrasts that have a value."""
        return [one for _, compared in self.rows for one in leading(compared) if one.known]


def last_and_over_time(effects: Effects, titles: tuple[str, str]) -> list[Markup]:
    """Figures 1 and 2; the second only when there are enough times."""
    times = max((len(one.field.times) for one in effects.shown), default=0)
    first = _last(effects, titles[0])
    return [first, _over_time(effects, titles[1])] if times >= MANY_TIMES else [first]


def how_made(size: str, level: float) -> str:
    """What the interval of a paired contrast is, from a size in words."""
    return (f"Paired by draw and luck: {size}. Interval: "
            f"{100 * level:.0f}\u00a0% of draws (parameters), the noise of replicates removed.")


def _legend(effects: Effects) -> Markup:
    named = dict.fromkeys(one.field.indicator.meaning for one in effects.shown)
    return legend(*((colour, kind, meaning) for colour, kind, meaning in zip(COLOURS, ("dot", "ring"), named,
                                                                             strict=False)))


def _last(effects: Effects, title: str) -> Markup:
    factor, word = scale(effects.shown[0].field.indicator.unit)
    drawing = canvas(560.0, 48.0 + ROW * len(effects.rows))
    axes = frame(drawing, (196.0, 14.0, 38.0, 6.0))
    for row, (_, compared) in enumerate(effects.rows):
        for aside, one, colour in zip((-0.16, 0.16), leading(compared), COLOURS, strict=False):
            c, at = one.contrast, one.last
            mark(axes, row + aside, (c.low[at] * factor, c.mean[at] * factor, c.high[at] * factor),
                 c.error_chance[at] * factor, colour, filled=colour == TRUE)
    named_rows(axes, [name for name, _ in effects.rows])
    axes.axvline(0.0, color=INK, linewidth=0.9)
    axes.set_xlabel(f"{effects.head}, {word}")
    quiet(axes, grid="x")
    said = "; ".join(f"{name}: {told(compared)}" for name, compared in effects.rows)
    note = (f"{effects.made} Pale bar: two standard errors from chance on each side of the mean, which more replicates "
            f"would make shorter. Data: {effects.file}.")
    return figure("figure-last", numbered(1, title), note, joined((_legend(effects), finish(drawing, "last", said))),
                  _tables(effects))


def _tables(effects: Effects) -> Markup:
    heads = (effects.kind, "Indicator", "Group", "At", effects.head, "Standard error", "Of which chance",
             "Without pairing: runs, times", "Without shared luck: runs, times")
    first = [one for _, compared in effects.rows for one in leading(compared)]
    rest = [one for _, compared in effects.rows for one in compared if one not in first and one.known]
    shown = table("At the last time, with the interval between draws", heads, [_row(one) for one in first],
                  class_="dense")
    if not rest:
        return shown
    return joined((shown, details("Other indicators and groups", table("Other indicators and groups", heads,
                                                                       [_row(one) for one in rest], class_="dense"))))


def _row(one: Compared) -> list[object]:
    c, unit, at = one.contrast, one.field.indicator.unit, one.last
    return [one.title, f"{one.field.indicator.meaning}, {scale(unit)[1]}", group_words(one.field.group),
            one.time if one.known else "", cell(c.mean[at], c.low[at], c.high[at], unit),
            plain_number(c.error[at], unit), plain_number(c.error_chance[at], unit),
            times_words(c.saved_total[at]), times_words(c.saved_within[at])]


def _over_time(effects: Effects, title: str) -> Markup:
    drawn = [(name, _path(effects, row)) for row, (name, _) in enumerate(effects.rows)]
    note = (f"{effects.made} Lines: means; band: the interval of {effects.shown[0].field.indicator.meaning}. "
            f"All panels have the same scale. Data: {effects.file}.")
    return figure("figure-time", numbered(2, title), note, joined((_legend(effects), panels(drawn, "small"))), "")


def _path(effects: Effects, row: int) -> Markup:
    name, compared = effects.rows[row]
    drawing = canvas(*PANEL)
    axes = frame(drawing, MARGINS)
    axes.axhline(0.0, color=INK, linewidth=0.8)
    for place, (one, colour) in enumerate(zip(leading(compared), COLOURS, strict=False)):
        factor, x, c = scale(one.field.indicator.unit)[0], years_of(one.field.times), one.contrast
        if place == 0:
            axes.fill_between(x, c.low * factor, c.high * factor, color=colour, alpha=0.18, linewidth=0)
        axes.plot(x, c.mean * factor, color=colour, linestyle="solid" if place == 0 else (0, (4, 1.8)))
        year_ticks(axes, x)
    axes.set_ylim(*_limits(effects))
    quiet(axes)
    return finish(drawing, f"path-{row}", f"{name} over time; at {leading(compared)[0].time}: {told(compared)}")


def _limits(effects: Effects) -> tuple[float, float]:
    """Limits that hold every band and line."""
    parts = [part * scale(one.field.indicator.unit)[0] for one in effects.shown
             for part in (one.contrast.low, one.contrast.high, one.contrast.mean)]
    everything = np.concatenate([*parts, [0.0]])
    low, high = float(np.nanmin(everything)), float(np.nanmax(everything))
    room = 0.05 * max(high - low, 1e-9)
    return low - room, high + room
