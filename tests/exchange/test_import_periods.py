"""Quarters that cannot be, that may be months, and dates whose order only their column tells."""

import datetime

import numpy as np
import pytest

from qicsim import import_data
from qicsim.ground.calendar import format_month
from qicsim.ground.errors import DataError, SettingError

TODAY = datetime.date(2023, 5, 20)
FACILITIES = [f"A{number:02d}" for number in range(12)]
REGISTER = "id,name,type,province,district,population\n" + "".join(
    f"{one},Phum {one} HC,HC,Battambang,OD 1,9000\n" for one in FACILITIES)


def put(folder, name, content):
    file = folder / name
    file.write_text(content, encoding="utf-8")
    return file


def load(folder, table, **more):
    return import_data(put(folder, "r.csv", REGISTER), put(folder, "s.csv", table), out=folder / "data",
                       today=TODAY, **more)


def refused(folder, table, **more):
    with pytest.raises(DataError) as refusal:
        load(folder, table, **more)
    return str(refusal.value)


def long_table(quarters):
    rows = np.random.default_rng(2).normal(70, 3, (12, len(quarters)))
    return "facility,quarter,score\n" + "".join(
        f"{one},{quarter},{rows[at, column]:.1f}\n" for at, one in enumerate(FACILITIES)
        for column, quarter in enumerate(quarters))


def said(folder):
    return (folder / "data" / "quality.csv").read_text(encoding="utf-8")


# ------------------------------------------------------------------------------------------------- which quarters


def test_a_quarter_after_today_is_an_error_and_the_current_one_is_not(tmp_path):
    message = refused(tmp_path, long_table(["2022Q4"]) + "A01,2023Q3,60\n")
    assert 's.csv, row 14: the quarter "2023Q3" is in the future; today is 2023-05-20' in message

    assert load(tmp_path, long_table(["2022Q4", "2023Q2"])).quarters == ("2022Q4", "2023Q1", "2023Q2")
    assert '"today": "2023-05-20"' in (tmp_path / "data" / "provenance.json").read_text(encoding="utf-8")


def test_empty_columns_of_quarters_to_come_are_no_error(tmp_path):
    data = load(tmp_path, "facility,2022Q4,2023Q1,2024Q1\nA01,70,71,\nA02,60,61,\n")

    assert data.quarters == ("2022Q4", "2023Q1")


@pytest.mark.parametrize(("typed", "which", "gap"), [("2012Q1", "first", 35), ("2022Q1", "last", 4)])
def test_a_slip_in_a_year_at_either_end_is_named_with_its_row_and_facility(tmp_path, typed, which, gap):
    usual = ["2021Q1", "2021Q2", "2021Q3", "2021Q4"] if which == "first" else ["2020Q1", "2020Q2", "2020Q3", "2020Q4"]
    load(tmp_path, long_table(usual).replace(f"A03,{usual[1]}", f"A03,{typed}"))

    assert (f'{which} quarter apart,"s.csv, row 15","{typed} has scores of 1 facility (""Phum A03 HC""); usual are 12'
            f"; {gap} quarters without scores between it and the others") in said(tmp_path)
    assert "suspended round" not in said(tmp_path)


def test_a_whole_round_far_from_the_others_is_named_too(tmp_path):
    load(tmp_path, long_table(["2012Q1", "2021Q2", "2021Q3", "2021Q4"]))

    assert "2012Q1 has scores of 12 facilities" in said(tmp_path) and "36 quarters without scores" in said(tmp_path)


def test_a_thin_last_round_is_named_and_rounds_of_half_a_year_are_not(tmp_path):
    half = ["2020Q2", "2020Q4", "2021Q2", "2021Q4"]
    load(tmp_path, long_table(half))
    assert "apart" not in said(tmp_path)

    load(tmp_path, long_table(half) + "A01,2022Q2,70\nA02,2022Q2,71\n")
    assert 'last quarter apart,"s.csv, row 50","2022Q2 has scores of 2 facilities' in said(tmp_path)


def test_rounds_that_were_suspended_one_after_the_other_are_one_line(tmp_path):
    load(tmp_path, long_table(["2019Q4", "2020Q1", "2021Q1", "2021Q2"]) + "A01,2020Q3,70\n")

    lines = [line for line in said(tmp_path).splitlines() if "suspended round" in line]
    assert len(lines) == 1
    assert "2020Q2 to 2020Q4,0 to 1 facilities have a score in each; usual are 12," in lines[0]


# --------------------------------------------------------------------------------------------- months or quarters


@pytest.mark.parametrize("table", [
    long_table(["1/2022", "2/2022", "3/2022", "4/2022"]), long_table(["2021-1", "2021-02", "2022 3", "04/2022"]),
    "facility,1/2022,2/2022,3/2022,4/2022\nA01,70,71,72,73\nA02,60,61,62,63\n"], ids=["long", "years", "wide"])
