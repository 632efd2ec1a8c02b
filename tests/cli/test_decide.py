"""`qicsim decide` as a user types it: files, first lines, and everything that it refuses before it runs."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from qicsim.cli import GO_ON
from qicsim.cli.options import PAYERS
from qicsim.cli.values import Unusable, ceiling
from qicsim.decide.settings import PERSPECTIVES
from qicsim.ground.outputs import RECORD
from qicsim.runs.assumptions import AS_SIMULATED, KEYS
from tests.helpers import typed
from tests.worlds import SCENARIO, register_text

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("cli")
    (place / "register.csv").write_text(register_text())
    (place / "small.toml").write_text(SCENARIO.replace("recruiting = true\nsupport = true\n", ""))
    (place / "coached.toml").write_text('title = "=HYPERLINK(1) <b>coaches</b>"\ndescription = "As the name says."\n'
                                        'extends = "small.toml"\n[levers]\nrecruiting = true\nsupport = true\n')
    return place


@pytest.fixture(scope="module")
def decided(folder):
    return typed("decide", "coached.toml", "--reference", "small.toml", "--draws", "20", "--replicates", "1",
                  "--from", "2019", "--by", "2020", "--target", "0.5", "--ceiling", "2019=1,2020=1e9", "--structures",
                  "--out", "results", cwd=folder)


def test_decide_writes_a_page_tables_and_provenance(decided, folder):
    assert decided.returncode == 0, decided.stderr
    written = {file.name for file in (folder / "results").iterdir()}
    assert written == {"decision.html", "provenance.json", "constraints.txt", RECORD, *(f"{name}.csv" for name in (
        "settings", "costs", "cost-places", "unit-costs", "budget", "effects", "frontier", "plane", "acceptability",
        "information", "studies", "regret", "target", "target-hinges", "payments", "worths", "sensitivity",
        "information-by-worth", "good-enough", "assumptions"))}
    assert "Page:" in decided.stdout


def test_the_terminal_says_the_ceiling_then_the_choice_then_the_study(decided):
    choice, _, study = decided.stdout.partition("\n\n")
    ceiling, counts, chosen, drawn = choice.splitlines()
    assert ceiling.startswith("No scenario fits the ceiling") and ceiling.endswith("What follows sets it aside.")
    assert counts == ("The ceiling counts all public money, PBF and assessment among it, government and donors "
                      "together.")
    assert chosen.startswith("Choice: small if a unit of effect is worth little; coached from US$ ")
    assert drawn.endswith("The page of a comparison holds that level as simulated, so that its amounts differ.")
    assert study.startswith(("20 draws are too few to name a study", "No s"))


def test_the_tables_hold_both_scenarios_all_assumptions_and_the_ceiling(decided, folder):
    budget, regret, assumed = (pd.read_csv(folder / "results" / f"{name}.csv")
                               for name in ("budget", "regret", "assumptions"))

    assert budget["ceiling"].tolist() == [1.0, 1e9] * 2
    assert regret["scenario"].tolist() == ["small", "coached"]
    assert list(dict.fromkeys(assumed["assumption"])) == [AS_SIMULATED, *KEYS]
    assert set(assumed["scenario"]) == {"small", "coached"}


def test_the_spelling_of_0_1_goes_on_working(decided):
    assert "--structures is now --assumptions=all; the old spelling works until version 0.3." in decided.stderr


def test_the_page_escapes_titles_and_loads_nothing(decided, folder):
    page = (folder / "results" / "decision.html").read_text()

    assert "<b>coaches</b>" not in page
    assert "&lt;b&gt;coaches&lt;/b&gt;" in page
    assert 'src="http' not in page
    assert len(page) < 3_000_000


def test_provenance_holds_the_settings(decided, folder):
    facts = json.loads((folder / "results" / "provenance.json").read_text())

    assert facts["decision"]["target"] == "0.5 of health_centre at true_80 by 2020"
    assert facts["assumptions"] == list(KEYS)
    assert facts["command"].startswith("qicsim decide coached.toml")


@pytest.mark.parametrize(("words", "said"), [
    (("--discount-rate", "3"), "--discount-rate: 3 is out of range. Allowed: 0 to 0.25. 3 % is written 0.03."),
    (("--perspective", "goverment"), 'Did you mean "government"?'),
    (("--ceiling", "-4"), "--ceiling: -4. Allowed: US$, 0 to 1e+12."),
    (("--ceiling", "plenty"), '--ceiling: "plenty" is no number.'),
    (("--target", "80"), "--target: 80 is out of range. Allowed: 0 to 1. 80 % is written 0.8."),
    (("--by", "2031"), "--by: 2031. Allowed: 2018 to 2020"),
    (("--from", "2036"), "--from: 2036. Allowed: 2018 to 2020"),
    (("--risk", "10"), "--risk: 10 is out of range. Allowed: 0 to 1."),
    (("--reference", "nowhere"), "nowhere"),
    (("--draws", "0"), "--draws: 0 is out of range.")])
def test_what_cannot_be_used_is_refused_and_nothing_is_left(folder, words, said):
    reference = () if "--reference" in words else ("--reference", "small.toml")
    told = typed("decide", "small.toml", *reference, *words, "--out", "refused", cwd=folder)

    assert told.returncode == 2
    assert said in told.stderr
    assert "Traceback" not in told.stderr
    assert not (folder / "refused").exists()


def test_faults_of_several_options_are_told_together(folder):
    told = typed("decide", "small.toml", "--discount-rate", "3", "--target", "80", "--ceiling=-4", cwd=folder)

    assert told.stderr.count("Allowed:") == 3


def test_a_folder_in_the_place_of_a_file_is_refused_before_anything_runs(folder):
    (folder / "blocked" / "decision.html").mkdir(parents=True)
    told = typed("decide", "small.toml", "--reference", "small.toml", "--out", "blocked", cwd=folder)

    assert told.returncode == 2
    assert "decision.html: is a folder" in told.stderr


def test_an_interrupted_decision_goes_on():
    assert "decide" in GO_ON


def test_the_payers_of_the_help_are_those_of_the_settings():
    assert tuple(PERSPECTIVES) == PAYERS


@pytest.mark.parametrize(("text", "expected"), [
    ("8e6", 8e6), ("2028=8000000", {2028: 8e6}), ("2028=1, 2029=2", {2028: 1.0, 2029: 2.0}), ("8,000,000", 8e6),
    ("2028=1,500,000,2029=US$ 2 million", {2028: 1.5e6, 2029: 2e6})])
def test_a_ceiling_is_an_amount_or_amounts_by_year(text, expected):
    assert ceiling(text) == expected


@pytest.mark.parametrize("text", ["8,00,000", "2028=", "=5", "2028=1,2028=2", "soon=3"])
def test_a_ceiling_that_is_neither_is_refused(text):
    with pytest.raises(Unusable):
        ceiling(text)
