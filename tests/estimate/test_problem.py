"""Problems, likelihood and distances."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from qicsim.estimate.calibrate.likelihood import deviations, discrepancy, log_likelihood, observed_from
from qicsim.estimate.calibrate.problem import AT_LEAST, AT_MOST, Observation, Problem, Target
from qicsim.ground.errors import SettingError
from tests.estimate.known import linear_gaussian


def observation(bounds=(0, 1, -1)):
    return Observation(np.array([10.0, 264.0, 5.0]), np.array([2.0, 12.0, 1.0]), np.array(bounds))


def test_all_faults_of_a_problem_come_at_once():
    with pytest.raises(SettingError) as caught:
        Problem(("a", "a"), None, None, ("facilities",),
                (Target("facility", np.nan, 1.0), Target("facilities", 1.0, 0.0, "atleast")))

    message = str(caught.value)
    assert len(caught.value.faults) == 5
    assert 'Did you mean "facilities"?' in message and 'Did you mean "at least"?' in message


def test_observation_error_and_model_discrepancy_join_in_quadrature():
    assert Target("a", 1.0, 3.0, model_discrepancy=4.0).spread == 5.0


def test_the_discrepancy_is_zero_at_the_truth_with_the_same_noise():
    problem, _, _ = linear_gaussian()
    theta, stream = np.full((1, 5), 0.3), np.array([7])
    seen = problem.simulate(theta, stream)[0]
    same = problem.with_observation(Observation(seen, problem.observation.spreads, problem.observation.bounds))

    assert discrepancy(problem.simulate(theta, stream), same.observation)[0] == 0.0
    assert discrepancy(problem.simulate(theta, np.array([8])), same.observation)[0] > 0.0


def test_values_beyond_a_bound_count_as_on_it():
    off = deviations(np.array([[12.0, 300.0, 4.0], [9.0, 240.0, 7.0]]), observation())

    assert off.tolist() == [[2.0, 0.0, 0.0], [-1.0, -24.0, 2.0]]


def test_the_likelihood_is_normal_for_values_and_a_probability_for_bounds():
    found = log_likelihood(np.array([[12.0, 276.0, 7.0]]), observation())

    assert found[0] == pytest.approx(-0.5 + np.log(special.ndtr(1.0)) + np.log(special.ndtr(-2.0)))


def test_a_pseudo_observation_keeps_bounds_and_may_turn_the_answer():
    seen = observed_from(np.array([11.0, 200.0, 4.0]), observation())

    assert seen.values.tolist() == [11.0, 264.0, 5.0]
    assert seen.bounds.tolist() == [0, AT_MOST, AT_MOST]


def test_the_likelihoods_of_both_answers_to_a_bound_add_up_to_one():
    runs = np.array([[10.0, 255.0, 5.5]])
    yes, no = (np.exp(log_likelihood(runs, observation((0, bound, -1)))[0]
                      - log_likelihood(runs, observation((0, 0, -1)))[0]
                      - 0.5 * (9.0 / 12.0) ** 2) for bound in (AT_LEAST, AT_MOST))

    assert yes + no == pytest.approx(1.0)
