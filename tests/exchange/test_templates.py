"""Templates to fill in, and the sample set: what they hold is what an import reads."""

import csv

import numpy as np
import openpyxl
import pytest

from qicsim.cli import main
from qicsim.inputs.exchange.folder import read_folder
from qicsim.inputs.exchange.templates import TABLES

REGISTER = {"id": "A1", "name": "Zed", "type": "health centre", "province": "Kampot",
            "operational district": "Kampot 1", "population": "9000"}
ROWS = {"register": REGISTER, "scores": {"facility": "A1", "quarter": "2021Q1", "score": "70"},
        "joined": {"facility": "A1", "joined": "2021-07"}, "crosswalk": {"kind": "facility", "from": "Old", "to": "A1"}}


@pytest.fixture
def folder(tmp_path, capsys):
    assert main(["import", "--template", str(tmp_path / "mine")]) == 0
    assert "Fill them in" in capsys.readouterr().out
    return tmp_path / "mine"


def typed(folder, files):
    return main(["import", *(word for role, file in files.items() for word in (f"--{role}", str(file))), "--out",
                 str(folder / "data")])


def test_filled_templates_are_read_with_their_explanations_left_in(folder):
    for name, row in ROWS.items():
        with (folder / f"{name}.csv").open("a", newline="") as file:
            csv.DictWriter(file, list(TABLES[name])).writerow(row)
    with (folder / "scores.csv").open("a") as file:
        file.write("Old,2021Q2,72,\n")

    assert typed(folder, {name: folder / f"{name}.csv" for name in ROWS}) == 0
    data = read_folder(folder / "data")
    assert data.register.id == ("A1",) and data.scores.tolist() == [[70, 72]]
    assert data.joined.tolist() == [2021 * 12 + 6]


def test_the_workbook_holds_the_same_and_each_sheet_is_read_as_what_it_is(folder):
    file = folder / "template.xlsx"
    book = openpyxl.load_workbook(file)
    for name, row in ROWS.items():
        book[name].append([row.get(heading, "") for heading in TABLES[name]])
    book.save(file)

    assert typed(folder, dict.fromkeys(ROWS, file)) == 0
    data = read_folder(folder / "data")
    assert data.register.id == ("A1",) and data.scores.tolist() == [[70]]
    assert data.joined.tolist() == [2021 * 12 + 6]


def test_templates_that_were_not_filled_in_stop_and_leave_nothing(folder, capsys):
    assert typed(folder, {"register": folder / "register.csv"}) == 2
    assert "register.csv: no facility is left of 0 rows" in capsys.readouterr().err
    assert not (folder / "data").exists()


def test_templates_never_take_the_place_of_files(folder, capsys):
    assert main(["import", "--template", str(folder)]) == 2
    assert f"{folder / 'register.csv'}: is there already" in capsys.readouterr().err


def test_the_sample_set_is_imported_without_errors(tmp_path):
    assert main(["import", "--sample", "--out", str(tmp_path / "data")]) == 0

    data = read_folder(tmp_path / "data")
    assert len(data.register) == 144 and data.quarters[0] == "2019Q1" and data.quarters[-1] == "2022Q4"
    assert 0.9 < np.isfinite(data.scores).mean() < 1 and (data.joined >= 0).sum() > 40
    assert all(data.register.dhis2_uid) and len(set(data.register.dhis2_uid)) == 144


@pytest.mark.parametrize(("words", "said"), [
    (["--out", "o"], "the following arguments are required: --register"), (["--sample"], "required: --out"),
    (["--sample", "--register", "r.csv", "--out", "o"], "--sample: brings its own register")])
def test_what_is_missing_or_too_much_is_said(words, said, capsys):
    assert main(["import", *words]) == 2
    assert said in capsys.readouterr().err
