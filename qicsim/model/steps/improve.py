"""True quality of one facility changes; every change is booked in its ledger."""

from __future__ import annotations

from qicsim.ground.compiled import compiled, compiled_into_callers
from qicsim.model.columns import ACTIVE, GRADUATED, STRUCTURE, THRESHOLD_CONTAGION, WEIGHTS_NQEM
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
from qicsim.model.mechanisms.accreditation import accreditation_gain
from qicsim.model.mechanisms.ceilings import headroom, mid_gap
from qicsim.model.mechanisms.drift import drift_change
from qicsim.model.mechanisms.exchange import ADOPTION_MONTHS
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
from qicsim.model.mechanisms.team import drive
from qicsim.model.mechanisms.transfer import reach


@compiled
def add_gain(facility, site, a, change, line, areas, today):
    """Add a team's gain to an area's quality and book it; a share of it fades without support."""
    facility.quality[a] += change
    facility.ledger[line] += areas.weight[WEIGHTS_NQEM, site.hospital, a] * change
    facility.fragile[a] += today.fragile * change


@compiled_into_callers
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
def no_more_gains(facility, today):
    """Whether a team has worked so long that it gains nothing more (structure `growth` = plateau)."""
    return facility.months_active > today.gaining_months


@compiled
def topic_used_up(facility, today):
    """Whether a team gains nothing more from its topic (structure `growth` = topic-plateau), or from any."""
    return facility.topic_months > today.topic_months or no_more_gains(facility, today)


@compiled
def efficacy_here(district, today, params):
    """Efficacy of collaboratives in a district."""
    return params.pdsa.efficacy * (district.efficacy if today.districts_differ else 1.0)


@compiled_into_callers
def improve_by_pdsa(facility, site, district, areas, programme, today, params):
    """Active teams test ideas; after their lag those that respond gain on their topic and beside it."""
    if facility.status != ACTIVE:
        return
    facility.ideas += ideas_tested(facility.support, params.pdsa)
    if facility.rate == 0.0 or facility.months_active <= facility.lag or topic_used_up(facility, today):
        return
    working = traction(facility.support, district.leadership, facility.capability, facility.motivation,
                       structure_quality(facility, areas), params.pdsa)
    factor = interaction_factor(facility.stake, params.interaction)
    rate = facility.rate * drive(facility.months_in, params.team)
    closing = closing_rate(rate, working, factor, efficacy_here(district, today, params), params.pdsa)
    if closing > 0.0:
        close_gaps(closing, facility, site, areas, programme, today, params)


@compiled_into_callers
def close_gaps(closing, facility, site, areas, programme, today, params):
    """A team at work closes the share `closing` of the headroom on its topic, and less of it elsewhere."""
    quality, weight, spilled = facility.quality, areas.weight[WEIGHTS_NQEM, site.hospital], facility.ledger[SPILLOVER]
    beside, on_structure = spill_rate(closing, False, params.pdsa), spill_rate(closing, True, params.pdsa)
    for a in range(quality.size):
        room = headroom(quality[a], programme.ceiling[a])
        rate = on_structure if areas.dimension[a] == STRUCTURE else beside
        change = gain(closing if a == facility.topic else rate, room)
        quality[a] += change
        facility.fragile[a] += today.fragile * change
        if a == facility.topic:
            facility.ledger[PDSA] += weight[a] * change
        else:
            spilled += weight[a] * change
    facility.ledger[SPILLOVER] = spilled


@compiled_into_callers
def structure_quality(facility, areas):
    """Mean true quality of the structure areas, points."""
    total, count = 0.0, 0
    for a in range(areas.dimension.size):
        if areas.dimension[a] == STRUCTURE:
            total += facility.quality[a]
            count += 1
    return total / max(count, 1)


@compiled_into_callers
def attend_session(facility, site, district, areas, programme, today, params):
    """An active team closes part of the gap to its collaborative's benchmark, on its topic."""
    if not today.session or facility.status != ACTIVE or facility.topic < 0 or topic_used_up(facility, today):
        return
    a = facility.topic
    ahead = reach(district.benchmark[a], facility.quality[a], params.transfer)
    room = headroom(facility.quality[a], programme.ceiling[a])
    learnt = efficacy_here(district, today, params) * session_gain(ahead, today.attendance, params.session)
    change = min(learnt, room)
    add_gain(facility, site, a, change, IN_SESSION, areas, today)


@compiled_into_callers
def adopt_from_exchange(facility, site, district, areas, programme, today, params):
    """In the two months after an exchange visit a team adopts what it saw."""
    since = today.month - facility.exchange_month
    if since < 1 or since > ADOPTION_MONTHS or no_more_gains(facility, today):
        return
    a = facility.exchange_area
    learnt = efficacy_here(district, today, params) * facility.exchange_gain
    change = min(learnt, headroom(facility.quality[a], programme.ceiling[a]))
    add_gain(facility, site, a, change, EXCHANGED, areas, today)


