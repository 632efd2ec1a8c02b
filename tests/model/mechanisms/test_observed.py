"""Starting from observed levels."""

from hypothesis import given
from hypothesis import strategies as st

from qicsim.model.mechanisms.observed import area_start, fragile_within, moved_along, observed_level, shifted
from tests.helpers import PROPERTY, plain


def test_a_level_lies_its_standard_error_times_the_draw_beside_the_mean():
    """62 points with a standard error of 3, one and a half of them up: 66.5."""
    assert observed_level(62.0, 3.0, 1.5) == 66.5
    assert observed_level(62.0, 0.0, 1.5) == 62.0


def test_an_area_starts_as_far_from_the_composite_as_its_level_is_from_that_of_the_total():
    """A composite of 50 points; a level of 38 where that of the total is 44: 6 below."""
    assert area_start(50.0, 38.0, 44.0) == 44.0
    assert area_start(50.0, 44.0, 44.0) == 50.0


def test_levels_and_areas_stay_within_the_scale_and_below_the_ceiling():
    assert observed_level(98.0, 4.0, 2.0) == 100.0
    assert observed_level(3.0, 4.0, -2.0) == 0.0
    assert shifted(90.0, 12.0, 93.0) == 93.0
    assert shifted(5.0, -12.0, 93.0) == 0.0


def test_no_more_is_fragile_than_there_is():
    assert fragile_within(8.0, 5.0) == 5.0
    assert fragile_within(3.0, 5.0) == 3.0


def test_trust_moves_with_what_was_corrected_and_stays_above_nothing():
    assert moved_along(85.0, -2.5) == 82.5
    assert moved_along(2.0, -9.0) == 1.0
    assert moved_along(99.0, 9.0) == 100.0


@given(quality=st.floats(0.0, 93.0), shift=st.floats(-100.0, 100.0), more=st.floats(0.0, 50.0))
@PROPERTY
def test_a_larger_shift_never_lowers_an_area(quality, shift, more):
    moved, further = (plain(shifted)(quality, by, 93.0) for by in (shift, shift + more))

    assert 0.0 <= moved <= further <= 93.0
