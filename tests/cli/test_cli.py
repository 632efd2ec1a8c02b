"""The command line as a user types it: exit code, first lines, files."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from qicsim.cli import main
from qicsim.cli.values import Unusable, drawn
from qicsim.ground.outputs import RECORD
from tests.helpers import typed
from tests.worlds import SCENARIO, register_text

ROOT = Path(__file__).parents[2]


def process(*words, cwd):
    return subprocess.run([sys.executable, "-m", "qicsim", *words], cwd=cwd, capture_output=True, text=True,
                          timeout=300, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("cli")
    (place / "register.csv").write_text(register_text())
    (place / "small.toml").write_text(SCENARIO)
    (place / "coached.toml").write_text('title = "More coaches"\ndescription = "As the name says."\n'
                                        'extends = "small.toml"\n[levers]\ncoaches = 6\n')
    return place


@pytest.fixture(scope="module")
def compared(folder):
    return typed("compare", "small.toml", "coached.toml", "--reference", "small.toml", "--draws", "3", "--replicates",
                 "2", "--out", "results", cwd=folder)


def test_help_names_every_command_and_loads_nothing_heavy(tmp_path):
    code = """import sys
from qicsim.cli import main
if main(["--help"]) == 0:
    print(sorted({"numba", "numpy", "pandas", "matplotlib", "mesa", "scipy"} & set(sys.modules)))
