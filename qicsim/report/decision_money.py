"""The tables of money on a decision's page: by year against the ceiling, who pays, for what and where, unit costs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qicsim.decide.decision import Decision
from qicsim.ground import numbers
from qicsim.ground.numbers import NONE, brief
from qicsim.plan.record import SHARE
from qicsim.report import formatting
from qicsim.report.decision_words import Labels
from qicsim.report.elements import Markup, table
from qicsim.report.exhibits import BRIEF, MILLIONS, Cell, Column, Table, to_html
from qicsim.report.formatting import COST_WORDS, PAYER_WORDS
from qicsim.report.language import name_of, place_name, say, text

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
