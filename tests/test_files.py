"""Files are there whole or not at all, and a folder has one writer."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from qicsim.ground.errors import SettingError
from qicsim.ground.files import (
    LOCK,
    TOGETHER,
    alone_in,
    beside,
    read_plain,
    refuse_folders,
    together,
    toml_of,
    write_text,
)

HOLD = """import sys, time
from pathlib import Path
from qicsim.ground.files import alone_in
with alone_in(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


WRITE_TOGETHER = """import sys, time
from pathlib import Path
from qicsim.ground.files import together
with together(Path(sys.argv[1])) as folder:
    (folder / "half.csv").write_text("1")
    print("begun", flush=True)
    time.sleep(60)
"""


class BrokenError(Exception):
    """Something went wrong half-way."""


def half_of(path):
    with beside(path) as partial:
        partial.write_text("half")
        raise BrokenError


def write_both(folder, *, broken=False):
    with together(folder) as place:
        (place / "one.csv").write_text("1")
        if broken:
            raise BrokenError
        (place / "two.csv").write_text("2")


def test_an_error_half_way_leaves_the_old_file_and_nothing_else(tmp_path):
    write_text(tmp_path / "page.html", "old")

    with pytest.raises(BrokenError):
        half_of(tmp_path / "page.html")

    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]
    assert (tmp_path / "page.html").read_text() == "old"


def test_files_written_together_come_all_or_none(tmp_path):
    folder = tmp_path / "new" / "results"

    with pytest.raises(BrokenError):
        write_both(folder, broken=True)
    assert not folder.exists()

    write_both(folder)
    assert sorted(file.name for file in folder.iterdir()) == ["one.csv", "two.csv"]


def test_a_folder_in_the_place_of_a_file_is_refused_before_any_file_moves(tmp_path):
    (tmp_path / "two.csv").mkdir()

    with pytest.raises(SettingError, match="two.csv: is a folder"):
        write_both(tmp_path)

    assert [file.name for file in tmp_path.iterdir()] == ["two.csv"]


def test_every_folder_in_the_way_is_named(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()

    with pytest.raises(SettingError) as refused:
        refuse_folders(tmp_path, ["a", "b", "c"])

    assert len(refused.value.faults) == 2


def test_a_folder_has_one_writer_and_a_killed_one_lets_go(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True,
                              env=os.environ)
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(SettingError, match="another qicsim command is writing there"), alone_in(tmp_path):
            pass
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()

    time.sleep(0.05)
    with alone_in(tmp_path):
        assert (tmp_path / LOCK).exists()
    assert not (tmp_path / LOCK).exists()


def hold_together(folder):
    """A process that has begun to write files of the folder together."""
    writer = subprocess.Popen([sys.executable, "-c", WRITE_TOGETHER, str(folder)], stdout=subprocess.PIPE, text=True,
                              env=os.environ)
    assert writer.stdout.readline() == "begun\n"
    return writer


def names_in(folder):
    return sorted(file.name for file in folder.iterdir())


def test_what_a_killed_writer_left_is_removed_by_the_next_and_what_a_living_one_writes_is_not(tmp_path):
    writer = hold_together(tmp_path)
    try:
        write_both(tmp_path)
        during = names_in(tmp_path)
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()
    killed = names_in(tmp_path)

    write_both(tmp_path)

    assert [name for name in during if not name.startswith(".")] == ["one.csv", "two.csv"]
    assert [name.startswith(TOGETHER) for name in during] == [True, True, False, False]  # the folder and its lock
    assert killed == during
    assert names_in(tmp_path) == ["one.csv", "two.csv"]


def test_two_writers_of_one_process_do_not_disturb_each_other(tmp_path):
    with together(tmp_path) as first:
        (first / "first.csv").write_text("1")
        write_both(tmp_path)
        assert (first / "first.csv").exists()

    assert names_in(tmp_path) == ["first.csv", "one.csv", "two.csv"]


def test_leftovers_without_a_lock_go_after_an_hour_whatever_process_has_their_number_now(tmp_path):
    old, new = tmp_path / f".together.{os.getpid()}.part", tmp_path / ".together.1.part"
    for folder in (old, new):
        folder.mkdir()
        (folder / "half.csv").write_text("1")
    lock, half, fresh = (tmp_path / name for name in (".together.2.lock", ".one.csv.7.part", ".one.csv.8.part"))
    for file in (lock, half, fresh):
        file.write_text("1")
    for path in (old, lock, half):
        os.utime(path, (time.time() - 3700,) * 2)

    write_both(tmp_path)
    write_text(tmp_path / "one.csv", "1")

    assert names_in(tmp_path) == [".one.csv.8.part", ".together.1.part", "one.csv", "two.csv"]


def test_a_folder_that_was_held_for_nothing_is_gone(tmp_path):
    with pytest.raises(BrokenError), alone_in(tmp_path / "new"):
        raise BrokenError

    assert not (tmp_path / "new").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_only_plain_files_of_sensible_size_are_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "large").write_bytes(b"x" * 1001)

    for name, expected in (("pipe", "no plain file"), ("/dev/zero", "no plain file"), ("loop", "cannot be read"),
                           ("large", "is larger than"), ("none", "there is no such file"), (".", "this is a folder")):
        with pytest.raises(ValueError, match=expected):
            read_plain(tmp_path / name, 1000)
    assert read_plain(tmp_path / "large", 1001) == b"x" * 1001


def test_toml_is_read_or_refused_in_plain_words():
    assert toml_of(b"\xef\xbb\xbfa = 1") == {"a": 1}
    for content, expected in ((b"\xff", "not UTF-8"), (b"a =", "is not TOML"),
                              (b"a = " + b"9" * 5000, "too many digits"),
                              (b"a = " + b"[" * 5000, "too deeply")):
        with pytest.raises(ValueError, match=expected):
            toml_of(content)
