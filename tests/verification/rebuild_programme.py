"""Roll-out, coaching and meetings of the rebuilt model. Numbers in docstrings are sections of ODD.md."""

from __future__ import annotations

from math import exp, log, sqrt

PLAN, LOWEST, HIGHEST, LARGEST = range(4)
LARGEST_GAP, RANDOM, SIMILAR = range(3)


class Programme:
    """What the programme and its districts do when a month opens; `Rebuilt` holds what it works on."""

    # -------------------------------------------------------------------------------------------------- roll-out

    def launched(self):
        return [district for district in self.districts if district.launched is not None]

    def launch_districts(self, now, lever):
        """7.4."""
        r, price = self.params.rollout, now.prices
        growth = (1 + r.launch_growth) ** self.launch_quarters
        self.launch_credit += r.launch_rate * growth * (1 - r.launch_shock * now.shock) * lever.launch_boost
        while (self.launch_credit >= 1 and len(self.launched()) + 1 <= lever.districts
               and self.spare >= price.launching):
            district = self.next_by_plan(lever) if lever.order == PLAN else self.next_by_rule(now, lever)
            if district is None:
                break
            district.launched, district.quarters = now.month, self.launch_quarters
            self.provinces[district.site.province].active = True
            self.launch_credit -= 1
            self.spare -= price.launching - price.joining
        self.launch_credit = min(self.launch_credit, 1.0)
        self.launch_quarters += 1

    def listed_provinces(self):
        return [self.provinces[p] for p in self.setting.province_order]

    def next_by_plan(self, lever):
        """7.4: provinces open, then the emptiest active one is taken."""
        def not_launched(province):
            return [d for d in province.districts if d.launched is None]

        for province in self.listed_provinces():
            active = [one for one in self.provinces if one.active]
            all_districts = sum(len(one.districts) for one in active)
            launched = all_districts - sum(len(not_launched(one)) for one in active)
            if len(active) >= lever.provinces or launched < self.params.rollout.filled * all_districts:
                break
            province.active = True
        unfilled = [one for one in self.listed_provinces() if one.active and not_launched(one)]
        if not unfilled:
            return None
        emptiest = min(unfilled, key=lambda one: 1 - len(not_launched(one)) / len(one.districts))
        return not_launched(emptiest)[0]

    def next_by_rule(self, now, lever):
        """7.4: the first by score or people."""
        def rank(district):
            if lever.order == LARGEST:
                return district.site.population
            scores = [f.score for f in district.facilities if f.site.opened <= now.month]
            return sum(scores) / max(len(scores), 1) * (-1 if lever.order == LOWEST else 1)

        waiting = [district for province in self.listed_provinces()[:lever.provinces]
                   for district in province.districts if district.launched is None]
        return max(waiting, key=rank, default=None)

    def choose_joins(self, now, lever):
        """7.5."""
        for district in self.launched():
            keys = {f.site.identity.tobytes(): key for f in district.facilities
                    if (key := self.joining_key(f, district, now, lever)) is not None}
            places = min(self.places(district, now, lever), int(self.spare / now.prices.joining))
            first = sorted(keys.values())[:places]
            for facility in district.facilities:
                facility.joins = keys.get(facility.site.identity.tobytes()) in first
            self.spare -= len(first) * now.prices.joining

    def joining_key(self, facility, district, now, lever):
        """7.5: the key of a candidate, None for the others."""
        r, month = self.params.rollout, now.month
        if facility.site.opened > month or facility.status == "active":
            return None
        if not (lever.reenrol if facility.ever else lever.recruiting):
            return None
        u = facility.uniform(month, "JOINING")
        if facility.hospital and not facility.ever:
            return u - 1
        ready = month - district.launched >= r.hc_delay * exp(-r.delay_learning * district.quarters)
        if not ready or (lever.hospitals_only and not facility.hospital):
            return None
        ties = self.open_ties(facility, now)
        pull = 1 + r.peer_pull * sum(tie.ever for tie in ties) / max(len(ties), 1)
        return u if u < 1 - exp(-r.join_hazard * district.leadership * pull) else None

    def places(self, district, now, lever):
        """7.5: places under `join_floor`."""
        if lever.join_floor <= 0:
            return len(district.facilities)
        teams = sum(f.status == "active" for f in district.facilities)
        coaches = district.coaches if teams else max(district.coaches, lever.coaches)
        return max(int(self.capacity(coaches, now) / lever.join_floor + 1e-9) - teams, 0)

    def open_ties(self, facility, now):
        ties = self.setting.peer[facility.site.first_peer:facility.site.end_peer]
        return [self.facilities[tie] for tie in ties if self.facilities[tie].site.opened <= now.month]

    # ------------------------------------------------------------------------------------- leadership and coaches

    def leadership_drawn(self, z):
        """7.8."""
        variance = log(1 + self.params.leadership.sd**2)
        return exp(sqrt(variance) * z - variance / 2)

    def lead_districts(self, now, lever):
        """7.8."""
        leadership, changes = self.params.leadership, 1 - (1 - self.params.leadership.turnover) ** 0.25
        for district in self.districts:
            who = district.site.identity, now.month, "LEADERSHIP"
            if now.first and now.month > 0 and self.numbers.uniform(*who) < changes:
                district.chief = self.leadership_drawn(self.numbers.normal(*who, word=1))
            held_up = lever.institutionalised * leadership.hold * max(1 - district.chief, 0)
            district.leadership = district.chief + held_up

    def capacity(self, coaches, now):
        """7.7."""
        return coaches * self.params.coaching.visits_per_coach * now.available

    def support(self, visits, lever):
        """7.7: s(v)."""
        coaching = self.params.coaching
        reached = (1 - exp(-visits / coaching.v0)) / (1 - exp(-0.75 / coaching.v0))
        return coaching.skill * (1 + coaching.mentoring_gain * lever.mentoring) * reached

    def train_coaches(self, now, lever):
        """7.6."""
        loss, wanted = 1 - (1 - self.params.turnover.annual) ** (1 / 12), lever.coaches * now.supported
        missing = sum(max(wanted - d.coaches * (1 - loss), 0) for d in self.launched())
        trained = min(lever.coach_training / 3, self.spare / now.prices.coach_training)
        share = min(1, trained / missing) if missing > 0 else 0
        for district in self.launched():
            kept = district.coaches * (1 - loss)
            district.trained = share * max(wanted - kept, 0)
            district.coaches = kept + district.trained

    def share_visits(self, now, lever):
        """7.7."""
        for district in self.districts:
            capacity = self.capacity(district.coaches, now) if now.supported else 0.0
            active, graduated = district.active, district.graduated
            to_active = min(lever.visits, capacity / active) if active else 0.0
            rationed = active and to_active < lever.visits
            left = 0.0 if rationed else max(capacity - to_active * active, 0)
            to_graduated = min(lever.maintenance, left / graduated) if graduated else 0.0
            district.visits_active = self.affordable * to_active
            district.visits_graduated = self.affordable * to_graduated

    # -------------------------------------------------------------------------------------------------- meetings

    def post_benchmarks(self):
        """7.15."""
        for district in self.districts:
            teams = [f for f in district.facilities if f.status == "active"]
            best = (len(teams) + 3) // 4
            for a in range(len(self.areas)) if district.active else ():
                quality = sorted((f.quality[a] for f in teams), reverse=True)[:best]
                district.benchmark[a] = sum(quality) / best if best else 0.0

    def post_peers(self, now):
        """7.17."""
        for facility in self.facilities:
            ties = self.open_ties(facility, now)
            count = max(len(ties), 1)
            for a, quality in enumerate(facility.quality):
                facility.peers_mean[a] = sum(tie.quality[a] for tie in ties) / count
                facility.peers_better[a] = sum(tie.quality[a] > quality for tie in ties) / count

    def pair_visits(self, now, lever):
        """7.16."""
        self.exchange_credit += lever.exchanges * now.available * self.affordable
        if self.exchange_credit < 1:
            return
        free = [facility for facility in self.facilities if facility.status == "active"]
        rank = {id(f): f.score if lever.matching == LARGEST_GAP else f.uniform(now.month, "EXCHANGE") for f in free}
        while self.exchange_credit >= 1:
            if not free:
                self.exchange_credit = min(self.exchange_credit, 4 * lever.exchanges)
                return
            host = max(free, key=lambda f: rank[id(f)])
            free.remove(host)
            for _ in range(min(lever.visitors, len(free))):
                distance = {id(f): abs(f.score - host.score) for f in free} if lever.matching == SIMILAR else rank
                visitor = min(free, key=lambda f, near=distance: near[id(f)])
                free.remove(visitor)
                self.visit(visitor, host, now)
            host.motivation = min(host.motivation + self.params.exchange.recognition, 3)
            self.exchange_credit -= 1
            self.exchanges_held += 1

    def visit(self, visitor, host, now):
        """7.16."""
        ahead = [theirs - own for theirs, own in zip(host.quality, visitor.quality, strict=True)]
        reach = min(max(*ahead, 0), self.params.transfer.gap_max)
        visitor.visited, visitor.learnt = now.month, ahead.index(max(ahead))
        visitor.noted_gain = self.params.exchange.lambda_ex * reach / 2
