"""A scenario's name is a line of text that no file system takes for a path, however the scenario is made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from qicsim.api import compare
from qicsim.cli import main
from qicsim.inputs.scenario import ScenarioError, change, load_scenario
from qicsim.inputs.scenario.names import LONGEST_NAME

HEAD = 'title = "A plan"\ndescription = "In plain words."\nextends = "reported"\n'
HARMFUL = ("../../x", "/abs/x", "a\\b", "C:x", ".", "..", " .. ", "", " ", "a\x1b[31m", "a\nb", "a\x9bm", "a\u202eb",
           "a\u2066b", "a\u200fb", "x" * (LONGEST_NAME + 1), "\u1780" * LONGEST_NAME)
GOOD = ("my plan (2), draft", "ផែនការ\u200bជាតិ", "plan.v2", "a" * LONGEST_NAME, "50 % & more")


def written(folder: Path, name: str, ending: str = "toml") -> Path:
    """A scenario file with a name of its own."""
    path = folder / f"plan.{ending}"
    letters = "".join(f"\\U{ord(letter):08x}" for letter in name)
    path.write_text(f'name = "{letters}"\n{HEAD}', encoding="utf-8")
    return path


@pytest.mark.parametrize("name", HARMFUL, ids=ascii)
def test_a_name_that_could_be_a_path_or_move_a_terminal_is_refused_with_its_rule(name: str, tmp_path: Path) -> None:
    """In a file, and from a caller; the message itself is safe to print."""
    for make in (lambda: load_scenario(written(tmp_path, name)),
                 lambda: change(load_scenario("reported"), from_="2027-01", coaches=3, name=name)):
        with pytest.raises(ScenarioError) as refused:
            make()
        (fault,) = refused.value.faults
        assert fault.place == "name"
        assert "without / \\ : and control codes" in fault.allowed
        assert all(letter.isprintable() or letter == "\u200b" for letter in str(fault))
        assert len(str(fault)) < 400


@pytest.mark.parametrize("name", [name for name in HARMFUL if len(name) < LONGEST_NAME], ids=ascii)
def test_no_scenario_exists_under_such_a_name_even_if_it_is_copied(name: str) -> None:
    """Studies and structures make scenarios of scenarios."""
    with pytest.raises(ScenarioError, match="^name: "):
        replace(load_scenario("reported"), name=name)


@pytest.mark.parametrize("name", GOOD, ids=ascii)
def test_a_plain_name_in_any_script_is_kept(name: str, tmp_path: Path) -> None:
    """Khmer text has characters without width between its words."""
    assert load_scenario(written(tmp_path, name)).name == name


@pytest.mark.parametrize("stem", ["a\x1b[31mb", "a\u202eb", "a:b"])
def test_a_file_whose_own_name_is_no_name_asks_for_one(stem: str, tmp_path: Path) -> None:
    """Its stem would be the scenario's name."""
    path = tmp_path / f"{stem}.toml"
    path.write_text(HEAD, encoding="utf-8")

    with pytest.raises(ScenarioError) as refused:
        load_scenario(path)

    assert 'State another name at the top of the file: name = "..."' in refused.value.faults[0].hint
    path.write_text(f'name = "plan"\n{HEAD}', encoding="utf-8")
    assert load_scenario(path).name == "plan"


@pytest.mark.parametrize("command", ["check", "compare", "decide", "run", "plan"])
def test_every_command_refuses_a_name_that_leads_out_of_its_folder(command: str, tmp_path: Path, monkeypatch,
                                                                  capsys) -> None:
    """Nothing is written, inside the folder or outside."""
    inner = tmp_path / "inner"
    inner.mkdir()
    path = written(inner, "../../x")
    monkeypatch.chdir(inner)
    out = [] if command == "check" else ["--out", "o.xlsx" if command == "plan" else "o"]

    assert main([command, str(path), *out]) == 2

    assert f'{path}: name: "../../x" holds /, which parts folders. Allowed: ' in capsys.readouterr().err
    assert sorted(file.name for file in tmp_path.rglob("*")) == ["inner", "plan.toml"]


def test_a_study_refuses_such_a_name_as_well(tmp_path: Path, capsys) -> None:
    """The fault names the scenario of the study."""
    written(tmp_path, "../../x")
    study = tmp_path / "study.toml"
    study.write_text('scenarios = ["reported", "plan.toml"]\n', encoding="utf-8")

    assert main(["experiment", "status", str(study)]) == 2

    assert 'name: "../../x" holds /' in capsys.readouterr().err


def test_scenarios_of_the_api_cannot_write_outside_of_their_folder(tmp_path: Path) -> None:
    """A scenario that is made by a caller goes the same way."""
    with pytest.raises(ScenarioError):
        compare([replace(load_scenario("reported"), name="../x")], draws=1, replicates=1, folder=tmp_path / "o")
    assert list(tmp_path.iterdir()) == []


def test_an_ending_in_capitals_is_the_same_ending(tmp_path: Path, monkeypatch) -> None:
    """Cameras and old systems write PLAN.TOML."""
    (tmp_path / "PLAN.TOML").write_text(HEAD, encoding="utf-8")
    (tmp_path / "next.toml").write_text(HEAD.replace("reported", "PLAN.TOML"), encoding="utf-8")
    (tmp_path / "resolved.Json").write_text(load_scenario("reported").to_json(), encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert load_scenario("PLAN.TOML").name == "PLAN"
    assert load_scenario("next.toml").title == "A plan"
    assert load_scenario("resolved.Json") == load_scenario("reported")


def test_what_cannot_be_read_is_not_proposed_as_its_own_correction(tmp_path: Path) -> None:
    """A folder called base.toml is there, and is no file."""
    (tmp_path / "base.toml").mkdir()
    path = tmp_path / "plan.toml"
    path.write_text(HEAD.replace("reported", "base.toml"), encoding="utf-8")

    with pytest.raises(ScenarioError) as refused:
        load_scenario(path)

    assert str(refused.value.faults[0]) == 'extends: "base.toml" is no plain file that can be read.'
