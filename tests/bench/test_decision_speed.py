"""How long decisions take: 10 scenarios, 1,000 draws, 40 parameters."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.decide.acceptability import acceptability
from qicsim.decide.information import evppi
from qicsim.decide.robustness import regret
from qicsim.decide.studies import Rescoring, rescoring
from qicsim.decide.targets import target_drivers
from tests.bench.table import seconds

pytestmark = pytest.mark.bench

NAMES = [f"parameter {place}" for place in range(40)]
SCENARIOS = [f"scenario {place}" for place in range(10)]


@pytest.fixture(scope="module")
def problem():
    """Costs, effects (10, 1000) and parameters (1000, 40); five parameters matter."""
    rng = np.random.default_rng(1)
    parameters = rng.standard_normal((1000, 40))
    effects = 100.0 + 5.0 * rng.standard_normal((10, 5)) @ parameters[:, :5].T + rng.standard_normal((10, 1000))
    return rng.uniform(10.0, 20.0, (10, 1000)), effects, parameters


def test_information_by_parameter(problem, table):
    costs, effects, parameters = problem
    taken = seconds(lambda: evppi(effects - costs, parameters, NAMES), rounds=2)
    table.add("EVPPI of 40 parameters, 10 scenarios x 1,000 draws", f"{taken:.2f} s", "30 s")

    assert taken < 30.0


def test_information_of_a_group_and_of_a_study(problem, table):
    costs, effects, parameters = problem
    group = seconds(lambda: evppi(effects - costs, parameters, NAMES, groups={"ten": NAMES[:10]}), rounds=2)
    study = seconds(lambda: rescoring(effects - costs, parameters[:, 0], Rescoring(8.0, 6.0, 1400), range(10, 210, 10)),
                    rounds=2)
    table.add("EVPPI of a group of ten", f"{group:.2f} s", "30 s")
    table.add("EVSI of re-scoring, 20 sizes", f"{study:.2f} s", "30 s")

    assert max(group, study) < 30.0


def test_everything_else(problem, table):
    costs, effects, parameters = problem

    def rest():
        acceptability(costs, effects, SCENARIOS, np.linspace(0.0, 5.0, 101))
        regret(effects, SCENARIOS)
        target_drivers(effects[0] > 100.0, parameters, NAMES)

    taken = seconds(rest, rounds=2)
    table.add("acceptability over 101 values, regret, what a target hinges on", f"{taken:.2f} s", "seconds")

    assert taken < 10.0


def test_information_of_parameters_and_mechanisms_with_their_shuffles(problem, table):
    costs, effects, parameters = problem
    groups = {f"group {place}": NAMES[2 * place:2 * place + 2 + place % 3] for place in range(19)}

    def known():
        for some in (None, groups):
            evppi(effects - costs, parameters, NAMES, groups=some)

    taken = seconds(known, rounds=1)
    table.add("EVPPI of 40 parameters and 19 mechanisms, with 99 shuffles", f"{taken:.2f} s", "30 s")

    assert taken < 30.0
