"""Adaptive plans: each run goes on under one of two tables of levers by its own recorded sign, in every face alike."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import numpy as np
import pytest

from qicsim.agents import QicModel
from qicsim.ground.declare import parameter_sets
from qicsim.inputs.scenario import load_scenario, scenario_schema
from qicsim.inputs.scenario.load import change
from qicsim.model.parameters import Parameters
from qicsim.model.signs import sign, sign_of_sums
from qicsim.model.simulate import noise_key
from qicsim.runs.blocks import Recorder, standard
from qicsim.runs.branches import Buffers, branches_of, months_of, sides_of
from qicsim.runs.draws import prior_draws
from qicsim.runs.ensemble import run_ensemble
from qicsim.runs.forks import forks_said, reached
from qicsim.runs.keys import lever_key
from qicsim.runs.readout import values
from qicsim.runs.runner import Runner
from tests.helpers import typed
from tests.worlds import SCENARIO, register_text

BETTER = {"from": "2019-07", "coaches": 1, "visits": 0.25}
WORSE = {"from": "2019-10", "coaches": 4, "visits": 2, "ramp_to": "2020-06"}
DRAWS = prior_draws(6)


def block(name, table):
    return f"\n[[{name}]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())


def forked(least, indicator="recorded", of="all", month="2019-07"):
    return (SCENARIO + f'\n[fork]\nmonth = "{month}"\nindicator = "{indicator}"\nof = "{of}"\nat_least = {least}\n'
            + block("fork.reached", BETTER) + block("fork.missed", WORSE))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forks")
    (folder / "register.csv").write_text(register_text())
    return folder


@pytest.fixture(scope="module")
def read(place):
    """Loads a scenario from its text."""
    def load(name, text, **choices):
        (place / f"{name}.toml").write_text(text)
        return load_scenario(place / f"{name}.toml", **choices)
    return load


@pytest.fixture(scope="module")
def sides(read):
    return (read("better", SCENARIO + block("change", BETTER)), read("worse", SCENARIO + block("change", WORSE)))


def kept(scenarios):
    ensemble = run_ensemble(scenarios, DRAWS, replicates=1, workers=1, store=False)
    return ensemble, {name: ensemble.kept[name] for name in ensemble.runners}


def same(one, other, runs=slice(None)):
    return all(mine[runs].tobytes() == theirs[runs].tobytes() for mine, theirs in zip(one, other, strict=True))


def test_a_fork_never_reached_is_one_plan_one_always_reached_the_other_and_between_each_run_has_its_own(read, sides):
    plain = kept([*sides])[1]
    middle = np.median(plain["better"].nation[:, 5, :, 6].sum(axis=1) / plain["better"].nation[:, 5, :, 0].sum(axis=1))
    adaptive = [read(name, forked(least)) for name, least in
                (("never", 100), ("always", 0), ("some", round(float(middle), 6)))]

    ensemble, found = kept([*sides, *adaptive])
    which = reached(ensemble, "some")

    assert same(found["never"], plain["worse"]) and not reached(ensemble, "never").any()
    assert same(found["always"], plain["better"]) and reached(ensemble, "always").all()
    assert 0 < which.sum() < len(DRAWS)
    for run, took in enumerate(which):
        assert same(found["some"], plain["better" if took else "worse"], [run])
        assert not same(found["some"], plain["worse" if took else "better"], [run])
    assert f"as in {100 * which.mean():.0f} % of runs" in forks_said(ensemble)[2].replace("\u00a0", " ")


@pytest.mark.parametrize(("indicator", "of", "least"), [("recorded", "ever", 60.0), ("recorded_80", "never", 0.02),
                                                        ("coverage", "all", 0.5), ("active", "all", 15)])
def test_the_mesa_face_and_a_run_alone_decide_as_the_compiled_runs_do(read, indicator, of, least):
    scenario = read(f"by-{indicator}", forked(least, indicator, of))
    ensemble, found = kept([scenario])
    runner, went = Runner.of(scenario), reached(ensemble, scenario.name)
    recorder = Recorder(runner.world.setting, scenario.start, runner.world.areas.keys,
                        standard(runner.world.areas.keys))
    alone = Buffers.of(runner.world.setting, recorder.recording, recorder.asked)

    for run in range(2):
        own = parameter_sets(Parameters, DRAWS.values[run:run + 1].copy())[0]
        reading = alone.run(runner.levers, (scenario.structure, own, noise_key(1, run, 0)), *runner.adaptive)
        model = QicModel(runner.world, scenario, DRAWS.values[run], draw=run).run()

        assert reading.nation.astype(np.float32).tobytes() == found[scenario.name].nation[run].tobytes()
        assert np.array_equal(model.state.facility, alone.state.facility)
        assert model.levers["coaches"][-1] == (1.0 if went[run] else 4.0)


def test_signs_of_sums_by_hand():
    """By kind and whether they ever joined: 4 of 300 points, 1 of 90, 2 of 100, none; and then nobody."""
    sums = np.array([[[300.0, 4.0], [90.0, 1.0], [100.0, 2.0], [0.0, 0.0]], np.zeros((4, 2))])

    assert sign_of_sums("all", sums)[0] == 490.0 / 7.0
    assert sign_of_sums("ever", sums)[0] == 90.0
    assert sign_of_sums("never", sums)[0] == 400.0 / 6.0
    assert np.isnan(sign_of_sums("ever", sums)[1])
    assert sign_of_sums("all", sums[..., 1:]).tolist() == [7.0, 0.0], "teams are counted, not divided"


def test_a_sign_is_the_indicator_that_is_reported(read):
    scenario = read("plain", SCENARIO)
    runner, (ensemble, _) = Runner.of(scenario), kept([scenario])
    model = QicModel(runner.world, scenario, DRAWS.values[0])
    for _ in range(18):
        model.step()

    for name, of in (("recorded", "ever"), ("recorded", "all"), ("recorded_80", "never"), ("coverage", "all"),
                     ("active", "all")):
        reported = values(ensemble, "plain", name, of)[0][5]
        assert sign(name, of, 17, 80.0, runner.world.setting, model.state) == pytest.approx(reported, rel=1e-6)


def test_the_side_that_no_run_takes_is_not_lived_and_the_months_before_are_shared(read, sides):
    scenario = read("fork", forked(50))
    several = [*scenario.tables, sides[0].tables[0]]
    tree = branches_of(several, sides=(*sides_of(scenario), None))

    assert tree.last == 18
    assert sorted(branch.scenarios for branch in tree.following) == [(0,), (1,), (2,)]
    assert months_of(tree) == 18 + 3 * 18


def test_the_key_of_a_run_knows_the_rule_and_both_sides_from_the_year_in_which_it_is_decided(read, sides):
    def key(name, text):
        one = read(name, text)
        return lever_key(one.tables[0], one.start, one.districts, one.rule, *one.tables[1:])

    keys = [key("a", forked(50)), key("b", forked(51)), key("c", forked(50, of="ever")),
            key("d", forked(50).replace("visits = 2", "visits = 3")), key("better", SCENARIO + block("change", BETTER))]

    assert len({one.whole for one in keys}) == 5
    assert len({one.years[0] for one in keys}) == 1
    assert len({one.years[1] for one in keys}) == 5


def test_the_resolved_form_is_read_again_and_a_shorter_horizon_has_no_fork(read, place):
    scenario = read("again", forked(55, of="ever"))
    (place / "again.json").write_text(scenario.to_json())
    jsonschema.Draft202012Validator(scenario_schema()).validate(json.loads(scenario.to_json()))

    again, short = load_scenario(place / "again.json"), read("again", forked(55), horizon_end="2019-06")

    assert again.digest == scenario.digest
    assert again.rule == scenario.rule
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(again.tables, scenario.tables, strict=True))
    assert scenario.digest != replace(scenario, fork=None).digest
    assert short.fork is None and short.months == 18


def test_what_extends_an_adaptive_plan_inherits_its_fork_and_changes_both_sides(read):
    parent = read("parent", forked(55))
    child = read("child", 'title = "x"\ndescription = "y"\nextends = "parent.toml"\n'
                 + block("change", {"from": "2020-10", "coaches": 3}))
    changed = change(parent, from_="2020-10", coaches=3)

    for one in (child, changed):
        assert one.rule == parent.rule
        assert [table["coaches"][-1] for table in one.tables] == [3.0, 3.0]
        assert [table["coaches"][30] for table in one.tables] == [1.0, 4.0]


@pytest.mark.parametrize(("old", "new", "message"), [
    ('indicator = "recorded"', 'indicator = "recordet"', '"recordet" is not a choice'),
    ('of = "all"', 'of = "evr"', 'Did you mean "ever"?'),
    ('month = "2019-07"', 'month = "2019-08"', "is not the first month of a quarter"),
    ('month = "2019-07"', 'month = "2018-01"', "is no month in which a plan can be decided"),
    ('month = "2019-07"\n', "", '"month" is missing'), ("at_least = 50", "at_least = 500", "out of range"),
    ("at_least = 50", 'at_least = "50"', "is a text, not a number"),
    ('from = "2019-07"', 'from = "2019-04"', '[[fork.reached]] coaches: "2019-04" is before it is decided'),
    ("[fork]", "[fork]\nalso = 1", '"also" is not known here'),
    ("coaches = 1\n", "coachs = 1\n", '[[fork.reached]] 1: "coachs" is not a lever. Did you mean "coaches"?'),
    ('"recorded"\nof = "all"', '"active"\nof = "ever"', 'active of "ever"')])
def test_what_is_wrong_with_a_fork_is_said_by_check(place, old, new, message):
    text = forked(50)
    assert old in text
    (place / "faulty.toml").write_text(text.replace(old, new, 1))

    checked = typed("check", "faulty.toml", cwd=place)

    assert checked.returncode == 2
    assert message in checked.stderr
