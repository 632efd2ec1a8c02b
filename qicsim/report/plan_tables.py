"""The tables of a plan, each declared once for workbook, chapter, annexes and brief (`qicsim.report.exhibits`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qicsim.decide.frontier import ON
from qicsim.estimate.calibrate.targets import Report, own_targets
from qicsim.ground.intervals import NO_VALUE, Interval
from qicsim.ground.numbers import NONE, number, percent
from qicsim.inputs.country import home, target_year
from qicsim.plan.record import (
    ALL,
    ASSESSMENT,
    COLLABORATIVES,
    COUNT,
    DISTRICT,
    MONEY,
    PARTS,
    PAYMENTS,
    POINTS,
    PROVINCE,
    RATE,
    SHARE,
    SURE,
    Alternative,
    LeverRow,
    Plan,
    Target,
)
from qicsim.report.exhibits import BRIEF, CORRELATION, DOLLARS, THOUSAND_USD, THOUSANDS, Cell, Column, Number, Table
from qicsim.report.formatting import COST_WORDS, PAYER_WORDS, quarter_named
from qicsim.report.language import name_of, place_name, say, text, text_of, untranslated
from qicsim.report.plan_words import (
    NATION_ROW,
    PART_WORDS,
    alone,
    capital,
    form_of,
    gain,
    last_change,
    level,
    place_of,
    quarter_words,
    stands,
    uncertainty,
    unit,
    whole_of,
)

DISTRICT_TARGETS, MOST_STEPS, LEAST_USD = 2, 6, 500.0
NAN = float("nan")
OUTCOMES = ("true", "true_80", "people_true_80")
WORSE_WORDS = {
    "true": text("true quality"), "true_80": text("facilities truly at 80 or more"),
    "people_true_80": text("people served at 80 or more"), "unscored": text("care that is not scored"),
    "inflation": text("records run further ahead of care")}
ACTIVITIES = {
    "overhead": (text("Districts launched and managed"), text("Provincial health department"), 12.0),
    "coach_training": (text("Coaches trained"), text("Ministry of Health"), 1.0),
    "coach_posts": (text("Coaches at work"), text("Operational district office"), 12.0),
    "coach_visits": (text("Coaching visits"), text("Operational district office"), 1.0),
    "joining": (text("Teams trained on joining"), text("Operational district office"), 1.0),
    "team_time": (text("Teams at work"), text("Health centres and referral hospitals"), 12.0),
    "sessions": (text("Places at learning sessions"), text("Provincial health department"), 1.0),
    "exchange": (text("Exchange visits"), text("Provincial health department"), 1.0),
    "tablets": (text("Facilities with feedback tablets"), text("Ministry of Health"), 12.0),
    "accreditation": (text("Hospitals that prepare for accreditation"), text("Ministry of Health"), 12.0),
    "assessment": (text("NQEM assessments"), text("Provincial health department"), 1.0),
    "verification": (text("Verified assessments"), text("Ministry of Health"), 1.0)}
"""What is done for a cost line, by whom (a proposal), and how many units of the line make one of it in a year."""
FEW = {"equal": "{value}", "at least": text("at least {value}")}
CHANGE = "_change"


def shown_years(plan: Plan) -> list[int]:
    """Years of tables that are read: the first, the milestone and the last."""
    return sorted({plan.years[0], plan.years[-1], *(year for year in plan.years if year == target_year())})


# ------------------------------------------------------------------------------------------------------------- targets


def targets(plan: Plan) -> Table:
    """Every indicator: baseline, targets by year, reference, chances, who is responsible, how it is verified."""
    end = plan.years[-1]
    columns = (Column(say("Indicator"), width=4.4), Column(say("Unit"), width=1.6),
               *(Column(str(year), COUNT, 1.4) if year != plan.baseline_year else
                 Column(say("{year} baseline, simulated", year=year), COUNT, 2.0) for year in plan.axis),
               Column(say("Without the plan, {year}", year=end), COUNT, 1.7),
               Column(say("Runs that reach the target of {year}", year=end), SHARE, 1.8),
               Column(say("Level that {share} of runs reach in {year}", share=percent(SURE), year=end), COUNT, 1.8),
               Column(say("Responsible (a proposal)"), width=3.4), Column(say("Means of verification"), width=3.0))
    return Table("targets", say("Baseline {year} and targets to {end}, {whole}", year=plan.baseline_year, end=end,
                                whole=whole_of(plan)), columns, [_target(plan, one) for one in plan.targets],
                 say("A target is the mean of runs at the end of the year. Who is responsible is a proposal. What only "
                     "the model knows is no target that anybody can be held to."))


def _target(plan: Plan, target: Target) -> list[Cell]:
    form, last = form_of(target), (NATION_ROW, -1)
    way = bool(target.direction)
    return [text_of(target.title), unit(target),
            *(Number(float(target.scenario.mean[NATION_ROW, at]), form) for at in range(len(plan.axis))),
            Number(float(target.reference.mean[last]), form), float(target.reached[last]) if way else NAN,
            Number(float(target.sure[last]), form) if way else NAN, text_of(target.responsible),
            text_of(target.verified)]


def targets_of_years(plan: Plan) -> Table:
    """The targets in the years that papers show, without what the monitoring table has."""
    table = targets(plan)
    first = 2
    chosen = [first, *(first + plan.axis.index(year) for year in shown_years(plan))]
    after = first + len(plan.axis)
    return table.only(0, 1, *chosen, after, after + 1, after + 2)


def monitoring(plan: Plan) -> Table:
    """What is watched, how it is seen, how often, and who reports."""
    table, after = targets(plan), 2 + len(plan.axis)
    return Table("monitoring", say("What is watched, how it is seen, and who answers for it"),
                 (table.columns[0], table.columns[after + 4], table.columns[after + 3], table.columns[after + 2]),
                 [[row[0], row[after + 4], row[after + 3], row[after + 2]]
                  for row, target in zip(table.rows, plan.targets, strict=True) if target.observed])


def baseline(plan: Plan) -> Table:
    """Indicators at the baseline, with intervals."""
    rows: list[list[Cell]] = [[text_of(one.title), unit(one), level(one, 0)] for one in plan.targets]
    return Table("baseline", say("Baseline {year} (simulated), {whole}. {uncertainty}", year=plan.baseline_year,
                                 whole=whole_of(plan), uncertainty=uncertainty(plan)),
                 (Column(say("Indicator"), width=5.0), Column(say("Unit")), Column(say("Mean and interval"), COUNT,
                                                                                   3.0)),
                 rows)


def reported() -> Table:
    """What is reported of the collaboratives in the country, with sources."""
    rows: list[list[Cell]] = []
    source = ""
    for one in own_targets(home()):
        source = source if one.source.startswith("same") else one.source
        if one.kind in FEW and not one.key.endswith(CHANGE):
            rows.append([text_of(one.quantity), one.at.replace(" to ", "\u2013"), _reported(one), one.grade,
                         untranslated(source)])
    return Table("reported", say("What was reported of the collaboratives"),
                 (Column(say("What"), width=5.0), Column(say("When"), width=2.2), Column(say("Reported"), width=1.6),
                  Column(say("Grade"), width=1.2), Column(say("Source"), width=4.0)), rows)


def _reported(one: Report) -> str:
    digits = 0 if float(one.value).is_integer() else 1
    return say(FEW[one.kind], value=number(one.value, digits)) if one.kind != "equal" else number(one.value, digits)


# ------------------------------------------------------------------------------------------------------------- options


def options(plan: Plan) -> Table:
    """The plan and every option: benefit, cost a year, harm, and how sure it is."""
    end, known = plan.years[-1], {one.name: one for one in plan.targets}
    columns = (Column(say("Option"), width=3.6), Column(say("True quality, points more"), POINTS, 2.0, sign=True,
                                                        stacked=True),
               Column(say("% of facilities truly at 80 or more"), SHARE, 1.8, stacked=True),
               Column(say("People served by them"), THOUSANDS, 2.0, stacked=True),
               Column(say("Collaboratives a year"), MONEY, 1.9, stacked=True),
               Column(say("All public money a year, more"), MONEY, 2.0, sign=True, stacked=True),
               Column(say("Draws with less than one point more"), SHARE, 1.6),
               Column(say("Clearly worse in"), width=2.4))
    none = Interval(0.0, 0.0, 0.0, 0.0, 1)
    before = [known[name].reference.at(NATION_ROW, len(plan.years)) if name in known else NO_VALUE for name in OUTCOMES]
    paid = plan.budget.reference.total.at(COLLABORATIVES).scaled(1.0 / len(plan.years))
    rows: list[list[Cell]] = [[say("Without the plan: {title}", title=name_of(plan.reference.title)), none, before[1],
                               before[2], paid, none, NAN, NONE]]
    rows += [_option(one) for one in plan.options]
    return Table("options", say("Options at the end of {year}, against the reference. {uncertainty}", year=end,
                                uncertainty=uncertainty(plan)), columns, rows,
                 say("Costs are means of the years {first} to {last}. Options that nobody can choose (donors who "
                     "leave, another past) are marked with a star.", first=plan.years[0], last=end))


def _option(one: Alternative) -> list[Cell]:
    title = name_of(one.words.title)
    return [title if one.choice else f"{title} *", one.gain["true"], one.level["true_80"], one.level["people_true_80"],
            one.programme, one.public, one.chances.little,
            "; ".join(say(WORSE_WORDS[name]) for name in one.harms) or NONE]


def value(plan: Plan) -> Table | None:
    """Value for money of the choices by rising cost; None where there is nothing to compare."""
    held = plan.value
    if held is None:
        return None
    rows: list[list[Cell]] = [[name_of(one.title), one.cost, Number(one.effect, BRIEF), stands(one), one.icer, one.best,
                               one.regret] for one in held.options]
    return Table("value", say("Value for money of the choices, by rising cost; means over {draws} draws",
                              draws=number(plan.draws)),
                 (Column(say("Option"), width=3.4), Column(say("Cost"), MONEY, 1.5),
                  Column(capital(say(held.unit)), BRIEF, 1.6), Column(say("How it stands"), width=3.4),
                  Column(say("For one more of them"), DOLLARS, 1.6), Column(say("Best in, of draws"), SHARE, 1.3),
                  Column(say("Regret"), MONEY, 1.5)), rows,
                 say("Counted: {effect} ({unit}); {horizon}. Nobody has said what one is worth in {country}: how often "
                     "an option is best, and regret, take US$ {worth}, where the last large step becomes worth its "
                     "price.",
                     effect=say(held.effect), unit=say(held.unit), horizon=text_of(held.horizon),
                     worth=number(held.worth)))


def value_in_short(plan: Plan) -> Table | None:
    """The plan, and the choices that nothing else brings as much for less."""
    table = value(plan)
    if table is None or plan.value is None:
        return None
    good = [row for row, one in zip(table.rows, plan.value.options, strict=True)
            if one.name == plan.scenario.name or one.status == ON]
    return replace(table, rows=good)


def value_without_payments(plan: Plan) -> Table | None:
    """The same choices with PBF's payments, which only change hands, left out of the cost."""
    if plan.value is None:
        return None
    return Table("value-without-payments",
                 say("The same choices without PBF's payments to facilities, which for society only change hands"),
                 (Column(say("Option"), width=3.4), Column(say("Cost"), MONEY, 1.5),
                  Column(say("For one more of them"), DOLLARS, 1.6), Column(say("How it stands"), width=3.4)),
                 [[name_of(one.title), one.cost, one.icer, stands(one)] for one in plan.value.without])


