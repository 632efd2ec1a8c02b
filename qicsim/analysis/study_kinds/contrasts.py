"""The analysis `contrasts`: every scenario against one of them, paired by draw and luck, over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.analysis.amounts import amount
from qicsim.analysis.comparison_groups import Arm, Size, arm_values, arms_of, size_of
from qicsim.analysis.contrasts import contrast
from qicsim.analysis.findings import Findings
from qicsim.analysis.study_kinds.compared import SCORES, Compared, indicator_words, leading, told
from qicsim.analysis.study_kinds.settings import Names, fields_of, level_of, refuse_unknown, too_few
from qicsim.ground.errors import Fault, Faults, SettingError
from qicsim.ground.intervals import LEVEL
from qicsim.ground.translatable import in_a_row, tell
from qicsim.inputs.scenario.values import one_of
from qicsim.runs.results import Results
from qicsim.runs.study import Kind, Study

NAME = "contrasts"
KEYS = ("reference", "indicators", "groups", "level")
FEWEST_DRAWS = 2
MOST_TIMES, FEW_TIMES = 1000.0, 10.0


@dataclass(frozen=True)
class Settings:
    """Name of the reference scenario, indicators with groups, level of the intervals."""

    reference: str
    fields: Names
    level: float = LEVEL


@dataclass(frozen=True, eq=False)
class Contrasts:
    """Every contrast with the reference, arm by arm; what is there and what was planned, level of the intervals."""

    reference: Arm
    arms: dict[Arm, tuple[Compared, ...]]
    size: Size
    planned: int
    level: float

    @property
    def compared(self) -> list[Compared]:
        """All of them."""
        return [one for compared in self.arms.values() for one in compared]


def check(faults: Faults, table: Mapping[str, Any], study: Study) -> Settings:
    """The settings of the table."""
    refuse_unknown(faults, table, KEYS)
    too_few(faults, study, draws=FEWEST_DRAWS, replicates=1, scenarios=1 if study.table is not None else 2)
    names = [scenario.name for scenario in study.scenarios]
    reference = one_of(faults, "[analysis] reference", table.get("reference", names[0]), names) or names[0]
    return Settings(reference, fields_of(faults, table, study), level_of(faults, table))


def analyse(results: Results) -> Findings:
    """The findings; SettingError when no pair of runs is there."""
    found = contrasts_of(results, results.design.study.settings or _usual(results))
    if not any(one.known for one in found.compared):
        raise SettingError("", [Fault("runs", "no scenario can be compared with the reference yet",
                                      f"{FEWEST_DRAWS} draws in both", "`qicsim experiment run` makes them")])
    rows = [row for arm, compared in found.arms.items() for one in compared
            for row in one.rows(scenario=arm.scenario, row=arm.row, reference=found.reference.scenario)]
    return Findings(NAME, tuple(_sentences(found)), {NAME: rows}, found, tuple(_notes(found)))


def contrasts_of(results: Results, settings: Settings) -> Contrasts:
    """The contrasts that the settings ask for; the reference is the first arm of its scenario."""
    arms = arms_of(results)
    base = next(place for place, arm in enumerate(arms) if arm.scenario == settings.reference)
    compared: dict[Arm, tuple[Compared, ...]] = {arm: () for place, arm in enumerate(arms) if place != base}
    for indicator, group in settings.fields:
        field = results.field(indicator, group)
        values = arm_values(results, arms, field)
        for place, arm in enumerate(arms):
            if place != base:
                found = contrast(values[place], values[base], level=settings.level)
                compared[arm] += (Compared(arm.title, field, found),)
    _, points, replicates = results.design.shape
    planned = points * len(results.scenarios) // len(arms) * replicates
    return Contrasts(arms[base], compared, size_of(results, arms), planned, settings.level)


def _usual(results: Results) -> Settings:
    """For a study that asks for nothing: everything that was kept, against its first scenario."""
    if len(arms_of(results)) == 1:
        raise SettingError("", [Fault("scenarios", "there is nothing to compare in a study of one scenario",
                                      "two scenarios or more, or a table of points")])
    return Settings(results.scenarios[0], tuple((field.indicator.name, field.group) for field in results.fields))


# ----------------------------------------------------------------------------------------------------------- in words

def _sentences(found: Contrasts) -> list[str]:
    said = [tell("{scenario}, against “{reference}”, {time}: {contrasts}.", scenario=arm.title,
                 reference=found.reference.title, time=leading(compared)[0].time, contrasts=told(compared))
            for arm, compared in found.arms.items() if told(compared)]
    first = [one for compared in found.arms.values() for one in leading(compared)]
    return [*_most(found), *said, *saved_words(first, found.size.words)]


def _most(found: Contrasts) -> list[str]:
    """Who gains most, in truth and in the record; nothing for a single arm or a single score."""
    pairs = [compared for each in found.arms.values() if len(compared := leading(each)) == len(SCORES)]
    if len(pairs) <= 1 or not all(one.known for pair in pairs for one in pair):
        return []
    best = [max((pair[place] for pair in pairs), key=lambda one: float(one.contrast.mean[one.last]))
            for place in range(len(SCORES))]
    true, recorded = (tell("“{scenario}” ({amount})", scenario=one.title,
                           amount=amount(float(one.contrast.mean[one.last]), one.field.indicator.unit)) for one in best)
    return [tell("Against “{reference}”, {time}: most is gained in truth by {true}, in the record by {recorded}, on "
                 "average over draws.", reference=found.reference.title, time=best[0].time, true=true,
                 recorded=recorded)]


def saved_words(compared: Sequence[Compared], size: str) -> list[str]:
    """How many runs the contrasts rest on, and what pairing saves for the leading ones at their last time."""
    saved = np.array([one.contrast.saved_total[one.last] for one in compared if one.known])
    saved = saved[np.isfinite(saved)]
    if not saved.size:
        return []
    middle, least, most = (times_words(float(value)) for value in (np.median(saved), np.min(saved), np.max(saved)))
    return [tell("From {size} of each scenario, paired by draw and luck: without pairing, the same certainty about "
                 "these would take {middle} times the runs (median of {count}; {least} to {most} times).", size=size,
                 middle=middle, count=saved.size, least=least, most=most)]


def times_words(value: float) -> str:
    """How many times, without digits that nobody needs."""
    if np.isnan(value):
        return tell("unknown")
    if value > MOST_TIMES:
        return tell("over {count}", count=f"{MOST_TIMES:,.0f}")
    return f"{value:.0f}" if value >= FEW_TIMES else f"{value:.1f}"


def _notes(found: Contrasts) -> Sequence[str]:
    lost = sorted({indicator_words(one.field) for one in found.compared if not one.known})
    notes = [tell("No pair of runs has a value of: {indicators}.", indicators=in_a_row(lost))] if lost else []
    if found.size.replicates == 1:
        notes.append(tell("With one replicate, chance cannot be told from differences between draws: intervals hold "
                          "both."))
    fewest = min(int(one.contrast.pairs.max()) for one in found.compared if one.known)
    if fewest < found.planned:
        notes.append(tell("Some contrasts rest on {fewest} of {planned} pairs of runs; others are missing or empty.",
                          fewest=f"{fewest:,}", planned=f"{found.planned:,}"))
    return notes


KIND = Kind(check, analyse=analyse)
