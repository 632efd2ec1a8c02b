"""Edits drawn at random are noticed by the tests that noticed them when they were drawn (`tests/random_mutants.py`)."""

import csv
from pathlib import Path

import pytest

from tests.random_mutants import COLUMNS, FOLDER, NUMBER, found
from tests.test_mutants import ROOT, TESTS_FAILED, checkout, outcome_of

__all__ = ["checkout"]  # a fixture

with Path(__file__).with_name("mutants.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
NOTICED = [row for row in ROWS if row["noticed by"].startswith("tests/")]
FEWEST = 54


def test_nine_of_ten_edits_are_noticed_and_the_others_are_explained():
    assert tuple(ROWS[0]) == COLUMNS and len(ROWS) == NUMBER
    assert len(NOTICED) >= FEWEST
    assert all(row["noticed by"].startswith("nothing: ") for row in ROWS if row not in NOTICED)


@pytest.mark.slow
@pytest.mark.parametrize("row", NOTICED, ids=lambda row: f"{row['file']}: {row['after'][:60]}")
def test_an_edit_is_noticed(checkout, row):
    file = checkout / FOLDER.relative_to(ROOT) / row["file"]
    text = file.read_text(encoding="utf-8")

    file.write_text(found(row["file"], row["before"], row["after"]).text, encoding="utf-8")
    try:
        done = outcome_of(checkout, f"'{row['noticed by']}'")
    finally:
        file.write_text(text, encoding="utf-8")

    assert done.returncode == TESTS_FAILED, done.stdout
