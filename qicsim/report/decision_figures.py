"""The figures of a decision: plane, acceptability, values of information, regret, budget and target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qicsim.decide.decision import Decision
from qicsim.decide.information import Information
from qicsim.decide.mechanisms import MEANINGS
from qicsim.ground.numbers import MILLION, brief, millions, number, percent
from qicsim.report.colours import BLUE, INK, LINES, ORANGE, PAPER, REFERENCE, RULE, SOFT, STYLES, TRUE, VERMILLION
from qicsim.report.decision_words import Labels, meaning_of, money
from qicsim.report.elements import Markup
from qicsim.report.formatting import lines
from qicsim.report.language import say
from qicsim.report.svg import TEXT, apart, canvas, finish, frame, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE, PANEL = 700.0, (250.0, 160.0)
ROW, LABEL_WIDTH = 28.0, 230.0
CLOUD = 150  # points of a scenario on the plane
COLOURED = 6  # scenarios with a colour of their own; the others are grey
BARS, BAR = 12, 30.0
SEEN = 0.02  # a scenario that is best in so few draws has no colour, unless it is on the frontier
CROWD = 15.0  # pixels between dots that both carry their number
PAYER_COLOURS = {"government": BLUE, "donor": ORANGE}


def coloured(decision: Decision) -> dict[str, str]:
    """Colours of the scenarios that matter: the frontier, its end first, then the likeliest to be best."""
    curves = decision.value.curves
    peak = dict(zip(curves.names, curves.probability.max(axis=0).tolist(), strict=True))
    on = [row.name for row in reversed(decision.value.frontier.on)]
    likely = [name for name in curves.names if peak[name] >= SEEN]
    ranked = dict.fromkeys([*on, *sorted(likely, key=lambda name: -peak[name])])
    return dict(zip(list(ranked)[:COLOURED], LINES, strict=False))


# ------------------------------------------------------------------------------------------------------------- plane


def plane(decision: Decision, labels: Labels) -> Markup:
    """Extra effect to the right, extra cost up; a cloud of draws for scenarios with a colour, means for all."""
    found, colours = decision.value.plane, coloured(decision)
    figure = canvas(WIDE, 400.0)
    axes = frame(figure, (58.0, 30.0, 44.0, 12.0))
    axes.axhline(0.0, color=SOFT, linewidth=0.8)
    axes.axvline(0.0, color=SOFT, linewidth=0.8)
    for place, name in enumerate(decision.names):
        if name in colours and name != decision.reference:
            axes.scatter(found.extra_effects[place, :CLOUD], found.extra_costs[place, :CLOUD] / MILLION, s=7.0,
                         color=colours[name], alpha=0.35, linewidths=0)
    on = [decision.names.index(row.name) for row in decision.value.frontier.on]
    means = found.extra_effects.mean(axis=1), found.extra_costs.mean(axis=1) / MILLION
    axes.plot(means[0][on], means[1][on], color=INK, linewidth=1.3, zorder=4)
    _means(axes, decision, labels, np.stack(means, axis=1))
    axes.set_xlabel(say("more {unit} than the reference", unit=say(decision.value.outcome.unit)))
    axes.set_ylabel(say("US$ million more than the reference"))
    quiet(axes)
    said = "; ".join(say("{scenario}: {effect} more for {cost}", scenario=labels.title(name),
                         effect=brief(means[0][place]), cost=money(means[1][place] * MILLION))
                     for place, name in enumerate(decision.names) if name != decision.reference)
    return finish(figure, "decision-plane",
                  say("Extra effect and extra cost over the reference, means. {said}.", said=said))


def _means(axes: Axes, decision: Decision, labels: Labels, means: np.ndarray) -> None:
    """A large dot for each scenario, and its number unless it would lie on another's; coloured ones come first."""
    colours = coloured(decision)
    order = sorted(decision.names, key=lambda name: (name != decision.reference, name not in colours))
    axes.set_xlim(axes.get_xlim())
    axes.set_ylim(axes.get_ylim())
    written: list[np.ndarray] = []
    for name in order:
        point = means[decision.names.index(name)]
        axes.plot(*point[:, None], marker="o", markersize=7.0, color=colours.get(name, REFERENCE),
                  markeredgecolor=PAPER, markeredgewidth=1.0, zorder=5 + (name in colours))
        pixels = axes.transData.transform(point)
        if all(np.hypot(*(pixels - other)) >= CROWD for other in written):
            axes.annotate(labels.key(name), point, (5.0, 5.0), textcoords="offset points", fontweight="bold", zorder=7)
            written.append(pixels)


