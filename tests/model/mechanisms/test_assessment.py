"""How true quality becomes the recorded score."""

import math

import pytest
from hypothesis import given

from qicsim.model.mechanisms.assessment import (
    Assessment,
    gaming,
    honest_score,
    leniency,
    recorded_score,
    undetected,
    visit_day_rise,
)
from tests.helpers import PROPERTY, anywhere, normals, plain, points, shares, stakes


def test_a_score_is_the_truth_plus_what_each_of_five_things_adds():
    """Visit day: 13 points x weight 0.1 x 80 % watched x 15 of 30 points of headroom = 0.52. A tenth verified at 50 %
    detection leaves 0.95: leniency of three quarters of a visit, 95 % of its range with `presence` = 0.25:
    3 x (1 - exp(-3)) x (1 - 0.2) x 0.95 = 2.166; gaming 3 x exp(-1/2) x 0.95, 5 points below a
    step. Truth 60, bias -1.5, and noise of half a standard deviation of 5 points.
    """
    errors = Assessment()
    left = undetected(0.1, errors)
    rise = visit_day_rise(0.1, 0.8, 15.0, errors)
    lenient = leniency(0.75, 0.2, left, errors)
    gamed = gaming(5.0, 1.0, left, errors)

    assert left == pytest.approx(0.95)
    assert rise == pytest.approx(0.52)
    assert lenient == pytest.approx(2.28 * (1.0 - math.exp(-3.0)))
    assert gamed == pytest.approx(2.85 * math.exp(-0.5))
    assert honest_score(60.0, rise + lenient, -1.5) == pytest.approx(59.02 + lenient)
    assert recorded_score(60.0, rise + lenient + gamed, -1.5, 0.5, errors) == pytest.approx(61.52 + lenient + gamed)


def test_one_in_six_facilities_truly_at_75_is_recorded_at_80_or_more():
    """Noise of 5 points alone: 75 + 5 z >= 80 where z >= 1, and P(z >= 1) = 15.9 %."""
    assert recorded_score(75.0, 0.0, 0.0, 1.0, Assessment(noise=5.0)) == 80.0


def test_leniency_grows_with_the_coachs_presence():
    """Without visits there is none, and a hundredth of a visit gives 4 % of the range, not all of it."""
    errors = Assessment(lenient=3.0, presence=0.25)

    assert leniency(0.0, 0.0, 1.0, errors) == 0.0
    assert leniency(0.01, 0.0, 1.0, errors) == pytest.approx(3.0 * (1.0 - math.exp(-0.04)))
    assert leniency(0.25, 0.0, 1.0, errors) == pytest.approx(3.0 * (1.0 - math.exp(-1.0)))
    assert leniency(0.25, 0.0, 1.0, Assessment(lenient=3.0, presence=1.0)) < leniency(0.25, 0.0, 1.0, errors)


def test_without_sources_of_error_the_score_is_the_truth():
    exact = Assessment(hawth=0.0, lenient=0.0, game=0.0, noise=0.0)
    inflation = (visit_day_rise(1.0, 1.0, 30.0, exact) + leniency(1.0, 0.0, 1.0, exact)
                 + gaming(0.0, 2.0, 1.0, exact))

    assert inflation == 0.0
    assert recorded_score(61.7, inflation, 0.0, 2.0, exact) == 61.7


def test_separation_full_verification_and_no_stake_leave_no_room_for_leniency_and_gaming():
    certain = Assessment(detect=1.0)

    assert leniency(1.0, 1.0, 1.0, Assessment()) == leniency(0.0, 0.0, 1.0, Assessment()) == 0.0
    assert undetected(1.0, certain) == 0.0
    assert gaming(0.0, 0.0, 1.0, Assessment()) == 0.0
    assert visit_day_rise(0.2, 1.0, 0.0, Assessment()) == 0.0


def test_the_visit_day_is_worth_no_more_beyond_30_points_of_headroom_and_scores_end_at_0_and_100():
    assert visit_day_rise(1.0, 1.0, 30.0, Assessment()) == visit_day_rise(1.0, 1.0, 60.0, Assessment()) == 13.0
    assert recorded_score(2.0, 0.0, -9.0, 0.0, Assessment()) == 0.0
    assert recorded_score(97.0, 9.0, 0.0, 0.0, Assessment()) == 100.0


@given(true=points, below=points, verified=shares, separated=shares, stake=stakes, bias=normals,
       z=normals, errors=anywhere(Assessment))
@PROPERTY
def test_a_recorded_score_stays_on_the_scale_and_inflation_is_never_negative(
        true, below, verified, separated, stake, bias, z, errors):
    left = plain(undetected)(verified, errors)
    parts = (plain(visit_day_rise)(1.0, 1.0, 100.0 - true, errors), plain(leniency)(1.0, separated, left, errors),
             plain(gaming)(below, stake, left, errors))

    assert min(parts) >= 0.0
    assert 0.0 <= plain(recorded_score)(true, sum(parts), errors.dist_bias * bias, z, errors) <= 100.0
