"""Regression adjustment: accepted draws are moved to where they would be had their summaries met the targets.

In normal scores of the cube, so that moved draws stay inside the prior's support:

    score = m(x) + s(x) r,   x deviations of the noisy summaries, log s linear in x, m linear or with squares of x too
    moved score = m(0) + s(0) r

Beaumont, Zhang and Balding 2002 (m, weighted by the kernel); Blum and Francois 2010 (s). `curved` is for
many parameters and summaries, where the tolerance cannot be small; where slopes are the same near and far it doubles
the error of `linear`, so that `fitting` takes `linear` there. Slopes are shrunk towards
zero for each parameter by what chance alone would give (James and Stein, positive part): a parameter about which the
summaries say nothing is left where it was.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Adjustment = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
SMALLEST_SQUARE = 1e-12
SMALLEST_SPREAD = 1e-10
LARGEST_LOG_STRETCH = 1.5
MOST_BY_SQUARES = 2.0
"""How much more squares may explain than chance alone would, before slopes count as changing."""


def unadjusted(scores: np.ndarray, off: np.ndarray, weights: np.ndarray) -> np.ndarray:  # noqa: ARG001 an Adjustment
    """The scores as they are."""
    return scores


def linear(scores: np.ndarray, off: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Scores (m, d) moved along local-linear means, given deviations (m, k) and kernel weights (m,)."""
    return scores - off @ shrunk_slopes(scores, off, weights)


def curved(scores: np.ndarray, off: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Scores (m, d) moved along local means with squares, and stretched by local log-linear standard deviations.

    With squares a large tolerance does less harm than with `linear`, but takes more draws.
    """
    share = weights / weights.sum()
    scaled = off / (np.sqrt(share @ (off - share @ off) ** 2) + SMALLEST_SQUARE)
    return _stretched(scores, np.concatenate([scaled, scaled**2], axis=1), scaled, weights)


def fitting(scores: np.ndarray, off: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """`linear` where slopes are stable, else `curved`."""
    return linear(scores, off, weights) if slopes_stable(scores, off) else curved(scores, off, weights)


def slopes_stable(scores: np.ndarray, off: np.ndarray) -> bool:
    """Whether squares of the deviations (m, k) explain no more of the scores (m, d) than chance; mean of d F ratios."""
    spread = np.std(off, axis=0)
    kept = off[:, spread > 0.0] / spread[spread > 0.0]
    line = np.column_stack([np.ones(len(off)), kept])
    left_of_line, left = _unexplained(line, scores), _unexplained(np.column_stack([line, kept**2]), scores)
    degrees = len(off) - 2 * kept.shape[1] - 1
    if degrees <= 0 or not kept.shape[1]:
        return True
    ratio = (left_of_line - left) / kept.shape[1] / np.maximum(left / degrees, SMALLEST_SQUARE)
    return bool(np.mean(ratio) <= MOST_BY_SQUARES)


def _unexplained(features: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Sum of squares of each score that least squares on features leaves."""
    axes, _ = np.linalg.qr(features)
    found: np.ndarray = np.sum(scores**2, axis=0) - np.sum((axes.T @ scores)**2, axis=0)
    return found


def _stretched(scores: np.ndarray, features: np.ndarray, off: np.ndarray, weights: np.ndarray) -> np.ndarray:
    explained = features @ shrunk_slopes(scores, features, weights)
    middle = np.average(scores - explained, axis=0, weights=weights)
    residuals = scores - explained - middle
    squares = np.log(np.maximum(residuals**2, SMALLEST_SQUARE))
    stretch = -0.5 * (off @ shrunk_slopes(squares, off, weights))
    return middle + residuals * np.exp(np.clip(stretch, -LARGEST_LOG_STRETCH, LARGEST_LOG_STRETCH))


def shrunk_slopes(responses: np.ndarray, off: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Slopes (k, d) of responses (m, d) on deviations (m, k) by weighted least squares, shrunk for each response."""
    share = weights / weights.sum()
    x = off - share @ off
    y = responses - share @ responses
    weighted = x * share[:, None]
    spread, turn = np.linalg.eigh(weighted.T @ x)
    kept = spread > SMALLEST_SPREAD * spread.max(initial=0.0)
    axes = turn[:, kept] / np.sqrt(spread[kept])
    # einsum, since a product this small is slower on the threads of a linear algebra library than on none.
    along = np.einsum("ma,md->ad", weighted @ axes, y)
    explained = np.sum(along**2, axis=0)
    left = np.maximum(share @ y**2 - explained, 0.0)
    by_chance = left * kept.sum() / max(1.0 / np.sum(share**2) - kept.sum() - 1.0, 1.0)
    return axes @ (along * np.clip(1.0 - by_chance / np.maximum(explained, SMALLEST_SQUARE), 0.0, 1.0))
