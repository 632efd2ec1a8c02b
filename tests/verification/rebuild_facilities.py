"""All open facilities of the rebuilt model live a month, in the order of `facility_month`. Numbers are sections."""

from __future__ import annotations

from math import sqrt

import numpy as np

from tests.verification.rebuild_data import (
    ACTIVE,
    CLIENT,
    GRADUATED,
    LAPSED,
    LINE,
    PLATEAU,
    SPLIT,
    STRUCTURE,
    THRESHOLD,
    TOPIC_PLATEAU,
)
from tests.verification.rebuild_numbers import quantile, unit
from tests.verification.rebuild_programme import coaching_support
from tests.verification.rebuild_scores_and_costs import (
    clients_satisfied,
    headroom,
    mean_quality,
    stake_at,
    true_composite,
)

TEAMS_TOPICS, WAVE_TOPICS, SCORED_TOPICS = range(3)


def live(run, now):
    """The steps of `facility_month` in their order."""
    enter(run, now)
    join_lapse_graduate(run, now)
    build_capability(run, now)
    receive_money(run, now)
    active = np.flatnonzero(run.open.status == ACTIVE)
    if active.size:
        choose_topics(run, now, active)
        improve_by_pdsa(run, now, active)
        if now.session:
            attend_session(run, now, active)
    adopt_from_exchange(run, now)
    if now.first:
        learn_from_peers(run)
    respond_to_pbf(run, now)
    if now.lever.accreditation > 0:
        prepare_for_accreditation(run, now)
    drift_along(run)
    if now.first:
        have_luck(run, now)
    fade(run, now)
    run.open.true_score[:] = true_composite(run.open)
    motivate(run, now)
    serve_clients(run, now)


def add(f, change, line, fragile=0.0):
    """7.1: changes of all areas and facilities."""
    f.quality += change
    f.ledger[LINE[line]] += np.einsum("af,af->f", f.weights[0], change)
    if fragile:
        f.fragile += fragile * change


def add_at(f, areas, who, change, line, fragile):
    """7.1: a change in one area of each of some facilities."""
    f.quality[areas, who] += change
    f.ledger[LINE[line], who] += f.weights[0, areas, who] * change
    f.fragile[areas, who] += fragile * change


def enter(run, now):
    """3, `enter`."""
    enters = np.flatnonzero(run.open.opened == now.month)
    if enters.size and now.month > 0:
        run.open.ledger[LINE["initial"], enters] = true_composite(run.open)[enters]


# ------------------------------------------------------------------------------------------------------------- teams


def join_lapse_graduate(run, now):
    """7.10; what 7.7 gives; and 7.11: a key member may leave."""
    f = run.open
    np.copyto(f.joined, f.joins_now)
    f.joins_now[:] = 0
    joined, active = f.joined == 1, f.status == ACTIVE
    may_respond = np.flatnonzero(joined & (f.ever == 1) & (f.rate == 0))
    if may_respond.size:
        respond_after_all(run, now, may_respond)
    f.ever |= f.joined
    ever = np.flatnonzero(f.ever)
    f.lead_left[:], lead_left = 0.0, f.lead_left[ever]
    if not ever.size:
        return
    lapse, leaves = run.numbers.uniforms(f.identity[:, ever], now.month, "LAPSE", "TURNOVER")
    counted = active & ~joined
    f.months_in += counted
    f.months_active += counted
    f.months_in[joined], f.months_on[joined], f.topic[joined] = 0, 0, -1
    f.capability[joined] += run.p.capability.train_gain * (1 - f.capability[joined])
    f.status[ever] = status_after(run, now, ever, joined[ever], lapse, lead_left)
    get_support(run, now, ever)
    f.lead_left[ever] = leaves < now.leaving
    lose_capability(run, now, ever[leaves < now.leaving])


