"""A mechanism of one's own: the tutorial's works in every part, and what cannot be used is refused in words."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from qicsim.cli import main
from qicsim.ground import extended, extension
from qicsim.ground.errors import DataError, QicsimError, ScenarioError
from qicsim.ground.extension import PLACES
from qicsim.inputs.scenario import load_scenario
from qicsim.model import extending, places
from qicsim.model.ledger import OWN
from qicsim.model.levers import Levers
from qicsim.model.parameters import Parameters
from qicsim.model.places import check_month
from qicsim.model.state import Facility, allocate_state
from qicsim.runs.draws import prior_draws
from qicsim.runs.identity import code_digest
from tests.faces.extended import FILE, MEETINGS
from tests.worlds import SCENARIO, register_text, small_country

ROOT = Path(__file__).parents[2]
HEAD = ("from typing import Annotated, NamedTuple\n"
        "from qicsim.extend import Column, Extension, HalfNormal, Indicator, Lever, Parameter\n"
        "def step(facility): facility.quality[0] += 1.0\n")
PARAMETER = ('class P(NamedTuple):\n'
             ' x: Annotated[float, Parameter("m", "1", 0.0, 1.0, HalfNormal(0.1), "{}", "{}")] = {}\n')


# -------------------------------------------------------------------------------------------------------- tutorial


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory):
    """What a process without a compiler found of the tutorial's extension; compiling it would take a minute."""
    return process(tmp_path_factory.mktemp("tutorial"), NUMBA_DISABLE_JIT="1")


def process(folder, **environment):
    done = subprocess.run([sys.executable, "-m", "tests.faces.extended", str(folder)], capture_output=True, text=True,
                          check=False, cwd=ROOT, env=os.environ | environment)
    assert done.returncode == 0, done.stderr
    return SimpleNamespace(**json.loads(done.stdout))


def test_the_tutorial_has_the_file_that_is_run_here_in_about_forty_lines():
    text = FILE.read_text(encoding="utf-8")

    assert text in (ROOT / "docs" / "extensions.md").read_text(encoding="utf-8")
    assert len([line for line in text.splitlines() if line.strip()]) <= 45


def test_its_parameter_is_one_of_the_models_and_draws_of_the_others_stay_as_they_are(tutorial):
    with_it, without = np.array(tutorial.draws), prior_draws(3).values

    assert tutorial.names == ["peer_learning.share"] and tutorial.default == 0.05
    np.testing.assert_array_equal(with_it[:, :-1], without)
    assert len(set(with_it[:, -1])) == 3 and with_it[:, -1].min() >= 0.0 and with_it[:, -1].max() <= 0.5


def test_the_ledger_closes_and_what_it_taught_has_a_line(tutorial):
    assert tutorial.booked > 0.1
    assert tutorial.open < 1e-9 and tutorial.sums < 1e-4


def test_mesas_agents_have_its_column_and_end_in_the_very_state_of_the_run(tutorial):
    assert tutorial.differing == []
    assert tutorial.agent == tutorial.meetings > 0.0


def test_plans_that_differ_in_its_lever_are_the_same_to_the_last_bit_before(tutorial):
    assert tutorial.before == 0.0
    assert np.abs(tutorial.after).max() > 0.01


def test_its_runs_are_kept_under_a_digest_of_their_own_and_found_again(tutorial):
    assert tutorial.code != code_digest()
    assert tutorial.kept and tutorial.same


def test_sensitivity_ranks_its_parameter_and_reads_its_indicator(tutorial):
    assert "What matters: share of the gap to the best peer" in tutorial.sentences[0]
    assert tutorial.sentences[2].startswith("Meetings with peers since the start, 2018")


@pytest.mark.slow
def test_compiled_it_gives_the_numbers_of_the_interpreter(tutorial, tmp_path):
    assert vars(process(tmp_path, NUMBA_DISABLE_JIT="0")) == vars(tutorial)


