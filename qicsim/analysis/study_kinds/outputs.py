"""What a sensitivity study looks at: levels of its only scenario, or paired differences from the first of several.

Blocks of the design in which a run is missing or failed are left out, whole: what is left is a smaller design. Times at
which a finished run has no value (a group that is empty yet, say) are left out too.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from qicsim.analysis.amounts import group_words
from qicsim.analysis.sampling import CubeDesign
from qicsim.analysis.study_kinds.sensitivity import LAST, SensitivitySettings, Within, design_of
from qicsim.analysis.study_kinds.varied import EVERY
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.translatable import Told, as_written, tell
from qicsim.runs.fields import ALL, Field
from qicsim.runs.results import Results


@dataclass(frozen=True, eq=False)
class Output:
    """An output: its name, what it is in words, its unit, names of its times, values (points, replicates, times).

    indicator, group, against  what it was read from: `against` names the two scenarios of a difference, or is ""
    """

    label: str
    words: Told
    unit: str
    times: tuple[str, ...]
    values: np.ndarray
    indicator: str
    group: str
    against: str = ""


@dataclass(frozen=True, eq=False)
class Outputs:
    """Outputs of what is there of a design, with notes on what is not.

    within  by output which points count, bool (points, times); empty without a condition
    """

    design: CubeDesign
    outputs: tuple[Output, ...]
    notes: tuple[str, ...]
    within: dict[str, np.ndarray] = field(default_factory=dict)


def outputs_of(results: Results, settings: SensitivitySettings) -> Outputs:
    """The outputs of a study as far as its runs are there; SettingError when too few are."""
    design = design_of(results.design.study, settings)
    found = [one for part in results.fields if part.indicator.name in settings.indicators
             for one in _read(results, part, settings.times)]
    done = results.present().all(axis=0)
    blocks, replicates = _complete(done.reshape(design.n, design.block, -1))
    if len(blocks) < settings.way.least:
        raise SettingError("", [Fault("", f"{len(blocks)} {settings.way.blocks} are complete",
                                      f"{settings.way.least} or more to say anything", "`resume` goes on")])
    rows = (blocks[:, None] * design.block + np.arange(design.block)).ravel()
    kept = [_cut(one, rows, replicates) for one in found]
    notes: list[str] = [] if len(blocks) == design.n and replicates == done.shape[1] else [
        tell("{there} of {all} {blocks} are complete with {some} of {replicates} replicates; the others, where a run "
             "is missing or failed, are left out.", there=f"{len(blocks):,}", all=f"{design.n:,}",
             blocks=settings.way.blocks, some=replicates, replicates=done.shape[1])]
    notes += [note for _, note in kept if note]
    if not any(one.times for one, _ in kept):
        raise SettingError("", [Fault("[analysis] times", "at none of them every run has a value",
                                      hint=" ".join(notes))])
    outputs = tuple(one for one, _ in kept if one.times)
    within = {} if settings.within is None else {one.label: _within(one, outputs, settings.within) for one in outputs}
    return Outputs(design.take(blocks), outputs, tuple(notes), within)


def _within(one: Output, outputs: tuple[Output, ...], within: Within) -> np.ndarray:
    """Where the mean over replicates of the condition's indicator fulfils it, at the times of an output.

    The condition is read as the output is: of the same scenario, or of the same difference.
    """
    of_it = next((other for other in outputs if other.indicator == within.indicator and other.group == ALL
                  and other.against == one.against and set(one.times) <= set(other.times)), None)
    if of_it is None:
        raise SettingError("", [Fault("[analysis] within", f'"{within.indicator}" has no value at every time of '
                                      f'"{one.label}"', "an indicator that is known at the same times")])
    means = of_it.values.mean(axis=1)[:, [of_it.times.index(time) for time in one.times]]
    return np.asarray((means > within.above) & (means < within.below))


def _complete(done: np.ndarray) -> tuple[np.ndarray, int]:
    """Blocks that are complete and with how many replicates, such that most runs are used; from (n, rows, replicates).

    Two replicates or more are preferred, since one does not show its noise.
    """
    choices = [(np.flatnonzero(done[:, :, :r].all(axis=(1, 2))), r) for r in range(1, done.shape[2] + 1)]
    return max(choices, key=lambda choice: (len(choice[0]) > 0, len(choice[0]) * choice[1], choice[1]))


def _read(results: Results, part: Field, wanted: str | tuple[str, ...]) -> list[Output]:
    """The outputs of a field: its values, or their difference from the first scenario for each of the others."""
    times = part.times if wanted == EVERY else part.times[-1:] if wanted == LAST else tuple(
        time for time in part.times if time in wanted)
    if not times:
        return []
    first, last = part.times.index(times[0]), part.times.index(times[-1])
    read = results.read(part, slice(first, last + 1))[..., 0]
    values = read[..., [part.times.index(time) - first for time in times]]
    group = "" if part.group == ALL else f" ({part.group.replace('_', ' ')})"
    label, words, unit = f"{part.indicator.name}{group}", as_written(part.indicator.meaning), part.indicator.unit
    if group:
        words = tell("{indicator} ({group})", indicator=words, group=group_words(part.group))
    named = (part.indicator.name, part.group)
    if len(values) == 1:
        return [Output(label, words, unit, times, values[0], *named)]
    first_name = results.scenarios[0]
    pairs = [(name, f", {name} minus {first_name}", one - values[0])
             for name, one in zip(results.scenarios[1:], values[1:], strict=True)]
    return [Output(label + what, tell("{indicator}, {scenario} minus {reference}", indicator=words, scenario=name,
                                      reference=first_name), unit, times, difference, *named, what)
            for name, what, difference in pairs]


def _cut(one: Output, rows: np.ndarray, replicates: int) -> tuple[Output, str]:
    """The rows and times of an output that can be analysed, and what is said about the others."""
    values = one.values[rows, :replicates]
    there = np.isfinite(values).all(axis=(0, 1))
    lost = [time for time, fine in zip(one.times, there, strict=True) if not fine]
    note = tell("{Indicator}: not every run has a value at {times}.", Indicator=one.words, times=", ".join(lost)
                ) if lost else ""
    times = tuple(time for time in one.times if time not in lost)
    return replace(one, times=times, values=values[:, :, there]), note
