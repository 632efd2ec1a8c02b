"""Runs are made once: commands share them, interruptions lose none, damage is made good, one module does each part."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

import qicsim
from qicsim.cli import main
from qicsim.cli.options import OPTIONS
from qicsim.ground.compiled import syntax_digest
from qicsim.ground.errors import SettingError
from qicsim.plan.make import make_plan
from qicsim.runs import schedule
from qicsim.runs.shared_store import contents, open_store
from tests.helpers import typed
from tests.plan.conftest import LONGER
from tests.worlds import register_text

ROOT = Path(__file__).resolve().parents[2]
FEW = ("--draws", "prior:3", "--replicates", "2")
COMMANDS = {
    "compare": ("compare", "plan.toml", "--reference", "nothing.toml", "--assumptions", "none", *FEW, "--out", "out"),
    "decide": ("decide", "plan.toml", "--reference", "nothing.toml", "--assumptions", "none", *FEW, "--out", "out"),
    "plan": ("plan", "plan.toml", "--reference", "nothing.toml", "--alone", *FEW, "--out", "out/plan.xlsx"),
    "export": ("export", "plan.toml", *FEW, "--today", "2026-01-01", "--out", "out")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a plan and a reference over twelve years."""
    place = tmp_path_factory.mktemp("shared")
    (place / "register.csv").write_text(register_text())
    (place / "plan.toml").write_text(LONGER)
    (place / "nothing.toml").write_text(LONGER.replace("recruiting = true", "recruiting = false"))
    return place


@pytest.fixture
def made(monkeypatch):
    """How many runs each task of a call makes."""
    counts = []
    perform = schedule.perform
    monkeypatch.setattr(schedule, "perform", lambda task: counts.append(len(task.scenario)) or perform(task))
    return counts


# ---------------------------------------------------------------------------------------------------- shared by all


def test_after_compare_plan_and_decide_make_no_run_and_export_only_scores(folder, tmp_path, made, monkeypatch):
    monkeypatch.chdir(folder)
    shared = ("--store", str(tmp_path / "runs"), "--quiet")
    assert main([*COMMANDS["compare"][:-1], str(tmp_path / "compare"), *shared]) == 0
    assert sum(made) == 12
    made.clear()

    assert main([*COMMANDS["plan"][:-1], str(tmp_path / "plan.xlsx"), *shared]) == 0
    assert main([*COMMANDS["decide"][:-1], str(tmp_path / "decide"), *shared]) == 0
    assert main([*COMMANDS["compare"][:-1], str(tmp_path / "again"), *shared]) == 0
    assert made == []
    assert main([*COMMANDS["export"][:-1], str(tmp_path / "export"), *shared]) == 0
    assert sum(made) == 6


def test_compare_plan_and_decide_ask_for_the_same_runs_unless_they_are_told_otherwise():
    taken = {}
    for name in ("compare", "plan", "decide"):
        options = qicsim.cli._command(name).get_default("taken")
        taken[name] = options["draws"].default, options["replicates"].default, options["seed"].default

    assert len(set(taken.values())) == 1
    assert OPTIONS["store"].shapes is False, "where runs are kept changes no result"


