"""The store: finished runs in files that are written once, under names that are digests of what they hold.

    runs-<digest>.zip      batches of runs; `<id>.json` says which runs and blocks, `<id>.bin` holds their numbers
    failed-<digest>.jsonl  a line for each run that failed: address, cause and inputs

A run is found by its keys (`qicsim.runs.keys`) and by the blocks that it recorded (`qicsim.runs.blocks`), whatever
command made it; a longer run serves a shorter horizon. A file is written beside and renamed, so that it is there whole
or not at all; whatever its name does not fit is damaged, is said and does not count. Any number of processes may write
into one folder: nothing is ever changed. The runs of other code are left where they are and not used; those of a
simulator that is not qicsim's own depend on no code of it, and are used by all.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import time
import uuid
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b, file_digest
from pathlib import Path
from typing import Any

import numpy as np

from qicsim.ground.errors import QicsimError
from qicsim.ground.files import naming
from qicsim.ground.shown import Face, Shown
from qicsim.runs.batches import Batch, Finished, packed
from qicsim.runs.blocks import Block, cut
from qicsim.runs.keys import ADDRESS_BYTES, Keys

RUNS, FAILED = "runs", "failed"
ENDINGS = {RUNS: ".zip", FAILED: ".jsonl"}
UNFINISHED = ".part"
NAME_BYTES = 16
SECONDS_OF_A_WRITER = 3600.0
BYTES_OF_A_FILE = 48_000_000
NOWHERE = -1
ANY_CODE = ""
"""The code of batches whose numbers depend on nothing of qicsim."""

_LOG = logging.getLogger(__name__)


class StoreError(QicsimError):
    """Runs that were in the store and are gone."""


@dataclass(frozen=True, eq=False)
class Found:
    """Where runs stand: for each run and block asked the batch, the row in it and the block of it, NOWHERE without.

    where  int32 (n, blocks, 3)
    """

    keys: Keys
    blocks: tuple[Block, ...]
    where: np.ndarray

    @property
    def complete(self) -> np.ndarray:
        """Whether every block of a run is there; bool (n,)."""
        return (self.where[:, :, 0] != NOWHERE).all(axis=1)

    def some(self, runs: np.ndarray) -> Found:
        """Where some of the runs stand."""
        return Found(self.keys.some(runs), self.blocks, self.where[runs])


@dataclass(eq=False, repr=False)
class Store(Shown):
    """The runs in a folder, as they were when it was read last, and what was added since by this process.

    Without a folder the runs are held in memory, packed, and so are those that are added to a folder which can only be
    read. `code` is the digest of the code whose runs can be used, `made` its name for people.
    """

    folder: Path | None
    code: str
    made: str = ""
    read_only: bool = False
    damaged: list[Path] = field(default_factory=list)
    failures: dict[bytes, dict[str, Any]] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)
    _index: dict[bytes, tuple[int, ...]] = field(default_factory=dict)  # batch, row, batch, row ... of a run
    _numbers: dict[str, int] = field(default_factory=dict)
    _seen: set[Path] = field(default_factory=set)
    _whole: set[Path] = field(default_factory=set)
    _own: list[Path] = field(default_factory=list)
    _notes: list[Mapping[str, Any]] = field(default_factory=list)

    def face(self) -> Face:
        """Where the runs are."""
        return Face(f"Runs in {self.folder or 'memory'}")

    @staticmethod
    def opened(folder: Path | None, code: str, made: str = "") -> Store:
        """The store of a folder, which may not be there yet."""
        store = Store(folder, code, made)
        store.reread()
        return store

    def __len__(self) -> int:
        """How many runs of this code there are."""
        return sum(len(batch.who) for batch in self.batches if self.serves(batch))

    @property
    def _writes(self) -> Path | None:
        """The folder, if anything is written there."""
        return None if self.read_only else self.folder

    def reread(self) -> None:
        """Find the files that came since."""
        if self.folder is None:
            return
        for path in sorted(self.folder.glob(f"{RUNS}-*{ENDINGS[RUNS]}")):
            if path not in self._seen and path.is_file():
                self._take_up(path)
        for path in sorted(self.folder.glob(f"{FAILED}-*{ENDINGS[FAILED]}")):
            if path not in self._seen and path.is_file():
                self._seen.add(path)
                if self._is_whole(path):
                    self._note_failures(path.read_text(encoding="utf-8").splitlines())

    def find(self, keys: Keys, blocks: Sequence[Block]) -> Found:
        """Where runs with these blocks stand; files that hold them are looked at whole."""
        where = np.full((len(keys), len(blocks), 3), NOWHERE, dtype=np.int32)
        serving: dict[int, np.ndarray] = {}
        for run, who in enumerate(keys.who):
            for number, row in self._places(who):
                batch = self.batches[number]
                if not self.serves(batch) or not batch.holds(row, keys.levers[run], keys.months[run]):
                    continue
                if number not in serving:
                    serving[number] = batch.serving(blocks) if self._is_usable(batch) else np.full(len(blocks), NOWHERE)
                lacking = where[run, :, 0] == NOWHERE
                served = lacking & (serving[number] != NOWHERE)
                where[run, served, 0], where[run, served, 1] = number, row
                where[run, served, 2] = serving[number][served]
                if not (lacking & ~served).any():
                    break
        return Found(keys, tuple(blocks), where)

    def made_by_others(self, keys: Keys) -> Counter[str]:
        """How many of the runs are there as made by other code, by the name of that code."""
        names: Counter[str] = Counter()
        for run, who in enumerate(keys.who):
            others = [self.batches[number] for number, row in self._places(who)
                      if self.batches[number].holds(row, keys.levers[run], keys.months[run])]
            if others and not any(self.serves(batch) for batch in others):
                names[others[0].made] += 1
        return names

    def read(self, found: Found, numbers: Sequence[int] | None = None) -> list[np.ndarray]:
        """The numbers of blocks (by their number among those asked; default all) in every run, (n, ...) each.

        Zeros stand where a run lacks a block. StoreError if no run has any of them.
        """
        chosen = range(len(found.blocks)) if numbers is None else numbers
        values: dict[int, np.ndarray] = {}
        batches = found.where[:, list(chosen), 0]
        for batch in np.unique(batches[batches != NOWHERE]).tolist():
            content = self._content(batch)
            for number in chosen:
                runs = np.flatnonzero(found.where[:, number, 0] == batch)
                if len(runs):
                    part = self._part(batch, content, found, number, runs)
                    if number not in values:
                        values[number] = np.zeros((len(found.keys), *part.shape[1:]), dtype=part.dtype)
                    values[number][runs] = part
        if len(values) < len(chosen):
            raise StoreError("None of the runs that are asked for is there.")
        return [values[number] for number in chosen]

    def _part(self, number: int, content: memoryview, found: Found, asked: int, runs: np.ndarray) -> np.ndarray:
        """A block of some runs that stand in a batch."""
        batch, where = self.batches[number], found.where[runs, asked]
        stored = int(where[0, 2])
        values = batch.unpack(stored, content)[where[:, 1]]
        return cut(values, batch.blocks[stored], found.blocks[asked], batch.start, found.keys.months[runs[0]])

    def add(self, finished: Finished, simulator: str = "") -> None:
        """Take finished runs of one extent, of qicsim or of a `simulator` of this name; `write` puts them in a file."""
        self._enter(packed(finished, *((ANY_CODE, simulator) if simulator else (self.code, self.made))))

    def note(self, failures: Sequence[Mapping[str, Any]]) -> None:
        """Take what is known of failed runs; `write` puts it in a file. Each has an `address` (hexadecimal)."""
        self._notes += failures

    def write(self) -> None:
        """Bring what was added and noted since into files of the folder."""
        if self._notes:
            notes, self._notes = self._notes, []
            self.write_failures(notes)
        if self._writes is None:
            return
        waiting = [batch for batch in self.batches if batch.file is None]
        if not waiting:
            return
        path = self._put(RUNS, _zipped({batch.name: batch.parts() for batch in waiting}))
        self._own.append(path)
        for batch in waiting:
            batch.leave_to(path)

    def merge(self) -> None:
        """Bring the files that this process wrote into few large ones."""
        small = [path for path in self._own if path.exists()]
        self._own = []
        group: list[Path] = []
        for path in small:
            group.append(path)
            if sum(other.stat().st_size for other in group) > BYTES_OF_A_FILE:
                self._merge(group)
                group = []
        self._merge(group)

    def write_failures(self, notes: Sequence[Mapping[str, Any]]) -> None:
        """Keep what is known of failed runs, one note with an `address` (hexadecimal) for each."""
        lines = [json.dumps(note, sort_keys=True) for note in notes]
        self._note_failures(lines)
        if self._writes is not None:
            self._put(FAILED, "".join(line + "\n" for line in lines).encode())

    def tidy(self) -> None:
        """Remove damaged files, and what dead writers left an hour ago or before."""
        for path in self.damaged:
            with contextlib.suppress(OSError):  # what cannot be removed does not count all the same
                path.unlink()
        for path in () if self.folder is None else self.folder.glob(f"*{UNFINISHED}"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > SECONDS_OF_A_WRITER:
                    path.unlink()

    def take_from(self, other: Path) -> int:
        """Copy the whole files of another folder that are not here yet; how many there were."""
        copied = 0
        for kind, ending in ENDINGS.items():
            for path in sorted(other.glob(f"{kind}-*{ending}")):
                if self.folder is not None and is_whole(path) and not (self.folder / path.name).exists():
                    self._seen.discard(self._put(kind, path.read_bytes()))
                    copied += 1
        self.reread()
        return copied

    # ------------------------------------------------------------------------------------------------------ files

    def _take_up(self, path: Path) -> None:
        """Enter the batches of a file; a file that cannot be opened is damaged."""
        self._seen.add(path)
        try:
            with zipfile.ZipFile(path) as archive:
                heads = [(name.removesuffix(".json"), archive.read(name)) for name in archive.namelist()
                         if name.endswith(".json")]
            batches = [Batch.of_head(name, head, path) for name, head in heads]
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
            self._give_up(path)
            return
        for batch in batches:
            self._enter(batch)

    def _enter(self, batch: Batch) -> None:
        """Enter a batch, or the file where one that is known stands now."""
        known = self._numbers.get(batch.name)
        if known is not None:
            file = self.batches[known].file
            if batch.file is None or file is None or not file.exists() or is_whole(batch.file):
                self.batches[known] = batch
            return
        number = self._numbers[batch.name] = len(self.batches)
        self.batches.append(batch)
        for row, who in enumerate(batch.who):
            self._index[who] = (*self._index.get(who, ()), number, row)

    def _content(self, number: int) -> memoryview:
        """The packed numbers of a batch."""
        try:
            return self.batches[number].content()
        except FileNotFoundError:
            self.reread()  # another process has merged files
        try:
            return self.batches[number].content()
        except FileNotFoundError as error:
            raise StoreError(f"{error.filename}: the file was removed while it was read. The same command again makes "
                             "what is missing.") from error

    def _places(self, who: bytes) -> Iterator[tuple[int, int]]:
        """Batch and row of whatever is there of a run."""
        places = self._index.get(who, ())
        return zip(places[::2], places[1::2], strict=True)

    def serves(self, batch: Batch) -> bool:
        """Whether the runs of a batch can be used."""
        return batch.code in (self.code, ANY_CODE)

    def _is_usable(self, batch: Batch) -> bool:
        return batch.file is None or self._is_whole(batch.file)

    def _is_whole(self, path: Path) -> bool:
        """Whether a file is whole; what was once found whole stays so, since nothing is ever changed."""
        if path in self._whole:
            return True
        if not is_whole(path):
            self._give_up(path)
            return False
        self._whole.add(path)
        with contextlib.suppress(OSError):
            os.utime(path)  # files that were used last are evicted last
        return True

    def _give_up(self, path: Path) -> None:
        if path.exists() and path not in self.damaged:
            self.damaged.append(path)
            _LOG.warning("%s is damaged: the runs that it held are made again where they are needed.", path)

    def _merge(self, group: Sequence[Path]) -> None:
        if len(group) < 2:  # noqa: PLR2004 one file is merged already
            return
        members: dict[str, tuple[bytes, bytes]] = {}
        for path in group:
            with zipfile.ZipFile(path) as archive:
                names = [name.removesuffix(".json") for name in archive.namelist() if name.endswith(".json")]
                members |= {name: (archive.read(f"{name}.json"), archive.read(f"{name}.bin")) for name in names}
        whole = self._put(RUNS, _zipped(members))
        for batch in self.batches:
            if batch.file in group:
                batch.leave_to(whole)
        for path in group:
            path.unlink(missing_ok=True)

    def _put(self, kind: str, content: bytes) -> Path:
        """Write a file under the name of its content."""
        folder = self._writes
        if folder is None:
            raise StoreError("Nothing is written by a store in memory, or in a folder that can only be read.")
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"{kind}-{blake2b(content, digest_size=NAME_BYTES).hexdigest()}{ENDINGS[kind]}"
        beside = folder / f"{uuid.uuid4().hex}{UNFINISHED}"
        try:
            with naming(path), beside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        self._seen.add(path)
        self._whole.add(path)
        if path in self.damaged:  # made again, with the same content under the same name
            self.damaged.remove(path)
        return path

    def _note_failures(self, lines: Sequence[str]) -> None:
        for line in lines:
            note = json.loads(line)
            address = bytes.fromhex(note["address"])
            # Of two notes on one run the same counts, whatever the order in which they came.
            if len(address) == ADDRESS_BYTES:
                self.failures[address] = min(note, self.failures.get(address, note), key=json.dumps)


def is_whole(path: Path) -> bool:
    """Whether a file holds what its name says."""
    try:
        with path.open("rb") as file:
            digest = file_digest(file, lambda: blake2b(digest_size=NAME_BYTES)).hexdigest()
    except OSError:
        return False
    return path.stem.rpartition("-")[2] == digest


def _zipped(members: Mapping[str, tuple[bytes, bytes]]) -> bytes:
    """An archive of heads and numbers, the same bytes for the same batches."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, parts in sorted(members.items()):
            for ending, part in zip((".json", ".bin"), parts, strict=True):
                archive.writestr(zipfile.ZipInfo(name + ending), part)
    return content.getvalue()
