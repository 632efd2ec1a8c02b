"""Edges that one wrong sign or number would move: each stands here once, and by itself."""

import io
from datetime import date

import numpy as np
import openpyxl
import pandas as pd
import pytest

from qicsim.ground.errors import DataError
from qicsim.inputs.country import home
from qicsim.inputs.country.provinces import extent
from qicsim.inputs.exchange.checks import check_scores
from qicsim.inputs.exchange.dates import may_be_quarters, period_of
from qicsim.inputs.exchange.findings import Accounts, Findings
from qicsim.inputs.exchange.headings import Vocabulary, _together
from qicsim.inputs.exchange.importing import Imported, counts
from qicsim.inputs.exchange.keys import Keys
from qicsim.inputs.exchange.score_tables import headless
from qicsim.inputs.exchange.settings import read_crosswalk, settings_of
from qicsim.inputs.exchange.workbook import sheets
from qicsim.inputs.world.register import read_register
from qicsim.report.imported import import_data

HEAD = "code,name,type,province,OD,population\n"
HEADINGS = "id,name,type,province,operational_district,population,opened,latitude,longitude,dhis2_uid\n"
MANY = 21


def register_of(count, people=9000):
    names = [f"Phum {chr(65 + at // 26)}{chr(65 + at % 26)} HC" for at in range(count)]
    return HEAD + "".join(f"{at:04d},{name},HC,Kampot,Kampot {at % 2},{people}\n" for at, name in enumerate(names))


def put(folder, name, content):
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / name


def load(folder, register, scores="", joined=""):
    import_data(put(folder, "r.xlsx" if isinstance(register, bytes) else "r.csv", register),
                put(folder, "s.csv", scores) if scores else (), joined=put(folder, "j.csv", joined) if joined else (),
                out=folder / "data", today=date(2024, 6, 1))
    return {name: pd.read_csv(folder / "data" / f"{name}.csv", keep_default_na=False)
            for name in ("quality", "accounts")}


def book(rows, *, hidden=(), merged=()):
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    for each in merged:
        workbook.active.merge_cells(each)
    if hidden:
        aside = workbook.create_sheet("Old")
        aside.sheet_state = "hidden"
        for row in hidden:
            aside.append(row)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


# ---------------------------------------------------------------------------------------------------- dates and words


def test_days_of_excel_romans_and_the_first_quarter():
    with pytest.raises(ValueError, match=r"looks like an Excel date \(2021-12-31\)"):
        period_of("44561")
    with pytest.raises(ValueError, match="is not a date$"):
        period_of("19999")
    with pytest.raises(ValueError, match="write 2023Q4"):
        period_of("IV 2023")
    assert may_be_quarters(["1/2023"]) and not may_be_quarters(["5/2023"])


def test_a_row_of_uids_without_a_date_between_them_is_a_heading():
    uid = "Abcdefghij1"

    assert headless([uid, "202306", uid, "", "", "7"])
    assert not headless([uid, "period", uid, "", "", "7"])


def test_headings_of_two_rows_are_taken_together_only_where_they_mean_something():
    vocabulary = Vocabulary(("register",), lambda text: text if text.startswith("2022 Q") else None)

    assert _together(["Name", "2022", ""], ["in full", "Q1", "Q2"], vocabulary) == ["Name", "2022 Q1", "2022 Q2"]
    assert vocabulary.sure("OD", "operational_district") is True
    assert vocabulary.sure("District", "operational_district") is False


def test_rows_that_differ_in_their_second_column_alone_are_looked_up_apart(tmp_path):
    register = read_register(put(tmp_path, "register.csv", HEADINGS
                                 + "".join(f"{name},{name},health_centre,Kampot,K,9000,,,,\n" for name in "ABCD")))
    cells = pd.DataFrame({"id": list("AABCD"), "province": ["x", "y", "x", "x", "x"]})

    found, rows = Keys(register).all_meant(cells)
    assert [found[row].place for row in rows] == [0, 0, 1, 2, 3]


# ------------------------------------------------------------------------------------------------------------- counts


def test_after_twenty_facilities_with_gaps_there_is_a_line_for_all(tmp_path):
    register = read_register(put(tmp_path, "register.csv", HEADINGS
                                 + "".join(f"F{at},N{at},health_centre,Kampot,K,9000,,,,\n" for at in range(3 * MANY))))
    scores = np.full((3 * MANY, 3), 60.0) + np.arange(3 * MANY)[:, None] % 17 + np.arange(3)
    scores[:MANY, 1] = np.nan
    findings = Findings()

    check_scores(register, ("2021Q1", "2021Q2", "2021Q3"), scores, findings)

    gaps = [one.found for one in findings if one.check == "missing quarters"]
    assert len(gaps) == MANY and gaps[-1] == "21 facilities in all have gaps, 21 quarters"
    scores[5] = 0.0
    check_scores(register, ("2021Q1", "2021Q2", "2021Q3"), scores, again := Findings())
    assert [one.rows for one in again if one.check == "exact zeros"] == [3]


