"""Plans of the live page: shipped ones, moved ones, as files; what is asked wrongly."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.explore.controls import SLIDERS, Country, Plan, ask_of, presets
from qicsim.explore.made import costs_csv, scenario_toml
from qicsim.explore.runs import Runs
from qicsim.ground.calendar import parse_month
from qicsim.ground.errors import SettingError
from qicsim.inputs.scenario import load_scenario
from qicsim.inputs.scenario.timeline import LEVERS
from qicsim.inputs.world.money import read_unit_costs, shipped_rows
from qicsim.runs.draws import default_draw
from tests.explore.conftest import ask


@pytest.fixture(scope="module")
def country():
    return Country(load_scenario("reported"), 100, shipped_rows())


@pytest.fixture(scope="module")
def runs(country):
    made = Runs(country, default_draw(), seed=1, workers=1)
    yield made
    made.executor.shutdown()


def differing(one, other):
    return [name for name in LEVERS if not np.array_equal(getattr(one.levers, name), getattr(other.levers, name))]


@pytest.mark.parametrize("preset", presets())
def test_a_plan_in_which_nothing_is_moved_is_the_shipped_one(country, preset):
    assert differing(country.scenario(Plan(preset, {}), "same", "Same"), load_scenario(preset)) == []


def test_a_moved_lever_holds_from_the_first_month_of_plans_on_and_moves_no_other(country):
    shipped, moved = load_scenario("best-package"), country.scenario(Plan("best-package", {"coaches": 4}), "m", "M")
    since = parse_month("2027-01") - moved.start

    assert differing(moved, shipped) == ["coaches"]
    assert (moved.levers.coaches[since:] == 4).all() and (moved.levers.coaches[:since] == 2).all()


def test_districts_are_launched_in_equal_steps_over_the_years_that_are_asked_for(country):
    slow = country.scenario(Plan("national-2030", {"districts": 60.0, "pace": 2}), "slow", "Slow").levers.districts
    at_once = country.scenario(Plan("national-2030", {"pace": 0}), "fast", "Fast").levers.districts
    at = {month: parse_month(month) - parse_month("2018-01") for month in ("2026-12", "2027-01", "2028-08", "2028-09")}

    assert slow[at["2026-12"]] == 29 and slow[at["2028-09"]] == 60 and slow[at["2028-08"]] < 60
    assert at_once[at["2027-01"]] == 100


def test_a_later_start_moves_every_change_of_the_plan_by_whole_years(country):
    at_once, later = (country.scenario(Plan("institutionalised", {}, start=year), "x", "X") for year in (2027, 2029))
    since = parse_month("2027-01") - later.start

    for name in LEVERS:
        own, shipped = getattr(later.levers, name), getattr(at_once.levers, name)
        assert np.array_equal(own[since + 24:], shipped[since:-24]), name
        assert np.array_equal(own[:since + 24], getattr(country.reference.levers, name)[:since + 24]), name


def test_support_that_ends_leaves_what_the_shipped_exit_of_donors_leaves(country):
    ended = country.scenario(Plan("national-2030", {}, ends=2029), "ended", "Ended")

    assert differing(ended, load_scenario("donor-exit-2029")) == []


@pytest.mark.parametrize("plan", [
    {"preset": "national-with-reform"}, {"preset": "capped-budget", "start": 2029, "ends": 2032},
    {"preset": "institutionalised", "levers": {"coaches": 3, "virtual": 0.4, "order": "lowest-score", "pace": 3}},
    {"levers": {"budget": 750000, "districts": 60, "programme_months": 600, "pace": 0}}])
def test_a_saved_plan_is_the_plan(runs, tmp_path, plan):
    asked = ask_of(ask(plan), runs.country)
    file = tmp_path / "saved.toml"
    file.write_text(scenario_toml(runs, asked, "A"), encoding="utf-8")

    assert differing(load_scenario(file), runs.country.scenario(asked.plans["A"], "a", "A")) == []


def test_saved_unit_costs_are_a_file_of_unit_costs(country, tmp_path):
    file = tmp_path / "costs.csv"
    file.write_text(costs_csv(country, ask_of(ask(costs={"coach_visit": 2}), country)), encoding="utf-8")
    read, shipped = read_unit_costs(file).usd, np.array([row.usd for row in shipped_rows().values()])

    assert (read / shipped).tolist() == [2.0 if row.key.startswith("coach_visit") else 1.0
                                         for row in shipped_rows().values()]


@pytest.mark.parametrize("preset", presets())
def test_every_slider_has_the_place_of_every_shipped_plan(country, preset):
    values = country.preset_values(preset)

    assert tuple(sorted(values)) == tuple(sorted(SLIDERS))
    assert ask_of({"plans": {"A": {"preset": preset, "levers": values}}}, country).plans["A"].levers == {}


@pytest.mark.parametrize(("asked", "said"), [
    (None, "plan A is missing"), ({"plans": []}, "is no table"),
    (ask({"preset": "national-2031"}), 'Did you mean "national-2030"?'),
    (ask({"levers": {"coachs": 3}}), 'Did you mean "coaches"?'), (ask({"levers": {"coaches": 300}}), "0 to 20"),
    (ask({"levers": {"visits": [1]}}), "visits"), (ask({"levers": {"pace": 5}}), "0, 1, 2, 3, 4, 6, 8"),
    (ask({"start": 2026}), "2027 to 2031"), (ask({"start": 2030, "ends": 2029}), "2030 to 2033"),
    (ask(assumptions={"effects": "R11"}), "R10, W, charts, half, nothing"), (ask(envelope=-1), "0 to 1e+12"),
    (ask(assumptions={"habits": "never"}), 'Did you mean "habit"?'), (ask(costs={"coach_visit": float("nan")}), "nan"),
    (ask(costs={"visit": 2}), "not known here"), (ask(target={"share": 2, "year": 2030}), "0 to 1"),
    (ask(target={"share": "half"}), "'half'"), (ask(plan_b={"preset": ["x"]}), "plan B")])
def test_what_cannot_be_meant_is_refused_in_words(country, asked, said):
    with pytest.raises(SettingError, match=".") as refused:
        ask_of(asked, country)
    assert said in str(refused.value)
