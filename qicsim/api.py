"""The Python face: run a scenario, compare several, get tables."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qicsim.analysis.compare import QUANTILES, Comparison
from qicsim.analysis.compare import compare as compare_ensemble
from qicsim.analysis.tried_assumptions import TriedAssumptions, tried_assumptions
from qicsim.decide.choice import leading_plans
from qicsim.ground import plots
from qicsim.ground.calendar import format_month
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.ground.numbers import plural
from qicsim.ground.progress import progress_of
from qicsim.ground.shown import Face, Shown
from qicsim.inputs.country import Country, country_of, in_country, plan_start
from qicsim.inputs.observed.levels import ready
from qicsim.inputs.scenario import (
    REFERENCE,
    Scenario,
    check_names,
    load_scenario,
    policy,
    with_data,
    with_overrides,
)
from qicsim.inputs.world.prices import money_of
from qicsim.model.indicators import PROGRAMME, SUMS
from qicsim.runs.assumptions import ALL, NONE, USUAL, Assumption, chosen, part_of, run_assumptions
from qicsim.runs.draws import Draws
from qicsim.runs.ensemble import Ensemble, Progress, run_ensemble
from qicsim.runs.labelled import of_ensemble
from qicsim.runs.posterior import draws_from
from qicsim.runs.readout import known_indicators, values
from qicsim.runs.shared_store import Place

if TYPE_CHECKING:
    import pandas as pd

    from qicsim.decide.decision import Decision
    from qicsim.decide.discovery import Discovery
    from qicsim.decide.search.best import Best, SoFar
    from qicsim.decide.settings import Settings
    from qicsim.report.page import Extra

SHOWN = ("true", "recorded", "true_80", "recorded_80", "coverage", "active")
AnyScenario = str | Path | Scenario
AnyWorld = Country | Path | str | None


@dataclass(frozen=True, eq=False, repr=False)
class Runs(Shown):
    """The runs of one scenario."""

    ensemble: Ensemble
    name: str

    def face(self) -> Face:
        """How many runs of what, and main indicators at the ends of years."""
        ensemble, scenario = self.ensemble, self.ensemble.runners[self.name].scenario
        table = self.summary(SHOWN)
        table = table[table["quarter"].str.endswith("Q4")]
        table = table.pivot_table(index="quarter", columns="indicator", values="mean", sort=False).reset_index()
        table = table.rename_axis(columns=None)
        return Face(f"{plural(ensemble.runs, 'run', 'runs')} of {self.name}: "
                    f"{plural(len(ensemble.draws), 'draw', 'draws')} ({ensemble.draws.source}) x "
                    f"{plural(ensemble.replicates, 'replicate', 'replicates')}, "
                    f"{format_month(scenario.start)} to {format_month(scenario.end)}",
                    (), table)

    def plot(self, indicator: str = "true", group: str = "all", *, axes: Any = None) -> Any:
        """The mean and the 5-95 % interval between runs by quarter, on matplotlib axes, which are given back."""
        known = known_indicators(self.ensemble)
        self._check([indicator])
        quarters = self.ensemble.runners[self.name].quarters
        path = plots.path_between_runs(values(self.ensemble, self.name, indicator, group))
        return plots.paths({self.name: (quarters, path)}, f"{known[indicator].meaning}, {known[indicator].unit}", axes)

    def to_xarray(self, indicators: Sequence[str] = SHOWN, groups: Sequence[str] = ("all",)) -> Any:
        """The runs as an xarray Dataset with units, and the parameters of each draw (`qicsim.runs.labelled`)."""
        return of_ensemble(self.ensemble, indicators, groups)

    def frame(self, indicators: Sequence[str] | None = None, group: str = "all") -> pd.DataFrame:
        """One row for each draw, replicate and quarter; one column for each indicator (default: all but areas, ledger).

        Raises SettingError for an unknown indicator, with the nearest name.
        """
        import pandas as pd

        names = list(indicators or [i.name for i in (*SUMS, *PROGRAMME)])
        self._check(names)
        draws, replicates = np.divmod(np.arange(self.ensemble.runs), self.ensemble.replicates)
        index = pd.MultiIndex.from_product([range(self.ensemble.runs), self.ensemble.runners[self.name].quarters])
        run = index.get_level_values(0).to_numpy()
        columns = {"draw": draws[run], "replicate": replicates[run], "quarter": index.get_level_values(1)}
        return pd.DataFrame(columns | {name: values(self.ensemble, self.name, name, group).ravel() for name in names})

    def _check(self, names: Sequence[str]) -> None:
        known = known_indicators(self.ensemble)
        faults = [Fault("indicators", f'"{name}" is not an indicator', hint=nearest(name, known))
                  for name in names if name not in known]
        if faults:
            raise SettingError("", faults)

    def summary(self, indicators: Sequence[str] | None = None, group: str = "all") -> pd.DataFrame:
        """Mean and quantiles between runs of each indicator and quarter."""
        tidy = self.frame(indicators, group).drop(columns=["draw", "replicate"]).melt("quarter", var_name="indicator")
        grouped = tidy.groupby(["indicator", "quarter"], sort=False)["value"]
        levels = {name: grouped.quantile(percent / 100.0) for name, percent in QUANTILES.items()}
        return grouped.mean().to_frame("mean").assign(**levels).reset_index()


def run(scenario: AnyScenario, *, draws: int | Draws = 20, replicates: int = 1, source: str | Path | None = None,
        seed: int = 1, until: str | None = None, data: Path | str | None = None, workers: int | None = None,
        store: Place = None, progress: Progress | bool | None = None, folder: Path | None = None,
        set: Mapping[str, Any] | None = None, costs: Path | str | None = None,  # noqa: A002
        world: AnyWorld = None) -> Runs:
    """Run one scenario: a shipped name, a file, or a resolved scenario; `draws` is their number, or given.

    `source` says where draws come from: "prior", "posterior" or a posterior file; by default the shipped posterior, or
    the prior where none is shipped. `until` (YYYY-MM) changes the end of the horizon. `data` is a data folder of real
    facilities. `set` holds parameters, or a form of structure, at values by dotted path, and `costs` is a file of unit
    costs (`qicsim.inputs.scenario.with_overrides`). `progress` is called with (runs done, runs in all); by default a
    terminal or a notebook shows it, with False nobody. `world` is the folder of a country, or the name of one of the
    package; by default that of a resolved scenario. Raises InputError kinds for what cannot be used.
    """
    with in_country(_country(world, [scenario])):
        resolved = resolve(scenario, until, data, set, costs)
        ensemble = run_ensemble([resolved], some_draws(draws, seed, source, data), replicates=replicates, seed=seed,
                                workers=workers, store=_place(store, folder), progress=progress_of(progress))
    return Runs(ensemble, resolved.name)


def compare(scenarios: Sequence[AnyScenario] | None = None, *, reference: AnyScenario = REFERENCE,
            draws: int | Draws = 64, replicates: int = 2, source: str | Path | None = None, seed: int = 1,
            until: str | None = None, data: Path | str | None = None, workers: int | None = None,
            store: Place = None, progress: Progress | bool | None = None, folder: Path | None = None,
            set: Mapping[str, Any] | None = None, costs: Path | str | None = None,  # noqa: A002
            assumptions: str | Sequence[str] = NONE, money_year: int | None = None,
            prices: Path | str | None = None, world: AnyWorld = None) -> Comparison:
    """Compare scenarios (default: the shipped policy scenarios), paired by draw and replicate with the reference.

    The reference is added when it is not among them. `source` and `data` are those of `run`; `set` and `costs` too, and
    they hold for all scenarios, the reference among them. `assumptions` are run for the two leading plans besides, with
    one replicate: "usual", "all", or keys (`qicsim.runs.assumptions`). `world` is that of `run`. US$ are in prices
    of `money_year`, by the country's table of changes of prices or by the file `prices`.
    Raises InputError kinds for what cannot be used.
    """
    with in_country(_country(world, [*(scenarios or ()), reference])):
        wanted, money, told = chosen(assumptions), money_of(money_year, prices), progress_of(progress)
        resolved, first = _with_reference(scenarios, reference, until, data, set, costs)
        how: dict[str, Any] = {"seed": seed, "workers": workers, "store": _place(store, folder)}
        ensemble = run_ensemble(resolved, some_draws(draws, seed, source, data), replicates=replicates, progress=told,
                                **how)
        found = compare_ensemble(ensemble, first, money)
        plans = leading_plans(found)
        if not (wanted and plans):
            return found
        how["progress"] = part_of(told, len(resolved) * ensemble.runs)
        return replace(found, tried=_tried(found, plans, wanted, how))


def _tried(found: Comparison, plans: Sequence[str], wanted: Sequence[Assumption], how: Mapping[str, Any]
           ) -> TriedAssumptions:
    """Plans of a comparison under assumptions, in runs that are paired with its own."""
    own = found.ensemble
    scenarios = [own.runners[name].scenario for name in (found.reference, *plans)]
    others = run_assumptions(wanted, scenarios, own.draws, **how)
    return tried_assumptions(own, others, plans, found.reference, (found.early_year, found.end))


def write_comparison(comparison: Comparison, folder: Path, provenance: dict[str, object], *, language: str = "en",
                     extra: Extra | None = None) -> list[Path]:
    """Write the page of a comparison, its tables, arrays and provenance; returns the files.

    `language` is en, km or both. `extra` makes further sections of the page in place of those of value for money.
    """
    from qicsim.decide.choice import choice_of
    from qicsim.report import outputs
    from qicsim.report.value import value_for_money

    with in_country(comparison.ensemble.runners[comparison.reference].scenario.country):
        choice = choice_of(comparison)
        return outputs.write_comparison(comparison, folder, provenance, choice=choice, language=language,
                                        extra=value_for_money(comparison, choice) if extra is None else extra)


@dataclass(frozen=True, eq=False, repr=False)
class Decided(Shown):
    """A decision, and the ensembles that it was read from: as simulated, and under assumptions by key."""

    decision: Decision
    ensemble: Ensemble
    assumptions: dict[str, Ensemble]

    def face(self) -> Face:
        """The frontier of cost and effect."""
        decision, frontier = self.decision, self.tables()["frontier"]
        chosen = [row.name for row in decision.value.frontier.on]
        return Face(f"Decision among {len(decision.names)} scenarios against {decision.reference}: "
                    f"{plural(decision.draws, 'draw', 'draws')} ({decision.source}) x "
                    f"{plural(decision.replicates, 'replicate', 'replicates')}",
                    (f"Not dominated: {', '.join(chosen)}.",) if chosen else (), frontier)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table of the decision by name."""
        from qicsim.decide.tables import tables

        return tables(self.decision)

    def provenance(self, command: str) -> dict[str, Any]:
        """What it takes to make the decision again; JSON-able."""
        from qicsim.decide.tables import settings_facts
        from qicsim.runs.provenance import provenance

        others = {"assumptions": list(self.assumptions)} if self.assumptions else {}
        return provenance(self.ensemble, command=command) | {"decision": settings_facts(self.decision)} | others


