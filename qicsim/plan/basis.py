"""What a plan rests on: unit costs, parameters, data files, and the levers in which it differs from the reference."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import numpy as np

from qicsim.calendar import MONTHS_PER_YEAR, format_month
from qicsim.declare import GRADES, Lever, declared
from qicsim.ensemble.draws import Draws
from qicsim.model.levers import NO_CEILING
from qicsim.model.parameters import Parameters
from qicsim.model.sources import sources as known_sources
from qicsim.plan.record import DataFile, LeverRow, ParameterRow, Sources
from qicsim.plan.spreads import HIGH, LOW
from qicsim.scenario import Scenario
from qicsim.scenario.timeline import LEVERS
from qicsim.scenario.values import is_flag
from qicsim.world.build import EMBEDDED, data_files
from qicsim.world.money import unit_cost_rows

MOST_STEPS = 8


def sources_of(scenario: Scenario, draws: Draws) -> Sources:
    """The unit costs, parameters and data files behind a scenario."""
    files = data_files(scenario)
    data = tuple(DataFile(kind, path.name, sha256(path.read_bytes()).hexdigest(), path == EMBEDDED.get(kind))
                 for kind, path in files.items())
    return Sources(unit_cost_rows(files["unit_costs"]), _parameters(draws, scenario.parameters), data, GRADES)


def _parameters(draws: Draws, fixed: Mapping[str, float]) -> tuple[ParameterRow, ...]:
    low, high = np.percentile(draws.values, (LOW, HIGH), axis=0)
    cited = known_sources()
    rows = []
    for place, leaf in enumerate(declared(Parameters).values()):
        said = leaf.declaration
        citation = cited[said.source].citation if said.source in cited else ""
        rows.append(ParameterRow(leaf.path, said.meaning, said.unit, float(leaf.default),
                                 float(said.quantile(LOW / 100.0)), float(said.quantile(HIGH / 100.0)),
                                 float(low[place]), float(high[place]), said.source, citation, said.grade,
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
            rows.append(LeverRow(name, lever.meaning, lever.unit, _steps(lever, there, first),
                                 _steps(lever, other, first)))
    return tuple(rows)


def _within(scenario: Scenario, name: str, first: int, last: int) -> np.ndarray:
    values: np.ndarray = np.asarray(getattr(scenario.levers, name))
    return values[max(first - scenario.start, 0):last + 1 - scenario.start]


def _steps(lever: Lever, values: np.ndarray, first: int) -> tuple[tuple[str, str], ...]:
    """The months from which values hold; where there are many, one for each year, and the last."""
    starts = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist()] if values.size else []
    if len(starts) > MOST_STEPS:
        starts = sorted({at for at in starts if (first + at) % MONTHS_PER_YEAR == 0} | {starts[0], starts[-1]})
    return tuple((format_month(first + at), _in_words(lever, float(values[at]))) for at in starts)


def _in_words(lever: Lever, value: float) -> str:
    if lever.choices:
        return lever.choices[int(value)]
    if is_flag(lever):
        return "yes" if value else "no"
    return "none" if value >= NO_CEILING else f"{value:,.6g}"
