"""Regression of net benefit on parameters: the conditional mean that the value of information is made of.

Every smoother here is a set of orthonormal, centred columns U with prior variances v (relative to the noise; infinite:
not penalised). A response y is fitted by

    fit = mean + U s (U'y),        s = rho v / (1 + rho v)

with rho by restricted maximum likelihood, for each response. One parameter: cubic B-splines with knots at quantiles,
penalised by the integrated square of the second derivative (Wood 2017, "Generalized additive models", chapter 5); a
parameter with few values: the mean of each. A group: a Gaussian process (Strong, Oakley and Brennan 2014, Med Decis
Making 34:311-26) whose kernel is linear in the parameters plus squared exponential over their ranks, jointly or one by
one, on at most `INDUCING` points. Linear terms are shrunk like everything else, so that a group of many parameters does
not follow noise. No basis looks at the responses: shuffled responses are fitted on the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from scipy.linalg import cholesky, eigh, solve_triangular

FEW_VALUES = 8
INNER_KNOTS = 8
INDUCING = 120
LENGTHS = (0.5, 1.0, 2.0, 4.0)
_RATIOS = np.logspace(-6.0, 6.0, 73)
_TINY = 1e-10
_NUGGET = 1e-8


@dataclass(frozen=True, eq=False)
class Basis:
    """Orthonormal centred columns (draws, k), and the prior variance of each coefficient (k,), infinite if free."""

    columns: np.ndarray
    variance: np.ndarray

    @cached_property
    def free(self) -> np.ndarray:
        """Which coefficients are not penalised, (k,)."""
        return np.isinf(self.variance)

    @cached_property
    def ratios(self) -> tuple[np.ndarray, np.ndarray]:
        """For each ratio tried, the penalised coefficients' noise over signal and noise, and the sum of its logs."""
        spread = 1.0 + _RATIOS[:, None] * self.variance[~self.free]
        return 1.0 / spread, np.log(spread).sum(axis=1)[:, None]


@dataclass(frozen=True, eq=False)
class Fit:
    """Fitted values and residuals (draws, responses), shrinkage (k, responses), and a score (responses,).

    `score` is the log restricted likelihood: for choosing between bases.
    """

    basis: Basis
    fitted: np.ndarray
    residual: np.ndarray
    shrinkage: np.ndarray
    score: np.ndarray

    @property
    def covariance(self) -> np.ndarray:
        """Residual covariance (responses, responses)."""
        freedom = np.maximum(len(self.residual) - 1.0 - self.shrinkage.sum(axis=0), 1.0)
        return self.residual.T @ self.residual / np.sqrt(freedom[:, None] * freedom)

    def noise(self, rng: np.random.Generator, times: int) -> np.ndarray:
        """Errors of the fitted values, of their mean too, drawn from their posterior; (times, draws, responses)."""
        used = self.shrinkage.max(axis=1, initial=0.0) > 1e-4  # noqa: PLR2004 what is shrunk away adds no error
        values, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        luck = rng.standard_normal((times, int(used.sum()), len(root))) @ root.T
        middle = rng.standard_normal((times, 1, len(root))) @ root.T / np.sqrt(len(self.residual))
        return middle + self.basis.columns[:, used] @ (luck * np.sqrt(self.shrinkage[used]))


def fit(basis: Basis, responses: np.ndarray) -> Fit:
    """The fit of responses (draws, responses)."""
    centre = responses.mean(axis=0)
    around = responses - centre
    seen = basis.columns.T @ around
    total = (around**2).sum(axis=0)
    outside = np.maximum(total - (seen**2).sum(axis=0), _TINY * total)
    rho, score = _likeliest(basis, seen[~basis.free], outside, len(responses) - 1 - int(basis.free.sum()))
    with np.errstate(invalid="ignore"):
        weight = basis.variance[:, None] * rho
        shrinkage = np.where(basis.free[:, None], 1.0, weight / (1.0 + weight))
    fitted = basis.columns @ (shrinkage * seen)
    return Fit(basis, centre + fitted, around - fitted, shrinkage, score)


def _likeliest(basis: Basis, seen: np.ndarray, outside: np.ndarray, left: int) -> tuple[np.ndarray, np.ndarray]:
    """The ratio of signal to noise with the highest restricted likelihood for each response, and these likelihoods."""
    inverse, logs = basis.ratios
    squares = np.einsum("rk,ks->rs", inverse, seen**2) + outside
    with np.errstate(divide="ignore"):
        score = -0.5 * (logs + left * np.log(squares))
    best = np.argmax(score, axis=0)
    top = np.take_along_axis(score, best[None], axis=0)[0]
    return _RATIOS[best], np.where(np.isfinite(top), top, 0.0)


