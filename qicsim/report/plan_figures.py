"""Figures of a plan's papers as PNG, with captions and alternative texts: paths, launches, coaches, spending."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from qicsim.analysis.tried_assumptions import last_of_trials
from qicsim.ground.intervals import Intervals
from qicsim.plan.record import COUNT, MONEY, Plan, Target
from qicsim.report.colours import BLUE, INK, ORANGE, REFERENCE, SOFT, TRUE, VERMILLION
from qicsim.report.exhibits import SCALE, amount, ends, spelled
from qicsim.report.formatting import PAYER_WORDS, lines, quarter_named
from qicsim.report.language import ASSETS, say, text_of
from qicsim.report.plan_words import NATION_ROW, form_of, uncertainty, unit, whole_of
from qicsim.report.svg import canvas, drawing_style, frame, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FAMILIES = ["DejaVu Sans", "Noto Sans Khmer"]
RESOLUTION = 200
WIDTH, HEIGHT = 620.0, 228.0
MARGINS = (64.0, 20.0, 30.0, 26.0)
MILLION = 1e-6
PATHS = ("true", "recorded_80")
MOST_PATHS = 2
COLOURS = (BLUE, ORANGE)


@dataclass(frozen=True)
class Picture:
    """A figure: the PNG, its caption, and what is read aloud in its place."""

    png: bytes
    caption: str
    alt: str


@cache
def families() -> list[str]:
    """The families of a figure's texts; the Khmer one is in the package, so that it is there on every machine."""
    from matplotlib.font_manager import fontManager

    fontManager.addfont(ASSETS / "fonts" / "noto-sans-khmer-regular.ttf")
    return FAMILIES


def drawn(draw: Callable[[Axes], None], *, height: float = HEIGHT) -> bytes:
    """A PNG of one pair of axes on white; the same drawing gives the same bytes."""
    from matplotlib import rc_context

    held = io.BytesIO()
    with drawing_style(), rc_context({"font.family": families()}):
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
    form = form_of(target)

    def draw(axes: Axes) -> None:
        _band(axes, plan.axis, target.reference, form=form, colour=REFERENCE, label=say("without the plan"),
              style="dashed")
        _band(axes, plan.axis, target.scenario, form=form, colour=TRUE, label=say("with the plan"), style="solid")
        _shade(axes, plan.axis)
        _finish(axes, plan.axis, f"{text_of(target.title)} ({unit(target)})")

    last, title = len(plan.years), text_of(target.title)
    return Picture(drawn(draw), say("{indicator}, {whole}, ends of years: means with and without the plan. Bands: "
                                    "{uncertainty}", indicator=title, whole=whole_of(plan),
                                    uncertainty=uncertainty(plan)),
                   say("Lines by year. {indicator} ({unit}): at the end of {year} {before}; at the end of {last} "
                       "{after} with the plan, {other} without.", indicator=title, unit=unit(target), year=plan.axis[0],
                       last=plan.axis[-1], before=spelled(target.scenario.at(NATION_ROW, 0), form),
                       after=spelled(target.scenario.at(NATION_ROW, last), form),
                       other=spelled(target.reference.at(NATION_ROW, last), form)))


def launches(plan: Plan) -> Picture:
    """Districts launched by the end of each quarter, against what the scenario allows."""
    held, x = plan.launches, np.arange(len(plan.quarters))

    def draw(axes: Axes) -> None:
        axes.fill_between(x, held.launched.low, held.launched.high, color=TRUE, alpha=0.18, linewidth=0)
        axes.plot(x, held.launched.mean, color=TRUE, label=say("launched (mean)"))
        axes.plot(x, held.planned, color=VERMILLION, linestyle=(0, (5, 1.5)), label=say("allowed by the plan"))
        starts = [at for at, quarter in enumerate(plan.quarters) if quarter.endswith("Q1")]
        axes.set_xticks(starts, [plan.quarters[at][:4] for at in starts])
        axes.set_ylim(0.0, max(1.0, float(np.nanmax([held.launched.high, held.planned]))) * 1.06)
        _named(axes, say("operational districts launched"))

    last = len(plan.quarters) - 1
    return Picture(drawn(draw), say("Operational districts launched by the end of each quarter. Band: {uncertainty}",
                                    uncertainty=uncertainty(plan)),
                   say("Lines by quarter. By the end of {quarter} {launched} districts are launched; the plan allows "
                       "{planned}.", quarter=quarter_named(plan.quarters[-1]),
                       launched=spelled(held.launched.at(last), COUNT), planned=f"{held.planned[-1]:,.0f}"))


