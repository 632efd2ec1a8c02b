"""Which parameters move the outcomes of a plan: Spearman's rank correlations over draws, replicates averaged.

So many correlations are looked at that some are large by chance. The floor allows for their number (Bonferroni): if
nothing moved anything, one table in twenty would hold a correlation beyond it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from statistics import NormalDist

import numpy as np

from qicsim.ground.declare import declared
from qicsim.model.parameters import Parameters
from qicsim.plan.record import Influence
from qicsim.runs.draws import Draws, with_fixed

BY_CHANCE = 0.05
FEWEST = 4
COSTS = "costs."


def influence_of(draws: Draws, fixed: Mapping[str, float], outcomes: Mapping[str, np.ndarray],
                 costless: Collection[str] = ()) -> Influence:
    """Rank correlations of every parameter with outcomes (draws,), by their names in words.

    `costless` names outcomes that costs cannot move (no ceiling of money holds): their correlations with costs are NaN.
    """
    leaves = declared(Parameters)
    values = with_fixed(draws.values, dict(fixed))
    rho = np.column_stack([rank_correlations(values, outcome) for outcome in outcomes.values()])
    rho[np.ix_([name.startswith(COSTS) for name in leaves], [name in costless for name in outcomes])] = np.nan
    strength = np.nan_to_num(np.abs(rho)).max(axis=1)
    order = np.argsort(-strength, kind="stable")
    names = [list(leaves)[row] for row in order]
    tests = int(np.isfinite(rho).sum())
    return Influence(tuple(outcomes), tuple(names), tuple(leaves[name].declaration.meaning for name in names),
                     tuple(leaves[name].declaration.unit for name in names), rho[order], floor_of(len(draws), tests),
                     len(draws), tests)


def floor_of(draws: int, tests: int) -> float:
    """The least correlation that is told from chance among so many; NaN with fewer than 4 draws or without any."""
    if draws < FEWEST or not tests:
        return float("nan")
    return NormalDist().inv_cdf(1.0 - BY_CHANCE / (2.0 * tests)) / (draws - 1.0) ** 0.5


def rank_correlations(values: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation of each column of (draws, columns) with (draws,); NaN where one does not vary."""
    from scipy.stats import rankdata

    ranks = rankdata(values, axis=0)
    other = rankdata(outcome)
    ranks, other = ranks - ranks.mean(axis=0), other - other.mean()
    size = np.sqrt((ranks**2).sum(axis=0) * (other**2).sum())
    found: np.ndarray = np.divide(other @ ranks, size, out=np.full(values.shape[1], np.nan), where=size > 0.0)
    return found
