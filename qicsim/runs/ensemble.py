"""Running ensembles: scenarios x draws x replicates on threads, each run paired across the scenarios."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qicsim.ground.compiled import SOURCE_DIGEST
from qicsim.ground.errors import Fault, SettingError, repeated
from qicsim.inputs.scenario import Scenario
from qicsim.model.simulate import REPLICATES_PER_DRAW
from qicsim.runs.draws import Draws
from qicsim.runs.run_arrays import RunStore
from qicsim.runs.runner import Kept, Runner

MOST_WORKERS = 1024
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Finished runs: `kept[scenario]` holds arrays whose first axis is the run, draw by draw, replicates inside."""

    runners: dict[str, Runner]
    kept: dict[str, Kept]
    draws: Draws
    replicates: int
    seed: int

    @property
    def runs(self) -> int:
        """Runs of each scenario."""
        return len(self.draws) * self.replicates


def run_ensemble(scenarios: Sequence[Scenario], draws: Draws, *, replicates: int = 1, seed: int = 1,
                 workers: int | None = None, folder: Path | None = None, progress: Progress | None = None) -> Ensemble:
    """Run every scenario under every draw and replicate.

    Args:
        scenarios: resolved scenarios with different names.
        draws: parameter values; a scenario's own fixed parameters replace them.
        replicates: runs of each draw, 1-4,096; each has its own luck, which the scenarios share.
        seed: fixes all luck, 0-4,294,967,295.
        workers: threads; by default one for each core.
        folder: keeps finished runs there, so that an interrupted call goes on where it was; in memory if None.
        progress: called with (runs done, runs in all) as runs finish.

    Raises:
        SettingError: for settings outside their range; InputError kinds for the scenarios' data files.
    """
    _check(scenarios, replicates, seed, workers)
    runners = {scenario.name: Runner.of(scenario) for scenario in scenarios}
    shapes = {name: runner.shapes() for name, runner in runners.items()}
    runs = len(draws) * replicates
    store = (RunStore.in_memory(shapes, runs) if folder is None
             else RunStore.in_folder(folder, shapes, runs, design_of(scenarios, draws, replicates, seed)))
    _fill(store, list(runners.values()), draws, replicates=replicates, seed=seed,
          workers=workers or os.cpu_count() or 1, progress=progress)
    return Ensemble(runners, store.kept, draws, replicates, seed)


def design_of(scenarios: Sequence[Scenario], draws: Draws, replicates: int, seed: int) -> dict[str, object]:
    """What the numbers of an ensemble depend on, as JSON-able facts."""
    from hashlib import sha256

    return {"scenarios": {scenario.name: scenario.digest for scenario in scenarios}, "draws": len(draws),
            "draws_sha256": sha256(np.ascontiguousarray(draws.values).tobytes()).hexdigest(),
            "replicates": replicates, "seed": seed, "source": SOURCE_DIGEST}


def _check(scenarios: Sequence[Scenario], replicates: int, seed: int, workers: int | None) -> None:
    faults = []
    names = [scenario.name for scenario in scenarios]
    if not names:
        faults.append(Fault("scenarios", "there is no scenario to run", "one or more"))
    faults += [Fault("scenarios", f'"{name}" is there more than once', "each name once")
               for name in sorted(repeated(names))]
    if not 1 <= replicates <= REPLICATES_PER_DRAW:
        faults.append(Fault("replicates", f"{replicates} replicates", f"1 to {REPLICATES_PER_DRAW}"))
    if not 0 <= seed < 2**32:
        faults.append(Fault("seed", f"seed {seed}", "0 to 4294967295"))
    if workers is not None and not 1 <= workers <= MOST_WORKERS:
        faults.append(Fault("workers", f"{workers} threads", f"1 to {MOST_WORKERS}"))
    if faults:
        raise SettingError("", faults)


def _fill(store: RunStore, runners: list[Runner], draws: Draws, *, replicates: int, seed: int, workers: int,
          progress: Progress | None) -> None:
    """Run what is missing; every finished run is in the store at once, whatever happens to the others.

    Each thread takes the next missing run when it is free: nothing waits in a queue, so memory does not grow with runs.
    """
    parameters = [runner.parameter_sets(draws) for runner in runners]
    places, lock, stopped = store.missing(), threading.Lock(), threading.Event()
    total = store.done.size
    finished = int(store.done.sum())

    def work() -> None:
        nonlocal finished
        while not stopped.is_set():
            with lock:
                place = next(places, None)
            if place is None:
                return
            scenario, run = place
            draw, replicate = divmod(run, replicates)
            store.put(scenario, run, runners[scenario].run(parameters[scenario][draw], seed, draw, replicate))
            with lock:
                finished += 1
                if progress is not None:
                    progress(finished, total)

    with ThreadPoolExecutor(workers) as pool:
        tasks = [pool.submit(work) for _ in range(workers)]
        try:
            for task in as_completed(tasks):
                task.result()
        finally:
            stopped.set()
