"""A local-level filter for many short, noisy series at once, with their starts pooled by district and kind.

    y_it = m_t + x_it + e_it,         e_it ~ N(0, noise^2)             a score is the level and the noise of one round
    x_i,t+1 = x_it + w_it,            w_it ~ N(0, walk^2)              levels drift apart, quarter by quarter
    x_i1 ~ N(b_kind + u_district, spread^2),   u_district ~ N(0, district^2)

m_t is what all facilities share (`qicsim.observed.trend`). With u and b given, each series is a Kalman filter (one
number of state, missing quarters are skipped), whose error is linear in b + u: so u is integrated out, b is found by
generalised least squares, and the four standard deviations by maximum likelihood, with weak priors that matter only
where a few scores cannot tell them apart (a single score of each facility: then the noise is the model's own prior).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

NAMES = ("noise", "walk", "spread", "district")
SMALLEST = 1e-3
LARGEST = 100.0
WALK_PRIOR = 2.0
SPREAD_PRIOR = 30.0
DISTRICT_PRIOR = 10.0
"""Standard deviations of half-normal priors, points: weak beside a few hundred scores."""
PRIOR_LOG_WEIGHT = 0.1
"""A hint of weight against standard deviations of exactly 0, which leave the search on a plain without slope."""


class Panel(NamedTuple):
    """Series: `y` (F, T) with nan where missing, `kind` (F,) 0 or 1, `district` (F,) rows 0, 1, ..."""

    y: np.ndarray
    kind: np.ndarray
    district: np.ndarray


class Spreads(NamedTuple):
    """Standard deviations, points: of one assessment, of a quarter's step, between facilities, between districts."""

    noise: float
    walk: float
    spread: float
    district: float


class Passed(NamedTuple):
    """What the filters say of each facility (F,), given its mean mu at the start.

    The last level is `start + gain * mu` with variance `variance`; the log-likelihood is
    `constant + linear * mu - precision * mu^2 / 2`.
    """

    start: np.ndarray
    gain: np.ndarray
    variance: np.ndarray
    constant: np.ndarray
    linear: np.ndarray
    precision: np.ndarray


class Pooled(NamedTuple):
    """Means at the start, and the log-likelihood of everything.

    `kinds` (K,) with `covariance` (K, K); `effect` of districts and its `variance` (D,).
    """

    kinds: np.ndarray
    covariance: np.ndarray
    effect: np.ndarray
    variance: np.ndarray
    loglikelihood: float


@dataclass(frozen=True, eq=False)
class Filtered:
    """Levels at the last quarter, beside the common m_t: `mean`, `sd` (F,) and `shrinkage` (F,).

    `shrinkage` is the weight of the district's and kind's mean in the level: 1 without scores.
    """

    mean: np.ndarray
    sd: np.ndarray
    shrinkage: np.ndarray
    spreads: Spreads
    pooled: Pooled


def run_filters(panel: Panel, spreads: Spreads) -> Passed:
    """Kalman filters of all series, for mu = 0 and for how they answer to mu."""
    count, quarters = panel.y.shape
    start, gain, variance = np.zeros(count), np.ones(count), np.full(count, spreads.spread**2)
    constant, linear, precision = np.zeros(count), np.zeros(count), np.zeros(count)
    for t in range(quarters):
        if t:
            variance = variance + spreads.walk**2
        seen = ~np.isnan(panel.y[:, t])
        total = variance + spreads.noise**2
        weight = np.where(seen, variance / total, 0.0)
        error = np.where(seen, panel.y[:, t] - start, 0.0)
        constant -= np.where(seen, 0.5 * (np.log(2.0 * np.pi * total) + error**2 / total), 0.0)
        linear += error * gain / total
        precision += np.where(seen, gain**2 / total, 0.0)
        start, gain, variance = start + weight * error, gain * (1.0 - weight), variance * (1.0 - weight)
    return Passed(start, gain, variance, constant, linear, precision)


def pool(passed: Passed, panel: Panel, district_sd: float) -> Pooled:
    """Means of kinds by generalised least squares, effects of districts given these, both from all series."""
    districts, kinds = int(panel.district.max()) + 1, int(panel.kind.max()) + 1
    by = np.zeros((districts, kinds)), np.zeros((districts, kinds))
    np.add.at(by[0], (panel.district, panel.kind), passed.precision)
    np.add.at(by[1], (panel.district, panel.kind), passed.linear)
    total, shrink = by[0].sum(axis=1), district_sd**2 / (1.0 + district_sd**2 * by[0].sum(axis=1))
    information = np.diag(by[0].sum(axis=0)) - (by[0] * shrink[:, None]).T @ by[0]
    score = by[1].sum(axis=0) - by[0].T @ (shrink * by[1].sum(axis=1))
    covariance = np.linalg.pinv(information)
    means = covariance @ score
    left = by[1].sum(axis=1) - by[0] @ means
    quadratic = score @ means - 0.5 * means @ information @ means
    loglikelihood = (passed.constant.sum() + quadratic + 0.5 * (shrink * by[1].sum(axis=1) ** 2).sum()
                     - 0.5 * np.log1p(district_sd**2 * total).sum())
    return Pooled(means, covariance, shrink * left, shrink, float(loglikelihood))


def fit_spreads(panel: Panel, noise_log_mean: float, noise_log_sd: float) -> Spreads:
    """The most likely standard deviations, under weak priors; that of the noise is lognormal."""
    from scipy.optimize import minimize

    def cost(logs: np.ndarray) -> float:
        values = Spreads(*np.clip(np.exp(logs), SMALLEST, LARGEST))
        prior = (0.5 * ((logs[0] - noise_log_mean) / noise_log_sd) ** 2
                 + 0.5 * sum((value / scale) ** 2 for value, scale in
                             zip(values[1:], (WALK_PRIOR, SPREAD_PRIOR, DISTRICT_PRIOR), strict=True))
                 - logs[1:].sum() * PRIOR_LOG_WEIGHT)
        return prior - pool(run_filters(panel, values), panel, values.district).loglikelihood

    spread = max(float(np.nanstd(panel.y)), 1.0)
    first = np.log([np.exp(noise_log_mean), 1.0, spread, 0.3 * spread])
    found = minimize(cost, first, method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-4, "maxiter": 800,
                                                                 "initial_simplex": simplex(first)})
    return Spreads(*np.clip(np.exp(found.x), SMALLEST, LARGEST).tolist())


def simplex(first: np.ndarray) -> np.ndarray:
    """Starting corners of the search: half a unit of logarithm along each axis."""
    return np.vstack([first, first + 0.5 * np.eye(len(first))])


def last_levels(panel: Panel, spreads: Spreads) -> Filtered:
    """Levels at the last quarter with their standard errors, the uncertain means of groups included."""
    passed = run_filters(panel, spreads)
    pooled = pool(passed, panel, spreads.district)
    mean = pooled.kinds[panel.kind] + pooled.effect[panel.district]
    own, seen = pooled.variance[panel.district], np.zeros(len(pooled.effect))
    np.add.at(seen, panel.district, passed.precision)
    left = 1.0 - (pooled.variance * seen)[panel.district]
    unsure = own + left**2 * np.diag(pooled.covariance)[panel.kind]
    return Filtered(passed.start + passed.gain * mean, np.sqrt(passed.variance + passed.gain**2 * unsure), passed.gain,
                    spreads, pooled)
