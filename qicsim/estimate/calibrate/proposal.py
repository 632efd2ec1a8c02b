"""Where to simulate next: proposals around good draws, in the few directions that the targets speak about.

In normal scores the prior is standard normal in every direction, so a proposal may leave all directions but a few at
the prior; its weight then depends on those few alone, which keeps weights even with many parameters that do not
matter.

    q = c prior + b Normal(mean, B S) + (1 - b - c) mean_j Normal(m_j, h^2 S)
    m_j = a x_j + (1 - a) mean,   a^2 = 1 - h^2

with x_j good draws, S their covariance and h Silverman's width (shrunken kernels, West 1993). Kernels find the shape
and are widened a little; the broad part, wider than S, fills the holes that few kernels leave in many directions, so
that no run there gets a weight that outweighs all others; the prior defends against what was not seen at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qicsim.ground.compiled import compiled_with_arrays

DEFENSIVE = 0.1
BROAD = 0.45
BROADER = 1.6
MOST_KERNELS = 128
WIDER = 1.2
SMALLEST_VARIANCE = 1e-12
FEW_PARAMETERS = 10
SURE = 4.0
FARTHEST = 200.0
LARGEST_EXPONENT = 600.0


@dataclass(frozen=True, eq=False)
class Proposal:
    """Kernels in a subspace of the scores: orthonormal `basis` (d, r), `centres` (j, r), triangular `width` (r, r).

    The broad part has its `middle` (1, r) and its own triangular `breadth` (r, r).
    """

    basis: np.ndarray
    centres: np.ndarray
    width: np.ndarray
    middle: np.ndarray
    breadth: np.ndarray

    def draw(self, n: int, luck: np.random.Generator) -> np.ndarray:
        """Normal scores of `n` proposed draws, (n, d)."""
        scores = luck.standard_normal((n, len(self.basis)))
        # einsum, since products this small are slower on the threads of a linear algebra library than on none.
        inside = np.einsum("nd,dr->nr", scores, self.basis)
        kernel = luck.integers(len(self.centres), size=n)
        part = luck.random(n)[:, None]
        moved = np.where(part < DEFENSIVE + BROAD, self.middle + inside @ self.breadth.T,
                         self.centres[kernel] + inside @ self.width.T)
        moved = np.where(part < DEFENSIVE, inside, moved)
        return scores + np.einsum("nr,dr->nd", moved - inside, self.basis)

    def log_ratio(self, inside: np.ndarray) -> np.ndarray:
        """Log of the proposal's density over the prior's at points (n, r) of the subspace; (n,)."""
        kernels = _over_prior(inside, self.centres, self.width)
        broad = _over_prior(inside, self.middle, self.breadth)
        return np.log(DEFENSIVE + BROAD * broad + (1.0 - DEFENSIVE - BROAD) * kernels)


def _over_prior(inside: np.ndarray, centres: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Mean density of kernels over the prior's density at points (n, r); (n,)."""
    inverse = np.linalg.inv(width)
    density = np.empty(len(inside))
    _mean_kernel(np.einsum("nr,sr->ns", inside, inverse), np.ascontiguousarray(inverse @ centres.T), density)
    scale = 0.5 * np.sum(inside**2, axis=1) - np.sum(np.log(np.diag(width)))
    return density * np.exp(np.minimum(scale, LARGEST_EXPONENT))


@compiled_with_arrays
def _mean_kernel(points: np.ndarray, centres: np.ndarray, out: np.ndarray) -> None:
    """Mean over centres (r, j) of exp(-|point - centre|^2 / 2) at points (n, r); fills `out` (n,).

    Compiled, because a product of small matrices that waits for threads costs more than a run.
    """
    far = np.empty(centres.shape[1])
    for row in range(points.shape[0]):
        far[:] = 0.0
        for axis in range(points.shape[1]):
            at = points[row, axis]
            for kernel in range(far.size):
                off = at - centres[axis, kernel]
                far[kernel] += off * off
        total = 0.0
        for kernel in range(far.size):
            if far[kernel] < FARTHEST:
                total += math.exp(-0.5 * far[kernel])
        out[row] = total / far.size


def around(inside: np.ndarray, weights: np.ndarray, basis: np.ndarray, luck: np.random.Generator) -> Proposal:
    """Kernels around draws at points (n, r) of the subspace of `basis` (d, r), with weights (n,)."""
    share = weights / weights.sum()
    mean = share @ inside
    off = inside - mean
    r, effective = basis.shape[1], 1.0 / np.sum(share**2)
    h = min((4.0 / ((r + 2.0) * effective)) ** (1.0 / (r + 4.0)), 1.0)
    covariance = (off * share[:, None]).T @ off
    # What a few draws say about a covariance is drawn towards its diagonal, and never taken for certain.
    sure = effective / (effective + r)
    covariance = sure * covariance + (1.0 - sure) * np.diag(np.diag(covariance)) + SMALLEST_VARIANCE * np.eye(r)
    chosen = luck.choice(len(share), size=min(MOST_KERNELS, len(share)), p=share)
    centres = mean + np.sqrt(1.0 - h * h) * off[chosen]
    root = np.linalg.cholesky(covariance)
    return Proposal(basis, centres, np.sqrt(h * h + WIDER - 1.0) * root, mean[None, :], np.sqrt(BROADER) * root)


def directions(scores: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Orthonormal directions (d, r) of the scores (n, d) in which features (n, k) of the runs move.

    All directions where there are few parameters. Else the span of the significant canonical directions of the
    features, and of every parameter whose square moves with one of them.
    """
    n, d = scores.shape
    if d <= FEW_PARAMETERS:
        return np.eye(d)
    centred = features - features.mean(axis=0)
    spread, turn = np.linalg.eigh(centred.T @ centred / n)
    kept = spread > 1e-8 * spread.max(initial=0.0)
    white = centred @ (turn[:, kept] / np.sqrt(spread[kept]))
    axes, lengths, _ = np.linalg.svd(scores.T @ white / n, full_matrices=False)
    # A direction without meaning has a correlation near sqrt(d / n) with the best of the features.
    linear = axes[:, lengths > np.sqrt(d / n) + SURE / np.sqrt(n)]
    curved = np.abs((scores**2 - 1.0).T @ white / n).max(axis=1) > SURE * np.sqrt(2.0 / n)
    found = np.concatenate([linear, np.eye(d)[:, curved]], axis=1)
    left, lengths, _ = np.linalg.svd(found, full_matrices=False)
    return left[:, lengths > 0.1]  # noqa: PLR2004 what is nearly in the span already
