"""A month of the rebuilt model closes: scores, observed levels, payments, the bill. Numbers are sections of ODD.md."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from tests.verification.rebuild_data import ACTIVE, LINE, LINEAR_SLOPE, RING, TODAYS, jumps

COST_LINES = ("coach_posts", "coach_visits", "coach_training", "mentoring", "joining", "team_time", "sessions",
              "exchange", "overhead", "programme_staff", "assistance", "assessment", "verification", "pbf", "tablets",
              "accreditation", "education")
COST_LINE = {line: number for number, line in enumerate(COST_LINES)}


def headroom(quality, ceiling):
    """7.3."""
    left = ceiling - quality
    return np.maximum(left, 0, out=left)


def mean_quality(quality, areas):
    """The plain mean of some areas; 0 if there are none."""
    return quality[areas].sum(axis=0) / max(areas.size, 1)


def true_composite(f):
    """7.1: under today's weights."""
    return np.einsum("af,af->f", f.weights[TODAYS], f.quality)


def clients_satisfied(run, f):
    """7.25."""
    clients, perceived = run.p.clients, (mean_quality(f.quality, run.area.client) + f.true_score) / 2
    return np.clip(clients.sat0 + clients.sat_slope * (perceived - 50), 0, 100)


def stake_at(run, score, lever):
    """7.18: read from the table of whole scores, -20 to 130."""
    slopes, place = run.programme.stakes[lever.schedule], score - lever.pay_standard + 20
    low = np.minimum(place.astype(np.int64), 149)
    slope = slopes[low] + (place - low) * (slopes[low + 1] - slopes[low])
    stake = lever.pbf * lever.staff_share / 0.6 * lever.pbf_size / LINEAR_SLOPE * slope
    stake *= run.programme.pbf_level * run.programme.paid_share
    return 2 * (1 - np.exp2(-stake))


def performance_pay(run, f, lever):
    """7.18: what a round pays at the last score, if PBF is on."""
    starts, pays, slopes = run.schedules[lever.schedule]
    score = f.score - lever.pay_standard
    piece = np.searchsorted(starts, score, side="right") - 1
    share = np.where(piece < 0, 0.0, np.maximum(pays[piece] + slopes[piece] * (score - starts[piece]), 0.0))
    return share * lever.pbf_size * run.programme.pbf_level * f.performance_pay


def gaming(run, honest, stake, lever, left):
    """7.24: with the distance from the honest score to the next rise of the payment."""
    (starts, _, slopes), score = run.schedules[lever.schedule], honest - lever.pay_standard
    distance = np.full(score.size, np.inf)
    for start, slope, jump in zip(starts[::-1], slopes[::-1], jumps(run.schedules[lever.schedule])[::-1], strict=True):
        if slope > 0 or jump > 1e-9:
            distance = np.where(score < start, start - score, distance)
    piece = np.searchsorted(starts, score, side="right") - 1
    distance[(piece >= 0) & (slopes[piece] > 0)] = 0.0
    return run.p.assessment.game * stake * np.exp(-((distance / 5) ** 2) / 2) * left


def seen(run, f, quality, lever):
    """7.24: measured quality and what is watched on the visit day."""
    rise = run.p.assessment.hawth * np.minimum(1, headroom(quality, f.ceiling) / 30)
    return np.einsum("af,af->f", f.weights[lever.weights], quality) + np.einsum(
        "af,af->f", f.watched[lever.weights], rise)


def assessed(run, f, lever, noise, added, quality=None):
    """7.24: scores, given what leniency and gaming add; without noise and gaming the honest ones."""
    error = run.p.assessment.noise * noise
    return np.clip(seen(run, f, f.quality if quality is None else quality, lever) + added + f.bias + error, 0, 100)


def leniency(run, f, now):
    """7.24."""
    errors = run.p.assessment
    return errors.lenient * (1 - np.exp(-f.visits / errors.presence)) * (1 - now.lever.separated) * now.left


