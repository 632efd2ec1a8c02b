"""Runs a second through other tools' own evaluators, one thread: the reported history, all facilities, 48 months."""

from __future__ import annotations

import logging
import warnings
from contextlib import closing
from itertools import count

import numpy as np
import pytest

from qicsim.adapters.ema import ema_model
from qicsim.adapters.evaluate import Evaluator, Output
from qicsim.adapters.salib import problem_spec
from qicsim.agents import QicModel
from qicsim.analysis.factors import parameter_draws, parameter_factors
from qicsim.analysis.study_kinds import make_study
from qicsim.runs.ensemble import run_ensemble
from qicsim.runs.experiment import run_experiment
from qicsim.runs.points import Points
from tests.bench.table import seconds

pytestmark = pytest.mark.bench

FACTORS = parameter_factors(["pdsa.k_item", "team.p_resp"])
POINTS = np.random.default_rng(1).random((60, 2))


@pytest.fixture(scope="module")
def evaluator():
    return Evaluator.of("reported", FACTORS, [Output("true", "2021Q4")], until="2021-12", workers=1)


@pytest.fixture(scope="module")
def ensemble_rate(evaluator, table):
    draws = parameter_draws(FACTORS, POINTS)
    rate = len(POINTS) / seconds(lambda: run_ensemble([evaluator.runner.scenario], draws, workers=1), rounds=3)
    table.add("48 months of all facilities: ensemble", f"{rate:.0f} runs/s")
    return rate


def test_the_engine_of_experiments(evaluator, ensemble_rate, table, tmp_path):
    """Everything around the runs counts: addresses, tasks, the store on disk."""
    points = Points(parameter_draws(FACTORS, POINTS).values, draw=np.arange(len(POINTS)))
    study = make_study(["reported"], points=points, until="2021-12", replicates=1, keep={"indicators": ["true"]})
    folders = (tmp_path / str(number) for number in count())
    rate = len(POINTS) / seconds(lambda: run_experiment(study, next(folders), executor="serial"), rounds=3)

    table.add("the same through the engine of experiments", f"{rate:.0f} runs/s")
    assert rate > 0.8 * ensemble_rate


def test_salib_s_evaluation(evaluator, ensemble_rate, table):
    spec = problem_spec(evaluator)
    spec.set_samples(POINTS)
    rate = len(POINTS) / seconds(lambda: spec.evaluate(evaluator.means), rounds=3)

    table.add("the same through SALib's evaluate", f"{rate:.0f} runs/s")
    assert rate > 0.5 * ensemble_rate


def test_the_workbench_s_evaluator(evaluator, ensemble_rate, table):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ema_workbench import perform_experiments

        logging.getLogger("EMA").setLevel(logging.ERROR)
        model = ema_model(evaluator)
        rate = len(POINTS) / seconds(lambda: perform_experiments(model, scenarios=len(POINTS)), rounds=3)

    table.add("the same through the EMA Workbench", f"{rate:.0f} runs/s")
    assert rate > 0.25 * ensemble_rate


def test_the_mesa_face_s_run(evaluator, ensemble_rate, table):
    with closing(QicModel(evaluator.runner.world, evaluator.runner.scenario)) as model:
        months = 6
        rate = 1.0 / seconds(lambda: [model.step() for _ in range(months)], rounds=3) * months / 48

    table.add("the same through the Mesa face", f"{rate:.2f} runs/s")
    assert rate < ensemble_rate