def respond_after_all(run, now, who):
    """7.10: on joining again some of those that did not respond do."""
    responds, rate = run.numbers.words(run.open.identity[:, who], now.month, "REJOINING")[:2]
    team, z = run.p.team, quantile(unit(rate[0]))
    run.open.rate[who] = np.where(unit(responds[0]) < team.responds_again,
                                  np.exp(team.rate_sd * z - team.rate_sd**2 / 2), 0.0)


def status_after(run, now, ever, joined, lapse, lead_left):
    """7.10 and 7.31: the status of those that ever joined."""
    f, lever, team = run.open, now.lever, run.p.team
    status, months_in = f.status[ever].copy(), f.months_in[ever]
    hazard = team.h_drop * np.exp(-team.leadership_protects * (f.leadership[ever] - 1)
                                  - team.support_protects * (f.support[ever] - 1)) * (1 + team.lead_leaves * lead_left)
    graduates = months_in >= lever.programme_months
    lapses = ~graduates & (lapse < 1 - np.exp(-hazard))
    if not now.supported:
        graduates |= months_in >= lever.cycle_months
        lapses = ~graduates
    if now.known:
        seen, left = f.left_in[ever] >= 0, now.month >= f.left_in[ever]
        graduates = np.where(seen, left & (months_in >= lever.programme_months), graduates)
        lapses = np.where(seen, left & ~graduates, lapses)
    active = (status == ACTIVE) & ~joined
    status[active & graduates] = GRADUATED
    status[active & lapses] = LAPSED
    status[joined] = ACTIVE
    return status


def get_support(run, now, ever):
    """7.7: visits and support of those that ever joined."""
    f, district, status = run.open, run.district, run.open.status[ever]
    where = f.district[ever]
    active, graduated = status == ACTIVE, status == GRADUATED
    f.visits[ever] = np.where(active, district.visits_active[where],
                              np.where(graduated, district.visits_graduated[where], 0.0))
    f.support[ever] = np.where(active, district.support_active[where],
                               np.where(graduated, district.support_graduated[where], now.kept_support))


def lose_capability(run, now, who):
    """7.11."""
    turnover, lever, f = run.p.turnover, now.lever, run.open
    shielded = (1 - turnover.cpd_shield * lever.cpd) * (1 - turnover.preservice_shield * lever.preservice)
    f.capability[who] -= turnover.loss * shielded * np.maximum(f.capability[who] - 0.1, 0)


def build_capability(run, now):
    """7.11."""
    f = run.open
    coached = np.flatnonzero(f.visits > 0)
    learnt = np.minimum(run.p.capability.learn * coaching_support(run, f.visits[coached], now), 1)
    f.capability[coached] += learnt * (1 - f.capability[coached])


def receive_money(run, now):
    """7.18."""
    f = run.open
    f.in_hand += f.due[now.month % 16]
    f.due[now.month % 16] = 0.0
    if now.first or now.new_terms:
        f.stake[:] = stake_at(run, f.score, now.lever)


