"""Figures of the analysis `replicates`: draws that are needed, and how errors fall with draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qicsim.analysis.advice import Advice
from qicsim.analysis.amounts import scale, sentence_case
from qicsim.analysis.findings import Findings
from qicsim.analysis.study_kinds.replicates import CONTRAST, LEVEL, Need, Needs, design_words
from qicsim.ground.numbers import NONE
from qicsim.report.analyses.common import PANEL, named_rows, plain_number
from qicsim.report.colours import BLUE, INK, PAPER, REFERENCE, VERMILLION
from qicsim.report.elements import Markup, figure, joined, numbered, panels, table
from qicsim.report.figures import legend
from qicsim.report.svg import canvas, finish, frame, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW = 44.0
MARKS = ((LEVEL, BLUE, "level of a scenario"), (CONTRAST, VERMILLION, "paired contrast with the reference"))
TICKS = (10, 1000, 100_000)
LEAST_DRAWS, MOST_DRAWS = 2.0, 100_000.0


def exhibits(findings: Findings) -> list[Markup]:
    """What is needed, and how the error falls."""
    found: Needs = findings.record
    made = (f"Most demanding scenario; variances at the last time from {found.size.words}. Reference: "
            f"{found.reference}. Data: needed.csv.")
    needed = figure("figure-needed", numbered(1, "Draws that are enough"),
                    f"Filled: for the mean. Empty: for each end of the 5–95\u00a0% interval between draws. {made}",
                    joined((_legend("dot", "dot"), _needed(found))), _table(found))
    drawn = [(_head(found, name), _falling(found, name)) for name in found.indicators]
    falling = figure("figure-falling", numbered(2, "How the standard error of a mean falls with draws"),
                     f"Two replicates of each draw. Grey: the wanted error. {made}",
                     joined((_legend("line", "dash"), panels(drawn, "small"))), "")
    return [needed, falling]


def _legend(*kinds: str) -> Markup:
    return legend(*((colour, kind, meaning) for (_, colour, meaning), kind in zip(MARKS, kinds, strict=True)))


def _head(found: Needs, indicator: str) -> str:
    one = next(one for one in found.needs if one.field.indicator.name == indicator)
    return f"{sentence_case(one.field.indicator.meaning)}, {scale(one.field.indicator.unit)[1]}"


def _needed(found: Needs) -> Markup:
    drawing = canvas(560.0, 52.0 + ROW * len(found.indicators))
    axes = frame(drawing, (196.0, 20.0, 42.0, 6.0))
    said = []
    for row, indicator in enumerate(found.indicators):
        for aside, (what, colour, meaning) in zip((-0.17, 0.17), MARKS, strict=True):
            one = found.most(indicator, what)
            if one is None:
                continue
            for advice, fill in ((one.mean, colour), (one.interval, PAPER)):
                if advice is not None:
                    axes.plot([advice.draws], [row + aside], marker="o", markersize=6.0, color=colour,
                              markerfacecolor=fill, markeredgewidth=1.4)
            said.append(f"{_head(found, indicator)}, {meaning}: {design_words(one.mean)} for the mean, "
                        f"{design_words(one.interval)} for ends of the interval")
    named_rows(axes, [_head(found, indicator).partition(",")[0] for indicator in found.indicators], 34)
    axes.set_xscale("log")
    _powers(axes)
    axes.set_xlabel("draws, with two replicates each (logarithmic scale)")
    quiet(axes, grid="x")
    return finish(drawing, "needed", "; ".join(said))


def _powers(axes: Axes) -> None:
    """Powers of ten as plain numbers."""
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.minorticks_off()


def _falling(found: Needs, indicator: str) -> Markup:
    drawing = canvas(*PANEL)
    axes = frame(drawing, (52.0, 12.0, 40.0, 8.0))
    draws = np.geomspace(LEAST_DRAWS, MOST_DRAWS, 60)
    said = []
    for (what, colour, meaning), style in zip(MARKS, ("solid", (0, (5, 1.5))), strict=True):
        one = found.most(indicator, what)
        if one is not None:
            factor = scale(one.field.indicator.unit)[0]
            axes.plot(draws, one.error_of(draws, 2) * factor, color=colour, linestyle=style)
            axes.axhline(one.wanted * factor, color=REFERENCE, linewidth=1.0)
            said.append(f"{meaning}: {one.error_of(np.array([100.0]), 2)[0] * factor:.2g} with 100 draws")
    axes.set_xscale("log")
    axes.set_yscale("log")
    _powers(axes)
    axes.set_xticks(TICKS)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    axes.set_xlabel("draws", color=INK)
    axes.grid(visible=True)
    return finish(drawing, f"falling-{indicator}", f"Standard error of {_head(found, indicator)}: {'; '.join(said)}")


def _table(found: Needs) -> Markup:
    heads = ("Scenario", "What", "Indicator", "Wanted error", "SD between draws", "SD by chance", "Error in this study",
             "For the mean", "For ends of the interval", "Replicates of one draw")
    return table("Draws x replicates that are enough", heads, [_row(one) for one in found.needs], class_="dense")


def _row(one: Need) -> list[object]:
    unit = one.field.indicator.unit
    return [one.title, one.what, f"{one.field.indicator.meaning}, {scale(unit)[1]}", plain_number(one.wanted, unit),
            plain_number(float(np.sqrt(one.between)), unit), plain_number(float(np.sqrt(one.within)), unit),
            plain_number(one.error, unit), _size(one.mean), _size(one.interval), f"{one.of_a_draw:,}"]


def _size(advice: Advice | None) -> str:
    return NONE if advice is None else f"{advice.draws:,}\u00a0x\u00a0{advice.replicates}"
