"""The first half of the plan chapter: in short, situation, options, recommended path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qicsim.estimate.calibrate.targets import Report, read_targets
from qicsim.ground.numbers import NONE, number, signed
from qicsim.plan.record import ALL, COLLABORATIVES, MONEY, PARTS, PROVINCE, Plan, Target, Words
from qicsim.report.document_figures import Picture, paths
from qicsim.report.document_value import (
    PART_WORDS,
    add_chances,
    add_value,
    chance_words,
    increment_words,
    whole_cost_words,
)
from qicsim.report.document_words import (
    NATION_ROW,
    alone,
    amount,
    difference_unit,
    ends,
    form_of,
    how_to_read,
    in_lines,
    place_name,
    uncertainty,
    unit,
    with_interval,
)
from qicsim.report.evidence import zero_effect_sentence
from qicsim.report.word import Word

LONGEST_YEARS = 10
HEADLINES = 4
PATH_WIDTH = 12.8  # centimetres: four figures stand on a page
REPORTED, SAME, CHANGE = ("equal", "at least"), "same", "_change"
WHY_RECOMMENDED = ("True quality is higher at the end than without the plan, and no option that was compared brings as "
                   "much for less. The word recommended says no more than that: whether the plan is worth its money is "
                   "for the ministry to say (see value for money).")
NOT_RECOMMENDED = ("The runs do not recommend this scenario: true quality is no higher at the end than without it, or "
                   "an option that was compared brings as much for less. What follows is what would come of it.")
SYNTHETIC = ("The facilities of this plan are synthetic: invented places in real provinces with real totals. Give the "
             "register of the ministry (--data) before a district is planned by these numbers.")


def in_short(word: Word, plan: Plan) -> None:
    """What makes the numbers misleading, then what the plan brings, costs and promises, in a few lines."""
    word.heading("In short")
    for warning in (*plan.warnings, *([SYNTHETIC] if plan.synthetic else [])):
        word.paragraph(warning, "Intense Quote")
    word.paragraph(f"{plan.scenario.title}. {plan.scenario.description}")
    word.bullets(_gain(plan, target) for target in plan.targets[:HEADLINES])
    word.bullets([*([] if alone(plan) else [increment_words(plan)]), whole_cost_words(plan), chance_words(plan)])
    word.paragraph(how_to_read(plan))


def _gain(plan: Plan, target: Target) -> str:
    """An indicator at the baseline and at the end, with and without the plan."""
    begin, end = (NATION_ROW, 0), (NATION_ROW, len(plan.years))
    return (f"{target.title} ({unit(target)}): {with_interval(target.scenario, begin, target.form)} at the end of "
            f"{plan.baseline_year} (simulated); {with_interval(target.scenario, end, target.form)} at the end of "
            f"{plan.years[-1]}"
            + ("." if alone(plan) else
               f", against {with_interval(target.reference, end, target.form)} without the plan."))


def situation(word: Word, plan: Plan) -> None:
    """Reported history, baseline with uncertainty, and what is not known."""
    word.heading("Situation")
    word.heading("What is reported", 2)
    word.table("Reported history of the collaboratives in the nation", ("What", "When", "Reported", "Grade", "Source"),
               [(_quantity(one), _when(one.at), _reported(one), one.grade, source)
                for one, source in _with_sources(read_targets()) if one.kind in REPORTED], widths=(4.6, 2, 1.5, 1.4, 4))
    word.heading("Baseline", 2)
    word.table(f"Baseline {plan.baseline_year} (simulated), {plan.whole}, end of the year. {uncertainty(plan)}",
               ("Indicator", "Unit", "Mean", "Interval", "n"),
               [_baseline_row(target) for target in plan.targets], widths=(5, 2, 1.5, 2.5, 1))
    word.heading("What is not known", 2)
    word.bullets([*plan.notes, *filter(None, [zero_effect_sentence()])])


def _baseline_row(target: Target) -> tuple[str, ...]:
    held, row, form = target.scenario, (NATION_ROW, 0), form_of(target)
    return (target.title, unit(target), amount(float(held.mean[row]), form), ends(held, row, form),
            number(int(held.n[row])))


def _quantity(one: Report) -> str:
    """What was reported; changes on a topic say on which."""
    topic = one.key.removesuffix(CHANGE).replace("_", " ").replace("tb ", "TB ")
    return f"{topic}: {one.quantity}" if one.key.endswith(CHANGE) else one.quantity


def _when(at: str) -> str:
    """A month, or a month to a month on two lines."""
    return at.replace(" to ", " to\u00a0")


def _reported(one: Report) -> str:
    """The value, with its sign where it is a change."""
    digits = 0 if float(one.value).is_integer() else 1
    told = (signed if one.key.endswith(CHANGE) else number)(one.value, digits)
    return f"{'at least ' if one.kind == 'at least' else ''}{told}"


def _with_sources(reports: Sequence[Report]) -> Iterator[tuple[Report, str]]:
    """Reported values with their sources; `same` is that of the row before, and may name a part of it."""
    source = ""
    for one in reports:
        source = source if one.source.startswith(SAME) else one.source
        yield one, source + one.source.removeprefix(SAME) if one.source.startswith(SAME) else source


# ----------------------------------------------------------------------------------------------------------- options


def options(word: Word, plan: Plan, further: Sequence[Plan]) -> None:
    """The scenario, the reference and further scenarios: what they are, what they bring, what they cost."""
    word.heading("Options compared")
    shown = [*([] if alone(plan) else [plan]), *further]
    for words in words_of(plan, further):
        word.heading(words.title, 2)
        word.paragraph(words.description)
    if not shown:
        word.paragraph("There is nothing to compare: the scenario is its own reference.")
        return
    end = plan.years[-1]
    heads = ("Indicator", "Unit", plan.reference.title, *(one.scenario.title for one in shown))
    word.table(f"Options at the end of {end}, and their cost {plan.years[0]} to {end}. {uncertainty(plan)}; "
               "differences are paired, run by run", heads, [*_option_rows(shown), *_cost_rows_of(shown)],
               widths=(3, 1.8, *[2.6] * (len(heads) - 2)))
    add_value(word, plan)
    if plan.levers:
        word.table(f"Levers that differ: {plan.scenario.title} and {plan.reference.title}",
                   ("Lever", "Unit", "In the plan", "In the reference"), [
                       (lever.meaning, lever.unit, _changes(lever.values), _changes(lever.reference))
                       for lever in plan.levers], widths=(3.5, 1.5, 4, 4))


def _option_rows(shown: Sequence[Plan]) -> list[list[str]]:
    """Each indicator, and how far each option is from the reference."""
    first = shown[0]
    rows = []
    for target in first.targets:
        levels, gains, form = [], [], form_of(target)
        for one in shown:
            at = _at_year(one, first.years[-1])
            known = next((other for other in one.targets if other.name == target.name), None)
            levels.append(with_interval(known.scenario, (NATION_ROW, at), form) if known and at else NONE)
            gains.append(with_interval(known.difference, (NATION_ROW, at), form, sign=True)
                         if known and at else NONE)
        rows.append([target.title, unit(target),
                     with_interval(target.reference, (NATION_ROW, len(first.years)), form), *levels])
        rows.append([f"{target.title}, difference", difference_unit(target), NONE, *gains])
    return rows


def _cost_rows_of(shown: Sequence[Plan]) -> list[list[str]]:
    """What the reference and each option cost, and what each option adds, by part."""
    rows = [[f"Cost, {PART_WORDS[part]}", "US$ million",
             with_interval(shown[0].budget.reference.total, (part,), MONEY),
             *(with_interval(one.budget.own.total, (part,), MONEY) for one in shown)] for part in range(len(PARTS))]
    return rows + [[f"More than the reference, {PART_WORDS[part]}", "US$ million", NONE,
                    *(with_interval(one.budget.increment.total, (part,), MONEY, sign=True) for one in shown)]
                   for part in range(len(PARTS))]


def _at_year(plan: Plan, year: int) -> int:
    """The place of a year in a plan's axis; 0, the baseline's, where the plan does not reach it."""
    return plan.axis.index(year) if year in plan.years else 0


def _changes(values: Sequence[tuple[str, str]]) -> str:
    """Values of a lever from the months in which they hold; long ones shortened in the middle."""
    told = [f"{month}: {value}" for month, value in values]
    return "; ".join(told if len(told) <= LONGEST_YEARS else [*told[:3], f"… ({len(told)} changes)", told[-1]]) or NONE


# -------------------------------------------------------------------------------------------------------------- path


def path(word: Word, plan: Plan) -> None:
    """Indicators with baseline, targets by year, cost and who is responsible; chances; provinces; and the figures."""
    word.heading(f"Recommended path: {plan.scenario.title}" if plan.recommended
                 else f"Path of the scenario: {plan.scenario.title}")
    word.paragraph(WHY_RECOMMENDED if plan.recommended else NOT_RECOMMENDED)
    for picture in paths(plan):
        add_picture(word, picture, width_cm=PATH_WIDTH)
    word.wide(landscape=True)
    word.heading("Targets by year", 2)
    word.table(f"Indicators with baseline and yearly targets, {plan.whole}, ends of years: means between runs, and "
               f"below them the projection's interval. Cost in US$ million of {plan.budget.price_year}. "
               f"{uncertainty(plan)}", ("Indicator", f"Baseline {plan.baseline_year} (simulated)",
                                        *map(str, plan.years), "Responsible level"),
               [*_target_rows(plan), *_cost_rows(plan)], widths=(3.7, 2.1, *[1.74] * len(plan.years), 3.2))
    add_chances(word, plan)
    _provinces(word, plan)
    word.wide(landscape=False)


def add_picture(word: Word, picture: Picture, width_cm: float = 16.0) -> None:
    """A figure with its caption and its alternative text."""
    word.figure(picture.png, picture.caption, picture.alt, width_cm=width_cm)


def _target_rows(plan: Plan) -> list[list[object]]:
    return [[f"{target.title} ({unit(target)})",
             *(in_lines(target.scenario, (NATION_ROW, at), form_of(target)) for at in range(len(plan.axis))),
             target.responsible] for target in plan.targets]


def _cost_rows(plan: Plan) -> list[list[object]]:
    """Cost of each year; that of the baseline year too, where it is known."""
    held, payers = plan.budget, "payers: " + ", ".join(plan.budget.payers)
    rows: list[list[object]] = []
    for title, part in (("Cost of the year, all", ALL), ("Cost of the year, collaboratives", COLLABORATIVES)):
        rows.append([f"{title} (US$ million)", in_lines(held.baseline, (part,), MONEY),
                     *(in_lines(held.own.by_part, (part, at), MONEY) for at in range(len(held.years))), payers])
    if alone(plan):
        return rows
    rows.append(["More than without the plan (US$ million)", NONE,
                 *(in_lines(held.increment.by_year, (at,), MONEY, sign=True) for at in range(len(held.years))), payers])
    return rows


def _provinces(word: Word, plan: Plan) -> None:
    """Baseline and last target of the first indicators in every province."""
    chosen, last = plan.targets[:HEADLINES], len(plan.years)
    heads: list[object] = ["Province"]
    for target in chosen:
        heads += [f"{target.title} ({unit(target)}), {plan.baseline_year}", f"{target.title}, {plan.years[-1]}"]
    rows = [[place_name(plan.places[row]),
             *(in_lines(target.scenario, (int(row), at), target.form) for target in chosen for at in (0, last))]
            for row in plan.rows(PROVINCE)]
    word.heading("Targets by province", 2)
    word.table(f"Provinces: baseline and target at the end of {plan.years[-1]}. {uncertainty(plan)}", heads, rows,
               widths=(3, *[2.2] * (2 * len(chosen))))


def words_of(plan: Plan, further: Sequence[Plan]) -> list[Words]:
    """The reference, the plan and the further scenarios, each once."""
    return list({one.name: one for one in (plan.reference, plan.scenario, *(f.scenario for f in further))}.values())
