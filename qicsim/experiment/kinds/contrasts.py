"""The analysis `contrasts`: every scenario against one of them, paired by draw and luck, over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.engine.fields import Field
from qicsim.engine.results import Results
from qicsim.engine.study import Kind, Study
from qicsim.errors import Fault, SettingError
from qicsim.experiment.arms import Arm, arm_values, arms_of
from qicsim.experiment.contrasts import Contrast, contrast
from qicsim.experiment.findings import Findings
from qicsim.experiment.kinds.settings import Names, fields_of, level_of, refuse_unknown, too_few
from qicsim.experiment.nested import LEVEL
from qicsim.experiment.rows import contrast_rows
from qicsim.experiment.said import amount, between
from qicsim.scenario.values import Faults, one_of

NAME = "contrasts"
KEYS = ("reference", "indicators", "groups", "level")
FIRST = (("true", "all"), ("recorded", "all"))
FEWEST_DRAWS = 2


@dataclass(frozen=True)
class Settings:
    """Name of the reference scenario, indicators with groups, level of the intervals."""

    reference: str
    fields: Names
    level: float = LEVEL


@dataclass(frozen=True, eq=False)
class Compared:
    """One indicator of one group in an arm, minus the same in the reference; arrays of `contrast` are (times,)."""

    arm: Arm
    field: Field
    contrast: Contrast

    @property
    def last(self) -> int:
        """The place of the last time that has a value; -1 when none has."""
        return int(np.flatnonzero(np.isfinite(self.contrast.mean))[-1]) if self.known else -1

    @property
    def known(self) -> bool:
        """Whether there is a value at any time."""
        return bool(np.isfinite(self.contrast.mean).any())


@dataclass(frozen=True, eq=False)
class Contrasts:
    """Every contrast with the reference, arm by arm; draws and replicates of the design."""

    reference: Arm
    arms: tuple[Arm, ...]
    compared: tuple[Compared, ...]
    draws: int
    replicates: int
    level: float

    def of(self, arm: Arm) -> tuple[Compared, ...]:
        """The contrasts of an arm."""
        return tuple(one for one in self.compared if one.arm == arm)

    def first(self, arm: Arm) -> tuple[Compared, ...]:
        """True quality and the record of all facilities, as far as they were kept; otherwise what comes first."""
        found = [one for one in self.of(arm) if (one.field.indicator.name, one.field.group) in FIRST]
        return tuple(found) or self.of(arm)[:1]


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
    return Findings(NAME, tuple(_sentences(found)), {NAME: _rows(found)}, found, tuple(_notes(found)))


def contrasts_of(results: Results, settings: Settings) -> Contrasts:
    """The contrasts that the settings ask for; the reference is the first arm of its scenario."""
    arms = arms_of(results)
    base = next(place for place, arm in enumerate(arms) if arm.scenario == settings.reference)
    compared: list[Compared] = []
    for indicator, group in settings.fields:
        field = results.field(indicator, group)
        values = arm_values(results, arms, field)
        compared += [Compared(arm, field, contrast(values[place], values[base], level=settings.level))
                     for place, arm in enumerate(arms) if place != base]
    others = tuple(arm for place, arm in enumerate(arms) if place != base)
    _, points, replicates = results.design.shape
    return Contrasts(arms[base], others, tuple(compared), points * len(results.scenarios) // len(arms), replicates,
                     settings.level)


def _usual(results: Results) -> Settings:
    """For a study that asks for nothing: everything that was kept, against its first scenario."""
    if len(arms_of(results)) == 1:
        raise SettingError("", [Fault("scenarios", "there is nothing to compare in a study of one scenario",
                                      "two scenarios or more, or a table of points")])
    return Settings(results.scenarios[0], tuple((field.indicator.name, field.group) for field in results.fields))


# ----------------------------------------------------------------------------------------------------------- in words

def _sentences(found: Contrasts) -> Sequence[str]:
    told = [_sentence(found, arm) for arm in found.arms]
    return [*(sentence for sentence in told if sentence), *_saved(found)]


def _sentence(found: Contrasts, arm: Arm) -> str:
    said = [one for one in found.first(arm) if one.known]
    if not said:
        return ""
    parts = [f"{one.field.indicator.meaning} {compared_words(one)}" for one in said]
    return f"{arm.title}, against {found.reference.title}, {said[0].field.times[said[0].last]}: {'; '.join(parts)}."


def compared_words(one: Compared) -> str:
    """The contrast at its last time, with its interval and the two parts of its error."""
    c, unit, at = one.contrast, one.field.indicator.unit, one.last
    return (f"{amount(c.mean[at], unit)} ({100 * c.level:.0f}\u00a0% of draws {between(c.low[at], c.high[at], unit)}; "
            f"standard error {amount(c.error[at], unit, named=False, sign=False)}, of which chance "
            f"{amount(c.error_chance[at], unit, named=False, sign=False)})")


def _saved(found: Contrasts) -> Sequence[str]:
    """What pairing saves, over all contrasts at their last time."""
    saved = np.array([one.contrast.saved_total[one.last] for one in found.compared if one.known])
    saved = saved[np.isfinite(saved)]
    if not saved.size:
        return []
    return [(f"From {found.draws:,} draws x {found.replicates:,} replicates of each scenario, paired by draw and luck: "
             f"without pairing, the same certainty would take {np.median(saved):,.0f} times the runs "
             f"(median of {saved.size} contrasts; {np.min(saved):,.1f} to {np.max(saved):,.0f} times).")]


def _notes(found: Contrasts) -> Sequence[str]:
    lost = sorted({f"{one.field.indicator.meaning}, {one.field.group}" for one in found.compared if not one.known})
    notes = [f"No pair of runs has a value of: {'; '.join(lost)}."] if lost else []
    if found.replicates == 1:
        notes.append("With one replicate, chance cannot be told from differences between draws: intervals hold both.")
    pairs = found.draws * found.replicates
    fewest = min(int(one.contrast.pairs.max()) for one in found.compared)
    if fewest < pairs and not lost:
        notes.append(f"Some contrasts rest on {fewest:,} of {pairs:,} pairs of runs; others are missing or empty.")
    return notes


def _rows(found: Contrasts) -> list[dict[str, Any]]:
    """A row for each arm, indicator, group and time."""
    return [{"scenario": one.arm.scenario, "row": one.arm.row, "reference": found.reference.scenario,
             "indicator": one.field.indicator.name, "group": one.field.group, "unit": one.field.indicator.unit,
             "time": row.pop("axis_1"), **{key: value for key, value in row.items() if key != "name"}}
            for one in found.compared for row in contrast_rows("", one.contrast, one.field.times)]


KIND = Kind(check, analyse=analyse)
