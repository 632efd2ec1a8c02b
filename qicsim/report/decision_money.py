"""The tables of money on a decision's page: by year against the ceiling, who pays, for what and where, unit costs."""

from __future__ import annotations

from collections.abc import Sequence

from qicsim.decide.decision import Decision
from qicsim.ground import numbers
from qicsim.ground.numbers import NONE, brief, millions
from qicsim.report import formatting
from qicsim.report.decision_tables import interval_cell
from qicsim.report.decision_words import Labels, between
from qicsim.report.elements import Markup, table
from qicsim.report.formatting import COST_WORDS, PAYER_WORDS
from qicsim.report.language import name_of, place_name, say, text

PAID_WORDS = (text("Payment to a health centre"), text("Payment to a referral hospital"), text("facility-quarter"))
KIND_WORDS = {"health_centre": text("Health centres"), "referral_hospital": text("Referral hospitals")}


def budget(decision: Decision, labels: Labels) -> Markup:
    """Spending by year, what it adds to the reference's, and the ceiling."""
    rows: list[Sequence[object]] = []
    for name in decision.names:
        spent, excess = decision.budget.by_year[name], decision.budget.excess.get(name)
        rows.append([labels.row(name), *(interval_cell(spent.by_year.at(place), millions)
                                         for place in range(len(decision.years))),
                     interval_cell(spent.total, millions),
                     NONE if excess is None else numbers.percent(excess.ever)])
    return table(say("US$ million of {year} in each year, not discounted", year=decision.settings.money.year),
                 (say("Scenario"), *map(str, decision.years), say("Sum"), say("Draws above the ceiling in some year")),
                 rows, class_="dense")


def impact(decision: Decision, labels: Labels) -> Markup:
    """What a scenario adds to the budget by year."""
    rows = [[labels.row(name), *(millions(value, sign=True) for value in one.by_year.mean.tolist()),
             millions(one.total.mean, sign=True),
             between(one.total.low, one.total.high, millions, sign=True)]
            for name, one in decision.budget.impact.items()]
    return table(
        say("Budget impact: more than the reference, US$ million a year, not discounted, means"),
        (say("Scenario"), *map(str, decision.years), say("Sum"), say("Sum, {level}", level=formatting.LEVEL)),
        rows,
        class_="dense",
    )


def bills(decision: Decision, labels: Labels) -> Markup:
    """Sums by payer, in US$ and the country's own money, plain and discounted."""
    local = decision.settings.currency
    rows = []
    for place, name in enumerate(decision.names):
        means = decision.bill.lines[name].mean_total("payer")
        plain = float(decision.bill.mean_plain[place])
        rows.append([labels.row(name), *(millions(float(value)) for value in means),
                     millions(plain), brief(float(local.local(plain)) / 1e9),
                     millions(float(decision.bill.cost.mean[place]))])
    payers = next(iter(decision.bill.lines.values())).axes["payer"]
    return table(say("Who pays, {first} to {last}, US$ million of {year}, not discounted unless said, means",
                     first=decision.years[0], last=decision.years[-1], year=decision.settings.money.year),
                 (say("Scenario"), *(say(PAYER_WORDS[payer]) for payer in payers), say("Money that counts"),
                  say("The same, billion {currency}"), say("The same, discounted")), rows)


def by_line(decision: Decision, labels: Labels) -> Markup:
    """Sums by line of cost."""
    first = decision.bill.lines[decision.names[0]]
    shown = {name: one.mean_total("line") for name, one in decision.bill.lines.items()}
    rows = [[say(COST_WORDS[line]), *(millions(float(sums[place])) for sums in shown.values())]
            for place, line in enumerate(first.axes["line"]) if any(sums[place] > 0.0 for sums in shown.values())]
    return table(say("By line, all payers, US$ million, not discounted, means"), (say("Line"), *map(labels.key, shown)),
                 rows, class_="dense")


def by_place(decision: Decision, labels: Labels, axis: str) -> Markup:
    """Sums by province or by kind of facility."""
    names = decision.bill.places[decision.names[0]].axes[axis]
    sums = {name: one.mean_total(axis) for name, one in decision.bill.places.items()}
    rows = [[say(KIND_WORDS[label]) if label in KIND_WORDS else place_name(label),
             *(millions(float(one[place])) for one in sums.values())]
            for place, label in enumerate(names)]
    if axis == "province":
        caption, head = say("By province, all payers, US$ million, not discounted, means"), say("Province")
    else:
        caption = say("By kind of facility, all payers, US$ million, not discounted, means")
        head = say("Kind of facility")
    return table(caption, (head, *map(labels.key, sums)), rows, class_="dense")


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
