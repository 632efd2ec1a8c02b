"""Meetings, posted when the month opens: benchmarks of sessions, exchange visits, what peers look like."""

from __future__ import annotations

from qicsim.ground.compiled import compiled
from qicsim.ground.randomness import EXCHANGE, uniform
from qicsim.model.columns import ACTIVE, THRESHOLD_CONTAGION
from qicsim.model.levers import MATCH_LARGEST_GAP, MATCH_SIMILAR
from qicsim.model.mechanisms.exchange import exchange_gain
from qicsim.model.mechanisms.motivation import MOST_MOTIVATION
from qicsim.model.mechanisms.transfer import reach

NOBODY = -1
# Visits that find no team to host them wait for at most a year.
QUARTERS_KEPT = 4.0


@compiled
def post_benchmarks(setting, state):
    """Mean of the better quartile of each district's active teams, in every area."""
    for d in range(state.district.size):
        if state.district[d].active_teams > 0:
            for a in range(setting.area[0].dimension.size):
                state.district[d].benchmark[a] = better_quartile_mean(setting.district[d], a, state)


@compiled
def better_quartile_mean(site, a, state):
    """Mean quality in an area of the better quarter (rounded up) of a district's active teams."""
    teams = 0
    for f in range(site.first, site.end):
        if state.facility[f].status == ACTIVE:
            state.facility[site.first + teams].sort_key = state.facility[f].quality[a]
            teams += 1
    best = (teams + 3) // 4
    total = 0.0
    for place in range(site.first, site.first + best):
        top = place
        for i in range(place + 1, site.first + teams):
            if state.facility[i].sort_key > state.facility[top].sort_key:
                top = i
        total += state.facility[top].sort_key
        state.facility[top].sort_key = state.facility[place].sort_key
    return total / max(best, 1)


@compiled
def post_peers(today, setting, state):
    """Mean quality of each facility's tied, open facilities by area; the share that is better if contagion needs it."""
    for f in range(state.facility.size):
        facility, fixed, ties = state.facility[f], setting.facility[f], 0
        facility.peers_mean[:] = 0.0
        for i in range(fixed.first_peer, fixed.end_peer):
            g = setting.peer[i]
            if setting.facility[g].opened <= today.month:
                ties += 1
                for a in range(setting.area[0].dimension.size):
                    facility.peers_mean[a] += state.facility[g].quality[a]
        for a in range(setting.area[0].dimension.size):
            facility.peers_mean[a] /= max(ties, 1)
        if today.contagion == THRESHOLD_CONTAGION:
            post_share_better(facility, fixed, today, setting, state)


@compiled
def post_share_better(facility, fixed, today, setting, state):
    """Share of a facility's tied, open facilities that is better, by area."""
    for a in range(setting.area[0].dimension.size):
        better, ties = 0, 0
        for i in range(fixed.first_peer, fixed.end_peer):
            g = setting.peer[i]
            if setting.facility[g].opened <= today.month:
                ties += 1
                better += state.facility[g].quality[a] > facility.quality[a]
        facility.peers_better[a] = better / max(ties, 1)


@compiled
def pair_visits(today, setting, now, params, state, key):
    """Pair hosts and visitors for the quarter's exchange visits; every team takes part at most once."""
    programme = state.programme[0]
    programme.exchange_credit += now.exchanges * today.available * today.affordable
    if programme.exchange_credit < 1.0:
        return
    rank_teams(today, now.matching, setting, state, key)
    while programme.exchange_credit >= 1.0:
        host = take_host(state)
        if host == NOBODY:
            programme.exchange_credit = min(programme.exchange_credit, QUARTERS_KEPT * now.exchanges)
            return
        for _ in range(now.visitors):
            visitor = take_visitor(state.facility[host].score, now.matching, state)
            if visitor != NOBODY:
                visit(state.facility[visitor], state.facility[host], today, params)
        welcomed = state.facility[host].motivation + params.exchange.recognition
        state.facility[host].motivation = min(welcomed, MOST_MOTIVATION)
        programme.exchange_credit -= 1.0
        programme.exchanges_held += 1.0


@compiled
def rank_teams(today, matching, setting, state, key):
    """Active teams are free; they are ranked by their last recorded score, or by chance."""
    for f in range(state.facility.size):
        facility = state.facility[f]
        facility.taken = 0 if facility.status == ACTIVE else 1
        if facility.taken == 0:
            by_score = matching == MATCH_LARGEST_GAP
            identity = setting.facility[f].identity
            facility.sort_key = facility.score if by_score else uniform(key, identity, today.month, EXCHANGE)


@compiled
def take_host(state):
    """The free team with the highest rank; it is free no longer. -1 if there is none."""
    host = NOBODY
    for f in range(state.facility.size):
        free = state.facility[f].taken == 0
        if free and (host == NOBODY or state.facility[f].sort_key > state.facility[host].sort_key):
            host = f
    if host != NOBODY:
        state.facility[host].taken = 1
    return host


@compiled
def take_visitor(host_score, matching, state):
    """The free team with the lowest rank, or for similar pairs the one nearest to the host's score. -1 if none."""
    visitor, least = NOBODY, 0.0
    for f in range(state.facility.size):
        facility = state.facility[f]
        if facility.taken == 0:
            distance = abs(facility.score - host_score) if matching == MATCH_SIMILAR else facility.sort_key
            if visitor == NOBODY or distance < least:
                visitor, least = f, distance
    if visitor != NOBODY:
        state.facility[visitor].taken = 1
    return visitor


@compiled
def visit(visitor, host, today, params):
    """The visitor learns in the area in which the host is furthest ahead."""
    area, lead = 0, -1000.0
    for a in range(host.quality.size):
        ahead = host.quality[a] - visitor.quality[a]
        if ahead > lead:
            area, lead = a, ahead
    visitor.exchange_month = today.month
    visitor.exchange_area = area
    visitor.exchange_gain = exchange_gain(reach(host.quality[area], visitor.quality[area], params.transfer),
                                          params.exchange)
