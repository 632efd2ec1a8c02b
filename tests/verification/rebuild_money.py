"""The bill of the rebuilt model: section 7.26 of ODD.md."""

from __future__ import annotations

import numpy as np

COST_LINES = ("coach_visits", "coach_training", "mentoring", "joining", "sessions", "exchange", "overhead",
              "assessment", "verification", "pbf", "tablets", "accreditation", "education")
COST_LINE = {line: number for number, line in enumerate(COST_LINES)}


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
            bill["sessions"] = by_group(run, f.status == 1) * (now.attendance * price.session)
        if now.first:
            bill["exchange"] = by_group(run, f.exchange_month == now.month) * (price.exchange_visit / lever.visitors)
    for line, usd in (bill | (of_districts(run, now) if now.supported else {})).items():
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
    """7.26: overhead, coaches' training and mentoring, as health centre."""
    district, price, affordable = run.district, now.price, run.programme.affordable
    launched = district.launched >= 0
    each = {"overhead": launched * (affordable * price.district_overhead),
            "coach_training": district.trained * price.coach_training,
            "mentoring": district.coaches * (affordable * now.lever.mentoring * price.coach_mentoring) * launched}
    provinces = run.province.districts.size
    return {line: np.column_stack((np.bincount(district.province, usd, provinces), np.zeros(provinces)))
            for line, usd in each.items()}
