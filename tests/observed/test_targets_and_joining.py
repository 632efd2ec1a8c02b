"""Summaries of observed scores, their errors by district, and the natural experiment of joining."""

import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from qicsim.estimate.calibrate.joining import Compared, Joining
from qicsim.ground.errors import DataError
from qicsim.inputs.observed.joining import (
    EARLIEST,
    cluster_sums,
    event_effects,
    natural_experiment,
    quarters_since,
    strata_of,
)
from qicsim.inputs.observed.panel import NEVER, ScorePanel
from qicsim.inputs.observed.targets import KEYS, jackknife_error, observed_summaries, summaries


def panel(scores, joined=None, district=None, hospital=None):
    scores = np.asarray(scores, dtype=float)
    n = len(scores)
    return ScorePanel(tuple(f"F{i}" for i in range(n)), 8000, scores,
                      np.zeros(n, dtype=bool) if hospital is None else np.asarray(hospital, dtype=bool),
                      np.arange(n) % 4 if district is None else np.asarray(district),
                      np.full(n, NEVER) if joined is None else np.asarray(joined))


def value(found, key):
    return found[KEYS.index(key)]


def made(seed=1, facilities=400, quarters=12, effect=0.0, districts=20):
    """Facilities with a level, noise of 5 and a trend of 2 points a year; half join in quarter 4 or 7."""
    luck = np.random.default_rng(seed)
    district = np.arange(facilities) % districts
    level = 60 + 8 * luck.standard_normal(facilities) + 3 * luck.standard_normal(districts)[district]
    joined = np.choose(luck.integers(0, 4, facilities), [4, 7, NEVER, NEVER])
    late = np.arange(quarters) >= joined[:, None]
    noise = 5 * luck.standard_normal((facilities, quarters))
    scores = level[:, None] + 0.5 * np.arange(quarters) + effect * late + noise
    return panel(scores, joined, district)


def test_summaries_are_what_they_say_in_a_table_worked_by_hand():
    scores = [[70, 74, 78, 82, 86], [60, 64, 68, 72, 76], [80, 84, 88, 92, 96], [50, 54, 58, 62, 66]]
    found = summaries(np.array(scores, dtype=float), panel(scores))

    assert value(found, "level") == pytest.approx(np.mean(np.array(scores)[:, 1:]))
    assert value(found, "share_80") == pytest.approx(6 / 16)
    assert value(found, "trend") == pytest.approx(16.0)
    assert value(found, "spread") == pytest.approx(np.std([0, -10, 10, -20], ddof=1))
    assert value(found, "scatter") == pytest.approx(0.0)
    assert value(found, "reliability") == pytest.approx(1.0)
    assert np.isnan(value(found, "gap_later"))


def test_summaries_of_a_made_country_are_those_it_was_made_with():
    found = summaries(made().scores, made())

    assert value(found, "trend") == pytest.approx(2.0, abs=0.15)
    assert value(found, "scatter") == pytest.approx(5.0 * np.sqrt(2.0), rel=0.03)
    between = value(found, "spread") ** 2 - 25.0 / 12.0
    assert value(found, "reliability") == pytest.approx(between / (between + 25.0), abs=0.03)
    assert value(found, "reliability_year") == pytest.approx(value(found, "reliability"), abs=0.03)


def test_gaps_compare_joiners_with_those_not_yet_joined_of_the_same_quarter():
    scores = np.array([[50, 50, 60, 60, 60, 60, 60, 70], [40] * 8, [44] * 8], dtype=float) + np.arange(8)
    found = summaries(scores, panel(scores, joined=[2, NEVER, NEVER]))

    assert value(found, "gap_before") == pytest.approx(8.0)
    assert value(found, "gap_first_year") == pytest.approx(18.0)
    assert value(found, "gap_later") == pytest.approx(23.0)


def test_missing_scores_are_left_out_and_gaps_between_quarters_are_no_neighbours():
    whole = made(seed=3)
    holes = np.where(np.random.default_rng(5).random(whole.scores.shape) < 0.3, np.nan, whole.scores)
    found, full = summaries(holes, whole), summaries(whole.scores, whole)

    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, full, rtol=0.15, atol=0.7)
    alternate = np.where(np.arange(12) % 2 == 0, whole.scores, np.nan)
    assert np.isnan(value(summaries(alternate, whole), "reliability"))


