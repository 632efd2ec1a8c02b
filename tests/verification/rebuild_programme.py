"""A month of the rebuilt model opens: money, leadership, coaches, visits, meetings. Numbers are sections of ODD.md."""

from __future__ import annotations

from math import exp, floor, log, sqrt
from types import SimpleNamespace

import numpy as np

from tests.verification.rebuild_data import ACTIVE, GRADUATED, NO_CEILING, THRESHOLD

UNIT_COSTS = ("coach_visit", "coach_visit_virtual", "coach_training", "coach_mentoring", "joining_training",
              "session_in_person", "session_virtual", "exchange_visit", "district_overhead", "assessment",
              "verification", "tablets", "accreditation", "cpd", "preservice", "institutions", "coach_post",
              "team_time", "provincial_staff", "national_staff", "assistance")
CENT = 0.01
LARGEST_GAP, RANDOM, SIMILAR = range(3)
REFORM, NEVER_HABIT, AS_BEFORE = range(3)
SESSION_MONTHS = {0: (), 1: (1,), 2: (0, 2), 3: (0, 1, 2)}


def today(run, month):
    """The month with its levers, its place in quarter and year, and its prices."""
    lever, calendar = run.levers[month], run.calendar[month]
    supported, within = lever.support == 1, month % 3
    return SimpleNamespace(
        month=month, lever=lever, first=within == 0, last=within == 2, supported=supported,
        shock=calendar.shock, month_of_year=calendar.month_of_year, pbf_years=calendar.pbf_years,
        known=calendar.known_joins == 1, before=run.levers[max(month - 1, 0)],
        new_terms=terms(lever) != terms(run.levers[max(month - 1, 0)]),
        session=supported and within in SESSION_MONTHS[lever.sessions],
        available=1 - calendar.shock * (1 - lever.virtual), price=prices(run, lever))


def terms(lever):
    """7.18: the levers of payment."""
    return (lever.pbf, lever.schedule, lever.pbf_size, lever.pay_standard, lever.staff_share, lever.pbf_envelope)


def prices(run, lever):
    """7.26: unit costs times their scale; visits and sessions mixed by `virtual`. 7.9: prices of what is new."""
    unit = dict(zip(UNIT_COSTS, run.money.unit_cost.tolist(), strict=True))
    unit["visit"] = unit["coach_visit"] + lever.virtual * (unit["coach_visit_virtual"] - unit["coach_visit"])
    unit["session"] = (unit["session_in_person"]
                       + lever.virtual * (unit["session_virtual"] - unit["session_in_person"]))
    costs = run.p.costs
    price = SimpleNamespace(**{
        name: usd * (costs.assessment if name in {"assessment", "verification"} else costs.collaborative)
        for name, usd in unit.items()})
    price.joining = price.joining_training + price.team_time + lever.visits * price.visit + price.session
    price.coach_month = price.coach_post + lever.mentoring * price.coach_mentoring
    price.new_coach = price.coach_training + price.coach_month
    price.launching = (price.district_overhead + price.provincial_staff + lever.coaches * price.new_coach
                       + price.joining)
    price.assistance_now = price.assistance * (1 - lever.institutionalised)
    price.national = lever.preservice * price.preservice + lever.institutionalised * price.institutions
    return price


# --------------------------------------------------------------------------------------------------- money, scalars


def keep_to_budget(run, now):
    """7.9: with teams and coaches as last month left them."""
    programme = run.programme
    if now.month_of_year == 0:
        programme.spent_this_year = 0.0
    programme.affordable, programme.spare = 1.0, NO_CEILING
    if now.lever.budget < NO_CEILING:
        released = now.lever.budget * (now.month_of_year + 1) / 12
        left = released - programme.spent_this_year - decided(run, now)
        going_on = planned(run, now) if now.supported else 0.0
        programme.affordable = min(1.0, (left if left >= CENT else 0.0) / going_on) if going_on > 0 else 1.0
        programme.spare = max(0.0, left - programme.affordable * going_on)


