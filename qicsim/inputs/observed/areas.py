"""Levels of care areas: how far the scores of an area lie above or below the total, drawn towards the kind's mean.

    d_ft   = score of the area - total score                 facility f, quarter t, of the last RECENT quarters
    d_f    = mean over its n_f quarters                      within: variance of one quarter, pooled over facilities
    level  = level of the total + m + w_f (d_f - m)          m: mean of d_f over the facilities of the kind
    w_f    = between / (between + within / n_f)              between: variance of d_f that is not noise

Where no facility has two quarters the noise of one cannot be told: half of the variance is taken for it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

RECENT = 8
"""Two years: what teams work on changes from year to year."""
UNKNOWN_NOISE = 0.5


def area_levels(scores: Mapping[str, np.ndarray], total: np.ndarray, level: np.ndarray, kind: np.ndarray
                ) -> dict[str, np.ndarray]:
    """Levels (F,) of each area, 0 to 100; nan where a facility has no level or nobody of its kind a score of the area.

    `scores` and `total` (F, T) are observed, nan where missing; `level` (F,) are the levels of the total, `kind` (F,).
    Areas without any score beside a total are left out.
    """
    found = {}
    for name, grid in scores.items():
        apart = (grid - total)[:, -RECENT:]
        if np.isfinite(apart).any():
            typical = np.full(len(level), np.nan)
            for each in np.unique(kind):
                typical[kind == each] = drawn_together(apart[kind == each])
            found[name] = np.clip(level + typical, 0.0, 100.0)
    return found


def drawn_together(apart: np.ndarray) -> np.ndarray:
    """Typical value (F,) of each row of `apart` (F, T), nan where missing; nan everywhere if nothing is known."""
    seen = np.isfinite(apart)
    count, values = seen.sum(axis=1), np.where(seen, apart, 0.0)
    some = count > 0
    if not some.any():
        return np.full(len(apart), np.nan)
    mean = values.sum(axis=1) / np.maximum(count, 1)
    common, variance = mean[some].mean(), mean[some].var(ddof=1) if some.sum() > 1 else 0.0
    freedom = (count[some] - 1).sum()
    squares = np.where(seen, (values - mean[:, None])**2, 0.0).sum()
    within = squares / freedom if freedom else UNKNOWN_NOISE * variance
    between = max(variance - (within / count[some]).mean(), 0.0)
    noise = within / np.maximum(count, 1)
    weight = np.where(some & (between > 0.0), between / np.maximum(between + noise, np.finfo(float).tiny), 0.0)
    return common + weight * (mean - common)
