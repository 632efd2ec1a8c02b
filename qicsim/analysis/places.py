"""An indicator of the nation and of every province, year by year: intervals, and those of the paired difference."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qicsim.ground.intervals import Intervals, interval_of
from qicsim.runs.ensemble import Ensemble
from qicsim.runs.readout import province_values, values, yearly_cost

COST = "cost"
"""Spending in the year, US$ of 2021: known for the nation alone."""


def provinces_of(ensemble: Ensemble) -> tuple[str, ...]:
    """Every province of any scenario, by name."""
    return tuple(sorted({place for runner in ensemble.runners.values() for place in runner.world.provinces}))


def paired_intervals(own: np.ndarray, other: np.ndarray) -> tuple[Intervals, Intervals]:
    """Intervals of a sample (runs, years, places), and of its difference from another; (years, places) each."""
    return interval_of(own), interval_of(own - other)


def by_place(ensemble: Ensemble, name: str, years: Sequence[int], indicator: str) -> np.ndarray:
    """An indicator in every run at the ends of years, (runs, years, 1 + provinces); NaN where there is none.

    The nation comes first, then `provinces_of`.
    """
    places, runner = provinces_of(ensemble), ensemble.runners[name]
    sample = np.full((ensemble.runs, len(years), 1 + len(places)), np.nan)
    rows = np.array([years.index(year) for year in runner.years])
    if indicator == COST:
        sample[:, rows, 0] = yearly_cost(ensemble, name).sum(axis=(2, 3, 4, 5))
        return sample
    sample[:, rows, 0] = values(ensemble, name, indicator)[:, runner.year_ends]
    columns = np.array([1 + places.index(place) for place in runner.world.provinces])
    sample[:, rows[:, None], columns] = province_values(ensemble, name, indicator)
    return sample
