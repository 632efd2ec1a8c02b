"""Adapters: every tool gets the numbers that the ensemble gives."""

from __future__ import annotations

import copy
import importlib
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from qicsim.adapters.ema import ema_model
from qicsim.adapters.evaluate import Evaluator, Output
from qicsim.adapters.salib import problem_spec
from qicsim.adapters.summaries import Simulator
from qicsim.analysis.factors import DummyFactor, LeverFactor, parameter_draws, parameter_factors
from qicsim.analysis.sampling import sobol_design
from qicsim.analysis.sensitivity import sensitivity
from qicsim.ground.declare import default_row
from qicsim.ground.errors import SettingError
from qicsim.ground.optional import optional
from qicsim.model.parameters import Parameters
from qicsim.runs.ensemble import run_ensemble
from qicsim.runs.readout import values
from qicsim.runs.worker import WorkerError
from tests.worlds import SCENARIO, register_text

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
    found = evaluator.outputs(POINTS, range(3))

    assert np.array_equal(found["recorded"], values(ensemble, "plan", "recorded").reshape(3, 2, -1))
    assert np.array_equal(found["true_2020Q4"], values(ensemble, "plan", "true")[:, -1].reshape(3, 2))


def test_a_point_has_the_same_result_in_any_company_and_order(evaluator):
    assert np.array_equal(evaluator.outputs(POINTS[:0:-1])["recorded"], evaluator.outputs(POINTS)["recorded"][:0:-1])


def test_luck_is_made_from_what_is_uncertain(plan):
    lever = LeverFactor("mentoring", (1.0, 0.0), "2020-01")
    wider = Evaluator.of(plan, (lever, *FACTORS, DummyFactor()), [Output("recorded")], workers=1)
    points = np.array([[0.2, 0.5, 0.1, 0.3], [0.8, 0.5, 0.1, 0.9], [0.8, 0.5, 0.2, 0.9]])
    found = wider.outputs(points)["recorded"][:, 0]

    assert np.array_equal(found[0, :8], found[1, :8])  # one future until the lever moves
    assert not np.array_equal(found[0, 8:], found[1, 8:])
    numbers = wider.luck_of(np.column_stack([np.zeros((200, 2)), np.linspace(0.0, 1.0, 200), np.zeros(200)]))
    assert wider.luck_of(points)[0] == wider.luck_of(points)[1] != wider.luck_of(points)[2]
    assert len(set(numbers)) > 195
    assert 0 <= min(numbers) <= max(numbers) < 2**20


def test_a_stream_holds_the_replicates_that_come_next(evaluator, plan):
    four = Evaluator.of(plan, FACTORS, evaluator.wanted, replicates=4, workers=1).outputs(POINTS[:1])["recorded"]
    next_two = evaluator.on_stream(1).outputs(POINTS[:1])["recorded"]

    assert np.array_equal(four[:, 2:], next_two)
    assert not np.array_equal(four[:, :2], next_two)
    with pytest.raises(SettingError, match="0 to 2047, of 2 each"):
        evaluator.on_stream(2048)


def test_an_evaluator_travels_and_gives_the_same_numbers(evaluator):
    """A copy is made as a pickle is."""
    evaluator.outputs(POINTS[:1])  # one that was used holds buffers of its threads

    assert np.array_equal(copy.copy(evaluator).outputs(POINTS)["recorded"], evaluator.outputs(POINTS)["recorded"])


def test_an_evaluator_is_refused_where_a_data_file_is_another(tmp_path):
    (tmp_path / "register.csv").write_text(register_text())
    (tmp_path / "plan.toml").write_text(SCENARIO)
    evaluator = Evaluator.of(tmp_path / "plan.toml", FACTORS, [LAST])
    (tmp_path / "register.csv").write_text(register_text().replace("11500", "11600"))

    with pytest.raises(WorkerError, match='"plan" cannot be evaluated here'):
        copy.copy(evaluator)


