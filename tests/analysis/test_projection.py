"""Projections by facility: exactly the runs of an ensemble, read facility by facility."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.analysis.projected_tables import effective_runs, likely
from qicsim.analysis.projection import project
from qicsim.ground.errors import SettingError
from qicsim.inputs.scenario import load_scenario
from qicsim.runs.draws import prior_draws
from qicsim.runs.ensemble import run_ensemble
from qicsim.runs.readout import province_values, values
from tests.worlds import SCENARIO, register_text

DRAWS, REPLICATES = 6, 2


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    folder = tmp_path_factory.mktemp("projected")
    (folder / "register.csv").write_text(register_text())
    (folder / "s.toml").write_text(SCENARIO)
    return load_scenario(folder / "s.toml")


@pytest.fixture(scope="module")
def projection(scenario):
    return project(scenario, draws=prior_draws(DRAWS, 1), replicates=REPLICATES, workers=1)


def test_facilities_add_up_to_the_nation_and_provinces_of_an_ensemble_with_the_same_luck(scenario, projection):
    ensemble = run_ensemble([scenario], prior_draws(DRAWS, 1), replicates=REPLICATES)
    followed = projection.followed
    province = followed.runner.world.setting.facility["province"]

    for place, name in enumerate(("true", "recorded")):
        scores = followed.scores[:, :, place].astype(float)
        there = np.isfinite(scores)
        np.testing.assert_allclose(np.nanmean(scores, axis=-1), values(ensemble, scenario.name, name), rtol=1e-5)
        np.testing.assert_allclose(followed.reached[:, :, place].sum(axis=-1) / there.sum(axis=-1),
                                   values(ensemble, scenario.name, f"{name}_80"), rtol=1e-6)
        of_first = np.nanmean(scores[:, 3::4][..., province == 0], axis=-1)
        np.testing.assert_allclose(of_first, province_values(ensemble, scenario.name, name)[..., 0], rtol=1e-5)


def test_medians_and_intervals_are_those_of_single_runs(projection):
    followed = projection.followed
    at, quarter = 5, "2019Q3"
    own = followed.scores[:, projection.quarters.index(quarter), 1, at].astype(float)
    table = projection.table("facility")
    row = table[(table["id"] == followed.runner.world.register.id[at]) & (table["period"] == quarter)].iloc[0]

    assert (row["n"], row["facilities"]) == (DRAWS * REPLICATES, 1)
    np.testing.assert_allclose([row["recorded_p05"], row["recorded_median"], row["recorded_p95"]],
                               np.percentile(own, [5, 50, 95]), rtol=1e-12)
    assert row["recorded_mean"] == pytest.approx(own.mean())
    assert row["recorded_probability"] == np.mean(own >= 80)


def test_a_district_is_the_mean_of_its_open_facilities_run_by_run(projection):
    followed, quarter = projection.followed, projection.quarters.index("2018Q2")
    home = np.array(followed.runner.world.register.operational_district) == "OD-BA1"
    scores = followed.scores[:, quarter, 0][:, home].astype(float)
    table = projection.table("district").set_index(["district", "period"])
    row = table.loc["OD-BA1", "2018Q2"]

    assert np.isnan(scores[0]).sum() == 1  # one of them opens later
    assert row["facilities"] == home.sum() - 1
    assert row["true_median"] == pytest.approx(np.median(np.nanmean(scores, axis=1)))
    assert row["true_share"] == pytest.approx(np.nanmean(np.where(np.isnan(scores), np.nan, scores >= 80)))


def test_a_facility_has_no_number_before_it_opens(projection):
    table = projection.table("facility").set_index(["id", "period"])

    assert table.loc[("OD-BA1-H2", "2018Q2"), "n"] == 0
    assert np.isnan(table.loc[("OD-BA1-H2", "2018Q2"), "recorded_probability"])
    assert table.loc[("OD-BA1-H2", "2018Q3"), "n"] == DRAWS * REPLICATES


def test_a_year_is_its_last_quarter(projection):
    quarters, years = (projection.table("province", every=every) for every in ("quarter", "year"))
    last = quarters[quarters["period"].str.endswith("Q4")]

    np.testing.assert_array_equal(years["recorded_median"], last["recorded_median"])
    assert years["period"].unique().tolist() == ["2018", "2019", "2020"]


def test_the_same_seed_gives_the_same_numbers_on_any_threads_and_another_seed_others(scenario, projection):
    again = project(scenario, draws=prior_draws(DRAWS, 1), replicates=REPLICATES, workers=4)
    other = project(scenario, draws=prior_draws(DRAWS, 1), replicates=REPLICATES, seed=2)

    np.testing.assert_array_equal(again.followed.scores, projection.followed.scores)
    assert not np.array_equal(other.followed.scores, projection.followed.scores, equal_nan=True)


def test_quarters_kept_from_later_on_are_the_same(scenario, projection):
    later = project(scenario, draws=prior_draws(DRAWS, 1), replicates=REPLICATES, since="2019Q3")

    assert later.quarters == projection.quarters[6:]
    np.testing.assert_array_equal(later.followed.scores, projection.followed.scores[:, 6:])


def test_the_ranked_list_begins_with_the_least_likely(projection):
    ranking = projection.least_likely(2020)
    followed = projection.followed
    reached = followed.reached[:, -1, 1].mean(axis=0)
    first = followed.runner.world.register.id.index(ranking["id"][0])

    assert len(ranking) == len(reached)
    assert ranking["probability"].is_monotonic_increasing
    assert ranking["probability"][0] == reached.min() == reached[first]
    np.testing.assert_allclose(ranking["ever"][0], followed.reached[:, :, 1, first].any(axis=1).mean())
    assert (ranking["low"] <= ranking["probability"]).all() and (ranking["probability"] <= ranking["high"]).all()


def test_intervals_of_probabilities_are_wilsons():
    low, high = likely(np.array([0.0, 0.3]), 10.0)

    np.testing.assert_allclose(low, [0.0, 0.10779], atol=1e-5)  # Wilson (1927), as tabled for 0 and 3 of 10
    np.testing.assert_allclose(high, [0.27753, 0.60322], atol=1e-5)


def test_replicates_that_are_all_alike_count_once():
    rng = np.random.default_rng(1)
    of_draws = (rng.random((50, 400)) < 0.4).astype(float)

    assert effective_runs(np.repeat(of_draws, 4, axis=0), 4) == pytest.approx(50, rel=0.05)
    assert effective_runs((rng.random((200, 400)) < 0.4).astype(float), 4) == pytest.approx(200, rel=0.1)


@pytest.mark.parametrize(("setting", "said"), [
    ({"since": "2021Q1"}, "since.*2018Q1 to 2020Q4"), ({"since": "x"}, "since"), ({"year": 2021}, "2018 to 2020"),
    ({"replicates": 0}, "replicates"), ({"seed": -1}, "seed"), ({"draws": 0}, "draws"), ({"workers": 0}, "workers")])
def test_settings_outside_their_range_are_refused(scenario, setting, said):
    with pytest.raises(SettingError, match=said):
        project(scenario, **({"draws": 2} | setting))


def test_unknown_levels_and_measures_are_refused_with_the_nearest(projection):
    with pytest.raises(SettingError, match='Did you mean "district"'):
        projection.table("distrct")
    with pytest.raises(SettingError, match='Did you mean "recorded"'):
        projection.least_likely(2020, measure="record")
    with pytest.raises(SettingError, match="2018 to 2020"):
        projection.least_likely(2031)


def test_what_would_not_fit_in_memory_is_refused_before_it_is_run(scenario):
    with pytest.raises(SettingError, match="GB"):
        project(scenario, draws=prior_draws(4000, 1), replicates=4000)
