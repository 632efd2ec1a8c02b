"""The pandemic's shock to meetings."""

import pytest
from hypothesis import given

from qicsim.model.mechanisms.shock import available_share
from tests.helpers import PROPERTY, plain, shares


def test_half_a_shock_leaves_three_quarters_when_half_of_the_work_is_virtual():
    """1 - 0.5 x (1 - 0.5)."""
    assert available_share(0.5, 0.5) == 0.75


@pytest.mark.parametrize(("shock", "virtual", "left"), [(0.0, 0.0, 1.0), (1.0, 1.0, 1.0), (1.0, 0.0, 0.0)])
def test_only_meetings_in_person_stop_at_full_shock(shock, virtual, left):
    assert available_share(shock, virtual) == left


@given(shock=shares, virtual=shares)
@PROPERTY
def test_a_share_is_left_and_virtual_work_never_lowers_it(shock, virtual):
    assert 0.0 <= plain(available_share)(shock, 0.0) <= plain(available_share)(shock, virtual) <= 1.0
