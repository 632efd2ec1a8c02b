"""The tables of a decision's page: what each figure says, in numbers."""

from __future__ import annotations

import math

import numpy as np

from qicsim.analysis.drivers import Drivers
from qicsim.decide.decision import Decision
from qicsim.decide.frontier import DOMINATED, EXTENDED, ON, SAME, Row
from qicsim.decide.plane import QUADRANTS
from qicsim.decide.settings import PAYMENTS
from qicsim.decide.targets import Chance
from qicsim.decide.value import large_steps
from qicsim.ground import numbers
from qicsim.ground.intervals import DRAWS, Interval
from qicsim.ground.numbers import NONE, brief, millions
from qicsim.plan.record import MONEY, SHARE
from qicsim.report import formatting
from qicsim.report.decision_answer import steps
from qicsim.report.decision_words import Labels, money, parameter, unit
from qicsim.report.elements import Markup, joined, table
from qicsim.report.exhibits import BRIEF, MILLIONS, Cell, Column, Table, to_html
from qicsim.report.language import again, say, text

STATUS_WORDS = {
    ON: text("on the frontier, over {scenarios}"), DOMINATED: text("dominated by {scenarios}"),
    EXTENDED: text("dominated by a mixture of {scenarios}"), SAME: text("same as {scenarios}")}
WORTHS = 6  # rows of the tables over worth
HINGES = 8
CHANCES = {"true_80": text("Chance, true"), "recorded_80": text("Chance, recorded")}


# ------------------------------------------------------------------------------------------------------------- value


def increments(decision: Decision, labels: Labels) -> Markup:
    """The incremental table: cost, effect, status, and what a further unit costs along the frontier."""
    found = {row.name: row for row in decision.value.frontier.rows}
    effects = decision.gains[decision.settings.outcome].level.mean
    rows: list[list[Cell]] = []
    for place, name in enumerate(decision.names):
        row = found.get(name)
        steps = (row.extra_cost, row.extra_effect, row.icer) if row else (None, None, None)
        rows.append([labels.row(name), decision.bill.cost.at(place), float(effects[place]),
                     _status(row, labels) if row else _barred(decision, name),
                     *(math.nan if step is None else float(step) for step in steps)])
    columns = (Column(say("Scenario")), Column(say("Cost"), MONEY),
               Column(say("Effect, {unit}", unit=say(decision.value.outcome.unit)), BRIEF), Column(say("Status")),
               Column(say("Extra cost"), MONEY, sign=True), Column(say("Extra effect"), BRIEF, sign=True),
               Column(say("US$ for a further unit"), BRIEF))
    on = frozenset(at for at, name in enumerate(decision.names) if name in found and found[name].status == ON)
    title = say("Incremental table, costs and effects {discounting}; a unit is a {unit}", unit=unit(decision),
                discounting=again(decision.discounting.words))
    return to_html(Table("incremental", title, columns, rows), marked=on)


def _status(row: Row, labels: Labels) -> str:
    """Where a scenario stands towards the frontier, and towards which others."""
    over = formatting.listed([labels.key(name) for name in row.over])
    if row.status == ON and not over:
        return say("on the frontier")
    return say(STATUS_WORDS[row.status], scenarios=over)


def _barred(decision: Decision, name: str) -> str:
    """Why a scenario is not among the choices."""
    if name in decision.options.events:
        return say("no choice: a state of the world, or a past")
    return say("no choice: above the ceiling")


def payments(decision: Decision, labels: Labels) -> Markup:
    """The frontier in short with payments to facilities counted, and with them left out."""
    counted, left = (decision.value.views[key] for key in PAYMENTS)
    rows = []
    for name in labels.ordered(decision.value.options):
        cells: list[object] = [labels.row(name)]
        for view in (counted, left):
            row = next(one for one in view.rows if one.name == name)
            cells += [millions(row.cost), _status(row, labels), NONE if row.icer is None else brief(row.icer)]
        rows.append(cells)
    short = [steps(large_steps(view), labels) for view in (counted, left)]
    rows.append([say("In short"), "", short[0], "", "", short[1], ""])
    heads = (say("Scenario"), say("Cost with payments, US$ million"), say("Status"), say("US$ for a further unit"),
             say("Cost without payments, US$ million"), say("Status without payments"),
             say("US$ for a further unit, without payments"))
    return table(say("With payments to facilities, and without; costs and effects discounted"), heads, rows,
                 class_="list")


