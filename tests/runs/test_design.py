"""Designs: balanced whenever they are interrupted, shared out whole, and addressed by all that a run depends on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qicsim.ground.errors import SettingError
from qicsim.inputs.scenario import load_scenario
from qicsim.model.levers import ORDER_LISTED, lever_table
from qicsim.runs import study
from qicsim.runs.design import Shard, design_of
from qicsim.runs.draws import Draws, prior_draws
from qicsim.runs.experiment import shard_of
from qicsim.runs.keys import lever_key
from qicsim.runs.points import Points, from_draws


def all_addresses(small):
    design = design_of(small)
    return design.keys(np.arange(design.runs)).addresses


def test_every_beginning_of_a_design_is_balanced_over_scenarios_and_points(study_of):
    design = design_of(study_of(replicates=3))
    for n in range(1, design.runs + 1):
        scenario, point, replicate = design.places(np.arange(n))

        assert np.ptp(np.bincount(scenario, minlength=2)) <= 1
        assert np.ptp(np.bincount(point, minlength=4)) <= 2, "one run of each scenario"
        assert (np.bincount(replicate)[:-1] == 8).all(), "a replicate begins when the one before is whole"


def test_shards_share_the_runs_out_and_each_has_whole_pairs_of_scenarios(study_of):
    design = design_of(study_of(replicates=3))
    parts = [np.concatenate(list(design.numbers(Shard(i, 5)))) for i in range(1, 6)]

    assert sorted(np.concatenate(parts)) == list(range(design.runs))
    assert [design.size(Shard(i, 5)) for i in range(1, 6)] == [len(part) for part in parts]
    for part in parts:
        assert (np.bincount(design.places(part)[0]) == len(part) / 2).all()


@pytest.mark.parametrize("larger", [{"draws": 9}, {"replicates": 5}, {"draws": 6, "replicates": 3},
                                    {"scenarios": ("without.toml", "reported-like.toml", "with.toml")}])
def test_a_larger_design_has_every_run_of_the_smaller(study_of, place, larger):
    text = (place / "with.toml").read_text()
    (place / "reported-like.toml").write_text(text.replace("districts = 7", "districts = 5"))

    few, many = all_addresses(study_of()), all_addresses(study_of(**larger))
    assert len(set(few)) == 16
    assert set(few) < set(many)


def test_a_longer_sobol_sequence_has_every_run_of_the_shorter(study_of):
    short, long = (from_draws(prior_draws(n, 7)) for n in (5, 12))

    assert set(all_addresses(study_of(points=short))) < set(all_addresses(study_of(points=long)))


def test_a_longer_table_has_every_run_of_the_shorter(study_of, place):
    def addresses(name, text):
        (place / name).write_text(text)
        table = {"points": {"file": name, "from": "2018-07"}}
        return set(all_addresses(study_of_table(place, table)))

    assert addresses("short.csv", "coaches\n2\n3\n") < addresses("long.csv", "coaches\n2\n4\n3\n")


def study_of_table(place, tables):
    return study.study_of({"title": "x", "scenarios": ["with.toml"], "from": "prior", "draws": 3} | tables, name="x",
                    folder=place)


def test_the_address_of_a_run_depends_on_everything_that_its_numbers_depend_on(study_of, place):
    def points(**changes):
        base = {"values": prior_draws(1, 1).values, "draw": np.array([0]), "levers": ("coaches",),
                "settings": np.array([[3.0]]), "since": "2018-07"}
        return Points(**base | changes)

    def first(points=None, **tables):
        return all_addresses(study_of(points=points or default, **tables))[0]

    default = points()
    moved = Draws(default.values * (1.0 + 1e-15), "x").values
    same, base = first(points()), first()
    others = [first(seed=2), first(points(draw=np.array([1]))), first(points(values=moved)), first(until="2019-09"),
              first(points(settings=np.array([[4.0]]))), first(points(since="2018-08")),
              first(points(levers=("visits",))), first(scenarios=("with.toml",)),
              all_addresses(study_of(points=default))[2]]

    assert same == base
    assert len({base, *others}) == 1 + len(others)
    for keep in ({"indicators": ["true"]}, {"groups": ["ever"]}, {"detail": "province"}):
        assert first(keep=keep) == base, "what is recorded does not change a run"


def test_the_address_of_a_run_knows_the_order_of_districts_from_the_year_in_which_it_counts():
    levers = lever_table(load_scenario("reported").levers)
    listed = levers.copy()
    listed["order"][110:] = ORDER_LISTED
    orders = ((), ("OD-0101", "OD-0102"), ("OD-0102", "OD-0101"))

    unused, used = ([lever_key(table, 24216, order) for order in orders] for table in (levers, listed))

    assert len(set(unused)) == 1
    assert len({key.whole for key in used}) == 3
    assert {key.years[:9] for key in used} == {unused[0].years[:9]}


def test_the_address_of_a_run_depends_on_data_files(study_of, place):
    small = study_of()
    base = all_addresses(small)[0]
    changed = replace(small, scenarios=tuple(
        replace(scenario, data={"register": place / "other.csv"}) for scenario in small.scenarios))
    (place / "other.csv").write_text((place / "register.csv").read_text().replace("4700", "4701"))
    assert all_addresses(changed)[0] != base


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "a/b", "1/", "-1/2", "1/2/3", "²/3"])
def test_what_is_no_shard_is_refused(text):
    with pytest.raises(SettingError, match="is not a shard"):
        shard_of(text)


def test_a_shard_is_read():
    assert shard_of("2/8") == Shard(2, 8)
