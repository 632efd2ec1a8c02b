"""Random-effects synthesis: the mean over programmes, and what to expect of a new one.

Two ways from the same readings y_i with standard errors s_i:

Frequentist (`pooled`).  y_i ~ N(theta_i, s_i^2), theta_i ~ N(mu, tau^2); tau^2 by Paule and Mandel (1982), the interval
of mu by Hartung and Knapp (2001), t with k - 1 degrees of freedom.

Bayesian (`posterior`).  theta_i = 0 with probability pi, else N(mu, tau^2); mu ~ N(8, 12), tau ~ HalfNormal(12),
pi ~ Beta(1, 3), or pi = 0. A study's likelihood is pi a_i + (1 - pi) b_i with

    a_i = N(y_i; 0, s_i^2)        b_i = N(y_i; mu, s_i^2 + tau^2)

and their product is a polynomial in pi, whose coefficients sum over which j of the k programmes are null. So pi
integrates out exactly, the mean of pi^j (1 - pi)^(k - j) over Beta(a, b) being B(a + j, b + k - j) / B(a, b), and only
mu and tau need a grid: midpoints of equal shares of their priors, which has no ends to choose.

The prediction for a new programme is theta of a new setting: 0 with the posterior mean of pi, else normal, mixed over
the grid. Points are percentage points everywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from scipy import special

from qicsim.ground.intervals import PROGRAMMES, Interval
from qicsim.ground.priors import Beta, HalfNormal, Normal

GRID = (160, 40)
"""Midpoints of mu and of tau: twice as many of each move no quantile by 0.05 points (tests)."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
LITTLE = 1.0
"""Points below which an effect is called little or nothing."""
NEGLIGIBLE = 1e-6
BISECTIONS = 27
STEPS, TOLERANCE = 100, 1e-12


@dataclass(frozen=True, kw_only=True)
class Pooled(Interval[float]):
    """The mean over programmes with its 95 % interval, and the standard deviation between programmes, `tau`."""

    tau: float

    @property
    def k(self) -> int:
        """How many studies there are: k of the formulas."""
        return int(self.n)


@dataclass(frozen=True)
class Population:
    """Priors of the programmes' mean and standard deviation in points, and of the share without any effect."""

    mean: Normal = field(default_factory=lambda: Normal(8.0, 12.0))
    spread: HalfNormal = field(default_factory=lambda: HalfNormal(12.0))
    null: Beta | None = field(default_factory=lambda: Beta(1.0, 3.0))


WITH_SPIKE, WITHOUT_SPIKE = Population(), Population(null=None)


def paule_mandel(effect: np.ndarray, error: np.ndarray) -> float:
    """The variance between programmes at which the weighted squares equal their expectation, k - 1; 0 if none does.

    The sum of squares falls and is convex in the variance, so that Newton's steps from 0 rise to the root.
    """
    tau2 = 0.0
    for _ in range(STEPS):
        weight = 1.0 / (error**2 + tau2)
        squares = weight * (effect - np.average(effect, weights=weight))**2
        step = (squares.sum() - (len(effect) - 1)) / (weight * squares).sum() if squares.any() else 0.0
        if step <= TOLERANCE * (1.0 + tau2):
            break
        tau2 += step
    return tau2


def hartung_knapp(effect: np.ndarray, error: np.ndarray, tau2: float) -> tuple[float, float, float]:
    """Mean, and the ends of its 95 % interval, at a variance between programmes."""
    weight, free = 1.0 / (error**2 + tau2), len(effect) - 1
    mean = float(np.average(effect, weights=weight))
    half = special.stdtrit(free, 0.975) * math.sqrt((weight * (effect - mean)**2).sum() / free / weight.sum())
    return mean, mean - half, mean + half


def pooled(effect: np.ndarray, error: np.ndarray) -> Pooled:
    """The frequentist synthesis of two or more studies."""
    tau2 = paule_mandel(effect, error)
    mean, low, high = hartung_knapp(effect, error, tau2)
    return Pooled(mean, mean, low, high, len(effect), PROGRAMMES, tau=math.sqrt(tau2))


