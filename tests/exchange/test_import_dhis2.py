"""Category option combos of data values, and groups that stand beside the units of a metadata export."""

import json

import pytest

from qicsim import import_data
from qicsim.ground.errors import DataError
from qicsim.inputs.exchange.dhis2 import observed_elements

UNITS = ("name,uid,code,parent\nCambodia,KHcountry01,KH,\nBattambang,KHprovinc02,02,KHcountry01\n"
         "OD Thma Koul,KHdistric03,0203,KHprovinc02\nChrey HC,KHfacilit04,020304,KHdistric03\n"
         "Prek HC,KHfacilit05,020305,KHdistric03\n")
HEAD = "dataelement,period,orgunit,categoryoptioncombo,attributeoptioncombo,value\n"
TWO = HEAD + ("NQEMtotal01,2021Q1,KHfacilit04,ComboSelf01,Default0001,70\n"
              "NQEMtotal01,2021Q1,KHfacilit04,ComboVerif2,Default0001,62\n"
              "NQEMtotal01,2021Q1,KHfacilit05,ComboVerif2,Default0001,55\n")


def put(folder, name, content):
    file = folder / name
    file.write_text(content, encoding="utf-8")
    return file


def load(folder, values, name="v.csv", **more):
    return import_data(put(folder, "u.csv", UNITS), put(folder, name, values), out=folder / "data", **more)


def as_json(table):
    heads = ("dataElement", "period", "orgUnit", "categoryOptionCombo", "attributeOptionCombo", "value")
    rows = [dict(zip(heads, line.split(","), strict=True)) for line in table.splitlines()[1:]]
    return json.dumps({"dataValues": rows})


@pytest.mark.parametrize("values", [TWO, as_json(TWO)], ids=["csv", "json"])
@pytest.mark.parametrize("elements", [(), ("NQEMtotal01=total",)])
def test_several_combos_of_one_element_are_refused_by_name(tmp_path, values, elements):
    with pytest.raises(DataError) as refusal:
        load(tmp_path, values, elements=elements)

    assert ('"NQEMtotal01" has several category option combos: ComboSelf01 (1 values), ComboVerif2 (2 values) (3 rows)'
            ) in str(refusal.value)
    assert "--elements NQEMtotal01.ComboSelf01=total" in str(refusal.value)


@pytest.mark.parametrize("values", [TWO, as_json(TWO)], ids=["csv", "json"])
def test_the_combo_that_is_chosen_is_read_and_named(tmp_path, values):
    data = load(tmp_path, values, elements=["NQEMtotal01.ComboVerif2=total"])

    assert data.scores[:, 0].tolist() == [62, 55]
    quality = (tmp_path / "data" / "quality.csv").read_text(encoding="utf-8")
    assert '""NQEMtotal01"" with the category option combo ComboVerif2: 2 values, read as total' in quality
    assert '""NQEMtotal01"" is not read' in quality
    assert "nqemtotal01" in observed_elements(tmp_path / "data")


def test_each_combo_may_be_another_item(tmp_path):
    data = load(tmp_path, TWO, elements=["NQEMtotal01.ComboVerif2=total", "NQEMtotal01.ComboSelf01=structure"])

    assert data.by_item["structure"][0, 0] == 70 and data.scores[0, 0] == 62


def test_a_single_combo_is_named_and_read_and_attribute_combos_count_where_there_are_two(tmp_path):
    one = "".join(line + "\n" for line in TWO.splitlines() if "Self" not in line)
    assert load(tmp_path, one, elements=["NQEMtotal01=total"]).scores[:, 0].tolist() == [62, 55]
    assert "category option combo ComboVerif2: 2 values" in (tmp_path / "data" / "quality.csv").read_text("utf-8")

    with pytest.raises(DataError, match=r"ComboVerif2\.Default0001 \(1 values\), ComboVerif2\.Other000001 \(1"):
        load(tmp_path, one.replace("05,ComboVerif2,Default0001", "05,ComboVerif2,Other000001"),
             elements=["NQEMtotal01=total"])


def test_groups_beside_the_units_are_joined_to_them(tmp_path):
    levels = {"KHcountry01": 1, "KHprovinc02": 2, "KHdistric03": 3, "KHfacilit04": 4, "KHfacilit05": 4}
    rows = [line.split(",") for line in UNITS.replace(" HC", "").splitlines()[1:]]
    units = [{"id": uid, "name": name, "code": code, "level": levels[uid], "parent": {"id": parent}}
             for name, uid, code, parent in rows]
    units[-1]["organisationUnitGroups"] = [{"id": "Grouphosp02"}]
    groups = [{"id": "Grouphc0001", "name": "Health Center", "organisationUnits": [{"id": "KHfacilit04"}]},
              {"id": "Grouphosp02", "name": "CPA2", "organisationUnits": [{"id": "KHfacilit05"}, {}, 3]}, 3, {}]
    file = put(tmp_path, "m.json", json.dumps({"organisationUnits": units, "organisationUnitGroups": groups}))

    assert import_data(file, out=tmp_path / "data").register.type == ("health_centre", "CPA2")
