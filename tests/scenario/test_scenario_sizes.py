"""Files that mean to keep the reader busy: work grows as the file does, and a message holds what a person can read."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from unittest import mock

import pytest

from qicsim.ground.errors import MOST_SHOWN, Fault, Faults, SettingError, repeated
from qicsim.ground.table import MOST_COLUMNS, Layout, read_table
from qicsim.inputs.scenario import ScenarioError, load_scenario
from qicsim.inputs.scenario.files import read_document
from tests.helpers import growth


def test_twice_written_keys_of_json_are_counted_in_one_pass(tmp_path: Path) -> None:
    """A table of 30,000 keys took a minute."""
    path = tmp_path / "plan.json"

    def work(keys: int) -> None:
        path.write_text(json.dumps({f"k{number}": number for number in range(keys)}), encoding="utf-8")
        assert len(read_document(Faults(), path) or {}) == keys

    assert growth(work, 2000) < 24.0


def test_every_key_that_is_written_twice_is_a_fault_of_its_own(tmp_path: Path) -> None:
    """In the order of the alphabet, each once."""
    path, faults = tmp_path / "plan.json", Faults()
    path.write_text('{"b": 1, "a": 1, "b": 2, "a": 2, "a": 3, "c": 1}', encoding="utf-8")

    read_document(faults, path)

    assert [fault.found for fault in faults] == [f'"{key}" is written twice in one table' for key in "ab"]


def test_repeated_words_come_in_their_order_in_one_pass() -> None:
    """What lists of names are checked with."""
    assert repeated(["b", "a", "b", "c", "a", "b"]) == ["b", "a"]
    assert growth(lambda size: repeated(str(number // 2) for number in range(size)), 10_000) < 24.0


@pytest.mark.parametrize("section", ["", "[levers]\n", "[parameters]\n", "[data]\n", '[[change]]\nfrom = "2027-01"\n'],
                         ids=["top", "levers", "parameters", "data", "change"])
def test_fifty_faults_are_shown_and_the_others_counted(section: str, tmp_path: Path) -> None:
    """As many unknown keys as a file can hold do not fill a terminal, nor keep the search for near names busy."""
    head = 'title = "A plan"\ndescription = "In plain words."\n'
    path = tmp_path / "plan.toml"
    path.write_text(head + section + "".join(f"coaches{number} = 1\n" for number in range(40_000)), encoding="utf-8")

    with (mock.patch("difflib.get_close_matches", wraps=difflib.get_close_matches) as searched,
          pytest.raises(ScenarioError) as refused):
        load_scenario(path)

    assert searched.call_count <= MOST_SHOWN
    lines = str(refused.value).splitlines()
    assert len(refused.value.faults) == 40_000
    assert len(lines) == MOST_SHOWN + 1
    assert lines[-1] == f"{path}: and 39,950 more faults."


def test_the_cap_of_a_message_leaves_fifty_faults_and_fewer_as_they_are() -> None:
    """Only what is more than a screen is cut."""
    def lines(number: int) -> list[str]:
        return str(SettingError("", [Fault("", f"fault {each}") for each in range(number)])).splitlines()

    assert lines(MOST_SHOWN) == [f"fault {each}." for each in range(MOST_SHOWN)]
    assert lines(MOST_SHOWN + 1)[-1] == "and 1 more fault."


def test_a_header_of_a_table_has_as_many_columns_as_can_be_told_apart(tmp_path: Path) -> None:
    """A header of millions of columns was compared with itself, column by column."""
    path = tmp_path / "table.csv"
    path.write_text("quarter" + ",x" * MOST_COLUMNS + "\n1\n", encoding="utf-8")

    with pytest.raises(SettingError, match=r"line 1: has 1,001 columns\. Allowed: at most 1,000\."):
        read_table(path, Layout(("quarter",)), SettingError)
