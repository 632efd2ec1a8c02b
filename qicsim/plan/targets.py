"""Targets: every indicator at the ends of years, in the scenario, in the reference, and the paired difference."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qicsim.plan.measures import MEASURES, meaning_of, value
from qicsim.plan.record import Coaches, Spread, Target
from qicsim.plan.schedule import AT_WORK, NEEDED, TRAINED
from qicsim.plan.spreads import spread_of

Enlarge = Callable[[np.ndarray], np.ndarray]
"""From (runs, years, districts, ...) to (runs, years, places, ...)."""


def targets_of(sums: np.ndarray, reference: np.ndarray) -> tuple[Target, ...]:
    """The targets from sums (runs, years, places, COLUMNS) of the scenario and of the reference."""
    found = []
    for measure in MEASURES:
        there, other = _by_place(value(sums, measure.name)), _by_place(value(reference, measure.name))
        meaning, unit = meaning_of(measure.name)
        found.append(Target(measure.name, measure.title, meaning, unit, measure.form, measure.responsible,
                            spread_of(there), spread_of(other), spread_of(there - other)))
    return tuple(found)


def coaches_of(coaches: np.ndarray, posts: np.ndarray, enlarge: Enlarge) -> Coaches:
    """Coaches by place and year from (runs, years, districts, 3), and posts (runs, years, districts)."""
    def spread(values: np.ndarray) -> Spread:
        return spread_of(_by_place(enlarge(values)))

    return Coaches(posts=spread(posts), at_work=spread(coaches[..., AT_WORK]), needed=spread(coaches[..., NEEDED]),
                   trained=spread(coaches[..., TRAINED]))


def _by_place(values: np.ndarray) -> np.ndarray:
    """Values (runs, years, places) as (runs, places, years)."""
    return values.transpose(0, 2, 1)
