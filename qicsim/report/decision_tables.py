"""The tables of a decision's page: what each figure says, in numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qicsim.decide.currency import PRICE_YEAR
from qicsim.decide.decision import Decision
from qicsim.decide.frame import LINE_PREFIX
from qicsim.decide.frontier import DOMINATED, EXTENDED, ON, SAME
from qicsim.decide.mechanisms import MEANINGS, STUDIES
from qicsim.decide.noise import Cleared
from qicsim.decide.plane import QUADRANTS
from qicsim.decide.targets import Hinges
from qicsim.declare import declared
from qicsim.model.parameters import Parameters
from qicsim.report import words
from qicsim.report.decision_words import Labels, money, unit
from qicsim.report.elements import Markup, joined, table, tag
from qicsim.report.words import COST_WORDS, NONE, PAYER_WORDS

MILLION = 1e6
KIND_WORDS = {"health_centre": "Health centres", "referral_hospital": "Referral hospitals"}
WORTHS = 6  # rows of the table of acceptability
HINGES, KNOWN = 8, 12
WORTH_HEADS = ("Worth of knowing it, at most", "Standard error", "Above luck?")


def spread_cell(values: np.ndarray, digits: int = 0, *, scale: float = 1.0, sign: bool = False) -> Markup:
    """Mean and, small, the 5-95 % interval of values (draws,)."""
    scaled = np.asarray(values, dtype=float) * scale
    write = words.signed if sign else words.number
    if len(scaled) == 1:
        return joined((write(float(scaled[0]), digits),))
    low, high = np.percentile(scaled, (5.0, 95.0))
    small = tag("span", words.interval(float(low), float(high), digits, sign=sign), class_="interval")
    return joined((write(float(scaled.mean()), digits), small), " ")


# ------------------------------------------------------------------------------------------------------------- value


def increments(decision: Decision, labels: Labels) -> Markup:
    """The incremental table: cost, effect, status, and what a further unit costs along the frontier."""
    said = {ON: "on the frontier", DOMINATED: "dominated by", EXTENDED: "dominated by a mixture of", SAME: "same as"}
    rows = []
    for row in decision.value.frontier.rows:
        over = " and ".join(labels.key(name) for name in row.over.split(" and ")) if row.over else ""
        step = f", over {over}" if row.status == ON and over else f" {over}" if over else ""
        place = decision.names.index(row.name)
        effect = decision.value.outcome.better * row.effect
        rows.append([labels.row(row.name), spread_cell(decision.bill.costs[place], 1, scale=1.0 / MILLION),
                     words.number(effect), f"{said[row.status]}{step}",
                     NONE if row.extra_cost is None else words.signed(row.extra_cost / MILLION),
                     NONE if row.extra_effect is None else words.signed(row.extra_effect, 0),
                     NONE if row.icer is None else words.number(row.icer)])
    heads = ("Scenario", "Cost, US$ million", f"Effect, {decision.value.outcome.unit}", "Status",
             "Extra cost, US$ million", "Extra effect", "US$ for a further unit")
    on = frozenset(at for at, row in enumerate(decision.value.frontier.rows) if row.status == ON)
    return table(f"Incremental table, by rising cost; a unit is a {unit(decision)}", heads, rows, marked=on)


def plane(decision: Decision, labels: Labels) -> Markup:
    """Increments over the reference, and in which quarter of the plane the draws lie."""
    found = decision.value.plane
    rows = [[labels.row(name), spread_cell(found.extra_effects[place], sign=True),
             spread_cell(found.extra_costs[place], 1, scale=1.0 / MILLION, sign=True),
             *(words.percent(share) for share in found.quadrants[place].tolist())]
            for place, name in enumerate(decision.names) if name != decision.reference]
    return table(f"Over the reference: means, {words.LEVEL} of draws, and the share of draws in each quarter",
                 ("Scenario", "Extra effect", "Extra cost, US$ million", *map(str.capitalize, QUADRANTS)), rows)


def acceptability(decision: Decision, labels: Labels) -> Markup:
    """Probability of being the best at some worths, and the best on average."""
    curves = decision.value.curves
    at = sorted({*np.linspace(0, len(curves.worth) - 1, WORTHS).astype(int).tolist(),
                 int(np.argmin(np.abs(curves.worth - decision.value.worth)))})
    shown = [place for place in range(len(decision.names)) if curves.probability[at, place].max() >= 0.005]  # noqa: PLR2004
    rows = [[money(float(curves.worth[row])), labels.key(decision.names[int(curves.best[row])]),
             words.percent(float(curves.frontier[row])), money(float(curves.evpi[row])),
             *(words.percent(float(curves.probability[row, place])) for place in shown)] for row in at]
    heads = ["A unit is worth", "Best on average", "Chance that it is the best", "Worth of knowing everything",
             *(labels.key(decision.names[place]) for place in shown)]
    return table("Share of draws in which each scenario is the best; scenarios that never are have no column", heads,
                 rows, class_="dense")


# ------------------------------------------------------------------------------------------------------- information


def information(known: Cleared, caption: str) -> Markup:
    """The most valuable mechanisms: what they are, worth, and the study that would teach them."""
    rows = [[name, MEANINGS.get(name, NONE), *_worth(known, place), STUDIES.get(name, NONE)]
            for place, name in _ranked(known)]
    heads = ("Mechanism", "What it is", *WORTH_HEADS, "A study that would teach it")
    return table(caption, heads, rows, class_="dense list")


def parameters(known: Cleared, caption: str) -> Markup:
    """The most valuable single parameters."""
    rows = [[name, meaning_of(name), *_worth(known, place)] for place, name in _ranked(known)]
    return table(caption, ("Parameter", "What it is", *WORTH_HEADS), rows, class_="dense list")


def _ranked(known: Cleared) -> list[tuple[int, str]]:
    return [(int(place), known.found.names[place]) for place in known.found.order[:KNOWN]]


def _worth(known: Cleared, place: int) -> tuple[str, str, str]:
    found = known.found
    return (money(float(found.corrected[place])), money(float(found.error[place])),
            "yes" if known.above[place] else "no")


def meaning_of(parameter: str) -> str:
    """What a parameter, or the unit cost of a line, means."""
    if parameter.startswith(LINE_PREFIX):
        return f"unit cost: {COST_WORDS[parameter.removeprefix(LINE_PREFIX)].lower()}"
    known = declared(Parameters)
    return str(known[parameter].declaration.meaning) if parameter in known else NONE


def studies(decision: Decision) -> Markup:
    """The independent re-scoring by size and by what it measures."""
    said = {"true": "true quality", "gap": "gap between record and truth"}
    rows = [[f"{int(size)} facilities, {said[key]}",
             *(money(float(getattr(one.study, part)[place])) for part in ("matched", "error", "cost", "net")),
             "yes" if one.above[place] else "no"]
            for key, one in decision.learning.studies.items() for place, size in enumerate(one.study.sizes)]
    return table("An independent re-scoring before the choice, by size and by what it measures",
                 ("Study", "Worth", "Standard error", "Cost", "Worth less cost and delay", "Above luck?"), rows,
                 class_="dense")


# -------------------------------------------------------------------------------------------------------- robustness


def regret(decision: Decision, labels: Labels) -> Markup:
    """Regret by scenario, by structure if there are several, and how often a scenario is good enough."""
    found, enough = decision.robust.regret, decision.robust.enough
    several = len(decision.robust.structures) > 1
    rows = []
    for place in np.argsort(found.mean, kind="stable"):
        million = [found.mean[place], found.high[place], found.largest[place],
                   *(found.by_structure[:, place] if several else ())]
        rows.append([labels.row(decision.names[place]), *(words.number(float(one) / MILLION, 1) for one in million),
                     words.percent(float(enough.share[place]))])
    heads = ("Scenario", "Mean", "95 % point", "Largest", *(decision.robust.structures if several else ()),
             "Good enough, share of draws")
    return table("Regret, US$ million of net benefit, from the least on average", heads, rows)


def target(decision: Decision, labels: Labels) -> Markup:
    """Share at 80 or more and the chance of the target, true and recorded."""
    aim = decision.aim
    rows = []
    for place in np.argsort(-aim.share.mean, kind="stable"):
        mean, low, high = (100.0 * value for value in aim.share.at(int(place)))
        small = tag("span", words.interval(low, high, 0), class_="interval")
        rows.append([labels.row(decision.names[place]), joined((words.number(mean), small), " "),
                     *(_chance(aim.chances[key], int(place)) for key in ("true_80", "recorded_80"))])
    kind = "truly" if aim.target.indicator == "true_80" else "recorded"
    return table(f"End of {aim.target.by}: {kind} at 80 or more, and the chance of {words.percent(aim.target.share)}",
                 ("Scenario", "% there, mean", "Chance, true", "Chance, recorded"), rows, class_="narrow")


def _chance(chance: object, place: int) -> Markup:
    share, low, high = (float(getattr(chance, key)[place]) for key in ("probability", "low", "high"))
    small = tag("span", f"{words.interval(100.0 * low, 100.0 * high, 0)} %", class_="interval")
    return joined((words.percent(share), small), " ")


def hinges(found: Hinges, caption: str, line: str) -> Markup:
    """The parameters on which a line hinges."""
    rows = [[joined((one.name, tag("span", meaning_of(one.name), class_="name")), " "), words.signed(one.difference, 2),
             words.interval(one.low, one.high, 2, sign=True),
             words.percent(one.chance_low), words.percent(one.chance_high), "yes" if one.found else "no"]
            for one in found.ranked[:HINGES]]
    return table(caption, ("Parameter", "Higher by (SD) where met", "95 % interval", f"{line}: lowest third of it",
                           f"{line}: highest third", "Found?"), rows, class_="dense")


# ------------------------------------------------------------------------------------------------------------- money


def budget(decision: Decision, labels: Labels) -> Markup:
    """Spending by year, what it adds to the reference's, and the ceiling."""
    rows: list[Sequence[object]] = []
    for name in decision.names:
        usd, excess = decision.budget.spent[name], decision.budget.excess.get(name)
        rows.append([labels.row(name), *(spread_cell(usd[:, place], 1, scale=1.0 / MILLION)
                                         for place in range(len(decision.years))),
                     spread_cell(usd.sum(axis=1), 1, scale=1.0 / MILLION),
                     NONE if excess is None else words.percent(excess.ever)])
    return table("US$ million of 2021 in each year, not discounted",
                 ("Scenario", *map(str, decision.years), "Sum", "Draws above the ceiling in some year"), rows,
                 class_="dense")


