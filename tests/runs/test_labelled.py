"""Runs as labelled arrays and long tables hold the numbers of the runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qicsim.ground.errors import SettingError
from qicsim.runs import labelled
from qicsim.runs.draws import names, prior_draws
from qicsim.runs.ensemble import run_ensemble
from qicsim.runs.experiment import run_experiment
from qicsim.runs.labelled import of_ensemble
from qicsim.runs.points import PointTable, crossed
from qicsim.runs.readout import values

KEEP = {"indicators": ["true", "districts", "qic_cost"], "groups": ["all", "ever"]}


@pytest.fixture(scope="module")
def results(study_of, tmp_path_factory):
    """A study by quarter of two groups, programme and money, with levers at two values."""
    table = PointTable((), np.empty((2, 0)), ("coaches",), np.array([[1.0], [4.0]]), "2019-01")
    study = study_of(points=crossed(prior_draws(2), table), keep=KEEP)
    return run_experiment(study, tmp_path_factory.mktemp("labelled"), executor="serial")


@pytest.fixture
def piecemeal(monkeypatch):
    """Files are written a point at a time."""
    monkeypatch.setattr(labelled, "BYTES_AT_A_TIME", 1)


def test_a_study_becomes_a_labelled_dataset(results):
    found = results.to_xarray()

    assert found["true"].dims == ("scenario", "group", "point", "replicate", "quarter")
    assert found["districts"].dims == ("scenario", "point", "replicate", "quarter")
    assert found["qic_cost"].dims == ("scenario", "point", "replicate", "year")
    assert np.array_equal(found["true"].sel(group="ever"), results.values("true", "ever")[..., 0], equal_nan=True)
    assert np.array_equal(found["qic_cost"], results.values("qic_cost")[..., 0])
    assert found["levers"].sel(lever="coaches").values.tolist() == [1.0, 4.0, 1.0, 4.0]
    assert np.array_equal(found["parameters"], results.design.points.values)
    assert found["luck"].values.tolist() == [0, 0, 1, 1]
    assert found["true"].attrs["units"] == "points"


def test_places_are_an_axis(study_of, tmp_path):
    study = study_of(draws=1, keep={"indicators": ["true", "qic_cost"], "detail": "province"})
    results = run_experiment(study, tmp_path, executor="serial")
    found = results.to_xarray()

    assert found["true"].dims == ("scenario", "point", "replicate", "year", "province")
    assert np.array_equal(found["true"].sel(province="Pursat", year="2019"),
                          results.values("true", time="2019")[..., 0, results.places("true").index("Pursat")])


def test_names_that_were_not_kept_are_refused(results):
    with pytest.raises(SettingError, match='"tru" was not kept'):
        results.to_xarray(["tru"])


def test_zarr_holds_what_xarray_holds(results, piecemeal, tmp_path):
    pytest.importorskip("zarr")
    xarray = pytest.importorskip("xarray")
    for _ in range(2):  # a second time in its place
        results.to_zarr(tmp_path / "study.zarr")

    with xarray.open_zarr(tmp_path / "study.zarr", consolidated=False) as there:
        xarray.testing.assert_identical(there.load(), results.to_xarray())
    assert [path.name for path in tmp_path.iterdir()] == ["study.zarr"]


def test_another_folder_is_not_replaced_by_a_zarr_store(results, tmp_path):
    pytest.importorskip("zarr")
    (tmp_path / "thesis").mkdir()

    with pytest.raises(SettingError, match="is no zarr store"):
        results.to_zarr(tmp_path / "thesis")


def test_parquet_is_a_long_table(results, piecemeal, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(results.to_parquet(tmp_path / "runs.parquet")).to_pandas()

    assert len(table) == sum(np.prod(field.shape) for field in results.fields) * results.design.runs
    rows = table.query("indicator == 'true' and group == 'ever' and scenario == 'with' and point == 3")
    assert np.array_equal(rows["value"], results.values("true", "ever")[1, 3, :, :, 0].ravel(), equal_nan=True)
    few = parquet.read_table(results.to_parquet(tmp_path / "runs.parquet", ["districts"])).to_pandas()
    assert set(few["indicator"]) == {"districts"}


def test_an_ensemble_becomes_a_labelled_dataset(study_of):
    plan = study_of().scenarios[1]
    shorter = replace(plan, name="shorter", months=12, levers=type(plan.levers)(*(one[:12] for one in plan.levers)))
    ensemble = run_ensemble([plan, shorter], prior_draws(3), replicates=2, workers=1)
    found = of_ensemble(ensemble, ["true", "coverage"], ["all", "ever"])

    at = names().index("pdsa.k_item")
    there = found["true"].sel(scenario="with", group="all", draw=1, replicate=0)
    assert np.array_equal(there.values, values(ensemble, "with", "true")[2])
    assert found["coverage"].attrs["units"] == "share"
    assert np.isnan(found["true"].sel(scenario="shorter", quarter="2019Q4", group="all")).all()
    assert float(found["parameters"].sel(draw=2, parameter="pdsa.k_item")) == ensemble.draws.values[2, at]
    assert found.attrs["seed"] == 1


def test_unknown_names_of_a_dataset_are_refused(study_of):
    ensemble = run_ensemble([study_of().scenarios[1]], prior_draws(1), workers=1)

    with pytest.raises(SettingError, match='Did you mean "recorded"'):
        of_ensemble(ensemble, ["recordde"], ["hospitals"])