def test_coordinates_that_are_no_probabilities_are_refused(evaluator):
    with pytest.raises(SettingError, match=r"team.p_resp: 1.5. Allowed: 0 to 1"):
        evaluator.outputs(np.array([[0.5, 1.5]]))


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
    found = sensitivity(design, evaluator.outputs(design.points, design.draws))

    assert [one.indicator for one in found] == ["true_2020Q4", "recorded"]
    assert found[1].index("total").estimate.shape == (2, 12)
    assert np.all(found[1].noise.of_run[found[1].varies] > 0.0)


# --------------------------------------------------------------------------------------------------------------- tools


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.filterwarnings("ignore:Parallel evaluation is an experimental feature")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_salib_evaluates_the_model(plan, processes):
    alone = Evaluator.of(plan, FACTORS, [LAST], workers=1)
    spec = problem_spec(alone)
    spec.sample_sobol(4, calc_second_order=False, seed=1).evaluate(alone.means, nprocs=processes)

    assert np.array_equal(spec.results, alone.means(spec.samples))
    assert spec.analyze_sobol(calc_second_order=False, seed=1).analysis["ST"].shape == (2,)


@pytest.fixture(scope="module")
def workbench():
    """The workbench, which warns of engines that are not installed and of what its own libraries will change."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield importlib.import_module("ema_workbench")


@pytest.fixture(scope="module")
def policies(plan):
    """Two policies that begin in 2020, seen at the end of 2019 and later."""
    lever = LeverFactor("mentoring", (1.0, 0.0), "2020-01")
    return Evaluator.of(plan, (*FACTORS, lever), [Output("true", "2019Q4"), LAST, Output("recorded")], workers=1)


def test_the_workbench_runs_the_model_and_policies_share_luck(workbench, policies):
    experiments, outcomes = workbench.perform_experiments(ema_model(policies), scenarios=3, policies=2)

    points = np.column_stack([experiments["pdsa__k_item"], experiments["team__p_resp"],
                              np.where(experiments["mentoring"].astype(float) == 1.0, 0.25, 0.75)])
    expected = policies.outputs(points)
    assert np.array_equal(outcomes["true_2020Q4"], expected["true_2020Q4"].mean(axis=1))
    assert np.array_equal(outcomes["recorded"], expected["recorded"].mean(axis=1))
    assert set(experiments["mentoring"].astype(float)) == {0.0, 1.0}
    paired(outcomes)


def paired(outcomes):
    """The outcomes of two policies, which are the same until they differ, and then differ."""
    before, after = (np.asarray(outcomes[name]).reshape(2, -1) for name in ("true_2019Q4", "true_2020Q4"))
    assert np.array_equal(before[0], before[1])
    assert (after[0] != after[1]).all()


@pytest.mark.slow
def test_policies_share_luck_in_processes_that_share_nothing_else(tmp_path):
    """As on Windows, with a scenario of the user's own."""
    (tmp_path / "register.csv").write_text(register_text())
    (tmp_path / "plan.toml").write_text(SCENARIO)
    (tmp_path / "policies.py").write_text(SPAWNED)
    told = subprocess.run([sys.executable, "-W", "ignore", "policies.py"], cwd=tmp_path, text=True, capture_output=True,
                          check=False, timeout=300, env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])})

    assert told.returncode == 0, told.stderr
    assert told.stdout.split() == ["True", "False"]


SPAWNED = """\
import multiprocessing

import numpy as np
from ema_workbench import MultiprocessingEvaluator

from qicsim.adapters.ema import ema_model
from qicsim.adapters.evaluate import Evaluator, Output
from qicsim.analysis.factors import LeverFactor, parameter_factors

if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    factors = (*parameter_factors(["pdsa.k_item"]), LeverFactor("mentoring", (1.0, 0.0), "2020-01"))
    wanted = [Output("true", "2019Q4"), Output("true", "2020Q4")]
    model = ema_model(Evaluator.of("plan.toml", factors, wanted, workers=1))
    with MultiprocessingEvaluator(model, n_processes=1) as evaluator:
        _, outcomes = evaluator.perform_experiments(scenarios=2, policies=2)
    for name in ("true_2019Q4", "true_2020Q4"):
        print(np.array_equal(*outcomes[name].reshape(2, 2)))
"""


