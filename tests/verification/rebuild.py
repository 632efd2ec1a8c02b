"""The model a second time, in plain Python, from the text of ODD.md alone. Numbers in docstrings are its sections.

It shares no code with `qicsim.model`: it takes over the data (setting), the levers and the values of the parameters,
and nothing else. Where it agrees with the compiled model, the text says all that the code does.
"""

from __future__ import annotations

from collections import defaultdict
from math import exp, floor
from types import SimpleNamespace

from tests.verification.rebuild_data import care_areas, marginal, schedules
from tests.verification.rebuild_facility import Facility
from tests.verification.rebuild_numbers import Numbers
from tests.verification.rebuild_programme import Programme

COST_LINES = ("coach_visits", "coach_training", "mentoring", "joining", "sessions", "exchange", "overhead",
              "assessment", "verification", "pbf", "tablets", "accreditation", "education")
UNIT_COSTS = ("coach_visit", "coach_visit_virtual", "coach_training", "coach_mentoring", "joining_training",
              "session_in_person", "session_virtual", "exchange_visit", "district_overhead", "assessment",
              "verification", "tablets", "accreditation", "cpd", "preservice", "institutions")
NO_CEILING = 1e12
SESSION_MONTHS = {0: (), 1: (1,), 2: (0, 2), 3: (0, 1, 2)}


