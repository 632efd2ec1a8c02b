"""What a scenario gains over the reference, draw by draw: how sure it is, who gains more, and what it moves with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.analysis.drivers import Drivers, Outcome, drivers_of
from qicsim.runs.draws import names
from qicsim.runs.ensemble import Ensemble
from qicsim.runs.readout import values

EFFICACY = "pdsa.efficacy"


@dataclass(frozen=True, eq=False)
class GainByDraw:
    """A scenario's gain in mean true quality over the reference at the end of a year.

    name       of the scenario
    year       at whose end
    points     (draws,) points more than the reference, replicates averaged
    drivers    the parameters that the gain moves with
    rivals     by name, the share of draws in which another scenario gains more
    overtaken  the share of draws in which any of them gains more
    """

    name: str
    year: int
    points: np.ndarray
    drivers: Drivers
    rivals: dict[str, float]
    overtaken: float

    def share_below(self, points: float) -> float:
        """Share of draws with a gain below so many points."""
        return float(np.mean(self.points < points))


def at_year_end(ensemble: Ensemble, year: int, indicator: str = "true") -> dict[str, np.ndarray]:
    """An indicator of every run at the end of a year, (runs,), for the scenarios that last so long."""
    return {name: values(ensemble, name, indicator)[:, runner.year_ends[runner.years.index(year)]]
            for name, runner in ensemble.runners.items() if year in runner.years}


def gain_by_draw(ensemble: Ensemble, name: str, reference: str, year: int) -> GainByDraw:
    """The gain of a scenario at the end of a year that it and the reference reach."""
    quality = at_year_end(ensemble, year)
    gains = {other: mean_by_draw(ensemble, sample - quality[reference]) for other, sample in quality.items()
             if other != reference}
    points = gains[name]
    rivals = {other: float(np.mean(gain > points)) for other, gain in gains.items() if other != name}
    best = np.max([gains[other] for other in rivals], axis=0) if rivals else points
    scenarios = tuple(ensemble.runners[one].scenario for one in (name, reference))
    return GainByDraw(name, year, points, drivers_of(Outcome(points, scenarios), ensemble.draws), rivals,
                      float(np.mean(best > points)))


def mean_by_draw(ensemble: Ensemble, sample: np.ndarray) -> np.ndarray:
    """Means over the replicates of each draw, (draws,), of a sample of runs."""
    return np.asarray(sample, dtype=float).reshape(len(ensemble.draws), -1).mean(axis=1)


def works_by_draw(ensemble: Ensemble, name: str) -> np.ndarray:
    """Whether collaboratives can do something under a scenario, by draw (draws,): their efficacy is above zero."""
    held = ensemble.runners[name].scenario.parameters.get(EFFICACY)
    drawn = ensemble.draws.values[:, names().index(EFFICACY)]
    found: np.ndarray = (drawn if held is None else np.full(len(drawn), held)) > 0.0
    return found
