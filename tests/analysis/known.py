"""Functions of the unit cube whose sensitivity indices are known."""

from __future__ import annotations

import numpy as np

# Ishigami with a = 7, b = 0.1 (Ishigami and Homma 1990; Saltelli et al. 2008, "Global sensitivity analysis", p. 196).
ISHIGAMI_VARIANCE = 7.0**2 / 8.0 + 0.1 * np.pi**4 / 5.0 + 0.1**2 * np.pi**8 / 18.0 + 0.5
_V1 = 0.5 * (1.0 + 0.1 * np.pi**4 / 5.0) ** 2
_V2 = 7.0**2 / 8.0
_V13 = 0.1**2 * np.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
ISHIGAMI_FIRST = np.array([_V1, _V2, 0.0]) / ISHIGAMI_VARIANCE
ISHIGAMI_TOTAL = np.array([_V1 + _V13, _V2, _V13]) / ISHIGAMI_VARIANCE
ISHIGAMI_SECOND = _V13 / ISHIGAMI_VARIANCE
ISHIGAMI_SHAPLEY = np.array([_V1 + _V13 / 2.0, _V2, _V13 / 2.0]) / ISHIGAMI_VARIANCE

# Sobol's G (Saltelli and Sobol 1995): V_i = 1 / (3 (1 + a_i)^2).
G_COEFFICIENTS = np.array([0.0, 1.0, 4.5, 9.0])
_G = 1.0 / (3.0 * (1.0 + G_COEFFICIENTS) ** 2)
G_VARIANCE = float(np.prod(1.0 + _G) - 1.0)
G_FIRST = _G / G_VARIANCE
G_TOTAL = _G * np.prod(1.0 + _G) / (1.0 + _G) / G_VARIANCE


def ishigami(points):
    """Ishigami's function of the first three columns."""
    x = np.pi * (2.0 * points[:, :3] - 1.0)
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def sobol_g(points):
    """Sobol's G of the first four columns."""
    return np.prod((np.abs(4.0 * points[:, :4] - 2.0) + G_COEFFICIENTS) / (1.0 + G_COEFFICIENTS), axis=1)


def noisy(values, variance, replicates, seed=1):
    """Replicates (points, replicates) with noise of known variance."""
    luck = np.random.default_rng(seed).standard_normal((len(values), replicates))
    return values[:, None] + np.sqrt(variance) * luck


def lucky(design, values, variance, replicates, *, together=0.3, seed=1):
    """Replicates (points, replicates) under the luck of the design's draws, of known variance.

    The share `together` of the variance is luck that does more or less as the first two columns go.
    """
    luck = np.random.default_rng(seed).standard_normal((int(design.draws.max()) + 1, replicates, 3))[design.draws]
    bent = np.sqrt(6.0) * ((design.points[:, None, :2] - 0.5) * luck[:, :, 1:]).sum(axis=2)
    return values[:, None] + np.sqrt(variance) * (np.sqrt(1.0 - together) * luck[:, :, 0] + np.sqrt(together) * bent)
