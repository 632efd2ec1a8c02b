"""The examples of `docs/experiments.md` do what they say, on a smaller scale."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qicsim.analysis import study_kinds
from qicsim.runs.study import Kind, read_study

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8")
SMALL = """\
title = "Small"
scenarios = ["reported", "national-2030"]
from = "prior"
draws = 2
until = "2030-12"
"""


def block(language):
    return re.search(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)[1]


def test_the_study_can_be_used(tmp_path):
    (tmp_path / "study.toml").write_text(block("toml").replace('from = "posterior"', 'from = "prior"').replace(
        'kind = "..."', 'kind = "any"'))
    (tmp_path / "points.csv").write_text(block("csv"))
    (tmp_path / "my-plan.toml").write_text('title = "Mine"\ndescription = "Mine."\nextends = "national-2030"\n')
    study = read_study(tmp_path / "study.toml", {"any": Kind(lambda faults, table, study: table)})

    assert len(study.points()) == 64 * 3
    assert study.points().levers == ("coaches", "schedule")


def test_the_python_example_runs(tmp_path, monkeypatch):
    (tmp_path / "small.toml").write_text(SMALL)
    example = block("python").replace("experiments/pay-and-improve.toml", "small.toml")
    example = example.replace('"processes"', '"threads"')  # processes need a script with a main part
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "experiments.md", "exec"), {"__name__": "__main__"})  # noqa: S102 the page is our own

    assert (tmp_path / "out" / "summary.csv").exists()


@pytest.mark.parametrize("act", ["run", "resume", "extend", "status", "merge", "report"])
def test_every_act_is_explained(act):
    assert f"`{act} FILE" in TEXT


@pytest.mark.parametrize("kind", ["contrasts", "split", "replicates", "factorial", "sobol", "attribution"])
def test_every_analysis_is_explained_by_a_table_that_can_be_used(kind, tmp_path):
    shown = next(text for text in re.findall(r"^```toml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
                 if text.startswith("[analysis]") and f'kind = "{kind}"' in text)
    study = SMALL.replace('"reported", ', "") if kind == "factorial" else SMALL
    (tmp_path / "study.toml").write_text(study.replace("draws = 2", "draws = 4") + shown)

    assert study_kinds.read_study(tmp_path / "study.toml").kind == kind


def test_every_kind_is_explained():
    for kind in study_kinds.KINDS:
        assert f"| `{kind}` |" in TEXT