def decision(scenarios: Sequence[AnyScenario] | None = None, *, reference: AnyScenario = REFERENCE,
             settings: Settings | None = None, structures: bool = False, draws: int | Draws = 64, replicates: int = 2,
             source: str | Path | None = None, seed: int = 1, until: str | None = None, data: Path | str | None = None,
             workers: int | None = None, store: Place = None, progress: Progress | bool | None = None,
             folder: Path | None = None, set: Mapping[str, Any] | None = None,  # noqa: A002
             costs: Path | str | None = None, assumptions: str | Sequence[str] = NONE, world: AnyWorld = None
             ) -> Decided:
    """What is worth buying among scenarios (default: the shipped policy scenarios), against a reference.

    `settings` is a `qicsim.decide.settings.Settings`. `assumptions` are run for the plans that are not dominated, with
    one replicate; `structures` is the name of 0.1 for all of them. The rest is that of `compare`. Raises InputError
    kinds for what cannot be used.
    """
    from qicsim.analysis.quarters import in_order
    from qicsim.decide.decision import decide, plans_to_try
    from qicsim.decide.decision_inputs import check_horizons
    from qicsim.decide.settings import Settings

    if structures:
        warnings.warn('`structures=True` is called `assumptions="all"` since 0.2', DeprecationWarning, stacklevel=2)
    wanted, told = chosen(ALL if structures else assumptions), progress_of(progress)
    with in_country(_country(world, [*(scenarios or ()), reference])):
        resolved, first = _with_reference(scenarios, reference, until, data, set, costs)
        used = settings or Settings()
        check_horizons(resolved, used)
        how: dict[str, Any] = {"seed": seed, "workers": workers, "store": _place(store, folder)}
        made = run_ensemble(resolved, some_draws(draws, seed, source, data), replicates=replicates, progress=told,
                            **how)
        ensemble = in_order(made, first)
        plans = plans_to_try(ensemble, first, used) if wanted else ()
        if len(plans) <= 1:
            return Decided(decide(ensemble, first, used), ensemble, {})
        how["progress"] = part_of(told, len(resolved) * ensemble.runs)
        others = run_assumptions(wanted, [ensemble.runners[name].scenario for name in plans], ensemble.draws,
                                 **how)
        return Decided(decide(ensemble, first, used, others=others), ensemble, others)


