"""What figures of several analyses share: axes over time, marks with intervals, numbers in cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from qicsim.analysis.amounts import amount, between
from qicsim.ground.calendar import MONTHS_PER_QUARTER, MONTHS_PER_YEAR
from qicsim.report.colours import PAPER
from qicsim.report.elements import Markup, joined, tag
from qicsim.report.formatting import NONE, lines
from qicsim.report.panel import TEXT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANEL = (270.0, 180.0)
MARGINS = (40.0, 12.0, 24.0, 8.0)
WIDE = (430.0, 170.0)
MANY_TIMES = 3


def years_of(times: Sequence[str]) -> np.ndarray:
    """Ends of quarters ("2030Q4") or years ("2030") in years: both 2031.0."""
    parts = [time.partition("Q") for time in times]
    return np.array([int(year) + (int(quarter) * MONTHS_PER_QUARTER / MONTHS_PER_YEAR if quarter else 1.0)
                     for year, _, quarter in parts])


def year_ticks(axes: Axes, x: np.ndarray) -> None:
    """First, middle and last calendar year, each named where it ends."""
    axes.set_xlim(x[0], x[-1])
    first, last = int(np.ceil(x[0])), int(np.floor(x[-1]))
    wanted = sorted({first, (first + last) // 2, last})
    axes.set_xticks(wanted, [str(year - 1) for year in wanted])


def named_rows(axes: Axes, titles: Sequence[str], width: int = 27) -> None:
    """Rows from the top, with their names."""
    axes.set_ylim(len(titles) - 0.5, -0.5)
    axes.set_yticks(range(len(titles)), ["\n".join(lines(title, width, 2)) for title in titles], linespacing=1.15,
                    multialignment="right")
    axes.tick_params(axis="y", labelsize=TEXT * 0.94)


def mark(axes: Axes, y: float, values: tuple[float, float, float], error: float, colour: str, *, filled: bool = True
         ) -> None:
    """A mean with its interval (low, mean, high) as a line, and two standard errors from chance as a bar across it."""
    low, mean, high = values
    if not np.isfinite(mean):
        return
    axes.plot([low, high], [y, y], color=colour, linewidth=1.8, solid_capstyle="butt")
    if np.isfinite(error):
        axes.plot([mean - 2.0 * error, mean + 2.0 * error], [y, y], color=colour, linewidth=6.5, alpha=0.35,
                  solid_capstyle="butt")
    axes.plot([mean], [y], marker="o", markersize=5.2, color=colour, markerfacecolor=colour if filled else PAPER,
              markeredgewidth=1.4)


def cell(mean: float, low: float, high: float, unit: str) -> Markup | str:
    """A number with its interval in small type."""
    if not np.isfinite(mean):
        return NONE
    interval = tag("span", between(low, high, unit), class_="interval") if np.isfinite(low) else ""
    return joined((amount(mean, unit, named=False), interval))


def plain_number(value: float, unit: str) -> str:
    """A number without sign or unit; a dash where there is none."""
    return amount(value, unit, named=False, sign=False) if np.isfinite(value) else NONE
