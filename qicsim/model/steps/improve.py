"""True quality of one facility changes; every change is booked in its ledger."""

from __future__ import annotations

from qicsim.ground.compiled import compiled
from qicsim.ground.randomness import LUCK as LUCK_PURPOSE
from qicsim.ground.randomness import normal_of, unit, words
from qicsim.model.columns import ACTIVE, STRUCTURE
from qicsim.model.ledger import (
    ACCREDITED,
    ATTENTION,
    DRIFT,
    FADING,
    INCENTIVE,
    INITIAL,
    LUCK,
    PDSA,
    RESOURCES,
    SPILLOVER,
)
from qicsim.model.ledger import EXCHANGE as EXCHANGED
from qicsim.model.ledger import PEERS as FROM_PEERS
from qicsim.model.ledger import SESSION as IN_SESSION
from qicsim.model.levers import WEIGHTS_NQEM
from qicsim.model.mechanisms.accreditation import accreditation_gain
from qicsim.model.mechanisms.ceilings import ceiling_of, headroom, mid_gap
from qicsim.model.mechanisms.drift import drift_change
from qicsim.model.mechanisms.exchange import ADOPTION_MONTHS
from qicsim.model.mechanisms.fading import faded
from qicsim.model.mechanisms.interaction import interaction_factor
from qicsim.model.mechanisms.luck import luck_change
from qicsim.model.mechanisms.pbf import (
    attention_gain,
    incentive_gain,
    motivated_effort,
    reference_spending,
    resources_gain,
    spent,
)
from qicsim.model.mechanisms.pdsa import closing_rate, gain, ideas_tested, spill_rate, traction
from qicsim.model.mechanisms.peers import peer_gain, peer_gain_threshold
from qicsim.model.mechanisms.session import session_gain
from qicsim.model.mechanisms.transfer import reach


@compiled
def weight_of(a, areas, site):
    """Weight of an area in true quality: that of today's NQEM."""
    return areas.weight[WEIGHTS_NQEM, site.hospital, a]


@compiled
def room_of(a, facility, areas, params):
    """Points left below the ceiling of an area."""
    return headroom(facility.quality[a], ceiling_of(areas.broad[a], params.ceilings))


@compiled
def gap_of(a, facility, areas, params):
    """Headroom of an area relative to that at mid scale."""
    return mid_gap(facility.quality[a], ceiling_of(areas.broad[a], params.ceilings))


@compiled
def add(facility, a, change, weight, line):
    """Add a change to an area's quality and book it."""
    facility.quality[a] += change
    facility.ledger[line] += weight * change


@compiled
def add_gain(facility, a, change, weight, line, fragile):
    """Add a team's gain, of which the share `fragile` fades without support."""
    add(facility, a, change, weight, line)
    facility.fragile[a] += fragile * change


@compiled
def enter(facility, site, areas, today):
    """A facility that opens this month enters the ledger."""
    if site.opened == today.month and today.month > 0:
        facility.ledger[INITIAL] = composite(facility, areas, WEIGHTS_NQEM, site.hospital)


@compiled
def composite(facility, areas, weights, kind):
    """Composite of a facility's true quality under a set of weights, points."""
    total = 0.0
    for a in range(areas.dimension.size):
        total += areas.weight[weights, kind, a] * facility.quality[a]
    return total


@compiled
def improve_by_pdsa(facility, site, district, areas, today, params):
    """Active teams test ideas; after their lag those that respond gain on their topic and beside it."""
    if facility.status != ACTIVE:
        return
    facility.ideas += ideas_tested(facility.support, params.pdsa)
    if facility.months_active <= facility.lag:
        return
    working = traction(facility.support, district.leadership, facility.capability, facility.motivation,
                       structure_quality(facility, areas), params.pdsa)
    factor = interaction_factor(facility.stake, params.interaction)
    closing = closing_rate(facility.rate, working, factor, params.pdsa)
    if closing <= 0.0:
        return
    for a in range(areas.dimension.size):
        room, weight = room_of(a, facility, areas, params), weight_of(a, areas, site)
        if a == facility.topic:
            add_gain(facility, a, gain(closing, room), weight, PDSA, today.fragile)
        else:
            rate = spill_rate(closing, areas.dimension[a] == STRUCTURE, params.pdsa)
            add_gain(facility, a, gain(rate, room), weight, SPILLOVER, today.fragile)


@compiled
def structure_quality(facility, areas):
    """Mean true quality of the structure areas, points."""
    total, count = 0.0, 0
    for a in range(areas.dimension.size):
        if areas.dimension[a] == STRUCTURE:
            total += facility.quality[a]
            count += 1
    return total / max(count, 1)


