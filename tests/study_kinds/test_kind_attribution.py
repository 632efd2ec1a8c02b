"""Attribution asked for in a study: ledger and Shapley values, from the file through the store to the page."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from qicsim.analysis.study_kinds import analyse_experiment
from qicsim.ground.errors import DataError, SettingError
from qicsim.model.ledger import LEDGER
from qicsim.runs.design import design_of
from qicsim.runs.draws import prior_draws
from qicsim.runs.experiment import extend_experiment, open_experiment, run_experiment
from tests.helpers import assert_khmer
from tests.runs.records import put
from tests.study_kinds.conftest import drawings, ids, khmer_page, names_of, report_of, values_of

SWITCHED = ["improvement", "peers", "leniency"]
ASKED = {"kind": "attribution", "mechanisms": SWITCHED}
KEPT = {"indicators": ["true"], "groups": ["all", "health_centre", "ever"], "every": "year"}


@pytest.fixture(scope="module")
def found(reported):
    return reported(analysis=ASKED, keep=KEPT)


def test_every_draw_runs_with_every_set_under_its_own_luck(study_of):
    points = study_of(analysis=ASKED, keep=KEPT).points()
    draws = values_of(prior_draws(4, 1))

    assert len(points) == 4 * 8
    assert np.array_equal(points.draw, np.repeat(np.arange(4), 8))
    assert np.array_equal(points.row, np.tile(np.arange(8), 4))
    assert np.array_equal(values_of(points)[7::8], draws), "the last set of a draw has everything on"
    assert np.array_equal(values_of(study_of(draws=6, analysis=ASKED, keep=KEPT).points())[:32], values_of(points))


def test_what_an_additive_game_is_worth_comes_through_the_store(study_of, tmp_path):
    study = study_of(("with.toml",), analysis=ASKED, keep=KEPT)
    design = design_of(study)
    runs = np.arange(design.runs)
    _, point, _ = design.places(runs)
    on = (design.points.row[point][:, None] >> np.arange(3)) & 1
    worth = on @ [3.0, -1.0, 0.5] + 2.0 * on[:, 0] * on[:, 2] + design.points.draw[point]
    put(tmp_path, design, runs, worth)
    table = pd.DataFrame(analyse_experiment(open_experiment(study, tmp_path)).tables["shapley"])
    means = table.query("score == 'true' and time == '2019'").set_index("mechanism")["mean"]

    assert means[[*SWITCHED, "everything"]].to_numpy() == pytest.approx([4.0, -1.0, 1.5, 4.5])


def test_shapley_values_add_up_and_leniency_is_worth_on_the_record_only_in_the_end(found):
    table = pd.read_csv(found.folder / "shapley.csv").query("subject == 'with minus without' and time == 2019")
    true, recorded = (table[table["score"] == score].set_index("mechanism")["mean"] for score in ("true", "recorded"))

    assert true[SWITCHED].sum() == pytest.approx(true["everything"])
    assert recorded[SWITCHED].sum() == pytest.approx(recorded["everything"])
    assert true["improvement"] > 0.3
    assert recorded["leniency"] > 10.0 * abs(true["leniency"])


def test_the_ledger_of_the_difference_adds_up_to_the_difference_of_true_quality(found):
    table = pd.read_csv(found.folder / "ledger.csv").query("subject == 'with minus without' and time == 2019")
    true = found.results.values("true", time="2019")[:, 7::8, :, 0, 0]

    assert set(table["line"]) == set(LEDGER)
    nation = table[table["group"] == "all"]
    assert nation["mean"].sum() == pytest.approx((true[1] - true[0]).mean(), abs=1e-6)
    assert set(table["group"]) == {"all", "health_centre", "ever"}
    assert (nation["pairs"] == 8).all()
    told = f"{(true[1] - true[0]).mean():+.2f} points"
    assert told in found.findings.sentences[0]
    assert told in found.page


def test_the_page_shows_both_scores_the_ledger_over_time_and_by_group(found):
    assert [path.name for path in found.files] == ["report.html", "ledger.csv", "shapley.csv"]
    assert len(drawings(found.page)) == 1 + 3 + 2 + 1
    assert {"figure-worth", "figure-ledger", "figure-ledger-groups", "figure-groups"} <= set(ids(found.page))
    assert "4 draws x 2 replicates, interval of 90 % between draws" in found.page
    assert "take their ledger with them" in found.page


def test_a_single_scenario_is_explained_by_itself(reported):
    one = reported(("with.toml",), draws=2, analysis=ASKED, keep=KEPT)

    assert [subject.name for subject in one.findings.record.shown] == ["with"]


def test_more_draws_use_every_run_made_and_equal_a_fresh_larger_study(study_of, tmp_path):
    study = study_of(draws=2, analysis=ASKED, keep=KEPT)
    run_experiment(study, tmp_path / "one", executor="serial")
    counted = []
    extend_experiment(study, tmp_path / "one", draws=3)
    after = run_experiment(study, tmp_path / "one", executor="serial", progress=lambda done, _: counted.append(done))
    fresh = run_experiment(study_of(draws=3, analysis=ASKED, keep=KEPT), tmp_path / "two", executor="serial")

    assert counted[0] >= 64
    assert len(after.store) == 96
    assert analyse_experiment(after).tables == analyse_experiment(fresh).tables


def test_draws_that_lack_a_run_are_left_out(study_of, tmp_path):
    study = study_of(analysis=ASKED, keep=KEPT)
    results = run_experiment(study, tmp_path, executor="serial", shard="1/5")
    with pytest.raises(SettingError, match="0 draws are complete"):
        analyse_experiment(results)
    run_experiment(study, tmp_path, executor="serial", shard="2/5")
    run_experiment(study.of_size(draws=3, replicates=1), tmp_path, executor="serial")
    found = report_of(open_experiment(study, tmp_path), tmp_path)

    assert found.findings.notes[0].startswith("3 of 8 pairs of draw and replicate are complete")
    assert "3 draws x 1 replicate, interval of 90 % between draws" in found.findings.sentences[0]
    assert "not complete" in found.page


def test_every_fault_is_said(study_of, place):
    wrong = {"mechanisms": ["improvment", "peers", "peers"], "mechanism": 1}
    with pytest.raises(DataError) as caught:
        study_of(draws=1, analysis={"kind": "attribution", **wrong}, keep={"groups": ["ever"]})
    told = str(caught.value)

    for part in ('"mechanism" is not known', 'Did you mean "improvement"?', '"peers" is there more than once', "1 draw",
                 'groups: "all" is missing'):
        assert part in told, part
    text = (place / "with.toml").read_text() + '\n[parameters]\n"peers.lambda_net" = 0.0\n'
    (place / "no-peers.toml").write_text(text)
    with pytest.raises(DataError, match='"peers" cannot be switched in "no-peers", which fixes peers.lambda_net'):
        study_of(("no-peers.toml",), analysis=ASKED, keep=KEPT)


def test_the_page_is_in_khmer(found):
    assert_khmer(khmer_page(found), names_of(found))