def hold_round(run, now):
    """7.24, and the payment of 7.18."""
    f, lever, price = run.open, now.lever, now.price
    if lever.rounds:
        added = leniency(run, f, now)
        added = added + gaming(run, assessed(run, f, lever, 0.0, added), f.stake, lever, now.left)
        noise = run.numbers.normal(f.identity, now.month, "ASSESSMENT")
        f.score[:] = assessed(run, f, lever, noise, added)
        book_round(run, "assessment", np.full(f.score.size, price.assessment), lever)
        book_round(run, "verification", np.full(f.score.size, lever.verification * price.verification), lever)
    programme, bill = run.programme, performance_pay(run, f, lever) * (lever.pbf * lever.rounds)
    if lever.pbf_envelope < 1e12 and lever.pbf * lever.rounds:
        left = max(lever.pbf_envelope * programme.pbf_level - programme.pbf_paid, 0)
        allotted = left / ((14 - now.month_of_year) // 3)
        programme.paid_share = min(1.0, allotted / bill.sum()) if bill.sum() > 0 else 1.0
    paid = bill * programme.paid_share
    programme.pbf_paid += paid.sum()
    book_round(run, "pbf", paid, lever)
    f.due[(now.month + lever.pay_delay) % RING] += programme.pbf_level * f.grant + (1 - lever.staff_share) * paid


def start_from_levels(run, now):
    """7.31: facilities whose observed level belongs to this month take it over."""
    who = np.flatnonzero(run.open.level_month == now.month)
    if not who.size:
        return
    f, lever = SimpleNamespace(**{name: values[..., who] for name, values in vars(run.open).items()}), now.lever
    z = run.numbers.normal(f.identity, 0, "OBSERVED_LEVEL")
    f.score = np.clip(f.level + f.level_sd * z, 0, 100)
    f.stake = stake_at(run, f.score, lever)
    f.quality = np.where(f.area_level >= 0, f.true_score + f.area_level - f.level, f.quality)
    f.quality = shifted(f, shift_for(run, f, now))
    f.fragile = np.minimum(f.fragile, f.quality)
    before, f.true_score = f.true_score, true_composite(f)
    f.ledger[LINE["initial"]] += f.true_score - before
    before, f.satisfaction = f.satisfaction, clients_satisfied(run, f)
    f.trust, f.trust_start = (np.clip(trust + f.satisfaction - before, 1, 100) for trust in (f.trust, f.trust_start))
    for name in ("score", "stake", "quality", "fragile", "true_score", "ledger", "satisfaction", "trust",
                 "trust_start"):
        getattr(run.open, name)[..., who] = getattr(f, name)


def shift_for(run, f, now):
    """7.31: points by which all areas move, by halving -100 to 100 forty times."""
    low, high, lever = np.full(f.score.size, -100.0), np.full(f.score.size, 100.0), now.lever
    for _ in range(40):
        middle = 0.5 * (low + high)
        quality, added = shifted(f, middle), leniency(run, f, now)
        game = gaming(run, assessed(run, f, lever, 0.0, added, quality), f.stake, lever, now.left)
        short = assessed(run, f, lever, 0.0, added + game, quality) < f.score
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return 0.5 * (low + high)


def shifted(f, shift):
    """7.31: quality of all areas moved by as many points, within 0 and the ceilings."""
    return np.minimum(np.maximum(f.quality + shift, 0), f.ceiling)


# -------------------------------------------------------------------------------------------------------- the bill


def by_group(run, values):
    """Sums of a value of open facilities by province and kind (provinces, 2)."""
    return np.bincount(run.open.group, values, 2 * run.province.active.size).reshape(-1, 2)


def book(run, line, usd, donors):
    """US$ by province and kind are booked to a line and shared between government and donors."""
    run.province.cost[:, :, COST_LINE[line]] += usd[:, :, None] * (1 - donors, donors)


def book_round(run, line, usd, lever):
    """Lines of PBF and assessment: US$ of each open facility."""
    book(run, line, by_group(run, usd), lever.donor_share_pbf)


def book_costs(run, now):
    """7.26: the lines of collaboratives; each is booked and counts against the year's ceiling."""
    f, lever, price = run.open, now.lever, now.price
    bill = {"tablets": open_by_group(run) * (lever.tablets * price.tablets), "education": education(run, now)}
    if lever.accreditation > 0:
        bill["accreditation"] = by_group(run, f.hospital) * (lever.accreditation * price.accreditation)
    if f.ever.any():
        bill["coach_visits"] = by_group(run, f.visits) * price.visit
        bill["joining"] = by_group(run, f.joined) * price.joining_training
        if now.session:
            bill["sessions"] = by_group(run, f.status == ACTIVE) * (now.attendance * price.session)
        if now.first:
            bill["exchange"] = by_group(run, f.exchange_month == now.month) * (price.exchange_visit / lever.visitors)
    if now.supported:
        of_teams = by_group(run, f.status == ACTIVE) * (run.programme.affordable * price.team_time)
        bill |= of_districts(run, now) | of_programme(run, now) | {"team_time": of_teams}
    for line, usd in bill.items():
        book(run, line, usd, lever.donor_share)
        run.programme.spent_this_year += usd.sum()


def open_by_group(run):
    """Open facilities by province and kind."""
    return by_group(run, None).astype(float)


def education(run, now):
    """7.26: credit for staff of each facility; the national sum by provinces' districts, as health centre."""
    usd = open_by_group(run) * (now.lever.cpd * now.price.cpd)
    usd[:, 0] += now.price.national * run.province.districts / run.district.launched.size
    return usd


def of_districts(run, now):
    """7.26: overhead, coaches' posts, training and mentoring, as health centre."""
    district, price, affordable = run.district, now.price, run.programme.affordable
    launched = district.launched >= 0
    each = {"overhead": launched * (affordable * price.district_overhead),
            "coach_posts": district.coaches * (affordable * price.coach_post) * launched,
            "coach_training": district.trained * price.coach_training,
            "mentoring": district.coaches * (affordable * now.lever.mentoring * price.coach_mentoring) * launched}
    provinces = run.province.districts.size
    return {line: np.column_stack((np.bincount(district.province, usd, provinces), np.zeros(provinces)))
            for line, usd in each.items()}


def of_programme(run, now):
    """7.26: provincial and national staff, and technical assistance, as health centre."""
    price, affordable = now.price, run.programme.affordable
    by_districts = run.province.districts / run.district.launched.size
    each = {"programme_staff": run.province.active * price.provincial_staff + by_districts * price.national_staff,
            "assistance": by_districts * price.assistance_now}
    return {line: np.column_stack((affordable * usd, np.zeros(usd.size))) for line, usd in each.items()}
