"""Coaching and leadership of the districts, every month: coaches are trained, visits shared out within capacity."""

from __future__ import annotations

from qicsim.compiled import compiled
from qicsim.model.columns import (
    ACTIVE,
    EXCHANGE_VISITS,
    GRADUATED,
    MENTORING,
    NOT_LAUNCHED,
    OVERHEAD,
    SESSIONS,
)
from qicsim.model.levers import NO_CEILING
from qicsim.model.mechanisms.coaching import coach_capacity, coaches_after_training, support_of, visits_each
from qicsim.model.mechanisms.costs import affordable_share
from qicsim.model.mechanisms.fading import support_kept
from qicsim.model.mechanisms.leadership import leadership_drawn, leadership_held
from qicsim.model.mechanisms.turnover import leaving_probability
from qicsim.model.steps.prices import price, visit_price
from qicsim.randomness import LEADERSHIP, normal_of, unit, words

QUARTERLY = 3.0
MONTHS_PER_QUARTER = 3.0


@compiled
def lead_districts(today, setting, now, params, state, key):
    """Chiefs change at the start of a quarter; a national policy holds weak leadership up."""
    chance = leaving_probability(params.leadership.turnover, QUARTERLY)
    for d in range(state.district.size):
        district = state.district[d]
        if today.quarter_opens and today.month > 0:
            drawn = words(key, setting.district[d].identity, today.month, LEADERSHIP, 0)
            if unit(drawn[0]) < chance:
                district.chief = leadership_drawn(normal_of(unit(drawn[1])), params.leadership)
        district.leadership = leadership_held(district.chief, now.institutionalised, params.leadership)


@compiled
def count_teams(setting, state):
    """Active teams (with those that join now) and graduated teams of each district."""
    for d in range(state.district.size):
        active, graduated = 0, 0
        for f in range(setting.district[d].first, setting.district[d].end):
            joins = state.facility[f].joins_now == 1
            active += joins or state.facility[f].status == ACTIVE
            graduated += state.facility[f].status == GRADUATED and not joins
        state.district[d].active_teams = active
        state.district[d].graduated_teams = graduated


@compiled
def check_budget(today, setting, now, params, state):
    """Post the share of the month's plan that the year's ceiling leaves."""
    programme, month_of_year = state.programme[0], setting.month[today.month].month_of_year
    if month_of_year == 0:
        programme.spent_this_year = 0.0
    programme.affordable = 1.0
    if today.supported and now.budget < NO_CEILING:
        planned = planned_bill(today, setting, now, params, state)
        programme.affordable = affordable_share(now.budget, month_of_year + 1.0, programme.spent_this_year, planned)


@compiled
def planned_bill(today, setting, now, params, state):
    """US$ that this month's visits, mentoring, sessions, exchanges and overhead cost if nothing is thinned."""
    visit, session = visit_price(setting, now, params), today.attendance * price(SESSIONS, setting, now, params)
    overhead = price(OVERHEAD, setting, now, params)
    mentor = now.mentoring * price(MENTORING, setting, now, params)
    bill = now.exchanges / MONTHS_PER_QUARTER * price(EXCHANGE_VISITS, setting, now, params)
    for d in range(state.district.size):
        district = state.district[d]
        if district.launched != NOT_LAUNCHED:
            capacity = coach_capacity(district.coaches, today.available, 1.0, params.coaching)
            wanted = now.visits * district.active_teams + now.maintenance * district.graduated_teams
            bill += min(capacity, wanted) * visit + overhead + district.coaches * mentor
            if today.session:
                bill += district.active_teams * session
    return bill


@compiled
def train_coaches(today, now, params, state):
    """Coaches of launched districts leave and are replaced, within what can be trained nationwide."""
    loss = leaving_probability(params.turnover.annual, 1.0)
    wanted = now.coaches if today.supported else 0.0
    missing = 0.0
    for d in range(state.district.size):
        if state.district[d].launched != NOT_LAUNCHED:
            missing += max(wanted - state.district[d].coaches * (1.0 - loss), 0.0)
    share = min(1.0, now.coach_training / MONTHS_PER_QUARTER / missing) if missing > 0.0 else 0.0
    if state.programme[0].affordable < 1.0:
        share = 0.0
    for d in range(state.district.size):
        district = state.district[d]
        if district.launched != NOT_LAUNCHED:
            kept = coaches_after_training(district.coaches, wanted, 0.0, loss)
            district.coaches = coaches_after_training(district.coaches, wanted, share, loss)
            district.trained = district.coaches - kept


@compiled
def share_visits(today, now, params, state):
    """Share each district's capacity: active teams first, graduated teams from what is left; post the support."""
    for d in range(state.district.size):
        district = state.district[d]
        district.visits_active = 0.0
        district.visits_graduated = 0.0
        if today.supported and district.launched != NOT_LAUNCHED:
            capacity = coach_capacity(district.coaches, today.available, state.programme[0].affordable, params.coaching)
            district.visits_active = visits_each(capacity, district.active_teams, now.visits)
            left = max(capacity - district.visits_active * district.active_teams, 0.0)
            district.visits_graduated = visits_each(left, district.graduated_teams, now.maintenance)
        active = support_of(district.visits_active, now.mentoring, params.coaching)
        graduated = support_of(district.visits_graduated, now.mentoring, params.coaching)
        district.support_active = support_kept(active, now.institutionalised, params.fading)
        district.support_graduated = support_kept(graduated, now.institutionalised, params.fading)
