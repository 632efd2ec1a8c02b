"""Finished runs on their way to the store: gathered for about a second, so that files are few and writing is cheap."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from qicsim.runs.design import Design
from qicsim.runs.store import Store

SECONDS_BETWEEN_WRITES = 1.0
BYTES_BETWEEN_WRITES = 32_000_000


class Buffer:
    """Runs that wait to be written."""

    def __init__(self, design: Design, store: Store) -> None:
        """Begin with nothing."""
        self._design, self._store = design, store
        self._runs: list[np.ndarray] = []
        self._values: list[np.ndarray] = []
        self._notes: list[dict[str, Any]] = []
        self._since = time.monotonic()

    def add(self, runs: np.ndarray, values: np.ndarray, causes: Sequence[str]) -> None:
        """Take runs (n,), their records (n, size) and causes of failure; write when it is time."""
        fine = np.array([not cause for cause in causes])
        self._runs.append(runs[fine])
        self._values.append(values[fine])
        self._notes += [self._design.inputs(int(run)) | {"cause": cause}
                        for run, cause in zip(runs, causes, strict=True) if cause]
        waiting = sum(part.nbytes for part in self._values)
        if waiting > BYTES_BETWEEN_WRITES or time.monotonic() - self._since > SECONDS_BETWEEN_WRITES:
            self.write()

    def write(self) -> None:
        """Put everything into the store."""
        if self._notes:
            self._store.write_failures(self._notes)
        if any(map(len, self._runs)):
            runs = np.concatenate(self._runs)
            self._store.write(self._design.addresses(runs), np.concatenate(self._values))
        self._runs, self._values, self._notes = [], [], []
        self._since = time.monotonic()
