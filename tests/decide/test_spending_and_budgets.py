"""Spending by what it was kept by, uncertain unit costs, ceilings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qicsim.decide.budget import against, budget_impact, what_fits
from qicsim.decide.costing import Spending, totals
from qicsim.decide.discounting import Discounting
from qicsim.decide.ingredients import cost_factors
from tests.helpers import PROPERTY

YEARS = (2027, 2028, 2029)
AXES = {"line": ("visits", "sessions"), "payer": ("government", "donor")}


def spent(draws=2):
    """US$ 1 to 12 a year, line and payer, times 1 in the first draw, 2 in the second ..."""
    usd = np.arange(1.0, 13.0).reshape(3, 2, 2)
    return Spending(np.arange(1.0, draws + 1.0)[:, None, None, None] * usd, YEARS, AXES)


def test_sums_by_line_and_payer_by_hand():
    one = spent()

    assert one.by("payer").usd[0].tolist() == [[4.0, 6.0], [12.0, 14.0], [20.0, 22.0]]
    assert one.by("line").usd[1].tolist() == [[6.0, 14.0], [22.0, 30.0], [38.0, 46.0]]
    assert one.by("payer", "line").usd.tolist() == one.usd.transpose(0, 1, 3, 2).tolist()
    assert one.yearly()[0].tolist() == [10.0, 26.0, 42.0]
    assert one.only(payer="donor").yearly()[0].tolist() == [6.0, 14.0, 22.0]
    assert one.only(line="visits", payer="donor").total()[0].tolist() == [[18.0]]
    assert one.within(2028, 2030).years == (2028, 2029)


def test_every_cut_of_spending_has_the_same_total_and_discounting_is_that_of_the_years():
    one, later = spent(), Discounting(2027, 0.05, "end")

    assert one.by("line").total(later).sum(axis=1) == pytest.approx(one.by("payer").total(later).sum(axis=1))
    assert one.by().total(later)[0] == pytest.approx(10.0 / 1.05 + 26.0 / 1.05**2 + 42.0 / 1.05**3)


def test_totals_stand_by_scenario_and_draw():
    assert totals({"a": spent(), "b": spent().only(payer="donor")}).tolist() == [[78.0, 156.0], [42.0, 84.0]]


def test_unit_costs_have_their_value_as_median_and_their_range_as_ninety_percent_interval():
    factors = cost_factors([35.0, 60.0, 10.0], [15.0, 25.0, 10.0], [90.0, 150.0, 10.0], 20_000)
    low, middle, high = np.percentile(factors, (5.0, 50.0, 95.0), axis=0)

    assert middle == pytest.approx(1.0, abs=0.02)
    assert low == pytest.approx([15.0 / 35.0, 25.0 / 60.0, 1.0], rel=0.03)
    assert high == pytest.approx([90.0 / 35.0, 150.0 / 60.0, 1.0], rel=0.03)


def test_budget_impact_is_the_paired_difference():
    found = budget_impact([[3.0, 5.0], [4.0, 9.0]], [[1.0, 1.0], [2.0, 2.0]], (2027, 2028))

    assert found.by_year.mean.tolist() == [2.0, 5.5]
    assert found.total.mean == 7.5
    assert found.by_year.low.tolist() == pytest.approx([2.0, 4.15])


def test_what_a_ceiling_forbids_by_hand():
    """Three draws over three years; a ceiling of 10, and none in 2029."""
    usd = [[5.0, 8.0, 99.0], [9.0, 14.0, 0.0], [11.0, 17.0, 0.0]]
    found = against(usd, YEARS, {2027: 10.0, 2028: 10.0})

    assert found.ceiling.tolist() == [10.0, 10.0, np.inf]
    assert found.first_year == 2028
    assert found.over.tolist() == pytest.approx([1.0 / 3.0, 11.0 / 3.0, 0.0])
    assert found.probability.tolist() == pytest.approx([1.0 / 3.0, 2.0 / 3.0, 0.0])
    assert found.ever == pytest.approx(2.0 / 3.0)
    assert found.first_years == pytest.approx({2027: 1.0 / 3.0, 2028: 1.0 / 3.0, 2029: 0.0})
    assert found.sentence == ("Mean spending first exceeds the ceiling in 2028, by US$ 3; 67\u00a0% of draws exceed it "
                              "in some year.")


def test_a_ceiling_that_mean_spending_never_meets_still_names_the_risk():
    found = against([[5.0, 8.0], [9.0, 14.0]], (2027, 2028), 11.0)

    assert found.first_year is None
    assert found.sentence == ("Mean spending stays within the ceiling in every year; 50\u00a0% of draws exceed it in "
                              "some year.")


def test_what_fits_and_a_budget_that_nothing_fits():
    plans = {"small": [[5.0], [6.0]], "large": [[9.0], [20.0]]}

    some = what_fits(plans, (2027,), 10.0, risk=0.1)
    assert some.sentence == "Within the ceiling, with a risk of at most 10\u00a0%: small."
    assert what_fits(plans, (2027,), 10.0).fitting == ("small", "large")
    nothing = what_fits(plans, (2027,), 5.5, risk=0.1)
    assert nothing.fitting == ()
    assert nothing.sentence == ("No scenario fits the ceiling with a risk of at most 10\u00a0%; small comes nearest "
                                "and exceeds it in 50\u00a0% of draws.")


@PROPERTY
@given(low=st.floats(0.0, 40.0), more=st.floats(0.0, 40.0))
def test_a_higher_ceiling_never_forbids_more(low, more):
    usd = np.random.default_rng(1).uniform(0.0, 40.0, (20, 3))
    one, other = against(usd, YEARS, low), against(usd, YEARS, low + more)

    assert other.ever <= one.ever
    assert (other.probability <= one.probability).all()
    assert (other.over <= one.over).all()
