"""The kind `emulator`: runs at points of a sequence, an emulator of them, and what that says without further runs.

It gives Sobol indices of the emulated outputs, and which of the points are not implausible where something was observed
(`match`, at the last of the times). How the emulator does at points that it had not seen is said first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from qicsim.analysis.emulator import BASE, IMPLAUSIBLE, LEVELS, Check, Emulator, Match
from qicsim.analysis.factors import DummyFactor, LeverFactor
from qicsim.analysis.findings import Findings
from qicsim.analysis.sampling import METHODS
from qicsim.analysis.sensitivity import Sensitivity, sensitivity
from qicsim.analysis.sensitivity_table import sensitivity_rows
from qicsim.analysis.study_kinds.outputs import Output, Outputs, outputs_of
from qicsim.analysis.study_kinds.sensitivity import EMULATOR, SensitivitySettings, checks, points
from qicsim.analysis.study_kinds.sensitivity_findings import (
    SensitivityRecord,
    levers_said,
    matters,
    meanings,
)
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.numbers import percent
from qicsim.ground.translatable import Told, in_a_row, tell
from qicsim.runs.fields import ALL
from qicsim.runs.results import Results
from qicsim.runs.study import Kind

ENDS, BEFORE = ("low_before", "high_before", "low", "high"), (0.05, 0.95)
MUCH = 0.9
"""Share that an emulator should explain before its indices are taken for those of the model."""


def emulator_of(results: Results) -> Emulator:
    """The emulator of the runs of a study of the kind `emulator` or `pawn`; outputs are called "true, 2030".

    SettingError for another kind, for too few runs, and where scikit-learn (`qicsim[emulator]`) is not installed.
    """
    settings = results.design.study.settings
    if not (isinstance(settings, SensitivitySettings) and settings.way.design == "sequence"):
        raise SettingError("", [Fault("[analysis] kind", "has no points for an emulator", '"emulator" or "pawn"')])
    return _emulator(outputs_of(results, settings))


def _emulator(read: Outputs) -> Emulator:
    values = np.concatenate([one.values for one in read.outputs], axis=2)
    return Emulator.fitted(read.design.points, values, factors=read.design.factors,
                           outputs=[_named(one, time) for one in read.outputs for time in one.times])


def _named(one: Output, time: str) -> str:
    return f"{one.label}, {time}"


def analyse(results: Results) -> Findings:
    """The findings of a study as far as its runs are there; SettingError when too few are."""
    settings: SensitivitySettings = results.design.study.settings
    read = outputs_of(results, settings)
    emulator = _emulator(read)
    design = METHODS["sobol"](emulator.factors, BASE, seed=results.design.study.seed)
    means, first = emulator.predict(design.points).mean, 0
    found: list[Sensitivity] = []
    for one in read.outputs:
        last = first + len(one.times)
        found += sensitivity(design, {one.label: means[:, None, first:last]}, method="sobol",
                             tolerance=settings.tolerance)
        first = last
    replicates = read.outputs[0].values.shape[1]
    times_each = tell("1 replicate") if replicates == 1 else tell("{count} replicates", count=replicates)
    size = tell("An emulator of {points} points x {replicates}.", points=f"{len(read.design.points):,}",
                replicates=times_each)
    record = SensitivityRecord(settings, tuple(found), read.outputs, meanings(settings), 0, size, emulator)
    times = {one.label: one.times for one in read.outputs}
    tables = {"indices": [row for one in found for row in sensitivity_rows([one], times[one.indicator])],
              "emulator": [_row(name, check) for name, check in zip(emulator.outputs, emulator.checks, strict=True)]}
    sentences = [sentence for pair in record.pairs()
                 for sentence in (matters(record, *pair), _quality(_check_at_end(emulator, pair[1])))]
    if settings.match:
        at_end = {_named(one, one.times[-1]): settings.match[one.indicator] for one in read.outputs
                  if one.indicator in settings.match and one.group == ALL}
        matched = emulator.match(at_end, seed=results.design.study.seed)
        tables["matching"] = _matching(record, matched)
        sentences.insert(0, _matched(matched, [
            tell("{output} = {value} (SD {deviation})", output=_said(one), value=f"{value:g}", deviation=f"{sd:g}")
            for one in read.outputs if (name := _named(one, one.times[-1])) in at_end
            for value, sd in (at_end[name],)], record))
    how = tell("An emulator of {fitted} points. Each point has luck of its own; a fifth of them was held out to see "
               "error and coverage. Indices are of the emulated mean at {points} points, for which no run was made; "
               "their intervals are of that sample alone, and what the emulator misses comes on top.",
               fitted=f"{len(read.design.points):,}", points=f"{len(design.points):,}")
    return Findings(EMULATOR, (*sentences, *levers_said(results, settings), how), tables, record,
                    (*read.notes, *_poor(emulator, read.outputs)))


def _check_at_end(emulator: Emulator, one: Output) -> Check:
    return emulator.checks[emulator.outputs.index(_named(one, one.times[-1]))]


def _row(name: str, check: Check) -> dict[str, Any]:
    output, _, time = name.rpartition(", ")
    covered = {f"covered_{level * 100:.0f}": share for level, share in zip(LEVELS, check.covered, strict=True)}
    return {"indicator": output, "time": time, "held_out": check.points, "error": check.error, "luck": check.luck,
            "spread": check.spread, "explained": check.explained, **covered}


def _matching(record: SensitivityRecord, matched: Match) -> list[dict[str, Any]]:
    """The range of each factor among the points that are left, in the unit of a parameter, beside that before."""
    rows = []
    for factor, (low, high) in zip(record.settings.factors, matched.ranges, strict=True):
        ends: dict[str, float | None] = dict.fromkeys(ENDS)
        if not isinstance(factor, LeverFactor | DummyFactor) and np.isfinite(low):
            ends |= dict(zip(ENDS, map(float, factor.at(np.array([BEFORE[0], BEFORE[1], low, high]))), strict=True))
        rows.append({"factor": factor.name, **ends, "left_of_range": _left(low, high)})
    return rows


def _left(low: float, high: float) -> float:
    """The share of a factor's range that is left, as probability of what it went over."""
    return min(float(high - low) / (BEFORE[1] - BEFORE[0]), 1.0)


