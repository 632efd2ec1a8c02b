"""Spreadsheets in the forms that people write: headings, quarters, numbers, types, provinces, encodings."""

import datetime
import io

import numpy as np
import openpyxl
import pytest

from qicsim import import_data
from qicsim.ground.calendar import format_month, parse_month
from qicsim.ground.errors import DataError, SettingError
from qicsim.inputs.country import default_country
from qicsim.inputs.exchange.dates import month_of, period_of
from qicsim.inputs.exchange.words import LEVEL, field_of, holds, kind_of, left_out_by, normal, number_of, province_of

REGISTER = ("Facility name,Facility code,Type,Province,OD,Population\n"
            "Chrey,0201,Health Center,Battambang,OD Thma Koul,9000\n"
            "Prek,0202,HC,Battambang,OD Thma Koul,8000\n"
            'Battambang,0203,CPA 3,Battambang,OD Battambang,"30,000"\n')
LONG = "Facility,Period,Score\nChrey,2021Q1,70\nChrey,2021Q2,75\nPrek,2021Q1,60\n0203,2021Q2,88.5\n"


def put(folder, name, content):
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def workbook(*sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def said(folder, name="quality.csv"):
    return (folder / name).read_text(encoding="utf-8")


@pytest.fixture
def register(tmp_path):
    return put(tmp_path, "register.csv", REGISTER)


# ----------------------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize("text", [
    "2021Q2", "2021 q2", "2021-Q2", "Q2 2021", "Q2/2021", "2nd quarter 2021", "Quarter 2, 2021", "2021-06", "202106",
    "06/2021",
    "Jun 2021", "15 June 2021", "2021-04-01", "30/06/2021", "06/30/2021", "20210630", "2021-05-03T10:00:00.000",
    "២០២១Q២", "ត្រីមាសទី២ ឆ្នាំ២០២១", "ត្រីមាសទី ២ ២០២១", "២០២១ ត្រីមាសទី២", "ខែមិថុនា ឆ្នាំ២០២១"])
def test_a_quarter_is_understood_however_it_is_written(text):
    assert period_of(text).name == "2021Q2"


@pytest.mark.parametrize(("text", "reason"), [
    ("2021", "is a year"), ("2021S1", "half a year"), ("2564Q2", "Buddhist year, write 2021"),
    ("2021Q5", "no"), ("", "empty"),
    ("2021-13", "no such month"), ("soon", "is not a date"), ("9999Q1", "the year 9999"), ("٢", "is not a date")])
def test_what_is_no_quarter_says_why(text, reason):
    with pytest.raises(ValueError, match=reason):
        period_of(text)


@pytest.mark.parametrize(("text", "month"), [("2020-05", "2020-05"), ("15/07/2020", "2020-07"), ("2021Q3", "2021-07"),
                                             ("2019", "2019-01"), ("មករា ២០២០", "2020-01")])
def test_a_month_is_understood_and_a_quarter_begins_with_its_first(text, month):
    assert format_month(month_of(text)) == month


@pytest.mark.parametrize(("text", "number"), [
    ("81.5", 81.5), ("៨១.៥", 81.5), ("81,5", 81.5), ("1,234", 1234), ("1 234 567", 1234567), ("80 %", 80),
    ("0,815", 0.815),
    ("-3", -3), (".5", 0.5), ("", None), ("1e400", None), ("nan", None), ("=1+1", None),
    ("1.2.3", None), ("9" * 50, None)])
def test_numbers_are_read_as_people_write_them(text, number):
    assert number_of(text) == number


def test_every_province_is_known_by_its_names_and_codes():
    for province in default_country().provinces:
        for text in (province.name, province.name.upper(), province.names["km"], province.code, province.iso,
                     f"{province.name} Province", f"PHD {province.name}", f"ខេត្ត{province.names['km']}",
                     f"{province.code} {province.name}"):
            assert province_of(text) == province.name, text


