"""Risks of a plan, each with its numbers: coaches, launches, lenient records, donors, harm; and what it hinges on."""

from __future__ import annotations

import math

import numpy as np

from qicsim.ground.numbers import NONE, number, percent, plural, signed
from qicsim.plan.record import ALL, COLLABORATIVES, COUNT, MONEY, PAYMENTS, Plan, Target
from qicsim.report.document_words import NATION_ROW, amount, difference_unit, form_of, small, with_interval
from qicsim.report.formatting import against, listed
from qicsim.report.word import Word

MOST_HINGES = 6
HALF, KEPT = 0.5, 0.99


def risks(word: Word, plan: Plan) -> None:
    """What may go wrong, with the numbers of this plan; and which uncertain parameters move it most."""
    word.heading("Risks")
    word.bullets([*_harm(plan), *_coach_risk(plan), *_surplus(plan), *_delay_risk(plan), *_record_risk(plan),
                  *_payer_risk(plan), *_no_gain(plan)])
    _hinges(word, plan)


# -------------------------------------------------------------------------------------------- what is worse, or unsure


def _differences(plan: Plan) -> list[tuple[Target, float, float]]:
    """Indicators that have a better side, and their paired difference at the end: its worse and its better end."""
    last, found = (NATION_ROW, len(plan.years)), []
    for target in plan.targets:
        ends = sorted(target.direction * float(end[last]) for end in (target.difference.low, target.difference.high))
        if target.direction and np.isfinite(ends).all():
            found.append((target, ends[0], ends[1]))
    return found


def _harm(plan: Plan) -> list[str]:
    """Indicators that are clearly worse with the plan: the whole interval lies on the worse side."""
    last = (NATION_ROW, len(plan.years))
    worse = [f"{small(target.title)} {with_interval(target.difference, last, form_of(target), sign=True)} "
             f"{difference_unit(target)}" for target, _, better in _differences(plan) if better < 0.0]
    return [(f"Worse than without the plan at the end of {plan.years[-1]}, with the whole interval of the difference: "
             f"{listed(worse)}.")] if worse else []


def _no_gain(plan: Plan) -> list[str]:
    """Indicators whose difference from the reference is not clear of zero."""
    unsure = [small(target.title) for target, worse, better in _differences(plan)
              if worse <= 0.0 <= better and worse < better]
    return [(f"No gain that is sure: at the end of {plan.years[-1]} the interval of the difference from the reference "
             f"holds zero for {listed(unsure)}.")] if unsure else []


# ------------------------------------------------------------------------------------------------------------- coaches


def _coach_risk(plan: Plan) -> list[str]:
    """The year in which coaches fall most behind what is needed; nothing where none are needed."""
    shortage = plan.coaches.largest_shortage
    if shortage is None:
        return []
    at, lacking = shortage
    if lacking <= 0.0:
        return ["Coaches: in every year there are, on average, as many at work as every planned visit needs."]
    row = (NATION_ROW, at)
    return [(f"Shortage of coaches: in {plan.axis[at]} {with_interval(plan.coaches.at_work, row, COUNT)} are at work "
             f"where {with_interval(plan.coaches.needed, row, COUNT)} could make every planned visit. Teams then get "
             "fewer visits than planned.")]


def _surplus(plan: Plan) -> list[str]:
    """From which year on the plan keeps more posts than every planned visit needs, up to the end."""
    since = plan.coaches.surplus_since(HALF)
    if since is None:
        return []
    last = (NATION_ROW, len(plan.years))
    return [(f"Surplus of coaches: from {plan.axis[since]} on there are more posts than every planned visit needs: "
             f"posts go by district, visits by active team. At the end of {plan.years[-1]} "
             f"{with_interval(plan.coaches.posts, last, COUNT)} posts are planned where "
             f"{with_interval(plan.coaches.needed, last, COUNT)} would do. Posts could be fewer by then, or do other "
             "work.")]


# ------------------------------------------------------------------------------------------------------------ launches


def _delay_risk(plan: Plan) -> list[str]:
    """How far launches lag behind what the plan allows at its own date; nothing where they do not."""
    held, at = plan.launches, plan.launches.due
    lag = float(held.planned[at] - held.launched.mean[at])
    if not held.recruiting or lag < HALF:
        return []
    late = [row for row in held.quarter if not math.isfinite(row[1])]
    told = (f"Slow launches: by the end of {plan.quarters[at]}, the plan's own date, "
            f"{with_interval(held.launched, (at,), COUNT)} of the {number(held.planned[at])} districts that the plan "
            "allows are launched.")
    caught = np.flatnonzero(held.planned - held.launched.mean < HALF)
    later = [one for one in caught if one > at]
    told += f" The mean has caught up by {plan.quarters[later[0]]}." if later else ""
    return [told + (f" {plural(len(late), 'district is', 'districts are')} not launched by {plan.quarters[-1]} in half "
                    "of the runs or more." if late else "")]


