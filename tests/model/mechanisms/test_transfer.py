"""What one team can take over from another."""

import pytest
from hypothesis import given

from qicsim.model.mechanisms.transfer import Transfer, reach
from tests.helpers import PROPERTY, anywhere, plain, points


@pytest.mark.parametrize(("better", "quality", "points_in_reach"), [(70.0, 50.0, 20.0), (95.0, 40.0, 30.0)])
def test_a_gap_is_in_reach_up_to_thirty_points(better, quality, points_in_reach):
    """20 points ahead are all in reach; of 55 points only gap_max = 30."""
    assert reach(better, quality, Transfer()) == points_in_reach


@pytest.mark.parametrize("better", [50.0, 30.0, 0.0])
def test_nothing_is_in_reach_of_a_team_that_is_not_ahead(better):
    assert reach(better, 50.0, Transfer()) == 0.0


@given(better=points, quality=points, transfer=anywhere(Transfer))
@PROPERTY
def test_reach_is_never_more_than_the_gap_nor_than_its_limit(better, quality, transfer):
    assert 0.0 <= plain(reach)(better, quality, transfer) <= min(max(better - quality, 0.0), transfer.gap_max)
