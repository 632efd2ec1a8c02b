"""The figures of a decision: plane, acceptability, values of information, regret, budget and target."""

from __future__ import annotations

import numpy as np

from qicsim.decide.budget import ALL
from qicsim.decide.decision import Decision
from qicsim.decide.information import Information
from qicsim.decide.mechanisms import MEANINGS
from qicsim.ground.numbers import MILLION, brief, millions, number, percent
from qicsim.report.colours import BLUE, INK, LINES, ORANGE, PAPER, REFERENCE, RULE, SOFT, STYLES, TRUE, VERMILLION
from qicsim.report.decision_words import Labels, meaning_of, money
from qicsim.report.elements import Markup
from qicsim.report.formatting import lines
from qicsim.report.language import say
from qicsim.report.panel import PIXEL, TEXT, Panel
from qicsim.report.svg import apart

WIDE, PANEL = 700.0, (250.0, 160.0)
ROW, LABEL_WIDTH = 28.0, 230.0
CLOUD = 150  # points of a scenario on the plane
COLOURED = 6  # scenarios with a colour of their own; the others are grey
BARS, BAR = 12, 30.0
SEEN = 0.02  # a scenario that is best in so few draws has no colour, unless it is on the frontier
CROWD = 15.0  # pixels between dots that both carry their number
LARGEST = "M0 -4.5V4.5"
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
    panel = Panel((WIDE, 400.0), (58.0, 30.0, 44.0, 12.0))
    panel.level(0.0, SOFT, 0.8)
    panel.upright(0.0, SOFT, 0.8)
    for place, name in enumerate(decision.names):
        if name in colours and name != decision.reference:
            panel.dots(found.extra_effects[place, :CLOUD], found.extra_costs[place, :CLOUD] / MILLION, 2.65,
                       colours[name], opacity=0.35, order=1.0)
    on = [decision.names.index(row.name) for row in decision.value.frontier.on]
    means = found.effect.mean, found.cost.mean / MILLION
    panel.line(means[0][on], means[1][on], INK, width=1.3, order=4.0)
    _means(panel, decision, labels, np.stack(means, axis=1))
    panel.x.name = say("more {unit} than the reference", unit=say(decision.value.outcome.unit))
    panel.y.name = say("US$ million more than the reference")
    said = "; ".join(say("{scenario}: {effect} more for {cost}", scenario=labels.title(name),
                         effect=brief(means[0][place]), cost=money(means[1][place] * MILLION))
                     for place, name in enumerate(decision.names) if name != decision.reference)
    return panel.svg("decision-plane",
                     say("Extra effect and extra cost over the reference, means. {said}.", said=said))


def _means(panel: Panel, decision: Decision, labels: Labels, means: np.ndarray) -> None:
    """A large dot for each scenario, and its number unless it would lie on another's; coloured ones come first."""
    colours = coloured(decision)
    order = sorted(decision.names, key=lambda name: (name != decision.reference, name not in colours))
    panel.x.see(means[:, 0])
    panel.y.see(means[:, 1])
    written: list[np.ndarray] = []
    for name in order:
        point = means[decision.names.index(name)]
        panel.dots(point[0], point[1], 7.0, colours.get(name, REFERENCE), edge=(PAPER, 1.0),
                   order=5.0 + (name in colours))
        pixels = np.array([panel.x.at(point[0]), panel.y.at(point[1])]) / PIXEL
        if all(np.hypot(*(pixels - other)) >= CROWD for other in written):
            panel.text(point[0], point[1], labels.key(name), off=(5.0, -8.0), bold=True)
            written.append(pixels)


# ----------------------------------------------------------------------------------------------------- acceptability


def acceptability(decision: Decision, labels: Labels) -> Markup:
    """Probability of being the best over what a unit is worth; the frontier is drawn thick."""
    curves, colours = decision.value.curves, coloured(decision)
    panel = Panel((WIDE, 300.0), (54.0, 44.0, 44.0, 10.0))
    x = curves.worth / 1000.0
    panel.line(x, curves.frontier * 100.0, RULE, width=7.0, order=1.0)
    for place, name in enumerate(curves.names):
        at = list(colours).index(name) if name in colours else -1
        panel.line(x, curves.probability[:, place] * 100.0, colours.get(name, REFERENCE),
                   style=STYLES[at % len(STYLES)] if at >= 0 else "solid", width=1.6 if at >= 0 else 0.6,
                   order=3.0 if at >= 0 else 2.0)
    ends = [float(curves.probability[-1, curves.names.index(name)] * 100.0) for name in colours]
    for name, y in zip(colours, apart(ends, 5.0, 0.0, 100.0), strict=True):
        panel.text(x[-1], y, labels.key(name), off=(5.0, 0.0), colour=colours[name], bold=True)
    panel.upright(decision.value.worth / 1000.0, SOFT, 0.8)
    panel.x.fixed, panel.y.fixed = (0.0, float(x[-1])), (0.0, 100.0)
    panel.x.name = say("what a unit of effect is worth, US$ thousand")
    panel.y.name = say("% of draws in which it is best")
    said = "; ".join(say("from {worth} on {scenario}", worth=money(worth), scenario=labels.title(name))
                     for worth, name in curves.switches)
    return panel.svg("decision-acceptability",
                     say("Probability of being the best choice. Best on average: {said}.", said=said))


# ----------------------------------------------------------------------------------------------- bars of information


