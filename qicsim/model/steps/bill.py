"""Costs of the month, booked by province, kind of facility, line and payer."""

from __future__ import annotations

from qicsim.ground.compiled import compiled
from qicsim.model.columns import (
    ACCREDITATION,
    ACTIVE,
    ASSISTANCE,
    COACH_POSTS,
    COACH_TRAINING,
    COACH_VISITS,
    EDUCATION,
    EXCHANGE_VISITS,
    JOINING_TRAINING,
    MENTORING,
    NOT_LAUNCHED,
    OVERHEAD,
    PROGRAMME_STAFF,
    SESSIONS,
    TABLETS,
    TEAM_TIME,
)
from qicsim.model.steps.prices import book_for, book_qic, national_price, national_staff_price, price, visit_price


@compiled
def book_costs(today, setting, now, params, state):
    """Book what the collaboratives cost this month."""
    bill_teams(today, setting, now, params, state)
    if now.tablets + now.accreditation + now.cpd > 0.0:
        bill_facilities(today, setting, now, params, state)
    if today.supported:
        bill_districts(today, setting, now, params, state)
        bill_programme(today, setting, now, params, state)
    bill_nation(setting, now, params, state)


@compiled
def bill_teams(today, setting, now, params, state):
    """Visits, sessions, exchange visits, training and staff time of teams."""
    visit, training = visit_price(setting, now, params), price(JOINING_TRAINING, setting, now, params)
    session = today.attendance * price(SESSIONS, setting, now, params)
    exchange = price(EXCHANGE_VISITS, setting, now, params) / now.visitors
    time = today.affordable * price(TEAM_TIME, setting, now, params)
    spent = state.programme[0].spent_this_year
    for f in range(state.facility.size):
        facility = state.facility[f]
        if facility.ever == 1:
            p, kind = setting.facility[f].province, setting.facility[f].hospital
            if facility.visits > 0.0:
                spent += book_for(p, kind, COACH_VISITS, facility.visits * visit, now, state)
            if facility.status == ACTIVE and today.supported:
                spent += book_for(p, kind, TEAM_TIME, time, now, state)
            if facility.status == ACTIVE and today.session:
                spent += book_for(p, kind, SESSIONS, session, now, state)
            if facility.status == ACTIVE and facility.months_in == 0:
                spent += book_for(p, kind, JOINING_TRAINING, training, now, state)
            if facility.exchange_month == today.month:
                spent += book_for(p, kind, EXCHANGE_VISITS, exchange, now, state)
    state.programme[0].spent_this_year = spent


@compiled
def bill_facilities(today, setting, now, params, state):
    """Tablets and CPD of all open facilities, accreditation of hospitals."""
    tablets, cpd = now.tablets * price(TABLETS, setting, now, params), now.cpd * price(EDUCATION, setting, now, params)
    standards = now.accreditation * price(ACCREDITATION, setting, now, params)
    for f in range(state.facility.size):
        site = setting.facility[f]
        if site.opened <= today.month:
            book_qic(site.province, site.hospital, TABLETS, tablets, now, state)
            book_qic(site.province, site.hospital, ACCREDITATION, site.hospital * standards, now, state)
            book_qic(site.province, site.hospital, EDUCATION, cpd, now, state)


@compiled
def bill_districts(today, setting, now, params, state):
    """Overhead of launched districts; posts, training and mentoring of their coaches (booked to health centres)."""
    overhead = today.affordable * price(OVERHEAD, setting, now, params)
    post = today.affordable * price(COACH_POSTS, setting, now, params)
    train = price(COACH_TRAINING, setting, now, params)
    mentor = today.affordable * now.mentoring * price(MENTORING, setting, now, params)
    for d in range(state.district.size):
        district, p = state.district[d], setting.district[d].province
        if district.launched != NOT_LAUNCHED:
            book_qic(p, 0, OVERHEAD, overhead, now, state)
            book_qic(p, 0, COACH_POSTS, district.coaches * post, now, state)
            book_qic(p, 0, COACH_TRAINING, district.trained * train, now, state)
            book_qic(p, 0, MENTORING, district.coaches * mentor, now, state)


@compiled
def bill_programme(today, setting, now, params, state):
    """Staff of active provinces and of the nation, and technical assistance (booked to health centres)."""
    provincial = today.affordable * price(PROGRAMME_STAFF, setting, now, params)
    national = today.affordable * national_staff_price(setting, params)
    advice = today.affordable * price(ASSISTANCE, setting, now, params)
    for p in range(state.province.size):
        share = (setting.province[p].end - setting.province[p].first) / setting.district.size
        book_qic(p, 0, PROGRAMME_STAFF, state.province[p].active * provincial + share * national, now, state)
        book_qic(p, 0, ASSISTANCE, share * advice, now, state)


@compiled
def bill_nation(setting, now, params, state):
    """Pre-service training and institutions, shared among provinces by their districts."""
    amount = national_price(setting, now, params)
    if amount <= 0.0:
        return
    for p in range(state.province.size):
        share = (setting.province[p].end - setting.province[p].first) / setting.district.size
        book_qic(p, 0, EDUCATION, amount * share, now, state)
