"""What a plan rests on: unit costs, parameters, data files, and the levers in which it differs from the reference."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import numpy as np

from qicsim.decide.costs_by_scenario import in_money_of
from qicsim.ground.calendar import MONTHS_PER_YEAR, format_month
from qicsim.ground.declare import GRADES, Lever, declared
from qicsim.ground.intervals import DRAWS, HIGH, LOW, interval_of
from qicsim.ground.money import Money
from qicsim.ground.translatable import tell
from qicsim.inputs.country.money import as_simulated
from qicsim.inputs.country.record import TABLES
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.scenario.timeline import LEVERS, can_ramp
from qicsim.inputs.scenario.values import is_flag
from qicsim.inputs.world.build import country_table, data_files
from qicsim.inputs.world.money import unit_cost_rows
from qicsim.model.levers import NO_CEILING
from qicsim.model.parameters import Parameters
from qicsim.model.sources import sources as known_sources
from qicsim.plan.launches import whole_districts
from qicsim.plan.record import DataFile, LeverRow, ParameterRow, Sources
from qicsim.runs.draws import Draws

MOST_STEPS = 8
SHORTEST_RAMP = 3
WHOLE = ("districts",)  # a part of one is never launched (`launches.whole_districts`)


def sources_of(scenario: Scenario, draws: Draws, money: Money | None = None) -> Sources:
    """The unit costs, in prices of a year, the parameters and the data files behind a scenario."""
    files = data_files(scenario)
    shipped = {kind: country_table(scenario.country, kind) for kind in TABLES}
    data = tuple(DataFile(kind, path.name, sha256(path.read_bytes()).hexdigest(), path == shipped.get(kind))
                 for kind, path in files.items())
    costs = tuple(in_money_of(one, money or as_simulated()) for one in unit_cost_rows(files["unit_costs"]))
    return Sources(costs, _parameters(draws, scenario.parameters), data, GRADES)


def _parameters(draws: Draws, fixed: Mapping[str, float]) -> tuple[ParameterRow, ...]:
    drawn = interval_of(draws.values, kind=DRAWS)
    cited = known_sources()
    rows = []
    for place, leaf in enumerate(declared(Parameters).values()):
        said = leaf.declaration
        citation = cited[said.source].citation if said.source in cited else ""
        rows.append(ParameterRow(leaf.path, said.meaning, said.unit, float(leaf.default),
                                 float(said.quantile(LOW / 100.0)), float(said.quantile(HIGH / 100.0)),
                                 float(drawn.low[place]), float(drawn.high[place]), said.source, citation, said.grade,
                                 fixed.get(leaf.path)))
    return tuple(rows)


# ----------------------------------------------------------------------------------------------------------- levers


def lever_rows(scenario: Scenario, reference: Scenario, years: tuple[int, ...]) -> tuple[LeverRow, ...]:
    """The levers that differ between two scenarios in some month of these years, with their values since then."""
    first, last = years[0] * MONTHS_PER_YEAR, (years[-1] + 1) * MONTHS_PER_YEAR - 1
    rows = []
    for name, lever in LEVERS.items():
        there, other = (_within(one, name, first, last) for one in (scenario, reference))
        if there.shape != other.shape or (there != other).any():
            rows.append(LeverRow(name, lever.meaning, lever.unit, *(_values(one, name, lever, first, last)
                                                                    for one in (scenario, reference))))
    return tuple(rows)


def _within(scenario: Scenario, name: str, first: int, last: int) -> np.ndarray:
    values: np.ndarray = np.asarray(getattr(scenario.levers, name))
    return values[max(first - scenario.start, 0):last + 1 - scenario.start]


def _values(scenario: Scenario, name: str, lever: Lever, first: int, last: int) -> tuple[tuple[str, str], ...]:
    """What a lever is from `first` on: its value and every change; equal steps of many months as one ramp."""
    before = max(first - 1, scenario.start)
    values = _within(scenario, name, before, last)
    found: list[tuple[str, str]] = []
    at = first - before
    while at < values.size:
        end = _ramp_end(values, at) if can_ramp(lever) else at
        if end > at:
            low, high = (_in_words(scenario, name, values[place]) for place in (at - 1, end))
            span = tell("{low} to {high}", low=format_month(before + at), high=format_month(before + end))
            found.append((span, tell("{low} to {high} in equal steps", low=low, high=high)))
        elif not found or values[at] != values[at - 1]:
            found.append((format_month(before + at), _in_words(scenario, name, values[at])))
        at = end + 1
    return _shortened(found)


def _ramp_end(values: np.ndarray, at: int) -> int:
    """The last month of the equal steps that begin with the step into `at`; `at` itself where there are too few."""
    if at == 0:
        return at
    step, end = values[at] - values[at - 1], at
    while step and end + 1 < values.size and np.isclose(values[end + 1] - values[end], step, rtol=1e-6):
        end += 1
    return end if end - at + 1 >= SHORTEST_RAMP else at


def _shortened(found: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Where there are many changes: the first of each year, and the last."""
    if len(found) <= MOST_STEPS:
        return tuple(found)
    by_year = {month[:4]: (month, value) for month, value in reversed(found)}
    return tuple(sorted({*by_year.values(), found[-1]}))


def _in_words(scenario: Scenario, name: str, value: float) -> str:
    lever = LEVERS[name]
    if lever.choices:
        return lever.choices[int(value)]
    if lever.areas:
        return ", ".join(scenario.written(name, value)) or "none"
    if is_flag(lever):
        return "yes" if value else "no"
    shown = float(whole_districts(np.asarray(value))) if name in WHOLE else float(value)
    return "none" if shown >= NO_CEILING else f"{shown:,.6g}"