@pytest.mark.slow
def test_commands_take_it_and_the_page_shows_its_line_and_its_digest(tmp_path):
    (tmp_path / "register.csv").write_text(register_text())
    (tmp_path / "without.toml").write_text(SCENARIO)
    (tmp_path / "with.toml").write_text(SCENARIO + MEETINGS)

    done = subprocess.run([sys.executable, "-m", "qicsim", "compare", "with.toml", "--reference", "without.toml",
                           "--extend", str(FILE), "--draws", "2", "--replicates", "1", "--assumptions", "none", "--out",
                           "."], capture_output=True, text=True, check=False, cwd=tmp_path,
                          env=os.environ | {"NUMBA_DISABLE_JIT": "1"})

    assert done.returncode == 0, done.stderr
    page, sources = ((tmp_path / name).read_text(encoding="utf-8") for name in ("compare.html", "compare-sources.html"))
    assert "Learnt from the best peer" in page and "peer_learning.py" in sources
    assert ",best_peer," in (tmp_path / "ledger.csv").read_text()
    assert json.loads((tmp_path / "provenance.json").read_text())["extensions"].keys() == {"peer_learning.py"}


def test_without_it_the_model_knows_none_of_its_names(tmp_path):
    (tmp_path / "register.csv").write_text(register_text())
    (tmp_path / "with.toml").write_text(SCENARIO + MEETINGS)

    with pytest.raises(ScenarioError, match="peer_meetings"):
        load_scenario(tmp_path / "with.toml")
    assert extending.open_to("parameters")(Parameters) is Parameters


# ---------------------------------------------------------------------------------------------------------- faults


@pytest.fixture
def file_of(tmp_path, monkeypatch):
    """Makes the file of an extension, and has this process run with it as far as it is asked."""
    monkeypatch.setattr(extension, "_LOADED", {})

    def make(text):
        path = tmp_path / "mine.py"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setenv(extended.VARIABLE, str(path))
        return path
    return make


@pytest.mark.parametrize(("text", "message"), [
    ("1 +", "line 1: is no Python"),
    ("\n1 / 0", "line 2: ZeroDivisionError: division by zero."),
    ("from qicsim.ground.extension import loaded\nloaded()", "imports the model, which is put together after it"),
    ("x = 1", "has 0 extensions. Allowed: one Extension(...), under any name."),
    (HEAD + 'A = Extension("My rule", "m")', 'name: "My rule" is no name. Allowed: small letters, digits and _.'),
    (HEAD + 'A = Extension("mine", "m", steps={"after_learnin": step})',
     '"after_learnin" is not a place in the month. Allowed: ' + ", ".join(PLACES) + '. Did you mean "after_learning"?'),
    (HEAD + 'A = Extension("mine", "m", steps={"end_of_month": step})',
     'steps: end_of_month: step takes "facility". Allowed: today, setting, levers, now, params, state, key.'),
    (HEAD + 'A = Extension("mine", "m", steps={"before_work": lambda facility, line: None})',
     'before_work: <lambda> takes "line". Allowed: facility, site, district, areas'),
    (HEAD + 'A = Extension("mine", "m", indicators={"i": Indicator("m", "1", lambda state: 1.0)})',
     'indicators: i: <lambda> takes "state". Allowed: facility, site, areas, threshold.'),
    (HEAD + 'A = Extension("mine", "m", purposes={"a": 4})', "purposes: a: 4 belongs to the model. Allowed: 1000 to"),
    (HEAD + 'A = Extension("mine", "m", purposes={"a": 1000, "b": 1000})', "purposes: two have one number"),
    (HEAD + 'A = Extension("mine", "m", parameters=Lever)',
     "parameters: has no declared field. Allowed: a NamedTuple of Annotated[..., Parameter(...)]."),
    (HEAD + 'class P(NamedTuple): x: Annotated[float, Column("m")] = 0.0\nA = Extension("mine", "m", parameters=P)',
     "parameters: x: is a Column. Allowed: Parameter."),
    (HEAD + PARAMETER.format("assumption", "B", 2.0) + 'A = Extension("mine", "m", parameters=P, off={"y": 0.0})',
     'off: "y" is not a parameter of this extension.'),
    (HEAD + PARAMETER.format("assumption", "B", 2.0) + 'A = Extension("mine", "m", parameters=P)',
     "parameters: x: the default 2 is out of bounds. Allowed: 0 to 1 1."),
    (HEAD + PARAMETER.format("assumption", "B", 0.5) + 'A = Extension("mine", "m", parameters=P)',
     'parameters: x: "B" is no grade. Allowed: S, Mod, W, D, M, A.'),
])
def test_a_file_that_cannot_be_used_is_told_with_its_place_and_what_is_allowed(file_of, text, message):
    path = file_of(text)

    with pytest.raises(DataError, match=f"^{re.escape(str(path))}: ") as error:
        extension.loaded()

    assert message in str(error.value)


