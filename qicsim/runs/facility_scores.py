"""Runs in which every facility is followed: its true quality and its recorded score at the end of each quarter.

The same seed, draw and replicate give the runs of `run_ensemble`; more is kept of each, so that memory and not time is
the limit.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_QUARTER
from qicsim.ground.compiled import compiled
from qicsim.ground.errors import Fault, SettingError
from qicsim.model.luck import allocate_luck
from qicsim.model.month import close_month, live, open_month
from qicsim.model.simulate import noise_key
from qicsim.model.state import allocate_state
from qicsim.model.steps.begin import begin
from qicsim.runs.draws import Draws
from qicsim.runs.ensemble import Progress
from qicsim.runs.runner import Runner

TRUE, RECORDED = 0, 1
MEASURES = ("true", "recorded")
MOST_BYTES = 8_000_000_000


@dataclass(frozen=True, eq=False)
class Followed:
    """Finished runs of one scenario, draw by draw, replicates inside.

    scores   points, float32 (runs, quarters, 2, facilities): true, recorded; NaN before a facility opens
    reached  1 where that is the threshold of the month or more, uint8, same shape
    """

    runner: Runner
    quarters: tuple[str, ...]
    scores: np.ndarray
    reached: np.ndarray
    draws: Draws
    replicates: int
    seed: int

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return len(self.scores)


def follow_facilities(runner: Runner, draws: Draws, *, first: int = 0, replicates: int = 1, seed: int = 1,
                      workers: int | None = None, progress: Progress | None = None) -> Followed:
    """Run a scenario under every draw and replicate; kept from quarter number `first` of its horizon on.

    Raises SettingError when what is to be kept would take more than MOST_BYTES.
    """
    quarters = runner.quarters[first:]
    shape = (len(draws) * replicates, len(quarters), len(MEASURES), len(runner.world.register))
    _refuse_size(shape)
    found = Followed(runner, quarters, np.empty(shape, np.float32), np.zeros(shape, np.uint8), draws, replicates, seed)
    _fill(found, first, workers or os.cpu_count() or 1, progress)
    return found


def _refuse_size(shape: tuple[int, ...]) -> None:
    wanted = float(np.prod(shape, dtype=float)) * (np.dtype(np.float32).itemsize + 1)
    if wanted > MOST_BYTES:
        found = f"{shape[0]:,} runs of {shape[3]:,} facilities take {wanted / 1e9:.0f} GB"
        raise SettingError("", [Fault("draws", found, f"at most {MOST_BYTES / 1e9:.0f} GB",
                                      "Fewer draws or replicates, or a shorter horizon, take less")])


def _fill(found: Followed, first: int, workers: int, progress: Progress | None) -> None:
    """Every thread takes the next run when it is free; a run's numbers do not depend on which."""
    parameters = found.runner.parameter_sets(found.draws)
    runs, lock, stopped = iter(range(found.runs)), threading.Lock(), threading.Event()
    finished = 0

    def work() -> None:
        nonlocal finished
        state = allocate_state(found.runner.world.setting)
        luck = allocate_luck(found.runner.world.setting, kept=False)
        for run in _each(runs, lock, stopped):
            draw, replicate = divmod(run, found.replicates)
            follow(found.runner.world.setting, found.runner.levers, found.runner.scenario.structure, parameters[draw],
                   noise_key(found.seed, draw, replicate), state, luck, first, found.scores[run], found.reached[run])
            with lock:
                finished += 1
                if progress is not None:
                    progress(finished, found.runs)

    with ThreadPoolExecutor(workers) as pool:
        try:
            for task in as_completed([pool.submit(work) for _ in range(workers)]):
                task.result()
        finally:
            stopped.set()


def _each(runs: Iterator[int], lock: threading.Lock, stopped: threading.Event) -> Iterator[int]:
    """The runs that are left, one at a time."""
    while not stopped.is_set():
        with lock:
            run = next(runs, None)
        if run is None:
            return
        yield run


@compiled
def follow(setting: Any, levers: Any, structure: Any, params: Any, key: Any,  # noqa: PLR0917 compiled
           state: Any, luck: Any, first: Any, scores: Any, reached: Any) -> None:
    """Run all months; fills `scores` and `reached` (quarters, 2, facilities) from quarter `first` on."""
    begin(setting, levers, params, state, key)
    for month in range(setting.month.size):
        today = open_month(month, setting, levers, structure, params, state, luck, key)
        for f in range(state.facility.size):
            live(f, today, setting, levers, params, state, luck, key)
        close_month(today, setting, levers, params, state, luck, key)
        record = (month + 1) // MONTHS_PER_QUARTER - 1 - first
        if (month + 1) % MONTHS_PER_QUARTER == 0 and record >= 0:
            note_facilities(month, setting, levers[month].threshold, state, scores[record], reached[record])


@compiled
def note_facilities(month: Any, setting: Any, threshold: Any, state: Any, scores: Any,  # noqa: PLR0917 compiled
                    reached: Any) -> None:
    """Note every open facility; `scores` and `reached` have shape (2, facilities)."""
    for f in range(state.facility.size):
        if setting.facility[f].opened <= month:
            scores[0, f], scores[1, f] = state.facility[f].true_score, state.facility[f].score
            reached[0, f] = state.facility[f].true_score >= threshold
            reached[1, f] = state.facility[f].score >= threshold
        else:
            scores[0, f], scores[1, f] = float("nan"), float("nan")