def cases(decision: Decision, labels: Labels) -> Markup:
    """What to choose under other conventions."""
    rows = [[again(case.words), steps(case.steps, labels), labels.title(case.best)] for case in decision.cases]
    return table(say("Other conventions: what to choose, and at {worth} for a unit of effect",
                     worth=money(decision.value.worth)),
                 (say("Convention"), say("What to choose"), say("Best on average there")), rows, class_="list")


def points(decision: Decision, labels: Labels) -> Markup:
    """The key numbers at half the worth, at it and at twice it."""
    rows: list[list[Cell]] = [[
        money(one.worth), formatting.listed([labels.title(name) for name in labels.ordered((one.best, *one.tied))]),
        labels.title(one.best), one.sure, money(one.evpi), money(one.error)] for one in decision.value.points]
    columns = (Column(say("A unit is worth")), Column(say("Equally good on average, as far as draws can tell")),
               Column(say("Best on average")), Column(say("Chance that it is the best"), SHARE),
               Column(say("Worth of knowing everything")), Column(say("Standard error")))
    title = say("The choice below, at and above the worth that this page stands on")
    return to_html(Table("points", title, columns, rows), class_="list")


def plane(decision: Decision, labels: Labels) -> Markup:
    """Increments over the reference, and in which quarter of the plane the draws lie."""
    found = decision.value.plane
    rows: list[list[Cell]] = [[labels.row(name), found.effect.at(place), found.cost.at(place),
                               *found.quadrants[place].tolist()]
                              for place, name in enumerate(decision.names) if name != decision.reference]
    columns = (Column(say("Scenario")), Column(say("Extra effect"), BRIEF, sign=True),
               Column(say("Extra cost, US$ million"), MILLIONS, sign=True),
               *(Column(_capital(say(quadrant)), SHARE) for quadrant in QUADRANTS))
    title = say("Over the reference, discounted: means, {level} of draws, and the share of draws in each quarter",
                level=formatting.LEVEL)
    return to_html(Table("plane", title, columns, rows))


def _capital(said: str) -> str:
    """With a capital letter, where the script has them."""
    return said[:1].upper() + said[1:]


def acceptability(decision: Decision, labels: Labels) -> Markup:
    """Probability of being the best at some worths, and the best on average; expected loss at the same worths."""
    curves = decision.value.curves
    at = _rows_of(decision)
    shown = [place for place in range(len(curves.names)) if curves.probability[at, place].max() >= 0.005]  # noqa: PLR2004
    rows = [[money(float(curves.worth[row])), labels.key(curves.names[int(curves.best[row])]),
             numbers.percent(float(curves.frontier[row])), money(float(curves.evpi[row])),
             *(numbers.percent(float(curves.probability[row, place])) for place in shown)] for row in at]
    heads = [say("A unit is worth"), say("Best on average"), say("Chance that it is the best"),
             say("Worth of knowing everything"), *(labels.key(curves.names[place]) for place in shown)]
    lost = [[money(float(curves.worth[row])), *(millions(float(one)) for one in curves.loss[row])] for row in at]
    return joined((
        table(say("Share of draws in which each scenario is the best; scenarios that never are have no column"), heads,
              rows, class_="dense"),
        table(say("Expected loss: how much net benefit is lost on average against the best of each draw, US$ million; "
                  "the least is the worth of knowing everything"),
              [say("A unit is worth"), *map(labels.key, curves.names)], lost, class_="dense")))


def _rows_of(decision: Decision) -> list[int]:
    """Places on the grid of worths that tables show."""
    worth = decision.value.curves.worth
    return sorted({*np.linspace(0, len(worth) - 1, WORTHS).astype(int).tolist(),
                   min(range(len(worth)), key=lambda at: abs(worth[at] - decision.value.worth))})


