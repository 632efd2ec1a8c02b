"""Figures of the plan chapter as PNG, with captions and alternative texts: paths, launches, coaches, spending."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qicsim.analysis.tried_assumptions import LAST_OF_TRIALS
from qicsim.ground.intervals import Intervals
from qicsim.plan.record import COUNT, MONEY, Plan, Target
from qicsim.report.colours import BLUE, INK, ORANGE, REFERENCE, SOFT, TRUE, VERMILLION
from qicsim.report.document_words import NATION_ROW, SCALE, amount, ends, uncertainty, unit, with_interval
from qicsim.report.formatting import PAYER_WORDS, lines
from qicsim.report.svg import canvas, drawing_style, frame, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RESOLUTION = 200
WIDTH, HEIGHT = 620.0, 228.0
MARGINS = (64.0, 20.0, 30.0, 26.0)
MILLION = 1e-6
PATHS = ("true", "recorded", "true_80", "recorded_80")
MOST_PATHS = 4


@dataclass(frozen=True)
class Picture:
    """A figure: the PNG, its caption, and what is read aloud in its place."""

    png: bytes
    caption: str
    alt: str


def drawn(draw: Callable[[Axes], None], *, height: float = HEIGHT) -> bytes:
    """A PNG of one pair of axes on white; the same drawing gives the same bytes."""
    held = io.BytesIO()
    with drawing_style():
        figure = canvas(WIDTH, height)
        axes = frame(figure, MARGINS)
        draw(axes)
        quiet(axes)
        figure.savefig(held, format="png", dpi=RESOLUTION, facecolor="white", metadata={"Software": None})
    return held.getvalue()


def paths(plan: Plan) -> list[Picture]:
    """How the main indicators move under the plan and without it."""
    known = {target.name: target for target in plan.targets}
    chosen = [known[name] for name in PATHS if name in known] or list(plan.targets[:2])
    return [_path(plan, target) for target in chosen[:MOST_PATHS]]


def _path(plan: Plan, target: Target) -> Picture:
    def draw(axes: Axes) -> None:
        _band(axes, plan.axis, target.reference, form=target.form, colour=REFERENCE, label="without the plan",
              style="dashed")
        _band(axes, plan.axis, target.scenario, form=target.form, colour=TRUE, label="with the plan", style="solid")
        _shade(axes, plan.axis)
        _finish(axes, plan.axis, f"{target.title} ({unit(target)})")

    last = len(plan.years)
    told = f"{_path_words(plan, target, 0)}; {_path_words(plan, target, last)}"
    return Picture(drawn(draw), f"{target.title}, {plan.whole}, ends of years: means with and without the plan. "
                   f"Bands: {uncertainty(plan)}",
                   f"Lines over {plan.axis[0]} to {plan.axis[-1]}. {target.title}: {told}.")


def _path_words(plan: Plan, target: Target, at: int) -> str:
    row = (NATION_ROW, at)
    return (f"at the end of {plan.axis[at]} {with_interval(target.scenario, row, target.form)} {unit(target)} with the "
            f"plan, {with_interval(target.reference, row, target.form)} without")


def launches(plan: Plan) -> Picture:
    """Districts launched by the end of each quarter, against what the scenario allows."""
    held, x = plan.launches, np.arange(len(plan.quarters))

    def draw(axes: Axes) -> None:
        axes.fill_between(x, held.launched.low, held.launched.high, color=TRUE, alpha=0.18, linewidth=0)
        axes.plot(x, held.launched.mean, color=TRUE, label="launched (mean)")
        axes.plot(x, held.planned, color=VERMILLION, linestyle=(0, (5, 1.5)), label="allowed by the plan")
        starts = [at for at, quarter in enumerate(plan.quarters) if quarter.endswith("Q1")]
        axes.set_xticks(starts, [plan.quarters[at][:4] for at in starts])
        axes.set_ylim(0.0, max(1.0, float(np.nanmax([held.launched.high, held.planned]))) * 1.06)
        _named(axes, "operational districts launched")

    last = len(plan.quarters) - 1
    return Picture(drawn(draw), f"Operational districts launched by the end of each quarter. Band: {uncertainty(plan)}",
                   f"Lines by quarter. By the end of {plan.quarters[-1]} "
                   f"{with_interval(held.launched, (last,), COUNT)} districts are launched; the plan allows "
                   f"{held.planned[-1]:,.0f}.")


def coaches(plan: Plan) -> Picture:
    """Coach posts, coaches at work and coaches needed, the nation."""
    held = plan.coaches
    shown = ((held.posts, "posts planned", INK, "dotted"), (held.at_work, "at work", TRUE, "solid"),
             (held.needed, "needed for every planned visit", VERMILLION, "dashed"))

    def draw(axes: Axes) -> None:
        for spread, label, colour, style in shown:
            _band(axes, plan.axis, spread, form=COUNT, colour=colour, label=label, style=style)
        axes.set_ylim(bottom=0.0)
        _finish(axes, plan.axis, "coaches")

    last = len(plan.years)
    told = "; ".join(f"{label} {with_interval(spread, (NATION_ROW, last), COUNT)}" for spread, label, _, _ in shown)
    return Picture(drawn(draw), f"Coaches at the ends of years, {plan.whole}. Bands: {uncertainty(plan)}",
                   f"Lines by year. At the end of {plan.years[-1]}: {told}.")


def spending(plan: Plan) -> Picture:
    """Spending by year and payer, with the interval of the whole."""
    held = plan.budget
    colours = (BLUE, ORANGE, "#009e73", "#cc79a7")

    def draw(axes: Axes) -> None:
        below = np.zeros(len(held.years))
        for at, payer in enumerate(held.payers):
            share = held.own.by_payer.mean[at] * MILLION
            axes.bar(held.years, share, bottom=below, color=colours[at % len(colours)], width=0.7,
                     label=PAYER_WORDS.get(payer, payer))
            below = below + share
        whole = held.own.by_year.mean * MILLION
        axes.errorbar(held.years, whole, yerr=(np.maximum(whole - held.own.by_year.low * MILLION, 0.0),
                                               np.maximum(held.own.by_year.high * MILLION - whole, 0.0)),
                      fmt="none", ecolor=INK, elinewidth=1.0, capsize=3)
        axes.set_xticks(held.years)
        _named(axes, f"US$ million of {held.price_year}")

    spent = held.own.by_year
    told = "; ".join(f"{year}: {amount(float(spent.mean[at]), MONEY)} ({ends(spent, (at,), MONEY)})"
                     for at, year in enumerate(held.years))
    return Picture(drawn(draw), f"Spending by year and payer, means, in US$ million of {held.price_year}; lines: the "
                   f"interval of the whole. {uncertainty(plan)}", f"Stacked bars. All payers, US$ million. {told}.")


# -------------------------------------------------------------------------------------------------------------- parts


def _band(axes: Axes, years: Sequence[int], spread: Intervals, *, form: str, colour: str, label: str,
          style: str) -> None:
    """The nation's mean and interval over the years."""
    scale, row = SCALE[form], NATION_ROW
    axes.fill_between(years, spread.low[row] * scale, spread.high[row] * scale, color=colour, alpha=0.16, linewidth=0)
    axes.plot(years, spread.mean[row] * scale, color=colour, linestyle=style, marker="o", markersize=3, label=label)


def _shade(axes: Axes, years: Sequence[int]) -> None:
    """A shade over the ends of years that no controlled study reached."""
    if years[-1] > LAST_OF_TRIALS:
        axes.axvspan(max(LAST_OF_TRIALS, years[0]), years[-1], color=SOFT, alpha=0.13, linewidth=0,
                     label="no controlled study reaches so far")


def _finish(axes: Axes, years: Sequence[int], label: str) -> None:
    axes.set_xticks(list(years))
    _named(axes, label)


def _named(axes: Axes, label: str) -> None:
    axes.set_ylabel("\n".join(lines(label, 34, 2)))
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, frameon=False, borderaxespad=0.2)
