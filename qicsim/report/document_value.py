"""What a plan adds in money and to whom, how likely its targets are met, and value for money of the options."""

from __future__ import annotations

import math

from qicsim.ground.numbers import NONE, brief, percent
from qicsim.plan.record import ALL, COLLABORATIVES, MONEY, PAYMENTS, SURE, Option, Plan, Target
from qicsim.plan.spending import Step, stands
from qicsim.report.document_words import NATION_ROW, alone, amount, capital, form_of, small, unit, with_interval
from qicsim.report.word import Word

PART_WORDS = ("all", "collaboratives", "assessment and verification", "PBF payments")
TRANSFERS = ("For the budget of those who pay, PBF's payments to facilities and staff are money like any other; for "
             "society they are transfers: they pass from one hand to another and use up nothing. So both views are "
             "given; say which one was asked.")
PROMISED = "recorded_80"
MILESTONE = 2030
PAYMENT_LEVERS = ("pbf", "schedule", "pbf_size", "threshold", "weights", "rounds")


# ------------------------------------------------------------------------------------------------------------- money


def increment_words(plan: Plan) -> str:
    """What the plan adds to spending, split into the programme and what follows from scores."""
    held, first, last = plan.budget.increment.total, plan.years[0], plan.years[-1]
    whole, paid = float(held.mean[ALL]), float(held.mean[PAYMENTS])
    share = f", {percent(paid / whole)} of the whole" if whole > 0.0 and 0.0 < paid <= whole else ""
    parts = (f"{with_interval(held, (COLLABORATIVES,), MONEY, sign=True)} million for collaboratives and "
             f"{with_interval(held, (PAYMENTS,), MONEY, sign=True)} million for PBF payments{share}")
    rules = any(lever.name in PAYMENT_LEVERS for lever in plan.levers)
    why = ("these payments change because the plan changes their rules, and because recorded scores change"
           if rules else "these payments change because recorded scores do, and are no budget line of the programme")
    return (f"Money, against no plan, {first} to {last}: US$ {with_interval(held, (ALL,), MONEY, sign=True)} million "
            f"in all: {parts}. PBF pays facilities for recorded scores, leniency included: {why}.")


def whole_cost_words(plan: Plan) -> str:
    """What everything costs, and without the plan."""
    held = plan.budget
    without = ("" if alone(plan) else
               f" with the plan, {with_interval(held.reference.total, (ALL,), MONEY)} million without it")
    return (f"All spending {plan.years[0]} to {plan.years[-1]}: US$ {with_interval(held.own.total, (ALL,), MONEY)} "
            f"million{without}, in constant prices of {held.price_year}.")


# ------------------------------------------------------------------------------------------------------------ chances


def chance_words(plan: Plan) -> str:
    """How likely the first targets are met, and what could be promised instead."""
    last, target = (NATION_ROW, len(plan.years)), _promised(plan)
    return (f"Targets are means between runs, and can be missed: the target of {plan.years[-1]} for "
            f"{small(target.title)}, {_level(target, float(target.scenario.mean[last]))}, is "
            f"reached in {percent(float(target.reached[last]))} of the runs; "
            f"{_level(target, float(target.sure[last]))} is reached in {percent(SURE)} of them. Which of the two is "
            "promised is a choice.")


def _promised(plan: Plan) -> Target:
    return next((one for one in plan.targets if one.name == PROMISED), plan.targets[0])


def _level(target: Target, value: float) -> str:
    gap = "\u00a0" if unit(target) == "%" else " "
    return f"{amount(value, form_of(target))}{gap}{unit(target)}"


def add_chances(word: Word, plan: Plan) -> None:
    """Mean, median, share of runs that reach the mean, a level that most runs reach, and how each is verified."""
    years = sorted({year for year in (MILESTONE, plan.years[-1]) if year in plan.years})
    word.heading("How likely targets are met, and how that is seen", 2)
    word.paragraph("A target is the mean between runs. Where a few runs do very well, the mean lies above the middle "
                   f"run (the median) and most runs miss it. The last level is one that {percent(SURE)} of the runs "
                   "reach: safer to promise. What only the model knows is no target that anybody can be held to, and "
                   "nobody is named as responsible for it.")
    heads: list[object] = ["Indicator"]
    for year in years:
        heads += [f"Target {year} (mean)", f"Median {year}", "Runs that reach the target",
                  f"Level that {percent(SURE)} reach"]
    word.table(f"Chances of the targets, {plan.whole}, ends of {' and '.join(map(str, years))}, n = {plan.runs:,}; and "
               "means of verification", [*heads, "Means of verification"],
               [_chance_row(plan, target, years) for target in plan.targets if target.direction],
               widths=(6.2, *[1.7, 1.7, 1.9, 1.7] * len(years), 4.8))


def _chance_row(plan: Plan, target: Target, years: list[int]) -> list[object]:
    row: list[object] = [f"{target.title} ({unit(target)})"]
    for year in years:
        at, form = (NATION_ROW, plan.axis.index(year)), form_of(target)
        row += [amount(float(target.scenario.mean[at]), form), amount(float(target.median[at]), form),
                percent(float(target.reached[at])), amount(float(target.sure[at]), form)]
    return [*row, target.verified]


# ------------------------------------------------------------------------------------------------------------- value


def add_value(word: Word, plan: Plan) -> None:
    """Value for money of the options, where there are any."""
    held = plan.value
    if held is None:
        return
    word.heading("Value for money", 2)
    word.paragraph(f"Counted is: {held.effect}, in {held.unit}; {held.horizon}. Nobody has said what one more is "
                   f"worth in Cambodia. How often an option is best, and regret, take US$ {brief(held.worth)}: there "
                   "the last large step between options becomes worth its price, so that the options at its two ends "
                   "are about equally good. Another worth gives other numbers (`qicsim decide`). Extra PBF payments "
                   "count as cost, at the level that is simulated.")
    word.table(f"Value for money of the options, by rising cost; means over {plan.draws:,} draws", (
        "Option", "Cost, US$ million", capital(held.unit), f"US$ for one more of them ({held.unit})", "How it stands",
        "Best in, of draws", "Mean regret, US$ million"), [_value_row(one) for one in held.options],
        widths=(3, 1.5, 1.6, 2.2, 2.8, 1.3, 1.7))
    word.paragraph(TRANSFERS)
    word.table("The same options without PBF's payments to facilities, by rising cost; means over draws", (
        "Option", "Cost, US$ million", f"US$ for one more of them ({held.unit})", "How it stands"),
        [(one.title, amount(one.cost, MONEY), _step(one), stands(one)) for one in held.without],
        widths=(5, 2.5, 3, 3.6))


def _value_row(one: Option) -> tuple[str, ...]:
    return (one.title, amount(one.cost, MONEY), brief(one.effect), _step(one), stands(one), percent(one.best),
            amount(one.regret, MONEY))


def _step(one: Option | Step) -> str:
    return brief(one.icer) if math.isfinite(one.icer) else NONE

