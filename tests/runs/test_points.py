"""Points: tables crossed with draws, levers from a month on, and what a table cannot say."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.ground.errors import DataError
from qicsim.inputs.scenario import change, load_scenario
from qicsim.model.levers import SCHEDULE_LINEAR
from qicsim.runs.draws import names, prior_draws
from qicsim.runs.experiment import run_experiment
from qicsim.runs.points import Points, crossed, from_draws, read_points
from qicsim.runs.study import read_study


def table(folder, text):
    (folder / "points.csv").write_text(text)
    return folder / "points.csv"


def test_a_table_replaces_what_it_says_and_leaves_the_rest_of_a_draw(tmp_path):
    read = read_points(table(tmp_path, "pdsa.spill,coaches\n0.1,\n,3\n"), "2020-01")
    draws = prior_draws(3, 1)
    points, spill = crossed(draws, read), names().index("pdsa.spill")

    assert points.values[:, spill].tolist() == [value for drawn in draws.values[:, spill] for value in (0.1, drawn)]
    assert np.array_equal(np.delete(points.values, spill, 1)[::2], np.delete(draws.values, spill, 1))
    assert points.draw.tolist() == [0, 0, 1, 1, 2, 2], "rows share the luck of their draw"
    assert points.row.tolist() == [0, 1, 0, 1, 0, 1]
    assert np.array_equal(points.settings, [[np.nan], [3.0]] * 3, equal_nan=True)


def test_choices_and_flags_are_written_as_words(tmp_path):
    read = read_points(table(tmp_path, "schedule,support,coaches\nlinear,true,2.5\nthreshold,0,\n"))

    assert np.array_equal(read.settings, [[1.0, 1.0, 2.5], [2.0, 0.0, np.nan]], equal_nan=True)


def test_every_fault_of_a_table_is_named_at_once(tmp_path):
    with pytest.raises(DataError) as refusal:
        read_points(table(tmp_path, "pdsa.spil,coaches,schedule,coaching.v0\n1,99,linar,0.5\n1,x,linear,-5\n"))
    text = str(refusal.value)

    for expected in ('"pdsa.spil" is not a column', 'Did you mean "pdsa.spill"?',
                     "line 2, coaches: 99.0 is out of range",
                     'Did you mean "linear"?', 'line 3, coaches: "x" is not a number', "line 3, coaching.v0"):
        assert expected in text, expected


def test_levers_of_a_table_need_a_month_within_the_horizon(place):
    table(place, "coaches\n3\n")

    assert "[points] from: is missing" in refused(place, "")
    assert '"2031-01" is outside the horizon of "with"' in refused(place, 'from = "2031-01"')


def test_settings_under_which_nobody_can_join_are_refused(place):
    table(place, "recruiting,districts\n1,0\n0,0\n")

    assert "recruiting = 1, districts = 0: teams are to join" in refused(place, 'from = "2018-01"')


def test_a_parameter_that_a_scenario_fixes_cannot_be_a_column(place):
    (place / "fixed.toml").write_text('title = "x"\ndescription = "y"\nextends = "with.toml"\n'
                                      '[parameters]\n"pdsa.spill" = 0.2\n')
    table(place, "pdsa.spill\n0.1\n")

    assert 'Allowed: a scenario other than "fixed", which fixes it' in refused(place, "", '"fixed.toml"')


def refused(place, more, scenarios='"with.toml"'):
    (place / "table.toml").write_text(f'title = "x"\nscenarios = [{scenarios}]\nfrom = "prior"\nuntil = "2019-12"\n'
                                      f'[points]\nfile = "points.csv"\n{more}\n')
    with pytest.raises(DataError) as refusal:
        read_study(place / "table.toml")
    return str(refusal.value)


def test_levers_of_a_point_do_what_a_change_of_the_scenario_does(place, study_of, tmp_path):
    draws = prior_draws(2, 1)
    points = Points(draws.values, np.arange(2), ("coaches", "schedule"), np.tile([5.0, SCHEDULE_LINEAR], (2, 1)),
                    "2018-07")
    changed = change(load_scenario(place / "with.toml", horizon_end="2019-12"), from_="2018-07", coaches=5.0,
                     schedule="linear")
    by_points = run_experiment(study_of(["with.toml"], points=points), tmp_path / "points")
    by_scenario = run_experiment(study_of([changed], points=from_draws(draws)), tmp_path / "scenario")
    plain = run_experiment(study_of(["with.toml"], points=from_draws(draws)), tmp_path / "plain")

    assert np.array_equal(by_points.values("true"), by_scenario.values("true"))
    assert not np.array_equal(by_points.values("true"), plain.values("true"))


def test_points_that_change_no_lever_are_runs_of_the_scenario(study_of, tmp_path):
    draws = prior_draws(2, 1)
    empty = Points(draws.values, np.arange(2), ("coaches",), np.full((2, 1), np.nan), "2018-07")

    assert np.array_equal(run_experiment(study_of(points=empty), tmp_path / "a").values("true"),
                          run_experiment(study_of(points=from_draws(draws)), tmp_path / "b").values("true"))


def test_rows_of_a_table_are_paired_by_draw(place, tmp_path):
    """A coach more from the last month on changes nothing before it: the same luck, bit for bit."""
    table(place, "coaches\n2\n9\n")
    (place / "late.toml").write_text('title = "x"\nscenarios = ["with.toml"]\nfrom = "prior"\ndraws = 2\n'
                                     'until = "2019-12"\n[points]\nfile = "points.csv"\nfrom = "2019-10"\n')
    true = run_experiment(read_study(place / "late.toml"), tmp_path).values("true")[0].reshape(2, 2, 2, 8)

    assert np.array_equal(true[:, 0, :, :7], true[:, 1, :, :7])
