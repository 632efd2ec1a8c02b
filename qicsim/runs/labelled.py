"""Runs as labelled arrays (xarray, zarr) and as a long table (parquet); each needs the extra of its name.

An ensemble has the dimensions scenario, group, draw, replicate, quarter. The results of a study have scenario, point,
replicate, and as far as an indicator has them group, quarter or year, and province, district or facility. Files of
studies are written some points at a time, so that memory does not grow with the study.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qicsim.ground.compiled import SOURCE_DIGEST
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.ground.files import beside, naming
from qicsim.ground.optional import optional
from qicsim.runs.draws import names
from qicsim.runs.ensemble import Ensemble
from qicsim.runs.fields import ALL, NATION, QUARTER, YEAR, Field, is_sum
from qicsim.runs.readout import known_indicators, values
from qicsim.runs.results import Results
from qicsim.runs.sums import GROUP_ROWS

USUAL = ("true", "recorded", "true_80", "recorded_80", "coverage")
BYTES_AT_A_TIME = 64_000_000


def of_ensemble(ensemble: Ensemble, indicators: Sequence[str] = USUAL, groups: Sequence[str] = (ALL,)) -> Any:
    """Indicators with dimensions scenario, group, draw, replicate, quarter; and `parameters` by draw.

    NaN where a group is empty or a scenario has ended. Units and meanings are attributes. SettingError for unknown
    names, and when xarray is not installed.
    """
    xarray = optional("xarray", "xarray")
    known = known_indicators(ensemble)
    faults = [Fault("indicators", f'"{name}" is not an indicator', hint=nearest(name, known)) for name in indicators
              if name not in known]
    faults += [Fault("groups", f'"{group}" is not a group', ", ".join(GROUP_ROWS)) for group in groups
               if group not in GROUP_ROWS]
    if faults:
        raise SettingError("", faults)
    quarters = sorted({quarter for runner in ensemble.runners.values() for quarter in runner.quarters})
    dimensions = ("scenario", "group", "draw", "replicate", "quarter")
    variables: dict[str, Any] = {
        name: (dimensions, _on_joint_axis(ensemble, name, groups, quarters),
               {"long_name": known[name].meaning, "units": known[name].unit}) for name in indicators}
    variables["parameters"] = (("draw", "parameter"), ensemble.draws.values, {"source": ensemble.draws.source})
    labels = {"scenario": list(ensemble.runners), "group": list(groups), "draw": np.arange(len(ensemble.draws)),
              "replicate": np.arange(ensemble.replicates), "quarter": quarters, "parameter": list(names())}
    return xarray.Dataset(variables, labels, {"seed": ensemble.seed, "source_digest": SOURCE_DIGEST})


def of_study(results: Results, indicators: Sequence[str] | None = None, points: slice = slice(None)) -> Any:
    """Indicators of a study (default: all) at some of its points; and `parameters`, `levers` and `luck` by point.

    NaN for missing runs. SettingError for names that were not kept, and when xarray is not installed.
    """
    xarray = optional("xarray", "xarray")
    study, keep = results.design.study, results.design.layout.keep
    varied = results.design.points
    numbers = np.arange(results.design.shape[1])[points]
    labels: dict[str, Any] = {"scenario": list(results.scenarios), "point": numbers,
                              "replicate": np.arange(results.design.shape[2]), "parameter": list(names())}
    variables: dict[str, Any] = {"parameters": (("point", "parameter"), varied.values[points]),
                                 "luck": ("point", varied.draw[points]), "row": ("point", varied.row[points])}
    if varied.levers:
        labels["lever"] = list(varied.levers)
        variables["levers"] = (("point", "lever"), varied.settings[points], {"since": varied.since})
    for name in indicators or dict.fromkeys(field.indicator.name for field in results.fields):
        some = [field for field in results.fields if field.indicator.name == name] or [results.field(name)]
        time, place = _axes(some[0], keep.detail)
        labels |= {time: list(some[0].times)} | ({place: list(some[0].places)} if place else {})
        read = np.stack([results.read(field, points=points) for field in some], axis=1)
        dimensions = ["scenario", "group", "point", "replicate", time, *([place] if place else [])]
        if not is_sum(name) or len(keep.groups) == 1:
            dimensions.remove("group")
            read = read[:, 0]
        else:
            labels["group"] = [field.group for field in some]
        variables[name] = (dimensions, read if place else read[..., 0],
                           {"long_name": some[0].indicator.meaning, "units": some[0].indicator.unit})
    return xarray.Dataset(variables, labels, {"study": study.name, "title": study.title, "seed": study.seed,
                                              "source_digest": SOURCE_DIGEST})


def write_zarr(results: Results, folder: Path | str, indicators: Sequence[str] | None = None) -> Path:
    """Write `of_study` as a zarr store that takes the place of what is there; gives its path.

    SettingError when zarr is not installed, or for a folder that is no zarr store.
    """
    optional("zarr", "zarr")
    place = Path(folder)
    if place.exists() and not any((place / name).is_file() for name in ("zarr.json", ".zgroup")):
        raise SettingError("", [Fault("zarr", f'"{place}" is there and is no zarr store', "a new folder, or a store")])
    partial = place.with_name(f".{place.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with naming(place):
            for points in _some_points(results):
                way = {"append_dim": "point"} if points.start else {"mode": "w", "zarr_format": 2}
                _plain(of_study(results, indicators, points)).to_zarr(partial, consolidated=False, **way)
            shutil.rmtree(place, ignore_errors=True)
            partial.rename(place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return place


def write_parquet(results: Results, file: Path | str, indicators: Sequence[str] | None = None) -> Path:
    """Write a long table: scenario, point, replicate, indicator, group, time, place, value (NaN: missing); its path.

    SettingError when pyarrow is not installed.
    """
    arrow = optional("pyarrow", "parquet")
    parquet = optional("pyarrow.parquet", "parquet")
    chosen = {results.field(name).indicator.name for name in indicators or ()}
    fields = [field for field in results.fields if not chosen or field.indicator.name in chosen]
    word = arrow.dictionary(arrow.int32(), arrow.string())
    schema = arrow.schema([("scenario", word), ("point", arrow.int32()), ("replicate", arrow.int16()),
                           ("indicator", word), ("group", word), ("time", word), ("place", word),
                           ("value", arrow.float64())])
    with beside(file) as partial, parquet.ParquetWriter(partial, schema, compression="zstd") as writer:
        for points in _some_points(results):
            for field in fields:
                writer.write_table(arrow.table(_long(arrow, results, field, points), schema=schema))
    return Path(file)


def _long(arrow: Any, results: Results, field: Field, points: slice) -> dict[str, Any]:
    """The columns of a field at some points."""
    read = results.read(field, points=points)
    at = np.indices(read.shape).reshape(read.ndim, -1)

    def words(known: Sequence[str], codes: np.ndarray) -> Any:
        return arrow.DictionaryArray.from_arrays(codes.astype(np.int32), list(known))

    nothing = np.zeros(read.size, dtype=np.int32)
    return {"scenario": words(results.scenarios, at[0]), "point": (at[1] + (points.start or 0)).astype(np.int32),
            "replicate": at[2].astype(np.int16), "indicator": words([field.indicator.name], nothing),
            "group": words([field.group], nothing), "time": words(field.times, at[3]),
            "place": words(field.places, at[4]), "value": read.ravel()}


def _some_points(results: Results) -> Iterator[slice]:
    """Parts of the points, each small enough for memory."""
    scenarios, points, replicates = results.design.shape
    cells = sum(field.shape[0] * field.shape[1] for field in results.fields)
    step = max(BYTES_AT_A_TIME // (8 * scenarios * replicates * cells), 1)
    for first in range(0, points, step):
        yield slice(first, min(first + step, points))


def _plain(dataset: Any) -> Any:
    """The dataset with its names as texts of any length: those of one length have no fixed form in zarr."""
    return dataset.assign_coords({name: labels.astype(object) for name, labels in dataset.coords.items()
                                  if labels.dtype.kind == "U"})


def _axes(field: Field, detail: str) -> tuple[str, str]:
    """Names of the axes of time and place; "" for a place that is the nation."""
    return QUARTER if "Q" in field.times[0] else YEAR, "" if field.places == (NATION,) else detail


def _on_joint_axis(ensemble: Ensemble, name: str, groups: Sequence[str], quarters: list[str]) -> np.ndarray:
    """An indicator on the joint axis of quarters, (scenarios, groups, draws, replicates, quarters)."""
    shape = (len(ensemble.draws), ensemble.replicates)
    table = np.full((len(ensemble.runners), len(groups), *shape, len(quarters)), np.nan)
    for row, (scenario, runner) in enumerate(ensemble.runners.items()):
        at = np.searchsorted(quarters, runner.quarters)
        for column, group in enumerate(groups):
            table[row, column][..., at] = values(ensemble, scenario, name, group).reshape(*shape, -1)
    return table
