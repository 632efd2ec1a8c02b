"""Sensitivity indices as rows for a page: each with estimate, interval and a flag."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from qicsim.analysis.sensitivity import FEWEST, Index, Sensitivity

CONVERGED, NOT_CONVERGED, CONSTANT, NOISE, FEW = (
    "converged", "not converged", "output does not vary", "noise hides the output", "too few points")


def sensitivity_rows(results: Iterable[Sensitivity], times: Sequence[str] = ()) -> list[dict[str, Any]]:
    """A row for each indicator, time, index and factor (or pair of factors).

    Columns: indicator, time ("" without times), index, factor, estimate, low, high (empty only where the output does
    not vary), verdict, points (that the index rests on), noise (share of chance in the variance of the replicates'
    mean) and noise_of_run. `times` names the outputs' times.
    """
    return [row for result in results for index in result.indices for row in _rows(result, index, times)]


def verdict(result: Sensitivity) -> str:
    """One sentence on how well the indices of an indicator are known, and how much of it is noise."""
    if not result.varies.any():
        return f"{result.indicator}: the output does not vary, there is nothing to explain."
    cells = [(int(np.sum(one.converged)), int(np.sum(np.isfinite(one.high)))) for one in result.indices]
    good, total = (sum(part) for part in zip(*cells, strict=True))
    state = "all indices are converged" if result.converged else (
        f"{good} of {total} indices are converged; the intervals of the others are wide: a longer design narrows them")
    return f"{result.indicator}: {state}. {noise_words(result)}"


def noise_words(result: Sensitivity) -> str:
    """The share of simulation noise in words; the largest over time."""
    if result.replicates == 1:
        return "The share of simulation noise is unknown with one replicate, and nothing is taken off for it."
    mean, run = (float(np.nanmax(share)) for share in (result.noise.of_mean, result.noise.of_run))
    return (f"Simulation noise makes at most {run:.1%} of the variance of a run and {mean:.1%} of that of the mean of "
            f"{result.replicates} replicates, which is taken off where that is possible.")


def flag_of(result: Sensitivity, index: Index, cell: tuple[int, ...], at: tuple[int, ...]) -> str:
    """How well an index at a place of factors (`cell`) and a time (`at`) is known."""
    if not result.varies[at]:
        return FEW if result.used[at] < FEWEST[result.design.method] else CONSTANT
    if result.hidden[at]:
        return NOISE
    return CONVERGED if index.converged[(*cell, *at)] else NOT_CONVERGED


def _rows(result: Sensitivity, index: Index, times: Sequence[str]) -> list[dict[str, Any]]:
    names = result.design.factors
    cells: list[tuple[str, tuple[int, ...]]] = [(name, (place,)) for place, name in enumerate(names)]
    if index.name == "second":
        cells = [(f"{names[i]} x {names[j]}", (i, j)) for i, j in combinations(range(len(names)), 2)]
    return [{"indicator": result.indicator, "time": ", ".join(times[place] if times else str(place) for place in at),
             "index": index.name, "factor": factor,
             **{name: _or_none(getattr(index, name)[(*cell, *at)]) for name in ("estimate", "low", "high")},
             "verdict": flag_of(result, index, cell, at), "points": int(result.used[at]),
             "noise": _or_none(result.noise.of_mean[at]), "noise_of_run": _or_none(result.noise.of_run[at])}
            for at in np.ndindex(result.varies.shape) for factor, cell in cells]


def _or_none(value: np.ndarray) -> float | None:
    return float(value) if np.isfinite(value) else None
