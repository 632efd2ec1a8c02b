"""The table of studies (`calibration/trials.csv`): read, checked, and each fact used once.

Effects are percentage points of facility practice, intervention minus comparison, over all facilities that were
enrolled. Shares and levels are in per cent unless the name says otherwise; a number that is not known is NaN.

`used_for` says what of a row enters a synthesis:

    effect       its effect (sets `core`: collaboratives and CQI; `indirect`: coaching, mentoring, standards)
    decay        what was left of an effect some time after support had ended
    retention    how many of its teams stayed
    sensitivity  its effect, in one sensitivity analysis only
    contrast     measured by the teams themselves: shown, never joined with the others
    none         kept in the table so that nobody has to look for it again

One fact enters once. A row may be used for two things only if they are two facts, and `_check_uses` says when they are
one: an effect that was read after support had ended is itself a reading of decay, and an effect whose size nobody saw
was imputed from the same report that says how many teams left.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qicsim.ground.declare import GRADES
from qicsim.ground.errors import DataError, Fault, SettingError, nearest, repeated
from qicsim.ground.files import shipped_path
from qicsim.ground.table import Layout, Row, listed, read_table, suggest

USES = ("effect", "decay", "retention", "sensitivity", "contrast", "none")
SETS = ("core", "indirect", "broad", "excluded")
MAIN_SETS = ("core", "indirect")
SIZES = ("seen", "partly", "imputed", "remembered")
"""How the size of an effect is known: seen; part of it assumed; imputed for a null without a size; from memory."""
ERRORS = ("derived", "assumed")
"""How a standard error is known: derived from a printed interval or p value, or assumed."""
TEXTS = ("country", "family", "design", "level", "measured", "outcomes_declared", "outcomes_moved",
         "off_focus_services", "off_focus_moved", "informs", "derivation", "seen", "correction")
NUMBERS = {
    "year": (1990.0, 2100.0), "facilities_intervention": (1.0, 1e5), "facilities_control": (1.0, 1e5),
    "months": (0.0, 240.0), "support_months": (0.0, 240.0), "visits_month": (0.0, 60.0), "outcomes_seen": (1.0, 1e3),
    "effect_all_pp": (-100.0, 100.0), "se_all": (1e-3, 100.0), "effect_selected_pp": (-100.0, 100.0),
    "se_selected": (1e-3, 100.0), "effect_weak_pp": (-100.0, 100.0), "se_weak": (1e-3, 100.0),
    "control_weak_pct": (0.0, 99.0), "mean_gap_pp": (1.0, 100.0), "baseline_pct": (0.0, 100.0), "teams": (1.0, 1e5),
    "teams_stayed": (0.0, 1e5), "left_low": (0.0, 1.0), "left_high": (0.0, 1.0), "left_months": (0.0, 240.0)}
"""Columns of numbers, with their ranges."""
CHOICES = {"randomised": ("yes", "no"), "set": SETS, "size_known": SIZES, "se_known": ERRORS}
COLUMNS = (
    "key", "study", "country", "year", "family", "design", "randomised", "facilities_intervention",
    "facilities_control", "months", "support_months", "visits_month", "level", "measured", "outcomes_declared",
    "outcomes_moved", "outcomes_seen", "off_focus_services", "off_focus_moved", "set", "used_for", "effect_all_pp",
    "se_all", "effect_selected_pp", "se_selected", "effect_weak_pp", "se_weak", "control_weak_pct", "mean_gap_pp",
    "baseline_pct", "size_known", "se_known", "teams", "teams_stayed", "left_low", "left_high", "left_months",
    "informs", "derivation", "seen", "source", "grade", "correction")


@dataclass(frozen=True)
class Trial:
    """One row of the table.

    months          when the effect was read, in months from the start of support
    support_months  how long support lasted
    visits_month    visits of a coach or mentor that a facility got in a month
    effect_all_pp   mean over the declared outcomes of facility practice; effect_selected_pp the best of them;
                    effect_weak_pp the one whose control level, control_weak_pct, was the lowest, or that was targeted
    mean_gap_pp     100 minus the mean control level of the declared outcomes
    left_low, left_high  share of the effect left left_months after the end of support, 0-1
    """

    key: str
    study: str
    country: str
    year: float
    family: str
    design: str
    randomised: str
    facilities_intervention: float
    facilities_control: float
    months: float
    support_months: float
    visits_month: float
    level: str
    measured: str
    outcomes_declared: str
    outcomes_moved: str
    outcomes_seen: float
    off_focus_services: str
    off_focus_moved: str
    set: str
    used_for: tuple[str, ...]
    effect_all_pp: float
    se_all: float
    effect_selected_pp: float
    se_selected: float
    effect_weak_pp: float
    se_weak: float
    control_weak_pct: float
    mean_gap_pp: float
    baseline_pct: float
    size_known: str
    se_known: str
    teams: float
    teams_stayed: float
    left_low: float
    left_high: float
    left_months: float
    informs: str
    derivation: str
    seen: str
    source: str
    grade: str
    correction: str

    @property
    def facilities(self) -> float:
        """Facilities of both arms; NaN where one is not known."""
        return self.facilities_intervention + self.facilities_control

    @property
    def start_level(self) -> float:
        """Mean level of the declared outcomes without the programme, per cent."""
        return 100.0 - self.mean_gap_pp

    @property
    def name(self) -> str:
        """The study with country and year, as a figure names it: no explanation in brackets, no list of countries."""
        year = "" if math.isnan(self.year) else f" {self.year:.0f}"
        countries = self.country.count(",") + 1
        where = self.country if countries == 1 else f"{countries} countries"
        return f"{self.study.partition(' (')[0]}, {where}{year}"


def read_trials(path: Path | str | None = None) -> tuple[Trial, ...]:
    """The studies of a file (default: the shipped table); DataError with every fault, by line and column."""
    table = read_table(path or shipped_path("calibration", "trials.csv"), Layout(COLUMNS), DataError)
    trials = []
    for row in table.rows:
        trials.append(_trial(row))
        _check_uses(row, trials[-1])
    table.refuse_repeats("key")
    _refuse_twice(table.rows, trials)
    table.refuse_faults()
    return tuple(trials)


def struck(trials: Sequence[Trial], without: Iterable[str]) -> tuple[Trial, ...]:
    """The studies but for those of some keys; SettingError with every key that is not there."""
    keys = [trial.key for trial in trials]
    unknown = [Fault("without", f'"{key}" is no study', "keys of the table, such as betterbirth", nearest(key, keys))
               for key in without if key not in keys]
    if unknown:
        raise SettingError("", unknown)
    return tuple(trial for trial in trials if trial.key not in set(without))


def _trial(row: Row) -> Trial:
    """The row as a study; what is not usable is noted."""
    fields: dict[str, Any] = {column: row.choice(column, allowed) if row.cells.get(column) else ""
                              for column, allowed in CHOICES.items()}
    fields |= {column: row.optional_number(column, low=low, high=high) for column, (low, high) in NUMBERS.items()}
    fields |= {column: row.optional_text(column) for column in TEXTS}
    return Trial(key=row.text("key"), study=row.text("study"), source=row.text("source"),
                 grade=row.choice("grade", tuple(GRADES)), used_for=_uses(row), **fields)


def _uses(row: Row) -> tuple[str, ...]:
    """The words of `used_for`."""
    words = tuple(word.strip() for word in row.text("used_for").split(";"))
    for word in words:
        if word not in USES and word:
            row.fault("used_for", f'"{word}" is not known', allowed=listed(USES), hint=suggest(word, USES))
    for word in repeated(words):
        row.fault("used_for", f'"{word}" stands twice', allowed="each once: a fact enters once")
    if len(words) > 1 and {"sensitivity", "contrast", "none"} & set(words):
        row.fault("used_for", f'"{row.cells["used_for"]}" contradicts itself',
                  allowed="sensitivity, contrast or none alone")
    return words


def _check_uses(row: Row, trial: Trial) -> None:
    """Note what a use lacks, and uses of one fact for two things."""
    uses = set(trial.used_for)
    _check_effect(row, trial, uses)
    if "decay" in uses:
        _require(row, trial, "left_low", "left_high", "left_months")
        if trial.left_low > trial.left_high:
            row.fault("left_low", f"{trial.left_low:g} is above left_high", allowed=f"0 to {trial.left_high:g}")
    if "retention" in uses:
        _require(row, trial, "teams", "teams_stayed")
        if trial.teams_stayed > trial.teams:
            row.fault("teams_stayed", f"{trial.teams_stayed:g} of {trial.teams:g} teams", allowed="at most all teams")
    _refuse_one_fact(row, trial, uses)


def _check_effect(row: Row, trial: Trial, uses: set[str]) -> None:
    """Note what an effect lacks."""
    if uses & {"effect", "sensitivity"}:
        _require(row, trial, "effect_all_pp", "se_all", "mean_gap_pp", "size_known", "se_known", "randomised", "set")
        sets = MAIN_SETS if "effect" in uses else ("broad", "excluded")
        if trial.set and trial.set not in sets:
            row.fault("set", f'"{trial.set}" is no set of studies used for {trial.used_for[0]}', allowed=listed(sets))
        for effect, error in (("effect_selected_pp", "se_selected"), ("effect_weak_pp", "se_weak")):
            if math.isfinite(getattr(trial, effect)):
                _require(row, trial, error)
    if "effect" in uses and trial.measured == "self":
        row.fault("used_for", "measured by the teams themselves, and used for effect", allowed="contrast, none")
    if math.isfinite(trial.control_weak_pct) and math.isnan(trial.effect_weak_pp):
        row.fault("effect_weak_pp", "is empty, and control_weak_pct is not", allowed="both, or neither")


def _refuse_one_fact(row: Row, trial: Trial, uses: set[str]) -> None:
    """Note an effect that is the same fact as another use of its row."""
    if uses >= {"effect", "decay"} and trial.months > trial.support_months:
        row.fault("used_for", f"the effect was read in month {trial.months:g} and support ended in month "
                              f"{trial.support_months:g}: effect and decay are one fact", allowed="one of the two")
    if uses >= {"effect", "retention"} and trial.size_known == "imputed":
        row.fault("used_for", "the effect was imputed: effect and retention are one fact", allowed="one of the two")


def _require(row: Row, trial: Trial, *columns: str) -> None:
    for column in columns:
        if not row.cells.get(column):
            row.fault(column, "is empty", allowed=f"a value, as the row is used for {listed(trial.used_for)}")


def _refuse_twice(rows: Sequence[Row], trials: Sequence[Trial]) -> None:
    """Note a study of one country that enters twice for the same thing."""
    first: dict[tuple[str, str, str], int] = {}
    for row, trial in zip(rows, trials, strict=True):
        for use in {"effect", "decay", "retention"} & set(trial.used_for):
            fact = (trial.study.casefold(), trial.country.casefold(), use)
            if fact in first:
                row.fault("used_for", f'"{trial.study}" in {trial.country} is used for {use} on line {first[fact]} '
                                      "already", allowed="once: a fact enters once")
            first.setdefault(fact, row.line)