# ----------------------------------------------------------------------------------------------------- acceptability


def acceptability(decision: Decision, labels: Labels) -> Markup:
    """Probability of being the best over what a unit is worth; the frontier is drawn thick."""
    curves, colours = decision.value.curves, coloured(decision)
    figure = canvas(WIDE, 300.0)
    axes = frame(figure, (54.0, 44.0, 44.0, 10.0))
    x = curves.worth / 1000.0
    axes.plot(x, curves.frontier * 100.0, color=RULE, linewidth=7.0, solid_capstyle="butt", zorder=1)
    for place, name in enumerate(curves.names):
        at = list(colours).index(name) if name in colours else -1
        axes.plot(x, curves.probability[:, place] * 100.0, color=colours.get(name, REFERENCE),
                  linestyle=STYLES[at % len(STYLES)] if at >= 0 else "solid", linewidth=1.6 if at >= 0 else 0.6,
                  zorder=3 if at >= 0 else 2)
    ends = [float(curves.probability[-1, curves.names.index(name)] * 100.0) for name in colours]
    for name, y in zip(colours, apart(ends, 5.0, 0.0, 100.0), strict=True):
        axes.annotate(labels.key(name), (x[-1], y), (5.0, -3.0), textcoords="offset points", color=colours[name],
                      fontweight="bold")
    axes.axvline(decision.value.worth / 1000.0, color=SOFT, linewidth=0.8)
    axes.set_xlim(0.0, x[-1])
    axes.set_ylim(0.0, 100.0)
    axes.set_xlabel(say("what a unit of effect is worth, US$ thousand"))
    axes.set_ylabel(say("% of draws in which it is best"))
    quiet(axes)
    said = "; ".join(say("from {worth} on {scenario}", worth=money(worth), scenario=labels.title(name))
                     for worth, name in curves.switches)
    return finish(figure, "decision-acceptability",
                  say("Probability of being the best choice. Best on average: {said}.", said=said))


# ----------------------------------------------------------------------------------------------- bars of information


def information(known: Information, key: str) -> Markup:
    """The most valuable parameters or mechanisms, US$ million, with two standard errors; grey within luck."""
    shown = known.order[:BARS]
    called = [say(MEANINGS[name]) if name in MEANINGS else meaning_of(name) for name in known.names]
    figure = canvas(430.0, 44.0 + BAR * len(shown))
    axes = frame(figure, (200.0, 14.0, 38.0, 4.0))
    value, error = known.value[shown] / MILLION, 2.0 * known.error[shown] / MILLION
    shades = [TRUE if known.clear[place] else REFERENCE for place in shown]
    axes.barh(range(len(shown)), value, height=0.62, color=shades, linewidth=0)
    axes.hlines(range(len(shown)), np.maximum(value - error, 0.0), value + error, color=INK, linewidth=1.0)
    name_rows(axes, [lines(called[place], 32, 2) for place in shown], TEXT * 0.9)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_xlim(0.0, max(float((value + error).max()) * 1.05, 1e-6))
    axes.set_xlabel(say("US$ million"))
    quiet(axes, grid="x")
    said = "; ".join(f"{called[place]} {money(float(known.value[place]))}" for place in shown[:5])
    return finish(figure, f"decision-information-{key}",
                  say("Value of knowing perfectly, the highest first: {said}.", said=said))


# ------------------------------------------------------------------------------------------------------------ regret


def regret(decision: Decision, labels: Labels) -> Markup:
    """Mean regret as a dot, the 95 % point as a line's end, the largest as a tick, US$ million."""
    found = decision.robust.regret
    figure, axes = rows([labels.heading(name) for name in found.names])
    for at in range(len(found.names)):
        axes.plot([0.0, found.high[at] / MILLION], [at, at], color=TRUE, linewidth=1.8, solid_capstyle="butt")
        axes.plot([found.mean[at] / MILLION], [at], marker="o", markersize=5.5, color=TRUE)
        axes.plot([found.largest[at] / MILLION], [at], marker="|", markersize=9.0, color=VERMILLION,
                  markeredgewidth=1.6)
    axes.set_xlim(left=0.0)
    axes.set_xlabel(say("regret, US$ million of net benefit"))
    said = "; ".join(say("{scenario} {regret} on average", scenario=labels.title(name),
                         regret=millions(float(found.mean[place]))) for place, name in enumerate(found.names))
    return finish(figure, "decision-regret", say("Regret of each scenario, US$ million: {said}.", said=said))


