"""Results as rows for tables and CSV, and as JSON-able records with everything that was estimated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from qicsim.analysis.contrasts import Contrast
from qicsim.analysis.factorial import Effect
from qicsim.analysis.sensitivity import Sensitivity
from qicsim.analysis.shapley import ShapleyValues
from qicsim.analysis.variance import FAMILIES, SOURCES, Split

NUMBERS = ("mean", "low", "high", "noisy_low", "noisy_high", "between", "within", "error", "error_chance", "above",
           "saved_total", "saved_within", "pairs")


def contrast_rows(name: str, contrast: Contrast, *axes: Sequence[str]) -> list[dict[str, Any]]:
    """A row for each place of a contrast's axes (such as quarters, or quarters and ledger lines), which are named.

    Columns: name, axis_1, ..., level, the numbers of `Contrast` (None where there is no value) and its sign.
    """
    rows = []
    for at in np.ndindex(np.shape(contrast.mean)):
        places = {f"axis_{number}": axis[place] for number, (axis, place) in enumerate(zip(axes, at, strict=True), 1)}
        rows.append({"name": name, **places, "level": contrast.level,
                     **{part: _number(getattr(contrast, part)[at]) for part in NUMBERS},
                     "sign": int(contrast.sign[at])})
    return rows


def effect_rows(effects: Iterable[Effect], *axes: Sequence[str]) -> list[dict[str, Any]]:
    """Rows of factorial effects."""
    return [row for effect in effects for row in contrast_rows(effect.name, effect.contrast, *axes)]


def shapley_rows(found: ShapleyValues, *axes: Sequence[str]) -> list[dict[str, Any]]:
    """Rows of Shapley values, then of what they add up to ("everything")."""
    named = [*zip(found.mechanisms, found.values, strict=True), ("everything", found.total)]
    return [row for name, one in named for row in contrast_rows(name, one, *axes)]


def split_rows(found: Split, times: Sequence[str] = ("",)) -> list[dict[str, Any]]:
    """A row for each source and time: variance (0 where it came out negative), raw, its error and its share."""
    parts = [np.reshape(part, (len(SOURCES), -1)) for part in (found.variance, found.raw, found.error, found.shares)]
    return [{"source": source, "time": times[at], **{name: _number(part[place, at]) for name, part in zip(
        ("variance", "raw", "error", "share"), parts, strict=True)}}
        for at in range(parts[0].shape[1]) for place, source in enumerate(SOURCES)]


def family_rows(found: Split, times: Sequence[str] = ("",)) -> list[dict[str, Any]]:
    """Shares of the five families of sources by time, for the bands of a fan chart."""
    shares = np.reshape(found.families(), (len(FAMILIES), -1))
    return [{"family": family, "time": times[at], "share": _number(shares[place, at])}
            for at in range(shares.shape[1]) for place, family in enumerate(FAMILIES)]


def sensitivity_record(result: Sensitivity) -> dict[str, Any]:
    """Everything about the indices of an indicator."""
    return {"indicator": result.indicator, "design": result.design.record(), "replicates": result.replicates,
            "level": result.level, "tolerance": result.tolerance, "converged": result.converged,
            "varies": result.varies.tolist(), "points": result.used.tolist(),
            "noise": {name: _numbers(getattr(result.noise, name)) for name in ("within", "of_mean", "of_run", "left")},
            "indices": {one.name: {name: _numbers(getattr(one, name)) for name in (
                "estimate", "low", "high", "earlier")} | {"converged": one.converged.tolist()}
                for one in result.indices}}


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _numbers(values: np.ndarray) -> Any:
    """Nested lists of numbers, None where there is no value."""
    table = np.array(values, dtype=object)
    table[~np.isfinite(values)] = None
    return table.tolist()
