"""Prices of the month: unit costs scaled by their uncertainty, and who pays them."""

from __future__ import annotations

from qicsim.ground.compiled import compiled, compiled_into_callers
from qicsim.model.columns import (
    ACCREDITATION,
    ASSESSMENTS,
    ASSISTANCE,
    COACH_POSTS,
    COACH_TRAINING,
    COACH_VISITS,
    COST_LINES,
    EDUCATION,
    EXCHANGE_VISITS,
    JOINING_TRAINING,
    MENTORING,
    OVERHEAD,
    PROGRAMME_STAFF,
    SESSIONS,
    TABLETS,
    TEAM_TIME,
    UNIT_COSTS,
    VERIFICATION,
)
from qicsim.model.mechanisms.costs import donor_part

(COACH_VISIT, COACH_VISIT_VIRTUAL, TRAIN_COACH, MENTOR_COACH, TRAIN_TEAM, SESSION, SESSION_VIRTUAL, EXCHANGE,
 DISTRICT, ASSESS, VERIFY, TABLET, ACCREDIT, CPD, PRESERVICE, INSTITUTIONS, POST,
 TIME, PROVINCIAL_STAFF, NATIONAL_STAFF, ADVISERS) = range(len(UNIT_COSTS))
NO_UNIT = -1

_UNITS = {COACH_POSTS: POST, COACH_VISITS: COACH_VISIT, COACH_TRAINING: TRAIN_COACH, MENTORING: MENTOR_COACH,
          JOINING_TRAINING: TRAIN_TEAM, TEAM_TIME: TIME, SESSIONS: SESSION, EXCHANGE_VISITS: EXCHANGE,
          OVERHEAD: DISTRICT, PROGRAMME_STAFF: PROVINCIAL_STAFF, ASSISTANCE: ADVISERS, ASSESSMENTS: ASSESS,
          VERIFICATION: VERIFY, TABLETS: TABLET, ACCREDITATION: ACCREDIT, EDUCATION: CPD}
UNIT_OF_LINE = tuple(_UNITS.get(line, NO_UNIT) for line in range(len(COST_LINES)))
"""The unit cost of each line; PBF is paid, not bought."""


@compiled
def mixed(in_person, at_a_distance, virtual):
    """Price of something of which the share `virtual` takes place at a distance."""
    return in_person + virtual * (at_a_distance - in_person)


@compiled
def visit_price(setting, now, params):
    """US$ of a coaching visit."""
    unit = setting.money[0].unit_cost
    return mixed(unit[COACH_VISIT], unit[COACH_VISIT_VIRTUAL], now.virtual) * params.costs.collaborative


@compiled
def price(line, setting, now, params):
    """US$ of one unit of a cost line other than visits and payments; of programme staff, a province and month."""
    unit = setting.money[0].unit_cost
    amount = unit[UNIT_OF_LINE[line]]
    if line == SESSIONS:
        amount = mixed(amount, unit[SESSION_VIRTUAL], now.virtual)
    elif line == ASSISTANCE:
        amount *= 1.0 - now.institutionalised
    assessed = line in (ASSESSMENTS, VERIFICATION)
    return amount * (params.costs.assessment if assessed else params.costs.collaborative)


@compiled
def national_price(setting, now, params):
    """US$ a month of pre-service training and institutions, nationwide."""
    unit = setting.money[0].unit_cost
    amount = now.preservice * unit[PRESERVICE] + now.institutionalised * unit[INSTITUTIONS]
    return amount * params.costs.collaborative


@compiled
def national_staff_price(setting, params):
    """US$ a month of the programme's national staff."""
    return setting.money[0].unit_cost[NATIONAL_STAFF] * params.costs.collaborative


@compiled_into_callers
def book(place, line, amount, now, state):
    """Book the amount of a PBF line to a facility's province and kind, split by payer."""
    split(place.province, place.hospital, line, amount, now.donor_share_pbf, state)


@compiled_into_callers
def book_qic(province, kind, line, amount, now, state):
    """Book the amount of a line of the collaboratives, split by payer; it counts towards the year's ceiling."""
    state.programme[0].spent_this_year += book_for(province, kind, line, amount, now, state)


@compiled_into_callers
def book_for(province, kind, line, amount, now, state):
    """Book the amount of a line of the collaboratives, split by payer; returns it, for a sum towards the ceiling."""
    split(province, kind, line, amount, now.donor_share, state)
    return amount


@compiled_into_callers
def split(province, kind, line, amount, donor_share, state):
    """Add an amount to the government's and the donors' books."""
    donor = donor_part(amount, donor_share)
    cost = state.province[province].cost
    cost[kind, line, 0] += amount - donor
    cost[kind, line, 1] += donor