def information(known: Information, key: str) -> Markup:
    """The most valuable parameters or mechanisms, US$ million, with two standard errors; grey within luck."""
    shown = known.order[:BARS]
    called = [say(MEANINGS[name]) if name in MEANINGS else meaning_of(name) for name in known.names]
    panel = Panel((430.0, 44.0 + BAR * len(shown)), (200.0, 14.0, 38.0, 4.0), grid="x")
    value, error = known.value[shown] / MILLION, 2.0 * known.error[shown] / MILLION
    shades = [TRUE if known.clear[place] else REFERENCE for place in shown]
    for at, (length, either, shade) in enumerate(zip(value.tolist(), error.tolist(), shades, strict=True)):
        panel.box((0.0, length), (at - 0.31, at + 0.31), shade)
        panel.line([max(length - either, 0.0), length + either], [at, at], INK, width=1.0)
    panel.names([lines(called[place], 32, 2) for place in shown], TEXT * 0.9)
    panel.x.fixed = (0.0, max(float((value + error).max()) * 1.05, 1e-6))
    panel.x.name = say("US$ million")
    said = "; ".join(f"{called[place]} {money(float(known.value[place]))}" for place in shown[:5])
    return panel.svg(f"decision-information-{key}",
                     say("Value of knowing perfectly, the highest first: {said}.", said=said))


# ------------------------------------------------------------------------------------------------------------ regret


def regret(decision: Decision, labels: Labels) -> Markup:
    """Mean regret as a dot, the 95 % point as a line's end, the largest as a tick, US$ million."""
    found = decision.robust.regret
    panel = rows([labels.heading(name) for name in found.names])
    for at in range(len(found.names)):
        panel.line([0.0, found.high[at] / MILLION], [at, at], TRUE, width=1.8)
        panel.dots(found.mean[at] / MILLION, at, 6.5, TRUE)
        panel.sign(found.largest[at] / MILLION, at, LARGEST, VERMILLION, 1.6)
    panel.x.fixed = (0.0, panel.x.limits[1])
    panel.x.name = say("regret, US$ million of net benefit")
    said = "; ".join(say("{scenario} {regret} on average", scenario=labels.title(name),
                         regret=millions(float(found.mean[place]))) for place, name in enumerate(found.names))
    return panel.svg("decision-regret", say("Regret of each scenario, US$ million: {said}.", said=said))


def rows(titles: list[str]) -> Panel:
    """A panel with a row for each title."""
    panel = Panel((WIDE, 46.0 + ROW * len(titles)), (LABEL_WIDTH, 18.0, 40.0, 4.0), grid="x")
    panel.names([lines(title, 36, 2) for title in titles])
    return panel


# ------------------------------------------------------------------------------------------------------------ budget


def budget(decision: Decision, labels: Labels, name: str) -> Markup:
    """Mean spending by year and payer, US$ million, with the ceiling as a line; the same scale in every panel."""
    panel = Panel(PANEL, (30.0, 10.0, 22.0, 8.0))
    base = np.zeros(len(decision.years))
    spent = decision.bill.lines[name].mean_by_year("payer") / MILLION
    for place, payer in enumerate(decision.bill.lines[name].axes["payer"]):
        if payer in decision.settings.payers:
            for year, low, more in zip(decision.years, base.tolist(), spent[:, place].tolist(), strict=True):
                panel.box((year - 0.37, year + 0.37), (low, low + more), PAYER_COLOURS[payer], hatched=payer == "donor")
            base += spent[:, place]
    _ceiling(panel, decision, name)
    panel.y.fixed = (0.0, highest(decision) * 1.06)
    shown = sorted({decision.years[0], decision.years[len(decision.years) // 2], decision.years[-1]})
    panel.x.labels = {float(year): str(year) for year in shown}
    label = say("{scenario}: US$ {sum} million from {first} to {last}, at most {most} million in a year",
                scenario=labels.title(name), sum=number(float(base.sum()), 1), first=decision.years[0],
                last=decision.years[-1], most=number(float(base.max()), 1))
    return panel.svg(f"decision-budget-{decision.names.index(name)}", label)


def _ceiling(panel: Panel, decision: Decision, name: str) -> None:
    excess = decision.budget.excess.get(name)
    if excess is None or decision.settings.ceiling_is != ALL:  # other money than the bars show
        return
    for year, limit in zip(decision.years, excess.ceiling.tolist(), strict=True):
        if np.isfinite(limit):
            panel.line([year - 0.5, year + 0.5], [limit / MILLION] * 2, INK, width=1.8)


def highest(decision: Decision) -> float:
    """The highest mean spending or ceiling of any scenario in any year, US$ million; 1 if nothing is spent."""
    return decision.budget.highest / MILLION or 1.0


# ------------------------------------------------------------------------------------------------------------ target


def target(decision: Decision, labels: Labels) -> Markup:
    """Share of facilities at 80 or more by scenario with its interval, against the target as a line."""
    aim = decision.aim
    panel = rows([labels.heading(name) for name in decision.names])
    colour = TRUE if aim.target.indicator == "true_80" else VERMILLION
    for at in range(len(decision.names)):
        share = aim.share.at(at).scaled(100.0)
        panel.line([share.low, share.high], [at, at], colour, width=1.8)
        panel.dots(share.mean, at, 6.5, colour)
    panel.upright(100.0 * aim.target.share, INK, 1.4)
    panel.x.fixed = (0.0, 100.0)
    panel.x.name = say("% at 80 points or more, end of {year}", year=aim.target.by)
    said = "; ".join(say("{scenario} {share}, chance {chance}", scenario=labels.title(name),
                         share=percent(float(aim.share.mean[place])),
                         chance=percent(float(aim.meant.probability[place])))
                     for place, name in enumerate(decision.names))
    return panel.svg("decision-target", say("Mean share at 80 or more against the target of {target}: {said}.",
                                            target=percent(aim.target.share), said=said))
