"""The studies in `experiments/` can be read, and do what they say on a small scale."""

from __future__ import annotations

import html
import re
from pathlib import Path

import numpy as np
import pytest

from qicsim.analysis.study_kinds import read_study
from qicsim.runs.experiment import run_experiment

FOLDER = Path(__file__).parents[2] / "experiments"
RESULTS = sorted(path for path in (FOLDER / "results").iterdir() if path.is_dir())
MOST_BYTES = 1_500_000


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_study_can_be_read(path):
    assert read_study(path).title


def test_payment_and_collaboratives_are_there_where_the_study_says_so(tmp_path):
    study = read_study(FOLDER / "pay-and-improve.toml").of_size(draws=1, replicates=1)
    results = run_experiment(study, tmp_path)
    by_name = dict(zip(results.scenarios, range(4), strict=True))

    joined = results.values("coverage", time="2032Q4")[:, 0, 0, 0, 0]
    assert joined[by_name["neither"]] < 0.5 < joined[by_name["qic-without-pbf"]]
    paid = results.values("pbf_cost", time="2030")[:, 0, 0, 0, 0]
    assert paid[by_name["reported"]] > 2 * paid[by_name["neither"]]
    assert np.isfinite(results.values("true")).all()


@pytest.mark.parametrize("folder", RESULTS, ids=lambda path: path.name)
def test_every_result_is_whole_small_and_has_its_study(folder):
    page = (folder / "report.html").read_text(encoding="utf-8")

    assert (FOLDER / f"{folder.name}.toml").exists()
    assert f"qicsim experiment run experiments/{folder.name}.toml" in page
    assert "This experiment is not complete" not in page
    assert sum(path.stat().st_size for path in folder.iterdir()) < MOST_BYTES


def test_what_the_readme_quotes_is_what_the_reports_say():
    """A row that links to a report quotes its sentences between guillemets."""
    rows = [line for line in (FOLDER / "README.md").read_text(encoding="utf-8").splitlines() if "report.html)" in line]
    assert rows
    for row in rows:
        folder = re.search(r"\((results/[^)]+/report\.html)\)", row)[1]
        said = spaces(html.unescape((FOLDER / folder).read_text(encoding="utf-8")))
        quoted = re.findall(r"«([^»]+)»", row)
        assert quoted, folder
        assert [quote for quote in quoted if spaces(quote) not in said] == []


def spaces(text):
    return re.sub(r"\s+", " ", text)
