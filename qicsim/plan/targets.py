"""Targets: every indicator at the ends of years, in the scenario, in the reference, and the paired difference."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qicsim.model.recording import AT_WORK, NEEDED, TRAINED
from qicsim.plan.intervals import MIDDLE, spread_of
from qicsim.plan.measures import LESS, MEASURES, meaning_of, value
from qicsim.plan.record import SURE, Coaches, Spread, Target

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
                            spread_of(there), spread_of(other), spread_of(there - other), measure.direction,
                            measure.verified, measure.observed, *chances(there, measure.direction)))
    return tuple(found)


def chances(sample: np.ndarray, direction: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Median, share of runs that reach the mean, and the level that 80 % of them reach, of a sample (runs, ...).

    Runs without a value are left out; NaN where none has one. Where less is better, to reach is to stay at or below.
    """
    way = -1.0 if direction == LESS else 1.0
    better = (way * sample).reshape(len(sample), -1)
    there = np.isfinite(better)
    median, reached, sure = (np.full(better.shape[1], np.nan) for _ in range(3))
    whole: np.ndarray = np.asarray(there.all(axis=0))
    _fill(better, whole, (median, reached, sure))
    for column in np.flatnonzero(there.any(axis=0) & ~whole):
        chosen = np.arange(better.shape[1]) == column
        _fill(better[there[:, column]], chosen, (median, reached, sure))
    shape = sample.shape[1:]
    return way * median.reshape(shape), reached.reshape(shape), way * sure.reshape(shape)


def _fill(better: np.ndarray, columns: np.ndarray, found: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    """Fill these columns of median, share that reaches the mean, and sure level, from runs that all have a value."""
    if not columns.any():
        return
    values = better[:, columns]
    mean = values.mean(axis=0)
    median, reached, sure = found
    median[columns], sure[columns] = np.percentile(values, (MIDDLE, 100.0 * (1.0 - SURE)), axis=0)
    reached[columns] = (values >= mean - ROUNDING * np.maximum(1.0, np.abs(mean))).mean(axis=0)


def coaches_of(coaches: np.ndarray, posts: np.ndarray, enlarge: Enlarge) -> Coaches:
    """Coaches by place and year from (runs, years, districts, 3), and posts (runs, years, districts)."""
    def spread(values: np.ndarray) -> Spread:
        return spread_of(_by_place(enlarge(values)))

    return Coaches(posts=spread(posts), at_work=spread(coaches[..., AT_WORK]), needed=spread(coaches[..., NEEDED]),
                   trained=spread(coaches[..., TRAINED]))


def _by_place(values: np.ndarray) -> np.ndarray:
    """Values (runs, years, places) as (runs, places, years)."""
    return values.transpose(0, 2, 1)
