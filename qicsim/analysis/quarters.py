"""An indicator of the nation at the end of a quarter, in every run: how many runs reach a number, and sums over it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from qicsim.ground.intervals import Interval, interval_of
from qicsim.runs.ensemble import Ensemble
from qicsim.runs.readout import values

TIES = 9
"""Decimals of a gain, points, in which scenarios are compared when they are put in order."""


@dataclass(frozen=True)
class Reached:
    """What runs give beside a number that was reported or planned.

    wanted    the number
    interval  of the runs
    share     of runs that give as much or more
    """

    wanted: float
    interval: Interval[float]
    share: float


def at_quarter(ensemble: Ensemble, name: str, indicator: str, quarter: str) -> np.ndarray:
    """An indicator of the nation at the end of a quarter ("2027Q4"), (runs,); empty where there is no such quarter."""
    quarters = ensemble.runners[name].quarters
    if quarter not in quarters:
        return np.empty(0)
    return values(ensemble, name, indicator)[:, quarters.index(quarter)]


def by_gain(ensemble: Ensemble, reference: str, year: int) -> tuple[str, ...]:
    """The other scenarios, from the largest mean gain in true quality at the end of a year to the smallest.

    Those that do not last so long come last. The order numbers scenarios on every page.
    """
    base = at_quarter(ensemble, reference, "true", f"{year}Q4")

    def gain(name: str) -> float:
        reached = at_quarter(ensemble, name, "true", f"{year}Q4")
        return round(float((reached - base).mean()), TIES) if reached.size and base.size else -np.inf

    gains = {name: gain(name) for name in ensemble.runners if name != reference}
    return tuple(sorted(gains, key=lambda name: -gains[name]))


def in_order(ensemble: Ensemble, reference: str) -> Ensemble:
    """The same runs: the reference first, then the others by their gain at its end, as every page numbers them."""
    names = (reference, *by_gain(ensemble, reference, ensemble.runners[reference].years[-1]))
    return replace(ensemble, runners={name: ensemble.runners[name] for name in names})


def reached_of(sample: np.ndarray, wanted: float) -> Reached | None:
    """A sample of runs, (runs,), beside a number; None for an empty sample."""
    if not sample.size:
        return None
    return Reached(wanted, interval_of(sample).at(), float(np.mean(sample >= wanted)))


def facilities_flattered(ensemble: Ensemble, name: str, year: int) -> float:
    """Mean number of facilities recorded at 80 or more beyond those truly there at the end of a year; NaN outside."""
    quarter = f"{year}Q4"
    extra = at_quarter(ensemble, name, "recorded_80", quarter) - at_quarter(ensemble, name, "true_80", quarter)
    facilities = at_quarter(ensemble, name, "facilities", quarter)
    return float((extra * facilities).mean()) if extra.size else float("nan")


def facility_years(ensemble: Ensemble, name: str, first: int, last: int) -> float:
    """Facilities at the end of the last year times the years from the first to the last; NaN outside the horizon."""
    facilities = at_quarter(ensemble, name, "facilities", f"{last}Q4")
    return float(facilities.mean() * (last - first + 1)) if facilities.size else float("nan")


def lowest_after(x: np.ndarray, means: np.ndarray, start: float) -> tuple[float, float] | None:
    """Where means, (quarters,), are lowest after a point in time, and how low; None where none has a value."""
    late = np.where(x > start, means, np.nan)
    if not np.isfinite(late).any():
        return None
    lowest = int(np.nanargmin(late))
    return float(x[lowest]), float(late[lowest])