def coaches(plan: Plan) -> Picture:
    """Coach posts, coaches at work and coaches needed, the nation."""
    held = plan.coaches
    shown = ((held.posts, say("posts planned"), INK, "dotted"), (held.at_work, say("at work"), TRUE, "solid"),
             (held.needed, say("needed for every planned visit"), VERMILLION, "dashed"))

    def draw(axes: Axes) -> None:
        for spread, label, colour, style in shown:
            _band(axes, plan.axis, spread, form=COUNT, colour=colour, label=label, style=style)
        axes.set_ylim(bottom=0.0)
        _finish(axes, plan.axis, say("coaches"))

    last = len(plan.years)
    told = "; ".join(f"{label} {spelled(spread.at(NATION_ROW, last), COUNT)}" for spread, label, _, _ in shown)
    return Picture(drawn(draw), say("Coaches at the ends of years, {whole}. Bands: {uncertainty}", whole=whole_of(plan),
                                    uncertainty=uncertainty(plan)),
                   say("Lines by year. At the end of {year}: {numbers}.", year=plan.years[-1], numbers=told))


def spending(plan: Plan) -> Picture:
    """Spending by year and payer, with the interval of the whole."""
    held = plan.budget

    def draw(axes: Axes) -> None:
        below = np.zeros(len(held.years))
        for at, payer in enumerate(held.payers):
            share = held.own.by_payer.mean[at] * MILLION
            axes.bar(held.years, share, bottom=below, color=COLOURS[at % len(COLOURS)], width=0.7,
                     label=say(PAYER_WORDS[payer]))
            below = below + share
        whole = held.own.by_year.mean * MILLION
        axes.errorbar(held.years, whole, yerr=(np.maximum(whole - held.own.by_year.low * MILLION, 0.0),
                                               np.maximum(held.own.by_year.high * MILLION - whole, 0.0)),
                      fmt="none", ecolor=INK, elinewidth=1.0, capsize=3)
        axes.set_xticks(held.years)
        _named(axes, say("US$ million of {year}", year=held.price_year))

    spent = held.own.by_year
    told = "; ".join(f"{year}: {amount(float(spent.mean[at]), MONEY)} ({ends(spent.at(at), MONEY)})"
                     for at, year in enumerate(held.years))
    return Picture(drawn(draw), say("Spending by year and payer, means, US$ million of {year}; lines: the interval of "
                                    "the whole. {uncertainty}", year=held.price_year, uncertainty=uncertainty(plan)),
                   say("Stacked bars. All payers, US$ million: {numbers}.", numbers=told))


# -------------------------------------------------------------------------------------------------------------- parts


def _band(axes: Axes, years: Sequence[int], spread: Intervals, *, form: str, colour: str, label: str,
          style: str) -> None:
    """The nation's mean and interval over the years."""
    scale, row = SCALE[form], NATION_ROW
    axes.fill_between(years, spread.low[row] * scale, spread.high[row] * scale, color=colour, alpha=0.16, linewidth=0)
    axes.plot(years, spread.mean[row] * scale, color=colour, linestyle=style, marker="o", markersize=3, label=label)


def _shade(axes: Axes, years: Sequence[int]) -> None:
    """A shade over the ends of years that no controlled study reached."""
    if years[-1] > last_of_trials():
        axes.axvspan(max(last_of_trials(), years[0]), years[-1], color=SOFT, alpha=0.13, linewidth=0,
                     label=say("no controlled study reaches so far"))


def _finish(axes: Axes, years: Sequence[int], label: str) -> None:
    axes.set_xticks(list(years))
    _named(axes, label)


def _named(axes: Axes, label: str) -> None:
    axes.set_ylabel("\n".join(lines(label, 34, 2)))
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, frameon=False, borderaxespad=0.2)
