"""Finished runs on their way to the store: packed as they come, written about every second, so that files are few."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qicsim.runs.batches import Finished
from qicsim.runs.design import Design
from qicsim.runs.store import Store
from qicsim.runs.worker import Outcome

SECONDS_BETWEEN_WRITES = 1.0
BYTES_BETWEEN_WRITES = 16_000_000


class Buffer:
    """Runs that wait to be written; `write` of the store brings in the last of them."""

    def __init__(self, store: Store) -> None:
        """Begin with nothing."""
        self._store = store
        self._since, self._bytes = time.monotonic(), 0

    def take(self, finished: Sequence[Finished], notes: Sequence[Mapping[str, Any]] = (), simulator: str = "") -> None:
        """Take finished runs, and notes on those that failed; write when it is time."""
        for some in finished:
            self._store.add(some, simulator)
            self._bytes += sum(values.nbytes for values in some.values)
        self._store.note(notes)
        if self._bytes > BYTES_BETWEEN_WRITES or time.monotonic() - self._since > SECONDS_BETWEEN_WRITES:
            self._store.write()
            self._since, self._bytes = time.monotonic(), 0

    def add(self, design: Design, runs: np.ndarray, outcome: Outcome) -> None:
        """Take the outcome of a task of runs (n,) of a design."""
        notes = [design.inputs(int(run)) | {"cause": cause}
                 for run, cause in zip(runs, outcome.causes, strict=True) if cause]
        self.take([Finished(design.keys(runs[part.runs]), design.scenarios[part.scenario].start,
                            design.blocks[part.scenario], part.values) for part in outcome.parts], notes)
