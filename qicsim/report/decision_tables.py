"""The tables of a decision's page: what each figure says, in numbers."""

from __future__ import annotations

import numpy as np

from qicsim.decide.decision import Decision
from qicsim.decide.frame import LINE_PREFIX
from qicsim.decide.frontier import DOMINATED, EXTENDED, ON, SAME, Row
from qicsim.decide.mechanisms import MEANINGS, STUDIES
from qicsim.decide.noise import Cleared
from qicsim.decide.plane import QUADRANTS
from qicsim.decide.targets import Hinges
from qicsim.declare import declared
from qicsim.model.parameters import Parameters
from qicsim.report import words
from qicsim.report.decision_words import Labels, money, unit
from qicsim.report.elements import Markup, joined, table, tag
from qicsim.report.language import again, name_of, say, text
from qicsim.report.words import COST_WORDS, NONE

MILLION = 1e6
STATUS_WORDS = {
    ON: text("on the frontier, over {scenarios}"), DOMINATED: text("dominated by {scenarios}"),
    EXTENDED: text("dominated by a mixture of {scenarios}"), SAME: text("same as {scenarios}")}
WORTHS = 6  # rows of the table of acceptability
HINGES, KNOWN = 8, 12
WORTH_HEADS = (text("Worth of knowing it, at most"), text("Standard error"), text("Above luck?"))


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
    rows = []
    for row in decision.value.frontier.rows:
        place = decision.names.index(row.name)
        effect = decision.value.outcome.better * row.effect
        rows.append([labels.row(row.name), spread_cell(decision.bill.costs[place], 1, scale=1.0 / MILLION),
                     words.number(effect), _status(row, labels),
                     NONE if row.extra_cost is None else words.signed(row.extra_cost / MILLION),
                     NONE if row.extra_effect is None else words.signed(row.extra_effect, 0),
                     NONE if row.icer is None else words.number(row.icer)])
    heads = (say("Scenario"), say("Cost, US$ million"), say("Effect, {unit}", unit=say(decision.value.outcome.unit)),
             say("Status"), say("Extra cost, US$ million"), say("Extra effect"), say("US$ for a further unit"))
    on = frozenset(at for at, row in enumerate(decision.value.frontier.rows) if row.status == ON)
    return table(say("Incremental table, by rising cost; a unit is a {unit}", unit=unit(decision)), heads, rows,
                 marked=on)


def _status(row: Row, labels: Labels) -> str:
    """Where a scenario stands towards the frontier, and towards which others."""
    over = words.listed([labels.key(name) for name in row.over.split(" and ")]) if row.over else ""
    if row.status == ON and not over:
        return say("on the frontier")
    return say(STATUS_WORDS[row.status], scenarios=over)


def plane(decision: Decision, labels: Labels) -> Markup:
    """Increments over the reference, and in which quarter of the plane the draws lie."""
    found = decision.value.plane
    rows = [[labels.row(name), spread_cell(found.extra_effects[place], sign=True),
             spread_cell(found.extra_costs[place], 1, scale=1.0 / MILLION, sign=True),
             *(words.percent(share) for share in found.quadrants[place].tolist())]
            for place, name in enumerate(decision.names) if name != decision.reference]
    return table(say("Over the reference: means, {level} of draws, and the share of draws in each quarter",
                     level=words.LEVEL),
                 (say("Scenario"), say("Extra effect"), say("Extra cost, US$ million"),
                  *(_capital(say(quadrant)) for quadrant in QUADRANTS)), rows)


def _capital(said: str) -> str:
    """With a capital letter, where the script has them."""
    return said[:1].upper() + said[1:]


def acceptability(decision: Decision, labels: Labels) -> Markup:
    """Probability of being the best at some worths, and the best on average."""
    curves = decision.value.curves
    at = sorted({*np.linspace(0, len(curves.worth) - 1, WORTHS).astype(int).tolist(),
                 int(np.argmin(np.abs(curves.worth - decision.value.worth)))})
    shown = [place for place in range(len(decision.names)) if curves.probability[at, place].max() >= 0.005]  # noqa: PLR2004
    rows = [[money(float(curves.worth[row])), labels.key(decision.names[int(curves.best[row])]),
             words.percent(float(curves.frontier[row])), money(float(curves.evpi[row])),
             *(words.percent(float(curves.probability[row, place])) for place in shown)] for row in at]
    heads = [say("A unit is worth"), say("Best on average"), say("Chance that it is the best"),
             say("Worth of knowing everything"), *(labels.key(decision.names[place]) for place in shown)]
    return table(say("Share of draws in which each scenario is the best; scenarios that never are have no column"),
                 heads, rows, class_="dense")


# ------------------------------------------------------------------------------------------------------- information