def test_without_a_store_nothing_is_kept(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("QICSIM_STORE", str(tmp_path / "runs"))
    assert main([*COMMANDS["compare"][:-1], str(tmp_path / "out"), "--no-store", "--quiet"]) == 0

    assert not (tmp_path / "runs").exists()


def test_a_store_that_cannot_be_made_is_refused_before_a_run(folder, tmp_path, made, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    (tmp_path / "file").touch()

    assert main([*COMMANDS["compare"][:-1], str(tmp_path / "out"), "--store", str(tmp_path / "file" / "x")]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert made == []


@pytest.fixture
def nobody():
    """A folder that a user without rights can reach, and a way to act as one: root may write everywhere."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)

        @contextlib.contextmanager
        def acting():
            if os.geteuid():
                yield
                return
            os.seteuid(65534)
            try:
                yield
            finally:
                os.seteuid(0)

        with acting():
            readable = all(os.access(path, os.R_OK | os.X_OK, effective_ids=True)
                           for path in (Path(np.__file__).parent, Path(qicsim.__file__).parent))
        if not readable:
            pytest.skip("a user without rights cannot read the environment that the tests run in")
        yield Path(place), acting


@pytest.mark.skipif(os.name == "nt", reason="modes of folders are those of POSIX")
@pytest.mark.parametrize("place", [True, False], ids=["--store", "QICSIM_STORE"])
def test_a_store_that_can_only_be_read_is_read_and_that_is_said(folder, nobody, monkeypatch, caplog, place):
    """The runs that it has are not made again; the others are, and are gone when the command ends."""
    (place_of_all, acting), draws = nobody, qicsim.prior_draws(2)
    files, store = prepared(place_of_all / "files", folder), place_of_all / "runs"
    plan, nothing = (qicsim.load_scenario(files / name) for name in ("plan.toml", "nothing.toml"))
    first = qicsim.compare([plan], reference=nothing, draws=draws, replicates=1, store=store)
    before = {path.name: path.stat().st_mtime_ns for path in store.glob("runs-*")}
    files.chmod(0o755)
    monkeypatch.setenv("QICSIM_STORE", str(store))
    store.chmod(0o555)
    counts, perform = [], schedule.perform
    monkeypatch.setattr(schedule, "perform", lambda task: counts.append(len(task.scenario)) or perform(task))
    try:
        with acting():
            again = qicsim.compare([plan], reference=nothing, draws=draws, replicates=1, store=store if place else None)
            assert counts == []
            qicsim.compare([plan], reference=nothing, draws=draws, replicates=2, store=store if place else None)
            assert contents(store).files == len(before)
    finally:
        store.chmod(0o755)

    assert sum(counts) == 4
    said = [record.getMessage() for record in caplog.records]
    warning = f"{store} cannot be written (Permission denied): its runs are used, and new runs are kept in memory only."
    assert said == [warning] * 2
    assert {path.name: path.stat().st_mtime_ns for path in store.glob("runs-*")} == before
    for name in ("plan", "nothing"):
        np.testing.assert_array_equal(first.ensemble.kept[name].nation, again.ensemble.kept[name].nation)


@pytest.mark.skipif(os.name == "nt", reason="modes of folders are those of POSIX")
def test_a_store_that_can_neither_be_written_nor_read_is_refused_or_said(nobody, caplog):
    store, acting = nobody
    store.chmod(0o700)
    with acting():
        with pytest.raises(SettingError, match="cannot be written"):
            open_store(store)
        assert caplog.records == []


@pytest.mark.parametrize("below", ["", "/x/y"])
def test_a_file_in_the_place_of_the_shared_store_is_refused_by_every_command(folder, tmp_path, monkeypatch, capsys,
                                                                            below):
    monkeypatch.chdir(folder)
    (tmp_path / "file").touch()
    monkeypatch.setenv("QICSIM_STORE", f"{tmp_path}/file{below}")

    for words in (("runs", "list"), ("runs", "clear"), (*COMMANDS["compare"][:-1], str(tmp_path / "out"))):
        assert main([*words]) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert f'QICSIM_STORE: "{tmp_path}/file" is no folder. Allowed: a folder, or a name for a new one' in told.err


def test_a_shared_store_that_is_not_there_yet_is_empty(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("QICSIM_STORE", str(tmp_path / "new" / "runs"))

    assert main(["runs", "list"]) == 0
    assert "No runs." in capsys.readouterr().out


def test_runs_lists_what_is_there_and_clears_it(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    store = ("--store", str(tmp_path / "runs"))
    main([*COMMANDS["compare"][:-1], str(tmp_path / "out"), *store, "--quiet"])
    capsys.readouterr()

    assert main(["runs", "list", *store]) == 0
    assert re.search(r"\b12 runs of qicsim", capsys.readouterr().out)
    assert main(["runs", "clear", *store]) == 0
    assert main(["runs", "list", *store]) == 0
    assert "No runs." in capsys.readouterr().out
    assert oct((tmp_path / "runs").stat().st_mode & 0o777) == "0o700", "runs of own data lie there"


# ------------------------------------------------------------------------------------- interruptions and damage


def bytes_of(folder):
    """What a command left, but for pages and facts that quote the moment or the place."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())
            if path.suffix in {".csv", ".npz", ".xlsx", ".json", ".html"} and path.name != ".qicsim-written.json"}


def run(words, place, store, **choices):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "QICSIM_STORE": str(store)}
    return subprocess.Popen([sys.executable, "-m", "qicsim", *words], cwd=place, env=environment,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **choices)


def prepared(place, folder):
    place.mkdir()
    for name in ("register.csv", "plan.toml", "nothing.toml"):
        (place / name).write_bytes((folder / name).read_bytes())
    (place / "out").mkdir()
    return place


def killed_and_resumed(name, folder, tmp_path, monkeypatch, waits):
    """The bytes of a command that was killed after each of these waits and then went on, and of one left alone.

    A wait takes the store, in which the command keeps its runs.
    """
    alone, place = prepared(tmp_path / "alone", folder), prepared(tmp_path / "killed", folder)
    for wait in waits:
        process = run(COMMANDS[name], place, tmp_path / "killed-runs")
        wait(tmp_path / "killed-runs")
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stderr.close()
    for where in (alone, place):
        monkeypatch.setenv("QICSIM_STORE", str(tmp_path / f"{where.name}-runs"))
        ended = typed(*COMMANDS[name], cwd=where)
        assert ended.returncode == 0, ended.stderr
    return bytes_of(place / "out"), bytes_of(alone / "out")


def until_runs_are_kept(store):
    deadline = time.monotonic() + 120.0
    while not list(store.glob("runs-*")):
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.slow
def test_a_plan_that_was_killed_goes_on_and_ends_with_the_same_bytes(folder, tmp_path, monkeypatch, made):
    resumed, alone = killed_and_resumed("plan", folder, tmp_path, monkeypatch, [until_runs_are_kept])

    assert sum(made) == 12, "the plan that was killed had made its runs"
    assert resumed == alone


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_killed_at_ten_random_moments_a_command_ends_with_the_same_bytes(folder, tmp_path, monkeypatch, name):
    dice = random.Random(name)
    waits = [lambda _: time.sleep(dice.uniform(0.3, 3.0))] * 10
    resumed, alone = killed_and_resumed(name, folder, tmp_path, monkeypatch, waits)

    assert resumed == alone


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes()[:-99]),
                                   lambda path: path.write_bytes(b"nonsense")])
