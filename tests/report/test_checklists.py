"""Checklists: every item is filled by code or listed as open, and an answer whose source breaks becomes open."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from dataclasses import replace

import pytest

from qicsim.errors import SettingError
from qicsim.experiment.compare import HEADLINE_YEARS
from qicsim.files import shipped_path
from qicsim.model.sources import FILE as SOURCES
from qicsim.report.checklist_facts import Facts, sections, shortened
from qicsim.report.checklist_outputs import page, text, write_checklist
from qicsim.report.checklist_reading import checklist, facts_of
from qicsim.report.checklist_runs import differences
from qicsim.report.checklists import ANSWERS, FILLED, NAMES, NOT_ASKED, OPEN, fill, fill_all, read_checklist
from qicsim.report.describe import ODD
from qicsim.report.outputs import write_csv, write_json
from qicsim.scenario import load_scenario
from tests.report.conftest import NASTY

DECISION = {"reference": "reported", "years": "2027-2035", "perspective": "government",
            "discounting": "discounted at 3 % a year to the start of 2027 (middle of year)",
            "outcome": "facility_years_true_80", "worth": "1500 US$ (given)",
            "riel": "4,100 riel for US$ 1 (a day, a bank)"}
PERSONAL = {"odd": set(), "cheers": {"1", "2", "4", "21", "25", "26", "27", "28"}, "stress": {"2.1", "5.4"}}
each_list = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def facts() -> Facts:
    return Facts((load_scenario("reported"), load_scenario("national-2030")))


@pytest.fixture(scope="module")
def folder(three, tmp_path_factory):
    """What `qicsim compare` leaves of two scenarios, as far as checklists read it."""
    from qicsim.ensemble.provenance import provenance

    place = tmp_path_factory.mktemp("run")
    told = provenance(three.comparison.ensemble, command="qicsim compare national-2030 --draws 3")
    del told["scenarios"]["nasty"]
    write_json(told, place / "provenance.json")
    table = three.comparison.headline
    write_csv(table[table["scenario"] != "nasty"], place / "headline.csv")
    return place


def answer(filled, number):
    return next(one for one in filled.answers if one.item.number == number)


# ------------------------------------------------------------------------------------------------------------- lists


def test_the_lists_have_the_items_of_the_published_ones():
    numbers = {name: [item.number for item in read_checklist(name).items] for name in NAMES}

    assert numbers["cheers"] == [str(number) for number in range(1, 29)]
    assert Counter(number.split(".")[0] for number in numbers["odd"]) == {
        "1": 2, "2": 3, "3": 2, "4": 11, "5": 2, "6": 1, "7": 3}
    assert [n for n in numbers["stress"] if not n.startswith("2.5.")] == [
        "1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "3.1", "3.2", "3.3", "3.4", "4.1", "4.2", "4.3", "5.1", "5.2",
        "5.3", "5.4", "6.1"]


@each_list
def test_an_item_has_an_answer_of_the_code_or_a_word_for_a_person(name):
    items = read_checklist(name).items

    assert all(bool(item.answer) != bool(item.person) for item in items)
    assert {item.answer for item in items if item.answer} <= ANSWERS.keys()
    assert {item.number for item in items if item.person} == PERSONAL[name]
    assert len({item.number for item in items}) == len(items)


def test_every_answer_is_used_by_a_list():
    used = {item.answer for name in NAMES for item in read_checklist(name).items}

    assert ANSWERS.keys() - used - {"choices", "model_logic"} == set()


# ------------------------------------------------------------------------------------------------------------- score


@each_list
def test_the_score_is_what_is_filled_of_what_applies(facts, name):
    filled = fill(name, facts)
    count = Counter(one.state for one in filled.answers)

    assert sum(count.values()) == len(read_checklist(name).items)
    assert filled.score == count[FILLED] / (count[FILLED] + count[OPEN])
    assert f"{count[FILLED]} of {filled.applicable} items are filled" in filled.words
    assert all(one.item.number in filled.words for one in filled.of(OPEN))
    assert all(one.text for one in filled.answers)
    assert all(one.where for one in filled.of(FILLED))


def test_without_a_run_what_a_run_says_is_open(facts):
    filled = fill("cheers", facts)

    assert {one.item.number for one in filled.of(OPEN)} == PERSONAL["cheers"] | {"10", "20", "23", "24"}
    assert [one.item.number for one in filled.of(NOT_ASKED)] == ["13"]
    assert "--run" in answer(filled, "20").text


def test_a_run_and_a_decision_fill_them(facts, folder):
    told = facts_of(run=folder)
    filled = fill("cheers", replace(told, run=dict(told.run) | {"decision": DECISION}))

    assert {one.item.number for one in filled.of(OPEN)} == PERSONAL["cheers"]
    assert answer(filled, "10").text == f"Costs and effects are {DECISION['discounting']}."
    assert "government" in answer(filled, "8").text
    assert "2027-2035" in answer(filled, "9").text
    assert DECISION["worth"] in answer(filled, "13").text
    assert "4,100 riel" in answer(filled, "15").text
    assert "3 draws" in answer(filled, "20").text
    assert "seed 1" in answer(filled, "20").text


def test_results_are_the_numbers_of_the_headline_table(three, folder):
    filled = checklist("cheers", run=folder)
    table = three.comparison.headline
    row = table[(table["scenario"] == "national-2030") & (table["year"] == HEADLINE_YEARS[-1])].set_index("indicator")

    assert f"mean true quality {row.loc['true', 'mean']:.1f} (" in answer(filled, "23").text
    assert f"mean true quality {row.loc['true', 'difference_mean']:.1f} (" in answer(filled, "24").text
    assert f"end of {HEADLINE_YEARS[-1]}, n = 3" in answer(filled, "23").text


def test_answers_count_what_is_declared(facts):
    from qicsim.declare import declared
    from qicsim.model.parameters import Parameters

    stress = fill("stress", facts)

    assert answer(stress, "3.3").text.startswith(f"{len(declared(Parameters))} uncertain parameters")
    assert "100 operational districts" in answer(stress, "2.5.1").text
    assert "216 months" in answer(stress, "4.2").text
    assert "recruiting" in answer(stress, "2.3").text


def test_a_scenario_that_is_the_reference_differs_in_nothing(facts):
    assert differences(facts.scenarios[0], load_scenario("reported")) == []


# ---------------------------------------------------------------------------------------------------- broken sources


def broken_odd(tmp_path, old, new=""):
    path = tmp_path / "ODD.md"
    told = ODD.read_text(encoding="utf-8")
    assert old in told
    path.write_text(told.replace(old, new), encoding="utf-8")
    return path


@pytest.mark.parametrize(("old", "number"), [
    ("### Emergence", "4.2"), ("### Purpose\n", "1.1"), ("**Scales.**", "2.3"), ("`pdsa.py`", "7.1"),
    ("`improve_by_pdsa`: ", "3.1"), ("### The embedded register", "5.2"), ("`fragile`", "2.2")])
def test_a_part_that_the_description_loses_becomes_open(facts, tmp_path, old, number):
    whole = fill("odd", facts)
    filled = fill("odd", replace(facts, odd=broken_odd(tmp_path, old, "`lost`: " if old.endswith(": ") else "")))

    assert answer(whole, number).state == FILLED
    assert answer(filled, number).state == OPEN
    assert filled.score < whole.score


def test_without_a_description_nothing_is_made_up(facts, tmp_path):
    filled = fill("odd", replace(facts, odd=tmp_path / "none.md"))

    assert {one.item.number for one in filled.of(FILLED)} == {"7.2", "7.3"}


def test_a_parameter_whose_source_is_not_listed_opens_the_parameters(facts, tmp_path):
    lacking = tmp_path / "sources.toml"
    lacking.write_text(SOURCES.read_text(encoding="utf-8").replace("[ament-2015]", "[other]"), encoding="utf-8")
    filled = fill("odd", replace(facts, sources=lacking))

    assert answer(filled, "7.2").state == OPEN
    assert "ament-2015" in answer(filled, "7.2").text


@pytest.mark.parametrize("lost", ["posterior.json", "targets.csv", "predictive.csv"])
def test_a_calibration_that_cannot_be_read_opens_its_items(facts, tmp_path, lost):
    place = tmp_path / "calibration"
    place.mkdir()
    for name in {"posterior.json", "targets.csv", "predictive.csv", "contraction.csv"} - {lost}:
        shutil.copy(shipped_path("calibration", name), place / name)

    assert answer(fill("cheers", replace(facts, calibration=place)), "17").state == OPEN


def test_a_register_of_ones_own_asks_how_it_was_made(tmp_path):
    register = tmp_path / "register.csv"
    shutil.copy(shipped_path("world/data", "facilities.csv"), register)
    mine = replace(load_scenario("national-2030"), data={"register": register})
    before = answer(fill("odd", Facts((mine,))), "5.2")
    (tmp_path / "provenance.json").write_text(json.dumps({"command": "qicsim import scores.xlsx"}), encoding="utf-8")
    after = answer(fill("odd", Facts((mine,))), "5.2")

    assert (before.state, after.state) == (OPEN, FILLED)
    assert "qicsim import scores.xlsx" in after.text


def test_no_scenario_opens_what_scenarios_say():
    filled = fill("stress", Facts(()))

    assert {"1.3", "2.3", "2.5.1", "3.1", "4.2"} <= {one.item.number for one in filled.of(OPEN)}


# ------------------------------------------------------------------------------------------------------------- input


def test_an_unknown_list_is_refused_with_the_nearest_name():
    with pytest.raises(SettingError, match='Did you mean "cheers"'):
        checklist("chears")


def test_a_folder_without_a_run_is_refused(tmp_path):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "provenance.json").write_text("{", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "provenance.json").write_text("[]", encoding="utf-8")

    with pytest.raises(SettingError, match="there is no such file"):
        facts_of(run=tmp_path)
    with pytest.raises(SettingError, match="is not JSON"):
        facts_of(run=tmp_path / "bad")
    with pytest.raises(SettingError, match="names no scenarios"):
        facts_of(run=tmp_path / "empty")


def test_scenarios_that_are_not_those_of_the_run_are_refused(folder):
    with pytest.raises(SettingError, match='"pbf-reform" is not in the run'):
        facts_of(["pbf-reform"], run=folder)
    changed = replace(load_scenario("national-2030"), parameters={"luck.sigma": 0.5})
    with pytest.raises(SettingError, match="is not what the run has"):
        facts_of([changed], run=folder)


def test_a_run_says_which_scenarios_a_list_is_for(folder):
    assert checklist("odd", run=folder).scenarios == ("reported", "national-2030")


# ------------------------------------------------------------------------------------------------------------ outputs


@pytest.fixture(scope="module")
def hostile() -> Facts:
    nasty = replace(load_scenario("pbf-reform"), name="=nasty", title=NASTY, description="@SUM(1) " + NASTY,
                    assumptions=("=1+1 <b>x</b>",))
    return Facts((load_scenario("reported"), nasty))


def test_a_page_escapes_what_users_wrote(hostile):
    told = page(fill("stress", hostile))

    assert "<script>" not in told
    assert "&lt;script&gt;" in told
    assert "<h2>Open items</h2>" in told


def test_a_table_has_every_item_and_no_formula(hostile, tmp_path):
    path = write_checklist(fill("stress", hostile), tmp_path / "list.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert [row["Item"] for row in rows] == [item.number for item in read_checklist("stress").items]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_a_word_file_has_every_item(hostile, tmp_path):
    from docx import Document

    filled = fill("stress", hostile)
    (table,) = Document(str(write_checklist(filled, tmp_path / "list.docx"))).tables

    assert [row.cells[0].text.split()[0] for row in table.rows[1:]] == [one.item.number for one in filled.answers]
    assert [row.cells[2].text for row in table.rows[1:]] == [one.state for one in filled.answers]


def test_what_cannot_be_written_is_refused(facts, tmp_path):
    filled = fill("odd", facts)
    (tmp_path / "taken.html").mkdir()

    with pytest.raises(SettingError, match=r"\.html, \.csv, \.docx"):
        write_checklist(filled, tmp_path / "list.pdf")
    with pytest.raises(SettingError, match="is not there"):
        write_checklist(filled, tmp_path / "none" / "list.csv")
    with pytest.raises(SettingError, match="is a folder"):
        write_checklist(filled, tmp_path / "taken.html")


def test_the_terminal_gets_a_mark_for_each_item_and_the_score(facts):
    filled = fill("cheers", facts)
    told = text(filled)

    assert told.count("\n[x] ") + told.startswith("[x] ") == len(filled.of(FILLED))
    assert told.count("[ ] ") == len(filled.of(OPEN))
    assert "items are filled" in told.splitlines()[-2] + told.splitlines()[-1]


def test_several_lists_are_filled_at_once(facts):
    assert [one.checklist.key for one in fill_all(facts)] == list(NAMES)


def test_sections_and_cuts():
    told = sections("## 1. One\nfirst\n<!-- table: x -->\n|a|\n<!-- end -->\n### Two\nsecond\n")

    assert told == {"One": "first", "Two": "second"}
    assert shortened("One thing. Another thing", 15) == "One thing. […]"
    assert shortened("short", 15) == "short"
