"""Filling a bank: prior draws simulated in chunks, each on disk before the next begins.

Run number i is point i of the scrambled Sobol sequence of the seed with stream i, so that a larger bank begins with
the smaller one, whatever the size of the chunks. A chunk is written beside and renamed: after a kill, filling goes on
with the first chunk that is missing. A run that fails is recorded with its draw; a chunk in which every run fails
stops the filling.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from qicsim.estimate.calibrate.bank import (
    DESIGN,
    FAILED,
    FAILURES,
    FINE,
    NOT_FINITE,
    Bank,
    bank_of,
    chunks,
    design_of,
    read_bank,
    read_design,
    refuse_other,
)
from qicsim.estimate.calibrate.noise import STREAMS_PER_BLOCK, block_of_streams
from qicsim.estimate.calibrate.problem import Problem
from qicsim.ground.errors import Fault, QicsimError, SettingError
from qicsim.ground.files import naming, write_array, write_text

Progress = Callable[[int, int], None]
EDGE = 2.0**-32
CHUNK = 1024


class SimulatorError(QicsimError):
    """Every run of a chunk failed, or the summaries have another shape; what was filled before stays."""


def fill_bank(problem: Problem, runs: int, *, seed: int = 1, folder: Path | None = None, chunk: int = CHUNK,
              progress: Progress | None = None) -> Bank:
    """A bank of at least `runs` prior draws: what is there is kept, what is missing is simulated.

    Args:
        problem: what to simulate; its targets do not matter here.
        runs: how many runs the bank should have, 1-1,048,576.
        seed: fixes points and errors of observation, 0-4,294,967,295.
        folder: where the bank is or will be; in memory if None.
        chunk: runs simulated and held in memory at a time.
        progress: called with (runs done, runs in all) after each chunk.

    Raises:
        SettingError: for settings outside their range.
        DataError: if the folder holds a bank of another problem or seed.
        SimulatorError: if every run of a chunk fails.
    """
    _check(runs, seed, chunk)
    if folder is None:
        return _in_memory(problem, runs, seed, chunk, progress)
    done = _open(problem, seed, folder)
    points = CubePoints(len(problem.parameters), seed, done)
    while done < runs:
        last = min(done + chunk, runs)
        record, notes = simulate_chunk(problem, points.next(last - done), block_of_streams(0, last)[done:])
        write_chunk(folder, f"chunk-{done:08d}-{last:08d}.npy", record, notes)
        done = last
        if progress is not None:
            progress(done, runs)
    return read_bank(folder, problem)


def simulate_chunk(problem: Problem, cube: np.ndarray, streams: np.ndarray) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Records of runs (fields cube, summaries, status), and a note on each run that failed.

    SimulatorError if every run fails or the summaries have the wrong shape.
    """
    record = np.zeros(len(cube), dtype=[("cube", float, (len(problem.parameters),)),
                                        ("summaries", float, (len(problem.summaries),)), ("status", np.uint8)])
    record["cube"] = cube
    parameters = problem.quantile(cube)
    try:
        record["summaries"] = _simulated(problem, parameters, streams)
        notes = []
    except Exception as error:  # noqa: BLE001 whatever a simulator raises belongs to the run that raised it
        notes = _one_by_one(problem, record, parameters, streams, error)
    bad = (record["status"] == FINE) & ~np.isfinite(record["summaries"]).all(axis=1)
    record["status"][bad] = NOT_FINITE
    notes += [{"stream": int(streams[row]), "fault": "a summary is not finite",
               "summaries": [name for name, value in zip(problem.summaries, record["summaries"][row], strict=True)
                             if not np.isfinite(value)], "cube": cube[row].tolist()} for row in np.flatnonzero(bad)]
    return record, notes


