"""A disk that is full: every writer says which file could not be written, and leaves nothing half-written."""

from __future__ import annotations

import errno
import io
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from qicsim.cli import main
from qicsim.estimate.calibrate.shipped import write_posterior
from qicsim.ground.errors import SettingError
from qicsim.ground.files import beside, together, write_bytes, write_text
from qicsim.ground.sheets import write_sheets
from qicsim.report.calibration_words import write_tables
from qicsim.report.outputs import write_csv
from qicsim.report.word import Word
from qicsim.runs.executors import _connected
from qicsim.runs.store import Store
from qicsim.runs.tables import _write
from tests.helpers import typed


class FullDisk(io.FileIO):
    """A file of a disk that has no room: it opens, and the first byte does not fit."""

    def write(self, _content):
        """Refuse as the system does, which does not say what file it was."""
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def full(monkeypatch):
    """No file that is opened for writing takes a byte."""
    plain = io.open

    def opened(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, **more):
        if not set(mode) & set("wax"):
            return plain(file, mode, buffering, encoding, errors, newline, **more)
        raw = io.BufferedWriter(FullDisk(file, mode.replace("b", "").replace("t", "")))
        return raw if "b" in mode else io.TextIOWrapper(raw, encoding, errors, newline, write_through=True)

    monkeypatch.setattr(io, "open", opened)
    monkeypatch.setattr("builtins.open", opened)


REGISTER = b"id,name,type,province,district,population\nA1,Chrey,HC,Battambang,OD 1,9000\n"
TABLE = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
WRITERS = {
    "page.html": lambda path: write_text(path, "text"),
    "page.bin": lambda path: write_bytes(path, b"x" * 10_000),
    "table.csv": lambda path: write_csv(TABLE, path),
    "frames.csv": lambda path: _write(path, iter([TABLE])),
    "rows.csv": lambda path: write_tables({path.name: [{"a": 1}]}, path.parent),
    "plan.xlsx": lambda path: write_sheets({"s": TABLE}, path),
    "plan.docx": lambda path: write_bytes(path, Word("Title", about="about").content()),
    "posterior.npz": lambda path: write_posterior(path, ("a", "b"), np.zeros((2, 2)), {}),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_writer_on_a_full_disk_names_its_file_and_leaves_none(name, tmp_path, full):
    path = tmp_path / name

    with pytest.raises(OSError, match="No space left on device") as refused:
        WRITERS[name](path)

    assert refused.value.filename == str(path)
    assert refused.value.errno == errno.ENOSPC
    assert not list(tmp_path.glob("*.part")) and not list(tmp_path.glob(".*"))


def test_the_store_of_an_experiment_names_its_file_and_leaves_none(tmp_path, full):
    with pytest.raises(OSError, match="No space left on device") as refused:
        Store.opened(tmp_path, "code").write_failures([{"address": "00"}])

    assert Path(refused.value.filename).name.startswith("failed-")
    assert list(tmp_path.iterdir()) == []


def test_files_that_come_together_are_named_as_they_would_be_called(tmp_path, full):
    with pytest.raises(OSError, match="No space left") as refused, together(tmp_path / "out") as folder:
        write_text(folder / "page.html", "text")
    assert refused.value.filename == str(tmp_path / "out" / "page.html")

    with pytest.raises(OSError, match="No space left") as refused, together(tmp_path / "out") as folder:
        (folder / "bare.csv").write_text("text", encoding="utf-8")
    assert refused.value.filename == str(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_numpy_says_of_a_write_that_stopped_half_way_keeps_its_words(tmp_path):
    with pytest.raises(OSError, match="400 requested") as refused, beside(tmp_path / "a.npy"):
        raise OSError("400 requested and 307 written")

    assert (refused.value.filename, refused.value.strerror) == (str(tmp_path / "a.npy"),
                                                               "400 requested and 307 written")


def test_a_command_says_in_a_line_which_file_did_not_fit(tmp_path, capsys, monkeypatch, request):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r.csv").write_bytes(REGISTER)
    request.getfixturevalue("full")

    assert main(["import", "--register", "r.csv", "--out", "data"]) == 2

    assert capsys.readouterr().err == "data/register.csv: cannot be used (No space left on device).\n"
    assert [path.name for path in tmp_path.iterdir()] == ["r.csv"]


@pytest.fixture
def small(tmp_path):
    """A disk of its own with 60 kB left."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    made = mount and umount and subprocess.run([mount, "-t", "tmpfs", "-o", "size=1000k", "tmpfs", str(disk)],
                                               check=False, capture_output=True)
    if not made or made.returncode:
        pytest.skip("needs the right to mount a small disk")
    (disk / "fill").write_bytes(b"0" * 940_000)
    yield disk
    subprocess.run([umount, str(disk)], check=True)


@pytest.mark.parametrize(("arguments", "file"), [
    (["run", "reported", "--out", "o"], "o/trajectories.csv"),
    pytest.param(["plan", "reported", "--out", "p.xlsx"], "p.xlsx", marks=pytest.mark.slow),
    pytest.param(["plan", "reported", "--out", "p.docx"], "p.docx", marks=pytest.mark.slow)])
def test_a_command_on_a_real_full_disk_ends_in_one_line_and_leaves_nothing(arguments, file, small):
    done = typed(*arguments, "--draws", "1", "--replicates", "1", "--quiet", cwd=small)

    assert (done.returncode, done.stderr) == (2, f"{file}: cannot be used (No space left on device).\n")
    assert [path.name for path in small.iterdir()] == ["fill"]


def test_what_is_no_file_is_not_called_one(monkeypatch, capsys):
    """An address of a network, for example, at which nobody listens."""
    def refused(_options):
        raise OSError("Timed out trying to connect to tcp://127.0.0.1:9 after 30 s")

    monkeypatch.setattr("qicsim.cli.describe.execute", refused)

    assert main(["describe", "levers"]) == 2
    assert capsys.readouterr().err == ("The system refused something: Timed out trying to connect to "
                                       "tcp://127.0.0.1:9 after 30 s.\n")


def test_a_scheduler_that_does_not_answer_is_a_fault_of_its_address():
    class Distributed:
        @staticmethod
        def Client(_address, **_options):  # noqa: N802 as Dask calls it
            raise TimeoutError("Timed out trying to connect")

    with pytest.raises(SettingError, match='executor: no Dask scheduler answers at "tcp://127.0.0.1:9"'):
        _connected(Distributed, "tcp://127.0.0.1:9")
