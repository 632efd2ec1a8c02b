"""Outcomes added over years, and differences between provinces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qicsim.analysis.places import province_range
from qicsim.decide.discounting import Discounting
from qicsim.decide.effects import OUTCOMES, accumulated, gained, yearly_mean
from qicsim.decide.inequality import slope_index
from qicsim.ground.errors import SettingError
from tests.helpers import PROPERTY


def test_a_facility_at_eighty_for_two_quarters_is_half_a_facility_year():
    quarterly = np.array([0.0, 0.0, 1.0, 1.0, 1.0, 1.0])

    assert yearly_mean(quarterly, [2027, 2027, 2027, 2027, 2028, 2028], [2027, 2028]).tolist() == [0.5, 0.5]


def test_one_quarter_of_a_last_year_brings_a_quarter_of_its_effect():
    assert yearly_mean(np.ones((2, 5)), [2030] * 4 + [2031], [2030, 2031]).tolist() == [[1.0, 0.25]] * 2


def test_years_are_added_and_discounted():
    yearly = np.array([[1.0, 2.0, 3.0]])

    assert accumulated(yearly, (2026, 2027, 2028), first=2027).tolist() == [5.0]
    assert accumulated(yearly, (2026, 2027, 2028), Discounting(2027, 0.05, "end"), first=2027)[0] == pytest.approx(
        2.0 / 1.05 + 3.0 / 1.05**2)
    with pytest.raises(SettingError, match="2040 to None"):
        accumulated(yearly, (2026, 2027, 2028), first=2040)


def test_gains_are_paired_by_draw():
    assert gained([[1.0, 2.0], [4.0, 3.0]], ["a", "b"], "a").tolist() == [[0.0, 0.0], [3.0, 1.0]]
    assert gained([[1.0, 2.0], [4.0, 3.0]], ["a", "b"], "b").tolist() == [[-3.0, -1.0], [0.0, 0.0]]


def test_no_outcome_is_a_death_or_a_daly():
    assert not [outcome for outcome in OUTCOMES if "death" in outcome.meaning or "DALY" in outcome.meaning]


def test_the_slope_of_a_line_over_ranks_is_its_slope():
    """Four provinces of equal weight stand at 1/8, 3/8, 5/8, 7/8; quality 60 + 20 x."""
    quality = 60.0 + 20.0 * np.array([1.0, 3.0, 5.0, 7.0]) / 8.0

    assert slope_index(quality, np.ones(4)) == pytest.approx(20.0)
    assert slope_index(quality, np.ones(4), [4.0, 3.0, 2.0, 1.0]) == pytest.approx(-20.0)
    assert province_range(quality) == 15.0


def test_a_province_of_twice_the_weight_counts_as_two():
    weighed = slope_index([50.0, 70.0], [2.0, 1.0])

    assert weighed == pytest.approx(40.0)
    assert slope_index([50.0, 50.0, 70.0], np.ones(3)) == pytest.approx(weighed)


def test_provinces_that_began_alike_share_their_place_whatever_their_order():
    """Ranks 1, 1, 2, 2: places 1/4, 1/4, 3/4, 3/4; the slope is that of the means of the pairs over half a unit."""
    found = slope_index([50.0, 60.0, 70.0, 90.0], np.ones(4), [1.0, 1.0, 2.0, 2.0])

    assert found == pytest.approx((80.0 - 55.0) / 0.5)
    assert slope_index([60.0, 50.0, 90.0, 70.0], np.ones(4), [1.0, 1.0, 2.0, 2.0]) == pytest.approx(found)


def test_a_province_alone_and_provinces_that_all_began_alike_have_no_slope():
    assert slope_index([[50.0], [60.0]], [3.0]).tolist() == [0.0, 0.0]
    assert slope_index([50.0, 60.0], np.ones(2), [1.0, 1.0]) == 0.0


def test_values_that_are_missing_are_refused():
    with pytest.raises(SettingError, match="finite"):
        slope_index([50.0, np.nan], np.ones(2))
    with pytest.raises(SettingError, match="finite"):
        accumulated([1.0, np.nan], (2026, 2027))


@PROPERTY
@given(quality=st.lists(st.floats(0.0, 100.0), min_size=2, max_size=9, unique=True), data=st.data())
def test_slopes_do_not_depend_on_the_order_of_provinces_or_the_unit_of_weight(quality, data):
    order = data.draw(st.permutations(range(len(quality))))
    values, weights = np.array(quality), np.arange(1.0, len(quality) + 1.0)
    found = slope_index(values, weights)

    assert slope_index(values[order], 7.0 * weights[order]) == pytest.approx(found, abs=1e-9)
    assert found >= 0.0


def test_slopes_are_worked_out_for_every_run_at_once():
    quality = np.random.default_rng(1).uniform(40.0, 90.0, (3, 4, 5))

    assert slope_index(quality, np.ones(5))[1, 2] == pytest.approx(slope_index(quality[1, 2], np.ones(5)))
