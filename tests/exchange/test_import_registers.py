"""Registers with people, places and names that cannot be right, or that may be one facility twice."""

import pytest

from qicsim import import_data
from qicsim.ground.errors import DataError
from qicsim.inputs.exchange.register_checks import bare_district, bare_name
from qicsim.inputs.exchange.words import degrees_of, people_of

HEAD = "id,name,type,province,district,population\n"
GOOD = HEAD + "A1,Chrey HC,HC,Battambang,OD Thma Koul,9000\nA2,Prek HC,HC,Battambang,OD Thma Koul,8000\n"
PLACED = "id,name,type,province,district,population,latitude,longitude\n"


def put(folder, name, content):
    file = folder / name
    file.write_text(content, encoding="utf-8")
    return file


def load(folder, register, scores=None, **more):
    return import_data(put(folder, "r.csv", register), put(folder, "s.csv", scores) if scores else (),
                       out=folder / "data", **more)


def said(folder, name="quality.csv"):
    return (folder / "data" / name).read_text(encoding="utf-8")


# --------------------------------------------------------------------------------------------- people and places


@pytest.mark.parametrize(("text", "people"), [
    ("9.300", 9300), ("1.209.300", 1_209_300), ("9,300", 9300), ("៩.៣០០", 9300), ("9300.4", 9300), ("9300", 9300),
    ("9.3", None), ("0.5", None), ("9,3", None), ("many", None), ("0.300", None)])
def test_people_are_whole_and_points_before_three_digits_are_thousands(text, people):
    assert people_of(text)[0] == people


def test_a_population_with_points_is_thousands_and_said_and_a_fraction_is_an_error(tmp_path):
    data = load(tmp_path, GOOD.replace("9000", "9.300"))
    assert data.register.population[0] == 9300
    assert "populations like 9.300: points are read as thousands; 1 row" in said(tmp_path)

    with pytest.raises(DataError, match=r'row 2: "Chrey HC": "9\.3" is not a number of people\. Allowed: whole'):
        load(tmp_path, GOOD.replace("9000", "9.3"))
    people = put(tmp_path, "p.csv", "id,population\nA1,12.500\nA2,7.5\n")
    with pytest.raises(DataError, match=r'p\.csv, row 3: "7\.5" is not a number of people'):
        load(tmp_path, GOOD, population=people)


@pytest.mark.parametrize("number", ["150", "140000"])
def test_a_health_centre_for_very_few_or_many_people_is_a_warning_and_a_hospital_is_not(tmp_path, number):
    load(tmp_path, GOOD.replace("9000", number) + "A3,Thma Koul,CPA2,Battambang,OD Thma Koul,140000\n")

    lines = [line for line in said(tmp_path).splitlines() if "unusual population" in line]
    assert len(lines) == 1
    assert f'"r.csv, row 2","""Chrey HC"" has {int(number):,} people' in lines[0]


@pytest.mark.parametrize(("text", "degrees"), [("11,556", 11.556), ("-11,556789", -11.556789), ("104.9", 104.9),
                                               ("១១,៥", 11.5), ("north", None)])
def test_degrees_may_have_a_decimal_comma(text, degrees):
    assert degrees_of(text) == degrees


# ------------------------------------------------------------------------------------------- the same in two ways


@pytest.mark.parametrize("name", ["Fac2 HC", "Fac 2  Health Center", "Fac2-HC", "HC Fac 2", "មណ្ឌលសុខភាព Fac 2"])
def test_names_that_differ_in_type_words_and_signs_are_the_same(name):
    assert bare_name(name) == "fac2"


@pytest.mark.parametrize(("one", "other"), [("OD Kampong Cham 0", "OD Kg Cham 0"), ("Thma Koul", "OD Thma-Koul")])
def test_districts_that_differ_in_short_forms_are_the_same(one, other):
    assert bare_district(one) == bare_district(other)


def test_facilities_and_districts_written_in_two_ways_are_warnings_with_both_places(tmp_path):
    load(tmp_path, HEAD + "A1,Fac2 HC,HC,Battambang,OD Thma Koul,9000\nA2,Fac 2  Health Center,HC,Battambang,OD Thmar"
                          " Koul,9000\nA3,Fac2,CPA1,Battambang,OD Maung,9000\nA4,Fac2 HC,HC,Takeo,OD Takeo,9000\n")

    warnings = [line for line in said(tmp_path).splitlines() if line.startswith("warning")]
    assert len(warnings) == 2
    assert ('the same name twice,"r.csv, row 2","""Fac2 HC"" (OD Thma Koul, r.csv, row 2), ""Fac 2 Health Center"" (OD '
            "Thmar Koul, r.csv, row 3) have the same name") in warnings[0]
    assert ('districts nearly the same,"r.csv, row 3","""OD Thmar Koul"" and ""OD Thma Koul"" (r.csv, row 2) in '
            "Battambang") in warnings[1]


def test_districts_with_other_numbers_and_short_names_are_others(tmp_path):
    load(tmp_path, HEAD + "".join(f"A{at},Phum {at} HC,HC,Battambang,{name},9000\n" for at, name in enumerate(
        ["OD Kampong 1", "OD Kampong 2", "Prek", "Prey"])))

    assert "warning" not in said(tmp_path)


