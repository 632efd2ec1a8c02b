"""The study that comes first to mind in Cambodia, valued for the choice: an independent re-scoring of facilities.

What it measures and how much noise it has are read from the ensemble at the end of the year before the choice, under
the reference; what no run holds is assumed in `settings.StudyPlan` and said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qicsim.decide.bill import Bill
from qicsim.decide.currency import usd_words
from qicsim.decide.frame import Frame
from qicsim.decide.noise import luck
from qicsim.decide.reading import at_year_end
from qicsim.decide.studies import Rescoring, Study, rescoring
from qicsim.decide.value import Value
from qicsim.told import Told, tell

NOISE = "assessment.noise"
MEASURED = {"true": "how good facilities truly are",
            "gap": "by how many points the record exceeds true quality"}


@dataclass(frozen=True, eq=False)
class Valued:
    """A re-scoring by size: what it measures, its values less what luck gives, and whether they stand above luck."""

    measured: str
    study: Study
    above: np.ndarray


def studies(frame: Frame, held: Value, paid: Bill) -> tuple[dict[str, Valued], tuple[Told, ...]]:
    """The re-scoring by what it measures, at the end of the year before the choice, and its assumptions."""
    year = frame.years[0] - 1
    if any(year not in runner.years for runner in frame.ensemble.runners.values()):
        return {}, (tell("No year before {year} was simulated, so no study before the choice can be valued.",
                         year=frame.years[0]),)
    place = frame.names.index(frame.reference)
    measured = {key: at_year_end(frame.ensemble, indicator, year)[place].mean(axis=1)
                for key, indicator in (("true", "true"), ("gap", "inflation"))}
    designs = _designs(frame, year, paid)
    facilities = designs["true"].facilities
    sizes = [size for size in frame.settings.study.sizes if size <= facilities] or [facilities]
    found = {key: _valued(held.net, measured[key], design, sizes, key, seed=frame.settings.seed)
             for key, design in designs.items()}
    return found, _assumed(designs, year)


def _valued(net: np.ndarray, measured: np.ndarray, design: Rescoring, sizes: list[int], key: str, *,
            seed: int) -> Valued:
    """The study, with what luck alone would give taken off: of its matched value, in the share that it explains."""
    found = rescoring(net, measured, design, sizes, seed=seed)
    chance = luck(net, measured[:, None], 1, seed=seed)
    variance = float(measured.var(ddof=1))
    explained = np.sqrt(variance / (variance + design.error(found.sizes) ** 2)) if variance > 0.0 else 0.0
    matched = np.maximum(found.matched - explained * chance.mean, 0.0)
    less = replace(found, matched=matched, net=(1.0 - design.lost) * matched - found.cost,
                   bias=np.full(len(found.sizes), chance.mean))
    return Valued(MEASURED[key], less, found.value > chance.most)


def _designs(frame: Frame, year: int, paid: Bill) -> dict[str, Rescoring]:
    plan = frame.settings.study
    place = frame.names.index(frame.reference)
    count, between = (float(at_year_end(frame.ensemble, name, year)[place].mean())
                      for name in ("facilities", "spread_true"))
    noise = float(np.mean(frame.table[:, frame.parameters.index(NOISE)]))
    each = plan.each if plan.each is not None else next(one.usd for one in paid.unit_costs if one.key == "verification")
    common: dict[str, Any] = {"facilities": round(count), "design_effect": plan.design_effect, "setup": plan.setup,
                              "each": each, "lost": plan.lost}
    return {"true": Rescoring(between=between, noise=noise, **common),
            "gap": Rescoring(between=plan.between_gap, noise=noise * np.sqrt(2.0), **common)}


def _assumed(designs: dict[str, Rescoring], year: int) -> tuple[Told, ...]:
    true, gap = designs["true"], designs["gap"]
    return (
        tell("Facilities are drawn at random at the end of {year} among {count}, and re-scored by assessors who "
             "neither coach them nor are paid by their scores.", year=year, count=f"{true.facilities:,}"),
        tell("True quality differs between facilities by {true} points (SD, simulated), its gap to the record by {gap} "
             "points (assumed); one assessment has noise of {noise} points (mean).", true=f"{true.between:.1f}",
             gap=f"{gap.between:.1f}", noise=f"{true.noise:.1f}"),
        tell("Districts are clusters with a design effect of {effect} (assumed).", effect=f"{true.design_effect:g}"),
        tell("The study costs {setup} and {each} a facility (assumed); waiting for it costs {lost} % of its value "
             "(assumed).", setup=usd_words(true.setup), each=usd_words(true.each), lost=f"{100.0 * true.lost:g}"),
        tell("It measures one mean for the nation at a time; the study as a whole is worth at least the larger of the "
             "two."))
