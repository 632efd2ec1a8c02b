"""What an import does not take without asking: dates, columns, scales, levels, people and places that are hardly right.

Every case was once taken in silence. The facilities are invented.
"""

import datetime
import json

import numpy as np
import openpyxl
import pytest

from qicsim import import_data
from qicsim.cli import main
from qicsim.ground.calendar import format_month
from qicsim.ground.errors import DataError

TODAY = datetime.date(2023, 5, 20)
HEAD = "code,name,type,province,OD,population\n"
NAMES = [f"Phum {number:02d} HC" for number in range(12)]
REGISTER = HEAD + "".join(f"{number:04d},{name},HC,Kampot,Kampot {number // 6},9000\n"
                          for number, name in enumerate(NAMES))


def put(folder, name, content):
    file = folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


def load(folder, register=REGISTER, scores=None, joined=None, name="r.csv", **more):
    return import_data(put(folder, name, register), put(folder, "s.csv", scores) if scores else (),
                       joined=put(folder, "j.csv", joined) if joined else (), out=folder / "data", today=TODAY, **more)


def refused(folder, *parts, **more):
    with pytest.raises(DataError) as refusal:
        load(folder, *parts, **more)
    assert not (folder / "data").exists()
    return str(refusal.value)


def said(folder):
    return (folder / "data" / "quality.csv").read_text(encoding="utf-8")


# ----------------------------------------------------------------------------------------------------------- dates


def joins(months):
    return "facility,joined\n" + "".join(f"{number:04d},{month}\n" for number, month in enumerate(months))


@pytest.mark.parametrize(("typed", "words"), [
    ("2031-07", 'j.csv, row 5: joined "2031-07" is in the future; today is 2023-05-20'),
    ("2099-01", 'row 5: joined "2099-01" is in the future'), ("1919-07", 'row 5: joined "1919-07" lies before 1990')])
def test_a_year_of_joining_that_cannot_be_stops(tmp_path, typed, words):
    months = ["2019-07"] * 12
    months[3] = typed

    assert words in refused(tmp_path, joined=joins(months))
    data = load(tmp_path, joined=joins(months), skip_faulty=True)
    assert data.joined[3] == -1 and format_month(data.joined[4]) == "2019-07"


def test_leaving_in_the_future_stops(tmp_path):
    assert 'left "2024-01" is in the future' in refused(
        tmp_path, joined="facility,joined,left\n0000,2019-07,2024-01\n")


def test_a_join_far_from_all_others_is_asked_about_and_a_slow_roll_out_is_not(tmp_path):
    months = [f"20{18 + number // 3}-07" for number in range(12)]
    load(tmp_path, joined=joins(months))
    months[11] = "2009-07"

    message = refused(tmp_path_of(tmp_path), joined=joins(months))

    assert ('j.csv, row 13: "Phum 11 HC" joined in 2009-07; all others from 2018-07 to 2021-07. Check the year. '
            "If it is right, say --accept dates") in message
    assert format_month(load(tmp_path, joined=joins(months), accept=["dates"]).joined[11]) == "2009-07"
    assert "warning,joined apart" in said(tmp_path)


def tmp_path_of(folder):
    inner = folder / "again"
    inner.mkdir()
    return inner


def test_joining_before_opening_is_asked_about(tmp_path):
    register = "code,name,type,province,OD,population,opened\n0000,Chrey HC,HC,Kampot,Kampot 1,9000,2020-01\n"

    assert '"Chrey HC" joined in 2019-07, before it opened' in refused(tmp_path, register, joined=joins(["2019-07"]))
    load(tmp_path, register, joined=joins(["2020-01"]))


def test_closing_before_opening_stops_and_a_far_future_is_asked_about(tmp_path):
    head = "code,name,type,province,OD,population,opened,closed\n"

    assert 'opened "2020-01", closed "2012-01"' in refused(
        tmp_path, head + "1,Chrey HC,HC,Kampot,Kampot 1,9000,2020-01,2012-01\n")
    message = refused(tmp_path, head + "1,Chrey HC,HC,Kampot,Kampot 1,9000,2051-01,\n")
    assert 'r.csv, row 2: "Chrey HC" opens in 2051-01' in message and "--accept dates" in message
    load(tmp_path, head + "1,Chrey HC,HC,Kampot,Kampot 1,9000,2025-01,\n")
    assert 'warning,dates ahead,"r.csv, row 2","""Chrey HC"" opens in 2025-01' in said(tmp_path)


def test_scores_of_a_century_ago_stop(tmp_path):
    assert 's.csv, row 2: the quarter "1921Q1" lies before 1990' in refused(
        tmp_path, scores="code,quarter,score\n0000,1921Q1,70\n")


# --------------------------------------------------------------------------------------------- months or quarters


