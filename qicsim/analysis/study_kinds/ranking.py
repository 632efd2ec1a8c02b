"""What a screening leaves for a closer look: its factors in order of what each may at most be worth.

A factor's place goes by what it may at most be worth, as a share of the largest effect and the largest over indicators
and times: what is not yet known to be weak stays in front, so that nothing that matters is lost. Against the share of
the largest effect that is called weak (a tenth), a factor "matters" when an interval lies above it and above what noise
alone makes of a factor without effect, "does not matter" when in no output it may be worth as much, and is "not
decided" otherwise.

What it may be worth is the upper end of its interval with noise taken off. With noise of standard deviation s in each
elementary effect, an effect e shows

    g(e) = s sqrt(2 / pi) exp(-e^2 / 2 s^2) + e erf(e / s sqrt(2))

in the mean (folded normal). As g is convex, effects that show H are worth at most the inverse of g at H in the mean.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import special

from qicsim.analysis.sensitivity import Sensitivity
from qicsim.ground.errors import Faults
from qicsim.inputs.scenario.values import show
from qicsim.runs.draws import names

WEAK = 0.1
MATTERS, WEAKER, OPEN = "matters", "does not matter", "not decided"
COLUMNS = ("rank", "factor", "verdict", "where")
KEYS = ("screening", "number")
GRID = 4096


def ranking_rows(results: Sequence[Sensitivity], times: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """A row for each factor, the strongest first: rank, factor, verdict, and the output where its effect is largest."""
    factors = results[0].design.factors
    cells = [cell for result in results for cell in _cells(result, times[result.indicator])]
    if not cells:
        return []
    low, high, weak = (np.stack([cell[place] for cell in cells]) for place in (1, 2, 3))
    order = np.argsort(-high.max(axis=0), kind="stable")
    return [{"rank": rank, "factor": factors[at], "verdict": _verdict(low[:, at], high[:, at], weak),
             "where": cells[int(high[:, at].argmax())][0]} for rank, at in enumerate(order, start=1)]


def _cells(result: Sensitivity, times: Sequence[str]) -> list[tuple[str, np.ndarray, np.ndarray, float]]:
    """For each time the least that factors show, the most that they may be worth, and what is weak; as shares."""
    found = result.index("mu_star")
    return [(f"{result.indicator}, {time}", (found.estimate[:, at] - found.half_width[:, at]) / scale,
             without_noise(found.estimate[:, at] + found.half_width[:, at], found.floor[at]) / scale,
             max(float(np.nan_to_num(found.floor[at])) / scale, WEAK))
            for at, time in enumerate(times) if result.varies[at]
            for scale in (float(found.estimate[:, at].max()),)]


def without_noise(shown: np.ndarray, floor: float) -> np.ndarray:
    """The most that effects are worth in the mean that show these mean absolute effects (n,) above a noise floor."""
    if not floor > 0.0:
        return shown
    s = floor * np.sqrt(0.5 * np.pi)
    grid = np.linspace(0.0, max(float(shown.max()), floor), GRID)
    seen = floor * np.exp(-0.5 * (grid / s) ** 2) + grid * special.erf(grid / (s * np.sqrt(2.0)))
    return np.interp(shown, seen, grid)


def _verdict(low: np.ndarray, high: np.ndarray, floor: np.ndarray) -> str:
    if (low > floor).any():
        return MATTERS
    return WEAKER if (high < WEAK).all() else OPEN


def read_ranking(faults: Faults, table: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    """The first parameters of a screening's ranking.csv, as {screening = FILE, number = N}; notes what is wrong."""
    place = "[analysis] parameters"
    for key in table:
        if key not in KEYS:
            faults.add(place, f"{show(key)} is not known", ", ".join(KEYS))
    name, count = table.get("screening"), table.get("number")
    ranked: list[str] = []
    try:
        with (folder / str(name)).open(encoding="utf-8", newline="") as file:
            ranked = [row.get("factor", "") for row in csv.DictReader(file)]
    except OSError as error:
        faults.add(place, f'the screening "{name}" cannot be read ({error.strerror or error})',
                   "the ranking.csv that a screening wrote")
        return ()
    ranked = [one for one in ranked if one in names()]
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= len(ranked):
        faults.add(place, f"number = {show(count)} is not possible", f"1 to {len(ranked)}, as many as were screened")
        return ()
    return tuple(ranked[:count])