@pytest.mark.parametrize(("text", "name"), [("Otdar Meanchey", "Oddar Meanchey"), ("Sihanoukville", "Preah Sihanouk"),
                                            ("Tbong Khmum", "Tboung Khmum"), ("Mondul Kiri", "Mondulkiri"),
                                            ("Siemreap", "Siem Reap"), ("Bangkok", ""), ("", "")])
def test_other_spellings_of_provinces_are_known_and_other_places_are_not(text, name):
    assert province_of(text) == name


@pytest.mark.parametrize(("texts", "kind"), [
    (("Health Center", "", "x"), ("health_centre", "")), (("", "", "មណ្ឌលសុខភាពជ្រៃ"), ("health_centre", "")),
    (("Referral Hospital", "CPA-2", ""), ("CPA2", "")),
    (("Referral Hospital", "", "Prek"), ("CPA1", LEVEL.format(level="CPA1"))),
    (("Provincial Hospital", "", ""), ("CPA3", "")), (("Health post", "", ""), ("leave out", "")),
    (("Pharmacy", "", "Sok"), ("", "")), (("MPA", "", ""), ("health_centre", ""))])
def test_types_are_told_by_words_in_type_group_or_name(texts, kind):
    assert kind_of(tuple(map(normal, texts)), (), {}) == kind


def test_the_users_table_of_types_counts_before_the_built_in_words():
    table = {"chrey": "CPA1", "health center": "leave out"}

    assert kind_of(("health center", "", "chrey health center"), ("chrey",), table) == ("CPA1", "")
    assert kind_of(("health center", "", "prek"), ("prek",), table) == ("leave out", "")


def test_private_is_found_in_types_and_groups_in_both_languages():
    assert left_out_by(("private clinic",), ("private",)) == "private"
    assert left_out_by((normal("គ្លីនិកឯកជន"),), ("private",)) == "private"
    assert left_out_by(("privately", "public"), ("private",)) == ""


def test_headings_are_known_with_signs_brackets_and_in_khmer():
    assert field_of("Population (2019)", "register") == field_of("ចំនួនប្រជាជន", "register") == "population"
    assert field_of("Operational_District", "register") == "operational_district"
    assert field_of("favourite colour", "register") == ""
    assert not holds("chc", ("hc",))


# ---------------------------------------------------------------------------------------------------------- forms


def test_a_long_table_is_read_by_name_or_code(tmp_path, register):
    data = import_data(register, put(tmp_path, "scores.csv", LONG), out=tmp_path / "data")

    assert data.register.id == ("0203", "0201", "0202")  # by district
    assert data.register.population.tolist() == [30000, 9000, 8000]
    np.testing.assert_array_equal(data.scores, [[np.nan, 88.5], [70, 75], [60, np.nan]])


@pytest.mark.parametrize("table", [
    "NQEM scores of the province\n\nFacility,2021Q1,Q2 2021\nChrey,70,75\nPrek,60,\n0203,,88.5\n",
    "code;Year;Quarter;NQEM score\n0201;2021;1;70\n0201;2021;Q2;75\n0202;2021;1;60,0\n0203;2021;2;88,5\n",
    ("មូលដ្ឋានសុខាភិបាល\tត្រីមាស\tពិន្ទុ\nChrey\tត្រីមាសទី១ ឆ្នាំ២០២១\t៧០\n"
     "Chrey\t2021-05\t៧៥\nPrek\t202103\t60\n0203\t6/2021\t88.5\n"),
    "facility,quarter,Score\nCHREY,2021Q1,0.7\nchrey ,2021Q2,0.75\nPrek,2021Q1,0.60\n0203,2021Q2,0.885\n",
    "facility,quarter,Score\nCHREY,2021Q1,70%\nchrey ,2021Q2,75%\nPrek,2021Q1,60%\n0203,2021Q2,88.5 %\n",
    "facility,month,year,total\nChrey,March,2021,70\nChrey,4,2021,75\nPrek,2,2021,60\n0203,Jun,2021,88.5\n",
    "facility,total 2021Q1,2021Q2 total\nChrey,70,75\nPrek,60,n/a\n0203,,88.5\n",
], ids=["wide", "year-and-quarter", "khmer", "shares", "percent", "month-and-year", "combined"])
def test_other_forms_give_the_same_scores(tmp_path, register, table):
    data = import_data(register, put(tmp_path, "scores.csv", table), out=tmp_path / "data")

    assert data.quarters == ("2021Q1", "2021Q2")
    np.testing.assert_array_equal(data.scores, [[np.nan, 88.5], [70, 75], [60, np.nan]])


