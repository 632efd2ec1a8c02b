"""What a national plan brings on the topics of its teams, beside what the reference trial finds under the same rows.

Facilities that join under the plan from its first month on, and never under the reference, are read twelve months after
they joined, on the topic that they chose then, as in the reference trial: on scored topics that began below 75, all
enrolled counted. Between the two lie what a ministry's coaches can give, launches, turnover and whom the plan reaches.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qicsim.estimate.anchor.reference_trial import ELIGIBLE_BELOW, REFERENCE_MONTH, Progress
from qicsim.ground.calendar import parse_month
from qicsim.ground.declare import parameter_sets
from qicsim.inputs.country import home, plan_start
from qicsim.inputs.scenario import REFERENCE as REFERENCE_PLAN
from qicsim.inputs.scenario import load_scenario
from qicsim.inputs.world.build import build_world
from qicsim.model.columns import WEIGHTS_NQEM
from qicsim.model.levers import lever_table
from qicsim.model.parameters import Parameters
from qicsim.model.simulate import allocate_state, noise_key, recording_of
from qicsim.runs.branches import Buffers
from qicsim.runs.draws import with_fixed
from qicsim.runs.executors import in_threads

YEARS = 5
"""Years of the plan that are lived."""


@dataclass(frozen=True, eq=False)
class National:
    """Topic effects in points under the plan `name` and in the reference trial, (rows,) each; `teams` joined in it."""

    name: str
    plan: np.ndarray
    trial: np.ndarray
    teams: np.ndarray

    @property
    def means(self) -> tuple[float, float]:
        """Mean effect under the plan and in the reference trial, over rows in which anybody joined, points."""
        joined = np.isfinite(self.plan)
        return float(self.plan[joined].mean()), float(self.trial[joined].mean())

    @property
    def ratio(self) -> float:
        """National effect over that of the reference trial: ratio of means over rows."""
        plan, trial = self.means
        return plan / trial


def national_effects(values: np.ndarray, *, seed: int, workers: int | None, progress: Progress | None = None
                     ) -> tuple[np.ndarray, np.ndarray]:
    """Topic effect under the plan in points, and how many teams it was read on, (rows,) each."""
    end = f"{plan_start() + YEARS - 1}-12"
    plan, reference = (load_scenario(name, horizon_end=end) for name in (home().plan, REFERENCE_PLAN))
    setting = build_world(plan).setting
    levers = [lever_table(scenario.levers) for scenario in (plan, reference)]
    sets = parameter_sets(Parameters, with_fixed(values, plan.parameters))
    first, local, done = parse_month(f"{plan_start()}-01") - plan.start, threading.local(), [0]
    effects, teams = np.full(len(sets), np.nan), np.zeros(len(sets))

    def one(row: int) -> None:
        if not hasattr(local, "arms"):
            with_plan = Buffers.of(setting, recording_of(setting), ())
            local.arms = with_plan, replace(with_plan, state=allocate_state(setting), copies=[])
        fixed = plan.structure, sets[row], noise_key(seed, row, 0)
        effects[row], teams[row] = _first_year(local.arms, levers, fixed, first)
        done[0] += 1
        if progress is not None:
            progress("national plans", done[0], len(sets))

    in_threads(one, range(len(sets)), workers)
    return effects, teams


def _first_year(arms: tuple[Buffers, Buffers], levers: Sequence[np.ndarray], fixed: tuple[Any, Any, Any], first: int
                ) -> tuple[float, float]:
    """Mean effect on the topic a year after joining, over the joiners of one pair of runs, and their number."""
    setting, months = arms[0].setting, len(levers[0])
    areas, hospital = setting.area[0], setting.facility["hospital"]
    for arm, table in zip(arms, levers, strict=True):
        arm.live(table, fixed, 0, first)
    joined, topic = np.full(len(hospital), -1), np.full(len(hospital), -1)
    found: list[np.ndarray] = []
    for month in range(first, months):
        for arm, table in zip(arms, levers, strict=True):
            arm.live(table, fixed, month, month + 1)
        mine, theirs = (arm.state.facility for arm in arms)
        due = np.flatnonzero((joined == month + 1 - REFERENCE_MONTH) & (topic >= 0) & (theirs["ever"] == 0))
        found.append(mine["quality"][due, topic[due]] - theirs["quality"][due, topic[due]])
        new = np.flatnonzero((mine["ever"] == 1) & (theirs["ever"] == 0) & (joined < 0))
        chosen = mine["topic"][new]
        counts = ((chosen >= 0) & (areas.weight[WEIGHTS_NQEM, hospital[new], chosen] > 0.0)
                  & (theirs["quality"][new, chosen] < ELIGIBLE_BELOW))
        joined[new], topic[new] = month, np.where(counts, chosen, -1)
    gained = np.concatenate(found)
    return (float(gained.mean()), float(len(gained))) if len(gained) else (np.nan, 0.0)
