"""Capability of teams."""

import pytest
from hypothesis import given

from qicsim.model.mechanisms.capability import (
    UNTRAINED,
    Capability,
    capability_after_coaching,
    capability_after_training,
)
from tests.helpers import PROPERTY, anywhere, plain, shares, supports


def test_training_and_a_year_of_coaching_bring_a_team_near_mastery():
    """From 0.1: training gives 0.1 + 0.3 x 0.9 = 0.37; twelve months at full support leave 0.63 x 0.97^12 = 0.437."""
    capability = capability_after_training(UNTRAINED, Capability())
    assert capability == pytest.approx(0.37)

    for _ in range(12):
        capability = capability_after_coaching(capability, 1.0, Capability())

    assert capability == pytest.approx(1.0 - 0.63 * 0.97**12)


def test_a_team_without_support_learns_nothing():
    assert capability_after_coaching(0.37, 0.0, Capability()) == 0.37
    assert capability_after_coaching(0.37, 1.0, Capability(learn=0.0)) == 0.37
    assert capability_after_training(0.1, Capability(train_gain=0.0)) == 0.1


def test_a_team_that_masters_everything_has_nothing_to_learn():
    assert capability_after_training(1.0, Capability()) == 1.0
    assert capability_after_coaching(1.0, 1.0, Capability()) == 1.0
    assert capability_after_coaching(0.4, 99.0, Capability()) == 1.0


@given(capability=shares, support=supports, parameters=anywhere(Capability))
@PROPERTY
def test_training_and_coaching_never_lower_capability_nor_exceed_mastery(capability, support, parameters):
    trained = plain(capability_after_training)(capability, parameters)

    assert capability <= trained <= 1.0
    assert trained <= plain(capability_after_coaching)(trained, support, parameters) <= 1.0
