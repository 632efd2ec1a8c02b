"""Prior distributions: the probability below a value, and the value at a probability, of numbers and arrays alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special


@dataclass(frozen=True)
class Normal:
    """Normal prior with `mean` and standard deviation `sd`."""

    mean: float
    sd: float

    def cdf(self, x):
        """Probability of a value at or below x."""
        return special.ndtr((np.asarray(x, dtype=float) - self.mean) / self.sd)

    def ppf(self, u):
        """Value at probability u."""
        return self.mean + self.sd * special.ndtri(u)


@dataclass(frozen=True)
class HalfNormal:
    """Absolute value of a normal variable with mean 0 and standard deviation `sd`."""

    sd: float

    def cdf(self, x):
        """Probability of a value at or below x."""
        return special.erf(np.maximum(x, 0.0) / (self.sd * math.sqrt(2.0)))

    def ppf(self, u):
        """Value at probability u."""
        return self.sd * math.sqrt(2.0) * special.erfinv(u)


@dataclass(frozen=True)
class LogNormal:
    """Lognormal prior with `median` and standard deviation `sigma` of the logarithm."""

    median: float
    sigma: float

    def cdf(self, x):
        """Probability of a value at or below x."""
        with np.errstate(divide="ignore"):
            return special.ndtr(np.log(np.maximum(x, 0.0) / self.median) / self.sigma)

    def ppf(self, u):
        """Value at probability u."""
        return self.median * np.exp(self.sigma * special.ndtri(u))


@dataclass(frozen=True)
class Beta:
    """Beta prior on 0-1 with shapes `a` and `b`."""

    a: float
    b: float

    def cdf(self, x):
        """Probability of a value at or below x."""
        return special.betainc(self.a, self.b, np.clip(x, 0.0, 1.0))

    def ppf(self, u):
        """Value at probability u."""
        return special.betaincinv(self.a, self.b, u)


@dataclass(frozen=True)
class Gamma:
    """Gamma prior with `mean` and `shape` (coefficient of variation 1/sqrt(shape))."""

    mean: float
    shape: float

    def cdf(self, x):
        """Probability of a value at or below x."""
        return special.gammainc(self.shape, np.maximum(x, 0.0) * self.shape / self.mean)

    def ppf(self, u):
        """Value at probability u."""
        return special.gammaincinv(self.shape, u) * self.mean / self.shape


@dataclass(frozen=True)
class Uniform:
    """Every value between `low` and `high` alike."""

    low: float
    high: float

    def cdf(self, x):
        """Probability of a value at or below x."""
        return np.clip((np.asarray(x, dtype=float) - self.low) / (self.high - self.low), 0.0, 1.0)

    def ppf(self, u):
        """Value at probability u."""
        return self.low + (self.high - self.low) * np.asarray(u, dtype=float)


@dataclass(frozen=True)
class Spike:
    """Zero with probability `weight`, else as `rest`, a prior of values above 0.

    `ppf` is flat at 0 up to `weight`, so that a point of the unit cube, a Sobol sequence and importance weights need
    not know of the atom.
    """

    weight: float
    rest: HalfNormal | LogNormal | Beta | Gamma

    def cdf(self, x):
        """Probability of a value at or below x; half of the atom at 0 itself, as ranks with ties are counted."""
        x = np.asarray(x, dtype=float)
        above = self.weight + (1.0 - self.weight) * self.rest.cdf(x)
        return np.where(x > 0.0, above, np.where(x == 0.0, 0.5 * self.weight, 0.0))

    def ppf(self, u):
        """Value at probability u."""
        beyond = np.clip((np.asarray(u, dtype=float) - self.weight) / (1.0 - self.weight), 0.0, 1.0)
        return np.where(beyond > 0.0, self.rest.ppf(beyond), 0.0)


Prior = Normal | HalfNormal | LogNormal | Beta | Gamma | Uniform | Spike
