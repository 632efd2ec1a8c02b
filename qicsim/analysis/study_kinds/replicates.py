"""The analysis `replicates`: how many draws and replicates are enough for the errors that are wanted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.analysis.advice import Advice, advise_interval, advise_mean, replicates_for_a_draw
from qicsim.analysis.amounts import amount
from qicsim.analysis.comparison_groups import Size, arm_values, arms_of, check_nation, size_of
from qicsim.analysis.findings import Findings
from qicsim.analysis.nested import nested
from qicsim.analysis.study_kinds.settings import number, refuse_unknown, too_few
from qicsim.ground.errors import Fault, Faults, SettingError
from qicsim.ground.translatable import Told, as_written, in_a_row, tell
from qicsim.inputs.scenario.values import one_of, show
from qicsim.runs.fields import ALL, Field
from qicsim.runs.results import Results
from qicsim.runs.study import Kind, Study

NAME = "replicates"
KEYS = ("error", "reference", "group", "draw_cost")
LEVEL, CONTRAST = "level", "contrast"
FEWEST = (3, 2)


@dataclass(frozen=True)
class Settings:
    """Wanted standard error of each indicator (in its unit), reference scenario, group, cost of a draw in runs."""

    error: dict[str, float]
    reference: str
    group: str
    draw_cost: float


@dataclass(frozen=True, eq=False)
class Need:
    """What one indicator needs, as the level of a scenario or as its contrast with the reference, at the last time.

    between, within  variances between draws and between replicates of a draw
    mean, interval   the cheapest designs whose mean, or each end of whose interval between draws, has the wanted error;
                     None when that would take more than 2^20 draws
    of_a_draw        replicates for which the mean of one draw has the wanted error
    error            standard error of the mean in this study
    """

    title: str
    what: str
    field: Field
    wanted: float
    between: float
    within: float
    mean: Advice | None
    interval: Advice | None
    of_a_draw: int
    error: float

    def error_of(self, draws: np.ndarray, replicates: int) -> np.ndarray:
        """Standard error of the mean for numbers of draws."""
        return np.sqrt((self.between + self.within / replicates) / draws)


@dataclass(frozen=True, eq=False)
class Needs:
    """What every indicator needs, and the size of what it was learned from."""

    needs: tuple[Need, ...]
    reference: str
    size: Size

    def most(self, indicator: str, what: str) -> Need | None:
        """The most demanding scenario of an indicator: the one with the largest variances."""
        found = [one for one in self.needs if (one.field.indicator.name, one.what) == (indicator, what)]
        return max(found, key=lambda one: one.between + one.within, default=None)

    @property
    def indicators(self) -> tuple[str, ...]:
        """Names of the indicators."""
        return tuple(dict.fromkeys(one.field.indicator.name for one in self.needs))


def check(faults: Faults, table: Mapping[str, Any], study: Study) -> Settings:
    """The settings of the table."""
    refuse_unknown(faults, table, KEYS)
    too_few(faults, study, draws=FEWEST[0], replicates=FEWEST[1], scenarios=1)
    kept = study.layout.fields
    group = one_of(faults, "[analysis] group", table.get("group", ALL), tuple({field.group for field in kept})) or ALL
    names = [scenario.name for scenario in study.scenarios]
    reference = one_of(faults, "[analysis] reference", table.get("reference", names[0]), names) or names[0]
    error = _errors(faults, table.get("error"), tuple(dict.fromkeys(field.indicator.name for field in kept)))
    return Settings(error, reference, group, number(faults, table, "draw_cost", default=0.0, low=0.0, high=1e6))


def _errors(faults: Faults, value: Any, kept: tuple[str, ...]) -> dict[str, float]:
    if not isinstance(value, Mapping) or not value:
        faults.add("[analysis] error", f"{show(value)} says no error" if value is not None else "is missing",
                   "a table like { true = 0.1 }")
        return {}
    for name, error in value.items():
        one_of(faults, "[analysis] error", name, kept)
        if isinstance(error, bool) or not isinstance(error, int | float) or not 0.0 < error < math.inf:
            faults.add(f"[analysis] error, {name}", f"{show(error)} is not possible", "above 0")
    return dict(value)


def analyse(results: Results) -> Findings:
    """The findings; SettingError when there are too few runs."""
    check_nation(results)
    settings: Settings = results.design.study.settings
    arms = arms_of(results)
    base = next(place for place, arm in enumerate(arms) if arm.scenario == settings.reference)
    found: list[Need | None] = []
    for indicator, wanted in settings.error.items():
        field = results.field(indicator, settings.group)
        values = arm_values(results, arms, field)
        for place, arm in enumerate(arms):
            found.append(_need(arm.title, LEVEL, field, values[place], (wanted, settings.draw_cost)))
            if place != base:
                found.append(_need(arm.title, CONTRAST, field, values[place] - values[base],
                                   (wanted, settings.draw_cost)))
    known = tuple(one for one in found if one is not None)
    if not known:
        raise SettingError("", [Fault("runs", "too few are there", f"{FEWEST[0]} draws with {FEWEST[1]} replicates",
                                      "`qicsim experiment resume` makes those that are missing")])
    needs = Needs(known, arms[base].title, size_of(results, arms))
    return Findings(NAME, tuple(_sentences(needs)), {"needed": [_row(one) for one in known]}, needs,
                    tuple(_notes(needs, len(found) - len(known))))


def _need(title: str, what: str, field: Field, values: np.ndarray, wanted: tuple[float, float]) -> Need | None:
    """What values (draws, replicates, times) need at the last time; None when their chance is not known."""
    parts = nested(values[..., -1])
    if not np.isfinite(parts.between_raw):
        return None
    between, within, error = float(parts.between), float(parts.within), wanted[0]
    return Need(title, what, field, error, between, within, _advice(advise_mean, between, within, wanted),
                _advice(advise_interval, between, within, wanted), replicates_for_a_draw(within, error=error),
                float(parts.error))


def _advice(advise: Any, between: float, within: float, wanted: tuple[float, float]) -> Advice | None:
    try:
        found: Advice = advise(between, within, error=wanted[0], draw_cost=wanted[1])
    except SettingError:  # more draws than there can be
        return None
    return found


def _row(one: Need) -> dict[str, Any]:
    return {"scenario": one.title, "what": one.what, "indicator": one.field.indicator.name, "group": one.field.group,
            "unit": one.field.indicator.unit, "time": one.field.times[-1], "wanted_error": one.wanted,
            "sd_between": math.sqrt(one.between), "sd_within": math.sqrt(one.within), "error_here": one.error,
            "mean_draws": one.mean and one.mean.draws, "mean_replicates": one.mean and one.mean.replicates,
            "interval_draws": one.interval and one.interval.draws,
            "interval_replicates": one.interval and one.interval.replicates, "replicates_of_a_draw": one.of_a_draw}


# ----------------------------------------------------------------------------------------------------------- in words

def _sentences(needs: Needs) -> list[str]:
    return [_sentence(needs, indicator) for indicator in needs.indicators] + [
        tell("Each for the scenario that demands most. Learned from {size} of each scenario.", size=needs.size.words)]


def _sentence(needs: Needs, indicator: str) -> str:
    level, contrast = needs.most(indicator, LEVEL), needs.most(indicator, CONTRAST)
    one = level or contrast
    if one is None:
        return ""
    told = [tell("{design} for a paired contrast with “{reference}”", design=design_words(contrast.mean),
                 reference=needs.reference)] if contrast else []
    told += [tell("{design} for the level of a scenario", design=design_words(level.mean))] if level else []
    return tell("{Indicator}, {time}, with a standard error of {wanted}: {designs}; for one draw alone, replicates of "
                "it: {replicates}.", Indicator=as_written(one.field.indicator.meaning), time=one.field.times[-1],
                wanted=amount(one.wanted, one.field.indicator.unit, sign=False), designs=in_a_row(told, ", "),
                replicates=f"{one.of_a_draw:,}")


def design_words(advice: Advice | None) -> Told:
    """A design in words."""
    if advice is None:
        return tell("more draws than there can be")
    return tell("{draws} draws x {count} replicates", draws=f"{advice.draws:,}", count=advice.replicates)


def _notes(needs: Needs, unknown: int) -> list[Told]:
    sure = 100.0 * math.sqrt(2.0 / max(needs.size.draws - 1, 1))
    notes = [tell("Variances are known from {draws} draws: what is needed is sure to about ±{sure}.",
                  draws=needs.size.draws, sure=f"{sure:.0f}\u00a0%"),
             tell("Two replicates are the least with which chance can be told from parameters; where a draw costs "
                  "nothing of its own, more draws are better than more replicates."),
             tell("An end of the 5–95\u00a0% interval between draws takes 4.5 times the draws of the mean.")]
    return [*notes, tell("{count} quantities have too few runs, or no value.", count=unknown)] if unknown else notes


KIND = Kind(check, analyse=analyse)
