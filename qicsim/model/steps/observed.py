"""What is known of real facilities: teams that joined and left in the past, and scores to start from."""

from __future__ import annotations

from qicsim.ground.compiled import compiled
from qicsim.ground.randomness import OBSERVED_LEVEL, normal
from qicsim.model.columns import NOT_LAUNCHED, WEIGHTS_NQEM
from qicsim.model.ledger import INITIAL
from qicsim.model.mechanisms.assessment import honest_score, leniency, recorded_score, visit_day_rise
from qicsim.model.mechanisms.ceilings import headroom
from qicsim.model.mechanisms.clients import satisfaction_of
from qicsim.model.mechanisms.observed import HALVINGS, area_start, fragile_within, moved_along, observed_level, shifted
from qicsim.model.steps.begin import client_quality, gamed, stake_at
from qicsim.model.steps.improve import composite

WIDEST = 100.0


@compiled
def join_as_observed(today, setting, now, state):
    """Teams of this month's joiners are formed; a district is launched with its first one."""
    programme = state.programme[0]
    for f in range(state.facility.size):
        site, facility = setting.facility[f], state.facility[f]
        if site.joined == today.month and facility.ever == 0:
            facility.joins_now = 1
            district = state.district[site.district]
            if district.launched == NOT_LAUNCHED:
                district.launched = today.month
                district.launch_quarters = programme.launch_quarters
                state.province[site.province].active = 1
    if today.quarter_opens and now.recruiting == 1:
        programme.launch_quarters += 1.0


@compiled
def start_from_levels(today, setting, now, params, state, key):
    """Facilities whose observed level belongs to this month take it over."""
    if today.month > state.programme[0].levels_until:
        return
    for f in range(state.facility.size):
        site = setting.facility[f]
        if site.level_month == today.month and site.opened <= today.month:
            take_over(state.facility[f], site, state.district[site.district], state.programme[0], setting, now,
                      today, params, key)


@compiled
def take_over(facility, site, district, programme, setting, now, today, params, key):
    """The facility's true quality becomes what its observed level means under this draw."""
    areas = setting.area[0]
    level = observed_level(site.level, site.level_sd, normal(key, site.identity, 0, OBSERVED_LEVEL))
    facility.score = level
    facility.stake = stake_at(level, programme, now)
    lenient = 0.0
    if facility.visits > 0.0:
        lenient = leniency(facility.visits, now.separated, today.left, params.assessment)
    start_areas(facility, site)
    shift_areas(facility, programme, shift_for(level, lenient, facility, site, district, programme, setting, now, today,
                                               params))
    facility.ledger[INITIAL] -= facility.true_score
    facility.true_score = composite(facility, areas, WEIGHTS_NQEM, site.hospital)
    facility.ledger[INITIAL] += facility.true_score
    satisfied = satisfaction_of(client_quality(facility, areas), facility.true_score, params.clients)
    facility.trust = moved_along(facility.trust, satisfied - facility.satisfaction)
    facility.trust_start = moved_along(facility.trust_start, satisfied - facility.satisfaction)
    facility.satisfaction = satisfied


@compiled
def start_areas(facility, site):
    """Areas with levels of their own lie as far from the composite as these from the level of the total."""
    for a in range(facility.quality.size):
        if site.area_level[a] >= 0.0:
            facility.quality[a] = area_start(facility.true_score, site.area_level[a], site.level)


@compiled
def shift_for(level, lenient, facility, site, district, programme, setting, now, today, params):
    """Points by which all areas move so that the facility would be recorded at its level, but for noise."""
    low, high = -WIDEST, WIDEST
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        seen = seen_after(middle, facility, site, setting.area[0], programme, today.weights, params)
        honest = honest_score(seen, lenient, district.bias)
        extra = gamed(honest, facility.stake, setting, now, today.left, params)
        if recorded_score(seen, lenient + extra, district.bias, 0.0, params.assessment) < level:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@compiled
def seen_after(shift, facility, site, areas, programme, weights, params):
    """Composite with visit-day behaviour after a shift, points."""
    seen = 0.0
    for a in range(areas.dimension.size):
        ceiling, weight = programme.ceiling[a], areas.weight[weights, site.hospital, a]
        quality = shifted(facility.quality[a], shift, ceiling)
        rise = visit_day_rise(weight, areas.watched[a], headroom(quality, ceiling), params.assessment)
        seen += weight * quality + rise
    return seen


@compiled
def shift_areas(facility, programme, shift):
    """Every care area moves by the shift, within its ceiling."""
    for a in range(facility.quality.size):
        facility.quality[a] = shifted(facility.quality[a], shift, programme.ceiling[a])
        facility.fragile[a] = fragile_within(facility.fragile[a], facility.quality[a])