def test_what_the_workbench_leaves_out_stands_at_its_default(plan, policies):
    model = ema_model(policies)
    by_name = {one.name: one.default for one in (*model.uncertainties, *model.levers)}
    defaults = np.array([[by_name["pdsa__k_item"], by_name["team__p_resp"], 0.25]])

    assert np.allclose(parameter_draws(policies.factors, defaults).values, default_row(Parameters))
    assert by_name["mentoring"] == plan.levers.mentoring[24] == 0.0
    values = ema_model(Simulator.of(plan, ["pdsa.k_item"], [LAST]).evaluator).uncertainties["pdsa__k_item"]
    assert (values.lower_bound, values.upper_bound, values.default) == (0.02, 0.4, 0.14)


@pytest.mark.slow
def test_the_workbench_searches_levers(workbench, policies):
    model = ema_model(policies)
    model.outcomes = [workbench.ScalarOutcome("true_2020Q4", kind=workbench.ScalarOutcome.MAXIMIZE)]
    with workbench.SequentialEvaluator(model) as evaluator:
        found = evaluator.optimize(nfe=4, searchover="levers", epsilons=[0.01], population_size=4)

    assert found["mentoring"].iloc[0].value in (0.0, 1.0)


def test_a_policy_off_the_list_is_refused_in_words(workbench, policies):
    policy = workbench.Policy("half", mentoring=0.5)

    with pytest.raises(workbench.EMAError, match=r"mentoring: 0.5 is not on its list. Allowed: 1.0, 0.0"):
        workbench.perform_experiments(ema_model(policies), scenarios=1, policies=[policy])


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


def test_a_simulator_gives_replicates_on_request_and_travels(plan):
    simulator = Simulator.of(plan, PATHS, [LAST], workers=1)
    theta = np.array([[0.1, 0.3]])
    streams = [simulator.on_stream(stream).rows(theta)[0, 0] for stream in (0, 1, 1, 2)]

    assert streams[0] == simulator.rows(theta)[0, 0] == copy.deepcopy(simulator).rows(theta)[0, 0]
    assert streams[1] == streams[2]
    assert len(set(streams)) == 3


@pytest.mark.slow
def test_a_simulator_works_in_processes_that_share_nothing_else(plan):
    """As those of loky do, which joblib, pyABC's and sbi's pools stand on."""
    loky = pytest.importorskip("loky")
    simulator, theta = Simulator.of(plan, PATHS, [LAST], workers=1), np.array([[0.1, 0.3], [0.2, 0.6]])
    with loky.ProcessPoolExecutor(1) as pool:
        assert np.array_equal(pool.submit(simulator.rows, theta).result(), simulator.rows(theta))


@pytest.mark.slow
def test_a_simulator_goes_into_sbi(plan):
    """As it is, and on processes of its own, where sbi hands over arrays and wants tensors."""
    torch, utils, inference, checks = (pytest.importorskip(name) for name in (
        "torch", "sbi.utils", "sbi.inference", "sbi.utils.user_input_checks"))
    simulator = Simulator.of(plan, PATHS, [LAST], workers=1)
    prior = utils.BoxUniform(torch.tensor([0.02, 0.1]), torch.tensor([0.4, 0.9]))
    apart = checks.process_simulator(simulator.rows, prior, is_numpy_simulator=True)
    for ready, workers in ((simulator.rows, 1), (apart, 2)):
        theta, x = inference.simulate_for_sbi(ready, prior, num_simulations=8, num_workers=workers)

        assert np.allclose(x.numpy(), simulator.rows(theta.numpy().astype(float)), rtol=1e-5)


def test_a_missing_package_is_asked_for_by_its_extra():
    with pytest.raises(SettingError, match=r'pip install "qicsim\[xarray\]"'):
        optional("a_package_that_is_not_there", "xarray")
