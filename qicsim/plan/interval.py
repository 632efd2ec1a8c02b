"""A number of many runs: its mean, its 5-95 % interval, and how many runs have a value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Spread:
    """Mean and 5-95 % interval between runs, float64 each, and how many runs have a value, int64: one shape.

    Means and ends are NaN where no run has a value.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: np.ndarray
