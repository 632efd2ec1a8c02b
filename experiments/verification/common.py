"""What the measurements share: draws, scenarios that differ in one thing, histories month by month."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

import qicsim
from qicsim.ground.compiled import compiled
from qicsim.inputs.scenario import Scenario
from qicsim.model.luck import allocate_luck
from qicsim.model.month import close_month, live, open_month
from qicsim.model.simulate import noise_key
from qicsim.model.state import allocate_state
from qicsim.model.steps.begin import begin
from qicsim.runs.draws import Draws, prior_draws
from qicsim.runs.ensemble import Ensemble, run_ensemble
from qicsim.runs.posterior import draws_from
from qicsim.runs.runner import Runner

SEED = 1
DRAWS = 128
WORKERS = 2

Read = Callable[[np.ndarray], np.ndarray]


@cache
def prior(n: int = DRAWS) -> Draws:
    """The first `n` draws from the priors."""
    return prior_draws(n, SEED)


@cache
def shipped(n: int = 64) -> Draws:
    """The first `n` draws as they ship: roll-out from the reported counts, effects from trials, the rest priors."""
    return draws_from(None, n, SEED)


def but(scenario: Scenario, name: str, parameters: Mapping[str, float] | None = None, **fields: Any) -> Scenario:
    """The scenario under another name, with parameters held at values (priors or not) and fields changed."""
    return replace(scenario, name=name, parameters={**scenario.parameters, **(parameters or {})}, **fields)


def without_teams(scenario: Scenario) -> Scenario:
    """The scenario's own comparison: the same luck, nobody ever joins."""
    return qicsim.change(scenario, from_="2018-01", recruiting=False, name="comparison")


@cache
def trial(months_on_topic: int = 12, support_ends: str = "") -> Scenario:
    """The reference trial with cycles of some length, and support that ends in a month (or does not)."""
    scenario = qicsim.load_scenario("reference-trial")
    scenario = qicsim.change(scenario, from_="2018-01", cycle_months=months_on_topic)
    if support_ends:
        scenario = qicsim.change(scenario, from_=support_ends, support=False, recruiting=False)
    return replace(scenario, name="trial")


@compiled
def live_all(today, setting, levers, params, state, luck, key):  # noqa: ANN001, ANN201, PLR0917 -- compiled
    """Every facility lives today."""
    for f in range(state.facility.size):
        live(f, today, setting, levers, params, state, luck, key)


def histories(scenario: Scenario, draws: Draws, read: Read, *, months: int) -> np.ndarray:
    """What `read` takes from the table of facilities at the end of each month, shape (draws, months, ...)."""
    runner = Runner.of(scenario)
    parameters = runner.parameter_sets(draws)
    with ThreadPoolExecutor(WORKERS) as pool:
        return np.stack(list(pool.map(lambda i: _history(runner, parameters[i], i, read, months), range(len(draws)))))


def _history(runner: Runner, params: np.void, draw: int, read: Read, months: int) -> np.ndarray:
    setting, levers, structure = runner.world.setting, runner.levers, runner.scenario.structure
    key, state, luck = noise_key(SEED, draw, 0), allocate_state(setting), allocate_luck(setting, kept=False)
    begin(setting, levers, params, state, key)
    taken = []
    for month in range(months):
        today = open_month(month, setting, levers, structure, params, state, luck, key)
        live_all(today, setting, levers, params, state, luck, key)
        close_month(today, setting, levers, params, state, luck, key)
        taken.append(read(state.facility).copy())
    return np.stack(taken)


def ensemble(*scenarios: Scenario, draws: Draws | None = None, replicates: int = 1) -> Ensemble:
    """Runs of scenarios under the same draws and the same luck."""
    return run_ensemble(list(scenarios), draws or prior(), replicates=replicates, seed=SEED, workers=WORKERS)


def spread(values: np.ndarray) -> tuple[float, float, float]:
    """The 5, 50 and 95 % quantiles."""
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return float(low), float(middle), float(high)


def words(values: np.ndarray, unit: str = "", digits: int = 1) -> str:
    """Median and 5-95 % interval in words."""
    low, middle, high = (f"{value:.{digits}f}" for value in spread(values))
    return f"median {middle}{unit} (5-95 % of draws: {low} to {high})"
