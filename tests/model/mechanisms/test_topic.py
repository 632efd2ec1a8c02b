"""Choice of a topic."""

import math

import numpy as np
import pytest
from hypothesis import given

from qicsim.model.mechanisms.topic import Topic, topic_tilt, topic_utility
from tests.helpers import PROPERTY, anywhere, assert_mean, plain, points, shares, stakes, uniforms


def test_utility_is_the_logarithm_of_preference_times_headroom_and_gumbel_noise():
    """u = exp(-1) makes the noise -log(1) = 0; preference 2 and 10 points of headroom give log 20."""
    assert topic_utility(2.0, 10.0, 0.0, math.exp(-1.0), Topic()) == pytest.approx(math.log(20.0))
    assert topic_utility(2.0, 0.0, 0.5, math.exp(-1.0), Topic()) == pytest.approx(math.log(0.8) + 0.5)
    assert topic_utility(0.05, 20.0, 0.0, 0.5, Topic()) == pytest.approx(-math.log(math.log(2.0)))


def test_areas_are_chosen_in_proportion_to_preference_times_headroom():
    """30 points at preference 1 against 10 points at preference 2: 30 of 50 choose the first."""
    rng = np.random.default_rng(3)
    first = [plain(topic_utility)(1.0, 30.0, 0.0, u, Topic()) > plain(topic_utility)(2.0, 10.0, 0.0, v, Topic())
             for u, v in rng.uniform(size=(20_000, 2))]

    assert_mean(np.array(first, dtype=float), 0.6)


def test_stakes_tablets_and_accreditation_tilt_the_choice():
    """0.2 x 1 for a scored area, 1 x 0.5 for client experience with tablets in half, 1 x 0.8 for the standards."""
    assert topic_tilt(1.0, 1.0, 0.5, 1.0, 1.0, 0.8, Topic()) == pytest.approx(1.5)
    assert topic_tilt(2.0, 0.0, 1.0, 0.0, 1.0, 0.0, Topic()) == 0.0
    assert topic_tilt(2.0, 1.0, 1.0, 1.0, 1.0, 1.0, Topic(0.4, 0.0, 0.0, 0.0)) == 0.0


def test_an_area_that_nobody_prefers_is_never_chosen():
    assert topic_utility(0.0, 50.0, 9.0, 0.999, Topic()) == -math.inf


@given(room=points, u=uniforms, stake=stakes, share=shares, topic=anywhere(Topic))
@PROPERTY
def test_utility_is_finite_and_never_falls_with_headroom_or_tilt(room, u, stake, share, topic):
    tilt = plain(topic_tilt)(stake, 1.0, share, 1.0, share, share, topic)
    utility = plain(topic_utility)(1.0, room, 0.0, u, topic)

    assert tilt >= 0.0
    assert -math.inf < utility <= plain(topic_utility)(1.0, room + 1.0, tilt, u, topic) < math.inf