def best(*, money: float | None = None, money_is: str = "programme", goal: str = "true", reach: str | None = None,
         risk: float = 0.2, year: int | None = None, fix: Mapping[str, Any] | None = None,
         free: Sequence[str] | None = None,
         quick: bool = False, assumptions: str | Sequence[str] = USUAL, data: Path | str | None = None,
         set: Mapping[str, Any] | None = None, costs: Path | str | None = None, seed: int = 1,  # noqa: A002
         workers: int | None = None, store: Place = None, progress: Progress | bool | None = None,
         watch: Callable[[SoFar], None] | None = None, money_year: int | None = None,
         prices: Path | str | None = None, world: AnyWorld = None, perspective: str = "all") -> Best:
    """The best plan for the money, or the least money for a target; InputError kinds for what cannot be used.

    `money` is US$ a year in the prices of `money_year` (by `prices`, as of `compare`), None where a target alone is
    asked about; `money_is` says what it counts: "programme", "added" or "all"
    (`qicsim.decide.budget.MONEY_WORDS`), `perspective` whose: "all", "government" or "donor". `goal` is the indicator
    that is to grow, `reach` a target like "true_80=0.3 by 2032", `risk` the share of draws in which a plan may spend
    more than the money in some year, `year` the first year of plans (default: the world's). `fix` are levers at values,
    as scenario files write them; `free` the names of the levers that are searched, all that are not fixed if None.
    `quick` tries fewer plans on fewer draws, without other assumptions; `assumptions` are those under which plans are
    run once more, as of `compare`. `seed` fixes draws, luck and the search; `watch` is called with the best plan so
    far. The rest is that of `run`.
    """
    from qicsim.decide.search import best as search
    from qicsim.decide.search.question import Question, reach_of

    with in_country(_country(world)):
        question = Question(goal, money, money_is, risk, None if reach is None else reach_of(reach),
                            plan_start() if year is None else year, perspective)
        reference, *known = (resolve(name, None, data, set, costs) for name in dict.fromkeys((REFERENCE, *policy())))
        effort = search.effort_of(quick=quick, assumptions=chosen(assumptions), seed=seed, workers=workers, store=store)
        return search.find_best(question, reference, draws_from(None, effort.draws, seed, data), known, free=free,
                                fixed=fix, effort=effort, prices=money_of(money_year, prices),
                                progress=progress_of(progress, "Search"), watch=watch or search.unwatched)


