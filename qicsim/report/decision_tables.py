"""The tables of a decision's page: what each figure says, in numbers; money; what is worth learning."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from qicsim.analysis.drivers import Drivers
from qicsim.decide.decision import Decision
from qicsim.decide.frontier import DOMINATED, EXTENDED, ON, SAME, Row
from qicsim.decide.information import Information
from qicsim.decide.mechanisms import MEANINGS, STUDIES
from qicsim.decide.plane import QUADRANTS
from qicsim.decide.settings import PAYMENTS
from qicsim.decide.targets import Chance
from qicsim.decide.value import large_steps
from qicsim.ground import numbers
from qicsim.ground.intervals import DRAWS, Interval
from qicsim.ground.numbers import NONE, brief, millions
from qicsim.plan.record import MONEY, SHARE
from qicsim.report import decision_figures as draw
from qicsim.report import decision_notes as notes
from qicsim.report import formatting
from qicsim.report.decision_answer import steps
from qicsim.report.decision_words import Labels, money, parameter, unit
from qicsim.report.elements import Markup, details, figure, items, joined, numbered, panels, table, tag
from qicsim.report.exhibits import BRIEF, MILLIONS, Cell, Column, Table, to_html
from qicsim.report.formatting import COST_WORDS, PAYER_WORDS
from qicsim.report.language import again, name_of, place_name, say, text

KNOWN = 12
WORTH_HEADS = (text("Worth of knowing it, at most"), text("Standard error"), text("Chance that luck gives as much"),
               text("Above luck?"))


def learn(decision: Decision, labels: Labels, count: Iterator[int]) -> Markup:  # noqa: ARG001 one form for all chapters
    """What it is worth to know more, and which study comes first."""
    known = decision.learning
    said = tag("p", tag("strong", again(known.first)))
    order = tag("p", again(known.order.sentence)) if known.order else ""
    if known.alone is None or known.groups is None:
        return said if decision.others else Markup("")
    drawn = panels(((say("By mechanism"), draw.information(known.groups, "groups")),
                    (say("By single parameter"), draw.information(known.alone, "alone"))), "wide")
    title = numbered(next(count), say("What would be worth knowing?"), say("Figure"))
    shown = figure("figure-decision-information", title, notes.information(decision), drawn,
                   joined((_mechanisms(known.groups), _parameters(known.alone))))
    assumed = details(say("What the re-scoring assumes"), items(map(again, known.assumptions)))
    return joined((said, order, shown, *((_studies(decision), _over(decision)) if known.studies else ()), assumed))


def _mechanisms(known: Information) -> Markup:
    """The most valuable mechanisms, each with a study that would teach it."""
    rows = [[joined((say(MEANINGS[name]), tag("span", name, class_="name")), " "), *_worth(known, place),
             say(STUDIES[name])] for place, name in _ranked(known)]
    return table(say("By mechanism, the most valuable first"),
                 (say("Mechanism"), *map(say, WORTH_HEADS), say("A study that would teach it")), rows,
                 class_="dense list")


def _parameters(known: Information) -> Markup:
    """The most valuable single parameters."""
    rows = [[parameter(name), *_worth(known, place)] for place, name in _ranked(known)]
    return table(say("By single parameter, the most valuable first"), (say("Parameter"), *map(say, WORTH_HEADS)), rows,
                 class_="dense")


def _ranked(known: Information) -> list[tuple[int, str]]:
    return [(int(place), known.names[place]) for place in known.order[:KNOWN]]


def _worth(known: Information, place: int) -> tuple[str, ...]:
    return (money(float(known.value[place])), money(float(known.error[place])), f"{known.chance[place]:.2f}",
            say("yes") if known.clear[place] else say("no"))


def _studies(decision: Decision) -> Markup:
    """The independent re-scoring by size and by what it measures."""
    said = {"true": text("{count} facilities, true quality"),
            "gap": text("{count} facilities, gap between record and truth")}
    rows = [[say(said[key], count=f"{int(size):,}"),
             *(money(float(getattr(one.study, part)[place])) for part in ("value", "error", "cost", "net", "matched")),
             say("yes") if one.study.agree[place] else say("no"), say("yes") if one.study.clear[place] else say("no")]
            for key, one in decision.learning.studies.items() for place, size in enumerate(one.study.sizes)]
    caption = joined((say("An independent re-scoring before the choice, by size and by what it measures, at {worth} "
                          "for a unit of effect", worth=money(decision.value.worth)),))
    return table(caption, (say("Study"), say("Worth"), say("Standard error"), say("Cost"),
                           say("Worth less cost and delay"), say("Worth by a rougher method"), say("Do they agree?"),
                           say("Above cost and luck?")), rows, class_="dense")


def _over(decision: Decision) -> Markup:
    """EVPI and the best re-scoring over what a unit is worth, and where it pays."""
    known = decision.learning
    rows = [[money(one.worth), money(one.evpi), f"{one.size:,}" if one.size else NONE,
             money(one.net) if one.size else NONE,
             say("yes") if one.clear else say("no")] for one in known.over]
    if known.pays:
        said = say("Of the worths tried, a re-scoring stands above its cost and above luck at {worths}.",
                   worths=formatting.listed([money(one) for one in known.pays]))
    else:
        said = say("At none of the worths tried does a re-scoring stand above its cost and above luck.")
    best = "" if decision.value.given or len(decision.value.steps) == 1 else say(
        "Values of information are highest near a threshold of the frontier. Numbers on this page stand at one, so "
        "they are the most favourable case for studies; those who know what a unit is worth to them should read the "
        "table.")
    return joined((tag("p", joined((said, best), " ")), table(
        say("What knowing more is worth depends on what a unit is worth"),
        (say("A unit is worth"), say("Worth of knowing everything"), say("Best re-scoring, facilities"),
         say("Its worth less cost and delay"), say("Above cost and luck?")), rows, class_="narrow")))


PAID_WORDS = (text("Payment to a health centre"), text("Payment to a referral hospital"), text("facility-quarter"))
KIND_WORDS = {"health_centre": text("Health centres"), "referral_hospital": text("Referral hospitals")}


def budget(decision: Decision, labels: Labels) -> Markup:
    """Spending by year, what it adds to the reference's, and the ceiling."""
    rows: list[list[Cell]] = []
    for name in decision.names:
        spent, excess = decision.budget.by_year[name], decision.budget.excess.get(name)
        rows.append([labels.row(name), *map(spent.by_year.at, range(len(decision.years))), spent.total,
                     NONE if excess is None else float(excess.ever)])
    columns = (*_scenario_columns(map(str, decision.years)), Column(say("Sum"), MILLIONS),
               Column(say("Draws above the ceiling in some year"), SHARE))
    title = say("US$ million of {year} in each year, not discounted", year=decision.settings.money.year)
    return _table("budget", title, columns, rows)


