"""Files that mean harm, or are broken: refused in words or made harmless, never a traceback, never half a folder."""

import datetime
import io
import re
import zipfile

import openpyxl
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qicsim import import_data
from qicsim.cli import main
from qicsim.ground.errors import QicsimError
from qicsim.inputs.exchange import workbook
from qicsim.inputs.exchange.files import csv_rows, decoded, open_files
from qicsim.inputs.exchange.findings import Accounts, Findings
from qicsim.inputs.exchange.folder import read_folder

HEAD = "name,id,type,province,district,population\n"
GOOD = HEAD + "Chrey,A1,HC,Battambang,OD 1,9000\nPrek,A2,HC,Battambang,OD 1,9000\n"
SCORES = "facility,quarter,score\nA1,2021Q1,70\nA2,2021Q1,75\n"


def put(folder, name, content):
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def zipped(**parts):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name.replace("__", "/"), part)
    return content.getvalue()


def book_of(rows, replace=None):
    """A workbook with the rows; `replace` changes the XML of its sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    plain = io.BytesIO()
    book.save(plain)
    if replace is None:
        return plain.getvalue()
    changed = io.BytesIO()
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            text = old.read(part)
            new.writestr(part, replace(text) if part.filename == "xl/worksheets/sheet1.xml" else text)
    return changed.getvalue()


def refusal(folder, content, name="r.xlsx"):
    with pytest.raises(QicsimError) as refused:
        import_data(put(folder, name, content), out=folder / "data")
    assert not (folder / "data").exists()
    return str(refused.value)


# ------------------------------------------------------------------------------------------------------- workbooks


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    bomb = zipped(**{"[Content_Types].xml": "<a/>", "xl__worksheets__sheet1.xml": b"0" * 60_000_000})

    assert len(bomb) < 100_000
    assert "is too large: a part of it unpacks to" in refusal(tmp_path, bomb)


def test_many_parts_and_a_large_sum_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_UNPACKED", 1000)

    assert "at most 0 MB are read" in refusal(tmp_path, book_of([["a"]]))


def test_a_row_number_beyond_any_sheet_does_not_hang(tmp_path):
    content = book_of([["name"], ["x"]], lambda xml: xml.replace(b'<row r="2"', b'<row r="99999999999"'))

    assert "is too large: more than 1,048,576 rows" in refusal(tmp_path, content)


def test_xml_that_declares_entities_is_refused(tmp_path):
    content = book_of([["name"]], lambda xml: b'<!DOCTYPE a [<!ENTITY b "cc">]>' + xml)

    assert "its XML holds declarations of its own" in refusal(tmp_path, content)


@pytest.mark.parametrize("content", [
    b"PK\x03\x04", b"PK\x03\x04" + b"x" * 500, zipped(a="b"),
    zipped(**{"[Content_Types].xml": "<a/>", "xl__workbook.xml": "<b"}),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600], ids=["short", "rubbish", "zip", "broken", "old"])
def test_what_only_looks_like_a_workbook_is_refused(tmp_path, content):
    assert re.search(r"is not a(n XLSX)? workbook|workbook of an old Excel", refusal(tmp_path, content))


def test_a_formula_of_a_workbook_is_never_run_and_is_said(tmp_path):
    content = book_of([HEAD.strip().split(","), ["Chrey", "A1", "HC", "Battambang", "OD 1", "=9000+1"]])

    import_data(put(tmp_path, "r.xlsx", content), out=tmp_path / "data")

    quality = (tmp_path / "data" / "quality.csv").read_text(encoding="utf-8")
    assert "holds formulas" in quality and "have no population" in quality


# ---------------------------------------------------------------------------------------------------------- texts


@pytest.mark.parametrize("name", [
    '"=HYPERLINK(""http://x"",""y"")"', "=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd"])
def test_texts_that_a_spreadsheet_would_run_lose_their_first_sign_in_every_file(tmp_path, name):
    register = put(tmp_path, "r.csv", GOOD.replace("Prek", name))

    import_data(register, put(tmp_path, "s.csv", SCORES), out=tmp_path / "data")

    assert "were taken out of texts" in (tmp_path / "data" / "quality.csv").read_text(encoding="utf-8")
    for file in (tmp_path / "data").glob("*.csv"):
        cells = pd.read_csv(file, dtype=str, keep_default_na=False)
        assert not any(cell.startswith(("=", "+", "-", "@")) for column in cells for cell in cells[column])


def test_html_of_names_files_and_items_is_text_on_the_page(tmp_path):
    evil = "<script>alert(1)</script>"
    register = put(tmp_path, "<b>.csv", GOOD.replace("Prek", evil).replace("district", f"district,{evil}"
                                                                           ).replace("OD 1,", "OD 1,x,"))
    scores = put(tmp_path, "s.csv", SCORES.replace("score\n", "item,score\n").replace("Q1,", f"Q1,{evil},", 1)
                 .replace("A2,2021Q1,", "A2,2021Q1,total,"))

    import_data(register, scores, out=tmp_path / "data")

    page = (tmp_path / "data" / "quality.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;" in page and "&lt;b&gt;.csv" in page
    assert "<script" not in page and "<b>" not in page


def test_control_characters_are_taken_out_and_said(tmp_path):
    data = import_data(put(tmp_path, "r.csv", GOOD.replace("Prek", '"Pr\x07e\nk\x1b[31m"')), out=tmp_path / "data")

    assert data.register.name[1] == "Pr e k [31m"
    assert "control characters" in (tmp_path / "data" / "quality.csv").read_text(encoding="utf-8")


def test_a_very_long_text_is_an_error_and_is_not_repeated(tmp_path):
    message = refusal(tmp_path, GOOD.replace("Prek", "x" * 300_000), "r.csv")

    assert "name has 300,000 characters" in message
    assert len(message) < 1000


def test_ids_that_look_like_paths_stay_texts(tmp_path):
    data = import_data(put(tmp_path, "r.csv", GOOD.replace("A2", "../../etc/passwd")), out=tmp_path / "data")

    assert "../../etc/passwd" in data.register.id
    assert sorted(each.name for each in tmp_path.iterdir()) == ["data", "r.csv"]


@pytest.mark.parametrize("content", [
    b"", b"\n\n", b"\x00\x01\x02", b"\xff\xfe", b"\xff\xfe\x00", "a,b\n1,2".encode("utf-32"), b'"', b"name,type\n",
    b"x" * 100_000, b"," * 5000, b"name,type,province,district\n,,,\n"])
def test_broken_texts_are_refused_in_words(tmp_path, content):
    assert refusal(tmp_path, content, "r.csv")


def test_folders_pipes_and_missing_files_are_refused_together(tmp_path, capsys):
    (tmp_path / "folder").mkdir()

    files = [str(tmp_path / "folder"), str(tmp_path / "none.csv")]
    assert main(["import", "--register", *files, "--out", str(tmp_path / "d")]) == 2
    error = capsys.readouterr().err
    assert "this is a folder" in error and "there is no such file" in error


# ------------------------------------------------------------------------------------------------------ properties


garbage = st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
                    st.text(alphabet='nametypprovic,;"\n\t=\'{}[]:0123Q', max_size=300).map(str.encode))


@given(content=garbage)
@example(content=b"{")
@example(content=b"[[[[")
@example(content=b'"\r"')
@settings(max_examples=50)
def test_any_bytes_are_read_or_refused_in_words(content, tmp_path_factory):
    file = tmp_path_factory.mktemp("any") / "any"
    file.write_bytes(content)
    good = file.with_name("good.csv")
    good.write_text(GOOD, encoding="utf-8")

    for arguments in ({"register": file}, {"register": good, "scores": file}, {"register": good, "joined": file}):
        try:
            import_data(**arguments, out=file.with_name("data"))
        except QicsimError as refused:
            assert str(refused)


cells_of_csv = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\u2028\u2029"),
                       max_size=8)


@given(rows=st.lists(st.lists(cells_of_csv, min_size=2, max_size=5), min_size=1, max_size=6))
@settings(max_examples=60)
def test_any_table_that_is_written_as_csv_is_read_back(rows, tmp_path_factory):
    width = max(map(len, rows))
    padded = [row + [""] * (width - len(row)) for row in rows]
    text = pd.DataFrame(padded).to_csv(index=False, header=False, lineterminator="\n")
    if len({text.count(sign) for sign in ",;\t|"}) < 4 and text.count(",") <= max(text.count(sign) for sign in ";\t|"):
        return  # another sign than the comma parts more cells: nobody could tell

    assert csv_rows(decoded(text.encode())[0]).to_numpy().tolist() == padded


@given(scores=st.lists(st.floats(1.5, 100), min_size=2, max_size=8), first=st.integers(2000 * 4, 2030 * 4))
@settings(max_examples=12)
def test_scores_that_are_written_are_read_back(scores, first, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scores")
    quarters = [f"{number // 4}Q{number % 4 + 1}" for number in range(first, first + len(scores))]
    lines = [f"A1,{quarter},{score!r}" for quarter, score in zip(quarters, scores, strict=True)]

    data = import_data(put(folder, "r.csv", GOOD), put(folder, "s.csv", "facility,quarter,score\n" + "\n".join(lines)),
                       out=folder / "data", today=datetime.date(2033, 1, 1), scale="100")

    assert data.quarters == tuple(quarters)
    assert data.scores[0].tolist() == scores
    assert read_folder(folder / "data").digest == data.digest


@given(cells=st.lists(st.one_of(st.none(), st.booleans(), st.integers(-10**9, 10**9),
                                st.integers(-10**9, 10**9).map(lambda number: number / 64),
                                st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=9)),
                      min_size=1, max_size=6))
@settings(max_examples=40)
def test_any_row_of_a_workbook_is_read_as_text(cells, tmp_path_factory):
    shown = [workbook.cell_text(cell) for cell in cells]
    book = book_of([["end" if cell is None else cell for cell in cells]])
    file = put(tmp_path_factory.mktemp("book"), "b.xlsx", book)
    findings = Findings()

    opened = open_files([file], "register", findings)

    if findings.of("error") or any(text.startswith("=") for text in shown):
        return  # an empty sheet, or a formula
    read = opened[0].grids[0].rows.iloc[0].tolist()
    expected = ["end" if cell is None else text for cell, text in zip(cells, shown, strict=True)]
    while expected and not expected[-1]:
        expected.pop()
    assert [text.replace("_x005F_", "_") for text in read] == [text.replace("_x005F_", "_") for text in expected]


@given(fates=st.lists(st.sampled_from(["used", "not used", "error"]), min_size=1, max_size=30))
@settings(max_examples=40)
def test_accounts_hold_every_row_and_add_up(fates):
    accounts = Accounts()
    for row, fate in enumerate(fates, start=1):
        accounts.add_rows("f", "", [row], fate, "because")

    lines = accounts.frame()
    read = [line.fate for line in lines.itertuples() for _ in range(line.first_row, line.last_row + 1)]

    assert read == fates
    counted = [fates.count(each) for each in ("used", "not used", "error")]
    assert accounts.totals().loc["f"].tolist() == [len(fates), *counted]


# ------------------------------------------------------------------------------------------------------- messages


@pytest.mark.parametrize("code", ["\x1b[31m", "\x07", "\x9b31m", "\u202e"])
def test_control_codes_of_a_file_never_reach_the_terminal(tmp_path, capsys, code):
    register = put(tmp_path, "r.csv", GOOD)
    rows = f"{code}Z,2021Q1,50\n{code}Y,2021Q1,50\n{code}X,{code}2,5\n"
    scores = put(tmp_path, "s.csv", "facility,quarter,score\n" + rows)

    assert main(["import", "--register", str(register), "--scores", str(scores), "--out", str(tmp_path / "d")]) == 2
    said = capsys.readouterr().err
    assert code[0] not in said and f"\\x{ord(code[0]):02x}" in said
    assert main(["import", "--register", str(tmp_path / f"no{code}.csv"), "--out", str(tmp_path / "d")]) == 2
    assert code[0] not in capsys.readouterr().err


def test_a_year_with_a_sign_and_a_huge_number_are_refused_without_a_warning_of_numpy(tmp_path):
    register = put(tmp_path, "r.csv", GOOD)

    joined = put(tmp_path, "j.csv", "facility,joined\nA1,-2022\n")
    scores = put(tmp_path, "s.csv", SCORES + "A1,2021Q2,1e308\n")
    for words, more in (('joined "-2022" is not a date: it begins with a sign', {"joined": joined}),
                        ("the score 1e308 is impossible", {"scores": scores})):
        with pytest.raises(QicsimError, match=words):
            import_data(register, out=tmp_path / "data", **more)


def test_a_register_that_cannot_be_opened_is_one_error(tmp_path):
    assert len(refusal(tmp_path, b"[" * 100_000, "r.json").splitlines()) == 1
