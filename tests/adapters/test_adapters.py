"""Adapters: every tool gets the numbers that the ensemble gives."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.adapters.dataset import dataset
from qicsim.adapters.evaluate import Evaluator, Output
from qicsim.adapters.luck import luck_of
from qicsim.adapters.optional import optional
from qicsim.adapters.salib import problem_spec
from qicsim.adapters.summaries import Simulator
from qicsim.analysis.factors import LeverFactor, parameter_draws, parameter_factors
from qicsim.analysis.sampling import sobol_design
from qicsim.analysis.sensitivity import sensitivity
from qicsim.ground.errors import SettingError
from qicsim.runs.draws import names, prior_draws
from qicsim.runs.ensemble import run_ensemble
from qicsim.runs.readout import values

PATHS = ("pdsa.k_item", "team.p_resp")
FACTORS = parameter_factors(PATHS)
POINTS = np.array([[0.1, 0.9], [0.5, 0.5], [0.9, 0.2]])
LAST = Output("true", "2020Q4")


@pytest.fixture(scope="module")
def evaluator(plan):
    return Evaluator.of(plan, FACTORS, [LAST, Output("recorded")], replicates=2, workers=1)


# ----------------------------------------------------------------------------------------------------------- evaluator


def test_an_evaluator_gives_what_an_ensemble_of_the_same_draws_gives(evaluator, plan):
    ensemble = run_ensemble([plan], parameter_draws(FACTORS, POINTS), replicates=2, workers=1)
    found = evaluator.outputs(POINTS)

    assert np.array_equal(found["recorded"], values(ensemble, "plan", "recorded").reshape(3, 2, -1))
    assert np.array_equal(found["true_2020Q4"], values(ensemble, "plan", "true")[:, -1].reshape(3, 2))


def test_a_longer_list_of_points_keeps_the_results_of_the_shorter(evaluator):
    assert np.array_equal(evaluator.outputs(POINTS[:2])["recorded"], evaluator.outputs(POINTS)["recorded"][:2])


def test_a_lever_is_a_factor_like_any_other(plan):
    lever = LeverFactor("recruiting", (False, True), "2018-01")
    both = Evaluator.of(plan, (*FACTORS, lever), [Output("ever", "2020Q4")], workers=1)
    off, on = both.means(np.array([[0.5, 0.5, 0.2], [0.5, 0.5, 0.8]]))

    assert off == 0.0
    assert on > 0.0


@pytest.mark.parametrize(("wanted", "words"), [
    ([], "there is none"), ([Output("tru")], 'Did you mean "true"'), ([Output("true", "2035Q4")], "2018Q1 to 2020Q4"),
    ([Output("true", group="hospitals")], "is not a group")])
def test_outputs_that_do_not_exist_are_refused(plan, wanted, words):
    with pytest.raises(SettingError, match=words):
        Evaluator.of(plan, FACTORS, wanted)


def test_a_series_has_no_single_mean(evaluator):
    with pytest.raises(SettingError, match="series over time"):
        evaluator.means(POINTS)
    with pytest.raises(SettingError, match=r"\(n, 2\)"):
        evaluator.means(POINTS[:, :1])


def test_outputs_of_a_design_go_straight_into_a_sensitivity_analysis(evaluator):
    design = sobol_design(PATHS, 8)
    found = sensitivity(design, evaluator.outputs(design.points))

    assert [one.indicator for one in found] == ["true_2020Q4", "recorded"]
    assert found[1].index("total").estimate.shape == (2, 12)
    assert np.all(found[1].noise.of_run[found[1].varies] > 0.0)


# --------------------------------------------------------------------------------------------------------------- tools


def test_salib_evaluates_the_model(plan):
    alone = Evaluator.of(plan, FACTORS, [LAST], workers=1)
    spec = problem_spec(alone)
    spec.sample_sobol(4, calc_second_order=False, seed=1).evaluate(alone.means)

    assert np.array_equal(spec.results, alone.means(spec.samples))
    assert spec.analyze_sobol(calc_second_order=False, seed=1).analysis["ST"].shape == (2,)


def test_the_workbench_runs_the_model(plan):
    import warnings

    with warnings.catch_warnings():
        # The workbench warns of engines that are not installed, and of what its own libraries will change.
        warnings.simplefilter("ignore")
        from ema_workbench import perform_experiments

        from qicsim.adapters.ema import ema_model

        lever = LeverFactor("coaches", (1.0, 4.0), "2018-01")
        both = Evaluator.of(plan, (*FACTORS, lever), [LAST, Output("recorded")], workers=1)
        experiments, outcomes = perform_experiments(ema_model(both), scenarios=3, policies=2)

    points = np.column_stack([experiments["pdsa__k_item"], experiments["team__p_resp"],
                              np.where(experiments["coaches"].astype(float) == 1.0, 0.25, 0.75)])
    expected = both.outputs(points, [luck_of(point) for point in points])
    assert np.allclose(outcomes["true_2020Q4"], expected["true_2020Q4"].mean(axis=1))
    assert np.allclose(outcomes["recorded"], expected["recorded"].mean(axis=1))
    assert set(experiments["coaches"].astype(float)) == {1.0, 4.0}


def test_a_plain_function_takes_parameters_to_summaries(plan):
    simulator = Simulator.of(plan, PATHS, [LAST, Output("ever", "2020Q4")], workers=1)
    one = simulator({"team.p_resp": 0.6, "pdsa.k_item": 0.2})
    rows = simulator.rows(np.array([[0.1, 0.3], [0.2, 0.6]]))

    assert set(one) == {"true_2020Q4", "ever_2020Q4"}
    assert rows.shape == (2, 2)
    assert rows[1].tolist() == list(one.values())
    assert rows[0, 0] < rows[1, 0]


@pytest.mark.parametrize(("given", "words"), [
    ({"pdsa.k_item": 0.2}, "team.p_resp"), ({"pdsa.k_item": 2.0, "team.p_resp": 0.5}, "0.02 to 0.4")])
def test_parameters_that_are_missing_or_out_of_bounds_are_refused(plan, given, words):
    with pytest.raises(SettingError, match=words):
        Simulator.of(plan, PATHS, [LAST])(given)


def test_luck_of_a_point_is_a_function_of_its_values():
    numbers = {luck_of(np.array([0.5, value])) for value in np.linspace(0.0, 1.0, 200)}

    assert len(numbers) > 195
    assert max(numbers) < 2**20
    assert luck_of(np.array([0.5, 0.25])) == luck_of(np.array([0.5, 0.25]))


def test_an_ensemble_becomes_a_labelled_dataset(plan):
    from dataclasses import replace

    shorter = replace(plan, name="shorter", months=24, levers=type(plan.levers)(*(one[:24] for one in plan.levers)))
    ensemble = run_ensemble([plan, shorter], prior_draws(3), replicates=2, workers=1)
    found = dataset(ensemble, ["true", "coverage"], ["all", "ever"])

    at = names().index("pdsa.k_item")
    there = found["true"].sel(scenario="plan", group="all", draw=1, replicate=0)
    assert np.array_equal(there.values, values(ensemble, "plan", "true")[2])
    assert found["coverage"].attrs["units"] == "share"
    assert np.isnan(found["true"].sel(scenario="shorter", quarter="2020Q4", group="all")).all()
    assert float(found["parameters"].sel(draw=2, parameter="pdsa.k_item")) == ensemble.draws.values[2, at]
    assert found.attrs["seed"] == 1


def test_unknown_names_of_a_dataset_are_refused(plan):
    ensemble = run_ensemble([plan], prior_draws(1), workers=1)

    with pytest.raises(SettingError, match='Did you mean "recorded"'):
        dataset(ensemble, ["recordde"], ["hospitals"])


def test_a_missing_package_is_asked_for_by_its_extra():
    with pytest.raises(SettingError, match=r'pip install "qicsim\[xarray\]"'):
        optional("a_package_that_is_not_there", "xarray")