def levers(plan: Plan) -> Table:
    """The levers in which plan and reference differ, with their months."""
    rows: list[list[Cell]] = [[text_of(one.meaning), text_of(one.unit), *_values(one)] for one in plan.levers]
    return Table("levers", say("Levers that differ from the reference"),
                 (Column(say("Lever"), width=3.6), Column(say("Unit"), width=1.5),
                  Column(say("In the plan"), width=4.0), Column(say("In the reference"), width=4.0)), rows)


def _values(lever: LeverRow) -> list[str]:
    found = []
    for values in (lever.values, lever.reference):
        said = [say("{month}: {value}", month=text_of(month), value=text_of(one)) for month, one in values]
        found.append("; ".join(said if len(said) <= MOST_STEPS else [*said[:3], "…", said[-1]]) or NONE)
    return found


# ---------------------------------------------------------------------------------------------------------- activities


def activities(plan: Plan) -> Table:
    """What is done by year, by whom, and what it costs over all years; numbers are means of runs."""
    held = plan.budget
    rows: list[list[Cell]] = []
    for line, (what, who, units) in ACTIVITIES.items():
        at = held.lines.index(line) if line in held.lines else -1
        if at >= 0 and held.quantities.own[at].any():
            counts = held.quantities.own[at] / units
            rows.append([say(what), say(who), *map(float, counts), float(held.own.by_line.mean[at].sum())])
    return Table("activities", say("Activities by year and responsible level (a proposal); means of runs"),
                 (Column(say("Activity"), width=3.6), Column(say("Responsible level"), width=3.2),
                  *(Column(str(year), COUNT, 1.2) for year in plan.years),
                  Column(say("Cost of all years"), MONEY, 1.5)), rows)