def _said(one: Output, time: str = "") -> Told:
    """An output and a time, the last where none is named, for readers."""
    return tell("{output}, {time}", output=one.words, time=time or one.times[-1])


def _matched(matched: Match, observed: Sequence[Told], record: SensitivityRecord) -> Told:
    """What the observations leave, and which factors they narrow most."""
    seen = in_a_row(observed, ", ")
    if not len(matched.points):
        return tell("No point is compatible with {seen}: every one lies more than {most} standard deviations away, "
                    "errors of emulator and luck included.", seen=seen, most=f"{IMPLAUSIBLE:g}")
    left = [_left(low, high) for low, high in matched.ranges]
    order = [int(at) for at in np.argsort(left)[:3] if left[at] < MUCH]
    named = "; ".join(f"{record.settings.factors[at].name} ({percent(left[at])})" for at in order)
    share = percent(matched.share, 1)
    if not named:
        return tell("{share} of the points are not implausible given {seen}. No factor by itself is narrowed much.",
                    share=share, seen=seen)
    return tell("{share} of the points are not implausible given {seen}. Narrowed most, to a share of its range: "
                "{named}.", share=share, seen=seen, named=named)


def _quality(check: Check) -> Told:
    """How the emulator does at points that it had not seen, in words."""
    fields = {"points": check.points, "explained": percent(check.explained), "covered": percent(check.covered[1]),
              "level": percent(LEVELS[1])}
    if check.luck:
        return tell("At {points} points that it had not seen the emulator explains {explained} of the variance, luck "
                    "taken off; {covered} of them lie within its interval of {level}.", **fields)
    return tell("At {points} points that it had not seen the emulator explains {explained} of the variance of the "
                "runs; {covered} of them lie within its interval of {level}.", **fields)


def _poor(emulator: Emulator, outputs: Sequence[Output]) -> list[Told]:
    """Which outputs are emulated badly."""
    checked = zip((_said(one, time) for one in outputs for time in one.times), emulator.checks, strict=True)
    poor = [tell("{output} ({share})", output=output, share=percent(check.explained)) for output, check in checked
            if check.explained < MUCH]
    return [tell("The emulator explains less than {much} of {outputs}: what moves the rest is in no index. More points "
                 "(--size), more replicates or fewer factors help.", much=percent(MUCH), outputs=in_a_row(poor))] \
        if poor else []


KIND = Kind(checks(EMULATOR), points, analyse)
