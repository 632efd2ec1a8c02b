"""Filling a bank: prior draws simulated in chunks.

Run number i is point i of the scrambled Sobol sequence of the seed with stream i, so that a larger bank begins with
the smaller one, whatever the size of the chunks. A simulator that keeps its runs (`Problem.kept`) goes on after a kill
where it was. A run that fails is marked; a chunk in which every run fails stops the filling.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qicsim.estimate.calibrate.bank import FAILED, FINE, NOT_FINITE, Bank, bank_of
from qicsim.estimate.calibrate.noise import STREAMS_PER_BLOCK, block_of_streams
from qicsim.estimate.calibrate.problem import Problem, SimulatorError
from qicsim.ground.errors import Fault, SettingError
from qicsim.runs.store import StoreError

Progress = Callable[[int, int], None]
EDGE = 2.0**-32
CHUNK = 1024


def fill_bank(problem: Problem, runs: int, *, seed: int = 1, chunk: int = CHUNK, progress: Progress | None = None
              ) -> Bank:
    """A bank of `runs` prior draws.

    Args:
        problem: what to simulate; its targets say which runs may be used.
        runs: how many runs the bank should have, 1-1,048,576.
        seed: fixes points and errors of observation, 0-4,294,967,295.
        chunk: runs simulated at a time.
        progress: called with (runs done, runs in all) as the work begins and after each chunk that is simulated.

    Raises:
        SettingError: for settings outside their range; for a quantile function that gives another shape, or a
            simulator with luck of its own.
        SimulatorError: if every run of a chunk fails.
    """
    _check(runs, seed, chunk)
    cube, streams = CubePoints(len(problem.parameters), seed).next(runs), block_of_streams(0, runs)
    there = (np.zeros(runs, dtype=bool) if problem.there is None else problem.there(problem.quantile(cube), streams))
    tell, done = progress or (lambda *_: None), int(there.sum())
    tell(done, runs)
    summaries, status = np.empty((runs, len(problem.summaries))), np.empty(runs, dtype=np.uint8)
    for first in range(0, runs, chunk):
        part = slice(first, first + chunk)
        summaries[part], status[part] = simulate_chunk(problem, cube[part], streams[part])
        if first == 0 and not there[0] and status[0] == FINE:
            check_streams(problem, cube[:1], streams[:1], summaries[:1])
        if not there[part].all():
            done += int(np.sum(~there[part]))
            tell(done, runs)
    return bank_of(problem, cube, summaries, streams=streams, seed=seed, status=status)


def simulate_chunk(problem: Problem, cube: np.ndarray, streams: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Summaries (n, k) and status uint8 (n,) of runs; SimulatorError if every run fails, StoreError as it is."""
    values = _values(problem, cube)
    try:
        summaries, status = problem.summarise(values, streams), np.full(len(cube), FINE, dtype=np.uint8)
    except StoreError:  # runs that cannot be kept, or read, have not failed
        raise
    except Exception as error:  # noqa: BLE001 whatever a simulator raises belongs to the run that raised it
        summaries, status = _one_by_one(problem, values, streams, error)
    status[(status == FINE) & ~np.isfinite(summaries).all(axis=1)] = NOT_FINITE
    return summaries, status


def _values(problem: Problem, cube: np.ndarray) -> np.ndarray:
    """Values of points, (n, d); SettingError for another shape."""
    values = np.asarray(problem.quantile(cube), dtype=float)
    if values.shape != cube.shape:
        raise SettingError("", [Fault("quantile", f"gave values of shape {values.shape}", f"{cube.shape}, as it got")])
    return values


def check_streams(problem: Problem, cube: np.ndarray, streams: np.ndarray, summaries: np.ndarray) -> None:
    """SettingError unless the same rows and streams give the same summaries again: luck has to come from streams."""
    again = problem.summarise(_values(problem, cube), streams)
    if not np.allclose(again, summaries, rtol=1e-6, atol=1e-9, equal_nan=True):
        raise SettingError("", [Fault("simulate", "the same values and streams gave other summaries",
                                      "the same again: all luck from the streams", "A generator of the simulator's own "
                                      "makes a resumed fit another one")])


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


def _one_by_one(problem: Problem, values: np.ndarray, streams: np.ndarray, error: Exception
                ) -> tuple[np.ndarray, np.ndarray]:
    """Simulate each run alone after all together raised `error`."""
    summaries = np.full((len(values), len(problem.summaries)), np.nan)
    status = np.full(len(values), FAILED, dtype=np.uint8)
    for row in range(len(values)):
        try:
            summaries[row] = problem.summarise(values[row:row + 1], streams[row:row + 1])[0]
            status[row] = FINE
        except StoreError:
            raise
        except Exception:  # noqa: BLE001, S112 as above; where runs are kept, the store notes the cause
            continue
    if (status == FAILED).all():
        raise SimulatorError(f"every run of a chunk of {len(values)} failed; the first reason: {error}") from error
    return summaries, status


def _check(runs: int, seed: int, chunk: int) -> None:
    faults = [] if 1 <= runs <= STREAMS_PER_BLOCK else [Fault("runs", f"{runs} runs", f"1 to {STREAMS_PER_BLOCK}")]
    if not 0 <= seed < 2**32:
        faults.append(Fault("seed", f"seed {seed}", "0 to 4294967295"))
    if chunk < 1:
        faults.append(Fault("chunk", f"{chunk} runs", "1 or more"))
    if faults:
        raise SettingError("", faults)
