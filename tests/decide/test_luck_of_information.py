"""Values of information that are there by luck: near a tie, and for a parameter that matters."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.decide.information import evppi
from qicsim.decide.noise import cleared, luck

DRAWS = 300
NAMES = [f"p{place}" for place in range(30)]


@pytest.fixture(scope="module")
def tie():
    """Two scenarios that are equally good on average; the first of 30 parameters decides a part of the difference."""
    rng = np.random.default_rng(7)
    parameters = rng.standard_normal((DRAWS, len(NAMES)))
    gain = 3.0 * parameters[:, 0] + 5.0 * rng.standard_normal(DRAWS)
    return np.stack([np.zeros(DRAWS), gain - gain.mean()]), parameters


def test_at_a_tie_only_the_parameter_that_matters_stands_above_luck(tie):
    net, parameters = tie
    found = cleared(net, evppi(net, parameters, NAMES), list(parameters.T[..., None]), seed=1)

    assert found.above[0]
    assert found.above[1:].sum() <= 1
    assert found.found.corrected[0] == pytest.approx(3.0 * 0.39894, rel=0.25)
    assert np.median(found.found.corrected[1:]) < 0.1


def test_luck_is_larger_for_more_columns(tie):
    net, parameters = tie

    assert luck(net, parameters, 8, seed=1, shuffles=10).mean > luck(net, parameters, 1, seed=1, shuffles=10).mean


def test_what_does_not_vary_has_no_luck(tie):
    net, parameters = tie
    still = np.hstack([parameters[:, :1], np.ones((DRAWS, 1))])
    found = cleared(net, evppi(net, still, ["one", "still"]), [still[:, :1], still[:, 1:]], seed=1)

    assert found.found.bias[1] == 0.0
    assert not found.above[1]
