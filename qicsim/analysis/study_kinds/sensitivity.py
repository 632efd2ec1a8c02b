"""What moves what: kinds `screening`, `sobol`, `shapley-effects`, `pawn` and `emulator`, their settings and points.

    [analysis]
    kind = "sobol"
    parameters = "all"       a list, or {screening = "ranking.csv", number = 8}: the first of what a screening found
    levers = {coaches = [1, 2, 4], schedule = ["tiered", "linear"]}
    from = "2027-01"         month from which the levers hold
    indicators = ["true"]    of those that are kept (all)
    times = "all"            every kept quarter or year; "last", or a list ("last")
    tolerance = 0.05         half-width at which an index is called converged
    sample = "sequence"      base points of a Sobol sequence, or of a "latin-hypercube"
    dummy = true             a factor besides that moves nothing (false)
    luck = "shared"          along a trajectory or base point, or "own" for each row; not of `pawn`
    groups = {peers = ["pdsa.spill", "peers.lambda_net"]}      factors that move together; not of `pawn`
    correlated = true        parameters keep the rank correlations of the posterior; not of `screening` (false)
    within = {indicator = "recorded", above = 80.0}            points within a condition alone; `pawn`
    second_order = true      `sobol`
    match = {recorded = [62.0, 3.0]}    values that were observed, with standard deviations; `emulator`

The study's `draws` are the base size: base points, trajectories or points. Parameters vary over what `from` of the
study says: their priors, or the posterior. A study of several scenarios asks what moves the paired differences from the
first; a lever is then set in both scenarios of a difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from qicsim.analysis.emulator import MOST
from qicsim.analysis.factors import (
    DummyFactor,
    Factor,
    correlation_of,
    parameter_draws,
    values_of,
)
from qicsim.analysis.levers import lever_settings
from qicsim.analysis.sampling import LUCKS, METHODS, SAMPLES, SEQUENCE, SHARED, CubeDesign
from qicsim.analysis.sensitivity import FEWEST, GIVEN_UP, TOLERANCE
from qicsim.analysis.study_kinds.varied import (
    EVERY,
    POSTERIOR,
    chosen_parameters,
    factor_groups,
    lever_factors,
    varied_over,
)
from qicsim.ground.errors import Fault, Faults, InputError, SettingError, nearest
from qicsim.ground.translatable import Told, as_written, tell
from qicsim.inputs.scenario.values import number, one_of, show
from qicsim.runs.fields import NATION
from qicsim.runs.points import MOST_DRAWS, Points
from qicsim.runs.study import Study

EMULATOR = "emulator"
KEYS = ("parameters", "levers", "from", "indicators", "times", "tolerance", "sample", "dummy")
OF_SOME = {"luck": ("screening", "sobol", "shapley-effects"), "groups": ("screening", "sobol", "shapley-effects"),
           "correlated": ("sobol", "shapley-effects", "pawn"), "within": ("pawn",), "second_order": ("sobol",),
           "match": (EMULATOR,)}
"""Keys that only some kinds know."""
WITHIN_KEYS = ("indicator", "above", "below")
LAST = "last"


class Way(NamedTuple):
    """A kind: its design, the method of its estimators, its main index, what a row block is called."""

    design: str
    method: str
    main: str
    blocks: Told

    @property
    def least(self) -> int:
        """Blocks below which it says nothing."""
        return FEWEST[self.design]


WAYS = {
    "screening": Way("morris", "morris", "mu_star", tell("trajectories")),
    "sobol": Way("sobol", "sobol", "total", tell("base points")),
    "shapley-effects": Way("shapley", "shapley", "shapley", tell("trajectories")),
    "pawn": Way("sequence", "pawn", "pawn", tell("points")),
    EMULATOR: Way("sequence", "sobol", "total", tell("points")),
}


class Within(NamedTuple):
    """Points alone at which an indicator lies between two values."""

    indicator: str
    above: float
    below: float

    @property
    def words(self) -> Told:
        """The condition in words."""
        known = {"indicator": as_written(self.indicator), "above": f"{self.above:g}", "below": f"{self.below:g}"}
        if not np.isfinite(self.above):
            return tell("{indicator} below {below}", **known)
        return (tell("{indicator} above {above} and below {below}", **known) if np.isfinite(self.below) else
                tell("{indicator} above {above}", **known))


@dataclass(frozen=True, eq=False)
class SensitivitySettings:
    """What is varied and looked at; `base` holds the parameters that are no factor, `over` says what factors go over.

    times is "last", "all" or a tuple of names; the rest are choices of the design (`sampling`).
    """

    kind: str
    factors: tuple[Factor, ...]
    over: str
    indicators: tuple[str, ...]
    times: str | tuple[str, ...]
    tolerance: float = TOLERANCE
    second_order: bool = False
    base: Mapping[str, float] = field(default_factory=dict)
    luck: str = SHARED
    sample: str = SEQUENCE
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    correlated: bool = False
    within: Within | None = None
    match: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def way(self) -> Way:
        """How it is worked out."""
        return WAYS[self.kind]


def check(faults: Faults, table: Mapping[str, Any], study: Study, *, kind: str) -> SensitivitySettings:
    """The settings of a table; notes every fault."""
    known = (*KEYS, *(key for key, kinds in OF_SOME.items() if kind in kinds))
    for key in table:
        if key not in known and key in OF_SOME:
            faults.add(f"[analysis] {key}", f'is not for "{kind}"', " or ".join(f'"{one}"' for one in OF_SOME[key]))
        elif key not in known:
            faults.add("[analysis]", f"{show(key)} is not known", ", ".join(known), nearest(str(key), known))
    if study.layout.keep.detail != NATION:
        faults.add("[keep] detail", f"{show(study.layout.keep.detail)} is not analysed", f'"{NATION}"')
    varied, over, base = varied_over(faults, study, chosen_parameters(faults, table.get("parameters", EVERY), study))
    dummy = (DummyFactor(),) if _flag(faults, "dummy", table.get("dummy", False)) else ()
    factors: tuple[Factor, ...] = (*varied, *lever_factors(faults, table), *dummy)
    if not factors and not faults:
        faults.add("[analysis] parameters", "there is nothing to vary", "parameters, levers, or both")
    indicators = _indicators(faults, table.get("indicators"), study)
    settings = SensitivitySettings(
        kind, factors, over, indicators, _times(faults, table.get("times", LAST), study),
        _tolerance(faults, table.get("tolerance", TOLERANCE)),
        _flag(faults, "second_order", table.get("second_order", False)), base,
        one_of(faults, "[analysis] luck", table.get("luck", SHARED), LUCKS) or SHARED,
        one_of(faults, "[analysis] sample", table.get("sample", SEQUENCE), SAMPLES) or SEQUENCE,
        factor_groups(faults, table.get("groups", {}), factors), _correlated(faults, table, over),
        _within(faults, table.get("within"), indicators), _match(faults, table.get("match", {}), indicators))
    faults.extend(_design_faults(settings, study))
    return settings


def design_of(study: Study, settings: SensitivitySettings) -> CubeDesign:
    """The design of a study on the unit cube; SettingError for a size that makes none."""
    faults = _size_faults(settings, study)
    if faults:
        raise SettingError("", faults)
    own = {"second_order": settings.second_order} if settings.way.design == "sobol" else {}
    names_of = tuple(factor.name for factor in settings.factors)
    return METHODS[settings.way.design](
        names_of, study.draws, seed=study.seed, luck=settings.luck, sample=settings.sample, groups=settings.groups,
        values=values_of(settings.factors),
        correlation=correlation_of(settings.factors) if settings.correlated else None, **own)


def points(study: Study, settings: SensitivitySettings) -> Points:
    """The points of a study, block by block, and whose luck each has; more blocks begin with fewer."""
    design = design_of(study, settings)
    levers = lever_settings(settings.factors, design.points)
    draws = parameter_draws(settings.factors, design.points, settings.base)
    return Points(draws.values, design.draws, levers.levers, levers.values, levers.since)


def _size_faults(settings: SensitivitySettings, study: Study) -> list[Fault]:
    """What is wrong with a base size."""
    if settings.way.design == "sobol" and settings.sample == SEQUENCE and study.draws & (study.draws - 1):
        return [Fault("draws", f"{study.draws} base points of a Sobol design", "a power of two",
                      'Other sizes are possible with sample = "latin-hypercube"')]
    least, most = settings.way.least, MOST if settings.kind == EMULATOR else MOST_DRAWS
    allowed = f"{least} to {most:,}" if most < MOST_DRAWS else f"{least} or more"
    return [] if least <= study.draws <= most else [Fault("draws", f"{study.draws} {settings.way.blocks}", allowed)]


def _design_faults(settings: SensitivitySettings, study: Study) -> list[Fault]:
    """What is wrong with size and choices of the design."""
    faults = _size_faults(settings, study)
    if faults or not settings.factors:
        return faults
    try:
        design_of(study, settings)
    except InputError as error:
        return [replace(one, place=f"[analysis] {one.place}") for one in error.faults]
    return []


def refuse(faults: Faults, table: Mapping[str, Any], study: Study) -> None:
    """Note that a kind was given up, with what takes its place."""
    del table, study
    faults.add("[analysis] kind", f'"delta" {GIVEN_UP["delta"]}')


def _correlated(faults: Faults, table: Mapping[str, Any], over: str) -> bool:
    asked = _flag(faults, "correlated", table.get("correlated", False))
    if asked and over != POSTERIOR:
        faults.add("[analysis] correlated", f"parameters that vary over {over} are independent",
                   'from = "posterior", or a posterior file')
    return asked


# ------------------------------------------------------------------------------------------------- what is looked at


def _within(faults: Faults, value: Any, indicators: tuple[str, ...]) -> Within | None:
    """The condition within which factors are looked at."""
    if value is None:
        return None
    place = "[analysis] within"
    if not isinstance(value, Mapping) or "indicator" not in value or not {"above", "below"} & set(value):
        faults.add(place, f"{show(value)} is no condition", 'a table like {indicator = "recorded", above = 80.0}')
        return None
    for key in value:
        if key not in WITHIN_KEYS:
            faults.add(place, f"{show(key)} is not known", ", ".join(WITHIN_KEYS), nearest(str(key), WITHIN_KEYS))
    name = one_of(faults, f"{place}, indicator", value["indicator"], indicators)
    ends = {key: number(faults, f"{place}, {key}", value[key], "a number") for key in WITHIN_KEYS[1:] if key in value}
    above, below = (ends.get(key) for key in WITHIN_KEYS[1:])
    low, high = -np.inf if above is None else above, np.inf if below is None else below
    if low >= high:
        faults.add(place, f"nothing is above {low:g} and below {high:g}", "above less than below")
    return None if name is None else Within(name, float(low), float(high))


def _match(faults: Faults, value: Any, indicators: tuple[str, ...]) -> dict[str, tuple[float, float]]:
    """What was observed of indicators, each with its standard deviation."""
    place, found = "[analysis] match", dict[str, tuple[float, float]]()
    if not isinstance(value, Mapping):
        faults.add(place, f"{show(value)} is no table", "a table like {recorded = [62.0, 3.0]}")
        return found
    for name, pair in value.items():
        one_of(faults, place, name, indicators)
        if not (isinstance(pair, list | tuple) and len(pair) == 2  # noqa: PLR2004 a value and its deviation
                and all(isinstance(one, int | float) and not isinstance(one, bool) and np.isfinite(one) for one in pair)
                and pair[1] > 0):
            faults.add(f"{place}, {name}", f"{show(pair)} is no observation",
                       "a value and a standard deviation above 0")
        else:
            found[str(name)] = (float(pair[0]), float(pair[1]))
    return found


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
