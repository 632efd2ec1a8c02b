"""Inequality between provinces: the slope index (the range is `qicsim.analysis.places.province_range`).

    slope = sum w (x - mean x)(y - mean y) / sum w (x - mean x)^2

y is a province's mean, w its weight (facilities or people), and x the middle of its share of the total weight when
provinces stand from the last to the first (0 to 1). The slope is the difference that the line predicts between the very
first and the very last (Wagstaff, Paci and van Doorslaer 1991, Soc Sci Med 33:545-57; Mackenbach and Kunst 1997,
44:757-71). Ranked by something fixed beforehand, such as quality at the start or poverty, it can fall to 0 and below
when those behind overtake; ranked by y itself it cannot. The range and such a slope can therefore disagree: where those
who began last overtake, the slope falls while the distance between best and worst grows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qicsim.decide.checks import Checks

TIED = 1e-12


def slope_index(values: Any, weights: Any, rank_by: Any = None) -> np.ndarray:
    """Slope index (...), in the unit of the values; 0 for a province alone, or if all have the same rank.

    Args:
        values: (..., provinces).
        weights: (provinces,) or (..., provinces), above 0.
        rank_by: (provinces,) or (..., provinces), from the last to the first as it rises; if None, the values. Those
            that are equal share their place.

    Raises:
        SettingError: for weights that are not above 0, values that are not finite, or shapes that do not fit.
    """
    y = np.asarray(values, dtype=float)
    faults = Checks()
    given = {"weights": np.asarray(weights, dtype=float),
             "rank_by": np.asarray(y if rank_by is None else rank_by, dtype=float)}
    for place, array in given.items():
        if array.shape not in (y.shape, y.shape[-1:]):
            faults.add(place, f"have the shape {array.shape}", f"{y.shape}, or its last axis")
    if not (given["weights"] > 0.0).all():
        faults.add("weights", "are not all above 0", "above 0")
    if not (np.isfinite(y).all() and np.isfinite(given["rank_by"]).all()):
        faults.add("values", "or ranks are not all finite", "finite numbers")
    faults.refuse()
    w, rank = (np.broadcast_to(given[key], y.shape) for key in ("weights", "rank_by"))
    w = w / w.sum(axis=-1, keepdims=True)
    x = _places(rank, w)
    x = x - (w * x).sum(axis=-1, keepdims=True)
    spread = (w * x * x).sum(axis=-1)
    return np.divide((w * x * y).sum(axis=-1), spread, out=np.zeros_like(spread), where=spread > TIED)


def _places(rank: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The middle of each province's share of the whole weight, from the last to the first; those that tie share it."""
    x = np.zeros(rank.shape)
    for other in range(rank.shape[-1]):
        its, weight = rank[..., [other]], w[..., [other]]
        x += weight * (rank > its) + weight / 2.0 * (rank == its)
    return x
