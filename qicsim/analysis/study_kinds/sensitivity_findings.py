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
from qicsim.inputs.scenario.timeline import LEVERS
from qicsim.model.parameters import Parameters
from qicsim.runs.points import MOST_DRAWS
from qicsim.runs.results import Results
from qicsim.runs.study import Kind

NAMED = 3
FARTHEST = 1e4
"""What counts as out of reach: an interval so many times as wide as the tolerance."""
MAIN_WORDS = {"mu_star": "mean absolute elementary effect", "total": "total index", "shapley": "Shapley effect",
              "pawn": "PAWN index"}


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
    meanings: Mapping[str, str]
    advised: int
    size: str = ""
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
    size = (f"n = {read.design.n:,} {settings.way.blocks}, {len(read.design.points):,} points x "
            f"{found[0].replicates} replicates.")
    record = SensitivityRecord(settings, found, read.outputs, meanings(settings), advised(found, settings), size)
    times = {one.label: one.times for one in read.outputs}
    tables = {"indices": [row for one in found for row in sensitivity_rows([one], times[one.indicator])]}
    sentences = [matters(record, *pair, noise_at_end(pair[0])) for pair in record.pairs()]
    if settings.kind == "screening":
        tables["ranking"] = ranking_rows(found, times)
        sentences.insert(0, _ranked(tables["ranking"], record))
    return Findings(settings.kind, (*sentences, *levers_said(results, settings), _how(record)), tables, record,
                    (*read.notes, *_unconverged(record)))


def meanings(settings: SensitivitySettings) -> dict[str, str]:
    """What each factor is, and each group of them."""
    grouped = {name: f"{', '.join(members)} together" for name, members in settings.groups.items()}
    return {**{one.name: _meaning(one) for one in settings.factors}, **grouped}


def _meaning(factor: Factor) -> str:
    if isinstance(factor, DummyFactor):
        return "nothing (a dummy factor)"
    if isinstance(factor, LeverFactor):
        return LEVERS[factor.lever].meaning
    return declared(Parameters)[factor.name].declaration.meaning


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


def matters(record: SensitivityRecord, result: Sensitivity, output: Output, chance: str) -> str:
    """What moves an output at its last time: factors with intervals above 0, the strongest first; then `chance`."""
    way, within = record.settings.way, record.settings.within
    at, name = f"{capital(output.words)}, {output.times[-1]}", MAIN_WORDS[way.main]
    at += f", where {within.words}" if within is not None else ""
    index = result.index(way.main)
    if not result.varies[-1]:
        few = result.used[-1] < way.least
        return (f"{at}: only {int(result.used[-1]):,} points, too few to say anything ({way.least} or more)." if few
                else f"{at}: no factor moves it.")
    value, low, high = (part[:, -1] for part in (index.estimate, index.low, index.high))
    order = [int(place) for place in np.argsort(-np.nan_to_num(value), kind="stable") if low[place] > 0.0]
    factors = result.design.factors
    if not order:
        most = int(np.nan_to_num(high).argmax())
        return (f"{at}: no factor is known to move it; the largest {name} may be that of {factors[most]} "
                f"({low[most]:.2f} to {high[most]:.2f}, {result.level:.0%} confidence interval). {chance}")
    parts = [f"{record.meanings[factors[place]]} ({factors[place]}: {value[place]:.2f}, {low[place]:.2f} to "
             f"{high[place]:.2f})" for place in order[:NAMED]]
    more = f"; {len(order) - NAMED} more have intervals above 0" if len(order) > NAMED else ""
    return (f"{at}, is moved most by {'; '.join(parts)}{more} ({name}, {result.level:.0%} confidence interval)."
            f"{_rival(result, index, order[0])} {chance}")


def _rival(result: Sensitivity, index: Index, first: int) -> str:
    """Which factors may be as strong as the first that is named; empty when there is none."""
    low, high = index.low[:, -1], index.high[:, -1]
    rivals = [name for place, name in enumerate(result.design.factors) if place != first and high[place] > low[first]]
    if not rivals:
        return ""
    named = ", ".join(rivals[:NAMED]) + (f" and {len(rivals) - NAMED} more" if len(rivals) > NAMED else "")
    return f" Going by the intervals, {named} may be as strong as the first."