def impact(decision: Decision, labels: Labels) -> Markup:
    """What a scenario adds to the budget by year."""
    rows = [[labels.row(name), *(words.signed(value / MILLION) for value in one.mean.tolist()),
             words.signed(one.total[0] / MILLION),
             words.interval(one.total[1] / MILLION, one.total[2] / MILLION, sign=True)]
            for name, one in decision.budget.impact.items()]
    return table("Budget impact: more than the reference, US$ million a year, means",
                 ("Scenario", *map(str, decision.years), "Sum", f"Sum, {words.LEVEL}"), rows, class_="dense")


def bills(decision: Decision, labels: Labels) -> Markup:
    """Sums by payer, in US$ and riel, plain and discounted."""
    riel = decision.settings.riel
    rows = []
    for place, name in enumerate(decision.names):
        spent = decision.bill.lines[name].by("payer")
        means = spent.total().mean(axis=0)
        plain = float(decision.bill.plain[place].mean())
        rows.append([labels.row(name), *(words.number(float(value) / MILLION, 1) for value in means),
                     words.number(plain / MILLION, 1), words.number(float(riel.riel(plain)) / 1e9, 0),
                     words.number(float(decision.bill.costs[place].mean()) / MILLION, 1)])
    payers = next(iter(decision.bill.lines.values())).axes["payer"]
    return table(f"Who pays, {decision.years[0]} to {decision.years[-1]}, US$ million of {PRICE_YEAR}, means",
                 ("Scenario", *(PAYER_WORDS[payer] for payer in payers), "Money that counts", "The same, billion riel",
                  "The same, discounted"), rows)


