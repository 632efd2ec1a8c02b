"""Levels and joining months of real facilities are read, and every fault is named."""

import numpy as np
import pytest

from qicsim.ground.calendar import parse_month
from qicsim.ground.errors import DataError
from qicsim.inputs.scenario import load_scenario
from qicsim.inputs.world.build import build_world, data_files
from qicsim.inputs.world.observed import read_joined, read_levels
from qicsim.runs.study_sections import extent_of
from tests.worlds import JOINED, build_on_data, data_folder, levels_text, register_text

LEVELS = "facility,month,mean,sd\n"
END = "2020-12"


def file(tmp_path, text):
    """A file with this text."""
    path = tmp_path / "some.csv"
    path.write_text(text)
    return path


@pytest.mark.parametrize(("text", "expected"), [
    (LEVELS + "a,2024-06,101,1\n", "line 2, mean: 101 is out of range"),
    (LEVELS + "a,2024-06,60,-1\n", "line 2, sd: -1 is out of range"),
    (LEVELS + f"a,2024-06,{'9' * 5000},1\n", f"line 2, mean: {'9' * 60} is out of range"),
    (LEVELS + "a,2024-05,60,1\n", "month: 2024-05 does not end a quarter"),
    (LEVELS + "a,2024-06,60,1\nb,2024-09,60,1\n", "line 3, month: 2024-09 is not the month of the first line"),
    (LEVELS + "a,2024-06,60,1\na,2024-06,60,1\n", 'line 3, facility: "a" stands on line 2 already'),
    (LEVELS + "a,,60,1\n", "line 2, month: is empty"),
    (LEVELS + "a,June,60,1\n", 'line 2, month: "June" is not a month'),
    (LEVELS, "holds no level"),
    ("facility,month,mean\na,2024-06,60\n", 'the column "sd" is missing'),
])
def test_a_fault_of_the_levels_is_named(text, expected, tmp_path):
    with pytest.raises(DataError) as refused:
        read_levels(file(tmp_path, text))

    assert expected in str(refused.value)


@pytest.mark.parametrize(("text", "expected"), [
    ("facility,joined\na,2018\n", 'line 2, joined: "2018" is not a month'),
    ("facility,joined,left\na,2018-05,2018-04\n", "line 2, left: 2018-04 has no month of joining before it"),
    ("facility,joined,left\na,,2018-04\n", "line 2, left: 2018-04 has no month of joining before it"),
    ("facility,joined\na,2018-05\na,2018-06\n", 'line 3, facility: "a" stands on line 2 already'),
])
def test_a_fault_of_the_joining_months_is_named(text, expected, tmp_path):
    with pytest.raises(DataError) as refused:
        read_joined(file(tmp_path, text))

    assert expected in str(refused.value)


def test_joining_months_read_as_they_stand(tmp_path):
    joins = read_joined(file(tmp_path, JOINED))

    assert joins.joined.tolist() == [parse_month(month) for month in ("2018-02", "2018-05", "2018-11", "2018-10")]
    assert joins.left.tolist() == [-1, parse_month("2019-02"), -1, -1]
    assert joins.last == parse_month("2019-03")


def test_a_facility_that_the_register_lacks_is_refused_with_the_nearest_name(tmp_path):
    folder = data_folder(tmp_path, levels=LEVELS + "OD-BA1-R9,2019-06,60,2\n",
                         joined="facility,joined\nnobody,2018-05\n")
    scenario = load_scenario("reported", horizon_end=END, data=folder)

    with pytest.raises(DataError, match='line 2, facility: "OD-BA1-R9" is not in the register.*"OD-BA1-R1"'):
        build_world(scenario)
    (folder / "levels.csv").unlink()
    with pytest.raises(DataError, match='joined.csv: line 2, facility: "nobody" is not in the register'):
        build_world(load_scenario("reported", horizon_end=END, data=folder))


