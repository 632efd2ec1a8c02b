"""The budget of the collaboratives: a ceiling, released by twelfths; only what is decided for the year may pass it."""

import numpy as np
import pytest

from qicsim.model.columns import (
    ACCREDITATION,
    ACTIVE,
    ASSISTANCE,
    COACH_POSTS,
    COACH_VISITS,
    COST_LINES,
    EDUCATION,
    JOINING_TRAINING,
    NOT_LAUNCHED,
    PBF_LINES,
    PROGRAMME_STAFF,
    TABLETS,
    TEAM_TIME,
)
from tests.worlds import copied, parameters, small_country

DECIDED = (TABLETS, ACCREDITATION, EDUCATION)
COLLABORATIVE = tuple(line for line, name in enumerate(COST_LINES) if name not in PBF_LINES)
PLANNED = tuple(line for line in COLLABORATIVE if line not in DECIDED)
CEILINGS = [0.0, 30_000.0, 60_000.0, 100_000.0, 150_000.0]


def costly(**levers):
    """The small country with everything that collaboratives spend money on, by the middle of 2020 at the latest."""
    return small_country().but(**{"exchanges": 6.0, "sessions": 2, "mentoring": 0.5, "visits": 1.0,
                                  "maintenance": 0.5, "programme_months": 12} | levers)


def histories(country, given=None):
    """The state at the end of each month."""
    return [copied(state) for _, state in country.months(parameters() if given is None else given)]


def booked(states, *lines):
    """What was booked to lines in each month (months,), US$."""
    return np.diff([state.province["cost"][:, :, lines].sum() for state in states], prepend=0.0)


def test_training_on_joining_is_booked_in_the_month_of_joining():
    """A month later would pass every check of sums."""
    states = histories(costly())
    ever = np.array([state.facility["ever"].sum() for state in states])
    first = int(np.flatnonzero(ever)[0])

    trained = booked(states, JOINING_TRAINING)

    assert trained[:first].sum() == 0.0
    assert trained[first] > 0.0


def test_without_a_ceiling_everything_is_affordable():
    assert all(state.programme[0].affordable == 1.0 for state in histories(costly()))


def test_spending_of_the_year_is_what_was_booked_and_starts_anew_in_january():
    states = histories(costly(tablets=0.5, cpd=0.5, preservice=0.1, accreditation=0.5))
    lines = booked(states, *COLLABORATIVE)

    for year in range(3):
        months = slice(12 * year, 12 * year + 12)
        spent = [state.programme[0].spent_this_year for state in states[months]]
        np.testing.assert_allclose(spent, np.cumsum(lines[months]))


@pytest.mark.parametrize("ceiling", CEILINGS)
def test_spending_keeps_to_what_is_released_but_for_newly_launched_districts(ceiling):
    """A twelfth is released each month; a launch costs its district's overhead and its coaches before it is planned.

    So at any time a year's spending exceeds what was released by a month of the new districts at most.
    """
    states = histories(costly(budget=ceiling))
    launches = np.array([(state.district["launched"] == month).sum() for month, state in enumerate(states)])
    newly = launches.max() * (250.0 + 2.0 * (60.0 + 0.5 * 40.0))

    for month, state in enumerate(states):
        assert state.programme[0].spent_this_year <= ceiling * (month % 12 + 1) / 12.0 + newly + 1e-6


@pytest.mark.parametrize("ceiling", CEILINGS)
def test_what_is_decided_for_the_year_is_paid_first_and_in_full(ceiling):
    levers = {"tablets": 0.4, "cpd": 0.3, "accreditation": 0.5}

    free, bound = (booked(histories(costly(budget=budget, **levers)), *DECIDED) for budget in (1e12, ceiling))

    np.testing.assert_allclose(bound, free)


def test_a_lower_ceiling_spends_less():
    """Where it binds; one that hardly binds may spend more than none, on teams that join later."""
    spent = [booked(histories(costly(budget=ceiling)), *PLANNED).sum() for ceiling in CEILINGS]

    assert spent == sorted(spent)
    assert spent[0] < spent[-1]


def test_a_ceiling_of_nothing_stops_everything():
    states = histories(costly(budget=0.0))

    assert booked(states, *COLLABORATIVE).sum() == 0.0
    assert np.all(states[-1].district["launched"] == NOT_LAUNCHED)
    assert not states[-1].facility["ever"].any()


def test_coaches_are_paid_whether_they_visit_or_not():
    """60 US$ a coach and month; without visits wanted nothing is paid for visits."""
    states = histories(costly(visits=0.0, maintenance=0.0))
    posts = booked(states, COACH_POSTS)

    np.testing.assert_allclose(posts, [60.0 * state.district["coaches"].sum() for state in states])
    assert posts[-1] > 0.0
    assert booked(states, COACH_VISITS).sum() == 0.0


def test_staff_time_is_counted_for_every_active_team_and_month():
    states = histories(costly())

    np.testing.assert_allclose(booked(states, TEAM_TIME), [
        20.0 * (state.facility["status"] == ACTIVE).sum() for state in states])


def test_programme_staff_is_paid_by_province_and_for_the_nation_while_support_is_funded():
    """150 US$ a month for each active province and 1,500 for the nation."""
    support = np.repeat([0, 1, 0], [6, 18, 12])
    states = histories(costly(support=support, recruiting=support))
    active = np.array([state.province["active"].sum() for state in states])

    np.testing.assert_allclose(booked(states, PROGRAMME_STAFF), support * (1500.0 + 150.0 * active), atol=1e-6)
    assert active[6:24].max() > 0


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_technical_assistance_falls_as_the_country_takes_over(share):
    states = histories(costly(institutionalised=share))

    np.testing.assert_allclose(booked(states, ASSISTANCE), 2500.0 * (1.0 - share), atol=1e-6)


def test_a_budget_of_nothing_is_as_if_there_were_no_collaboratives():
    """In the state and in costs, to the last bit."""
    nothing, none = (small_country().but(**levers).run() for levers in (
        {"budget": 0.0}, {"recruiting": 0, "support": 0}))

    for column in ("quality", "score", "status", "motivation", "in_hand"):
        assert np.array_equal(nothing.facility[column], none.facility[column]), column
    assert np.array_equal(nothing.province["cost"], none.province["cost"])


def test_prices_twice_as_high_cost_twice_as_much():
    one, two = (costly().run(parameters({"costs.collaborative": scale})).province["cost"][:, :, COLLABORATIVE, :]
                for scale in (1.0, 2.0))

    np.testing.assert_allclose(two, 2.0 * one)


def test_thinning_takes_the_same_share_of_visits_in_every_district():
    """In the month in which a ceiling begins, districts with as many teams as without it."""
    since = np.repeat([1e12, 75_000.0], [12, 24])
    free, bound = histories(costly())[12], histories(costly(budget=since))[12]

    alike = (free.district["visits_active"] > 0.0) & (free.district["active_teams"] == bound.district["active_teams"])
    share = bound.district["visits_active"][alike] / free.district["visits_active"][alike]
    assert alike.sum() >= 2
    assert bound.programme[0].affordable < 1.0
    np.testing.assert_allclose(share, bound.programme[0].affordable, rtol=0.05)


def test_what_costs_nothing_is_not_limited_by_money():
    country = costly(budget=0.0)
    money = country.setting.money.copy()
    money["unit_cost"] = 0.0
    states = histories(country.where(money=money))

    assert states[-1].facility["ever"].sum() > 10
    assert states[-1].district["coaches"].sum() > 1.0