def quarters(plan: Plan) -> Table:
    """Districts allowed and launched by the end of each quarter."""
    held = plan.launches
    rows: list[list[Cell]] = [[quarter_named(name), float(held.planned[at]), held.launched.at(at)]
                              for at, name in enumerate(plan.quarters)]
    return Table("launches-by-quarter", say("Operational districts launched by the end of each quarter. {uncertainty}",
                                            uncertainty=uncertainty(plan)),
                 (Column(say("Quarter")), Column(say("Allowed by the plan"), COUNT),
                  Column(say("Launched"), COUNT, 3.0)), rows)


def quarters_of_change(plan: Plan) -> Table:
    """The same up to the quarter after which nothing changes."""
    table = quarters(plan)
    return Table(table.key, table.title, table.columns, table.rows[:last_change(plan) + 1])


def launches(plan: Plan) -> Table:
    """When each district is launched, and its first indicators at the baseline and at the end."""
    held, last, chosen = plan.launches, len(plan.years), plan.targets[:DISTRICT_TARGETS]
    columns = [Column(say("Province")), Column(say("Operational district"), width=2.6),
               Column(say("Launch, middle run"), width=1.8), Column(say("5 % and 95 % points"), width=2.4),
               Column(say("Launched by {year}, of runs", year=plan.years[-1]), SHARE, 1.6)]
    for target in chosen:
        columns += [Column(f"{text_of(target.title)}, {year}", target.form, stacked=True)
                    for year in (plan.baseline_year, plan.years[-1])]
    rows: list[list[Cell]] = []
    for at, row in enumerate(plan.rows(DISTRICT).tolist()):
        early, middle, late = (quarter_words(plan, float(one)) for one in held.quarter[at])
        rows.append([place_name(plan.places[row].province), place_of(plan.places[row]), middle,
                     early if early == late else f"{early}; {late}", float(held.by_year[at, -1]),
                     *(target.scenario.at(row, year) for target in chosen for year in (0, last))])
    return Table("launches", say("Launch and targets by operational district. {uncertainty}",
                                 uncertainty=uncertainty(plan)), tuple(columns), rows)


