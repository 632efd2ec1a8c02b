"""The options beside a plan: what each brings and costs against the reference, and which shipped ones are missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from qicsim.analysis.tried_assumptions import gain_of_plan
from qicsim.decide.settings import Settings
from qicsim.ground.calendar import format_month
from qicsim.ground.intervals import interval_of
from qicsim.ground.money import Money
from qicsim.inputs.country.money import as_simulated
from qicsim.inputs.scenario import Scenario, load_scenario, policy
from qicsim.inputs.scenario.past import other_past
from qicsim.inputs.world.build import data_files
from qicsim.plan.measures import LESS, MEASURES
from qicsim.plan.record import Alternative, Words
from qicsim.runs.ensemble import Ensemble
from qicsim.runs.readout import qic_lines, values, yearly_cost

BROUGHT = ("true", "true_80", "people_true_80", "recorded", "recorded_80")
"""What is told of every option: national indicators at the end of the plan."""
WATCHED = (*BROUGHT[:3], "unscored", "inflation")
"""Indicators in which an option may do harm: worse than the reference with its whole interval."""


def alternatives_of(ensemble: Ensemble, names: Iterable[str], reference: str, years: tuple[int, ...],
                    money: Money | None = None) -> tuple[Alternative, ...]:
    """What scenarios of an ensemble bring at the end of the last year, and cost a year, against the reference."""
    pasts = ensemble.runners[reference].scenario
    return tuple(_alternative(ensemble, name, reference, years, (money or as_simulated()).factor,
                              choice=is_choice(ensemble.runners[name].scenario, pasts)) for name in names)


def is_choice(scenario: Scenario, reference: Scenario) -> bool:
    """Whether somebody can choose a scenario: it is no state of the world, and has the past of the reference."""
    return not Settings().is_event(scenario.name) and other_past(scenario, reference) is None


def words_of(scenario: Scenario) -> Words:
    """What a scenario says of itself."""
    return Words(scenario.name, scenario.title, scenario.description, scenario.assumptions, scenario.digest,
                 dict(scenario.parameters))


def shipped_beside(scenario: Scenario, names: Iterable[str]) -> tuple[Scenario, ...]:
    """The shipped plans that are none of `names`, with the horizon of a scenario; none where it has its own places."""
    end = format_month(scenario.end)
    return of_same_places(scenario, [load_scenario(name, horizon_end=end, world=scenario.country)
                                     for name in policy(scenario.country) if name not in names])


def of_same_places(scenario: Scenario, others: Iterable[Scenario]) -> tuple[Scenario, ...]:
    """Scenarios with the register of facilities of another."""
    own = data_files(scenario)["register"]
    return tuple(one for one in others if data_files(one)["register"] == own)


def missing_from(ensemble: Ensemble) -> tuple[str, ...]:
    """Titles of the shipped plans that an ensemble does not hold; states of the world and other pasts are none."""
    reference = load_scenario(policy()[0])
    absent = [load_scenario(name) for name in policy()[1:] if name not in ensemble.runners]
    return tuple(one.title for one in absent if is_choice(one, reference))


def _alternative(ensemble: Ensemble, name: str, reference: str, years: tuple[int, ...],
                 factor: float, *, choice: bool) -> Alternative:
    def at_end(scenario: str, indicator: str) -> np.ndarray:
        runner = ensemble.runners[scenario]
        found: np.ndarray = values(ensemble, scenario, indicator)[:, runner.year_ends[runner.years.index(years[-1])]]
        return found

    def a_year(scenario: str, lines: Sequence[int] | slice) -> np.ndarray:
        there = ensemble.runners[scenario].years
        chosen = [there.index(year) for year in years]
        found: np.ndarray = yearly_cost(ensemble, scenario)[:, chosen][:, :, :, :, lines].sum(axis=(2, 3, 4, 5))
        return factor * found.mean(axis=1)

    gains = {one: at_end(name, one) - at_end(reference, one) for one in dict.fromkeys((*BROUGHT, *WATCHED))}
    spans = {one: interval_of(gain).at() for one, gain in gains.items()}
    ways = {measure.name: measure.direction for measure in MEASURES}
    harms = tuple(one for one in WATCHED
                  if (spans[one].low > 0.0 if ways[one] == LESS else spans[one].high < 0.0))
    return Alternative(
        words_of(ensemble.runners[name].scenario), {one: interval_of(at_end(name, one)).at() for one in BROUGHT},
        {one: spans[one] for one in BROUGHT}, interval_of(a_year(name, list(qic_lines()))).at(),
        interval_of(a_year(name, slice(None)) - a_year(reference, slice(None))).at(),
        gain_of_plan(ensemble, name, reference, years[-1]), harms, choice)
