"""From a scenario and a reference to a plan: run both under the same draws and the same luck, and read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from qicsim.analysis.drivers import Outcome
from qicsim.decide.currency import Rate, usual_rate
from qicsim.decide.discounting import CONVENTION, Discounting
from qicsim.ground.calendar import MONTHS_PER_YEAR
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.money import Money
from qicsim.ground.progress import progress_of
from qicsim.ground.translatable import tell
from qicsim.inputs.country import Country, plan_start
from qicsim.inputs.scenario import Scenario, with_overrides
from qicsim.inputs.scenario.overrides import overrides_said
from qicsim.inputs.scenario.past import cautions
from qicsim.inputs.world.build import World
from qicsim.inputs.world.money import costs_said
from qicsim.inputs.world.prices import money_of
from qicsim.plan.alternatives import alternatives_of, missing_from, words_of
from qicsim.plan.basis import lever_rows, sources_of
from qicsim.plan.drivers import influence_of
from qicsim.plan.launches import launches_of, posts_of, quarters_of
from qicsim.plan.measures import value
from qicsim.plan.money import budget_of, collaboratives_by_draw
from qicsim.plan.notes import notes_of
from qicsim.plan.places import WHOLE, places_of, province_rows, with_larger_places
from qicsim.plan.record import Plan, Target
from qicsim.plan.targets import coaches_of, targets_of
from qicsim.plan.value import option_values
from qicsim.plan.warnings import known_of, reported_words, warnings_of
from qicsim.runs.draws import Draws
from qicsim.runs.ensemble import Districts, Ensemble, Progress, run_ensemble
from qicsim.runs.forks import forks_said
from qicsim.runs.posterior import draws_from, draws_said
from qicsim.runs.provenance import provenance
from qicsim.runs.shared_store import Place

PLACES = 2  # the axis of districts in what is followed: (runs, years, districts, ...)


def make_plan(scenario: Scenario, reference: Scenario, options: Sequence[Scenario] = (), *,
              draws: int | Draws = 64, replicates: int = 2, seed: int = 1, workers: int | None = None,
              store: Place = None, progress: Progress | bool | None = None, first_year: int | None = None,
              discount_rate: float = CONVENTION, rate: Rate | None = None, money_year: int | None = None,
              prices: Path | str | None = None, command: str = "", set: Mapping[str, Any] | None = None,  # noqa: A002
              costs: Path | str | None = None) -> Plan:
    """The plan of a scenario against a reference, beside further options: all under the same draws and luck.

    Args:
        scenario: what is planned; its horizon must hold the year before `first_year` and one year more.
        reference: what it is compared with; it may be the same scenario.
        options: further scenarios of the same years and places, such as `alternatives.shipped_beside` gives.
        draws: how many from the shipped posterior (or the prior), or draws.
        replicates: runs of each draw.
        seed: fixes draws and luck.
        workers: threads; by default one for each core.
        store: where runs are kept, as of `qicsim.runs.ensemble.run_ensemble`.
        progress: called with (runs done, runs in all).
        first_year: the first year of the plan (default: the world's); the year before it is the baseline.
        discount_rate: 0-0.25 a year, to the start of the first year.
        rate: the country's own money for US$ 1, by default as the country says.
        money_year: the year whose prices all US$ are in, by default the price year.
        prices: a file of changes of prices in place of the shipped one.
        command: what the user typed, for the provenance.
        set: what holds for all of them alike, as in `qicsim.run`.
        costs: a file of unit costs for all.

    Raises:
        SettingError: for settings outside their range, and for scenarios whose horizons or places do not fit.
    """
    if set or costs is not None:
        reference, scenario, *options = (with_overrides(one, set, costs) for one in (reference, scenario, *options))
    years = planned_years([scenario, *options], reference, first_year)
    prices_of = rate or usual_rate(), money_of(money_year, prices)
    discounting = Discounting(years[0], discount_rate)
    ensemble = run_ensemble(list({one.name: one for one in (reference, scenario, *options)}.values()),
                            draws if isinstance(draws, Draws) else draws_from(None, draws, seed),
                            replicates=replicates, seed=seed, workers=workers, store=store,
                            progress=progress_of(progress))
    return plan_of(ensemble, (scenario, reference), years, discounting, prices_of, command)


def plan_of(ensemble: Ensemble, pair: tuple[Scenario, Scenario], years: tuple[int, ...],  # noqa: PLR0917
            discounting: Discounting, prices: tuple[Rate, Money], command: str) -> Plan:
    """The plan of a scenario against a reference, read from an ensemble that holds both; the rest are options."""
    (scenario, reference), (rate, money) = pair, prices
    for name in ensemble.runners:
        _check_places(ensemble, name, reference.name)
    same = scenario.name == reference.name
    runner = ensemble.runners[scenario.name]
    world, axis = runner.world, (years[0] - 1, *years)
    there, before = (_districts(ensemble, one.name, axis) for one in pair)
    enlarge = partial(with_larger_places, of_district=province_rows(world), provinces_there=len(world.provinces),
                      axis=PLACES)
    sums, other = enlarge(there.sums), enlarge(before.sums)
    known, targets = known_of(runner), targets_of(sums, other)
    launches = launches_of(runner, there.launched, years)
    budget = budget_of(ensemble, scenario.name, reference.name, years, discounting=discounting, rate=rate,
                       money=money)
    others = [name for name in ensemble.runners if name not in (scenario.name, reference.name)]
    return Plan(
        scenario=words_of(scenario), reference=words_of(reference), baseline_year=axis[0], years=years,
        quarters=quarters_of(years), places=places_of(world), targets=targets,
        launches=launches,
        coaches=coaches_of(there.coaches, posts_of(runner, there.launched, axis), enlarge), budget=budget,
        influence=influence_of(ensemble.draws, _outcomes(ensemble, pair, sums, other)
                               | _spending(ensemble, scenario, years, money)),
        sources=sources_of(scenario, ensemble.draws, money), levers=lever_rows(scenario, reference, years),
        draws=len(ensemble.draws), replicates=ensemble.replicates, seed=ensemble.seed,
        draws_from=ensemble.draws.source, synthetic=world.synthetic,
        whole=WHOLE[world.synthetic], known=known,
        warnings=warnings_of(runner, known, targets, years=years, same=same, runs=ensemble.runs),
        notes=(*overrides_said(pair), *money.said, *cautions([scenario], reference),
               *forks_said(ensemble), *draws_said(ensemble.draws), *costs_said([world.unit_costs]),
               *notes_of(known, axis, "" if known.register else _reported(targets, axis[0], world.country))),
        options=() if same else alternatives_of(ensemble, (scenario.name, *others), reference.name, years, money),
        missing=missing_from(ensemble),
        value=option_values(ensemble, (scenario.name, reference.name), years, discounting, money),
        provenance=provenance(ensemble, command=command))


def _districts(ensemble: Ensemble, name: str, years: tuple[int, ...]) -> Districts:
    """Districts at the ends of some years, in numbers of eight bytes."""
    sums, coaches, launched = ensemble.districts(name)
    rows = [ensemble.runners[name].years.index(year) for year in years]
    return Districts(sums[:, rows].astype(float), coaches[:, rows].astype(float), launched)


def _outcomes(ensemble: Ensemble, pair: tuple[Scenario, Scenario], sums: np.ndarray, other: np.ndarray
              ) -> dict[str, Outcome]:
    """National outcomes at the end of the plan by draw, by their names in words."""
    found: dict[str, Outcome] = {}
    for name in (tell("recorded"), tell("true")):
        there, reference = (value(table[:, -1, 0], name).reshape(len(ensemble.draws), -1).mean(axis=1)
                            for table in (sums, other))
        found |= {tell("Mean score at the end, {which}", which=name): Outcome(there, pair[:1]),
                  tell("Gain over the reference, {which}", which=name): Outcome(there - reference, pair)}
    return found


def _spending(ensemble: Ensemble, scenario: Scenario, years: tuple[int, ...], money: Money) -> dict[str, Outcome]:
    """Spending on collaboratives over the years of the plan by draw, by its name in words."""
    usd = collaboratives_by_draw(ensemble, scenario.name, years, money)
    return {tell("Spending on collaboratives, {first} to {last}", first=years[0],
                 last=years[-1]): Outcome(usd, (scenario,), money=True)}


def _reported(targets: Sequence[Target], year: int, country: Country) -> str:
    """The reported number of facilities beside the baseline."""
    (ever,) = (target.scenario for target in targets if target.name == "ever")
    return reported_words(ever, year, country)


# ---------------------------------------------------------------------------------------------------------- checks


def planned_years(scenarios: Sequence[Scenario], reference: Scenario, first_year: int | None = None) -> tuple[int, ...]:
    """The years of the plans; SettingError unless all horizons hold them and the baseline, and names are different."""
    years = [_years(one, reference, plan_start() if first_year is None else first_year) for one in scenarios]
    _check_options(scenarios, reference, years)
    return years[0]


def _years(scenario: Scenario, reference: Scenario, first_year: int) -> tuple[int, ...]:
    """The whole calendar years of the plan; SettingError unless both horizons hold them and the baseline."""
    last = (scenario.end + 1) // MONTHS_PER_YEAR - 1
    faults = []
    if last < first_year or scenario.start > first_year * MONTHS_PER_YEAR - 1:
        faults.append(Fault(f"horizon of {scenario.name}", _span(scenario),
                            f"the end of {first_year - 1} (the baseline) and {first_year} or more whole years",
                            "Choose a later `--until`, or another scenario"))
    elif reference.start > first_year * MONTHS_PER_YEAR - 1 or reference.end < (last + 1) * MONTHS_PER_YEAR - 1:
        faults.append(Fault(f"horizon of the reference {reference.name}", _span(reference),
                            f"{first_year - 1} to {last}, as the plan has"))
    if faults:
        raise SettingError("", faults)
    return tuple(range(first_year, last + 1))


def _check_options(scenarios: Sequence[Scenario], reference: Scenario, years: Sequence[tuple[int, ...]]) -> None:
    """SettingError unless further options have the years of the plan and names of their own."""
    faults = [Fault(f"horizon of {one.name}", _span(one), f"{years[0][0] - 1} to {years[0][-1]}, as the plan has")
              for one, span in zip(scenarios, years, strict=True) if span != years[0]]
    digests = {one.name: one.digest for one in reversed((*scenarios, reference))}
    faults += [Fault("options", f'two scenarios are called "{one.name}"', "names of their own")
               for one in (reference, *scenarios) if digests[one.name] != one.digest]
    if faults:
        raise SettingError("", faults)


def _span(scenario: Scenario) -> str:
    first, last = (f"{month // MONTHS_PER_YEAR}-{month % MONTHS_PER_YEAR + 1:02d}"
                   for month in (scenario.start, scenario.end))
    return f"{first} to {last}"


def _check_places(ensemble: Ensemble, name: str, reference: str) -> None:
    """SettingError unless scenario and reference have the same provinces and districts."""
    def places(world: World) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return world.provinces, world.districts

    if places(ensemble.runners[name].world) != places(ensemble.runners[reference].world):
        raise SettingError("", [Fault("reference", f'"{reference}" has other provinces or districts than "{name}"',
                                      "a scenario with the same facility register")])
