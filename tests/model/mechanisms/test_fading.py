"""Fading of gains and what policy keeps up."""

import pytest
from hypothesis import given

from qicsim.model.mechanisms.fading import (
    ENOUGH_SUPPORT,
    Fading,
    faded,
    fragile_share,
    monthly_loss,
    support_kept,
)
from tests.helpers import PROPERTY, anywhere, plain, points, shares, supports


def test_half_of_fragile_gains_is_left_after_one_half_life():
    """Half-life of 4 months, no support: 10 points leave 5 after four months."""
    fading, fragile = Fading(half_life=4.0), 10.0
    for _ in range(4):
        fragile -= faded(fragile, 0.0, monthly_loss(fading))

    assert fragile == pytest.approx(5.0)


def test_national_policy_locks_in_a_third_of_what_is_fragile():
    """theta = 0.43 leaves 0.57 fragile; a policy in full force locks in 33 % of that."""
    assert fragile_share(0.0, Fading()) == pytest.approx(0.57)
    assert fragile_share(1.0, Fading()) == pytest.approx(0.57 * 0.67)


def test_nothing_fades_while_support_is_enough_and_half_as_much_at_half_of_that():
    assert faded(10.0, 0.25, 0.2) == pytest.approx(1.0)
    assert ENOUGH_SUPPORT == 0.5
    assert faded(10.0, ENOUGH_SUPPORT, 0.15) == 0.0
    assert faded(10.0, 0.95, 0.15) == 0.0
    assert faded(0.0, 0.0, 0.15) == 0.0


def test_policy_holds_up_support_only_where_it_is_weaker():
    assert support_kept(0.0, 1.0, Fading()) == 0.33
    assert support_kept(0.8, 1.0, Fading()) == 0.8
    assert support_kept(0.2, 0.0, Fading()) == 0.2


@given(gain=points, support=supports, policy=shares, fading=anywhere(Fading))
@PROPERTY
def test_a_gain_splits_into_locked_and_fragile_and_never_fades_below_nothing(gain, support, policy, fading):
    share = plain(fragile_share)(policy, fading)
    lost = plain(faded)(share * gain, plain(support_kept)(support, policy, fading), plain(monthly_loss)(fading))

    assert 0.0 <= share <= 1.0
    assert 0.0 <= lost <= share * gain
    assert share <= plain(fragile_share)(0.0, fading)
