"""What a sensitivity study varies, as its settings say: parameters, levers, groups of them; each check notes faults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from qicsim.analysis.factors import Factor, LeverFactor, parameter_factors, posterior_factors
from qicsim.analysis.study_kinds.ranking import read_ranking
from qicsim.ground.errors import Faults, nearest
from qicsim.ground.translatable import tell
from qicsim.inputs.scenario.timeline import LEVERS
from qicsim.inputs.scenario.values import lever_value, show
from qicsim.runs.draws import names
from qicsim.runs.modules import PRIOR
from qicsim.runs.study import DEFAULTS, Study, draws_of

EVERY = "all"
MARGINALS = 2048
FEWEST_VALUES = 2
PRIORS, POSTERIOR, NOTHING = tell("their priors"), tell("the posterior"), tell("no parameter")
"""What parameters vary over, in words."""


def chosen_parameters(faults: Faults, value: Any, study: Study) -> tuple[str, ...]:
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


def varied_over(faults: Faults, study: Study, chosen: tuple[str, ...]
            ) -> tuple[tuple[Factor, ...], str, Mapping[str, float]]:
    """Factors over priors or posterior marginals, which of them, and where the other parameters stay."""
    if study.source == DEFAULTS:
        if chosen:
            faults.add("from", f'"{DEFAULTS}" leaves parameters nowhere to go', "prior, posterior, or a posterior file")
        return (), NOTHING, {}
    draws = draws_of(study.source, MARGINALS, study.seed)
    if draws.source == PRIOR:
        return parameter_factors(chosen), PRIORS, {}
    middle = dict(zip(names(), np.median(draws.values, axis=0).tolist(), strict=True))
    return posterior_factors(draws, chosen), POSTERIOR, middle


def lever_factors(faults: Faults, table: Mapping[str, Any]) -> tuple[LeverFactor, ...]:
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


def factor_groups(faults: Faults, value: Any, factors: tuple[Factor, ...]) -> Mapping[str, tuple[str, ...]]:
    """Groups of factors by name; members are checked with the design."""
    if not isinstance(value, Mapping) or not all(
            isinstance(members, list | tuple) and len(members) >= FEWEST_VALUES
            and all(isinstance(one, str) for one in members) for members in value.values()):
        faults.add("[analysis] groups", f"{show(value)} is no table of lists of two factors or more",
                   'a table like {peers = ["pdsa.spill", "peers.lambda_net"]}')
        return {}
    taken = {factor.name for factor in factors}
    for name in value:
        if name in taken:
            faults.add("[analysis] groups", f'"{name}" is the name of a factor', "another name")
    return {name: tuple(members) for name, members in value.items()}
