"""Levels against the joint normal distribution of everything, and the movement that all share against selection."""

import json

import numpy as np
import pytest

from qicsim.ground.calendar import parse_month
from qicsim.inputs.observed.filter import Panel, Spreads
from qicsim.inputs.observed.levels import estimate, ready, write_levels
from qicsim.inputs.observed.pooling import last_levels
from qicsim.inputs.observed.series import Series, last_quarter, read_series
from qicsim.inputs.observed.trend import DRIFT_PRIOR
from qicsim.inputs.scenario import load_scenario
from qicsim.inputs.scenario.estimated import notes_of, stale
from qicsim.inputs.world.observed import read_levels
from tests.worlds import data_folder, register_text

HEAD = "facility,quarter,item,score\n"
SPREADS = Spreads(5.0, 1.5, 7.0, 4.0, 1.3)
DECEMBER = parse_month("2023-12")


def jointly_normal(panel, spreads):
    """Means and SDs of the last levels, means of kinds and the restricted log-likelihood, by matrices of everything."""
    cells, last = np.argwhere(~np.isnan(panel.y)), panel.y.shape[1] - 1
    at_end = np.c_[np.arange(len(panel.y)), np.full(len(panel.y), last)]

    def covariance(one, other):
        (i, s), (j, t) = one[:, None].T, other[None].T
        i, s, j, t = i.T, s.T, j.T, t.T
        together = np.minimum(s, t)
        return ((panel.district[i] == panel.district[j]) * spreads.district**2
                + (i == j) * (spreads.spread**2 + spreads.walk**2 * together)
                + spreads.movement**2 * together + DRIFT_PRIOR**2 * s * t)

    inverse = np.linalg.inv(covariance(cells, cells) + np.eye(len(cells)) * spreads.noise**2)
    design, design_end = np.eye(2)[panel.kind[cells[:, 0]]], np.eye(2)[panel.kind]
    uncertain = np.linalg.inv(design.T @ inverse @ design)
    y = panel.y[tuple(cells.T)]
    kinds = uncertain @ design.T @ inverse @ y
    left, cross = y - design @ kinds, covariance(at_end, cells)
    answer = design_end - cross @ inverse @ design
    variance = np.diag(covariance(at_end, at_end) - cross @ inverse @ cross.T + answer @ uncertain @ answer.T)
    loglikelihood = (-0.5 * left @ inverse @ left + 0.5 * np.linalg.slogdet(inverse)[1]
                     - 0.5 * len(y) * np.log(2.0 * np.pi) + 0.5 * np.linalg.slogdet(uncertain)[1] + np.log(2.0 * np.pi))
    return design_end @ kinds + cross @ inverse @ left, np.sqrt(variance), kinds, loglikelihood


def test_levels_kinds_and_likelihood_are_those_of_the_joint_normal_distribution_of_everything():
    """Gaps, a facility that was never scored, two kinds in common districts."""
    y = np.random.default_rng(4).normal(60, 10, (6, 4))
    y[1, 2] = y[3, 0] = y[4, 1:] = y[5] = np.nan
    panel = Panel(y, np.array([0, 1, 0, 0, 1, 0]), np.array([0, 0, 1, 1, 1, 1]))

    found, (mean, sd, kinds, loglikelihood) = last_levels(panel, SPREADS), jointly_normal(panel, SPREADS)

    np.testing.assert_allclose(found.mean, mean)
    np.testing.assert_allclose(found.sd, sd)
    np.testing.assert_allclose(found.pooled.kinds, kinds)
    assert found.pooled.loglikelihood == pytest.approx(loglikelihood)
    assert found.shrinkage[5] == 1.0 and found.sd[5] > found.sd[2]


def test_unscored_facilities_of_a_sparse_kind_have_the_whole_standard_error():
    """Six districts, two of six hospitals scored: the mean of hospitals leans on the health centres beside them."""
    district, kind = np.repeat(np.arange(6), 8), np.tile([1, 0, 0, 0, 0, 0, 0, 0], 6)
    y = np.random.default_rng(1).normal(60, 9, (48, 3))
    y[(kind == 1) & (district > 1)] = np.nan
    panel = Panel(y, kind, district)

    found, (mean, sd, *_) = last_levels(panel, SPREADS), jointly_normal(panel, SPREADS)

    np.testing.assert_allclose(found.sd, sd)
    np.testing.assert_allclose(found.mean, mean)


def selected(best, rounds, seed):
    """True levels (100,), none moving (SD 8, noise 5), and a last round that assessed those best on the one before."""
    rng = np.random.default_rng(seed)
    level = 60.0 + rng.normal(0.0, 8.0, 100)
    scores = level[:, None] + rng.normal(0.0, 5.0, (100, rounds))
    out = np.argsort(-scores[:, -2])[best:]
    scores[out, -1] = np.nan
    ids = tuple(map(str, range(100)))
    return level, Series(ids, scores, np.zeros(100, dtype=int), np.repeat(np.arange(10), 10), DECEMBER, "scores.csv")


