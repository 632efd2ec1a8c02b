"""`qicsim sensitivity` and `qicsim history` as a user types them, and the same in Python."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import qicsim
from qicsim.cli.values import condition, group, lever, parameters
from qicsim.ground.errors import InputError
from qicsim.inputs.observed.levels import write_levels
from qicsim.inputs.world.register import read_register
from qicsim.report.facility import render_history
from qicsim.runs.experiment import open_experiment
from tests.exchange.exported import country
from tests.helpers import assert_khmer, typed
from tests.worlds import SCENARIO, register_text

ASKED = ("sensitivity", "small.toml", "--against", "idle.toml", "--parameters", "pdsa.k_item,start.q0", "--lever",
         "sessions=0,2", "--from", "2018-07", "--until", "2019-12", "--tolerance", "0.5", "--source", "prior", "--out",
         "out", "--quiet")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("asked")
    (place / "register.csv").write_text(register_text())
    (place / "small.toml").write_text(SCENARIO)
    (place / "idle.toml").write_text(SCENARIO.replace("recruiting = true", "recruiting = false"))
    return place


def test_sensitivity_writes_a_page_and_tables_and_a_larger_size_keeps_all_runs(folder):
    told = typed(*ASKED, "--size", "4", cwd=folder)

    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("Of 3 factors ")
    assert "Page: out/report.html\nTables: indices.csv, ranking.csv in out\n" in told.stdout
    asked = {"against": folder / "idle.toml", "parameters": ["pdsa.k_item", "start.q0"], "levers": {"sessions": [0, 2]},
             "since": "2018-07", "until": "2019-12", "tolerance": 0.5, "source": "prior", "size": 8}
    larger = qicsim.sensitivity_study(folder / "small.toml", **asked)
    state = open_experiment(larger, folder / "out").state()
    assert (state.done, state.runs) == (64, 128), "the smaller design is half of the larger one"
    again = typed(*ASKED, "--size", "8", cwd=folder)
    assert again.returncode == 0, again.stderr
    assert "n = 8 trajectories" in (folder / "out" / "report.html").read_text()
    assert "qicsim sensitivity small.toml --against idle.toml" in (folder / "out" / "report.html").read_text()

    found = qicsim.sensitivity(folder / "small.toml", **asked)
    table = pd.read_csv(folder / "out" / "indices.csv")
    assert table["low"].to_numpy() == pytest.approx(pd.DataFrame(found.tables["indices"])["low"].to_numpy(dtype=float),
                                                    nan_ok=True)


def test_what_cannot_be_asked_ends_with_code_2_and_every_fault(folder):
    told = typed("sensitivity", "small.toml", "--parameters", "pdsa.kitem", "--lever", "coachs=1,2", "--size", "2",
                 cwd=folder)

    assert told.returncode == 2
    for words in ('Did you mean "pdsa.k_item"?', 'Did you mean "coaches"?', "2 trajectories. Allowed: 4 or more"):
        assert words in told.stderr
    with pytest.raises(InputError, match='Did you mean "sobol"?'):
        qicsim.sensitivity(folder / "small.toml", method="sobel")


def test_every_choice_of_design_can_be_asked_for_on_the_command_line(folder):
    told = typed(*ASKED[:-3], "--out", "chosen", "--quiet", "--size", "12", "--method", "sobol", "--luck", "own",
                 "--sample", "latin-hypercube", "--dummy", "--group", "both=pdsa.k_item,start.q0", cwd=folder)

    assert told.returncode == 0, told.stderr
    table = pd.read_csv(folder / "chosen" / "indices.csv")
    assert set(table["factor"]) == {"both", "sessions", "dummy"}
    assert table[["estimate", "low", "high"]].notna().to_numpy().all()
    assert "Sessions: a lever is set to the same value in both scenarios of a difference" in told.stdout
    assert "each point with luck of its own" in told.stdout
    assert "12 base points (latin hypercube)" in told.stdout


@pytest.mark.parametrize(("words", "expected"), [
    (("--method", "delta"), '"pawn" compares whole distributions, "shapley-effects" and "sobol" share'),
    (("--method", "sobl"), 'Did you mean "sobol"?'), (("--luck", "mine"), "shared, own"),
    (("--correlated",), 'correlated: is not for "screening"'),
    (("--method", "pawn", "--within", "true>high"), "is no number"),
    (("--method", "pawn", "--within", "true"), "is no condition"),
    (("--method", "sobol", "--correlated", "--source", "prior"), "their priors are independent"),
])
def test_choices_that_make_no_design_end_with_code_2(folder, words, expected):
    told = typed("sensitivity", "small.toml", *words, "--out", "refused", cwd=folder)

    assert told.returncode == 2
    assert expected in told.stderr
    assert not (folder / "refused").exists()


def test_options_mean_what_a_study_file_says():
    assert parameters("all") == "all"
    assert parameters("none") == []
    assert parameters("a.b,c.d") == ["a.b", "c.d"]
    assert parameters("out/ranking.csv:8") == {"screening": "out/ranking.csv", "number": 8}
    assert lever("pbf=true,false") == ("pbf", [True, False])
    assert group("peers=a.b,c.d") == ("peers", ["a.b", "c.d"])
    assert condition("recorded>80") == {"indicator": "recorded", "above": 80.0}
    assert condition("true < 60.5") == {"indicator": "true", "below": 60.5}
    assert lever("schedule=none,linear") == ("schedule", ["none", "linear"])
    assert lever("coaches=1,2") == ("coaches", [1.0, 2.0])


def test_history_tells_why_a_score_moved(folder):
    told = typed("history", "OD-BA1-H1", "--scenario", "small.toml", "--draw", "2", "--from", "2018-06", "--to",
                 "2020-12", "--out", "why", cwd=folder)
    lived = qicsim.history("OD-BA1-H1", folder / "small.toml", draw=2)
    moves = qicsim.history_moves(lived, "2018-06", "2020-12")

    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("\n".join(moves.sentences()))
    table = pd.read_csv(folder / "why" / "history.csv").set_index("month")
    assert len(table) == 36
    assert table["true"].to_numpy() == pytest.approx(lived.true)
    assert table.filter(like="ledger_").sum(axis=1).to_numpy() == pytest.approx(lived.true)
    assert table["true"]["2020-12"] - table["true"]["2018-06"] == pytest.approx(moves.true)
    page = (folder / "why" / "history.html").read_text(encoding="utf-8")
    assert len(re.findall(r'<svg class="drawing"', page)) == 2
    assert f"{moves.recorded:+.1f} points" in page
    assert "qicsim history OD-BA1-H1" in page


def test_the_history_in_khmer_is_in_khmer_but_for_the_facility_s_name(folder):
    told = typed("history", "OD-BA1-H1", "--scenario", "small.toml", "--language", "both", "--out", "two", cwd=folder)
    english, khmer = ((folder / "two" / name).read_text(encoding="utf-8") for name in ("history.html",
                                                                                     "history.km.html"))

    assert told.returncode == 0, told.stderr
    assert_khmer(khmer, ("OD-BA1-H1", qicsim.history("OD-BA1-H1", folder / "small.toml").name))
    assert khmer.count("<td>") == english.count("<td>")


def test_a_facility_is_found_by_its_code_uid_or_name_and_its_observed_scores_are_drawn(folder, tmp_path):
    file = country(tmp_path)
    (tmp_path / "scores.csv").write_text("facility,quarter,item,score\nOD-BA1-H1,2019Q1,total,71\n", encoding="utf-8")
    write_levels(tmp_path)
    register = read_register(tmp_path / "register.csv")
    place = register.id.index("OD-BA1-H1")

    found = [qicsim.history(text, file, data=tmp_path) for text in ("OD-BA1-H1", register.code[place],
                                                                   register.dhis2_uid[place])]
    assert {one.facility for one in found} == {"OD-BA1-H1"}
    assert found[0].observed == (("2019-03", 71.0),)
    moves = qicsim.history_moves(found[0])
    assert (moves.since, moves.until) == ("2019-03", "2020-12")  # before that is the model's own past
    assert qicsim.history_moves(found[0], until="2018-12").since == "2018-01"
    assert "initial" not in dict(moves.lines)
    page = render_history(found[0], moves, {})
    assert "points since 2019-03" in page and ">2019<" not in page
    assert ">2019<" in render_history(found[0], qicsim.history_moves(found[0], "2018-02"), {})
    assert "score that was observed" in page
    alone = replace(found[0], observed=())
    assert "score that was observed" not in render_history(alone, qicsim.history_moves(alone), {})


def test_a_name_that_several_facilities_have_is_refused_with_their_ids(tmp_path):
    file = country(tmp_path)
    table = pd.read_csv(tmp_path / "register.csv", dtype=str, keep_default_na=False)
    table.loc[:1, "name"] = "Phum Thmei"
    table.to_csv(tmp_path / "register.csv", index=False)

    with pytest.raises(InputError, match="is what 2 facilities are called.*OD-"):
        qicsim.history("Phum Thmei", file)


def test_the_history_is_that_of_the_ensemble_s_run(folder):
    runs = qicsim.run(folder / "small.toml", draws=3)
    register = runs.ensemble.runners["small"].world.register
    lived = [qicsim.history(name, folder / "small.toml", draw=2) for name in register.id]

    last = np.mean([one.true[-1] for one in lived])
    assert last == pytest.approx(runs.frame(["true"])["true"].to_numpy()[-1], abs=1e-3)


def test_a_facility_that_opens_later_is_told_from_then_on(folder):
    moves = qicsim.history_moves(qicsim.history("OD-KC1-H5", folder / "small.toml"))

    assert (moves.since, moves.until) == ("2019-01", "2020-12")


@pytest.mark.parametrize(("words", "expected"), [
    (("OD-BA1-H9",), 'Did you mean "OD-BA1-H'),
    (("OD-BA1-H1", "--from", "2031-01"), "2018-01 to 2020-12"),
    (("OD-BA1-H1", "--from", "2019-06", "--to", "2019-05"), '"2019-05" is not after 2019-06'),
    (("OD-BA1-H1", "--draw", "-1"), "draw: -1"),
    (("OD-BA1-H1", "--replicate", "-1"), "replicate: -1"),
])
def test_what_has_no_history_is_refused(folder, words, expected):
    told = typed("history", *words, "--scenario", "small.toml", "--out", "none", cwd=folder)

    assert told.returncode == 2
    assert expected in told.stderr
    assert not (folder / "none").exists()
