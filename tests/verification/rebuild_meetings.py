"""What is posted when a month of the rebuilt model opens: benchmarks, exchange visits, peers. Numbers are sections."""

from __future__ import annotations

import numpy as np

from tests.verification.rebuild_data import ACTIVE

LARGEST_GAP, RANDOM, SIMILAR = range(3)


def post_benchmarks(run):
    """7.15: of teams that were active when the month opened; all areas are sorted at once."""
    f, district = run.open, run.district
    teams = np.flatnonzero(f.status == ACTIVE)
    teams = teams[np.argsort(f.district[teams], kind="stable")]
    count = np.bincount(f.district[teams], minlength=district.launched.size)
    district.benchmark[:, (count == 0) & (district.active_teams > 0)] = 0.0
    if not teams.size:
        return
    of_team, first, having = f.district[teams], np.cumsum(count) - count, np.flatnonzero(count)
    quality = f.quality[:, teams]
    order = np.argsort(1000.0 * of_team - quality, axis=1)  # better ones first within each district
    best = -(-count // 4)
    better = np.arange(teams.size) - first[of_team] < best[of_team]
    sums = np.add.reduceat(np.where(better, np.take_along_axis(quality, order, axis=1), 0.0), first[having], axis=1)
    district.benchmark[:, having] = sums / best[having]


def post_peers(run):
    """7.17: for facilities that are open and for those that are not yet."""
    peers, quality, is_open = run.facilities.open_peers, run.facilities.noted("quality"), run.open.status.size
    theirs = quality[:, peers.tie]
    posted = {"peers_mean": peers.mean(theirs)}
    if run.threshold_contagion:
        posted["peers_better"] = peers.mean((theirs > quality[:, peers.owner]).astype(float))
    for name, values in posted.items():
        getattr(run.facilities.all, name)[:] = values
        getattr(run.open, name)[:] = values[:, :is_open]


def pair_visits(run, now):
    """7.16: visit after visit, each with a sort of the teams that are still free."""
    programme, lever, f = run.programme, now.lever, run.open
    programme.exchange_credit += lever.exchanges * now.available * programme.affordable
    if programme.exchange_credit < 1:
        return
    free = np.flatnonzero(f.status == ACTIVE)
    free = free[np.argsort(f.row[free])]
    score = f.score[free]
    rank = score if lever.matching == LARGEST_GAP else run.numbers.uniform(f.identity[:, free], now.month, "EXCHANGE")
    while programme.exchange_credit >= 1:
        if not free.size:
            programme.exchange_credit = min(programme.exchange_credit, 4 * lever.exchanges)
            return
        at = np.argmax(rank)
        host, hosts_score = free[at], score[at]
        free, score, rank = (np.delete(values, at) for values in (free, score, rank))
        far = np.abs(score - hosts_score) if lever.matching == SIMILAR else rank
        nearest = np.argsort(far, kind="stable")[:lever.visitors]
        learn_from_host(run, host, free[nearest], now)
        free, score, rank = (np.delete(values, nearest) for values in (free, score, rank))
        programme.exchange_credit -= 1
        programme.exchanges_held += 1


def learn_from_host(run, host, visitors, now):
    """7.16: what visitors note, and the host's recognition."""
    f, exchange = run.open, run.p.exchange
    ahead = f.quality[:, [host]] - f.quality[:, visitors]
    f.exchange_month[visitors] = now.month
    f.exchange_area[visitors] = ahead.argmax(axis=0)
    f.exchange_gain[visitors] = exchange.lambda_ex * np.clip(ahead.max(axis=0), 0, run.p.transfer.gap_max) / 2
    f.motivation[host] = min(f.motivation[host] + exchange.recognition, 3)
