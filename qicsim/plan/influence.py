"""Which parameters move the outcomes of a plan: Spearman's rank correlations over draws, replicates averaged."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qicsim.declare import declared
from qicsim.ensemble.draws import Draws, with_fixed
from qicsim.model.parameters import Parameters
from qicsim.plan.record import Influence

NINETY_FIVE = 1.959963984540054
FEWEST = 4


def influence_of(draws: Draws, fixed: Mapping[str, float], outcomes: Mapping[str, np.ndarray]) -> Influence:
    """Rank correlations of every parameter with outcomes (draws,), by their names in words."""
    leaves = declared(Parameters)
    values = with_fixed(draws.values, dict(fixed))
    rho = np.column_stack([rank_correlations(values, outcome) for outcome in outcomes.values()])
    strength = np.nan_to_num(np.abs(rho)).max(axis=1)
    order = np.argsort(-strength, kind="stable")
    names = [list(leaves)[row] for row in order]
    floor = NINETY_FIVE / np.sqrt(len(draws) - 1.0) if len(draws) >= FEWEST else np.nan
    return Influence(tuple(outcomes), tuple(names), tuple(leaves[name].declaration.meaning for name in names),
                     tuple(leaves[name].declaration.unit for name in names), rho[order], float(floor), len(draws))


def rank_correlations(values: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation of each column of (draws, columns) with (draws,); NaN where one does not vary."""
    from scipy.stats import rankdata

    ranks = rankdata(values, axis=0)
    other = rankdata(outcome)
    ranks, other = ranks - ranks.mean(axis=0), other - other.mean()
    size = np.sqrt((ranks**2).sum(axis=0) * (other**2).sum())
    found: np.ndarray = np.divide(other @ ranks, size, out=np.full(values.shape[1], np.nan), where=size > 0.0)
    return found
