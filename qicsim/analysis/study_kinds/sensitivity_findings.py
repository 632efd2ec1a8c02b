"""What a sensitivity study has found: indices with intervals and noise, how well they are known, what would help."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qicsim.analysis.emulator import Emulator
from qicsim.analysis.factors import DummyFactor, Factor, LeverFactor
from qicsim.analysis.findings import Findings
from qicsim.analysis.sampling import SEQUENCE, SHARED
from qicsim.analysis.sensitivity import Index, Sensitivity, sensitivity
from qicsim.analysis.sensitivity_table import sensitivity_rows
from qicsim.analysis.study_kinds.outputs import Output, outputs_of
from qicsim.analysis.study_kinds.ranking import MATTERS, OPEN, WEAK, WEAKER, ranking_rows
from qicsim.analysis.study_kinds.sensitivity import (
    EMULATOR,
    WAYS,
    SensitivitySettings,
    checks,
    points,
    refuse,
)
from qicsim.ground.declare import declared
from qicsim.ground.translatable import Told, as_written, in_a_row, tell
from qicsim.inputs.scenario.timeline import LEVERS
from qicsim.model.parameters import Parameters
from qicsim.runs.points import MOST_DRAWS
from qicsim.runs.results import Results
from qicsim.runs.study import Kind

NAMED = 3
FARTHEST = 1e4
"""What counts as out of reach: an interval so many times as wide as the tolerance."""
MAIN_WORDS = {"mu_star": tell("mean absolute elementary effect"), "total": tell("total index"),
              "shapley": tell("Shapley effect"), "pawn": tell("PAWN index")}


@dataclass(frozen=True, eq=False)
class SensitivityRecord:
    """Estimates of a sensitivity study.

    results   one for each output, in the order of `outputs`
    meanings  what each factor is, by its name
    advised   base size at which `results` should be converged, 0 where they are
    size      how many runs they rest on, in words
    emulator  what they were worked out on, where that is not the runs themselves
    """

    settings: SensitivitySettings
    results: tuple[Sensitivity, ...]
    outputs: tuple[Output, ...]
    meanings: Mapping[str, Told]
    advised: int
    size: Told
    emulator: Emulator | None = None

    def pairs(self) -> list[tuple[Sensitivity, Output]]:
        """Results with what they are about."""
        return list(zip(self.results, self.outputs, strict=True))


def analyse(results: Results) -> Findings:
    """The findings of a study as far as its runs are there; SettingError when too few are."""
    settings: SensitivitySettings = results.design.study.settings
    read = outputs_of(results, settings)
    found = tuple(sensitivity(read.design, {one.label: one.values}, method=settings.way.method,
                              tolerance=settings.tolerance, within=read.within)[0] for one in read.outputs)
    size = tell("n = {count} {blocks}, {points} points x {replicates} replicates.", count=f"{read.design.n:,}",
                blocks=settings.way.blocks, points=f"{len(read.design.points):,}", replicates=found[0].replicates)
    record = SensitivityRecord(settings, found, read.outputs, meanings(settings), advised(found, settings), size)
    times = {one.label: one.times for one in read.outputs}
    tables = {"indices": [row for one in found for row in sensitivity_rows([one], times[one.indicator])]}
    sentences = [in_a_row((matters(record, *pair), noise_at_end(pair[0])), " ") if pair[0].varies[-1]
                 else matters(record, *pair) for pair in record.pairs()]
    if settings.kind == "screening":
        tables["ranking"] = ranking_rows(found, times)
        sentences.insert(0, _ranked(tables["ranking"], record))
    return Findings(settings.kind, (*sentences, *levers_said(results, settings), _how(record)), tables, record,
                    (*read.notes, *_unconverged(record)))


def meanings(settings: SensitivitySettings) -> dict[str, Told]:
    """What each factor is, and each group of them."""
    grouped = {name: tell("{members} together", members=", ".join(members))
               for name, members in settings.groups.items()}
    return {**{one.name: _meaning(one) for one in settings.factors}, **grouped}


def _meaning(factor: Factor) -> Told:
    if isinstance(factor, DummyFactor):
        return tell("nothing (a dummy factor)")
    if isinstance(factor, LeverFactor):
        return as_written(LEVERS[factor.lever].meaning)
    return as_written(declared(Parameters)[factor.name].declaration.meaning)


def advised(results: tuple[Sensitivity, ...], settings: SensitivitySettings) -> int:
    """The base size at which every index of the last time should be converged; 0 if all are.

    Half-widths go with one over the root of the size.
    """
    worst = max((_worst(one, index) for one in results for index in one.indices), default=0.0)
    if worst <= 1.0:
        return 0
    wanted = math.ceil(results[0].design.n * max(worst**2, 2.0))
    power = settings.way.design == "sobol" and settings.sample == SEQUENCE
    return 1 << (wanted - 1).bit_length() if power else wanted


def _worst(result: Sensitivity, index: Index) -> float:
    """Largest half-width, or change from the first half, that keeps an index of the last time unconverged."""
    estimate, half = index.estimate[..., -1], index.half_width[..., -1]
    lacking = ~index.converged[..., -1] & np.isfinite(half)
    if not lacking.any():
        return 0.0
    scale = float(result.index("mu_star").estimate[:, -1].max()) if index.name in ("mu_star", "mu", "sigma") else 1.0
    widest = float(np.max(np.fmax(half, np.abs(estimate - index.earlier[..., -1]))[lacking]))
    return min(widest / max(result.tolerance * scale, widest / FARTHEST), FARTHEST)


# ------------------------------------------------------------------------------------------------------------- words


def matters(record: SensitivityRecord, result: Sensitivity, output: Output) -> Told:
    """What moves an output at its last time: factors with intervals above 0, the strongest first."""
    way, within = record.settings.way, record.settings.within
    fields = {"Indicator": output.words, "time": output.times[-1], "name": MAIN_WORDS[way.main],
              "level": f"{result.level:.0%}"}
    at = tell("{Indicator}, {time}", **fields) if within is None else tell(
        "{Indicator}, {time}, where {condition}", **fields, condition=within.words)
    fields |= {"output": at}
    index = result.index(way.main)
    if not result.varies[-1]:
        return tell("{output}: only {count} points, too few to say anything ({least} or more).", **fields,
                    count=f"{int(result.used[-1]):,}", least=way.least) if result.used[-1] < way.least else tell(
                        "{output}: no factor moves it.", **fields)
    value, low, high = (part[:, -1] for part in (index.estimate, index.low, index.high))
    order = [int(place) for place in np.argsort(-np.nan_to_num(value), kind="stable") if low[place] > 0.0]
    factors = result.design.factors
    if not order:
        most = int(np.nan_to_num(high).argmax())
        return tell("{output}: no factor is known to move it; the largest {name} may be that of {factor} ({low} to "
                    "{high}, {level} confidence interval).", **fields, factor=factors[most], low=f"{low[most]:.2f}",
                    high=f"{high[most]:.2f}")
    parts: list[Told] = [tell("{meaning} ({factor}: {value}, {low} to {high})", meaning=record.meanings[factors[place]],
                              factor=factors[place], value=f"{value[place]:.2f}", low=f"{low[place]:.2f}",
                              high=f"{high[place]:.2f}") for place in order[:NAMED]]
    parts += [tell("{count} more have intervals above 0", count=len(order) - NAMED)] if len(order) > NAMED else []
    moved = tell("{output}, is moved most by {parts} ({name}, {level} confidence interval).", **fields,
                 parts=in_a_row(parts))
    rivals = _rivals(result, index, order[0])
    return in_a_row((moved, rivals), " ") if rivals else moved


def _rivals(result: Sensitivity, index: Index, first: int) -> Told | None:
    """Which factors may be as strong as the first that is named; None when there is none."""
    low, high = index.low[:, -1], index.high[:, -1]
    rivals = [name for place, name in enumerate(result.design.factors) if place != first and high[place] > low[first]]
    if not rivals:
        return None
    named: str = ", ".join(rivals[:NAMED])
    if len(rivals) > NAMED:
        named = tell("{first} and {count} more", first=named, count=len(rivals) - NAMED)
    return tell("Going by the intervals, {factors} may be as strong as the first.", factors=named)


def noise_at_end(result: Sensitivity) -> Told:
    """The share of simulation noise at the last time, in words, and what becomes of it."""
    shared = result.design.luck == SHARED and result.design.block > 1
    if result.replicates == 1:
        return tell("With one replicate the share of simulation noise is unknown, and what luck does whatever the "
                    "factors are cancels, the rest counts as theirs.") if shared else tell(
                        "With one replicate the share of simulation noise is unknown, and nothing is taken off for it.")
    run, mean, left = (min(float(share[-1]), 1.0) for share in (
        result.noise.of_run, result.noise.of_mean, result.noise.left))
    if result.design.method == "sequence":
        treated = tell("which is part of the distributions that are compared")
    elif shared:
        treated = tell("of which {cancels} cancels, since points share their luck, and the rest is taken off",
                       cancels=f"{1.0 - left:.1%}")
    else:
        treated = tell("which is taken off")
    return tell("Simulation noise, known from replicates, is {run} of the variance of a run and {mean} of that of the "
                "mean of {replicates} replicates, {treated}.", run=f"{run:.1%}", mean=f"{mean:.1%}",
                replicates=result.replicates, treated=treated)


def _ranked(rows: list[dict[str, object]], record: SensitivityRecord) -> Told:
    """What a screening decides."""
    by = {verdict: [str(row["factor"]) for row in rows if row["verdict"] == verdict]
          for verdict in (MATTERS, OPEN, WEAKER)}
    named = [tell("{meaning} ({factor})", meaning=record.meanings[name], factor=name)
             for name in by[MATTERS][:2 * NAMED]]
    named += [tell("and {count} more", count=len(by[MATTERS]) - 2 * NAMED)] if len(by[MATTERS]) > 2 * NAMED else []
    counts = tell("Of {all} factors {matter} matter for some output, {weak} do not, and {open} are not decided: an "
                  "effect is weak when it is below {limit} of the largest.", all=len(rows), matter=len(by[MATTERS]),
                  weak=len(by[WEAKER]), open=len(by[OPEN]), limit=f"{WEAK:.0%}")
    return in_a_row((counts, tell("What matters: {factors}.", factors=in_a_row(named))), " ") if named else counts


def levers_said(results: Results, settings: SensitivitySettings) -> list[Told]:
    """That levers are set in both scenarios of a difference."""
    levers = [one.lever for one in settings.factors if isinstance(one, LeverFactor)]
    if not levers or len(results.scenarios) == 1:
        return []
    return [tell("{Levers}: a lever is set to the same value in both scenarios of a difference, so that its effect is "
                 "on what the plan brings beyond the reference, not on the plan alone.", Levers=", ".join(levers))]


def _how(record: SensitivityRecord) -> Told:
    """Design and size in words."""
    design, result, settings = record.results[0].design, record.results[0], record.settings
    factors = tell("1 factor") if len(design.factors) == 1 else tell("{count} factors", count=len(design.factors))
    luck = tell("each of the {blocks} with luck of its own, which its points share", blocks=settings.way.blocks) if (
        design.luck == SHARED and design.block > 1) else tell("each point with luck of its own")
    depend = tell("with their rank correlations") if settings.correlated else tell("each by itself")
    each = tell("1 replicate") if result.replicates == 1 else tell("{count} replicates", count=result.replicates)
    sample = tell("sequence") if settings.sample == SEQUENCE else tell("latin hypercube")
    return tell("Worked out from {size} {blocks} ({sample}) over {factors} ({over}, {depend}): {points} points, "
                "{luck}, {replicates} of each.", size=f"{design.n:,}", blocks=settings.way.blocks, sample=sample,
                factors=factors, over=settings.over, depend=depend, points=f"{len(design.points):,}", luck=luck,
                replicates=each)


def _unconverged(record: SensitivityRecord) -> list[Told]:
    """How many indices have wide intervals, and what size should do."""
    cells = [(int(np.sum(~index.converged & np.isfinite(index.high))), int(np.sum(np.isfinite(index.high))))
             for one in record.results for index in one.indices]
    lacking, total = (sum(part) for part in zip(*cells, strict=True))
    if not lacking:
        return []
    fields = {"lacking": f"{lacking:,}", "total": f"{total:,}", "tolerance": f"{record.settings.tolerance:g}",
              "advice": _advice(record)}
    return [tell("{lacking} of {total} indices are not converged (half-width of the interval, or change from the first "
                 "half of the design, above {tolerance} of the largest effect): their intervals say how little is "
                 "known of them. {advice}", **fields) if record.settings.way.main == "mu_star" else
            tell("{lacking} of {total} indices are not converged (half-width of the interval, or change from the first "
                 "half of the design, above {tolerance}): their intervals say how little is known of them. {advice}",
                 **fields)]


def _advice(record: SensitivityRecord) -> Told:
    """What would let those of the last time converge."""
    design = record.results[0].design
    if not record.advised:
        return tell("At the last time all are converged.")
    if record.advised * design.block > MOST_DRAWS:
        return tell("No design of practicable size would do: fewer factors, more replicates, or a larger tolerance "
                    "might.")
    kept = tell("keeps all runs that were made") if record.settings.sample == SEQUENCE else tell(
        "is another sample, whose runs are all made")
    return tell("For those of the last time about {more} more {blocks} are advised: `qicsim experiment extend FILE "
                "--draws {size}`, or `qicsim sensitivity ... --size {size}`, {kept}.",
                more=f"{record.advised - design.n:,}", blocks=record.settings.way.blocks, size=record.advised,
                kept=kept)


KINDS = {name: Kind(checks(name), points, analyse) for name in WAYS if name != EMULATOR}
NO_MORE = {"delta": Kind(refuse)}
"""Kinds that were given up: whoever asks for one is told what takes its place."""