def impact(decision: Decision, labels: Labels) -> Markup:
    """What a scenario adds to the budget by year."""
    rows: list[list[Cell]] = [[labels.row(name), *one.by_year.mean.tolist(), one.total]
                              for name, one in decision.budget.impact.items()]
    columns = _scenario_columns((*map(str, decision.years), say("Sum")), sign=True)
    return _table("impact", say("Budget impact: more than the reference, US$ million a year, not discounted, means"),
                  columns, rows)


def bills(decision: Decision, labels: Labels) -> Markup:
    """Sums by payer, in US$ and the country's own money, plain and discounted."""
    local, plain = decision.settings.currency, [float(one) for one in decision.bill.mean_plain]
    rows: list[list[Cell]] = [[labels.row(name), *decision.bill.lines[name].mean_total("payer").tolist(), plain[place],
                               brief(float(local.local(plain[place])) / 1e9), float(decision.bill.cost.mean[place])]
                              for place, name in enumerate(decision.names)]
    payers = next(iter(decision.bill.lines.values())).axes["payer"]
    columns = (*_scenario_columns((*(say(PAYER_WORDS[payer]) for payer in payers), say("Money that counts"))),
               Column(say("The same, billion {currency}"), BRIEF), Column(say("The same, discounted"), MILLIONS))
    return _table("bills", say("Who pays, {first} to {last}, US$ million of {year}, not discounted unless said, means",
                               first=decision.years[0], last=decision.years[-1], year=decision.settings.money.year),
                  columns, rows, class_="")


def by_line(decision: Decision, labels: Labels) -> Markup:
    """Sums by line of cost."""
    first = decision.bill.lines[decision.names[0]]
    shown = {name: one.mean_total("line") for name, one in decision.bill.lines.items()}
    rows: list[list[Cell]] = [[say(COST_WORDS[line]), *(float(sums[place]) for sums in shown.values())]
                              for place, line in enumerate(first.axes["line"])
                              if any(sums[place] > 0.0 for sums in shown.values())]
    return _table("lines", say("By line, all payers, US$ million, not discounted, means"),
                  _scenario_columns(map(labels.key, shown), say("Line")), rows)


def by_place(decision: Decision, labels: Labels, axis: str) -> Markup:
    """Sums by province or by kind of facility."""
    names = decision.bill.places[decision.names[0]].axes[axis]
    sums = {name: one.mean_total(axis) for name, one in decision.bill.places.items()}
    rows: list[list[Cell]] = [[say(KIND_WORDS[label]) if label in KIND_WORDS else place_name(label),
                               *(float(one[place]) for one in sums.values())] for place, label in enumerate(names)]
    of_province = axis == "province"
    title = (say("By province, all payers, US$ million, not discounted, means") if of_province else
             say("By kind of facility, all payers, US$ million, not discounted, means"))
    head = say("Province") if of_province else say("Kind of facility")
    return _table(axis, title, _scenario_columns(map(labels.key, sums), head), rows)


def _scenario_columns(heads: Iterable[str], first: str = "", *, sign: bool = False) -> tuple[Column, ...]:
    """The column of names, and columns of US$ million."""
    return (Column(first or say("Scenario")), *(Column(head, MILLIONS, sign=sign) for head in heads))


def _table(key: str, title: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], class_: str = "dense"
           ) -> Markup:
    return to_html(Table(key, title, tuple(columns), rows), class_=class_)


def unit_costs(decision: Decision) -> Markup:
    """Unit costs with range, source and grade."""
    rows = [
        [
            name_of(one.key.replace("_", " ").capitalize()),
            name_of(one.unit),
            numbers.number(one.usd),
            formatting.interval(one.low, one.high, 0),
            one.grade,
            name_of(one.source),
        ]
        for one in decision.bill.unit_costs
    ]
    return table(say("Unit costs, US$ of {year}", year=decision.settings.money.year),
                 (say("What"), say("Unit"), say("US$"), say("Range"), say("Grade"), say("Source")), rows,
                 class_="dense list")


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