def test_numbers_from_1_to_4_beside_years_are_refused_until_it_is_said_what_they_are(tmp_path, table):
    message = refused(tmp_path, table)

    assert "may be a month or a quarter" in message and "--periods quarter" in message
    months = load(tmp_path, table, periods="month").quarters
    assert load(tmp_path, table, periods="quarter").quarters[-1] == "2022Q4"
    assert months[-1] == "2022Q2"


def test_columns_that_say_month_and_numbers_above_4_are_months(tmp_path):
    load(tmp_path, "facility,month,year,score\n" + "".join(f"A01,{month},2022,70\n" for month in (1, 2, 3, 4)))
    load(tmp_path, "facility,month,score\n" + "".join(f"A01,{month}/2022,70\n" for month in (1, 2, 3, 4)))
    load(tmp_path, long_table(["1/2022", "2/2022", "3/2022", "4/2022", "5/2022"]))
    assert "has no quarter 5" in refused(tmp_path, long_table(["1/2022", "5/2022"]), periods="quarter")


def test_months_that_are_averaged_are_a_warning_and_single_ones_are_not(tmp_path):
    load(tmp_path, "facility,month,score\nA01,1/2022,60\nA01,2/2022,80\nA02,1/2022,70\n")
    assert ('months averaged,2022Q1,"""Phum A01 HC"" has 2 months from 60 to 80; their mean is taken, and so for 1 '
            "scores in all") in said(tmp_path)

    load(tmp_path, "facility,month,score\nA01,1/2022,60\nA02,1/2022,70\n")
    assert "months averaged" not in said(tmp_path)


def test_periods_are_one_of_three(tmp_path):
    with pytest.raises(SettingError, match="--periods"):
        load(tmp_path, long_table(["2022Q1"]), periods="week")


# ---------------------------------------------------------------------------------------------------- month first


def test_one_date_with_its_month_first_turns_its_whole_column(tmp_path):
    data = load(tmp_path, "facility,date,score\nA01,04/05/2022,70\nA02,02/28/2022,60\nA01,03/01/2022,71\n")

    assert data.quarters == ("2022Q1", "2022Q2")
    assert data.scores[1].tolist() == [71.0, 70.0]
    assert '""02/28/2022"" has its month first; all dates of the column are read so' in said(tmp_path)


def test_dates_in_two_orders_are_an_error_and_dates_in_no_order_a_warning(tmp_path):
    message = refused(tmp_path, "facility,date,score\nA01,02/28/2022,70\nA02,28/02/2022,60\n")
    assert 's.csv: "28/02/2022" has the day first and "02/28/2022" the month' in message

    assert load(tmp_path, "facility,date,score\nA01,05/02/2022,70\nA02,05/02/2022,70\n").quarters == ("2022Q1",)
    assert '""05/02/2022"" and the like are read day first' in said(tmp_path)
    load(tmp_path, "facility,date,score\nA01,05/02/2022,70\nA02,25/02/2022,70\n")
    assert "day first" not in said(tmp_path)


def test_dates_of_joining_and_of_opening_have_the_order_of_their_column(tmp_path):
    register = put(tmp_path, "r2.csv", "id,name,type,province,district,population,opened\n"
                                       "A00,Chrey HC,HC,Battambang,OD 1,9000,03/05/2010\n"
                                       "A01,Prek HC,HC,Battambang,OD 1,9000,03/25/2010\n")
    joined = put(tmp_path, "j.csv", "facility,joined,left\nA00,03/05/2020,01/02/2021\nA01,03/25/2020,\n")

    data = import_data(register, out=tmp_path / "data", joined=joined)

    assert [format_month(each) for each in data.register.opened] == ["2010-03", "2010-03"]
    assert [format_month(each) for each in data.joined] == ["2020-03", "2020-03"]
    assert format_month(data.left[0]) == "2021-02"
    assert "r2.csv, column opened" in said(tmp_path) and "j.csv, column left" in said(tmp_path)


# ---------------------------------------------------------------------------------------------------------- hints


@pytest.mark.parametrize(("text", "words"), [
    ("45016", r"looks like an Excel date \(2023-03-31\)"), ("Q1-23", "write 2023Q1"), ("I/2023", "write 2023Q1"),
    ("T2 2022", "write 2022Q2"), ("2022 IV", "write 2022Q4"), ("22Q3", "write 2022Q3")])
def test_usual_ways_to_write_a_quarter_that_are_not_read_get_a_hint(tmp_path, text, words):
    with pytest.raises(DataError, match=words):
        load(tmp_path, f"facility,quarter,score\nA01,{text},70\n")


@pytest.mark.parametrize("text", ["9999-12-31", "31/12/9999", "9999-12-31T00:00:00.000"])
def test_the_last_day_that_programs_know_is_never_closed_and_said(tmp_path, text):
    register = put(tmp_path, "r2.csv", "id,name,type,province,district,population,closed\n"
                                       f"A00,Chrey HC,HC,Battambang,OD 1,9000,{text}\n")

    assert import_data(register, out=tmp_path / "data").register.closed.tolist() == [-1]
    assert "closed at the end of the year 9999 is read as never closed; 1 row" in said(tmp_path)
