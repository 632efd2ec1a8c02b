"""An import writes over nothing but an earlier import: not its own inputs, not the files of others."""

import os

import pytest

from qicsim import import_data
from qicsim.cli import main
from qicsim.ground.errors import SettingError

REGISTER = ("name,id,type,province,district,population\nChrey HC,A1,HC,Battambang,OD 1,9000\n"
            "Prek HC,A2,HC,Battambang,OD 1,8000\n")
SCORES = "facility,quarter,score\nA1,2021Q1,70\nA2,2021Q1,75\n"


@pytest.fixture
def mine(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "register.csv").write_text(REGISTER, encoding="utf-8")
    (folder / "scores.csv").write_text(SCORES, encoding="utf-8")
    return folder


def contents(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_an_import_into_the_folder_of_its_inputs_is_refused_and_leaves_them_as_they_were(mine, capsys):
    before = contents(mine)

    code = main(["import", "--register", str(mine / "register.csv"), "--scores", str(mine / "scores.csv"),
                 "--out", str(mine)])

    assert code == 2
    error = capsys.readouterr().err
    assert error.count("is an input file, and the import would write over it") == 2
    assert contents(mine) == before


@pytest.mark.parametrize("name", ["levels.csv", "joined.csv", "scores.csv"])
def test_an_input_that_would_be_removed_is_refused_even_where_an_import_wrote_the_folder(mine, tmp_path, name):
    import_data(mine / "register.csv", out=tmp_path / "data")
    people = tmp_path / "data" / name
    people.write_text("id,population\nA1,5000\n", encoding="utf-8")

    with pytest.raises(SettingError, match="is an input file"):
        import_data(mine / "register.csv", population=people, out=tmp_path / "data")

    assert people.exists()


def test_a_link_to_an_input_is_the_input(mine, tmp_path):
    (tmp_path / "link.csv").symlink_to(mine / "register.csv")
    (tmp_path / "other").mkdir()
    os.link(mine / "register.csv", tmp_path / "other" / "register.csv")

    for out in (mine, tmp_path / "other"):
        with pytest.raises(SettingError, match="is an input file"):
            import_data(tmp_path / "link.csv", out=out)


@pytest.mark.parametrize("name", ["register.csv", "levels.csv", "quality.html", "provenance.json"])
def test_a_folder_with_files_of_others_is_refused(mine, tmp_path, name):
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / name).write_text("[1]", encoding="utf-8")

    with pytest.raises(SettingError, match=rf"holds {name}, and no import wrote this folder"):
        import_data(mine / "register.csv", out=foreign)

    assert contents(foreign) == {name: b"[1]"}


def test_a_folder_with_other_names_and_one_of_an_earlier_import_are_taken(mine, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "notes.txt").write_text("mine", encoding="utf-8")

    for _ in range(2):
        import_data(mine / "register.csv", mine / "scores.csv", out=tmp_path / "data")

    assert (tmp_path / "data" / "notes.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(("report", "reason"), [
    ("mine/scores.csv", "is an input file"), ("letter.html", "is not a page of `qicsim import`"),
    ("data/register.csv", "is the name of another file of the data folder"), ("mine", "is a folder"),
    ("nowhere/page.html", "no such folder")])
def test_the_page_never_takes_the_place_of_another_file(mine, tmp_path, report, reason):
    (tmp_path / "letter.html").write_text("<title>Letter</title>", encoding="utf-8")
    import_data(mine / "register.csv", out=tmp_path / "data")
    before = contents(mine) | contents(tmp_path / "data")

    with pytest.raises(SettingError, match=reason):
        import_data(mine / "register.csv", mine / "scores.csv", out=tmp_path / "data", report=tmp_path / report)

    assert contents(mine) | contents(tmp_path / "data") == before
    assert (tmp_path / "letter.html").read_text(encoding="utf-8") == "<title>Letter</title>"


def test_an_earlier_page_is_replaced(mine, tmp_path):
    for scores in ((), mine / "scores.csv"):
        import_data(mine / "register.csv", scores, out=tmp_path / "data", report=tmp_path / "page.html")

    assert "2021Q1" in (tmp_path / "page.html").read_text(encoding="utf-8")
