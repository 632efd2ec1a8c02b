"""A data folder is read into arrays in the order of its register, or refused with every fault."""

import numpy as np
import pytest

from qicsim.ground.calendar import parse_month
from qicsim.ground.errors import DataError, SettingError
from qicsim.inputs.exchange.folder import read_folder
from qicsim.inputs.observed.levels import ready

REGISTER = ("id,name,type,province,operational_district,population,opened,latitude,longitude,dhis2_uid,code,closed\n"
            "B,Bee,health_centre,Battambang,OD 1,9000,,,,,0201,2024-03\n"
            "A,Ant,CPA1,Battambang,OD 1,30000,2019-02,,,,,\n")
SCORES = "facility,quarter,item,score\nA,2021Q1,total,70\nB,2021Q3,total,81.5\nA,2021Q3,process,60\n"


@pytest.fixture
def data(tmp_path):
    (tmp_path / "register.csv").write_text(REGISTER, encoding="utf-8")
    (tmp_path / "scores.csv").write_text(SCORES, encoding="utf-8")
    return tmp_path


def test_scores_stand_in_the_order_of_the_register_and_of_time(data):
    folder = read_folder(data)

    assert folder.register.id == ("A", "B")
    assert folder.register.code == ("", "0201")
    assert folder.register.closed.tolist() == [-1, parse_month("2024-03")]
    assert folder.quarters == ("2021Q1", "2021Q2", "2021Q3")
    np.testing.assert_array_equal(folder.scores, [[70, np.nan, np.nan], [np.nan, np.nan, 81.5]])
    assert folder.by_item["process"][0, 2] == 60
    assert folder.joined.tolist() == folder.left.tolist() == [-1, -1]


def test_history_is_read_where_it_is(data):
    (data / "joined.csv").write_text("facility,joined,left\nB,2020-05,2021-01\n", encoding="utf-8")

    folder = read_folder(data)

    assert folder.joined.tolist() == [-1, parse_month("2020-05")]
    assert folder.left.tolist() == [-1, parse_month("2021-01")]


def test_the_digest_changes_with_the_data(data):
    before = read_folder(data).digest
    (data / "scores.csv").write_text(SCORES.replace("70", "71"), encoding="utf-8")

    assert read_folder(data).digest != before


def test_every_kind_of_faulty_score_is_named(data):
    (data / "scores.csv").write_text("facility,quarter,item,score\nC,2021Q1,total,70\nA,2021Q5,total,170\n"
                                     "A,2021Q5,total,3\n", encoding="utf-8")

    with pytest.raises(DataError) as refusal:
        read_folder(data)

    assert 'line 2, facility: "C" is not in the register' in str(refusal.value)
    assert 'line 3, quarter: "2021Q5" is not a quarter (1 more rows like it)' in str(refusal.value)
    assert 'line 3, score: "170.0" is not a score' in str(refusal.value)
    assert 'line 4, item: "total" stands there twice' in str(refusal.value)


def test_leaving_before_joining_is_a_fault(data):
    (data / "joined.csv").write_text("facility,joined,left\nB,2020-05,2019-01\nC,2020-01,\n", encoding="utf-8")

    with pytest.raises(DataError, match="2019-01 has no month of joining before it") as refusal:
        read_folder(data)

    assert '"C" is not in the register' in str(refusal.value)


def test_a_folder_without_a_register_is_no_data_folder(tmp_path):
    with pytest.raises(SettingError, match=r"is no data folder: it holds no register.csv"):
        read_folder(tmp_path)


@pytest.mark.parametrize("content", [
    b"", b"\xff\xfe\x00", b'"', b"a,b\n1,2\n", b"facility,quarter,item,score\nA,2021Q1,total,x\n"])
def test_what_is_no_table_of_scores_is_refused_in_words(data, content):
    (data / "scores.csv").write_bytes(content)

    with pytest.raises(DataError, match=r"scores\.csv"):
        read_folder(data)


DEEP = "[" * 100_000


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b"\xff\xfe\x00", DEEP.encode(), b'{"notes": 5, "sha256": {}}'])
def test_a_damaged_record_of_levels_is_named_with_the_way_out(data, damaged):
    (ready(data) / "levels.json").write_bytes(damaged)

    with pytest.raises(DataError) as refused:
        ready(data)
    assert str(refused.value) == (f"{data / 'levels.json'}: is damaged. Allowed: what `qicsim import` writes. "
                                  "Delete it, and levels.csv is taken as it is; or import into a new folder.")
    (data / "levels.json").unlink()
    assert ready(data) == data


@pytest.mark.parametrize("damaged", [b"", b"[1]", b'{"world": 3}', b"\xff\xfe\x00", DEEP.encode()])
def test_a_damaged_provenance_hides_no_other_world(data, damaged):
    (data / "provenance.json").write_bytes(damaged)

    with pytest.raises(DataError, match="provenance.json: is damaged.*Import into a new folder; or delete"):
        read_folder(data)
    (data / "provenance.json").write_text("{}", encoding="utf-8")  # of version 0.1
    assert len(read_folder(data).register) == 2
