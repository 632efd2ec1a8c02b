"""Commands and studies on a data folder."""

import json

import pytest

import qicsim
from qicsim.__main__ import main
from qicsim.agents import QicModel
from qicsim.analysis.quick import sensitivity_study
from qicsim.ground.errors import DataError
from qicsim.runs.study import read_study
from tests.worlds import JOINED, data_folder, register_text

SCORES = "facility,quarter,item,score\n" + "".join(
    f"{line.split(',')[0]},2019Q{quarter},total,{50 + (at * 7 + quarter * 5) % 30}\n"
    for at, line in enumerate(register_text().splitlines()[1:]) for quarter in (1, 2))


@pytest.fixture
def folder(tmp_path):
    """A data folder with scores and joining months, whose levels were not estimated yet."""
    (tmp_path / "facts").mkdir()
    return data_folder(tmp_path / "facts", scores=SCORES, joined=JOINED)


def test_compare_runs_on_the_facilities_of_the_folder_and_says_so(folder, tmp_path, capsys):
    out = tmp_path / "out"

    code = main(["compare", "national-2030", "--until", "2028-12", "--draws", "2", "--replicates", "1", "--quiet",
                 "--data", str(folder), "--out", str(out), "--language", "both"])

    page, khmer_page = ((out / name).read_text(encoding="utf-8") for name in ("compare.html", "compare.km.html"))
    assert code == 0 and "Page:" in capsys.readouterr().out
    assert "The 43 facilities are those of the register" in page
    assert "43 of them start in 2019-06 from the levels of their observed scores" in page
    assert "synthetic" not in page
    assert "is not made for this register" in page and "មិនមែនសម្រាប់បញ្ជីនេះទេ" in khmer_page
    assert "មូលដ្ឋានទាំង 43" in khmer_page and "សិប្បនិម្មិត" not in khmer_page
    assert (folder / "levels.csv").exists()
    facts = json.loads((out / "provenance.json").read_text())["scenarios"]
    assert all({"register", "levels", "joined"} <= set(one["data"]) for one in facts.values())


def test_run_prints_the_facilities_of_the_folder(folder, capsys):
    assert main(["run", "reported", "--until", "2019-12", "--draws", "2", "--quiet", "--data", str(folder)]) == 0

    assert capsys.readouterr().out.splitlines()[-1].split()[:3] == ["2019", "43.0", "(43.0-43.0)"]


def test_a_folder_that_is_not_there_ends_with_code_2(tmp_path, capsys):
    assert main(["run", "reported", "--quiet", "--data", str(tmp_path / "none")]) == 2

    assert "none: is no folder" in capsys.readouterr().err


def test_history_tells_of_a_real_facility(folder, tmp_path, capsys):
    code = main(["history", "OD-BA1-H1", "--data", str(folder), "--out", str(tmp_path / "out"), "--to", "2020-12"])

    assert code == 0 and "OD-BA1-H1" in capsys.readouterr().out
    assert "The facility is one of the register that the run was given." in (tmp_path / "out/history.html").read_text()


def test_a_study_names_its_data_folder_beside_it(folder, tmp_path):
    study = tmp_path / "study.toml"
    study.write_text('title = "t"\nscenarios = ["reported"]\ndata = "facts"\nuntil = "2019-12"\ndraws = 2\n')

    scenario, = read_study(study).scenarios

    assert scenario.data["levels"] == (folder / "levels.csv").resolve()
    study.write_text(study.read_text().replace('"facts"', '"fact"'))
    with pytest.raises(DataError, match="data: .*fact: is no folder"):
        read_study(study)


def test_sensitivity_and_python_take_the_folder(folder):
    study = sensitivity_study("reported", data=folder, size=4, until="2019-12", indicators=["true"])
    runs = qicsim.run(study.scenarios[0], draws=2)
    again = qicsim.run("reported", draws=2, until="2019-12", data=folder)

    assert again.frame(["facilities"])["facilities"].iloc[-1] == 43
    assert again.frame(["recorded"]).equals(runs.frame(["recorded"]))
    assert len(QicModel.from_name("reported", until="2019-12", data=folder).facilities) == 43


def test_plan_writes_workbook_and_chapter_of_the_folders_facilities(folder, tmp_path, bare):
    code = main(["plan", "national-2030", "--until", "2028-12", "--draws", "2", "--replicates", "1", "--quiet",
                 "--data", str(folder), "--out", str(tmp_path / "plan.xlsx"), "--out", str(tmp_path / "plan.docx")])

    assert code == 0
    assert (tmp_path / "plan.xlsx").stat().st_size > 0 and (tmp_path / "plan.docx").stat().st_size > 0
