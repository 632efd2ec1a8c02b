"""The terms of payment by performance: level and envelope, whether they changed this month, what is new again."""

from __future__ import annotations

from qicsim.ground.compiled import compiled
from qicsim.model.columns import HABIT_OF_ONE_CLOCK, NO_HABIT
from qicsim.model.levers import NO_CEILING, SCHEDULE_NONE
from qicsim.model.mechanisms.pbf import habit, moved_share, renewed, size_of_reform


@compiled
def open_accounts(month, setting, now, programme):
    """A new year has paid nothing yet and another level of payments; without an envelope everything is paid."""
    if setting.month[month].month_of_year == 0:
        programme.pbf_paid = 0.0
        if month > 0:
            programme.pbf_level *= 1.0 + now.pbf_growth
    if now.pbf_envelope >= NO_CEILING:
        programme.paid_share = 1.0


@compiled
def renew_novelty(month, setting, levers, structure, params, programme):
    """Post what habit leaves this month of being measured and of being paid."""
    years = setting.month[month].pbf_years
    if structure.habit == NO_HABIT:
        programme.novelty_of_measuring = programme.novelty_of_paying = 1.0
    elif structure.habit == HABIT_OF_ONE_CLOCK or month == 0:
        programme.novelty_of_measuring = programme.novelty_of_paying = habit(years, params.pbf)
    else:
        now, before, weight = levers[month], levers[month - 1], setting.area[0].weight
        moved = moved_share(weight[now.weights], weight[before.weights])
        kept = habit(years - setting.month[month - 1].pbf_years, params.pbf)
        programme.novelty_of_measuring = renewed(kept * programme.novelty_of_measuring,
                                                 newly_measured(now, before, moved))
        programme.novelty_of_paying = renewed(kept * programme.novelty_of_paying, newly_paid(now, before, moved))


@compiled
def newly_measured(now, before, moved):
    """How much of what is measured under PBF is new this month, 0-1; `moved` is the share of weight that has moved."""
    if now.pbf == 0 or now.rounds == 0:
        return 0.0
    return moved if before.pbf == 1 and before.rounds == 1 else 1.0


@compiled
def newly_paid(now, before, moved):
    """How much of a reform of payment this month brings, 0-1; under an envelope a larger size pays no more in all."""
    if now.pbf == 0 or now.schedule == SCHEDULE_NONE:
        return 0.0
    if before.pbf == 0 or now.schedule != before.schedule:
        return 1.0
    size = now.pbf_size if now.pbf_envelope >= NO_CEILING else before.pbf_size
    return max(moved, size_of_reform(now.staff_share * size, before.staff_share * before.pbf_size, now.pay_standard,
                                     before.pay_standard))


@compiled
def terms_changed(month, levers):
    """Whether a lever of payment differs from last month's."""
    if month == 0:
        return False
    now, before = levers[month], levers[month - 1]
    return (now.pbf != before.pbf or now.schedule != before.schedule or now.pbf_size != before.pbf_size
            or now.pay_standard != before.pay_standard or now.staff_share != before.staff_share
            or now.pbf_envelope != before.pbf_envelope)
