"""Who sets the topics of teams: care areas by name in files, by bit in the model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qicsim.ground.errors import ScenarioError
from qicsim.ground.files import shipped_path
from qicsim.inputs.scenario import load_scenario
from qicsim.inputs.scenario.load import change
from qicsim.model.levers import TOPICS_SCORED, TOPICS_TEAM, TOPICS_WAVE
from qicsim.plan.basis import lever_rows
from tests.helpers import EMBEDDED

HEAD = 'title = "Waves"\ndescription = "Topics of waves."\nextends = "national-2030"\n'
WAVES = HEAD + """
[[change]]
from = "2027-01"
topics = "wave"
wave_topics = ["medical_waste", "hand_hygiene"]

[[change]]
from = "2029-01"
wave_topics = ["child_health"]
"""


def written(folder: Path, text: str, name: str = "waves.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_areas_are_bits_in_the_order_of_their_file(tmp_path: Path) -> None:
    """hand_hygiene and medical_waste are rows 1 and 2, child_health row 7."""
    waves = load_scenario(written(tmp_path, WAVES))

    assert sorted(set(waves.levers.wave_topics)) == [0, 0b110, 0b10000000]
    assert set(waves.levers.topics[-36:]) == {TOPICS_WAVE}


def test_the_resolved_form_names_areas_and_is_read_again(tmp_path: Path) -> None:
    waves = load_scenario(written(tmp_path, WAVES))
    resolved = waves.to_json()

    assert [one["value"] for one in json.loads(resolved)["levers"]["wave_topics"]] == [
        [], ["hand_hygiene", "medical_waste"], ["child_health"]]
    assert load_scenario(written(tmp_path, resolved, "again.json")) == waves


def test_another_file_of_areas_in_the_child_gives_its_own_bits_and_refuses_what_it_lacks(tmp_path: Path) -> None:
    written(tmp_path, WAVES)
    rows = EMBEDDED["areas"].read_text(encoding="utf-8").splitlines()
    written(tmp_path, "\n".join([rows[0], *rows[:0:-1]]) + "\n", "areas.csv")
    child = HEAD.replace("national-2030", "waves.toml") + '[data]\nareas = "areas.csv"\n'

    turned = load_scenario(written(tmp_path, child, "turned.toml"))
    assert 1 << 8 | 1 << 7 in turned.levers.wave_topics

    written(tmp_path, "\n".join(rows).replace("child_health", "childrens_health") + "\n", "areas.csv")
    with pytest.raises(ScenarioError, match='"child_health" is not a care area.*Did you mean "childrens_health"'):
        load_scenario(tmp_path / "turned.toml")


def test_a_change_in_python_names_areas_too() -> None:
    changed = change(load_scenario("national-2030"), from_="2027-01", topics="wave", wave_topics=["tb_screening"])

    assert changed.levers.wave_topics[-1] == 1 << 8
    with pytest.raises(ScenarioError, match="tb_screning"):
        change(load_scenario("national-2030"), from_="2027-01", wave_topics=["tb_screning"])


def test_a_plan_lists_areas_by_name(tmp_path: Path) -> None:
    rows = {row.name: row for row in lever_rows(
        load_scenario(written(tmp_path, WAVES)), load_scenario("reported"), (2027, 2035))}

    assert rows["wave_topics"].values == (("2027-01", "hand_hygiene, medical_waste"), ("2029-01", "child_health"))


def test_the_old_flag_is_read_and_the_new_lever_named(tmp_path: Path) -> None:
    old = HEAD + '[[change]]\nfrom = "2027-01"\nscored_topics_only = true\n'

    with pytest.warns(FutureWarning, match='scored_topics_only is now topics = "scored"'):
        scenario = load_scenario(written(tmp_path, old))

    assert set(scenario.levers.topics) == {TOPICS_TEAM, TOPICS_SCORED}


def test_old_resolved_forms_are_read(tmp_path: Path) -> None:
    dated = '[levers]\nscored_topics_only = [{ from = "2018-01", value = 0 }, { from = "2027-01", value = 1 }]\n'

    with pytest.warns(FutureWarning):
        scenario = load_scenario(written(tmp_path, HEAD + '[horizon]\nstart = "2018-01"\n' + dated))

    assert [int(value) for value in (scenario.levers.topics[0], scenario.levers.topics[-1])] == [
        TOPICS_TEAM, TOPICS_SCORED]


def test_an_editor_knows_both_levers() -> None:
    levers = json.loads(shipped_path("scenarios", "scenario.schema.json").read_text(encoding="utf-8"))[
        "properties"]["levers"]["properties"]

    assert levers["topics"]["anyOf"][0] == {"enum": ["team", "wave", "scored"]}
    assert levers["wave_topics"]["anyOf"][0]["type"] == "array"