@dataclass(frozen=True, eq=False)
class Prediction:
    """What is known after the studies.

    mu, tau, weight  points of the grid that matter, with the probability that a new programme works and is of there
    null             probability that a new programme does nothing: the posterior mean of pi
    log_evidence     logarithm of the marginal likelihood of the studies
    edges, heights   posterior distribution function of mu at edges of equal shares of its prior
    """

    mu: np.ndarray
    tau: np.ndarray
    weight: np.ndarray
    null: float
    log_evidence: float
    edges: np.ndarray
    heights: np.ndarray

    def below(self, points: float | np.ndarray) -> np.ndarray:
        """Probability that the effect of a new programme is below so many points; nothing else than 0 has a mass."""
        x = np.asarray(points, float)
        working: np.ndarray = special.ndtr((x[..., None] - self.mu) / self.tau) @ self.weight
        return working + self.null * (x > 0.0)

    def quantile(self, share: float | np.ndarray) -> np.ndarray:
        """Effect of a new programme that so large a share of new programmes stays below; 0 within the mass at 0."""
        wanted = np.asarray(share, float)
        low = np.full(wanted.shape, float((self.mu - 9.0 * self.tau).min()))
        high = np.full(wanted.shape, float((self.mu + 9.0 * self.tau).max()))
        for _ in range(BISECTIONS):
            middle = (low + high) / 2.0
            short = self.below(middle) < wanted
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        before = float(self.below(0.0))
        return np.where((wanted >= before) & (wanted <= before + self.null), 0.0, (low + high) / 2.0)

    @property
    def mean(self) -> float:
        """Mean effect of a new programme."""
        return float(self.weight @ self.mu)

    @property
    def mean_after_cut(self) -> float:
        """The same when negative effects count as none: the simulator can do no harm."""
        z = self.mu / self.tau
        height = np.exp(-(z**2) / 2.0) / math.sqrt(2.0 * math.pi)
        return float(self.weight @ (self.mu * special.ndtr(z) + self.tau * height))

    @property
    def harm(self) -> float:
        """Probability of a negative effect."""
        return float(self.below(0.0))

    @property
    def nothing(self) -> float:
        """Probability of no effect or a negative one."""
        return self.harm + self.null

    @property
    def little(self) -> float:
        """Probability of less than a point."""
        return float(self.below(LITTLE))

    def mean_below(self, points: float, prior: Normal) -> float:
        """Posterior probability that the mean of programmes that work lies below so many points."""
        return float(np.interp(prior.cdf(points), self.edges, self.heights))


def posterior(effect: np.ndarray, error: np.ndarray, prior: Population = WITH_SPIKE,
              grid: tuple[int, int] = GRID) -> Prediction:
    """What the studies say of a new programme; `effect` and `error` are (studies,) in points.

    Args:
        effect: effects of the studies.
        error: their standard errors, above 0.
        prior: of mean, spread and share of nulls.
        grid: how many midpoints of mu and of tau.
    """
    mu, tau = (np.repeat(_midpoints(prior.mean, grid[0]), grid[1]), np.tile(_midpoints(prior.spread, grid[1]), grid[0]))
    works = _log_normal(effect[:, None] - mu, error[:, None]**2 + tau**2)
    if prior.null is None:
        log_all, null = works.sum(axis=0), np.zeros(mu.size)
    else:
        log_all, null = _with_null(works, _log_normal(effect, error**2), prior.null)
    top = log_all.max()
    likely = np.exp(log_all - top)
    weight = likely / likely.sum()
    heights = np.concatenate([[0.0], weight.reshape(grid).sum(axis=1).cumsum()])
    kept = weight > NEGLIGIBLE * weight.max()
    kept_weight = weight[kept] / weight[kept].sum()
    return Prediction(mu[kept], tau[kept], kept_weight * (1.0 - null[kept]), float(kept_weight @ null[kept]),
                      float(top + math.log(likely.mean())), np.linspace(0.0, 1.0, grid[0] + 1), heights)


def spike_factor(effect: np.ndarray, error: np.ndarray) -> float:
    """Logarithm of the Bayes factor for a mass at zero against none: above 0 the studies ask for it."""
    return posterior(effect, error).log_evidence - posterior(effect, error, WITHOUT_SPIKE).log_evidence


def _midpoints(prior: Normal | HalfNormal, count: int) -> np.ndarray:
    """Middles of equal shares of a prior."""
    return np.asarray(prior.ppf((np.arange(count) + 0.5) / count))


def _log_normal(difference: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Log density of a normal variable at a difference from its mean."""
    logs: np.ndarray = -0.5 * (difference**2 / variance + np.log(2.0 * math.pi * variance))
    return logs


def _with_null(works: np.ndarray, nothing: np.ndarray, prior: Beta) -> tuple[np.ndarray, np.ndarray]:
    """Log likelihood with pi integrated out, and the posterior mean of pi, at each point of the grid.

    Each study's two densities are divided by the larger one, so that products of many neither vanish nor overflow.
    """
    k = len(works)
    coefficients = np.zeros((k + 1, works.shape[1]))
    coefficients[0] = 1.0
    scale = np.zeros(works.shape[1])
    for study in range(k):
        larger = np.maximum(works[study], nothing[study])
        working, null = np.exp(works[study] - larger), np.exp(nothing[study] - larger)
        coefficients[1:] = coefficients[1:] * working + coefficients[:-1] * null
        coefficients[0] *= working
        scale += larger
    nulls = np.arange(k + 1)
    moments = np.exp(special.betaln(prior.a + nulls, prior.b + k - nulls) - special.betaln(prior.a, prior.b))
    whole = moments @ coefficients
    means = (moments * (prior.a + nulls) / (prior.a + prior.b + k)) @ coefficients
    return np.log(whole) + scale, means / whole
