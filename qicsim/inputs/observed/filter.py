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
    log-likelihood of a facility is `constant` (F,) + theta @ `linear` (1 + T, F) - theta @ P @ theta / 2; of P there
    are the row of mu, `cross` (1 + T, F), and the part of m summed over facilities, `movement` (T, T).
    """

    start: np.ndarray
    response: np.ndarray
    variance: np.ndarray
    constant: np.ndarray
    linear: np.ndarray
    cross: np.ndarray
    movement: np.ndarray


def run_filters(panel: Panel, spreads: Spreads) -> Passed:
    """Kalman filters of all series, for theta = 0 and for how they answer to it."""
    count, quarters = panel.y.shape
    start, variance, constant = np.zeros(count), np.full(count, spreads.spread**2), np.zeros(count)
    response, linear, cross = (np.zeros((1 + quarters, count)) for _ in range(3))
    movement, response[0] = np.zeros((quarters, quarters)), 1.0
    for t in range(quarters):
        variance = variance + spreads.walk**2 if t else variance
        seen, total, upto = ~np.isnan(panel.y[:, t]), variance + spreads.noise**2, t + 2
        weight, error = np.where(seen, variance / total, 0.0), np.where(seen, panel.y[:, t] - start, 0.0)
        constant -= np.where(seen, 0.5 * (np.log(2.0 * np.pi * total) + error**2 / total), 0.0)
        expected = response[:upto].copy()
        expected[-1] = 1.0
        informed = expected * np.where(seen, 1.0 / total, 0.0)
        linear[:upto] += informed * error
        cross[:upto] += informed * expected[0]
        movement[:t + 1, :t + 1] += informed[1:] @ expected[1:].T
        response[:upto] -= weight * expected
        start, variance = start + weight * error, variance * (1.0 - weight)
    return Passed(start, response, variance, constant, linear, cross, movement)
