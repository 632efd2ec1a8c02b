"""True quality at the start."""

import pytest
from hypothesis import given

from qicsim.model.mechanisms.start import Start, starting_mean, starting_quality
from tests.helpers import PROPERTY, anywhere, normals, plain, points


def test_a_facility_one_standard_deviation_up_starts_eleven_points_above_the_mean():
    """A hospital where health centres have 47: 52. In mid scale spread is full: 52 + 11 x 1 - 9 x 0.5."""
    mean = starting_mean(47.0, 1, Start())

    assert mean == 52.0
    assert starting_quality(mean, 93.0, Start(), 1.0, -0.5) == pytest.approx(58.5)


def test_facilities_differ_less_near_the_ends_of_the_scale():
    """General waste at 97: spread x (3 / 40 + 0.1) = 0.175, so one SD down is 97 - 1.925."""
    assert starting_quality(97.0, 98.5, Start(), -1.0, 0.0) == pytest.approx(97.0 - 0.175 * 11.0)
    assert starting_quality(97.0, 98.5, Start(), 3.0, 0.0) == 98.5


def test_means_keep_a_point_from_the_ends_and_quality_never_falls_below_nothing():
    assert starting_mean(47.0, 0, Start(q0=5.0)) == 52.0
    assert starting_mean(0.0, 0, Start()) == 1.0
    assert starting_mean(98.0, 1, Start()) == 99.0
    assert starting_quality(5.0, 93.0, Start(), -6.0, 0.0) == 0.0


def test_without_spread_every_facility_starts_at_its_mean():
    assert starting_quality(47.0, 93.0, Start(q0_sd=0.0, area_sd=0.0), 3.0, -3.0) == 47.0
    assert starting_mean(47.0, 1, Start(hospital_shift=0.0)) == 47.0


@given(area=points, ceiling=points, z_facility=normals, z_area=normals, start=anywhere(Start))
@PROPERTY
def test_quality_starts_between_nothing_and_the_ceiling(area, ceiling, z_facility, z_area, start):
    for hospital in (0, 1):
        mean = plain(starting_mean)(area, hospital, start)

        assert 1.0 <= mean <= 99.0
        assert 0.0 <= plain(starting_quality)(mean, ceiling, start, z_facility, z_area) <= ceiling
