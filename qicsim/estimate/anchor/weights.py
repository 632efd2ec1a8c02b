"""Weights of whole rows under which simulated trials find what the studies predict of a new programme.

Rows of the prior's draws have parameters of effects x, and a trial that was simulated with everything else (setting,
other parameters, luck) drawn by chance: its effect y is one draw of p(y | x). Weights may depend on x alone, so that a
row stands for its parameters of effects and the rest stays as it is drawn. They depend on a score of x, the regression
of log y on x, in classes of equal size:

    sum over classes of w_c p(y | class c) = predictive of a new programme, given that it works

solved for w >= 0 by expectation-maximisation from equal weights, which stays near the prior where the studies do not
say otherwise (Richardson-Lucy). So luck and setting, which make trials differ under the same x, are taken out, and not
counted twice when rows are simulated again. The model can do no harm: what the studies give to harm, and their mass at
zero, go to rows without efficacy, all alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from qicsim.estimate.evidence.synthesis import LITTLE, QUANTILES, Prediction

BIN = 0.5
MOST = 50.0
"""Width and end of the classes of effects, in points."""
MOST_CLASSES, ROWS_A_CLASS = 48, 64
STEPS = 2000
FLOOR = 0.05
"""Points below which an effect's logarithm is cut."""


@dataclass(frozen=True, eq=False)
class Weighted:
    """Weights of rows (n,), adding up to 1, and how well they give what was wanted.

    wanted, got        5, 25, 50, 75 and 95 % points of the effect of a new programme after the cut at zero
    none               probability of no effect or harm
    little, little_got probability of less than a point
    effective          effective number of rows
    """

    weights: np.ndarray
    wanted: np.ndarray
    got: np.ndarray
    none: float
    little: float
    little_got: float
    effective: float


def wanted_quantiles(prediction: Prediction) -> np.ndarray:
    """Quantiles of a new programme's effect when harm counts as nothing."""
    found: np.ndarray = np.maximum(prediction.quantile(np.array(QUANTILES)), 0.0)
    return found


def score_of(rows: np.ndarray, effect: np.ndarray) -> np.ndarray:
    """The part of the log effect that rows (n, parameters) explain: least squares on normal scores and squares."""
    ranks = (rows.argsort(axis=0).argsort(axis=0) + 0.5) / len(rows)
    z = special.ndtri(ranks)
    design = np.column_stack([np.ones(len(rows)), z, z**2])
    fitted, *_ = np.linalg.lstsq(design, np.log(np.maximum(effect, FLOOR)), rcond=None)
    explained: np.ndarray = design @ fitted
    return explained


def weigh(rows: np.ndarray, effect: np.ndarray, works: np.ndarray, prediction: Prediction) -> Weighted:
    """Weights of rows under which their effects are distributed as predicted.

    Args:
        rows: parameters of effects (n, parameters).
        effect: the simulated effect of each, points (n,).
        works: whether a row has any efficacy (n,).
        prediction: what the studies say of a new programme.
    """
    none = prediction.nothing
    classes = _classes(score_of(rows[works], effect[works]))
    edges = np.append(np.arange(0.0, MOST, BIN), np.inf)
    inside = np.clip(np.digitize(effect[works], edges) - 1, 0, len(edges) - 2)
    table = np.zeros((len(edges) - 1, classes.max() + 1))
    np.add.at(table, (inside, classes), 1.0)
    table /= table.sum(axis=0)
    below = np.append(prediction.below(edges[1:-1]), 1.0)
    target = np.diff(below, prepend=none) / (1.0 - none)
    share = _mixture(table, target)
    weights = np.zeros(len(rows))
    weights[works] = (1.0 - none) * (share / np.bincount(classes))[classes]
    weights[~works] = none / max((~works).sum(), 1)
    weights /= weights.sum()
    gained = effect * works
    return Weighted(weights, wanted_quantiles(prediction), weighted_quantiles(gained, weights, np.array(QUANTILES)),
                    none, prediction.little, float(weights[gained < LITTLE].sum()), float(1.0 / (weights**2).sum()))


def weighted_quantiles(values: np.ndarray, weights: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Values that shares of the weight stay below."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    found: np.ndarray = values[order][np.minimum(np.searchsorted(reached, shares * reached[-1]), len(values) - 1)]
    return found


def equal_rows(weights: np.ndarray, count: int) -> np.ndarray:
    """Numbers of `count` rows of equal weight: each row as often as its weight says, up to one (systematic)."""
    reached = np.cumsum(weights)
    places = (np.arange(count) + 0.5) / count * reached[-1]
    found: np.ndarray = np.minimum(np.searchsorted(reached, places), len(weights) - 1)
    return found


def _classes(score: np.ndarray) -> np.ndarray:
    """Classes of equal size by the score, (n,)."""
    count = max(min(MOST_CLASSES, len(score) // ROWS_A_CLASS), 1)
    ranks = np.argsort(np.argsort(score, kind="stable"), kind="stable")
    found: np.ndarray = ranks * count // len(score)
    return found


def _mixture(table: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Shares of classes whose mixture is nearest to the target (Kullback-Leibler), after a fixed number of steps."""
    share = np.full(table.shape[1], 1.0 / table.shape[1])
    for _ in range(STEPS):
        mixed = table @ share
        ratio = np.divide(target, mixed, out=np.zeros_like(target), where=mixed > 0.0)
        share *= table.T @ ratio
        share /= share.sum()
    return share