@pytest.mark.parametrize(("declared", "put_together", "message"), [
    ('ledger={"peers": "m"}', lambda: extending.added("ledger", OWN), 'ledger: "peers" is there already'),
    ("columns=C", lambda: extending.open_to("columns")(Facility), 'columns: "quality" is there already'),
    ("levers=L", lambda: extending.open_to("levers")(Levers), 'levers: "coaches" is there already'),
    ("parameters=P", lambda: extending.refuse_unknown({"ever": ""}), 'parameters: x: "smith" is not a source'),
    ('indicators={"i": Indicator("m", "1", lambda facility: 1.0, "eve")}',
     lambda: extending.refuse_unknown({"ever": ""}), 'indicators: i: is per "eve". Allowed: ever. Did you mean "ever"'),
])
def test_names_that_the_model_has_and_names_that_it_lacks_are_refused(file_of, declared, put_together, message):
    text = (HEAD + PARAMETER.format("smith", "A", 0.5)
            + 'class C(NamedTuple): quality: Annotated[float, Column("m")]\n'
            + 'class L(NamedTuple): coaches: Annotated[float, Lever("m", "1")] = 0.0\n')
    file_of(text + f'A = Extension("mine", "m", {declared})')

    with pytest.raises(DataError) as error:
        put_together()

    assert message in str(error.value)


def test_two_extensions_share_neither_name_nor_purpose(file_of, monkeypatch):
    text = HEAD + 'A = Extension("mine", "m", purposes={"a": 1000})'
    path = file_of(text)
    other = path.with_name("other.py")
    other.write_text(text, encoding="utf-8")
    monkeypatch.setenv(extended.VARIABLE, os.pathsep.join((str(path), str(other))))

    with pytest.raises(DataError) as error:
        extension.loaded()

    assert [str(fault) for fault in error.value.faults] == [
        'name: another extension is called "mine" too. Allowed: a name of its own.',
        "purposes: a: another extension uses 1000 too. Allowed: a number of its own."]


def test_a_group_of_parameters_needs_a_name_of_its_own(file_of):
    file_of(HEAD + PARAMETER.format("assumption", "A", 0.5) + 'A = Extension("pdsa", "m", parameters=P)')

    with pytest.raises(DataError, match='name: "pdsa" is there already'):
        extending.open_to("parameters")(Parameters)


@pytest.mark.parametrize(("body", "message"), [
    ("facility.qualty[0] = 1.0", 'steps: before_work: wrong (line 4): "qualty" is neither a column nor a parameter.'),
    ("facility.quality[0] = 'much'", "steps: before_work: wrong (line 4): line 4 does not compile: No impl"),
])
def test_a_step_that_does_not_compile_is_told_with_its_file_place_and_line(file_of, body, message):
    path = file_of(HEAD + f'def wrong(facility): {body}\nA = Extension("mine", "m", steps={{"before_work": wrong}})')
    place = places.steps_at("before_work")
    facility = allocate_state(small_country().setting).facility[0]

    with pytest.raises(DataError) as error, places.blaming():
        place(facility, *[0] * (len(PLACES["before_work"].arguments) - 1))

    assert str(error.value).startswith(f"{path}: {message}")


def test_a_change_that_is_not_booked_and_a_quality_out_of_range_are_refused(file_of):
    country = small_country().first(3)
    state = country.run()
    file_of(HEAD + 'A = Extension("mine", "m", steps={"before_work": step})')
    check_month(2, country.setting, state)

    state.facility["quality"][3, 0] += 1.0
    with pytest.raises(QicsimError, match=r"mine.py: the ledger does not close. By month 2 .* facility 3 add up to"):
        check_month(2, country.setting, state)
    state.facility["quality"][3, 0] += 100.0
    with pytest.raises(QicsimError, match="a true quality is .* Allowed: 0 to 100"):
        check_month(2, country.setting, state)


def test_a_model_that_is_in_use_takes_no_further_extension(tmp_path, capsys):
    assert main(["describe", "levers", "--extend", str(FILE)]) == 2
    assert "is in use already without this extension" in capsys.readouterr().err
    assert main(["describe", "levers", "--extend", str(tmp_path / "none.py")]) == 2
    assert "there is no such file. Allowed: a Python file, or the name of a module" in capsys.readouterr().err
    assert main(["describe", "levers", "--extend", "no.such"]) == 2
    assert "no.such: is no module that can be imported" in capsys.readouterr().err