def noise_at_end(result: Sensitivity) -> str:
    """The share of simulation noise at the last time, in words, and what becomes of it."""
    shared = result.design.luck == SHARED and result.design.block > 1
    if result.replicates == 1:
        kept = "what luck does whatever the factors are cancels, the rest counts as theirs" if shared else (
            "nothing is taken off for it")
        return f"With one replicate the share of simulation noise is unknown, and {kept}."
    run, mean, left = (min(float(share[-1]), 1.0) for share in (
        result.noise.of_run, result.noise.of_mean, result.noise.left))
    if result.design.method == "sequence":
        treated = "which is part of the distributions that are compared"
    elif shared:
        treated = f"of which {1.0 - left:.1%} cancels, since points share their luck, and the rest is taken off"
    else:
        treated = "which is taken off"
    return (f"Simulation noise, known from replicates, is {run:.1%} of the variance of a run and {mean:.1%} of that of "
            f"the mean of {result.replicates} replicates, {treated}.")


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def _ranked(rows: list[dict[str, object]], record: SensitivityRecord) -> str:
    """What a screening decides."""
    by = {verdict: [str(row["factor"]) for row in rows if row["verdict"] == verdict]
          for verdict in (MATTERS, OPEN, WEAKER)}
    named = "; ".join(f"{record.meanings[name]} ({name})" for name in by[MATTERS][:2 * NAMED])
    more = f"; and {len(by[MATTERS]) - 2 * NAMED} more" if len(by[MATTERS]) > 2 * NAMED else ""
    return (f"Of {len(rows)} factors {len(by[MATTERS])} matter for some output, {len(by[WEAKER])} do not, and "
            f"{len(by[OPEN])} are not decided: an effect is weak when it is below {WEAK:.0%} of the largest. "
            + (f"What matters: {named}{more}." if named else ""))


def levers_said(results: Results, settings: SensitivitySettings) -> list[str]:
    """That levers are set in both scenarios of a difference."""
    levers = [one.lever for one in settings.factors if isinstance(one, LeverFactor)]
    if not levers or len(results.scenarios) == 1:
        return []
    return [(f"{capital(', '.join(levers))}: a lever is set to the same value in both scenarios of a difference, so "
             "that its effect is on what the plan brings beyond the reference, not on the plan alone.")]


def _how(record: SensitivityRecord) -> str:
    """Design and size in words."""
    design, result, settings = record.results[0].design, record.results[0], record.settings
    factors = f"{len(design.factors)} factors" if len(design.factors) > 1 else "1 factor"
    luck = f"each of the {settings.way.blocks} with luck of its own, which its points share" if (
        design.luck == SHARED and design.block > 1) else "each point with luck of its own"
    depend = "with their rank correlations" if settings.correlated else "each by itself"
    return (f"Worked out from {design.n:,} {settings.way.blocks} ({settings.sample.replace('-', ' ')}) over {factors} "
            f"({settings.over}, {depend}): {len(design.points):,} points, {luck}, {result.replicates} "
            f"replicate{'s' if result.replicates > 1 else ''} of each.")


def _unconverged(record: SensitivityRecord) -> list[str]:
    """How many indices have wide intervals, and what size should do."""
    cells = [(int(np.sum(~index.converged & np.isfinite(index.high))), int(np.sum(np.isfinite(index.high))))
             for one in record.results for index in one.indices]
    lacking, total = (sum(part) for part in zip(*cells, strict=True))
    if not lacking:
        return []
    return [(f"{lacking:,} of {total:,} indices are not converged (half-width of the interval, or change from the "
             f"first half of the design, above {record.settings.tolerance:g}{_of_largest(record)}): their intervals "
             f"say how little is known of them. {_advice(record)}")]


def _advice(record: SensitivityRecord) -> str:
    """What would let those of the last time converge."""
    design = record.results[0].design
    if not record.advised:
        return "At the last time all are converged."
    if record.advised * design.block > MOST_DRAWS:
        return "No design of practicable size would do: fewer factors, more replicates, or a larger tolerance might."
    kept = "keeps all runs that were made" if record.settings.sample == SEQUENCE else (
        "is another sample, whose runs are all made")
    return (f"For those of the last time about {record.advised - design.n:,} more {record.settings.way.blocks} are "
            f"advised: `qicsim experiment extend FILE --draws {record.advised}`, or `qicsim sensitivity ... --size "
            f"{record.advised}`, {kept}.")


def _of_largest(record: SensitivityRecord) -> str:
    return " of the largest effect" if record.settings.way.main == "mu_star" else ""


KINDS = {name: Kind(checks(name), points, analyse) for name in WAYS if name != EMULATOR}
NO_MORE = {"delta": Kind(refuse)}
"""Kinds that were given up: whoever asks for one is told what takes its place."""
