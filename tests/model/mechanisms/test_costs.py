"""Costs by payer, and what a ceiling of spending leaves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qicsim.model.mechanisms.costs import affordable_share, donor_part
from tests.helpers import PROPERTY, plain, shares

money = st.floats(0.0, 1e9)


def test_a_ceiling_is_released_month_by_month():
    """120,000 a year, March: 30,000 released, 25,000 spent; of the 20,000 planned a quarter can be afforded."""
    assert affordable_share(120_000.0, 3.0, 25_000.0, 20_000.0) == 0.25


def test_donors_pay_their_share():
    assert donor_part(2_000.0, 0.46) == pytest.approx(920.0)
    assert donor_part(2_000.0, 0.0) == 0.0
    assert donor_part(2_000.0, 1.0) == 2_000.0


def test_nothing_planned_is_affordable_and_nothing_left_affords_nothing():
    assert affordable_share(0.0, 12.0, 0.0, 0.0) == 1.0
    assert affordable_share(120_000.0, 1.0, 15_000.0, 100.0) == 0.0
    assert affordable_share(1e12, 1.0, 1e6, 1e6) == 1.0
    assert affordable_share(120_000.0, 1.0, 9_999.991, 100.0) == 0.0
    assert affordable_share(120_000.0, 1.0, 9_999.98, 100.0) == pytest.approx(0.0002)


@given(ceiling=st.floats(0.0, 1e12), months=st.integers(1, 12), spent=money, planned=money, share=shares)
@PROPERTY
def test_spending_never_passes_what_is_released_and_payers_add_up(ceiling, months, spent, planned, share):
    afforded = plain(affordable_share)(ceiling, float(months), spent, planned)
    released = ceiling * months / 12.0

    assert 0.0 <= afforded <= 1.0
    assert afforded * planned <= max(released - spent, 0.0) * (1.0 + 1e-9) + 1e-9
    assert 0.0 <= plain(donor_part)(planned, share) <= planned
