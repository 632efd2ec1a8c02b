"""Targets: every indicator at the ends of years, in the scenario, in the reference, and the paired difference."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qicsim.ground.intervals import interval_of
from qicsim.model.recording import AT_WORK, NEEDED, TRAINED
from qicsim.plan.measures import LESS, MEASURES, meaning_of, value
from qicsim.plan.record import SURE, Coaches, Target

ROUNDING = 1e-9

Enlarge = Callable[[np.ndarray], np.ndarray]
"""From (runs, years, districts, ...) to (runs, years, places, ...)."""


def targets_of(sums: np.ndarray, reference: np.ndarray) -> tuple[Target, ...]:
    """The targets from sums (runs, years, places, DISTRICT_COLUMNS) of the scenario and of the reference."""
    found = []
    for measure in MEASURES:
        there, other = _by_place(value(sums, measure.name)), _by_place(value(reference, measure.name))
        meaning, unit = meaning_of(measure.name)
        found.append(Target(measure.name, measure.title, meaning, unit, measure.form, measure.responsible,
                            interval_of(there), interval_of(other), interval_of(there - other), measure.direction,
                            measure.verified, measure.observed, *chances(there, measure.direction)))
    return tuple(found)


def chances(sample: np.ndarray, direction: int) -> tuple[np.ndarray, np.ndarray]:
    """Share of runs that reach the mean, and the level that 80 % of them reach, of a sample (runs, ...).

    Runs without a value are left out; NaN where none has one. Where less is better, to reach is to stay at or below.
    """
    way = -1.0 if direction == LESS else 1.0
    better = (way * sample).reshape(len(sample), -1)
    reached, sure = (np.full(better.shape[1], np.nan) for _ in range(2))
    finite = np.isfinite(better)
    n = finite.sum(axis=0)
    for count in np.unique(n[n > 0]).tolist():
        columns = n == count
        values = better.T[columns][finite.T[columns]].reshape(-1, count)
        mean = values.mean(axis=1, keepdims=True)
        reached[columns] = (values >= mean - ROUNDING * np.maximum(1.0, np.abs(mean))).mean(axis=1)
        sure[columns] = np.percentile(values, 100.0 * (1.0 - SURE), axis=1)
    shape = sample.shape[1:]
    return reached.reshape(shape), way * sure.reshape(shape)


def coaches_of(coaches: np.ndarray, posts: np.ndarray, enlarge: Enlarge) -> Coaches:
    """Coaches by place and year from (runs, years, districts, 3), and posts (runs, years, districts)."""
    at_work, needed, trained = (coaches[..., number] for number in (AT_WORK, NEEDED, TRAINED))
    return Coaches(*(interval_of(_by_place(enlarge(values))) for values in (posts, at_work, needed, trained)))


def _by_place(values: np.ndarray) -> np.ndarray:
    """Values (runs, years, places) as (runs, places, years)."""
    return values.transpose(0, 2, 1)
