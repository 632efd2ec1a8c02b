"""Work that is killed: processes that tell how far they are and go on until somebody ends them.

They are forked from a process that has loaded everything, which spares each of them two seconds.
"""

from __future__ import annotations

import time
from multiprocessing import get_context
from pathlib import Path

from qicsim.analysis.study_kinds import read_study
from qicsim.inputs.scenario import load_scenario
from qicsim.runs import buffer, schedule
from qicsim.runs.draws import prior_draws
from qicsim.runs.ensemble import run_ensemble
from qicsim.runs.experiment import run_experiment

PROCESSES = get_context("forkserver")
LONG_ENOUGH = 60.0


def begin(work, *arguments, **choices):
    """A process that does some work, and what it is heard through: `recv` gives how many runs are done."""
    hear, tell = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=work, args=(tell, *arguments), kwargs=choices, daemon=True)
    process.start()
    tell.close()
    return process, hear


def experiment(tell, study, folder, executor="threads", *, at_most=1000):
    """Work on a study; after so many runs, wait to be killed."""
    buffer.SECONDS_BETWEEN_WRITES = 0.02
    at_first = []

    def progress(done, _total):
        tell.send(done)
        at_first.append(done)
        if done >= at_first[0] + at_most:
            time.sleep(LONG_ENOUGH)

    run_experiment(read_study(Path(study)), folder, executor=executor, workers=2, chunk=4, progress=progress)


def ensemble(tell, folder, store, *, draws, at_most):
    """Work on an ensemble of the two small scenarios; when so many runs are done, wait to be killed."""
    buffer.SECONDS_BETWEEN_WRITES, schedule.SECONDS_OF_A_CHUNK = 0.0, 0.02

    def progress(done, _total):
        tell.send(done)
        if done >= at_most:
            time.sleep(LONG_ENOUGH)

    scenarios = [load_scenario(folder / f"{name}-teams.toml") for name in ("without", "with")]
    run_ensemble(scenarios, prior_draws(draws, 1), replicates=2, workers=1, store=store, progress=progress)
