"""Checklists: every item is filled by code or listed as open, and an answer whose source breaks becomes open."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections import Counter
from dataclasses import replace

import pytest

from qicsim.ground.errors import SettingError
from qicsim.ground.files import shipped_path
from qicsim.inputs.country import default_country
from qicsim.inputs.scenario import load_scenario
from qicsim.model.sources import FILE as SOURCES
from qicsim.report.checklist_facts import NOT_PROSE, Facts, prose, sections, shortened
from qicsim.report.checklist_runs import differences
from qicsim.report.checklists import (
    ANSWERS,
    FILLED,
    NAMES,
    NOT_ASKED,
    OPEN,
    PARTLY,
    checklist,
    facts_of,
    fill,
    fill_all,
    page,
    read_checklist,
    rows,
    source_words,
    text,
    write_checklist,
)
from qicsim.report.describe import ODD
from qicsim.report.outputs import write_csv, write_json
from tests.report.conftest import NASTY, SET

DECISION = {"reference": "reported", "years": "2027-2035", "perspective": "government",
            "discounting": "discounted at 3 % a year to the start of 2027 (middle of year)",
            "outcome": "facility_years_true_80", "worth": "1500 US$ (given)",
            "currency": "4,100 riel for US$ 1 (a day, a bank)"}
PERSONAL = {"odd": set(), "cheers": {"1", "2", "4", "21", "25", "26", "27", "28"}, "stress": {"2.1", "5.4"}}
REASONS = {"odd": set(), "cheers": {"7", "8", "9", "10"}, "stress": {"1.3"}}  # a person says why
OWN = {"odd": {"3.2", "5.2", "7.2", "7.3"}, "cheers": set(), "stress": set()}  # not in the publication
each_list = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def facts() -> Facts:
    return Facts((load_scenario("reported"), load_scenario("national-2030")))


@pytest.fixture(scope="module")
def folder(three, tmp_path_factory):
    """What `qicsim compare` leaves of two scenarios, as far as checklists read it."""
    from qicsim.runs.provenance import provenance

    place = tmp_path_factory.mktemp("run")
    told = provenance(three.comparison.ensemble, command="qicsim compare national-2030 --draws 3") | {"set": SET}
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
def test_an_item_has_an_answer_of_the_code_a_word_for_a_person_or_both(name):
    items = read_checklist(name).items

    assert all(item.answer or item.person for item in items)
    assert {item.answer for item in items if item.answer} <= ANSWERS.keys()
    assert {item.number for item in items if not item.answer} == PERSONAL[name]
    assert {item.number for item in items if item.answer and item.person} == REASONS[name]
    assert len({item.number for item in items}) == len(items)


def test_every_answer_is_used_by_a_list():
    used = {item.answer for name in NAMES for item in read_checklist(name).items}

    assert ANSWERS.keys() - used - {"choices", "model_logic"} == set()


# ------------------------------------------------------------------------------------------------------------- score


@each_list
def test_the_score_is_what_is_filled_of_what_applies(facts, name):
    filled = fill(name, facts)
    count = Counter(one.state for one in filled.answers if not one.item.added)

    assert sum(count.values()) == len(read_checklist(name).items) - len(OWN[name])
    assert filled.score == count[FILLED] / (count[FILLED] + count[PARTLY] + count[OPEN])
    assert f"{count[FILLED]} of {filled.applicable} published items are filled" in filled.words
    assert all(one.item.number in filled.words for state in (OPEN, PARTLY) for one in filled.of(state))
    assert all(one.text for one in filled.answers)
    assert all(one.where for state in (FILLED, PARTLY) for one in filled.of(state))
    assert all(one.text.endswith(one.lacks) and one.lacks for one in filled.of(PARTLY))
    assert not any(one.lacks for one in filled.of(FILLED))


@each_list
def test_what_a_list_adds_to_the_publication_is_marked_and_not_counted(facts, name):
    filled = fill(name, facts)
    own = [one for one in filled.answers if one.item.added]
    without = replace(filled, answers=tuple(one for one in filled.answers if not one.item.added))

    assert {one.item.number for one in own} == OWN[name]
    assert all("(added by this project)" in row[2] for row in rows(filled) if row[0] in OWN[name])
    assert filled.score == without.score
    assert ("further items of this project" in filled.words) == bool(own)


@each_list
def test_beside_the_share_stands_how_far_the_list_was_checked(facts, name, tmp_path):
    filled = fill(name, facts)
    memory = replace(filled, checklist=replace(filled.checklist, grade="M"))

    assert f"({100 * filled.score:.0f} %; list verified only in part against the publication" in filled.words
    assert f"({100 * filled.score:.0f} %; list not verified against the publication" in memory.words
    assert "List not verified against the publication (grade M)" in source_words(memory)


def test_an_answer_from_assumptions_only_says_so(facts, tmp_path):
    costs = tmp_path / "unit_costs.csv"
    text = default_country().table("unit_costs").read_text(encoding="utf-8")
    assert text.count(",A,") == 21
    costs.write_text(text.replace(",A,", ",S,", 1), encoding="utf-8")
    seen = tuple(replace(one, data=dict(one.data) | {"unit_costs": costs}) for one in facts.scenarios)
    filled, other = fill("cheers", facts), fill("cheers", replace(facts, scenarios=seen))

    assert "This rests on assumptions only." in answer(filled, "14").text
    assert "Answered from assumptions only: 14." in filled.words
    assert "assumptions only" not in answer(other, "14").text + other.words


def test_without_a_run_what_a_run_says_is_open(facts):
    filled = fill("cheers", facts)

    assert {one.item.number for one in filled.of(OPEN)} == PERSONAL["cheers"] | {"10", "20", "23", "24"}
    assert {one.item.number for one in filled.of(PARTLY)} == {"7", "8", "9", "16"}
    assert [one.item.number for one in filled.of(NOT_ASKED)] == ["13"]
    assert "--run" in answer(filled, "20").text


def test_a_run_and_a_decision_fill_them(facts, folder):
    told = facts_of(run=folder)
    filled = fill("cheers", replace(told, run=dict(told.run) | {"decision": DECISION}))

    assert {one.item.number for one in filled.of(OPEN)} == PERSONAL["cheers"]
    assert answer(filled, "10").text.startswith(f"Costs and effects are {DECISION['discounting']}.")
    assert answer(filled, "10").lacks == "A person adds: why this rate was taken."
    assert "government" in answer(filled, "8").text
    assert "2027-2035" in answer(filled, "9").text
    assert DECISION["worth"] in answer(filled, "13").text
    assert "4,100 riel" in answer(filled, "15").text
    assert "3 draws" in answer(filled, "20").text
    assert "seed 1" in answer(filled, "20").text


def test_results_are_the_numbers_of_the_headline_table(three, folder):
    filled = checklist("cheers", run=folder)
    table = three.comparison.headline
    last = default_country().horizon.shown[-1]
    row = table[(table["scenario"] == "national-2030") & (table["year"] == last)].set_index("indicator")

    assert f"mean true quality {row.loc['true', 'mean']:.1f} (" in answer(filled, "23").text
    assert f"mean true quality {row.loc['true', 'difference_mean']:.1f} (" in answer(filled, "24").text
    assert f"end of {last}, n = 3" in answer(filled, "23").text


def test_results_without_costs_are_filled_partly_and_costs_with_increments_fill_them(facts, folder, tmp_path):
    told = facts_of(run=folder)
    spent = [{"scenario": scenario, "year": year, "line": line, "payer": payer, "mean": usd}
             for scenario, year, line, payer, usd in (
                 ("reported", 2026, "pbf", "donor", 9e6), ("national-2030", 2026, "pbf", "donor", 9e6),
                 ("reported", 2027, "pbf", "donor", 10e6), ("national-2030", 2027, "pbf", "donor", 13e6),
                 ("national-2030", 2027, "sessions", "government", 2e6))]
    bare, whole = (answer(fill("cheers", replace(told, costs=costs)), "23") for costs in ((), spent))

    assert (bare.state, whole.state) == (PARTLY, FILLED)
    assert "Costs of the options and increments over the reference are not in it." in bare.text
    assert whole.text.endswith(
        "Mean spending 2027–2027, constant US$ of 2021, not discounted: reported US$ 10.0 million; national-2030 US$ "
        "15.0 million (against the reference +5.0 million, of it for collaboratives +2.0 million; donors +3.0 million, "
        "government +2.0 million).")


def test_costs_of_a_run_are_read_and_those_of_a_decision_are_left(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "run")
    assert facts_of(run=tmp_path / "run").costs == ()
    (tmp_path / "run" / "costs.csv").write_text("scenario,amount\nreported,1\n", encoding="utf-8")
    assert facts_of(run=tmp_path / "run").costs == ()
    (tmp_path / "run" / "costs.csv").write_text("scenario,year,line,payer,n,mean\nreported,2027,pbf,donor,3,1e6\n",
                                                encoding="utf-8")
    assert facts_of(run=tmp_path / "run").costs[0]["mean"] == "1e6"


def test_the_effect_of_uncertainty_says_what_of_it_is_not_shown(three, folder):
    told = facts_of(run=folder)
    quality = [row for row in told.results if not row["indicator"].endswith("_cost")]
    whole, bare = (answer(fill("cheers", replace(told, results=rows)), "24") for rows in (told.results, quality))

    assert "spending on collaboratives so far, US$ " in whole.text
    assert whole.lacks == "The effect of the discount rate and of choices of method is not in it."
    assert bare.lacks == "The effect of costs and of the discount rate and of choices of method is not in it."


def test_answers_count_what_is_declared(facts):
    from qicsim.ground.declare import declared
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
    assert len(filled.of(FILLED)) < len(whole.of(FILLED))


def test_without_a_description_nothing_is_made_up(facts, tmp_path):
    filled = fill("odd", replace(facts, odd=tmp_path / "none.md"))

    assert {one.item.number for one in filled.of(FILLED)} == {"7.2", "7.3"}


def test_a_parameter_whose_source_is_not_listed_opens_the_parameters(facts, tmp_path):
    lacking = tmp_path / "sources.toml"
    lacking.write_text(SOURCES.read_text(encoding="utf-8").replace("[ament-2015]", "[other]"), encoding="utf-8")
    filled = fill("odd", replace(facts, sources=lacking))

    assert answer(filled, "7.2").state == OPEN
    assert filled.score == fill("odd", facts).score  # an item of this project's own
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
    shutil.copy(default_country().table("register"), register)
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
    assert table.rows[0].cells[2].width.cm > 1.7  # "applicable" in a line


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
    assert next(line for line in told.splitlines() if line.startswith("[ ]")).startswith("[ ] 1 Title (A title that")
    assert told.count("\n[ ] ") + told.startswith("[ ] ") == len(filled.of(OPEN))
    assert told.count("\n[~] ") == len(filled.of(PARTLY))
    assert "published items are filled" in " ".join(told.splitlines()[-3:])


def test_a_cut_answer_on_the_terminal_says_where_to_read_on(facts):
    filled = fill("stress", facts)
    parts = re.split(r"\n(?=\[.\] )", text(filled).partition("\n\n")[0])
    cut = [" ".join(part.split()) for part in parts if "[…]" in part]

    assert len(parts) == len(filled.answers)
    assert cut
    assert all(re.search(r"Where: \S.*\.$", part) for part in cut)


def test_several_lists_are_filled_at_once(facts):
    assert [one.checklist.key for one in fill_all(facts)] == list(NAMES)


def test_sections_and_cuts():
    told = sections("## 1. One\nfirst\n<!-- table: x -->\n|a|\n<!-- end -->\n### Two\nsecond\n")

    assert told == {"One": "first", "Two": "second"}
    assert shortened("One thing. Another thing", 15) == "One thing. […]"
    assert shortened("short", 15) == "short"
    assert shortened("One thing. Another thing", 15, "X.md, “Y”") == "One thing. [… more in X.md, “Y”]"


def test_tables_and_equations_are_left_where_they_stand(facts):
    told = prose("Tied with\n\n    1 / (1 + x)\n\n| a | b |\n\nwhere x\n- is one")

    assert told == f"Tied with\n\n{NOT_PROSE}\n\nwhere x\n- is one"
    assert "exp(-(a" not in answer(fill("stress", facts), "2.5.3").text
    assert NOT_PROSE in answer(fill("stress", facts), "2.5.3").text
