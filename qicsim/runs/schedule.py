"""Giving out work: chunks of missing runs to an executor, finished ones to the store, until nothing is missing.

A chunk is worth about half a second, by what runs have cost so far. When an executor breaks, or does not give a task
back, its runs are tried again one by one with nothing else under way, so that the run which broke it is found, noted as
failed and left behind.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from typing import NamedTuple

import numpy as np

from qicsim.ground.errors import QicsimError
from qicsim.runs.blocks import Block
from qicsim.runs.buffer import Buffer
from qicsim.runs.design import WHOLE, Design, Shard
from qicsim.runs.executors import trouble_of, workers_of
from qicsim.runs.store import Store
from qicsim.runs.worker import Outcome, perform

SECONDS_OF_A_CHUNK = 0.5
FIRST_CHUNK = 4
MOST_GROWTH = 8
MOST_OF_A_CHUNK = 4096
CHUNKS_FOR_EACH_WORKER = 2
WEIGHT_OF_THE_LATEST = 0.3
SECONDS_OF_GRACE = 30.0
SECONDS_BETWEEN_LOOKS = 5.0
LOST_AT_FIRST, LOST_IN_A_ROW = 3, 64

Progress = Callable[[int, int], None]


class EngineError(QicsimError):
    """An executor that brings nothing back, or nothing any more."""


class LostError(EngineError):
    """An executor that is there no more: nothing of it is waited for."""


class Flight(NamedTuple):
    """Runs under way, and whether nothing else is."""

    runs: np.ndarray
    alone: bool


class Schedule:
    """The work on a shard of a design; `run` does it."""

    def __init__(self, design: Design, store: Store, *, shard: Shard = WHOLE, chunk: int | None = None,
                 progress: Progress | None = None) -> None:
        """Begin with what the store lacks. `chunk` fixes the size of chunks, which else follows from what runs cost."""
        self._design, self._progress = design, progress
        self._buffer, self._store = Buffer(store), store
        self._missing, self._at = missing(design, store, shard), 0
        self._total = design.size(shard)
        self._done = self._total - len(self._missing)
        self._flying: dict[Future[Outcome], Flight] = {}
        self._suspects: deque[int] = deque()
        self._sizes = _Sizes(chunk, design.shape[0])
        self._came_back, self._lost = False, 0

    def run(self, make: Callable[[], Executor]) -> None:
        """Do what is missing; an interruption keeps what came back. EngineError if nothing comes back."""
        self._tell()
        while self._at < len(self._missing) or self._suspects:
            executor = make()
            try:
                self._serve(executor)
            except LostError:
                raise
            except BaseException:
                self._gather()
                raise
            finally:
                executor.shutdown(wait=True)
                self._store.write()
        self._store.merge()

    def _serve(self, executor: Executor) -> None:
        """Work with an executor until nothing is missing, or until it breaks."""
        workers = workers_of(executor)
        while True:
            while (flight := self._next(workers)) is not None:
                try:
                    self._flying[executor.submit(perform, self._design.task(flight.runs))] = flight
                except (BrokenExecutor, RuntimeError) as error:
                    self._lose(flight, error)
                    break
            if not self._flying:
                return
            finished, _ = wait(self._flying, SECONDS_BETWEEN_LOOKS, FIRST_COMPLETED)
            lost = self._lost
            came_back = [self._collect(future) for future in finished]
            if not all(came_back):
                self._abandon()
                return
            if (self._lost > lost or not finished or self._suspects) and (trouble := trouble_of(executor)):
                raise LostError(f"No run comes back: {trouble}. What came back is kept; the same command goes on.")

    def _next(self, workers: int) -> Flight | None:
        """What to submit now: a suspect alone, or a chunk while there is room; None to wait for what is under way."""
        if self._suspects:
            return None if self._flying else Flight(np.array([self._suspects.popleft()]), alone=True)
        left = len(self._missing) - self._at
        if not left or len(self._flying) >= CHUNKS_FOR_EACH_WORKER * workers:
            return None
        size = self._sizes.next(left, workers)
        self._at += size
        return Flight(self._missing[self._at - size:self._at], alone=False)

    def _collect(self, future: Future[Outcome]) -> bool:
        """Keep what a task gave; False if its executor is broken."""
        flight = self._flying.pop(future)
        try:
            outcome = future.result()
        except QicsimError:
            raise
        except Exception as error:  # noqa: BLE001 whatever an executor does with a task must not stop the others
            self._lose(flight, error)
            return not isinstance(error, BrokenExecutor)
        self._came_back, self._lost = True, 0
        self._keep(flight.runs, outcome)
        return True

    def _keep(self, runs: np.ndarray, outcome: Outcome) -> None:
        self._sizes.learn(outcome.seconds / len(runs))
        self._buffer.add(self._design, runs, outcome)
        self._done += len(runs)
        self._tell()

    def _lose(self, flight: Flight, error: BaseException) -> None:
        """What did not come back is tried again run by run; what did not come back alone has failed."""
        if not flight.alone:
            self._suspects.extend(flight.runs.tolist())
            return
        self._lost += 1
        if self._lost >= (LOST_IN_A_ROW if self._came_back else LOST_AT_FIRST):
            raise EngineError(f"No run comes back from the executor ({type(error).__name__}: {error}).") from error
        cause = f"the worker was lost ({type(error).__name__})"
        self._buffer.add(self._design, flight.runs, Outcome((), (cause,), 0.0))
        self._done += 1
        self._tell()

    def _abandon(self) -> None:
        """Leave a broken executor: what was under way is tried again."""
        for future, flight in self._flying.items():
            future.cancel()
            self._suspects.extend(flight.runs.tolist())
        self._flying.clear()

    def _gather(self) -> None:
        """After an interruption: call back what has not begun, wait for the rest, keep what is fine."""
        for future in self._flying:
            future.cancel()
        under_way = {future for future in self._flying if not future.cancelled()}
        finished, _ = wait(under_way, timeout=SECONDS_OF_GRACE)
        for future in finished:
            if not future.cancelled() and future.exception() is None:
                self._keep(self._flying[future].runs, future.result())

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self._done, self._total)


class _Sizes:
    """How many runs a chunk has: as many as are worth the time of a chunk, by what runs have cost so far."""

    def __init__(self, fixed: int | None, scenarios: int) -> None:
        """Begin small; a fixed size stays. Chunks hold whole sets of scenarios, since those share their past."""
        self._fixed, self._cost, self._scenarios = fixed, 0.0, scenarios
        self._size = max(FIRST_CHUNK, scenarios)

    def next(self, left: int, workers: int) -> int:
        """The size of the next chunk, when so many runs are left; towards the end all workers get a share."""
        if self._fixed:
            return min(self._fixed, left)
        if self._cost:
            self._size = int(min(max(SECONDS_OF_A_CHUNK / self._cost, 1), MOST_GROWTH * self._size, MOST_OF_A_CHUNK))
        size = min(self._size, max(-(-left // workers), 1))
        return min(-(-size // self._scenarios) * self._scenarios, left)

    def learn(self, seconds: float) -> None:
        """Take the cost of a run into account."""
        weight = WEIGHT_OF_THE_LATEST if self._cost else 1.0
        self._cost += weight * (max(seconds, 1e-6) - self._cost)


def missing(design: Design, store: Store, shard: Shard) -> np.ndarray:
    """The runs of a shard that are not in the store, in the order of the design; int64 (n,)."""
    parts = [runs[~present(design, store, runs)] for runs in design.numbers(shard) if len(runs)]
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])


def present(design: Design, store: Store, runs: np.ndarray) -> np.ndarray:
    """Whether every block of runs is in the store; bool (n,)."""
    there = np.zeros(len(runs), dtype=bool)
    scenario = design.places(runs)[0]
    for blocks, numbers in recorded_alike(design):
        chosen = np.flatnonzero(np.isin(scenario, numbers))
        there[chosen] = store.find(design.keys(runs[chosen]), blocks).complete
    return there


def recorded_alike(design: Design) -> list[tuple[tuple[Block, ...], list[int]]]:
    """What is recorded, with the numbers of the scenarios of which it is."""
    groups: dict[tuple[Block, ...], list[int]] = {}
    for number, blocks in enumerate(design.blocks):
        groups.setdefault(blocks, []).append(number)
    return list(groups.items())
