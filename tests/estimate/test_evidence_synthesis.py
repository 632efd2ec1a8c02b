"""The synthesis of studies: published worked examples, cases worked by hand, a grid that is fine enough, coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, special, stats

from qicsim.estimate.evidence.coverage import coverage
from qicsim.estimate.evidence.rules import RULES, readings
from qicsim.estimate.evidence.synthesis import (
    GRID,
    QUANTILES,
    WITH_SPIKE,
    WITHOUT_SPIKE,
    hartung_knapp,
    paule_mandel,
    pooled,
    posterior,
    spike_factor,
)
from qicsim.estimate.evidence.trials import read_trials

# Tuberculosis among vaccinated and not, 13 trials of BCG (Colditz 1994): cases and others, cases and others.
BCG = np.array([
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
    (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232), (17, 1699, 65, 1600),
    (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825)], float)
LEVELS = np.array(QUANTILES)


def log_risk_ratios():
    a, b, c, d = BCG.T
    return np.log(a / (a + b) / (c / (c + d))), np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))


@pytest.fixture(scope="module")
def main():
    return readings(RULES[0], read_trials())


# ----------------------------------------------------------------------------------------------- published examples


def test_hartung_knapp_gives_what_metafors_manual_prints_of_the_bcg_trials():
    """The start page of metafor's documentation: tau^2 0.3132 (REML), -0.7145, 95 % -1.1084 to -0.3206."""
    effect, error = log_risk_ratios()

    assert hartung_knapp(effect, error, 0.3132) == pytest.approx((-0.7145, -1.1084, -0.3206), abs=6e-5)


def test_paule_mandel_of_the_bcg_trials_meets_its_definition():
    effect, error = log_risk_ratios()
    tau2 = paule_mandel(effect, error)

    weight = 1.0 / (error**2 + tau2)
    assert (weight * (effect - np.average(effect, weights=weight))**2).sum() == pytest.approx(12.0, abs=1e-9)
    assert tau2 == pytest.approx(0.318, abs=5e-4)


def test_paule_mandel_gives_the_published_values_of_the_clasp_trials():
    """DerSimonian and Kacker 2007, Contemp Clin Trials 28:105, tables 3 and 4: tau 0.3681, mean -0.3811."""
    n, m = np.array([156, 303, 565, 1570, 103, 4659.0]), np.array([74, 303, 477, 1565, 105, 4650.0])
    a, c = np.array([5, 5, 12, 69, 9, 313.0]), np.array([8, 17, 9, 94, 11, 352.0])
    effect = np.log(a / (n - a) / (c / (m - c)))
    error = np.sqrt(1 / a + 1 / (n - a) + 1 / c + 1 / (m - c))

    found = pooled(effect, error)

    assert (found.tau, found.mean) == pytest.approx((0.3681, -0.3811), abs=6e-5)


def test_paule_mandel_gives_metafors_values_of_a_comparison_of_laboratories():
    """Kacker 2004, Metrologia 41:132; values of R's metafor, method PM: tau^2 0.705395, mean 62.407620."""
    effect = np.array([61.0, 61.4, 62.21, 62.3, 62.34, 62.6, 62.7, 62.84, 65.9])
    error = np.sqrt([0.2025, 1.21, 0.09, 0.2025, 0.3844, 0.5625, 0.0676, 0.0225, 1.8225])

    found = pooled(effect, error)

    assert (found.tau**2, found.mean) == pytest.approx((0.705395309, 62.407619911), rel=1e-8)


def test_studies_that_agree_have_no_variance_between_them():
    assert paule_mandel(np.array([3.0, 3.0, 3.0]), np.array([1.0, 2.0, 3.0])) == 0.0
    assert paule_mandel(np.array([2.0, 3.0, 4.0]), np.array([5.0, 5.0, 5.0])) == 0.0


# ---------------------------------------------------------------------------------------------------- by other means


