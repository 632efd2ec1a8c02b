"""Paired contrasts of two scenarios: how much, how sure, and what pairing has saved.

    C_dr = Y_dr(scenario) - Y_dr(reference)        the same draw d and the same luck r

The interval is that of the contrast of a draw, mean over luck: 5-95 % between draws, with the noise of replicates
removed (`nested`). Its uncertainty as a number is a standard error, split into the finite number of draws and of
replicates. Two ratios say what pairing saves (common random numbers; Law 2015, "Simulation modeling and analysis",
section 11.2):

    saved_total   (total variance of the scenario + of the reference) / total variance of C     other draws, other luck
    saved_within  (chance of the scenario + of the reference) / chance of C                     same draws, other luck

so many times the runs would be needed without it. They are infinite where C does not vary at all, NaN where nothing
does, and the second is NaN with one replicate.

A pair in which one run has no value (NaN) is left out, also from the ratios; `pairs` counts what is left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.analysis.nested import Nested, checked, nested
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.intervals import DRAWS, LEVEL, Intervals, interval_of

CERTAIN = 2.0


@dataclass(frozen=True, eq=False)
class Contrast:
    """A paired contrast, in units of the indicator; fields have the shape (...) that follows draws and replicates.

    interval            of `level` between draws, noise of replicates removed
    noisy               the same without removing it
    between, within     variance between draws (0 if `parts.between_raw` is negative); between replicates of a draw
    error, error_chance standard error of the mean; the part of it that comes from too few replicates
    above               share of draws whose contrast is above zero
    saved_total, ~_within  variance without pairing over variance with it
    pairs               pairs of runs that both have a value
    parts               what it was worked out from
    """

    interval: Intervals
    noisy: Intervals
    between: np.ndarray
    within: np.ndarray
    error: np.ndarray
    error_chance: np.ndarray
    above: np.ndarray
    saved_total: np.ndarray
    saved_within: np.ndarray
    pairs: np.ndarray
    parts: Nested
    level: float = LEVEL

    @property
    def mean(self) -> np.ndarray:
        """Mean contrast of the draws."""
        return self.parts.mean

    @property
    def low(self) -> np.ndarray:
        """Lower end of `interval`."""
        return self.interval.low

    @property
    def high(self) -> np.ndarray:
        """Upper end of `interval`."""
        return self.interval.high

    @property
    def noisy_low(self) -> np.ndarray:
        """Lower end of `noisy`."""
        return self.noisy.low

    @property
    def noisy_high(self) -> np.ndarray:
        """Upper end of `noisy`."""
        return self.noisy.high

    @property
    def sign(self) -> np.ndarray:
        """-1, 0 or 1: the interval between draws is below zero, holds it, or is above; int64 (...).

        It must stay there when it is moved by two standard errors from chance: where draws do not differ at all the
        interval is a point, which lies beside zero by chance alone. Draws that are exactly zero, more than lie beyond
        an end of the interval, keep zero in it, though taking noise out of all draws moves these off zero. Nothing is
        on a side where there is no value.
        """
        margin = CERTAIN * np.nan_to_num(self.error_chance)
        idle = np.mean(self.parts.draw_means == 0.0, axis=0) > 0.5 * (1.0 - self.level)
        side = np.where(self.low - margin > 0.0, 1, np.where(self.high + margin < 0.0, -1, 0))
        return np.where(idle, 0, side)


def contrast(scenario: np.ndarray, reference: np.ndarray, *, level: float = LEVEL) -> Contrast:
    """The paired contrast of values (draws, replicates, ...) of two scenarios.

    Raises SettingError when the shapes differ, for infinite values, fewer than two draws, or a level outside 0-1.
    """
    scenario, reference = checked(scenario), checked(reference)
    if scenario.shape != reference.shape:
        raise SettingError("", [Fault("values", f"have the shapes {scenario.shape} and {reference.shape}",
                                      "one shape: runs are paired by draw and replicate")])
    difference = scenario - reference
    lost = np.isnan(difference)
    return contrast_of(difference, nested(np.where(lost, np.nan, scenario)), nested(np.where(lost, np.nan, reference)),
                       level=level)


def contrast_of(difference: np.ndarray, *unpaired: Nested, level: float = LEVEL) -> Contrast:
    """The contrast of differences (draws, replicates, ...) that were taken run by run; `unpaired` are what was taken.

    Any contrast of paired runs will do, such as an interaction; weights that are not 1 are already in `unpaired`.
    """
    check_level(level)
    parts = nested(difference)
    return Contrast(
        interval_of(parts.draw_levels(), level=level, kind=DRAWS),
        interval_of(parts.draw_means, level=level, kind=DRAWS), parts.between, parts.within, parts.error,
        parts.error_chance, share_above(parts.draw_means),
        times(sum_of([part.total for part in unpaired], parts.mean), parts.total),
        times(sum_of([part.within for part in unpaired], parts.mean), parts.within), parts.runs, parts, level)


def check_level(level: float) -> None:
    """SettingError unless the level is between 0 and 1."""
    if not 0.0 < level < 1.0:
        raise SettingError("", [Fault("level", f"{level}", "between 0 and 1")])


def share_above(draw_means: np.ndarray) -> np.ndarray:
    """Share of draws with a value that are above zero, (...)."""
    there = np.isfinite(draw_means)
    count = there.sum(axis=0)
    return np.divide((there & (draw_means > 0.0)).sum(axis=0), count, out=np.full(count.shape, np.nan),
                     where=count > 0)


def sum_of(variances: list[np.ndarray], like: np.ndarray) -> np.ndarray:
    """Sum of variances; NaN of the shape of `like` when there is none."""
    return np.sum(variances, axis=0) if variances else np.full(np.shape(like), np.nan)


def times(unpaired: np.ndarray, paired: np.ndarray) -> np.ndarray:
    """How many times larger the unpaired variance is: infinite where only the paired one is zero."""
    unpaired, paired = np.maximum(unpaired, 0.0), np.maximum(paired, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return unpaired / paired
