"""What is kept of runs: the same numbers as the ensemble's, at every detail, and sums that add up."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.ground.errors import SettingError
from qicsim.model.columns import COST_LINES
from qicsim.runs.draws import prior_draws
from qicsim.runs.ensemble import run_ensemble
from qicsim.runs.experiment import run_experiment
from qicsim.runs.points import from_draws
from qicsim.runs.readout import province_values, qic_lines, values, yearly_cost

DRAWS, REPLICATES = 3, 2


@pytest.fixture(scope="module")
def ensemble(study_of):
    return run_ensemble(study_of().scenarios, prior_draws(DRAWS, 1), replicates=REPLICATES)


@pytest.fixture(scope="module")
def kept(study_of, tmp_path_factory):
    """Results of the same runs with something else kept."""
    def run(**keep):
        study = study_of(points=from_draws(prior_draws(DRAWS, 1)), replicates=REPLICATES, keep=keep)
        return run_experiment(study, tmp_path_factory.mktemp("kept"))
    return run


def by_run(array):
    """Values (points, replicates, ...) in the order of the ensemble's runs."""
    return array.reshape(-1, *array.shape[2:])


@pytest.mark.parametrize("group", ["all", "ever", "health_centre never"])
def test_the_nation_is_what_the_ensemble_reads(ensemble, kept, group):
    names = ["true", "recorded_80", "visits", "inflation", "coverage", "spread_true", "ledger_pdsa", "people"]
    results = kept(indicators=names, groups=[group])

    for scenario, name in enumerate(results.scenarios):
        for indicator in names:
            there = by_run(results.values(indicator, group)[scenario])[..., 0]
            # The ensemble keeps sums in single precision: the spread of a single facility is lost in its digits.
            near = 0.03 if indicator == "spread_true" else 1e-3
            np.testing.assert_allclose(there, values(ensemble, name, indicator, group), rtol=1e-5, atol=near)


def test_the_programme_and_derived_indicators_have_no_groups(ensemble, kept):
    results = kept(indicators=["coaches", "gap_true", "order_80"], groups=["ever"])

    assert {field.group for field in results.fields} == {"all"}
    for indicator in ("coaches", "gap_true", "order_80"):
        there = by_run(results.values(indicator)[1])[..., 0]
        np.testing.assert_allclose(there, values(ensemble, "with", indicator), rtol=1e-5, atol=1e-5)


def test_years_are_the_last_quarters_of_quarters(kept):
    yearly = kept(indicators=["true", "coaches"], every="year")
    quarterly = kept(indicators=["true", "coaches"])

    assert yearly.times("true") == ("2018", "2019")
    for name in ("true", "coaches"):
        assert np.array_equal(yearly.values(name), quarterly.values(name)[..., [3, 7], :])


def test_provinces_are_what_the_ensemble_reads_at_the_ends_of_years(ensemble, kept):
    results = kept(indicators=["true", "people", "active"], detail="province")

    assert results.places("true") == ensemble.runners["with"].world.provinces
    for name in ("true", "people", "active"):
        np.testing.assert_allclose(by_run(results.values(name)[1]), province_values(ensemble, "with", name), rtol=1e-5)


@pytest.mark.parametrize("detail", ["province", "district", "facility"])
def test_places_add_up_to_the_nation(kept, detail):
    names = ["facilities", "true", "people", "ever"]
    places, nation = kept(indicators=names, detail=detail), kept(indicators=names, every="year")

    for name in ("facilities", "people", "ever"):
        np.testing.assert_allclose(np.nansum(places.values(name), axis=-1), nation.values(name)[..., 0])
    weighted = np.nansum(places.values("true") * places.values("facilities"), axis=-1)
    np.testing.assert_allclose(weighted / nation.values("facilities")[..., 0], nation.values("true")[..., 0])


def test_a_facility_that_is_not_open_yet_has_no_score(kept):
    results = kept(indicators=["true", "facilities"], detail="facility")
    late = results.places("true").index("OD-PU1-R1")  # opens in May 2019

    assert np.isnan(results.values("true")[..., 0, late]).all()
    assert np.isfinite(results.values("true")[..., 1, late]).all()


def test_costs_are_what_the_ensemble_reads_by_year(ensemble, kept):
    results = kept(indicators=["true"], costs=True)
    yearly = yearly_cost(ensemble, "with").sum(axis=(2, 3))

    there = by_run(results.values("qic_cost")[1])[..., 0]
    np.testing.assert_allclose(there, yearly[:, :, list(qic_lines())].sum(axis=(2, 3)), rtol=1e-4, atol=1.0)
    donor = by_run(results.values("cost_coach_visits_donor")[1])[..., 0]
    np.testing.assert_allclose(donor, yearly[:, :, COST_LINES.index("coach_visits"), 1], rtol=1e-4, atol=1.0)
    assert results.times("qic_cost") == ("2018", "2019")


def test_costs_of_provinces_add_up_to_the_nation(kept):
    provinces, nation = kept(indicators=["qic_cost"], detail="province"), kept(indicators=["qic_cost"])

    assert provinces.values("qic_cost").shape[-1] == 3
    np.testing.assert_allclose(provinces.values("qic_cost").sum(axis=-1), nation.values("qic_cost")[..., 0])


def test_one_time_and_some_points_are_parts_of_the_whole(done):
    whole = done.results.values("true")

    assert np.array_equal(done.results.values("true", time="2019Q2"), whole[..., 5:6, :])
    assert np.array_equal(done.results.values("true", points=slice(1, 3)), whole[:, 1:3])


@pytest.mark.parametrize(("ask", "expected"), [
    (lambda results: results.values("tru"), 'Did you mean "true"?'),
    (lambda results: results.values("true", "evr"), '"evr" was not kept'),
    (lambda results: results.values("true", time="2031Q1"), "2018Q1 to 2019Q4"),
])
def test_what_was_not_kept_is_refused(done, ask, expected):
    with pytest.raises(SettingError) as refusal:
        ask(done.results)

    assert expected in str(refusal.value)


def test_a_frame_has_a_row_for_each_run_and_time(done):
    frame = done.results.frame(["true", "coverage"])

    assert list(frame.columns) == ["scenario", "point", "replicate", "time", "place", "true", "coverage"]
    assert len(frame) == 2 * 4 * 2 * 8
    row = frame[(frame.scenario == "with") & (frame.point == 2) & (frame.replicate == 1) & (frame.time == "2019Q4")]
    assert row["true"].item() == done.results.values("true")[1, 2, 1, 7, 0]
