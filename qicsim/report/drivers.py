"""What a gain hinges on: paired gains by draw, rank correlations with the parameters, and who overtakes whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.report.results import Results
from qicsim.runs.draws import names

THIRDS = 3
CHANCE = 0.05
FEWEST = 20
"""With fewer draws no share and no hinge is told."""
NO_BUDGET = 1e12
COSTS = "costs."
SPILL = "pdsa.spill"


@dataclass(frozen=True)
class Hinge:
    """A parameter that a gain goes with: its rank correlation over draws (Spearman), and mean gains at its two ends.

    low, high  mean gain in the draws in which the parameter is in its lowest and its highest third, points
    """

    parameter: str
    correlation: float
    low: float
    high: float


def by_draw(results: Results, sample: np.ndarray) -> np.ndarray:
    """Means over the replicates of each draw, (draws,), of a sample of runs."""
    return np.asarray(sample, dtype=float).reshape(len(results.comparison.ensemble.draws), -1).mean(axis=1)


def gains(results: Results, name: str) -> np.ndarray:
    """Points of true quality more than the reference at the end, by draw, (draws,)."""
    return by_draw(results, results.at_end[name] - results.at_end[results.reference])


def hinges(results: Results, name: str, most: int = 5) -> tuple[Hinge, ...]:
    """The parameters whose rank correlation with a scenario's gain is larger than chance, the largest first."""
    limit = chance_limit(len(results.comparison.ensemble.draws), len(varied(results, name)))
    found = _sizes(results, name)
    order = sorted((at for at, size in found.items() if abs(size) > limit), key=lambda at: -abs(found[at]))
    return tuple(_hinge(results, name, at, found[at]) for at in order[:most])


def hinge(results: Results, name: str, parameter: str) -> Hinge | None:
    """One parameter, whatever its correlation; None where it or the gain does not vary."""
    at = names().index(parameter)
    found = _sizes(results, name)
    return _hinge(results, name, at, found[at]) if at in found else None


def _sizes(results: Results, name: str) -> dict[int, float]:
    found = correlations(results.comparison.ensemble.draws.values, gains(results, name))
    return {at: float(found[at]) for at in varied(results, name) if np.isfinite(found[at])}


def correlations(parameters: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Rank correlations of columns, (draws, parameters), with a gain, (draws,); NaN where either does not vary."""
    from scipy.stats import rankdata

    ranks = rankdata(parameters, axis=0)
    ranks -= ranks.mean(axis=0)
    own = rankdata(gain) - (len(gain) + 1) / 2.0
    scale = np.sqrt((ranks**2).sum(axis=0) * (own**2).sum())
    with np.errstate(invalid="ignore"):
        return np.where(scale > 0.0, own @ ranks / np.where(scale > 0.0, scale, 1.0), np.nan)


def _hinge(results: Results, name: str, at: int, correlation: float) -> Hinge:
    column = results.comparison.ensemble.draws.values[:, at]
    gain = gains(results, name)
    order = np.argsort(column, kind="stable")
    size = max(len(order) // THIRDS, 1)
    return Hinge(names()[at], correlation, float(gain[order[:size]].mean()), float(gain[order[-size:]].mean()))


def chance_limit(draws: int, parameters: int) -> float:
    """The rank correlation that the largest of so many unrelated parameters stays under in 19 of 20 cases.

        r = t / sqrt(draws - 2 + t^2)       t: quantile of Student's t with draws - 2 degrees of freedom

    with the level of one of so many tests (Sidak). Where it is 1, nothing can be told.
    """
    from scipy.special import stdtrit

    if draws <= THIRDS:
        return 1.0
    each = 1.0 - (1.0 - CHANCE) ** (1.0 / max(parameters, 1))
    t = float(stdtrit(draws - 2, 1.0 - each / 2.0))
    return t / float(np.sqrt(draws - 2 + t**2))


def varied(results: Results, name: str) -> tuple[int, ...]:
    """Places of the parameters that differ between draws and can change quality.

    Those of unit costs cannot, unless a budget binds in the scenario or in the reference.
    """
    spans = np.ptp(results.comparison.ensemble.draws.values, axis=0)
    bound = any(float(np.min(results.lever(one, "budget"))) < NO_BUDGET for one in (name, results.reference))
    return tuple(at for at, parameter in enumerate(names())
                 if spans[at] > 0.0 and (bound or not parameter.startswith(COSTS)))


def overtaking(results: Results, best: str) -> dict[str, float]:
    """For each other scenario that lasts to the end, the share of draws in which it gains more than the best."""
    gain = gains(results, best)
    return {name: float(np.mean(gains(results, name) > gain)) for name in results.others
            if name != best and name in results.at_end}


def overtaken(results: Results, best: str) -> float:
    """The share of draws in which any other scenario gains more than the best."""
    rivals = [gains(results, name) for name in overtaking(results, best)]
    return float(np.mean(np.max(rivals, axis=0) > gains(results, best))) if rivals else 0.0
