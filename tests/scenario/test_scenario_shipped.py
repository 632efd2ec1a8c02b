"""The shipped scenarios, their resolved forms and the schema."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import qicsim.inputs.scenario as package
from qicsim.ground.calendar import parse_month
from qicsim.ground.files import shipped_path
from qicsim.inputs.country import default_country
from qicsim.inputs.scenario import (
    REFERENCE,
    Scenario,
    ScenarioError,
    change,
    load_scenario,
    scenario_schema,
    shipped,
    write_schema,
)
from qicsim.model.columns import COST_LINES
from qicsim.model.levers import TOPICS_SCORED
from qicsim.runs.draws import default_draw
from qicsim.runs.ensemble import run_ensemble
from qicsim.runs.posterior import posterior_draws
from qicsim.runs.readout import qic_lines, sums, values, yearly_cost

LISTING = default_country().listing
POLICY = default_country().policy
PROVINCES = default_country().by_people

REPOSITORY = Path(package.__file__).resolve().parents[3]
EVERY = pytest.mark.parametrize("name", LISTING)


def at(scenario: Scenario, lever: str, month: str) -> float:
    """Value of a lever in a month."""
    return getattr(scenario.levers, lever)[parse_month(month) - scenario.start].item()


# --------------------------------------------------------------------------------------------------- shipped files


def test_every_file_of_the_folder_is_listed_and_the_reverse() -> None:
    """A scenario that is not listed would never be seen."""
    assert sorted(path.stem for path in shipped_path("scenarios").glob("*.toml")) == sorted(LISTING)
    assert tuple(shipped()) == LISTING
    assert set(POLICY) <= set(LISTING)
    assert POLICY[0] == LISTING[0] == REFERENCE


@EVERY
def test_a_shipped_scenario_resolves_and_explains_itself(name: str) -> None:
    """Title, description and assumptions are there, and short enough for a page."""
    scenario = load_scenario(name)

    assert scenario.name == name
    assert 5 < len(scenario.title) <= 50
    assert 40 < len(scenario.description) < 500
    assert "\n" not in scenario.description
    assert scenario.assumptions
    assert all(re.fullmatch(r"[A-Z0-9].*\.", text) for text in scenario.assumptions)
    assert len(scenario.provinces) == 25


@EVERY
def test_a_shipped_file_agrees_with_the_schema(name: str) -> None:
    """The schema accepts what the loader accepts; the first line shows it to editors."""
    text = shipped()[name].read_text(encoding="utf-8")

    jsonschema.Draft202012Validator(scenario_schema()).validate(tomllib.loads(text))
    assert text.startswith("#:schema ./scenario.schema.json\n")


def test_titles_are_different() -> None:
    """They are the legends of figures."""
    assert len({load_scenario(name).title for name in LISTING}) == len(LISTING)
    assert len({load_scenario(name).digest for name in LISTING}) == len(LISTING)


def test_the_reference_is_the_history_that_was_reported() -> None:
    """Project from 2019 to 2023, teams join to the end of 2021, nothing follows."""
    reported = load_scenario("reported")
    months = ("2018-12", "2019-01", "2021-12", "2022-01", "2023-12", "2024-01", "2035-12")

    assert [at(reported, "recruiting", month) for month in months] == [0, 1, 1, 0, 0, 0, 0]
    assert [at(reported, "support", month) for month in months] == [0, 1, 1, 1, 1, 0, 0]
    assert [at(reported, "donor_share", month) for month in ("2018-12", "2019-01", "2025-01", "2025-02", "2035-12")
            ] == [0, 1, 1, 0.38, 0.38]
    assert [at(reported, "accreditation", month) for month in ("2021-06", "2021-07", "2035-12")] == [0, 0.1, 0.1]
    assert reported.known_until == parse_month("2025-12")
    assert [at(reported, "exchanges", month) for month in months] == [0, 1.4, 1.4, 0, 0, 0, 0]
    assert [at(reported, "virtual", month) for month in ("2018-12", "2020-03", "2020-04", "2021-12", "2022-01")
            ] == [0, 0.2, 0.9, 0.9, 0.2]
    assert [at(reported, "donor_share_pbf", month) for month in ("2022-06", "2022-07")] == [0.46, 0.38]
    assert reported.provinces[:6] == ("Battambang", "Pursat", "Kampong Cham", "Pailin", "Kampong Speu", "Siem Reap")
    assert np.all(reported.levers.rounds == 1)
    assert np.all(reported.levers.pbf == 1)


@pytest.mark.parametrize("name", [*POLICY[2:], "qic-without-pbf", "neither"])
def test_a_plan_leaves_the_years_before_2027_alone(name: str) -> None:
    """Plans differ from the reference only from the month in which they act, so contrasts begin at zero."""
    reference, plan = load_scenario(REFERENCE), load_scenario(name)
    known = parse_month("2027-01") - reference.start

    for lever in reference.levers._fields:
        assert np.array_equal(getattr(plan.levers, lever)[:known], getattr(reference.levers, lever)[:known]), lever
    assert any(not np.array_equal(ours, theirs) for ours, theirs in zip(plan.levers, reference.levers, strict=True))


def test_the_national_plan_reaches_every_district_by_the_end_of_2030() -> None:
    """The ceiling rises from 29 in equal steps; haste needs no steps; a donor's exit ends everything."""
    plan, haste, exit_ = map(load_scenario, ("national-2030", "national-2028", "donor-exit-2029"))

    assert [at(plan, "districts", month) for month in ("2026-12", "2030-09", "2035-12")] == [29, 100, 100]
    assert 29 < at(plan, "districts", "2027-01") < at(plan, "districts", "2030-08") < 100
    assert [at(haste, lever, "2027-01") for lever in ("districts", "launch_boost")] == [100, 10]
    assert [at(exit_, "support", month) for month in ("2029-12", "2030-01", "2035-12")] == [1, 0, 0]