def decided(run, now):
    """7.9: tablets, accreditation and education of the month."""
    lever, price, hospital = now.lever, now.price, run.open.hospital
    of_each = lever.tablets * price.tablets + lever.cpd * price.cpd
    return hospital.size * of_each + hospital.sum() * lever.accreditation * price.accreditation + price.national


def planned(run, now):
    """7.9: what goes on if nothing is thinned."""
    lever, price, district = now.lever, now.price, run.district
    launched = district.launched >= 0
    active, coaches = district.active_teams[launched], district.coaches[launched]
    wanted = lever.visits * active + lever.maintenance * district.graduated_teams[launched]
    total = (np.minimum(capacity(run, coaches, now), wanted).sum() * price.visit
             + active.size * price.district_overhead + coaches.sum() * price.coach_month
             + active.sum() * price.team_time + run.province.active.sum() * price.provincial_staff
             + price.national_staff + price.assistance_now)
    if now.session:
        total += active.sum() * run.p.session.attendance * now.available * price.session
    if now.first:
        total += floor(run.programme.exchange_credit + lever.exchanges * now.available) * price.exchange_visit
    return total


def open_accounts(run, now):
    """7.18: a new year, and no envelope."""
    programme = run.programme
    if now.month_of_year == 0:
        programme.pbf_paid = 0.0
        programme.pbf_level *= 1 + now.lever.pbf_growth * (now.month > 0)
    if now.lever.pbf_envelope >= NO_CEILING:
        programme.paid_share = 1.0


def renew_novelty(run, now):
    """7.18: both novelties, as the form of `habit` has it."""
    programme, hab, form = run.programme, run.p.pbf.hab, run.structure.habit
    if form == NEVER_HABIT:
        programme.novelty_of_measuring, programme.novelty_of_paying = 1.0, 1.0
        return
    old = programme.novelty_of_measuring, programme.novelty_of_paying, run.calendar[max(now.month - 1, 0)].pbf_years
    if form == AS_BEFORE or now.month == 0:
        old = 1.0, 1.0, 0.0
    worn = exp(-hab * (now.pbf_years - old[2]))
    new = what_is_new(run, now.lever, now.before) if form == REFORM and now.month > 0 else (0, 0)
    programme.novelty_of_measuring, programme.novelty_of_paying = (
        1 - (1 - new[i]) * (1 - old[i] * worn) for i in range(2))


def what_is_new(run, lever, before):
    """7.18: what is newly measured, and newly paid for."""
    moved = np.abs(run.weights[lever.weights] - run.weights[before.weights]).sum(axis=1).max() / 2
    measured = (moved if before.pbf and before.rounds else 1) if lever.pbf and lever.rounds else 0
    if not lever.pbf or lever.schedule == 0:
        return measured, 0
    if not before.pbf or lever.schedule != before.schedule:
        return measured, 1
    size = before.pbf_size if lever.pbf_envelope < NO_CEILING else lever.pbf_size
    bonus, old = lever.staff_share * size, before.staff_share * before.pbf_size
    of_bonus = bonus / old - 1 if old > 0 else float(bonus > 0)
    return measured, min(1, max(moved, of_bonus, abs(lever.pay_standard - before.pay_standard) / 10))


def look_at(run, now):
    """7.2."""
    p, lever = run.p, now.lever
    now.attendance = p.session.attendance * now.available * run.programme.affordable
    now.measuring = lever.pbf * lever.rounds * run.programme.novelty_of_measuring
    now.paying = lever.pbf * lever.rounds * run.programme.novelty_of_paying
    now.leaving = 1 - (1 - p.turnover.annual) ** ((p.turnover.pbf_ratio if lever.pbf else 1) / 12)
    now.fade_loss = 1 - 2 ** (-1 / p.fading.half_life)
    now.fragile = 1 - p.fading.theta - p.fading.policy_lock * lever.institutionalised * (1 - p.fading.theta)
    now.left = 1 - p.assessment.detect * lever.verification
    now.kept_support = p.fading.policy_keep * lever.institutionalised


