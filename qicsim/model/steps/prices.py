"""Prices of the month: unit costs scaled by their uncertainty, and who pays them."""

from __future__ import annotations

from qicsim.ground.compiled import compiled
from qicsim.model.columns import (
    ACCREDITATION,
    ASSESSMENTS,
    COACH_TRAINING,
    EDUCATION,
    EXCHANGE_VISITS,
    JOINING_TRAINING,
    MENTORING,
    OVERHEAD,
    SESSIONS,
    TABLETS,
    UNIT_COSTS,
)
from qicsim.model.mechanisms.costs import donor_part

(COACH_VISIT, COACH_VISIT_VIRTUAL, TRAIN_COACH, MENTOR_COACH, TRAIN_TEAM, SESSION, SESSION_VIRTUAL, EXCHANGE,
 DISTRICT, ASSESS, VERIFY, TABLET, ACCREDIT, CPD, PRESERVICE, INSTITUTIONS) = range(len(UNIT_COSTS))


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
    """US$ of one unit of a cost line other than visits and payments."""
    unit, scale = setting.money[0].unit_cost, params.costs.collaborative
    if line == COACH_TRAINING:
        return unit[TRAIN_COACH] * scale
    if line == MENTORING:
        return unit[MENTOR_COACH] * scale
    if line == JOINING_TRAINING:
        return unit[TRAIN_TEAM] * scale
    if line == SESSIONS:
        return mixed(unit[SESSION], unit[SESSION_VIRTUAL], now.virtual) * scale
    if line == EXCHANGE_VISITS:
        return unit[EXCHANGE] * scale
    if line == OVERHEAD:
        return unit[DISTRICT] * scale
    if line == TABLETS:
        return unit[TABLET] * scale
    if line == ACCREDITATION:
        return unit[ACCREDIT] * scale
    if line == EDUCATION:
        return unit[CPD] * scale
    return unit[ASSESS if line == ASSESSMENTS else VERIFY] * params.costs.assessment


@compiled
def national_price(setting, now, params):
    """US$ a month of pre-service training and institutions, nationwide."""
    unit = setting.money[0].unit_cost
    amount = now.preservice * unit[PRESERVICE] + now.institutionalised * unit[INSTITUTIONS]
    return amount * params.costs.collaborative


@compiled
def book(place, line, amount, now, state):
    """Book the amount of a PBF line to a facility's province and kind, split by payer."""
    split(place.province, place.hospital, line, amount, now.donor_share_pbf, state)


@compiled
def book_qic(province, kind, line, amount, now, state):
    """Book the amount of a line of the collaboratives, split by payer; it counts towards the year's ceiling."""
    split(province, kind, line, amount, now.donor_share, state)
    state.programme[0].spent_this_year += amount


@compiled
def split(province, kind, line, amount, donor_share, state):
    """Add an amount to the government's and the donors' books."""
    donor = donor_part(amount, donor_share)
    cost = state.province[province].cost
    cost[kind, line, 0] += amount - donor
    cost[kind, line, 1] += donor
