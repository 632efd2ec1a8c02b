"""Learning sessions."""

import pytest
from hypothesis import given

from qicsim.model.mechanisms.session import Session, session_attendance, session_gain
from tests.helpers import PROPERTY, anywhere, plain, points, shares


def test_a_session_brings_a_third_of_a_point_to_a_team_20_points_behind():
    """0.02 x 0.8 attending x 20 points."""
    assert session_attendance(1.0, Session()) == 0.8
    assert session_gain(20.0, 0.8, Session()) == pytest.approx(0.32)


def test_nothing_is_learnt_where_nobody_meets_nobody_is_ahead_or_it_is_switched_off():
    assert session_attendance(0.0, Session()) == 0.0
    assert session_gain(20.0, 0.0, Session()) == 0.0
    assert session_gain(0.0, 0.8, Session()) == 0.0
    assert session_gain(20.0, 0.8, Session(lambda_ls=0.0)) == 0.0


@given(reach=points, available=shares, session=anywhere(Session))
@PROPERTY
def test_a_session_never_takes_a_team_past_the_benchmark(reach, available, session):
    attendance = plain(session_attendance)(available, session)

    assert 0.0 <= attendance <= available
    assert 0.0 <= plain(session_gain)(reach, attendance, session) <= reach
