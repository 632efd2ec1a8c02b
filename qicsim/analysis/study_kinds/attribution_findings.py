"""What an attribution has found: the ledger by line and Shapley values by mechanism, on true quality and the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from qicsim.analysis.comparison_groups import Size
from qicsim.analysis.contrasts import Contrast, contrast_of
from qicsim.analysis.findings import Findings
from qicsim.analysis.nested import nested
from qicsim.analysis.rows import contrast_rows, shapley_rows
from qicsim.analysis.shapley import ShapleyValues, shapley
from qicsim.analysis.study_kinds.attribution import (
    FEWEST_DRAWS,
    NAME,
    NEEDS,
    SCORES,
    AttributionSettings,
    check,
    points,
)
from qicsim.analysis.switches import BY_NAME
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.translatable import Told, as_written, in_a_row, tell
from qicsim.inputs.scenario import Scenario
from qicsim.model.ledger import LEDGER, MEANING
from qicsim.runs.results import Results
from qicsim.runs.study import Kind

NAMED = 3
TOLD = 0.05
COLUMNS = ("level", "mean", "low", "high", "error", "error_chance", "above", "saved_total", "pairs")


@dataclass(frozen=True, eq=False)
class Subject:
    """A scenario as it is, or its difference from the reference.

    name, title  for tables and for readers
    paired       whether it is a difference
    ledger       by group of facilities, points by line: a contrast of (times, lines)
    shapley      by score, points by mechanism: contrasts of (times,)
    """

    name: str
    title: str
    paired: bool
    ledger: Mapping[str, Contrast]
    shapley: Mapping[str, ShapleyValues]


@dataclass(frozen=True, eq=False)
class AttributionRecord:
    """Subjects in order: each scenario, then each difference from the first."""

    settings: AttributionSettings
    times: tuple[str, ...]
    subjects: tuple[Subject, ...]
    size: Size

    @property
    def shown(self) -> tuple[Subject, ...]:
        """The differences, or the only scenario."""
        return tuple(one for one in self.subjects if one.paired) or self.subjects

    @property
    def how_many(self) -> Told:
        """The sizes in words."""
        return tell("{size}, interval of 90 % between draws", size=self.size.words)


def analyse(results: Results) -> Findings:
    """The findings of a study as far as its runs are there; SettingError when fewer than two draws are complete."""
    study = results.design.study
    settings: AttributionSettings = study.settings
    sets, times = settings.sets, results.times(SCORES[0])
    complete = _complete(results, sets)
    if int(complete.any(axis=1).sum()) < FEWEST_DRAWS:
        raise SettingError("", [Fault("", f"{int(complete.any(axis=1).sum())} draws are complete",
                                      f"{FEWEST_DRAWS} or more to say anything", "`resume` goes on")])
    groups = [one.group for one in results.fields if one.indicator.name == f"ledger_{LEDGER[0]}"]
    read = _Read(study.scenarios, settings.mechanisms,
                 {group: _ledger(results, sets, group, complete) for group in groups},
                 {score: _by_set(results, sets, score, complete) for score in SCORES})
    count = len(study.scenarios)
    subjects = [*(_subject(read, at, paired=False) for at in range(count)),
                *(_subject(read, at, paired=True) for at in range(1, count))]
    record = AttributionRecord(settings, times, tuple(subjects), Size.of(complete))
    notes = [] if complete.all() else [tell("{done} of {all} pairs of draw and replicate are complete; the others are "
                                            "left out.", done=int(complete.sum()), all=complete.size)]
    if len(groups) > 1:
        notes.append(tell("Facilities change their group by status when they join, and take their ledger with them."))
    return Findings(NAME, tuple(sentence for one in record.shown for sentence in _sentences(one, record)),
                    {"ledger": _ledger_rows(record), "shapley": _shapley_rows(record)}, record, tuple(notes))


class _Read(NamedTuple):
    """Scenarios, mechanisms, ledgers by group and scores by set; the first axis of arrays are scenarios."""

    scenarios: tuple[Scenario, ...]
    mechanisms: tuple[str, ...]
    ledgers: Mapping[str, np.ndarray]
    scores: Mapping[str, np.ndarray]


def _complete(results: Results, sets: int) -> np.ndarray:
    """Which draws and replicates have all their runs; (draws, replicates)."""
    done = results.present()
    return np.asarray(done.reshape(len(results.scenarios), -1, sets, done.shape[2]).all(axis=(0, 2)))


def _by_set(results: Results, sets: int, score: str, complete: np.ndarray) -> np.ndarray:
    """A score (scenarios, sets, draws, replicates, times), NaN where a draw is not complete."""
    values = results.values(score)[..., 0]
    shaped = values.reshape(len(values), -1, sets, *values.shape[2:]).swapaxes(1, 2)
    return np.where(complete[..., None], shaped, np.nan)


def _ledger(results: Results, sets: int, group: str, complete: np.ndarray) -> np.ndarray:
    """The ledger of the model as it is: (scenarios, draws, replicates, times, lines)."""
    lines = [results.values(f"ledger_{line}", group)[:, sets - 1::sets, ..., 0] for line in LEDGER]
    return np.where(complete[..., None, None], np.stack(lines, axis=-1), np.nan)


def _subject(read: _Read, at: int, *, paired: bool) -> Subject:
    """A scenario, or its difference from the first."""
    one, first = read.scenarios[at], read.scenarios[0]
    if not paired:
        booked = {group: contrast_of(values[at]) for group, values in read.ledgers.items()}
        games = {score: values[at] for score, values in read.scores.items()}
    else:
        booked = {group: contrast_of(values[at] - values[0], nested(values[at]), nested(values[0]))
                  for group, values in read.ledgers.items()}
        games = {score: values[at] - values[0] for score, values in read.scores.items()}
    name, title = one.name, as_written(one.title)
    if paired:
        name = f"{one.name} minus {first.name}"
        title = tell("{scenario}, against {reference}", scenario=title, reference=as_written(first.title))
    return Subject(name, title, paired, booked,
                   {score: shapley(values, read.mechanisms) for score, values in games.items()})


# ---------------------------------------------------------------------------------------------------- words and rows


def _sentences(subject: Subject, record: AttributionRecord) -> list[Told]:
    """What made the last value of a subject, by the ledger and by Shapley values, in truth and on the record."""
    at, booked = record.times[-1], subject.ledger["all"]
    lines = [(MEANING[line], float(booked.mean[-1, place])) for place, line in enumerate(LEDGER)
             if line != "initial"]
    total = sum(points for _, points in lines) if subject.paired else float("nan")
    lead = {"subject": subject.title, "time": at, "total": f"{total:+.2f}", "lines": _largest(lines),
            "size": record.how_many}
    told = [tell("{subject}, {time}: true quality {total} points. The ledger books {lines} ({size}).", **lead)
            if subject.paired else tell("{subject}, {time}. The ledger books {lines} ({size}).", **lead)]
    for score in SCORES:
        found = subject.shapley[score]
        worth = [(BY_NAME[name].meaning.partition(":")[0], float(one.mean[-1]))
                 for name, one in zip(found.mechanisms, found.values, strict=True)]
        told.append(tell(WORDS[score], parts=_largest(worth), count=len(worth),
                         total=f"{float(found.total.mean[-1]):+.2f}", low=f"{float(found.total.low[-1]):+.2f}",
                         high=f"{float(found.total.high[-1]):+.2f}"))
    return told


WORDS = {
    "true": ("Credited with what it makes others do (Shapley values), a mechanism is worth on the true score: {parts}; "
             "all {count} that were switched together {total} points ({low} to {high})."),
    "recorded": ("Credited with what it makes others do (Shapley values), a mechanism is worth on the recorded score: "
                 "{parts}; all {count} that were switched together {total} points ({low} to {high}).")}


def _largest(parts: list[tuple[str, float]]) -> Told:
    """The largest parts that are worth telling, with signs."""
    order = sorted((part for part in parts if abs(part[1]) > TOLD), key=lambda part: -abs(part[1]))[:NAMED + 1]
    if not order:
        return tell("hardly anything to any")
    return in_a_row((tell("{points} to {what}", points=f"{points:+.2f}", what=as_written(what))
                     for what, points in order), ", ")


def _ledger_rows(record: AttributionRecord) -> list[dict[str, Any]]:
    return [{"subject": subject.name, "group": group, "time": row["axis_1"], "line": row["axis_2"]}
            | {column: row[column] for column in COLUMNS}
            for subject in record.subjects for group, booked in subject.ledger.items()
            for row in contrast_rows("", booked, record.times, LEDGER)]


def _shapley_rows(record: AttributionRecord) -> list[dict[str, Any]]:
    return [{"subject": subject.name, "score": score, "time": row["axis_1"], "mechanism": row["name"]}
            | {column: row[column] for column in COLUMNS}
            for subject in record.subjects for score, found in subject.shapley.items()
            for row in shapley_rows(found, record.times)]


KIND = Kind(check, points, analyse, needs=NEEDS)
