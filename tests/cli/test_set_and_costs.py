"""What holds for all scenarios of a call: `--set` and `--costs`, in commands, in studies and in Python."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import qicsim
from qicsim.cli import main
from qicsim.ground.errors import DataError, InputError, SettingError
from qicsim.inputs.scenario import load_scenario, with_overrides
from qicsim.inputs.scenario.overrides import overrides_said, own_pasts
from qicsim.model.columns import COACH_VISITS
from qicsim.report.language import again, khmer, speaking
from tests.helpers import EMBEDDED
from tests.worlds import SCENARIO, register_text

FEW = ("--draws", "prior:2", "--replicates", "1", "--quiet")
COSTS = EMBEDDED["unit_costs"].read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "register.csv").write_text(register_text())
    (tmp_path / "small.toml").write_text(SCENARIO)
    (tmp_path / "own.toml").write_text('title = "Own assumption"\ndescription = "x"\nextends = "small.toml"\n'
                                       '[parameters]\npdsa.k_item = 0.05\n')
    (tmp_path / "dear.csv").write_text(COSTS.replace("coach_visit,visit,21,9,54", "coach_visit,visit,42,9,54"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def facts(folder):
    return json.loads((Path(folder) / "provenance.json").read_text(encoding="utf-8"))


# ---------------------------------------------------------------------------------------------------------- scenarios


def test_a_scenario_takes_what_is_set_and_says_so():
    changed = with_overrides(load_scenario("reported"), {"pdsa": {"k_item": 0.1}, "structure.contagion": "threshold"})

    assert changed.parameters == {"pdsa.k_item": 0.1}
    assert changed.resolved()["structure"]["contagion"] == "threshold"
    assert changed.digest != load_scenario("reported").digest
    assert [one.endswith(("(pdsa.k_item) = 0.1.", "contagion is “threshold”.")) for one in overrides_said([changed])] \
        == [True, True]
    with speaking(khmer()):
        assert all("កំណត់សម្រាប់" in again(one) for one in overrides_said([changed]))


def test_setting_twice_says_it_once():
    once = with_overrides(load_scenario("reported"), {"pdsa.k_item": 0.1})

    assert with_overrides(once, {"pdsa.k_item": 0.1}) == once


@pytest.mark.parametrize(("given", "expected"), [
    ({"pdsa.kitem": 0.1}, 'Did you mean "pdsa.k_item"?'), ({"pdsa.k_item": 900}, "out of range"),
    ({"pdsa.k_item": "much"}, "is a text, not a number"), ({"structure.contagion": "simpel"}, 'Did you mean "simple"?'),
    ({"contagion": "simple"}, 'Did you mean "structure.contagion"?'), ({"coaches": 3}, "is not a parameter")])
def test_what_cannot_be_set_is_refused(given, expected):
    with pytest.raises(SettingError, match="set") as refused:
        with_overrides(load_scenario("reported"), given)
    assert expected in str(refused.value)


def test_a_scenario_that_fixes_a_parameter_alone_has_its_own_past(folder):
    small, own = load_scenario("small.toml"), load_scenario("own.toml")
    both = [with_overrides(one, {"pdsa.k_item": 0.05}) for one in (small, own)]

    assert [one.fields["parameters"] for one in own_pasts([small, own], small)] == ["pdsa.k_item"]
    assert own_pasts(both, both[0]) == ()


# ----------------------------------------------------------------------------------------------------------- commands


def test_compare_sets_for_all_and_says_it_on_both_pages_and_in_provenance(folder):
    code = main(["compare", "small.toml", "own.toml", "--reference", "small.toml", *FEW, "--set", "pdsa.k_item=0.1",
                 "--set", "structure.contagion=threshold", "--costs", "dear.csv", "--language", "both"])
    page, khmer_page = ((folder / "qicsim-results" / name).read_text(encoding="utf-8")
                        for name in ("compare.html", "compare.km.html"))
    written = facts("qicsim-results")

    assert code == 0
    top = page[:page.index("<nav")]
    assert "(pdsa.k_item) = 0.1." in top and "contagion is “threshold”" in top and "the file dear.csv" in top
    assert "another past" not in page and "Held at one value" not in page
    assert "កំណត់សម្រាប់ សេណារីយ៉ូទាំងអស់" in khmer_page and "យកពីឯកសារ dear.csv" in khmer_page
    assert (written["set"], written["costs"]) == ({"pdsa.k_item": 0.1, "structure.contagion": "threshold"}, "dear.csv")
    for one in written["scenarios"].values():
        assert one["resolved"]["parameters"] == {"pdsa.k_item": 0.1}


def test_compare_warns_of_a_past_of_its_own_in_the_terminal_and_on_the_page(folder, capsys):
    assert main(["compare", "own.toml", "--reference", "small.toml", *FEW]) == 0
    said = capsys.readouterr().err
    page = (folder / "qicsim-results" / "compare.html").read_text(encoding="utf-8")

    assert "Warning: “Own assumption” holds pdsa.k_item at other values than the reference: it has another past" in said
    assert "“Own assumption” holds pdsa.k_item at other values" in page[:page.index("<nav")]
    assert main(["check", "own.toml"]) == 0
    assert "holds pdsa.k_item=0.05. It has another past" in capsys.readouterr().err


def test_other_commands_and_python_set_the_same(folder):
    out = ("--set", "pdsa.k_item=0.1", "--out")
    assert main(["run", "small.toml", *FEW, *out, "run"]) == 0
    assert main(["export", "small.toml", *FEW, *out, "export", "--from", "2020", "--by", "2020"]) == 0
    assert main(["history", "OD-BA1-H1", "--scenario", "small.toml", *out, "history"]) == 0
    runs = qicsim.run("small.toml", draws=2, source="prior", set={"pdsa.k_item": 0.1})

    table = pd.read_csv("run/trajectories.csv").set_index(["indicator", "quarter"])
    mean = runs.summary().set_index(["indicator", "quarter"])
    assert table["mean"]["true", "2020Q4"] == pytest.approx(mean["mean"]["true", "2020Q4"], rel=1e-4)
    assert facts("run")["set"] == facts("export")["set"] == {"pdsa.k_item": 0.1}
    assert "(pdsa.k_item) = 0.1." in Path("export/projection.html").read_text(encoding="utf-8")
    assert "pdsa.k_item" in Path("history/history.html").read_text(encoding="utf-8")
    assert qicsim.project("small.toml", draws=2, set={"pdsa.k_item": 0.1}, since="2020Q1", year=2020
                          ).scenario.parameters == {"pdsa.k_item": 0.1}


def test_unit_costs_of_all_scenarios_reach_the_money(folder):
    usual, dear = (qicsim.run("small.toml", draws=2, source="prior", costs=costs) for costs in (None, "dear.csv"))

    visits, dearer = (one.ensemble.kept["small"].cost[..., COACH_VISITS, :].sum() for one in (usual, dear))
    assert dearer == pytest.approx(2 * visits, rel=1e-6) and visits > 0


@pytest.mark.parametrize(("words", "expected"), [
    (["run", "small.toml", "--set", "pdsa.kitem=0.1"], '--set: "pdsa.kitem" is not a parameter'),
    (["run", "small.toml", "--set", "pdsa.k_item"], '--set: "pdsa.k_item" sets nothing. Allowed: PATH=VALUE'),
    (["run", "small.toml", "--set", "pdsa.k_item=9", "--set", "structure.contagion=x"], "--set structure.contagion"),
    (["run", "small.toml", "--set", "pdsa.k_item=0.1", "--set", "pdsa.k_item=0.2"], "there more than once"),
    (["run", "small.toml", "--costs", "none.csv"], "none.csv"),
    (["run", "small.toml", "--costs", "hours.csv"], '"hour" is not the unit of this cost. Allowed: visit.'),
    (["calibrate", "--set", "pdsa.k_item=0.1"], "A calibration learns parameters from what was reported"),
    (["calibrate", "--costs", "dear.csv"], "A calibration learns")])
def test_what_cannot_hold_for_all_is_refused_before_anything_is_prepared(folder, capsys, words, expected):
    (folder / "hours.csv").write_text(COSTS.replace("coach_visit,visit,", "coach_visit,hour,"))
    before = sorted(folder.iterdir())

    assert main(words) == 2
    said = capsys.readouterr().err
    assert expected in said and "Preparing" not in said
    assert sorted(folder.iterdir()) == before


# ------------------------------------------------------------------------------------------------------------ studies


STUDY = """\
title = "t"
scenarios = ["small.toml", "own.toml"]
draws = 2
replicates = 1
from = "prior"
until = "2019-12"
[keep]
indicators = ["true"]
"""


def test_a_study_says_what_is_set_and_so_may_its_caller(folder):
    (folder / "study.toml").write_text(STUDY + '[set]\npdsa.k_item = 0.1\n"structure.contagion" = "threshold"\n')
    scenarios = qicsim.read_study("study.toml", set={"pdsa.k_item": 0.2}, costs="dear.csv").scenarios

    assert [one.parameters["pdsa.k_item"] for one in qicsim.read_study("study.toml").scenarios] == [0.1, 0.1]
    assert [one.parameters["pdsa.k_item"] for one in scenarios] == [0.2, 0.2]
    assert {one.data["unit_costs"].name for one in scenarios} == {"dear.csv"}
    assert all(one.structure.contagion for one in scenarios)
    assert scenarios[0].months == 24


def test_faults_of_what_a_study_sets_are_told_with_the_others(folder):
    (folder / "study.toml").write_text(STUDY.replace("own.toml", "onw.toml") + "[set]\npdsa.kitem = 0.1\n")

    with pytest.raises(DataError) as refused:
        qicsim.read_study("study.toml")
    assert 'Did you mean "pdsa.k_item"?' in str(refused.value) and "onw.toml" in str(refused.value)


def test_a_sensitivity_leaves_out_what_is_set(folder):
    study = qicsim.sensitivity_study("small.toml", size=4, until="2019-12", set={"pdsa.k_item": 0.1})

    assert "pdsa.k_item" not in {factor.name for factor in study.settings.factors}
    with pytest.raises(InputError, match="cannot be varied"):
        qicsim.sensitivity_study("small.toml", size=4, parameters=["pdsa.k_item"], set={"pdsa.k_item": 0.1})


def test_an_experiment_remembers_what_was_set_and_another_setting_is_another_design(folder, capsys):
    (folder / "study.toml").write_text(STUDY)
    run = ["experiment", "run", "study.toml", "--out", "out", "--quiet"]
    assert main([*run, "--set", "pdsa.k_item=0.1"]) == 0
    capsys.readouterr()

    assert main(["experiment", "status", "study.toml", "--out", "out"]) == 0
    assert "4 of 4 runs are done." in capsys.readouterr().out
    assert main(["experiment", "resume", "study.toml", "--out", "out", "--quiet"]) == 0
    assert facts("out")["scenarios"]["small"]["resolved"]["parameters"] == {"pdsa.k_item": 0.1}
    before = sorted(path.name for path in Path("out/runs").iterdir())
    capsys.readouterr()

    assert main(run) == 2
    assert "of another request: --set: now not given, there pdsa.k_item=0.1." in capsys.readouterr().err
    assert sorted(path.name for path in Path("out/runs").iterdir()) == before
    assert main([*run, "--set", "pdsa.k_item=0.2", "--replace"]) == 0
    assert main(["experiment", "status", "study.toml", "--out", "out"]) == 0
