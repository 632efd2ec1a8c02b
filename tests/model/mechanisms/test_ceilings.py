"""Ceilings, headroom and gaps."""

import pytest
from hypothesis import given

from qicsim.model.mechanisms.ceilings import Ceilings, ceiling_of, headroom, mid_gap
from tests.helpers import PROPERTY, anywhere, plain, points


def test_the_gap_is_one_at_mid_scale_and_half_of_it_halfway_to_the_ceiling():
    """A broad area with its ceiling at 93: at 50 it has 43 points left, at 71.5 it has 21.5 of these 43."""
    assert headroom(71.5, 93.0) == 21.5
    assert mid_gap(50.0, 93.0) == 1.0
    assert mid_gap(71.5, 93.0) == pytest.approx(0.5)


def test_a_single_procedure_can_be_done_better_than_a_broad_area():
    assert ceiling_of(0, Ceilings()) == 98.5
    assert ceiling_of(1, Ceilings()) == 93.0


@pytest.mark.parametrize("quality", [93.0, 97.0, 100.0])
def test_at_or_above_its_ceiling_an_area_has_nothing_left(quality):
    assert headroom(quality, 93.0) == 0.0
    assert mid_gap(quality, 93.0) == 0.0


@given(quality=points, ceilings=anywhere(Ceilings))
@PROPERTY
def test_headroom_never_leads_out_of_the_scale_and_the_gap_stays_moderate(quality, ceilings):
    for broad in (0, 1):
        ceiling = plain(ceiling_of)(broad, ceilings)

        assert 0.0 <= plain(headroom)(quality, ceiling) <= 100.0
        assert quality + plain(headroom)(quality, ceiling) <= 100.0 + 1e-9
        assert 0.0 <= plain(mid_gap)(quality, ceiling) <= 2.5
