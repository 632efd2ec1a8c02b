"""Normal scores: the unit cube stretched to the whole line, where the prior is standard normal in every direction."""

from __future__ import annotations

import numpy as np
from scipy import special

EDGE = 2.0**-40


def scores_of(cube: np.ndarray) -> np.ndarray:
    """Standard normal quantiles of points of the cube."""
    return special.ndtri(np.clip(cube, EDGE, 1.0 - EDGE))


def cube_of(scores: np.ndarray) -> np.ndarray:
    """Points strictly inside the cube from normal scores."""
    return np.clip(special.ndtr(scores), EDGE, 1.0 - EDGE)
