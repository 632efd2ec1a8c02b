"""The analysis `contrasts`, from the study to the page."""

from __future__ import annotations

import html
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from qicsim.analysis.study_kinds import analyse_experiment, read_study
from qicsim.ground.errors import DataError, SettingError
from qicsim.inputs.scenario import load_scenario
from qicsim.report.evidence import zero_effect_sentence
from qicsim.runs.experiment import open_experiment, run_experiment
from tests.helpers import assert_khmer
from tests.runs.conftest import STUDY
from tests.study_kinds.conftest import drawings, ids, khmer_page, names_of, report_of


@pytest.fixture(scope="module")
def found(reported):
    return reported(analysis={"kind": "contrasts", "reference": "without"}, keep={"groups": ["all", "ever"]})


def test_the_contrast_is_the_mean_of_paired_differences(found):
    table = pd.read_csv(found.folder / "contrasts.csv")
    values = found.results.values("true", time="2019Q4")[..., 0, 0]
    row = table.query("indicator == 'true' and group == 'all' and time == '2019Q4'").iloc[0]

    assert (row["scenario"], row["reference"], row["pairs"]) == ("with", "without", 8)
    assert row["mean"] == (values[1] - values[0]).mean()
    within = (values[1] - values[0]).var(axis=1, ddof=1).mean()
    assert row["error_chance"] == pytest.approx(np.sqrt(within / 8))
    assert row["saved_total"] > 1.0


def test_the_sentence_has_the_numbers_of_the_table(found):
    table = pd.read_csv(found.folder / "contrasts.csv").query("group == 'all' and time == '2019Q4'")
    for mean in table[table["indicator"].isin(["true", "recorded"])]["mean"]:
        assert f"+{mean:.2f} points" in found.findings.sentences[0]
    assert "4 draws x 2 replicates" in found.findings.sentences[-1]


def test_what_is_empty_in_the_reference_is_said(found):
    assert found.findings.notes[0].startswith("No pair of runs has a value of: ")
    assert "mean true quality, facilities that ever joined" in found.findings.notes[0]


def test_the_page_has_its_figures_and_their_data(found):
    assert [path.name for path in found.files] == ["report.html", "contrasts.csv"]
    assert len(drawings(found.page)) == 2
    assert len(ids(found.page)) == len(set(ids(found.page)))
    assert "contrasts.csv" in found.page
    assert "qicsim experiment run study.toml" in found.page
    assert "not complete" not in found.page
    assert zero_effect_sentence() in found.page


def test_the_rows_of_a_table_of_points_are_arms(place, tmp_path):
    (place / "spill.csv").write_text("pdsa.spill\n0.0\n0.3\n0.1\n")
    (place / "spill.toml").write_text(STUDY.replace('"without.toml", ', "") + '[points]\nfile = "spill.csv"\n')
    found = report_of(run_experiment(read_study(place / "spill.toml"), tmp_path, executor="serial"), tmp_path)
    table = pd.read_csv(found.folder / "contrasts.csv").query("indicator == 'true'")

    last = table[table["time"] == "2019Q4"].set_index("row")["mean"]
    assert last[1] > last[2] > 0.0
    assert found.findings.sentences[0].startswith("Against “A small country (pdsa.spill 0)”, 2019Q4: most is gained in "
                                                  "truth by “A small country (pdsa.spill 0.3)” (+")


def test_a_study_without_analysis_is_compared_with_its_first_scenario(reported):
    assert reported().findings.record.reference.scenario == "without"


def test_an_incomplete_experiment_says_so(study_of, tmp_path):
    study = study_of(analysis={"kind": "contrasts"})
    results = run_experiment(study, tmp_path, executor="serial", shard="1/2")
    found = report_of(results, tmp_path)

    assert "8 of 16 runs are done" in found.page
    assert "not complete" in found.page
    assert "= 16 runs are planned, 8 are done" in found.page


def test_an_incomplete_experiment_states_its_true_size(study_of, tmp_path):
    """Runs go replicate by replicate: of 4 draws x 2 replicates three draws have one, and chance is unknown."""
    study = study_of(analysis={"kind": "contrasts"})
    run_experiment(study.of_size(draws=3, replicates=1), tmp_path, executor="serial")
    found = report_of(open_experiment(study.of_size(draws=4, replicates=2), tmp_path), tmp_path)

    assert "From 3 draws x 1 replicate of each scenario" in found.findings.sentences[-1]
    assert "Paired by draw and luck: 3 draws x 1 replicate." in found.page
    assert "the part of chance is unknown with one replicate" in found.findings.sentences[0]
    assert "no value" not in found.findings.sentences[0]
    assert any("3 of 8 pairs of runs" in note for note in found.findings.notes)


def test_nothing_is_said_of_nothing(study_of, tmp_path):
    (tmp_path / "runs").mkdir()
    with pytest.raises(SettingError, match="no scenario can be compared"):
        analyse_experiment(open_experiment(study_of(analysis={"kind": "contrasts"}), tmp_path))


def test_every_fault_is_said_at_once(study_of):
    wrong = {"reference": "wihtout", "indicators": ["recorded"], "level": 2, "lvl": 1}
    with pytest.raises(DataError) as caught:
        study_of(draws=1, keep={"indicators": ["true"]}, analysis={"kind": "contrasts", **wrong})
    told = str(caught.value)
    for part in ("draws", "reference", 'Did you mean "without"?', "indicators", "level", '"lvl" is not known'):
        assert part in told
    assert len(caught.value.faults) == 5


def test_a_hostile_title_stays_text(reported, place):
    title = '<script>alert("x")</script> & $x_1$'
    hostile = replace(load_scenario(place / "with.toml", horizon_end="2019-12"), title=title)
    found = reported(["without.toml", hostile], title=title, analysis={"kind": "contrasts"})

    assert "<script" not in found.page
    assert html.escape(title, quote=False).replace('"', "&quot;") in found.page
    assert len(drawings(found.page)) == 2


def test_the_page_is_in_khmer(found):
    assert_khmer(khmer_page(found), names_of(found))
