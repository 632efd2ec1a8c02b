"""Roll-out, in the first month of a quarter: provinces open, districts are launched, teams are chosen to join."""

from __future__ import annotations

from qicsim.ground.compiled import compiled
from qicsim.ground.randomness import JOINING, uniform
from qicsim.model.columns import ACTIVE, LAPSED, NOT_LAUNCHED, OWN_RETURN
from qicsim.model.levers import ORDER_LARGEST, ORDER_LISTED, ORDER_LOWEST, ORDER_PLAN
from qicsim.model.mechanisms.coaching import coach_capacity
from qicsim.model.mechanisms.rollout import eligible_after, joining_probability, launch_capacity, province_opens
from qicsim.model.mechanisms.team import return_probability
from qicsim.model.steps.budget import joining_price, launching_price, payable_teams

NOTHING = -1
NO_CANDIDATE = 2.0
ROUNDING = 1e-9


@compiled
def launch_districts(today, setting, now, params, state):
    """Launch as many districts as capacity, the scenario and the money allow."""
    programme, launched = state.programme[0], 0
    for d in range(state.district.size):
        launched += state.district[d].launched != NOT_LAUNCHED
    cost = launching_price(setting, now, params)
    programme.launch_credit += launch_capacity(programme.launch_quarters, today.shock, now.launch_boost, params.rollout)
    while programme.launch_credit >= 1.0 and launched + 1 <= now.districts and programme.spare >= cost:
        d = next_district(today, setting, now, params, state)
        if d == NOTHING:
            break
        state.district[d].launched = today.month
        state.district[d].launch_quarters = programme.launch_quarters
        state.province[setting.district[d].province].active = 1
        launched += 1
        programme.launch_credit -= 1.0
        programme.spare -= cost - joining_price(setting, now, params)
    programme.launch_credit = min(programme.launch_credit, 1.0)
    programme.launch_quarters += 1.0


@compiled
def next_district(today, setting, now, params, state):
    """The district that comes next, or -1 when none is left."""
    if now.order == ORDER_PLAN:
        open_provinces(now.provinces, setting, params, state)
        return next_by_plan(setting, state)
    return next_by_rule(now, today, setting, state)


@compiled
def launched_in(province, state):
    """Launched districts of a province."""
    count = 0
    for d in range(province.first, province.end):
        count += state.district[d].launched != NOT_LAUNCHED
    return count


@compiled
def open_provinces(allowed, setting, params, state):
    """Open provinces in the plan's order while the active ones are full enough."""
    launched, districts, active = 0, 0, 0
    for p in range(state.province.size):
        if state.province[p].active:
            launched += launched_in(setting.province[p], state)
            districts += setting.province[p].end - setting.province[p].first
            active += 1
    for p in setting.province_order:
        if active >= allowed or not province_opens(launched, districts, params.rollout):
            return
        if not state.province[p].active:
            state.province[p].active = 1
            districts += setting.province[p].end - setting.province[p].first
            active += 1


@compiled
def next_by_plan(setting, state):
    """The first open district of the active province with the smallest launched share."""
    best, best_share = NOTHING, 1.0
    for p in setting.province_order:
        if state.province[p].active:
            province = setting.province[p]
            share = launched_in(province, state) / (province.end - province.first)
            if share < best_share:
                best, best_share = p, share
    if best != NOTHING:
        for d in range(setting.province[best].first, setting.province[best].end):
            if state.district[d].launched == NOT_LAUNCHED:
                return d
    return NOTHING


@compiled
def next_by_rule(now, today, setting, state):
    """The open district with the best rank among the provinces that the scenario allows."""
    best, best_rank = NOTHING, 0.0
    for i in range(min(now.provinces, setting.province_order.size)):
        province = setting.province[setting.province_order[i]]
        for d in range(province.first, province.end):
            if state.district[d].launched == NOT_LAUNCHED:
                rank = district_rank(setting.district[d], now.order, today, setting, state)
                if best == NOTHING or rank > best_rank:
                    best, best_rank = d, rank
    return best


@compiled
def district_rank(district, order, today, setting, state):
    """Rank of a district under a rule; the largest comes first."""
    if order == ORDER_LARGEST:
        return district.population
    if order == ORDER_LISTED:
        return -float(district.turn)
    mean = mean_score(district, today, setting, state)
    return -mean if order == ORDER_LOWEST else mean


