"""Turnover of trained staff."""

import pytest
from hypothesis import given

from qicsim.model.mechanisms.turnover import (
    UNTRAINED,
    Turnover,
    capability_after_turnover,
    leaving_probability,
)
from tests.helpers import PROPERTY, anywhere, plain, shares


def test_twelve_months_of_turnover_make_the_annual_probability():
    """A tenth a year: 0.9 are left after twelve months, each with the monthly probability 1 - 0.9^(1/12)."""
    monthly = leaving_probability(0.1, 1.0)

    assert (1.0 - monthly) ** 12 == pytest.approx(0.9)
    assert (1.0 - leaving_probability(0.1, 0.9)) ** 12 == pytest.approx(0.9**0.9)


def test_half_of_what_was_learnt_leaves_with_a_key_member_less_where_cpd_shields_it():
    """0.6 - 0.5 x (0.6 - 0.1) = 0.35; CPD for all shields a quarter of the loss: 0.6 - 0.375 x 0.5."""
    assert capability_after_turnover(0.6, 0.0, 0.0, Turnover()) == pytest.approx(0.35)
    assert capability_after_turnover(0.6, 1.0, 0.0, Turnover()) == pytest.approx(0.4125)
    assert capability_after_turnover(0.6, 1.0, 1.0, Turnover()) == pytest.approx(0.6 - 0.375 * 0.67 * 0.5)


def test_nothing_is_lost_by_the_untrained_or_behind_a_full_shield():
    assert capability_after_turnover(UNTRAINED, 0.0, 0.0, Turnover()) == UNTRAINED
    assert capability_after_turnover(0.6, 1.0, 0.0, Turnover(cpd_shield=1.0)) == 0.6
    assert capability_after_turnover(0.6, 0.0, 0.0, Turnover(loss=0.0)) == 0.6
    assert leaving_probability(0.0, 1.0) == 0.0


@given(learnt=shares, cpd=shares, preservice=shares, turnover=anywhere(Turnover))
@PROPERTY
def test_turnover_never_adds_capability_nor_leaves_less_than_none(learnt, cpd, preservice, turnover):
    capability = UNTRAINED + (1.0 - UNTRAINED) * learnt
    after = plain(capability_after_turnover)(capability, cpd, preservice, turnover)

    assert UNTRAINED - 1e-12 <= after <= capability
    assert 0.0 <= plain(leaving_probability)(turnover.annual, turnover.pbf_ratio) <= 1.0
