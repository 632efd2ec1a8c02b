"""The budget of the collaboratives: what a ceiling leaves of the month's plan, and what it forbids.

Each month releases a twelfth of the year's ceiling. Tablets, accreditation and education are paid first, as they are
decided for the year. Visits, sessions, exchange visits, mentoring, coaches' posts, staff time, districts' overhead, the
programme's staff and technical assistance are thinned to the share that is left; new teams join and coaches are trained
only from what remains after the plan.
"""

from __future__ import annotations

import math

from qicsim.ground.compiled import compiled
from qicsim.model.columns import (
    ACCREDITATION,
    ASSISTANCE,
    COACH_POSTS,
    COACH_TRAINING,
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
from qicsim.model.levers import NO_CEILING
from qicsim.model.mechanisms.coaching import coach_capacity
from qicsim.model.mechanisms.costs import CENT, affordable_share
from qicsim.model.mechanisms.session import session_attendance
from qicsim.model.mechanisms.shock import available_share
from qicsim.model.steps.month_context import session_month
from qicsim.model.steps.prices import national_price, national_staff_price, price, visit_price


@compiled
def keep_to_budget(month, setting, now, params, state):
    """Post and return the share of the month's plan that the ceiling leaves; post what remains after it."""
    programme, months_of_year = state.programme[0], setting.month[month].month_of_year + 1.0
    if months_of_year == 1.0:
        programme.spent_this_year = 0.0
    programme.affordable = 1.0
    programme.spare = NO_CEILING
    if now.budget < NO_CEILING:
        used = programme.spent_this_year + decided_bill(month, setting, now, params)
        planned = planned_bill(month, setting, now, params, state)
        programme.affordable = affordable_share(now.budget, months_of_year, used, planned)
        left = now.budget * months_of_year / 12.0 - used - programme.affordable * planned
        programme.spare = max(left, 0.0)
    return programme.affordable


@compiled
def decided_bill(month, setting, now, params):
    """US$ of tablets, accreditation and education this month."""
    open_facilities, hospitals = 0.0, 0.0
    for f in range(setting.facility.size):
        if setting.facility[f].opened <= month:
            open_facilities += 1.0
            hospitals += setting.facility[f].hospital
    tablets, cpd = now.tablets * price(TABLETS, setting, now, params), now.cpd * price(EDUCATION, setting, now, params)
    standards = now.accreditation * price(ACCREDITATION, setting, now, params)
    return open_facilities * (tablets + cpd) + hospitals * standards + national_price(setting, now, params)


@compiled
def planned_bill(month, setting, now, params, state):
    """US$ that support costs this month if nothing is thinned: what `bill` books of it, as far as it can be known."""
    if now.support == 0:
        return 0.0
    available = available_share(setting.month[month].shock, now.virtual)
    visit, overhead = visit_price(setting, now, params), price(OVERHEAD, setting, now, params)
    coach, time = coach_month_price(setting, now, params), price(TEAM_TIME, setting, now, params)
    session = session_attendance(available, params.session) * price(SESSIONS, setting, now, params)
    bill = national_staff_price(setting, params) + price(ASSISTANCE, setting, now, params)
    for p in range(state.province.size):
        bill += state.province[p].active * price(PROGRAMME_STAFF, setting, now, params)
    for d in range(state.district.size):
        district = state.district[d]
        if district.launched != NOT_LAUNCHED:
            capacity = coach_capacity(district.coaches, available, params.coaching)
            wanted = now.visits * district.active_teams + now.maintenance * district.graduated_teams
            bill += min(capacity, wanted) * visit + overhead + district.coaches * coach + district.active_teams * time
            if session_month(month, now.sessions):
                bill += district.active_teams * session
    if month % 3 == 0:
        held = math.floor(state.programme[0].exchange_credit + now.exchanges * available)
        bill += held * price(EXCHANGE_VISITS, setting, now, params)
    return bill


@compiled
def joining_price(setting, now, params):
    """US$ that a new team costs in its first month."""
    training = price(JOINING_TRAINING, setting, now, params) + price(TEAM_TIME, setting, now, params)
    return training + now.visits * visit_price(setting, now, params) + price(SESSIONS, setting, now, params)


@compiled
def launching_price(setting, now, params):
    """US$ of a new district's first month: overhead, its coaches, its first team, staff of its province."""
    coaches = now.coaches * new_coach_price(setting, now, params)
    staff = price(PROGRAMME_STAFF, setting, now, params)
    return price(OVERHEAD, setting, now, params) + staff + coaches + joining_price(setting, now, params)


@compiled
def coach_month_price(setting, now, params):
    """US$ that a coach costs in a month whether visits are made or not: the post, and mentoring."""
    return price(COACH_POSTS, setting, now, params) + now.mentoring * price(MENTORING, setting, now, params)


@compiled
def new_coach_price(setting, now, params):
    """US$ that a new coach costs in the first month."""
    return price(COACH_TRAINING, setting, now, params) + coach_month_price(setting, now, params)


@compiled
def payable_teams(setting, now, params, state):
    """How many teams may join with what remains of the money."""
    return int(payable(state.programme[0].spare, joining_price(setting, now, params)))


@compiled
def payable(money, unit_price):
    """How many units the money buys, none for less than a cent; what costs nothing is not limited by it."""
    if unit_price <= 0.0:
        return NO_CEILING
    return money / unit_price if money >= CENT else 0.0