# -------------------------------------------------------------------------------------------------------- robustness


def regret(decision: Decision, labels: Labels) -> Markup:
    """Regret by choice."""
    found = decision.robust.regret
    rows: list[list[Cell]] = [[labels.row(name), float(found.mean[place]), float(found.high[place]),
                               float(found.largest[place])] for place, name in enumerate(found.names)]
    heads = (say("Mean"), say("95 % point"), say("Largest"))
    columns = (Column(say("Scenario")), *(Column(head, MILLIONS) for head in heads))
    return to_html(Table("regret", say("Regret, US$ million of net benefit, discounted"), columns, rows))


def enough(decision: Decision, labels: Labels) -> Markup:
    """How often each threshold holds alone, and all together."""
    found, asked = decision.robust.enough, decision.robust.thresholds
    rows: list[list[Cell]] = [[labels.row(name), *map(float, found.each[:, place]), float(found.share[place])]
                              for place, name in enumerate(found.names)]
    columns = (Column(say("Scenario")), *(Column(_capital(again(asked[key])), SHARE) for key in found.outcomes),
               Column(say("All together"), SHARE))
    title = say("Good enough: share of draws in which each threshold holds alone, and all of them together")
    return to_html(Table("enough", title, columns, rows))


def target(decision: Decision, labels: Labels) -> Markup:
    """Share at 80 or more, the chance of the target, and the share that is reached with some chances."""
    aim = decision.aim
    shown = [key for key in CHANCES if aim.chances[key].probability.any()]
    rows: list[list[Cell]] = [[labels.row(name), aim.share.at(place),
                               *(float(one[place]) for one in aim.reached.values()),
                               *(_chance(aim.chances[key], place, decision.draws) for key in shown)]
                              for place, name in enumerate(decision.names)]
    told = {"year": aim.target.by, "share": numbers.percent(aim.target.share)}
    title = (say("End of {year}: truly at 80 or more, and the chance of {share}", **told)
             if aim.target.indicator == "true_80"
             else say("End of {year}: recorded at 80 or more, and the chance of {share}", **told))
    columns = (Column(say("Scenario")), Column(say("% there, mean"), SHARE),
               *(Column(say("Reached with a chance of {chance}", chance=numbers.percent(sure)), SHARE)
                 for sure in aim.reached), *(Column(f"{say(CHANCES[key])}, %", SHARE) for key in shown))
    return to_html(Table("target", title, columns, rows), class_="narrow")


def _chance(chance: Chance, place: int, draws: int) -> Interval[float]:
    share, low, high = (float(one[place]) for one in (chance.probability, chance.low, chance.high))
    return Interval(share, share, low, high, draws, DRAWS)


def drivers(found: Drivers, caption: str) -> Markup:
    """The parameters on which a line hinges."""
    rows = [[parameter(driver.parameter), numbers.signed(driver.correlation, 2),
             numbers.percent(driver.lowest), numbers.percent(driver.highest),
             say("yes") if found.exceeds(driver.correlation) else say("no")]
            for driver in found.ranked[:HINGES]]
    return table(caption, (say("Parameter"), say("Rank correlation"), say("Chance: lowest third of it"),
                           say("Chance: highest third"), say("More than chance")), rows, class_="dense")


# ----------------------------------------------------------------------------------------------------------- effects


def effects(decision: Decision, labels: Labels) -> Markup:
    """Every outcome gained over the reference, discounted."""
    over = bool(decision.others)
    rows: list[list[Cell]] = [[labels.row(name), *(
        (gain.extra if over else gain.level).at(decision.names.index(name)) for gain in decision.gains.values())]
        for name in decision.others or decision.names]
    columns = (Column(say("Scenario")), *(Column(f"{_capital(say(gain.outcome.meaning))} ({say(gain.outcome.unit)})",
                                                 BRIEF, sign=over) for gain in decision.gains.values()))
    told = again(decision.discounting.words)
    title = (say("More than the reference, {discounting}", discounting=told) if over
             else say("Effects, {discounting}", discounting=told))
    return to_html(Table("effects", title, columns, rows), class_="dense")
