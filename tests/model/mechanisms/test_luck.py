"""Luck of a quarter."""

import math

import pytest
from hypothesis import given

from qicsim.model.mechanisms.luck import Luck, luck_change
from tests.helpers import PROPERTY, anywhere, normals, plain, points


def test_three_months_of_luck_come_at_once():
    """sigma 0.7, enough headroom, z = 1 and 0: 0.7 x sqrt(3) x 0.7 points; as much from the area's own z."""
    assert luck_change(50.0, 40.0, 1.0, 0.0, Luck()) == pytest.approx(0.7 * math.sqrt(3.0) * 0.7)
    assert luck_change(50.0, 40.0, 1.0, 1.0, Luck()) == pytest.approx(0.7 * math.sqrt(3.0) * 1.4)


def test_luck_shrinks_with_the_headroom_below_thirty_points():
    assert luck_change(80.0, 15.0, 1.0, 0.0, Luck()) == pytest.approx(luck_change(50.0, 40.0, 1.0, 0.0, Luck()) / 2.0)


def test_there_is_no_luck_at_the_ceiling_or_when_it_is_switched_off():
    assert luck_change(93.0, 0.0, 3.0, 3.0, Luck()) == 0.0
    assert luck_change(50.0, 40.0, 3.0, 3.0, Luck(sigma=0.0)) == 0.0


@given(quality=points, room=points, z_facility=normals, z_area=normals, luck=anywhere(Luck))
@PROPERTY
def test_luck_never_leads_below_zero_nor_past_the_ceiling(quality, room, z_facility, z_area, luck):
    assert -quality <= plain(luck_change)(quality, room, z_facility, z_area, luck) <= room
