"""Decision problems whose answers are known."""

from __future__ import annotations

import numpy as np
from scipy import special
from scipy.stats import norm, qmc


def unit_loss(z):
    """Unit normal loss integral: the mean of max(0, Z - z) for a standard normal Z."""
    return norm.pdf(z) - z * norm.sf(z)


def value_of_knowing(mean, sd):
    """Mean of max(0, X) - max(0, mean) for X normal: what it is worth to learn a normal difference in net benefit."""
    return sd * unit_loss(abs(mean) / sd) if sd > 0.0 else 0.0


def normals(draws, columns, seed=1):
    """Standard normals, evenly spread (Sobol), so that means are close to their limits; (draws, columns)."""
    return special.ndtri(qmc.Sobol(columns, scramble=True, rng=np.random.default_rng(seed)).random(draws))


def linear_problem(draws, slopes, mean, seed=1):
    """Net benefit (2, draws): 0, and a normal difference that is linear in standard normal parameters (draws, k)."""
    parameters = normals(draws, len(slopes), seed)
    return np.stack([np.zeros(draws), mean + parameters @ np.asarray(slopes)]), parameters
