"""Files that are there whole or not at all, folders with one writer, tables without formulas, and the shipped files.

A file is written under a name of its own process beside its place and then renamed, so that nobody meets half a file,
and two processes never write into the same one. An OSError of any of these names the file that could not be written.

What a killed process leaves is removed by the next that writes there. A folder of files to come is locked by its
writer, and a system lets go of a lock when its process dies: numbers of processes, which come again, say nothing. A
single file, and a folder without a lock, is removed when nothing was written to it for an hour.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import time
import tomllib
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qicsim.ground.errors import Fault, SettingError

if TYPE_CHECKING:
    import pandas as pd
    from filelock import BaseFileLock

MEGABYTE = 1_000_000
LOCK = ".qicsim-lock"
TOGETHER, PART, LOCKED = ".together.", ".part", ".lock"
SECONDS_OF_A_WRITER = 3600.0
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
MOST_KEY_PARTS = 100
_PART_OF_KEY = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_KEY_PART = re.compile(_PART_OF_KEY)
_DOTTED = re.compile(rf"{_PART_OF_KEY}(?:[ \t]*\.[ \t]*{_PART_OF_KEY})*")
PACKAGE = Path(__file__).resolve().parents[1]


def shipped_path(folder: str, name: str = "") -> Path:
    """A file or folder that comes with the package: inside it in an installation, beside it in a checkout."""
    inside = PACKAGE / folder / name
    return inside if inside.exists() else PACKAGE.parent / folder / name


@contextmanager
def beside(path: Path | str) -> Iterator[Path]:
    """The name of a new file beside `path`; it takes the place of `path` at the end, or vanishes after an error."""
    file = Path(path)
    partial = file.with_name(f".{file.name}.{os.getpid()}{PART}")
    _remove_abandoned(file)
    try:
        with naming(file):
            yield partial
            partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def naming(file: Path) -> Iterator[None]:
    """Let an OSError from inside name the file that is written there.

    The system says which file it could not open, but not which it could not write on, as when the disk is full.
    """
    try:
        yield
    except OSError as error:
        error.strerror = error.strerror or str(error)  # numpy gives a sentence without a number
        if error.filename is None or Path(os.fsdecode(error.filename)).name.endswith(PART):
            error.filename, error.filename2 = str(file), None
        raise


def _remove_abandoned(file: Path) -> None:
    """Remove what killed processes left of one file."""
    start = f".{file.name}."
    with suppress(OSError):
        for other in os.scandir(file.parent):
            if other.name.startswith(start) and other.name.endswith(PART) and other.is_file(follow_symlinks=False):
                _remove_if_old(Path(other.path))


def _remove_if_old(path: Path) -> None:
    """Remove a file or a folder to which nothing was written for an hour."""
    with suppress(OSError):
        if time.time() - path.stat().st_mtime > SECONDS_OF_A_WRITER:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def read_plain(path: Path | str, most: int = MEGABYTE) -> bytes:
    """The bytes of a plain file of at most `most` bytes; ValueError, in a few plain words, for anything else."""
    place = Path(path)
    try:
        known = place.stat()
        kind = known.st_mode
        if stat.S_ISDIR(kind):
            raise ValueError("cannot be read: this is a folder")
        if not stat.S_ISREG(kind):  # a pipe would wait for ever, a device never end
            raise ValueError("cannot be read: this is no plain file")
        with place.open("rb") as file:
            content = file.read(min(most, known.st_size) + 1)  # so many bytes of memory are taken at once
    except FileNotFoundError:
        raise ValueError("cannot be read: there is no such file") from None
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror or error}") from None
    if len(content) > most:
        raise ValueError(f"is larger than {most // MEGABYTE} MB")
    return content


def from_json(text: str | bytes) -> Any:
    """The value of JSON text; ValueError for what is none, or nested more deeply than Python reads."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def toml_of(content: bytes) -> dict[str, Any]:
    """The tables of a TOML file; ValueError, in plain words, if it is none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text") from None
    if line := line_of_long_key(text):
        raise ValueError(f"is not usable: line {line} has a key of more than {MOST_KEY_PARTS} parts")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"is not TOML: {error}") from None
    except (ValueError, RecursionError):
        raise ValueError("is not TOML: a number has too many digits, or tables are nested too deeply") from None


def line_of_long_key(text: str) -> int:
    """The first line of a TOML text with a key of too many parts, a.b.c and so on; 0 if there is none.

    The parser of the language needs the square of their number.
    """
    for chain in _DOTTED.finditer(text):
        if chain[0].count(".") >= MOST_KEY_PARTS and len(_KEY_PART.findall(chain[0])) > MOST_KEY_PARTS:
            return text.count("\n", 0, chain.start()) + 1
    return 0


def without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """The table; text that a spreadsheet would take for a formula gets an apostrophe in front."""
    safe = table.copy()
    for column in safe.columns:
        if safe[column].dtype.kind not in "iufb" and any(_plain(value) is not value for value in safe[column].unique()):
            safe[column] = [_plain(value) for value in safe[column]]
    return safe


def _plain(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def write_text(path: Path | str, text: str) -> None:
    """Write UTF-8 text with the line ends that it has."""
    with beside(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="")


def write_bytes(path: Path | str, content: bytes | memoryview) -> None:
    """Write bytes."""
    with beside(path) as partial:
        partial.write_bytes(content)


@contextmanager
def together(folder: Path) -> Iterator[Path]:
    """A new folder inside `folder`; its files move to `folder` at the end, all of them, or none after an error.

    SettingError, before any of them moves, if one would take the place of a folder.
    """
    from filelock import FileLock

    known = folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    _remove_abandoned_together(folder)
    partial = folder / f"{TOGETHER}{uuid.uuid4().hex}{PART}"
    lock = FileLock(partial.with_suffix(LOCKED), timeout=0)
    try:
        with _named_within(partial, folder):
            lock.acquire()  # before there is a folder: one whose lock is free has no writer
            partial.mkdir()
            yield partial
            written = sorted(partial.iterdir())
            refuse_folders(folder, (file.name for file in written))
            for file in written:
                file.replace(folder / file.name)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        _let_go(lock)
        _remove_if_new(folder, known=known)


def _let_go(lock: BaseFileLock) -> None:
    """Release a lock and remove its file."""
    file = Path(lock.lock_file)
    try:
        file.unlink(missing_ok=True)
        lock.release()
    except OSError:  # Windows keeps a file that is open
        lock.release()
        with suppress(OSError):
            file.unlink()


@contextmanager
def _named_within(partial: Path, folder: Path) -> Iterator[None]:
    """Let an OSError from inside name the file as it would be called in `folder`."""
    try:
        yield
    except OSError as error:
        name = Path(os.fsdecode(error.filename or folder))
        if name.is_relative_to(partial):
            error.filename, error.filename2 = str(folder / name.relative_to(partial)), None
        elif error.filename is None:
            error.filename = str(folder)
        raise


def _remove_abandoned_together(folder: Path) -> None:
    """Remove the folders of files to come whose writers are dead."""
    from filelock import FileLock, Timeout

    for left in [*folder.glob(f"{TOGETHER}*{PART}"), *folder.glob(f"{TOGETHER}*{LOCKED}")]:
        held = left.with_suffix(LOCKED)
        if not (held.exists() and left.with_suffix(PART).exists()):  # of version 0.1, or its writer begins or ends
            _remove_if_old(left)
            continue
        lock = FileLock(held, timeout=0)
        with suppress(OSError, Timeout):
            lock.acquire()
            shutil.rmtree(left.with_suffix(PART), ignore_errors=True)
            _let_go(lock)


def refuse_folders(folder: Path, names: Iterable[str]) -> None:
    """SettingError with every name under which a file is to be written and a folder lies."""
    faults = [Fault(str(folder / name), "is a folder; a file is to be written there", "",
                    "Move it away, or choose another place") for name in names if (folder / name).is_dir()]
    if faults:
        raise SettingError("", faults)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold a folder, made if it is missing; SettingError if another process holds it. A killed process lets go."""
    from filelock import FileLock, Timeout  # only commands that write need it

    known = folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise SettingError("", [Fault(str(folder), "another qicsim command is writing there", "",
                                      "Wait for it, or choose another folder")]) from None
    try:
        yield
    finally:
        _let_go(lock)
        _remove_if_new(folder, known=known)


def _remove_if_new(folder: Path, *, known: bool) -> None:
    """Remove a folder that was not there before and in which nothing was written."""
    if not known and folder.exists() and not any(folder.iterdir()):
        folder.rmdir()
