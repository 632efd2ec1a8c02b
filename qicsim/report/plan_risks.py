"""Risks of a plan in sentences, each with its numbers: harm, coaches, launches, lenient records, donors."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from qicsim.ground.numbers import millions, number, percent
from qicsim.plan.record import ALL, COLLABORATIVES, COUNT, MONEY, PAYMENTS, Plan, Target
from qicsim.report.exhibits import spelled
from qicsim.report.formatting import against, listed, quarter_named
from qicsim.report.language import say, text_of
from qicsim.report.plan_words import HALF, NATION_ROW, difference_unit, gain, small, told

KEPT = 0.99


def risks(plan: Plan) -> Iterator[str]:
    """What may go wrong, the worst first."""
    for risk in (harm, coach_shortage, coach_surplus, slow_launches, lenient_records, donors, no_gain):
        yield from risk(plan)


def _differences(plan: Plan) -> list[tuple[Target, float, float]]:
    """Indicators that have a better side, and their paired difference at the end: its worse and its better end."""
    last, found = (NATION_ROW, len(plan.years)), []
    for target in plan.targets:
        ends = sorted(target.direction * float(end[last]) for end in (target.difference.low, target.difference.high))
        if target.direction and np.isfinite(ends).all():
            found.append((target, ends[0], ends[1]))
    return found


def harm(plan: Plan) -> Iterator[str]:
    """Indicators that are clearly worse with the plan: the whole interval lies on the worse side."""
    worse = [say("{indicator} {difference} {unit}", indicator=small(text_of(target.title)),
                 difference=told(gain(target, len(plan.years))), unit=difference_unit(target))
             for target, _, better in _differences(plan) if better < 0.0]
    if worse:
        yield say("Harm: at the end of {year} the plan is worse than its absence, with the whole interval, in {list}.",
                  year=plan.years[-1], list=listed(worse))


def coach_shortage(plan: Plan) -> Iterator[str]:
    """The year in which coaches fall most behind what is needed; nothing where there are always enough."""
    shortage = plan.coaches.largest_shortage
    if shortage is None or shortage[1] <= 0.0:
        return
    at = shortage[0]
    yield say("Too few coaches: in {year} {there} are at work where {needed} could make every planned visit; teams "
              "then get "
              "fewer visits.", year=plan.axis[at], there=spelled(plan.coaches.at_work.at(NATION_ROW, at), COUNT),
              needed=spelled(plan.coaches.needed.at(NATION_ROW, at), COUNT))


def coach_surplus(plan: Plan) -> Iterator[str]:
    """From which year on the plan keeps more posts than every planned visit needs, up to the end."""
    since = plan.coaches.surplus_since(HALF)
    if since is None:
        return
    last = (NATION_ROW, len(plan.years))
    yield say("Too many coach posts: from {since} on more than every planned visit needs; at the end of {year} "
              "{posts} are "
              "planned where {needed} would do. Posts could be fewer by then, or do other work.",
              since=plan.axis[since],
              year=plan.years[-1], posts=spelled(plan.coaches.posts.at(*last), COUNT),
              needed=spelled(plan.coaches.needed.at(*last), COUNT))


def slow_launches(plan: Plan) -> Iterator[str]:
    """How far launches lag behind what the plan allows at its own date; nothing where they do not."""
    held, at = plan.launches, plan.launches.due
    if not held.recruiting or float(held.planned[at] - held.launched.mean[at]) < HALF:
        return
    late = sum(not math.isfinite(row[1]) for row in held.quarter)
    yield say("Slow launches: by the end of {quarter}, the plan's own date, {launched} of the {planned} districts "
              "that it "
              "allows are launched; {late} are not launched by {last} in half of the runs or more.",
              quarter=quarter_named(plan.quarters[at]), launched=spelled(held.launched.at(at), COUNT),
              planned=number(held.planned[at]), late=number(late), last=quarter_named(plan.quarters[-1]))


def lenient_records(plan: Plan) -> Iterator[str]:
    """How far the recorded score runs ahead of true quality."""
    names = {target.name: target for target in plan.targets}
    if not {"true", "recorded"} <= names.keys():
        return
    gaps = [float(names["recorded"].scenario.mean[NATION_ROW, at] - names["true"].scenario.mean[NATION_ROW, at])
            for at in (0, len(plan.years))]
    yield say("Lenient records: coaches are also assessors. The mean recorded score lies {before} true quality at the "
              "end of "
              "{year} and {after} it at the end of {last}: a target on records can be met without better care.",
              before=against(gaps[0]), year=plan.baseline_year, after=against(gaps[1]), last=plan.years[-1])


def donors(plan: Plan) -> Iterator[str]:
    """What donors carry of the plan, and apart from it what they carry with or without the plan."""
    held = plan.budget
    if "donor" not in held.payers:
        return
    row = held.payers.index("donor")
    own, standing = (spent.by_payer_part for spent in (held.own, held.reference))
    if float(own.mean[row, COLLABORATIVES]) > 0.0:
        share = float(own.mean[row, COLLABORATIVES] / own.mean[:, COLLABORATIVES].sum())
        yield say("Exit of donors: they pay {share} of the collaboratives, US$ {own} million in all years, and US$ "
                  "{more} "
                  "million of all that the plan adds. If they leave, the government takes this over, or it stops.",
                  share=percent(share), own=spelled(own.at(row, COLLABORATIVES), MONEY),
                  more=spelled(held.increment.by_payer_part.at(row, ALL), MONEY, sign=True))
    if float(standing.mean[row, ALL]) > 0.0:
        words = {"all": spelled(standing.at(row, ALL), MONEY), "year": held.years[-1],
                 "paid": millions(float(standing.mean[row, PAYMENTS]))}
        rest = [float(one.mean[row, ALL] - one.mean[row, COLLABORATIVES]) for one in (own, standing)]
        if rest[0] >= KEPT * rest[1]:
            yield say("Money of donors without the plan: US$ {all} million, US$ {paid} million of it for PBF "
                      "payments. That it "
                      "holds until {year} is an assumption; where it ends, it is missing with or without the "
                      "plan.", **words)
        else:
            yield say("Money of donors without the plan: US$ {all} million, US$ {paid} million of it for PBF "
                      "payments. That it "
                      "holds until {year} is an assumption.", **words)


def no_gain(plan: Plan) -> Iterator[str]:
    """Indicators whose difference from the reference is not clear of zero."""
    unsure = [small(text_of(target.title)) for target, worse, better in _differences(plan)
              if worse <= 0.0 <= better and worse < better]
    if unsure:
        yield say("No sure gain: at the end of {year} the interval of the difference holds zero for {list}.",
                  year=plan.years[-1], list=listed(unsure))
