"""Roll-out of the rebuilt model: districts are launched and facilities join. Numbers are sections of ODD.md."""

from __future__ import annotations

import numpy as np

from tests.verification.rebuild_data import ACTIVE, LAPSED, OWN_RETURN
from tests.verification.rebuild_programme import by_district, capacity

PLAN, LOWEST, HIGHEST, LARGEST, LISTED = range(5)


def join_as_observed(run, now):
    """7.31: teams join in the month in which they were seen to join; a district is launched with its first one."""
    f, district, programme = run.open, run.district, run.programme
    f.joins_now[:] = (f.joined_in == now.month) & (f.ever == 0)
    starting = (by_district(run, f.joins_now) > 0) & (district.launched < 0)
    launch(run, now, np.flatnonzero(starting))
    if now.first and now.lever.recruiting:
        programme.launch_quarters += 1


def launch(run, now, districts):
    """Districts are launched this month, and their provinces active."""
    run.district.launched[districts] = now.month
    run.district.launch_quarters[districts] = run.programme.launch_quarters
    run.province.active[run.district.province[districts]] = 1


def launch_districts(run, now):
    """7.4."""
    r, lever, price, programme = run.p.rollout, now.lever, now.price, run.programme
    grown = min(r.launch_rate * (1 + r.launch_growth) ** programme.launch_quarters, r.launch_most)
    programme.launch_credit += grown * (1 - r.launch_shock * now.shock) * lever.launch_boost
    launched = np.count_nonzero(run.district.launched >= 0)
    while programme.launch_credit >= 1 and launched + 1 <= lever.districts and programme.spare >= price.launching:
        district = next_by_plan(run, lever) if lever.order == PLAN else next_by_rule(run, lever)
        if district is None:
            break
        launch(run, now, district)
        launched += 1
        programme.launch_credit -= 1
        programme.spare -= price.launching - price.joining
    programme.launch_credit = min(programme.launch_credit, 1.0)
    programme.launch_quarters += 1


def next_by_plan(run, lever):
    """7.4: provinces open, then the emptiest active one is taken; None if no district is left."""
    province, waiting = run.province, run.district.launched < 0
    launched = np.bincount(run.district.province, ~waiting, province.districts.size)
    active = province.active == 1
    for closed in run.listed_provinces[~active[run.listed_provinces]]:
        filled = launched[active].sum() >= run.p.rollout.filled * province.districts[active].sum()
        if active.sum() >= lever.provinces or not filled:
            break
        active[closed] = True
    province.active[:] = active
    left = run.listed_provinces[(active & (launched < province.districts))[run.listed_provinces]]
    if not left.size:
        return None
    emptiest = left[np.argmin(launched[left] / province.districts[left])]
    return np.flatnonzero(waiting & (run.district.province == emptiest))[0]


def next_by_rule(run, lever):
    """7.4: by score or people, among the first provinces of the list; None if no district is left."""
    district = run.district
    among = np.isin(district.province, run.listed_provinces[:lever.provinces]) & (district.launched < 0)
    waiting = run.listed_districts[among[run.listed_districts]]
    if not waiting.size:
        return None
    if lever.order == LISTED:
        return waiting[np.argmin(district.turn[waiting])]
    if lever.order == LARGEST:
        return waiting[np.argmax(district.population[waiting])]
    return waiting[np.argmax(mean_score(run)[waiting] * (-1 if lever.order == LOWEST else 1))]


def mean_score(run):
    """The mean last score of each district's open facilities; 0 without any."""
    return by_district(run, run.open.score) / np.maximum(by_district(run, np.ones(run.open.score.size)), 1)


def choose_joins(run, now):
    """7.5: in each district the candidates with the smallest keys, in districts one after another while money lasts.

    Equal keys, one pair in 2^32, are told apart by the order of opening.
    """
    f, price = run.open, now.price.joining
    candidates, keys = joining_keys(run, now)
    if not candidates.size:
        return
    order = np.lexsort((keys, f.district[candidates]))
    candidates = candidates[order]
    wanting = np.bincount(f.district[candidates], minlength=run.district.launched.size)
    joining = np.minimum(wanting, places(run, now))
    paid_for = np.minimum(np.cumsum(joining), int(run.programme.spare / price))
    joining = np.diff(paid_for, prepend=0)
    before = np.cumsum(wanting) - wanting
    district = f.district[candidates]
    f.joins_now[candidates[np.arange(candidates.size) - before[district] < joining[district]]] = 1
    run.programme.spare -= joining.sum() * price


def joining_keys(run, now):
    """7.5: candidates, and their keys."""
    r, lever, f, month = run.p.rollout, now.lever, run.open, now.month
    ever, launched = f.ever == 1, run.district.launched[f.district]
    may_join = (launched >= 0) & (f.status != ACTIVE) & np.where(ever, lever.reenrol == 1, lever.recruiting == 1)
    may = np.flatnonzero(may_join)
    u = run.numbers.uniform(f.identity[:, may], month, "JOINING")
    at_once = (f.hospital[may] == 1) & ~ever[may]
    delay = r.hc_delay * np.exp(-r.delay_learning * run.district.launch_quarters)
    considered = month - launched[may] >= delay[f.district[may]]
    if lever.hospitals_only:
        considered &= f.hospital[may] == 1
    pull = 1 + r.peer_pull * share_of_peers_that_joined(run)[may]
    ahead = np.where(f.hospital[may] == 1, 0.0, f.score[may] - mean_score(run)[f.district[may]])
    hazard = r.join_hazard * pull * np.exp(r.selection * ahead / 10)
    if run.structure.lapsed_return == OWN_RETURN:
        hazard = np.where(f.status[may] == LAPSED, run.p.team.returns, hazard)
    probability = 1 - np.exp(-hazard * f.leadership[may])
    drawn = considered & (u < probability)
    candidate = at_once | drawn
    return may[candidate], np.where(at_once, u - 1, u / np.where(drawn, probability, 1))[candidate]


def share_of_peers_that_joined(run):
    """7.5: of open ties, those that ever joined; 0 without open ties."""
    peers = run.facilities.open_peers
    return np.bincount(peers.owner, run.facilities.all.ever[peers.tie], peers.ties.size) / np.maximum(peers.ties, 1)


def places(run, now):
    """7.5: places of each district under `join_floor`."""
    district, floor = run.district, now.lever.join_floor
    if floor <= 0:
        return district.facilities
    if not now.lever.support:
        return np.zeros_like(district.facilities)
    teams = by_district(run, run.open.status == ACTIVE).astype(np.int64)
    coaches = np.where(teams > 0, district.coaches, np.maximum(district.coaches, now.lever.coaches))
    return np.maximum((capacity(run, coaches, now) / floor + 1e-9).astype(np.int64) - teams, 0)