def test_the_prediction_of_two_studies_is_that_of_plain_integration():
    """All three of pi, mu and tau integrated numerically, for the density of the studies and the mass at zero."""
    effect, error = np.array([1.0, 15.0]), np.array([3.0, 4.0])

    mu, tau = np.linspace(-60.0, 76.0, 137)[:, None], np.linspace(0.0, 60.0, 121)
    density = stats.norm.pdf(mu, 8.0, 12.0) * stats.halfnorm.pdf(tau, scale=12.0)
    shares, weights = np.polynomial.legendre.leggauss(10)  # exact: the integrand is a polynomial in pi
    whole, with_pi = 0.0, 0.0
    for pi, weight in zip((shares + 1.0) / 2.0, weights / 2.0, strict=True):
        likely = np.prod([pi * stats.norm.pdf(y, 0.0, s) + (1.0 - pi) * stats.norm.pdf(y, mu, np.sqrt(s**2 + tau**2))
                          for y, s in zip(effect, error, strict=True)], axis=0)
        mass = integrate.simpson(integrate.simpson(likely * density, x=tau), x=mu[:, 0])
        whole += weight * stats.beta.pdf(pi, 1, 3) * mass
        with_pi += weight * stats.beta.pdf(pi, 1, 3) * mass * pi

    result = posterior(effect, error)

    assert result.log_evidence == pytest.approx(np.log(whole), abs=0.002)
    assert result.null == pytest.approx(with_pi / whole, abs=0.001)


def test_one_exact_study_without_spread_gives_the_normal_answer():
    """With tau near 0 the mean of mu is that of two normals: 8 with sd 12, and 20 with sd 3."""
    prior = type(WITHOUT_SPIKE)(spread=type(WITHOUT_SPIKE.spread)(1e-6), null=None)

    found = posterior(np.array([20.0]), np.array([3.0]), prior, (600, 2))

    assert found.mean == pytest.approx((8.0 / 144.0 + 20.0 / 9.0) / (1.0 / 144.0 + 1.0 / 9.0), abs=0.02)
    sd = (1.0 / 144.0 + 1.0 / 9.0) ** -0.5
    assert found.quantile(0.95) == pytest.approx(found.mean + sd * special.ndtri(0.95), abs=0.1)  # steps of the grid


def test_the_mass_at_zero_of_three_studies_that_work_is_the_priors_own_answer():
    """Three effects and no null: pi is Beta(1, 3 + 3), mean 1 / 7, and the factor is the prior mean of (1 - pi)^3."""
    far, error = np.array([30.0, 33.0, 36.0]), np.full(3, 1.0)

    assert posterior(far, error).null == pytest.approx(1.0 / 7.0)
    assert spike_factor(far, error) == pytest.approx(np.log(0.5))


def test_studies_at_zero_beside_studies_that_work_ask_for_a_mass_there():
    assert spike_factor(np.array([0.0, 0.1, -0.1, 0.0, 25.0, 31.0]), np.full(6, 1.0)) > 1.0


def test_without_a_mass_at_zero_there_is_none(main):
    found = posterior(main.effect, main.error, WITHOUT_SPIKE)

    assert found.null == 0.0
    assert found.nothing == found.harm


def test_the_distribution_function_and_the_quantiles_agree_and_the_mass_is_flat(main):
    found = posterior(main.effect, main.error)
    shares = np.linspace(0.02, 0.98, 49)
    points = found.quantile(shares)

    assert (np.diff(points) >= 0.0).all()
    np.testing.assert_allclose(found.below(points[points != 0.0]), shares[points != 0.0], atol=1e-6)
    assert (points == 0.0).sum() == pytest.approx(50 * found.null, abs=1.0)
    assert found.nothing == pytest.approx(float(found.below(1e-9)), abs=1e-6)