def provinces(plan: Plan) -> Table:
    """Baseline and last target of the first indicators in every province."""
    chosen, last = plan.targets[:2 * DISTRICT_TARGETS], len(plan.years)
    columns = [Column(say("Province"), width=2.6)]
    for target in chosen:
        columns += [Column(f"{text_of(target.title)} ({unit(target)}), {year}", target.form, stacked=True)
                    for year in (plan.baseline_year, plan.years[-1])]
    rows: list[list[Cell]] = [[place_of(plan.places[row]), *(target.scenario.at(row, at) for target in chosen
                                                             for at in (0, last))]
                                                             for row in plan.rows(PROVINCE).tolist()]
    return Table("provinces", say("Provinces: baseline, and target at the end of {year}. {uncertainty}",
                                  year=plan.years[-1], uncertainty=uncertainty(plan)), tuple(columns), rows)


def coaches(plan: Plan) -> Table:
    """Posts, coaches at work, needed and trained, the nation by year."""
    held = plan.coaches
    rows: list[list[Cell]] = [[str(year), *(one.at(NATION_ROW, at) for one in (held.posts, held.at_work, held.needed,
                                                                               held.trained))]
                              for at, year in enumerate(plan.axis)]
    return Table("coaches", say("Part-time district coaches at the ends of years, {whole}. {uncertainty}",
                                whole=whole_of(plan), uncertainty=uncertainty(plan)),
                 (Column(say("Year"), width=1.2), Column(say("Posts planned"), COUNT), Column(say("At work"), COUNT),
                  Column(say("Needed for every planned visit"), COUNT), Column(say("Trained in the year"), COUNT)),
                  rows)


# --------------------------------------------------------------------------------------------------------------- money


