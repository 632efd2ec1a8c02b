"""Forms that people download: DHIS2's Data Visualizer, pivot tables, analytics, lists of units and of data values; ODK.

The files are invented; their forms are those of public files of ministries and projects in several countries.
"""

import datetime
import io
import json

import openpyxl
import pytest

from qicsim import import_data
from qicsim.ground.errors import DataError

TODAY = datetime.date(2026, 1, 31)
ELEMENT, OTHER, COMBO = "nQemTotal01", "oPdVisits02", "HllvX50cXC0"
ZED, YOD = "Facilityd04", "Facilitye05"
REGISTER = (f"uid,code,name,type,province,OD,population\n{ZED},0001,Zed HC,HC,Kampot,Kampot 1,9000\n"
            f"{YOD},0002,Yod HC,HC,Kampot,Kampot 1,8000\n")


def put(folder, name, content):
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else
                     (content if isinstance(content, str) else json.dumps(content)).encode())
    return file


def scored(folder, content, name="s.csv", **more):
    return import_data(put(folder, "r.csv", REGISTER), put(folder, name, content), out=folder / "data", today=TODAY,
                       **more)


def registered(folder, *contents, **more):
    files = [put(folder, f"u{number}.json" if not isinstance(each, str) else f"u{number}.csv", each)
             for number, each in enumerate(contents)]
    return import_data(files, out=folder / "data", today=TODAY, **more)


def said(folder, name="quality.csv"):
    return (folder / "data" / name).read_text(encoding="utf-8")


def refused(work, *parts, **more):
    with pytest.raises(DataError) as refusal:
        work(*parts, **more)
    return str(refusal.value)


# -------------------------------------------------------------------------------------------- tables of DHIS2's apps


VISUALIZER = ("organisationunitid,organisationunitname,organisationunitcode,organisationunitdescription,"
              "{0},{1}\n" + f"{ZED},Zed HC,0001,,70,72\n{YOD},Yod HC,0002,,60,\n")


@pytest.mark.parametrize("heads", [
    ("Apr - Jun 2021 NQEM total", "Jul - Sep 2021 NQEM total"), ("2021Q2", "2021Q3"),
    ("Quarter 2 2021 Quality of care", "Quarter 3 2021 Quality of care"), ("Apr - Jun 2021", "Jul - Sep 2021"),
    ("Quality of care April to June 2021", "Quality of care July to September 2021"),
    ("Quality of care Q2 2021", "Quality of care Q3 2021")])
def test_a_table_of_the_data_visualizer_has_periods_and_data_in_its_headings(tmp_path, heads):
    data = scored(tmp_path, VISUALIZER.format(*heads))

    assert data.quarters == ("2021Q2", "2021Q3")
    assert data.scores[:, 0].tolist() == [70, 60] and data.scores[0, 1] == 72
    assert ("is the only data element; read as the total score" in said(tmp_path)) == ("Quality" in heads[0])


def test_months_of_the_data_visualizer_stand_for_their_quarter(tmp_path):
    data = scored(tmp_path, VISUALIZER.format("May 2025 Quality of care", "August 2025 Quality of care"))

    assert data.quarters == ("2025Q2", "2025Q3") and data.scores[0].tolist() == [70, 72]


def test_two_data_of_the_visualizer_are_told_apart_by_elements(tmp_path):
    table = VISUALIZER.format("Apr - Jun 2021 Quality (NQEM)", "Apr - Jun 2021 OPD visits").replace("72", "3100")

    assert "2 data elements and no mapping: Quality (NQEM), OPD visits" in refused(scored, tmp_path, table)
    assert scored(tmp_path, table, elements=["Quality (NQEM)=total"]).scores[0, 0] == 70


def test_a_pivot_table_with_periods_in_rows_is_read(tmp_path):
    data = scored(tmp_path, "periodid,periodname,periodcode,perioddescription,organisationunitid,organisationunitname,"
                            f"organisationunitcode,organisationunitdescription,Total\n2021Q2,Apr - Jun 2021,,,{ZED},"
                            f"Zed HC,0001,,70\n2021Q2,Apr - Jun 2021,,,{YOD},Yod HC,0002,,60\n")

    assert data.quarters == ("2021Q2",) and data.scores[:, 0].tolist() == [70, 60]


# -------------------------------------------------------------------------------------------------------- analytics


@pytest.mark.parametrize("heads", ["dx,pe,ou,value", "Data,Period,Organisation unit,Value",
                                   '"dataid","periodid","organisationunitid","Value"'])
def test_the_csv_of_analytics_is_read(tmp_path, heads):
    table = f"{heads}\n{ELEMENT},2021Q2,{ZED},70.5\n{ELEMENT},2021Q2,{YOD},60\n{OTHER},2021Q2,{ZED},3000\n"

    data = scored(tmp_path, table, elements=[f"{ELEMENT}=total"])

    assert data.scores[:, 0].tolist() == [70.5, 60]


