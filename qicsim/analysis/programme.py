"""The programme against its plan: coaching visits got and wanted, districts launched and planned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.analysis.quarters import Reached, at_quarter, reached_of
from qicsim.ground.calendar import MONTHS_PER_QUARTER, parse_month
from qicsim.inputs.country import plan_start
from qicsim.runs.ensemble import Ensemble
from qicsim.runs.readout import values
from qicsim.runs.runner import Runner

ENOUGH = 0.8  # of the visits that a plan wants


@dataclass(frozen=True)
class VisitsGot:
    """Coaching visits got over visits wanted, from the plans' start on.

    mean     over runs and quarters
    lowest   the mean over runs in the quarter in which it is lowest
    quarter  that quarter ("2028Q3")
    short    the share of runs with less than `ENOUGH` on average
    """

    mean: float
    lowest: float
    quarter: str
    short: float


def wanted_visits(runner: Runner) -> np.ndarray:
    """Visits wanted for each active team and month at the end of quarters, (quarters,); NaN without support."""
    levers = runner.scenario.levers
    wanted = np.where(np.asarray(levers.support) > 0, np.asarray(levers.visits), np.nan)
    return np.asarray(wanted[MONTHS_PER_QUARTER - 1::MONTHS_PER_QUARTER], dtype=float)


def visits_got(ensemble: Ensemble, name: str) -> VisitsGot | None:
    """How far visits got fall short of visits wanted; None where no quarter from the plans' start on wants any."""
    share = visits_share(ensemble, name)
    if not share.size:
        return None
    by_quarter = share.mean(axis=0)
    lowest = int(np.argmin(by_quarter))
    quarter = ensemble.runners[name].quarters[_late(ensemble, name)[lowest]]
    return VisitsGot(float(share.mean()), float(by_quarter[lowest]), quarter,
                     float(np.mean(share.mean(axis=1) < ENOUGH)))


def visits_share(ensemble: Ensemble, name: str) -> np.ndarray:
    """Visits got over visits wanted, (runs, quarters), in the quarters that want visits and have teams in every run."""
    late = _late(ensemble, name)
    return values(ensemble, name, "visits")[:, late] / wanted_visits(ensemble.runners[name])[late]


def _late(ensemble: Ensemble, name: str) -> np.ndarray:
    """Those quarters from the plans' start on, by number."""
    runner = ensemble.runners[name]
    late = np.array([int(quarter[:4]) >= plan_start() for quarter in runner.quarters])
    with_teams = np.isfinite(values(ensemble, name, "visits")).all(axis=0)
    return np.flatnonzero(late & with_teams & (wanted_visits(runner) > 0.0))


def launches_districts(runner: Runner) -> bool:
    """Whether a scenario launches districts after the plans begin."""
    first = parse_month(f"{plan_start()}-01") - runner.scenario.start
    return bool(np.any(np.asarray(runner.scenario.levers.recruiting)[max(first, 0):]))


def districts_launched(ensemble: Ensemble, name: str, year: int) -> Reached | None:
    """Districts launched by the end of a year beside those planned, as far as there are so many; None outside."""
    runner, quarter = ensemble.runners[name], f"{year}Q4"
    if quarter not in runner.quarters:
        return None
    month = runner.quarters.index(quarter) * MONTHS_PER_QUARTER + MONTHS_PER_QUARTER - 1
    planned = min(float(np.asarray(runner.scenario.levers.districts)[month]), float(runner.world.setting.district.size))
    return reached_of(at_quarter(ensemble, name, "districts", quarter), planned)
