"""`qicsim calibrate` as a user types it."""

from __future__ import annotations

import csv
import json
import re
from unittest import mock

import numpy as np
import pytest

from qicsim.estimate.calibrate.reported_history import History
from qicsim.estimate.calibrate.targets import read_targets
from qicsim.runs.draws import names
from qicsim.runs.identity import code_digest
from qicsim.runs.modules import ROLL_OUT
from qicsim.runs.shared_store import default_folder
from qicsim.runs.store import Store
from tests.helpers import SMALL_CALIBRATION, assert_khmer, remembered, typed

STUDY = SMALL_CALIBRATION + """\
[[alternative]]
name = "linear"
title = "Linear"
schedule = "linear"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("calibrate")
    (place / "study.toml").write_text(STUDY)
    return place


@pytest.fixture(autouse=True, scope="module")
def runs_made_once():
    """A run that a call without a store must make is remembered from the call that made it."""
    with mock.patch.object(History, "_made", remembered(History._made)):
        yield


@pytest.fixture(scope="module")
def done(folder):
    return typed("calibrate", "--study", "study.toml", "--out", "out", "--language", "both", "--quiet", cwd=folder)


def test_it_writes_posterior_tables_readme_and_page(done, folder):
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for name in ("posterior.npz", "posterior.json", "calibration.html", "README.md", "contraction.csv",
                 "predictive.csv", "early_prediction.csv", "zero_effect.csv", "structures.csv", "failures.csv"):
        assert (folder / "out" / name).stat().st_size > 0, name


def test_the_page_is_in_khmer_too(done, folder):
    targets = [target.key for target in read_targets()]

    assert_khmer((folder / "out" / "calibration.km.html").read_text(encoding="utf-8"),
                 [*names(), *(name.rpartition(".")[2] for name in names()), *targets, "Linear"])


def test_the_tables_hold_every_parameter_and_every_target(done, folder):
    def rows(name):
        with (folder / "out" / name).open() as file:
            return list(csv.DictReader(file))

    assert len(rows("contraction.csv")) == len(names()) + 5
    assert len(rows("predictive.csv")) == 17
    assert {row["source"] for row in rows("zero_effect.csv")} == {"prior", "posterior"}
    assert [row["name"] for row in rows("structures.csv")] == ["linear"]


def test_a_check_that_was_not_run_is_not_called_passed(done, folder):
    """Weights of so few runs fail, so the posterior is approximate."""
    told = (folder / "out" / "README.md").read_text()

    assert "Simulation-based calibration was not run" in told
    assert "Simulation-based calibration was not run" in (folder / "out" / "calibration.html").read_text()
    assert "Fresh seeds" in told.partition("passed")[0]
    assert not (folder / "out" / "sbc.csv").exists()


def test_the_file_holds_the_roll_out_alone(done, folder):
    with np.load(folder / "out" / "posterior.npz") as found:
        assert tuple(found["parameters"]) == ROLL_OUT.of(names())
        assert json.loads(str(found["provenance"]))["table2"] == "check"


def test_the_same_command_does_not_simulate_again_gives_the_same_draws_and_adds_up_the_time(done, folder, monkeypatch):
    monkeypatch.setattr(History, "_made", lambda *given: pytest.fail("a run was made again"))
    with np.load(folder / "out" / "posterior.npz") as found:
        before, spent = found["values"], json.loads(str(found["provenance"]))["minutes"]

    again = typed("calibrate", "--study", "study.toml", "--out", "out", "--language", "both", "--quiet", cwd=folder)

    with np.load(folder / "out" / "posterior.npz") as found:
        np.testing.assert_array_equal(before, found["values"])
        assert json.loads(str(found["provenance"]))["minutes"] > spent
    assert again.returncode == 0


def test_runs_are_kept_where_all_runs_are_and_nothing_of_them_beside_the_results(done, folder):
    assert not [path for path in (folder / "out").rglob("*") if path.is_dir() or path.suffix == ".npy"]

    listed = typed("runs", "list", cwd=folder)
    assert re.search(r"\b[\d,]+ runs of qicsim", listed.stdout)


def test_another_store_none_and_the_old_spelling(done, folder, monkeypatch):
    """The runs of the fit are copied to another store, so that these calls need to make none; nor do they draw."""
    monkeypatch.setattr("qicsim.report.calibration.calibration_page", lambda *given, **more: "")
    made = []
    plain = History._made
    monkeypatch.setattr(History, "_made", lambda self, sets, *rest: made.append(len(sets)) or plain(self, sets, *rest))
    copied = Store.opened(folder / "mine", code_digest())
    copied.take_from(default_folder())
    words = ("calibrate", "--study", "study.toml", "--quiet")

    other = typed(*words, "--out", "other", "--bank", "mine", cwd=folder)
    assert (other.returncode, made) == (0, [])
    assert other.stderr == "--bank is now --store; the old spelling works until version 0.3.\n"
    alone = typed(*words, "--out", "alone", "--no-store", cwd=folder)
    assert alone.returncode == 0
    assert sum(made) >= 220 + 64 + 20
    refused = typed(*words, "--out", "both", "--no-store", "--store", "mine", cwd=folder)
    assert refused.returncode == 2
    for name in ("contraction.csv", "predictive.csv", "zero_effect.csv", "structures.csv"):
        texts = {(folder / place / name).read_bytes() for place in ("out", "other", "alone")}
        assert len(texts) == 1, name


def test_a_folder_in_the_place_of_the_posterior_is_refused_before_anything_is_simulated(folder):
    (folder / "blocked" / "posterior.npz").mkdir(parents=True)

    told = typed("calibrate", "--study", "study.toml", "--out", "blocked", "--quiet", cwd=folder)

    assert told.returncode == 2
    assert "posterior.npz: is a folder" in told.stderr
    assert [file.name for file in (folder / "blocked").iterdir()] == ["posterior.npz"]


def test_a_run_takes_draws_from_the_file_and_says_so(done, folder):
    run = typed("run", "reported", "--draws", "out/posterior.npz:2", "--until", "2019-12", "--out", "run",
                "--quiet", cwd=folder)

    assert run.returncode == 0, run.stderr
    held = json.loads((folder / "run" / "provenance.json").read_text())
    assert held["draws_from"] == "posterior in out/posterior.npz"


def test_faults_of_study_targets_and_options_come_at_once(folder):
    (folder / "bad.toml").write_text("rnus = 3\n")
    (folder / "bad.csv").write_text("key\n")

    refused = typed("calibrate", "--study", "bad.toml", "--targets", "bad.csv", "--runs", "1", cwd=folder)

    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    for part in ('bad.toml: "rnus" is not known', 'Did you mean "runs"?', "bad.csv", "--runs"):
        assert part in refused.stderr, refused.stderr
