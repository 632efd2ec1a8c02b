"""Posteriors from a bank against the analytic answer."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.estimate.calibrate.approximate import approximate
from qicsim.estimate.calibrate.choice import choose
from qicsim.estimate.calibrate.fill import fill_bank
from qicsim.estimate.calibrate.importance import fitted_pareto, importance, smoothed_weights
from qicsim.estimate.calibrate.metric import robust_metric, spread_metric
from qicsim.estimate.calibrate.posterior import effective_sample, weighted_quantiles
from qicsim.estimate.calibrate.problem import Target
from qicsim.estimate.calibrate.regression import (
    curved,
    fitting,
    linear,
    shrunk_slopes,
    slopes_stable,
    unadjusted,
)
from tests.estimate.known import assert_moments, epidemic, linear_gaussian, normal_mean, squared

ADJUSTMENTS = pytest.mark.parametrize("adjustment", [linear, curved], ids=lambda f: f.__name__)
METRICS = pytest.mark.parametrize("metric", [robust_metric, spread_metric], ids=lambda f: f.__name__)


# ------------------------------------------------------------------------------------------------- known answers


@pytest.mark.parametrize("chance", [0.0, 0.5])
def test_importance_gives_the_conjugate_normal_posterior(chance):
    problem, mean, sd = normal_mean(chance=chance)
    posterior = importance(problem, fill_bank(problem, 20_000))

    assert posterior.diagnostics.effective_sample > 2_000
    assert posterior.diagnostics.pareto_k < 0.5
    assert_moments(posterior, problem, np.array([mean]), np.array([sd]))


@ADJUSTMENTS
@METRICS
def test_approximate_posteriors_give_the_conjugate_normal_posterior(metric, adjustment):
    problem, mean, sd = normal_mean(chance=0.3)
    bank = fill_bank(problem, 20_000)
    posterior = approximate(problem, bank, share=0.05, metric=metric(problem, bank), adjustment=adjustment)

    assert_moments(posterior, problem, np.array([mean]), np.array([sd]), z=4.0)


def test_importance_gives_a_correlated_posterior_of_five_parameters():
    problem, mean, covariance = linear_gaussian()
    posterior = importance(problem, fill_bank(problem, 50_000))
    effective = posterior.diagnostics.effective_sample
    sd = np.sqrt(np.diag(covariance))
    correlations = posterior.covariance(problem) / np.outer(sd, sd) - covariance / np.outer(sd, sd)

    assert effective > 500
    assert_moments(posterior, problem, mean, sd)
    assert np.abs(correlations).max() < 5.0 * np.sqrt(2.0 / effective)


@METRICS
def test_adjusted_posteriors_give_a_correlated_posterior_of_five_parameters(metric):
    problem, mean, covariance = linear_gaussian()
    bank = fill_bank(problem, 50_000)
    posterior = approximate(problem, bank, share=0.1, metric=metric(problem, bank), adjustment=curved)

    assert_moments(posterior, problem, mean, np.sqrt(np.diag(covariance)), z=4.0, slack=0.06)
    assert posterior.covariance(problem)[0, 1] == pytest.approx(covariance[0, 1], abs=0.05)


def test_both_modes_are_found_with_the_right_mass():
    problem, size = squared()
    bank = fill_bank(problem, 20_000)
    for posterior in (importance(problem, bank),
                      approximate(problem, bank, share=0.02, metric=robust_metric(problem, bank))):
        theta, weights = posterior.values(problem)[:, 0], posterior.weights
        error = 0.5 / np.sqrt(posterior.diagnostics.effective_sample)

        assert abs(weights @ (theta > 0.0) - 0.5) < 5.0 * error
        assert weights @ np.abs(theta) == pytest.approx(size, abs=0.02)
        assert weights @ (np.abs(theta) < 0.4) < 0.01


@pytest.mark.parametrize("share", [0.01, 0.03])
def test_an_epidemic_curve_gives_the_posterior_of_the_grid(share):
    problem, mean, sd = epidemic()
    bank = fill_bank(problem, 30_000)

    assert_moments(importance(problem, bank), problem, mean, sd)
    assert_moments(approximate(problem, bank, share=share), problem, mean, sd, slack=0.1)


def test_a_bound_that_is_met_anyway_teaches_nothing_and_one_that_is_not_cuts():
    problem, _, _ = normal_mean()
    bank = fill_bank(problem, 20_000)
    free = importance(problem.with_targets([Target("mean", -20.0, 0.5, "at least")]), bank)
    cut = importance(problem.with_targets([Target("mean", 0.0, 1e-3, "at least")]), bank)

    assert free.mean(problem)[0] == pytest.approx(0.0, abs=1e-3)
    assert cut.mean(problem)[0] == pytest.approx(2.0 * np.sqrt(2.0 / np.pi), abs=0.02)
    assert cut.values(problem).min() > -0.02


def test_approximate_and_exact_agree_about_a_bound():
    problem, _, _ = normal_mean()
    problem = problem.with_targets([Target("mean", 1.0, 0.5, "at least")])
    bank = fill_bank(problem, 40_000)
    exact = importance(problem, bank)
    close = approximate(problem, bank, share=0.05, metric=robust_metric(problem, bank))

    assert_moments(close, problem, exact.mean(problem), np.sqrt(np.diag(exact.covariance(problem))), slack=0.02)


# ---------------------------------------------------------------------------------------------------- properties


@pytest.mark.parametrize("fit", [importance, approximate, choose])
def test_without_targets_the_posterior_is_the_prior(fit):
    problem = linear_gaussian()[0].with_targets([])
    bank = fill_bank(problem, 1000)
    posterior = fit(problem, bank)

    assert np.array_equal(posterior.cube, bank.cube)
    assert np.allclose(posterior.weights, 1e-3)


def test_adjusted_draws_stay_inside_the_support():
    problem, _, _ = normal_mean(observed=9.0)
    posterior = approximate(problem, fill_bank(problem, 2000), share=0.1)

    assert posterior.cube.min() > 0.0 and posterior.cube.max() < 1.0


def test_a_summary_without_meaning_moves_no_parameter():
    luck = np.random.default_rng(1)
    scores, off = luck.normal(size=(500, 4)), luck.normal(size=(500, 6))
    slopes = shrunk_slopes(scores, off, np.ones(500))
    plain = np.linalg.lstsq(off - off.mean(0), scores - scores.mean(0), rcond=None)[0]

    assert np.sum(slopes**2) < 0.3 * np.sum(plain**2)


def test_a_smaller_share_has_a_smaller_tolerance():
    problem, _, _ = linear_gaussian()
    bank = fill_bank(problem, 10_000)
    fits = [approximate(problem, bank, share=share, adjustment=unadjusted) for share in (0.5, 0.2, 0.1)]

    assert fits[0].diagnostics.tolerance > fits[1].diagnostics.tolerance > fits[2].diagnostics.tolerance > 0.0
    assert [round(fit.diagnostics.acceptance, 3) for fit in fits] == pytest.approx([0.5, 0.2, 0.1], abs=2e-3)


def test_the_share_that_is_accepted_falls_as_the_pool_grows_and_the_tolerance_with_it():
    """Six targets: (10,000 / n)^0.6 beyond 10,000 runs."""
    problem, _, _ = linear_gaussian()
    bank = fill_bank(problem, 40_000)
    fits = [approximate(problem, bank.rows(slice(n)), share=0.2, adjustment=unadjusted) for n in (10_000, 40_000)]

    assert fits[1].diagnostics.acceptance == pytest.approx(0.2 * 0.25**0.6, abs=1e-3)
    assert fits[1].diagnostics.accepted > fits[0].diagnostics.accepted
    assert fits[1].diagnostics.tolerance < 0.9 * fits[0].diagnostics.tolerance


def test_the_adjustment_is_linear_where_slopes_are_stable_and_curved_where_they_change():
    dice = np.random.default_rng(1)
    off = dice.normal(size=(2000, 3))
    noise, weights = dice.normal(size=(2000, 4)), dice.random(2000)
    straight, bent = off @ dice.normal(size=(3, 4)) + noise, (off + 0.4 * off**2) @ dice.normal(size=(3, 4)) + noise

    assert slopes_stable(straight, off)
    assert not slopes_stable(bent, off)
    assert np.array_equal(fitting(straight, off, weights), linear(straight, off, weights))
    assert np.array_equal(fitting(bent, off, weights), curved(bent, off, weights))


def test_a_target_that_no_run_reaches_is_flagged_by_either_method_and_said():
    problem, _, _ = normal_mean(observed=50.0)
    bank = fill_bank(problem, 2000)

    assert importance(problem, bank).diagnostics.unreached == ("mean",)
    assert approximate(problem, bank).diagnostics.unreached == ("mean",)
    assert "NO RUN REACHES mean" in choose(problem, bank).diagnostics.chosen
    assert not importance(normal_mean()[0], bank).diagnostics.unreached


@pytest.mark.parametrize(("kind", "value", "flagged"), [
    ("at least", 50.0, True), ("at least", -50.0, False), ("at most", -50.0, True), ("at most", 50.0, False)])
def test_a_bound_is_out_of_reach_only_on_its_wrong_side(kind, value, flagged):
    problem, _, _ = normal_mean()
    bounded = problem.with_targets([Target("mean", value, 0.5, kind)])

    assert bool(importance(bounded, fill_bank(problem, 500)).diagnostics.unreached) == flagged


def test_the_method_is_chosen_by_the_effective_sample_and_says_why():
    problem, _, _ = linear_gaussian()
    bank = fill_bank(problem, 20_000)
    rich, poor = choose(problem, bank), choose(problem, bank.rows(slice(2000)))

    assert rich.diagnostics.method == "importance"
    assert poor.diagnostics.method == "approximate"
    assert "200 and below 0.7 are needed" in poor.diagnostics.chosen


def test_resampled_draws_follow_the_weights():
    problem, mean, sd = normal_mean()
    posterior = importance(problem, fill_bank(problem, 20_000))
    values = problem.quantile(posterior.resampled(4000, seed=2))[:, 0]

    assert abs(values.mean() - mean) < 5.0 * sd / np.sqrt(4000)
    assert np.array_equal(posterior.resampled(10, seed=2), posterior.resampled(10, seed=2))


def test_the_tail_of_weights_has_the_shape_of_a_pareto_distribution():
    luck = np.random.default_rng(2)
    excess = np.sort((luck.random(4000) ** -0.4 - 1.0) / 0.4)
    shape, scale = fitted_pareto(excess)

    assert shape == pytest.approx(0.4, abs=0.08) and scale == pytest.approx(1.0, abs=0.1)


def test_smoothing_keeps_order_and_bounds():
    logs = np.random.default_rng(3).normal(size=5000) * 2.0
    weights, shape = smoothed_weights(logs)

    assert np.array_equal(np.argsort(weights, kind="stable"), np.argsort(logs, kind="stable"))
    assert weights.max() <= 1.0 and 0.0 < shape < 1.0


def test_equal_weights_give_ordinary_quantiles_and_all_the_sample():
    values = np.arange(101.0)[:, None]
    weights = np.full(101, 1 / 101)

    assert weighted_quantiles(values, weights, np.array([0.05, 0.5]))[:, 0] == pytest.approx([4.55, 50.0])
    assert effective_sample(weights) == pytest.approx(101.0)


def test_weights_that_tie_in_a_quarter_of_the_tail_are_left_as_they_are():
    """Runs that all give nothing share a weight; the shape of such a tail has no lower quartile to be read from."""
    weights = np.concatenate([np.full(900, 0.5), np.full(71, 0.5 + 1e-3), np.linspace(0.6, 1.0, 29)])

    with np.errstate(all="raise"):
        smoothed, shape = smoothed_weights(np.log(weights))

    assert np.all(np.isfinite(smoothed))
    assert np.isfinite(shape)