@pytest.mark.parametrize("texts", [["1/2023", "2/2023"], ["2023-1"], ["2/2022"], ["1/2021", "1/2022", "1/2023"],
                                   ["4/2022"]])
def test_numbers_that_may_be_quarters_are_asked_about_however_few_they_are(tmp_path, texts):
    table = "code,quarter,score\n" + "".join(f"0000,{text},{60 + at}\n" for at, text in enumerate(texts))

    message = refused(tmp_path, scores=table)

    assert f's.csv, row 2: "{texts[0]}" may be a month or a quarter: no number of the sheet is above 4' in message
    assert "Say --periods quarter, or --periods month" in message
    quarters = load(tmp_path, scores=table, periods="quarter").quarters
    year, number = texts[-1].split("/")[::-1] if "/" in texts[-1] else texts[-1].split("-")
    assert quarters[-1] == f"{year}Q{number}"


def test_a_year_beside_such_a_number_does_not_make_it_clear(tmp_path):
    assert '"2/2023" may be a month or a quarter' in refused(
        tmp_path, scores="code,year,quarter,score\n0000,2023,2/2023,70\n")


@pytest.mark.parametrize("texts", [["2023-01", "2023-02"], ["01/2023"], ["1/2022", "5/2022"]])
def test_two_digits_or_a_number_above_4_are_months(tmp_path, texts):
    table = "code,quarter,score\n" + "".join(f"0000,{text},70\n" for text in texts)

    assert load(tmp_path, scores=table).quarters[0] in ("2023Q1", "2022Q1")


def test_quarters_of_joining_are_asked_about_too(tmp_path):
    message = refused(tmp_path, joined=joins(["2/2021", "3/2021"]))

    assert 'j.csv, row 2: joined "2/2021" may be a month or a quarter' in message
    joined = load(tmp_path, joined=joins(["2/2021", "3/2021"]), periods="quarter").joined
    assert [format_month(month) for month in joined[:2]] == ["2021-04", "2021-07"]


# --------------------------------------------------------------------------------------- columns of the same meaning


@pytest.mark.parametrize("heads", ["District,OD", "OD,District"])
def test_od_is_read_beside_district_wherever_it_stands(tmp_path, heads):
    cells = "Srok {0},Kampot {1}" if heads.startswith("D") else "Kampot {1},Srok {0}"
    rows = [f"{at:04d},{name},HC,Kampot,{cells.format(at, at // 6)}\n" for at, name in enumerate(NAMES)]

    data = load(tmp_path, f"code,name,type,province,{heads}\n" + "".join(rows))

    assert set(data.register.operational_district) == {"Kampot 0", "Kampot 1"}
    assert '""OD"" and ""District"" may both mean operational district, and differ in 12 rows' in said(tmp_path)


def test_two_columns_of_one_meaning_are_asked_about_where_they_differ(tmp_path):
    table = "code,quarter,NQEM,NQEM score\n0000,2021Q1,70,70\n0001,2021Q1,60,65\n"

    message = refused(tmp_path, scores=table)

    assert ('s.csv, row 3: "NQEM" and "NQEM score" both mean score, and differ in 1 rows, as "60" and "65" in row 3'
            in message)
    answer = put(tmp_path, "c.csv", "kind,from,to\nheading,NQEM,leave out\n")
    assert load(tmp_path, scores=table, crosswalk=answer).scores[1, 0] == 65
    load(tmp_path, scores=table.replace("60,65", ",65"))
    assert '""NQEM score"" and ""NQEM"" say the same' in said(tmp_path)


# ---------------------------------------------------------------------------------------------------------- scales


def test_a_column_of_highest_scores_divides_the_scores_and_says_so(tmp_path):
    data = load(tmp_path, scores="code,quarter,score,max score\n0000,2021Q1,78,120\n0001,2021Q1,60,80\n")

    assert data.scores[:2, 0].tolist() == [65.0, 75.0]
    assert "2 scores are divided by the highest score beside them (80, 120), the first is 78 of 120" in said(tmp_path)


def test_scores_above_their_highest_score_and_rows_without_one_stop(tmp_path):
    message = refused(tmp_path, scores="code,quarter,score,max score\n0000,2021Q1,130,120\n0001,2021Q1,60,\n")

    assert "s.csv, row 2: the score 130 of 120 is above the highest one possible" in message
    assert "s.csv, row 3: there is a column of highest scores, and none in this row" in message


@pytest.mark.parametrize(("highest", "asked"), [(5, 5), (10, 10), (20, 20)])
def test_points_out_of_few_are_asked_about(tmp_path, highest, asked):
    table = "code,quarter,score\n" + "".join(f"{at:04d},2021Q1,{highest * (at + 1) / 12:.2f}\n" for at in range(12))

    message = refused(tmp_path, scores=table)

    assert "s.csv, row 2: total: 12 scores from" in message and f"Say --scale {asked}, or --scale 100" in message
    np.testing.assert_allclose(load(tmp_path, scores=table, scale=str(asked)).scores[:, 0],
                               100 * np.arange(1, 13) / 12, atol=0.1)


