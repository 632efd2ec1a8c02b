"""Worlds of other countries: nothing of the default one in code, an example that every command runs on, new folders."""

from __future__ import annotations

import ast
import calendar
import csv
import html
import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

import qicsim
from qicsim.cli import COMMANDS, main
from qicsim.cli.options import CHECKLISTS, TOPICS
from qicsim.estimate.calibrate.reported_history import History, parameter_names, parameters_from_cube
from qicsim.estimate.calibrate.study import read_study
from qicsim.estimate.calibrate.targets import read_targets, summaries
from qicsim.ground.calendar import format_month
from qicsim.ground.errors import DataError, ScenarioError, SettingError
from qicsim.inputs.country import country_of, default_country, home, in_country, worded
from qicsim.inputs.country.files import read_country
from qicsim.inputs.country.record import TABLES
from qicsim.inputs.scenario import load_scenario
from qicsim.inputs.world.build import build_world, data_files
from qicsim.inputs.world.prices import money_of
from qicsim.inputs.world.register import read_register
from qicsim.runs.identity import data_digests
from qicsim.runs.keys import world_key
from qicsim.runs.modules import EFFECTS, ROLL_OUT
from qicsim.runs.posterior import module_file
from tests.source import MODULES, name_in, nodes_of

EXAMPLE = country_of("example")
OF_ONE_COUNTRY = re.compile(r"\b(?:cambodia\w*|riels?|khr|cpa\d?|mpa|"
                            rf"{'|'.join(re.escape(name.lower()) for name in default_country().province_names)})\b")
SOURCES_NAME_IT = {"model/sources.py"}
"""Modules whose words on the country are titles of studies."""
HISTORY = re.compile(rf"(?<![\w.])({'|'.join(map(str, range(2016, 2026)))})(?!\d)")
"""Years from the beginning of PBF in the default country to the last that is known of it."""
CITED = re.compile(r'\b[a-z]+(-[a-z]+)*-20\d\d\b|et al\.["\s]+20\d\d|Khanna 2021 BMC|draft/2020-12')
"""Keys of sources, and citations, as they may stand in texts."""
CITED_IN_PROSE = re.compile(rf"{CITED.pattern}|draft 2020-12|(?!{'|'.join(calendar.month_name[1:])})\b[A-Z][\w']+"
                            r"( [A-Z]{1,2})?(,? and others)?,?\s\(?20\d\d")
"""Citations in docstrings and comments: a name and its year."""
SEEDS = {"inputs/world/network.py: 2018"}
READ = (".csv", ".html", ".md", ".txt", ".toml", ".json", ".xlsx", ".docx")
SMALL = ("--draws", "2", "--replicates", "1", "--world", "example")


@pytest.fixture
def new_world(tmp_path):
    folder = tmp_path / "my-country"
    assert main(["world", "new", str(folder)]) == 0
    return folder


# --------------------------------------------------------------------------------------------------------------- code


def test_no_word_of_one_country_stands_in_the_code():
    found = {name_in(path): sorted(set(OF_ONE_COUNTRY.findall(path.read_text("utf-8").lower())))
             for path in MODULES}

    assert {name: words for name, words in found.items() if words and name not in SOURCES_NAME_IT} == {}


def test_no_year_of_the_history_of_one_country_stands_in_the_code():
    """Texts and numbers, where studies are cited by key or author; docstrings and comments, where by any name."""
    found = set()
    for path in MODULES:
        name, source = name_in(path), path.read_text("utf-8")
        nodes = nodes_of(path) if HISTORY.search(source) else []
        prose = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        literals = [str(node.value) for node in nodes if isinstance(node, ast.Constant) and id(node) not in prose
                    and isinstance(node.value, str | int)]
        for text, cited in [*((one, CITED) for one in literals), (source if nodes else "", CITED_IN_PROSE)]:
            found |= {f"{name}: {match[0]}" for match in HISTORY.finditer(cited.sub("", text))}

    assert found - SEEDS == set()
    assert HISTORY.findall(CITED_IN_PROSE.sub("", "In US$ of 2021, from June 2018 to 2021Q2; Perry et al. 2022")) == [
        "2021", "2018", "2021"]


# ----------------------------------------------------------------------------------------------- the example country


