"""Runs of a simulator that takes many at a time: those that the store has are read, the others are made and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np

from qicsim.runs.batches import Finished
from qicsim.runs.blocks import ONCE, Block
from qicsim.runs.buffer import Buffer
from qicsim.runs.keys import LEVER_BYTES, WHO_BYTES, Keys, LeverKey
from qicsim.runs.store import Store, StoreError

Make = Callable[[np.ndarray], Sequence[np.ndarray]]
NO_LEVERS = LeverKey(0, bytes(LEVER_BYTES), ())


class Recorded(NamedTuple):
    """What a simulator records of its runs: the absolute month in which they begin, and blocks."""

    start: int
    blocks: tuple[Block, ...]


@dataclass(eq=False)
class Recall:
    """The runs of a simulator in a store; `simulator` is its name, "" for qicsim's own."""

    store: Store
    simulator: str = ""

    def __post_init__(self) -> None:
        """Nothing waits to be written."""
        self._buffer = Buffer(self.store)

    def runs(self, keys: Keys, recorded: Recorded, make: Make, inputs: Callable[[int], dict[str, Any]]
             ) -> list[np.ndarray]:
        """The numbers (n, ...) of each block in every run.

        Args:
            keys: of the runs.
            recorded: what is asked.
            make: gives the numbers of each block in some of the runs, by their numbers (m,).
            inputs: what a run is made from, for a note if it is made alone and fails.

        Raises:
            StoreError: if the store cannot be read or written, so that nobody takes that for a failure of the runs.
            Exception: whatever `make` raises; the runs before are kept.
        """
        with _of_the_store():
            found = self.store.find(keys, recorded.blocks)
            lacking = np.flatnonzero(~found.complete)
            if not len(lacking):
                return self.store.read(found)
        try:
            made = tuple(make(lacking))
        except Exception as error:
            if len(keys) == 1:
                note = {"address": keys.addresses[0].hex(), "cause": f"{type(error).__name__}: {error}",
                        "simulator": self.simulator or self.store.made, **inputs(0)}
                with _of_the_store():
                    self._buffer.take((), [note])
            raise
        with _of_the_store():
            self._buffer.take([Finished(keys.some(lacking), recorded.start, recorded.blocks, made)],
                              simulator=self.simulator)
            return list(made) if len(lacking) == len(keys) else self.store.read(self.store.find(keys, recorded.blocks))

    def there(self, keys: Keys, recorded: Recorded) -> np.ndarray:
        """Which runs the store has; bool (n,)."""
        return self.store.find(keys, recorded.blocks).complete


@dataclass(eq=False)
class Rows:
    """Rows of summaries (n, k) from values (n, d) and stream numbers int64 (n,): read, or simulated and kept.

    simulate  gives rows, float64; a row depends on its own values and stream only
    identity  digest of all else that rows depend on
    """

    simulate: Callable[[np.ndarray, np.ndarray], np.ndarray]
    identity: str
    recall: Recall
    recorded: Recorded

    @staticmethod
    def of(simulate: Callable[[np.ndarray, np.ndarray], np.ndarray], names: Sequence[str], identity: str, store: Store,
           *, foreign: bool) -> Rows:
        """Rows with these names; what is `foreign` is used whatever qicsim's code is."""
        return Rows(simulate, identity, Recall(store, f"simulator {identity[:8]}" if foreign else ""),
                          Recorded(0, tuple(Block("summaries", name, ONCE) for name in names)))

    def __call__(self, values: np.ndarray, streams: np.ndarray) -> np.ndarray:
        """The rows, float64 (n, k)."""
        columns = self.recall.runs(
            self._keys(values, streams), self.recorded,
            lambda rows: list(self.simulate(values[rows], streams[rows]).T),
            lambda row: {"values": values[row].tolist(), "stream": int(streams[row])})
        return np.column_stack(columns)

    def there(self, values: np.ndarray, streams: np.ndarray) -> np.ndarray:
        """Which rows the store has; bool (n,)."""
        return self.recall.there(self._keys(values, streams), self.recorded)

    def _keys(self, values: np.ndarray, streams: np.ndarray) -> Keys:
        """The keys of rows: whose, from which values, with which stream."""
        simulator = blake2b(self.identity.encode()).digest()
        rows = np.column_stack([np.ascontiguousarray(values, dtype="<f8").view("<i8"), streams.astype("<i8")]).tobytes()
        size = len(rows) // max(len(values), 1)
        who = tuple(blake2b(rows[at:at + size], digest_size=WHO_BYTES, key=simulator).digest()
                    for at in range(0, len(rows), size))
        return Keys(who, (NO_LEVERS,) * len(who))


@contextmanager
def _of_the_store() -> Iterator[None]:
    """Let what the system refuses inside be an error of the store."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"{error.filename}: cannot be used ({error.strerror}).") from error
