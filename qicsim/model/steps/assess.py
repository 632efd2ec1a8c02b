"""The quarter's NQEM round: assessment, verification, score, and the payment that it fixes."""

from __future__ import annotations

from qicsim.ground.compiled import compiled, compiled_into_callers
from qicsim.model.columns import ASSESSMENTS, PAYMENT_RING, PBF_PAYMENTS, VERIFICATION
from qicsim.model.levers import NO_CEILING
from qicsim.model.mechanisms.assessment import honest_score, leniency, recorded_score
from qicsim.model.mechanisms.pbf import share_paid
from qicsim.model.steps.begin import gamed, performance_payment, supplies_money, visit_day
from qicsim.model.steps.improve import composite
from qicsim.model.steps.prices import book, price


@compiled
def hold_round(today, setting, now, params, state, luck):
    """Assess every open facility, then fix all payments, within the envelope, and book what that costs."""
    assess_price = price(ASSESSMENTS, setting, now, params)
    verify_price = price(VERIFICATION, setting, now, params) * now.verification
    chance = luck.quarter[luck.now[0]]
    for f in range(state.facility.size):
        site = setting.facility[f]
        if today.round_held and site.opened <= today.month:
            assess(state.facility[f], site, state.district[site.district], setting, state.programme[0], chance[f], now,
                   today, params)
            book(site, ASSESSMENTS, assess_price, now, state)
            book(site, VERIFICATION, verify_price, now, state)
    paid = today.round_held and today.pbf > 0.0
    if paid and now.pbf_envelope < NO_CEILING:
        keep_to_envelope(today, setting, now, state)
    for f in range(state.facility.size):
        if setting.facility[f].opened <= today.month:
            pay(state.facility[f], setting.facility[f], setting, now, today, paid, state)


@compiled
def keep_to_envelope(today, setting, now, state):
    """Post the share of this round's payments that the year's envelope leaves."""
    programme, bill = state.programme[0], 0.0
    for f in range(state.facility.size):
        if setting.facility[f].opened <= today.month:
            bill += performance_payment(state.facility[f], setting.facility[f], programme, setting, now)
    rounds_left = (14 - setting.month[today.month].month_of_year) // 3
    programme.paid_share = share_paid(now.pbf_envelope * programme.pbf_level, programme.pbf_paid, rounds_left, bill)


@compiled_into_callers
def pay(facility, site, setting, now, today, paid, state):
    """Fix the quarter's payment: performance pay only after a round, the grant always."""
    programme, performance = state.programme[0], 0.0
    if paid:
        performance = programme.paid_share * performance_payment(facility, site, programme, setting, now)
    programme.pbf_paid += performance
    book(site, PBF_PAYMENTS, performance, now, state)
    arrival = (today.month + now.pay_delay) % PAYMENT_RING
    facility.due[arrival] += supplies_money(performance, site, programme, setting, now)


@compiled_into_callers
def assess(facility, site, district, setting, programme, chance, now, today, params):
    """Record the facility's score."""
    inflation = visit_day(facility, site, setting.area[0], programme, today.weights, params)
    if facility.visits > 0.0:
        inflation += leniency(facility.visits, now.separated, today.left, params.assessment)
    measured = composite(facility, setting.area[0], today.weights, site.hospital)
    honest = honest_score(measured, inflation, district.bias)
    inflation += gamed(honest, facility.stake, setting, now, today.left, params)
    facility.score = recorded_score(measured, inflation, district.bias, chance.assessment, params.assessment)
