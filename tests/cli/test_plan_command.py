"""`qicsim plan` as a user types it: files by their endings, the same bytes, and refusals before anything runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from qicsim.cli import main
from tests.helpers import typed
from tests.plan.conftest import LONGER
from tests.worlds import register_text

ROOT = Path(__file__).parents[2]
FEW = ("--draws", "prior:2", "--replicates", "1", "--quiet")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "register.csv").write_text(register_text())
    (tmp_path / "small.toml").write_text(LONGER.replace('"A small country"', "'=1+1 <small>'"))
    (tmp_path / "other.toml").write_text('title = "More"\ndescription = "More coaches."\nextends = "small.toml"\n'
                                         "[levers]\ncoaches = 6\n")
    (tmp_path / "third.toml").write_text('title = "Fewer"\ndescription = "Fewer coaches."\nextends = "small.toml"\n'
                                         "[levers]\ncoaches = 1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_plan_writes_every_workbook_that_is_asked_for(folder, capsys):
    code = main(["plan", "other.toml", "--reference", "small.toml", *FEW, "--out", "a.xlsx", "--out", "new/b.xlsx"])

    assert code == 0
    assert capsys.readouterr().out == f"Workbook: a.xlsx, {Path('new') / 'b.xlsx'}\n"
    assert (folder / "a.xlsx").read_bytes() == (folder / "new" / "b.xlsx").read_bytes()
    sheet = load_workbook("a.xlsx")["Read me"]
    assert sheet["A1"].value == "More"
    assert sheet["A2"].value.startswith("Compared with: =1+1 <small>.")


@pytest.mark.slow
def test_the_command_gives_the_same_bytes_in_another_process(folder, monkeypatch):
    words = ["plan", "small.toml", "--reference", "small.toml", *FEW, "--out", "plan.xlsx"]
    done = subprocess.run([sys.executable, "-m", "qicsim", *words], cwd=folder, capture_output=True, text=True,
                          env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}, check=False)
    assert done.returncode == 0, done.stderr
    other = (folder / "plan.xlsx").read_bytes()

    monkeypatch.setenv("QICSIM_STORE", str(folder / "runs of its own"))
    assert typed(*words, cwd=folder).returncode == 0
    assert (folder / "plan.xlsx").read_bytes() == other


def test_options_stand_in_the_chapter_with_value_for_money(folder, light):
    code = main(["plan", "other.toml", "--reference", "small.toml", *FEW, "--option", "third.toml", "--option",
                 "small.toml", "--out", "a.docx"])
    chapter, annexes = (Document(name) for name in ("a.docx", "a-annexes.docx"))
    heads = {row: [cell.text for cell in one.rows[0].cells] for row, one in enumerate(chapter.tables)}
    options = next(one for at, one in enumerate(chapter.tables) if heads[at][1].startswith("True quality"))
    value, without = [one for one in annexes.tables if one.rows[0].cells[0].text == "Option"]

    assert code == 0
    assert [row.cells[0].text for row in options.rows][1:] == ["Without the plan: =1+1 <small>", "More", "Fewer"]
    for part in (value, without):
        assert {row.cells[0].text for row in part.rows[1:]} == {"=1+1 <small>", "More", "Fewer"}
    assert "Recommended path" not in "\n".join(one.text for one in chapter.paragraphs)


def test_papers_of_two_languages_stand_side_by_side(folder, bare, capsys):
    assert main(["plan", "other.toml", "--reference", "small.toml", *FEW, "--language", "both", "--out", "a.xlsx",
                 "--out", "b.docx"]) == 0
    names = ["a.km.xlsx", "a.xlsx", "b-annexes.docx", "b-brief.docx", "b.docx", "b.km-annexes.docx", "b.km-brief.docx",
             "b.km.docx"]

    assert sorted(path.name for path in folder.iterdir() if path.suffix in (".xlsx", ".docx")) == names
    assert load_workbook("a.km.xlsx").sheetnames[0] == "សូមអាន"
    assert "a.km.xlsx" in capsys.readouterr().out


@pytest.mark.slow
def test_the_readme_s_command_recommends_nothing_that_a_shipped_plan_dominates(folder, light):
    """By default every shipped plan is run, so that a dominated one is told as such."""
    assert main(["plan", "national-2030", "--draws", "4", "--replicates", "1", "--quiet", "--out", "n.docx"]) == 0
    told = "\n".join(one.text for one in Document("n.docx").paragraphs)

    assert "Not recommended as it is" in told
    assert "Recommended path" not in told


@pytest.mark.slow
def test_a_file_as_written_is_replaced_and_one_that_was_changed_is_not(folder, bare, capsys):
    words = ["plan", "small.toml", "--reference", "small.toml", *FEW, "--out", "a.xlsx", "--out", "a.docx"]
    assert main(words) == main(words) == 0
    book, chapter = load_workbook("a.xlsx"), Document("a.docx")
    book["Read me"]["A1"] = "mine"
    book.save("a.xlsx")
    chapter.core_properties.last_modified_by = "A planner"
    chapter.save("a.docx")
    before = [(folder / name).read_bytes() for name in ("a.xlsx", "a.docx")]
    capsys.readouterr()

    assert main(words) == 2
    said = capsys.readouterr().err
    assert all(part in said for part in ("a.xlsx, a.docx are changed since qicsim wrote it", "--replace"))
    assert [(folder / name).read_bytes() for name in ("a.xlsx", "a.docx")] == before
    assert main([*words, "--replace"]) == 0
    assert load_workbook("a.xlsx")["Read me"]["A1"].value != "mine"


def test_a_text_file_with_the_name_of_a_workbook_is_kept(folder, capsys):
    (folder / "mine.xlsx").write_text("my notes")

    assert main(["plan", "small.toml", "--reference", "small.toml", *FEW, "--out", "mine.xlsx"]) == 2
    assert "mine.xlsx" in capsys.readouterr().err
    assert (folder / "mine.xlsx").read_text() == "my notes"


@pytest.mark.parametrize(("words", "told"), [
    (["--option", "reprted"], ['Did you mean "reported"?']),
    (["--out", "plan.pdf", "--out", "x.csv"], ['"plan.pdf"', '"x.csv"', "Allowed: .xlsx or .docx"]),
    (["--out", "register.csv/plan.xlsx"], ["cannot be written"]),
    (["--out", "taken.xlsx"], ["taken.xlsx: is a folder"]),
    (["--discount", "3"], ["0.03"]),
    (["--replicates", "0"], ["--replicates: 0 is out of range"]),
    (["--until", "2026-12"], ["horizon of small", "2026 (the baseline)"]),
    (["--reference", "reprted"], ['Did you mean "reported"?'])])
def test_what_cannot_be_done_is_refused_and_nothing_is_written(folder, capsys, words, told):
    (folder / "taken.xlsx").mkdir()
    before = sorted(folder.rglob("*"))
    code = main(["plan", "small.toml", "--reference", "small.toml", *FEW, *words])

    said = capsys.readouterr().err
    assert code == 2
    assert all(part in said for part in told), said
    assert sorted(folder.rglob("*")) == before
