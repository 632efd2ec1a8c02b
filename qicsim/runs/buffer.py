"""Finished runs on their way to the store: packed as they come, written about every second, so that files are few."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from qicsim.runs.batches import Finished
from qicsim.runs.design import Design
from qicsim.runs.store import Store
from qicsim.runs.worker import Outcome

SECONDS_BETWEEN_WRITES = 1.0
BYTES_BETWEEN_WRITES = 16_000_000


class Buffer:
    """Runs that wait to be written."""

    def __init__(self, design: Design, store: Store) -> None:
        """Begin with nothing."""
        self._design, self._store = design, store
        self._notes: list[dict[str, Any]] = []
        self._since, self._bytes = time.monotonic(), 0

    def add(self, runs: np.ndarray, outcome: Outcome) -> None:
        """Take the outcome of a task of runs (n,); write when it is time."""
        for part in outcome.parts:
            scenario = self._design.scenarios[part.scenario]
            self._store.add(Finished(self._design.keys(runs[part.runs]), scenario.start,
                                     self._design.blocks[part.scenario], part.values))
            self._bytes += sum(values.nbytes for values in part.values)
        self._notes += [self._design.inputs(int(run)) | {"cause": cause}
                        for run, cause in zip(runs, outcome.causes, strict=True) if cause]
        if self._bytes > BYTES_BETWEEN_WRITES or time.monotonic() - self._since > SECONDS_BETWEEN_WRITES:
            self.write()

    def write(self) -> None:
        """Put everything into the store."""
        if self._notes:
            self._store.write_failures(self._notes)
        self._store.write()
        self._notes, self._since, self._bytes = [], time.monotonic(), 0
