"""Two methods on one bank: importance weights after the rounds against regression-adjusted ABC on the prior draws.

The shipped posterior rests on one of them (choice.py). Where both see the same thing their intervals agree; where the
approximate one is wider, the tolerance that it needs is what it pays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.estimate.calibrate.approximate import approximate
from qicsim.estimate.calibrate.fitting import Fit
from qicsim.estimate.calibrate.importance import importance
from qicsim.estimate.calibrate.posterior import Diagnostics, Posterior
from qicsim.estimate.calibrate.scores import scores_of

INTERVAL = np.array([0.05, 0.5, 0.95])


@dataclass(frozen=True)
class Both:
    """One parameter by both methods, 5, 50, 95 %; `apart`: between means, in prior sd (of normal scores)."""

    parameter: str
    importance_low: float
    importance_middle: float
    importance_high: float
    approximate_low: float
    approximate_middle: float
    approximate_high: float
    apart: float


@dataclass(frozen=True)
class Methods:
    """Both methods: how each came about, and every parameter that the study keeps."""

    importance: Diagnostics
    approximate: Diagnostics
    rows: tuple[Both, ...]


def methods(fitted: Fit) -> Methods:
    """Importance weights of all runs, and the adjusted nearest runs of the bank of prior draws."""
    exact, near = importance(fitted.problem, fitted.pool), approximate(fitted.problem, fitted.bank)
    one, other = (part.quantiles(fitted.problem, INTERVAL) for part in (exact, near))
    apart = _mean_scores(exact) - _mean_scores(near)
    numbers = np.column_stack([one.T, other.T, apart]).tolist()
    rows = tuple(Both(name, *row) for name, row in zip(fitted.problem.parameters, numbers, strict=True)
                 if name in fitted.study.kept)
    return Methods(exact.diagnostics, near.diagnostics, rows)


def _mean_scores(posterior: Posterior) -> np.ndarray:
    return np.asarray(posterior.weights @ scores_of(posterior.cube))