@compiled
def attend_session(facility, site, district, areas, today, params):
    """An active team closes part of the gap to its collaborative's benchmark, on its topic."""
    if not today.session or facility.status != ACTIVE or facility.topic < 0:
        return
    a = facility.topic
    ahead = reach(district.benchmark[a], facility.quality[a], params.transfer)
    change = min(session_gain(ahead, today.attendance, params.session), room_of(a, facility, areas, params))
    add_gain(facility, a, change, weight_of(a, areas, site), IN_SESSION, today.fragile)


@compiled
def adopt_from_exchange(facility, site, areas, today, params):
    """In the two months after an exchange visit a team adopts what it saw."""
    since = today.month - facility.exchange_month
    if since < 1 or since > ADOPTION_MONTHS:
        return
    a = facility.exchange_area
    change = min(facility.exchange_gain, room_of(a, facility, areas, params))
    add_gain(facility, a, change, weight_of(a, areas, site), EXCHANGED, today.fragile)


@compiled
def learn_from_peers(facility, site, areas, today, params):
    """Once a quarter a facility picks up practice from those that it is tied to."""
    if not today.quarter_opens:
        return
    for a in range(areas.dimension.size):
        quality, mean = facility.quality[a], facility.peers_mean[a]
        if today.threshold_contagion == 1:
            change = peer_gain_threshold(mean, facility.peers_better[a], quality, params.peers)
        else:
            change = peer_gain(mean, quality, params.peers)
        add(facility, a, min(change, room_of(a, facility, areas, params)), weight_of(a, areas, site), FROM_PEERS)


@compiled
def respond_to_pbf(facility, site, areas, money, today, params):
    """Money buys structure; being measured and the bonus move scored areas."""
    kind = site.hospital
    outlay = spent(facility.in_hand)
    facility.in_hand -= outlay
    ratio = outlay / reference_spending(money.grant[kind], money.performance_pay[kind])
    motivated = motivated_effort(facility.motivation)
    for a in range(areas.dimension.size):
        gap, weight = gap_of(a, facility, areas, params), weight_of(a, areas, site)
        if areas.dimension[a] == STRUCTURE:
            bought = min(resources_gain(ratio, gap, params.pbf), room_of(a, facility, areas, params))
            add(facility, a, bought, weight, RESOURCES)
        if areas.weight[today.weights, kind, a] > 0.0:
            add(facility, a, attention_gain(today.habit, gap, params.pbf), weight, ATTENTION)
            add(facility, a, incentive_gain(today.habit, facility.stake, motivated, gap, params.pbf), weight, INCENTIVE)


@compiled
def prepare_for_accreditation(facility, site, areas, now, params):
    """Hospitals that prepare for accreditation attend to its standards."""
    preparing = site.hospital * now.accreditation
    if preparing <= 0.0:
        return
    for a in range(areas.dimension.size):
        gap = gap_of(a, facility, areas, params)
        change = accreditation_gain(preparing, areas.standards[a], gap, params.accreditation)
        add(facility, a, change, weight_of(a, areas, site), ACCREDITED)


@compiled
def drift_along(facility, site, areas, params):
    """Secular drift of every area, never below 0."""
    for a in range(areas.dimension.size):
        change = max(drift_change(gap_of(a, facility, areas, params), params.drift), -facility.quality[a])
        add(facility, a, change, weight_of(a, areas, site), DRIFT)


@compiled
def have_luck(facility, site, areas, today, params, key):
    """The luck of a quarter, drawn in its first month."""
    if not today.quarter_opens:
        return
    block = words(key, site.identity, today.month, LUCK_PURPOSE, 0)
    z = normal_of(unit(block[3]))
    for a in range(areas.dimension.size):
        if a % 3 == 0 and a > 0:
            block = words(key, site.identity, today.month, LUCK_PURPOSE, a // 3)
        room = room_of(a, facility, areas, params)
        change = luck_change(facility.quality[a], room, z, normal_of(unit(block[a % 3])), params.luck)
        add(facility, a, change, weight_of(a, areas, site), LUCK)


@compiled
def fade(facility, site, areas, today):
    """Fragile gains fade where support is missing; a gain is never more fragile than quality is high."""
    if facility.ever == 0:
        return
    for a in range(areas.dimension.size):
        fragile = min(facility.fragile[a], facility.quality[a])
        lost = faded(fragile, facility.support, today.fade_loss)
        facility.fragile[a] = fragile - lost
        add(facility, a, -lost, weight_of(a, areas, site), FADING)


@compiled
def add_up(facility, site, areas):
    """The true composite of the month."""
    facility.true_score = composite(facility, areas, WEIGHTS_NQEM, site.hospital)
