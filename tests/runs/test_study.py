"""Studies: what a file says, and every fault of it at once."""

from __future__ import annotations

import json

import numpy as np
import pytest

from qicsim.ground.errors import DataError
from qicsim.runs.draws import default_draw, names, prior_draws
from qicsim.runs.fields import COSTS
from qicsim.runs.points import Points, from_draws
from qicsim.runs.study import Kind, read_study, study_of

ONE = 'title = "x"\nscenarios = ["with.toml"]\nfrom = "prior"\n'


def faults_of(folder, text, **choices):
    (folder / "bad.toml").write_text(text)
    with pytest.raises(DataError) as refusal:
        read_study(folder / "bad.toml", **choices)
    return [str(fault) for fault in refusal.value.faults]


def test_a_file_is_read_as_written(place):
    study = read_study(place / "study.toml")

    assert (study.name, study.title) == ("study", "A small study")
    assert [scenario.name for scenario in study.scenarios] == ["without", "with"]
    assert {scenario.months for scenario in study.scenarios} == {24}
    assert (study.draws, study.replicates, study.seed) == (4, 2, 1)
    assert np.array_equal(study.points().values, prior_draws(4, 1).values)
    assert study.layout.fields[0].times == tuple(f"{year}Q{q}" for year in (2018, 2019) for q in (1, 2, 3, 4))


def test_every_fault_is_named_at_once(place):
    found = faults_of(place, """
scenarios = ["with.toml", "reportd", "nowhere.toml"]
from = "postrior"
draws = 0
replicates = 1.5
seeds = 3
[keep]
indicators = ["true"]
groups = ["evr"]
detail = "provinces"
costs = "yes"
[points]
file = "nothing.csv"
""")
    text = "\n".join(found)

    for expected in ("title: is missing", 'Did you mean "reported"?', "nowhere.toml", "there is no such file",
                     'there is no file "postrior"', 'Did you mean "posterior"?', "draws: 0 is not possible",
                     "replicates: 1.5", '"seeds" is not known', 'Did you mean "seed"?', '"evr" is not a choice',
                     'Did you mean "ever"?', 'Did you mean "province"?', "costs", "nothing.csv"):
        assert expected in text, expected


def test_an_indicator_that_is_not_known_is_refused_with_the_nearest(place):
    found = faults_of(place, ONE + '[keep]\nindicators = ["tru", "coaches"]\ndetail = "district"\n')

    assert found[0].startswith('[keep] indicators: "tru" is not an indicator at the detail of a district.')
    assert 'Did you mean "true"?' in found[0]
    assert '"coaches" is not an indicator at the detail of a district' in found[1], "a programme has no districts"


def test_quarters_of_districts_are_refused(place):
    found = faults_of(place, ONE + '[keep]\ndetail = "district"\nevery = "quarter"\n')

    assert found == ['[keep] every: quarters are not read at the detail of a district. Allowed: "year".']


def test_scenarios_over_other_months_or_places_are_refused(place):
    text = 'title = "x"\nscenarios = ["with.toml", "reported"]\nfrom = "prior"\n'

    assert any('"reported" has other months than "with"' in fault for fault in faults_of(place, text))
    by_district = faults_of(place, text + 'until = "2019-12"\n[keep]\ndetail = "district"\n')
    assert by_district == ['scenarios: "reported" has other places than "with". Allowed: the same places for all.']


def test_all_indicators_are_all_but_costs_and_costs_come_when_asked(study_of):
    plain = study_of(keep={"indicators": "all"}).layout
    costly = study_of(keep={"indicators": "all", "costs": True}).layout
    kept = {field.indicator.name for field in costly.fields}

    assert kept - {field.indicator.name for field in plain.fields} == set(COSTS)
    assert {"true", "coaches", "ledger_pdsa", "area_hand_hygiene", "coverage"} <= kept


def test_a_posterior_file_is_read_relative_to_the_study(place):
    np.savez(place / "mine.npz", parameters=np.array(names()), values=np.tile(default_draw().values, (3, 1)),
             provenance=json.dumps({}))
    (place / "posterior.toml").write_text('title = "x"\nscenarios = ["with.toml"]\nfrom = "mine.npz"\ndraws = 5\n')

    assert np.array_equal(read_study(place / "posterior.toml").points().values, np.tile(default_draw().values, (5, 1)))


def test_defaults_are_draws_with_luck_of_their_own(study_of):
    points = study_of(**{"from": "defaults"}).points()

    assert np.array_equal(points.values, np.tile(default_draw().values, (4, 1)))
    assert points.draw.tolist() == [0, 1, 2, 3]


def test_a_broken_file_and_a_missing_one_are_refused(tmp_path):
    (tmp_path / "broken.toml").write_text("title = \n")

    for name, expected in (("broken.toml", "is not TOML"), ("missing.toml", "cannot be read")):
        with pytest.raises(DataError, match=expected):
            read_study(tmp_path / name)


def test_an_analysis_is_checked_by_its_kind_and_may_bring_points(place):
    def check(faults, table, study):
        if table.get("size", 0) < 2:
            faults.add("[analysis] size", "is too small")
        return table

    kinds = {"toy": Kind(check, lambda study, settings: from_draws(prior_draws(settings["size"], study.seed)))}
    text = ONE + "[analysis]\nkind = "

    (place / "toy.toml").write_text(text + '"toy"\nsize = 7\n')
    study = read_study(place / "toy.toml", kinds)
    assert (study.kind, study.settings, len(study.points())) == ("toy", {"size": 7}, 7)
    assert faults_of(place, text + '"toy"\nsize = 1\n', kinds=kinds) == ["[analysis] size: is too small."]
    assert "Did you mean" in faults_of(place, text + '"tuy"\n', kinds=kinds)[0]


def test_a_study_of_other_size_is_checked(study_of):
    assert study_of().of_size(replicates=9).replicates == 9
    with pytest.raises(DataError, match="replicates: 9999"):
        study_of().of_size(replicates=9999)


def test_points_in_python_and_a_table_exclude_each_other(place):
    (place / "spill.csv").write_text("pdsa.spill\n0.1\n")
    with pytest.raises(DataError, match="given twice"):
        study_of({"title": "x", "scenarios": ["with.toml"], "from": "prior", "points": {"file": "spill.csv"}},
                 name="x", folder=place, points=from_draws(prior_draws(2)))


@pytest.mark.parametrize(("choices", "expected"), [
    ({"values": np.zeros((2, 3)), "draw": [0, 1]}, "every parameter"),
    ({"draw": [0, -1]}, "number the luck"),
    ({"levers": ("coache",), "settings": np.zeros((2, 1)), "since": "2018-07"}, "is not a lever"),
    ({"levers": ("coaches",), "settings": np.zeros((2, 1))}, "since: is missing"),
    ({"levers": ("coaches",), "settings": np.zeros((2, 1)), "since": "2018-13"}, "The months of a year"),
    ({"levers": ("coaches",), "settings": np.full((2, 1), 99.0), "since": "2018-07"}, "0 to 20"),
    ({"levers": ("schedule",), "settings": np.full((2, 1), 0.5), "since": "2018-07"}, "none, linear, thresh"),
])
def test_points_that_cannot_be_run_are_refused(choices, expected):
    with pytest.raises(DataError, match=expected):
        Points(**{"values": prior_draws(2).values, "draw": np.arange(2)} | choices)


