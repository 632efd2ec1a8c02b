"""Discounting and currency, against textbook tables."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qicsim.decide.currency import Rate, usual_rate
from qicsim.decide.discounting import Discounting, present_value
from qicsim.ground.errors import SettingError
from tests.helpers import PROPERTY

YEARS = (1, 2, 3)
# Drummond et al., "Methods for the economic evaluation of health care programmes": two programmes of three years, 5 %.
PROGRAMMES = np.array([[5.0, 10.0, 15.0], [15.0, 10.0, 4.0]])


def test_drummonds_programmes_cost_2679_and_2681_when_money_falls_at_the_end_of_a_year():
    found = present_value(PROGRAMMES, YEARS, Discounting(1, 0.05, "end"))

    assert found.round(2).tolist() == [26.79, 26.81]


def test_drummonds_programmes_cost_2813_and_2815_when_it_falls_at_the_start():
    found = present_value(PROGRAMMES, YEARS, Discounting(1, 0.05, "start"))

    assert found.round(2).tolist() == [28.13, 28.15]


def test_a_level_stream_is_worth_the_annuity_factor_of_the_tables():
    # Annuity factors for 10 years: 8.5302 at 3 %, 7.7217 at 5 % (any table of compound interest).
    found = [present_value(np.ones(10), range(1, 11), Discounting(1, rate, "end")) for rate in (0.03, 0.05)]

    assert np.round(found, 4).tolist() == [8.5302, 7.7217]


def test_a_rate_of_zero_adds_up_and_the_base_year_is_the_present():
    assert present_value(PROGRAMMES, YEARS, Discounting(2, 0.0)).tolist() == [30.0, 29.0]
    assert Discounting(2027, 0.03, "start").factors([2026, 2027]).tolist() == [1.03, 1.0]


def test_years_may_stand_on_any_axis():
    assert present_value(PROGRAMMES.T, YEARS, Discounting(1, 0.05), axis=0) == pytest.approx(
        present_value(PROGRAMMES, YEARS, Discounting(1, 0.05)))


@PROPERTY
@given(low=st.floats(0.0, 0.25), high=st.floats(0.0, 0.25), timing=st.sampled_from(["start", "middle", "end"]))
def test_a_higher_rate_never_makes_later_money_worth_more(low, high, timing):
    low, high = sorted((low, high))
    years = range(2027, 2036)

    assert (Discounting(2027, high, timing).factors(years) <= Discounting(2027, low, timing).factors(years)).all()


def test_three_is_refused_with_the_way_to_write_three_percent():
    with pytest.raises(SettingError) as caught:
        Discounting(2027, 3, "noon")

    assert "A rate of 3 % is written 0.03." in str(caught.value)
    assert [fault.place for fault in caught.value.faults] == ["rate", "timing"]


@pytest.mark.parametrize("rate", [-0.01, 0.3, float("nan")])
def test_rates_that_nobody_means_are_refused(rate):
    with pytest.raises(SettingError, match="rate"):
        Discounting(2027, rate)


def test_values_must_have_one_for_each_year():
    with pytest.raises(SettingError, match="2 years"):
        present_value(PROGRAMMES, (2027, 2028))


def test_local_money_and_back_and_a_rate_with_its_day_and_source():
    rate = usual_rate()

    assert rate.local(1000.0) == pytest.approx(4_107_960.0)
    assert rate.usd(rate.local(12.5)) == pytest.approx(12.5)
    assert rate.words == "4,107.96 riel for US$ 1 (2024-07-31, World Bank PP00014)"


@pytest.mark.parametrize("rate", [0.0, -1.0, float("inf"), float("nan")])
def test_a_rate_that_is_none_is_refused(rate):
    with pytest.raises(SettingError, match="per_usd"):
        Rate(rate, "2024-07-31", "nowhere")
