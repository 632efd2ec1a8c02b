"""The nation and every province, year by year: intervals, paired differences, and how far provinces are apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qicsim.ground.intervals import Interval, Intervals, interval_of
from qicsim.runs.ensemble import Ensemble
from qicsim.runs.readout import province_values, values, yearly_cost

COST = "cost"
"""Spending in the year, US$ of the price year: known for the nation alone."""


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


@dataclass(frozen=True)
class ProvinceGaps:
    """Best province minus worst in mean true quality at the end of a year, points.

    scenario, reference  means over runs
    change               the paired difference of the scenario from the reference
    """

    scenario: float
    reference: float
    change: Interval[float]


def province_range(values: np.ndarray) -> np.ndarray:
    """Best province minus worst, (...), from values (..., provinces); provinces without a value are left out."""
    return np.nanmax(values, axis=-1) - np.nanmin(values, axis=-1)


def gap_between_provinces(ensemble: Ensemble, name: str, year: int) -> np.ndarray:
    """Best province minus worst in mean true quality at the end of a year, in every run, (runs,)."""
    return province_range(province_values(ensemble, name, "true")[:, ensemble.runners[name].years.index(year)])


def province_gaps(ensemble: Ensemble, name: str, reference: str, year: int) -> ProvinceGaps:
    """How far provinces are apart under a scenario and under the reference, and what changes from one to the other."""
    own, other = (gap_between_provinces(ensemble, scenario, year) for scenario in (name, reference))
    return ProvinceGaps(float(own.mean()), float(other.mean()), interval_of(own - other).at())