def rows(titles: list[str]) -> tuple[object, Axes]:
    """A figure with a row for each title, and its axes."""
    figure = canvas(WIDE, 46.0 + ROW * len(titles))
    axes = frame(figure, (LABEL_WIDTH, 18.0, 40.0, 4.0))
    name_rows(axes, [lines(title, 36, 2) for title in titles], TEXT * 0.94)
    axes.set_ylim(len(titles) - 0.5, -0.5)
    quiet(axes, grid="x")
    return figure, axes


def name_rows(axes: Axes, names: list[list[str]], size: float) -> None:
    """The lines of each row's name, to the left of the axes.

    Every line is a text of its own, so that the browser sets its right end: of several lines in one text each would
    stand where it is measured, and Khmer is measured with a font that lacks it.
    """
    axes.set_yticks(range(len(names)), [""] * len(names))
    for at, parts in enumerate(names):
        for place, part in enumerate(parts):
            above = ((len(parts) - 1) / 2.0 - place) * size * 1.15
            axes.annotate(part, (0.0, at), (-6.0, above), xycoords=("axes fraction", "data"),
                          textcoords="offset points", horizontalalignment="right", verticalalignment="center",
                          fontsize=size, annotation_clip=False)


# ------------------------------------------------------------------------------------------------------------ budget


def budget(decision: Decision, labels: Labels, name: str) -> Markup:
    """Mean spending by year and payer, US$ million, with the ceiling as a line; the same scale in every panel."""
    figure = canvas(*PANEL)
    axes = frame(figure, (30.0, 10.0, 22.0, 8.0))
    base = np.zeros(len(decision.years))
    spent = decision.bill.lines[name].by("payer").usd.mean(axis=0) / MILLION
    for place, payer in enumerate(decision.bill.lines[name].axes["payer"]):
        if payer in decision.settings.payers:
            axes.bar(decision.years, spent[:, place], 0.74, bottom=base, color=PAYER_COLOURS[payer], linewidth=0,
                     hatch="////" if payer == "donor" else None, edgecolor="white")
            base += spent[:, place]
    _ceiling(axes, decision, name)
    axes.set_ylim(0.0, highest(decision) * 1.06)
    axes.set_xticks(sorted({decision.years[0], decision.years[len(decision.years) // 2], decision.years[-1]}))
    quiet(axes)
    label = say("{scenario}: US$ {sum} million from {first} to {last}, at most {most} million in a year",
                scenario=labels.title(name), sum=number(float(base.sum()), 1), first=decision.years[0],
                last=decision.years[-1], most=number(float(base.max()), 1))
    return finish(figure, f"decision-budget-{decision.names.index(name)}", label)


def _ceiling(axes: Axes, decision: Decision, name: str) -> None:
    excess = decision.budget.excess.get(name)
    if excess is None:
        return
    for year, limit in zip(decision.years, excess.ceiling.tolist(), strict=True):
        if np.isfinite(limit):
            axes.hlines(limit / MILLION, year - 0.5, year + 0.5, color=INK, linewidth=1.8)


def highest(decision: Decision) -> float:
    """The highest mean spending or ceiling of any scenario in any year, US$ million; 1 if nothing is spent."""
    tops = [float(usd.mean(axis=0).max()) for usd in decision.budget.spent.values()]
    limits = [limit for one in decision.budget.excess.values() for limit in one.ceiling.tolist() if np.isfinite(limit)]
    return max([*tops, *limits]) / MILLION or 1.0


# ------------------------------------------------------------------------------------------------------------ target


def target(decision: Decision, labels: Labels) -> Markup:
    """Share of facilities at 80 or more by scenario with its interval, against the target as a line."""
    aim = decision.aim
    figure, axes = rows([labels.heading(name) for name in decision.names])
    colour = TRUE if aim.target.indicator == "true_80" else VERMILLION
    for at in range(len(decision.names)):
        share = aim.share.at(at).scaled(100.0)
        axes.plot([share.low, share.high], [at, at], color=colour, linewidth=1.8, solid_capstyle="butt")
        axes.plot([share.mean], [at], marker="o", markersize=5.5, color=colour)
    axes.axvline(100.0 * aim.target.share, color=INK, linewidth=1.4)
    axes.set_xlim(0.0, 100.0)
    axes.set_xlabel(say("% at 80 points or more, end of {year}", year=aim.target.by))
    said = "; ".join(say("{scenario} {share}, chance {chance}", scenario=labels.title(name),
                         share=percent(float(aim.share.mean[place])),
                         chance=percent(float(aim.meant.probability[place])))
                     for place, name in enumerate(decision.names))
    return finish(figure, "decision-target", say("Mean share at 80 or more against the target of {target}: {said}.",
                                                 target=percent(aim.target.share), said=said))
