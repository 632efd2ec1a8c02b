"""Sensitivity indices as rows for a page: what is not converged says so and shows no number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from qicsim.analysis.noise import MOST_NOISE
from qicsim.analysis.sensitivity import Index, Sensitivity

CONVERGED, NOT_CONVERGED, CONSTANT, NOISE = ("converged", "not converged", "output does not vary",
                                             "noise hides the output")


def sensitivity_rows(results: Iterable[Sensitivity], times: Sequence[str] = ()) -> list[dict[str, Any]]:
    """A row for each indicator, time, index and factor (or pair of factors).

    Columns: indicator, time ("" without times), index, factor, estimate, low, high (empty unless converged), floor,
    verdict, noise (share in the variance of the replicates' mean) and noise_of_run. `times` names the outputs' times.
    """
    return [row for result in results for index in result.indices for row in _rows(result, index, times)]


def verdict(result: Sensitivity) -> str:
    """One sentence on whether the indices of an indicator can be used, and how much of it is noise."""
    if not result.varies.any():
        return f"{result.indicator}: the output does not vary, there is nothing to explain."
    cells = [(int(np.sum(one.converged)), int(np.sum(np.isfinite(one.estimate)))) for one in result.indices]
    good, total = (sum(part) for part in zip(*cells, strict=True))
    state = "all indices are converged" if result.converged else (
        f"{good} of {total} indices are converged; the others are not shown: a longer design is needed")
    return f"{result.indicator}: {state}. {noise_words(result)}"


def noise_words(result: Sensitivity) -> str:
    """The share of simulation noise in words; the largest over time."""
    if result.replicates == 1:
        return "The share of simulation noise is unknown with one replicate, and nothing is taken off for it."
    mean, run = (float(np.nanmax(share)) for share in (result.noise.of_mean, result.noise.of_run))
    return (f"Simulation noise makes at most {run:.1%} of the variance of a run and {mean:.1%} of that of the mean of "
            f"{result.replicates} replicates, which is taken off where that is possible.")


def _rows(result: Sensitivity, index: Index, times: Sequence[str]) -> list[dict[str, Any]]:
    names = result.design.factors
    spots: list[tuple[str, tuple[int, ...]]] = [(name, (place,)) for place, name in enumerate(names)]
    if index.name == "second":
        spots = [(f"{names[i]} x {names[j]}", (i, j)) for i, j in combinations(range(len(names)), 2)]
    return [_row(result, index, factor, spot, at, time=", ".join(_time(place, times) for place in at))
            for at in np.ndindex(result.varies.shape) for factor, spot in spots]


def _row(result: Sensitivity, index: Index, factor: str, spot: tuple[int, ...], at: tuple[int, ...],
         *, time: str) -> dict[str, Any]:
    cell = (*spot, *at)
    good = bool(index.converged[cell])
    estimate, half = float(index.estimate[cell]), float(index.half_width[cell])
    return {"indicator": result.indicator, "time": time, "index": index.name, "factor": factor,
            "estimate": estimate if good else None, "low": estimate - half if good else None,
            "high": estimate + half if good else None, "floor": _or_none(index.floor[at]),
            "verdict": _verdict(result, estimate, at, good=good), "noise": _or_none(result.noise.of_mean[at]),
            "noise_of_run": _or_none(result.noise.of_run[at])}


def _verdict(result: Sensitivity, estimate: float, at: tuple[int, ...], *, good: bool) -> str:
    if not result.varies[at]:
        return CONSTANT
    if good:
        return CONVERGED
    hidden = not np.isfinite(estimate) and float(result.noise.of_mean[at]) > MOST_NOISE
    return NOISE if hidden else NOT_CONVERGED


def _time(place: int, times: Sequence[str]) -> str:
    return times[place] if times else str(place)


def _or_none(value: np.ndarray) -> float | None:
    return float(value) if np.isfinite(value) else None
