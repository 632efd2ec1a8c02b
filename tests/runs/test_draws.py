"""Draws from the priors."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.ground.declare import declared
from qicsim.ground.errors import SettingError
from qicsim.model.parameters import Parameters
from qicsim.runs.draws import default_draw, names, prior_draws, with_fixed


def test_more_draws_begin_with_the_fewer():
    assert np.array_equal(prior_draws(5, 3).values, prior_draws(21, 3).values[:5])


def test_another_seed_gives_other_draws():
    assert not np.array_equal(prior_draws(4, 1).values, prior_draws(4, 2).values)


def test_draws_lie_within_the_declared_bounds():
    values = prior_draws(256, 1).values

    for column, leaf in enumerate(declared(Parameters).values()):
        assert leaf.declaration.low <= values[:, column].min() <= values[:, column].max() <= leaf.declaration.high


def test_the_share_of_draws_below_a_prior_quantile_is_that_quantile():
    values = prior_draws(1024, 1).values

    for column, leaf in enumerate(declared(Parameters).values()):
        below = np.mean(values[:, column] <= float(leaf.declaration.quantile(0.3)))
        assert abs(below - 0.3) < 0.01


def test_a_fixed_parameter_replaces_every_draw_and_leaves_the_others():
    draws = prior_draws(6, 1).values
    changed = with_fixed(draws, {"team.h_drop": 0.0})
    place = names().index("team.h_drop")

    assert np.all(changed[:, place] == 0.0)
    assert np.array_equal(np.delete(changed, place, axis=1), np.delete(draws, place, axis=1))


def test_the_default_draw_holds_the_declared_defaults():
    assert default_draw().values[0, names().index("pdsa.k_item")] == 0.14


def test_a_seed_outside_its_range_is_refused_together_with_other_faults():
    with pytest.raises(SettingError) as refusal:
        prior_draws(0, -1)

    assert len(refusal.value.faults) == 2


@pytest.mark.parametrize("n", [0, -3, 2**20 + 1])
def test_a_number_of_draws_outside_its_range_is_refused(n):
    with pytest.raises(SettingError, match="1 to 1048576"):
        prior_draws(n)
