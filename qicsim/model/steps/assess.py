"""The quarter's NQEM round: assessment, verification, score, and the payment that it fixes."""

from __future__ import annotations

from qicsim.ground.compiled import compiled
from qicsim.ground.randomness import ASSESSMENT, normal
from qicsim.model.columns import ASSESSMENTS, PAYMENT_RING, PBF_PAYMENTS, VERIFICATION
from qicsim.model.mechanisms.assessment import gaming, leniency, recorded_score
from qicsim.model.steps.begin import performance_payment, supplies_money, visit_day
from qicsim.model.steps.improve import composite
from qicsim.model.steps.prices import book, price


@compiled
def hold_round(today, setting, now, params, state, key):
    """Assess every open facility, fix its payment and book what that costs."""
    assess_price = price(ASSESSMENTS, setting, now, params)
    verify_price = price(VERIFICATION, setting, now, params) * now.verification
    for f in range(state.facility.size):
        facility, site = state.facility[f], setting.facility[f]
        if site.opened <= today.month:
            if today.round_held:
                assess(facility, site, state.district[site.district], setting.area[0], now, today, params, key)
                book(site, ASSESSMENTS, assess_price, now, state)
                book(site, VERIFICATION, verify_price, now, state)
            pay(facility, site, setting, now, today, state)


@compiled
def pay(facility, site, setting, now, today, state):
    """Fix the quarter's payment: performance pay only after a round, the grant always."""
    paid = today.pbf if today.round_held else 0.0
    book(site, PBF_PAYMENTS, paid * performance_payment(facility, site, setting, now), now, state)
    arrival = (today.month + now.pay_delay) % PAYMENT_RING
    facility.due[arrival] += supplies_money(facility, site, paid, setting, now)


@compiled
def assess(facility, site, district, areas, now, today, params, key):
    """Record the facility's score."""
    inflation = visit_day(facility, site, areas, today.weights, params)
    inflation += gaming(facility.score, now.threshold, facility.stake, today.left, params.assessment)
    if facility.visits > 0.0:
        inflation += leniency(1.0, now.separated, today.left, params.assessment)
    z = normal(key, site.identity, today.month, ASSESSMENT)
    measured = composite(facility, areas, today.weights, site.hospital)
    facility.score = recorded_score(measured, inflation, district.bias, z, params.assessment)
