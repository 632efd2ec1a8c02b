"""Indices of noisy functions over many designs: no bias, and intervals that hold the truth as often as they say."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.analysis.estimators import Options
from qicsim.analysis.sampling import shapley_design, sobol_design
from qicsim.analysis.sensitivity import sensitivity
from tests.analysis.known import (
    G_FIRST,
    G_TOTAL,
    G_VARIANCE,
    ISHIGAMI_FIRST,
    ISHIGAMI_SHAPLEY,
    ISHIGAMI_TOTAL,
    ISHIGAMI_VARIANCE,
    ishigami,
    sobol_g,
)
from tests.helpers import assert_mean

DESIGNS = 60


def uneven(design, function, variance, seed):
    """Two replicates with noise of a known mean variance that is larger on one side of the cube."""
    luck = np.random.default_rng(seed).standard_normal((len(design.points), 2))
    spread = np.sqrt(2.0 * variance * design.points[:, 0])
    return function(design.points)[:, None] + spread[:, None] * luck


def repeated(make, function, variance):
    """Results of many designs."""
    found = []
    for seed in range(1, DESIGNS + 1):
        design = make(seed)
        values = {"y": uneven(design, function, variance, seed)}
        found.append(sensitivity(design, values, options=Options(resamples=50, seed=seed))[0])
    return found


@pytest.fixture(scope="module")
def ishigamis():
    return repeated(lambda seed: sobol_design(("a", "b", "c", "dummy"), 512, seed=seed), ishigami, ISHIGAMI_VARIANCE)


@pytest.mark.parametrize(("index", "truth"), [
    ("first", ISHIGAMI_FIRST), ("first_jansen", ISHIGAMI_FIRST), ("total", ISHIGAMI_TOTAL)])
def test_indices_of_ishigami_under_uneven_noise_are_unbiased(ishigamis, index, truth):
    estimates = np.array([one.index(index).estimate for one in ishigamis])

    for place, value in enumerate([*truth, 0.0]):
        assert_mean(estimates[:, place], value)


@pytest.mark.parametrize(("index", "truth"), [
    ("first", ISHIGAMI_FIRST), ("first_jansen", ISHIGAMI_FIRST), ("total", ISHIGAMI_TOTAL)])
def test_intervals_hold_the_truth_about_as_often_as_they_say(ishigamis, index, truth):
    """95 % of 240 cases, less what a bootstrap over 512 points misses; five standard errors would be 7 %."""
    hits = [np.abs(one.index(index).estimate - [*truth, 0.0]) <= one.index(index).half_width for one in ishigamis]

    assert np.mean(hits) > 0.88


@pytest.mark.parametrize(("index", "truth"), [("first", G_FIRST), ("total", G_TOTAL)])
def test_indices_of_sobol_g_under_uneven_noise_are_unbiased(index, truth):
    found = repeated(lambda seed: sobol_design(("a", "b", "c", "d"), 512, seed=seed), sobol_g, 0.5 * G_VARIANCE)
    estimates = np.array([one.index(index).estimate for one in found])

    for place, value in enumerate(truth):
        assert_mean(estimates[:, place], value)


def test_shapley_effects_under_uneven_noise_are_unbiased():
    found = repeated(lambda seed: shapley_design(("a", "b", "c", "dummy"), 512, seed=seed), ishigami, ISHIGAMI_VARIANCE)
    estimates = np.array([one.index("shapley").estimate for one in found])

    for place, value in enumerate([*ISHIGAMI_SHAPLEY, 0.0]):
        assert_mean(estimates[:, place], value)


def test_the_share_of_noise_is_unbiased(ishigamis):
    assert_mean(np.array([float(one.noise.within) for one in ishigamis]), ISHIGAMI_VARIANCE)
    assert_mean(np.array([float(one.noise.of_run) for one in ishigamis]), 0.5)
