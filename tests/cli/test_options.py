"""Options: one vocabulary for all commands, anywhere on the line, every fault in words and all at once."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import qicsim.cli
from qicsim.analysis import projected_tables
from qicsim.analysis.quick import SIZES
from qicsim.analysis.sampling import LUCKS, SAMPLES
from qicsim.cli import COMMANDS, main, parser, values
from qicsim.cli import options as table
from qicsim.cli.options import (
    CHECKLISTS,
    EVERY,
    FORMATS,
    IDENTIFIERS,
    LANGUAGES,
    LEVELS,
    METHODS,
    OPTIONS,
    TOPICS,
)
from qicsim.cli.parsing import understood
from qicsim.cli.values import (
    Unusable,
    amount,
    first_month,
    first_quarter,
    first_year,
    last_month,
    number,
    quoted,
    whole,
)
from qicsim.decide.discounting import HIGHEST
from qicsim.decide.settings import MOST_USD, PERSPECTIVES
from qicsim.estimate.calibrate.study import COUNTS
from qicsim.ground.errors import SettingError
from qicsim.inputs.exchange import dhis2
from qicsim.model.simulate import REPLICATES_PER_DRAW
from qicsim.report import checklists, describe, projection_files
from qicsim.report.language import languages
from qicsim.runs import draws, ensemble
from tests.worlds import SCENARIO, register_text

ROOT = Path(__file__).parents[2]
DIGITS = "9" * 5000


def said(capsys, *words):
    """Exit code and what stands on stderr."""
    code = main(list(words))
    return code, capsys.readouterr().err


def parsed(name, *words):
    """What the words say to a command, or to an act of it."""
    command, _, act = name.partition(" ")
    found = qicsim.cli._command(command)
    return understood(found.get_default("acts")[act] if act else found, words, prepare=False)


# ------------------------------------------------------------------------------------------------------------- table


def test_no_command_declares_an_option_of_its_own():
    own = [path.name for path in (ROOT / "qicsim" / "cli").glob("*.py")
           for node in ast.walk(ast.parse(path.read_text()))
           if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "add_argument"
           and path.name != "options.py"]

    assert own == ["__init__.py"], "--version of the program itself"


def test_every_option_is_taken_by_a_command_and_one_spelling_has_one_kind_of_value():
    source = "".join(path.read_text() for path in (ROOT / "qicsim" / "cli").glob("*.py"))

    assert [name for name in OPTIONS if source.count(f'"{name}"') < 2] == []
    for option in OPTIONS.values():
        same = {other.metavar.startswith("YEAR") for other in OPTIONS.values() if other.name == option.name}
        assert len(same) == 1, option.name


def test_choices_are_those_of_the_rooms_that_use_them():
    assert all(languages(code) for code in LANGUAGES)
    assert tuple(SIZES) == METHODS
    assert (projection_files.FORMATS, dhis2.IDENTIFIERS, checklists.NAMES) == (FORMATS, IDENTIFIERS, CHECKLISTS)
    assert (set(projected_tables.LEVELS), set(projected_tables.EVERY)) == (set(LEVELS), set(EVERY))
    assert set(describe._TOPICS) == set(TOPICS)
    assert (table.LUCKS, table.SAMPLES, set(table.PAYERS)) == (LUCKS, SAMPLES, set(PERSPECTIVES))


def test_numbers_have_the_bounds_of_the_rooms_that_use_them():
    any_number = (values.whole, values.number, values.amount)
    unbounded = [name for name, option in OPTIONS.items() if option.read in any_number]

    assert unbounded == []
    assert (values.MOST_DRAWS, table.LARGEST_SEED) == (draws.MOST_DRAWS, draws.LARGEST_SEED)
    assert (table.MOST_REPLICATES, table.MOST_WORKERS) == (REPLICATES_PER_DRAW, ensemble.MOST_WORKERS)
    assert (table.MOST_RATE, table.MOST_USD) == (HIGHEST, MOST_USD)
    assert COUNTS["runs"] == (table.FEWEST_RUNS, table.MOST_RUNS)


def test_every_command_shows_its_options_and_the_defaults_that_it_has(capsys):
    for name in COMMANDS:
        assert main(["help", name]) == 0
        text = capsys.readouterr().out
        assert text.startswith(f"usage: qicsim {name} ") and "{default}" not in text and "default None" not in text


# -------------------------------------------------------------------------------------------------------------- help


@pytest.mark.parametrize("words", [[], ["help"], ["help", "compare"], ["help", "experiment"], ["experiment"],
                                   ["run", "--help"], ["register", "build", "x", "-h"],
                                   ["help", "experiment", "merge"]])
def test_help_is_shown_and_ends_well(words, capsys):
    assert main(words) == 0
    assert capsys.readouterr().out.startswith("usage: qicsim")


@pytest.mark.parametrize(("words", "expected"), [
    (["comapre"], 'Did you mean "compare"?'), (["help", "comapre"], 'Did you mean "compare"?'),
    (["experiment", "rnu", "x.toml"], 'Did you mean "run"?'), (["--quiet", "compare"], "stands before the command"),
    (["compare", "--drwas", "3"], 'Did you mean "--draws"?'),
    (["run", "reported", "--rep", "3"], 'Did you mean "--replace" or "--replicates"?'),
    (["run", "reported", "--drwas=3"], '"--drwas" is not an option of qicsim run.'),
    (["run"], "the following arguments are required: SCENARIO"),
    (["export", "reported", "--format", "xslx"], '--format: "xslx" is not a choice. Allowed: csv, xlsx'),
    (["describe", "levres"], 'TOPIC: "levres" is not a choice.'),
    (["run", "reported", "neither"], "one word too many")])
def test_a_misspelt_word_gets_the_nearest_and_code_2(words, expected, capsys):
    code, text = said(capsys, *words)

    assert code == 2
    assert expected in text


def test_all_unknown_options_are_named_at_once(capsys):
    _, text = said(capsys, "decide", "--discont-rate", "0.1", "--celing", "3")

    assert text.count("Did you mean") == 2


# --------------------------------------------------------------------------------------------------------- old words


def test_old_spellings_go_on_working_and_say_what_replaces_them(capsys):
    options = parsed("plan", "reported", "--discount", "0.05")

    assert options.discount_rate == 0.05
    assert capsys.readouterr().err == "--discount is now --discount-rate; the old spelling works until version 0.3.\n"
    assert parsed("decide", "--discount=0.05").discount_rate == 0.05
    assert parsed("sensitivity", "--against", "pbf-only").against == "pbf-only"


# ------------------------------------------------------------------------------------------------------------- order


@pytest.mark.parametrize(("name", "words", "expected"), [
    ("compare", "--quiet reported --draws 2 pbf-only", {"scenarios": ["reported", "pbf-only"], "quiet": True}),
    ("decide", "reported --worth 3 pbf-only --recorded", {"scenarios": ["reported", "pbf-only"], "worth": 3.0}),
    ("plan", "--out a.xlsx --option pbf-only reported --out b.docx", {"scenario": "reported",
                                                                     "out": ["a.xlsx", "b.docx"]}),
    ("export", "--format csv xlsx reported --level facility", {"scenario": "reported", "format": ["csv", "xlsx"]}),
    ("run", "--draws prior:3 --quiet reported", {"scenario": "reported", "draws": {"draws": 3, "source": "prior"}}),
    ("check", "reported", {"scenario": "reported"}),
    ("checklist", "--out a.html odd --reference neither reported", {"name": "odd", "scenarios": ["reported"]}),
    ("describe", "levers", {"topic": "levers"}),
    ("register build", "a.csv --only Pursat Pailin", {"file": "a.csv", "only": ["Pursat", "Pailin"]}),
    ("register network", "--register b.csv a.graphml", {"file": "a.graphml", "register": "b.csv"}),
    ("import", "--out o --register a b --scores c", {"register": ["a", "b"], "scores": ["c"], "joined": []}),
    ("calibrate", "--seed 3 --data d --quiet", {"seed": 3, "data": "d"}),
    ("experiment merge", "F --out O A B", {"study": "F", "folders": ["A", "B"], "out": "O"}),
    ("experiment merge", "F A --out O B", {"study": "F", "folders": ["A", "B"], "out": "O"}),
    ("experiment merge", "--out O F", {"study": "F", "folders": []}),
    ("experiment run", "--quiet F --shard 1/2", {"study": "F", "shard": "1/2", "executor": "threads"}),
    ("experiment extend", "--draws 3 F --replicates 2", {"study": "F", "draws": 3}),
    ("sensitivity", "--size 4 reported --lever coaches=1,2 --quiet", {"scenario": "reported", "size": 4}),
    ("sensitivity", "--quiet", {"scenario": None, "indicators": ("true", "recorded")}),
    ("history", "--from 2028 F --to 2029Q2", {"facility": "F", "since": "2028-01", "until": "2029-06"}),
    ("run", "--quiet -- reported", {"scenario": "reported"}),
    ("decide", "--ceiling -4,000 reported", {"ceiling": -4000.0})])
def test_options_stand_anywhere(name, words, expected):
    options = vars(parsed(name, *words.split()))

    assert {key: options[key] for key in expected} == expected


# ----------------------------------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize("text", ["1500000", "1,500,000", "1 500 000", "1\u202f500\u202f000", "1_500_000", "1.5e6",
                                  "1.5 million", " 1500000.0 ", "+1500000", "១,៥០០,០០០"])
def test_a_number_is_understood_with_separators_and_in_words(text):
    assert number(text) == whole(text) == amount(f"US$ {text}") == 1_500_000


@pytest.mark.parametrize("text", ["1,50,000", "1,500 000", "1.500.000", "1,5", "nan", "inf", "1e999", "", "x", "1.2.3",
                                  "0x10", "1e", DIGITS, "1e400"])
def test_what_is_no_number_is_refused_in_few_words(text):
    for read in (number, whole, amount):
        with pytest.raises(Unusable) as refused:
            read(text)
        assert len(refused.value.found) < 120 and "such as" in refused.value.allowed


def test_whole_numbers_are_whole_and_shares_may_be_per_cent():
    assert number("3 %") == 0.03
    for text in ("2.5", "3%", "10000000000000000000", "1e30"):
        with pytest.raises(Unusable):
            whole(text)


@pytest.mark.parametrize(("text", "month", "last", "quarter", "year"), [
    ("2027", "2027-01", "2027-12", "2027Q1", 2027), ("2027Q1", "2027-01", "2027-03", "2027Q1", 2027),
    ("2027-01", "2027-01", "2027-01", "2027Q1", 2027), ("2027-q3", "2027-07", "2027-09", "2027Q3", None),
    ("2027-05", "2027-05", "2027-05", None, None)])
def test_a_time_is_a_year_a_quarter_or_a_month(text, month, last, quarter, year):
    assert (first_month(text), last_month(text)) == (month, last)
    for read, expected in ((first_quarter, quarter), (first_year, year)):
        if expected is None:
            with pytest.raises(Unusable):
                read(text)
        else:
            assert read(text) == expected


@pytest.mark.parametrize("words", [
    ["compare", "--draws", DIGITS], ["compare", "--draws", "nan"], ["compare", "--replicates", "2.5"],
    ["compare", "--seed", DIGITS], ["compare", "--seed", "1e400"], ["compare", "--workers", "x"],
    ["compare", "--until", DIGITS], ["compare", "--until", "2031-13"], ["compare", "--out", ""],
    ["compare", "--data", " "], ["decide", "--ceiling", DIGITS], ["decide", "--ceiling", f"2028={DIGITS}"],
    ["decide", "--worth", "inf"], ["decide", "--from", "27"], ["decide", "--target", "nan"],
    ["plan", "reported", "--discount-rate", "3,5"], ["history", "X", "--draw", DIGITS], ["history", "X", "--from", "x"],
    ["import", "--register", "x", "--out", "o", "--levels", f"country={DIGITS}"],
    ["experiment", "run", "x.toml", "--shard", f"1/{DIGITS}"], ["experiment", "extend", "x.toml", "--draws", "-"],
    ["experiment", "run", "x.toml", "--executor", "..:x"], ["sensitivity", "--size", "4.5"],
    ["sensitivity", "--lever", "coaches"], ["sensitivity", "--lever", f"coaches={DIGITS}"],
    ["calibrate", "--runs", DIGITS], ["calibrate", "--discrepancy", "nan"]])
def test_values_that_cannot_be_used_are_refused_in_a_line(words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, text = said(capsys, *words)

    option = next(word for word in reversed(words) if word.startswith("--"))
    assert code == 2
    assert text.splitlines()[0].startswith(option) and text.count(option) == 1 and len(text) < 700
    assert len(text.splitlines()) == (2 if words[0] in ("history", "experiment") else 1), "X and x.toml are none either"
    assert list(tmp_path.iterdir()) == []


def test_the_faults_of_all_options_and_scenarios_come_at_once(capsys):
    code, text = said(capsys, "plan", "natoinal-2030", "--option", "pbf-onyl", "--reference", "reprted", "--draws",
                      "2.5", "--until", "soon", "--option", "nowhere.toml")

    assert code == 2
    assert text.splitlines() == [
        '--draws: "2.5" is not a whole number. Allowed: whole numbers such as 64 or 1,000.',
        '--until: "soon" is no year, quarter or month. Allowed: 2027, 2027Q1 or 2027-01.',
        '"natoinal-2030" is not a shipped scenario. Did you mean "national-2030"?',
        '--reference: "reprted" is not a shipped scenario. Did you mean "reported"?',
        '--option: "pbf-onyl" is not a shipped scenario. Did you mean "pbf-only"?',
        "--option: nowhere.toml: cannot be read: there is no such file."]


def test_an_unknown_option_hides_no_fault_of_another(capsys):
    _, text = said(capsys, "compare", "--drwas", "3", "--replicates", "0", "reprted", "--no-store", "--store", "x")

    assert [line.partition(": ")[0] for line in text.splitlines()] == [
        '"--drwas" is not an option of qicsim compare. Did you mean "--draws"?', "--replicates", "--no-store",
        '"reprted" is not a shipped scenario. Did you mean "reported"?']


@pytest.fixture
def used(tmp_path, monkeypatch):
    """A folder with a small scenario, in whose folder `out` every command finds what it must not replace."""
    monkeypatch.chdir(tmp_path)
    Path("register.csv").write_text(register_text())
    Path("small.toml").write_text(SCENARIO)
    Path("study.toml").write_text('title = "t"\nscenarios = ["small.toml"]\ndraws = 1\nreplicates = 1\n')
    Path("out").mkdir()
    for name in ("compare.html", "decision.html", "experiment.html", "report.html", "history.html", "trajectories.csv",
                 "summary.csv", "posterior.npz", "provenance.json", "plan.xlsx"):
        Path("out", name).write_text("mine")
    return tmp_path


@pytest.mark.parametrize(("words", "named"), [
    ("compare small.toml --draws 0 --replicates -1 --seed -1 --workers 0", "--draws --replicates --seed --workers"),
    ("compare small.toml --reference small.toml --until 2012 --draws nowhere.npz", "--until --draws"),
    ("compare small.toml --quick --draws 3 --replicates 3", "--draws --replicates"),
    ("decide small.toml --reference small.toml --risk 3 --worth -1 --by 1990 --ceiling -3",
     "--risk --worth --by --ceiling"),
    ("decide small.toml --reference small.toml --from 2060 --draws 2", "--from"),
    ("plan national-2030 --discount-rate 3 --out x.foo --draws prior:0", "--discount-rate --draws --out"),
    ("run small.toml --draws prior:0 --seed -5 --set pdsa.k_item=99", "--draws --seed --set"),
    ("export small.toml --from 2060 --replicates 0", "--replicates --from"),
    ("export small.toml --by 2060", "--by"),
    ("history OD-BA1-H1 --scenario small.toml --draw -1 --source nowhere", "--draw --source"),
    ("history OD-BA1-H1 --scenario small.toml --from 2060", "--from"),
    ("calibrate --runs 1 --workers 0", "--runs --workers"),
    ("sensitivity small.toml --size 2", "--size"),
    ("sensitivity small.toml --size 3 --method sobol --tolerance 2 --luck none", "--tolerance --luck --size"),
    ("sensitivity small.toml --source nowhere --indicators x --replicates 0", "--replicates --source --indicators"),
    ("sensitivity small.toml --lever coachs=1 --from 2019 --times 1999 --parameters x", "--parameters --lever --times"),
    ("experiment extend study.toml --draws 0 --replicates 5000", "--draws --replicates"),
    ("experiment run study.toml --workers 0 --shard 3/2", "--workers --shard")])
def test_faults_of_values_are_all_named_as_typed_and_before_the_folder_is_refused(used, capsys, words, named):
    out = [] if "--out" in words else ["--out", "out"]
    code, text = said(capsys, *words.split(), *out)

    assert code == 2
    assert [re.match(r"--[a-z-]+|", line)[0] for line in text.splitlines()] == named.split(), text


@pytest.mark.parametrize("words", ["compare small.toml --reference small.toml",
                                   "decide small.toml --reference small.toml",
                                   "plan small.toml --reference small.toml --until 2028 --out out/plan.xlsx",
                                   "run small.toml", "history OD-BA1-H1 --scenario small.toml"])
def test_a_folder_is_refused_by_its_name_even_where_an_option_is_called_so(used, capsys, words):
    _, text = said(capsys, *words.split(), *(() if "--out" in words else ("--out", "out")))

    assert text.startswith("out: ") and "not known to be qicsim's own" in text


@pytest.mark.parametrize("words", [
    ["compare", "reprted"], ["compare", "--reference", "reprted"], ["decide", "reprted"], ["plan", "reprted"],
    ["plan", "neither", "--option", "reprted"], ["export", "reprted"], ["run", "reprted"], ["check", "reprted"],
    ["checklist", "odd", "reprted"], ["sensitivity", "reprted"], ["sensitivity", "--reference", "reprted"],
    ["history", "SYN-0101-H01", "--scenario", "reprted"], ["run", "reprted.toml"]])
def test_a_misspelt_scenario_gets_the_nearest_name_before_anything_is_prepared(words, capsys):
    code, text = said(capsys, *words)

    assert code == 2
    assert "Did you mean" in text and "reported" in text and "Preparing" not in text


@pytest.mark.parametrize("name", ["os:system", "math:pi", "builtins:print", "nowhere.at:all"])
def test_an_executor_that_is_none_is_told_and_leaves_nothing(name, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("study.toml").write_text('title = "t"\nscenarios = ["reported"]\ndraws = 1\nreplicates = 1\n')
    code, text = said(capsys, "experiment", "run", "study.toml", "--executor", name, "--out", "out", "--quiet")

    assert code == 2
    assert f'"{name}" cannot be' in text and len(text.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]


def test_a_misspelt_file_gets_the_nearest_file_beside_it(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("my-plan.toml").write_text("")

    assert 'Did you mean "my-plan.toml"?' in said(capsys, "compare", "my-paln.toml")[1]


def test_what_was_typed_cannot_command_the_terminal():
    assert quoted("a\x1b[31m\u202e") == '"a\\x1b[31m\\u202e"'


# ------------------------------------------------------------------------------------------------------------ process


def test_a_closed_standard_output_is_told(tmp_path):
    told = subprocess.run(["sh", "-c", f'exec "{sys.executable}" -m qicsim describe levers >&-'],  # noqa: S607
                          cwd=tmp_path, capture_output=True, text=True, check=False,
                          env=os.environ | {"PYTHONPATH": str(ROOT)})

    assert told.returncode == 2
    assert told.stderr == "Standard output is closed, so that nothing can be printed. Nothing was done.\n"


def test_a_reader_that_goes_away_ends_a_command_without_a_word(tmp_path):
    told = subprocess.run(["sh", "-c", f'"{sys.executable}" -m qicsim describe parameters | head -1'],  # noqa: S607
                          cwd=tmp_path, capture_output=True, text=True, check=False,
                          env=os.environ | {"PYTHONPATH": str(ROOT)})

    assert len(told.stdout.splitlines()) == 1
    assert told.stderr == ""


def test_one_command_loads_no_other(tmp_path):
    code = ("import sys; from qicsim.cli import main; main(['help', 'run']); "
            "print(sorted(name for name in sys.modules if name.startswith('qicsim.cli.')))")
    told = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True,
                          env=os.environ | {"PYTHONPATH": str(ROOT)})

    loaded = ("options", "parsing", "prepared", "request", "run", "values", "written")
    assert told.stdout.splitlines()[-1] == str([f"qicsim.cli.{name}" for name in loaded])


def test_the_whole_parser_knows_every_command():
    listed = parser().format_help()

    assert all(f"    {name}" in listed for name in COMMANDS)


def test_an_input_error_of_a_command_is_told_and_ends_with_code_2(capsys):
    with pytest.raises(SettingError):
        parsed("run", "reported", "--seed", "x")
    assert said(capsys, "run", "reported", "--seed", "-1")[0] == 2
