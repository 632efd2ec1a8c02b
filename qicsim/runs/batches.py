"""Batches: runs that were recorded alike, packed column by column.

A block is packed times last, the bytes of its numbers side by side, deflated: neighbours in time differ in few bytes. A
national run of `compare` takes about 100 kB so.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from sys import intern
from typing import Any, NamedTuple

import numpy as np

from qicsim.runs.blocks import Block
from qicsim.runs.keys import Keys, LeverKey

LEVEL = 1
NAME_BYTES = 12


class Finished(NamedTuple):
    """Finished runs of one extent: their keys, and the numbers (n, ...) of each block."""

    keys: Keys
    start: int
    blocks: tuple[Block, ...]
    values: tuple[np.ndarray, ...]


class Form(NamedTuple):
    """What the batches of a kind have in common: their blocks, and the shape of each for one run."""

    blocks: tuple[Block, ...]
    shapes: tuple[tuple[int, ...], ...]


@lru_cache(maxsize=256)
def _form(text: str) -> Form:
    """The form that a text describes; one object for all batches of a kind."""
    return Form(*zip(*((Block(*block), tuple(shape)) for block, shape in json.loads(text)), strict=True))


@dataclass(eq=False)
class Batch:
    """Runs in a file (or in memory: `head`, `numbers`) that were recorded alike, from the absolute month `start` on.

    `ends` says where each packed block ends in the numbers.
    """

    name: str
    head: bytes
    file: Path | None
    numbers: bytes
    who: tuple[bytes, ...]
    levers: tuple[LeverKey, ...]
    start: int
    months: int
    form: Form
    ends: np.ndarray
    code: str
    made: str

    @staticmethod
    def of_head(name: str, head: bytes, file: Path | None, numbers: bytes = b"") -> Batch:
        """The batch that a head describes; ValueError, KeyError or TypeError for what is none."""
        facts = json.loads(head)
        tables = [LeverKey(facts["months"], bytes.fromhex(whole), tuple(map(bytes.fromhex, years)))
                  for whole, years in facts["levers"]]
        return Batch(name, b"" if file else head, file, numbers, tuple(map(bytes.fromhex, facts["who"])),
                     tuple(tables[number] for number in facts["number"]), facts["start"], facts["months"],
                     _form(facts["form"]), np.array(facts["ends"], dtype=np.int64), intern(facts["code"]),
                     intern(facts["made"]))

    @property
    def blocks(self) -> tuple[Block, ...]:
        """What was recorded."""
        return self.form.blocks

    def holds(self, row: int, levers: bytes, months: int) -> bool:
        """Whether a run of so many months under these levers is the beginning of the run in a row."""
        return self.levers[row].at(self.start, months) == levers

    def serving(self, asked: Sequence[Block]) -> np.ndarray:
        """For each block asked the number of a block of this batch that serves it, or -1; int64 (asked,)."""
        exact = {block: number for number, block in enumerate(self.blocks)}
        return np.array([exact.get(block, next((number for number, stored in enumerate(self.blocks)
                                                if stored.serves(block)), -1)) for block in asked], dtype=np.int64)

    def content(self) -> memoryview:
        """The packed numbers, from where they stand."""
        if self.file is None:
            return memoryview(self.numbers)
        with zipfile.ZipFile(self.file) as archive:
            return memoryview(archive.read(f"{self.name}.bin"))

    def unpack(self, number: int, content: memoryview) -> np.ndarray:
        """The numbers of a block, (n, times, ...), from the packed numbers of the batch."""
        block, shape = self.form.blocks[number], (len(self.who), *self.form.shapes[number])
        packed_numbers = content[self.ends[number - 1] if number else 0:self.ends[number]]
        columns = np.frombuffer(zlib.decompress(packed_numbers), dtype=np.uint8)
        values = np.ascontiguousarray(columns.reshape(block.dtype.itemsize, -1).T).view(block.dtype).reshape(shape)
        return np.moveaxis(values, -1, 1) if block.times else values

    def parts(self) -> tuple[bytes, bytes]:
        """Head and numbers, as they stand in a file."""
        return self.head, self.numbers

    def leave_to(self, file: Path) -> None:
        """The numbers stand in a file now."""
        self.file, self.head, self.numbers = file, b"", b""


def packed(finished: Finished, code: str, made: str) -> Batch:
    """Runs as a batch in memory."""
    parts, form, ends = list[bytes](), list[Any](), list[int]()
    for block, numbers in zip(finished.blocks, finished.values, strict=True):
        values = np.ascontiguousarray(np.moveaxis(numbers, 1, -1) if block.times else numbers, dtype=block.dtype)
        columns = np.ascontiguousarray(values.reshape(-1, 1).view(np.uint8).T)
        parts.append(zlib.compress(columns.data, LEVEL))
        form.append([block, values.shape[1:]])
        ends.append((ends[-1] if ends else 0) + len(parts[-1]))
    keys, tables = finished.keys, dict[int, tuple[int, LeverKey]]()
    number = [tables.setdefault(id(table), (len(tables), table))[0] for table in keys.tables]
    content = b"".join(parts)
    (months,) = set(keys.months)
    facts: dict[str, Any] = {
        "code": code, "made": made, "start": finished.start, "months": months, "who": [who.hex() for who in keys.who],
        "number": number, "form": json.dumps(form, separators=(",", ":")), "ends": ends,
        "levers": [[table.whole.hex(), [year.hex() for year in table.years]] for _, table in tables.values()]}
    head = json.dumps(facts, separators=(",", ":")).encode()
    name = blake2b(head + blake2b(content).digest(), digest_size=NAME_BYTES).hexdigest()
    return Batch.of_head(name, head, None, content)
