"""Runs whose values are made up, put into a store as if they had been simulated."""

from __future__ import annotations

import numpy as np

from qicsim.model.indicators import COUNTS
from qicsim.runs.batches import Finished
from qicsim.runs.identity import code_digest
from qicsim.runs.store import Store


def put(folder, design, runs, values) -> None:
    """Put runs (n,) into the store of an experiment: every indicator of the nation has the value (n,) of the run."""
    extent, blocks = design.layout.extent, design.layout.blocks
    ones, times = np.ones(len(runs)), {"quarter": len(extent.quarters), "year": len(extent.years)}

    def block(kind):
        worth = ones if kind.column == COUNTS else np.asarray(values, dtype=float)
        numbers = np.zeros((len(runs), times[kind.times], 4))
        numbers[:, :, 0] = worth[:, None]
        return numbers

    store = Store.opened(folder / "runs", code_digest())
    store.add(Finished(design.keys(runs), extent.start, blocks, tuple(map(block, blocks))))
    store.write()
