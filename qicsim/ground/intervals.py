"""Intervals: what a sample of runs or draws says about a number, in one type and by one rule.

Values that are missing or infinite are left out, and `n` counts the values that remain. Where no value remains, every
number is NaN and `n` is 0. Ends are quantiles with linear interpolation between two values (type 7 of Hyndman and Fan
1996, Am Stat 50:361-5).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

RUNS, DRAWS, PROGRAMMES = "between runs", "between draws", "between programmes"
LEVEL = 0.90
LOW, MEDIAN, HIGH = 5.0, 50.0, 95.0
"""Percentage points of the ends and of the median, at the usual level."""

Number = TypeVar("Number", float, np.ndarray)


@dataclass(frozen=True, eq=False)
class Interval(Generic[Number]):
    """Mean, median and the two ends of a central interval; floats for one number, arrays of one shape for many.

    n     how many values the numbers were made from
    kind  what the values differ by: `RUNS` (parameters and chance), `DRAWS` (parameters, chance averaged) or
          `PROGRAMMES` (studies of programmes elsewhere)
    """

    mean: Number
    median: Number
    low: Number
    high: Number
    n: Number
    kind: str = RUNS

    def at(self, *index: int) -> Interval[float]:
        """The interval of one number of an array."""
        mean, median, low, high, n = (np.asarray(part)[index].item()
                                      for part in (self.mean, self.median, self.low, self.high, self.n))
        return Interval(mean, median, low, high, n, self.kind)

    def rows(self, index: int) -> Intervals:
        """The intervals at an index of the first axis of arrays."""
        mean, median, low, high, n = (np.asarray(part)[index]
                                      for part in (self.mean, self.median, self.low, self.high, self.n))
        return Interval(mean, median, low, high, n, self.kind)

    def scaled(self, factor: float) -> Interval[Number]:
        """The interval of the numbers times a positive factor, such as a change of unit."""
        return Interval(self.mean * factor, self.median * factor, self.low * factor, self.high * factor, self.n,
                        self.kind)


Intervals = Interval[np.ndarray]
"""The intervals of many numbers, such as of years, or of places by year."""

NO_VALUE: Interval[float] = Interval(float("nan"), float("nan"), float("nan"), float("nan"), 0)
"""The interval of a sample without a value."""


def interval_of(sample: np.ndarray, axis: int = 0, *, level: float = LEVEL, kind: str = RUNS) -> Intervals:
    """The interval of a sample along an axis; the arrays have the shape of the other axes.

    Args:
        sample: floats; NaN and infinite values are left out.
        axis: the axis of runs or draws.
        level: the share of the sample between the two ends, 0 to 1.
        kind: what the values along the axis differ by.
    """
    values = np.moveaxis(np.asarray(sample, dtype=float), axis, -1)
    shape = values.shape[:-1]
    tail = LOW if level == LEVEL else 50.0 * (1.0 - level)
    n, mean, (low, median, high) = summary_of(values.reshape(math.prod(shape), values.shape[-1]),
                                              (tail, MEDIAN, 100.0 - tail))
    mean, median, low, high, n = (part.reshape(shape) for part in (mean, median, low, high, n))
    return Interval(mean, median, low, high, n, kind)


def summary_of(samples: np.ndarray, percents: Sequence[float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How many values each row of samples (rows, runs) has, their mean, (rows,) each, and percentiles (percents, rows).

    Rows with the same number of values are worked out together.
    """
    finite = np.isfinite(samples)
    n = finite.sum(axis=1)
    mean, levels = np.full(len(samples), np.nan), np.full((len(percents), len(samples)), np.nan)
    for count in np.unique(n[n > 0]).tolist():
        rows = n == count
        complete = samples[rows] if count == samples.shape[1] else samples[rows][finite[rows]].reshape(-1, count)
        mean[rows], levels[:, rows] = complete.mean(axis=1), np.percentile(complete, percents, axis=1)
    return n, mean, levels