def analytics(heads, rows):
    return {"headers": [{"name": name, "column": name, "valueType": "TEXT", "hidden": False, "meta": True}
                        for name in heads],
            "metaData": {"items": {ELEMENT: {"name": "NQEM"}}, "dimensions": {"dx": [ELEMENT]}}, "rows": rows,
            "width": len(heads), "height": len(rows)}


def test_the_json_of_analytics_is_read_by_its_headers(tmp_path):
    rows = [[ZED, ELEMENT, "2021Q2", "70.5"], [YOD, ELEMENT, "2021Q2", "60.0"]]
    answer = analytics(("ou", "dx", "pe", "value"), rows)

    assert scored(tmp_path, answer, "s.json").scores[:, 0].tolist() == [70.5, 60]


def test_an_answer_of_analytics_with_a_filter_says_what_to_ask_for(tmp_path):
    message = refused(scored, tmp_path, analytics(("ou", "value"), [[ZED, "70.5"]]), "s.json")

    assert "s.json: is the answer of analytics with the headers ou, value" in message
    assert "dimension=dx:...&dimension=pe:...&dimension=ou:... without filters" in message


# ------------------------------------------------------------------------------------------------------ data values


def value(unit, number, period="2021Q2"):
    return {"dataElement": ELEMENT, "period": period, "orgUnit": unit, "value": number}


def test_a_bare_list_of_data_values_is_read(tmp_path):
    assert scored(tmp_path, [value(ZED, 70), value(YOD, "60.5")], "s.json").scores[:, 0].tolist() == [70, 60.5]


def test_a_list_of_other_things_says_what_it_lacks(tmp_path):
    message = refused(scored, tmp_path, [{"name": "Zed HC", "period": "2021Q2"}], "s.json")

    assert "s.json, row 1: no object has dataElement, orgUnit, value" in message


def test_a_count_that_is_taken_for_a_score_is_asked_about(tmp_path):
    message = refused(scored, tmp_path, [value(ZED, 1), value(YOD, 1)], "s.json")

    assert "s.json, row 1: total: 2 scores from 1 to 1, and none above 20" in message


def test_data_values_without_headings_are_read_by_position(tmp_path):
    table = f"{ELEMENT},2021Q2,{ZED},{COMBO},{COMBO},70\n{ELEMENT},2021Q2,{YOD},{COMBO},{COMBO},60\n"

    data = scored(tmp_path, table)

    assert data.scores[:, 0].tolist() == [70, 60]
    assert "s.csv,,1,2,,2,used," in said(tmp_path, "accounts.csv")


def test_spaces_between_commas_and_quotation_marks_do_not_matter(tmp_path):
    table = ('"dataelement", "period", "orgunit", "categoryoptioncombo", "attributeoptioncombo", "value"\n'
             f'"{ELEMENT}", "2021Q2", "{ZED}", "{COMBO}", "{COMBO}", "70"\n')

    assert scored(tmp_path, table).scores[0, 0] == 70


def test_xml_is_refused_in_words(tmp_path):
    message = refused(scored, tmp_path, '<?xml version="1.0"?><dataValueSet xmlns="http://dhis2.org/schema/dxf/2.0"/>')

    assert "is XML or a page of the web, which is not read. Download it as CSV, JSON or XLSX" in message


@pytest.mark.parametrize("period", ["2019Oct", "2020OctQ1", "2020NovQ1", "FY2020 Q1", "202001B", "2020W14"])
def test_periods_of_other_lengths_are_refused_with_the_reason(tmp_path, period):
    assert f'the quarter "{period}" is a week, two months, or part of a financial year' in refused(
        scored, tmp_path, [value(ZED, 70, period)], "s.json")


# ------------------------------------------------------------------------------------------------ organisation units


def nested(uid, name, *children, **more):
    return {"id": uid, "displayName": name, "children": list(children)} | more


TREE = nested("Countryaa01", "Landia", nested("Provinceb02", "Kampot", nested(
    "Districtc03", "Kampot 1", nested(ZED, "Zed HC"), nested(YOD, "Yod HC"))))


@pytest.mark.parametrize("tree", [TREE, {"organisationUnits": [TREE]}, [TREE]])
def test_units_nested_in_each_other_are_read(tmp_path, tree):
    data = registered(tmp_path, tree)

    assert data.register.id == (ZED, YOD)
    assert data.register.province == ("Kampot",) * 2 and data.register.operational_district == ("Kampot 1",) * 2


def test_children_that_are_only_references_are_no_units_of_their_own(tmp_path):
    flat = [{"id": "Countryaa01", "name": "Landia", "level": 1, "path": "/Countryaa01",
             "children": [{"id": "Provinceb02"}]},
            {"id": "Provinceb02", "name": "Kampot", "level": 2, "path": "/Countryaa01/Provinceb02"},
            {"id": "Districtc03", "name": "Kampot 1", "level": 3, "path": "/Countryaa01/Provinceb02/Districtc03",
             "children": [{"id": ZED}]},
            {"id": ZED, "name": "Zed HC", "level": 4, "path": f"/Countryaa01/Provinceb02/Districtc03/{ZED}"}]

    assert registered(tmp_path, {"organisationUnits": flat}).register.id == (ZED,)


