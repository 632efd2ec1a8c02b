"""The months of a run as planners need them: districts and their coaches at the ends of years, months of launch.

The ensemble keeps provinces by year, and nothing of single districts but sums. Here the same compiled months are run
again, under the same draw and the same luck, and read by district: the numbers are those of the ensemble's runs
(tested), only finer. Nothing of the model is changed.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from qicsim.ground.compiled import compiled
from qicsim.model.columns import NOT_LAUNCHED
from qicsim.model.luck import allocate_luck
from qicsim.model.month import close_month, live, open_month
from qicsim.model.observe import read_places
from qicsim.model.simulate import DECEMBER, allocate_state, noise_key
from qicsim.model.steps.begin import begin
from qicsim.runs.ensemble import Ensemble
from qicsim.runs.runner import Runner

COLUMNS = ("facilities", "ever", "active", "true", "recorded", "true_80", "recorded_80", "unscored", "visits",
           "people", "people_true_80", "people_recorded_80")
AT_WORK, NEEDED, TRAINED = range(3)

Step = Callable[[], None]


class Notes(NamedTuple):
    """What is noted of a run; the caller owns the arrays.

    sums     (years, districts, columns)  sums over facilities at the ends of years, columns of `model.indicators`
    coaches  (years, districts, 3)  at work, needed for every visit wanted (both at the year's end), trained in the year
    """

    sums: np.ndarray
    coaches: np.ndarray


@dataclass(frozen=True, eq=False)
class Followed:
    """All runs of a scenario, draw by draw, replicates inside.

    sums      float64 (runs, years, districts, COLUMNS) at the ends of the years asked for
    coaches   float64 (runs, years, districts, 3): at work, needed, trained
    launched  int64 (runs, districts) absolute month of launch, -1 where it never came
    """

    sums: np.ndarray
    coaches: np.ndarray
    launched: np.ndarray


@compiled
def follow(setting: Any, levers: Any, structure: Any, params: Any, key: Any, state: Any, luck: Any,  # noqa: PLR0917
           place: Any, notes: Any) -> None:
    """Run all months, as `simulate` does; fills `notes`, and leaves the months of launch in `state`."""
    begin(setting, levers, params, state, key)
    notes.coaches[:] = 0.0
    year = 0
    for month in range(setting.month.size):
        today = open_month(month, setting, levers, structure, params, state, luck, key)
        for f in range(state.facility.size):
            live(f, today, setting, levers, params, state, luck, key)
        for d in range(state.district.size):
            notes.coaches[year, d, TRAINED] += state.district[d].trained
        close_month(today, setting, levers, params, state, luck, key)
        if setting.month[month].month_of_year == DECEMBER or month == setting.month.size - 1:
            read_places(month, setting, levers, state, place, False, notes.sums[year])
            note_coaches(today, levers[month], params, state, notes.coaches[year])
            year += 1


@compiled
def note_coaches(today: Any, now: Any, params: Any, state: Any, coaches: Any) -> None:
    """Coaches at work in each district, and those that could make every visit wanted of them."""
    each = params.coaching.visits_per_coach * today.available
    for d in range(state.district.size):
        district = state.district[d]
        coaches[d, AT_WORK] = district.coaches
        if today.supported and district.launched != NOT_LAUNCHED and each > 0.0:
            visits = now.visits * district.active_teams + now.maintenance * district.graduated_teams
            coaches[d, NEEDED] = visits / each


def follow_ensemble(ensemble: Ensemble, name: str, years: tuple[int, ...], *, workers: int | None = None,
                    step: Step | None = None) -> Followed:
    """Run a scenario of an ensemble again and read districts at the ends of `years`, which its horizon must hold.

    `step` is called after each run.
    """
    runner = ensemble.runners[name]
    kept = _empty(runner, ensemble.runs, len(years))
    parameters = runner.parameter_sets(ensemble.draws)
    columns = [runner.columns.index(column) for column in COLUMNS]
    chosen = [runner.years.index(year) for year in years]
    local = threading.local()

    def one(run: int) -> None:
        draw, replicate = divmod(run, ensemble.replicates)
        if not hasattr(local, "held"):
            local.held = (allocate_state(runner.world.setting), allocate_luck(runner.world.setting, kept=False),
                          _notes(runner))
        state, luck, notes = local.held
        setting = runner.world.setting
        follow(setting, runner.levers, runner.scenario.structure, parameters[draw],
               noise_key(ensemble.seed, draw, replicate), state, luck,
               np.ascontiguousarray(setting.facility["district"]), notes)
        kept.sums[run] = notes.sums[chosen][..., columns]
        kept.coaches[run] = notes.coaches[chosen]
        months = state.district["launched"]
        kept.launched[run] = np.where(months == NOT_LAUNCHED, -1, months + runner.scenario.start)
        if step is not None:
            step()

    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        list(pool.map(one, range(ensemble.runs)))
    return kept


def _empty(runner: Runner, runs: int, years: int) -> Followed:
    districts = len(runner.world.districts)
    return Followed(np.zeros((runs, years, districts, len(COLUMNS))), np.zeros((runs, years, districts, 3)),
                    np.zeros((runs, districts), dtype=np.int64))


def _notes(runner: Runner) -> Notes:
    years, districts = len(runner.years), len(runner.world.districts)
    return Notes(np.zeros((years, districts, len(runner.columns))), np.zeros((years, districts, 3)))