@compiled
def mean_score(district, today, setting, state):
    """Mean last recorded score of a district's open facilities, 0 without any."""
    total, facilities = 0.0, 0
    for f in range(district.first, district.end):
        if setting.facility[f].opened <= today.month:
            total += state.facility[f].score
            facilities += 1
    return total / max(facilities, 1)


@compiled
def choose_joins(today, setting, now, params, state, key):
    """Mark the facilities that join this month."""
    for d in range(state.district.size):
        if state.district[d].launched != NOT_LAUNCHED:
            candidates = rank_candidates(d, today, setting, now, params, state, key)
            if candidates > 0:
                places = places_left(d, today, setting, now, params, state)
                places = min(places, payable_teams(setting, now, params, state))
                mark_first(setting.district[d], places, state)
                joined = min(candidates, places)
                state.programme[0].spare -= joined * joining_price(setting, now, params)


@compiled
def rank_candidates(d, today, setting, now, params, state, key):
    """Rank those that would join by chance, hospitals on launch before the others. Returns how many.

    Their numbers are divided by their probabilities: among those that would join, places are a fair lottery.
    """
    district, site = state.district[d], setting.district[d]
    mean = mean_score(site, today, setting, state)
    ready = today.month - district.launched >= eligible_after(district.launch_quarters, params.rollout)
    candidates = 0
    for f in range(site.first, site.end):
        facility, fixed = state.facility[f], setting.facility[f]
        facility.sort_key = NO_CANDIDATE
        if may_join(facility, fixed, now, today):
            u = uniform(key, fixed.identity, today.month, JOINING)
            if fixed.hospital and facility.ever == 0:
                facility.sort_key = u - 1.0
            elif ready and (fixed.hospital or now.hospitals_only == 0):
                probability = chance_to_join(facility, fixed, district, mean, today, setting, params, state)
                if u < probability:
                    facility.sort_key = u / probability
            candidates += facility.sort_key < NO_CANDIDATE
    return candidates


@compiled
def chance_to_join(facility, fixed, district, mean, today, setting, params, state):
    """Probability that an eligible facility joins, joins again or comes back this quarter."""
    if facility.status == LAPSED and today.lapsed_return == OWN_RETURN:
        return return_probability(district.leadership, params.team)
    share = share_of_peers_joined(fixed, today, setting, state)
    ahead = 0.0 if fixed.hospital else facility.score - mean
    return joining_probability(district.leadership, share, ahead, params.rollout)


@compiled
def may_join(facility, fixed, now, today):
    """Whether an open facility may join: for the first time, or again when re-enrolment is on."""
    if fixed.opened > today.month or facility.status == ACTIVE:
        return False
    return now.recruiting == 1 if facility.ever == 0 else now.reenrol == 1


@compiled
def share_of_peers_joined(fixed, today, setting, state):
    """Share of the tied, open facilities that ever joined."""
    joined, ties = 0, 0
    for i in range(fixed.first_peer, fixed.end_peer):
        if setting.facility[setting.peer[i]].opened <= today.month:
            joined += state.facility[setting.peer[i]].ever
            ties += 1
    return joined / max(ties, 1)


@compiled
def places_left(d, today, setting, now, params, state):
    """Teams that the district's coaches can still take on under the lever `join_floor`; none if nobody funds visits."""
    site, teams = setting.district[d], 0
    if now.join_floor <= 0.0:
        return site.end - site.first
    if now.support == 0:
        return 0
    for f in range(site.first, site.end):
        teams += state.facility[f].status == ACTIVE
    coaches = max(state.district[d].coaches, now.coaches if teams == 0 else 0.0)
    capacity = coach_capacity(coaches, today.available, params.coaching)
    return max(int(capacity / now.join_floor + ROUNDING) - teams, 0)


@compiled
def mark_first(site, places, state):
    """The candidates with the smallest keys take the places, whatever the order of rows."""
    for f in range(site.first, site.end):
        if state.facility[f].sort_key < NO_CANDIDATE:
            ahead = 0
            for g in range(site.first, site.end):
                ahead += state.facility[g].sort_key < state.facility[f].sort_key
            state.facility[f].joins_now = 1 if ahead < places else 0
