"""What runs reach at a quarter, and where a path is lowest."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.analysis.quarters import lowest_after, reached_of
from qicsim.ground.intervals import interval_of
from qicsim.plan.record import Coaches


def test_a_number_is_reached_by_the_runs_that_give_as_much_or_more():
    reached = reached_of(np.array([10.0, 20.0, 30.0, 40.0]), 20.0)

    assert (reached.wanted, reached.share, reached.interval.mean, reached.interval.n) == (20.0, 0.75, 25.0, 4)


def test_nothing_is_reached_outside_the_horizon():
    assert reached_of(np.empty(0), 20.0) is None


def test_the_lowest_mean_is_looked_for_after_the_start_only_and_where_there_is_a_value():
    x, means = np.array([2026.0, 2027.0, 2027.25, 2027.5]), np.array([0.1, 0.2, 0.9, np.nan])

    assert lowest_after(x, means, 2027.0) == (2027.25, 0.9)
    assert lowest_after(x, means, 2027.25) is None


@pytest.mark.parametrize(("posts", "surplus"), [
    ((5.0, 5.0, 5.0), 3), ((9.0, 2.0, 5.0), 3), ((9.0, 9.0, 9.0), 1), ((9.0, 9.0, 4.2), None)])
def test_a_surplus_of_coaches_lasts_to_the_end(posts, surplus):
    assert coaches(posts, at_work=(4.0, 4.0, 4.0)).surplus_since(0.5) == surplus


def test_the_largest_shortage_is_that_of_the_worst_year():
    assert coaches((0.0, 0.0, 0.0), at_work=(4.0, 1.0, 3.0)).largest_shortage == (2, 4.0)
    assert coaches((0.0, 0.0, 0.0), at_work=(9.0, 9.0, 9.0)).largest_shortage[1] < 0.0


def coaches(posts: tuple[float, ...], at_work: tuple[float, ...]) -> Coaches:
    """Coaches of a nation over a baseline and three years; 5, 5 and 4 are needed."""
    rows = [interval_of(np.array([[[0.0, *means]]])) for means in (posts, at_work, (5.0, 5.0, 4.0))]
    return Coaches(*rows, trained=rows[0])
