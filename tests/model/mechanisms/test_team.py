"""Traits of teams, and how they lapse."""

import math

import numpy as np
import pytest
from hypothesis import given

from qicsim.model.mechanisms.team import (
    Team,
    drive,
    lapse_probability,
    personal_lag,
    personal_rate,
    responds,
    responds_after_all,
    return_probability,
)
from tests.helpers import PROPERTY, anywhere, assert_mean, leaderships, normals, plain, shares, supports, uniforms


def test_about_half_of_teams_respond():
    assert responds(0.54, Team())
    assert not responds(0.55, Team())


def test_the_median_team_feels_its_first_effect_after_six_weeks():
    """Exponential lag with mean 2 months: median 2 ln 2 = 1.39 months."""
    assert personal_lag(0.5, Team()) == pytest.approx(2.0 * math.log(2.0))


def test_personal_rates_have_mean_one():
    rates = [plain(personal_rate)(z, Team(rate_sd=0.6)) for z in np.random.default_rng(2).normal(size=20_000)]

    assert personal_rate(0.0, Team()) == pytest.approx(math.exp(-0.045))
    assert_mean(rates, 1.0)


def test_a_team_whose_lead_leaves_lapses_four_times_as_readily():
    """Hazard 0.03 a month at mean leadership and full support; 0.12 in the month in which the lead leaves."""
    assert lapse_probability(1.0, 1.0, 0.0, Team()) == pytest.approx(1.0 - math.exp(-0.03))
    assert lapse_probability(1.0, 1.0, 1.0, Team()) == pytest.approx(1.0 - math.exp(-0.12))


def test_leadership_and_support_keep_a_team_from_lapsing():
    """A unit more of leadership lowers the hazard of 0.03 by exp(-1), a unit more of support by exp(-0.7)."""
    assert lapse_probability(2.0, 1.0, 0.0, Team()) == pytest.approx(1.0 - math.exp(-0.03 * math.exp(-1.0)))
    assert lapse_probability(1.0, 2.0, 0.0, Team()) == pytest.approx(1.0 - math.exp(-0.03 * math.exp(-0.7)))


def test_a_lapsed_team_comes_back_in_one_quarter_of_ten():
    """Hazard 0.1 a quarter under a leader of the mean, half of it under one of half the mean; never without hazard."""
    assert return_probability(1.0, Team()) == pytest.approx(1.0 - math.exp(-0.1))
    assert return_probability(0.5, Team()) == pytest.approx(1.0 - math.exp(-0.05))
    assert return_probability(4.0, Team(returns=0.0)) == 0.0


def test_one_team_in_five_that_did_not_respond_does_on_joining_again():
    assert responds_after_all(0.19, Team())
    assert not responds_after_all(0.2, Team())
    assert not responds_after_all(2.0**-33, Team(responds_again=0.0))


def test_half_of_a_teams_drive_is_left_after_ten_years():
    assert drive(0, Team()) == 1.0
    assert drive(120, Team()) == pytest.approx(math.exp(-0.7))
    assert drive(600, Team(fatigue=0.0)) == 1.0


def test_without_hazard_lag_or_spread_all_teams_are_alike_and_stay():
    steady = Team(h_drop=0.0, tau=0.0, rate_sd=0.0)

    assert lapse_probability(0.2, 0.0, 1.0, steady) == 0.0
    assert personal_lag(0.99, steady) == 0.0
    assert personal_rate(3.0, steady) == 1.0


@given(u=uniforms, z=normals, leadership=leaderships, support=supports, left=shares, team=anywhere(Team))
@PROPERTY
def test_leadership_and_support_never_make_a_team_lapse_sooner(u, z, leadership, support, left, team):
    lapse = plain(lapse_probability)(leadership, support, left, team)

    assert 0.0 <= plain(lapse_probability)(leadership + 0.1, support + 0.1, left, team) <= lapse <= 1.0
    assert lapse <= plain(lapse_probability)(leadership, support, 1.0, team)
    returns = plain(return_probability)(leadership, team)
    assert 0.0 <= returns <= plain(return_probability)(leadership + 0.1, team) <= 1.0
    assert 0.0 < plain(drive)(13, team) <= plain(drive)(12, team) <= 1.0
    assert plain(personal_rate)(z, team) > 0.0
    assert 0.0 <= plain(personal_lag)(u, team) < math.inf
