"""Files that cannot be used: one fault each, in words that a planner can act on; never a traceback."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qicsim.inputs.scenario import ScenarioError, load_scenario
from qicsim.model.levers import Levers

INVALID = sorted((Path(__file__).parent / "invalid").glob("*.toml"))
HEAD = 'title = "A plan"\ndescription = "In plain words."\n'
MARK = "# expect: "


def faults_of(path: Path | str, **options: str) -> list[str]:
    """What is wrong with a file, one line for each fault."""
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path, **options)
    return [str(fault) for fault in caught.value.faults]


def written(folder: Path, content: str | bytes, name: str = "plan.toml") -> Path:
    """A scenario file with that content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_an_invalid_file_has_one_fault_that_says_what_to_do(path: Path) -> None:
    """The first line of each file holds the words to expect."""
    expected = path.read_text(encoding="utf-8").splitlines()[0].removeprefix(MARK)

    (fault,) = faults_of(path)

    assert expected in fault


def test_there_are_many_invalid_files() -> None:
    """None was lost, and each says what it expects."""
    assert len(INVALID) >= 45
    assert all(path.read_text(encoding="utf-8").startswith(MARK) for path in INVALID)


@pytest.mark.parametrize(("name", "content", "expected"), [
    ("empty.toml", "", "the file is empty"),
    ("blank.toml", " \n\n", "the file is empty"),
    ("latin.toml", HEAD.encode() + "# café".encode("latin-1"), "line 3: this is not UTF-8 text"),
    ("utf16.toml", HEAD.encode("utf-16"), "line 1: this is not UTF-8 text"),
    ("long.toml", HEAD + "#" * 1_000_001, "is larger than 1 MB"),
    ("prose.toml", "Dear colleague,\nplease scale up.", "line 1, column 6: this is not TOML: "),
    ("deep.toml", "x = " + "[" * 5000, "nested too deeply"),
    ("deep.json", '{"title":' * 50_000, "nested too deeply"),
    ("digits.toml", HEAD + f"x = {'9' * 5000}", "a number has too many digits"),
    ("plan.yaml", "title: A plan", "the name does not end in .toml or .json"),
    ("broken.json", '{"title": "A plan"\n"extends"}', "line 2, column 1: this is not JSON: "),
    ("list.json", "[]", "a list stands where a table should"),
    ("digits.json", '{"title": ' + "9" * 5000 + "}", "a number has too many digits"),
], ids=lambda value: value if isinstance(value, str) and "." in value and len(value) < 12 else "")
def test_a_file_that_is_no_scenario_is_refused(tmp_path: Path, name: str, content: str | bytes, expected: str) -> None:
    """Files that cannot hold a comment with what to expect."""
    (fault,) = faults_of(written(tmp_path, content, name))

    assert expected in fault


def test_a_key_that_stands_twice_in_json_is_a_fault(tmp_path: Path) -> None:
    """JSON would keep the last one without a word."""
    text = '{"title": "A plan", "title": "Another", "description": "In plain words."}'

    assert faults_of(written(tmp_path, text, "plan.json")) == ['"title" is written twice in one table.']


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    """Neither is a scenario."""
    assert faults_of(tmp_path) == ["cannot be read: this is a folder."]
    assert faults_of(tmp_path / "none.toml") == ["cannot be read: there is no such file."]
    assert "cannot be read" in faults_of(tmp_path / f"{'long' * 100}.toml")[0]


def test_a_link_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    """A link is judged by where it leads."""
    inner = tmp_path / "inner"
    inner.mkdir()
    outside = written(tmp_path, "id\n", "register.csv")
    (inner / "link.csv").symlink_to(outside)

    (fault,) = faults_of(written(inner, HEAD + '[data]\nregister = "link.csv"'))

    assert "leads out of the scenario's folder" in fault


def test_a_chain_of_scenarios_can_be_too_deep(tmp_path: Path) -> None:
    """Eight files may stand on each other."""
    for level in range(10):
        written(tmp_path, HEAD + (f'extends = "level-{level - 1}.toml"' if level else ""), f"level-{level}.toml")

    (fault,) = faults_of(tmp_path / "level-9.toml")

    assert "level-2.toml: extends: 8 scenarios stand on each other. Allowed: at most 8." in fault
    assert load_scenario(tmp_path / "level-7.toml").name == "level-7"


