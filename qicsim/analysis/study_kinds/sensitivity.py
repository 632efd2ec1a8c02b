"""What moves what: the kinds `screening`, `sobol`, `shapley-effects`, `pawn` and `delta`, their settings and points.

    [analysis]
    kind = "sobol"
    parameters = "all"       a list, or {screening = "ranking.csv", number = 8}: the first of what a screening found
    levers = {coaches = [1, 2, 4], schedule = ["tiered", "linear"]}
    from = "2027-01"         month from which the levers hold
    indicators = ["true"]    of those that are kept (all)
    times = "all"            every kept quarter or year; "last", or a list ("last")
    tolerance = 0.05         half-width that an index may have
    second_order = true      Sobol only

The study's `draws` are the base size: base points, trajectories or points of the sequence. Parameters vary over what
`from` of the study says: their priors, or the marginals of the posterior. Every row has luck of its own. A study of
several scenarios asks what moves the paired differences from the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from qicsim.analysis.factors import Factor, LeverFactor, parameter_draws, parameter_factors, posterior_factors
from qicsim.analysis.levers import lever_settings
from qicsim.analysis.sampling import METHODS, SHAPLEY_BLOCK, CubeDesign
from qicsim.analysis.sensitivity import TOLERANCE
from qicsim.analysis.study_kinds.ranking import read_ranking
from qicsim.ground.errors import Fault, Faults, SettingError, nearest
from qicsim.inputs.scenario.timeline import LEVERS
from qicsim.inputs.scenario.values import lever_value, number, one_of, show
from qicsim.runs.draws import PRIOR, names
from qicsim.runs.fields import NATION
from qicsim.runs.points import Points
from qicsim.runs.study import DEFAULTS, Study, draws_of

KEYS = ("parameters", "levers", "from", "indicators", "times", "tolerance")
LAST, EVERY = "last", "all"
MARGINALS = 2048
FEWEST_VALUES = 2


class Way(NamedTuple):
    """A kind: its design, the method of its estimators, its main index, what a row block is called, least size."""

    design: str
    method: str
    main: str
    blocks: str
    least: int


WAYS = {
    "screening": Way("morris", "morris", "mu_star", "trajectories", 4),
    "sobol": Way("sobol", "sobol", "total", "base points", 4),
    "shapley-effects": Way("shapley", "shapley", "shapley", "trajectories", 2 * SHAPLEY_BLOCK),
    "pawn": Way("sequence", "pawn", "pawn", "points", 32),
    "delta": Way("sequence", "delta", "delta", "points", 32),
}


@dataclass(frozen=True, eq=False)
class SensitivitySettings:
    """What is varied and looked at; `base` holds the parameters that are no factor, `over` says what factors go over.

    times is "last", "all" or a tuple of names
    """

    kind: str
    factors: tuple[Factor, ...]
    over: str
    indicators: tuple[str, ...]
    times: str | tuple[str, ...]
    tolerance: float = TOLERANCE
    second_order: bool = False
    base: Mapping[str, float] = field(default_factory=dict)

    @property
    def way(self) -> Way:
        """How it is worked out."""
        return WAYS[self.kind]


def check(faults: Faults, table: Mapping[str, Any], study: Study, *, kind: str) -> SensitivitySettings:
    """The settings of a table; notes every fault."""
    known = (*KEYS, "second_order") if kind == "sobol" else KEYS
    for key in table:
        if key not in known:
            faults.add("[analysis]", f"{show(key)} is not known", ", ".join(known), nearest(str(key), known))
    if study.layout.keep.detail != NATION:
        faults.add("[keep] detail", f"{show(study.layout.keep.detail)} is not analysed", f'"{NATION}"')
    faults.extend(_size_faults(WAYS[kind], study.draws))
    chosen = _parameters(faults, table.get("parameters", EVERY), study)
    varied, over, base = _varied(faults, study, chosen)
    factors: tuple[Factor, ...] = (*varied, *_levers(faults, table))
    if not factors and not faults:
        faults.add("[analysis] parameters", "there is nothing to vary", "parameters, levers, or both")
    return SensitivitySettings(
        kind, factors, over, _indicators(faults, table.get("indicators"), study),
        _times(faults, table.get("times", LAST), study), _tolerance(faults, table.get("tolerance", TOLERANCE)),
        _flag(faults, "second_order", table.get("second_order", False)), base)


def design_of(study: Study, settings: SensitivitySettings) -> CubeDesign:
    """The design of a study on the unit cube; SettingError for a size that makes none."""
    faults = _size_faults(settings.way, study.draws)
    if faults:
        raise SettingError("", faults)
    own = {"second_order": settings.second_order} if settings.way.design == "sobol" else {}
    factors = tuple(factor.name for factor in settings.factors)
    return METHODS[settings.way.design](factors, study.draws, seed=study.seed, **own)


def points(study: Study, settings: SensitivitySettings) -> Points:
    """The points of a study, block by block; the first blocks of a longer design are the shorter one."""
    design = design_of(study, settings)
    levers = lever_settings(settings.factors, design.points)
    draws = parameter_draws(settings.factors, design.points, settings.base)
    return Points(draws.values, np.arange(len(draws)), levers.levers, levers.values, levers.since)


def _size_faults(way: Way, n: int) -> list[Fault]:
    """What is wrong with a base size."""
    if way.design == "sobol" and n & (n - 1):
        return [Fault("draws", f"{n} base points of a Sobol design", "a power of two")]
    if way.design == "shapley" and n % SHAPLEY_BLOCK:
        return [Fault("draws", f"{n} trajectories of Shapley effects", f"a multiple of {SHAPLEY_BLOCK}")]
    return [] if n >= way.least else [Fault("draws", f"{n} {way.blocks}", f"{way.least} or more")]


# --------------------------------------------------------------------------------------------------------- factors


def _parameters(faults: Faults, value: Any, study: Study) -> tuple[str, ...]:
    """Names of the parameters that are varied; of "all" those that no scenario fixes."""
    held = {name: scenario.name for scenario in study.scenarios for name in scenario.parameters}
    if value == EVERY:
        return tuple(name for name in names() if name not in held)
    if isinstance(value, Mapping):
        return tuple(name for name in read_ranking(faults, value, study.folder) if name not in held)
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        faults.add("[analysis] parameters", f"{show(value)} is no choice",
                   '"all", a list of names, or {screening = "ranking.csv", number = 8}')
        return ()
    for name in dict.fromkeys(value):
        if name not in names():
            faults.add("[analysis] parameters", f'"{name}" is not a parameter',
                       hint=nearest(name, names()) or "`qicsim describe parameters` lists them")
        elif name in held:
            faults.add("[analysis] parameters", f'"{name}" cannot be varied',
                       f'a scenario other than "{held[name]}", which fixes it')
        elif value.count(name) > 1:
            faults.add("[analysis] parameters", f'"{name}" is there more than once', "each name once")
    return tuple(name for name in dict.fromkeys(value) if name in names())


def _varied(faults: Faults, study: Study, chosen: tuple[str, ...]
            ) -> tuple[tuple[Factor, ...], str, Mapping[str, float]]:
    """Factors over priors or posterior marginals, which of them, and where the other parameters stay."""
    if study.source == DEFAULTS:
        if chosen:
            faults.add("from", f'"{DEFAULTS}" leaves parameters nowhere to go', "prior, posterior, or a posterior file")
        return (), "defaults", {}
    draws = draws_of(study.source, MARGINALS, study.seed)
    if draws.source == PRIOR:
        return parameter_factors(chosen), "priors", {}
    middle = dict(zip(names(), np.median(draws.values, axis=0).tolist(), strict=True))
    return posterior_factors(draws, chosen), "posterior marginals", middle


def _levers(faults: Faults, table: Mapping[str, Any]) -> tuple[LeverFactor, ...]:
    """Levers with their values; the month is checked with the points."""
    value, since = table.get("levers", {}), table.get("from")
    if not isinstance(value, Mapping):
        faults.add("[analysis] levers", f"{show(value)} is no table", "a table like {coaches = [1, 2, 4]}")
        return ()
    if value and not isinstance(since, str):
        faults.add("[analysis] from", "is missing: levers hold from a month on", 'a month like "2027-01"')
    if not value and since is not None:
        faults.add("[analysis] from", "is there without levers", "levers, or no month")
    found = [_lever(faults, name, values, str(since)) for name, values in value.items()]
    return tuple(lever for lever in found if lever is not None)


def _lever(faults: Faults, name: str, values: Any, since: str) -> LeverFactor | None:
    place = f"[analysis] levers, {name}"
    if name not in LEVERS:
        faults.add("[analysis] levers", f'"{name}" is not a lever',
                   hint=nearest(name, LEVERS) or "`qicsim describe levers` lists them")
        return None
    if not isinstance(values, list | tuple) or len(values) < FEWEST_VALUES:
        faults.add(place, f"{show(values)} is nothing to choose from", "a list of two values or more")
        return None
    found = [lever_value(faults, place, value, LEVERS[name]) for value in values]
    return None if None in found else LeverFactor(name, tuple(values), since)


# ------------------------------------------------------------------------------------------------- what is looked at


def _indicators(faults: Faults, value: Any, study: Study) -> tuple[str, ...]:
    kept = tuple(dict.fromkeys(one.indicator.name for one in study.layout.fields))
    if value is None:
        return kept
    if not isinstance(value, list | tuple) or not value:
        faults.add("[analysis] indicators", f"{show(value)} is no list of names", "a list of kept indicators")
        return kept
    return tuple(name for name in value if one_of(faults, "[analysis] indicators", name, kept))


def _times(faults: Faults, value: Any, study: Study) -> str | tuple[str, ...]:
    if value in (LAST, EVERY):
        return str(value)
    there = tuple(dict.fromkeys(time for one in study.layout.fields for time in one.times))
    if not isinstance(value, list | tuple) or not value:
        faults.add("[analysis] times", f"{show(value)} is no choice", f'"{LAST}", "{EVERY}", or a list of times')
        return LAST
    return tuple(time for time in value if one_of(faults, "[analysis] times", time, there))


def _tolerance(faults: Faults, value: Any) -> float:
    allowed = "above 0, below 1"
    found = number(faults, "[analysis] tolerance", value, allowed)
    if found is not None and not 0.0 < found < 1.0:
        faults.add("[analysis] tolerance", f"{show(value)} is out of range", allowed)
    return TOLERANCE if found is None else float(found)


def _flag(faults: Faults, name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        faults.add(f"[analysis] {name}", f"{show(value)} is not a choice", "true or false")
    return value is True


def checks(kind: str) -> Any:
    """The check of a kind, as the engine calls it."""
    return partial(check, kind=kind)
