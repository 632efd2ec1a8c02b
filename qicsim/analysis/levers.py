"""Lever factors at work: as scenarios, or as values by number for runs that change levers of one scenario."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from qicsim.analysis.factors import Factor, LeverFactor
from qicsim.ground.errors import Fault, Faults, SettingError
from qicsim.inputs.scenario import Scenario, change
from qicsim.inputs.scenario.timeline import LEVERS
from qicsim.inputs.scenario.values import lever_value


def scenarios_of(scenario: Scenario, factors: Sequence[Factor], points: np.ndarray
                 ) -> tuple[list[Scenario], np.ndarray]:
    """The scenario under every combination of levers that the points (n, factors) take, and which each point takes.

    The second is int64 (n,). Without lever factors it is the scenario alone. ScenarioError for values that a lever
    cannot have.
    """
    at = [column for column, factor in enumerate(factors) if isinstance(factor, LeverFactor)]
    if not at:
        return [scenario], np.zeros(len(points), dtype=np.int64)
    places = np.column_stack([factors[column].at(points[:, column]) for column in at])  # type: ignore[union-attr]
    combinations, which = np.unique(places, axis=0, return_inverse=True)
    levers = [factor for factor in factors if isinstance(factor, LeverFactor)]
    return ([_changed(scenario, levers, row, f"{scenario.name}-{number}") for number, row in enumerate(combinations)],
            which.reshape(-1))


class LeverSettings(NamedTuple):
    """Values of levers by row, as scenarios store them: amounts, 0 or 1 for flags, the place of a choice.

    levers  their names
    values  (rows, levers), NaN where a row leaves the scenario as it is
    since   the month from which they hold, like "2027-01"; None without levers
    """

    levers: tuple[str, ...]
    values: np.ndarray
    since: str | None


def lever_settings(factors: Sequence[Factor], points: np.ndarray) -> LeverSettings:
    """What the points (n, factors) set levers to, for runs that take levers by number and not as scenarios.

    SettingError for values that a lever cannot have, and for levers that begin in different months.
    """
    at = {column: factor for column, factor in enumerate(factors) if isinstance(factor, LeverFactor)}
    since = sorted({factor.from_ for factor in at.values()})
    if len(since) > 1:
        raise SettingError("", [Fault("levers", f"begin in {', '.join(since)}", "one month for all")])
    columns = [stored(factor.lever, factor.values)[factor.at(points[:, column])] for column, factor in at.items()]
    values = np.column_stack(columns) if columns else np.empty((len(points), 0))
    return LeverSettings(tuple(factor.lever for factor in at.values()), values, since[0] if since else None)


def stored(lever: str, values: Sequence[Any]) -> np.ndarray:
    """Values of a lever as they are stored, float64 (values,); SettingError for what it cannot have."""
    faults = Faults()
    numbers = [lever_value(faults, lever, value, LEVERS[lever]) for value in values]
    if faults:
        raise SettingError("", faults)
    return np.array(numbers, dtype=float)


def _changed(scenario: Scenario, levers: Sequence[LeverFactor], places: np.ndarray, name: str) -> Scenario:
    for factor, place in zip(levers, places, strict=True):
        scenario = change(scenario, from_=factor.from_, name=name, **{factor.lever: factor.values[place]})
    return scenario
