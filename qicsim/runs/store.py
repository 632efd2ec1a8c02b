"""The store: finished runs in files that are written once, under names that are digests of what they hold.

    runs-<layout>-<digest>.npy      records (address, values) of runs that went well; numpy alone reads them
    failed-<layout>-<digest>.jsonl  a line for each run that failed: address, cause and inputs

A file is written beside and renamed, so that it is there whole or not at all; whatever its name does not fit is damaged
and does not count. Any number of processes may write into one folder: equal files have equal names, and nothing is ever
changed. Runs of several designs can share a folder, since an address says everything about a run.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b, file_digest
from pathlib import Path
from typing import Any

import numpy as np

from qicsim.ground.files import naming
from qicsim.runs.design import ADDRESS

RUNS, FAILED = "runs", "failed"
ENDINGS = {RUNS: ".npy", FAILED: ".jsonl"}
UNFINISHED = ".part"
NAME_BYTES = 16
SECONDS_OF_A_WRITER = 3600.0
NOWHERE = -1


def record_type(size: int) -> np.dtype:
    """The type of a record of `size` numbers."""
    return np.dtype([("address", ADDRESS), ("values", "<f8", (size,))])


@dataclass(eq=False)
class Store:
    """The runs of one layout in a folder, as they were when it was opened, and what was added since by this process."""

    folder: Path
    layout: str
    size: int
    files: list[Path] = field(default_factory=list)
    damaged: list[Path] = field(default_factory=list)
    failures: dict[bytes, dict[str, Any]] = field(default_factory=dict)
    _checked: set[Path] = field(default_factory=set)
    _addresses: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=ADDRESS))
    _places: np.ndarray = field(default_factory=lambda: np.empty((0, 2), dtype=np.int32))

    @staticmethod
    def opened(folder: Path, layout: str, size: int) -> Store:
        """The store of a folder, which may not be there yet; damaged files are noted and left alone."""
        store = Store(folder, layout, size)
        store.reread()
        return store

    def __len__(self) -> int:
        """How many finished runs there are."""
        return len(self._addresses)

    def reread(self) -> None:
        """Find the files that are there now."""
        self.files, self.damaged, self.failures = [], [], {}
        addresses, places = [np.empty(0, dtype=ADDRESS)], [np.empty((0, 2), dtype=np.int32)]
        for path in sorted(self.folder.glob(f"{RUNS}-{self.layout}-*{ENDINGS[RUNS]}")):
            if not self._is_whole(path):
                self.damaged.append(path)
                continue
            there = np.array(self.records(path)["address"])
            addresses.append(there)
            file = np.full(len(there), len(self.files))
            places.append(np.column_stack([file, np.arange(len(there))]).astype(np.int32))
            self.files.append(path)
        self._index(np.concatenate(addresses), np.concatenate(places))
        for path in sorted(self.folder.glob(f"{FAILED}-{self.layout}-*{ENDINGS[FAILED]}")):
            if self._is_whole(path):
                self._note_failures(path)
            else:
                self.damaged.append(path)

    def records(self, path: Path) -> np.ndarray:
        """The records of a file, read as they are touched."""
        return np.load(path, mmap_mode="r")

    def find(self, addresses: np.ndarray) -> np.ndarray:
        """File and row of each address, int32 (n, 2); NOWHERE where there is no finished run."""
        if not len(self._addresses):
            return np.full((len(addresses), 2), NOWHERE, dtype=np.int32)
        at = np.minimum(np.searchsorted(self._addresses, addresses), len(self._addresses) - 1)
        found = self._places[at].copy()
        found[self._addresses[at] != addresses] = NOWHERE
        return found

    def write(self, addresses: np.ndarray, values: np.ndarray) -> None:
        """Keep finished runs: addresses (n,), values (n, size)."""
        records = np.zeros(len(addresses), dtype=record_type(self.size))
        records["address"], records["values"] = addresses, values
        content = io.BytesIO()
        np.save(content, records)
        self._put(RUNS, content.getbuffer())

    def write_failures(self, notes: Sequence[Mapping[str, Any]]) -> None:
        """Keep what is known of failed runs, one note with an `address` (hexadecimal) for each."""
        lines = "".join(json.dumps(note, sort_keys=True) + "\n" for note in notes)
        self._put(FAILED, memoryview(lines.encode()))

    def tidy(self) -> None:
        """Remove damaged files and what dead writers left, if an hour old: younger ones may be whole for others."""
        for path in (*self.damaged, *self.folder.glob(f"*{UNFINISHED}")):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > SECONDS_OF_A_WRITER:
                    path.unlink()

    def take_from(self, other: Path) -> int:
        """Copy the whole files of another folder that are not here yet; how many there were."""
        copied = 0
        for kind, ending in ENDINGS.items():
            for path in sorted(other.glob(f"{kind}-{self.layout}-*{ending}")):
                if is_whole(path) and not (self.folder / path.name).exists():
                    self._put(kind, memoryview(path.read_bytes()))
                    copied += 1
        return copied

    def _put(self, kind: str, content: memoryview) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = self.folder / f"{uuid.uuid4().hex}{UNFINISHED}"
        digest = blake2b(content, digest_size=NAME_BYTES).hexdigest()
        final = self.folder / f"{kind}-{self.layout}-{digest}{ENDINGS[kind]}"
        try:
            with naming(final), beside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(final)
        finally:
            beside.unlink(missing_ok=True)

    def _is_whole(self, path: Path) -> bool:
        """Whether a file is whole; what was once found whole stays so, since nothing is ever changed."""
        if path not in self._checked and is_whole(path):
            self._checked.add(path)
        return path in self._checked

    def _index(self, addresses: np.ndarray, places: np.ndarray) -> None:
        """Sort the addresses; of runs that were made twice the first file's counts, whose numbers are the same."""
        self._addresses, first = np.unique(addresses, return_index=True)
        self._places = places[first]

    def _note_failures(self, path: Path) -> None:
        for note in _lines(path):
            address = bytes.fromhex(note["address"])
            # Of two notes on one run the same counts, whatever the order in which they came.
            self.failures[address] = min(note, self.failures.get(address, note), key=json.dumps)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    return (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def is_whole(path: Path) -> bool:
    """Whether a file holds what its name says."""
    try:
        with path.open("rb") as file:
            found = file_digest(file, lambda: blake2b(digest_size=NAME_BYTES)).hexdigest()
    except OSError:
        return False
    return path.stem.rpartition("-")[2] == found
