"""The page of an import: causes in the order in which to look at them, districts, and what to follow up in each."""

import datetime

import pytest

from qicsim import import_data
from qicsim.ground.errors import DataError
from tests.helpers import assert_khmer

REGISTER = "code,name,type,province,OD,population\n" + "".join(
    f"{at:04d},Phum {at:02d} HC,HC,Kampot,Kampot {at // 3},9000\n" for at in range(6))


FAULTY = ("code,2021Q1,2021Q2,2021Q3,2021Q4\n0000,70,20,72,0\n0001,60,,62,60\n0002,,,,\n0003,50,51,90,91\n"
          "0004,54,55,56,58\n0005,58,59,57,50\n")


def put(folder, name, content):
    file = folder / name
    file.write_text(content, encoding="utf-8")
    return file


def load(folder, scores, **more):
    return import_data(put(folder, "r.csv", REGISTER), put(folder, "s.csv", scores), out=folder / "data",
                       today=datetime.date(2023, 5, 20), **more)


def page(folder, name="data/quality.html"):
    return (folder / name).read_text(encoding="utf-8")


def test_causes_are_listed_with_counts_before_their_rows_and_the_worst_stand_first(tmp_path):
    rows = "".join(f"Stranger {at},2021Q1,70\n" for at in range(250)) + "0001,2031Q1,70\n"

    with pytest.raises(DataError):
        load(tmp_path, "code,quarter,score\n" + rows, report=tmp_path / "page.html")

    text = page(tmp_path, "page.html")
    assert text.index("Quarter in the future") < text.index("Facility not in the register") < text.index("Stranger 1")
    assert "By cause, what to look at first on top" in text
    assert "quality.csv" not in text


def test_completeness_by_district_and_quarter_and_lists_to_follow_up(tmp_path):
    scores = ("code,2021Q1,2021Q2,2021Q3\n0000,70,71,72\n0001,60,,62\n0002,,,\n0003,50,51,52\n0004,54,55,56\n"
              "0005,58,59,57\n")

    load(tmp_path, scores)

    text = page(tmp_path)
    cells = text[text.index("share by district and quarter"):]
    first = cells[cells.index("Kampot 0"):cells.index("Kampot 1")]
    assert [part for part in ("56\u00a0%", "67\u00a0%", "33\u00a0%") if part not in first] == []
    assert "Kampot 0, Kampot: to follow up" in text and "Kampot 1, Kampot: to follow up" not in text
    assert "Phum 01 HC (0001): no score in 2021Q2" in text and "Phum 02 HC (0002): no score at all" in text


def test_totals_outside_their_items_are_a_warning_with_the_first(tmp_path):
    head = "code,quarter,total,structure,process,outcome\n"

    load(tmp_path, head + "0000,2021Q1,75,70,80,90\n0001,2021Q1,61,62,80,70\n0002,2021Q1,40,50,60,\n")

    said = (tmp_path / "data" / "quality.csv").read_text(encoding="utf-8")
    assert ('total outside its items,0001,"1 of 2 total scores lie outside their items, the first of ""Phum 01 HC"" in '
            '2021Q1: 61, with 62 to 80"') in said
    load(tmp_path, head + "0000,2021Q1,75,70,80,90\n0001,2021Q1,61.6,62,80,70\n0002,2021Q1,40,50,60,\n")
    assert "outside its items" not in (tmp_path / "data" / "quality.csv").read_text(encoding="utf-8")


def test_the_page_in_khmer_says_the_same_and_keeps_only_names(tmp_path):
    data = load(tmp_path, FAULTY, language="both")

    khmer, english = page(tmp_path, "data/quality.km.html"), page(tmp_path)
    told = {finding.check for finding in data.findings}
    assert {"jump", "exact zeros", "missing quarters", "no score"} <= told
    assert_khmer(khmer, ("Phum", "HC", "Kampot", "total"))
    assert khmer.count("<tr>") == english.count("<tr>") and khmer.count("<table>") == english.count("<table>")


def test_a_language_that_is_not_asked_for_again_is_taken_away_and_a_report_may_be_written_again(tmp_path):
    load(tmp_path, FAULTY, language="both")
    load(tmp_path, FAULTY, language="km", report=tmp_path / "page.html")
    load(tmp_path, FAULTY, language="km", report=tmp_path / "page.html")

    assert sorted(file.name for file in (tmp_path / "data").glob("*.html")) == ["quality.km.html"]
    assert page(tmp_path, "page.html") == page(tmp_path, "data/quality.km.html")
