"""What all facilities share: the common movement of scores from quarter to quarter.

    y_it = m_t + a_i + error           a_i random, so that quarters with other reporters are compared fairly
    m_t  = line + d_t                  d_t is drawn towards 0 by how noisy it is: few reporters say little

The fit alternates between facilities and quarters until nothing moves. What is left over after that is the business of
`qicsim.observed.filter`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

ROUNDS = 100
STILL = 1e-4
LEAST_VARIANCE = 1e-9
A_LINE = 3
"""Quarters with scores from which a line and deviations from it can be told apart."""


class Trend(NamedTuple):
    """`common` (T,): m_t beside that of the last quarter, which is 0; `variance` of the error of the last one."""

    common: np.ndarray
    variance: float


def common_trend(y: np.ndarray) -> Trend:
    """The common movement of scores (F, T) with nan where missing; at least one score."""
    seen = ~np.isnan(y)
    if np.count_nonzero(seen.any(axis=0)) == 1:
        return Trend(np.zeros(y.shape[1]), 0.0)
    filled, per_facility, per_quarter = np.where(seen, y, 0.0), seen.sum(axis=1), seen.sum(axis=0)
    quarters, within, between = np.zeros(y.shape[1]), 1.0, 1.0
    for _ in range(ROUNDS):
        middle = (filled - seen * quarters).sum() / seen.sum()
        own = (filled - seen * (quarters + middle)).sum(axis=1)
        facility = middle + own / (per_facility + within / between)
        left = np.where(seen, y - facility[:, None], 0.0)
        before, quarters = quarters, left.sum(axis=0) / np.maximum(per_quarter, 1)
        within, between = _variances(seen * (left - quarters), facility, per_facility)
        if np.abs(quarters - before).max() < STILL:
            break
    variance = within / np.maximum(per_quarter, 1)
    level, kept = _drawn_to_a_line(quarters, np.where(per_quarter > 0, variance, np.inf))
    return Trend(level - level[-1], float(variance[-1] * kept[-1]))


def _variances(left: np.ndarray, facility: np.ndarray, per_facility: np.ndarray) -> tuple[float, float]:
    """Variance of one score around its facility and quarter, and between facilities."""
    scores, facilities = int(per_facility.sum()), int(np.count_nonzero(per_facility))
    freedom = scores - facilities if scores > facilities else scores
    within = max(float((left**2).sum()) / freedom, LEAST_VARIANCE)
    return within, max(float(facility[per_facility > 0].var()), LEAST_VARIANCE + 0.01 * within)


def _drawn_to_a_line(level: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Levels drawn towards their weighted line, and the share of its deviation that each keeps; both (T,)."""
    at, weight = np.arange(len(level), dtype=float), 1.0 / variance
    known = weight > 0.0
    if np.count_nonzero(known) < A_LINE:
        return np.where(known, level, level[known].mean()), np.ones(len(level))
    slope, start = np.polyfit(at[known], level[known], 1, w=np.sqrt(weight[known]))
    line = start + slope * at
    apart = (level - line)[known]
    spread = max(float(np.average(apart**2, weights=weight[known])) - float(1.0 / weight[known].mean()), 0.0)
    kept = np.where(known, spread / (spread + np.where(known, variance, 1.0)), 0.0)
    return line + kept * (level - line), kept
