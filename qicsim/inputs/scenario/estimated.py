"""What the levels of a data folder were estimated from: the record `levels.json` beside `levels.csv`.

It holds digests of the scores, of the register and of the levels themselves, so that levels that no longer belong to
the scores are noticed. Levels that somebody wrote or changed by hand have no record, or not this digest, and are left
alone.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from qicsim.ground.errors import DataError, Fault
from qicsim.ground.files import from_json

REGISTER, SCORES, LEVELS, RECORD = "register.csv", "scores.csv", "levels.csv", "levels.json"
SOURCES = (SCORES, REGISTER)
BY_HAND = "levels.csv was not written by qicsim from the scores beside it, or was changed since: it is taken as it is."
STALE = "levels.csv was estimated from other scores or another register than those beside it."


def file_digest(path: Path) -> str:
    """The sha256 of a file's bytes; "" when it cannot be read."""
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def digests(folder: Path) -> dict[str, str]:
    """Digests of scores, register and levels of a folder, by the files' names."""
    return {name: file_digest(folder / name) for name in (*SOURCES, LEVELS)}


def record_of(folder: Path) -> dict[str, Any]:
    """The record of the levels in a folder; empty where there is none, or where levels.csv is another one.

    DataError where it is damaged.
    """
    file = folder / RECORD
    if not file.is_file():
        return {}
    try:
        found = dict(from_json(file.read_text(encoding="utf-8")))
        ours = dict(found["sha256"]).get(LEVELS) == file_digest(folder / LEVELS)
        notes = found.get("notes", [])
    except (OSError, ValueError, KeyError, TypeError):
        notes = None
    if not isinstance(notes, list):
        raise DataError(str(file), [Fault("", "is damaged", "what `qicsim import` writes",
                                          f"Delete it, and {LEVELS} is taken as it is; or import into a new folder")])
    return found if ours else {}


def stale(folder: Path) -> bool:
    """Whether levels.csv was estimated from other scores or another register than those in the folder."""
    found = record_of(folder)
    return bool(found) and any(found["sha256"].get(name) != file_digest(folder / name) for name in SOURCES)


def notes_of(folder: Path) -> tuple[str, ...]:
    """What a reader of runs on the folder's levels must know, in sentences."""
    if not ((folder / LEVELS).is_file() and (folder / SCORES).is_file()):
        return ()
    found = record_of(folder)
    if not found:
        return (BY_HAND,)
    told = tuple(str(note) for note in found.get("notes", ()))
    return (*told, *((STALE,) if stale(folder) else ()))