def sums(plan: Plan) -> Table:
    """Spending of all years by part: a year, in all, discounted, with each unit cost from its range; in local money."""
    held, years = plan.budget, len(plan.years)
    rows: list[list[Cell]] = []
    for part in range(len(PARTS)):
        whole = held.own.total.at(part)
        rows.append([capital(say(PART_WORDS[part])), whole.scaled(1.0 / years), whole, held.own.discounted.at(part),
                     held.uncertain.at(part), Number(whole.mean * held.per_usd / 1e9, POINTS)])
    if not alone(plan):
        for part in (ALL, COLLABORATIVES, ASSESSMENT, PAYMENTS):
            more = held.increment.total.at(part)
            rows.append([say("{part}, more than without the plan", part=capital(say(PART_WORDS[part]))),
                         Number(more.scaled(1.0 / years), MONEY, sign=True), Number(more, MONEY, sign=True),
                         Number(held.increment.discounted.at(part), MONEY, sign=True), NONE,
                         Number(more.mean * held.per_usd / 1e9, POINTS, sign=True)])
    return Table("money", say("Spending {first} to {last}, constant US$ of {year}. {uncertainty}", first=plan.years[0],
                              last=plan.years[-1], year=held.price_year, uncertainty=uncertainty(plan)),
                 (Column(say("Part"), width=3.2), Column(say("A year"), MONEY, 2.2, stacked=True),
                  Column(say("All years"), MONEY, 2.2, stacked=True),
                  Column(say("All years, discounted"), MONEY, 2.2, stacked=True),
                  Column(say("Each unit cost drawn from its range"), MONEY, 2.2, stacked=True),
                  Column(say("{Currency}, billion"), POINTS, 1.8)), rows)


def envelope(plan: Plan) -> Table:
    """By year: cost, what is spent without the plan, and the gap, all money and by payer; thousand US$."""
    held = plan.budget
    rows: list[list[Cell]] = []
    parts = [(say("All public money"), held.own.by_year.mean, held.reference.by_year.mean)]
    parts += [(say(PAYER_WORDS[payer]), held.own.by_payer.mean[at], held.reference.by_payer.mean[at])
              for at, payer in enumerate(held.payers)]
    parts.append((say("Collaboratives"), held.own.by_part.mean[COLLABORATIVES],
                  held.reference.by_part.mean[COLLABORATIVES]))
    for number_of, (name, cost, known) in enumerate(parts):
        shown = ((say("cost"), cost, False), (say("spent without the plan"), known, False), (say("gap"), cost - known,
                                                                                             True))
        for what, usd, sign in shown if not number_of else shown[2:]:
            rows.append([say("{name}: {what}", name=name, what=what),
                         *(Number(float(one), THOUSAND_USD, sign) for one in (*usd, np.sum(usd)))])
    return Table("envelope", say("Budget and gap by year, thousand US$ of {year}, means of runs", year=held.price_year),
                 (Column(say("Money"), width=4.0), *(Column(str(year), COUNT, 1.3) for year in plan.years),
                  Column(say("Sum"), COUNT, 1.5)), rows)


def by_kind(plan: Plan, kind: str, *, added: bool) -> Table:
    """Means by year of one division of money (payer, line, province), and the whole as the last row; thousand US$."""
    held = plan.budget
    spent = held.increment if added else held.own
    names = {"payer": [say(PAYER_WORDS[one]) for one in held.payers], "line": [say(COST_WORDS[one])
                                                                               for one in held.lines],
             "province": [place_name(one) for one in held.provinces]}[kind]
    usd: np.ndarray = getattr(spent, f"by_{kind}").mean
    rows: list[list[Cell]] = [[name, *_thousands(usd[at], sign=added)] for at, name in enumerate(names)
                              if np.abs(usd[at]).max() >= LEAST_USD]
    rows.append([say("Total"), *_thousands(spent.by_year.mean, sign=added)])
    title = (say("What the plan adds, thousand US$ of {year}, means of runs", year=held.price_year) if added else
             say("All spending with the plan, thousand US$ of {year}, means of runs", year=held.price_year))
    heads = {"payer": say("Payer"), "line": say("Line"), "province": say("Province")}
    return Table(f"money-by-{kind}", title, (Column(heads[kind], width=3.5),
                                             *(Column(str(year), COUNT, 1.3) for year in plan.years),
                                             Column(say("Sum"), COUNT, 1.5)), rows, total=True)


def _thousands(usd: np.ndarray, *, sign: bool) -> list[Cell]:
    return [Number(float(one), THOUSAND_USD, sign) for one in (*usd, np.sum(usd))]


# ------------------------------------------------------------------------------------------------------------- sources