# ----------------------------------------------------------------------------------------------------- records, donors


def _record_risk(plan: Plan) -> list[str]:
    """How far the recorded score runs ahead of true quality."""
    names = {target.name: target for target in plan.targets}
    if not {"true", "recorded"} <= names.keys():
        return []
    last = len(plan.years)
    gaps = [float(names["recorded"].scenario.mean[NATION_ROW, at] - names["true"].scenario.mean[NATION_ROW, at])
            for at in (0, last)]
    return [(f"Leniency: coaches are also assessors. The mean recorded score lies {against(gaps[0])} the mean "
             f"true quality at the end of {plan.baseline_year} and {against(gaps[1])} it at the end of "
             f"{plan.years[-1]}; a target that is set on recorded scores can be met without better care.")]


def _payer_risk(plan: Plan) -> list[str]:
    """What donors carry of the plan, and apart from it the share that they carry with or without the plan."""
    held = plan.budget
    if "donor" not in held.payers:
        return []
    row = held.payers.index("donor")
    own, standing = (spent.by_payer_part for spent in (held.own, held.reference))
    told = []
    if float(own.mean[row, COLLABORATIVES]) > 0.0:
        share = float(own.mean[row, COLLABORATIVES] / own.mean[:, COLLABORATIVES].sum())
        told.append(f"Exit of donors: they pay {percent(share)} of the collaboratives, US$ "
                    f"{with_interval(own, (row, COLLABORATIVES), MONEY)} million from {held.years[0]} to "
                    f"{held.years[-1]}, and US$ "
                    f"{with_interval(held.increment.by_payer_part, (row, ALL), MONEY, sign=True)} million of all that "
                    "the plan adds. If they leave, the government takes this over, or it stops.")
    if float(standing.mean[row, ALL]) > 0.0:
        told.append(f"Money of donors without the plan: US$ {with_interval(standing, (row, ALL), MONEY)} million in "
                    f"the reference, {amount(float(standing.mean[row, PAYMENTS]), MONEY)} million of it for PBF "
                    f"payments. That it holds until {held.years[-1]} is an assumption{_either_way(plan, row)}.")
    return told


def _either_way(plan: Plan, row: int) -> str:
    """Whether the plan takes for granted what donors pay without it."""
    own, standing = (spent.by_payer_part.mean[row] for spent in (plan.budget.own, plan.budget.reference))
    kept = float(own[ALL] - own[COLLABORATIVES]) >= KEPT * float(standing[ALL] - standing[COLLABORATIVES])
    return "; where it ends, it is missing with or without the plan" if kept else ""


# -------------------------------------------------------------------------------------------------------------- hinges


def _hinges(word: Word, plan: Plan) -> None:
    """Parameters whose rank correlation with some outcome is told from chance; a sentence where none is."""
    held = plan.influence
    word.heading("What the plan hinges on", 2)
    clear = np.flatnonzero(held.drivers.any(axis=1)).tolist()
    word.paragraph("Rank correlations of "
                   f"{plural(len(held.names), 'uncertain parameter', 'uncertain parameters')} with "
                   f"{plural(len(held.outcomes), 'outcome', 'outcomes')} were looked at over "
                   f"{plural(held.draws, 'draw', 'draws')}. Among so many parameters the largest is large by chance: "
                   "told here are only those that chance exceeds for one outcome of twenty"
                   f"{_limit_words(held.limits)}. A correlation over draws is no proof of a cause; `qicsim "
                   "sensitivity` looks closer.")
    if not clear:
        word.paragraph("None is: with so few draws nothing can be said here of what the plan hinges on.")
        return
    rows = [(held.meanings[at], held.units[at], *(_rho(value, clear=more) for value, more
                                                   in zip(held.rho[at], held.drivers[at], strict=True)))
            for at in clear[:MOST_HINGES]]
    word.table(f"What the plan hinges on: rank correlation of uncertain parameters with outcomes over "
               f"{held.draws} draws. In brackets: not told from chance",
               ("Parameter", "Unit", *held.outcomes), rows, widths=(3.2, 1.2, *[1.9] * (len(held.outcomes) - 1), 2.8))


def _limit_words(limits: np.ndarray) -> str:
    limit = float(limits.min())
    return f" (more than {limit:.2f}, up or down)" if limit < 1.0 else ""


def _rho(value: float, *, clear: bool) -> str:
    written = signed(float(value), 2)
    return written if written == NONE or clear else f"({written})"
