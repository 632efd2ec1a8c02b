"""The analysis `split`: how much of the uncertainty comes from structure, scenario, parameters, chance, over time.

Every scenario of the study is run as it is and under each structural alternative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qicsim.analysis.amounts import amount, group_words
from qicsim.analysis.comparison_groups import arm_values, arms_of, whole
from qicsim.analysis.findings import Findings
from qicsim.analysis.rows import family_rows, split_rows
from qicsim.analysis.study_kinds.compared import SCORES, indicator_words
from qicsim.analysis.study_kinds.settings import Names, fields_of, refuse_unknown, too_few
from qicsim.analysis.study_kinds.structures import SHIPPED, Alternative, alternatives
from qicsim.analysis.variance import FAMILIES, Split, split
from qicsim.ground.errors import Fault, Faults, SettingError
from qicsim.ground.intervals import Intervals, interval_of
from qicsim.ground.translatable import Told, as_written, in_a_row, tell
from qicsim.inputs.scenario import Scenario
from qicsim.runs.fields import Field
from qicsim.runs.results import Results
from qicsim.runs.study import Kind, Study

NAME = "split"
KEYS = ("structure", "indicators", "groups")
FEWEST = (3, 2)


@dataclass(frozen=True)
class Settings:
    """Alternatives beside the structure as shipped, and indicators with groups."""

    alternatives: tuple[Alternative, ...]
    fields: Names

    @property
    def structures(self) -> tuple[str, ...]:
        """Names of the structures, as shipped first."""
        return (SHIPPED, *(one.name for one in self.alternatives))


@dataclass(frozen=True, eq=False)
class Parted:
    """An indicator with its split, and by time: shares of `FAMILIES`, and the interval of all runs."""

    field: Field
    split: Split
    shares: np.ndarray
    interval: Intervals

    @property
    def last(self) -> int:
        """The last time at which anything varies; -1 when nothing does."""
        there = np.flatnonzero(np.isfinite(self.shares[0]))
        return int(there[-1]) if there.size else -1

    @property
    def deviation(self) -> np.ndarray:
        """Standard deviation of a run of which everything is picked at random, (times,)."""
        return np.sqrt(np.maximum(self.split.total, 0.0))


@dataclass(frozen=True, eq=False)
class Splits:
    """The splits, and what they were made from."""

    parted: tuple[Parted, ...]
    structures: tuple[str, ...]
    scenarios: tuple[str, ...]
    draws: int
    replicates: int


def check(faults: Faults, table: Mapping[str, Any], study: Study) -> Settings:
    """The settings of the table."""
    refuse_unknown(faults, table, KEYS)
    too_few(faults, study, draws=FEWEST[0], replicates=FEWEST[1], scenarios=1)
    return Settings(alternatives(faults, table.get("structure", [])), fields_of(faults, table, study))


def variants(study: Study, settings: Settings) -> tuple[Scenario, ...]:
    """Every scenario under every structure, structures outermost."""
    made = list(study.scenarios)
    for number, one in enumerate(settings.alternatives, start=1):
        made += [replace(one.of(scenario), name=f"{scenario.name}-structure-{number}",
                         title=f"{scenario.title} ({one.name})") for scenario in study.scenarios]
    return tuple(made)


def analyse(results: Results) -> Findings:
    """The findings; SettingError when there are too few runs, or nothing varies."""
    settings: Settings = results.design.study.settings
    arms = arms_of(results)
    part = whole(results, arms, fewest=FEWEST)
    count = len(settings.structures)
    parted = []
    for indicator, group in settings.fields:
        field = results.field(indicator, group)
        values = part.of(arm_values(results, arms, field))
        found = split(values.reshape(count, len(arms) // count, *values.shape[1:]))
        runs = values.reshape(-1, values.shape[-1])
        parted.append(Parted(field, found, found.families(), interval_of(runs)))
    known = tuple(one for one in parted if one.last >= 0)
    if not known:
        raise SettingError("", [Fault("indicators", "nothing varies", "an indicator that does")])
    splits = Splits(known, settings.structures, tuple(arm.title for arm in arms[:len(arms) // count]), len(part.draws),
                    part.replicates)
    return Findings(NAME, tuple(_sentences(splits)), _tables(splits), splits, (*part.notes, *_notes(parted)))


def _tables(splits: Splits) -> dict[str, list[dict[str, Any]]]:
    sources = [row for one in splits.parted for row in _rows(one, split_rows(one.split, one.field.times))]
    families = [row for one in splits.parted for row in _rows(one, family_rows(one.split, one.field.times))]
    return {NAME: sources, "families": families}


def _rows(one: Parted, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with the indicator, and with where all runs lie at their time."""
    named = {"indicator": one.field.indicator.name, "group": one.field.group, "unit": one.field.indicator.unit}
    parts = {"mean": one.interval.mean, "sd": one.deviation, "median": one.interval.median, "low": one.interval.low,
             "high": one.interval.high}
    at = {time: {name: _number(part[place]) for name, part in parts.items()}
          for place, time in enumerate(one.field.times)}
    return [{**named, **row, **at[row["time"]]} for row in rows]


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


# ----------------------------------------------------------------------------------------------------------- in words

def leading_parts(splits: Splits, most: int) -> tuple[Parted, ...]:
    """At most so many indicators of the first group, true quality and the record before others."""
    first = [one for one in splits.parted if one.field.group == splits.parted[0].field.group]
    scores = [one for name in SCORES for one in first if one.field.indicator.name == name]
    return (*scores, *(one for one in first if one not in scores))[:most]


def _sentences(splits: Splits) -> list[str]:
    return [*(part_words(one) for one in leading_parts(splits, len(SCORES))),
            tell("Structure is what was tried, and nothing else: {structures}.",
                 structures=in_a_row(map(as_written, splits.structures))),
            tell("Variances by the law of total variance, unbiased, from {structures} structures x {scenarios} "
                 "scenarios x {draws} draws x {replicates} replicates; structures and scenarios weigh alike.",
                 structures=len(splits.structures), scenarios=len(splits.scenarios), draws=splits.draws,
                 replicates=splits.replicates)]


def part_words(one: Parted) -> Told:
    """The shares of an indicator at its last time, the largest first."""
    order = sorted(range(len(FAMILIES)), key=lambda place: -one.shares[place, one.last])
    shares = in_a_row((tell("{source} {share}", source=as_written(FAMILIES[place]),
                            share=f"{100 * one.shares[place, one.last]:.1f}\u00a0%") for place in order), ", ")
    return tell("Of the uncertainty about {indicator} ({group}), {time}: {shares} of the variance; standard deviation "
                "{deviation}.", indicator=as_written(one.field.indicator.meaning), group=group_words(one.field.group),
                time=one.field.times[one.last], shares=shares,
                deviation=amount(float(one.deviation[one.last]), one.field.indicator.unit, sign=False))


def _notes(parted: list[Parted]) -> list[str]:
    still = [indicator_words(one.field) for one in parted if one.last < 0]
    notes = [tell("Does not vary, or is empty in some runs: {indicators}.", indicators=in_a_row(still))
             ] if still else []
    return [*notes, tell("How much comes from structure and from scenario depends on which ones are compared."),
            tell("Draws were fitted under the structure as shipped, and serve for the others too.")]


KIND = Kind(check, analyse=analyse, scenarios=variants)
