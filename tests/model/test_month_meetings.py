"""Meetings of teams: what the session's benchmark is."""

import numpy as np
import pytest

from qicsim.model.state import allocate_state
from qicsim.model.steps.meet import better_quartile_mean
from tests.worlds import small_country

ACTIVE = 1


@pytest.mark.parametrize("teams", [1, 2, 3, 4, 5, 6])
def test_the_benchmark_is_the_mean_of_the_better_quarter_rounded_up(teams):
    """Of 4 teams the best one counts, of 5 and 6 the best two; teams that are not active do not count."""
    setting = small_country().world.setting
    state = allocate_state(setting)
    site = max(setting.district, key=lambda one: one.end - one.first)
    rows = range(site.first, min(site.first + teams, site.end))
    quality = np.array([40.0, 90.0, 70.0, 80.0, 60.0, 50.0])[:len(rows)]
    for row, value in zip(rows, quality, strict=True):
        state.facility[row].status = ACTIVE
        state.facility[row].quality[0] = value
    for row in range(site.first + len(rows), site.end):
        state.facility[row].quality[0] = 99.0

    found = better_quartile_mean(site, 0, state)

    best = -(-len(rows) // 4)
    assert len(rows) == teams
    assert found == pytest.approx(np.sort(quality)[-best:].mean())