def test_a_store_that_lost_or_damaged_a_file_gives_the_same_tables_and_damage_is_said(
        folder, tmp_path, monkeypatch, caplog, spoil):
    monkeypatch.chdir(folder)
    store = tmp_path / "runs"
    main([*COMMANDS["compare"][:-1], str(tmp_path / "one"), "--store", str(store), "--quiet"])
    (file,) = store.glob("runs-*")
    spoil(file)
    damaged = file.exists()
    assert main([*COMMANDS["compare"][:-1], str(tmp_path / "other"), "--store", str(store), "--quiet"]) == 0

    tables = [{path.name: path.read_bytes() for path in (tmp_path / name).glob("*.csv")} for name in ("one", "other")]
    assert tables[0] == tables[1]
    assert any("is damaged" in record.getMessage() for record in caplog.records) == damaged


# ---------------------------------------------------------------------------------------------------------- code


def test_a_comment_or_a_docstring_changes_no_digest_and_a_number_does(tmp_path):
    def digest(text):
        (tmp_path / "part.py").write_text(text)
        return syntax_digest([tmp_path / "part.py"], tmp_path)

    first = digest('def part(x):\n    """Twice."""\n    return 2.0 * x\n')
    assert digest('"""A part."""\n\n\ndef part(x):  # twice\n    """Twice x."""\n    return 2.0 * x\n') == first
    assert digest('def part(x):\n    """Twice."""\n    return 3.0 * x\n') != first


def test_a_plan_made_in_python_shares_the_runs_of_a_comparison(folder, tmp_path, made):
    plan, nothing = (qicsim.load_scenario(folder / name) for name in ("plan.toml", "nothing.toml"))
    draws = qicsim.prior_draws(2)
    qicsim.compare([plan], reference=nothing, draws=draws, replicates=1, store=tmp_path)
    made.clear()

    make_plan(plan, nothing, draws=draws, replicates=1, store=tmp_path)
    assert made == []
