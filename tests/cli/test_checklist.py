"""`qicsim checklist` as a user types it."""

from __future__ import annotations

import json

from tests.cli.test_cli import qicsim


def test_a_list_is_printed_with_its_score_at_the_end(tmp_path):
    done = qicsim("checklist", "odd", "national-2030", cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("[x] 1.1 Purpose (For what, and for whom, the model was made): The model")
    assert " ".join(done.stdout.splitlines()[-2:]) == (
        "ODD: 20 of 20 published items are filled (100 %; list verified only in part against the publication). None is "
        "open. Of 4 further items of this project 4 are filled.")
    assert list(tmp_path.iterdir()) == []


def test_a_list_is_written_and_says_where(tmp_path):
    done = qicsim("checklist", "cheers", "national-2030", "--out", "list.html", cwd=tmp_path)

    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "Page: list.html"
    assert "<h1>CHEERS 2022" in (tmp_path / "list.html").read_text(encoding="utf-8")


def test_what_cannot_be_used_is_refused_in_a_line_and_nothing_is_written(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "provenance.json").write_text(json.dumps({"scenarios": {}}), encoding="utf-8")
    ending = qicsim("checklist", "stress", "national-2030", "--out", "list.pdf", cwd=tmp_path)
    unknown = qicsim("checklist", "odd", "natonal-2030", cwd=tmp_path)
    empty = qicsim("checklist", "odd", "--run", "run", cwd=tmp_path)

    assert [done.returncode for done in (ending, unknown, empty)] == [2, 2, 2]
    assert '"list.pdf" has another ending' in ending.stderr
    assert "national-2030" in unknown.stderr
    assert "names no scenarios" in empty.stderr
    assert all("Traceback" not in done.stderr for done in (ending, unknown, empty))
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
