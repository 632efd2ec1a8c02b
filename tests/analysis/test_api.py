"""The Python face."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import qicsim
from qicsim.ground.errors import SettingError
from tests.worlds import SCENARIO, register_text


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    place = tmp_path_factory.mktemp("api")
    (place / "register.csv").write_text(register_text())
    (place / "small.toml").write_text(SCENARIO)
    return place / "small.toml"


@pytest.fixture(scope="module")
def runs(file):
    return qicsim.run(file, draws=3, replicates=2)


@pytest.mark.parametrize("asked", [qicsim.compare, qicsim.decision, qicsim.checklist])
def test_an_empty_set_of_scenarios_is_refused(asked):
    with pytest.raises(SettingError, match="scenarios: there is none"):
        asked(*(["odd"] if asked is qicsim.checklist else []), [])


def test_three_lines_lead_to_a_table_of_trajectories(runs):
    frame = runs.frame()

    assert len(frame) == 3 * 2 * 12
    assert list(frame.columns[:5]) == ["draw", "replicate", "quarter", "facilities", "ever"]
    assert frame["quarter"].iloc[0] == "2018Q1"
    assert frame.groupby(["draw", "replicate"]).size().eq(12).all()


def test_a_summary_holds_mean_and_quantiles_in_order(runs):
    summary = runs.summary(["true", "recorded"])

    assert set(summary["indicator"]) == {"true", "recorded"}
    assert (summary["p05"] <= summary["p50"]).all()
    assert (summary["p50"] <= summary["p95"]).all()


def test_an_unknown_indicator_is_refused_with_the_nearest_name(runs):
    with pytest.raises(qicsim.QicsimError, match='Did you mean "recorded"'):
        runs.frame(["recordde"])


def test_the_horizon_can_be_cut_and_keeps_its_first_quarters(file, runs):
    shorter = qicsim.run(file, draws=3, replicates=2, until="2019-06")

    longer = runs.frame(["true"])
    assert np.array_equal(shorter.frame(["true"])["true"],
                          longer[longer["quarter"] <= "2019Q2"]["true"])


def test_a_scenario_changed_in_python_is_compared_with_the_one_it_came_from(file):
    before = qicsim.load_scenario(file)
    after = qicsim.change(before, from_="2019-01", coaches=6.0)
    comparison = qicsim.compare([after], reference=str(file), draws=2, replicates=1)

    assert list(comparison.ensemble.runners) == ["small", "small-changed"]
    assert comparison.reference == "small"


def test_importing_the_package_loads_nothing_heavy():
    heavy = "{'numba', 'mesa', 'pandas', 'matplotlib', 'scipy', 'networkx'}"
    code = f"import sys, qicsim, qicsim.cli; print(sorted({heavy} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"


def test_every_public_name_leads_somewhere():
    for name in qicsim.__all__:
        assert getattr(qicsim, name) is not None
    assert set(qicsim.__all__) < set(dir(qicsim))
    with pytest.raises(AttributeError):
        qicsim.nothing_of_the_kind  # noqa: B018