def orthonormal(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Orthonormal columns that span the given ones after centring, (draws, rank), by principal components.

    Beside them what turns the centred ones into them, (columns, rank), and the squared sizes, (rank,). Directions below
    a relative size of 1e-5 are left out.
    """
    centred = columns - columns.mean(axis=0)
    if not centred.shape[1]:
        return centred, np.zeros((0, 0)), np.zeros(0)
    squared, turn = eigh(centred.T @ centred, driver="evd")
    kept = squared > max(_TINY * squared[-1], _TINY**2)
    back = turn[:, kept] / np.sqrt(squared[kept])
    return centred @ back, back, squared[kept]


def spline(values: np.ndarray) -> Basis:
    """The basis of one parameter (draws,); the means of its values where these are few, and none if it is constant."""
    from scipy.interpolate import BSpline

    distinct = np.unique(values)
    if len(distinct) <= FEW_VALUES:
        columns = orthonormal((values[:, None] == distinct[1:]).astype(float))[0]
        return Basis(columns, np.full(columns.shape[1], np.inf))
    scaled = (values - distinct[0]) / (distinct[-1] - distinct[0])
    inner = np.unique(np.quantile(scaled, np.linspace(0.0, 1.0, INNER_KNOTS + 2)[1:-1]))
    inner = inner[(inner > 0.0) & (inner < 1.0)]
    knots = np.concatenate([np.zeros(4), inner, np.ones(4)])
    design = BSpline.design_matrix(np.clip(scaled, 0.0, 1.0), knots, 3).toarray()
    columns, back, _ = orthonormal(design)
    penalty, turn = eigh(back.T @ _roughness(knots) @ back, driver="evd")
    smooth = penalty > 1e-8 * penalty[-1]
    variance = np.where(smooth, penalty[-1] / np.where(smooth, penalty, 1.0), np.inf)
    return Basis(columns @ turn, variance)


def _roughness(knots: np.ndarray) -> np.ndarray:
    """Integral of products of second derivatives of cubic B-splines (they are linear between knots: two nodes do)."""
    from scipy.interpolate import BSpline

    breaks = np.unique(knots)
    half = np.diff(breaks) / 2.0
    middle = (breaks[1:] + breaks[:-1]) / 2.0
    nodes = np.concatenate([middle - half / np.sqrt(3.0), middle + half / np.sqrt(3.0)])
    bent = BSpline(knots, np.eye(len(knots) - 4), 3).derivative(2)(nodes)
    return (bent * np.tile(half, 2)[:, None]).T @ bent


def group(values: np.ndarray) -> list[Basis]:
    """Bases of a group of parameters (draws, parameters) that vary; the likeliest is to be taken."""
    import pandas as pd

    centred = values - values.mean(axis=0)
    straight, _, sizes = orthonormal(centred / np.maximum(values.std(axis=0), _TINY))
    linear = straight * np.sqrt(sizes / values.shape[1])
    ranks = np.sqrt(12.0) * (pd.DataFrame(values).rank().to_numpy() / len(values) - 0.5)
    together = [_process(ranks, linear, partial(_kernel, length=length)) for length in LENGTHS]
    return [_basis(linear), *together, _process(ranks, linear, _one_by_one)]


def likeliest(bases: Sequence[Basis], responses: np.ndarray, width: int) -> np.ndarray:
    """Fitted values (draws, responses) on the likeliest of some bases, chosen for each block of `width` responses."""
    if len(bases) == 1:
        return fit(bases[0], responses).fitted
    best = np.full(responses.shape[1] // width, -np.inf)
    fitted = np.empty_like(responses)
    for basis in bases:
        one = fit(basis, responses)
        score = one.score.reshape(-1, width).sum(axis=1)
        better = score > best
        best = np.where(better, score, best)
        columns = np.repeat(better, width)
        fitted[:, columns] = one.fitted[:, columns]
    return fitted


def _basis(features: np.ndarray) -> Basis:
    columns, _, squared = orthonormal(features)
    return Basis(columns, squared)


def _process(inputs: np.ndarray, linear: np.ndarray, kernel: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Basis:
    """Linear terms and a Gaussian process, on points of the draws."""
    draws = len(inputs)
    chosen = np.unique(np.linspace(0, draws - 1, min(draws, INDUCING)).astype(int))
    centres = inputs[chosen]
    root = cholesky(kernel(centres, centres) + _NUGGET * np.eye(len(centres)), lower=True)
    return _basis(np.hstack([linear, solve_triangular(root, kernel(inputs, centres).T, lower=True).T]))


def _one_by_one(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """A kernel that adds curves of single parameters, without interaction."""
    return np.mean([_kernel(one[:, [at]], other[:, [at]], 1.0) for at in range(one.shape[1])], axis=0)


def _kernel(one: np.ndarray, other: np.ndarray, length: float) -> np.ndarray:
    apart = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2.0 * one @ other.T
    return np.exp(-0.5 * np.maximum(apart, 0.0) / length**2)
