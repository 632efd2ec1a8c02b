"""Dependence between factors: a normal copula with the rank correlations of a sample, as that of a posterior.

    u = Phi(z),   z ~ N(0, C),   C = 2 sin(pi rho / 6)            rho: Spearman's rank correlations of the sample

Each factor keeps its marginal, since u is uniform. Redrawing the factors S while the others R stay takes them from what
they can be beside these:

    z_S ~ N(C_SR C_RR^-1 z_R,  C_SS - C_SR C_RR^-1 C_RS)

Without a correlation the redrawn factors are simply those of the fresh point. Dependence beyond ranks (bends, tails) is
not kept.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

SMALLEST = 1e-6
"""Smallest eigenvalue of a correlation matrix: what is smaller is lifted, so that every factor keeps some freedom."""


def copula_of(sample: np.ndarray) -> np.ndarray:
    """The correlations C (columns, columns) of the normal copula with a sample's rank correlations.

    A column of the sample (draws, columns) that does not vary depends on nothing.
    """
    ranks = rankdata(sample, axis=0)
    off = ranks - ranks.mean(axis=0)
    size = np.sqrt((off**2).sum(axis=0))
    scaled = off / np.where(size > 0.0, size, 1.0)
    return proper(2.0 * np.sin(np.pi / 6.0 * (scaled.T @ scaled)))


def proper(matrix: np.ndarray) -> np.ndarray:
    """The nearest of matrices with ones on the diagonal whose eigenvalues are not below `SMALLEST`."""
    filled = np.array(matrix, dtype=float)
    np.fill_diagonal(filled, 1.0)
    values, vectors = np.linalg.eigh(0.5 * (filled + filled.T))
    lifted = (vectors * np.maximum(values, SMALLEST)) @ vectors.T
    scale = np.sqrt(np.diag(lifted))
    return np.asarray(lifted / scale / scale[:, None])


def dependent(points: np.ndarray, correlation: np.ndarray | None) -> np.ndarray:
    """Independent points (n, columns) of the cube, made to depend on each other."""
    if correlation is None:
        return points
    return np.asarray(ndtr(ndtri(points) @ np.linalg.cholesky(correlation).T))


def redrawn(points: np.ndarray, fresh: np.ndarray, chosen: np.ndarray, correlation: np.ndarray | None) -> np.ndarray:
    """Points (n, columns) in which the chosen columns (bool) are redrawn given the others, by independent `fresh` ones.

    With all columns chosen it is a point of its own, with none the point itself.
    """
    if correlation is None:
        return np.where(chosen, fresh, points)
    out, drawn, kept = points.copy(), np.flatnonzero(chosen), np.flatnonzero(~chosen)
    own = correlation[np.ix_(drawn, drawn)]
    if kept.size:
        between = np.linalg.solve(correlation[np.ix_(kept, kept)], correlation[np.ix_(kept, drawn)])
        own = own - correlation[np.ix_(drawn, kept)] @ between
        middle = ndtri(points[:, kept]) @ between
    else:
        middle = np.zeros((len(points), drawn.size))
    if drawn.size:
        out[:, drawn] = ndtr(middle + ndtri(fresh[:, drawn]) @ np.linalg.cholesky(own).T)
    return out
