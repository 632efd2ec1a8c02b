"""Means of kinds, effects of districts and the common movement, from the filters of all facilities at once.

Effects of districts are integrated out in closed form. What is left, beta = (b of each kind, m_2 ... m_T), has a flat
prior for b and that of `qicsim.inputs.observed.trend` for m; it is found by generalised least squares. The five
standard deviations maximise the likelihood with beta integrated out (restricted likelihood, so that facilities,
districts and quarters that were fitted do not count as evidence of little noise), under weak priors that matter only
where a few scores cannot tell them apart (a single score of each facility: then the noise is the model's own prior).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from qicsim.inputs.observed.filter import Panel, Passed, Spreads, run_filters
from qicsim.inputs.observed.trend import movement_precision

SMALLEST = 1e-2
LARGEST = 100.0
WALK_PRIOR = 2.0
SPREAD_PRIOR = 30.0
DISTRICT_PRIOR = 10.0
MOVEMENT_PRIOR = 2.0
"""Standard deviations of half-normal priors, points: weak beside a few hundred scores."""
PRIOR_LOG_WEIGHT = 0.1
"""A hint of weight against standard deviations of exactly 0, which leave the search on a plain without slope."""
MOST_STEPS = 1000


class Pooled(NamedTuple):
    """What all facilities together say.

    `known` (K,) marks kinds with a score; `beta` (K + T - 1,) with `covariance`: means of kinds (0 where unknown), then
    m_2 ... m_T beside m_1 = 0. Effects of districts are `effect` - `weights` @ beta (D,), with `variance` (D,) given
    beta. `loglikelihood` is the restricted one.
    """

    known: np.ndarray
    beta: np.ndarray
    covariance: np.ndarray
    effect: np.ndarray
    weights: np.ndarray
    variance: np.ndarray
    loglikelihood: float

    @property
    def kinds(self) -> np.ndarray:
        """Means of kinds at the start, (K,)."""
        return self.beta[:len(self.known)]


@dataclass(frozen=True, eq=False)
class Filtered:
    """Levels at the last quarter: `mean`, `sd` and `shrinkage` (F,); nan for facilities of a kind without any score.

    `shrinkage` is the weight of the district's and kind's mean in the level: 1 without scores.
    """

    mean: np.ndarray
    sd: np.ndarray
    shrinkage: np.ndarray
    spreads: Spreads
    pooled: Pooled


class _Sums(NamedTuple):
    """Of districts (D,): precision and linear term of the effect; precision beside beta (D, B)."""

    own: np.ndarray
    linear: np.ndarray
    beside: np.ndarray


def pool(passed: Passed, panel: Panel, spreads: Spreads) -> Pooled:
    """Beta by generalised least squares, effects of districts given it, and the restricted log-likelihood."""
    sums, kinds = _district_sums(passed, panel), int(panel.kind.max()) + 1
    shrink = spreads.district**2 / (1.0 + spreads.district**2 * sums.own)
    information, linear = _beta_sums(passed, panel, kinds)
    information = information - (sums.beside * shrink[:, None]).T @ sums.beside
    linear = linear - sums.beside.T @ (shrink * sums.linear)
    prior, prior_logdet = movement_precision(len(linear) - kinds, spreads.movement)
    information[kinds:, kinds:] += prior
    known = np.bincount(panel.kind, passed.cross[0], kinds) > 0.0
    unknown = np.flatnonzero(~known)
    information[unknown, unknown] = 1.0  # the rest of these rows is 0, as is their linear term
    covariance = np.linalg.inv(information)
    beta = covariance @ linear
    loglikelihood = (passed.constant.sum() + 0.5 * (shrink * sums.linear**2).sum() + 0.5 * linear @ beta
                     - 0.5 * np.log1p(spreads.district**2 * sums.own).sum() - 0.5 * np.linalg.slogdet(information)[1]
                     + 0.5 * prior_logdet + 0.5 * known.sum() * np.log(2.0 * np.pi))
    return Pooled(known, beta, covariance, shrink * sums.linear, shrink[:, None] * sums.beside, shrink,
                  float(loglikelihood))


def _district_sums(passed: Passed, panel: Panel) -> _Sums:
    districts, kinds = int(panel.district.max()) + 1, int(panel.kind.max()) + 1
    both = np.bincount(panel.district * kinds + panel.kind, passed.cross[0], districts * kinds)
    by_kind = both.reshape(districts, kinds)
    return _Sums(by_kind.sum(axis=1), np.bincount(panel.district, passed.linear, districts),
                 np.hstack([by_kind, _summed(passed.cross[2:], panel.district, districts)]))


def _summed(values: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """Sums (groups, n) of values (n, F) over the facilities of each group."""
    return np.array([np.bincount(group, row, groups) for row in values]).reshape(len(values), groups).T


def _beta_sums(passed: Passed, panel: Panel, kinds: int) -> tuple[np.ndarray, np.ndarray]:
    """Precision (B, B) and linear term (B,) of beta, effects of districts taken as 0."""
    of_kind = _summed(passed.cross, panel.kind, kinds)
    information = np.zeros((kinds + len(passed.cross) - 2,) * 2)
    information[:kinds, :kinds] = np.diag(of_kind[:, 0])
    information[:kinds, kinds:], information[kinds:, :kinds] = of_kind[:, 2:], of_kind[:, 2:].T
    information[kinds:, kinds:] = passed.movement[1:, 1:]
    return information, np.concatenate([np.bincount(panel.kind, passed.linear, kinds), passed.shared[1:]])


def fit_spreads(panel: Panel, noise_log_mean: float, noise_log_sd: float) -> Spreads:
    """The most likely standard deviations, under weak priors; that of the noise is lognormal."""
    from scipy.optimize import minimize

    scored = ~np.isnan(panel.y).all(axis=1)
    seen = Panel(panel.y[scored], panel.kind[scored], panel.district[scored])
    scales = np.array([WALK_PRIOR, SPREAD_PRIOR, DISTRICT_PRIOR, MOVEMENT_PRIOR])

    def cost(logs: np.ndarray) -> float:
        values = np.clip(np.exp(logs), SMALLEST, LARGEST)
        prior = (0.5 * ((logs[0] - noise_log_mean) / noise_log_sd) ** 2
                 + 0.5 * float(((values[1:] / scales) ** 2).sum())
                 - logs[1:].sum() * PRIOR_LOG_WEIGHT)
        spreads = Spreads(*values.tolist())
        return float(prior - pool(run_filters(seen, spreads), seen, spreads).loglikelihood)

    spread = max(float(np.nanstd(panel.y)), 1.0)
    first = np.log([np.exp(noise_log_mean), 1.0, spread, 0.3 * spread, 1.0])
    found = minimize(cost, first, method="Nelder-Mead", options={"xatol": 2e-3, "fatol": 1e-3, "maxfev": MOST_STEPS,
                                                                 "initial_simplex": simplex(first)})
    return Spreads(*np.clip(np.exp(found.x), SMALLEST, LARGEST).tolist())


def simplex(first: np.ndarray) -> np.ndarray:
    """Starting corners of the search: half a unit of logarithm along each axis."""
    return np.vstack([first, first + 0.5 * np.eye(len(first))])


def last_levels(panel: Panel, spreads: Spreads) -> Filtered:
    """Levels at the last quarter with their standard errors, in which means and movement are uncertain too."""
    passed = run_filters(panel, spreads)
    pooled = pool(passed, panel, spreads)
    shrinkage, district = passed.response[0], panel.district
    answer = _answers(passed, panel, pooled)
    mean = passed.start + shrinkage * pooled.effect[district] + answer @ pooled.beta
    variance = (passed.variance + shrinkage**2 * pooled.variance[district]
                + np.einsum("fb,bc,fc->f", answer, pooled.covariance, answer, optimize=True))
    there = pooled.known[panel.kind]
    return Filtered(np.where(there, mean, np.nan), np.where(there, np.sqrt(variance), np.nan), shrinkage, spreads,
                    pooled)


def _answers(passed: Passed, panel: Panel, pooled: Pooled) -> np.ndarray:
    """How each last level answers to beta, (F, B): by its own filter, by the effect of its district, and by m_T."""
    kinds = len(pooled.known)
    shrinkage = passed.response[0][:, None]
    answer = np.hstack([shrinkage * (panel.kind[:, None] == np.arange(kinds)), passed.response[2:].T])
    if answer.shape[1] > kinds:
        answer[:, -1] += 1.0
    return answer - shrinkage * pooled.weights[panel.district]