def test_the_mean_after_the_cut_is_that_of_draws(main):
    found = posterior(main.effect, main.error)
    chance = np.random.default_rng(1)
    at = chance.choice(len(found.mu) + 1, 200_000, p=np.append(found.weight, found.null))
    mu, tau = np.append(found.mu, 0.0), np.append(found.tau, 0.0)
    draws = mu[at] + tau[at] * chance.standard_normal(len(at))

    assert found.mean == pytest.approx(draws.mean(), abs=0.06)
    assert found.mean_after_cut == pytest.approx(np.maximum(draws, 0.0).mean(), abs=0.06)
    assert found.mean_after_cut > found.mean


# ------------------------------------------------------------------------------------------------ grid, many studies


@pytest.mark.parametrize("prior", [WITH_SPIKE, WITHOUT_SPIKE])
def test_a_finer_grid_moves_nothing(main, prior):
    finer = (2 * GRID[0], 2 * GRID[1])
    rough, fine = (posterior(main.effect, main.error, prior, grid) for grid in (GRID, finer))

    np.testing.assert_allclose(rough.quantile(LEVELS), fine.quantile(LEVELS), atol=0.01)
    assert rough.log_evidence == pytest.approx(fine.log_evidence, abs=0.01)
    assert rough.null == pytest.approx(fine.null, abs=0.001)


@pytest.mark.parametrize(("mu", "tau"), [(30.0, 0.5), (-15.0, 1.0), (8.0, 25.0)])
def test_the_grid_is_fine_enough_far_from_the_middle_of_the_prior(main, mu, tau):
    chance = np.random.default_rng(1)
    effect = mu + tau * chance.standard_normal(15) + main.error * chance.standard_normal(15)

    rough, fine = (posterior(effect, main.error, grid=grid) for grid in (GRID, (2 * GRID[0], 2 * GRID[1])))

    np.testing.assert_allclose(rough.quantile(LEVELS), fine.quantile(LEVELS), atol=0.1)


def test_a_hundred_studies_and_impossible_ones_neither_vanish_nor_overflow():
    effect, error = np.append(np.full(100, 5.0), [100.0, -100.0]), np.full(102, 0.5)

    found = posterior(effect, error, grid=(80, 30))

    assert np.isfinite(found.log_evidence)
    assert np.isfinite(found.quantile(LEVELS)).all()


# ---------------------------------------------------------------------------------------------------------- coverage


def assert_covers(found, truths, z=4.0):
    for of in ("mean", "new"):
        for level in (0.5, 0.9):
            error = (level * (1.0 - level) / truths) ** 0.5
            assert abs(found.share(of, level) - level) < z * error, f"{of} at {level}: {found.share(of, level):.3f}"


def test_intervals_hold_simulated_truths(main):
    assert_covers(coverage(main.error, 60, grid=(80, 30)), 60)


def test_a_fact_that_enters_three_times_makes_intervals_too_narrow(main):
    """So that coverage can fail: each study is there three times."""
    chance, inside = np.random.default_rng(1), []
    for _ in range(60):
        effect = 8.0 + 6.0 * chance.standard_normal(15) + main.error * chance.standard_normal(15)
        for times in (1, 3):
            found = posterior(np.tile(effect, times), np.tile(main.error, times), WITHOUT_SPIKE, (60, 20))
            inside.append(abs(found.mean_below(8.0, WITHOUT_SPIKE.mean) - 0.5) <= 0.45)

    once, thrice = np.mean(inside[::2]), np.mean(inside[1::2])
    assert once > 0.85
    assert thrice < 0.78


@pytest.mark.slow
@pytest.mark.parametrize("prior", [WITH_SPIKE, WITHOUT_SPIKE])
def test_intervals_hold_two_hundred_simulated_truths(main, prior):
    found = coverage(main.error, 200, prior=prior)

    assert_covers(found, 200, z=3.0)
    for ranks in (found.mean, found.new):
        assert stats.kstest(ranks, "uniform").pvalue > 0.01