# --------------------------------------------------------------------------------------------- leadership, coaches


def leadership_drawn(run, z):
    """7.8."""
    variance = log(1 + run.p.leadership.sd**2)
    return np.exp(sqrt(variance) * z - variance / 2)


def lead_districts(run, now):
    """7.8."""
    district, leadership = run.district, run.p.leadership
    if now.first and now.month > 0:
        u = run.numbers.uniform(district.identity, now.month, "LEADERSHIP")
        drawn = leadership_drawn(run, run.numbers.normal(district.identity, now.month, "LEADERSHIP", word=1))
        np.copyto(district.chief, drawn, where=u < 1 - (1 - leadership.turnover) ** 0.25)
    district.leadership = district.chief + (now.lever.institutionalised * leadership.hold
                                            * np.maximum(1 - district.chief, 0))
    np.take(district.leadership, run.open.district, out=run.open.leadership)


def by_district(run, values):
    """Sums of a value of open facilities over each district."""
    return np.bincount(run.open.district, values, run.district.launched.size)


def count_teams(run):
    """3, `count_teams`: with those that join now; they are no longer graduated."""
    f, district = run.open, run.district
    joins = f.joins_now == 1
    district.active_teams = by_district(run, joins | (f.status == ACTIVE)).astype(np.int64)
    district.graduated_teams = by_district(run, (f.status == GRADUATED) & ~joins).astype(np.int64)


def train_coaches(run, now):
    """7.6."""
    district, loss = run.district, 1 - (1 - run.p.turnover.annual) ** (1 / 12)
    launched = district.launched >= 0
    kept = district.coaches * (1 - loss)
    missing = np.where(launched, np.maximum(now.lever.coaches * now.supported - kept, 0), 0.0)
    spare = run.programme.spare if run.programme.spare >= CENT else 0.0
    trained, in_all = min(now.lever.coach_training / 3, spare / now.price.new_coach), missing.sum()
    district.trained = missing * (min(1, trained / in_all) if in_all > 0 else 0.0)
    district.coaches = kept + district.trained


def capacity(run, coaches, now):
    """7.7: visits that coaches can make."""
    return coaches * run.p.coaching.visits_per_coach * now.available


def share_visits(run, now):
    """7.7."""
    lever, district, affordable = now.lever, run.district, run.programme.affordable
    can = capacity(run, district.coaches, now) * now.supported
    active, graduated = district.active_teams, district.graduated_teams
    to_active = np.where(active > 0, np.minimum(lever.visits, can / np.maximum(active, 1)), 0.0)
    left_over = np.where((active > 0) & (to_active < lever.visits), 0.0, np.maximum(can - to_active * active, 0))
    to_graduated = np.where(graduated > 0, np.minimum(lever.maintenance, left_over / np.maximum(graduated, 1)), 0.0)
    district.visits_active, district.visits_graduated = affordable * to_active, affordable * to_graduated
    district.coaching_active = coaching_support(run, district.visits_active, now)
    district.coaching_graduated = coaching_support(run, district.visits_graduated, now)
    district.support_active = np.maximum(district.coaching_active, now.kept_support)
    district.support_graduated = np.maximum(district.coaching_graduated, now.kept_support)
    district.fades_active, district.fades_graduated = (
        now.fade_loss * np.exp2(-supported / run.p.fading.keep)
        for supported in (district.support_active, district.support_graduated))


def coaching_support(run, visits, now):
    """7.7: s(v)."""
    coaching = run.p.coaching
    full = coaching.skill * (1 + coaching.mentoring_gain * now.lever.mentoring)
    reached = (1 - np.exp(-visits / coaching.v0)) / (1 - exp(-0.75 / coaching.v0))
    return full * reached


# -------------------------------------------------------------------------------------------------------- meetings


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
    if run.structure.contagion == THRESHOLD:
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
        first = np.argmax(rank)
        host, hosts_score = free[first], score[first]
        free, score, rank = (np.delete(values, first) for values in (free, score, rank))
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
