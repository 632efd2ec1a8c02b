"""The ranked list of an export on a data folder: what each level rests on, and who is not ranked."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from qicsim.cli import main
from tests.exchange.exported import country

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
    assert main(["export", str(folder / "s.toml"), "--data", str(place), "--draws", "2", "--quiet", "--out",
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