def test_after_twenty_facilities_with_few_people_there_is_a_line_for_all(tmp_path):
    said = load(tmp_path, register_of(MANY, people=150))["quality"]

    assert said.loc[said["check"] == "unusual population", "found"].iloc[-1] == "21 health centres in all"


def test_the_first_sixty_letters_of_a_name_are_shown(tmp_path):
    table = "code,name,type,province,OD,opened\n1," + "Phum " * 15 + "HC,HC,Kampot,K,2022-01\n"

    with pytest.raises(DataError, match=f'"{("Phum " * 15)[:60]}" joined in 2021-05, before it opened'):
        load(tmp_path, table, joined="code,joined\n1,2021-05\n")


def test_five_of_seven_contradictions_are_shown_and_two_counted(tmp_path):
    scores = "code,quarter,score\n" + "".join(f"0000,2021Q1,{60 + at}\n" for at in range(7))

    with pytest.raises(DataError, match="row 6 says 64 and 2 more"):
        load(tmp_path, register_of(2), scores)


def test_nothing_read_is_counted_as_nothing():
    nothing = Imported(None, None, {}, Findings(), Accounts(), (), settings_of())

    assert set(counts(nothing).values()) == {0}


# ------------------------------------------------------------------------------------------------------ fates of rows


def test_a_join_that_stands_again_an_empty_row_and_a_hidden_sheet_are_accounted_for(tmp_path):
    rows = [line.split(",") for line in register_of(3).splitlines()]
    content = book([*rows[:2], [" ", " "], *rows[2:]], hidden=[["a"], ["b"]])

    kept = load(tmp_path, content, joined="code,joined\n0000,2021-05\n0000,2021-05\n0001,2021-06\n")["accounts"]

    fates = kept.groupby(["file", "reason"])["count"].sum()
    assert fates["j.csv", "the same again"] == 1
    assert fates["r.xlsx", "hidden sheet"] == 2
    assert fates["r.xlsx", "empty"] == 1


def test_eleven_merged_cells_are_counted_and_ten_are_shown_and_no_column_comes_with_them(tmp_path):
    rows = [["code", "name", "type", "province", "OD"]] + [
        [f"{at:04d}", f"Phum {chr(65 + at)} HC", "HC", None if at % 2 else "Kampot", "K1"] for at in range(22)]
    content = book(rows, merged=[f"D{at}:D{at + 1}" for at in range(2, 24, 2)])

    said = load(tmp_path, content)["quality"]

    note = said[said["check"] == "merged cells"].iloc[0]
    assert note["rows"] == 11 and note["found"].count(":") == 11
    assert sheets(book([["a", "b"], ["x", "y"], ["z", None]], merged=["B2:B3"]), "")[0][0].rows.shape == (3, 2)


# ------------------------------------------------------------------------------------------------- columns and places


def test_of_two_columns_of_one_meaning_the_fuller_is_read(tmp_path):
    lines = register_of(4).splitlines()
    table = "\n".join([f"{lines[0]},Operational district", *(f"{line},".replace(",Kampot 0,", ",,").replace(
        ",Kampot 1,", ",,") + f"Kampot {at % 2}" for at, line in enumerate(lines[1:]))])

    assert not load(tmp_path, table + "\n")["quality"]["check"].eq("no parent").any()
    heads = ("OD" + " of the ministry" * 4, "Operational district" + " of the ministry" * 4)
    answers = put(tmp_path, "c.csv", "kind,from,to\n" + "".join(f"heading,{head},operational_district\n"
                                                               for head in heads))
    unlike = "\n".join([f"code,name,type,province,{heads[0]},{heads[1]}", "1,Zed HC,HC,Kampot,K1,K2"])
    with pytest.raises(DataError, match=f"heading,{heads[1][:40]},leave out"):
        import_data(put(tmp_path, "u.csv", unlike + "\n"), crosswalk=answers, out=tmp_path / "other")


def test_a_place_a_little_north_of_the_outline_is_in_the_country(tmp_path):
    west, east, _, north = extent(home())
    line = register_of(1).splitlines()
    table = f"{line[0]},latitude,longitude\n{line[1]},{north + 0.1:.3f},{(west + east) / 2:.3f}\n"

    assert not load(tmp_path, table)["quality"]["check"].eq("coordinates outside the country").any()


def test_a_crosswalk_that_contradicts_itself_is_refused(tmp_path):
    file = put(tmp_path, "c.csv", "kind,from,to\ntype,Zed,CPA1\ntype,zed,CPA2\nfacility,Old,leave out\n"
                                  "facility,Old,0001\n")

    faults = []
    read_crosswalk([file], faults)
    said = " ".join(map(str, faults))
    assert 'c.csv, row 3: "zed" has two meanings: CPA1 and CPA2' in said
    assert '"old" is left out, and leads to' in said