def by_line(decision: Decision, labels: Labels) -> Markup:
    """Sums by line of cost."""
    first = decision.bill.lines[decision.names[0]]
    shown = {name: one.by("line").total().mean(axis=0) for name, one in decision.bill.lines.items()}
    rows = [[COST_WORDS[line], *(words.number(float(sums[place]) / MILLION, 2) for sums in shown.values())]
            for place, line in enumerate(first.axes["line"]) if any(sums[place] > 0.0 for sums in shown.values())]
    return table("By line, all payers, US$ million, means", ("Line", *map(labels.key, shown)), rows, class_="dense")


def by_place(decision: Decision, labels: Labels, axis: str) -> Markup:
    """Sums by province or by kind of facility."""
    names = decision.bill.places[decision.names[0]].axes[axis]
    sums = {name: one.by(axis).total().mean(axis=0) for name, one in decision.bill.places.items()}
    rows = [[KIND_WORDS.get(label, label), *(words.number(float(one[place]) / MILLION, 2) for one in sums.values())]
            for place, label in enumerate(names)]
    head = "Province" if axis == "province" else "Kind of facility"
    return table(f"By {head.lower()}, all payers, US$ million, means", (head, *map(labels.key, sums)), rows,
                 class_="dense")


def unit_costs(decision: Decision) -> Markup:
    """Unit costs with range, source and grade."""
    rows = [[one.key.replace("_", " ").capitalize(), one.unit, words.number(one.usd),
             words.interval(one.low, one.high, 0), one.grade, one.source] for one in decision.bill.unit_costs]
    return table(f"Unit costs, US$ of {PRICE_YEAR}", ("What", "Unit", "US$", "Range", "Grade", "Source"), rows,
                 class_="dense list")


# ----------------------------------------------------------------------------------------------------------- effects


def effects(decision: Decision, labels: Labels) -> Markup:
    """Every outcome gained over the reference, discounted."""
    rows = []
    for name in decision.others or decision.names:
        place = decision.names.index(name)
        rows.append([labels.row(name), *(
            spread_cell(gain.gained[place] if decision.others else gain.discounted[place],
                        0 if gain.outcome.unit != "point-years" else 1, sign=bool(decision.others))
            for gain in decision.gains.values())])
    heads = ("Scenario", *(f"{gain.outcome.meaning[:1].upper()}{gain.outcome.meaning[1:]} ({gain.outcome.unit})"
                           for gain in decision.gains.values()))
    caption = f"More than the reference, {decision.discounting.words}" if decision.others else "Effects"
    return table(caption, heads, rows, class_="dense")
