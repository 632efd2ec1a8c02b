"""Informal peers, simple and threshold contagion."""

import pytest
from hypothesis import given

from qicsim.model.mechanisms.peers import Peers, peer_gain, peer_gain_threshold
from tests.helpers import PROPERTY, anywhere, plain, points, shares


def test_a_facility_closes_four_thousandths_of_the_gap_to_its_peers_in_a_quarter():
    """Peers at 60, the facility at 50: 0.004 x 10 points."""
    assert peer_gain(60.0, 50.0, Peers()) == pytest.approx(0.04)


def test_threshold_contagion_moves_only_where_enough_peers_are_better():
    assert peer_gain_threshold(60.0, 0.24, 50.0, Peers()) == 0.0
    assert peer_gain_threshold(60.0, 0.25, 50.0, Peers()) == peer_gain(60.0, 50.0, Peers())


def test_nobody_learns_from_weaker_peers_or_when_it_is_switched_off():
    assert peer_gain(40.0, 50.0, Peers()) == 0.0
    assert peer_gain(60.0, 50.0, Peers(lambda_net=0.0)) == 0.0


@given(mean=points, quality=points, better=shares, peers=anywhere(Peers))
@PROPERTY
def test_peers_never_lower_quality_nor_take_a_facility_past_them(mean, quality, better, peers):
    change = plain(peer_gain)(mean, quality, peers)

    assert 0.0 <= change <= max(mean - quality, 0.0)
    assert plain(peer_gain_threshold)(mean, better, quality, peers) in (0.0, change)