def test_points_out_of_120_are_refused_with_the_option_that_reads_them(tmp_path):
    table = "code,quarter,score\n0000,2021Q1,110\n0001,2021Q1,60\n"

    assert "If scores are points out of more, say --scale" in refused(tmp_path, scores=table)
    assert load(tmp_path, scores=table, scale="120").scores[1, 0] == 50


# ----------------------------------------------------------------------------------------- words against codes


@pytest.mark.parametrize(("text", "kind"), [
    ("CPA2 Provincial Hospital", "CPA2"), ("Provincial RH (CPA2)", "CPA2"), ("Referral hospital CPA 3", "CPA3"),
    ("Provincial Hospital", "CPA3"), ("CPA1 district hospital", "CPA1")])
def test_the_level_of_a_hospital_counts_more_than_its_words(tmp_path, text, kind):
    data = load(tmp_path, HEAD + f"1,Zed,{text},Kampot,Kampot 1,90000\n")

    assert data.register.type == (kind,)
    asked = text in ("CPA2 Provincial Hospital", "Provincial RH (CPA2)")
    assert ("is read by the level that it says" in said(tmp_path)) == asked
    assert ('warning,assumed type,"r.csv, row 2",' in said(tmp_path)) == asked


def test_two_levels_are_no_level(tmp_path):
    assert '"CPA1/CPA2" is not a known facility type' in refused(
        tmp_path, HEAD + "1,Zed,CPA1/CPA2,Kampot,Kampot 1,9000\n")


# ------------------------------------------------------------------------------------------------- other levels


def unit(uid, name, level, *above):
    return {"id": uid, "name": name, "level": level, "path": "/" + "/".join([*above, uid])}


UNITS = [unit("Countryaa01", "Landia", 1), unit("Provinceb02", "Kampot", 2, "Countryaa01"),
         unit("Districtc03", "Kampot 1", 3, "Countryaa01", "Provinceb02"),
         unit("Facilityd04", "Zed HC", 4, "Countryaa01", "Provinceb02", "Districtc03"),
         unit("Hospitale05", "Kampot Provincial Hospital", 3, "Countryaa01", "Provinceb02")]


def test_a_hospital_at_the_level_of_districts_is_asked_about_and_can_be_given_its_district(tmp_path):
    message = refused(tmp_path, {"organisationUnits": UNITS}, name="u.json")

    assert ('u.json, row 5: units at level 3, above the facility level 4, with the name or groups of a facility (1): '
            '"Kampot Provincial Hospital" (row 5)') in message
    assert "parent,Hospitale05,DISTRICT" in message and "--accept levels" in message
    answer = put(tmp_path, "c.csv", "kind,from,to\nparent,Hospitale05,Kampot 1\n")
    data = load(tmp_path, {"organisationUnits": UNITS}, name="u.json", crosswalk=answer)
    assert data.register.id == ("Facilityd04", "Hospitale05")
    assert data.register.operational_district == ("Kampot 1", "Kampot 1") and data.register.type[1] == "CPA3"


def test_scores_of_a_unit_at_another_level_say_its_name(tmp_path):
    message = refused(tmp_path, {"organisationUnits": UNITS}, "uid,quarter,score\nHospitale05,2021Q1,70\n",
                      name="u.json", accept=["levels"])

    assert '"Kampot Provincial Hospital" is a unit at level 3, above the facility level' in message
    assert 's.csv, row 2: "Hospitale05" is not in the register' in message


# --------------------------------------------------------------------------------------------- people and places


def test_people_of_a_district_in_each_of_its_facilities_are_asked_about(tmp_path):
    message = refused(tmp_path, REGISTER.replace("9000", "98000"))

    assert ("r.csv, row 2: 6 health centres of Kampot 0 have 98,000 people each, and so 12 in 2 districts") in message
    assert "12 health centres of Kampot serve 1,176,000 people in all; the census counts" in message
    assert "--accept people" in message
    assert load(tmp_path, REGISTER.replace("9000", "98000"), accept=["people"]).register.population[0] == 98000


@pytest.mark.parametrize(("latitude", "longitude", "words"), [
    ("-9.7", "33.2", "latitude -9.7, longitude 33.2, outside the country"), ("5.6", "-0.2", "outside the country"),
    ("104.2", "10.6", "")])
def test_coordinates_outside_the_country_are_asked_about(tmp_path, latitude, longitude, words):
    register = ("code,name,type,province,OD,population,lat,lon\n0000,Zed HC,HC,Kampot,Kampot 1,9000,10.6,104.2\n"
                f"0001,Yod HC,HC,Kampot,Kampot 1,9000,{latitude},{longitude}\n")

    message = refused(tmp_path, register)

    assert "r.csv, row 3" in message and words in message
    if not words:
        assert 'latitude "104.2" is no degree' in message


