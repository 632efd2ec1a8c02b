"""Projections by facility: exactly the runs of an ensemble, read facility by facility."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from qicsim.analysis.projected_tables import effective_runs, likely
from qicsim.analysis.projection import project
from qicsim.analysis.rank_intervals import Agreement, agreement_of, resampled_ranks, with_intervals
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


def test_ranks_have_intervals_and_those_within_a_group_cannot_be_ordered(projection):
    ranking = projection.least_likely(2020)
    low, high, group = (ranking[name].to_numpy() for name in ("rank_low", "rank_high", "group"))
    first = np.flatnonzero(np.diff(group, prepend=0.0))

    assert list(ranking)[:4] == ["rank", "rank_low", "rank_high", "group"]
    assert (low >= 1).all() and (high <= len(ranking)).all() and (low < high).any()
    assert ((low <= ranking["rank"]) & (ranking["rank"] <= high)).all()
    assert group[0] == 1.0 and set(np.diff(group)) <= {0.0, 1.0}
    for begin, end in zip(first, [*first[1:], len(group)], strict=True):
        assert (low[begin:end] <= high[begin]).all() and (end == len(group) or low[end] > high[begin])


def test_ranks_of_a_list_by_hand():
    table = pd.DataFrame({"id": list("abcd"), "rank": [1.0, 2.0, 3.0, np.nan], "observed": [50.0, 40.0, 60.0, np.nan]})
    ranks = np.array([[1, 2, 3], [2, 1, 3]] * 200)

    shown, found = with_intervals(table, ranks), agreement_of(table, ranks)

    assert shown[["rank_low", "rank_high", "group"]].iloc[:3].to_numpy().tolist() == [[1, 2, 1], [1, 2, 1], [3, 3, 2]]
    assert shown.iloc[3, 1:4].isna().all()
    assert found == Agreement(first=3, kept=3.0, levels=3, same=3, correlation=0.5)  # 1 - 6 x (1 + 1) / (3 x 8)
    half = np.array([[*range(1, 21)], [*range(11, 21), *range(1, 11)]] * 2)
    listed = pd.DataFrame({"rank": np.arange(1.0, 21.0), "observed": np.arange(20.0, 0.0, -1.0)})
    assert agreement_of(listed, half) == Agreement(first=10, kept=5.0, levels=20, same=20, correlation=-1.0)
    assert agreement_of(listed.assign(observed=np.nan), half).same == -1


def counted(shares, runs=400, scores=50.0):
    """Runs of facilities that reach the threshold in these shares of them."""
    reached = np.arange(runs)[:, None] < np.array(shares)[None, :] * runs
    names = tuple(f"f{at}" for at in range(len(shares)))
    there = np.broadcast_to(reached[:, None, None], (runs, 1, 2, len(shares)))
    return SimpleNamespace(reached=there, scores=np.broadcast_to(scores, there.shape), replicates=1,
                           runner=SimpleNamespace(world=SimpleNamespace(register=SimpleNamespace(id=names))))


def test_facilities_that_differ_much_have_sure_ranks_and_those_that_never_reach_it_do_not():
    table = pd.DataFrame({"id": ["f0", "f1", "f2"], "rank": [1.0, 2.0, 3.0]})
    sure = counted((0.0, 0.5, 1.0))

    assert (resampled_ranks(sure, table, 0, "recorded") == [1, 2, 3]).all()
    assert (resampled_ranks(sure, table.iloc[[2, 0, 1]], 0, "true") == [3, 1, 2]).all()
    never = resampled_ranks(counted((0.0, 0.0, 0.0)), table, 0, "recorded")
    assert np.abs((never == 1).mean(axis=0) - 1 / 3).max() < 0.08  # 3.4 standard errors of 400


def test_what_is_said_of_another_seed_holds_of_other_seeds():
    """Twenty facilities with shares from 0 to 0.1, 64 runs: the first ten of two lists agree as is said of one."""
    truth, luck, told, seen = np.linspace(0.0, 0.1, 20), np.random.default_rng(1), [], []
    for _ in range(60):
        first, second = (luck.binomial(64, truth) / 64 for _ in range(2))
        orders = [np.lexsort((luck.random(20), shares)) for shares in (first, second)]
        table = pd.DataFrame({"id": [f"f{at}" for at in orders[0]], "rank": np.arange(1.0, 21.0), "observed": np.nan})
        ranks = resampled_ranks(counted(first, runs=64), table, 0, "recorded")
        told.append(agreement_of(table, ranks).kept)
        seen.append(len(set(orders[0][:10]) & set(orders[1][:10])))

    assert abs(np.mean(told) - np.mean(seen)) < 0.5


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
