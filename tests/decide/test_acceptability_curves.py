"""Acceptability curves and frontier, expected loss."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from qicsim.decide.acceptability import acceptability
from qicsim.decide.information import evpi
from tests.decide.closed_forms import normals
from tests.helpers import PROPERTY

values = st.integers(0, 6).map(float)


@st.composite
def problems(draw):
    scenarios, draws = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    table = st.lists(st.lists(values, min_size=draws, max_size=draws), min_size=scenarios, max_size=scenarios)
    return np.array(draw(table)), np.array(draw(table))


def names_of(costs):
    return [f"s{place}" for place in range(len(costs))]


@PROPERTY
@given(problem=problems(), worth=st.lists(st.floats(0.0, 10.0), min_size=1, max_size=4))
def test_probabilities_sum_to_one_and_losses_are_never_negative(problem, worth):
    found = acceptability(*problem, names_of(problem[0]), worth)

    assert found.probability.sum(axis=1) == pytest.approx(np.ones(len(worth)))
    assert (found.loss >= 0.0).all()


@PROPERTY
@given(problem=problems(), worth=st.floats(0.0, 10.0))
def test_the_best_scenario_has_the_least_expected_loss_which_is_the_evpi(problem, worth):
    costs, effects = problem
    found = acceptability(costs, effects, names_of(costs), worth)
    perfect = evpi(worth * effects - costs)

    assert found.loss[0, found.best[0]] == pytest.approx(found.loss.min(), abs=1e-9)
    assert found.evpi[0] == pytest.approx(perfect.value, abs=1e-9)


@PROPERTY
@given(problem=problems(), data=st.data())
def test_the_order_of_scenarios_is_irrelevant_to_curves(problem, data):
    costs, effects = problem
    order = data.draw(st.permutations(range(len(costs))))
    one = acceptability(costs, effects, names_of(costs), [2.5])
    other = acceptability(costs[order], effects[order], names_of(costs), [2.5])

    assert other.probability == pytest.approx(one.probability[:, order])
    assert other.loss == pytest.approx(one.loss[:, order])


@PROPERTY
@given(problem=problems())
def test_a_scenario_that_is_worse_in_every_draw_changes_no_curve(problem):
    costs, effects = problem
    one = acceptability(costs, effects, names_of(costs), [0.0, 2.5])
    more = acceptability(np.vstack([costs, costs[:1] + 1.0]), np.vstack([effects, effects[:1]]),
                         [*names_of(costs), "worse"], [0.0, 2.5])

    assert more.probability == pytest.approx(np.column_stack([one.probability, [0.0, 0.0]]))
    assert more.evpi == pytest.approx(one.evpi)


def test_normal_increments_have_a_probit_curve():
    """Extra cost 100 +- 30, extra effect 2 +- 1, independent: P(NB > 0) = Phi((2k - 100) / sqrt(k^2 + 30^2))."""
    luck = normals(8192, 2)
    costs = np.stack([np.full(8192, 500.0), 600.0 + 30.0 * luck[:, 0]])
    effects = np.stack([np.zeros(8192), 2.0 + luck[:, 1]])
    worth = np.array([0.0, 25.0, 50.0, 100.0, 400.0])
    found = acceptability(costs, effects, ["A", "B"], worth)

    assert found.probability[:, 1] == pytest.approx(norm.cdf((2.0 * worth - 100.0) / np.hypot(worth, 30.0)), abs=2e-3)
    assert found.switches == ((0.0, "A"), (100.0, "B"))


def test_the_frontier_follows_the_mean_even_where_another_is_more_probable():
    """B is better by 1 in two draws of three and worse by 10 in the third: probable, but wrong on average."""
    found = acceptability([[0.0, 0.0, 0.0], [0.0, 0.0, 10.0]], [[0.0, 0.0, 0.0], [1.0, 1.0, 0.0]], ["A", "B"], [1.0])

    assert found.probability[0].tolist() == pytest.approx([1.0 / 3.0, 2.0 / 3.0])
    assert found.frontier[0] == pytest.approx(1.0 / 3.0)
    assert found.loss[0].tolist() == pytest.approx([2.0 / 3.0, 10.0 / 3.0])
