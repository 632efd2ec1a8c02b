"""One rule for output folders: the same request replaces its own files, and nothing else is replaced unasked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qicsim.cli import main
from qicsim.ground.errors import SettingError
from qicsim.ground.outputs import BEGUN, RECORD, Output, Request, difference, digest_of
from tests.worlds import SCENARIO, register_text

ROOT = Path(__file__).parents[2]
FEW = ("--draws", "prior:1", "--quiet")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "register.csv").write_text(register_text())
    (tmp_path / "small.toml").write_text(SCENARIO)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(output, **texts):
    with output.alone():
        for name, text in texts.items():
            (output.folder / f"{name}.csv").write_text(text)
        output.keep([output.folder / f"{name}.csv" for name in texts])


def request(command="compare", draws=2, **inputs):
    return Request(command, {"draws": draws}, inputs)


# --------------------------------------------------------------------------------------------------------- the rule


def test_the_same_request_replaces_its_own_files(tmp_path):
    write(Output(tmp_path / "new", ["a.csv"], request(plan="1")), a="1")
    write(Output(tmp_path / "new", ["a.csv"], request(plan="1")), a="2")

    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [RECORD, "a.csv"]
    assert json.loads((tmp_path / "new" / RECORD).read_text())["files"]["a.csv"]["sha256"] \
        == digest_of(tmp_path / "new" / "a.csv")


@pytest.mark.parametrize(("other", "expected"), [
    (request(draws=4, plan="1"), "of another request: draws: now 4, there 2. Allowed: another folder"),
    (request(plan="2"), "of another request: plan is another one now."),
    (request(plan="1", data="1"), "of another request: data is new."),
    (request("decide", plan="1"), "of another request: that of qicsim compare.")])
def test_another_request_is_refused_with_what_tells_it_apart(tmp_path, other, expected):
    write(Output(tmp_path, ["a.csv"], request(plan="1")), a="1")

    with pytest.raises(SettingError) as refused:
        Output(tmp_path, ["a.csv"], other)
    assert expected in str(refused.value) and "--replace" in str(refused.value)
    write(Output(tmp_path, ["a.csv"], other, replace=True), a="2")
    assert (tmp_path / "a.csv").read_text() == "2"


@pytest.mark.parametrize(("now", "there", "expected"), [
    ({"--draws": "prior:4"}, {"--draws": 2}, "--draws: now prior:4, there 2"),
    ({"--recorded": True}, {}, "--recorded: now given, there not given"),
    ({"--set": [["pdsa.spill", 0.0], ["structure.contagion", "simple"]]}, {},
     "--set: now (pdsa.spill=0, structure.contagion=simple), there not given"),
    ({"--lever": [["coaches", [1, 2]], ["pbf", [False, True]]]}, {"--lever": [["coaches", [1, 4]]]},
     "--lever: now (coaches=(1, 2), pbf=(false, true)), there coaches=(1, 4)"),
    ({"--ceiling": {"2028": 8e6}}, {"--ceiling": 1e6}, "--ceiling: now 2028=8000000, there 1000000"),
    ({"--seed": 0, "--until": "2030-12", "a": 1, "b": 2}, {"--seed": 1, "--until": "2028-12"},
     "--seed: now 0, there 1; --until: now 2030-12, there 2028-12; a: now 1, there not given; and more")])
def test_what_differs_is_said_in_words_and_not_as_a_program_writes_it(now, there, expected):
    said = difference(*(Request("compare", options).facts for options in (there, now)))

    assert said == expected


def test_a_number_of_draws_is_the_same_typed_or_usual(folder, capsys):
    small = ["compare", "small.toml", "--reference", "small.toml", "--replicates", "1", "--quiet", "--out", "out"]
    assert main([*small, "--draws", "2"]) == 0
    for words in ([], ["--draws", "64"]):
        assert main([*small, *words]) == 2
        assert "request: --draws: now 64, there 2. Allowed:" in capsys.readouterr().err


def test_other_names_do_not_collide(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    write(Output(tmp_path, ["a.csv"], request()), a="1")
    write(Output(tmp_path, ["b.csv"], request("plan")), b="1")

    assert {path.name for path in tmp_path.iterdir()} == {"a.csv", "b.csv", "mine.txt", RECORD}
    Output(tmp_path, ["a.csv"], request())


def test_what_somebody_changed_or_put_there_is_kept(tmp_path):
    write(Output(tmp_path, ["a.csv", "b.csv"], request()), a="1")
    (tmp_path / "a.csv").write_text("edited")
    (tmp_path / "b.csv").write_text("mine")

    with pytest.raises(SettingError) as refused:
        Output(tmp_path, ["a.csv", "b.csv"], request())
    assert [fault.found for fault in refused.value.faults] == [
        "a.csv is changed since qicsim wrote it", "b.csv is there, and not known to be qicsim's own"]
    write(Output(tmp_path, ["a.csv", "b.csv"], request(), replace=True), a="2")
    assert (tmp_path / "b.csv").read_text() == "mine", "it was allowed to be replaced, and was not"


def test_files_that_are_no_longer_written_go_unless_they_were_changed(tmp_path):
    names = ["a.csv", "b.csv", "c.csv"]
    write(Output(tmp_path, names, request()), a="1", b="1", c="1")
    output = Output(tmp_path, names, request())
    (tmp_path / "c.csv").write_text("edited meanwhile")
    write(output, a="2")

    assert {path.name for path in tmp_path.iterdir()} == {"a.csv", "c.csv", RECORD}


def test_a_killed_request_can_be_repeated_and_no_other(tmp_path):
    code = ("import os, sys; from pathlib import Path; from qicsim.ground.outputs import Output, Request\n"
            "output = Output(Path(sys.argv[1]), ['a.csv'], Request('compare', {'draws': 2}, {}))\n"
            "with output.alone():\n    Path(sys.argv[1], 'a.csv').write_text('half')\n    os._exit(9)\n")
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, env=os.environ | {"PYTHONPATH": str(ROOT)})
    with pytest.raises(SettingError, match=r"a\.csv is there, and not known"):
        Output(tmp_path, ["a.csv"], request(draws=3))

    write(Output(tmp_path, ["a.csv"], request()), a="whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == [RECORD, "a.csv"]


def test_a_record_that_cannot_be_read_knows_no_files(tmp_path):
    write(Output(tmp_path, ["a.csv"], request()), a="1")
    for content in ("{", "[]", '{"files": {"a.csv": 3}, "requests": {}}', "[" * 5000):
        (tmp_path / RECORD).write_text(content)
        with pytest.raises(SettingError, match="not known to be qicsim's own"):
            Output(tmp_path, ["a.csv"], request())


# ---------------------------------------------------------------------------------------------------------- commands


def test_run_again_is_fine_and_another_request_is_refused_before_a_run(folder, capsys, monkeypatch):
    words = ["run", "small.toml", *FEW, "--out", "out"]
    assert main(words) == main(["run", "--quiet", "--out", str(folder / "out"), "./small.toml", "--draws", "prior:1",
                                "--workers", "1"]) == 0
    monkeypatch.setattr("qicsim.api.run", None)
    capsys.readouterr()

    assert main([*words, "--seed", "2"]) == 2
    assert "draws.csv and 3 more are there, of another request: --seed: now 2, there 1. Allowed:" in \
        capsys.readouterr().err
    (folder / "small.toml").write_text(SCENARIO.replace("[levers]", "[levers]\ncoaches = 7"))
    assert main(words) == 2
    assert "another request: small.toml is another one now." in capsys.readouterr().err


def test_an_edited_table_is_kept_until_replace_is_said(folder, capsys):
    words = ["history", "OD-BA1-H1", "--scenario", "small.toml", "--out", "out"]
    assert main(words) == 0
    (folder / "out" / "history.csv").write_text("mine")

    assert main(words) == 2
    assert "history.csv is changed since qicsim wrote it" in capsys.readouterr().err
    assert (folder / "out" / "history.csv").read_text() == "mine"
    assert main([*words, "--replace"]) == 0
    assert (folder / "out" / "history.csv").read_text() != "mine"


def test_a_file_of_another_name_in_the_same_folder_is_left_alone(folder):
    assert main(["checklist", "odd", "small.toml", "--reference", "small.toml", "--out", "a.html"]) == 0
    assert main(["checklist", "stress", "small.toml", "--reference", "small.toml", "--out", "b.html"]) == 0
    assert main(["checklist", "odd", "small.toml", "--reference", "small.toml", "--out", "b.html"]) == 2
    assert main(["register", "build", "six.csv", "--only", "Pursat"]) == 0
    assert main(["register", "build", "six.csv", "--only", "Pailin"]) == 2
    assert main(["register", "build", "six.csv", "--only", "Pailin", "--replace"]) == 0


def test_the_record_holds_no_path_of_the_machine(folder):
    assert main(["run", str(folder / "small.toml"), *FEW, "--out", str(folder / "out")]) == 0

    assert str(folder) not in (folder / "out" / RECORD).read_text(encoding="utf-8")


def test_an_interrupted_comparison_can_be_repeated(folder):
    words = [sys.executable, "-m", "qicsim", "compare", "small.toml", "--reference", "small.toml", "--draws",
             "prior:600", "--replicates", "8", "--quiet", "--out", "out"]
    process = subprocess.Popen(words, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)})
    while not (folder / "out" / BEGUN).exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()

    assert main(["compare", "small.toml", "--reference", "small.toml", *FEW, "--out", "out"]) == 0
    assert not (folder / "out" / BEGUN).exists()


def test_every_command_that_writes_takes_replace(capsys):
    for name in ("compare", "decide", "plan", "export", "run", "checklist", "register build", "register network",
                 "import", "calibrate", "sensitivity", "history",
                 *(f"experiment {act}" for act in ("run", "resume", "extend", "merge", "report"))):
        assert main(["help", *name.split()]) == 0
        assert "--replace" in capsys.readouterr().out, name
