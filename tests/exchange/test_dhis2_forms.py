"""DHIS2 files in their documented forms: organisation units and data value sets, in CSV and JSON."""

import json

import pytest

from qicsim import import_data
from qicsim.ground.calendar import parse_month
from qicsim.ground.errors import DataError, SettingError
from qicsim.inputs.world.register import register_text

GROUPS = {"HC": "Health Center", "RH": "CPA2"}


def unit(uid, name, level, path, parent=None, **more):
    return {"id": uid, "name": name, "level": level, "path": path, "code": more.pop("code", f"C{uid[-2:]}"),
            "openingDate": "2010-01-01T00:00:00.000"} | ({"parent": {"id": parent}} if parent else {}) | more


UNITS = [
    unit("KHcountry01", "Cambodia", 1, "/KHcountry01"),
    unit("KHprovinc02", "Battambang PHD", 2, "/KHcountry01/KHprovinc02", "KHcountry01"),
    unit("KHdistric03", "Thma Koul", 3, "/KHcountry01/KHprovinc02/KHdistric03", "KHprovinc02"),
    unit("KHfacilit04", "Chrey HC", 4, "/KHcountry01/KHprovinc02/KHdistric03/KHfacilit04", "KHdistric03",
         geometry={"type": "Point", "coordinates": [103.2, 13.1]},
         closedDate="2024-03-31T00:00:00.000",
         organisationUnitGroups=[{"id": "gHC00000001", "name": "Health Center"}]),
    unit("KHfacilit05", "Thma Koul", 4, "/KHcountry01/KHprovinc02/KHdistric03/KHfacilit05", "KHdistric03",
         organisationUnitGroups=[{"name": "CPA2"}, {"name": "Public"}]),
    unit("KHfacilit06", "Dr Sok", 4, "/KHcountry01/KHprovinc02/KHdistric03/KHfacilit06", "KHdistric03",
         organisationUnitGroups=[{"name": "Private clinics"}, {"name": "Private"}]),
    unit("KHvillage07", "Phum 1", 5, "/KHcountry01/KHprovinc02/KHdistric03/KHfacilit04/KHvillage07", "KHfacilit04"),
]
METADATA = """name,uid,code,parent,short name,description,opening date,closed date,comment,feature type,coordinates
Cambodia,KHcountry01,KH,,,,1970-01-01
Battambang,KHprovinc02,02,KHcountry01,,,1970-01-01
OD Thma Koul,KHdistric03,0203,KHprovinc02,,,1970-01-01
"Chrey, Health Center",KHfacilit04,020304,KHdistric03,Chrey,,2012-06-01,,,POINT,"[103.2,13.1]"
Thma Koul CPA1,KHfacilit05,020305,KHdistric03,,,1970-01-01
"""
LONG = ("dataelement,period,orgunit,categoryoptioncombo,attributeoptioncombo,value,storedby,lastupdated,comment,"
        "followup\n")
SHORT = '"dataelement","period","orgunit","catoptcombo","attroptcombo","value","strby","lstupd","cmt","flwup"\n'
ODD = "de,pe,ou,c,a,v,s,l,m,f\n"
VALUES = ("NQEM_TOTAL,2021Q1,KHfacilit04,HllvX50cXC0,HllvX50cXC0,71.5,sok,2021-05-01,,false\n"
          "NQEM_TOTAL,2021Q2,KHfacilit04,HllvX50cXC0,HllvX50cXC0,74,sok,2021-08-01,,false\n"
          "NQEM_STRUCT,2021Q2,KHfacilit05,HllvX50cXC0,HllvX50cXC0,60,sok,2021-08-01,,false\n"
          "OPD_VISITS,2021Q2,KHfacilit05,HllvX50cXC0,HllvX50cXC0,1200,sok,2021-08-01,,false\n")
ELEMENTS = {"NQEM_TOTAL": "total", "NQEM_STRUCT": "Structure"}


def put(folder, name, content):
    file = folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


@pytest.fixture
def metadata(tmp_path):
    return put(tmp_path, "units.csv", METADATA)