"""
    told = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True,
                          env=os.environ | {"PYTHONPATH": str(ROOT)})

    assert told.stdout.strip().endswith("[]")
    for command in ("compare", "run", "check", "describe", "register"):
        assert re.search(rf"^    {command} ", told.stdout, re.MULTILINE)


def test_compare_writes_a_page_tables_arrays_and_provenance(compared, folder):
    assert compared.returncode == 0, compared.stderr
    written = {file.name for file in (folder / "results").iterdir()}
    assert written == {"compare.html", "compare-sources.html", "headline.csv", "trajectories.csv", "ledger.csv",
                       "provinces.csv", "costs.csv", "runs.npz", "provenance.json", "constraints.txt", RECORD}
    assert "Page:" in compared.stdout


def test_both_languages_are_written_beside_each_other_and_a_former_page_is_taken_away(folder):
    command = ("compare", "small.toml", "--reference", "small.toml", "--draws", "1", "--replicates", "1", "--quiet",
               "--out", "spoken", "--language")
    both = typed(*command, "both", cwd=folder)
    english, khmer = ((folder / "spoken" / name).read_text(encoding="utf-8")
                      for name in ("compare.html", "compare.km.html"))
    one = typed(*command, "km", cwd=folder)

    assert "compare.html, " in both.stdout and 'href="compare.km.html"' in english and 'href="compare.html"' in khmer
    assert '<html lang="en">' in english and '<html lang="km">' in khmer
    assert "compare.km.html" in one.stdout and not (folder / "spoken" / "compare.html").exists()


def test_an_unknown_language_is_refused_before_anything_runs(folder):
    told = typed("compare", "small.toml", "--language", "fr", "--out", "nothing", cwd=folder)

    assert told.returncode == 2 and "'en', 'km', 'both'" in told.stderr.replace("en, km, both", "'en', 'km', 'both'")
    assert not (folder / "nothing").exists()


def test_a_first_look_says_how_few_runs_it_has_on_the_terminal_and_on_the_page(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)

    code = main(["compare", "small.toml", "coached.toml", "--reference", "small.toml", "--quick", "--quiet", "--out",
                 "first-look"])

    page = (folder / "first-look" / "compare.html").read_text(encoding="utf-8")
    facts = json.loads((folder / "first-look" / "provenance.json").read_text())
    assert code == 0 and (facts["draws"], facts["replicates"]) == (8, 1)
    assert "A first look: 8 draws x 1 replicate of each scenario; without --quick 64 x 2" in capsys.readouterr().out
    assert "A first look: n = 8 runs of each scenario (8 draws × 1 replicate). Intervals from so few runs" in page


def test_a_first_look_with_numbers_of_its_own_is_refused(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)

    code = main(["compare", "small.toml", "--quick", "--draws", "9", "--replicates", "3", "--out", "never"])

    told = capsys.readouterr().err
    assert code == 2 and not (folder / "never").exists()
    assert "--draws: is there beside --quick" in told and "--replicates: is there beside --quick" in told


def test_provenance_holds_what_it_takes_to_do_it_again(compared, folder):
    facts = json.loads((folder / "results" / "provenance.json").read_text())

    assert facts["seed"] == 1
    assert facts["draws"] == 3
    assert facts["draws_from"] == "posterior"
    assert facts["command"].startswith("qicsim compare small.toml coached.toml")
    assert facts["scenarios"]["coached"]["resolved"]["title"] == "More coaches"
    assert len(facts["source_digest"]) == 16
    assert set(facts["scenarios"]["small"]["data"]) == {"register", "areas", "shock", "unit_costs", "payments",
                                                        "schedules"}


def test_the_arrays_can_be_read_with_numpy_alone(compared, folder):
    with np.load(folder / "results" / "runs.npz") as arrays:
        names = [str(arrays[f"scenario{i}_name"]) for i in range(2)]
        nation, columns = arrays["scenario0_nation"], list(arrays["columns"])

    assert names == ["small", "coached"]
    assert nation.shape[:3] == (6, 3, 4)
    assert nation[0, 0, :, columns.index("facilities")].sum() == 41.0


def test_the_same_command_writes_the_same_tables(compared, folder):
    again = typed("compare", "coached.toml", "small.toml", "--reference", "small.toml", "--draws", "3",
                   "--replicates", "2", "--workers", "1", "--out", "again", cwd=folder)
    assert again.returncode == 0, again.stderr
    order = ["scenario", "year", "indicator"]
    one, other = (pd.read_csv(folder / place / "headline.csv").sort_values(order, ignore_index=True)
                  for place in ("results", "again"))

    pd.testing.assert_frame_equal(one, other)


def test_run_prints_the_ends_of_years(folder):
    told = typed("run", "small.toml", "--draws", "2", "--quiet", "--out", "one", cwd=folder)

    assert told.returncode == 0, told.stderr
    assert told.stderr == ""
    assert re.findall(r"^(20\d\d) ", told.stdout, re.MULTILINE) == ["2018", "2019", "2020"]
    assert {file.name for file in (folder / "one").iterdir()} == {
        "trajectories.csv", "runs.csv", "draws.csv", "runs.npz", "provenance.json", "constraints.txt", RECORD}
    each, draws, summary = (pd.read_csv(folder / "one" / f"{name}.csv")
                            for name in ("runs", "draws", "trajectories"))
    assert each.columns[:3].tolist() == ["draw", "replicate", "quarter"]
    assert np.allclose(each.query("quarter == '2020Q4'")["true"].mean(),
                       summary.query("quarter == '2020Q4' and indicator == 'true'")["mean"])
    assert draws["draw"].tolist() == sorted(set(each["draw"])) == [0, 1]
    assert draws["pdsa.k_item"].nunique() == 2


def test_one_run_at_the_defaults_shows_no_interval(folder):
    told = typed("run", "small.toml", "--defaults", "--quiet", cwd=folder)

    assert told.stdout.startswith("One run.")
    assert "(" not in told.stdout.split("\n", 2)[2]


def test_check_prints_the_resolved_scenario(folder):
    told = typed("check", "coached.toml", cwd=folder)

    assert told.returncode == 0
    assert json.loads(told.stdout)["title"] == "More coaches"


def test_check_tells_the_two_ceilings_of_money_apart(folder):
    (folder / "poor.toml").write_text('title = "x"\ndescription = "y"\n[pbf]\nbill = 14_000_000\n[levers]\nbudget = 1\n'
                                      'pbf_envelope = 5_000_000\n')
    told = typed("check", "poor.toml", cwd=folder)

    assert told.returncode == 0
    assert json.loads(told.stdout)["pbf"]["bill"] == 14e6
    assert "budget is the ceiling of what is spent on collaboratives;" in told.stderr
    assert "pbf_envelope is the ceiling of performance payments alone;" in told.stderr


def test_check_names_every_fault_and_writes_nothing(tmp_path):
    (tmp_path / "bad.toml").write_text('title = "x"\ndescription = "y"\n[levers]\ncoachs = 3\nvirtual = 20\n')
    told = typed("check", "bad.toml", cwd=tmp_path)

    assert told.returncode == 2
    assert told.stdout == ""
    assert 'Did you mean "coaches"?' in told.stderr
    assert "0 to 1" in told.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["bad.toml"]


@pytest.mark.parametrize("words", [("compare", "nowhere.toml"), ("run", "national-2031"), ("check", "nowhere.toml"),
                                   ("register", "check", "nowhere.csv"),
                                   ("compare", "--draws", "0", "reported"), ("compare", "--replicates", "9999"),
                                   ("run", "reported", "--seed", "-1"), ("run", "reported", "--until", "2031-13")])
def test_input_that_cannot_be_used_ends_with_code_2_and_no_traceback(words, tmp_path):
    told = typed(*words, cwd=tmp_path)

    assert told.returncode == 2
    assert "Traceback" not in told.stderr
    assert told.stderr.strip()


def test_a_refused_comparison_leaves_nothing_behind(tmp_path):
    told = typed("compare", "reported", "nowhere", "--out", "results", cwd=tmp_path)

    assert told.returncode == 2
    assert not list(tmp_path.iterdir())


def test_an_output_that_is_a_file_is_refused(folder):
    (folder / "taken").write_text("")
    told = typed("run", "small.toml", "--defaults", "--out", "taken", cwd=folder)

    assert told.returncode == 2
    assert '"taken" cannot be written' in told.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_no_scenario_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.toml")
    told = typed("check", "pipe.toml", cwd=tmp_path)

    assert told.returncode == 2
    assert "no plain file" in told.stderr


def test_a_folder_in_the_place_of_the_page_is_refused_before_anything_runs(folder):
    (folder / "blocked" / "compare.html").mkdir(parents=True)
    told = typed("compare", "small.toml", "--reference", "small.toml", "--out", "blocked", cwd=folder)

    assert told.returncode == 2
    assert "compare.html: is a folder" in told.stderr
    assert [file.name for file in (folder / "blocked").iterdir()] == ["compare.html"]


def test_register_build_does_not_write_over_another_file(tmp_path):
    (tmp_path / "mine.csv").write_text("id,name\n")
    told = typed("register", "build", "mine.csv", cwd=tmp_path)

    assert told.returncode == 2
    assert "mine.csv is there, and not known to be qicsim's own" in told.stderr
    assert (tmp_path / "mine.csv").read_text() == "id,name\n"


@pytest.mark.parametrize(("text", "expected"), [
    ("12", {"draws": 12}), ("prior", {"source": "prior"}), ("prior:12", {"source": "prior", "draws": 12}),
    ("old/posterior.npz", {"source": "old/posterior.npz"})])
def test_draws_are_a_number_a_source_or_both(text, expected):
    assert drawn(text) == expected


@pytest.mark.parametrize("text", ["2.5", "prior:2.5"])
def test_a_number_of_draws_that_is_no_whole_number_is_refused(text):
    with pytest.raises(Unusable, match="is not a whole number"):
        drawn(text)


def test_register_build_and_check_and_network(tmp_path):
    built = typed("register", "build", "facilities.csv", cwd=tmp_path)
    checked = typed("register", "check", "facilities.csv", cwd=tmp_path)
    network = typed("register", "network", "peers.graphml", cwd=tmp_path)

    assert "1,413 synthetic facilities" in built.stdout
    assert "Synthetic facilities" in checked.stdout
    assert network.returncode == 0, network.stderr
    assert (tmp_path / "peers.graphml").stat().st_size > 100_000


def test_a_register_of_some_provinces(tmp_path):
    built = typed("register", "build", "six.csv", "--only", "Battambang", "Pursat", "Kampong Cham", "Pailin",
                   "Kampong Speu", "Siem Reap", cwd=tmp_path)
    refused = typed("register", "build", "none.csv", "--only", "Batambang", cwd=tmp_path)

    assert built.stdout.startswith("427 synthetic facilities")
    assert refused.returncode == 2
    assert 'Did you mean "Battambang"?' in refused.stderr


@pytest.mark.parametrize("topic", ["parameters", "levers", "areas", "schedule", "indicators", "scenarios"])
def test_describe_prints_a_table(topic, tmp_path):
    told = typed("describe", topic, cwd=tmp_path)

    assert told.returncode == 0, told.stderr
    assert told.stdout.count("\n") > 5


def test_a_topic_that_is_unknown_is_refused(tmp_path):
    assert typed("describe", "everything", cwd=tmp_path).returncode == 2


def test_an_output_folder_that_cannot_be_made_is_refused_without_a_traceback(folder):
    (folder / "holds" / "trajectories.csv").mkdir(parents=True)
    told = typed("run", "small.toml", "--defaults", "--quiet", "--out", "holds", cwd=folder)

    assert told.returncode == 2
    assert "Traceback" not in told.stderr


def test_a_change_after_the_inherited_horizon_is_refused(folder):
    (folder / "late.toml").write_text('title = "x"\ndescription = "y"\nextends = "small.toml"\n'
                                      '[[change]]\nfrom = "2040-01"\ncoaches = 3\n')
    told = typed("check", "late.toml", cwd=folder)

    assert told.returncode == 2
    assert "after the horizon" in told.stderr


def test_warm_compiles_ahead_and_says_for_what_it_holds(tmp_path):
    first, second = typed("warm", cwd=tmp_path), process("warm", "--quiet", cwd=tmp_path)

    assert (first.returncode, second.returncode) == (0, 0)
    assert second.stdout.startswith("Compiled code is there already: ")
    assert second.stderr == ""
    for part in ("processors of the kind ", "numba ", "numpy ", "Python "):
        assert part in second.stdout


def test_check_warns_of_senseless_levers_and_another_past_and_says_what_is_not_inherited(tmp_path):
    (tmp_path / "odd.toml").write_text('title = "Odd"\ndescription = "y"\nextends = "national-2030"\n[[change]]\n'
                                       'from = "2025-06"\nreenrol = true\n[[change]]\nfrom = "2027-01"\ncoaches = 3\n')
    told = typed("check", "odd.toml", cwd=tmp_path)

    assert told.returncode == 0
    assert "Warning: “Odd” differs from “As reported, then nothing” in 2025-06 already." in told.stderr
    assert "Warning: “Odd”, 2025-06 to 2026-12: teams may join while nobody funds support" in told.stderr
    assert 'Not inherited, because coaches changed: "2 coaches a district and 0.75 visits a team' in told.stderr
    assert not any("2 coaches a district and" in str(one) for one in json.loads(told.stdout)["assumptions"])
