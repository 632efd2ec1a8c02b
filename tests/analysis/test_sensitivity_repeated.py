"""Indices over many designs, with chance and without: no bias, intervals that hold the truth as often as they say."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.analysis.sampling import OWN, SHARED, morris_design, sequence_design, shapley_design, sobol_design
from qicsim.analysis.sensitivity import sensitivity
from tests.analysis.known import (
    G_FIRST,
    G_TOTAL,
    ISHIGAMI_FIRST,
    ISHIGAMI_SHAPLEY,
    ISHIGAMI_TOTAL,
    ISHIGAMI_VARIANCE,
    ishigami,
    lucky,
    sobol_g,
)
from tests.helpers import assert_mean

NAMES = ("a", "b", "c", "d")
ISHIGAMI = {"first": [*ISHIGAMI_FIRST, 0.0], "total": [*ISHIGAMI_TOTAL, 0.0], "shapley": [*ISHIGAMI_SHAPLEY, 0.0]}
SOBOL_G = {"first": G_FIRST, "total": G_TOTAL}


def repeated(make, function, share, designs, replicates=2):
    """Results of many designs of four columns; chance makes this share of the variance of a run."""
    found = []
    for seed in range(1, designs + 1):
        design = make(seed)
        values = function(design.points)
        chance = share / (1.0 - share) * values.var()
        found.append(sensitivity(design, {"y": lucky(design, values, chance, replicates, seed=seed)})[0])
    return found


def coverage(found, index, truth):
    """How often intervals hold the truth, by factor."""
    ends = [(one.index(index).low, one.index(index).high) for one in found]
    return np.mean([(low <= np.add(truth, 1e-12)) & (high >= np.subtract(truth, 1e-12)) for low, high in ends], axis=0)


def unbiased(found, index, truth):
    """Means of estimates are the truth within five standard errors (and exactly so where nothing varies)."""
    estimates = np.array([one.index(index).estimate for one in found])
    for place, value in enumerate(truth):
        if np.ptp(estimates[:, place]) > 0.0:
            assert_mean(estimates[:, place], value)
        else:
            assert estimates[0, place] == pytest.approx(value)


# ------------------------------------------------------------------------------------------------- the ordinary suite


@pytest.mark.parametrize("luck", [SHARED, OWN])
def test_shares_of_ishigami_under_chance_are_unbiased_and_their_intervals_hold(luck):
    """A run is half chance, a third of which works together with factors."""
    for make, indices in ((sobol_design, ("first", "total")), (shapley_design, ("shapley",))):
        found = repeated(lambda seed, make=make: make(NAMES, 256, seed=seed, luck=luck), ishigami, 0.5, 40)

        for index in indices:
            unbiased(found, index, ISHIGAMI[index])
            assert coverage(found, index, ISHIGAMI[index]).mean() > 0.9
        assert_mean(np.array([float(one.noise.within) for one in found]), ISHIGAMI_VARIANCE)


# ------------------------------------------------------------------------------------------------------ the slow suite


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("luck", [SHARED, OWN])
@pytest.mark.parametrize(("function", "truths"), [(ishigami, ISHIGAMI), (sobol_g, SOBOL_G)], ids=["ishigami", "g"])
def test_intervals_of_shares_hold_the_truth_in_95_percent_of_100_designs(function, truths, luck, share):
    sobol = repeated(lambda seed: sobol_design(NAMES, 512, seed=seed, luck=luck), function, share, 100)
    shapley = repeated(lambda seed: shapley_design(NAMES, 512, seed=seed, luck=luck), function, share, 100)

    for index, truth in truths.items():
        found = shapley if index == "shapley" else sobol
        unbiased(found, index, truth)
        assert coverage(found, index, truth).min() >= 0.9
        assert coverage(found, index, truth).mean() >= 0.94


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.3, 0.6])
def test_intervals_of_discrete_factors_hold_the_truth(share):
    """y = a b + a + c + d / 2 with a of 2 values, b of 3, c and d uniform: by enumeration."""
    def function(points):
        a, b = np.floor(2.0 * points[:, 0]), np.floor(3.0 * points[:, 1])
        return a * b + a + points[:, 2] + 0.5 * points[:, 3]

    cells = np.array([[a * b + a for b in range(3)] for a in range(2)], dtype=float)
    single = np.array([cells.mean(axis=1).var(), cells.mean(axis=0).var(), 1.0 / 12.0, 1.0 / 48.0])
    both, whole = cells.var() - single[0] - single[1], cells.var() + 1.0 / 12.0 + 1.0 / 48.0
    found = repeated(lambda seed: sobol_design(NAMES, 512, seed=seed), function, share, 100)

    for index, truth in (("first", single / whole), ("total", (single + np.array([both, both, 0.0, 0.0])) / whole)):
        unbiased(found, index, truth)
        assert coverage(found, index, truth).min() >= 0.9


COUNTS = (0, 2, 4, 0)


def bent(points):
    """Effects that vary with the other factors, of a parameter, levers of two and of four values; the last is inert."""
    return (2.0 * points[:, 0] + 3.0 * (points[:, 0] - 0.5) * np.floor(2.0 * points[:, 1])
            + np.array([0.0, 2.0, 1.0, 0.5])[np.floor(4.0 * points[:, 2]).astype(int)])


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("luck", [SHARED, OWN])
@pytest.mark.parametrize("trajectories", [16, 64])
def test_intervals_of_elementary_effects_hold_the_truth_in_95_percent_of_100_designs(trajectories, luck, share):
    """Truth by hand: 2 or 5 across the range, mean 3.5; |6 u - 3| / 2 for the lever, mean 3 / 4; 2; nothing."""
    found = repeated(lambda seed: morris_design(NAMES, trajectories, seed=seed, luck=luck, values=COUNTS), bent, share,
                     100)

    assert coverage(found, "mu_star", [3.5, 0.75, 2.0, 0.0]).min() >= 0.89
    assert coverage(found, "mu", [3.5, 0.0, 0.5, 0.0]).min() >= 0.88
    assert coverage(found, "sigma", [1.5, np.sqrt(0.75), np.nan, 0.0])[[0, 1, 3]].min() >= 0.88


@pytest.mark.slow
@pytest.mark.parametrize("points", [256, 512, 2048])
def test_intervals_of_pawn_hold_the_truth(points):
    """The truth by 262,144 points: 0.237, 0.391, 0.081, 0; intervals are brackets, so that they hold more often."""
    found = [sensitivity(design, {"y": ishigami(design.points)[:, None]})[0]
             for design in (sequence_design(NAMES, points, seed=seed) for seed in range(1, 101))]

    assert coverage(found, "pawn", [0.237, 0.391, 0.081, 0.001]).min() >= 0.95
    middle = np.mean([one.index("pawn").estimate for one in found], axis=0)
    assert middle == pytest.approx([0.237, 0.391, 0.081, 0.0], abs=1.2 / np.sqrt(points))
