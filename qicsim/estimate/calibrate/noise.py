"""Luck of the calibration itself: counted, so that it depends on what it is for and on nothing else.

Errors of observation are keyed by (seed, stream of the run) and counted by the place of the summary, so the noisy
summaries of a run never change, however the bank was filled. All else (resampling, proposals) uses generators keyed
by seed, purpose and number. Purposes of the model's own luck lie below these.
"""

from __future__ import annotations

import numpy as np

from qicsim.ground.compiled import compiled
from qicsim.ground.randomness import normal

OBSERVATION = 1000
PROPOSAL = 1001
RESAMPLING = 1002
RANKS = 1003
CHOICE = 1004

STREAMS_PER_BLOCK = 2**20
FIRST_FRESH_BLOCK = 1024


@compiled
def _fill(seed: int, streams: np.ndarray, purpose: int, out: np.ndarray) -> None:
    """Standard normal numbers (n, k) of these streams and places."""
    for row in range(out.shape[0]):
        for place in range(out.shape[1]):
            key = (np.uint64(seed), np.uint64(streams[row]))
            out[row, place] = normal(key, (np.uint64(place), np.uint64(0)), 0, purpose)


def errors_of_observation(seed: int, streams: np.ndarray, places: int) -> np.ndarray:
    """Standard normal errors of every run and summary, float64 (n, places)."""
    out = np.empty((len(streams), places))
    _fill(seed, np.ascontiguousarray(streams, dtype=np.int64), OBSERVATION, out)
    return out


def generator(seed: int, purpose: int, number: int = 0) -> np.random.Generator:
    """A generator of its own for each purpose and number under a seed."""
    return np.random.default_rng((seed, purpose, number))


def block_of_streams(block: int, n: int) -> np.ndarray:
    """The first `n` streams of a block, int64 (n,): block 0 is the bank's, rounds and fresh seeds have others.

    A simulator may split a stream into draw = stream % 2^20 and replicate = stream // 2^20 (below 4,096).
    """
    if not 0 <= n <= STREAMS_PER_BLOCK:
        raise ValueError(f"a block has {STREAMS_PER_BLOCK} streams, not {n}")
    return np.arange(n, dtype=np.int64) + block * STREAMS_PER_BLOCK
