"""What the rebuilt model takes over and what it keeps: arrays whose last axis is facilities, in the order of opening.

Facilities that have not opened yet do not live (section 3). Here they stand last, so that those that are open are the
first so many columns of every array, and a month works on these columns alone.
"""

from __future__ import annotations

from math import erfc, exp, pi, sqrt
from types import SimpleNamespace

import numpy as np

NEVER, ACTIVE, GRADUATED, LAPSED = range(4)
STRUCTURE, PROCESS, CLIENT = range(3)
SIMPLE, THRESHOLD = range(2)
OWN_RETURN, JOINING_RETURN = range(2)
TOPIC_PLATEAU, CONTINUES, PLATEAU = range(3)
SPLIT, NATIONAL = range(2)
TODAYS = 0
LINES = ("initial", "pdsa", "spillover", "session", "exchange", "peers", "resources", "attention", "incentive",
         "accreditation", "drift", "fading", "luck")
COPIED = ("quality", "fragile", "peers_mean", "peers_better", "ledger", "due")
LINE = {line: number for number, line in enumerate(LINES)}
RING = 16
NO_CEILING = 1e12
LINEAR_SLOPE = 0.016671806430024177


def care_areas(table, ceilings):
    """6 and 7.3: the care areas; columns (areas, 1) where they meet facilities."""
    ceiling = np.where(table.broad == 1, ceilings.broad, ceilings.single)[:, None]
    return SimpleNamespace(
        count=table.start.size, start=table.start[:, None], dimension=table.dimension[:, None], ceiling=ceiling,
        per_span=1 / (ceiling - 50), standards=table.standards[:, None],
        structure=np.flatnonzero(table.dimension == STRUCTURE), client=np.flatnonzero(table.dimension == CLIENT))


class Facilities:
    """Facilities in the order of opening: `all` holds every array, `open` the columns of those that have opened.

    Arrays by area, ledger line or month of payment are copied to `open`, so that they lie in one piece of memory, where
    numpy is three times as fast; the others are views.
    """

    def __init__(self, setting, area) -> None:
        opened = setting.facility["opened"]
        self.order = np.argsort(np.maximum(opened, 0), kind="stable")
        self.column = np.argsort(self.order, kind="stable")
        self.all = SimpleNamespace(**fixed(setting, self.order, area), **at_the_start(opened.size, area.count))
        self.opened = np.maximum(opened[self.order], 0)
        self.owner, self.tie = ties(setting, self.column)
        self.open = self.all
        self.open_peers = None

    def open_until(self, month):
        """The facilities that are open in a month become `open`; their open ties `open_peers`."""
        count = int(np.searchsorted(self.opened, month, side="right"))
        if self.open_peers is None or count != self.open.status.size:
            self.write_back()
            self.open = SimpleNamespace(**{
                name: np.ascontiguousarray(values[..., :count]) for name, values in vars(self.all).items()})
            self.open_peers = Peers(self.owner, self.tie, count, self.opened.size)

    def write_back(self):
        """What happened to open facilities is noted in `all`."""
        for name in COPIED:
            getattr(self.all, name)[:, :self.open.status.size] = getattr(self.open, name)

    def noted(self, name):
        """A column of the state, of all facilities."""
        self.write_back()
        return getattr(self.all, name)

    def registered(self, name):
        """The same in the order of the register, facilities first."""
        return np.moveaxis(self.noted(name)[..., self.column], -1, 0)


class Peers:
    """Ties to facilities that are open, as a list of pairs sorted by the facility whose ties they are (section 5)."""

    def __init__(self, owner, tie, count, facilities) -> None:
        self.owner, self.tie = owner[tie < count], tie[tie < count]
        self.ties = np.bincount(self.owner, minlength=facilities)
        self.tied = np.flatnonzero(self.ties)
        self.first = (np.cumsum(self.ties) - self.ties)[self.tied]

    def mean(self, of_pairs):
        """The mean over each facility's open ties of values (areas, pairs); 0 without ties."""
        means = np.zeros((len(of_pairs), self.ties.size))
        if self.tied.size:
            means[:, self.tied] = np.add.reduceat(of_pairs, self.first, axis=1) / self.ties[self.tied]
        return means


