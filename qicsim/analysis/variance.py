"""The split of uncertainty: structure, scenario, parameters, chance, by the law of total variance.

    Y_scdr    structure s, scenario c (each a fixed list, all alike), draw d (random), replicate r of draw d (random)

Over structures and scenarios Y is written as a sum of orthogonal parts: its mean, the effect of the structure, of the
scenario, and of both together. Each part e is a nested sample over draws and replicates, so that

    mean over cells of e_dr^2 = (mean of e)^2 + variance of e between draws + variance of e within draws

whose three terms, summed over the parts, add up to the variance of a run whose structure, scenario, draw and luck are
all picked at random. All terms are unbiased: the noise of a term is taken off by the sample variance of what it is the
mean of (Searle, Casella and McCulloch 1992). Scenarios and structures may share draws and luck, as paired runs do, in
any way: nothing is assumed about it, and pairing makes the scenario's term sharper. A term that comes out negative is
reported as 0, with the raw value kept. Standard errors are jackknifed over draws (Efron and Stein 1981).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.ground.errors import Fault, SettingError

SOURCES = ("structure", "scenario", "structure x scenario", "parameters", "parameters x structure",
           "parameters x scenario", "parameters x structure x scenario", "chance")
FAMILIES = ("structure", "scenario", "parameters", "interactions", "chance")
_FAMILY = (0, 1, 3, 2, 3, 3, 3, 4)
_FEWEST_DRAWS, _FEWEST_REPLICATES = 3, 2
_AXES = 4


@dataclass(frozen=True, eq=False)
class Split:
    """Variances by source, in the indicator's unit squared; arrays (sources, ...), in the order of `SOURCES`.

    raw     unbiased estimates; they add up to the total, and can be negative
    error   their standard errors
    """

    raw: np.ndarray
    error: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """Unbiased variance of a run of which everything is picked at random, (...)."""
        return self.raw.sum(axis=0)

    @property
    def variance(self) -> np.ndarray:
        """Variances that are never negative."""
        return np.maximum(self.raw, 0.0)

    @property
    def shares(self) -> np.ndarray:
        """Shares of the sum of `variance`: they add up to 1. NaN where nothing varies."""
        return _shares(self.variance)

    def families(self) -> np.ndarray:
        """Shares of the five `FAMILIES`, (5, ...), for the bands of a fan chart: interactions are taken together."""
        gathered = np.zeros((len(FAMILIES), *self.raw.shape[1:]))
        for place, family in enumerate(_FAMILY):
            gathered[family] += self.variance[place]
        return _shares(gathered)


def split(values: np.ndarray) -> Split:
    """The split of values (structures, scenarios, draws, replicates, ...), such as (..., times).

    One structure or one scenario alone gives zero for what belongs to it. A time at which any run has no value (NaN)
    has no split. SettingError for fewer than 3 draws or 2 replicates.
    """
    values = np.asarray(values, dtype=float)
    _check(values)
    effects, draws = _effects(values), values.shape[2]
    without = _gathered([_terms_without_each(effect) for effect in effects])
    error = np.sqrt((draws - 1) / draws * ((without - without.mean(axis=1, keepdims=True)) ** 2).sum(axis=1))
    return Split(_gathered([_terms(effect) for effect in effects]), error)


def _gathered(terms: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> np.ndarray:
    """The terms of all effects by source, mean over the cells: (sources, ...)."""
    fixed, between, within = (np.stack(parts) for parts in zip(*terms, strict=True))
    return np.concatenate([fixed[1:], between, within.sum(axis=0, keepdims=True)]).mean(axis=(1, 2))


def _check(values: np.ndarray) -> None:
    faults = []
    if values.ndim < _AXES:
        faults.append(Fault("values", f"have the shape {values.shape}",
                            "(structures, scenarios, draws, replicates, ...)"))
    elif values.shape[2] < _FEWEST_DRAWS or values.shape[3] < _FEWEST_REPLICATES:
        faults.append(Fault("values", f"hold {values.shape[2]} draws and {values.shape[3]} replicates",
                            f"at least {_FEWEST_DRAWS} draws and {_FEWEST_REPLICATES} replicates"))
    elif np.isinf(values).any():
        faults.append(Fault("values", "hold an infinite number", "numbers, or NaN where there is no value"))
    if faults:
        raise SettingError("", faults)


def _effects(values: np.ndarray) -> tuple[np.ndarray, ...]:
    """Mean, structure, scenario, both: orthogonal parts over the first two axes, broadcast to the shape of `values`."""
    overall = values.mean(axis=(0, 1), keepdims=True)
    structure = values.mean(axis=1, keepdims=True) - overall
    scenario = values.mean(axis=0, keepdims=True) - overall
    both = values - overall - structure - scenario
    return tuple(np.broadcast_to(effect, values.shape) for effect in (overall, structure, scenario, both))


def _terms(effect: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Squared mean, variance between draws and within draws of each cell, unbiased, each (structures, scenarios, ...).

    The squared mean is that of the effect itself, so it means nothing for the overall mean.
    """
    draws, replicates = effect.shape[2], effect.shape[3]
    means, squares = effect.mean(axis=3), effect.var(axis=3, ddof=1)
    spread, within = means.var(axis=2, ddof=1), squares.mean(axis=2)
    return means.mean(axis=2) ** 2 - spread / draws, spread - within / replicates, within


def _terms_without_each(effect: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The terms of `_terms` without each draw in turn, each (structures, scenarios, draws, ...)."""
    n, replicates = effect.shape[2], effect.shape[3]
    means, squares = effect.mean(axis=3), effect.var(axis=3, ddof=1)
    centre, spread = means.mean(axis=2, keepdims=True), means.var(axis=2, ddof=1, keepdims=True)
    centres = (n * centre - means) / (n - 1)
    spreads = ((n - 1) * spread - n / (n - 1) * (means - centre) ** 2) / (n - 2)
    withins = (n * squares.mean(axis=2, keepdims=True) - squares) / (n - 1)
    return centres**2 - spreads / (n - 1), spreads - withins / replicates, withins


def _shares(variance: np.ndarray) -> np.ndarray:
    total = variance.sum(axis=0)
    return np.divide(variance, total, out=np.full(variance.shape, np.nan), where=total > 0.0)