def test_levels_outside_the_scenario_are_refused(tmp_path):
    scenario = load_scenario("reported", horizon_end=END, data=data_folder(tmp_path, levels=levels_text("2021-03")))

    with pytest.raises(DataError) as refused:
        build_world(scenario)
    said = str(refused.value)
    assert said.startswith(str(scenario.data["levels"].parent))
    assert "levels are those of 2021-03, and the scenario runs from 2018-01 to 2020-12" in said
    assert "--until 2021-03, or later" in said


def test_facilities_that_closed_before_the_levels_are_left_out(tmp_path):
    lines = register_text().splitlines()
    closed = {"OD-BA1-R1": "2019-05", "OD-BA1-H1": "2019-06", "OD-BA1-H2": ""}
    rows = [f"{lines[0]},code,closed", *(f"{line},K-{at},{closed.get(line.split(',')[0], '')}"
                                         for at, line in enumerate(lines[1:]))]
    folder = data_folder(tmp_path, register="\n".join(rows) + "\n", levels=levels_text("2019-06"))
    scenario = load_scenario("reported", horizon_end=END, data=folder)

    world = build_world(scenario)

    assert {line.split(",")[0] for line in lines[1:]} - set(world.register.id) == {"OD-BA1-R1"}
    assert extent_of(scenario).facilities == world.register.id
    assert world.register.code[0].startswith("K-")


def test_what_a_level_rests_on_is_read_where_the_file_says_it(tmp_path):
    """Scores, the weight of them in the level, the quarter of the last; nan and "" where a file has no such columns."""
    head = "facility,month,mean,sd,quarters,observed_mean,shrinkage,last_scored\n"
    levels = read_levels(file(tmp_path, head + "a,2024-06,60,2,7,61,0.25,2024Q1\nb,2024-06,55,9,0,,1,\n"))
    short = read_levels(file(tmp_path, LEVELS + "a,2024-06,60,2\n"))

    assert (levels.scores.tolist(), levels.own_weight.tolist()) == ([7, 0], [0.75, 0])
    assert levels.last_scored == ("2024Q1", "")
    assert np.isnan([short.scores[0], short.own_weight[0]]).all() and short.last_scored == ("",)


def test_a_facility_without_a_level_starts_as_the_model_assumes():
    """A kind that was never scored has no row: its facilities run, and nothing of them is taken over."""
    text = "".join(line for line in levels_text("2019-06").splitlines(keepends=True) if "-R" not in line)
    scenario = "title = 't'\ndescription = 'd'\n[horizon]\nend = '2020-12'\n"
    country, whole = (build_on_data(scenario, levels=one) for one in (text, levels_text("2019-06")))
    facility = country.setting.facility

    hospital = facility["hospital"] == 1
    assert np.all(facility["level_month"][hospital] == -1) and np.all(facility["level_month"][~hospital] == 17)
    state, other = country.run().facility, whole.run().facility
    assert np.all(np.isfinite(state["true_score"])) and np.all(state["true_score"][hospital] > 20.0)
    assert not np.array_equal(state["true_score"][hospital], other["true_score"][hospital])


def test_columns_of_the_table_stand_beside_the_right_facilities():
    country = build_on_data("title = 't'\ndescription = 'd'\n[horizon]\nend = '2020-12'\n",
                            levels=levels_text("2019-06"), joined=JOINED)
    facility = dict(zip(country.world.register.id, country.setting.facility, strict=True))

    assert facility["OD-BA1-R1"]["level"] == pytest.approx(50.0)
    assert facility["OD-BA1-H1"]["level"] == pytest.approx(50.5)
    assert (facility["OD-BA1-H1"]["joined"], facility["OD-BA1-H1"]["left"]) == (4, 13)
    assert (facility["OD-KC1-H5"]["opened"], facility["OD-KC1-H5"]["joined"]) == (12, 12)
    assert facility["OD-BA2-H1"]["joined"] == -1
    assert np.all(country.setting.facility["level_month"] == 17)


def test_data_files_name_levels_and_joins_only_where_there_are_some(tmp_path):
    without = load_scenario("reported")
    on_data = load_scenario("reported", data=data_folder(tmp_path, levels=levels_text("2019-06")))

    assert set(data_files(on_data)) - set(data_files(without)) == {"levels"}