def test_a_parent_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """The fault stands in the parent, not in the file that was asked for."""
    written(tmp_path, "", "base.toml")

    assert faults_of(written(tmp_path, HEAD + 'extends = "base.toml"')) == ["base.toml: the file is empty."]


def test_all_faults_of_a_file_come_at_once(tmp_path: Path) -> None:
    """A planner mends a file once, not once for each fault."""
    path = written(tmp_path, 'title = ""\nextends = "reportd"\n[levers]\ncoachs = 2\nvisits = 75\n'
                             '[parameters]\n"x.y" = 1\n[[change]]\nfrom = "2027Q1"\nschedule = "teired"\n'
                             '[data]\nregister = "none.csv"\n')

    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)

    assert sorted(fault.place for fault in caught.value.faults) == [
        "[[change]] 1 from", "[[change]] 1 schedule", "[data] register", "[levers]", "[levers] visits", "[parameters]",
        "description", "extends", "title"]
    assert all(line.startswith(f"{path}: ") for line in str(caught.value).splitlines())


def test_an_unknown_name_proposes_the_nearest() -> None:
    """Without one, the list of names comes with it."""
    (fault,) = faults_of("nationl-2030")

    assert fault == '"nationl-2030" is not a shipped scenario. Did you mean "national-2030"?'
    assert faults_of("x")[0].startswith('"x" is not a shipped scenario. Allowed: reported, pbf-only, ')


@pytest.mark.parametrize(("end", "expected"), [
    ("2030", 'horizon_end: "2030" is not a month'),
    ("2030-11", 'horizon_end: "2030-11" is not the last month of a quarter'),
    ("2018-06", 'horizon_end: "2018-01" to "2018-06" is 6 months long'),
    ("2017-12", "ends before it begins"),
])
def test_the_end_that_a_caller_asks_for_is_checked(end: str, expected: str) -> None:
    """As if the file had said it."""
    (fault,) = faults_of("reported", horizon_end=end)

    assert expected in fault


# ------------------------------------------------------------------------------------------------- anything at all

# Few letters, but every sign that paths, JSON, HTML or terminals read in a way of their own: quicker than all letters.
short = st.text("aZ0_-. /\\\"'[]{}=#<&\n\0é៛\u202e\ud800", max_size=8)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | short | st.sampled_from(
    ["2027-01", "2027Q1", "reported", "tiered", "Battambang", "register.csv", "..", "\ud800"])
words = short | st.sampled_from(
    ["title", "description", "assumptions", "extends", "horizon", "start", "end", "rollout", "provinces", "pbf",
     "since", "levers", "change", "from", "ramp_to", "value", "parameters", "team.h_drop", "structure", "contagion",
     "data", "register", "file", "sha256", "name", "format", "$schema", *Levers._fields])
anything = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4)
                        | st.dictionaries(words, inner, max_size=5), max_leaves=8)


def load_or_refuse(content: bytes, name: str) -> None:
    """Load a file with that content; only ScenarioError may come of it, with a message that can be printed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            load_scenario(path).to_json()
        except ScenarioError as error:
            assert error.faults
            str(error).encode()


@settings(max_examples=100, deadline=None)
@given(document=st.dictionaries(words, anything, max_size=6))
def test_any_table_loads_or_is_refused(document: dict[str, object]) -> None:
    """Whatever the keys and values."""
    whole = {"title": "A plan", "description": "In plain words.", **document}

    load_or_refuse(json.dumps(whole).encode(), "plan.json")


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
       ending=st.sampled_from([".toml", ".json"]))
def test_any_text_loads_or_is_refused(content: bytes, ending: str) -> None:
    """Whatever the bytes."""
    load_or_refuse(content, f"plan{ending}")


@settings(max_examples=100, deadline=None)
@given(levers=st.dictionaries(st.sampled_from(Levers._fields), anything, max_size=4),
       blocks=st.lists(st.dictionaries(words | st.just("from"), anything, max_size=4), max_size=3))
def test_any_levers_load_or_are_refused(levers: dict[str, object], blocks: list[dict[str, object]]) -> None:
    """Right names with wrong values, the usual case."""
    document = {"title": "A plan", "description": "In plain words.", "levers": levers, "change": blocks}

    load_or_refuse(json.dumps(document).encode(), "plan.json")
