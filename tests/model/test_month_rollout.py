"""Who is launched, who joins, who is coached and who leaves, on a calm small country in 2018-2019 (no pandemic yet)."""

from itertools import pairwise

import numpy as np
import pytest

from qicsim.model.columns import (
    ACTIVE,
    GRADUATED,
    JOINING_RETURN,
    JOINING_TRAINING,
    LAPSED,
    NEVER,
    NOT_LAUNCHED,
)
from qicsim.model.levers import ORDER_HIGHEST, ORDER_LARGEST, ORDER_LOWEST
from qicsim.model.simulate import noise_key
from tests.helpers import assert_mean
from tests.worlds import LISTED, copied, listed_country, parameters, small_country

CALM = 24
ONE_A_QUARTER = {"rollout.launch_rate": 1.0, "rollout.launch_growth": 0.0}
EVERYBODY_JOINS = {"rollout.join_hazard": 1000.0, "rollout.hc_delay": 0.0}
NOBODY_LEAVES = {"team.h_drop": 0.0, "turnover.annual": 0.0}
AT_ONCE = {"launch_boost": 20.0, "coach_training": 1000.0}
# Two thirds of teams lapse in a year, and half of those come back in a quarter where they may.
IN_AND_OUT = EVERYBODY_JOINS | {"team.h_drop": 0.1, "team.leadership_protects": 0.0, "team.support_protects": 0.0,
                                "team.lead_leaves": 0.0, "team.returns": 0.7}


def calm(**levers):
    """The small country before the pandemic, launching no faster than its parameters say unless told otherwise."""
    return small_country().first(CALM).but(**{"launch_boost": 1.0} | levers)


def histories(country, given, key=None):
    """The state at the end of each month."""
    return [copied(state) for _, state in country.months(given, key=key)]


def comers_back(states, was=LAPSED):
    """Months in which teams come back, and which facilities: [(month, rows)]."""
    found = [(month, np.flatnonzero((states[month - 1].facility["status"] == was)
                                    & (states[month].facility["status"] == ACTIVE))) for month in range(1, len(states))]
    return [(month, rows) for month, rows in found if rows.size]


def launched(country, given):
    """Districts in the order of their launch, with the month."""
    months = country.run(given).district["launched"]
    return [(country.world.districts[row], int(months[row])) for row in np.argsort(months, kind="stable")
            if months[row] != NOT_LAUNCHED]


# -------------------------------------------------------------------------------------------------------- districts


def test_provinces_open_in_the_plan_s_order_when_the_active_ones_are_full():
    """One district a quarter, and a province has to be full: Kampong Cham, Battambang, Pursat."""
    order = launched(calm(), parameters(ONE_A_QUARTER | {"rollout.filled": 1.0}))

    names = ["OD-KC1", "OD-KC2", "OD-BA1", "OD-BA2", "OD-BA3", "OD-PU1", "OD-PU2"]
    assert order == [(name, 3 * quarter) for quarter, name in enumerate(names)]


def test_a_province_opens_when_the_launched_share_of_the_active_ones_reaches_filled():
    """By hand, at a half: 1 of 2 opens Battambang, 3 of 5 opens Pursat; the emptiest province comes first."""
    order = launched(calm(), parameters(ONE_A_QUARTER | {"rollout.filled": 0.5}))

    assert [name for name, _ in order] == ["OD-KC1", "OD-BA1", "OD-BA2", "OD-PU1", "OD-KC2", "OD-PU2", "OD-BA3"]


@pytest.mark.parametrize(("provinces", "districts"), [(1, 2), (2, 5), (3, 7)])
def test_no_more_provinces_than_allowed(provinces, districts):
    assert len(launched(calm(provinces=provinces, **AT_ONCE), parameters())) == districts


@pytest.mark.parametrize("limit", [1, 3, 6])
def test_no_more_districts_than_allowed(limit):
    assert len(launched(calm(districts=float(limit), **AT_ONCE), parameters())) == limit