def unit_costs(plan: Plan) -> Table:
    """Unit costs with their ranges, sources and grades."""
    rows: list[list[Cell]] = [[say(one.key.replace("_", " ").capitalize()), say(one.unit), Number(one.usd, RATE),
                               Number(one.low, RATE), Number(one.high, RATE), one.grade, say(one.source)]
                              for one in plan.sources.unit_costs]
    return Table("unit-costs", say("Unit costs, US$ of {year}", year=plan.budget.price_year),
                 (Column(say("Unit cost"), width=2.4), Column(say("Unit"), width=1.8), Column(say("US$"), RATE, 1.2),
                  Column(say("Low"), RATE, 1.1), Column(say("High"), RATE, 1.1), Column(say("Grade"), width=1.1),
                  Column(say("Source"), width=4.8)), rows,
                 say("Grades: {grades}.", grades="; ".join(say("{grade} {meaning}", grade=grade, meaning=say(meaning))
                                                          for grade, meaning in plan.sources.grades.items())))


def parameters(plan: Plan) -> Table:
    """Every uncertain parameter with the intervals of its prior and of the plan's draws."""
    rows: list[list[Cell]] = []
    for one in plan.sources.parameters:
        drawn = (say("{value}, fixed", value=f"{one.fixed:.3g}") if one.fixed is not None
                 else say("{low} to {high}", low=f"{one.low:.3g}", high=f"{one.high:.3g}"))
        rows.append([untranslated(one.name), say(one.meaning), say(one.unit),
                     say("{low} to {high}", low=f"{one.prior_low:.3g}", high=f"{one.prior_high:.3g}"), drawn, one.grade,
                     text_of(one.source)])
    return Table("parameters", say("Uncertain parameters: 5–95 % intervals of the prior and of the {draws} draws",
                                   draws=number(plan.draws)),
                 (Column(say("Parameter"), width=3.6), Column(say("Meaning"), width=3.4), Column(say("Unit"),
                                                                                                 width=1.4),
                  Column(say("Prior"), width=1.7), Column(say("Draws"), width=1.7), Column(say("Grade"), width=1.0),
                  Column(say("Source"), width=2.0)), rows)


def data_files(plan: Plan) -> Table:
    """The data files of the simulated world."""
    rows: list[list[Cell]] = [[untranslated(one.kind), untranslated(one.name), say("yes") if one.shipped else say("no"),
                               untranslated(one.sha256)] for one in plan.sources.data]
    return Table("data-files", say("Data files of the simulated world"),
                 (Column(say("Kind"), width=1.6), Column(say("File"), width=2.4), Column(say("Shipped"), width=1.2),
                  Column("sha256", width=5.0)), rows)


def drivers(plan: Plan, rows: Sequence[int] | None = None) -> Table:
    """Rank correlations of parameters with outcomes, the most influential first; all, or some by their place."""
    held = plan.influence
    shown = range(len(held.names)) if rows is None else rows
    body: list[list[Cell]] = [[say(held.meanings[at]), say(held.units[at]),
                               *(Number(float(one), CORRELATION, sign=True) for one in held.rho[at])] for at in shown]
    limit = float(held.limits.min())
    said = (say("Correlations up to {limit}, up or down, come by chance. A dash: there is no way from the parameter to "
                "the outcome.", limit=number(limit, 2)) if limit < 1.0 else
            say("With {draws} draws no correlation can be told from chance.", draws=number(held.draws)))
    return Table("drivers", say("What the results hinge on: rank correlations over {draws} draws",
                                draws=number(held.draws)),
                 (Column(say("Parameter"), width=3.4), Column(say("Unit"), width=1.4),
                  *(Column(text_of(one), CORRELATION, 1.8) for one in held.outcomes)), body, said)


def differences(plan: Plan) -> Table:
    """Each indicator at the end: with the plan, without it, and the paired difference."""
    last = len(plan.years)
    rows: list[list[Cell]] = [[text_of(one.title), unit(one), level(one, last),
                               Number(one.reference.at(NATION_ROW, last), form_of(one)), gain(one, last)]
                              for one in plan.targets]
    return Table("differences", say("Indicators at the end of {year}, with and without the plan. {uncertainty}",
                                    year=plan.years[-1], uncertainty=uncertainty(plan)),
                 (Column(say("Indicator"), width=4.2), Column(say("Unit"), width=1.8), Column(say("With the "
                                                                                                  "plan"), COUNT),
                  Column(say("Without"), COUNT), Column(say("Difference (shares: percentage points)"), COUNT, 2.4)),
                  rows)
