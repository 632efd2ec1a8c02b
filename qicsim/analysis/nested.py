"""Draws with replicates inside: what is between draws, and what is chance within them.

    Y_dr = mean + B_d + W_dr        d = 1..D draws, r = 1..n_d replicates of draw d

    within  = mean over draws of s_d^2                            s_d^2: variance of the replicates of draw d
    between = variance of the draws' means - mean of s_d^2 / n_d

Both are unbiased whatever the distributions, with unequal numbers of replicates, and with a chance that is larger in
some draws than in others (one-way random effects by unweighted means; Searle, Casella and McCulloch 1992, "Variance
components", chapter 3). `between` can come out negative: it is then reported as 0, and the raw value kept.

Runs without a value (NaN) are left out; so is a draw that has none. A draw with one run alone takes its chance from the
others. With one replicate in every draw nothing can be told apart: `within` and `between` are NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.ground.errors import Fault, SettingError

FEWEST = 2


@dataclass(frozen=True, eq=False)
class Nested:
    """Estimates for values (draws, replicates, ...); every field has the shape (...), or (draws, ...).

    mean          mean of the draws' means
    between_raw   unbiased variance between draws, possibly negative
    within        variance between replicates of a draw (of one run)
    spread        variance of the draws' means, chance and all
    draw_means    (draws, ...): mean of the replicates of each draw
    chance        (draws, ...): variance of those means that comes from chance
    error         standard error of the mean over draws and replicates
    error_chance  the part of it that more replicates of the same draws would remove
    draws, runs   how many had a value
    """

    mean: np.ndarray
    between_raw: np.ndarray
    within: np.ndarray
    spread: np.ndarray
    draw_means: np.ndarray
    chance: np.ndarray
    error: np.ndarray
    error_chance: np.ndarray
    draws: np.ndarray
    runs: np.ndarray

    @property
    def between(self) -> np.ndarray:
        """Variance between draws, never negative."""
        return np.maximum(self.between_raw, 0.0)

    @property
    def total(self) -> np.ndarray:
        """Variance of one run of one draw, unbiased; known with one replicate too."""
        return np.where(np.isnan(self.within), self.spread, self.between_raw + self.within)

    def draw_levels(self) -> np.ndarray:
        """The draws' means with the noise of replicates removed, (draws, ...).

        Means are drawn together around their mean until their variance is `between` (constrained empirical Bayes; Louis
        1984, "Estimating a population of parameter values"). Mean and variance are then right; the shape is that of the
        noisy means. Where chance is unknown (one replicate) they are left as they are.
        """
        share = np.divide(self.between, self.spread, out=np.zeros_like(self.between), where=self.spread > 0.0)
        kept = np.where(np.isnan(self.between_raw), 1.0, np.sqrt(share))
        return self.mean + kept * (self.draw_means - self.mean)


def nested(values: np.ndarray) -> Nested:
    """Estimates from values (draws, replicates, ...); SettingError for another shape, infinities, or a single draw."""
    values = checked(values)
    runs = np.isfinite(values).sum(axis=1)
    means = mean_of(values, axis=1)
    squares = _ratio(_total((values - means[:, None]) ** 2, axis=1), runs - 1)
    within = mean_of(squares)
    chance = np.where(runs >= 1, _ratio(np.where(np.isnan(squares), within, squares), runs), np.nan)
    draws = (runs > 0).sum(axis=0)
    spread = _ratio(_total((means - mean_of(means)) ** 2, axis=0), draws - 1)
    noise = mean_of(chance)
    return Nested(mean_of(means), spread - noise, within, spread, means, chance, np.sqrt(_ratio(spread, draws)),
                  np.sqrt(_ratio(noise, draws)), draws, runs.sum(axis=0))


def checked(values: np.ndarray) -> np.ndarray:
    """Values as float64; SettingError unless they are (draws, replicates, ...) with two draws and no infinity."""
    values = np.asarray(values, dtype=float)
    if values.ndim < 2 or values.shape[0] < FEWEST or values.shape[1] < 1:  # noqa: PLR2004 draws and replicates
        raise SettingError("", [Fault("values", f"have the shape {values.shape}",
                                      "(draws, replicates, ...), two draws or more, one replicate or more")])
    if np.isinf(values).any():
        draw, replicate = np.argwhere(np.isinf(values))[0][:2]
        raise SettingError("", [Fault("values", f"draw {draw}, replicate {replicate} is infinite",
                                      "numbers, or NaN where there is no value")])
    return values


def mean_of(values: np.ndarray, axis: int = 0) -> np.ndarray:
    """Mean of the finite values along an axis; NaN where there is none."""
    return _ratio(_total(values, axis), np.isfinite(values).sum(axis=axis))


def _total(values: np.ndarray, axis: int) -> np.ndarray:
    return np.where(np.isfinite(values), values, 0.0).sum(axis=axis)


def _ratio(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Total by count; NaN where there is nothing to divide by."""
    total, count = np.asarray(total, dtype=float), np.asarray(count)
    return np.divide(total, count, out=np.full(np.broadcast_shapes(total.shape, count.shape), np.nan), where=count > 0)