def information(known: Cleared, caption: str) -> Markup:
    """The most valuable mechanisms: what they are, worth, and the study that would teach them."""
    rows = [[name, say(MEANINGS[name]), *_worth(known, place), say(STUDIES[name])] for place, name in _ranked(known)]
    heads = (say("Mechanism"), say("What it is"), *map(say, WORTH_HEADS), say("A study that would teach it"))
    return table(caption, heads, rows, class_="dense list")


def parameters(known: Cleared, caption: str) -> Markup:
    """The most valuable single parameters."""
    rows = [[name, meaning_of(name), *_worth(known, place)] for place, name in _ranked(known)]
    return table(caption, (say("Parameter"), say("What it is"), *map(say, WORTH_HEADS)), rows, class_="dense list")


def _ranked(known: Cleared) -> list[tuple[int, str]]:
    return [(int(place), known.found.names[place]) for place in known.found.order[:KNOWN]]


def _worth(known: Cleared, place: int) -> tuple[str, str, str]:
    found = known.found
    return (money(float(found.corrected[place])), money(float(found.error[place])),
            say("yes") if known.above[place] else say("no"))


def meaning_of(parameter: str) -> str:
    """What a parameter, or the unit cost of a line, means."""
    if parameter.startswith(LINE_PREFIX):
        return say("Unit cost: {line}", line=say(COST_WORDS[parameter.removeprefix(LINE_PREFIX)]))
    known = declared(Parameters)
    return name_of(known[parameter].declaration.meaning) if parameter in known else NONE


def studies(decision: Decision) -> Markup:
    """The independent re-scoring by size and by what it measures."""
    said = {"true": text("{count} facilities, true quality"),
            "gap": text("{count} facilities, gap between record and truth")}
    rows = [[say(said[key], count=int(size)),
             *(money(float(getattr(one.study, part)[place])) for part in ("matched", "error", "cost", "net")),
             say("yes") if one.above[place] else say("no")]
            for key, one in decision.learning.studies.items() for place, size in enumerate(one.study.sizes)]
    return table(say("An independent re-scoring before the choice, by size and by what it measures"),
                 (say("Study"), say("Worth"), say("Standard error"), say("Cost"), say("Worth less cost and delay"),
                  say("Above luck?")), rows, class_="dense")


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
    heads = (say("Scenario"), say("Mean"), say("95 % point"), say("Largest"),
             *(decision.robust.structures if several else ()), say("Good enough, share of draws"))
    return table(say("Regret, US$ million of net benefit, from the least on average"), heads, rows)


def target(decision: Decision, labels: Labels) -> Markup:
    """Share at 80 or more and the chance of the target, true and recorded."""
    aim = decision.aim
    rows = []
    for place in np.argsort(-aim.share.mean, kind="stable"):
        mean, low, high = (100.0 * value for value in aim.share.at(int(place)))
        small = tag("span", words.interval(low, high, 0), class_="interval")
        rows.append([labels.row(decision.names[place]), joined((words.number(mean), small), " "),
                     *(_chance(aim.chances[key], int(place)) for key in ("true_80", "recorded_80"))])
    told = {"year": aim.target.by, "share": words.percent(aim.target.share)}
    caption = (say("End of {year}: truly at 80 or more, and the chance of {share}", **told)
               if aim.target.indicator == "true_80"
               else say("End of {year}: recorded at 80 or more, and the chance of {share}", **told))
    return table(caption, (say("Scenario"), say("% there, mean"), say("Chance, true"), say("Chance, recorded")), rows,
                 class_="narrow")


def _chance(chance: object, place: int) -> Markup:
    share, low, high = (float(getattr(chance, key)[place]) for key in ("probability", "low", "high"))
    small = tag("span", f"{words.interval(100.0 * low, 100.0 * high, 0)} %", class_="interval")
    return joined((words.percent(share), small), " ")


def hinges(found: Hinges, caption: str) -> Markup:
    """The parameters on which a line hinges."""
    rows = [[joined((one.name, tag("span", meaning_of(one.name), class_="name")), " "), words.signed(one.difference, 2),
             words.interval(one.low, one.high, 2, sign=True),
             words.percent(one.chance_low), words.percent(one.chance_high),
             say("yes") if one.found else say("no")]
            for one in found.ranked[:HINGES]]
    return table(caption, (say("Parameter"), say("Higher by (SD) where met"), say("95 % interval"),
                           say("Chance: lowest third of it"), say("Chance: highest third"), say("Found?")), rows,
                 class_="dense")


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
    heads = (say("Scenario"), *(f"{_capital(say(gain.outcome.meaning))} ({say(gain.outcome.unit)})"
                                for gain in decision.gains.values()))
    caption = (say("More than the reference, {discounting}", discounting=again(decision.discounting.words))
               if decision.others else say("Effects"))
    return table(caption, heads, rows, class_="dense")