@pytest.mark.parametrize("countries", [8, pytest.param(24, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("best", "rounds"), [
    (20, 2), *(pytest.param(*some, marks=pytest.mark.slow) for some in ((5, 2), (60, 2), (20, 3)))])
def test_reassessing_the_best_of_a_round_moves_nobody_and_intervals_keep_their_coverage(best, rounds, countries):
    """They fall back towards their mean, which is no movement of all: levels were off by 4 to 13 points once."""
    off, inside = [], []
    for seed in range(countries):
        truth, series = selected(best, rounds, seed)
        found = estimate(series)
        off.append((found.mean - truth).mean())
        inside.append(np.mean(np.abs(found.mean - truth) < 1.645 * found.sd))

    assert abs(np.mean(off)) < 0.6  # its own standard error is 0.2 over 24 countries
    assert 0.86 < np.mean(inside) < 0.95


def test_a_movement_that_all_share_is_found_whoever_reports():
    """All rise by 2 points a quarter, and only the worse half reports at the end: the others rise as well."""
    rng = np.random.default_rng(3)
    level = np.linspace(40.0, 80.0, 200)[:, None] + 2.0 * np.arange(5)
    y = level + rng.normal(0.0, 3.0, level.shape)
    y[100:, 4] = np.nan

    ids, kind, district = tuple(map(str, range(200))), np.zeros(200, dtype=int), np.arange(200) % 10
    found = estimate(Series(ids, y, kind, district, DECEMBER, ""))

    assert (found.mean - level[:, 4])[100:].mean() == pytest.approx(0.0, abs=0.7)
    assert (found.mean - level[:, 4])[:100].mean() == pytest.approx(0.0, abs=0.7)


def scores_of(quarters):
    """Scores by quarter: {name: (how many facilities, score)}."""
    ids = [line.split(",")[0] for line in register_text().splitlines()[1:]]
    return HEAD + "".join(f"{name},{quarter},total,{score + at % 7}\n" for quarter, (many, score) in quarters.items()
                          for at, name in enumerate(ids[:many]))


def test_one_early_score_moves_no_level(tmp_path):
    """One facility, once, ten points below its neighbours, four quarters earlier."""
    whole = {"2023Q1": (43, 58), "2023Q2": (43, 59)}
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    without = estimate(read_series(data_folder(tmp_path / "a", scores=scores_of(whole))))
    with_one = estimate(read_series(data_folder(tmp_path / "b", scores=scores_of({"2022Q1": (1, 30)} | whole))))

    assert np.abs(with_one.mean[1:] - without.mean[1:]).max() < 1.0
    assert without.mean.mean() == pytest.approx(61.5, abs=1.5)


# ------------------------------------------------------------------------------------------- kinds without any score


def test_a_kind_without_any_score_has_no_row_and_the_record_and_the_scenario_say_so(tmp_path):
    folder = data_folder(tmp_path, scores=HEAD + "OD-BA1-H1,2019Q2,total,61\nOD-PU1-H2,2019Q2,total,58\n")

    levels = read_levels(write_levels(folder))

    assert len(levels.facility) == 36 and not [name for name in levels.facility if "-R" in name]
    assert np.all((levels.mean > 50.0) & (levels.mean < 70.0))
    note, = json.loads((folder / "levels.json").read_text())["notes"]
    assert note.startswith("No hospital has a score") and "7 in the register have no level" in note
    assert note in load_scenario("reported", data=ready(folder)).assumptions


# ------------------------------------------------------------------------------------------------- the last quarter


def test_a_few_late_scores_do_not_set_the_month_of_the_levels(tmp_path):
    """Two of 43 in the second half of 2023: levels are those of June, and the output says why."""
    folder = data_folder(tmp_path, scores=scores_of({"2023Q1": (43, 60), "2023Q2": (43, 60), "2023Q4": (2, 90)}))

    series = read_series(folder)

    assert (series.quarters[-1], series.month) == ("2023Q2", parse_month("2023-06"))
    assert "2023Q4 (2) not used" in series.notes[0] and "those of 2023Q2" in series.notes[0]
    assert read_levels(write_levels(folder)).month == parse_month("2023-06")
    assert series.notes[0] in notes_of(folder)


def test_a_fifth_of_the_usual_number_of_scores_is_enough():
    assert last_quarter(np.array([50, 0, 50, 50, 10, 0])) == 4
    assert last_quarter(np.array([50, 0, 50, 50, 9, 9])) == 3
    assert last_quarter(np.array([3])) == 0


# ------------------------------------------------------------------------------------------------------ stale levels


@pytest.mark.parametrize("changed", ["scores.csv", "register.csv"])
def test_levels_are_estimated_again_when_scores_or_register_changed(changed, tmp_path):
    folder = data_folder(tmp_path, scores=scores_of({"2023Q1": (43, 50)}))
    before = read_levels(ready(folder) / "levels.csv")
    text = (folder / changed).read_text()
    new = {"scores.csv": scores_of({"2023Q2": (43, 70)}),
           "register.csv": text.replace("OD-BA1-H1,health_centre", "OD-BA1-H1,CPA1")}[changed]
    (folder / changed).write_text(new)

    assert stale(folder) and "other scores or another register" in notes_of(folder)[-1]
    again = read_levels(ready(folder) / "levels.csv")

    assert not stale(folder) and not notes_of(folder)
    assert not np.array_equal(again.mean, before.mean)


def test_levels_written_by_hand_stay_and_the_scenario_says_so(tmp_path):
    folder = data_folder(tmp_path, scores=scores_of({"2023Q1": (43, 50)}))
    path = write_levels(folder)
    path.write_text(path.read_text().replace("\nOD-BA1-R1,2023-03,", "\nOD-BA1-R1,2023-03,9", 1))
    text = path.read_text()
    (folder / "scores.csv").write_text(scores_of({"2023Q2": (43, 70)}))

    assert ready(folder) and path.read_text() == text
    assert any("not written by qicsim" in told for told in load_scenario("reported", data=folder).assumptions)
