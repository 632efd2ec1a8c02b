"""Motivation of staff."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qicsim.model.mechanisms.motivation import Motivation, motivation_after, motivation_target
from tests.helpers import PROPERTY, anywhere, motivations, plain, stakes, supports


def test_payments_two_months_late_cost_motivation_and_coaching_gives_some():
    """Five months' delay: -0.03 x 2; full support: +0.1; crowding-out -0.1 at the reference stake: -0.06 in all."""
    target = motivation_target(1.0, 5.0, 1.0, Motivation(crowd=-0.1))

    assert target == pytest.approx(-0.06)
    assert motivation_after(0.0, target, Motivation()) == pytest.approx(-0.006)
    assert motivation_after(2.9, 9.0, Motivation()) == 3.0


def test_nobody_is_moved_by_usual_delays_and_no_support():
    assert motivation_target(1.0, 3.0, 0.0, Motivation()) == 0.0
    assert motivation_after(0.0, 0.0, Motivation()) == 0.0
    assert motivation_after(0.4, 0.4, Motivation()) == 0.4


def test_switched_off_effects_leave_motivation_alone():
    still = Motivation(crowd=0.0, delay_cost=0.0, coached=0.0)

    assert motivation_target(2.0, 12.0, 1.5, still) == 0.0


@given(level=motivations, stake=stakes, delay=st.floats(0.0, 12.0), support=supports, motivation=anywhere(Motivation))
@PROPERTY
def test_motivation_moves_towards_its_target_within_three_standard_deviations(
        level, stake, delay, support, motivation):
    target = plain(motivation_target)(stake, delay, support, motivation)
    after = plain(motivation_after)(level, target, motivation)

    assert -3.0 <= after <= 3.0
    assert min(level, target) - 1e-9 <= after <= max(level, target) + 1e-9