def write_chunk(folder: Path, name: str, record: np.ndarray, notes: list[dict[str, Any]]) -> None:
    """Write the records of a chunk; the notes go first, so that no failure is without one."""
    if notes:
        with naming(folder / FAILURES), (folder / FAILURES).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(note) + "\n" for note in notes)
    write_array(folder / name, record)


class CubePoints:
    """Points of the scrambled Sobol sequence of a seed, from number `start` on."""

    def __init__(self, dimensions: int, seed: int, start: int = 0) -> None:
        """Go to point number `start`."""
        from scipy.stats import qmc

        self._sequence = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(seed))
        if start:
            self._sequence.fast_forward(start)

    def next(self, n: int) -> np.ndarray:
        """The next `n` points, strictly inside the cube; (n, dimensions)."""
        if self._sequence.num_generated:
            return np.clip(self._sequence.random(n), EDGE, 1.0 - EDGE)
        # The sequence warns when it begins with other than a power of two, though the points are the same.
        first = self._sequence.random(1)
        rest = self._sequence.random(n - 1) if n > 1 else first[:0]
        return np.clip(np.concatenate([first, rest]), EDGE, 1.0 - EDGE)


def _in_memory(problem: Problem, runs: int, seed: int, chunk: int, progress: Progress | None) -> Bank:
    points, records = CubePoints(len(problem.parameters), seed), []
    for first in range(0, runs, chunk):
        last = min(first + chunk, runs)
        record, _ = simulate_chunk(problem, points.next(last - first), block_of_streams(0, last)[first:])
        records.append(record)
        if progress is not None:
            progress(last, runs)
    whole = np.concatenate(records)
    return bank_of(problem, np.ascontiguousarray(whole["cube"]), np.ascontiguousarray(whole["summaries"]),
                   streams=block_of_streams(0, runs), seed=seed, status=whole["status"])


def _open(problem: Problem, seed: int, folder: Path) -> int:
    """Make the folder or check its design; how many runs it holds."""
    design = design_of(problem, seed)
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / DESIGN).exists():
        refuse_other(folder, read_design(folder), design)
    else:
        write_text(folder / DESIGN, json.dumps(design, indent=1))
    files = chunks(folder)
    return files[-1][1] if files else 0


def _simulated(problem: Problem, parameters: np.ndarray, streams: np.ndarray) -> np.ndarray:
    summaries = np.asarray(problem.simulate(parameters, streams), dtype=float)
    if summaries.shape != (len(parameters), len(problem.summaries)):
        raise SimulatorError(f"the simulator gave summaries of shape {summaries.shape}; "
                             f"expected {(len(parameters), len(problem.summaries))}")
    return summaries


def _one_by_one(problem: Problem, record: np.ndarray, parameters: np.ndarray, streams: np.ndarray,
                error: Exception) -> list[dict[str, Any]]:
    """Simulate each run alone after the batch raised `error`; fills `record`, gives a note on each failure."""
    notes = []
    for row in range(len(record)):
        try:
            record["summaries"][row] = _simulated(problem, parameters[row:row + 1], streams[row:row + 1])[0]
        except Exception as fault:  # noqa: BLE001 as above
            record["summaries"][row], record["status"][row] = np.nan, FAILED
            notes.append({"stream": int(streams[row]), "fault": f"{type(fault).__name__}: {fault}",
                          "cube": record["cube"][row].tolist()})
    if len(notes) == len(record):
        raise SimulatorError(f"every run of a chunk of {len(record)} failed; the first reason: {error}") from error
    return notes


def _check(runs: int, seed: int, chunk: int) -> None:
    faults = [] if 1 <= runs <= STREAMS_PER_BLOCK else [Fault("runs", f"{runs} runs", f"1 to {STREAMS_PER_BLOCK}")]
    if not 0 <= seed < 2**32:
        faults.append(Fault("seed", f"seed {seed}", "0 to 4294967295"))
    if chunk < 1:
        faults.append(Fault("chunk", f"{chunk} runs", "1 or more"))
    if faults:
        raise SettingError("", faults)
