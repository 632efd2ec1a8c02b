"""One facility of the rebuilt model: how it starts and how it lives a month. Numbers are sections of ODD.md."""

from __future__ import annotations

from math import exp, log, sqrt
from types import SimpleNamespace

LINES = ("initial", "pdsa", "spillover", "session", "exchange", "peers", "resources", "attention", "incentive",
         "accreditation", "drift", "fading", "luck")
STRUCTURE, PROCESS, CLIENT = range(3)
TODAYS = 0
LINEAR_SLOPE = 0.016671806430024177


def clip(x: float, low: float, high: float) -> float:
    """x kept within low to high."""
    return min(max(x, low), high)


class Facility(SimpleNamespace):
    """What changes about a facility, and how (sections 5 and 7)."""

    def __init__(self, site, district, world) -> None:
        super().__init__(
            site=site, identity=site.identity, hospital=int(site.hospital), district=district, world=world,
            p=world.params, status="never", ever=False, joins=False, joined=False, topic=None, months_in=0,
            months_active=0, months_on=0, lead_left=0, capability=0.1, motivation=0.0, visits=0.0, support=0.0,
            ideas=0.0, stake=0.0, use=1.0, visited=None, learnt=None, noted_gain=0.0, due=[0.0] * 16,
            fragile=[0.0] * len(world.areas), peers_mean=[0.0] * len(world.areas),
            peers_better=[0.0] * len(world.areas), ledger=dict.fromkeys(LINES, 0.0))
        self.draw_traits()
        self.quality = self.draw_quality()
        self.true = self.ledger["initial"] = self.composite(TODAYS)
        self.begin_record(world.lever(0))

    # ------------------------------------------------------------------------------------------ the start, section 5

    def uniform(self, month, purpose, **which):
        return self.world.numbers.uniform(self.identity, month, purpose, **which)

    def normal(self, month, purpose, **which):
        return self.world.numbers.normal(self.identity, month, purpose, **which)

    def draw_traits(self):
        team = self.p.team
        responds = self.uniform(0, "TRAITS") < team.p_resp
        self.rate = exp(team.rate_sd * self.normal(0, "TRAITS", word=1) - team.rate_sd**2 / 2) if responds else 0.0
        self.lag = -team.tau * log(1 - self.uniform(0, "TRAITS", word=2))

    def draw_quality(self):
        start, of_facility = self.p.start, self.normal(0, "INITIAL_FACILITY")
        quality = []
        for a, area in enumerate(self.world.areas):
            mean = clip(area.start + start.q0 + self.hospital * start.hospital_shift, 1, 99)
            shrink = min(1, min(mean, 100 - mean) / 40 + 0.1)
            of_area = self.normal(0, "INITIAL_AREA", word=a % 4, block=a // 4)
            quality.append(clip(mean + shrink * (start.q0_sd * of_facility + start.area_sd * of_area), 0, area.ceiling))
        return quality

    def begin_record(self, lever):
        left, noise = 1 - self.p.assessment.detect * lever.verification, self.normal(0, "INITIAL_SCORE")
        honest = self.assessed(lever, noise, 0.0)
        self.score = self.assessed(lever, noise, self.gaming(honest, self.stake_at(honest, lever), lever, left))
        self.in_hand = self.supplies(lever, lever.pbf)
        for month in range(lever.pay_delay - 1, -1, -3):
            self.due[month] = self.in_hand
        self.satisfaction = self.trust = self.trust_start = self.satisfied()

    # -------------------------------------------------------------------------------------------- what it knows

    def weight(self, a, which):
        return self.world.areas[a].weight[which][self.hospital]

    def composite(self, which):
        return sum(self.weight(a, which) * quality for a, quality in enumerate(self.quality))

    def headroom(self, a):
        return max(self.world.areas[a].ceiling - self.quality[a], 0)

    def gap(self, a):
        return self.headroom(a) / (self.world.areas[a].ceiling - 50)

    def mean_quality(self, dimension):
        values = [q for q, area in zip(self.quality, self.world.areas, strict=True) if area.dimension == dimension]
        return sum(values) / max(len(values), 1)

    def satisfied(self):
        """7.25."""
        clients, perceived = self.p.clients, (self.mean_quality(CLIENT) + self.true) / 2
        return clip(clients.sat0 + clients.sat_slope * (perceived - 50), 0, 100)

    def stake_at(self, score, lever):
        """7.18: read from a table of whole scores."""
        low = min(int(score), 99)
        below, above = self.world.slopes[lever.schedule][low:low + 2]
        slope = below + (score - low) * (above - below)
        stake = lever.pbf * lever.staff_share / 0.6 * lever.pbf_size * slope / LINEAR_SLOPE
        return 2 * (1 - 2**-stake)

    def performance_pay(self, lever):
        """7.18."""
        start, pay, slope = max(piece for piece in self.world.schedules[lever.schedule]
                                if piece[0] <= self.score or piece[0] == 0)
        return (pay + slope * (self.score - start)) * lever.pbf_size * self.world.money.performance_pay[self.hospital]

    def supplies(self, lever, paid):
        """7.18."""
        return self.world.money.grant[self.hospital] + (1 - lever.staff_share) * paid * self.performance_pay(lever)

    def gaming(self, score, stake, lever, left):
        """7.24."""
        return self.p.assessment.game * stake * exp(-(((score - lever.threshold) / 8) ** 2) / 2) * left

    def assessed(self, lever, noise, inflation):
        """7.24: a score, given what leniency and gaming add."""
        watched = sum(self.weight(a, lever.weights) * area.watched * min(1, self.headroom(a) / 30)
                      for a, area in enumerate(self.world.areas))
        measured = self.composite(lever.weights) + self.p.assessment.hawth * watched + inflation + self.district.bias
        return clip(measured + self.p.assessment.noise * noise, 0, 100)

    # ------------------------------------------------------------------------------------- a month, sections 3 and 7

    def live(self, now):
        """The steps of `facility_month` in their order."""
        if self.site.opened == now.month > 0:
            self.ledger["initial"] = self.composite(TODAYS)
        self.live_as_team(now, now.lever)
        if now.first:
            self.learn_from_peers()
        self.respond_to_pbf(now, now.lever)
        if self.hospital:
            self.prepare_for_accreditation(now.lever)
        for a, quality in enumerate(self.quality):
            self.add(a, max(self.p.drift.trend0 * self.gap(a), -quality), "drift")
        if now.first:
            self.have_luck(now)
        if self.ever:
            self.fade(now)
        self.true = self.composite(TODAYS)
        self.respond(now, now.lever)

    def live_as_team(self, now, lever):
        """From joining to the adoption of what was seen on an exchange visit; money arrives for all."""
        self.join_lapse_graduate(now, lever)
        if self.ever:
            self.turn_over(now, lever)
        if self.visits > 0:
            self.capability += min(self.p.capability.learn * self.support, 1) * (1 - self.capability)
        self.in_hand += self.due[now.month % 16]
        self.due[now.month % 16] = 0.0
        if now.first:
            self.stake = self.stake_at(self.score, lever)
        if self.status == "active":
            self.work(now, lever)
        if self.visited is not None and 1 <= now.month - self.visited <= 2:
            self.add(self.learnt, min(self.noted_gain, self.headroom(self.learnt)), "exchange", now.fragile)

    def add(self, a, change, line, fragile=0.0):
        """7.1."""
        self.quality[a] += change
        self.ledger[line] += self.weight(a, TODAYS) * change
        self.fragile[a] += fragile * change

    def join_lapse_graduate(self, now, lever):
        """7.10, and what 7.7 gives."""
        self.joined, self.joins = self.joins, False
        if self.joined:
            self.status, self.ever, self.topic, self.months_in = "active", True, None, 0
            self.capability += self.p.capability.train_gain * (1 - self.capability)
        elif self.status == "active":
            self.months_in += 1
            self.months_active += 1
            self.leave_or_stay(now, lever)
        elif self.status == "lapsed" and now.session and (self.hospital or not lever.hospitals_only):
            back = self.uniform(now.month, "REJOINING") < self.p.team.rejoin
            self.status = "active" if back else "lapsed"
        if self.ever:
            kept = self.p.fading.policy_keep * lever.institutionalised
            visits = {"active": self.district.visits_active, "graduated": self.district.visits_graduated}
            self.visits = visits.get(self.status, 0.0)
            self.support = max(self.world.support(self.visits, lever), kept)

    def leave_or_stay(self, now, lever):
        team = self.p.team
        if self.months_in >= lever.programme_months:
            self.status = "graduated"
        elif not now.supported:
            self.status = "graduated" if self.months_in >= lever.cycle_months else "lapsed"
        else:
            protected = (team.leadership_protects * (self.district.leadership - 1)
                         + team.support_protects * (self.support - 1))
            hazard = team.h_drop * exp(-protected) * (1 + team.lead_leaves * self.lead_left)
            if self.uniform(now.month, "LAPSE") < 1 - exp(-hazard):
                self.status = "lapsed"

    def turn_over(self, now, lever):
        """7.11."""
        turnover, self.lead_left = self.p.turnover, 0
        if self.uniform(now.month, "TURNOVER") < now.leaving:
            self.lead_left = 1
            shielded = (1 - turnover.cpd_shield * lever.cpd) * (1 - turnover.preservice_shield * lever.preservice)
            self.capability -= turnover.loss * shielded * max(self.capability - 0.1, 0)

    def work(self, now, lever):
        """An active team: topic, PDSA and session."""
        self.months_on = 1 if self.joined else self.months_on + 1
        if self.topic is None or self.months_on > lever.cycle_months:
            self.months_on, self.topic = 1, self.best_topic(now, lever)
        self.ideas += self.p.pdsa.idea_rate * min(self.support / 0.5, 1)
        if self.months_active > self.lag:
            self.improve(now)
        if now.session and self.topic is not None:
            a, session = self.topic, self.p.session
            reach = clip(self.district.benchmark[a] - self.quality[a], 0, self.p.transfer.gap_max)
            self.add(a, min(session.lambda_ls * now.attendance * reach, self.headroom(a)), "session", now.fragile)

    def best_topic(self, now, lever):
        """7.12; none if nothing may be chosen."""
        topic, utilities = self.p.topic, {}
        for a, area in enumerate(self.world.areas):
            scored, preference = self.weight(a, lever.weights) > 0, area.preference[self.hospital]
            if preference > 0 and (scored or not lever.scored_topics_only):
                u = self.uniform(now.month, "TOPIC", word=a % 4, block=a // 4)
                tilt = (topic.stakes_tilt * self.stake * scored
                        + topic.tablets_tilt * lever.tablets * (area.dimension == CLIENT)
                        + topic.accreditation_tilt * lever.accreditation * self.hospital * area.standards)
                utilities[a] = log(preference) + log(max(self.headroom(a), topic.floor)) + tilt - log(-log(u))
        return max(utilities, key=utilities.get, default=None)

    def improve(self, now):
        """7.13 and 7.14."""
        pdsa = self.p.pdsa
        supplied = clip((self.mean_quality(STRUCTURE) - pdsa.inputs + 15) / 30, 0, 1)
        skilled, motivated = 0.5 + 0.5 * self.capability / 0.475, exp(0.15 * self.motivation)
        traction = clip(self.support * self.district.leadership * skilled * motivated * supplied, 0, 2)
        closing = min(pdsa.k_item * self.rate * traction * exp(self.p.interaction.synergy * (self.stake - 1)), 1)
        for a, area in enumerate(self.world.areas):
            if a == self.topic:
                self.add(a, closing * self.headroom(a), "pdsa", now.fragile)
            else:
                spill = pdsa.spill * (0.3 if area.dimension == STRUCTURE else 1)
                self.add(a, closing * spill * self.headroom(a), "spillover", now.fragile)

    def learn_from_peers(self):
        """7.17."""
        peers = self.p.peers
        for a, mean in enumerate(self.peers_mean):
            if not self.world.threshold_contagion or self.peers_better[a] >= peers.thr:
                self.add(a, min(peers.lambda_net * max(mean - self.quality[a], 0), self.headroom(a)), "peers")

    def respond_to_pbf(self, now, lever):
        """7.18."""
        pbf, money = self.p.pbf, self.world.money
        spent = self.in_hand / 3
        self.in_hand -= spent
        reference = (money.grant[self.hospital] + 0.4 * money.performance_pay[self.hospital]) / 3
        for a, area in enumerate(self.world.areas):
            gap = self.gap(a)
            if area.dimension == STRUCTURE:
                self.add(a, min(pbf.res * spent / reference * gap, self.headroom(a)), "resources")
            if self.weight(a, lever.weights) > 0:
                self.add(a, pbf.att * now.habit * gap, "attention")
                self.add(a, pbf.inc * now.habit * self.stake * exp(0.15 * self.motivation) * gap, "incentive")

    def prepare_for_accreditation(self, lever):
        """7.19."""
        for a, area in enumerate(self.world.areas):
            attention = self.p.accreditation.attention * lever.accreditation * area.standards
            self.add(a, attention * self.gap(a), "accreditation")

    def have_luck(self, now):
        """7.22."""
        of_facility = self.normal(now.month, "LUCK", word=3)
        for a, quality in enumerate(self.quality):
            headroom, of_area = self.headroom(a), self.normal(now.month, "LUCK", word=a % 3, block=a // 3)
            size = self.p.luck.sigma * sqrt(3) * min(1, headroom / 30)
            self.add(a, clip(size * 0.7 * (of_facility + of_area), -quality, headroom), "luck")

    def fade(self, now):
        """7.21."""
        for a, quality in enumerate(self.quality):
            self.fragile[a] = min(self.fragile[a], quality)
            lost = self.fragile[a] * now.fade_loss * (1 - min(1, self.support / 0.5))
            self.fragile[a] -= lost
            self.add(a, -lost, "fading")

    def respond(self, now, lever):
        """7.23 and 7.25."""
        moves, clients = self.p.motivation, self.p.clients
        late = max(lever.pbf * lever.pay_delay - 3, 0)
        target = moves.crowd * self.stake - moves.delay_cost * late + moves.coached * self.support
        self.motivation = clip(self.motivation + moves.relax * (target - self.motivation), -3, 3)
        self.satisfaction = self.satisfied()
        self.trust += (self.satisfaction - self.trust) / clients.trust_lag
        if now.last:
            self.use = (self.trust / self.trust_start) ** clients.util_el * (1 - clients.use_shock * now.shock)
