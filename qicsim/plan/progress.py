"""One count for the two passes over the runs: first the nation and money, then districts."""

from __future__ import annotations

import threading

from qicsim.runs.ensemble import Progress


class Count:
    """Calls a progress function with (done, total) over both passes."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        """Begin at nothing; `total` counts the runs of both passes."""
        self._progress, self._total = progress, total
        self._lock, self._done = threading.Lock(), 0

    def first(self, done: int, total: int) -> None:
        """So many runs of the first pass are done."""
        del total
        self._tell(done)

    def second(self) -> None:
        """One more run of the second pass is done."""
        with self._lock:
            self._tell(self._done + 1)

    def _tell(self, done: int) -> None:
        self._done = done
        if self._progress is not None:
            self._progress(done, self._total)