def choose_topics(run, now, active):
    """7.12: the month of the choice is the first on a topic."""
    f, area, topic, lever = run.open, run.area, run.p.topic, now.lever
    f.months_on[active] += 1
    f.topic_months[active] += 1
    who = active[(f.topic[active] < 0) | (f.months_on[active] > lever.cycle_months)]
    if not who.size:
        return
    f.months_on[who] = 1
    u = run.numbers.by_area(f.identity[:, who], now.month, "TOPIC", area.count)
    preference, scored = f.preference[:, who], f.scored[lever.weights][:, who]
    room = headroom(f.quality[:, who], area.ceiling)
    may = preference > 0
    if lever.topics == SCORED_TOPICS:
        may &= scored > 0
    if lever.topics == WAVE_TOPICS:
        may &= np.array([[lever.wave_topics // 2**a % 2 == 1] for a in range(area.count)])
    roomiest = np.where(may, room, -1.0).argmax(axis=0)
    some, may = may.any(axis=0), may & ((room >= 5) | (lever.topics == TEAMS_TOPICS))
    utility = np.log(np.where(may, preference, 1.0))
    utility += np.log(np.maximum(room, topic.floor)) - np.log(-np.log(u))
    utility += topic.stakes_tilt * f.stake[who] * scored
    utility += topic.tablets_tilt * lever.tablets * (area.dimension == CLIENT)
    utility += topic.accreditation_tilt * lever.accreditation * f.hospital[who] * area.standards
    utility[~may] = -np.inf
    chosen = np.where(may.any(axis=0), utility.argmax(axis=0), np.where(some, roomiest, -1))
    before, f.topic[who] = f.topic[who], chosen
    f.topic_months[who[(before < 0) | (before != chosen)]] = 1


def still_gains(run, who):
    """7.13: under a plateau nothing is gained after 36 months as an active team."""
    return (run.open.months_active[who] <= 36) | (run.structure.growth != PLATEAU)


def topic_lasts(run, who):
    """7.13: on a topic teams gain for 18 months, unless growth continues."""
    return still_gains(run, who) & ((run.open.topic_months[who] <= 18) | (run.structure.growth != TOPIC_PLATEAU))


def efficacy(run, who):
    """7.13: the nation's, times the district's part where districts differ."""
    part = run.district.efficacy[run.open.district[who]] if run.structure.efficacy == SPLIT else 1.0
    return run.p.pdsa.efficacy * part


def improve_by_pdsa(run, now, active):
    """7.13 and 7.14."""
    f, area, pdsa = run.open, run.area, run.p.pdsa
    f.ideas[active] += pdsa.idea_rate * np.minimum(f.support[active] / 0.5, 1)
    who = active[(f.months_active[active] > f.lag[active]) & (f.rate[active] > 0) & topic_lasts(run, active)]
    if not who.size:
        return
    quality = f.quality[:, who]
    supplied = np.clip((mean_quality(quality, area.structure) - pdsa.inputs + 15) / 30, 0, 1)
    traction = (f.support[who] * f.leadership[who] * (0.5 + 0.5 * f.capability[who] / 0.475)
                * np.exp(0.15 * f.motivation[who]) * supplied)
    synergy = np.exp(run.p.interaction.synergy * (f.stake[who] - 1))
    drive = np.exp(-run.p.team.fatigue * f.months_in[who] / 12)
    rate = pdsa.k_item * efficacy(run, who) * f.rate[who] * drive
    closing = np.minimum(rate * np.minimum(traction, 2) * synergy, 1)
    change = headroom(quality, area.ceiling) * closing
    with_topic = np.flatnonzero(f.topic[who] >= 0)
    topic = f.topic[who[with_topic]]
    on_topic = change[topic, with_topic]
    change[topic, with_topic] = 0.0
    change *= pdsa.spill * np.where(area.dimension == STRUCTURE, 0.3, 1.0)
    f.ledger[LINE["spillover"], who] += np.einsum("af,af->f", f.weights[0][:, who], change)
    f.quality[:, who] = quality + change
    f.fragile[:, who] += now.fragile * change
    add_at(f, topic, who[with_topic], on_topic, "pdsa", now.fragile)


def attend_session(run, now, active):
    """7.15."""
    f, session = run.open, run.p.session
    who = active[(f.topic[active] >= 0) & topic_lasts(run, active)]
    topic = f.topic[who]
    quality, benchmark = f.quality[topic, who], run.district.benchmark[topic, f.district[who]]
    reach = np.clip(benchmark - quality, 0, run.p.transfer.gap_max)
    left = np.maximum(run.area.ceiling[topic, 0] - quality, 0)
    learnt = efficacy(run, who) * session.lambda_ls * now.attendance * reach
    add_at(f, topic, who, np.minimum(learnt, left), "session", now.fragile)


def adopt_from_exchange(run, now):
    """7.16: in the two months after the visit."""
    f = run.open
    since = now.month - f.exchange_month
    who = np.flatnonzero((since == 1) | (since == 2))
    who = who[still_gains(run, who)]
    if who.size:
        learnt = f.exchange_area[who]
        left = np.maximum(run.area.ceiling[learnt, 0] - f.quality[learnt, who], 0)
        gain = efficacy(run, who) * f.exchange_gain[who]
        add_at(f, learnt, who, np.minimum(gain, left), "exchange", now.fragile)


# ---------------------------------------------------------------------------------------------------- all facilities


def learn_from_peers(run):
    """7.17."""
    f, peers = run.open, run.p.peers
    change = peers.lambda_net * np.maximum(f.peers_mean - f.quality, 0)
    if run.structure.contagion == THRESHOLD:
        change *= f.peers_better >= peers.thr
    add(f, np.minimum(change, headroom(f.quality, f.ceiling)), "peers")


def respond_to_pbf(run, now):
    """7.18: with the gap before the three."""
    f, area, pbf = run.open, run.area, run.p.pbf
    spent = f.in_hand / 3
    f.in_hand -= spent
    left = headroom(f.quality, f.ceiling)
    gap = left * f.per_span
    change = np.minimum(pbf.res * spent / f.reference * gap[area.structure], left[area.structure])
    f.quality[area.structure] += change
    f.ledger[LINE["resources"]] += (f.weights[0][area.structure] * change).sum(axis=0)
    if now.measuring > 0 or now.paying > 0:
        gap *= f.scored[now.lever.weights]
        attention = pbf.att * now.measuring
        incentive = pbf.inc * now.paying * f.stake * np.exp(0.15 * f.motivation)
        booked = np.einsum("af,af->f", f.weights[0], gap)
        f.quality += gap * (attention + incentive)
        f.ledger[LINE["attention"]] += attention * booked
        f.ledger[LINE["incentive"]] += incentive * booked


def prepare_for_accreditation(run, now):
    """7.19: hospitals only."""
    f, area = run.open, run.area
    who = np.flatnonzero(f.hospital)
    quality = f.quality[:, who]
    change = (run.p.accreditation.attention * now.lever.accreditation * area.standards * area.per_span
              * headroom(quality, area.ceiling))
    f.quality[:, who] = quality + change
    f.ledger[LINE["accreditation"], who] += np.einsum("af,af->f", f.weights[0][:, who], change)


def drift_along(run):
    """7.20."""
    f = run.open
    change = headroom(f.quality, f.ceiling)
    change *= f.per_span
    change *= run.p.drift.trend0
    if run.p.drift.trend0 < 0:
        np.maximum(change, -f.quality, out=change)
    add(f, change, "drift")


def have_luck(run, now):
    """7.22."""
    f, left = run.open, headroom(run.open.quality, run.open.ceiling)
    of_facility, of_area = run.numbers.luck(f.identity, now.month, run.area.count)
    of_area += of_facility
    of_area *= run.p.luck.sigma * sqrt(3) * 0.7
    of_area *= np.minimum(1, left / 30)
    add(f, np.minimum(np.maximum(of_area, -f.quality), left), "luck")


def fade(run, now):
    """7.21."""
    f = run.open
    share = np.where(f.ever == 1, now.fade_loss * np.exp2(-f.support / run.p.fading.keep), 0.0)
    np.minimum(f.fragile, f.quality, out=f.fragile)
    if share.any():
        lost = f.fragile * share
        f.fragile -= lost
        add(f, np.negative(lost, out=lost), "fading")


def motivate(run, now):
    """7.23."""
    f, moves, lever = run.open, run.p.motivation, now.lever
    late = max(lever.pbf * lever.pay_delay - 3, 0)
    target = moves.crowd * f.stake - moves.delay_cost * late + moves.coached * f.support
    np.clip(f.motivation + moves.relax * (target - f.motivation), -3, 3, out=f.motivation)


def serve_clients(run, now):
    """7.25."""
    f, clients = run.open, run.p.clients
    f.satisfaction[:] = clients_satisfied(run, f)
    f.trust += (f.satisfaction - f.trust) / clients.trust_lag
    if now.last:
        f.use[:] = (f.trust / f.trust_start) ** clients.util_el * (1 - clients.use_shock * now.shock)
