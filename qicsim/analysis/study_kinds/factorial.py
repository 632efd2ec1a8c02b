"""The analysis `factorial`: main effects and interactions of policies, in true quality and in the record.

Without factors of its own it is PBF x QIC, whose cells are four shipped scenarios. With factors, each a set of levers
off and on from a month, its cells are made from the study's one scenario.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np

from qicsim.analysis.comparison_groups import arm_values, arms_of, whole
from qicsim.analysis.factorial import cell_levels, factorial
from qicsim.analysis.factorial_scenarios import PBF_BY_QIC, check_cells, lever_cells
from qicsim.analysis.findings import Findings
from qicsim.analysis.study_kinds.compared import SCORES, Compared
from qicsim.analysis.study_kinds.factorial_words import NOTES, Factorial, sentences
from qicsim.analysis.study_kinds.settings import Names, fields_of, level_of, refuse_unknown, too_few
from qicsim.ground.errors import Faults
from qicsim.ground.translatable import tell
from qicsim.inputs.country import home
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.scenario.values import month, show, text
from qicsim.runs.results import Results
from qicsim.runs.study import Kind, Study

NAME = "factorial"
KEYS = ("factor", "from", "indicators", "groups", "level")
FACTOR_KEYS = ("name", "off", "on")
FACTORS = (2, 4)
FEWEST = (2, 1)
Sides = tuple[Mapping[str, Any], Mapping[str, Any]]


@dataclass(frozen=True)
class Settings:
    """Factors, each with its levers off and on (none for PBF x QIC) from a month, indicators with groups, level."""

    factors: dict[str, Sides]
    since: str
    fields: Names
    level: float

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the factors."""
        return tuple(self.factors) or PBF_BY_QIC


def check(faults: Faults, table: Mapping[str, Any], study: Study) -> Settings:
    """The settings of the table."""
    refuse_unknown(faults, table, KEYS)
    too_few(faults, study, draws=FEWEST[0], replicates=FEWEST[1], scenarios=1)
    factors = _factors(faults, table["factor"]) if "factor" in table else {}
    if factors:
        if len(study.scenarios) != 1:
            faults.add("scenarios", f"{len(study.scenarios)} scenarios cannot be taken apart by factors", "one")
        month(faults, "[analysis] from", table.get("from"))
    elif "factor" not in table:
        _pbf_by_qic(faults, table, study)
    fields = fields_of(faults, table, study)
    for score in SCORES:
        if not any(name == score for name, _ in fields):
            faults.add("[keep] indicators", f'"{score}" is not analysed', f'"{SCORES[0]}" and "{SCORES[1]}"')
    if study.table is not None or study.given is not None:
        faults.add("points", "cannot be crossed with factors", "a study without points")
    return Settings(factors, str(table.get("from", "")), fields, level_of(faults, table))


def _pbf_by_qic(faults: Faults, table: Mapping[str, Any], study: Study) -> None:
    names = [scenario.name for scenario in study.scenarios]
    if sorted(names) != sorted(home().cells):
        faults.add("scenarios", f"{', '.join(names)} are not the cells of PBF x QIC", ", ".join(home().cells),
                   "Or name factors: [[analysis.factor]]")
    if "from" in table:
        faults.add("[analysis] from", "means nothing without factors", "[[analysis.factor]]")


def _factors(faults: Faults, value: Any) -> dict[str, Sides]:
    """Factors by name; levers are checked when the cells are made."""
    if not isinstance(value, list) or not FACTORS[0] <= len(value) <= FACTORS[1]:
        faults.add("[analysis] factor", f"{show(value)} cannot be used",
                   f"{FACTORS[0]} to {FACTORS[1]} tables [[analysis.factor]]")
        return {}
    factors: dict[str, Sides] = {}
    for number, one in enumerate(value, start=1):
        place = f"[[analysis.factor]] {number}"
        block = one if isinstance(one, Mapping) else {}
        for key in block:
            if key not in FACTOR_KEYS:
                faults.add(place, f"{show(key)} is not known", ", ".join(FACTOR_KEYS))
        sides = [block.get(side, {}) for side in ("off", "on")]
        if not all(isinstance(side, Mapping) for side in sides) or not any(sides):
            faults.add(place, "changes no lever", "off = { visits = 0 }, on = { visits = 1 }, or one of them")
            continue
        name = text(faults, f"{place}, name", block.get("name")) or place
        if name in factors:
            faults.add(f"{place}, name", f'"{name}" is there more than once', "each name once")
        factors[name] = (sides[0], sides[1])
    return factors


def cells(study: Study, settings: Settings) -> tuple[Scenario, ...]:
    """The cells in the order of `factorial`, with titles; InputError kinds for levers that cannot be set so."""
    if not settings.factors:
        by_name = {scenario.name: scenario for scenario in study.scenarios}
        made = [by_name[name] for name in home().cells]
    else:
        made = [replace(cell, title=f"{study.scenarios[0].title}: {what_is_on(settings.names, number)}")
                for number, cell in enumerate(lever_cells(study.scenarios[0], settings.factors, from_=settings.since))]
    check_cells(made, settings.names)
    return tuple(made)


def what_is_on(factors: tuple[str, ...], cell: int) -> str:
    """The factors that are on in a cell, in words."""
    on = [name for name, level in zip(factors, cell_levels(len(factors))[cell], strict=True) if level]
    return reduce(lambda first, last: tell("{first} and {last}", first=first, last=last), on) if on else tell(
        "none of them")


def analyse(results: Results) -> Findings:
    """The findings; SettingError when a cell has too few runs."""
    settings: Settings = results.design.study.settings
    arms = arms_of(results)
    part = whole(results, arms, fewest=FEWEST)
    effects: dict[tuple[str, ...], tuple[Compared, ...]] = {}
    means: list[dict[str, float]] = [{} for _ in arms]
    for indicator, group in settings.fields:
        field = results.field(indicator, group)
        values = part.of(arm_values(results, arms, field))
        for effect in factorial(values, settings.names, level=settings.level):
            effects[effect.factors] = (*effects.get(effect.factors, ()), Compared(effect.name, field, effect.contrast))
        for cell, found in zip(means, values, strict=True):
            cell[f"{indicator}, {group}"] = _mean(found[..., -1])
    on = [what_is_on(settings.names, number) for number in range(len(arms))]
    titles = zip((arm.title for arm in arms), on, means, strict=True)
    found_all = Factorial(settings.names, effects, tuple(titles), part.size.words, settings.level)
    rows = [row for factors, compared in effects.items() for one in compared
            for row in one.rows(effect=one.title, factors=len(factors))]
    return Findings(NAME, tuple(sentences(found_all)), {NAME: rows, "cells": _cell_rows(results, found_all)},
                    found_all, (*part.notes, *NOTES))


def _mean(values: np.ndarray) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _cell_rows(results: Results, found: Factorial) -> list[dict[str, Any]]:
    return [{"scenario": name, "title": title, "on": on, **means}
            for name, (title, on, means) in zip(results.scenarios, found.cells, strict=True)]


KIND = Kind(check, analyse=analyse, scenarios=cells)