def test_dimensions_and_care_areas_may_be_columns_or_items(tmp_path, register):
    wide = put(tmp_path, "wide.csv", "facility,quarter,total,Structure,Hand hygiene\nChrey,2021Q1,70,60,50\n")
    long = put(tmp_path, "long.csv", "facility,quarter,indicator,score\nChrey,2021Q1,Total,70\n"
                                     "Chrey,2021Q1,structure,60\nChrey,2021Q1,អនាម័យដៃ,50\nChrey,2021Q1,Beds,12\n")

    first = import_data(register, wide, out=tmp_path / "a")
    second = import_data(register, long, out=tmp_path / "b")

    found = {name: grid[1, 0] for name, grid in first.by_item.items()}
    assert found == {"total": 70, "structure": 60, "hand_hygiene": 50}
    assert said(tmp_path / "a", "scores.csv") == said(tmp_path / "b", "scores.csv")
    assert '""Beds"" is not read' in said(tmp_path / "b")
    np.testing.assert_array_equal(first.scores, second.scores)


def test_a_workbook_says_the_same_as_csv_with_dates_and_numbers_as_cells(tmp_path):
    book = put(tmp_path, "book.xlsx", workbook(
        ("Register", [["List"], [],
                      ["Name", "ID", "Type", "Province", "Operational district", "People", "Opening date"],
                      ["Chrey", 201, "HC", "បាត់ដំបង", "OD 1", 9000.0, datetime.date(2019, 5, 2)]]),
        ("Notes", [["nothing"]])))
    scores = put(tmp_path, "scores.xlsx", workbook(("Q1", [["ID", "2021Q1"], [201, 0.705], [None, None]])))

    data = import_data(book, scores, out=tmp_path / "data")

    assert data.register.facilities[0][:7] == ("201", "Chrey", "health_centre", "Battambang", "OD 1", 9000,
                                               parse_month("2019-05"))
    assert data.scores.tolist() == [[70.5]]
    assert "book.xlsx,Register,1,1,,1,not used,above the headings" in said(tmp_path / "data", "accounts.csv")
    assert 'sheet not used,"book.xlsx, sheet Notes"' in said(tmp_path / "data")


@pytest.mark.parametrize(("encoding", "mark"), [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"),
                                                ("utf-16-be", b"\xfe\xff"), ("utf-16-le", b""), ("utf-16-be", b"")])
def test_encodings_and_marks_do_not_matter(tmp_path, encoding, mark):
    file = put(tmp_path, "register.csv", mark + REGISTER.replace("Prek", "ព្រែក").encode(encoding))

    assert import_data(file, out=tmp_path / "data").register.name[2] == "ព្រែក"


def test_windows_1252_is_read_and_said(tmp_path):
    file = put(tmp_path, "register.csv", REGISTER.replace("Prek", "Préah").encode("cp1252"))

    assert import_data(file, out=tmp_path / "data").register.name[2] == "Préah"
    assert "is read as Windows-1252" in said(tmp_path / "data")


def test_months_of_a_quarter_are_their_mean_and_the_scale_is_confirmed(tmp_path, register):
    file = put(tmp_path, "s.csv", "facility,period,score\nChrey,2021-04,0.70\nChrey,202105,0.80\nPrek,2021Q2,0.57\n")

    data = import_data(register, file, out=tmp_path / "data")

    assert data.scores[:, 0].tolist()[1:] == [75.0, 57.0]
    assert "2 scores are of a month" in said(tmp_path / "data")
    assert "3 scores from 0.57 to 0.8, recognised as 0 to 1" in said(tmp_path / "data")