def test_errors_grow_where_facilities_of_a_district_move_together():
    alone = made(seed=2)
    shared = alone.scores + 6 * np.random.default_rng(9).standard_normal(20)[alone.district][:, None]
    together = panel(shared, alone.joined, alone.district)

    first, second = observed_summaries(alone), observed_summaries(together)

    assert second.errors[0] > 1.5 * first.errors[0]
    assert first.districts == 20


def test_the_jackknife_of_a_mean_of_clusters_is_its_standard_error():
    clusters = np.random.default_rng(1).normal(0, 3, 30)
    without = np.array([np.delete(clusters, i).mean() for i in range(30)])

    assert jackknife_error(without[:, None])[0] == pytest.approx(np.std(clusters, ddof=1) / np.sqrt(30))


def test_errors_are_the_scatter_of_the_summary_over_many_countries():
    found = [observed_summaries(made(seed=seed, facilities=200)) for seed in range(60)]
    real = np.std([one.values for one in found], axis=0, ddof=1)
    stated = np.sqrt(np.mean([one.errors**2 for one in found], axis=0))

    np.testing.assert_allclose(stated, real, rtol=0.35)


def test_too_few_districts_are_refused():
    with pytest.raises(DataError, match="operational districts"):
        observed_summaries(panel(np.ones((6, 4)), district=[0, 0, 0, 1, 1, 1]))


def test_group_time_effects_are_those_of_an_example_worked_by_hand():
    # A joins in quarter 1, B in quarter 2, C and D never.
    scores = np.array([[50, 58, 60], [40, 41, 50], [30, 31, 32], [20, 21, 24]], dtype=float)
    effects, joiners = event_effects(cluster_sums(scores, panel(scores, [1, 2, NEVER, NEVER])).sum(axis=0))

    at = dict(zip(quarters_since().tolist(), effects.tolist(), strict=True))
    counts = dict(zip(quarters_since().tolist(), joiners.tolist(), strict=True))
    # quarter 0: A in quarter 1 against B, C, D (+1 each); B in quarter 2 against C (+1) and D (+3).
    assert at[0] == pytest.approx(((58 - 50 - 1) + (50 - 41 - 2)) / 2)
    # quarter 1: A in quarter 2 against C (+2) and D (+4); B has joined by then.
    assert at[1] == pytest.approx(60 - 50 - 3)
    # quarter -2: B in quarter 0 against C and D, relative to quarter 1.
    assert at[-2] == pytest.approx((40 - 41) - (-1))
    assert (counts[0], counts[1], counts[-2]) == (2, 1, 1)
    assert np.isnan(at[2]) and np.isnan(at[-1]) and np.isnan(at[EARLIEST])


def test_hospitals_are_compared_with_hospitals():
    scores = np.array([[50, 60], [50, 55], [80, 90], [80, 82]], dtype=float)
    effects, _ = event_effects(cluster_sums(scores, panel(scores, [1, NEVER, 1, NEVER],
                                                          hospital=[0, 0, 1, 1])).sum(axis=0))

    assert effects[quarters_since().tolist().index(0)] == pytest.approx((5 + 8) / 2)


def test_a_known_effect_is_found_and_no_effect_is_none():
    found, nothing = natural_experiment(made(effect=6.0)), natural_experiment(made(effect=0.0))

    assert abs(found.overall.points - 6.0) < 3 * found.overall.error
    assert abs(nothing.overall.points) < 3 * nothing.overall.error
    assert found.before_p > 0.01 and found.refused == ""
    assert all(abs(one.points - 6.0) < 4 * one.error for one in found.effects if one.quarter >= 0)


def whole_districts(seed, districts, effect=4.0, quarters=12, size=9):
    """Districts with paths of their own that join as a whole in quarter 4, 6 or 8, a quarter of them each, or never."""
    luck = np.random.default_rng(seed)
    district = np.repeat(np.arange(districts), size)
    joined = np.array([4, 6, 8, NEVER])[np.arange(districts) % 4][district]
    level = 60.0 + 8.0 * luck.standard_normal(len(district))
    paths = np.cumsum(luck.standard_normal((districts, quarters)), axis=1)[district]
    late = np.arange(quarters) >= joined[:, None]
    noise = 4.0 * luck.standard_normal((len(district), quarters))
    return panel(level[:, None] + 0.5 * np.arange(quarters) + paths + effect * late + noise, joined, district)


