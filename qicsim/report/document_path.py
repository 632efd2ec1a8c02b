"""The first half of the plan chapter: in short, situation, options, recommended path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qicsim.calibrate.targets import Report, read_targets
from qicsim.plan.record import MONEY, PROVINCE, Plan, Target, Words
from qicsim.report.document_figures import Picture, paths
from qicsim.report.document_words import (
    NATION_ROW,
    amount,
    ends,
    how_to_read,
    place_name,
    uncertainty,
    unit,
    with_interval,
)
from qicsim.report.evidence import zero_effect_sentence
from qicsim.report.word import Word
from qicsim.report.words import NONE, number

LONGEST_YEARS = 10
HEADLINES = 4
REPORTED, SAME = ("equal", "at least"), "same"
SYNTHETIC = ("The facilities of this plan are synthetic: invented places in real provinces with real totals. Give the "
             "register of the ministry (--data) before a district is planned by these numbers.")


def in_short(word: Word, plan: Plan) -> None:
    """What the plan brings and costs, in a few lines."""
    end = plan.years[-1]
    word.heading("In short")
    word.paragraph(f"{plan.scenario.title}. {plan.scenario.description}")
    word.bullets(_gain(plan, target) for target in plan.targets[:HEADLINES])
    word.bullets([(f"Cost {plan.years[0]} to {end}: US$ {with_interval(plan.budget.total, (1,), MONEY)} million for "
                   f"collaboratives; {with_interval(plan.budget.extra_total, (), MONEY, sign=True)} million in all "
                   f"against no plan, in constant prices of {plan.budget.price_year}.")])
    word.paragraph(how_to_read(plan))
    if plan.synthetic:
        word.paragraph(SYNTHETIC, "Intense Quote")


def _gain(plan: Plan, target: Target) -> str:
    """An indicator at the baseline and at the end, with and without the plan."""
    begin, end = (NATION_ROW, 0), (NATION_ROW, len(plan.years))
    return (f"{target.title} ({unit(target)}): {with_interval(target.scenario, begin, target.form)} at the end of "
            f"{plan.baseline_year}; {with_interval(target.scenario, end, target.form)} at the end of {plan.years[-1]}, "
            f"against {with_interval(target.reference, end, target.form)} without the plan.")


def situation(word: Word, plan: Plan) -> None:
    """Reported history, baseline with uncertainty, and what is not known."""
    word.heading("Situation")
    word.heading("What is reported", 2)
    word.table("Reported history of the collaboratives", ("What", "When", "Reported", "Grade", "Source"), [
        (one.quantity, one.at, f"{'at least ' if one.kind == 'at least' else ''}{one.value:g}", one.grade, source)
        for one, source in _with_sources(read_targets()) if one.kind in REPORTED], widths=(4.6, 2, 1.5, 1.2, 4))
    word.heading("Baseline", 2)
    word.table(f"Baseline at the end of {plan.baseline_year}, the nation. {uncertainty(plan)}",
               ("Indicator", "Unit", "Mean", "Interval", "n"), [
                   (target.title, unit(target), amount(float(target.scenario.mean[NATION_ROW, 0]), target.form),
                    ends(target.scenario, (NATION_ROW, 0), target.form), number(int(target.scenario.n[NATION_ROW, 0])))
                   for target in plan.targets], widths=(5, 2, 1.5, 2.5, 1))
    word.heading("What is not known", 2)
    word.bullets([*plan.notes, *filter(None, [zero_effect_sentence()])])


def _with_sources(reports: Sequence[Report]) -> Iterator[tuple[Report, str]]:
    """Reported values with their sources; `same` is that of the row before."""
    source = ""
    for one in reports:
        source = source if one.source == SAME else one.source
        yield one, source


# ----------------------------------------------------------------------------------------------------------- options


def options(word: Word, plan: Plan, further: Sequence[Plan]) -> None:
    """The scenario, the reference and further scenarios: what they are, what they bring, what they cost."""
    word.heading("Options compared")
    shown = [plan, *further]
    for words in (plan.reference, *(one.scenario for one in shown)):
        word.heading(words.title, 2)
        word.paragraph(words.description)
    end = plan.years[-1]
    heads = ("Indicator", "Unit", plan.reference.title, *(one.scenario.title for one in shown))
    word.table(f"Options at the end of {end}, and their cost over the years of each plan. {uncertainty(plan)}; "
               "differences are paired, run by run", heads, _option_rows(shown),
               widths=(3, 1.3, *[2.6] * (len(heads) - 2)))
    word.table(f"Levers that differ: {plan.scenario.title} and {plan.reference.title}",
               ("Lever", "Unit", "In the plan", "In the reference"), [
                   (lever.meaning, lever.unit, _changes(lever.values), _changes(lever.reference))
                   for lever in plan.levers], widths=(3.5, 1.3, 4, 4))


def _option_rows(shown: Sequence[Plan]) -> list[list[str]]:
    first = shown[0]
    rows = []
    for target in first.targets:
        levels, gains = [], []
        for one in shown:
            at = _at_year(one, first.years[-1])
            known = next((other for other in one.targets if other.name == target.name), None)
            levels.append(with_interval(known.scenario, (NATION_ROW, at), target.form) if known and at else NONE)
            gains.append(with_interval(known.difference, (NATION_ROW, at), target.form, sign=True)
                         if known and at else NONE)
        rows.append([target.title, unit(target),
                     with_interval(target.reference, (NATION_ROW, len(first.years)), target.form), *levels])
        rows.append([f"{target.title}, difference", unit(target), NONE, *gains])
    for title, part in (("Cost, all", 0), ("Cost, collaboratives", 1), ("Cost, PBF and assessment", 2)):
        rows.append([title, "US$ million", NONE, *(with_interval(one.budget.total, (part,), MONEY) for one in shown)])
    rows.append(["Cost, more than the reference", "US$ million", NONE,
                 *(with_interval(one.budget.extra_total, (), MONEY, sign=True) for one in shown)])
    return rows


def _at_year(plan: Plan, year: int) -> int:
    """The place of a year in a plan's axis; 0, the baseline's, where the plan does not reach it."""
    return plan.axis.index(year) if year in plan.years else 0


def _changes(values: Sequence[tuple[str, str]]) -> str:
    """Values of a lever from the months in which they hold; long ones shortened in the middle."""
    told = [f"{month}: {value}" for month, value in values]
    return "; ".join(told if len(told) <= LONGEST_YEARS else [*told[:3], f"… ({len(told)} changes)", told[-1]]) or NONE


# -------------------------------------------------------------------------------------------------------------- path


def path(word: Word, plan: Plan) -> None:
    """Indicators with baseline, targets by year, cost and who is responsible; provinces; and the figures."""
    word.heading("Recommended path")
    for picture in paths(plan):
        add_picture(word, picture)
    word.wide(landscape=True)
    word.heading("Targets by year", 2)
    word.table(f"Indicators with baseline and yearly targets, the nation, ends of years: means and "
               f"intervals. Cost in US$ million of {plan.budget.price_year}. {uncertainty(plan)}",
               ("Indicator", "Unit", f"Baseline {plan.baseline_year}", *map(str, plan.years), "Responsible level"),
               [*_target_rows(plan), *_cost_rows(plan)], widths=(3.4, 1.4, 1.7, *[1.5] * len(plan.years), 2.4))
    _provinces(word, plan)
    word.wide(landscape=False)


def add_picture(word: Word, picture: Picture) -> None:
    """A figure with its caption and its alternative text."""
    word.figure(picture.png, picture.caption, picture.alt)


def _target_rows(plan: Plan) -> list[list[str]]:
    return [[target.title, unit(target),
             *(with_interval(target.scenario, (NATION_ROW, at), target.form) for at in range(len(plan.axis))),
             target.responsible] for target in plan.targets]


def _cost_rows(plan: Plan) -> list[list[str]]:
    held = plan.budget
    place = {year: at for at, year in enumerate(held.years)}
    return [[title, "US$ million", NONE,
             *(with_interval(spread, (place[year],), MONEY, sign=sign) if year in place else NONE
               for year in plan.years),
             "payers: " + ", ".join(held.payers)]
            for title, spread, sign in (("Cost of the year, all", held.by_year, False),
                                        ("Cost of the year, collaboratives", held.collaboratives, False),
                                        ("More than without the plan", held.extra, True))]


def _provinces(word: Word, plan: Plan) -> None:
    """Baseline and last target of the first indicators in every province."""
    chosen, last = plan.targets[:HEADLINES], len(plan.years)
    heads = ["Province"]
    for target in chosen:
        heads += [f"{target.title} ({unit(target)}), {plan.baseline_year}", f"{target.title}, {plan.years[-1]}"]
    rows = [[place_name(plan.places[row]),
             *(with_interval(target.scenario, (int(row), at), target.form) for target in chosen for at in (0, last))]
            for row in plan.rows(PROVINCE)]
    word.heading("Targets by province", 2)
    word.table(f"Provinces: baseline and target at the end of {plan.years[-1]}. {uncertainty(plan)}", heads, rows,
               widths=(3, *[2.2] * (2 * len(chosen))))


def words_of(plan: Plan, further: Sequence[Plan]) -> list[Words]:
    """The reference, the plan and the further scenarios, each once."""
    return list({one.name: one for one in (plan.reference, plan.scenario, *(f.scenario for f in further))}.values())
