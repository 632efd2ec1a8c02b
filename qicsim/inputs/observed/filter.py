"""A local-level filter for many short, noisy series at once.

    y_it = m_t + x_it + e_it,         e_it ~ N(0, noise^2)             a score is the level and the noise of one round
    x_i,t+1 = x_it + w_it,            w_it ~ N(0, walk^2)              levels drift apart, quarter by quarter
    x_i1 ~ N(b_kind + u_district, spread^2),   u_district ~ N(0, district^2)

m_t is what all facilities share (`qicsim.inputs.observed.trend`). With b, u and m given, each series is a Kalman filter
(one number of state, missing quarters are skipped) whose errors are linear in them. So a single pass gives the
likelihood of all of b, u and m, which `qicsim.inputs.observed.pooling` puts together.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

REPEATED = 0.5
"""With more different patterns of missing quarters than this share of the series nothing is saved."""


class Panel(NamedTuple):
    """Series: `y` (F, T) with nan where missing, `kind` (F,) 0 or 1, `district` (F,) rows 0, 1, ..."""

    y: np.ndarray
    kind: np.ndarray
    district: np.ndarray


class Spreads(NamedTuple):
    """Standard deviations, points.

    Of one assessment, of a facility's step in a quarter, between facilities, between districts, and of a step that all
    facilities share.
    """

    noise: float
    walk: float
    spread: float
    district: float
    movement: float = 1.0


class Passed(NamedTuple):
    """What the filters say of each facility, given theta = (mean mu at its start, m_1 ... m_T).

    The last level, beside m_T, is `start` (F,) + theta @ `response` (1 + T, F), with `variance` (F,). The
    log-likelihood of a facility is `constant` (F,) + theta @ L - theta @ P @ theta / 2; of L there are the term of mu,
    `linear` (F,), and those of m summed over facilities, `shared` (T,); of P the row of mu, `cross` (1 + T, F), and the
    part of m summed over facilities, `movement` (T, T).
    """

    start: np.ndarray
    response: np.ndarray
    variance: np.ndarray
    constant: np.ndarray
    linear: np.ndarray
    shared: np.ndarray
    cross: np.ndarray
    movement: np.ndarray


def _patterns(seen: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The different rows (U, T) of `seen` (F, T), the place of each row among them, and how many rows each stands for.

    Where most rows are different each stands for itself.
    """
    bits = np.packbits(seen, axis=1)
    _, first, of, often = np.unique(np.ascontiguousarray(bits).view(f"V{bits.shape[1]}").ravel(), return_index=True,
                                    return_inverse=True, return_counts=True)
    if len(first) > REPEATED * len(seen):
        return seen, np.arange(len(seen)), np.ones(len(seen))
    return seen[first], of, often.astype(float)


def run_filters(panel: Panel, spreads: Spreads) -> Passed:
    """Kalman filters of all series, for theta = 0 and for how they answer to it.

    Variances and answers depend on which quarters have a score, not on the scores: they are worked out once for all
    series that have the same.
    """
    count, quarters = panel.y.shape
    kinds, of, often = _patterns(~np.isnan(panel.y))
    start, constant, linear, shared = np.zeros(count), np.zeros(count), np.zeros(count), np.zeros(quarters)
    response, cross = (np.zeros((1 + quarters, len(kinds))) for _ in range(2))
    variance, movement, response[0] = np.full(len(kinds), spreads.spread**2), np.zeros((quarters, quarters)), 1.0
    for t in range(quarters):
        variance = variance + spreads.walk**2 if t else variance
        seen, total, upto = kinds[:, t], variance + spreads.noise**2, t + 2
        weight = np.where(seen, variance / total, 0.0)
        error = np.where(seen[of], panel.y[:, t] - start, 0.0)
        constant -= np.where(seen[of], 0.5 * (np.log(2.0 * np.pi * total)[of] + error**2 / total[of]), 0.0)
        expected = response[:upto].copy()
        expected[-1] = 1.0
        informed = expected * np.where(seen, 1.0 / total, 0.0)
        linear += informed[0, of] * error
        shared[:t + 1] += informed[1:] @ np.bincount(of, error, len(kinds))
        cross[:upto] += informed * expected[0]
        movement[:t + 1, :t + 1] += (informed[1:] * often) @ expected[1:].T
        response[:upto] -= weight * expected
        start, variance = start + weight[of] * error, variance * (1.0 - weight)
    return Passed(start, response[:, of], variance[of], constant, linear, shared, cross[:, of],
                  movement)