def test_units_of_the_web_api_become_facilities_with_all_that_they_carry(tmp_path):
    file = put(tmp_path, "units.json", {"organisationUnits": UNITS})

    data = import_data(file, out=tmp_path / "data", leave_out=["private"])

    first, second = data.register.facilities
    assert (first.id, first.name, first.type, first.code) == ("KHfacilit04", "Chrey HC", "health_centre", "C04")
    assert (first.province, first.operational_district) == ("Battambang", "Thma Koul")
    assert (first.latitude, first.longitude) == (13.1, 103.2)
    assert (first.opened, first.closed) == (parse_month("2010-01"), parse_month("2024-03"))
    assert (second.type, second.dhis2_uid) == ("CPA2", "KHfacilit05")
    accounts = (tmp_path / "data" / "accounts.csv").read_text(encoding="utf-8")
    assert "units.json,,1,3,,3,not used,unit above the facility level" in accounts
    assert "units.json,,6,6,,1,not used,left out on request: private" in accounts
    assert "units.json,,7,7,,1,not used,unit below the facility level" in accounts


def test_pages_in_any_order_say_the_same_as_one_file(tmp_path):
    everything = put(tmp_path, "all.json", {"organisationUnits": UNITS})
    whole = import_data(everything, out=tmp_path / "a", leave_out=["private"])
    pages = [put(tmp_path, f"{number}.json", {"pager": {"page": number, "pageCount": 2}, "organisationUnits": part})
             for number, part in ((2, UNITS[4:]), (1, UNITS[:5]))]

    paged = import_data(pages, out=tmp_path / "b", leave_out=["private"])

    assert register_text(paged.register) == register_text(whole.register)
    assert "the same organisation unit again" in (tmp_path / "b" / "accounts.csv").read_text(encoding="utf-8")


def test_a_missing_page_is_an_error_of_facilities_without_parents(tmp_path):
    with pytest.raises(DataError, match="has no province and no operational district") as refusal:
        import_data(put(tmp_path, "2.json", {"organisationUnits": UNITS[3:5]}), out=tmp_path / "data")

    assert "check --levels and give every page" in str(refusal.value)
    assert not (tmp_path / "data").exists()


def test_metadata_in_csv_is_read_by_position_with_short_lines(tmp_path, metadata):
    data = import_data(metadata, out=tmp_path / "data")

    first, second = data.register.facilities
    assert (first.id, first.name, first.code) == ("KHfacilit04", "Chrey, Health Center", "020304")
    assert (first.operational_district, first.opened) == ("OD Thma Koul", parse_month("2012-06"))
    assert (first.latitude, first.longitude) == (13.1, 103.2)
    assert second.type == "CPA1"


def test_the_smallest_metadata_export_will_do(tmp_path):
    short = "\n".join(",".join(line.split(",")[:4]) for line in METADATA.replace("Chrey, H", "Chrey H").splitlines())

    data = import_data(put(tmp_path, "units.csv", short), out=tmp_path / "data")

    assert data.register.id == ("KHfacilit04", "KHfacilit05")


def test_levels_are_a_setting(tmp_path):
    deeper = [one | {"level": one["level"] + 1} for one in UNITS[:6]]
    file = put(tmp_path, "units.json", deeper)

    data = import_data(file, out=tmp_path / "data", levels="province=3,district=4,facility=5", leave_out=["private"])

    assert data.register.id == ("KHfacilit04", "KHfacilit05")
    with pytest.raises(DataError, match="no facility|no province|not a province"):
        import_data(file, out=tmp_path / "other", leave_out=["private"])


@pytest.mark.parametrize("levels", ["province=2", "country=1,province=3,district=2,facility=4", "ward=1", "facility=x"])
def test_faulty_levels_are_refused(tmp_path, metadata, levels):
    with pytest.raises(SettingError, match="--levels"):
        import_data(metadata, out=tmp_path / "data", levels=levels)


def test_units_that_are_their_own_ancestors_do_not_hang(tmp_path):
    loop = [{"id": "Aaaaaaaaaa1", "name": "A HC", "level": 4, "parent": {"id": "Aaaaaaaaaa2"}},
            {"id": "Aaaaaaaaaa2", "name": "B", "level": 3, "parent": {"id": "Aaaaaaaaaa1"}}]

    with pytest.raises(DataError, match="has no province"):
        import_data(put(tmp_path, "units.json", loop), out=tmp_path / "data")


