"""Fading of gains and what policy keeps up."""

import pytest
from hypothesis import given

from qicsim.model.mechanisms.fading import (
    Fading,
    fragile_share,
    monthly_loss,
    share_faded,
    support_kept,
)
from tests.helpers import PROPERTY, anywhere, plain, points, shares, supports


def test_half_of_fragile_gains_is_left_after_one_half_life():
    """Half-life of 4 months, no support: 10 points leave 5 after four months."""
    fading, fragile = Fading(half_life=4.0), 10.0
    for _ in range(4):
        fragile -= fragile * share_faded(0.0, monthly_loss(fading), fading)

    assert fragile == pytest.approx(5.0)


def test_national_policy_locks_in_a_third_of_what_is_fragile():
    """theta = 0.43 leaves 0.57 fragile; a policy in full force locks in 33 % of that."""
    assert fragile_share(0.0, Fading()) == pytest.approx(0.57)
    assert fragile_share(1.0, Fading()) == pytest.approx(0.57 * 0.67)


def test_support_halves_fading_again_and_again_and_never_ends_it():
    """At `keep` half of it is prevented, at twice that three quarters; a thousandth of it prevents 0.07 %."""
    fading = Fading(keep=0.2)

    assert share_faded(0.0, 0.16, fading) == 0.16
    assert share_faded(0.2, 0.16, fading) == pytest.approx(0.08)
    assert share_faded(0.4, 0.16, fading) == pytest.approx(0.04)
    assert share_faded(0.0002, 0.16, fading) == pytest.approx(0.16 * 0.9993, rel=1e-4)
    assert share_faded(5.0, 0.16, fading) > 0.0


def test_support_that_keeps_more_gains_is_worth_more_where_keep_is_small():
    assert share_faded(0.3, 0.16, Fading(keep=0.1)) < share_faded(0.3, 0.16, Fading(keep=0.4))


def test_policy_holds_up_support_only_where_it_is_weaker():
    assert support_kept(0.0, 1.0, Fading()) == 0.33
    assert support_kept(0.8, 1.0, Fading()) == 0.8
    assert support_kept(0.2, 0.0, Fading()) == 0.2


@given(gain=points, support=supports, policy=shares, fading=anywhere(Fading))
@PROPERTY
def test_a_gain_splits_into_locked_and_fragile_and_never_fades_below_nothing(gain, support, policy, fading):
    share = plain(fragile_share)(policy, fading)
    kept = plain(support_kept)(support, policy, fading)
    lost = share * gain * plain(share_faded)(kept, plain(monthly_loss)(fading), fading)

    assert 0.0 <= share <= 1.0
    assert 0.0 <= lost <= share * gain
    assert share <= plain(fragile_share)(0.0, fading)
