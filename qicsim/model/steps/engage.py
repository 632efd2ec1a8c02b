"""One facility's team: joining, lapsing, coming back, graduating; turnover, capability and the choice of a topic."""

from __future__ import annotations

import math

from qicsim.ground.compiled import compiled, compiled_into_callers
from qicsim.ground.randomness import REJOINING, TOPIC, normal_of, unit, words
from qicsim.model.columns import ACTIVE, CLIENT, GRADUATED, LAPSED, NO_TOPIC, NOT_KNOWN
from qicsim.model.levers import TOPICS_SCORED, TOPICS_TEAM, TOPICS_WAVE
from qicsim.model.mechanisms.capability import capability_after_coaching, capability_after_training
from qicsim.model.mechanisms.ceilings import headroom
from qicsim.model.mechanisms.fading import support_kept
from qicsim.model.mechanisms.team import lapse_probability, personal_rate, responds_after_all
from qicsim.model.mechanisms.topic import NEAR_CEILING, topic_tilt, topic_utility
from qicsim.model.mechanisms.turnover import capability_after_turnover


@compiled_into_callers
def join_lapse_graduate(facility, site, district, chance, now, today, params, key):
    """Status of the team this month; what it gets of the district's visits and support."""
    if facility.joins_now == 1:
        join(facility, site, today, params, key)
    elif facility.status == ACTIVE:
        facility.months_in += 1
        facility.months_active += 1
        leave_or_stay(facility, site, district, chance, now, today, params)
    if facility.ever == 1:
        get_support(facility, district, now, params)


@compiled
def join(facility, site, today, params, key):
    """A facility joins, or joins again, and its team is trained; one that did not respond may this time."""
    if facility.ever == 1 and facility.rate == 0.0:
        drawn = words(key, site.identity, today.month, REJOINING, 0)
        if responds_after_all(unit(drawn[0]), params.team):
            facility.rate = personal_rate(normal_of(unit(drawn[1])), params.team)
    facility.joins_now = 0
    facility.status = ACTIVE
    facility.ever = 1
    facility.months_in = 0
    facility.months_on = 0
    facility.topic = NO_TOPIC
    facility.capability = capability_after_training(facility.capability, params.capability)


@compiled
def leave_or_stay(facility, site, district, chance, now, today, params):
    """An active team graduates, is closed with the programme, or lapses: when it was seen to leave, or by chance."""
    if today.known_joins and site.left != NOT_KNOWN:
        if today.month >= site.left:
            facility.status = GRADUATED if facility.months_in >= now.programme_months else LAPSED
    elif facility.months_in >= now.programme_months:
        facility.status = GRADUATED
    elif not today.supported:
        facility.status = GRADUATED if facility.months_in >= now.cycle_months else LAPSED
    else:
        probability = lapse_probability(district.leadership, facility.support, facility.lead_left, params.team)
        if chance.lapse < probability:
            facility.status = LAPSED


@compiled
def get_support(facility, district, now, params):
    """Visits and support of a facility that ever joined."""
    facility.visits = 0.0
    facility.support = support_kept(0.0, now.institutionalised, params.fading)
    if facility.status == ACTIVE:
        facility.visits = district.visits_active
        facility.support = district.support_active
    elif facility.status == GRADUATED:
        facility.visits = district.visits_graduated
        facility.support = district.support_graduated


@compiled_into_callers
def staff_turnover(facility, chance, now, today, params):
    """A trained key member may leave and take capability along."""
    if facility.ever == 0:
        return
    facility.lead_left = 0.0
    if chance.turnover < today.leaving:
        facility.lead_left = 1.0
        facility.capability = capability_after_turnover(facility.capability, now.cpd, now.preservice, params.turnover)


@compiled_into_callers
def build_capability(facility, district, params):
    """Coaching builds the capability of active and graduated teams, by what visits give, whatever policy keeps up."""
    if facility.visits > 0.0:
        coaching = district.coaching_active if facility.status == ACTIVE else district.coaching_graduated
        facility.capability = capability_after_coaching(facility.capability, coaching, params.capability)


@compiled
def choose_topic(facility, site, areas, programme, now, today, params, key):
    """An active team without a topic, or at the end of a cycle, chooses the next one."""
    if facility.status != ACTIVE:
        return
    facility.months_on += 1
    facility.topic_months += 1
    if facility.topic == NO_TOPIC or facility.months_on > now.cycle_months:
        before = facility.topic
        facility.months_on = 1
        facility.topic = best_topic(facility, site, areas, programme, now, today, params, key)
        if before == NO_TOPIC or facility.topic != before:
            facility.topic_months = 1


@compiled
def best_topic(facility, site, areas, programme, now, today, params, key):
    """The area with the largest utility; -1 if nothing may be chosen."""
    kind = site.hospital
    best, most = NO_TOPIC, -math.inf
    roomiest, widest = NO_TOPIC, -1.0
    least = 0.0 if now.topics == TOPICS_TEAM else NEAR_CEILING
    block = words(key, site.identity, today.month, TOPIC, 0)
    for a in range(areas.dimension.size):
        if a % 4 == 0 and a > 0:
            block = words(key, site.identity, today.month, TOPIC, a // 4)
        scored = areas.weight[today.weights, kind, a] > 0.0
        room = headroom(facility.quality[a], programme.ceiling[a])
        if not may_be_topic(a, scored, areas.preference[kind, a], now):
            continue
        if room > widest:
            roomiest, widest = a, room
        if room >= least:
            tilt = topic_tilt(facility.stake, scored, now.tablets, areas.dimension[a] == CLIENT,
                              now.accreditation * kind, areas.standards[a], params.topic)
            utility = topic_utility(areas.preference[kind, a], room, tilt, unit(block[a % 4]), params.topic)
            if utility > most:
                best, most = a, utility
    return roomiest if best == NO_TOPIC else best


@compiled
def may_be_topic(a, scored, preference, now):
    """Whether an area is among those that a team may choose, whatever its headroom."""
    if now.topics == TOPICS_SCORED and not scored:
        return False
    if now.topics == TOPICS_WAVE and (now.wave_topics >> a) & 1 == 0:
        return False
    return preference > 0.0
