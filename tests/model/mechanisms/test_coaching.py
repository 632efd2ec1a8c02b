"""Coaching: capacity, visits, support."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qicsim.model.mechanisms.coaching import (
    REFERENCE_VISITS,
    Coaching,
    coach_capacity,
    coaches_after_training,
    support_of,
    visits_each,
)
from tests.helpers import PROPERTY, anywhere, plain, shares


def test_two_coaches_give_fifteen_teams_about_half_a_visit_each():
    """2 coaches x 4 visits = 8 visits among 15 teams: 0.533 visits a month, below the target of 0.75."""
    capacity = coach_capacity(2.0, 1.0, Coaching())

    assert capacity == 8.0
    assert coach_capacity(2.0, 0.5, Coaching()) == 4.0
    assert visits_each(capacity, 15, 0.75) == pytest.approx(8.0 / 15.0)
    assert visits_each(capacity, 5, 0.75) == 0.75


def test_support_saturates_and_is_the_coachs_skill_at_the_reference_dose():
    """With v0 = 0.5: half the reference dose gives (1 - exp(-0.75)) / (1 - exp(-1.5)) = 0.679 of the support."""
    half = support_of(REFERENCE_VISITS / 2.0, 0.0, Coaching())

    assert support_of(REFERENCE_VISITS, 0.0, Coaching()) == 0.95
    assert half == pytest.approx(0.95 * (1.0 - math.exp(-0.75)) / (1.0 - math.exp(-1.5)))
    assert support_of(REFERENCE_VISITS, 1.0, Coaching()) == pytest.approx(0.95 * 1.15)


def test_a_tenth_of_coaches_leaves_and_half_of_those_missing_is_trained():
    """2 coaches lose 0.2; of the 0.2 missing from 2 half is trained: 1.8 + 0.1."""
    assert coaches_after_training(2.0, 2.0, 0.5, 0.1) == pytest.approx(1.9)
    assert coaches_after_training(2.0, 2.0, 1.0, 0.0) == 2.0
    assert coaches_after_training(3.0, 2.0, 1.0, 0.0) == 3.0


def test_without_coaches_teams_visits_or_skill_there_is_no_support():
    assert coach_capacity(0.0, 1.0, Coaching()) == 0.0
    assert visits_each(8.0, 0, 0.75) == 0.0
    assert support_of(0.0, 1.0, Coaching()) == 0.0
    assert support_of(1.0, 0.0, Coaching(skill=0.0)) == 0.0
    assert support_of(1.0, 1.0, Coaching(mentoring_gain=0.0)) == support_of(1.0, 0.0, Coaching())


@given(coaches=st.floats(0.0, 20.0), available=shares, teams=st.integers(0, 40), target=st.floats(0.0, 8.0),
       mentoring=shares, coaching=anywhere(Coaching))
@PROPERTY
def test_visits_never_exceed_capacity_nor_target_and_support_is_bounded(
        coaches, available, teams, target, mentoring, coaching):
    capacity = plain(coach_capacity)(coaches, available, coaching)
    visits = plain(visits_each)(capacity, teams, target)
    support = plain(support_of)(visits, mentoring, coaching)

    assert 0.0 <= visits <= target
    assert visits * teams <= capacity * (1.0 + 1e-12) + 1e-9
    assert 0.0 <= support <= 9.0
    assert support <= plain(support_of)(visits + 0.5, mentoring, coaching)


@given(coaches=st.floats(0.0, 20.0), wanted=st.floats(0.0, 20.0), trained=shares, loss=shares)
@PROPERTY
def test_training_never_passes_the_number_of_coaches_wanted(coaches, wanted, trained, loss):
    after = plain(coaches_after_training)(coaches, wanted, trained, loss)

    assert 0.0 <= after <= max(wanted, coaches) + 1e-9