class Rebuilt(Programme):
    """A run; `month(t)` must be called for t = 0, 1, ..."""

    def __init__(self, setting, levers, threshold_contagion: int, params, numbers: Numbers) -> None:
        self.setting, self.levers, self.params, self.numbers = setting, levers, params, numbers
        self.threshold_contagion, self.money = threshold_contagion, setting.money[0]
        self.areas, self.schedules = care_areas(setting.area[0], params.ceilings), schedules(setting.schedule)
        self.slopes = [[marginal(one, score, params.pbf.bunch_w) for score in range(101)] for one in self.schedules]
        self.launch_credit = self.launch_quarters = self.exchange_credit = self.spent = 0.0
        self.exchanges_held, self.affordable, self.spare = 0, 1.0, NO_CEILING
        self.cost = defaultdict(float)
        self.districts = [self.new_district(site) for site in setting.district]
        self.facilities = [Facility(site, self.districts[site.district], self) for site in setting.facility]
        self.provinces = [SimpleNamespace(active=False, districts=self.districts[p.first:p.end])
                          for p in setting.province]
        for district in self.districts:
            district.facilities = self.facilities[district.site.first:district.site.end]

    def new_district(self, site):
        """5: the chief's leadership, the assessors' bias, and nothing else."""
        chief = self.leadership_drawn(self.numbers.normal(site.identity, 0, "LEADERSHIP"))
        bias = self.params.assessment.dist_bias * self.numbers.normal(site.identity, 0, "DISTRICT_BIAS")
        return SimpleNamespace(site=site, chief=chief, leadership=chief, bias=bias, launched=None, quarters=0,
                               coaches=0.0, trained=0.0, active=0, graduated=0, visits_active=0.0,
                               visits_graduated=0.0, benchmark=[0.0] * len(self.areas))

    def lever(self, month):
        """The levers of a month."""
        return SimpleNamespace(**{name: self.levers[name][month].item() for name in self.levers.dtype.names})

    def month(self, month):
        """3: the month opens, every open facility lives it, it closes."""
        lever, calendar = self.lever(month), self.setting.month[month]
        now = SimpleNamespace(
            month=month, lever=lever, shock=calendar.shock, first=month % 3 == 0, last=month % 3 == 2,
            month_of_year=int(calendar.month_of_year), pbf_years=calendar.pbf_years, supported=lever.support == 1,
            session=lever.support == 1 and month % 3 in SESSION_MONTHS[lever.sessions],
            available=1 - calendar.shock * (1 - lever.virtual), prices=self.prices(lever))
        self.open_month(now, lever)
        for facility in self.open_facilities(now):
            facility.live(now)
        if now.last:
            self.hold_round(now, lever)
        self.book_costs(now, lever)

    def open_facilities(self, now):
        return [facility for facility in self.facilities if facility.site.opened <= now.month]

    def open_month(self, now, lever):
        """The steps of `open_month` in their order."""
        self.keep_to_budget(now, lever)
        self.look_at(now, lever)
        self.lead_districts(now, lever)
        if now.first and lever.recruiting:
            self.launch_districts(now, lever)
        if now.first and (lever.recruiting or lever.reenrol):
            self.choose_joins(now, lever)
        for district in self.districts:
            team = district.facilities
            district.active = sum(f.joins or f.status == "active" for f in team)
            district.graduated = sum(f.status == "graduated" and not f.joins for f in team)
        self.train_coaches(now, lever)
        self.share_visits(now, lever)
        if now.session:
            self.post_benchmarks()
        if now.first and now.supported:
            self.pair_visits(now, lever)
        if now.first:
            self.post_peers(now)

    # ------------------------------------------------------------------------------------------------- the month

    def prices(self, lever):
        """7.26: unit costs times their scale; visits and sessions mixed by `virtual`."""
        unit = dict(zip(UNIT_COSTS, map(float, self.money.unit_cost), strict=True))
        unit["visit"] = unit["coach_visit"] + lever.virtual * (unit["coach_visit_virtual"] - unit["coach_visit"])
        unit["session"] = (unit["session_in_person"]
                           + lever.virtual * (unit["session_virtual"] - unit["session_in_person"]))
        scale, costs = {"assessment", "verification"}, self.params.costs
        scaled = {name: usd * (costs.assessment if name in scale else costs.collaborative)
                  for name, usd in unit.items()}
        price = SimpleNamespace(**scaled)
        price.joining = price.joining_training + lever.visits * price.visit + price.session
        price.launching = price.district_overhead + lever.coaches * price.coach_training + price.joining
        price.national = lever.preservice * price.preservice + lever.institutionalised * price.institutions
        return price

    def keep_to_budget(self, now, lever):
        """7.9."""
        if now.month_of_year == 0:
            self.spent = 0.0
        self.affordable, self.spare = 1.0, NO_CEILING
        if lever.budget < NO_CEILING:
            left = (lever.budget * (now.month_of_year + 1) / 12 - self.spent) - self.decided(now, lever)
            planned = self.planned(now, lever) if now.supported else 0.0
            self.affordable = min(1.0, max(0.0, left) / planned) if planned > 0 else 1.0
            self.spare = max(0.0, left - self.affordable * planned)

    def decided(self, now, lever):
        """7.9: tablets, accreditation and education of the month."""
        facilities, price = self.open_facilities(now), now.prices
        of_each = lever.tablets * price.tablets + lever.cpd * price.cpd
        of_hospitals = lever.accreditation * price.accreditation * sum(f.hospital for f in facilities)
        return len(facilities) * of_each + of_hospitals + price.national

    def planned(self, now, lever):
        """7.9: what goes on if nothing is thinned."""
        price, total = now.prices, 0.0
        for district in self.launched():
            wanted = lever.visits * district.active + lever.maintenance * district.graduated
            total += min(self.capacity(district.coaches, now), wanted) * price.visit + price.district_overhead
            total += district.coaches * lever.mentoring * price.coach_mentoring
            if now.session:
                total += district.active * self.params.session.attendance * now.available * price.session
        if now.first:
            total += floor(self.exchange_credit + lever.exchanges * now.available) * price.exchange_visit
        return total

    def look_at(self, now, lever):
        """7.2."""
        p = self.params
        now.attendance = p.session.attendance * now.available * self.affordable
        now.habit = lever.pbf * lever.rounds * exp(-p.pbf.hab * now.pbf_years)
        now.leaving = 1 - (1 - p.turnover.annual) ** ((p.turnover.pbf_ratio if lever.pbf else 1) / 12)
        now.fade_loss = 1 - 2 ** (-1 / p.fading.half_life)
        now.fragile = 1 - p.fading.theta - p.fading.policy_lock * lever.institutionalised * (1 - p.fading.theta)
        now.left = 1 - p.assessment.detect * lever.verification

    # --------------------------------------------------------------------------------------------------- closing

    def hold_round(self, now, lever):
        """7.24, and the payment of 7.18."""
        lenient = self.params.assessment.lenient * (1 - lever.separated) * now.left
        for facility in self.open_facilities(now):
            if lever.rounds:
                gamed = facility.gaming(facility.score, facility.stake, lever, now.left)
                inflation = gamed + (lenient if facility.visits > 0 else 0)
                facility.score = facility.assessed(lever, facility.normal(now.month, "ASSESSMENT"), inflation)
                self.book_round(facility, "assessment", now.prices.assessment, lever)
                self.book_round(facility, "verification", lever.verification * now.prices.verification, lever)
            paid = lever.pbf * lever.rounds
            self.book_round(facility, "pbf", paid * facility.performance_pay(lever), lever)
            facility.due[(now.month + lever.pay_delay) % 16] += facility.supplies(lever, paid)

    def book_round(self, facility, line, usd, lever):
        self.book(facility.site.province, facility.hospital, line, usd, lever.donor_share_pbf)

    def book_qic(self, province, kind, line, usd, lever):
        self.book(province, kind, line, usd, lever.donor_share)
        self.spent += usd

    def book(self, province, kind, line, usd, donors):
        for payer, share in enumerate((1 - donors, donors)):
            self.cost[int(province), kind, line, payer] += usd * share

    def book_costs(self, now, lever):
        """7.26."""
        price = now.prices
        for facility in self.open_facilities(now):
            attends = facility.status == "active" and now.session
            bill = {"coach_visits": facility.visits * price.visit, "joining": facility.joined * price.joining_training,
                    "sessions": attends * now.attendance * price.session,
                    "exchange": (facility.visited == now.month) * price.exchange_visit / lever.visitors,
                    "tablets": lever.tablets * price.tablets, "education": lever.cpd * price.cpd,
                    "accreditation": facility.hospital * lever.accreditation * price.accreditation}
            for line, usd in bill.items():
                self.book_qic(facility.site.province, facility.hospital, line, usd, lever)
        for district in self.launched() if now.supported else ():
            bill = {"overhead": self.affordable * price.district_overhead,
                    "coach_training": district.trained * price.coach_training,
                    "mentoring": self.affordable * district.coaches * lever.mentoring * price.coach_mentoring}
            for line, usd in bill.items():
                self.book_qic(district.site.province, 0, line, usd, lever)
        for number, province in enumerate(self.provinces):
            share = len(province.districts) / len(self.districts)
            self.book_qic(number, 0, "education", share * price.national, lever)
