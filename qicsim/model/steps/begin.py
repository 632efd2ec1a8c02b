"""The start of a run: traits, initial quality, first scores, districts' leadership, bias and efficacy."""

from __future__ import annotations

from qicsim.ground.compiled import compiled, compiled_for_steps, compiled_into_callers
from qicsim.ground.randomness import (
    DISTRICT_BIAS,
    DISTRICT_EFFICACY,
    INITIAL_AREA,
    INITIAL_FACILITY,
    INITIAL_SCORE,
    LEADERSHIP,
    TRAITS,
    normal,
    normal_of,
    unit,
    words,
)
from qicsim.model.columns import CLIENT, NEVER, NO_AREA, NO_TOPIC, NOT_KNOWN, NOT_LAUNCHED, WEIGHTS_NQEM
from qicsim.model.ledger import INITIAL
from qicsim.model.levers import NO_CEILING
from qicsim.model.mechanisms.assessment import gaming, honest_score, recorded_score, undetected, visit_day_rise
from qicsim.model.mechanisms.capability import UNTRAINED
from qicsim.model.mechanisms.ceilings import ceiling_of, headroom
from qicsim.model.mechanisms.clients import satisfaction_of
from qicsim.model.mechanisms.leadership import leadership_drawn
from qicsim.model.mechanisms.pbf import distance_to_rise, marginal_payment, schedule_payment, stake_effect, stake_of
from qicsim.model.mechanisms.pdsa import district_part
from qicsim.model.mechanisms.start import starting_mean, starting_quality
from qicsim.model.mechanisms.team import personal_lag, personal_rate, responds
from qicsim.model.places import clearing_of_added
from qicsim.model.state import LEAST_SHIFTED, LONG_AGO, STAKE_GRID
from qicsim.model.steps.improve import composite

clear_added = clearing_of_added()


@compiled_for_steps
def begin(setting, levers, params, state, key):
    """Fill every column for the first month; nothing of an earlier run is left."""
    begin_programme(setting, params, state.programme[0])
    for p in range(state.province.size):
        state.province[p].active = 0
        state.province[p].cost[:] = 0.0
    for d in range(state.district.size):
        begin_district(setting.district[d], params, state.district[d], key)
    for f in range(state.facility.size):
        site = setting.facility[f]
        begin_facility(state.facility[f], site, state.district[site.district], state.programme[0], setting, levers[0],
                       params, key)


@compiled
def begin_programme(setting, params, programme):
    """Running totals, when observed levels end, ceilings of care areas, stakes by schedule and score."""
    for a in range(programme.ceiling.size):
        programme.ceiling[a] = ceiling_of(setting.area[0].broad[a], params.ceilings)
    programme.launch_credit = 0.0
    programme.launch_quarters = 0.0
    programme.exchange_credit = 0.0
    programme.exchanges_held = 0.0
    programme.spent_this_year = 0.0
    programme.affordable = 1.0
    programme.spare = NO_CEILING
    programme.pbf_level = 1.0
    programme.pbf_paid = 0.0
    programme.paid_share = 1.0
    programme.novelty_of_measuring = 1.0
    programme.novelty_of_paying = 1.0
    programme.levels_until = NOT_KNOWN
    for f in range(setting.facility.size):
        programme.levels_until = max(programme.levels_until, setting.facility[f].level_month)
    for i in range(setting.schedule.size):
        schedule = setting.schedule[i]
        for place in range(STAKE_GRID):
            programme.stakes[i, place] = marginal_payment(float(place + LEAST_SHIFTED), schedule.start, schedule.pay,
                                                          schedule.slope, params.pbf.bunch_w)


@compiled
def begin_district(site, params, district, key):
    """Leadership, assessor bias and efficacy; no coaches, no teams."""
    district.chief = leadership_drawn(normal(key, site.identity, 0, LEADERSHIP), params.leadership)
    district.leadership = district.chief
    district.bias = params.assessment.dist_bias * normal(key, site.identity, 0, DISTRICT_BIAS)
    district.efficacy = district_part(normal(key, site.identity, 0, DISTRICT_EFFICACY), params.pdsa)
    district.launched = NOT_LAUNCHED
    district.launch_quarters = 0.0
    district.coaches = 0.0
    district.trained = 0.0
    district.active_teams = 0
    district.graduated_teams = 0
    district.visits_active = 0.0
    district.visits_graduated = 0.0
    district.support_active = 0.0
    district.support_graduated = 0.0
    district.coaching_active = 0.0
    district.coaching_graduated = 0.0
    district.fades_active = 0.0
    district.fades_graduated = 0.0
    district.benchmark[:] = 0.0


