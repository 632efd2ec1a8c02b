"""When districts are launched: the simulation launches them, within what a scenario plans, allows and can pay."""

from __future__ import annotations

import numpy as np

from qicsim.calendar import MONTHS_PER_QUARTER, MONTHS_PER_YEAR
from qicsim.ensemble.runner import Runner
from qicsim.plan.record import Launches
from qicsim.plan.spreads import HIGH, LOW, MIDDLE, spread_of

QUARTERS_PER_YEAR = MONTHS_PER_YEAR // MONTHS_PER_QUARTER
NEVER = np.inf
EARLIER = -1.0


def quarters_of(years: tuple[int, ...]) -> tuple[str, ...]:
    """Names of the quarters of years."""
    return tuple(f"{year}Q{number}" for year in years for number in range(1, QUARTERS_PER_YEAR + 1))


def launches_of(runner: Runner, launched: np.ndarray, years: tuple[int, ...]) -> Launches:
    """The launches in absolute months (runs, districts), -1 for never; `years` are those of the plan, not the baseline.

    The quarter in which half of the runs have launched a district is read off the runs: nothing is interpolated.
    """
    first = years[0] * QUARTERS_PER_YEAR
    number = (years[-1] + 1) * QUARTERS_PER_YEAR - first
    place = np.where(launched < 0, NEVER, np.maximum(launched // MONTHS_PER_QUARTER - first, EARLIER))
    ends = np.arange(number)
    by_then = place[:, :, None] <= ends
    before = (place < 0.0).mean(axis=0)[:, None]
    by_quarter = by_then.mean(axis=0)
    quarter = np.percentile(place, (LOW, MIDDLE, HIGH), axis=0, method="inverted_cdf").T
    return Launches(planned=_planned(runner, years), launched=spread_of(by_then.sum(axis=1).astype(float)),
                    quarter=quarter,
                    by_year=np.concatenate([before, by_quarter[:, QUARTERS_PER_YEAR - 1::QUARTERS_PER_YEAR]], axis=1),
                    by_quarter=by_quarter)


def posts_of(runner: Runner, launched: np.ndarray, axis: tuple[int, ...]) -> np.ndarray:
    """Posts that the scenario plans in each district at the ends of years: (runs, years, districts).

    Its coaches per district where a district is launched and teams are supported.
    """
    ends = np.array([(year + 1) * MONTHS_PER_YEAR - 1 for year in axis])
    at = np.minimum(ends, runner.scenario.end) - runner.scenario.start
    levers = runner.scenario.levers
    wanted = np.asarray(levers.coaches, dtype=float)[at] * (np.asarray(levers.support)[at] == 1)
    there = (launched[:, None, :] >= 0) & (launched[:, None, :] <= ends[None, :, None])
    return there * wanted[None, :, None]


def _planned(runner: Runner, years: tuple[int, ...]) -> np.ndarray:
    """Districts that the scenario allows by the ends of quarters, at most all that there are; (quarters,)."""
    ends = np.arange(years[0] * MONTHS_PER_YEAR + MONTHS_PER_QUARTER - 1, (years[-1] + 1) * MONTHS_PER_YEAR,
                     MONTHS_PER_QUARTER)
    at = np.minimum(ends, runner.scenario.end) - runner.scenario.start
    allowed = np.asarray(runner.scenario.levers.districts, dtype=float)[at]
    return np.minimum(allowed, float(len(runner.world.districts)))