def _country(world: AnyWorld, scenarios: Sequence[AnyScenario] = ()) -> Country:
    """The country that is named, else that of resolved scenarios; SettingError where these are of several."""
    known = {one.country for one in scenarios if isinstance(one, Scenario)}
    chosen = country_of(world) if world is not None else next(iter(known), None) or country_of(None)
    if known - {chosen}:
        raise SettingError("", [Fault("world", f"scenarios of {', '.join(sorted({one.key for one in known}))} in the "
                                      f"world {chosen.key}", "scenarios of one world")])
    return chosen


def discover(scenario: AnyScenario, *, reference: AnyScenario = REFERENCE, fails: str = "gain of true < 1",
             draws: int | Draws = 512, replicates: int = 1, source: str | Path | None = None, seed: int = 1,
             until: str | None = None, data: Path | str | None = None, workers: int | None = None, store: Place = None,
             progress: Progress | bool | None = None, set: Mapping[str, Any] | None = None,  # noqa: A002
             costs: Path | str | None = None) -> Discovery:
    """When a scenario fails: in which ranges of parameters most, and which early sign tells.

    `fails` is a text like "gain of true < 1" (less than a point gained over the reference at the horizon's end) or
    "true_80 < 0.3 by 2032". The rest is that of `compare`. Raises InputError kinds for what cannot be used.
    """
    from qicsim.decide.discovery import discover as find
    from qicsim.decide.discovery import failure_of

    failure = failure_of(fails)
    resolved, first = _with_reference([scenario], reference, until, data, set, costs)
    ensemble = run_ensemble(resolved, some_draws(draws, seed, source, data), replicates=replicates, seed=seed,
                            workers=workers, store=store, progress=progress_of(progress))
    return find(ensemble, resolved[-1].name, first, failure)