def test_the_example_differs_from_the_default_country_in_everything_that_a_world_may_vary():
    other, usual = build_world(load_scenario("reported", world=EXAMPLE)), default_country()

    assert set(EXAMPLE.types) & set(usual.types) == set()
    assert [len(EXAMPLE.types_in(role)) for role in (0, 1)] == [2, 2]
    assert {row.type for row in other.register.facilities} == set(EXAMPLE.types)
    assert set(np.unique(other.setting.facility["hospital"])) == {0, 1}
    assert len(other.provinces) == len(EXAMPLE.provinces) == 5
    assert not set(other.areas.keys) & set(build_world(load_scenario("reported")).areas.keys)
    assert other.setting.money["performance_pay"].tolist() == [[1800.0, 3000.0]]
    assert format_month(other.start) == "2020-01"
    assert EXAMPLE.price_year == 2022
    assert money_of().year == 2021


def test_what_is_of_a_country_is_a_matter_of_the_folder_alone():
    with in_country(EXAMPLE):
        assert home() is EXAMPLE
        assert money_of().year == 2022
        assert worded("Each operational district of {provinces} has NQEM rounds.") == (
            "Each county of {provinces} has star rounds.")
        assert worded("Province") == "Region"
        assert load_scenario("all-districts").country is EXAMPLE
    assert home() is default_country()
    assert worded("NQEM") == "NQEM"
    with pytest.raises(ScenarioError, match="all-districts"):
        load_scenario("all-districts")


def test_the_world_enters_digests_and_the_keys_of_runs(tmp_path):
    """Two folders with the same tables, and a kind in another role in one of them."""
    folders = []
    for name, role in (("one", "first"), ("two", "referral")):
        folder = tmp_path / name
        assert main(["world", "new", str(folder)]) == 0
        with (folder / "world.toml").open("a", encoding="utf-8") as file:
            file.write(f'\n[[kind]]\nkey = "house"\nname = "house"\nrole = "{role}"\n')
        folders.append(folder)
    one, two = (load_scenario("reported", world=folder) for folder in folders)

    assert data_digests(one) == data_digests(two)
    assert one.digest != two.digest
    assert world_key(one, data_digests(one)) != world_key(two, data_digests(two))
    assert one.resolved()["world"] == "one"
    assert "world" not in load_scenario("reported").resolved()


def test_a_resolved_scenario_is_read_again_in_its_own_world_only(tmp_path):
    file = tmp_path / "again.json"
    file.write_text(load_scenario("reported", world=EXAMPLE).to_json(), "utf-8")

    assert load_scenario(file, world=EXAMPLE) == load_scenario("reported", world="example")
    with pytest.raises(ScenarioError, match='"example" is not the world that is simulated, cambodia'):
        load_scenario(file)


def test_scenarios_of_two_worlds_are_not_compared():
    with pytest.raises(SettingError, match="scenarios of one world"):
        qicsim.compare([load_scenario("reported", world=EXAMPLE), load_scenario("reported")], draws=2)


