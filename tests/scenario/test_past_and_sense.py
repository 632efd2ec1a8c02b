"""What is known of the past, plans that can still be chosen, levers without sense together, assumptions that hold."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from qicsim.ground.calendar import parse_month
from qicsim.inputs.country import default_country
from qicsim.inputs.scenario import Scenario, ScenarioError, change, load_scenario, scenario_schema, shipped
from qicsim.inputs.scenario.consistency import IDLE_WITHOUT, RULES, WAVE_TOPICS, senseless
from qicsim.inputs.scenario.load import teller_of_past
from qicsim.inputs.scenario.past import cautions, other_past, other_pasts
from qicsim.inputs.scenario.rounds import last_recorded, last_round
from qicsim.inputs.scenario.timeline import LEVERS
from qicsim.inputs.scenario.wave import LITTLE_ROOM, areas_in_force
from qicsim.model.mechanisms.topic import NEAR_CEILING

LISTING = default_country().listing

HEAD = 'title = "A plan"\ndescription = "In plain words."\n'
PASTS = ("pbf-only", "hold-398", "reference-trial")


@pytest.fixture(scope="module")
def reported() -> Scenario:
    return load_scenario("reported")


@pytest.fixture
def scenario(tmp_path: Path):
    """Write scenario files, body by name, and load the last one."""
    def load(**bodies: str) -> Scenario:
        for name, body in bodies.items():
            (tmp_path / f"{name}.toml").write_text(HEAD + body, encoding="utf-8")
        return load_scenario(tmp_path / f"{name}.toml")
    return load


# ------------------------------------------------------------------------------------------------------- the past


def test_what_is_known_is_inherited_stands_in_the_resolved_form_and_changes_no_digest(scenario, tmp_path):
    plan = scenario(plan='extends = "reported"')
    path = tmp_path / "again.json"
    path.write_text(plan.to_json(), encoding="utf-8")

    assert plan.known_until == parse_month("2025-12")
    assert plan.resolved()["horizon"]["known_until"] == "2025-12"
    assert load_scenario(path) == plan
    other = scenario(other='extends = "reported"\n[horizon]\nknown_until = "2026-06"')
    assert other.known_until == parse_month("2026-06")
    assert replace(plan, known_until=None).digest == plan.digest
    assert "known_until" not in scenario(free="").resolved()["horizon"]


def test_nothing_is_known_before_the_horizon_begins(scenario):
    with pytest.raises(ScenarioError, match=r'known_until: "2017-12" is before the horizon begins, "2018-01"'):
        scenario(plan='[horizon]\nknown_until = "2017-12"')


@pytest.mark.parametrize("name", LISTING)
def test_shipped_plans_can_be_chosen_and_three_scenarios_ask_for_another_past(name, reported):
    assert (other_past(load_scenario(name), reported) is not None) is (name in PASTS)


def test_the_first_month_that_differs_decides_and_reading_does_not_count(reported):
    at_the_edge, next_month, reading = (
        change(reported, from_="2025-12", verification=0.5), change(reported, from_="2026-01", verification=0.5),
        change(reported, from_="2020-01", threshold=70))

    assert other_past(at_the_edge, reported) == parse_month("2025-12")
    assert other_past(next_month, reported) is None
    assert other_past(reading, reported) is None
    assert other_past(replace(reported, pbf_since=parse_month("2015-01")), reported) is not None
    assert other_past(replace(reported, provinces=reported.provinces[::-1]), reported) is not None
    assert other_past(change(replace(reported, known_until=None), from_="2020-01", coaches=3),
                      replace(reported, known_until=None)) is None


def test_the_past_is_told_by_the_nearest_file_that_says_what_is_known(scenario, tmp_path):
    scenario(own='extends = "reported"\n[horizon]\nknown_until = "2026-06"', plan='extends = "own.toml"', free="")

    assert teller_of_past(tmp_path / "plan.toml") == tmp_path / "own.toml"
    assert teller_of_past("hold-398") == shipped()["reported"]
    assert teller_of_past(tmp_path / "free.toml") is None


def test_the_sentence_names_both_scenarios_and_the_first_month_that_is_open(reported):
    (said,) = other_pasts([load_scenario("hold-398"), reported], reported)

    assert said.startswith("“Support for today's teams goes on” differs from “As reported, then nothing” in 2022-01")
    assert "from 2026-01 on" in said


# ---------------------------------------------------------------------------------------------------------- sense


@pytest.mark.parametrize("name", LISTING)
def test_no_shipped_scenario_makes_no_sense(name):
    assert senseless(load_scenario(name)) == ()


@pytest.mark.parametrize(("levers", "words"), [
    ({"reenrol": True}, "teams may join while nobody funds support"),
    ({"support": True, "visits": 0}, "support is funded without coaches or without visits"),
    ({"support": True, "coaches": 0}, "support is funded without coaches or without visits"),
    ({"maintenance": 0.2}, "graduated teams are to be visited while nobody funds support"),
    ({"support": True, "maintenance": 2}, "graduated teams are to be visited more often"),
    ({"exchanges": 2}, "exchange visits are planned while nobody funds support"),
    ({"mentoring": 1}, "coaches are to be coached themselves while there is no support"),
    ({"recruiting": True, "support": True, "coach_training": 0}, "no coach can be trained"),
    ({"recruiting": True, "support": True, "join_floor": 1}, "is kept free until it has more visits"),
    ({"recruiting": True, "support": True, "join_floor": 0.1, "coaches": 0}, "no team can join"),
    ({"support": True, "cycle_months": 30}, "a topic lasts longer than a team stays"),
    ({"support": True, "budget": 0}, "nothing may be spent on collaboratives"),
    ({"accreditation": 0}, "and there is nothing to pay"),
    ({"pbf_envelope": 0}, "the envelope of performance payments is 0"),
    ({"pbf": False, "pbf_envelope": 1e6}, "pbf_envelope is changed while PBF is off"),
    ({"rounds": False}, "PBF is on while no NQEM round is held"),
    ({"recruiting": True, "support": True, "rounds": False, "order": "lowest-score"}, "districts are chosen by scores"),
    ({"pbf": False, "pbf_size": 2}, "pbf_size is changed while PBF is off"),
    ({"pbf": False, "rounds": False, "verification": 0.5}, "verification is changed while no NQEM round is held"),
    ({"coaches": 3}, "coaches is changed while nobody funds support"),
    ({"matching": "random"}, "matching is changed while there are no exchange visits"),
    ({"launch_boost": 2}, "launch_boost is changed while no district is launched"),
    ({"wave_topics": ["hand_hygiene"]}, "wave_topics is changed while topics are not those of the wave"),
    ({"hospitals_only": True}, "hospitals_only is changed while no team joins"),
    ({"pbf_size": 0}, "PBF is on and its payments are set to nothing"),
    ({"support": True, "topics": "scored", "rounds": False}, "topics are limited to areas that are scored"),
    ({"recruiting": True, "support": True, "launch_boost": 0}, "launched at no speed (launch_boost 0)"),
    ({"schedule": "none", "pay_standard": 5}, "pay_standard is changed while the schedule of PBF pays nothing"),
    ({"pbf": False, "rounds": False, "donor_share_pbf": 0.1},
     "donor_share_pbf is changed while PBF is off and no NQEM round is held"),
    ({"topics": "scored"}, "topics is changed while nobody funds support"),
    ({"cycle_months": 6}, "cycle_months is changed while nobody funds support"),
    ({"accreditation": 0, "budget": 1e6}, "budget is changed while collaboratives do nothing that costs"),
    ({"support": True, "topics": "wave", "wave_topics": ["hand_hygiene", "tb_screening"]},
     "without weight in the score, which does not show what is gained there: tb_screening."),
    ({"support": True, "topics": "wave", "wave_topics": ["general_waste", "child_health"]},
     "began near their ceiling, which no team gets while another is left: general_waste."),
])
def test_levers_that_make_no_sense_together_are_warned_of(levers, words, reported):
    plan = change(reported, from_="2029-01", **levers)

    assert any(words in said and ", 2029-01 to 2035-12: " in said for said in senseless(plan)), senseless(plan)
    assert set(senseless(plan)) <= set(cautions([plan], reported))


def test_every_rule_has_a_test_of_its_own_above():
    assert len(RULES) + len(IDLE_WITHOUT) + len(WAVE_TOPICS) == 31
    assert {name for _, names, _ in IDLE_WITHOUT for name in names} <= LEVERS.keys()


def test_a_wave_on_what_no_team_ever_chose_is_warned_of(scenario, tmp_path):
    shipped_areas = default_country().table("areas").read_text(encoding="utf-8")
    areas = shipped_areas.replace("0.08,0.08,0.072,0.072,11,6", "0.08,0.08,0.072,0.072,0,0")
    (tmp_path / "areas.csv").write_text(areas, encoding="utf-8")
    plan = scenario(plan="""extends = "reported"
