"""`qicsim experiment` as a user types it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from qicsim.ground.outputs import RECORD
from tests.helpers import typed
from tests.runs.conftest import STUDY, TABLES, table_bytes

ROOT = Path(__file__).parents[2]
WRITES_OFTEN = """
import runpy, signal
from qicsim.runs import buffer
signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite that runs in the background ignores it
buffer.SECONDS_BETWEEN_WRITES = 0.02
runpy.run_module("qicsim", run_name="__main__")
"""


def experiment(*words, cwd):
    return typed("experiment", *words, cwd=cwd)


def test_run_writes_the_tables_and_says_where(done, place, tmp_path):
    told = experiment("run", place / "study.toml", "--out", tmp_path / "out", cwd=tmp_path)

    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("16 of 16 runs are done.\nTables: ")
    assert re.search(r"Runs: 16 of 16 \(100 %\)", told.stderr)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {*TABLES, "provenance.json", "runs", RECORD}
    assert table_bytes(tmp_path / "out") == done.bytes
    summary = pd.read_csv(tmp_path / "out" / "summary.csv")
    assert summary[["scenario", "indicator", "time"]].drop_duplicates().shape[0] == 2 * 5 * 8
    assert set(summary["runs"]) <= {0, 8}


def test_the_folder_is_named_after_the_study(place, tmp_path):
    (tmp_path / "mine.toml").write_text(STUDY.replace("without.toml", f"{place}/without.toml").replace(
        '"with.toml', f'"{place}/with.toml').replace("draws = 4", "draws = 1"))
    told = experiment("run", "mine.toml", "--quiet", cwd=tmp_path)

    assert told.returncode == 0, told.stderr
    assert told.stderr == ""
    assert (tmp_path / "qicsim-experiments" / "mine" / "summary.csv").exists()


def test_shards_status_merge_and_extend(done, place, tmp_path):
    study = place / "study.toml"
    first = experiment("run", study, "--out", "one", "--shard", "1/2", cwd=tmp_path)
    assert first.stdout.startswith("Shard 1/2 is done. 8 of 16 runs are done; 8 are missing.")
    assert not (tmp_path / "one" / "summary.csv").exists()

    experiment("run", study, "--out", "two", "--shard", "2/2", "--executor", "processes", cwd=tmp_path)
    status = experiment("status", study, "--out", "two", cwd=tmp_path)
    assert status.stdout.splitlines()[1:] == ["2 scenarios x 4 points x 2 replicates = 16 runs",
                                              "8 of 16 runs are done; 8 are missing."]

    merged = experiment("merge", study, "two", "--out", "one", cwd=tmp_path)
    assert merged.stdout.startswith("16 of 16 runs are done.")
    assert table_bytes(tmp_path / "one") == done.bytes

    extended = experiment("extend", study, "--out", "one", "--replicates", "3", cwd=tmp_path)
    assert extended.stdout.startswith("24 of 24 runs are done.")
    assert "Runs: 24 of 24" in extended.stderr


def test_an_interrupt_says_how_to_go_on_and_resume_does(place, tmp_path):
    longer = STUDY.replace("draws = 4", "draws = 100").replace("replicates = 2", "replicates = 4")
    (place / "longer.toml").write_text(longer)
    words = [sys.executable, "-c", WRITES_OFTEN, "experiment", "run", str(place / "longer.toml"), "--out",
             str(tmp_path)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env=os.environ | {"PYTHONPATH": str(ROOT)})
    while not list(tmp_path.glob("runs/*.zip")):
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "Interrupted. What was finished is kept: the same command goes on from there." in said
    assert "Traceback" not in said
    before = experiment("status", place / "longer.toml", "--out", tmp_path, cwd=tmp_path).stdout
    assert int(re.search(r"([\d,]+) of 800", before)[1].replace(",", "")) > 0
    resumed = experiment("resume", place / "longer.toml", "--out", tmp_path, cwd=tmp_path)
    assert resumed.stdout.startswith("800 of 800 runs are done.")


@pytest.mark.parametrize(("words", "expected"), [
    (("run", "nowhere.toml"), "nowhere.toml: cannot be read"),
    (("resume", "study.toml", "--out", "nothing-here"), 'there is no experiment in "nothing-here"'),
    (("status", "study.toml", "--out", "nothing-here"), "`qicsim experiment run` begins one"),
    (("merge", "study.toml", "nothing-here"), 'there is no experiment in "nothing-here"'),
    (("extend", "study.toml", "--out", "nothing-here"), "nothing to extend by"),
    (("run", "study.toml", "--executor", "thread"), 'Did you mean "threads"?'),
    (("run", "study.toml", "--shard", "3/2"), '"3/2" is not a shard'),
])
def test_what_cannot_be_used_ends_with_code_2(place, words, expected):
    before = sorted(place.iterdir())
    told = experiment(*words, cwd=place)

    assert told.returncode == 2
    assert expected in told.stderr
    assert "Traceback" not in told.stderr
    assert sorted(place.iterdir()) == before, "nothing was written"


def test_report_analyses_what_is_there_and_run_ends_with_it(place, tmp_path):
    study = place / "contrasts.toml"
    study.write_text(STUDY + '\n[analysis]\nkind = "contrasts"\n')
    nothing = experiment("report", study, "--out", "out", cwd=tmp_path)
    assert (nothing.returncode, "there is no experiment" in nothing.stderr) == (2, True)

    run = experiment("run", study, "--out", "out", "--quiet", cwd=tmp_path)
    assert "Page: out/report.html\nTables: contrasts.csv in out\n" in run.stdout
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    again = experiment("report", study, "--out", "out", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert again.stdout.startswith("16 of 16 runs are done.\n")
    assert "qicsim experiment report" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8") != page


def test_a_refusal_names_what_differs_alone_and_status_says_it_too(done, place, tmp_path):
    for name in ("register.csv", "with.toml", "without.toml"):
        (tmp_path / name).write_text((place / name).read_text())
    study = STUDY.replace("draws = 4", "draws = 1").replace("replicates = 2", "replicates = 1")
    (tmp_path / "mine.toml").write_text(study)
    assert experiment("run", "mine.toml", "--out", "out", "--quiet", cwd=tmp_path).returncode == 0
    assert "refuse" not in experiment("status", "mine.toml", "--out", "out", cwd=tmp_path).stdout

    scenario = (tmp_path / "with.toml").read_text()
    for edited, before, after, difference in (
            (study, "2019-12", "2018-12", "until: now 2018-12, there 2019-12."),
            (study, "until", "seed = 3\nuntil", "seed: now 3, there not given."),
            (study, ', "with.toml"', "", "scenarios: now without.toml, there (without.toml, with.toml)."),
            (scenario, "[levers]", "[levers]\ncoaches = 7", "with.toml is another one now.")):
        (tmp_path / "mine.toml").write_text(study)
        (tmp_path / ("mine.toml" if edited is study else "with.toml")).write_text(edited.replace(before, after))
        run, status = (experiment(act, "mine.toml", "--out", "out", cwd=tmp_path) for act in ("run", "status"))
        assert run.returncode == 2
        assert f"of another request: {difference} Allowed:" in run.stderr
        assert "Draws, replicates, title, [keep] and [analysis] of a study may change in its folder" in run.stderr
        assert status.stdout.endswith(f"`qicsim experiment run` will refuse this study in this folder:\n{run.stderr}")
        assert status.returncode == 0


def test_a_larger_study_and_other_tables_of_it_are_not_refused(place, tmp_path):
    study = STUDY.replace("draws = 4", "draws = 1").replace("replicates = 2", "replicates = 1")
    for name in ("register.csv", "with.toml", "without.toml"):
        (tmp_path / name).write_text((place / name).read_text())
    (tmp_path / "mine.toml").write_text(study)
    assert experiment("run", "mine.toml", "--out", "out", "--quiet", cwd=tmp_path).returncode == 0

    larger = study.replace("draws = 1", "draws = 2").replace("A small study", "Another title")
    (tmp_path / "mine.toml").write_text(larger)
    status, run = (experiment(act, "mine.toml", "--out", "out", cwd=tmp_path) for act in ("status", "run"))
    assert status.stdout.splitlines()[2:] == ["2 of 4 runs are done; 2 are missing."]
    assert run.stdout.startswith("4 of 4 runs are done.")
