"""What all facilities share: the common movement m_t of scores from quarter to quarter, as one more unknown.

    m_1 = 0,   m_t+1 = m_t + drift + v_t       drift ~ N(0, 2^2),   v_t ~ N(0, movement^2)     points a quarter

It is estimated inside the likelihood of all scores (`qicsim.inputs.observed.pooling`), together with the facilities'
levels. So quarters with other reporters are compared by what the same facilities did, as far as their scores carry it:
when only the best of an earlier round are assessed again, they fall back towards their mean, and no movement is needed
to explain it. A quarter with few reporters is drawn towards the line through the others.
"""

from __future__ import annotations

import numpy as np

DRIFT_PRIOR = 2.0
"""Standard deviation of what is taken for granted about the drift, points a quarter: 8 points a year, so weak."""


def movement_precision(steps: int, movement: float) -> tuple[np.ndarray, float]:
    """Prior precision (steps, steps) of m_2, m_3, ... and its log-determinant; `movement` in points, above 0."""
    if steps == 0:
        return np.zeros((0, 0)), 0.0
    own, drift = movement**2, DRIFT_PRIOR**2
    of_steps = (np.eye(steps) - drift / (own + steps * drift)) / own
    difference = np.eye(steps) - np.eye(steps, k=-1)
    logdet = -steps * np.log(own) - np.log1p(steps * drift / own)
    return difference.T @ of_steps @ difference, float(logdet)