def test_two_scales_in_one_file_are_an_error_unless_the_scale_is_said(tmp_path, register):
    file = put(tmp_path, "s.csv", "facility,period,score\nChrey,2021Q1,0.7\nChrey,2021Q2,70\nPrek,2021Q1,55\n")

    with pytest.raises(DataError, match="1 of 2 scores lie between 0 and 1"):
        import_data(register, file, out=tmp_path / "data")
    assert import_data(register, file, out=tmp_path / "data", scale="100").scores[1, 0] == 0.7
    with pytest.raises(SettingError, match="--scale"):
        import_data(register, file, out=tmp_path / "data", scale="0.5")


def test_the_history_of_joining_and_a_file_of_people(tmp_path, register):
    joined = put(tmp_path, "j.csv", "facility,Date joined,left\nChrey,2020-05,2021Q1\n0203,15/07/2020,\nPrek,never,\n")
    people = put(tmp_path, "p.csv", "code,population\n0201,12345\n")

    data = import_data(register, out=tmp_path / "data", joined=joined, population=people)

    assert [format_month(month) if month >= 0 else "" for month in data.joined] == ["2020-07", "2020-05", ""]
    assert format_month(data.left[1]) == "2021-01"
    assert data.register.population[1] == 12345


def test_missing_people_get_a_share_of_the_census_and_a_warning(tmp_path):
    file = put(tmp_path, "register.csv", REGISTER.replace("9000", ""))

    data = import_data(file, out=tmp_path / "data")

    battambang = next(each for each in default_country().provinces if each.name == "Battambang")
    assert data.register.population[1] == round(battambang.population / battambang.first_level[1])
    assert "1 of 3 facilities have no population" in said(tmp_path / "data")


def test_types_come_from_a_table_in_csv_or_toml(tmp_path):
    file = put(tmp_path, "register.csv", REGISTER.replace("CPA 3", "Hôpital").replace("HC", "Poste"))
    csv = put(tmp_path, "types.csv", "text,type\nHôpital,CPA2\nposte,leave out\n")
    toml = put(tmp_path, "types.toml", '"Hôpital" = "CPA2"\n"poste" = "leave out"\n')

    for types in (csv, toml):
        data = import_data(file, out=tmp_path / types.suffix[1:], types=types)
        assert data.register.type == ("CPA2", "health_centre")
    with pytest.raises(DataError, match='"Hôpital" is not a known facility type'):
        import_data(file, out=tmp_path / "none")
    with pytest.raises(SettingError, match='"CPA9".*is not a facility type'):
        import_data(file, out=tmp_path / "none", types=put(tmp_path, "t.csv", "text,type\nposte,CPA9\n"))
    with pytest.raises(SettingError, match="no such file"):
        import_data(file, out=tmp_path / "none", types=tmp_path / "absent.csv")


def test_a_district_name_of_two_provinces_is_two_districts(tmp_path):
    file = put(tmp_path, "r.csv", "name,type,province,district,population\n"
                                  "A,HC,Takeo,Samraong,900\nB,HC,Oddar Meanchey,Samraong,800\n")

    data = import_data(file, out=tmp_path / "data")

    assert data.register.operational_district == ("Samraong (Takeo)", "Samraong (Oddar Meanchey)")
    assert data.register.id == ("A", "B")


def test_importing_again_replaces_scores_and_forgets_old_levels(tmp_path, register):
    import_data(register, put(tmp_path, "s.csv", LONG), out=tmp_path / "data")
    (tmp_path / "data" / "levels.csv").write_text("old", encoding="utf-8")

    data = import_data(register, out=tmp_path / "data")

    assert data.quarters == ()
    assert sorted(file.name for file in (tmp_path / "data").iterdir()) == [
        "accounts.csv", "provenance.json", "quality.csv", "quality.html", "register.csv"]


def test_the_same_files_give_the_same_bytes(tmp_path, register):
    scores = put(tmp_path, "s.csv", LONG)
    for name in "ab":
        import_data(register, scores, out=tmp_path / name)

    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()
