"""What a screening leaves for a closer look: its factors in order of what each may at most be worth.

A factor's place goes by what it may at most be worth, as a share of the largest effect and the largest over indicators
and times: what is not yet known to be weak stays in front, so that nothing that matters is lost. Against the share of
the largest effect that is called weak (a tenth), a factor "matters" when an interval lies above it, "does not matter"
when in no output it may be worth as much, and is "not decided" otherwise. A dummy factor has no rank.

What it may be worth is the upper end of the interval of its mu_star, from which chance is taken off (`estimators`).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qicsim.analysis.factors import DummyFactor
from qicsim.analysis.sensitivity import Sensitivity
from qicsim.ground.errors import Faults
from qicsim.inputs.scenario.values import show
from qicsim.runs.draws import names

WEAK = 0.1
MATTERS, WEAKER, OPEN = "matters", "does not matter", "not decided"
KEYS = ("screening", "number")
DUMMY = DummyFactor().name


def ranking_rows(results: Sequence[Sensitivity], times: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """A row for each factor, the strongest first: rank, factor, verdict, and the output where its effect is largest.

    There, estimate and interval are given as shares of the largest effect.
    """
    factors = results[0].design.factors
    cells = [cell for result in results for cell in _cells(result, times[result.indicator])]
    if not cells:
        return []
    estimate, low, high = (np.stack([cell[place] for cell in cells]) for place in (1, 2, 3))
    order = [int(at) for at in np.argsort(-high.max(axis=0), kind="stable") if factors[at] != DUMMY]
    where = high.argmax(axis=0)
    return [{"rank": rank, "factor": factors[at], "verdict": _verdict(low[:, at], high[:, at]),
             "where": cells[where[at]][0], "share": float(estimate[where[at], at]), "low": float(low[where[at], at]),
             "high": float(high[where[at], at])} for rank, at in enumerate(order, start=1)]


def _cells(result: Sensitivity, times: Sequence[str]) -> list[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
    """For each time the factors' effects and the ends of their intervals, as shares of the largest effect."""
    found = result.index("mu_star")
    return [(f"{result.indicator}, {time}", found.estimate[:, at] / scale, found.low[:, at] / scale,
             found.high[:, at] / scale)
            for at, time in enumerate(times) if result.varies[at]
            for scale in (float(found.estimate[:, at].max()),) if scale > 0.0]


def _verdict(low: np.ndarray, high: np.ndarray) -> str:
    if (low > WEAK).any():
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
