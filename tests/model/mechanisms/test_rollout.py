"""Roll-out: launches, delays, joining, provinces."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qicsim.model.mechanisms.rollout import (
    Rollout,
    eligible_after,
    joining_probability,
    launch_capacity,
    province_opens,
)
from tests.helpers import PROPERTY, anywhere, leaderships, plain, shares

leads = st.floats(-60.0, 60.0)
quarters = st.floats(0.0, 130.0)


def test_launches_grow_by_fifteen_percent_a_quarter_and_fall_in_a_shock():
    """1.3 districts in the first quarter; after eight 1.3 x 1.15^8, of which half the full shock leaves 77.5 %."""
    assert launch_capacity(0.0, 0.0, 1.0, Rollout()) == 1.3
    assert launch_capacity(8.0, 0.5, 2.0, Rollout()) == pytest.approx(2.0 * 1.3 * 1.15**8 * 0.775)


def test_teams_learn_to_start_faster():
    """Four months at first; after ten quarters 4 x exp(-1.2) = 1.2 months."""
    assert eligible_after(0.0, Rollout()) == 4.0
    assert eligible_after(10.0, Rollout()) == pytest.approx(4.0 * math.exp(-1.2))


def test_an_eligible_health_centre_joins_sooner_where_peers_have_joined():
    """Hazard 2 a quarter: 1 - exp(-2); with half of its peers in, 1 - exp(-2 x 1.45)."""
    assert joining_probability(1.0, 0.0, 0.0, Rollout()) == pytest.approx(1.0 - math.exp(-2.0))
    assert joining_probability(1.0, 0.5, 0.0, Rollout()) == pytest.approx(1.0 - math.exp(-2.9))
    assert joining_probability(0.0, 1.0, 0.0, Rollout()) == 0.0


def test_launches_stop_growing_at_the_most_that_can_be_launched():
    """1.3 x 1.15^14 is 9.2; shock and boost act on what the bound of 8 leaves."""
    assert launch_capacity(12.0, 0.0, 1.0, Rollout()) == pytest.approx(1.3 * 1.15**12)
    assert launch_capacity(14.0, 0.0, 1.0, Rollout()) == 8.0
    assert launch_capacity(100.0, 1.0, 3.0, Rollout()) == pytest.approx(3.0 * 8.0 * 0.55)


def test_selection_multiplies_the_hazard_for_every_ten_points_ahead():
    """Log hazard ratio 0.15 for 10 points: at 20 points ahead exp(0.3), behind by as much exp(-0.3)."""
    keen = Rollout(selection=0.15)

    assert joining_probability(1.0, 0.0, 20.0, keen) == pytest.approx(1.0 - math.exp(-2.0 * math.exp(0.3)))
    assert joining_probability(1.0, 0.0, -20.0, keen) == pytest.approx(1.0 - math.exp(-2.0 * math.exp(-0.3)))
    assert joining_probability(1.0, 0.0, 20.0, Rollout()) == joining_probability(1.0, 0.0, 0.0, Rollout())


def test_the_next_province_opens_when_two_fifths_of_the_districts_are_launched():
    assert not province_opens(1.0, 5.0, Rollout())
    assert province_opens(2.0, 5.0, Rollout())


def test_without_growth_shock_or_boost_launches_are_constant_or_none():
    assert launch_capacity(40.0, 1.0, 1.0, Rollout(launch_growth=0.0, launch_shock=0.0)) == 1.3
    assert launch_capacity(8.0, 0.0, 0.0, Rollout()) == 0.0
    assert joining_probability(1.0, 1.0, 0.0, Rollout(peer_pull=0.0)) == joining_probability(1.0, 0.0, 0.0, Rollout())


@given(after=quarters, shock=shares, leadership=leaderships, joined=shares, ahead=leads, rollout=anywhere(Rollout))
@PROPERTY
def test_capacity_delay_and_probability_stay_in_their_ranges(after, shock, leadership, joined, ahead, rollout):
    probability = plain(joining_probability)(leadership, joined, ahead, rollout)

    assert 0.0 <= plain(launch_capacity)(after, shock, 1.0, rollout) <= rollout.launch_most
    assert 0.0 <= plain(eligible_after)(after, rollout) <= rollout.hc_delay
    assert plain(joining_probability)(leadership, 0.0, ahead, rollout) <= probability <= 1.0
    assert plain(province_opens)(10.0, 10.0, rollout)
