"""The zero-effect question: would the headline have been seen if the collaboratives had done nothing?

The headline is "more health centres with a team than without are recorded at 80 or more" (the sign of
`share_80_order`). It is counted over draws as they are, over the same draws and luck with every effect of
collaboratives on care set to zero, and over these with assessors who are not lenient to those whom they coach. What the
last leaves is chance: who joins depends on leadership, ties and luck, not on quality.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qicsim.estimate.calibrate.fitting import Fit, joined_values, whole_values
from qicsim.estimate.calibrate.noise import block_of_streams
from qicsim.estimate.calibrate.prediction import FRESH
from qicsim.estimate.calibrate.reported_history import parameter_names
from qicsim.estimate.calibrate.targets import summaries as keys_read

LENIENCY = "assessment.lenient"
EFFECTS = ("pdsa.k_item", "session.lambda_ls", "exchange.lambda_ex", "motivation.coached", "exchange.recognition")
SIGN = "share_80_order"


@dataclass(frozen=True)
class ZeroEffect:
    """How often the headline's sign is seen among draws of a source, with and without any effect.

    share_with, share_without  shares of draws with the sign
    share_strict  share without any effect and without leniency
    median_with, median_without  medians of the difference between the two groups' shares (0-1)
    ratio, ratio_low, ratio_high  likelihood ratio of the sign, with over without, and its 95 % interval over draws
    """

    source: str
    draws: int
    share_with: float
    share_without: float
    share_strict: float
    median_with: float
    median_without: float
    ratio: float
    ratio_low: float
    ratio_high: float


def zero_effect(fitted: Fit, progress: Callable[[int, int], None] | None = None) -> tuple[ZeroEffect, ...]:
    """The answer for draws of the prior, and for draws as projections take them."""
    n = fitted.study.paired
    draws = {"prior": whole_values(fitted.study, fitted.problem.quantile(fitted.bank.cube[:n])),
             "posterior": joined_values(fitted, n)}
    found = []
    for done, (source, values) in enumerate(draws.items(), start=1):
        idle = without_effect(values)
        versions = (values, idle, _without(idle, LENIENCY))
        found.append(_answer(source, *(_difference(fitted, one) for one in versions)))
        if progress is not None:
            progress(done, len(draws))
    return tuple(found)


def without_effect(values: np.ndarray) -> np.ndarray:
    """The same draws (n, all) with every effect of collaboratives on care at zero."""
    return _without(values, *EFFECTS)


def _without(values: np.ndarray, *names: str) -> np.ndarray:
    changed = values.copy()
    changed[:, [parameter_names().index(name) for name in names]] = 0.0
    return changed


def _difference(fitted: Fit, values: np.ndarray) -> np.ndarray:
    streams = block_of_streams(FRESH, len(values))
    summaries = fitted.history.summaries(values, streams, seed=fitted.study.seed)
    return summaries[:, keys_read().index(SIGN)]


def _answer(source: str, with_effect: np.ndarray, without: np.ndarray, strict: np.ndarray) -> ZeroEffect:
    seen, anyway = with_effect > 0.0, without > 0.0
    low, high = _interval(seen, anyway)
    return ZeroEffect(source, len(seen), float(seen.mean()), float(anyway.mean()), float((strict > 0.0).mean()),
                      float(np.median(with_effect)), float(np.median(without)), _ratio(seen.mean(), anyway.mean()),
                      low, high)


def _interval(seen: np.ndarray, anyway: np.ndarray) -> tuple[float, float]:
    """95 % interval of the ratio over paired draws, by resampling them."""
    luck = np.random.default_rng(1)
    ratios = []
    for _ in range(1000):
        rows = luck.integers(len(seen), size=len(seen))
        ratios.append(_ratio(seen[rows].mean(), anyway[rows].mean()))
    low, high = np.quantile(ratios, (0.025, 0.975))
    return float(low), float(high)


def _ratio(seen: float, anyway: float) -> float:
    return float(seen / anyway) if anyway > 0.0 else float("inf")