def test_latitude_and_longitude_that_are_exchanged_are_said(tmp_path):
    register = "code,name,type,province,OD,population,lat,lon\n0000,Zed HC,HC,Kampot,Kampot 1,9000,33.2,-9.7\n"
    assert "exchanged" not in refused(tmp_path, register)


# ------------------------------------------------------------------------------------------------ rounds and names


def test_a_round_that_repeats_the_one_before_is_asked_about(tmp_path):
    rows = [(at, quarter, 60 + at + 2 * number) for at in range(12) for number, quarter in enumerate(
        ("2021Q1", "2021Q2", "2021Q3"))]
    copied = [(at, quarter, 60 + at if quarter == "2021Q2" else score) for at, quarter, score in rows]
    table = ["code,quarter,score\n" + "".join(f"{at:04d},{quarter},{score}\n" for at, quarter, score in each)
             for each in (rows, copied)]
    load(tmp_path, scores=table[0])

    message = refused(tmp_path_of(tmp_path), scores=table[1])

    assert "2021Q2: 12 of 12 facilities have exactly the score of 2021Q1 again, first Phum 00 HC" in message
    assert "--accept rounds" in message


@pytest.mark.parametrize("name", ["???? ??", "Phum ?? HC", "Ch\ufffdrey", "á\u017eŸá\u017eâ€"])
def test_names_whose_letters_were_lost_are_asked_about(tmp_path, name):
    message = refused(tmp_path, REGISTER.replace("Phum 03 HC", name))

    assert "r.csv, row 5" in message and "question marks or broken letters" in message
    assert load(tmp_path, REGISTER.replace("Phum 03 HC", name), accept=["names"]).register.name[3]


@pytest.mark.parametrize(("written", "registered", "words"), [
    ("Prek \u0421hrey", "Prek Chrey", "U+0441 (cyrillic small letter es) in the file, U+0063 (latin small letter c)"),
    ("ក្ត", "ក្ដ", "U+178F (khmer letter ta) in the file, U+178A (khmer letter da) in the register")])
def test_names_that_look_alike_say_which_sign_differs(tmp_path, written, registered, words):
    message = refused(tmp_path, HEAD + f"1,{registered},HC,Kampot,Kampot 1,9000\n",
                      f"facility,quarter,score\n{written},2021Q1,70\n")

    assert f'Did you mean "{registered}"? Mind: they look alike, and sign' in message and words in message


# -------------------------------------------------------------------------------------------------- nothing to read


@pytest.mark.parametrize("cells", ["0000,2020Q1,\n", "0000,2020Q1,nan\n0001,2020Q2,missing\n"])
def test_scores_that_are_all_empty_stop_and_leave_nothing(tmp_path, cells):
    message = refused(tmp_path, scores="code,quarter,score\n" + cells)

    assert "s.csv: holds no score:" in message and "cells or rows no score" in message


def test_a_register_alone_may_be_imported_with_none(tmp_path):
    data = import_data(put(tmp_path, "r.csv", REGISTER), None, out=tmp_path / "data", joined=None)

    assert len(data.register) == 12 and data.quarters == ()


def test_many_rows_with_the_same_unknown_word_are_one_line(tmp_path):
    message = refused(tmp_path, REGISTER.replace(" HC,HC,", ",CHPS,"))

    assert message.count("CHPS") == 1
    assert '"Phum 00": "CHPS" is not a known facility type (12 rows; also "Phum 01" (row 3), ' in message


def test_the_command_line_ends_with_2_and_names_file_and_row(tmp_path, capsys):
    code = main(["import", "--register", str(put(tmp_path, "r.csv", REGISTER)), "--joined",
                 str(put(tmp_path, "j.csv", joins(["1919-07"]))), "--out", str(tmp_path / "data")])

    assert code == 2
    assert 'j.csv, row 2: joined "1919-07" lies before 1990' in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_a_workbook_of_formulas_that_were_never_calculated_stops_and_leaves_nothing(tmp_path):
    book = openpyxl.Workbook()
    for row in (["code", "quarter", "score"], ["0000", "2021Q1", "=60+10"], ["0001", "2021Q1", "=60+11"]):
        book.active.append(row)
    book.save(tmp_path / "s.xlsx")

    with pytest.raises(DataError) as refusal:
        import_data(put(tmp_path, "r.csv", REGISTER), tmp_path / "s.xlsx", out=tmp_path / "data", today=TODAY)

    assert "s.xlsx: holds no score: 1 cells or rows headings, 2 cells or rows formula never calculated" in str(
        refusal.value)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["r.csv", "s.xlsx"]
