"""Scores from 0 to 1 and from 0 to 100 in one file, and the percentages of spreadsheets."""

import io

import numpy as np
import openpyxl
import pytest

from qicsim import import_data
from qicsim.ground.errors import DataError

FACILITIES = [f"A{number:02d}" for number in range(24)]
REGISTER = "id,name,type,province,district,population\n" + "".join(
    f"{one},Phum {one} HC,HC,Battambang,OD 1,9000\n" for one in FACILITIES)
QUARTERS = [f"{year}Q{quarter}" for year in (2021, 2022) for quarter in (1, 2, 3, 4)]
GRID = np.round(60 + np.arange(24)[:, None] + np.random.default_rng(1).normal(0, 3, (24, 8)), 1)


def put(folder, name, content):
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def long_table(grid):
    return "facility,quarter,score\n" + "".join(f"{one},{quarter},{grid[row, column]:g}\n" for row, one in
                                                enumerate(FACILITIES) for column, quarter in enumerate(QUARTERS))


def wide_table(grid):
    return ",".join(["facility", *QUARTERS]) + "\n" + "".join(
        f"{one},{','.join(f'{score:g}' for score in row)}\n" for one, row in zip(FACILITIES, grid, strict=True))


def load(folder, content, name="s.csv", **more):
    return import_data(put(folder, "r.csv", REGISTER), put(folder, name, content), out=folder / "data", **more)


def said(folder):
    return (folder / "data" / "quality.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("table", [long_table, wide_table])
def test_scattered_shares_in_a_file_of_points_are_refused_however_few(tmp_path, table):
    grid = GRID.copy()
    grid[3, 2] /= 100
    with pytest.raises(DataError, match=r"2021Q3: 1 of 24 scores lie between 0 and 1 \(first 0\.\d+\), half of the"):
        load(tmp_path, table(grid))

    grid[:7] = GRID[:7] / 100  # as the reviewer's district: 56 of 192
    with pytest.raises(DataError) as refusal:
        load(tmp_path, table(grid))
    assert len(refusal.value.faults) == 8
    assert "2022Q4: 7 of 24 scores lie between 0 and 1" in str(refusal.value)


@pytest.mark.parametrize("table", [long_table, wide_table])
def test_whole_quarters_of_shares_are_read_as_such_and_said(tmp_path, table):
    grid = GRID.copy()
    grid[:, 1:3] /= 100

    data = load(tmp_path, table(grid))

    np.testing.assert_allclose(data.scores, GRID, atol=1e-3)
    assert "48 scores of 2021Q2, 2021Q3 are read as 0 to 1, those of other quarters" in said(tmp_path)


def test_a_quarter_with_few_scores_does_not_say_its_scale(tmp_path):
    few = "facility,quarter,score\nA00,2021Q1,70\nA01,2021Q1,60\nA00,2021Q2,0.7\nA01,2021Q2,0.6\n"

    with pytest.raises(DataError, match="2021Q2: 2 of 2 scores lie between 0 and 1"):
        load(tmp_path, few)


def test_unclear_scores_are_left_out_on_request_or_taken_as_they_are_said(tmp_path):
    grid = GRID.copy()
    grid[3, 2] = 0.7

    assert np.isnan(load(tmp_path, long_table(grid), skip_faulty=True).scores[3, 2])
    assert load(tmp_path, long_table(grid), scale="100").scores[3, 2] == 0.7


def test_low_scores_among_low_ones_are_no_shares_once_their_scale_is_said(tmp_path):
    grid = np.round(GRID / 15, 2)
    grid[3, 2] = 0.7

    with pytest.raises(DataError, match="Say --scale 10, or --scale 100"):
        load(tmp_path, long_table(grid))
    assert load(tmp_path, long_table(grid), scale="100").scores[3, 2] == 0.7


def test_a_percent_sign_does_not_hide_a_share(tmp_path):
    table = long_table(GRID).replace("A03,2021Q3," + f"{GRID[3, 2]:g}", "A03,2021Q3,0.7%")

    with pytest.raises(DataError, match=r"first 0\.7 %"):
        load(tmp_path, table)


@pytest.mark.parametrize("form", ["0%", "0.0%", "0.00 %"])
def test_percent_cells_of_a_workbook_are_percentages_whatever_stands_beside_them(tmp_path, form):
    book = openpyxl.Workbook()
    book.active.append(["facility", *QUARTERS])
    for row, (one, values) in enumerate(zip(FACILITIES, GRID, strict=True), start=2):
        book.active.append([one, *(values if row % 2 else values / 100)])
        if row % 2 == 0:
            for column in range(2, 10):
                book.active.cell(row, column).number_format = form
    book.active["B2"] = 1
    content = io.BytesIO()
    book.save(content)

    data = load(tmp_path, content.getvalue(), "s.xlsx")

    expected = GRID.copy()
    expected[0, 0] = 100
    np.testing.assert_allclose(data.scores, expected)
    assert "96 scores have a percent sign" in said(tmp_path)
