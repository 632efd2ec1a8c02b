"""Problems whose posteriors are known, for tests of the calibrator."""

from __future__ import annotations

import numpy as np
from scipy import special

from qicsim.estimate.calibrate.noise import errors_of_observation
from qicsim.estimate.calibrate.problem import Problem, Target

LUCK = 4711


def luck(streams, k):
    """Standard normal luck of simulators, (n, k): other numbers than the errors of observation of any bank here."""
    return errors_of_observation(LUCK, streams, k)


def normal_mean(prior_sd=2.0, sd=0.5, observed=1.3, chance=0.0):
    """theta ~ Normal(0, prior_sd); one summary, theta + chance * luck; and the posterior's mean and sd."""
    problem = Problem(("theta",), lambda cube: prior_sd * special.ndtri(cube),
                      lambda theta, streams: theta + chance * luck(streams, 1), ("mean",),
                      (Target("mean", observed, sd),))
    precision = 1.0 / prior_sd**2 + 1.0 / (sd**2 + chance**2)
    return problem, observed / (sd**2 + chance**2) / precision, precision**-0.5


def linear_gaussian():
    """Five parameters, six summaries, a correlated posterior; the problem, posterior mean and covariance."""
    design = np.array([[1.0, 0.8, 0.0, 0.0, 0.0], [0.0, 1.0, 0.5, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0, 0.0],
                       [0.6, 0.0, 0.0, 1.0, 0.0], [0.0, 0.5, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.3, 0.3]])
    sds, chance = np.array([0.5, 0.5, 0.6, 0.5, 0.4, 1.0]), 0.2
    observed = np.array([0.9, -0.4, 0.7, 0.3, 0.2, -0.5])
    names = tuple("abcde")
    summaries = tuple(f"s{i}" for i in range(6))
    problem = Problem(names, special.ndtri, lambda theta, streams: theta @ design.T + chance * luck(streams, 6),
                      summaries, tuple(
                          Target(name, value, sd) for name, value, sd in zip(summaries, observed, sds, strict=True)))
    weight = design.T / (sds**2 + chance**2)
    covariance = np.linalg.inv(np.eye(5) + weight @ design)
    return problem, covariance @ weight @ observed, covariance


def squared(observed=1.0, sd=0.2):
    """theta ~ Normal(0, 1), its square is observed: two modes alike; and the posterior's mean of |theta|."""
    problem = Problem(("theta",), special.ndtri, lambda theta, streams: theta**2, ("square",),
                      (Target("square", observed, sd),))
    grid = np.linspace(0.0, 4.0, 4001)
    density = np.exp(-0.5 * grid**2 - 0.5 * ((grid**2 - observed) / sd) ** 2)
    return problem, float(np.sum(grid * density) / np.sum(density))


def epidemic():
    """An SIR recursion seen five times; the problem, and the posterior's mean and sd by a fine grid of the cube."""
    seen, sd = (10, 20, 30, 45, 60), 0.01
    names = tuple(f"day {day}" for day in seen)

    def quantile(cube):
        return np.column_stack([0.15 + 0.45 * cube[:, 0], 0.05 + 0.2 * cube[:, 1]])

    def simulate(theta, streams):
        susceptible, infected = np.full(len(theta), 0.99), np.full(len(theta), 0.01)
        rows = []
        for day in range(1, seen[-1] + 1):
            new, left = theta[:, 0] * susceptible * infected, theta[:, 1] * infected
            susceptible, infected = susceptible - new, infected + new - left
            if day in seen:
                rows.append(infected)
        return np.column_stack(rows)

    truth = np.array([[0.32, 0.11]])
    observed = simulate(truth, np.array([0]))[0] + sd * np.array([0.4, -0.8, 1.1, -0.3, 0.2])
    problem = Problem(("beta", "gamma"), quantile, simulate, names,
                      tuple(Target(name, value, sd) for name, value in zip(names, observed, strict=True)))
    side = (np.arange(400) + 0.5) / 400
    theta = quantile(np.array(np.meshgrid(side, side)).reshape(2, -1).T)
    weights = np.exp(-0.5 * np.sum(((simulate(theta, None) - observed) / sd) ** 2, axis=1))
    mean = weights @ theta / weights.sum()
    return problem, mean, np.sqrt(weights @ (theta - mean) ** 2 / weights.sum())


def many_parameters(d=80, k=14, active=10):
    """Many parameters, of which a few matter to summaries that are curved in them; and the parameters that matter."""
    wires = np.random.default_rng(3)
    design = np.zeros((k, d))
    design[:, :active] = wires.normal(size=(k, active)) * (wires.random((k, active)) < 0.5)
    design /= np.sqrt(np.sum(design**2, axis=1, keepdims=True)) + 1e-9
    sds = np.array([1.0, 1, 1, 2, 2, 2, 1, 1, 1, 6, 6, 6, 6, 6])[:k]

    def simulate(theta, streams):
        line = theta @ design.T
        return 10.0 * (line + 0.15 * line**2) + 0.7 * luck(streams, k)

    truth = np.zeros((1, d))
    truth[0, :active] = 0.8 * wires.normal(size=active)
    observed = simulate(truth, np.array([10**9]))[0] + sds * wires.normal(size=k)
    summaries = tuple(f"s{i}" for i in range(k))
    return Problem(tuple(f"p{i}" for i in range(d)), special.ndtri, simulate, summaries,
                   tuple(Target(name, float(value), float(sd))
                         for name, value, sd in zip(summaries, observed, sds, strict=True))), truth[0], active


def assert_moments(posterior, problem, mean, sd, *, z=5.0, slack=0.0):
    """Posterior means and sds are the known ones, within `z` standard errors of the effective sample (and a slack)."""
    effective = posterior.diagnostics.effective_sample
    found = posterior.mean(problem)
    found_sd = np.sqrt(np.diag(posterior.covariance(problem)))
    off = np.abs(found - mean) / sd
    assert np.all(off < z / np.sqrt(effective) + slack), f"means {found} +- {sd / np.sqrt(effective)}, expected {mean}"
    ratio = np.abs(found_sd / sd - 1.0)
    assert np.all(ratio < z / np.sqrt(2.0 * effective) + slack), f"sds {found_sd}, expected {sd}"