def ties(setting, column):
    """The two ends of every tie as columns of the arrays, sorted by the first."""
    facility = setting.facility
    owner = np.repeat(column, facility["end_peer"] - facility["first_peer"])
    order = np.argsort(owner, kind="stable")
    return owner[order], column[setting.peer][order]


def fixed(setting, order, area):
    """What never changes about facilities; weights as (sets, areas, facilities)."""
    site, areas, money = setting.facility[order], setting.area[0], setting.money[0]
    hospital = site["hospital"]
    weights = np.ascontiguousarray(np.moveaxis(areas.weight, 1, 2)[:, :, hospital])
    return {
        "row": order, "identity": np.ascontiguousarray(site["identity"].T), "hospital": hospital,
        "district": site["district"], "group": 2 * site["province"] + hospital, "population": site["population"],
        "opened": site["opened"], "level_month": site["level_month"], "level": site["level"],
        "level_sd": site["level_sd"], "area_level": np.ascontiguousarray(site["area_level"].T),
        "joined_in": site["joined"], "left_in": site["left"],
        "weights": weights, "scored": (weights > 0).astype(float), "watched": weights * areas.watched[:, None],
        "ceiling": np.repeat(area.ceiling, order.size, axis=1),
        "per_span": np.repeat(area.per_span, order.size, axis=1),
        "preference": np.ascontiguousarray(areas.preference[hospital].T), "grant": money.grant[hospital],
        "performance_pay": money.performance_pay[hospital],
        "reference": (money.grant + 0.4 * money.performance_pay)[hospital] / 3,
    }


def at_the_start(count, areas):
    """5: the state of facilities before anything is drawn. `joined` is 1 in the month of joining."""
    whole = {name: np.zeros(count, dtype=np.int64) for name in (
        "status", "ever", "joins_now", "joined", "months_in", "months_active", "months_on", "topic_months")}
    real = {name: np.zeros(count) for name in (
        "rate", "lag", "lead_left", "motivation", "visits", "support", "ideas", "true_score", "score", "stake",
        "in_hand", "exchange_gain", "satisfaction", "trust", "trust_start", "bias", "leadership")}
    by_area = {name: np.zeros((areas, count)) for name in ("quality", "fragile", "peers_mean", "peers_better")}
    return whole | real | by_area | {
        "capability": np.full(count, 0.1), "use": np.ones(count), "topic": np.full(count, -1),
        "exchange_area": np.full(count, -1), "exchange_month": np.full(count, -1000),
        "ledger": np.zeros((len(LINES), count)), "due": np.zeros((RING, count))}


def schedules(table):
    """6: each schedule as (starts, pays, slopes) of its pieces; pieces that never begin are left out."""
    return [tuple(column[kind.start < 1e9] for column in (kind.start, kind.pay, kind.slope)) for kind in table]


def marginal(schedule, score, width):
    """D(s) of 7.18."""
    total, (starts, _, slopes) = 0.0, (column.tolist() for column in schedule)
    above = [*(0.5 * erfc((start - score) / width / sqrt(2)) for start in starts), 0.0]
    for i, (start, jump) in enumerate(zip(starts, jumps(schedule), strict=True)):
        total += slopes[i] * (above[i] - above[i + 1])
        total += jump * exp(-(((start - score) / width) ** 2) / 2) / sqrt(2 * pi) / width
    return total


def jumps(schedule):
    """7.18: by how much the payment jumps where each piece begins."""
    starts, pays, slopes = (column.tolist() for column in schedule)
    return [pays[i] - (pays[i - 1] + slopes[i - 1] * (starts[i] - starts[i - 1]) if i else 0.0)
            for i in range(len(starts))]
