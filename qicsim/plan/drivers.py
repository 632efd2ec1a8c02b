"""Which parameters move the outcomes of a plan: the drivers of each outcome side by side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qicsim.analysis.drivers import Outcome, drivers_of
from qicsim.ground.declare import declared
from qicsim.model.parameters import Parameters
from qicsim.plan.record import Influence
from qicsim.runs.draws import Draws


def influence_of(draws: Draws, outcomes: Mapping[str, Outcome]) -> Influence:
    """Rank correlations of every parameter with outcomes, by their names in words (`qicsim.analysis.drivers`)."""
    leaves = declared(Parameters)
    known = [drivers_of(outcome, draws) for outcome in outcomes.values()]
    rho = np.full((len(leaves), len(known)), np.nan)
    rows = {name: row for row, name in enumerate(leaves)}
    for column, one in enumerate(known):
        for driver in one.ranked:
            rho[rows[driver.parameter], column] = driver.correlation
    order = np.argsort(-np.nan_to_num(np.abs(rho)).max(axis=1), kind="stable")
    names = [list(leaves)[row] for row in order]
    return Influence(tuple(outcomes), tuple(names), tuple(leaves[name].declaration.meaning for name in names),
                     tuple(leaves[name].declaration.unit for name in names), rho[order],
                     np.array([one.limit for one in known]), len(draws))