def test_the_past_has_two_other_endings() -> None:
    """Never begun, or never ended."""
    never, held = load_scenario("pbf-only"), load_scenario("hold-398")

    assert not never.levers.recruiting.any()
    assert not never.levers.support.any()
    assert [at(held, "support", month) for month in ("2018-12", "2019-01", "2035-12")] == [0, 1, 1]
    assert not held.levers.recruiting[parse_month("2022-01") - held.start:].any()


def test_what_the_reference_trial_needs_is_fixed() -> None:
    """No lapse, scored topics only, more coaches than can be used."""
    trial = load_scenario("reference-trial")

    assert trial.parameters == {"team.h_drop": 0.0, "rollout.hc_delay": 0.0}
    assert set(trial.levers.topics) == {TOPICS_SCORED} and set(trial.levers.support) == {1}
    assert set(trial.levers.coaches) == {20.0}


def test_the_names_of_provinces_are_those_of_the_world() -> None:
    """The most populous first."""
    path = default_country().folder / "provinces.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: -int(row["population"]))

    assert [row["name"] for row in rows] == list(PROVINCES)


# -------------------------------------------------------------------------------------------------- resolved forms


@EVERY
def test_a_resolved_form_is_read_again_as_the_same_scenario(name: str, tmp_path: Path) -> None:
    """Every field is explicit, the schema accepts it, and no path of this machine is in it."""
    scenario = load_scenario(name)
    path = tmp_path / "scenario.json"
    path.write_text(scenario.to_json(), encoding="utf-8")

    again = load_scenario(path)

    assert again == scenario
    assert again.digest == scenario.digest
    assert hash(again) == hash(scenario)
    assert all(np.array_equal(ours, theirs) and ours.dtype == theirs.dtype
               for ours, theirs in zip(again.levers, scenario.levers, strict=True))
    jsonschema.Draft202012Validator(scenario_schema()).validate(json.loads(scenario.to_json()))
    assert str(REPOSITORY) not in scenario.to_json()


def test_the_digest_knows_what_a_scenario_does_and_not_what_it_is_called() -> None:
    """Words are left out; a lever is not."""
    scenario = load_scenario("reported")
    renamed = replace(scenario, name="other", title="Other", description="Other words.", assumptions=())
    longer = load_scenario("reported", horizon_end="2036-12")

    assert renamed.digest == scenario.digest
    assert renamed != scenario
    assert longer.digest != scenario.digest