@compiled
def begin_facility(facility, site, district, programme, setting, now, params, key):
    """Traits, quality, score, money and trust of one facility."""
    clear(facility)
    trait = words(key, site.identity, 0, TRAITS, 0)
    responder = responds(unit(trait[0]), params.team)
    facility.rate = personal_rate(normal_of(unit(trait[1])), params.team) if responder else 0.0
    facility.lag = personal_lag(unit(trait[2]), params.team)
    draw_quality(facility, site, setting.area[0], programme, params, key)
    facility.true_score = composite(facility, setting.area[0], WEIGHTS_NQEM, site.hospital)
    facility.ledger[INITIAL] = facility.true_score
    facility.score = first_score(facility, site, district, programme, setting, now, params, key)
    performance = float(now.pbf) * performance_payment(facility, site, programme, setting, now)
    facility.in_hand = supplies_money(performance, site, programme, setting, now)
    for arrival in range(now.pay_delay - 1, -1, -3):
        facility.due[arrival] = facility.in_hand
    client = client_quality(facility, setting.area[0])
    facility.satisfaction = satisfaction_of(client, facility.true_score, params.clients)
    facility.trust = facility.satisfaction
    facility.trust_start = facility.satisfaction


@compiled
def clear(facility):
    """No team, no support, nothing learnt, no money."""
    facility.fragile[:] = 0.0
    facility.peers_mean[:] = 0.0
    facility.peers_better[:] = 0.0
    facility.ledger[:] = 0.0
    facility.due[:] = 0.0
    facility.status = NEVER
    facility.ever = 0
    facility.joins_now = 0
    facility.months_in = 0
    facility.months_active = 0
    facility.months_on = 0
    facility.topic_months = 0
    facility.topic = NO_TOPIC
    facility.lead_left = 0.0
    facility.capability = UNTRAINED
    facility.motivation = 0.0
    facility.visits = 0.0
    facility.support = 0.0
    facility.ideas = 0.0
    facility.stake = 0.0
    facility.exchange_month = LONG_AGO
    facility.exchange_area = NO_AREA
    facility.exchange_gain = 0.0
    facility.use = 1.0
    facility.sort_key = 0.0
    facility.taken = 0
    clear_added(facility)


@compiled
def draw_quality(facility, site, areas, programme, params, key):
    """True quality of every area of a facility."""
    z = normal(key, site.identity, 0, INITIAL_FACILITY)
    block = words(key, site.identity, 0, INITIAL_AREA, 0)
    for a in range(areas.dimension.size):
        if a % 4 == 0 and a > 0:
            block = words(key, site.identity, 0, INITIAL_AREA, a // 4)
        mean = starting_mean(areas.start[a], site.hospital, params.start)
        z_area = normal_of(unit(block[a % 4]))
        facility.quality[a] = starting_quality(mean, programme.ceiling[a], params.start, z, z_area)


@compiled
def first_score(facility, site, district, programme, setting, now, params, key):
    """The last score recorded before the run: nobody was coached, and the stake is that at the honest score."""
    rise = visit_day(facility, site, setting.area[0], programme, now.weights, params)
    z = normal(key, site.identity, 0, INITIAL_SCORE)
    measured = composite(facility, setting.area[0], now.weights, site.hospital)
    honest = honest_score(measured, rise, district.bias)
    left = undetected(now.verification, params.assessment)
    rise += gamed(honest, stake_at(honest, programme, now), setting, now, left, params)
    return recorded_score(measured, rise, district.bias, z, params.assessment)


@compiled_into_callers
def gamed(honest, stake, setting, now, left, params):
    """Points that gaming adds to an honest score under the month's payment."""
    schedule = setting.schedule[now.schedule]
    distance = distance_to_rise(honest - now.pay_standard, schedule.start, schedule.pay, schedule.slope)
    return gaming(distance, stake, left, params.assessment)


@compiled
def stake_at(score, programme, now):
    """Effect of the payment stake at a score: the stakes are tabulated by whole points, linear in between."""
    table = programme.stakes[now.schedule]
    place = score - now.pay_standard - LEAST_SHIFTED
    low = min(int(place), table.size - 2)
    marginal = table[low] + (place - low) * (table[low + 1] - table[low])
    size = now.pbf_size * programme.pbf_level * programme.paid_share
    return stake_effect(now.pbf * stake_of(marginal, now.staff_share, size))


@compiled_into_callers
def visit_day(facility, site, areas, programme, weights, params):
    """Points that behaviour on the visit day adds to the recorded score."""
    rise = 0.0
    for a in range(areas.dimension.size):
        room = headroom(facility.quality[a], programme.ceiling[a])
        weight = areas.weight[weights, site.hospital, a]
        rise += visit_day_rise(weight, areas.watched[a], room, params.assessment)
    return rise


@compiled_into_callers
def supplies_money(performance, site, programme, setting, now):
    """Money for supplies that a quarter brings, US$: the grant, and the facility's part of the performance pay."""
    return programme.pbf_level * setting.money[0].grant[site.hospital] + (1.0 - now.staff_share) * performance


@compiled_into_callers
def performance_payment(facility, site, programme, setting, now):
    """Performance payment that the last recorded score earns, before any envelope, US$."""
    schedule = setting.schedule[now.schedule]
    share = schedule_payment(facility.score - now.pay_standard, schedule.start, schedule.pay, schedule.slope)
    return share * now.pbf_size * programme.pbf_level * setting.money[0].performance_pay[site.hospital]


@compiled_into_callers
def client_quality(facility, areas):
    """Mean true quality of the areas that clients experience, points."""
    total, count = 0.0, 0
    for a in range(areas.dimension.size):
        if areas.dimension[a] == CLIENT:
            total += facility.quality[a]
            count += 1
    return total / max(count, 1)
