"""The schedule of a month.

A month opens for the programme and its districts, every facility lives it, it closes with the quarter's round and the
bill. Facilities see of others only what `open_month` posted, so their order cannot matter. At six places stand the
steps of extensions (`qicsim.ground.extension`), which are nothing without one.
"""

from __future__ import annotations

from qicsim.ground.compiled import compiled_for_steps, compiled_for_steps_into_callers, compiled_into_callers
from qicsim.ground.extension import PLACES
from qicsim.model.luck import draw_luck
from qicsim.model.places import steps_at
from qicsim.model.steps.assess import hold_round
from qicsim.model.steps.bill import book_costs
from qicsim.model.steps.budget import keep_to_budget
from qicsim.model.steps.coach import count_teams, lead_districts, share_visits, train_coaches
from qicsim.model.steps.engage import build_capability, choose_topic, join_lapse_graduate, staff_turnover
from qicsim.model.steps.improve import (
    add_up,
    adopt_from_exchange,
    attend_session,
    drift_along,
    enter,
    fade,
    have_luck,
    improve_by_pdsa,
    learn_from_peers,
    prepare_for_accreditation,
    respond_to_pbf,
)
from qicsim.model.steps.launch import choose_joins, launch_districts
from qicsim.model.steps.meet import pair_visits, post_benchmarks, post_peers
from qicsim.model.steps.month_context import look_at
from qicsim.model.steps.observed import join_as_observed, start_from_levels
from qicsim.model.steps.respond import motivate, receive_money, serve_clients
from qicsim.model.steps.terms import open_accounts, renew_novelty

after_coaching, after_posting, before_work, after_learning, before_scoring, end_of_month = map(steps_at, PLACES)


@compiled_for_steps
def open_month(month, setting, levers, structure, params, state, luck, key):
    """Districts and programme: roll-out, leadership, coaching, benchmarks, visits. Returns today's scalars."""
    now = levers[month]
    affordable = keep_to_budget(month, setting, now, params, state)
    open_accounts(month, setting, now, state.programme[0])
    renew_novelty(month, setting, levers, structure, params, state.programme[0])
    today = look_at(month, setting, levers, structure, params, affordable, state.programme[0])
    lead_districts(today, setting, now, params, state, key)
    if today.known_joins:
        join_as_observed(today, setting, now, state)
    elif today.quarter_opens:
        if now.recruiting == 1:
            launch_districts(today, setting, now, params, state)
        if now.recruiting == 1 or now.reenrol == 1:
            choose_joins(today, setting, now, params, state, key)
    count_teams(setting, state)
    train_coaches(today, setting, now, params, state)
    share_visits(today, now, params, state)
    after_coaching(today, setting, levers, now, params, state, key)
    if today.session:
        post_benchmarks(setting, state)
    if today.quarter_opens:
        if today.supported:
            pair_visits(today, setting, now, params, state, key)
        post_peers(today, setting, state)
    after_posting(today, setting, levers, now, params, state, key)
    draw_luck(month, state, luck, key)
    return today


@compiled_for_steps_into_callers
def live(f, today, setting, levers, params, state, luck, key):
    """Facility `f` lives today, if it is open."""
    site = setting.facility[f]
    if site.opened <= today.month:
        facility_month(state.facility[f], site, state.district[site.district], setting.area[0], setting.money[0],
                       state.programme[0], luck.quarter[luck.now[0], f], luck.month[luck.now[1], f],
                       levers[today.month], today, params, key)


@compiled_into_callers
def facility_month(facility, site, district, areas, money, programme, quarter, month, now, today, params, key):
    """One facility lives one month. It reads its own row, and of others only what `open_month` posted."""
    enter(facility, site, areas, today)
    join_lapse_graduate(facility, site, district, month, now, today, params, key)
    staff_turnover(facility, month, now, today, params)
    build_capability(facility, district, params)
    receive_money(facility, programme, now, today)
    choose_topic(facility, site, areas, programme, now, today, params, key)
    before_work(facility, site, district, areas, money, programme, now, today, params, key)
    improve_by_pdsa(facility, site, district, areas, programme, today, params)
    attend_session(facility, site, district, areas, programme, today, params)
    adopt_from_exchange(facility, site, district, areas, programme, today, params)
    learn_from_peers(facility, site, areas, programme, today, params)
    after_learning(facility, site, district, areas, money, programme, now, today, params, key)
    respond_to_pbf(facility, site, areas, programme, money, today, params)
    prepare_for_accreditation(facility, site, areas, programme, now, params)
    drift_along(facility, site, areas, programme, params)
    have_luck(facility, site, areas, programme, quarter, today, params)
    fade(facility, site, district, areas, today)
    before_scoring(facility, site, district, areas, money, programme, now, today, params, key)
    add_up(facility, site, areas)
    motivate(facility, now, today, params)
    serve_clients(facility, areas, today, params)


@compiled_for_steps
def close_month(today, setting, levers, params, state, luck, key):
    """Observed levels take over where they belong to this month; the quarter's round with its payments; the bill."""
    now = levers[today.month]
    start_from_levels(today, setting, now, params, state, key)
    if today.quarter_closes:
        hold_round(today, setting, now, params, state, luck)
    book_costs(today, setting, now, params, state)
    end_of_month(today, setting, levers, now, params, state, key)