def singly(seed, districts):
    """Facilities that join one by one."""
    return made(seed=seed, facilities=8 * districts, effect=4.0, districts=districts)


def repeated_experiments(make, districts, repeats):
    """The overall effects of many made countries."""
    return [natural_experiment(make(seed, districts)).overall for seed in range(repeats)]


@pytest.mark.parametrize(("make", "districts"), [(singly, 15), (whole_districts, 16), (whole_districts, 12)])
def test_the_interval_of_the_overall_effect_holds_the_truth_as_often_as_it_says(make, districts):
    found = repeated_experiments(make, districts, 100)

    assert np.mean([one.interval[0] <= 4.0 <= one.interval[1] for one in found]) > 0.88
    spread = np.std([one.points for one in found])
    assert 0.8 < np.sqrt(np.mean([one.error**2 for one in found])) / spread < 1.2


@pytest.mark.slow
@pytest.mark.parametrize("districts", [8, 12, 16, 40])
@pytest.mark.parametrize("make", [singly, whole_districts])
def test_intervals_hold_the_truth_in_95_percent_whoever_joins(make, districts):
    """400 countries: 95 % with a standard error of 1.1 %; version 0.1 had errors 1.4 times too wide here."""
    found = repeated_experiments(make, districts, 400)

    inside = np.mean([one.interval[0] <= 4.0 <= one.interval[1] for one in found])
    assert 0.91 < inside < 0.985
    spread = np.std([one.points for one in found])
    assert 0.88 < np.sqrt(np.mean([one.error**2 for one in found])) / spread < 1.12


def test_districts_that_joined_alike_are_a_stratum_and_others_one_together():
    district, joined = [0, 0, 1, 1, 2, 2, 3, 3, 4], [4, 4, 4, 4, 5, NEVER, 6, 6, NEVER]
    strata = strata_of(panel(np.ones((9, 8)), joined, district))

    assert strata[0] == strata[1]
    assert strata[2] == strata[3] == strata[4] != strata[0]


def test_the_window_of_the_overall_effect_is_said():
    found = natural_experiment(whole_districts(1, 16))

    assert found.window == (0, 7)
    late = [one.points for one in found.effects if one.quarter >= 0]
    assert found.overall.points == pytest.approx(np.mean(late))
    assert 1.0 <= found.overall.freedom < 12.0
    low, high = found.overall.interval
    compared = Compared(0, found.overall.points, found.overall.error, low, high, 100, 1.0, 2.0, 3.0, 0.5)
    said = Joining(found, (), compared, 8).verdict
    assert said.startswith("After joining (mean of quarters 0 to 7 since then, all alike), recorded scores of joiners ")
    assert f"(95 % interval {low:.1f} to {high:.1f})" in said


def test_diverging_paths_before_joining_are_seen():
    country = made(seed=4)
    joiners = country.joined != NEVER
    drifting = country.scores + 1.5 * np.arange(12) * joiners[:, None]

    assert natural_experiment(panel(drifting, country.joined, country.district)).before_p < 0.01
    p = [natural_experiment(made(seed=seed)).before_p for seed in range(40)]
    assert np.mean(np.array(p) < 0.1) < 0.3


def test_nothing_to_compare_is_said_and_not_estimated():
    found = natural_experiment(panel(np.ones((8, 6))))

    assert found.overall is None
    assert "had not joined" in found.refused


def test_scores_with_empty_rows_quarters_and_districts_give_no_warning_in_any_thread():
    rng = np.random.default_rng(5)
    scores = rng.normal(60, 9, (24, 8))
    scores[3], scores[:, 2], scores[rng.random(scores.shape) < 0.3] = np.nan, np.nan, np.nan
    country = panel(scores)

    with ThreadPoolExecutor(4) as pool, warnings.catch_warnings():
        warnings.simplefilter("error")
        several = list(pool.map(lambda _: summaries(scores, country), range(40)))

    assert all(np.array_equal(one, several[0], equal_nan=True) for one in several)
    assert several[0][0] == np.nanmean(scores[:, 4:])
    assert np.isnan(summaries(np.full((24, 8), np.nan), country)).all()
