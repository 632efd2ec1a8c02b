"""A facility register is read, refused with every fault, written and read back."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qicsim.ground.calendar import parse_month
from qicsim.ground.errors import MOST_SHOWN, RegisterError, SettingError
from qicsim.inputs.country import default_country
from qicsim.inputs.world import register
from qicsim.inputs.world.register import (
    BEFORE_HORIZON,
    COLUMNS,
    NOT_CLOSED,
    Facility,
    identities,
    identity_of,
    read_register,
    register_of,
    register_text,
    write_register,
)
from qicsim.inputs.world.register_check import check_register, summary_lines
from tests.helpers import EMBEDDED

CASES = sorted((Path(__file__).parent / "invalid" / "register").glob("*.csv"))
HEADER = "id,name,type,province,operational_district,population,opened\n"
CENTRE = "HC-1,Chamkar,health_centre,Battambang,OD-A,9000,\n"


def written(folder, text):
    file = folder / "register.csv"
    file.write_text(text, encoding="utf-8")
    return file


# ------------------------------------------------------------------------------------------------ refused files


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_faulty_register_is_refused_with_the_expected_message(path):
    with pytest.raises(RegisterError) as refusal:
        read_register(path)

    for expected in path.with_suffix(".expected").read_text(encoding="utf-8").splitlines():
        assert expected in str(refusal.value)
    assert str(refusal.value).startswith(str(path))


def test_there_are_many_invalid_registers():
    assert len(CASES) >= 25


def test_a_register_larger_than_50_mb_is_refused_unread(tmp_path):
    file = tmp_path / "huge.csv"
    with file.open("wb") as huge:
        huge.truncate(50_000_001)

    with pytest.raises(RegisterError, match="is larger than 50 MB"):
        read_register(file)


def test_a_register_of_too_many_facilities_is_refused(tmp_path, monkeypatch):
    rows = "".join(f"HC-{n},C,health_centre,Battambang,OD-A,9000,\n" for n in range(1001))
    assert register.MOST_FACILITIES == 200_000
    monkeypatch.setattr(register, "MOST_FACILITIES", 1000)

    with pytest.raises(RegisterError, match="holds 1,001 facilities. Allowed: at most 1,000."):
        read_register(written(tmp_path, HEADER + rows))


def test_a_register_with_many_faults_lists_the_first_and_says_how_many_more(tmp_path):
    rows = "".join(f"HC-{n},C,clinic,Battambang,OD-A,9000,\n" for n in range(MOST_SHOWN + 1))

    with pytest.raises(RegisterError) as refusal:
        read_register(written(tmp_path, HEADER + rows))

    assert len(str(refusal.value).splitlines()) == MOST_SHOWN + 1
    assert str(refusal.value).endswith("and 1 more fault.")


@given(content=st.binary(max_size=300))
@settings(deadline=None)
def test_no_bytes_whatever_make_the_reader_fail_otherwise_than_with_its_own_error(content, tmp_path_factory):
    file = tmp_path_factory.mktemp("bytes") / "any.csv"
    file.write_bytes(content)

    with pytest.raises(RegisterError):
        read_register(file)


# --------------------------------------------------------------------------------------------- accepted files


def test_optional_columns_may_be_missing(tmp_path):
    register = read_register(written(tmp_path, HEADER + CENTRE))

    assert register.id == ("HC-1",)
    assert np.isnan(register.latitude[0]) and register.dhis2_uid == ("",)
    assert register.opened.tolist() == [BEFORE_HORIZON]
    assert not register.synthetic


def test_text_that_looks_like_a_formula_stays_text(tmp_path):
    file = written(tmp_path, HEADER + "HC-1,=1+1,health_centre,Battambang,@A,9000,\n")

    register = read_register(file)
    write_register(register, tmp_path / "again.csv")

    assert register.name == ("=1+1",)
    assert read_register(tmp_path / "again.csv").operational_district == ("@A",)


def test_a_byte_order_mark_blank_lines_and_windows_line_ends_are_accepted(tmp_path):
    file = tmp_path / "register.csv"
    file.write_bytes(b"\xef\xbb\xbf" + (HEADER + "\n" + CENTRE + ",,,,,,\n").replace("\n", "\r\n").encode())

    assert len(read_register(file)) == 1


def test_rows_are_sorted_by_province_code_district_and_id(tmp_path):
    rows = ("B,x,health_centre,Kep,OD-2,1,\nA,x,health_centre,Kep,OD-2,1,\nC,x,CPA1,Kep,OD-1,1,\n"
            "Z,x,health_centre,Battambang,OD-9,1,\n")

    register = read_register(written(tmp_path, HEADER + rows))

    assert register.id == ("Z", "C", "A", "B")
    assert register.hospital.tolist() == [0, 1, 0, 0]


def test_one_synthetic_facility_makes_a_register_synthetic(tmp_path):
    text = HEADER + CENTRE + CENTRE.replace("HC-1", "SYN-1")

    assert read_register(written(tmp_path, text)).synthetic


# ----------------------------------------------------------------------------------------------------- writing

texts = st.text(st.characters(exclude_categories=("Cc", "Cs", "Z")), min_size=1, max_size=12)
finite = st.floats(min_value=1e-3, max_value=2e7)
rows = st.builds(
    Facility, texts, texts, st.sampled_from(default_country().types),
    st.sampled_from(default_country().province_names), texts, finite,
    st.one_of(st.just(BEFORE_HORIZON), st.integers(parse_month("1950-01"), parse_month("2099-12"))),
    st.floats(-90, 90), st.floats(-180, 180), st.just(""), code=st.one_of(st.just(""), texts),
    closed=st.one_of(st.just(NOT_CLOSED), st.integers(parse_month("1950-01"), parse_month("2099-12"))))


@given(facilities=st.lists(rows, min_size=1, max_size=5, unique_by=lambda row: row.id))
@settings(deadline=None)
def test_a_register_that_is_written_reads_back_unchanged(facilities, tmp_path_factory):
    apart = [row._replace(operational_district=f"{row.province} {row.operational_district}") for row in facilities]
    register = register_of(apart)
    file = tmp_path_factory.mktemp("register") / "register.csv"

    write_register(register, file)

    again = read_register(file)
    assert again.facilities == register.facilities
    assert register_text(again) == register_text(register)


def test_writing_leaves_nothing_beside_the_file_and_an_unwritable_place_is_a_fault(tmp_path):
    register = read_register(EMBEDDED["register"])

    write_register(register, tmp_path / "register.csv")

    assert [path.name for path in tmp_path.iterdir()] == ["register.csv"]
    with pytest.raises(SettingError, match="cannot be written: No such file or directory"):
        write_register(register, tmp_path / "none" / "register.csv")


def test_the_written_header_names_every_column():
    assert register_text(read_register(EMBEDDED["register"])).splitlines()[0] == ",".join(COLUMNS)


# ---------------------------------------------------------------------------------------------------- identity


@given(text=st.text(st.characters(exclude_categories=("Cs",)), max_size=30))
def test_an_identity_is_two_32_bit_words_that_depend_on_the_text_alone(text):
    low, high = identity_of(text)

    assert 0 <= low < 2**32 and 0 <= high < 2**32
    assert identities(["other", text])[1].tolist() == [low, high]


def test_an_identity_is_the_known_digest_on_every_machine():
    assert identity_of("SYN-0101-H01") == (2337683520, 301614777)


def test_no_two_embedded_facilities_or_districts_share_an_identity():
    register = read_register(EMBEDDED["register"])

    names = [*register.id, *set(register.operational_district)]
    assert len({tuple(row) for row in identities(names).tolist()}) == len(names)


# ------------------------------------------------------------------------------------------------------ review


def test_the_review_counts_by_type_province_and_year():
    found = check_register(read_register(EMBEDDED["register"]))

    assert found["types"] == {"health_centre": 1288, "CPA1": 61, "CPA2": 38, "CPA3": 26}
    assert found["open_at_end_of"][2017] == {"health_centres": 1205, "referral_hospitals": 116}
    assert found["open_at_end_of"][2022] == {"health_centres": 1288, "referral_hospitals": 125}
    assert found["provinces"]["Pursat"] == {"districts": 4, "health_centres": 47, "referral_hospitals": 4,
                                            "people": 419_952}


def test_the_review_flags_what_is_allowed_but_unusual(tmp_path):
    text = HEADER + CENTRE + "HC-2,Chamkar,health_centre,Battambang,OD-A,12,\n"

    register = read_register(written(tmp_path, text))

    assert check_register(register)["flags"] == [
        "districts without a referral hospital: 1 (OD-A)",
        "districts with fewer than 3 or more than 30 health centres: 1 (OD-A)",
        "facilities that serve fewer than 1,000 or more than 60,000 people: 1 (HC-2)",
        "names that stand twice: 1 (Chamkar)"]
    assert summary_lines(register)[0].startswith("Facilities 2, operational districts 1")


def test_the_review_of_the_embedded_register_says_first_that_it_is_synthetic():
    assert summary_lines(read_register(EMBEDDED["register"]))[0].startswith("Synthetic facilities in real provinces")
