"""What a sensitivity study has found: indices with intervals and noise, what is not converged, and what would be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qicsim.analysis.factors import LeverFactor
from qicsim.analysis.findings import Findings
from qicsim.analysis.sampling import SHAPLEY_BLOCK
from qicsim.analysis.sensitivity import Index, Sensitivity, sensitivity
from qicsim.analysis.sensitivity_table import sensitivity_rows
from qicsim.analysis.study_kinds.outputs import Output, outputs_of
from qicsim.analysis.study_kinds.ranking import MATTERS, OPEN, WEAK, WEAKER, ranking_rows
from qicsim.analysis.study_kinds.sensitivity import WAYS, SensitivitySettings, checks, points
from qicsim.ground.declare import declared
from qicsim.inputs.scenario.timeline import LEVERS
from qicsim.model.parameters import Parameters
from qicsim.runs.points import MOST_DRAWS
from qicsim.runs.results import Results
from qicsim.runs.study import Kind

NAMED = 3
MAIN_WORDS = {"mu_star": "mean absolute elementary effect", "total": "total index", "shapley": "Shapley effect",
              "pawn": "PAWN index", "delta": "Borgonovo's delta"}


@dataclass(frozen=True, eq=False)
class SensitivityRecord:
    """Estimates of a sensitivity study.

    results   one for each output, in the order of `outputs`
    meanings  what each factor is, by its name
    advised   base size that should do where `results` are not converged, 0 where they are
    """

    settings: SensitivitySettings
    results: tuple[Sensitivity, ...]
    outputs: tuple[Output, ...]
    meanings: Mapping[str, str]
    advised: int

    def pairs(self) -> list[tuple[Sensitivity, Output]]:
        """Results with what they are about."""
        return list(zip(self.results, self.outputs, strict=True))


def analyse(results: Results) -> Findings:
    """The findings of a study as far as its runs are there; SettingError when too few are."""
    settings: SensitivitySettings = results.design.study.settings
    found = outputs_of(results, settings)
    told = tuple(sensitivity(found.design, {one.label: one.values}, method=settings.way.method,
                             tolerance=settings.tolerance)[0] for one in found.outputs)
    record = SensitivityRecord(settings, told, found.outputs, meanings(settings), advised(told, settings))
    times = {one.label: one.times for one in found.outputs}
    tables = {"indices": [row for one in told for row in sensitivity_rows([one], times[one.indicator])]}
    sentences = [_matters(record, *pair) for pair in record.pairs()]
    if settings.kind == "screening":
        tables["ranking"] = ranking_rows(told, times)
        sentences.insert(0, _ranked(tables["ranking"], record))
    return Findings(settings.kind, (*sentences, _how(record)), tables, record,
                    (*found.notes, *_unconverged(record)))


def meanings(settings: SensitivitySettings) -> dict[str, str]:
    """What each factor is."""
    leaves = declared(Parameters)
    return {one.name: LEVERS[one.lever].meaning if isinstance(one, LeverFactor)
            else leaves[one.name].declaration.meaning for one in settings.factors}


def advised(results: tuple[Sensitivity, ...], settings: SensitivitySettings) -> int:
    """The base size at which every index of the last time should be converged; 0 if all are.

    Half-widths go with one over the root of the size.
    """
    worst = max((_worst(one, index) for one in results for index in one.indices), default=0.0)
    if worst <= 1.0:
        return 0
    wanted = math.ceil(results[0].design.n * max(worst**2, 2.0))
    if settings.way.design == "sobol":
        return 1 << (wanted - 1).bit_length()
    return math.ceil(wanted / SHAPLEY_BLOCK) * SHAPLEY_BLOCK


def _worst(result: Sensitivity, index: Index) -> float:
    """Largest half-width, or change from the first half, that keeps an index of the last time unconverged."""
    estimate, half = index.estimate[..., -1], index.half_width[..., -1]
    lacking = ~index.converged[..., -1] & np.isfinite(estimate)
    if not lacking.any():
        return 0.0
    scale = result.index("mu_star").estimate[:, -1].max() if index.name in ("mu_star", "mu", "sigma") else 1.0
    change = np.abs(estimate - index.earlier[..., -1])
    return float(np.max(np.fmax(half, change)[lacking]) / (result.tolerance * scale))


# ------------------------------------------------------------------------------------------------------------- words


def _matters(record: SensitivityRecord, result: Sensitivity, output: Output) -> str:
    """What moves an output at its last time, from converged indices that stand out from noise."""
    way = record.settings.way
    at, name = f"{capital(output.words)}, {output.times[-1]}", MAIN_WORDS[way.main]
    index = result.index(way.main)
    if not result.varies[-1]:
        return f"{at}: no factor moves it."
    shown, half = index.shown[:, -1], index.half_width[:, -1]
    floor = float(np.nan_to_num(index.floor[-1]))
    out = [int(place) for place in np.argsort(-np.nan_to_num(shown), kind="stable")
           if shown[place] - half[place] > floor]
    gap = _gap(result, shown, name)
    if not out:
        return f"{at}: no factor can be named.{gap} {noise_at_end(result)}"
    factors = result.design.factors
    parts = [f"{record.meanings[factors[place]]} ({factors[place]}: {shown[place]:.2f}, "
             f"{shown[place] - half[place]:.2f} to {shown[place] + half[place]:.2f})" for place in out[:NAMED]]
    more = f"; {len(out) - NAMED} more stand out from nothing" if len(out) > NAMED else ""
    most = "is moved by" if gap else "is moved most by"
    return (f"{at}, {most} {'; '.join(parts)}{more} ({name}, {result.level:.0%} confidence interval).{gap} "
            f"{noise_at_end(result)}")


def _gap(result: Sensitivity, shown: np.ndarray, name: str) -> str:
    """Which factors are not told of, since they might be the strongest; empty when there is none."""
    lost = [factor for factor, value in zip(result.design.factors, shown, strict=True) if not np.isfinite(value)]
    if not lost:
        return ""
    named = ", ".join(lost[:NAMED]) + (f" and {len(lost) - NAMED} more" if len(lost) > NAMED else "")
    return (f" {len(lost)} of {len(shown)} factors have no converged {name}, are not shown, and may be stronger: "
            f"{named}.")


def noise_at_end(result: Sensitivity) -> str:
    """The share of simulation noise at the last time, in words."""
    if result.replicates == 1:
        return "With one replicate the share of simulation noise is unknown, and nothing is taken off for it."
    run, mean = (min(float(share[-1]), 1.0) for share in (result.noise.of_run, result.noise.of_mean))
    treated = ("so that a factor without effect would not show 0 but the floor" if np.isfinite(
        result.indices[0].floor[-1]) else "which is taken off")
    return (f"Simulation noise is {run:.1%} of the variance of a run and {mean:.1%} of that of the mean of "
            f"{result.replicates} replicates, {treated}.")


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


def _how(record: SensitivityRecord) -> str:
    """Design and size in words."""
    design, result = record.results[0].design, record.results[0]
    factors = f"{len(design.factors)} factors" if len(design.factors) > 1 else "1 factor"
    return (f"Worked out from {design.n:,} {record.settings.way.blocks} over {factors} ({record.settings.over}, each "
            f"by itself): {len(design.points):,} points, each with luck of its own, {result.replicates} "
            f"replicate{'s' if result.replicates > 1 else ''} of each.")


def _unconverged(record: SensitivityRecord) -> list[str]:
    """How many indices are not shown, and what size should do."""
    cells = [(int(np.sum(~index.converged & np.isfinite(index.estimate))), int(np.sum(np.isfinite(index.estimate))))
             for one in record.results for index in one.indices]
    lacking, total = (sum(part) for part in zip(*cells, strict=True))
    if not lacking:
        return []
    return [(f"{lacking:,} of {total:,} indices are not converged (half-width of the interval, or change from the "
             f"first half of the design, above {record.settings.tolerance:g}{_of_largest(record)}) and are not shown. "
             f"{_advice(record)}")]


def _advice(record: SensitivityRecord) -> str:
    """What would let those of the last time converge."""
    design = record.results[0].design
    if not record.advised:
        return "At the last time all are converged."
    if record.advised * design.block > MOST_DRAWS:
        return "No design of practicable size would do: fewer factors, more replicates, or a larger tolerance might."
    return (f"For those of the last time about {record.advised - design.n:,} more {record.settings.way.blocks} are "
            f"advised: `qicsim experiment extend FILE --draws {record.advised}`, or `qicsim sensitivity ... --size "
            f"{record.advised}`, keeps all runs that were made.")


def _of_largest(record: SensitivityRecord) -> str:
    return " of the largest effect" if record.settings.way.main == "mu_star" else ""


KINDS = {name: Kind(checks(name), points, analyse) for name in WAYS}
