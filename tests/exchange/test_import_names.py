"""Which facility a row means: codes, ids and names that meet, contradict each other, or stand twice."""

import pytest

from qicsim import import_data
from qicsim.ground.errors import DataError

HEAD = "id,code,name,type,province,district,population\n"
REGISTER = HEAD + ("101,A7,Chrey HC,HC,Battambang,OD 1,9000\n"
                   "102,101,Prek HC,HC,Battambang,OD 2,8000\n"
                   "103,0104,Chrey HC,HC,Battambang,OD 2,7000\n"
                   "104,A9,Chrey HC,HC,Takeo,OD 3,7000\n")


def put(folder, name, content):
    file = folder / name
    file.write_text(content, encoding="utf-8")
    return file


def scored(folder, table, **more):
    """Facilities with the score that they got, by id."""
    data = import_data(put(folder, "r.csv", REGISTER), put(folder, "s.csv", table), out=folder / "data", **more)
    return {name: row[0] for name, row in zip(data.register.id, data.scores.tolist(), strict=True) if row[0] >= 0}


def refused(folder, table, register=REGISTER):
    with pytest.raises(DataError) as refusal:
        import_data(put(folder, "r.csv", register), put(folder, "s.csv", table), out=folder / "data")
    return str(refusal.value)


def test_a_code_is_a_code_before_it_is_the_id_of_another(tmp_path):
    assert scored(tmp_path, "Facility code,Quarter,Score\n101,2021Q1,70\n") == {"102": 70}
    assert scored(tmp_path, "Facility ID,Quarter,Score\n101,2021Q1,70\n") == {"101": 70}


def test_a_key_that_is_the_id_of_one_and_the_code_of_another_is_not_clear_where_no_column_says_which(tmp_path):
    message = refused(tmp_path, "Facility,Quarter,Score\n101,2021Q1,70\n")

    assert 's.csv, row 2: "101" names several facilities of the register: ' in message
    assert '"Chrey HC" (101, OD 1, Battambang)' in message
    assert '"Prek HC" (102, OD 2, Battambang)' in message


def test_a_code_that_lost_its_zeros_is_not_taken_for_the_id_of_another(tmp_path):
    assert '"104" names several facilities' in refused(tmp_path, "Facility code,Quarter,Score\n104,2021Q1,70\n")
    register = HEAD + "A1,0777,Chrey HC,HC,Battambang,OD 1,9000\n"
    for text in ("777", "777.0"):
        message = refused(tmp_path, f"Facility code,Quarter,Score\n{text},2021Q1,70\n", register)
        assert 'The register has the code "0777"; leading zeros may have been lost' in message


def test_an_id_and_a_name_of_two_facilities_are_an_error_with_both(tmp_path):
    message = refused(tmp_path, "Facility ID,Facility name,Quarter,Score\n101,Prek HC,2021Q1,70\n")

    assert ('id "101" and name "Prek HC" contradict each other: the id is that of "Chrey HC" (101, OD 1, Battambang), '
            'the name is that of "Prek HC" (102, OD 2, Battambang)') in message
    assert "contradict each other" in refused(
        tmp_path, "Facility ID,Facility name,Quarter,Score\n102,Chrey HC,2021Q1,70\n")


def test_a_contradiction_is_left_out_on_request_and_stands_in_the_lists_too(tmp_path):
    table = "Facility ID,Facility name,Quarter,Score\n101,Prek HC,2021Q1,70\n102,Prek HC,2021Q1,60\n"

    assert scored(tmp_path, table, skip_faulty=True) == {"102": 60}
    joined = put(tmp_path, "j.csv", "Facility ID,Facility name,Joined\n101,Prek HC,2021-01\n")
    with pytest.raises(DataError, match=r"j\.csv, row 2: .* contradict each other"):
        import_data(tmp_path / "r.csv", out=tmp_path / "other", joined=joined)


def test_an_id_with_a_name_that_others_share_or_nobody_has_is_clear(tmp_path):
    table = "Facility ID,Facility name,Quarter,Score\n103,Chrey HC,2021Q1,70\n102,Prek Health Ctr,2021Q1,60\n"

    assert scored(tmp_path, table) == {"103": 70, "102": 60}


def test_province_and_district_tell_facilities_of_one_name_apart(tmp_path):
    table = ("Facility,OD,Province,Quarter,Score\nChrey HC,1,Battambang,2021Q1,70\nChrey HC,OD 2,,2021Q1,60\n"
             "Chrey HC,,Takeo,2021Q1,50\n")

    assert scored(tmp_path, table) == {"101": 70, "103": 60, "104": 50}


def test_a_name_that_stands_twice_is_refused_with_the_candidates_that_are_left(tmp_path):
    message = refused(tmp_path, "Facility,Province,Quarter,Score\nChrey HC,Battambang,2021Q1,70\n")

    assert '"Chrey HC" (Battambang) names several facilities of the register: "Chrey HC" (101, OD 1,' in message
    assert "Takeo" not in message


def test_rows_of_totals_are_left_out_and_said(tmp_path):
    table = "Facility,Quarter,Score\n102,2021Q1,70\nGrand Total,2021Q1,70\nសរុប,2021Q1,70\nOD 1 total,2021Q1,3\n"

    assert scored(tmp_path, table) == {"102": 70}
    assert '3,"' not in (tmp_path / "data" / "scores.csv").read_text(encoding="utf-8")
    quality = (tmp_path / "data" / "quality.csv").read_text(encoding="utf-8")
    assert 'rows of totals,"s.csv, row 3","""Grand Total""' in quality
    accounts = (tmp_path / "data" / "accounts.csv").read_text(encoding="utf-8")
    assert "s.csv,,3,5,,3,not used,a row of totals" in accounts