@pytest.mark.parametrize("header", [LONG, SHORT, ODD], ids=["long", "short", "unknown"])
def test_data_values_in_csv_are_read_whatever_their_header_says(tmp_path, metadata, header):
    data = import_data(metadata, put(tmp_path, "values.csv", header + VALUES), out=tmp_path / "data", elements=ELEMENTS)

    assert data.quarters == ("2021Q1", "2021Q2")
    assert data.scores[0].tolist() == [71.5, 74.0]
    assert data.by_item["structure"][1, 1] == 60
    assert "OPD_VISITS" in (tmp_path / "data" / "quality.csv").read_text(encoding="utf-8")


def test_both_forms_of_json_say_the_same(tmp_path, metadata):
    rows = [line.split(",") for line in VALUES.splitlines()]
    bulk = {"dataValues": [{"dataElement": row[0], "period": row[1], "orgUnit": row[2], "value": row[5]}
                           for row in rows]}
    single = {"dataSet": "pBOMPrpg1QX", "completeDate": "2021-08-03", "period": "2021Q2", "orgUnit": "020304",
              "dataValues": [{"dataElement": "NQEM_TOTAL", "value": "74"}]}

    whole = import_data(metadata, put(tmp_path, "bulk.json", bulk), out=tmp_path / "a", elements=ELEMENTS)
    one = import_data(metadata, put(tmp_path, "one.json", single), out=tmp_path / "b", elements=ELEMENTS)

    assert whole.scores[0].tolist() == [71.5, 74.0]
    assert one.quarters == ("2021Q2",) and one.scores[0, 0] == 74.0


def test_deleted_values_are_not_used(tmp_path, metadata):
    bulk = {"dataValues": [
        {"dataElement": "X", "period": "202105", "orgUnit": "KHfacilit04", "value": "70"},
        {"dataElement": "X", "period": "202106", "orgUnit": "KHfacilit04", "value": "90", "deleted": True}]}

    data = import_data(metadata, put(tmp_path, "bulk.json", bulk), out=tmp_path / "data")

    assert data.scores[0].tolist() == [70.0]


def test_one_data_element_is_taken_for_the_total_with_a_warning_and_several_are_an_error(tmp_path, metadata):
    one = put(tmp_path, "one.csv", LONG + VALUES.splitlines(keepends=True)[0])
    several = put(tmp_path, "several.csv", LONG + VALUES)

    import_data(metadata, one, out=tmp_path / "data")

    quality = (tmp_path / "data" / "quality.csv").read_text(encoding="utf-8")
    assert "is the only data element; read as the total" in quality
    with pytest.raises(DataError, match="3 data elements and no mapping: NQEM_TOTAL"):
        import_data(metadata, several, out=tmp_path / "other")


def test_elements_may_stand_in_a_file_and_unknown_items_are_refused(tmp_path, metadata):
    values = put(tmp_path, "values.csv", LONG + VALUES)
    mapping = put(tmp_path, "elements.csv", "data element,item\nNQEM_TOTAL,total\nNQEM_STRUCT,hand hygiene\n")

    data = import_data(metadata, values, out=tmp_path / "data", elements=[str(mapping)])

    assert data.by_item["hand_hygiene"][1, 1] == 60
    with pytest.raises(SettingError, match='"totl".*is nothing that a score can be of.*Did you mean "total"'):
        import_data(metadata, values, out=tmp_path / "other", elements=["NQEM_TOTAL=totl"])


@pytest.mark.parametrize("content", ["{}", "[]", "[1]", '{"organisationUnits": 3}', '{"organisationUnits": [3, null]}',
                                     '{"organisationUnits": [{"id": [], "path": 3, "level": "x", "geometry": {}}]}',
                                     '{"dataValues": [{}]}', "{", '{"a":' * 5000])
def test_other_json_is_refused_in_words(tmp_path, metadata, content):
    file = put(tmp_path, "other.json", content)

    with pytest.raises(DataError):
        import_data(file, out=tmp_path / "data")
    with pytest.raises(DataError):
        import_data(metadata, file, out=tmp_path / "data")
