"""Files that are there whole or not at all, folders with one writer, tables without formulas, and the shipped files.

A file is written under a name of its own process beside its place and then renamed, so that nobody meets half a file,
and two processes never write into the same one.
"""

from __future__ import annotations

import os
import shutil
import stat
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qicsim.ground.errors import Fault, SettingError

if TYPE_CHECKING:
    import pandas as pd

MEGABYTE = 1_000_000
LOCK = ".qicsim-lock"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
PACKAGE = Path(__file__).resolve().parents[1]


def shipped_path(folder: str, name: str = "") -> Path:
    """A file or folder that comes with the package: inside it in an installation, beside it in a checkout."""
    inside = PACKAGE / folder / name
    return inside if inside.exists() else PACKAGE.parent / folder / name


@contextmanager
def beside(path: Path | str) -> Iterator[Path]:
    """The name of a new file beside `path`; it takes the place of `path` at the end, or vanishes after an error."""
    place = Path(path)
    partial = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        yield partial
        partial.replace(place)
    finally:
        partial.unlink(missing_ok=True)


def read_plain(path: Path | str, most: int = MEGABYTE) -> bytes:
    """The bytes of a plain file of at most `most` bytes; ValueError, in a few plain words, for anything else."""
    place = Path(path)
    try:
        kind = place.stat().st_mode
        if stat.S_ISDIR(kind):
            raise ValueError("cannot be read: this is a folder")
        if not stat.S_ISREG(kind):  # a pipe would wait for ever, a device never end
            raise ValueError("cannot be read: this is no plain file")
        with place.open("rb") as file:
            content = file.read(most + 1)
    except FileNotFoundError:
        raise ValueError("cannot be read: there is no such file") from None
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror or error}") from None
    if len(content) > most:
        raise ValueError(f"is larger than {most // MEGABYTE} MB")
    return content


def toml_of(content: bytes) -> dict[str, Any]:
    """The tables of a TOML file; ValueError, in plain words, if it is none."""
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"is not TOML: {error}") from None
    except (ValueError, RecursionError):
        raise ValueError("is not TOML: a number has too many digits, or tables are nested too deeply") from None


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


@contextmanager
def together(folder: Path) -> Iterator[Path]:
    """A new folder inside `folder`; its files move to `folder` at the end, all of them, or none after an error.

    SettingError, before any of them moves, if one would take the place of a folder.
    """
    there = folder.exists()
    partial = folder / f".together.{os.getpid()}.part"
    try:
        partial.mkdir(parents=True)
        yield partial
        written = sorted(partial.iterdir())
        refuse_folders(folder, (file.name for file in written))
        for file in written:
            file.replace(folder / file.name)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        _remove_if_new(folder, there=there)


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

    there = folder.exists()
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
        with suppress(OSError):  # Windows keeps a file that is open
            (folder / LOCK).unlink()
        lock.release()
        _remove_if_new(folder, there=there)


def _remove_if_new(folder: Path, *, there: bool) -> None:
    """Remove a folder that was not there before and in which nothing was written."""
    if not there and folder.exists() and not any(folder.iterdir()):
        folder.rmdir()
