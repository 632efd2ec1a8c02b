"""The model a second time, in numpy, from the text of ODD.md alone. Numbers in docstrings are its sections.

It shares no code with `qicsim.model`: it takes over the data (setting), the levers and the values of the parameters,
and nothing else. Where it agrees with the compiled model, the text says all that the code does. It is also what an able
user of numpy would write, all facilities at once, and so the yardstick of the compiled model's speed.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from tests.verification.rebuild_data import NO_CEILING, Facilities, care_areas, marginal, schedules
from tests.verification.rebuild_facilities import live
from tests.verification.rebuild_numbers import Numbers, quantile
from tests.verification.rebuild_programme import (
    count_teams,
    keep_to_budget,
    lead_districts,
    leadership_drawn,
    look_at,
    open_accounts,
    pair_visits,
    post_benchmarks,
    post_peers,
    renew_novelty,
    share_visits,
    today,
    train_coaches,
)
from tests.verification.rebuild_readings import read_nation, read_programme
from tests.verification.rebuild_rollout import choose_joins, join_as_observed, launch_districts
from tests.verification.rebuild_scores_and_costs import (
    COST_LINES,
    assessed,
    book_costs,
    clients_satisfied,
    gaming,
    hold_round,
    performance_pay,
    stake_at,
    start_from_levels,
    true_composite,
)

DECEMBER = 11


class Rebuilt:
    """A run; `month(t)` must be called for t = 0, 1, ..."""

    def __init__(self, setting, levers, structure, params, seed, draw, replicate) -> None:
        self.p, self.money, self.calendar = as_numbers(params), setting.money[0], rows(setting.month)
        self.levers = rows(levers)
        self.structure, self.numbers = structure, Numbers(seed, draw, replicate)
        self.weights = setting.area[0].weight
        self.area, self.schedules = care_areas(setting.area[0], self.p.ceilings), schedules(setting.schedule)
        width = self.p.pbf.bunch_w
        stakes = [[marginal(schedule, score, width) for score in range(-20, 131)] for schedule in self.schedules]
        self.programme = SimpleNamespace(
            launch_credit=0.0, launch_quarters=0.0, exchange_credit=0.0, exchanges_held=0.0, spent_this_year=0.0,
            affordable=1.0, spare=NO_CEILING, novelty_of_measuring=1.0, novelty_of_paying=1.0,
            pbf_level=1.0, pbf_paid=0.0, paid_share=1.0, stakes=np.array(stakes),
            levels_until=max(-1, *setting.facility["level_month"].tolist()))
        self.district, self.province = self.new_districts(setting.district), new_provinces(setting.province)
        self.listed_provinces = setting.province_order
        position = np.argsort(setting.province_order)
        self.listed_districts = np.argsort(position[self.district.province], kind="stable")
        self.facilities = Facilities(setting, self.area)
        self.open = self.facilities.all
        self.begin()

    def new_districts(self, site):
        """5: chiefs' leadership and assessors' bias are drawn; no district is launched."""
        count, identity = site.size, np.ascontiguousarray(site["identity"].T)
        sd = self.p.pdsa.efficacy_sd
        chief = leadership_drawn(self, self.numbers.normal(identity, 0, "LEADERSHIP"))
        zero, whole = np.zeros(count), np.zeros(count, dtype=np.int64)
        return SimpleNamespace(
            identity=identity, province=site["province"], population=site["population"], turn=site["turn"],
            facilities=site["end"] - site["first"], launched=np.full(count, -1), launch_quarters=zero.copy(),
            coaches=zero, trained=zero, active_teams=whole, graduated_teams=whole, visits_active=zero,
            visits_graduated=zero, support_active=zero, support_graduated=zero, coaching_active=zero,
            coaching_graduated=zero, fades_active=zero, fades_graduated=zero,
            chief=chief, leadership=chief.copy(),
            bias=self.p.assessment.dist_bias * self.numbers.normal(identity, 0, "DISTRICT_BIAS"),
            efficacy=np.exp(sd * self.numbers.normal(identity, 0, "DISTRICT_EFFICACY") - sd**2 / 2),
            benchmark=np.zeros((self.area.count, count)))

    # ------------------------------------------------------------------------------------------ the start, section 5

    def begin(self):
        """5: traits, quality, the first score and what follows from it, of all facilities, open or not."""
        f, lever, team = self.open, self.levers[0], self.p.team
        np.take(self.district.bias, f.district, out=f.bias)
        rate = np.exp(team.rate_sd * self.numbers.normal(f.identity, 0, "TRAITS", word=1) - team.rate_sd**2 / 2)
        f.rate[:] = np.where(self.numbers.uniform(f.identity, 0, "TRAITS") < team.p_resp, rate, 0.0)
        f.lag[:] = -team.tau * np.log(1 - self.numbers.uniform(f.identity, 0, "TRAITS", word=2))
        f.quality[:] = self.first_quality()
        f.true_score[:] = f.ledger[0] = true_composite(f)
        self.first_record(lever)
        f.in_hand[:] = f.grant + (1 - lever.staff_share) * lever.pbf * performance_pay(self, f, lever)
        f.due[range(lever.pay_delay - 1, -1, -3)] = f.in_hand
        f.satisfaction[:] = f.trust[:] = f.trust_start[:] = clients_satisfied(self, f)

    def first_quality(self):
        """5, step 3."""
        f, start = self.open, self.p.start
        mean = np.clip(self.area.start + start.q0 + f.hospital * start.hospital_shift, 1, 99)
        shrink = np.minimum(1, np.minimum(mean, 100 - mean) / 40 + 0.1)
        of_facility = self.numbers.normal(f.identity, 0, "INITIAL_FACILITY")
        of_area = quantile(self.numbers.by_area(f.identity, 0, "INITIAL_AREA", self.area.count))
        spread = start.q0_sd * of_facility + start.area_sd * of_area
        return np.clip(mean + shrink * spread, 0, self.area.ceiling)

    def first_record(self, lever):
        """5, step 5."""
        f, left = self.open, 1 - self.p.assessment.detect * lever.verification
        noise = self.numbers.normal(f.identity, 0, "INITIAL_SCORE")
        honest = assessed(self, f, lever, 0.0, 0.0)
        game = gaming(self, honest, stake_at(self, honest, lever), lever, left)
        f.score[:] = assessed(self, f, lever, noise, game)

    # -------------------------------------------------------------------------------------------- a month, section 3

    def month(self, month):
        """The month opens, every open facility lives it, it closes. Returns what a reading needs to know of it."""
        self.facilities.open_until(month)
        self.open = self.facilities.open
        now = today(self, month)
        self.open_month(now)
        live(self, now)
        start_from_levels(self, now)
        if now.last:
            hold_round(self, now)
        book_costs(self, now)
        return now

    def open_month(self, now):
        """The steps of `open_month` in their order."""
        keep_to_budget(self, now)
        open_accounts(self, now)
        renew_novelty(self, now)
        look_at(self, now)
        lead_districts(self, now)
        if now.known:
            join_as_observed(self, now)
        elif now.first:
            if now.lever.recruiting:
                launch_districts(self, now)
            if now.lever.recruiting or now.lever.reenrol:
                choose_joins(self, now)
        count_teams(self)
        train_coaches(self, now)
        share_visits(self, now)
        if now.session:
            post_benchmarks(self)
        if now.first:
            if now.supported:
                pair_visits(self, now)
            post_peers(self)


def new_provinces(site):
    """5: no province is active and nothing is spent."""
    return SimpleNamespace(districts=site["end"] - site["first"], active=np.zeros(site.size, dtype=np.int64),
                           cost=np.zeros((site.size, 2, len(COST_LINES), 2)))


def rows(table):
    """The rows of a table of numbers, as plain numbers by name."""
    return [SimpleNamespace(**dict(zip(table.dtype.names, row, strict=True))) for row in table.tolist()]


def as_numbers(params):
    """Parameters as plain numbers by mechanism and name."""
    return SimpleNamespace(**{name: rows(params[name].reshape(1))[0] for name in params.dtype.names})


class Records(NamedTuple):
    """What a run reads: the nation (quarters, 4, indicators), the programme (quarters, 8), costs at ends of years."""

    nation: np.ndarray
    programme: np.ndarray
    cost: np.ndarray


def rebuilt_run(setting, levers, structure, params, seed, draw, replicate):
    """A whole run: its records, and the run as it ended."""
    run = Rebuilt(setting, levers, structure, params, seed, draw, replicate)
    nation, programme, cost = [], [], []
    for month in range(levers.size):
        now = run.month(month)
        if now.last:
            nation.append(read_nation(run, now))
            programme.append(read_programme(run, now))
        if now.month_of_year == DECEMBER or month == levers.size - 1:
            cost.append(run.province.cost.copy())
    return Records(np.array(nation), np.array(programme), np.array(cost)), run
