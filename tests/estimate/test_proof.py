"""Simulation-based calibration and its gate: right posteriors pass, broken ones do not; and the other checks."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from qicsim.estimate.calibrate.acceptance import gate, recovery
from qicsim.estimate.calibrate.approximate import approximate
from qicsim.estimate.calibrate.checks import contraction, fresh_seed_penalty, predictive
from qicsim.estimate.calibrate.fill import fill_bank
from qicsim.estimate.calibrate.importance import importance
from qicsim.estimate.calibrate.metric import robust_metric
from qicsim.estimate.calibrate.problem import Observation, Target
from qicsim.estimate.calibrate.sbc import LOG_LIKELIHOOD, posterior_ranks, sbc_ranks
from qicsim.estimate.calibrate.structure import TOO_FEW, Structural
from qicsim.estimate.calibrate.uniformity import (
    binomial_interval,
    binomial_p_value,
    chi_square_p_value,
    coverage,
    ecdf_band,
    ecdf_p_value,
)
from qicsim.ground.errors import SettingError
from qicsim.report.calibration_words import structures_said
from tests.estimate.known import linear_gaussian, normal_mean


@pytest.fixture(scope="module")
def linear():
    """A linear Gaussian problem with a bound among its targets, and its bank."""
    problem, _, _ = linear_gaussian()
    targets = [*problem.targets[:-1], Target("s5", 0.2, 1.0, "at least")]
    problem = problem.with_targets(targets)
    return problem, fill_bank(problem, 5_000)


@pytest.fixture(scope="module")
def exact(linear):
    return sbc_ranks(*linear, importance)


def halved(problem, bank):
    """A broken likelihood: the spreads are half of what they are."""
    seen = problem.observation
    return importance(problem.with_observation(replace(seen, spreads=0.5 * seen.spreads)), bank)


def shifted(problem, bank):
    """A broken summary: one is read a spread too high."""
    seen = problem.observation
    values = seen.values + np.eye(len(seen))[1] * seen.spreads
    return importance(problem.with_observation(replace(seen, values=values)), bank)


def blind(problem, bank):
    """A broken fit: it ignores the data."""
    posterior = importance(problem, bank)
    rows = np.flatnonzero(bank.usable)
    return replace(posterior, cube=bank.cube[rows], weights=np.full(len(rows), 1.0 / len(rows)), members=rows,
                   diagnostics=replace(posterior.diagnostics, effective_sample=float(len(rows))))


# ------------------------------------------------------------------------------------------------------ the gate


def test_exact_posteriors_pass_the_gate(exact):
    verdict = gate(exact)

    assert verdict.passed, verdict.reasons
    assert exact.quantities == (*"abcde", *(f"s{i}" for i in range(6)), LOG_LIKELIHOOD)
    assert len(exact.ranks) == 500 and exact.ranks.min() > 0.0 and exact.ranks.max() < 1.0


@pytest.mark.slow
def test_adjusted_posteriors_pass_the_gate(linear):
    problem, bank = linear
    verdict = gate(sbc_ranks(problem, bank, partial(approximate, share=0.1, metric=robust_metric(problem, bank))))

    assert verdict.passed, verdict.reasons


@pytest.mark.parametrize(("broken", "complaint"), [(halved, "50 % intervals hold the truth"),
                                                   (shifted, "ranks leave the simultaneous band"),
                                                   (blind, f"{LOG_LIKELIHOOD}: ranks leave")],
                         ids=lambda x: getattr(x, "__name__", ""))
def test_a_broken_likelihood_fails_the_gate(linear, broken, complaint):
    """A quarter of the truths that a fit must show are enough to see what is broken."""
    verdict = gate(sbc_ranks(*linear, broken, n=120), fewest=120)

    assert not verdict.passed
    assert any(complaint in reason for reason in verdict.reasons), verdict.reasons


def test_too_few_pseudo_observations_do_not_pass(linear):
    verdict = gate(sbc_ranks(*linear, importance, n=50))

    assert verdict.reasons == ("only 50 pseudo-observations; 500 are needed",)


def test_more_pseudo_observations_than_runs_are_refused(linear):
    problem, bank = linear

    with pytest.raises(SettingError, match="1 to 99, one less than the bank's usable runs"):
        sbc_ranks(problem, bank.rows(slice(100)), importance, n=100)


@pytest.fixture(scope="module")
def posterior_of_linear():
    problem, _, _ = linear_gaussian()
    bank = fill_bank(problem, 40_000)
    return problem, bank, importance(problem, bank)


def test_truths_of_a_posterior_are_found_again_from_its_other_runs(posterior_of_linear):
    problem, bank, posterior = posterior_of_linear
    ranks = posterior_ranks(problem, bank, posterior, parameters=("b", "c"), n=200)
    verdict = gate(ranks, fewest=200)

    assert verdict.passed, verdict.reasons
    assert ranks.quantities == ("b", "c", *(f"s{i}" for i in range(6)), LOG_LIKELIHOOD)
    assert len(ranks.rows) + ranks.failed == 200 and ranks.failed < 10
    spread = np.sqrt(np.diag(posterior.covariance(problem)))[1:3]
    assert (ranks.sds.mean(axis=0) < 0.9 * spread).all(), "what a truth reports comes on top of what was observed"


@pytest.mark.parametrize(("broken", "complaint"), [
    (halved, "the weights of"), pytest.param(shifted, "ranks leave", marks=pytest.mark.slow),
    pytest.param(blind, "ranks leave", marks=pytest.mark.slow)], ids=lambda x: getattr(x, "__name__", ""))
def test_weights_that_are_wrong_near_the_report_fail_the_gate(posterior_of_linear, broken, complaint):
    verdict = gate(posterior_ranks(*posterior_of_linear, fit=broken, n=120), fewest=120)

    assert not verdict.passed
    assert any(complaint in reason for reason in verdict.reasons), verdict.reasons


def test_truths_whose_weights_fail_are_counted_and_not_ranked():
    problem, _, _ = linear_gaussian()
    bank = fill_bank(problem, 300)
    ranks = posterior_ranks(problem, bank, importance(problem, bank), n=100)

    assert 0 < ranks.failed == 100 - len(ranks.ranks)
    verdict = gate(ranks, fewest=100)
    assert not verdict.passed and f"the weights of {ranks.failed} of 100 truths failed" in verdict.reasons[0]


def test_recovery_is_honest_about_what_is_known(exact):
    found = recovery(exact)

    assert [one.parameter for one in found] == list("abcde")
    for one in found:
        assert one.error == pytest.approx(one.sd, rel=5.0 / np.sqrt(2.0 * 500))
    assert found[1].explained > 0.5 > found[4].explained


# ---------------------------------------------------------------------------------------------------- uniformity


def test_the_band_holds_uniform_samples_as_often_as_it_says():
    luck = np.random.default_rng(5)
    grid, low, high = ecdf_band(200, 0.9)
    inside = 0
    for _ in range(2000):
        shares = np.searchsorted(np.sort(luck.random(200)), grid, side="right") / 200
        inside += bool(np.all((low <= shares) & (shares <= high)))

    # Counts are whole, so the band holds a little more than it must.
    assert 0.9 - 5.0 * np.sqrt(0.09 / 2000) < inside / 2000 < 0.93


def test_p_values_of_uniform_samples_are_uniform():
    luck = np.random.default_rng(6)
    samples = luck.random((60, 500))
    for test in (ecdf_p_value, chi_square_p_value):
        found = np.array([test(sample) for sample in samples])

        assert abs(np.mean(found < 0.1) - 0.1) < 5.0 * np.sqrt(0.09 / 60)


def test_ranks_that_are_not_uniform_are_seen():
    ranks = (np.arange(500) + 0.5) / 500

    assert ecdf_p_value(ranks) > 0.99 and chi_square_p_value(ranks) > 0.99
    assert ecdf_p_value(ranks**1.6) < 1e-4 and chi_square_p_value(ranks**1.6) < 1e-4


def test_coverage_and_its_interval():
    ranks = (np.arange(100) + 0.5) / 100

    assert [coverage(ranks, level) for level in (0.5, 0.8, 0.95)] == [50, 80, 96]
    assert binomial_interval(50, 100) == pytest.approx((0.3983, 0.6017), abs=1e-4)
    assert binomial_interval(0, 10)[0] == 0.0 and binomial_interval(10, 10)[1] == 1.0
    assert binomial_p_value(50, 100, 0.5) == 1.0 and binomial_p_value(60, 100, 0.5) == pytest.approx(0.0569, abs=1e-4)


# -------------------------------------------------------------------------------------------------- other checks


def test_the_posterior_predictive_shows_hits_and_misses():
    problem, mean, sd = normal_mean()
    bank = fill_bank(problem, 20_000)
    (hit,) = predictive(problem, bank, importance(problem, bank))
    (miss,) = predictive(problem.with_targets([Target("mean", 9.0, 0.5)]), bank, importance(problem, bank))

    assert hit.middle == pytest.approx(mean, abs=0.05) and hit.high - hit.low == pytest.approx(3.29 * sd, rel=0.06)
    assert hit.reported_high - hit.reported_low == pytest.approx(3.29 * np.hypot(sd, 0.5), rel=0.06)
    assert not hit.missed and miss.missed


def test_a_bound_is_missed_when_hardly_any_report_meets_it():
    problem, _, _ = normal_mean()
    bank = fill_bank(problem, 20_000)
    posterior = importance(problem, bank)
    low, high = (predictive(problem.with_targets([Target("mean", bound, 0.5, "at least")]), bank, posterior)[0]
                 for bound in (-5.0, 5.0))

    assert not low.missed and low.tail > 0.99
    assert high.missed and high.tail < 0.01


def test_without_chance_fresh_seeds_cost_nothing():
    problem, _, _ = normal_mean()
    bank = fill_bank(problem, 5000)
    found = fresh_seed_penalty(problem, bank, importance(problem, bank))

    assert found.penalty == pytest.approx(1.0) and found.passed and found.standard_error < 1e-9


def test_runs_accepted_for_their_luck_pay_on_fresh_seeds():
    problem, _, _ = normal_mean(chance=2.0)
    bank = fill_bank(problem, 20_000)
    found = fresh_seed_penalty(problem, bank, importance(problem, bank), draws=400, replicates=2)

    assert found.penalty > 1.2 + 5.0 * found.standard_error and not found.passed


def test_failures_on_fresh_seeds_are_counted():
    problem, _, _ = normal_mean()
    bank = fill_bank(problem, 5000)
    half = replace(problem, simulate=lambda theta, streams: np.where(streams[:, None] % 2 == 0, theta, np.nan))

    assert fresh_seed_penalty(half, bank, importance(problem, bank), draws=100).failed == 50


def test_contraction_is_what_the_conjugate_posterior_says():
    problem, _, sd = normal_mean()
    (found,) = contraction(problem, importance(problem, fill_bank(problem, 20_000)))

    assert found.of_variance == pytest.approx(1.0 - (sd / 2.0) ** 2, abs=0.01)
    assert found.of_interval == pytest.approx(1.0 - sd / 2.0, abs=0.02)
    assert found.prior == pytest.approx((-3.29, 0.0, 3.29), abs=0.02)


def test_nothing_is_learned_of_a_parameter_that_no_target_sees():
    problem, _, _ = linear_gaussian()
    problem = problem.with_targets([problem.targets[4]])
    found = contraction(problem, importance(problem, fill_bank(problem, 20_000)))

    assert [round(one.of_variance, 1) for one in found] == [0.0, 0.6, 0.0, 0.0, 0.0]


def test_an_observation_knows_its_size():
    assert len(Observation(np.zeros(3), np.ones(3), np.zeros(3))) == 3


@pytest.mark.parametrize(("effective", "log_ratio", "said"), [
    (150.0, 1.62, "(weight 0.8 of 1, log ratio +1.6, standard error 0.2, effective sample 150)"),
    (16.2, 0.0255, "too few runs fit to compare (effective sample 16)")])
def test_structures_are_compared_with_the_digits_that_their_samples_bear(effective, log_ratio, said):
    weight = 1.0 / (1.0 + np.exp(-log_ratio))
    verdict = TOO_FEW if effective < 20.0 else "the data cannot tell it from the shipped form"
    one = Structural("linear", "A line", log_ratio, 0.19, weight, effective, effective, 0.9, 0.9, verdict)

    (words,) = structures_said(SimpleNamespace(structures=(one,)))

    assert words.startswith("A line: ")
    assert words.endswith(f"{said}.")
