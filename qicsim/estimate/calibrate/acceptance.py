"""The verdict on simulation-based calibration: pass, or fail with every reason; and recovery of known parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.estimate.calibrate.sbc import FEWEST, Ranks
from qicsim.estimate.calibrate.uniformity import (
    binomial_interval,
    binomial_p_value,
    chi_square_p_value,
    coverage,
    ecdf_p_value,
)
from qicsim.ground.translatable import Told, tell

LEVELS = (0.5, 0.8, 0.95)
FALSE_ALARM = 0.01
MOST_FAILED = 0.1


@dataclass(frozen=True)
class Coverage:
    """Share of central intervals of a level that hold the truth, with its 95 % confidence interval."""

    level: float
    share: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True)
class Verdict:
    """The tests of one quantity: p-values of empirical distribution and chi-square, coverage by level."""

    quantity: str
    ecdf: float
    chi_square: float
    coverage: tuple[Coverage, ...]


@dataclass(frozen=True)
class Gate:
    """Pass or fail. `limit` is the p-value below which any one test fails; `reasons` says which did."""

    passed: bool
    reasons: tuple[str, ...]
    limit: float
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class Recovery:
    """How a known parameter is found again, in normal scores.

    Attributes:
        parameter: its name.
        explained: squared correlation of posterior means with truths.
        error: root mean square error of posterior means; 1 is what the prior alone gives.
        sd: root mean square posterior standard deviation; equals `error` when posteriors are honest.
    """

    parameter: str
    explained: float
    error: float
    sd: float


def gate(ranks: Ranks, *, false_alarm: float = FALSE_ALARM, fewest: int = FEWEST) -> Gate:
    """Test every quantity; right posteriors fail anywhere with probability `false_alarm` at most (Bonferroni)."""
    verdicts = tuple(_verdict(name, ranks.ranks[:, i]) for i, name in enumerate(ranks.quantities)
                     if len(ranks.ranks))
    limit = false_alarm / (max(len(verdicts), 1) * (2 + len(LEVELS)))
    reasons = [reason for verdict in verdicts for reason in _reasons(verdict, limit)]
    n = len(ranks.ranks) + ranks.failed
    if n < fewest:
        reasons.insert(0, tell("only {count} pseudo-observations; {fewest} are needed", count=n, fewest=fewest))
    if ranks.failed > MOST_FAILED * n:
        reasons.insert(0, tell("the weights of {failed} of {count} truths failed; a tenth at most may",
                               failed=ranks.failed, count=n))
    return Gate(not reasons, tuple(reasons), limit, verdicts)


def recovery(ranks: Ranks) -> tuple[Recovery, ...]:
    """Recovery of each parameter over the truths of a simulation-based calibration."""
    out = []
    for i in range(ranks.truths.shape[1]):
        truth, mean = ranks.truths[:, i], ranks.means[:, i]
        if not len(truth):
            continue
        moved = np.std(mean) > 0.0 and np.std(truth) > 0.0
        explained = float(np.corrcoef(truth, mean)[0, 1] ** 2) if moved else 0.0
        out.append(Recovery(ranks.quantities[i], explained, float(np.sqrt(np.mean((truth - mean) ** 2))),
                            float(np.sqrt(np.mean(ranks.sds[:, i] ** 2)))))
    return tuple(out)


def _verdict(quantity: str, ranks: np.ndarray) -> Verdict:
    return Verdict(quantity, ecdf_p_value(ranks), chi_square_p_value(ranks),
                   tuple(_coverage(ranks, level) for level in LEVELS))


def _coverage(ranks: np.ndarray, level: float) -> Coverage:
    n, count = len(ranks), coverage(ranks, level)
    low, high = binomial_interval(count, n)
    return Coverage(level, count / n, low, high, binomial_p_value(count, n, level))


def _reasons(verdict: Verdict, limit: float) -> list[Told]:
    reasons = []
    if not verdict.ecdf >= limit:
        reasons.append(tell("{quantity}: ranks leave the simultaneous band (p = {p})", quantity=verdict.quantity,
                            p=f"{verdict.ecdf:.1g}"))
    if not verdict.chi_square >= limit:
        reasons.append(tell("{quantity}: the rank histogram is not flat (p = {p})", quantity=verdict.quantity,
                            p=f"{verdict.chi_square:.1g}"))
    reasons += [tell("{quantity}: {level} % intervals hold the truth in {share} % of fits (p = {p})",
                     quantity=verdict.quantity, level=f"{100 * part.level:.0f}", share=f"{100 * part.share:.0f}",
                     p=f"{part.p_value:.1g}") for part in verdict.coverage if not part.p_value >= limit]
    return reasons
