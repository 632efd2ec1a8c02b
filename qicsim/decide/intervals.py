"""A mean with its interval between draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LOW, HIGH = 5.0, 95.0


@dataclass(frozen=True, eq=False)
class Spread:
    """Mean and 5-95 % interval between draws, float64 of any shape."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def at(self, *place: int) -> tuple[float, float, float]:
        """Mean, low and high of one place."""
        return float(self.mean[place]), float(self.low[place]), float(self.high[place])


def spread(values: np.ndarray, axis: int = -1) -> Spread:
    """The spread of values over the axis of draws."""
    low, high = np.percentile(values, (LOW, HIGH), axis=axis)
    return Spread(values.mean(axis=axis), low, high)