def test_a_resolved_form_pins_its_data_files(tmp_path: Path) -> None:
    """By name and sha256: another content under the same name is refused."""
    data = tmp_path / "mine" / "shock.csv"
    data.parent.mkdir()
    data.write_text("quarter,shock\n", encoding="utf-8")
    plan = tmp_path / "plan.toml"
    plan.write_text('title = "A plan"\ndescription = "In plain words."\n[data]\nshock = "mine/shock.csv"',
                    encoding="utf-8")
    scenario = load_scenario(plan)
    resolved = tmp_path / "scenario.json"
    resolved.write_text(scenario.to_json(), encoding="utf-8")

    assert scenario.resolved()["data"]["shock"]["file"] == "mine/shock.csv"
    assert load_scenario(resolved) == scenario
    data.write_text("quarter,shock\n2020Q1,1\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="is not the file that this scenario was resolved with"):
        load_scenario(resolved)


# ---------------------------------------------------------------------------------------------------------- schema


def test_the_schema_file_is_up_to_date(tmp_path: Path) -> None:
    """Otherwise: python -c "from qicsim.inputs.scenario import write_schema; write_schema()"."""
    fresh = write_schema(tmp_path / "fresh.json").read_text(encoding="utf-8")

    assert shipped_path("scenarios", "scenario.schema.json").read_text(encoding="utf-8") == fresh
    jsonschema.Draft202012Validator.check_schema(scenario_schema())


@pytest.mark.parametrize("body", [
    {"levers": {"coachs": 2}}, {"levers": {"coaches": 21}}, {"levers": {"schedule": "teired"}}, {"lever": {}},
    {"change": [{"coaches": 2}]}, {"change": [{"from": "2027Q1", "coaches": 2}]}, {"parameters": {"team.h_drop": 3}},
])
def test_the_schema_refuses_what_the_loader_refuses(body: dict) -> None:
    """So that an editor shows it while it is written."""
    document = {"title": "A plan", "description": "In plain words.", **body}

    assert not jsonschema.Draft202012Validator(scenario_schema()).is_valid(document)


# ------------------------------------------------------------------------------------------------------------ cost


def test_loading_loads_nothing_heavy() -> None:
    """A scenario without fixed parameters needs neither the compiler nor tables."""
    code = ("import sys, qicsim.inputs.scenario as s; s.load_scenario('national-2030').to_json();"
            "print(sorted({'numba', 'pandas', 'pydantic', 'networkx', 'mesa', 'matplotlib'} & set(sys.modules)))")
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_public_names_are_listed() -> None:
    """`__all__` is sorted and complete."""
    assert all(hasattr(package, name) for name in package.__all__)
    assert len(set(package.__all__)) == len(package.__all__)


@pytest.mark.parametrize("draws", [32, pytest.param(128, marks=pytest.mark.slow)])
def test_a_reformed_payment_pays_in_its_first_year_what_the_payment_of_today_pays(draws):
    names = ("reported", "pbf-reform", "national-with-reform")
    scenarios = [load_scenario(name, horizon_end="2027-12") for name in names]
    ensemble = run_ensemble(scenarios, posterior_draws(draws))

    paid = [yearly_cost(ensemble, name)[:, -1, ..., COST_LINES.index("pbf"), :].sum() for name in names]

    assert paid[1] == pytest.approx(paid[0], rel=0.05)
    assert paid[2] == pytest.approx(paid[0], rel=0.05)


def test_an_active_team_year_of_the_project_costs_what_evidence_says() -> None:
    """About 1,600 US$ in 2021, at the defaults of parameters; without hospitals that prepare for accreditation."""
    ensemble = run_ensemble([load_scenario("reported", horizon_end="2021-12")], default_draw(), replicates=8)

    lines = [line for line in qic_lines() if COST_LINES[line] != "accreditation"]
    in_2021 = yearly_cost(ensemble, "reported")[:, -1][..., lines, :].sum(axis=(1, 2, 3, 4)).mean()
    teams = sums(ensemble, "reported", "active")[:, -4:].mean()

    assert 1300.0 < in_2021 / teams < 1700.0


@pytest.mark.slow
def test_ten_times_the_bonus_all_to_staff_moves_true_quality_up_on_average_over_the_posterior():
    """In a draw whose bonus hardly works it need not: staff get what bought supplies."""
    reported = load_scenario("reported", horizon_end="2030-12")
    large = change(reported, from_="2027-01", name="large", pbf_size=10.0, staff_share=1.0)
    ensemble = run_ensemble([reported, large], posterior_draws(16))
    gain, incentive = ((values(ensemble, "large", name) - values(ensemble, "reported", name))[:, -1]
                       for name in ("true", "ledger_incentive"))

    assert gain.mean() > 0.5
    assert np.all(incentive > 0.0)
