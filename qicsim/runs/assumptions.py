"""Assumptions that decide: what no evidence settles and the answer hangs on. Each is run the other way, one at a time.

An assumption changes forms of structure, rows of effects (the posterior file of that module), or the breadth: how far a
team's work reaches beyond its topic. All else stays: other parameters are those of the same draw, and a draw keeps its
luck, so that what comes out differs by the assumption alone. They are never crossed and carry no weights: nobody knows
how likely each is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from qicsim.ground.errors import DataError, Fault, SettingError, nearest
from qicsim.ground.priors import Beta
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.scenario.structure import restructured
from qicsim.runs.draws import Draws, names, unit_points, with_fixed
from qicsim.runs.ensemble import Ensemble, Progress, run_ensemble
from qicsim.runs.modules import EFFECTS
from qicsim.runs.posterior import fill_module, module_file
from qicsim.runs.shared_store import Place

EFFICACY, BREADTH = "pdsa.efficacy", "pdsa.spill"
AS_SIMULATED = "as simulated"
ALL, NONE, USUAL = "all", "none", "usual"
GROUPS = {"effects": "Effects of collaboratives", "breadth": "Breadth: what a team does for care beyond its topic",
          "growth": "How long teams gain", "habit": "Habit under PBF", "nqem": "What the score weighs",
          "lapsed_return": "Return of lapsed teams", "contagion": "Informal peers", "efficacy": "Districts"}
"""Groups of assumptions, in the order in which they are shown."""


@dataclass(frozen=True)
class Assumption:
    """One assumption, made otherwise than as simulated.

    key     what is typed
    group   a key of GROUPS
    title   what is assumed
    known   how well that is known
    forms   forms of structure by name
    rows    the posterior file of effects, in place of the shipped one
    breadth its value, or the prior that it is drawn from
    usual   whether it is tried unless something else is asked for
    """

    key: str
    group: str
    title: str
    known: str
    forms: Mapping[str, str] = field(default_factory=dict)
    rows: str = ""
    breadth: float | Beta | None = None
    usual: bool = True


ASSUMPTIONS = (
    Assumption("R10", "effects", "the sceptic: randomised studies of 20 facilities or more",
               "controlled studies", rows="effects-R10.npz"),
    Assumption("W", "effects", "the optimist: the weakest or targeted practice, in points",
               "controlled studies", rows="effects-W.npz"),
    Assumption("charts", "effects", "charts of the project's teams at face value",
               "measured by the teams themselves, without a control group", rows="effects-charts.npz"),
    Assumption("breadth-none", "breadth", "nothing beyond the topic", "a bound", breadth=0.0),
    Assumption("breadth-0.1", "breadth", "as in version 0.1: a fifth on average, never nothing",
               "an assumption without a source", breadth=Beta(3.0, 12.0)),
    Assumption("growth-continues", "growth", "without end", "no controlled study reaches so far",
               {"growth": "continues"}, usual=False),
    Assumption("growth-plateau", "growth", "three years in all", "no controlled study reaches so far",
               {"growth": "plateau"}),
    Assumption("habit-never", "habit", "attention and incentive never become habit", "an assumption without a source",
               {"habit": "never"}),
    Assumption("habit-as-before", "habit", "reforms break no habit", "an assumption without a source",
               {"habit": "as-before"}, usual=False),
    Assumption("nqem-structural", "nqem", "four fifths structure, as most checklists elsewhere",
               "the weights are not published", {"nqem": "structural"}),
    Assumption("lapsed_return-joining", "lapsed_return", "as readily as others join",
               "an assumption without a source", {"lapsed_return": "joining"}),
    Assumption("contagion-threshold", "contagion", "matter only when enough of them are better",
               "an assumption without a source", {"contagion": "threshold"}, usual=False),
    Assumption("efficacy-national", "efficacy", "collaboratives can do the same in all of them",
               "an assumption without a source", {"efficacy": "national"}, usual=False))
"""Every assumption, in the order in which they are tried and shown."""
KEYS = tuple(one.key for one in ASSUMPTIONS)


def chosen(wanted: str | Iterable[str]) -> tuple[Assumption, ...]:
    """The assumptions that are asked for: "usual", "all", "none", or keys; SettingError for a key that is not known."""
    if wanted == USUAL:
        return tuple(one for one in ASSUMPTIONS if one.usual)
    if wanted in (ALL, NONE):
        return ASSUMPTIONS if wanted == ALL else ()
    asked = tuple(wanted.split(",") if isinstance(wanted, str) else wanted)
    faults = [Fault("assumptions", f'"{key}" is not an assumption', ", ".join((ALL, NONE, *KEYS)), nearest(key, KEYS))
              for key in asked if key not in KEYS]
    if faults:
        raise SettingError("", faults)
    return tuple(one for one in ASSUMPTIONS if one.key in asked)


def under(one: Assumption, scenarios: Sequence[Scenario], draws: Draws, seed: int) -> tuple[list[Scenario], Draws]:
    """Scenarios and draws under an assumption; the seed is that of the draws.

    Where collaboratives can do nothing, breadth changes nothing, and its value stays: such a run is found, not made.
    """
    changed = [restructured(scenario, one.forms) for scenario in scenarios]
    values, modules = draws.values.copy(), draws.modules
    if one.rows:
        module = EFFECTS._replace(file=one.rows)
        if module_file(module) is None:
            raise DataError(one.rows, [Fault("", "is not there", "what `qicsim anchor` writes")])
        origin, _, _ = fill_module(values, module, seed)
        modules = tuple(origin if module.module == origin.module else module for module in modules) or (origin,)
    if one.breadth is not None:
        column, works = names().index(BREADTH), values[:, names().index(EFFICACY)] > 0.0
        values[works, column] = _breadth(one.breadth, len(draws), seed)[works]
    return changed, replace(draws, values=values, modules=modules)


def _breadth(given: float | Beta, n: int, seed: int) -> np.ndarray:
    """Breadth of `n` draws, (n,): one value, or at the point of the seed's sequence that its prior has."""
    if isinstance(given, float):
        return np.full(n, given)
    drawn: np.ndarray = given.ppf(unit_points(n, len(names()), seed)[:, names().index(BREADTH)])
    return drawn


