"""Results as rows and records."""

from __future__ import annotations

import json

import numpy as np
import pytest

from qicsim.analysis.contrasts import contrast
from qicsim.analysis.factorial import factorial
from qicsim.analysis.rows import (
    contrast_rows,
    effect_rows,
    family_rows,
    sensitivity_record,
    shapley_rows,
    split_rows,
)
from qicsim.analysis.sampling import sobol_design
from qicsim.analysis.sensitivity import sensitivity
from qicsim.analysis.shapley import shapley
from qicsim.analysis.variance import split
from tests.analysis.known import ishigami

LUCK = np.random.default_rng(1)


def test_a_contrast_over_time_has_a_row_for_each_time():
    found = contrast(LUCK.standard_normal((5, 2, 3)), np.zeros((5, 2, 3)))
    rows = contrast_rows("plan", found, ["2026", "2030", "2035"])

    assert [row["axis_1"] for row in rows] == ["2026", "2030", "2035"]
    assert rows[1]["mean"] == pytest.approx(float(found.mean[1]))
    assert rows[1]["pairs"] == 10


def test_what_has_no_value_is_empty_in_a_row():
    rows = contrast_rows("plan", contrast(np.full((3, 1), np.nan), np.zeros((3, 1))))

    assert rows[0]["mean"] is None
    assert json.dumps(rows)


def test_effects_and_shapley_values_have_their_names():
    cells = LUCK.standard_normal((4, 5, 2, 2))

    assert [row["name"] for row in effect_rows(factorial(cells, "AB"), "12")] == ["A", "A", "B", "B", "A x B", "A x B"]
    assert [row["name"] for row in shapley_rows(shapley(cells, "ab"), "12")][::2] == ["a", "b", "everything"]


def test_the_rows_of_a_split_add_up_to_one_at_each_time():
    found = split(LUCK.standard_normal((2, 2, 5, 3, 2)))

    for rows in (split_rows(found, "12"), family_rows(found, "12")):
        assert sum(row["share"] for row in rows if row["time"] == "2") == pytest.approx(1.0)
    assert len(split_rows(split(LUCK.standard_normal((1, 2, 5, 3))))) == 8


def test_a_record_holds_everything_about_indices():
    design = sobol_design(("a", "b", "c"), 8)
    record = sensitivity_record(sensitivity(design, {"y": ishigami(design.points)[:, None]})[0])

    assert not record["converged"]
    assert all(isinstance(value, float) for value in record["indices"]["total"]["estimate"])
    assert record["noise"]["of_run"] is None
    assert json.loads(json.dumps(record)) == record
