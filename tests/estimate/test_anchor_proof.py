"""Posterior simulation-based calibration of rows of effects: right weights pass, wrong ones fail, ties are fair."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.estimate.anchor.proof import QUANTITIES, plan_gains, shuffled_ranks, weighted_trials
from qicsim.estimate.calibrate.acceptance import gate
from qicsim.estimate.calibrate.importance import importance
from qicsim.estimate.calibrate.problem import Observation
from qicsim.estimate.calibrate.sbc import posterior_ranks
from qicsim.runs.draws import names, prior_draws

SDS = {6: 4.0, 12: 3.0, 24: 5.0}


@pytest.fixture(scope="module")
def effects():
    """A quarter does nothing, the others something; other areas and the plan follow the topic, teams do not."""
    dice = np.random.default_rng(5)
    effect = np.exp(2.0 + 0.6 * dice.standard_normal(2048)) * (dice.random(2048) > 0.25)
    works = effect > 0.0
    readings = np.column_stack([0.6 * effect, effect, 1.2 * effect]) * np.exp(0.1 * dice.normal(size=(2048, 3)))
    part = dice.random((2048, 3))
    quantities = np.column_stack([0.2 * effect * part[:, 0], part[:, 1], 0.3 * effect * part[:, 2]])
    return readings * works[:, None], quantities, dice.integers(1, 3, 2048)


def ranked(effects, fit=importance):
    problem, bank, posterior = weighted_trials(*effects, SDS, 1)
    return posterior_ranks(problem, bank, posterior, n=500, fit=fit)


def test_truths_of_rows_of_effects_are_found_again(effects):
    ranks = ranked(effects)

    assert ranks.quantities[:3] == QUANTITIES
    assert ranks.failed < 50
    assert gate(ranks).passed, gate(ranks).reasons


def test_errors_of_readings_that_are_too_small_fail(effects):
    def surer(problem, bank):
        seen = problem.observation
        return importance(problem.with_observation(Observation(seen.values, 0.4 * seen.spreads, seen.bounds)), bank)

    assert not gate(ranked(effects, surer)).passed


def test_equal_values_get_ranks_by_chance_and_others_by_size():
    ranks = shuffled_ranks(np.column_stack([np.zeros(1000), np.arange(1000.0)[::-1]]), 1)

    assert sorted(ranks[:, 0]) == pytest.approx((np.arange(1000) + 0.5) / 1000)
    assert abs(np.corrcoef(ranks[:, 0], np.arange(1000))[0, 1]) < 0.15
    assert ranks[:, 1] == pytest.approx(1.0 - (np.arange(1000) + 0.5) / 1000)


def test_a_row_without_efficacy_brings_a_plan_next_to_nothing_and_others_bring_more():
    values = np.repeat(prior_draws(1).values, 2, axis=0)
    values[:, names().index("pdsa.efficacy")] = [0.0, 2.0]

    nothing, something = plan_gains(values, seed=1, store=False)

    assert abs(nothing) < 0.5
    assert something > nothing + 0.5