def _place(store: Place, folder: Path | None) -> Place:
    """Where runs are kept; `folder` is the name of 0.1 for it."""
    if folder is None:
        return store
    warnings.warn("`folder` is called `store` since 0.2", DeprecationWarning, stacklevel=3)
    return folder


def _with_reference(scenarios: Sequence[AnyScenario] | None, reference: AnyScenario, *how: Any
                    ) -> tuple[list[Scenario], str]:
    """Resolved scenarios, the reference among them, and its name; `how` are further arguments of `resolve`."""
    if scenarios is not None and len(scenarios) == 0:
        raise SettingError("", [Fault("scenarios", "there is none", "one or more, or None for the policy scenarios")])
    wanted = policy() if scenarios is None else scenarios
    check_names(one for one in wanted if not isinstance(one, Scenario))
    resolved = [resolve(scenario, *how) for scenario in wanted]
    first = _reference(reference, resolved, *how)
    if first.name not in [scenario.name for scenario in resolved]:
        resolved.insert(0, first)
    return resolved, first.name


def _reference(reference: AnyScenario, resolved: Sequence[Scenario], *how: Any) -> Scenario:
    """The reference: one of the scenarios by its name, or another."""
    there = next((scenario for scenario in resolved if scenario.name == reference), None)
    return there or resolve(reference, *how)


def resolve(scenario: AnyScenario, until: str | None, data: Path | str | None = None,
            given: Mapping[str, Any] | None = None, costs: Path | str | None = None) -> Scenario:
    """A resolved scenario from a name, a file or itself, on a data folder if there is one, with what is set for all."""
    folder = None if data is None else ready(data)
    if isinstance(scenario, Scenario):
        resolved = scenario if folder is None else with_data(scenario, folder)
    else:
        resolved = load_scenario(scenario, horizon_end=until, data=folder)
    return with_overrides(resolved, given, costs) if given or costs is not None else resolved


def some_draws(draws: int | Draws, seed: int, source: str | Path | None = None, data: Path | str | None = None
               ) -> Draws:
    """Draws from a source, or the data folder's own posterior, when only their number is given."""
    return draws if isinstance(draws, Draws) else draws_from(source, draws, seed, data)