def test_a_comparison_in_the_example_country_speaks_of_no_other(tmp_path, capsys):
    assert main(["compare", *SMALL, "--assumptions", "none", "--out", str(tmp_path / "page")]) == 0
    told = "".join(capsys.readouterr()).replace(str(tmp_path), "")
    page = (tmp_path / "page" / "compare.html").read_text("utf-8")
    named = re.compile(OF_ONE_COUNTRY.pattern + r"|nqem|operational district|\b398\b")
    shown = re.sub(r"<script.*?</script>|<style.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL).lower()

    assert "example country" in shown
    assert "region" in shown
    assert named.findall(told.lower()) == []
    assert named.findall(shown) == []
    assert "come from the fit to the reported counts" in told


# ----------------------------------------------------------------------------------------------------- a new country


def test_a_new_world_is_filled_in_and_run_in_three_commands(new_world, tmp_path, monkeypatch, capsys):
    """`world new`; ten lines; `world check`; `compare --world`."""
    monkeypatch.chdir(tmp_path)
    text = (new_world / "world.toml").read_text("utf-8")
    for before, after in (('"My country"', '"Ruritania"'), ('"local" ', '"Ruritanian" '), ('"LCU"', '"RUC"'),
                          ('"local currency"', '"rurit"'), ("per_usd = 1.0", "per_usd = 80.0")):
        assert before in text
        text = text.replace(before, after)
    (new_world / "world.toml").write_text(text, "utf-8")
    provinces = "code,name,population\n1,Streslau,310000\n2,Zenda,140000\n3,Hentzau,95000\n"
    (new_world / "provinces.csv").write_text(provinces, "utf-8")

    assert main(["world", "check", str(new_world)]) == 0
    said = capsys.readouterr().out
    assert "Ruritania: everything can be read; 2 scenarios can be run." in said
    assert "3 provinces say no number of districts" in said
    assert main(["compare", "--world", str(new_world), "--draws", "2", "--replicates", "1", "--out", "page",
                 "--assumptions", "none"]) == 0
    assert "come from their priors, because the country has no counts" in capsys.readouterr().err
    assert "Ruritania" in Path("page/compare.html").read_text("utf-8")
    assert "Zenda" in Path("page/provinces.csv").read_text("utf-8")
    register = read_register(new_world / "facilities-invented.csv", country_of(new_world))
    assert register.population.sum() == 545_000


@pytest.mark.slow
def test_a_world_of_another_number_of_care_areas_compiles_anew_and_runs(new_world, tmp_path, monkeypatch):
    """Shipped worlds have ten areas each, so that one compilation serves them all."""
    monkeypatch.chdir(tmp_path)
    head, *_ = (new_world / "areas.csv").read_text("utf-8").splitlines()
    rows = ("shelter,Shelter,structure,broad,0,50,.3,.3,.3,.3,4,2,.8,invented,A",
            "births,Births,process,broad,.4,45,.5,.5,.5,.5,18,6,.5,invented,A",
            "regard,Regard,client,broad,0,48,.2,.2,.2,.2,8,4,.5,invented,A")
    (new_world / "areas.csv").write_text("\n".join([head, *rows]) + "\n", "utf-8")

    assert main(["compare", "--world", str(new_world), "--draws", "2", "--replicates", "1", "--out", "page",
                 "--assumptions", "none"]) == 0
    assert (tmp_path / "page" / "compare.html").exists()


def test_every_fault_of_a_world_is_told_at_once(new_world, capsys):
    text = (new_world / "world.toml").read_text("utf-8")
    text = text.replace('people = "local"', "people = 3").replace('role = "first"', 'role = "frist"')
    (new_world / "world.toml").write_text(text.replace("[horizon]", "[horizn]"), "utf-8")
    (new_world / "provinces.csv").write_text("code,name,population\n1,A,-5\n1,B,many\n", "utf-8")

    with pytest.raises(DataError) as refused:
        read_country(new_world)

    told = str(refused.value)
    for part in ("people: is missing, or no line of text", '"frist" is not a choice', '"horizn" is not known here',
                 "line 2, population: -5 is out of range", '"many" is not a number', '"1" stands on line 2 already'):
        assert part in told
    assert main(["compare", "--world", str(new_world)]) == 2
    assert "frist" in capsys.readouterr().err


@pytest.mark.parametrize("kind", TABLES[1:])
def test_a_fault_of_a_table_is_told_by_the_name_of_its_file(new_world, kind, capsys):
    file = new_world / f"{kind}.csv"
    file.write_text("nonsense\n1\n", "utf-8")

    assert main(["world", "check", str(new_world)]) == 2
    assert f"{kind}.csv" in capsys.readouterr().err


def test_a_new_world_takes_the_place_of_nothing(new_world, capsys):
    assert main(["world", "new", str(new_world)]) == 2
    assert "is there already" in capsys.readouterr().err


def test_an_unknown_world_gets_the_nearest_name(capsys):
    assert main(["compare", "--world", "exampel"]) == 2
    assert 'Did you mean "example"?' in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("words", [("plan", "national", "--out", "plan.xlsx", "--draws", "2", "--replicates", "1"), (
    "best", "--money", "200000", "--quick", "--assumptions", "none", "--free", "coaches"), (
    "decide", "--draws", "4", "--replicates", "1", "--out", "decide")], ids=lambda words: words[0])
def test_plans_begin_when_the_world_says_so(new_world, words, tmp_path, monkeypatch):
    """A world whose history begins after all years that other worlds name."""
    monkeypatch.chdir(tmp_path)
    for name in ("world.toml", "scenarios/reported.toml", "scenarios/national.toml"):
        text = (new_world / name).read_text("utf-8")
        for before, after in (("2020-", "2040-"), ("2022-12", "2042-12"), ("2025-12", "2042-12"), ("2027", "2043"),
                              ("2030-09", "2046-09"), ("2035-12", "2050-12"), ("[2026, 2030, 2035]", "[2044, 2050]"),
                              ("target = 2030", "target = 2046")):
            text = text.replace(before, after)
        (new_world / name).write_text(text, "utf-8")

    assert main(["world", "check", str(new_world)]) == 0
    assert main([*words, "--world", str(new_world)]) == 0
    if words[0] == "decide":
        settings = (tmp_path / "decide" / "settings.csv").read_text("utf-8")
        assert "2043" in settings and "2046" in settings and "2027" not in settings


def test_counts_that_cannot_be_shared_out_are_refused(new_world):
    (new_world / "provinces.csv").write_text("code,name,population,first_level_to,districts\n1,A,90000,2,5\n", "utf-8")

    with pytest.raises(DataError, match="at least one in each district"):
        data_files(load_scenario("reported", world=new_world))


# -------------------------------------------------------------------------------------------------------- data folders


def test_a_data_folder_is_refused_in_another_world(tmp_path, capsys):
    register = io.StringIO()
    table = csv.writer(register)
    table.writerow(("id", "name", "type", "region", "county", "population"))
    table.writerows((f"F{n}", f"Hill {n}", "teaching hospital" if n == 0 else "village post", "Eastvale", "C1",
                     7000 + n) for n in range(6))
    (tmp_path / "ours.csv").write_text(register.getvalue().replace("region", "province").replace("county", "district"),
                                       "utf-8")

    assert main(["import", "--world", "example", "--register", str(tmp_path / "ours.csv"), "--out",
                 str(tmp_path / "data")]) == 0
    capsys.readouterr()
    assert load_scenario("reported", world=EXAMPLE, data=tmp_path / "data").data.keys() == {"register"}
    assert main(["run", "reported", "--draws", "2", "--data", str(tmp_path / "data")]) == 2
    assert 'was imported for the world "example", and "cambodia" is simulated' in capsys.readouterr().err


# ------------------------------------------------------------------------------------------------------ own counts


def test_a_history_is_read_at_the_dates_of_the_country_s_own_counts():
    with in_country(EXAMPLE):
        found = dict(zip(summaries(), History.of(workers=1).summaries(
            parameters_from_cube(np.full((2, len(parameter_names())), 0.5)), np.arange(2), seed=1).T, strict=True))
        reports, study = read_targets(), read_study(None, read_targets())

    assert {one.key for one in reports} <= found.keys()
    assert (found["facilities_2022"] < found["facilities_2024"]).all()
    assert (found["districts_2024"] <= 4).all()
    assert np.isnan(found["hand_hygiene_change"]).all()
    assert study.alternatives == ()
    assert {one.key for one in study.fitted(reports)} == {one.key for one in reports}


def test_the_posterior_of_the_roll_out_is_the_country_s_own_and_effects_travel(new_world):
    for country, roll_out in ((EXAMPLE, EXAMPLE.calibration / "posterior.npz"), (country_of(new_world), None)):
        with in_country(country):
            assert module_file(ROLL_OUT) == roll_out
            assert module_file(EFFECTS) == default_country().calibration / "effects.npz"


def test_a_country_without_counts_is_not_calibrated(new_world, capsys):
    assert main(["calibrate", "--world", str(new_world)]) == 2
    assert "My country has no counts of its own" in capsys.readouterr().err


# ------------------------------------------------------------------------------------------------------ every command


STUDY = """\
title = "Two plans"
scenarios = ["reported", "all-districts"]
until = "2027-12"
draws = 4
replicates = 1
seed = 3
keep = { indicators = ["true"], costs = true }
"""
RUNS = {
    "compare": ("all-districts", "--language", "both", "--assumptions", "all", "--out", "page"), "decide": (),
    "plan": ("all-districts", "--out", "plan.xlsx", "--out", "plan.docx", "--language", "both"),
    "export": ("all-districts", "--today", "2026-11-29", "--language", "both"),
    "run": ("all-districts", "--out", "run"), "discover": ("all-districts", "--until", "2031")}
ENSEMBLES = {name: ("--draws", "64" if name == "discover" else "4", "--replicates", "1") for name in RUNS}
COMMANDS_HERE = (
    *((name, *words, *ENSEMBLES[name]) for name, words in RUNS.items()),
    ("best", "--money", "200000", "--quick", "--assumptions", "none", "--free", "coaches", "visits"),
    ("check", "all-districts"), *(("checklist", name, "--out", f"{name}.html") for name in CHECKLISTS),
    *(("describe", topic) for topic in TOPICS), ("register", "check"), ("register", "build", "facilities.csv"),
    ("register", "network", "network.csv"), ("import", "--sample", "--out", "data"), ("import", "--template", "forms"),
    ("world", "describe", "example"), ("world", "check", "example"), ("calibrate", "--runs", "400"),
    ("calibrate", "--data", "data", "--runs", "400", "--out", "updated"),
    ("evidence", "--out", "evidence"), ("anchor", "--runs", "200"),
    ("experiment", "run", "study.toml"), ("experiment", "report", "study.toml"),
    ("sensitivity", "--size", "4", "--parameters", "pdsa.k_item,team.p_resp", "--replicates", "1"),
    ("history", "SYN-0201-H01", "--scenario", "all-districts", "--data", "data", "--out", "history"))
CITING = ("parameters", "priors", "sources", "annexes")
"""Outputs in which titles of studies made in that country are cited, and what the evidence for priors says of it."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder in which commands are given, one after the other: some read what others wrote."""
    folder = tmp_path_factory.mktemp("example")
    (folder / "study.toml").write_text(STUDY, "utf-8")
    return folder


def words_of(path: Path) -> str:
    """What a reader sees of a file, in small letters: text of cells and paragraphs, of pages without their scripts."""
    if path.suffix in (".xlsx", ".docx"):
        with zipfile.ZipFile(path) as parts:
            text = " ".join(parts.read(name).decode("utf-8") for name in parts.namelist() if name.endswith(".xml"))
    else:
        text = path.read_text("utf-8")
    if path.suffix in (".xlsx", ".docx", ".html"):
        text = html.unescape(re.sub(r"<style.*?</style>|<[^>]*>", " ", text, flags=re.DOTALL))
    return text.lower()


@pytest.mark.slow
@pytest.mark.parametrize("words", COMMANDS_HERE, ids=" ".join)
def test_every_command_runs_on_the_example_and_speaks_of_no_other_country(words, place, monkeypatch, capsys):
    monkeypatch.chdir(place)
    before = {path: path.stat().st_mtime_ns for path in place.rglob("*") if path.is_file()}

    assert main([*words, *(() if words[0] == "world" else ("--world", "example"))]) == 0

    told = capsys.readouterr()
    shown = {"the terminal": (told.out + told.err).lower()} | {
        path.name: words_of(path) for path in place.rglob("*") if path.is_file() and path.suffix in READ
        and before.get(path) != path.stat().st_mtime_ns}
    assert {name: set(OF_ONE_COUNTRY.findall(text)) for name, text in shown.items()
            if OF_ONE_COUNTRY.search(text) and not any(part in f"{words} {name}" for part in CITING)} == {}
    assert {name: set(found) for name, text in shown.items() if words[0] != "import"
            and (found := re.findall(r"us\$ of 20(?!22)\d\d|operational districts?", text))} == {}
    assert len(shown) > 1 or told.out


def test_no_command_is_forgotten():
    assert {words[0] for words in COMMANDS_HERE} | {"explore", "runs", "warm"} == set(COMMANDS)


@pytest.mark.slow
def test_the_live_page_of_the_example_speaks_of_no_other_country(tmp_path):
    pytest.importorskip("starlette", reason="the extra explore is not installed")
    from tests.explore.conftest import serving

    with in_country(EXAMPLE), serving(load_scenario("reported", world=EXAMPLE), tmp_path) as site:
        asked = {"plans": {"A": {"preset": "all-districts"}, "B": {"preset": "hospitals-first"}}}
        shown = [site.request("GET", "/", None)[1], site.request("GET", "/km", None)[1], json.dumps(site.run(asked))]
        for what in ("page", "plan"):
            _, text, _ = site.request(path=f"/make/{what}", body={"tab": "one", "ask": asked, "plan": "A"})
            assert '"file"' in text
        shown += [words_of(path) for path in tmp_path.rglob("*") if path.suffix in READ and "sources" not in path.name]

    assert len(shown) > 4
    assert set(OF_ONE_COUNTRY.findall(" ".join(shown).lower())) == set()
    assert "example country" in shown[0].lower()
