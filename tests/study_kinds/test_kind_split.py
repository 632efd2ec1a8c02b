"""The analysis `split`, from the study to the page; and structural alternatives of scenarios."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from qicsim.analysis.study_kinds import analyse_experiment
from qicsim.analysis.variance import split
from qicsim.ground.errors import DataError, SettingError
from qicsim.inputs.scenario import change, load_scenario
from qicsim.inputs.scenario.structure import restructured
from qicsim.runs.experiment import extend_experiment, open_experiment, run_experiment
from tests.helpers import assert_khmer
from tests.study_kinds.conftest import drawings, khmer_page, names_of, report_of

THRESHOLD = {"name": "threshold peers", "contagion": "threshold"}
SAME = {"name": "the same again", "contagion": "simple"}


@pytest.fixture(scope="module")
def found(reported):
    return reported(analysis={"kind": "split", "structure": [THRESHOLD]}, keep={"indicators": ["true", "recorded"]})


def test_the_split_is_that_of_structures_and_scenarios(found):
    table = pd.read_csv(found.folder / "split.csv").query("indicator == 'true' and time == '2019Q4'")
    values = found.results.values("true", time="2019Q4")[..., 0, 0]  # 2 structures x 2 scenarios, draws, replicates

    assert table["raw"].to_numpy() == pytest.approx(split(values.reshape(2, 2, 4, 2)).raw)
    assert table.set_index("source")["variance"]["structure"] > 0.0
    assert table["sd"].iloc[0] == pytest.approx(np.sqrt(table["raw"].sum()))


def test_shares_add_up_at_every_time(found):
    shares = pd.read_csv(found.folder / "families.csv").groupby(["indicator", "time"])["share"].sum()

    assert shares.to_numpy() == pytest.approx(np.ones(len(shares)))
    assert len(drawings(found.page)) == 4


def test_a_structure_that_changes_nothing_brings_nothing(reported):
    found = reported(analysis={"kind": "split", "structure": [SAME]}, keep={"indicators": ["true"]})
    table = pd.read_csv(found.folder / "split.csv").query("time == '2019Q4'").set_index("source")

    assert table.loc[[name for name in table.index if "structure" in name], "variance"].to_numpy() == pytest.approx(0.0)
    assert table.loc["parameters", "share"] > 0.0
    assert "structure 0.0\u00a0%" in found.findings.sentences[0]


def test_what_is_whole_is_split_and_the_rest_is_said(study_of, tmp_path):
    study = study_of(replicates=3, keep={"indicators": ["true"]}, analysis={"kind": "split"})
    run_experiment(study.of_size(replicates=2), tmp_path, executor="serial", shard="1/2")
    with pytest.raises(SettingError, match="3 draws with 2 replicates"):
        analyse_experiment(open_experiment(study, tmp_path))

    run_experiment(study.of_size(replicates=2), tmp_path, executor="serial")
    found = report_of(open_experiment(study, tmp_path), tmp_path)
    assert "4 of 4 draws with 2 of 3 replicates" in found.findings.notes[0]
    assert "16 of 24 runs are done" in found.page


def test_every_fault_of_structures_is_said_at_once(study_of):
    wrong = [{"name": "a", "contagion": "none"}, {"name": "a", "schedule": "liner"}, {"name": "b"},
             {"name": "c", "provinces": ["Paris"]}, {"name": "d", "schedule": "linear", "odd": 1}]
    with pytest.raises(DataError) as caught:
        study_of(draws=2, replicates=1, analysis={"kind": "split", "structure": wrong})
    told = str(caught.value)
    for part in ("draws", "replicates", "contagion", 'Did you mean "linear"?', '"a" is there more than once',
                 "changes nothing", '"Paris"', '"odd" is not known'):
        assert part in told


def test_a_plan_that_pays_otherwise_keeps_that_under_another_schedule():
    plan = change(load_scenario("reported"), from_="2027-01", schedule="threshold")
    held, other = plan.levers.schedule, restructured(plan, schedule="linear").levers.schedule

    assert set(other[held == held[0]]) == {1}
    assert (other[held != held[0]] == held[held != held[0]]).all()
    assert restructured(plan) == plan


def test_a_split_is_extended_under_every_structure(study_of, tmp_path):
    study = study_of(draws=3, keep={"indicators": ["true"]}, analysis={"kind": "split", "structure": [THRESHOLD]})
    run_experiment(study, tmp_path, executor="serial")
    larger = extend_experiment(study, tmp_path, draws=4)
    results = run_experiment(larger, tmp_path, executor="serial")

    assert results.design.shape == (4, 4, 2)
    assert analyse_experiment(results).record.draws == 4


def test_the_page_is_in_khmer(found):
    assert_khmer(khmer_page(found), (*names_of(found), "threshold peers"))
