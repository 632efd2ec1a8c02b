"""Spreads: mean and 5-95 % interval between runs, for arrays whose first axis is the run."""

from __future__ import annotations

import numpy as np

from qicsim.plan.interval import Spread

LOW, MIDDLE, HIGH = 5.0, 50.0, 95.0


def spread_of(sample: np.ndarray) -> Spread:
    """The spread of a sample (runs, ...); runs without a value are left out, NaN where none has one."""
    flat = sample.reshape(len(sample), -1)
    there = np.isfinite(flat)
    n = there.sum(axis=0)
    mean, low, high = (np.full(flat.shape[1], np.nan) for _ in range(3))
    whole, part = n == len(flat), (n > 0) & (n < len(flat))
    mean[whole] = flat[:, whole].mean(axis=0)
    low[whole], high[whole] = np.percentile(flat[:, whole], (LOW, HIGH), axis=0)
    for column in np.flatnonzero(part):
        values = flat[there[:, column], column]
        mean[column] = values.mean()
        low[column], high[column] = np.percentile(values, (LOW, HIGH))
    return Spread(*(values.reshape(sample.shape[1:]) for values in (mean, low, high, n)))
