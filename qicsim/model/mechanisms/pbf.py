"""Performance-based financing: money, attention and incentive move true quality (gaming, the record: `assessment`).

    resources   structure areas:  change = res * (spent / reference) * gap(Q), at most the headroom
    attention   scored areas:     change = att * novelty_of_measuring * gap(Q)
    incentive   scored areas:     change = inc * novelty_of_paying * stake_eff * e(m) * gap(Q)

    novelty   = exp(-hab * years since PBF began) at the start; each month n' = n * exp(-hab / 12), and what is new,
                r, lifts it by r * (1 - n').  With w the weight moved between care areas, sum |W - W'| / 2 of the
                kind of facility with more of it:
                of measuring  r = 1 where PBF or its rounds begin again, else w
                of paying     r = 1 where PBF begins again or the schedule changes, else the largest of w, the
                              rise / before of staff_share * size and |change of pay_standard| / 10, at most 1
                (other forms of `habit`: both 1 always; or exp(-hab * years since PBF began) whatever is reformed)
    stake     = (staff_share / 0.6) * size * d/ds E[pay(s - pay_standard + bunch_w z)]
                / slope of the linear schedule of equal money
    stake_eff = 2 * (1 - 2^(-stake))                          0 at no stake, 1 at the linear schedule, at most 2
    payment   = grant + performance pay * schedule(score), in hand `pay_delay` months after the round; a third of what
                is in hand is spent each month; the staff's share of the performance pay buys no supplies
    paid_share  = min(1, (envelope - paid this year) / rounds left in the year / all payments of the round)
                each performance payment is cut to it, and the stake (by `size`) follows what was paid last

gap(Q)   headroom relative to mid scale (`ceilings`);  e(m) = exp(0.15 m)
schedule piecewise: at `start` it pays `pay`, then `slope` more for each point; nothing below the first piece, never
         less than nothing;  pay_standard  points by which all of it is shifted (lever)

Equal-money effect of the bonus 0.157 SD in 23 months in Rwanda (Basinga et al. 2011), about nothing in Nigeria (Khanna
et al. 2021), where money with autonomy did the work. Habit: quality checklists under PBF rose modestly in seven
countries and then stood at 60-70 % (Gergen et al. 2018). No study follows a reform: that its effect is new again is an
assumption, and so is the scale of 10 points, the distance between two tiers. What is paid does not change what is
measured, so it renews no attention; and a cut of the bonus renews nothing: otherwise a ministry could buy quality with
new rules alone, or by paying less.
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Gamma, HalfNormal, Parameter, Uniform
from qicsim.model.columns import NO_PIECE

REFERENCE_STAFF_SHARE = 0.6
# Slope of the linear schedule that pays 1 on average over scores Normal(60, 12) cut to 0-100 (see `schedules.csv`).
LINEAR_SLOPE = 0.016671806430024177
MOTIVATION_EFFECT = 0.15
MONTHS_PER_QUARTER = 3.0
SPENT_EACH_MONTH = 1.0 / 3.0
WHOLE_REFORM_OF_STANDARD = 10.0  # points
LEAST_JUMP = 1e-9  # less is rounding
ROOT_TWO = math.sqrt(2.0)
NORMAL_HEIGHT = 1.0 / math.sqrt(2.0 * math.pi)


class Pbf(NamedTuple):
    """Effects of PBF on true quality."""

    res: Annotated[float, Parameter("effect of reference funds on structure, at mid gap", "points/month", 0.0, 0.6,
                                    Gamma(0.15, 3.0), "khanna-2021", "W")] = 0.15
    att: Annotated[float, Parameter("effect of being measured, at mid gap, while it is new", "points/month", 0.0, 0.5,
                                    Gamma(0.10, 3.0), "ivers-2014", "W")] = 0.10
    inc: Annotated[float, Parameter("effect of the bonus at equal money, at mid gap, while it is new", "points/month",
                                    0.0, 0.3, HalfNormal(0.07), "basinga-2011", "Mod")] = 0.05
    hab: Annotated[float, Parameter("rate at which attention and incentive become habit", "1/year", 0.0, 0.8,
                                    Uniform(0.1, 0.4), "borghi-2021", "W")] = 0.25
    bunch_w: Annotated[float, Parameter("how far around its score a facility expects its next score", "points",
                                        2.0, 20.0, Uniform(4.0, 15.0), "assumption", "A")] = 8.0


@compiled
def habit(years, pbf):
    """What habit leaves of attention and incentive after `years` without reform."""
    return math.exp(-pbf.hab * years)


@compiled
def size_of_reform(bonus, bonus_before, standard, standard_before):
    """How much of a reform other terms are, 0-1; `bonus` is what staff can get, and less of it renews nothing."""
    in_bonus = 0.0
    if bonus > bonus_before:
        in_bonus = min(bonus / bonus_before - 1.0, 1.0) if bonus_before > 0.0 else 1.0
    in_standard = min(abs(standard - standard_before) / WHOLE_REFORM_OF_STANDARD, 1.0)
    return max(in_bonus, in_standard)


@compiled
def moved_share(weight, before):
    """Share of weight, 0-1, that has moved between care areas (kind, area), of the kind with more of it."""
    most = 0.0
    for kind in range(weight.shape[0]):
        moved = 0.0
        for a in range(weight.shape[1]):
            moved += abs(weight[kind, a] - before[kind, a]) / 2.0
        most = max(most, moved)
    return min(most, 1.0)


@compiled
def renewed(novelty, new):
    """Novelty where a share of 0-1 is new again."""
    return novelty + (1.0 - novelty) * new


@compiled
def resources_gain(spent_ratio, gap, pbf):
    """Points that money spent adds to a structure area in a month."""
    return pbf.res * spent_ratio * gap


@compiled
def attention_gain(novelty, gap, pbf):
    """Points that being measured adds to a scored area in a month."""
    return pbf.att * novelty * gap


@compiled
def incentive_gain(novelty, stake_effect, motivated, gap, pbf):
    """Points that the bonus adds to a scored area in a month."""
    return pbf.inc * novelty * stake_effect * motivated * gap


@compiled
def motivated_effort(motivation):
    """Effect of motivation (SD) on effort: 1 at 0."""
    return math.exp(MOTIVATION_EFFECT * motivation)


@compiled
def schedule_payment(score, start, pay, slope):
    """Share of the average performance payment that a score earns: nothing below the first piece."""
    if score < start[0]:
        return 0.0
    piece = 0
    for i in range(1, start.size):
        if score >= start[i]:
            piece = i
    return max(pay[piece] + slope[piece] * (score - start[piece]), 0.0)


@compiled
def jump(i, start, pay, slope):
    """By how much the payment jumps where piece `i` begins, as a share of the average payment."""
    if i == 0:
        return pay[0]
    return pay[i] - pay[i - 1] - slope[i - 1] * (start[i] - start[i - 1])


@compiled
def distance_to_rise(score, start, pay, slope):
    """Points to the next score from which more is paid: 0 where payment rises with each point, NO_PIECE beyond all."""
    rising = False
    for i in range(start.size):
        if score >= start[i]:
            rising = slope[i] > 0.0
        elif rising:
            return 0.0
        elif slope[i] > 0.0 or jump(i, start, pay, slope) > LEAST_JUMP:
            return start[i] - score
    return 0.0 if rising else NO_PIECE


@compiled
def marginal_payment(score, start, pay, slope, width):
    """Derivative of the payment expected when the next score is normal around this one, 1/point."""
    total, above = 0.0, 0.5 * math.erfc((start[0] - score) / width / ROOT_TWO)
    for i in range(start.size):
        low = (start[i] - score) / width
        total += jump(i, start, pay, slope) * NORMAL_HEIGHT * math.exp(-0.5 * low * low) / width
        beyond = 0.0
        if i + 1 < start.size:
            beyond = 0.5 * math.erfc((start[i + 1] - score) / width / ROOT_TWO)
        total += slope[i] * (above - beyond)
        above = beyond
    return total


@compiled
def stake_of(marginal, staff_share, size):
    """Stake relative to the linear schedule of equal money at today's size and staff share."""
    return staff_share / REFERENCE_STAFF_SHARE * size * marginal / LINEAR_SLOPE


@compiled
def stake_effect(stake):
    """Saturating effect of a stake: 0, 1 and at most 2 at stakes of 0, 1 and many."""
    return 2.0 * (1.0 - 2.0 ** (-stake))


@compiled
def share_paid(envelope, paid, rounds_left, bill):
    """Share of a round's bill, US$, that an envelope leaves when what is left of the year is spread over its rounds."""
    if bill <= 0.0:
        return 1.0
    return min(max(envelope - paid, 0.0) / rounds_left / bill, 1.0)


@compiled
def reference_spending(grant, performance_pay):
    """Monthly spending on supplies at today's average payment, US$."""
    return (grant + (1.0 - REFERENCE_STAFF_SHARE) * performance_pay) / MONTHS_PER_QUARTER


@compiled
def spent(in_hand):
    """Money spent in a month, US$."""
    return in_hand * SPENT_EACH_MONTH