[data]
areas = "areas.csv"
[[change]]
from = "2029-01"
support = true
topics = "wave"
wave_topics = ["hand_hygiene", "medical_waste"]
""")

    (said,) = senseless(plan)

    assert ", 2029-01 to 2035-12: " in said
    assert said.endswith("that no team ever chose, so that none works on them: hand_hygiene.")


def test_with_the_extended_weights_every_area_has_weight(reported):
    plan = change(reported, from_="2029-01", support=True, topics="wave", wave_topics=["tb_screening"])

    assert ["without weight" in said for said in senseless(plan)] == [True]
    assert senseless(change(plan, from_="2029-01", weights="extended")) == ()


def test_topics_of_a_wave_are_checked_by_the_numbers_of_the_model():
    assert LITTLE_ROOM == NEAR_CEILING
    assert [one.key for one in areas_in_force({}) if one.full] == ["general_waste"]
    assert all(one.chosen for one in areas_in_force({}))


def test_a_lever_decided_before_it_acts_is_not_idle(reported):
    """PBF that comes back later, or a change in the month before support begins, does something in the end."""
    back = change(change(change(reported, from_="2027-01", pbf=False), from_="2028-01", pbf_size=2), from_="2030-01",
                  pbf=True)

    assert senseless(back) == ()


# ---------------------------------------------------------------------------------------------------- assumptions


def test_a_sentence_that_a_childs_lever_contradicts_is_not_inherited(scenario):
    plan = scenario(
        base='assumptions = [{ text = "Two coaches.", levers = ["coaches"] }, "Plain.", '
             '{ text = "One coach until 2019.", levers = ["coaches"], until = "2019-12" }]\n[levers]\ncoaches = 2',
        plan='extends = "base.toml"\nassumptions = ["Three coaches."]\n[[change]]\nfrom = "2027-01"\ncoaches = 3')

    assert plan.assumptions == ("Plain.", "One coach until 2019.", "Three coaches.")
    assert [(gone.text, gone.levers) for gone in plan.dropped] == [("Two coaches.", ("coaches",))]


def test_a_lever_that_is_only_said_again_contradicts_nothing(scenario):
    plan = scenario(base='assumptions = [{ text = "Two coaches.", levers = ["coaches"] }]\n[levers]\ncoaches = 2',
                    plan='extends = "base.toml"\n[[change]]\nfrom = "2027-01"\ncoaches = 2')

    assert plan.assumptions == ("Two coaches.",)
    assert plan.dropped == ()


def test_marks_survive_the_resolved_form_so_that_it_can_be_extended(scenario, tmp_path):
    scenario(base='assumptions = [{ text = "Two coaches.", levers = ["coaches"], until = "2030-12" }]')
    resolved = load_scenario(tmp_path / "base.toml").to_json()
    (tmp_path / "resolved.json").write_text(resolved, encoding="utf-8")
    plan = scenario(plan='extends = "resolved.json"\n[[change]]\nfrom = "2029-01"\ncoaches = 3')

    assert json.loads(resolved)["assumptions"] == [{"text": "Two coaches.", "levers": ["coaches"], "until": "2030-12"}]
    jsonschema.Draft202012Validator(scenario_schema()).validate(json.loads(resolved))
    assert plan.assumptions == ()


def test_a_change_by_call_drops_what_it_contradicts():
    plan = change(load_scenario("national-2030"), from_="2029-01", coaches=3)

    assert "2 coaches a district and 0.75 visits a team and month, as in the project." not in plan.assumptions
    assert plan.dropped[-1].levers == ("coaches",)


def test_no_plan_says_two_coaches_where_it_has_three():
    for name in ("best-package", "coaching-intensive"):
        assert not any(text.startswith("2 coaches") for text in load_scenario(name).assumptions)


# --------------------------------------------------------------------------------------------------- last recorded


def test_a_score_is_the_last_recorded_one_while_no_round_is_held(reported):
    stopped = change(change(reported, from_="2029-02", rounds=False), from_="2031-01", rounds=True)

    assert [last_round(stopped, parse_month(month)) for month in ("2028-12", "2029-01", "2029-12", "2031-01")
            ] == [None, parse_month("2028-12"), parse_month("2028-12"), None]
    (said,) = last_recorded(stopped)
    assert said.endswith("holds no NQEM round from 2029Q1 to 2030Q4: what is called recorded there is the last "
                         "recorded score, of 2028Q4.")
    assert said in cautions([stopped], reported)
    assert last_recorded(reported) == ()


def test_without_any_round_the_score_is_that_of_the_beginning(scenario):
    plan = scenario(plan="[levers]\nrounds = false")

    assert last_round(plan, plan.start + 20) == plan.start - 1
    assert "the score with which facilities begin" in last_recorded(plan)[0]
