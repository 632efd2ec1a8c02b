"""Inequality between provinces: the range, and the slope index.

    slope = sum w (x - mean x)(y - mean y) / sum w (x - mean x)^2

y is a province's mean, w its weight (facilities or people), and x the middle of its share of the total weight when
provinces stand from the last to the first (0 to 1). The slope is the difference that the line predicts between the very
first and the very last (Wagstaff, Paci and van Doorslaer 1991, Soc Sci Med 33:545-57; Mackenbach and Kunst 1997,
44:757-71). Ranked by something fixed beforehand, such as quality at the start or poverty, it can fall to 0 and below
when those behind overtake; ranked by y itself it cannot.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qicsim.decide.checks import Faults


def province_range(values: np.ndarray) -> np.ndarray:
    """Best province minus worst, (...), from values (..., provinces); provinces without a value are left out."""
    return np.nanmax(values, axis=-1) - np.nanmin(values, axis=-1)


def slope_index(values: Any, weights: Any, rank_by: Any = None) -> np.ndarray:
    """Slope index (...), in the unit of the values.

    Args:
        values: (..., provinces).
        weights: (provinces,) or (..., provinces), above 0.
        rank_by: (provinces,) or (..., provinces), from the last to the first as it rises; if None, the values.

    Raises:
        SettingError: for weights that are not above 0, or shapes that do not fit.
    """
    y = np.asarray(values, dtype=float)
    faults = Faults()
    given = {"weights": np.asarray(weights, dtype=float), "rank_by": np.asarray(y if rank_by is None else rank_by)}
    for place, array in given.items():
        if array.shape not in (y.shape, y.shape[-1:]):
            faults.add(place, f"have the shape {array.shape}", f"{y.shape}, or its last axis")
    if not (given["weights"] > 0.0).all():
        faults.add("weights", "are not all above 0", "above 0")
    faults.refuse()
    order = np.argsort(np.broadcast_to(given["rank_by"], y.shape), axis=-1, kind="stable")
    y = np.take_along_axis(y, order, axis=-1)
    w = np.take_along_axis(np.broadcast_to(given["weights"], y.shape), order, axis=-1)
    w = w / w.sum(axis=-1, keepdims=True)
    x = np.cumsum(w, axis=-1) - w / 2.0
    x = x - (w * x).sum(axis=-1, keepdims=True)
    return (w * x * y).sum(axis=-1) / (w * x * x).sum(axis=-1)