def test_launches_wait_until_the_credit_of_quarters_makes_a_whole_district():
    order = launched(calm(), parameters({"rollout.launch_rate": 0.5, "rollout.launch_growth": 0.0}))

    assert [month for _, month in order] == [3, 9, 15, 21]


def test_no_more_districts_are_launched_in_a_quarter_than_ever_can_be():
    order = launched(calm(), parameters({"rollout.launch_rate": 6.0, "rollout.launch_most": 2.0}))

    assert np.bincount([month // 3 for _, month in order]).tolist() == [2, 2, 2, 1]


def test_without_recruiting_no_district_is_launched():
    recruiting = np.repeat([1, 0], [7, CALM - 7])

    order = launched(calm(recruiting=recruiting), parameters(ONE_A_QUARTER))

    assert [month for _, month in order] == [0, 3, 6]


def test_the_largest_districts_come_first():
    country = calm(order=ORDER_LARGEST)

    order = [name for name, _ in launched(country, parameters(ONE_A_QUARTER))]

    people = dict(zip(country.world.districts, country.setting.district["population"], strict=True))
    assert order == sorted(order, key=lambda name: -people[name])


def test_districts_come_in_the_order_of_the_list_and_those_that_it_leaves_out_follow():
    country = listed_country().but(launch_boost=1.0)

    order = [name for name, _ in launched(country, parameters(ONE_A_QUARTER))]

    assert order == [*LISTED, *(name for name in country.world.districts if name not in LISTED)]


@pytest.mark.parametrize(("rule", "sign"), [(ORDER_LOWEST, 1), (ORDER_HIGHEST, -1)])
def test_districts_are_ranked_by_the_last_recorded_scores(rule, sign):
    """Of those not launched yet, the one with the lowest (highest) mean of the scores known when the quarter opens."""
    country = calm(order=rule)
    opened = country.setting.facility["opened"]
    states = histories(country, parameters(ONE_A_QUARTER))

    for quarter in range(1, 7):
        before, after = states[3 * quarter - 1], states[3 * quarter]
        waiting = before.district["launched"] == NOT_LAUNCHED
        there = np.where(opened <= 3 * quarter, before.facility["score"], np.nan)
        scores = np.array([np.nanmean(there[site.first:site.end]) for site in country.setting.district])
        first = np.argmin(np.where(waiting, sign * scores, np.inf))
        assert np.flatnonzero(after.district["launched"] == 3 * quarter).tolist() == [first]


# ---------------------------------------------------------------------------------------------------------- joining


def test_hospitals_join_on_launch_and_health_centres_after_the_delay():
    country = calm(**AT_ONCE)
    given = parameters(NOBODY_LEAVES | {"rollout.join_hazard": 1000.0, "rollout.hc_delay": 5.0,
                                        "rollout.delay_learning": 0.0, "rollout.filled": 0.05})
    opened = country.setting.facility["opened"] == 0
    hospital = country.setting.facility["hospital"] == 1

    states = histories(country, given)

    start = states[0].district["launched"][country.setting.facility["district"]] == 0
    assert np.all(states[0].facility["status"][opened & hospital & start] == ACTIVE)
    assert np.all(states[5].facility["status"][~hospital] == NEVER)
    assert np.all(states[6].facility["status"][opened & start] == ACTIVE)


def test_where_only_hospitals_may_join_only_hospitals_do():
    country = calm(hospitals_only=1, **AT_ONCE)

    state = country.run(parameters(EVERYBODY_JOINS))

    assert np.array_equal(state.facility["ever"] == 1, country.setting.facility["hospital"] == 1)


def test_a_facility_joins_only_after_it_has_opened():
    country = calm(**AT_ONCE)
    opened = country.setting.facility["opened"]

    for month, state in country.months(parameters(EVERYBODY_JOINS)):
        assert not state.facility["ever"][opened > month].any()
    assert state.facility["ever"].all()


@pytest.mark.parametrize(("coaches", "floor", "most"), [(1.0, 1.0, 4), (2.0, 2.0, 4), (0.25, 1.0, 1), (1.0, 4.0, 1),
                                                       (2.0, 0.0, 99), (0.2, 1.0, 0)])
def test_nobody_joins_who_would_leave_fewer_visits_than_the_floor(coaches, floor, most):
    """Four visits a coach: capacity / floor teams at most in any district, hospitals included; 0 is no floor."""
    country = calm(coaches=coaches, join_floor=floor, visits=4.0, **AT_ONCE)
    given = parameters(EVERYBODY_JOINS | NOBODY_LEAVES | {"coaching.visits_per_coach": 4.0})

    states = histories(country, given)

    site = country.setting.district
    for state in states:
        assert np.all(state.district["active_teams"] <= np.minimum(most, site["end"] - site["first"]))
    assert states[-1].district["active_teams"].max() == min(most, (site["end"] - site["first"]).max())
    assert np.all(state.facility["visits"][state.facility["status"] == ACTIVE] >= floor - 1e-9)


@pytest.mark.parametrize("sign", [-1, 1])
def test_with_selection_better_or_worse_health_centres_join_first(sign):
    """Mean distance to the district's mean score of those that join first, where joining does nothing."""
    country, first, ahead = calm(**AT_ONCE).first(9), {}, {}
    centre = country.setting.facility["hospital"] == 0
    for selection in (0.0, 1.0 * sign):
        given = parameters({"rollout.join_hazard": 0.3, "rollout.hc_delay": 0.0, "rollout.selection": selection,
                            "team.p_resp": 0.0, "session.lambda_ls": 0.0, "assessment.lenient": 0.0})
        runs = [country.run(given, key=noise_key(1, 0, replicate)).facility for replicate in range(30)]
        first[selection] = np.array([(run["ever"] == 1)[centre] for run in runs])
        ahead[selection] = np.array([[run["score"][f] - mean_of(country, run, f) for f in np.flatnonzero(centre)]
                                     for run in runs])

    lead = {one: (ahead[one] * first[one]).sum(axis=1) / first[one].sum(axis=1) for one in first}
    assert sign * (lead[1.0 * sign] - lead[0.0]).mean() > 2.0
    assert_mean(lead[0.0] - ahead[0.0].mean(axis=1), 0.0)


def mean_of(country, facilities, f):
    """Mean score of the open facilities of a facility's district."""
    site = country.setting.district[country.setting.facility["district"][f]]
    rows = [row for row in range(site.first, site.end) if country.setting.facility["opened"][row] <= 8]
    return facilities["score"][rows].mean()


@pytest.mark.parametrize(("floor", "joined"), [(0.0, True), (0.5, False)])
def test_nobody_joins_under_a_floor_while_nobody_funds_visits(floor, joined):
    country = calm(join_floor=floor, support=0, **AT_ONCE)

    assert country.run(parameters(EVERYBODY_JOINS)).facility["ever"].any() == joined


def test_hospitals_take_the_places_first():
    country = calm(coaches=1.0, join_floor=2.0, **AT_ONCE)

    state = country.run(parameters(EVERYBODY_JOINS | NOBODY_LEAVES))

    first = country.setting.facility["opened"] == 0
    assert np.all(state.facility["ever"][first & (country.setting.facility["hospital"] == 1)] == 1)
    assert state.facility["ever"].sum() == 2 * 7


# ------------------------------------------------------------------------------------------------ leaving, coming back


def test_a_team_graduates_after_the_months_of_the_programme():
    states = histories(calm(programme_months=9, **AT_ONCE), parameters(EVERYBODY_JOINS | NOBODY_LEAVES))

    status = np.stack([state.facility["status"] for state in states])
    for f in range(status.shape[1]):
        joined = int(np.argmax(status[:, f] == ACTIVE))
        assert np.all(status[joined:joined + 9, f] == ACTIVE)
        assert np.all(status[joined + 9:, f] == GRADUATED)


def test_the_end_of_support_graduates_teams_with_a_cycle_behind_them_and_closes_the_others():
    """Teams that joined a year ago or more have completed a cycle of twelve months."""
    until = np.repeat([1, 0], [15, CALM - 15])
    country = calm(support=until, recruiting=until, cycle_months=12, **AT_ONCE)

    states = histories(country, parameters(EVERYBODY_JOINS | NOBODY_LEAVES))

    before, after = states[14].facility, states[15].facility
    active = before["status"] == ACTIVE
    long_in = active & (before["months_in"] + 1 >= 12)
    assert 0 < long_in.sum() < active.sum()
    assert np.all(after["status"][long_in] == GRADUATED)
    assert np.all(after["status"][active & ~long_in] == LAPSED)
    assert not any((state.facility["status"] == ACTIVE).any() for state in states[15:])
    assert not any(state.facility["visits"].any() for state in states[15:])


@pytest.mark.parametrize("again", [0, 1])
def test_graduated_teams_come_back_only_by_enrolling_again(again):
    country = calm(programme_months=6, reenrol=again, **AT_ONCE)

    states = histories(country, parameters(EVERYBODY_JOINS | NOBODY_LEAVES))

    came_back = any(np.any((one.facility["status"] == GRADUATED) & (other.facility["status"] == ACTIVE))
                    for one, other in pairwise(states))
    assert came_back == bool(again)


def test_teams_lapse_by_their_hazard_and_more_readily_when_their_lead_has_left():
    """0.1 a month, so 1 - exp(-0.1) of active teams; four times the hazard in the month after the lead has left."""
    given = parameters(IN_AND_OUT | {"team.lead_leaves": 3.0, "turnover.annual": 0.6})
    gone, led = [], []
    for replicate in range(20):
        states = histories(calm(programme_months=600, **AT_ONCE), given, noise_key(1, 0, replicate))
        for before, after in pairwise(states):
            active, left = before.facility["status"] == ACTIVE, before.facility["lead_left"] == 1.0
            lapsed = after.facility["status"] == LAPSED
            gone.extend(lapsed[active & left])
            led.extend(lapsed[active & ~left])

    assert_mean(led, 1.0 - np.exp(-0.1), z=3.0)
    assert_mean(gone, 1.0 - np.exp(-0.4), z=3.0)


@pytest.mark.parametrize(("again", "hazard"), [(0, 0.7), (1, 0.0), (1, 0.7)])
def test_lapsed_teams_come_back_in_first_months_if_they_may_and_have_a_hazard(again, hazard):
    states = histories(calm(reenrol=again, sessions=3, **AT_ONCE), parameters(IN_AND_OUT | {"team.returns": hazard}))

    months = [month for month, _ in comers_back(states)]
    assert bool(months) == bool(again and hazard)
    assert all(month % 3 == 0 for month in months)


def test_lapsed_teams_come_back_by_their_own_hazard():
    """1 - exp(-0.7 L) of those that had lapsed when the quarter opened, where every district's leadership is 1."""
    given = parameters(IN_AND_OUT | {"leadership.sd": 0.0})
    came = []
    for replicate in range(20):
        states = histories(calm(reenrol=1, programme_months=600, **AT_ONCE), given, noise_key(1, 0, replicate))
        for month in range(3, CALM, 3):
            lapsed = states[month - 1].facility["status"] == LAPSED
            came.extend(states[month].facility["status"][lapsed] == ACTIVE)

    assert_mean(came, 1.0 - np.exp(-0.7), z=3.0)


def test_sessions_bring_nobody_back():
    """Exact: who is in and who is out does not depend on the number of sessions."""
    none, three = (histories(calm(reenrol=1, sessions=sessions, **AT_ONCE), parameters(IN_AND_OUT))
                   for sessions in (0, 3))

    assert comers_back(none)
    for one, other in zip(none, three, strict=True):
        assert np.array_equal(one.facility["status"], other.facility["status"])


def test_a_team_that_comes_back_begins_anew_is_trained_and_is_paid_for():
    states = histories(calm(reenrol=1, **AT_ONCE), parameters(IN_AND_OUT | {"turnover.annual": 0.0}))
    training = [state.province["cost"][:, :, JOINING_TRAINING].sum() for state in states]
    joiners = [np.sum((state.facility["status"] == ACTIVE) & (state.facility["months_in"] == 0)) for state in states]

    for month, rows in comers_back(states):
        before, after = states[month - 1].facility[rows], states[month].facility[rows]
        assert np.all(after["months_in"] == 0)
        assert np.all(after["months_on"] == 1)
        assert np.all(after["months_active"] == before["months_active"])
        assert np.all(after["capability"] > before["capability"])
        assert np.all(after["visits"] > 0.0)
    price = training[0] / joiners[0]
    np.testing.assert_allclose(np.diff(training, prepend=0.0), price * np.array(joiners))


def test_where_lapsed_teams_return_as_others_join_their_own_hazard_is_idle():
    country = calm(reenrol=1, **AT_ONCE).shaped(lapsed_return=JOINING_RETURN)

    states = histories(country, parameters(IN_AND_OUT | {"team.returns": 0.0}))

    for month in range(3, CALM, 3):
        assert np.all(states[month].facility["status"][states[month - 1].facility["status"] == LAPSED] == ACTIVE)


def test_places_are_a_fair_lottery_among_those_that_would_join():
    """A lapsed team comes back with probability 0.1 a quarter; its lot is as likely to be high as anybody's."""
    country = calm(reenrol=1, sessions=0, **AT_ONCE)
    given = parameters(IN_AND_OUT | {"team.returns": 0.1})

    lots = []
    for replicate in range(20):
        states = histories(country, given, noise_key(1, 0, replicate))
        lots += [states[month].facility["sort_key"][rows] for month, rows in comers_back(states)]

    assert_mean(np.concatenate(lots), 0.5)


@pytest.mark.parametrize(("share", "responds"), [(0.0, False), (1.0, True)])
@pytest.mark.parametrize("was", [LAPSED, GRADUATED])
def test_a_team_that_does_not_respond_may_on_joining_again(was, share, responds):
    given = IN_AND_OUT | {"team.p_resp": 0.0, "team.responds_again": share}
    given |= NOBODY_LEAVES if was == GRADUATED else {}

    states = histories(calm(reenrol=1, programme_months=6, **AT_ONCE), parameters(given))

    back = comers_back(states, was)
    assert back
    for month, rows in back:
        assert np.all((states[month].facility["rate"][rows] > 0.0) == responds)
    if not responds:
        assert not any(state.facility["rate"].any() for state in states)


def test_a_team_that_responds_keeps_its_rate_when_it_joins_again():
    states = histories(calm(reenrol=1, **AT_ONCE), parameters(IN_AND_OUT | {"team.p_resp": 1.0}))

    assert comers_back(states)
    assert all(np.array_equal(state.facility["rate"], states[0].facility["rate"]) for state in states)


# --------------------------------------------------------------------------------------------------------- coaching


def test_visits_never_exceed_what_the_coaches_can_make():
    country, given = calm(visits=8.0, maintenance=8.0, programme_months=6), parameters()

    for state in histories(country, given):
        used = (state.district["visits_active"] * state.district["active_teams"]
                + state.district["visits_graduated"] * state.district["graduated_teams"])
        assert np.all(used <= 4.0 * state.district["coaches"] + 1e-9)


def test_active_teams_come_before_graduated_ones():
    for state in histories(calm(visits=1.0, maintenance=1.0, programme_months=6, **AT_ONCE), parameters()):
        short = (state.district["visits_active"] < 1.0) & (state.district["active_teams"] > 0)
        assert not state.district["visits_graduated"][short].any()


def test_no_more_coaches_are_trained_than_can_be():
    for month, state in enumerate(histories(calm(coach_training=6.0, launch_boost=20.0), parameters())):
        assert state.district["trained"].sum() <= 2.0 + 1e-9, month
