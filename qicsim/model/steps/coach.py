"""Coaching and leadership of the districts, every month: coaches are trained, visits shared out."""

from __future__ import annotations

from qicsim.ground.compiled import compiled
from qicsim.ground.randomness import LEADERSHIP, normal_of, unit, words
from qicsim.model.columns import ACTIVE, GRADUATED, NOT_LAUNCHED
from qicsim.model.mechanisms.coaching import coach_capacity, coaches_after_training, support_of, visits_each
from qicsim.model.mechanisms.fading import share_faded, support_kept
from qicsim.model.mechanisms.leadership import leadership_drawn, leadership_held
from qicsim.model.mechanisms.turnover import leaving_probability
from qicsim.model.steps.budget import new_coach_price, payable

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
def train_coaches(today, setting, now, params, state):
    """Coaches of launched districts leave and are replaced, within what can be trained nationwide and paid."""
    loss = leaving_probability(params.turnover.annual, 1.0)
    wanted = now.coaches if today.supported else 0.0
    missing = 0.0
    for d in range(state.district.size):
        if state.district[d].launched != NOT_LAUNCHED:
            kept = coaches_after_training(state.district[d].coaches, wanted, 0.0, loss)
            missing += max(wanted - kept, 0.0)
    can_pay = payable(state.programme[0].spare, new_coach_price(setting, now, params))
    trained = min(now.coach_training / MONTHS_PER_QUARTER, can_pay)
    share = min(1.0, trained / missing) if missing > 0.0 else 0.0
    for d in range(state.district.size):
        district = state.district[d]
        district.trained = 0.0
        if district.launched != NOT_LAUNCHED:
            kept = coaches_after_training(district.coaches, wanted, 0.0, loss)
            district.coaches = coaches_after_training(district.coaches, wanted, share, loss)
            district.trained = district.coaches - kept


@compiled
def share_visits(today, now, params, state):
    """Share each district's capacity: active teams first, graduated teams from what is left; post what that does."""
    for d in range(state.district.size):
        district = state.district[d]
        district.visits_active = 0.0
        district.visits_graduated = 0.0
        if today.supported and district.launched != NOT_LAUNCHED:
            capacity = coach_capacity(district.coaches, today.available, params.coaching)
            active = visits_each(capacity, district.active_teams, now.visits)
            graduated = visits_each(left_over(capacity, active, now.visits, district), district.graduated_teams,
                                    now.maintenance)
            district.visits_active = today.affordable * active
            district.visits_graduated = today.affordable * graduated
        active_support = support_of(district.visits_active, now.mentoring, params.coaching)
        graduated_support = support_of(district.visits_graduated, now.mentoring, params.coaching)
        district.coaching_active = active_support
        district.coaching_graduated = graduated_support
        district.support_active = support_kept(active_support, now.institutionalised, params.fading)
        district.support_graduated = support_kept(graduated_support, now.institutionalised, params.fading)
        district.fades_active = share_faded(district.support_active, today.fade_loss, params.fading)
        district.fades_graduated = share_faded(district.support_graduated, today.fade_loss, params.fading)


@compiled
def left_over(capacity, visits, wanted, district):
    """Visits that active teams leave: exactly none where they are rationed."""
    if district.active_teams > 0 and visits < wanted:
        return 0.0
    return max(capacity - visits * district.active_teams, 0.0)
