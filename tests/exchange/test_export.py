"""What `qicsim export` writes: read back by the readers of `qicsim import` it is what was projected."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from datetime import date

import numpy as np
import openpyxl
import pandas as pd
import pytest

from qicsim import import_data
from qicsim.analysis.projection import project
from qicsim.cli import main
from qicsim.ground.errors import DataError, SettingError
from qicsim.ground.outputs import RECORD
from qicsim.inputs.exchange.dhis2 import (
    HEADER,
    DataValues,
    elements_of,
    last_open,
    observed_elements,
    open_future,
    refuse_observed,
    uid_of,
    write_csv_values,
    write_json_values,
)
from qicsim.inputs.exchange.folder import read_units
from qicsim.inputs.world.register import read_register
from qicsim.report.projection_files import plan_export, write_projection
from qicsim.runs.draws import prior_draws
from tests.exchange.exported import NASTY, country

UID = re.compile(r"[A-Za-z][A-Za-z0-9]{10}")
MEASURED = {"QIC_NQEM_MEDIAN": "recorded_median", "QIC_NQEM_P05": "recorded_p05", "QIC_NQEM_P95": "recorded_p95",
            "QIC_NQEM_MEAN": "recorded_mean", "QIC_TRUE_MEDIAN": "true_median", "QIC_TRUE_P95": "true_p95"}

TODAY = date(2019, 2, 14)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("country")
    country(place)
    return place


@pytest.fixture(scope="module")
def projection(folder):
    return project(folder / "s.toml", draws=prior_draws(5, 1), since="2019Q1")


@pytest.fixture(scope="module")
def out(folder, projection):
    plan = plan_export(read_register(folder / "register.csv"), today=TODAY)
    write_projection(projection, folder / "out", plan, {"command": "test"})
    return folder / "out"


@pytest.fixture(scope="module")
def nasty(tmp_path_factory):
    """Names and codes that attack spreadsheets and pages."""
    place = tmp_path_factory.mktemp("nasty")
    file = country(place, nasty=True)
    plan = plan_export(read_register(place / "register.csv"), identify="code")
    write_projection(project(file, draws=prior_draws(2, 1), since="2020Q1"), place / "out", plan, {})
    return place / "out"


@pytest.mark.parametrize(("name", "element", "column"), [
    *(("dhis2-values.csv", *measured) for measured in MEASURED.items()),
    ("dhis2-values.json", *next(iter(MEASURED.items())))])  # with the same rows, as the next test finds
def test_what_goes_out_to_dhis2_comes_in_again_equal(folder, out, projection, tmp_path, name, element, column):
    data = import_data(folder / "register.csv", out / name, out=tmp_path / "data", elements={element: "total"},
                       scale="100")

    table = projection.table("facility")
    expected = table.pivot_table(index="id", columns="period", values=column, dropna=False)
    assert data.quarters == projection.quarters
    np.testing.assert_array_equal(data.scores, expected.loc[list(data.register.id)].round(2).to_numpy())


def test_csv_and_json_hold_the_same_rows(out):
    with (out / "dhis2-values.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    values = json.loads((out / "dhis2-values.json").read_text(encoding="utf-8"))["dataValues"]

    assert tuple(head) == HEADER
    assert [(row[0], row[1], row[2], row[5]) for row in rows] == [
        (one["dataElement"], one["period"], one["orgUnit"], one["value"]) for one in values]
    assert all(isinstance(one["value"], str) for one in values)
    assert len(rows) == 10 * (43 * 8 - 1)  # elements, facilities, quarters; one opens in the second quarter


def test_probabilities_are_shares(out, projection):
    values = pd.read_csv(out / "dhis2-values.csv", dtype={"value": float})
    reach = values[values["dataelement"] == "QIC_NQEM_REACH"].set_index(["orgunit", "period"])["value"]
    table = projection.table("facility").set_index(["dhis2_uid", "period"])["recorded_probability"]

    assert reach.between(0, 1).all()
    np.testing.assert_allclose(reach, table.loc[reach.index].round(4))


def test_metadata_create_what_the_values_name_in_a_data_set_of_their_own(out):
    made = json.loads((out / "dhis2-metadata.json").read_text(encoding="utf-8"))
    (data_set,) = made["dataSets"]
    elements = made["dataElements"]
    values = pd.read_csv(out / "dhis2-values.csv", dtype=str)

    assert {one["code"] for one in elements} == set(values["dataelement"])
    assert {one["id"] for one in data_set["organisationUnits"]} == set(values["orgunit"])
    assert [one["dataElement"]["id"] for one in data_set["dataSetElements"]] == [one["id"] for one in elements]
    assert data_set["periodType"] == "Quarterly" and data_set["openFuturePeriods"] == 8 + 4
    assert all(UID.fullmatch(one["id"]) and len(one["code"]) <= 50 and len(one["shortName"]) <= 50
               and len(one["name"]) <= 230 for one in (*elements, data_set))
    assert {one["aggregationType"] for one in elements if one["code"].endswith(("MEDIAN", "P05", "P95"))} == {"NONE"}


def test_the_category_combination_is_the_servers_own_unless_one_is_said(folder, projection, out, tmp_path):
    made = json.loads((out / "dhis2-metadata.json").read_text(encoding="utf-8"))
    plan = plan_export(read_register(folder / "register.csv"), formats=["dhis2"], today=TODAY,
                       category_combo="p0KPaWEg3cf", attribute_combo="aTTrcombo01")
    write_projection(projection, tmp_path / "out", plan, {})
    named = json.loads((tmp_path / "out" / "dhis2-metadata.json").read_text(encoding="utf-8"))
    values = pd.read_csv(tmp_path / "out" / "dhis2-values.csv", dtype=str)
    bulk = json.loads((tmp_path / "out" / "dhis2-values.json").read_text(encoding="utf-8"))["dataValues"]

    assert not any("categoryCombo" in one for one in (*made["dataElements"], *made["dataSets"]))
    assert {one["categoryCombo"]["id"] for one in (*named["dataElements"], *named["dataSets"])} == {"p0KPaWEg3cf"}
    assert "bjDvmb4bfuf" not in "".join(file.read_text(encoding="utf-8") for file in out.glob("dhis2-*"))
    assert set(values["attributeoptioncombo"]) == {"aTTrcombo01"} == {one["attributeOptionCombo"] for one in bulk}
    assert "look its uid up" in (out / "dhis2-notes.txt").read_text(encoding="utf-8")
    assert "combination p0KPaWEg3cf" in (tmp_path / "out" / "dhis2-notes.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["category_combo", "attribute_combo"])
def test_combinations_that_are_no_uids_are_refused(folder, name):
    with pytest.raises(SettingError, match=f'{name}: "default" is not a DHIS2 uid'):
        plan_export(read_register(folder / "register.csv"), **{name: "default"})


def test_each_value_says_its_scenario_and_its_draws(out, projection):
    values = pd.read_csv(out / "dhis2-values.csv", dtype=str)
    bulk = json.loads((out / "dhis2-values.json").read_text(encoding="utf-8"))["dataValues"]

    (comment,) = set(values["comment"])
    assert comment.startswith(f"{projection.scenario.name}, 5 runs, draws ") and ", qicsim 0." in comment
    assert {one["comment"] for one in bulk} == {comment}
    text = (out / "dhis2-notes.txt").read_text(encoding="utf-8")
    assert f'Each value has the comment "{comment}"' in text and "&async=true" in text


def test_districts_and_provinces_have_values_of_their_own_units(folder, projection, tmp_path):
    districts = projection.table("district")
    first = districts.iloc[0]
    above = {("district", first["province"], first["district"]): ("DistrictAA1", "D1"),
             ("province", first["province"], ""): ("ProvinceAA1", "P1")}
    plan = plan_export(read_register(folder / "register.csv"), formats=["dhis2"], today=TODAY, above=above)
    write_projection(projection, tmp_path / "out", plan, {})

    values = pd.read_csv(tmp_path / "out" / "dhis2-values.csv", dtype={"value": float})
    made = json.loads((tmp_path / "out" / "dhis2-metadata.json").read_text(encoding="utf-8"))
    grouped = values[values["orgunit"] == "DistrictAA1"].set_index(["dataelement", "period"])["value"]
    mine = districts[districts["district"] == first["district"]].set_index("period")
    np.testing.assert_allclose(grouped["QIC_GROUP_NQEM_MEDIAN"], mine["recorded_median"].round(2))
    np.testing.assert_allclose(grouped["QIC_GROUP_TRUE_SHARE"], mine["true_share"].round(4))
    assert set(values[values["orgunit"] == "ProvinceAA1"]["dataelement"]) == {
        one.code for one in elements_of("quarter", groups=True)}
    facilities = values[~values["orgunit"].isin(["DistrictAA1", "ProvinceAA1"])]
    assert not facilities["dataelement"].str.contains("GROUP").any()
    groups = [one for one in made["dataElements"] if "_GROUP_" in one["code"]]
    assert len(groups) == 10 and {one["aggregationType"] for one in groups} == {"NONE"}
    assert {"DistrictAA1", "ProvinceAA1"} < {one["id"] for one in made["dataSets"][0]["organisationUnits"]}
    assert "2 districts and provinces have values of their own" in (tmp_path / "out" / "dhis2-notes.txt").read_text(
        encoding="utf-8")


def test_a_data_folder_made_from_dhis2_knows_the_units_of_its_districts(tmp_path):
    path = "/Countryaa01/Provinceb02"
    units = [{"id": "Countryaa01", "name": "Landia", "path": "/Countryaa01"},
             {"id": "Provinceb02", "name": "Kampot", "code": "P2", "path": path},
             {"id": "Districtc03", "name": "Kampot 1", "path": f"{path}/Districtc03"},
             {"id": "Facilityd04", "name": "Zed HC", "path": f"{path}/Districtc03/Facilityd04"}]
    (tmp_path / "u.json").write_text(json.dumps({"organisationUnits": units}), encoding="utf-8")

    import_data(tmp_path / "u.json", out=tmp_path / "data")

    assert read_units(tmp_path / "data") == {("district", "Kampot", "Kampot 1"): ("Districtc03", ""),
                                             ("province", "Kampot", ""): ("Provinceb02", "P2")}
    assert read_units(tmp_path) == {}
    (tmp_path / "data" / "units.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match="is not a table of organisation units"):
        read_units(tmp_path / "data")


def test_uids_follow_from_codes_and_never_change():
    codes = [one.code for every in ("quarter", "year") for one in elements_of(every)]

    assert uid_of("QIC_NQEM_MEDIAN") == "egbbpoPO6k1"
    assert len({uid_of(code) for code in codes}) == len(codes) == 20


def test_yearly_values_have_yearly_periods_elements_and_data_set(folder, projection, tmp_path):
    plan = plan_export(read_register(folder / "register.csv"), formats=["dhis2"], every="year", today=TODAY)
    write_projection(projection, tmp_path / "out", plan, {})
    values = pd.read_csv(tmp_path / "out" / "dhis2-values.csv", dtype=str)
    made = json.loads((tmp_path / "out" / "dhis2-metadata.json").read_text(encoding="utf-8"))

    assert set(values["period"]) == {"2019", "2020"}
    assert values["dataelement"].str.endswith("_YEAR").all()
    assert (made["dataSets"][0]["periodType"], made["dataSets"][0]["openFuturePeriods"]) == ("Yearly", 3)
    assert not (tmp_path / "out" / "facility.csv").exists()


def test_the_notes_say_how_to_import_and_what_is_never_touched(out):
    text = (out / "dhis2-notes.txt").read_text(encoding="utf-8")

    for part in ("dataElementIdScheme=code&orgUnitIdScheme=uid&dryRun=true", "opens 12 quarterly\nperiods: those",
                 "never touches an", "QIC_PROJECTIONS_QUARTERLY", "QIC_NQEM_P05"):
        assert part in text
    assert "SYNTHETIC" not in text
    assert "taken up to 2021Q4" in " ".join(text.split()) and "from 2019-02-14" in text
    assert "skipSharing=true&importMode" in text and "of this file (43)" in text
    assert json.loads((out / "provenance.json").read_text(encoding="utf-8"))["dhis2_today"] == "2019-02-14"


@pytest.mark.parametrize(("every", "last", "today", "opened", "until"), [
    ("quarter", "2030Q4", date(2026, 11, 24), 17 + 4, "2031Q4"),  # the current quarter and 16 more, and a year
    ("quarter", "2030Q4", date(2026, 9, 30), 18 + 4, "2031Q4"), ("quarter", "2030Q4", date(2030, 12, 31), 5, "2031Q4"),
    ("quarter", "2030Q4", date(2032, 1, 1), 4, "2032Q4"), ("year", "2030", date(2026, 11, 24), 6, "2031")])
def test_as_many_periods_open_as_lie_between_today_and_the_last_projected(every, last, today, opened, until):
    assert open_future([last], every, today) == opened
    assert open_future(["2029Q1" if every == "quarter" else "2029", last], every, today) == opened
    assert last_open([last], every, today) == until


# --------------------------------------------------------------------------------------------- observed and unknown


def test_elements_of_observed_scores_are_refused_by_code_uid_or_name():
    first = elements_of("quarter")[0]

    for name in (first.code.lower(), first.uid, first.name):
        with pytest.raises(SettingError, match="QIC_NQEM_MEDIAN.*never overwrite"):
            refuse_observed(elements_of("quarter"), [name])
    refuse_observed(elements_of("quarter", "KHQ"), [first.code, "NQEM_TOTAL"], "KHQ")


def test_the_elements_that_a_data_folder_was_read_from_are_known(folder, tmp_path):
    rows = "".join(f"QIC_NQEM_MEAN,2019Q{quarter},KHfacil0001,,,70,,,,\n" for quarter in (1, 2))
    (tmp_path / "values.csv").write_text(",".join(HEADER) + "\n" + rows, encoding="utf-8")
    import_data(folder / "register.csv", tmp_path / "values.csv", out=tmp_path / "told",
                elements={"QIC_NQEM_MEAN": "total"})
    import_data(folder / "register.csv", tmp_path / "values.csv", out=tmp_path / "guessed")

    for name in ("told", "guessed"):
        with pytest.raises(SettingError, match="QIC_NQEM_MEAN: is the data element of observed scores"):
            refuse_observed(elements_of("quarter"), observed_elements(tmp_path / name))
    assert observed_elements(tmp_path) == frozenset()


def test_facilities_without_a_usable_code_are_listed_with_the_reason(nasty):
    left = pd.read_csv(nasty / "dhis2-left-out.csv", keep_default_na=False).set_index("id")["reason"]
    values = pd.read_csv(nasty / "dhis2-values.csv", dtype=str)

    assert left.to_dict() == {
        "OD-BA1-H3": "has no code", "OD-BA1-H4": "its code begins like a formula of a spreadsheet",
        "OD-BA1-H5": "its code is longer than 50 characters", "OD-BA2-H2": "shares its code with another facility",
        "OD-BA2-H3": "shares its code with another facility"}
    assert values["orgunit"].nunique() == 43 - len(left)
    assert 'a,"b' in set(values["orgunit"])


def test_a_register_without_uids_is_refused_only_when_dhis2_is_asked_for(folder, tmp_path):
    text = (folder / "register.csv").read_text(encoding="utf-8")
    (tmp_path / "register.csv").write_text(re.sub(r"KHfacil\d{4}", "", text), encoding="utf-8")
    register = read_register(tmp_path / "register.csv")

    with pytest.raises(SettingError, match="no facility of the register has a usable uid.*--identify code"):
        plan_export(register, formats=["dhis2"])
    plan = plan_export(register)
    assert plan.units is None and "usable uid" in plan.refused
    assert plan_export(register, identify="code").units is not None


def test_unknown_formats_levels_and_prefixes_are_refused(folder):
    register = read_register(folder / "register.csv")

    with pytest.raises(SettingError, match='"xls".*Did you mean "xlsx".*\n.*"districts".*Did you mean "district"'):
        plan_export(register, formats=["xls"], levels=["districts"])
    with pytest.raises(SettingError, match="prefix"):
        plan_export(register, prefix="a b")


# ------------------------------------------------------------------------------------------------- spreadsheets, page


def test_tables_and_workbook_hold_the_same_numbers(out, projection):
    book = openpyxl.load_workbook(out / "projection.xlsx", read_only=True)
    head, *rows = book["district"].iter_rows(values_only=True)
    frame = pd.DataFrame(rows, columns=head)
    table = projection.table("district", every="year")

    assert book.sheetnames == ["about", "least likely 2020", "facility", "district", "province", "nation"]
    assert frame["district"].tolist() == table["district"].tolist()
    np.testing.assert_allclose(frame["recorded_p95"].astype(float), table["recorded_p95"], rtol=1e-12)
    written = pd.read_csv(out / "district.csv")
    np.testing.assert_allclose(written["true_median"], projection.table("district")["true_median"], rtol=1e-5)
    ranked = pd.read_csv(out / "least-likely.csv")
    assert ranked["id"].tolist() == projection.least_likely(2020)["id"].tolist()


def test_names_never_become_formulas_links_or_markup(nasty):
    with zipfile.ZipFile(nasty / "projection.xlsx") as book:
        sheets = "".join(book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/"))
    read = openpyxl.load_workbook(nasty / "projection.xlsx", read_only=True)
    names = {row[5] for row in read["facility"].iter_rows(values_only=True)}
    page = (nasty / "projection.html").read_text(encoding="utf-8")

    assert "<f>" not in sheets and "hyperlink" not in sheets.lower()
    assert {name for name, _ in NASTY.values()} <= names
    assert "<script" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    for name in ("facility.csv", "least-likely.csv", "dhis2-left-out.csv"):
        with (nasty / name).open(encoding="utf-8", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))] == []


def test_the_same_projection_gives_the_same_bytes(folder, projection, out, tmp_path):
    write_projection(projection, tmp_path, plan_export(read_register(folder / "register.csv"), today=TODAY),
                     {"command": "test"})

    assert {file.name for file in tmp_path.iterdir()} == {file.name for file in out.iterdir()}
    for file in tmp_path.iterdir():
        assert file.read_bytes() == (out / file.name).read_bytes(), file.name


def test_the_page_names_the_first_of_the_list_and_draws(out, projection):
    page = (out / "projection.html").read_text(encoding="utf-8")
    ranking = projection.least_likely(2020)

    assert page.index(ranking["name"][0]) < page.index(ranking["name"][1])
    assert page.count('<svg class="drawing"') == 2
    assert "synthetic" not in page


# ------------------------------------------------------------------------------------------------------ command line


def test_the_command_writes_everything_and_says_so(folder, tmp_path, capsys):
    code = main(["export", str(folder / "s.toml"), "--draws", "2", "--from", "2020Q1", "--quiet", "--out",
                 str(tmp_path / "out"), "--format", "csv", "dhis2", "--level", "district"])

    assert code == 0
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        "projection.html", "provenance.json", "constraints.txt", "least-likely.csv", "district.csv",
        "dhis2-metadata.json", "dhis2-values.csv", "dhis2-values.json", "dhis2-left-out.csv", "dhis2-notes.txt", RECORD}
    assert "projection.html" in capsys.readouterr().out


def test_a_data_folder_is_projected_after_its_last_score_and_its_levels_stand_in_the_list(folder, tmp_path):
    rows = [f"{row.id},2019Q{quarter},total,{60 + 5 * quarter}" for row in
            read_register(folder / "register.csv").facilities[:20] for quarter in (1, 2) if row.id != "OD-BA1-H2"]
    (tmp_path / "register.csv").write_bytes((folder / "register.csv").read_bytes())
    (tmp_path / "scores.csv").write_text("facility,quarter,item,score\n" + "\n".join(rows) + "\n", encoding="utf-8")

    code = main(["export", str(folder / "s.toml"), "--data", str(tmp_path), "--draws", "2", "--quiet", "--out",
                 str(tmp_path / "out"), "--format", "csv"])

    ranked = pd.read_csv(tmp_path / "out" / "least-likely.csv").set_index("id")
    assert code == 0
    assert pd.read_csv(tmp_path / "out" / "nation.csv")["period"].iloc[0] == "2019Q3"
    assert ranked.loc[rows[0].split(",")[0], "observed_until"] == "2019Q2"
    assert 60 < ranked.loc[rows[0].split(",")[0], "observed"] < 75


@pytest.mark.parametrize(("words", "said"), [
    (["--by", "2031"], "--by"), (["--observed", "qic_true_p05"], "QIC_TRUE_P05"), (["--prefix", "qic"], "prefix"),
    (["--from", "2030Q1"], "--from"), (["--today", "31.3.2026"], "today")])
def test_what_cannot_be_written_is_refused_and_nothing_is_left(folder, tmp_path, capsys, words, said):
    code = main(["export", str(folder / "s.toml"), "--draws", "2", "--quiet", "--out", str(tmp_path / "out"), *words])

    assert code == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.bench
def test_a_million_values_are_written_in_seconds(tmp_path, benchmark):
    elements, units = elements_of("quarter"), tuple(f"KHunit{number:05d}" for number in range(2778))
    periods = tuple(f"{year}Q{quarter}" for year in range(2027, 2036) for quarter in (1, 2, 3, 4))
    rng = np.random.default_rng(1)
    values = DataValues(elements, periods, units, 100 * rng.random((len(elements), len(periods), len(units))))

    def write():
        write_csv_values([values], tmp_path / "values.csv")
        write_json_values([values], tmp_path / "values.json")

    benchmark.pedantic(write, rounds=1)
    print(values.rows)
    assert values.rows > 1_000_000
    assert benchmark.stats.stats.max < 20
