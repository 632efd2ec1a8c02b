"""The tables of an experiment, as CSV: the same bytes for the same runs, whoever made them and in which order.

    summary.csv   a row for each scenario, row of points, indicator, group, time and place: mean, spread and quantiles
    runs.csv      a row for each run and place: every indicator at the last time
    points.csv    a row for each point: the row of the table and the draw that it came from, parameters, levers
    failures.csv  a row for each run that failed: its inputs in short, and the cause

A number is written with as many digits as it takes to read the same number back.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd

from qicsim.ground.files import naming, without_formulas
from qicsim.inputs.scenario.timeline import LEVERS
from qicsim.runs.draws import names
from qicsim.runs.fields import ALL, Field
from qicsim.runs.results import Results

BYTES_AT_A_TIME = 64_000_000
POINTS_AT_A_TIME = 2048
LEVELS = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}


def write_tables(results: Results, folder: Path) -> list[Path]:
    """Write the tables; gives their paths."""
    parts = {"summary.csv": summaries(results), "runs.csv": last_values(results), "points.csv": points(results),
             "failures.csv": failures(results)}
    return [_write(folder / name, frames) for name, frames in parts.items()]


def summaries(results: Results) -> Iterator[pd.DataFrame]:
    """Mean, standard deviation and quantiles between runs, as many times at once as memory allows."""
    row_of_point = results.design.points.row
    for field in results.fields:
        bytes_of_a_time = 8 * results.design.runs * len(field.places)
        step = max(BYTES_AT_A_TIME // bytes_of_a_time, 1)
        for first in range(0, len(field.times), step):
            times = slice(first, first + step)
            values = results.read(field, times)
            for scenario, of_scenario in zip(results.scenarios, values, strict=True):
                for row in np.unique(row_of_point):
                    chosen = of_scenario[row_of_point == row]
                    runs = chosen.reshape(-1, chosen[0, 0].size)
                    yield _summary(scenario, int(row), field, field.times[times], runs)


def _summary(scenario: str, row: int, field: Field, times: tuple[str, ...], runs: np.ndarray) -> pd.DataFrame:
    """One row for each time and place, from values of shape (runs, times x places)."""
    return pd.DataFrame({
        "scenario": scenario, "row": row, "indicator": field.indicator.name, "group": field.group,
        "unit": field.indicator.unit, "time": np.repeat(times, len(field.places)),
        "place": np.tile(field.places, len(times)), **spread(runs)})


def spread(runs: np.ndarray) -> dict[str, np.ndarray]:
    """Count, mean, standard deviation and quantiles of each column of (runs, cells), over the values that are there."""
    ordered = np.sort(runs, axis=0)  # NaN last
    n = np.isfinite(ordered).sum(axis=0)
    kept = np.where(np.isfinite(ordered), ordered, 0.0)
    mean = np.divide(kept.sum(axis=0), n, out=np.full(len(n), np.nan), where=n > 0)
    squares = np.where(np.isfinite(ordered), (ordered - mean) ** 2, 0.0).sum(axis=0)
    deviation = np.sqrt(np.divide(squares, n - 1, out=np.full(len(n), np.nan), where=n > 1))
    return {"runs": n, "mean": mean, "sd": deviation,
            **{name: _quantile(ordered, n, level) for name, level in LEVELS.items()}}


def _quantile(ordered: np.ndarray, n: np.ndarray, level: float) -> np.ndarray:
    """A quantile of the first `n` values of each sorted column, linear between them."""
    position = level * np.maximum(n - 1, 0)
    below = np.floor(position).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(n - 1, 0))
    low, high = (np.take_along_axis(ordered, place[None], axis=0)[0] for place in (below, above))
    return low + (high - low) * (position - below)


def last_values(results: Results) -> Iterator[pd.DataFrame]:
    """Every indicator at its last time in every run, point by point."""
    _, count, replicates = results.design.shape
    everything = [_label(field) for field in results.fields]
    for first in range(0, count, POINTS_AT_A_TIME):
        points = slice(first, first + POINTS_AT_A_TIME)
        for places, fields in groupby(sorted(results.fields, key=lambda one: -len(one.places)), lambda one: one.places):
            columns = {_label(field): _in_order(results.read(field, slice(-1, None), points)) for field in fields}
            axes = (range(first, min(first + POINTS_AT_A_TIME, count)), range(replicates), results.scenarios, places)
            index = pd.MultiIndex.from_product(axes, names=["point", "replicate", "scenario", "place"])
            yield pd.DataFrame(columns, index=index).reindex(columns=everything).reset_index()


def _in_order(values: np.ndarray) -> np.ndarray:
    """Values (scenarios, points, replicates, 1, places) by point, replicate, scenario and place, in a row."""
    return values[:, :, :, 0].transpose(1, 2, 0, 3).ravel()


def _label(field: Field) -> str:
    return field.indicator.name if field.group == ALL else f"{field.indicator.name} ({field.group})"


def points(results: Results) -> Iterator[pd.DataFrame]:
    """The points; choices of levers in words, empty where the scenario's own value stays."""
    there = results.design.points
    for first in range(0, len(there), POINTS_AT_A_TIME):
        some = slice(first, first + POINTS_AT_A_TIME)
        frame = pd.DataFrame({"point": np.arange(len(there))[some], "row": there.row[some], "draw": there.draw[some]})
        values = pd.DataFrame(np.asarray(there.values)[some], columns=names())
        frame = pd.concat([frame, values], axis=1)
        for name, column in zip(there.levers, there.settings[some].T, strict=True):
            choices = LEVERS[name].choices
            frame[name] = _words(column, choices) if choices else column
        yield frame


def _words(column: np.ndarray, choices: tuple[str, ...]) -> list[str]:
    return ["" if np.isnan(position) else choices[int(position)] for position in column]


def failures(results: Results) -> Iterator[pd.DataFrame]:
    """The runs that failed."""
    heads = ["scenario", "point", "replicate", "draw", "seed", "levers", "cause"]
    rows = []
    for run, note in results.failures():
        point = int(results.design.places(np.array([run]))[1][0])
        levers = " ".join(f"{name}={value:g}" for name, value in note["levers"].items())
        rows.append(note | {"point": point, "levers": levers})
    yield pd.DataFrame(rows, columns=heads)


def _write(path: Path, frames: Iterator[pd.DataFrame]) -> Path:
    with naming(path), path.open("w", encoding="utf-8", newline="") as file:
        for number, frame in enumerate(frames):
            without_formulas(frame).to_csv(file, index=False, header=number == 0, lineterminator="\n")
    return path