@compiled_into_callers
def learn_from_peers(facility, site, areas, programme, today, params):
    """Once a quarter a facility picks up practice from those that it is tied to."""
    if not today.quarter_opens:
        return
    quality, weight, booked = facility.quality, areas.weight[WEIGHTS_NQEM, site.hospital], facility.ledger[FROM_PEERS]
    for a in range(quality.size):
        learnt = peer_gain(facility.peers_mean[a], quality[a], params.peers)
        if today.contagion == THRESHOLD_CONTAGION:
            learnt = peer_gain_threshold(facility.peers_mean[a], facility.peers_better[a], quality[a], params.peers)
        change = min(learnt, headroom(quality[a], programme.ceiling[a]))
        quality[a] += change
        booked += weight[a] * change
    facility.ledger[FROM_PEERS] = booked


@compiled_into_callers
def respond_to_pbf(facility, site, areas, programme, money, today, params):
    """Money buys structure; being measured and the bonus move scored areas."""
    kind, ledger, quality = site.hospital, facility.ledger, facility.quality
    weight, scored = areas.weight[WEIGHTS_NQEM, kind], areas.weight[today.weights, kind]
    outlay = spent(facility.in_hand)
    facility.in_hand -= outlay
    ratio = outlay / reference_spending(money.grant[kind], money.performance_pay[kind])
    motivated = motivated_effort(facility.motivation)
    # Gains where the gap is 1, at mid scale: all of them are in proportion to it.
    bought_at_mid = resources_gain(ratio, 1.0, params.pbf)
    attended_at_mid = attention_gain(today.novelty_of_measuring, 1.0, params.pbf)
    rewarded_at_mid = incentive_gain(today.novelty_of_paying, facility.stake, motivated, 1.0, params.pbf)
    resources, attention, incentive = ledger[RESOURCES], ledger[ATTENTION], ledger[INCENTIVE]
    for a in range(quality.size):
        moved, room = quality[a], headroom(quality[a], programme.ceiling[a])
        gap = mid_gap(quality[a], programme.ceiling[a])
        if areas.dimension[a] == STRUCTURE:
            bought = min(bought_at_mid * gap, room)
            moved += bought
            resources += weight[a] * bought
        if scored[a] > 0.0:
            attended, rewarded = attended_at_mid * gap, rewarded_at_mid * gap
            moved = moved + attended + rewarded
            attention += weight[a] * attended
            incentive += weight[a] * rewarded
        quality[a] = moved
    ledger[RESOURCES], ledger[ATTENTION], ledger[INCENTIVE] = resources, attention, incentive


@compiled_into_callers
def prepare_for_accreditation(facility, site, areas, programme, now, params):
    """Hospitals that prepare for accreditation attend to its standards."""
    preparing = site.hospital * now.accreditation
    if preparing <= 0.0:
        return
    quality, weight, booked = facility.quality, areas.weight[WEIGHTS_NQEM, site.hospital], facility.ledger[ACCREDITED]
    for a in range(quality.size):
        gap = mid_gap(quality[a], programme.ceiling[a])
        change = accreditation_gain(preparing, areas.standards[a], gap, params.accreditation)
        quality[a] += change
        booked += weight[a] * change
    facility.ledger[ACCREDITED] = booked


@compiled_into_callers
def drift_along(facility, site, areas, programme, params):
    """Secular drift of every area, never below 0."""
    quality, weight, booked = facility.quality, areas.weight[WEIGHTS_NQEM, site.hospital], facility.ledger[DRIFT]
    for a in range(quality.size):
        change = max(drift_change(mid_gap(quality[a], programme.ceiling[a]), params.drift), -quality[a])
        quality[a] += change
        booked += weight[a] * change
    facility.ledger[DRIFT] = booked


@compiled_into_callers
def have_luck(facility, site, areas, programme, chance, today, params):
    """The luck of a quarter, had in its first month."""
    if not today.quarter_opens:
        return
    quality, weight, booked = facility.quality, areas.weight[WEIGHTS_NQEM, site.hospital], facility.ledger[LUCK]
    for a in range(quality.size):
        room = headroom(quality[a], programme.ceiling[a])
        change = luck_change(quality[a], room, chance.facility, chance.area[a], params.luck)
        quality[a] += change
        booked += weight[a] * change
    facility.ledger[LUCK] = booked


@compiled_into_callers
def fade(facility, site, district, areas, today):
    """Fragile gains fade, the less the more support there is; a gain is never more fragile than quality is high."""
    if facility.ever == 0:
        return
    share = today.fades
    if facility.status == ACTIVE:
        share = district.fades_active
    elif facility.status == GRADUATED:
        share = district.fades_graduated
    quality, weight, booked = facility.quality, areas.weight[WEIGHTS_NQEM, site.hospital], facility.ledger[FADING]
    for a in range(quality.size):
        fragile = min(facility.fragile[a], quality[a])
        change = -share * fragile
        facility.fragile[a] = fragile + change
        quality[a] += change
        booked += weight[a] * change
    facility.ledger[FADING] = booked


@compiled_into_callers
def add_up(facility, site, areas):
    """The true composite of the month."""
    facility.true_score = composite(facility, areas, WEIGHTS_NQEM, site.hospital)
