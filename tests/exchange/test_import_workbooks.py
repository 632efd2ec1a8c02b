"""Workbooks as people keep them: two rows of headings, merged cells, hidden sheets, formulas without a value."""

import io
import zipfile

import openpyxl
import pytest

from qicsim import import_data
from qicsim.ground.errors import DataError

REGISTER = ("id,name,type,province,district,population\nA1,Chrey HC,HC,Battambang,OD 1,9000\n"
            "A2,Prek HC,HC,Battambang,OD 1,8000\n")


def put(folder, name, content):
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def saved(book, calculated=()):
    """The bytes of a workbook; `calculated` are values that formulas get in the order of the sheet."""
    content = io.BytesIO()
    book.save(content)
    if not calculated:
        return content.getvalue()
    changed = io.BytesIO()
    with zipfile.ZipFile(content) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            text = old.read(part)
            for value in calculated if part.filename == "xl/worksheets/sheet1.xml" else ():
                text = text.replace(b"<v />", f"<v>{value}</v>".encode(), 1).replace(b"<v></v>",
                                                                                   f"<v>{value}</v>".encode(), 1)
            new.writestr(part, text)
    return changed.getvalue()


def book_of(*rows, title="Scores"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    return book


def load(folder, scores=None, register=REGISTER, **more):
    return import_data(put(folder, "r.xlsx" if isinstance(register, bytes) else "r.csv", register),
                       put(folder, "s.xlsx", scores) if scores else (), out=folder / "data", **more)


def said(folder, name="quality.csv"):
    return (folder / "data" / name).read_text(encoding="utf-8")


# -------------------------------------------------------------------------------------------------------- headings


@pytest.mark.parametrize("merged", [True, False])
def test_years_over_quarters_are_read_as_one_row_of_headings(tmp_path, merged):
    book = book_of(["NQEM"], ["Facility", 2021, None, 2022, None], [None, "Q3", "Q4", "Q1", "Q2"],
                   ["A1", 70, 71, 72, 73], ["A2", 60, 61, 62, 63])
    if merged:
        for cells in ("A2:A3", "B2:C2", "D2:E2", "A1:E1"):
            book.active.merge_cells(cells)

    data = load(tmp_path, saved(book))

    assert data.quarters == ("2021Q3", "2021Q4", "2022Q1", "2022Q2")
    assert data.scores.tolist() == [[70, 71, 72, 73], [60, 61, 62, 63]]
    assert "rows 2 and 3 are read as one row of headings: Facility, 2021 Q3, 2021 Q4, 2022 Q1" in said(tmp_path)
    assert "s.xlsx,Scores,2,3,,2,not used,headings" in said(tmp_path, "accounts.csv")


def test_quarters_over_years_and_items_below_quarters_are_read_too(tmp_path):
    years = book_of(["Facility", "Q1", None], [None, 2021, 2022], ["A1", 70, 71])
    assert load(tmp_path, saved(years)).quarters == ("2021Q1", "2021Q2", "2021Q3", "2021Q4", "2022Q1")

    items = book_of(["Facility", "2021Q1", None, "2021Q2", None], [None, *["Structure", "Total"] * 2],
                    ["A1", 50, 70, 51, 71])
    data = load(tmp_path, saved(items))
    assert data.by_item["structure"][0].tolist() == [50, 51] and data.scores[0].tolist() == [70, 71]


def test_a_row_of_data_is_no_second_row_of_headings(tmp_path):
    scores = put(tmp_path, "s.csv", "facility,2021Q1,2021Q2,remark\nA1,70,71,total\nA2,60,61,structure\n")

    data = import_data(put(tmp_path, "r.csv", REGISTER), scores, out=tmp_path / "data")

    assert data.scores.tolist() == [[70, 71], [60, 61]]


def test_headings_that_are_not_understood_are_named_with_those_that_are(tmp_path):
    with pytest.raises(DataError, match='row 1 has "Facility", and "First", "Second", which are not known as headings'):
        load(tmp_path, saved(book_of(["Facility", "First", "Second"], ["A1", 70, 71])))
    with pytest.raises(DataError, match='has no column of scores and none of quarters; not known as headings: "First"'):
        load(tmp_path, saved(book_of(["Facility", "Province", "First"], ["A1", "Battambang", 71])))


# ---------------------------------------------------------------------------------------------------- merged cells


def test_a_province_merged_over_its_rows_is_the_province_of_each_and_said(tmp_path):
    book = book_of(["Province", "OD", "Name", "Type", "Population"],
                   ["Battambang", "OD 1", "Chrey HC", "HC", 9000], [None, None, "Prek HC", "HC", 8000],
                   [None, "OD 2", "Ou HC", "HC", 7000], title="Register")
    book.active.merge_cells("A2:A4")
    book.active.merge_cells("B2:B3")

    data = load(tmp_path, register=saved(book))

    assert data.register.province == ("Battambang",) * 3
    assert data.register.operational_district == ("OD 1", "OD 1", "OD 2")
    assert "the text of merged cells is taken for each of their rows: A2:A4, B2:B3" in said(tmp_path)


def test_a_number_merged_over_rows_counts_once_and_is_a_warning(tmp_path):
    book = book_of(["Facility", "Quarter", "Score"], ["A1", "2021Q1", 70], ["A2", "2021Q1", None])
    book.active.merge_cells("C2:C3")

    data = load(tmp_path, saved(book))

    assert data.scores[0, 0] == 70 and not data.scores[1, 0] >= 0
    assert "count for the first row only: C2:C3" in said(tmp_path)


# ---------------------------------------------------------------------------------------------------------- sheets


def test_hidden_sheets_are_left_out_and_said_and_used_ones_are_named(tmp_path):
    book = book_of(["Facility", "Quarter", "Score"], ["A1", "2021Q1", 70])
    for name, state in (("Old", "hidden"), ("Older", "veryHidden")):
        sheet = book.create_sheet(name)
        sheet.append(["Facility", "Quarter", "Score"])
        sheet.append(["A1", "2020Q1", 5])
        sheet.sheet_state = state

    data = load(tmp_path, saved(book))

    assert data.quarters == ("2021Q1",)
    assert 'hidden sheet,"s.xlsx, sheet Old",is hidden; its 2 rows are not read' in said(tmp_path)
    assert "s.xlsx,Older,1,2,,2,not used,hidden sheet" in said(tmp_path, "accounts.csv")
    assert "used sheets, with rows or cells: Scores (1)" in said(tmp_path)


# -------------------------------------------------------------------------------------------------------- formulas


def test_formulas_without_a_value_are_a_warning_with_the_first_cell_and_a_reason(tmp_path):
    book = book_of(["Facility", "Quarter", "Score"], ["A1", "2021Q1", "=60+10"], ["A2", "2021Q1", "=SUM(1,2)"],
                   ["A2", "2021Q2", 60])

    data = load(tmp_path, saved(book, calculated=[70]))

    assert data.scores[0, 0] == 70 and data.scores[1, 1] == 60 and not data.scores[1, 0] >= 0
    assert ('formulas without a value,"s.xlsx, sheet Scores","1 cell holds a formula without a value, the first is '
            "C3; never calculated, read as empty") in said(tmp_path)
    assert "s.xlsx,Scores,3,3,,1,not used,formula never calculated" in said(tmp_path, "accounts.csv")


def test_scores_that_are_not_available_say_so_in_the_accounts(tmp_path):
    load(tmp_path, saved(book_of(["Facility", "Quarter", "Score"], ["A1", "2021Q1", 70], ["A2", "2021Q1", "#N/A"])))

    assert "s.xlsx,Scores,3,3,,1,not used,#N/A" in said(tmp_path, "accounts.csv")
