"""The ranked list of an export on a data folder: what each level rests on, and who is not ranked."""

from __future__ import annotations

import html
import re

import openpyxl
import pandas as pd
import pytest

from qicsim.analysis.projection import project
from qicsim.cli import main
from qicsim.ground.errors import SettingError
from qicsim.ground.numbers import percent
from qicsim.report.projection_files import plan_export, write_projection
from qicsim.runs.draws import prior_draws
from tests.exchange.exported import country
from tests.helpers import assert_khmer, assert_none
from tests.worlds import SCENARIO

SCORED = ("OD-BA1-R1", "OD-BA1-H1", "OD-BA1-H2", "OD-BA2-H1")
"""Facilities with two scores, but the last, which has one; of hospitals the first alone."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("country")
    country(place)
    return place


@pytest.fixture(scope="module")
def sparse(folder, tmp_path_factory):
    """The export of a country in which four facilities have scores."""
    place = tmp_path_factory.mktemp("sparse")
    rows = [f"{name},2019Q{quarter},total,{60 + 5 * at}" for at, name in enumerate(SCORED) for quarter in (1, 2)][:-1]
    (place / "register.csv").write_bytes((folder / "register.csv").read_bytes())
    (place / "scores.csv").write_text("facility,quarter,item,score\n" + "\n".join(rows) + "\n", encoding="utf-8")
    (place / "s.toml").write_text(SCENARIO.replace("districts = 7", "districts = 20"), encoding="utf-8")
    assert main(["export", str(place / "s.toml"), "--data", str(place), "--draws", "2", "--quiet", "--out",
                 str(place / "out"), "--format", "csv", "xlsx"]) == 0
    return place / "out"


def test_the_list_says_what_each_level_rests_on_and_ranks_nobody_who_was_never_scored(sparse):
    ranked = pd.read_csv(sparse / "least-likely.csv", keep_default_na=False).set_index("id")
    scored, never = ranked.loc[list(SCORED)], ranked.drop(index=list(SCORED))

    assert sorted(scored["rank"].astype(int)) == [1, 2, 3, 4] and set(never["rank"]) == {""}
    assert ranked["rank"].tolist()[:4] == ["1", "2", "3", "4"]
    assert scored["scores"].astype(int).tolist() == [2, 2, 2, 1] and scored["weak"].tolist() == ["", "", "", "yes"]
    assert scored["last_scored"].tolist() == ["2019Q2", "2019Q2", "2019Q2", "2019Q1"]
    assert scored["own_weight"].astype(float).between(0.05, 0.98).all()
    assert set(never["start"]) == {"not observed; mean of its kind and district"} and set(never["observed"]) == {""}


def test_the_page_marks_weak_ranks_and_leaves_those_never_scored_apart(sparse):
    page = (sparse / "projection.html").read_text(encoding="utf-8")
    list_, apart = page.split("Never scored: the first", 1)

    assert "Estimated level, 2019Q2" in list_ and "Observed level" not in page
    assert len(re.findall(r">[1-4]\*</t[dh]>", list_)) == 1 and "* weak: no more than 1 score" in list_
    assert "not observed; mean of its kind and district" in apart and "They need an assessment first" in page
    assert f"{43 - len(SCORED)} of the facilities were never scored" in page
    assert "it allows 20 operational districts in 3 provinces, and the register has 7 in 3" in page


def test_hospitals_without_a_score_are_not_ranked_and_the_command_says_why(folder, tmp_path, capsys):
    rows = [f"OD-{place}-H{number},2019Q2,total,{60 + number}" for place in ("BA1", "PU1") for number in (1, 2, 3)]
    (tmp_path / "register.csv").write_bytes((folder / "register.csv").read_bytes())
    (tmp_path / "scores.csv").write_text("facility,quarter,item,score\n" + "\n".join(rows) + "\n", encoding="utf-8")

    code = main(["export", str(folder / "s.toml"), "--data", str(tmp_path), "--draws", "2", "--quiet", "--out",
                 str(tmp_path / "out"), "--format", "csv", "dhis2"])

    ranked = pd.read_csv(tmp_path / "out" / "least-likely.csv", keep_default_na=False).set_index("id")
    hospitals = ranked[ranked["type"] != "health_centre"]
    assert code == 0 and "No hospital has a score" in capsys.readouterr().out
    assert "No hospital has a score" in (tmp_path / "out" / "projection.html").read_text(encoding="utf-8")
    assert len(hospitals) and set(hospitals["rank"]) == {""}
    assert set(hospitals["start"]) == {"not observed; the model's own start"}
    assert hospitals["median"].astype(float).min() > 25.0


def test_a_horizon_before_the_levels_is_refused_by_folder_and_month(folder, tmp_path, capsys):
    (tmp_path / "register.csv").write_bytes((folder / "register.csv").read_bytes())
    (tmp_path / "scores.csv").write_text("facility,quarter,item,score\nOD-BA1-H1,2020Q2,total,60\n", encoding="utf-8")

    code = main(["compare", "national-2030", "--data", str(tmp_path), "--draws", "2", "--quiet", "--until", "2019-12",
                 "--out", str(tmp_path / "out")])

    said = capsys.readouterr().err
    assert code == 2 and str(tmp_path) in said and "2020-06" in said and "--until 2020-06, or later" in said


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    """The projection of a country of invented facilities, and the folder of its export in both languages."""
    place = tmp_path_factory.mktemp("invented")
    projection = project(country(place, invented=True), draws=prior_draws(3, 1), since="2020Q1")
    plan = plan_export(projection.followed.runner.world.register, formats=["csv", "xlsx"], language="both")
    write_projection(projection, place / "out", plan, {})
    return projection, place / "out"


def test_invented_facilities_districts_and_provinces_are_ranked_nowhere(invented):
    projection, out = invented
    book = openpyxl.load_workbook(out / "projection.xlsx", read_only=True)
    page = (out / "projection.html").read_text(encoding="utf-8")
    district = pd.read_csv(out / "district.csv")["district"].drop_duplicates().tolist()
    register = projection.followed.runner.world.register

    assert not (out / "least-likely.csv").exists()
    assert book.sheetnames == ["about", "facility", "district", "province", "nation"]
    assert district == list(projection.followed.runner.world.districts)
    assert page.count("no facility, district or province is ranked") == 1
    assert_none(name for name in (*register.name, *district) if html.escape(name) in page)
    with pytest.raises(SettingError, match="the facilities are invented, so that none is ranked"):
        projection.least_likely(2020)


def test_the_page_of_invented_facilities_has_the_sums_of_all(invented):
    projection, out = invented
    nation = projection.table("nation", every="year").set_index("period").loc["2020"]

    page = (out / "projection.html").read_text(encoding="utf-8")
    assert f"{percent(nation['recorded_share'])} ({100 * nation['recorded_share_p05']:.0f} to" in page
    assert page.count('<svg class="drawing"') == 2


def test_a_list_of_a_former_export_is_taken_away(invented, tmp_path):
    projection, _ = invented
    (tmp_path / "least-likely.csv").write_text("rank\n1\n", encoding="utf-8")

    write_projection(projection, tmp_path, plan_export(projection.followed.runner.world.register, formats=["csv"]), {})

    assert not (tmp_path / "least-likely.csv").exists()


def test_the_page_in_khmer_is_in_khmer_and_says_the_same_numbers(invented):
    _, out = invented
    english, khmer = ((out / name).read_text(encoding="utf-8") for name in ("projection.html", "projection.km.html"))

    assert_khmer(khmer, ["small country"])
    assert re.findall(r"\d+\u00a0%", khmer) == re.findall(r"\d+\u00a0%", english)


def test_the_ranked_list_in_khmer_keeps_only_names(sparse, folder, tmp_path):
    projection = project(folder / "s.toml", data=sparse.parent, draws=prior_draws(2, 1))
    register = projection.followed.runner.world.register
    write_projection(projection, tmp_path, plan_export(register, formats=["csv"], language="km"), {})

    assert not (tmp_path / "projection.html").exists()
    assert_khmer((tmp_path / "projection.km.html").read_text(encoding="utf-8"),
                 ("small country", sparse.parent.name, *register.name, *register.operational_district,
                  *register.province))
