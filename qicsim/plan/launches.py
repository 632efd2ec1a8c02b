"""When districts are launched: the simulation launches them, within what a scenario plans, allows and can pay."""

from __future__ import annotations

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_QUARTER, MONTHS_PER_YEAR
from qicsim.ground.intervals import HIGH, LOW, MEDIAN, interval_of
from qicsim.plan.record import Launches
from qicsim.runs.runner import Runner

QUARTERS_PER_YEAR = MONTHS_PER_YEAR // MONTHS_PER_QUARTER
NEVER = np.inf
EARLIER = -1.0
ROUNDING = 1e-9


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
    quarter = np.percentile(place, (LOW, MEDIAN, HIGH), axis=0, method="inverted_cdf").T
    planned = _planned(runner, years)
    return Launches(planned=planned, launched=interval_of(by_then.sum(axis=1).astype(float)),
                    quarter=quarter,
                    by_year=np.concatenate([before, by_quarter[:, QUARTERS_PER_YEAR - 1::QUARTERS_PER_YEAR]], axis=1),
                    by_quarter=by_quarter, due=due_of(planned),
                    recruiting=bool(_opening(runner, years, "recruiting").any()))


def due_of(planned: np.ndarray) -> int:
    """The first quarter from which on a plan (quarters,) stays at its last value."""
    other = np.flatnonzero(planned != planned[-1])
    return int(other[-1]) + 1 if other.size else 0


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
    """Whole districts that the scenario allows in each quarter, at most all that there are; (quarters,).

    Districts are launched when a quarter opens, and only while the next whole one fits under the ceiling of that month.
    """
    allowed = whole_districts(_opening(runner, years, "districts"))
    return np.minimum(allowed, float(len(runner.world.districts)))


def whole_districts(allowed: np.ndarray) -> np.ndarray:
    """Whole districts under a ceiling, as the simulation counts them: a part of a district is not launched."""
    found: np.ndarray = np.floor(np.asarray(allowed, dtype=float) + ROUNDING)
    return found


def _opening(runner: Runner, years: tuple[int, ...], lever: str) -> np.ndarray:
    """A lever in the first months of the quarters of years; (quarters,)."""
    opens = np.arange(years[0] * MONTHS_PER_YEAR, (years[-1] + 1) * MONTHS_PER_YEAR, MONTHS_PER_QUARTER)
    at = np.minimum(opens, runner.scenario.end) - runner.scenario.start
    found: np.ndarray = np.asarray(getattr(runner.scenario.levers, lever), dtype=float)[at]
    return found