def changes(one: Assumption, scenarios: Sequence[Scenario], draws: Draws, seed: int) -> bool:
    """Whether an assumption changes anything: not where it was made for all scenarios already, or its parameter set."""
    changed, drawn = under(one, scenarios, draws, seed)
    return any(after.structure != before.structure
               or not np.array_equal(with_fixed(drawn.values, after.parameters),
                                     with_fixed(draws.values, before.parameters))
               for after, before in zip(changed, scenarios, strict=True))


def run_assumptions(wanted: Sequence[Assumption], scenarios: Sequence[Scenario], draws: Draws, *, replicates: int = 1,
                    seed: int = 1, workers: int | None = None, store: Place = None, progress: Progress | None = None
                    ) -> dict[str, Ensemble]:
    """Ensembles of the same scenarios, draws and luck under assumptions that change them, by key.

    `progress` counts the runs of all of them; the other arguments and errors are those of `run_ensemble`.
    """
    tried = [one for one in wanted if changes(one, scenarios, draws, seed)]
    runs = len(scenarios) * len(draws) * replicates
    found = {}
    for at, one in enumerate(tried):
        those, drawn = under(one, scenarios, draws, seed)
        found[one.key] = run_ensemble(those, drawn, replicates=replicates, seed=seed, workers=workers, store=store,
                                      progress=part_of(progress, at * runs, (len(tried) - at - 1) * runs))
    return found


def part_of(progress: Progress | None, before: int, after: int = 0) -> Progress | None:
    """The progress of a part of some work, with so many runs before it and after it, as that of the whole."""
    if progress is None:
        return None
    told: Callable[[int, int], None] = progress
    return lambda done, total: told(before + done, before + total + after)


def named(key: str) -> Assumption:
    """The assumption of a key."""
    return ASSUMPTIONS[KEYS.index(key)]
