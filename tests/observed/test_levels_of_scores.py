"""Levels of facilities from their noisy scores: closed forms, coverage of intervals, files."""

from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qicsim.ground.calendar import parse_month
from qicsim.ground.errors import DataError
from qicsim.inputs.observed.filter import Panel, Spreads, run_filters
from qicsim.inputs.observed.levels import COLUMNS, estimate, levels_text, noise_quantiles, ready, write_levels
from qicsim.inputs.observed.pooling import MOST_STEPS
from qicsim.inputs.observed.series import Series, read_series
from qicsim.inputs.world.observed import read_levels
from tests.helpers import growth
from tests.worlds import data_folder, register_text

JUNE_2024 = parse_month("2024-06")


def simulated(facilities, quarters, districts, missing, seed):
    """True levels at the last quarter (F,) and series of scores with noise 5, walk 1, spread 9, districts 3."""
    rng = np.random.default_rng(seed)
    district, kind = np.sort(rng.integers(0, districts, facilities)), (rng.random(facilities) < 0.1).astype(int)
    level = 50 + 5 * kind + rng.normal(0, 3, districts)[district] + rng.normal(0, 9, facilities)
    steps = np.c_[level, rng.normal(0, 1, (facilities, quarters - 1))].cumsum(axis=1)
    steps = steps + np.r_[0.0, rng.normal(0.3, 1.0, quarters - 1)].cumsum()
    scores = steps + rng.normal(0, 5, steps.shape)
    scores[rng.random(scores.shape) < missing] = np.nan
    ids = tuple(map(str, range(facilities)))
    return steps[:, -1], Series(ids, scores, kind, district, JUNE_2024, "scores.csv")


# ----------------------------------------------------------------------------------------------------- closed forms


def test_one_score_is_drawn_towards_the_mean_by_the_share_of_noise():
    """Spread 8, noise 6: weight 64/100 on the score, so that 70 against a mean of 60 gives 66.4 with SD 4.8."""
    filters = run_filters(Panel(np.array([[70.0]]), np.array([0]), np.array([0])), Spreads(6.0, 1.0, 8.0, 1.0))

    assert filters.start + filters.response[0] * 60.0 == pytest.approx([66.4])
    assert np.sqrt(filters.variance) == pytest.approx([4.8])


def test_two_scores_with_a_gap_between_follow_the_kalman_equations():
    """After 66.4 (4.8) two quarters of walk 2 without a score, then 72 against 23.04 + 8 + 36."""
    y = np.array([[70.0, np.nan, 72.0]])

    filters = run_filters(Panel(y, np.array([0]), np.array([0])), Spreads(6.0, 2.0, 8.0, 1.0))

    weight = 31.04 / 67.04
    assert filters.start + filters.response[0] * 60.0 == pytest.approx([66.4 + weight * (72.0 - 66.4)])
    assert filters.variance == pytest.approx([31.04 * (1.0 - weight)])


# --------------------------------------------------------------------------------------------------------- coverage


@pytest.mark.parametrize(("facilities", "quarters", "districts", "missing", "countries"), [
    (1400, 8, 100, 0.3, 1), (1400, 1, 100, 0.1, 4), (60, 6, 8, 0.4, 6),
    pytest.param(200, 8, 20, 0.3, 12, marks=pytest.mark.slow),
    pytest.param(1400, 30, 100, 0.3, 2, marks=pytest.mark.slow),
    pytest.param(60, 6, 8, 0.4, 40, marks=pytest.mark.slow)])
def test_nine_of_ten_intervals_hold_the_true_level(facilities, quarters, districts, missing, countries):
    inside = []
    for seed in range(countries):
        truth, series = simulated(facilities, quarters, districts, missing, seed)
        found = estimate(series)
        inside.append(np.mean(np.abs(truth - found.mean) < 1.645 * found.sd))

    assert 0.85 < np.mean(inside) < 0.94


def test_levels_are_nearer_to_the_truth_than_the_last_scores():
    truth, series = simulated(400, 8, 40, 0.0, 1)

    found = estimate(series)

    apart = {"level": truth - found.mean, "score": truth - series.scores[:, -1], "mean": truth - found.observed_mean}
    error = {name: np.sqrt(np.mean(values**2)) for name, values in apart.items()}
    assert error["level"] < 0.7 * error["score"]
    assert error["level"] < error["mean"]


def test_noise_and_spreads_are_found_again():
    found = estimate(simulated(1400, 12, 100, 0.2, 3)[1]).spreads

    assert found[:4] == pytest.approx((5.0, 1.0, 9.0, 3.0), rel=0.25)
    assert 0.4 < found.movement < 1.6  # 1.0, from eleven steps


@pytest.mark.slow
def test_a_pass_over_a_country_grows_with_its_facilities():
    series = simulated(1400, 30, 100, 0.3, 1)[1]
    panel = Panel(series.scores, np.asarray(series.kind, dtype=np.int64), series.district)
    spreads = Spreads(5.0, 1.0, 9.0, 3.0)

    assert growth(lambda size: run_filters(Panel(*(part[:size] for part in panel)), spreads), 175) < 24.0


def test_the_search_for_spreads_needs_few_passes():
    with mock.patch("qicsim.inputs.observed.pooling.run_filters", wraps=run_filters) as passes:
        estimate(simulated(60, 6, 8, 0.4, 1)[1])
    assert passes.call_count < MOST_STEPS


