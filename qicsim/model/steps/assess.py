"""The quarter's NQEM round: assessment, verification, score, and the payment that it fixes."""

from __future__ import annotations

from qicsim.ground.compiled import compiled
from qicsim.model.columns import ASSESSMENTS, PAYMENT_RING, PBF_PAYMENTS, VERIFICATION
from qicsim.model.mechanisms.assessment import honest_score, leniency, recorded_score
from qicsim.model.steps.begin import gamed, performance_payment, supplies_money, visit_day
from qicsim.model.steps.improve import composite
from qicsim.model.steps.prices import book, price


@compiled
def hold_round(today, setting, now, params, state, luck):
    """Assess every open facility, fix its payment and book what that costs."""
    assess_price = price(ASSESSMENTS, setting, now, params)
    verify_price = price(VERIFICATION, setting, now, params) * now.verification
    chance = luck.quarter[luck.now[0]]
    for f in range(state.facility.size):
        facility, site = state.facility[f], setting.facility[f]
        if site.opened <= today.month:
            if today.round_held:
                assess(facility, site, state.district[site.district], setting, state.programme[0], chance[f], now,
                       today, params)
                book(site, ASSESSMENTS, assess_price, now, state)
                book(site, VERIFICATION, verify_price, now, state)
            pay(facility, site, setting, now, today, state)


@compiled
def pay(facility, site, setting, now, today, state):
    """Fix the quarter's payment: performance pay only after a round, the grant always."""
    paid = today.pbf if today.round_held else 0.0
    performance = paid * performance_payment(facility, site, setting, now)
    book(site, PBF_PAYMENTS, performance, now, state)
    arrival = (today.month + now.pay_delay) % PAYMENT_RING
    facility.due[arrival] += supplies_money(performance, site, setting, now)


@compiled
def assess(facility, site, district, setting, programme, chance, now, today, params):
    """Record the facility's score."""
    inflation = visit_day(facility, site, setting.area[0], programme, today.weights, params)
    if facility.visits > 0.0:
        inflation += leniency(1.0, now.separated, today.left, params.assessment)
    measured = composite(facility, setting.area[0], today.weights, site.hospital)
    honest = honest_score(measured, inflation, district.bias)
    inflation += gamed(honest, facility.stake, setting, now, today.left, params)
    facility.score = recorded_score(measured, inflation, district.bias, chance.assessment, params.assessment)
