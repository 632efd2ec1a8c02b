"""Sequential rounds: right where the bank alone is too thin, and usable wherever they stop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import special

from qicsim.estimate.calibrate.acceptance import gate
from qicsim.estimate.calibrate.fill import fill_bank
from qicsim.estimate.calibrate.importance import importance
from qicsim.estimate.calibrate.problem import Problem, Target
from qicsim.estimate.calibrate.proposal import around, directions
from qicsim.estimate.calibrate.sbc import posterior_ranks
from qicsim.estimate.calibrate.sequential import REACHED, SPENT, STALLED, STOPPED, sequential
from qicsim.ground.errors import SettingError
from qicsim.runs.shared_store import open_store
from tests.estimate.known import (
    assert_moments,
    epidemic,
    linear_gaussian,
    luck,
    many_parameters,
    normal_mean,
    squared,
)


def test_a_narrow_posterior_is_found_from_a_thin_bank():
    problem, mean, sd = normal_mean(prior_sd=2.0, sd=0.005, observed=3.1)
    fit = sequential(problem, fill_bank(problem, 1000), needed=500, batch=500)

    assert fit.stopped == REACHED
    assert_moments(fit.posterior, problem, np.array([mean]), np.array([sd]))


def test_correlated_parameters_are_found_from_a_thin_bank():
    problem, mean, covariance = linear_gaussian()
    fit = sequential(problem, fill_bank(problem, 500), needed=1000, batch=500)

    assert fit.stopped == REACHED
    assert_moments(fit.posterior, problem, mean, np.sqrt(np.diag(covariance)))


def test_both_modes_survive_the_rounds():
    problem, size = squared(sd=0.01)
    fit = sequential(problem, fill_bank(problem, 500), needed=1000, batch=500)
    theta = fit.posterior.values(problem)[:, 0]

    assert abs(fit.posterior.weights @ (theta > 0.0) - 0.5) < 2.5 / np.sqrt(fit.posterior.diagnostics.effective_sample)
    assert fit.posterior.weights @ np.abs(theta) == pytest.approx(size, abs=0.002)


def test_an_epidemic_is_found_from_a_thin_bank():
    problem, mean, sd = epidemic()
    fit = sequential(problem, fill_bank(problem, 300), needed=1000, batch=500)

    assert_moments(fit.posterior, problem, mean, sd)


@pytest.mark.slow
def test_many_parameters_of_which_few_matter():
    problem, mean, sd, others = many_reference()
    bank = fill_bank(problem, 16_384)
    fit = sequential(problem, bank, needed=500, most_runs=60_000)
    free = fit.posterior.values(problem)[:, others:]

    assert fit.stopped == REACHED and importance(problem, bank).diagnostics.effective_sample < 5
    found, found_sd = fit.posterior.mean(problem)[:others], np.sqrt(np.diag(fit.posterior.covariance(problem)))[:others]
    effective = fit.posterior.diagnostics.effective_sample
    assert np.abs((found - mean) / sd).max() < 5.0 / np.sqrt(effective) + 0.05
    assert np.abs(found_sd / sd - 1.0).max() < 5.0 / np.sqrt(2.0 * effective) + 0.05
    assert np.abs(fit.posterior.weights @ free).max() < 5.0 / np.sqrt(effective)


def many_reference():
    """The problem of many parameters; posterior mean and sd of those that matter, by a long ensemble of chains."""
    problem, truth, active = many_parameters()
    plain = np.hypot(problem.observation.spreads, 0.7)
    still = np.array([2**40])
    chance = problem.simulate(np.zeros((1, len(truth))), still)

    def log_density(theta):
        whole = np.zeros((len(theta), len(truth)))
        whole[:, :active] = theta
        off = (problem.simulate(whole, np.repeat(still, len(theta))) - chance - problem.observation.values) / plain
        return -0.5 * np.sum(off**2, axis=1) - 0.5 * np.sum(theta**2, axis=1)

    steps = np.random.default_rng(8)
    at = truth[:active] + 0.1 * steps.normal(size=(200, active))
    density, kept = log_density(at), []
    for step in range(2500):
        one, other = steps.integers(200, size=(2, 200))
        to = at + (0.53 if step % 10 else 1.0) * (at[one] - at[other]) + 1e-4 * steps.normal(size=at.shape)
        reached = log_density(to)
        moves = np.log(steps.random(200)) < reached - density
        at, density = np.where(moves[:, None], to, at), np.where(moves, reached, density)
        if step >= 1500 and step % 10 == 0:
            kept.append(at)
    draws = np.concatenate(kept)
    return problem, draws.mean(axis=0), draws.std(axis=0), active


# ------------------------------------------------------------------------------------------------------- stopping


def test_a_fit_that_spends_its_budget_is_usable():
    problem, mean, sd = normal_mean(sd=0.005, observed=3.1)
    fit = sequential(problem, fill_bank(problem, 500), needed=1e5, most_runs=2000, batch=500)

    assert fit.stopped == SPENT and len(fit.pool) == 2500
    assert fit.posterior.mean(problem)[0] == pytest.approx(mean, abs=3.0 * sd)


def test_a_fit_that_is_stopped_at_once_is_usable():
    problem, _, _ = linear_gaussian()
    fit = sequential(problem, fill_bank(problem, 1000), progress=lambda state: False)

    assert fit.stopped == STOPPED and len(fit.pool) == 1000 and fit.posterior.diagnostics.method == "approximate"


def test_a_fit_that_gets_no_further_stops():
    problem, _, _ = normal_mean(sd=1e-6)
    blind = replace(problem, simulate=lambda theta, streams: luck(streams, 1))
    fit = sequential(blind, fill_bank(blind, 500), batch=500, most_runs=100_000)

    assert fit.stopped == STALLED and len(fit.pool) < 50_000


def test_a_good_bank_needs_no_rounds():
    problem, _, _ = normal_mean()
    bank = fill_bank(problem, 10_000)
    fit = sequential(problem, bank)

    assert len(fit.pool) == len(bank) and fit.rounds[0].tolerance == 1.0
    assert np.array_equal(fit.posterior.weights, importance(problem, bank).weights)


def test_settings_of_rounds_come_at_once():
    problem, _, _ = normal_mean()

    with pytest.raises(SettingError) as caught:
        sequential(problem, fill_bank(problem, 10), needed=0, most_runs=-1, batch=0)
    assert len(caught.value.faults) == 3


# ----------------------------------------------------------------------------------------------------- properties


def test_rounds_take_up_what_was_simulated_before(tmp_path):
    problem, _, _ = linear_gaussian()
    bank, asked = fill_bank(problem, 500), []
    noting = replace(problem, identity="linear", simulate=lambda theta, streams: asked.extend(streams)
                     or problem.simulate(theta, streams))

    def fit(budget):
        store = open_store(tmp_path)
        with store.used():
            return sequential(noting.kept(store), bank, needed=500, batch=500, most_runs=budget)

    part, whole = fit(500), fit(50_000)

    assert len(asked) == len(set(asked)) == len(whole.pool) - len(bank) > len(part.pool) - len(bank) == 500
    assert min(asked) >= 2**20
    alone = sequential(problem, bank, needed=500, batch=500)
    assert np.array_equal(whole.posterior.weights, alone.posterior.weights)


def test_runs_that_fail_in_a_round_weigh_nothing():
    problem, mean, covariance = linear_gaussian()
    broken = replace(problem, simulate=lambda theta, streams: np.where(
        (streams % 7 == 0)[:, None], np.nan, problem.simulate(theta, streams)))
    fit = sequential(broken, fill_bank(broken, 1000), needed=500, batch=500)

    assert len(fit.pool.failed) > 100 and not np.isin(fit.posterior.members, fit.pool.failed).any()
    assert_moments(fit.posterior, problem, mean, np.sqrt(np.diag(covariance)))


def test_proposals_are_weighted_by_their_own_density():
    chance = np.random.default_rng(1)
    basis = np.linalg.qr(chance.normal(size=(6, 2)))[0]
    proposal = around(0.7 + 0.5 * chance.normal(size=(300, 2)), np.ones(300), basis, chance)
    drawn = proposal.draw(40_000, chance)
    weights = np.exp(-proposal.log_ratio(drawn @ basis))

    assert abs(weights.mean() - 1.0) < 5.0 * weights.std() / 200.0
    for power, expected in ((1, 0.0), (2, 1.0)):
        for column in drawn.T:
            part = weights * column**power
            assert abs(part.mean() - expected) < 5.0 * part.std() / 200.0


def test_directions_without_meaning_are_left_at_the_prior():
    chance = np.random.default_rng(2)
    scores = chance.normal(size=(20_000, 40))
    features = np.tanh(np.column_stack([scores[:, 0] + scores[:, 1], scores[:, 2] ** 2, chance.normal(size=20_000)]))
    basis = directions(scores, features)
    share = np.sum(basis**2, axis=1)

    assert basis.shape[1] <= 4
    assert share[0] + share[1] > 0.95 and share[2] > 0.95 and share[3:].max() < 0.05


def test_the_pool_is_calibrated_where_the_targets_are():
    problem, _, _ = linear_gaussian()
    fit = sequential(problem, fill_bank(problem, 2000), needed=2000, batch=2000)
    verdict = gate(posterior_ranks(problem, fit.pool, fit.posterior))

    assert verdict.passed, verdict.reasons


def test_rounds_make_posteriors_neither_too_narrow_nor_too_wide():
    """Thirty fits of other banks: their mean error is chance, but for what stopping at a good moment adds.

    That is less than the standard error of one fit (0.03 of a posterior standard deviation).
    """
    problem, mean, covariance = linear_gaussian()
    sd, offs, ratios = np.sqrt(np.diag(covariance)), [], []
    for seed in range(30):
        posterior = sequential(problem, fill_bank(problem, 500, seed=seed), needed=1000, batch=500).posterior
        offs.append((posterior.mean(problem) - mean) / sd)
        ratios.append(np.sqrt(np.diag(posterior.covariance(problem))) / sd - 1.0)
    for values in (*np.transpose(offs), *np.transpose(ratios)):
        assert abs(np.mean(values)) < 4.0 * np.std(values) / np.sqrt(30) + 0.01


def seen_with_luck(of, observed, chance, sd):
    """Five parameters, a function of each seen with chance of the simulator's own; the problem."""
    names = tuple("abcde")
    return Problem(names, special.ndtri, lambda theta, streams: of(theta) + chance * luck(streams, 5), names,
                   tuple(Target(name, observed, sd) for name in names))


def test_rounds_are_used_where_the_posterior_is_narrow():
    """exp(2 theta) = 1.5, so theta is 0.203; the nearest prior draws are far, and slopes change on the way."""
    problem = seen_with_luck(lambda theta: np.exp(2.0 * theta), 1.5, 0.05, 0.02)
    found = sequential(problem, fill_bank(problem, 3000), needed=1e9, most_runs=9000, batch=1500).posterior

    assert "rounds lower the squared error" in found.diagnostics.chosen
    assert found.members.max() >= 3000
    assert np.abs(found.mean(problem) - np.log(1.5) / 2.0).max() < 0.02


def test_rounds_are_not_used_where_chance_keeps_the_posterior_wide():
    """Variance 1 of chance and 0.01 of error against 1 of the prior: the mean is 0.3 / 2.01."""
    problem = seen_with_luck(lambda theta: theta, 0.3, 1.0, 0.1)
    found = sequential(problem, fill_bank(problem, 3000), needed=1e9, most_runs=9000, batch=1500).posterior

    assert "rounds do not lower the squared error" in found.diagnostics.chosen
    assert found.members.max() < 3000
    assert np.abs(found.mean(problem) - 0.3 / 2.01).max() < 0.12