def test_a_facility_without_scores_gets_the_mean_of_its_group_and_a_wide_error():
    _, series = simulated(300, 6, 30, 0.2, 2)
    series.scores[7] = np.nan

    found = estimate(series)

    others = (series.district == series.district[7]) & (series.kind == series.kind[7])
    others[7] = False
    assert (found.quarters[7], found.shrinkage[7]) == (0, 1.0) and np.isnan(found.observed_mean[7])
    assert abs(found.mean[7] - found.mean[others].mean()) < 6.0
    assert found.sd[7] > 2.5 * np.median(found.sd)
    assert np.all(found.shrinkage[series.scores[:, -3:].mean(axis=1) > 0] < 0.5)


def test_with_a_single_score_the_noise_is_the_model_s_own_prior():
    found = estimate(simulated(500, 1, 50, 0.0, 1)[1])

    assert found.spreads.noise == pytest.approx(noise_quantiles(0.5)[0], rel=0.05)
    assert "the model's prior: 4.8" in found.sentence()


@given(scores=st.lists(st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=3, max_size=3), min_size=1,
                       max_size=5).filter(lambda rows: any(one is not None for row in rows for one in row)))
@settings(deadline=None, max_examples=15)
def test_any_scores_give_finite_levels(scores):
    y = np.array([[np.nan if one is None else one for one in row] for row in scores])
    count = len(scores)

    found = estimate(Series(tuple("abcde"[:count]), y, np.arange(count) % 2, np.arange(count) // 2, JUNE_2024, ""))

    kinds = [kind for kind in (0, 1) if not np.isnan(y[kind::2]).all()]
    there = np.isin(np.arange(count) % 2, kinds)
    assert np.array_equal(np.isfinite(found.mean), there) and np.array_equal(np.isfinite(found.sd), there)
    assert np.all((found.mean[there] >= 0.0) & (found.mean[there] <= 100.0)) and np.all(found.sd[there] > 0.0)
    assert np.all((found.shrinkage >= 0.0) & (found.shrinkage <= 1.0))


# ------------------------------------------------------------------------------------------------------------ files


SCORES = """\
facility,quarter,item,score
OD-BA1-R1,2024Q1,total,61.5
OD-BA1-R1,2024Q2,total,64
OD-BA1-R1,2024Q2,hand_hygiene,40
OD-BA1-H1,2023Q4,total,55
OD-PU1-H2,2024Q2,total,72.25
"""


def test_a_folder_s_scores_become_levels_at_the_last_month_of_the_last_quarter(tmp_path):
    folder = data_folder(tmp_path, scores=SCORES)

    written = write_levels(folder)

    levels, lines = read_levels(written), written.read_text().splitlines()
    assert (levels.month, len(levels.facility)) == (JUNE_2024, len(register_text().splitlines()) - 1)
    assert lines[0].split(",") == [*COLUMNS, "area_hand_hygiene"]
    row = dict(zip(lines[0].split(","), next(line for line in lines if line.startswith("OD-BA1-R1,")).split(","),
                   strict=True))
    assert (row["month"], row["quarters"], row["observed_mean"]) == ("2024-06", "2", "62.7500")
    assert row["last_scored"] == "2024Q2"
    assert written.read_text() == levels_text(estimate(read_series(folder)))


def test_levels_are_made_where_they_are_missing_and_left_where_they_are(tmp_path):
    folder = data_folder(tmp_path, scores=SCORES)

    made = ready(folder) / "levels.csv"
    made.write_text("kept")

    assert ready(folder) == tmp_path
    assert made.read_text() == "kept"


def test_a_folder_without_scores_needs_no_levels(tmp_path):
    ready(data_folder(tmp_path))

    assert [path.name for path in tmp_path.iterdir()] == ["register.csv"]


def test_every_fault_of_the_scores_is_named(tmp_path):
    lines = ("OD-BA1-R9,2024Q1,total,50", "OD-BA1-H2,24Q1,total,50", "OD-BA1-H2,2024Q1,total,150",
             "OD-BA1-R1,2024Q1,total,60")
    bad = SCORES + "".join(f"{line}\n" for line in lines)

    with pytest.raises(DataError) as refused:
        read_series(data_folder(tmp_path, scores=bad))

    said = str(refused.value)
    assert len(refused.value.faults) == 4
    assert 'line 7, facility: "OD-BA1-R9" is not in the register' in said
    assert 'line 8, quarter: "24Q1" is not a quarter' in said and 'line 9, score: "150.0" is not a score' in said
    assert 'line 10, item: "total" stands there twice' in said


def test_scores_without_totals_are_refused(tmp_path):
    folder = data_folder(tmp_path, scores="facility,quarter,item,score\nOD-BA1-R1,2024Q1,hand_hygiene,50\n")

    with pytest.raises(DataError, match='item: no row is "total"'):
        write_levels(folder)
    assert not (folder / "levels.csv").exists()


def test_series_with_the_same_quarters_are_filtered_as_each_alone():
    luck = np.random.default_rng(1)
    y = luck.normal(60.0, 8.0, (12, 5))
    y[4:8, 2], y[8:, 3:] = np.nan, np.nan
    kind, spreads = np.zeros(12, dtype=np.int64), Spreads(4.0, 1.5, 8.0, 3.0)

    together = run_filters(Panel(y, kind, kind), spreads)
    alone = [run_filters(Panel(row[None], kind[:1], kind[:1]), spreads) for row in y]

    for name in ("start", "response", "variance", "constant", "linear", "cross"):
        np.testing.assert_array_equal(getattr(together, name),
                                      np.concatenate([getattr(one, name) for one in alone], axis=-1), err_msg=name)
    for name in ("movement", "shared"):
        np.testing.assert_allclose(getattr(together, name), sum(getattr(one, name) for one in alone), rtol=1e-12)