def test_units_without_their_place_in_the_hierarchy_say_what_to_ask_for(tmp_path):
    message = refused(registered, tmp_path, {"organisationUnits": [
        {"id": ZED, "name": "Zed HC"}, {"id": YOD, "name": "Yod HC"}]})

    assert "u0.json, row 1: 2 organisation units, and none says its parent, path or level" in message
    assert "fields=id,code,name,level,path," in message
    assert "units at level" not in message


def test_groups_in_a_file_of_their_own_say_the_types(tmp_path):
    path = "/Countryaa01/Provinceb02/Districtc03"
    units = {"organisationUnits": [
        {"id": "Countryaa01", "displayName": "Landia", "path": "/Countryaa01"},
        {"id": "Provinceb02", "displayName": "Kampot", "path": "/Countryaa01/Provinceb02"},
        {"id": "Districtc03", "displayName": "Kampot 1", "path": path},
        {"id": ZED, "displayName": "Zed", "path": f"{path}/{ZED}", "organisationUnitGroups": [{"id": "groupHealth1"}]},
        {"id": YOD, "displayName": "Yod", "path": f"{path}/{YOD}"}]}
    groups = {"organisationUnitGroups": [{"id": "groupHealth1", "displayName": "Health Centre"},
                                         {"id": "groupHospit2", "name": "CPA2", "organisationUnits": [{"id": YOD}]}]}

    assert registered(tmp_path, units, groups).register.type == ("health_centre", "CPA2")
    assert registered(tmp_path, groups, units).register.type == ("health_centre", "CPA2")


# --------------------------------------------------------------------------------------------- lists of other programs


def test_a_row_of_hxl_hashtags_below_titles_is_no_facility(tmp_path):
    table = ("Health facilities of Landia,,,,\nSource: survey,,,,\n,,,,\nsite_code,site_name,type,province,od_name\n"
             "#loc+code,#loc+name,#loc+type,#adm1+name,#adm2+name\n0001,Zed,HC,Kampot,Kampot 1\n0002,Yod,HC,Kampot,"
             "Kampot 1\n")

    data = registered(tmp_path, table)

    assert data.register.name == ("Zed", "Yod") and data.register.code == ("0001", "0002")
    assert "u0.csv,,5,5,,1,not used,a row of hashtags" in said(tmp_path, "accounts.csv")


@pytest.mark.parametrize("heads", ["intro-facility_code,intro-quarter,nqem-score",
                                   "intro/facility_code,intro/quarter,score",
                                   "data/intro/facility_code,data/quarter,data/nqem/score"])
def test_headings_of_odk_and_kobo_are_known_without_their_groups(tmp_path, heads):
    assert scored(tmp_path, f"{heads}\n0001,2021Q1,70\n").scores[0, 0] == 70


@pytest.mark.parametrize("heading", ["sub-district", "non-total", "co-name"])
def test_other_words_with_hyphens_are_not_cut(tmp_path, heading):
    scored(tmp_path, f"code,quarter,score,{heading}\n0001,2021Q1,70,77\n")

    assert f"columns that are not known, or stand twice: {heading}" in said(tmp_path)


def test_a_workbook_with_a_sheet_for_each_quarter_takes_the_quarters_from_their_names(tmp_path):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, score in (("2021Q1", 70), ("Q2 2021", 72), ("Notes", None)):
        sheet = book.create_sheet(name)
        for row in ([["code", "score"], ["0001", score]] if score else [["only", "words"]]):
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)

    data = scored(tmp_path, content.getvalue(), "s.xlsx")

    assert data.quarters == ("2021Q1", "2021Q2") and data.scores[0].tolist() == [70, 72]
    assert "has no column of quarters; the name of the sheet says it" in said(tmp_path)


def test_a_list_with_districts_and_regions_only_says_which_heading_to_explain(tmp_path):
    table = "code,name,type,Region,District\n0001,Zed HC,HC,Kampot,Kampot 1\n0002,Yod HC,HC,Kampot,Kampot 1\n"

    message = refused(registered, tmp_path, table)

    assert '"Zed HC": has no province (2 rows, the last is row 3)' in message
    assert "No column was taken for it: say which one it is in --crosswalk FILE, heading,ITS TEXT,province" in message
    answer = put(tmp_path, "c.csv", "kind,from,to\nheading,Region,province\n")
    assert registered(tmp_path, table, crosswalk=answer).register.province == ("Kampot",) * 2


def test_levels_of_care_as_types_are_one_line_for_each_level(tmp_path):
    table = "code,name,level of care,province,OD\n" + "".join(
        f"{at:04d},Site {at},{at % 3},Kampot,Kampot 1\n" for at in range(60))

    message = refused(registered, tmp_path, table)

    assert len(message.splitlines()) == 4
    assert '"2" is not a known facility type (20 rows; also "Site 5" (row 7)' in message
