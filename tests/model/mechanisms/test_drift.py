"""Secular drift."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qicsim.model.mechanisms.drift import Drift, drift_change
from tests.helpers import PROPERTY, anywhere, plain


def test_five_years_of_drift_at_mid_gap_bring_about_one_point():
    """0.02 points a month at mid gap, 60 months: 1.2 points."""
    assert 60.0 * drift_change(1.0, Drift()) == pytest.approx(1.2)


def test_there_is_no_drift_at_the_ceiling_or_when_it_is_switched_off():
    assert drift_change(0.0, Drift()) == 0.0
    assert drift_change(1.0, Drift(trend0=0.0)) == 0.0


@given(gap=st.floats(0.0, 2.5), drift=anywhere(Drift))
@PROPERTY
def test_drift_is_slow_and_has_the_sign_of_its_trend(gap, drift):
    change = plain(drift_change)(gap, drift)

    assert abs(change) <= 0.5
    assert change * drift.trend0 >= 0.0
