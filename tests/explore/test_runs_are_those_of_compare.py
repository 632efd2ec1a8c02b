"""The live page shows what `compare` writes of the same scenarios, draws and luck, to the digit."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from qicsim.analysis.compare import PROVINCE_SHOWN, compare
from qicsim.explore.controls import LINES, Country, ask_of, choices_of, presets
from qicsim.explore.figures import Figures, message
from qicsim.explore.made import costs_csv
from qicsim.explore.runs import Runs
from qicsim.ground.intervals import interval_of
from qicsim.inputs.scenario import load_scenario, with_overrides
from qicsim.inputs.world.money import shipped_rows
from qicsim.model.columns import COST_LINES, PAYERS
from qicsim.runs.assumptions import GROUPS
from qicsim.runs.ensemble import run_ensemble
from qicsim.runs.posterior import draws_from
from qicsim.runs.worker import built_world
from tests.explore.conftest import ask

DRAWS = 2
NATION = ("true", "recorded", "true_80", "recorded_80", "people_true_80", "coverage", "active")


@contextmanager
def running(reference):
    districts = len(built_world(reference).districts)
    made = Runs(Country(reference, districts, shipped_rows()), draws_from(None, DRAWS, 1), seed=1, workers=2)
    yield made
    made.executor.shutdown()


@pytest.fixture(scope="module")
def runs(small):
    with running(small) as made:
        yield made


def random_asks(runs):
    """Ten settings of levers, drawn at random, in four groups with assumptions and an envelope of their own."""
    chance = np.random.default_rng(17)
    groups = list(GROUPS)
    sets = [{}, *({groups[at]: str(chance.choice(choices_of(groups[at]))) for at in chance.choice(8, 2, replace=False)}
                  for _ in range(2)), {"effects": "half"}]
    for number, assumed in enumerate(sets):
        yield [ask_of(ask(random_plan(runs, chance), envelope=9e6 if number else None, assumptions=assumed),
                      runs.country) for _ in range((3, 3, 2, 2)[number])]


def random_plan(runs, chance):
    stops = runs.country.stops
    levers = {name: stops[name][chance.integers(len(stops[name]))]
              for name in chance.choice(sorted(stops), 4, replace=False)}
    return {"preset": str(chance.choice(presets()[1:])), "levers": levers, "start": int(chance.integers(2027, 2032)),
            "ends": 2033 if chance.random() < 0.3 else None}


def figures(runs, asked):
    job = runs.job(asked)
    runs.finish(job)
    return Figures(job, DRAWS)


def ensemble_of(*jobs):
    """Runs of the reference of some jobs, and of the plan of each, as `compare` makes them."""
    plans = [replace(job.scenarios["A"], name=f"plan-{number}") for number, job in enumerate(jobs)]
    return run_ensemble([replace(jobs[0].scenarios[""], name="reference"), *plans], jobs[0].lived.draws, seed=1,
                        store=False)


def test_ten_random_settings_are_to_the_digit_what_compare_writes(runs):
    assert_ten_same(runs)


@pytest.mark.slow
def test_ten_random_settings_are_to_the_digit_what_compare_writes_of_the_whole_country():
    with running(load_scenario("reported")) as runs:
        assert_ten_same(runs)


def assert_ten_same(runs):
    for asked in random_asks(runs):
        found = [figures(runs, one) for one in asked]
        table = compare(ensemble_of(*(one.job for one in found)), "reference")
        for number, one in enumerate(found):
            assert_same(one, "A", table, f"plan-{number}")
        assert_same(found[0], "", table, "reference")


def assert_same(found, key, table, name):
    nation, provinces, costs = (one[one["scenario"] == name] for one in (table.trajectories, table.provinces,
                                                                         table.costs))
    ends = nation[(nation["group"] == "all") & nation["quarter"].str.endswith("Q4")]
    for indicator in NATION:
        rows, own = ends[ends["indicator"] == indicator], interval_of(found.nation(key, indicator))
        for column, part in (("mean", own.mean), ("p05", own.low), ("p95", own.high)):
            np.testing.assert_array_equal(part, rows[column])
    for indicator in PROVINCE_SHOWN:
        rows = provinces[(provinces["indicator"] == indicator) & (provinces["year"] == 2035)]
        own = interval_of(found.sample(key, indicator)[:, -1, 1:]).mean
        np.testing.assert_array_equal(own, rows.sort_values("province")["mean"])
    spent = found.records[key].money.mean(axis=0)
    np.testing.assert_allclose(spent.ravel(), costs["mean"], rtol=1e-12, atol=1e-6)
    assert len(costs) == len(found.years) * len(COST_LINES) * len(PAYERS)


@pytest.mark.parametrize("plan", [{}, {"preset": "capped-budget"}])
def test_dearer_units_cost_what_runs_with_a_file_of_unit_costs_cost(runs, tmp_path, plan):
    """Without a ceiling they are prices times quantities; under one they change what happens, and the plan is run."""
    asked = ask_of(ask(plan, costs=dict.fromkeys(LINES, 1.5) | {"coach_post": 0.5}), runs.country)
    file = tmp_path / "costs.csv"
    file.write_text(costs_csv(runs.country, asked), encoding="utf-8")
    found = figures(runs, asked)
    job = replace(found.job, scenarios={key: with_overrides(one, None, file)
                                        for key, one in found.job.scenarios.items()})
    costs = compare(ensemble_of(job), "reference").costs

    for key, name in (("", "reference"), ("A", "plan-0")):
        written = costs[costs["scenario"] == name]["mean"].to_numpy().reshape(18, len(COST_LINES), len(PAYERS))
        np.testing.assert_allclose(found.money(key).mean(axis=0), written.sum(axis=2), rtol=1e-6, atol=20.0)
    assert (found.job.arms["A"].setting is found.job.lived.world.setting) == (not plan)


def test_what_was_run_is_not_run_again(runs, monkeypatch):
    first = runs.job(ask_of(ask({"levers": {"coaches": 3}}), runs.country))
    runs.finish(first)
    monkeypatch.setattr(type(runs), "submit", None)

    for more in ({}, {"costs": {"coach_visit": 2}}, {"target": {"share": 0.5, "year": 2031}}):
        again = runs.job(ask_of(ask({"levers": {"coaches": 3}}, **more), runs.country))
        assert again.missing(DRAWS) == []


def test_a_stopped_change_runs_nothing_more(runs):
    job = runs.job(ask_of(ask({"levers": {"visits": 2}}), runs.country))
    runs.submit(job, 0, lambda: True).result()

    assert job.arms["A"].records == [None] * DRAWS


def test_the_pasts_of_few_assumptions_are_kept_and_those_as_simulated_always(runs):
    first = runs.lived(())
    for key in ("habit-never", "growth-plateau", "R10"):
        runs.finish(runs.job(ask_of(ask(assumptions={group: key for group in GROUPS if key in choices_of(group)}),
                                    runs.country)), 1)

    assert runs.lived(()) is first and list(runs._lived) == [(), ("R10",)]
    assert {key[0] for key in runs._arms} <= {(), ("R10",)}


def test_a_plan_that_cannot_be_staffed_or_makes_no_sense_is_warned_of(runs):
    def warned(plan):
        asked = ask_of(ask(plan), runs.country)
        runs.finish(runs.job(asked))
        return " ".join(message(runs, runs.job(asked), DRAWS)["warnings"]["A"])

    assert warned({"preset": "reported"}) == "" and "Coaches cannot" not in warned({})
    assert "is not made for this register" in warned({})
    assert "Coaches cannot make the visits" in warned({"levers": {"visits": 8.0, "coaches": 1}})
    assert "Nobody funds support" in warned({"preset": "reported", "levers": {"coaches": 4}})