def test_identical_coordinates_are_a_warning(tmp_path):
    load(tmp_path, PLACED + 'A1,Chrey HC,HC,Battambang,OD 1,9000,"11,5",104.9\nA2,Prek HC,HC,Battambang,OD 1,9000,11.5,'
                            "104.9\nA3,Ou HC,HC,Battambang,OD 1,9000,,\nA4,Boeng HC,HC,Battambang,OD 1,9000,,\n")

    lines = [line for line in said(tmp_path).splitlines() if line.startswith("warning")]
    assert len(lines) == 1
    assert '""Chrey HC"" (OD 1, r.csv, row 2), ""Prek HC"" (OD 1, r.csv, row 3) have the same coordinates' in lines[0]


# ---------------------------------------------------------------------------------------------- rows of a register


def test_a_row_of_totals_is_no_facility_and_is_accounted_for(tmp_path):
    data = load(tmp_path, GOOD + ",Grand Total,,,,1200000\n,សរុប,HC,Battambang,OD Thma Koul,17000\n"
                                 ",,,Battambang,Total,17000\n")

    assert len(data.register) == 2
    assert '""Grand Total"" and the like are taken for sums over facilities and left out' in said(tmp_path)
    assert "r.csv,,4,6,,3,not used,a row of totals" in said(tmp_path, "accounts.csv")


def test_a_province_in_the_first_row_of_its_block_only_is_one_error(tmp_path):
    rows = [f"A{at},Phum {at} HC,HC,{'Battambang' if at == 0 else ''},OD 1,9000\n" for at in range(9)]

    with pytest.raises(DataError) as refusal:
        load(tmp_path, HEAD + "".join(rows))

    assert len(refusal.value.faults) == 1
    assert 'r.csv, row 3: "Phum 1 HC": has no province (8 rows, the last is row 10)' in str(refusal.value)
    assert "Write them in every row" in str(refusal.value)


def test_names_that_serve_as_ids_and_stand_in_two_districts_can_be_used(tmp_path):
    register = GOOD.replace("id,name", "name").replace("A1,", "").replace("A2,", "") + (
        "Chrey HC,HC,Battambang,OD Maung,7000\n")
    data = load(tmp_path, register, "Facility,OD,Quarter,Score\nChrey HC,Maung,2021Q1,70\nPrek HC,,2021Q1,60\n")

    scores = dict(zip(data.register.id, data.scores[:, 0].tolist(), strict=True))
    assert scores["Chrey HC (OD Maung, Battambang)"] == 70
    assert scores["Prek HC"] == 60


def test_contradictory_rows_are_named_with_what_each_says(tmp_path):
    register = GOOD + "A1,Chrey HC,HC,Battambang,OD Thma Koul,9900\n"
    scores = "facility,quarter,score\nA1,2021Q1,70\nA2,2021Q1,60\nA1,2021Q1,75\n"

    data = load(tmp_path, register, scores, skip_faulty=True)

    assert data.register.population.tolist() == [9000, 8000]
    assert '"r.csv, row 4","""Chrey HC"" has the id or uid of r.csv, row 2' in said(tmp_path)
    assert 'population ""9900"", there ""9000""; this row is left out, the first is used' in said(tmp_path)
    assert ('""A1"", 2021Q1, total: different scores; s.csv, row 2 says 70; s.csv, row 4 says 75 (2 rows); left out'
            ) in said(tmp_path)


# -------------------------------------------------------------------------------------------------- causes of jumps


def grid_of(rows):
    quarters = [f"{year}Q{quarter}" for year in (2020, 2021) for quarter in (1, 2, 3, 4)]
    register = HEAD + "".join(f"A{at:02d},Phum {at} HC,HC,Battambang,OD {at},9000\n" for at in range(len(rows)))
    scores = ",".join(["facility", *quarters]) + "\n" + "".join(
        f"A{at:02d},{','.join(map(str, row))}\n" for at, row in enumerate(rows))
    return register, scores


def test_exact_zeros_are_one_warning_and_no_jumps(tmp_path):
    rows = [[70 + at] * 8 for at in range(12)]
    rows[1][2], rows[1][5], rows[4][7] = 0, 0, 0

    load(tmp_path, *grid_of(rows), accept=["rounds"])

    quality = said(tmp_path)
    assert 'exactly 0: 3 total scores of 2 facilities, the first of ""Phum 1 HC"" in 2020Q3' in quality
    assert "warning,jump" not in quality


def test_a_score_apart_from_both_neighbours_is_one_line_and_a_step_of_many_is_one_line(tmp_path):
    rows = [[45 + at] * 8 for at in range(12)]
    rows[1][2] = 5
    for row in rows[:11]:
        row[4:] = [score + 40 for score in row[4:]]

    load(tmp_path, *grid_of(rows), accept=["rounds"])

    jumps = [line for line in said(tmp_path).splitlines() if line.startswith("warning,jump")]
    assert len(jumps) == 2
    assert "11 of 12 facilities change by 30 points or more from 2020Q4 to 2021Q1, 11 of them upwards" in jumps[0]
    assert '""Phum 1 HC"" has 5 in 2020Q3, between 46 before and 46 after' in jumps[1]
