"""Intervals: one type and one rule for what a sample says."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from qicsim.ground.intervals import DRAWS, NO_VALUE, RUNS, interval_of
from tests.source import MODULES, name_in, nodes_of

NAN, INF = np.nan, np.inf


def test_an_interval_by_hand():
    """Eleven values from 0 to 10: the quantile at p % lies at p/10."""
    found = interval_of(np.arange(11.0)[::-1]).at()

    assert (found.mean, found.median, found.n, found.kind) == (5.0, 5.0, 11, RUNS)
    assert (found.low, found.high) == pytest.approx((0.5, 9.5))


def test_runs_without_a_value_are_left_out_and_counted():
    found = interval_of(np.array([[1.0, NAN, 2.0, 7.0], [3.0, NAN, INF, NAN], [5.0, -INF, 4.0, NAN]]))

    assert found.n.tolist() == [3, 0, 2, 1]
    assert found.mean.tolist() == pytest.approx([3.0, NAN, 3.0, 7.0], nan_ok=True)
    assert found.low.tolist() == pytest.approx([1.2, NAN, 2.1, 7.0], nan_ok=True)
    assert found.high.tolist() == pytest.approx([4.8, NAN, 3.9, 7.0], nan_ok=True)
    assert found.median.tolist() == pytest.approx([3.0, NAN, 3.0, 7.0], nan_ok=True)


def test_many_samples_at_once_are_bit_equal_to_each_alone():
    sample = np.random.default_rng(3).normal(size=(37, 4, 5))
    sample[np.random.default_rng(4).random(sample.shape) < 0.2] = NAN
    sample[:, 0] = np.random.default_rng(5).normal(size=(37, 5))
    found = interval_of(sample)

    assert found.mean.shape == (4, 5)
    for at in np.ndindex(4, 5):
        values = sample[:, *at][np.isfinite(sample[:, *at])]
        alone = found.at(*at)
        assert (alone.low, alone.median, alone.high) == tuple(np.percentile(values, (5.0, 50.0, 95.0)))
        assert (alone.mean, alone.n) == (values.mean(), len(values))


def test_any_axis_may_be_that_of_the_runs():
    sample = np.random.default_rng(6).normal(size=(3, 20, 2))
    along, moved = interval_of(sample, axis=1, kind=DRAWS), interval_of(sample.transpose(1, 0, 2), kind=DRAWS)

    assert np.array_equal(along.low, moved.low) and np.array_equal(along.mean, moved.mean)
    assert (along.kind, along.rows(1).at(0).high) == (DRAWS, along.at(1, 0).high)


def test_another_level_has_other_ends():
    half = interval_of(np.arange(101.0), level=0.5).at()

    assert (half.low, half.high) == pytest.approx((25.0, 75.0))


def test_no_run_at_all_has_no_value():
    found = interval_of(np.empty((0, 2)))

    assert found.n.tolist() == [0, 0]
    assert np.isnan([found.mean, found.median, found.low, found.high]).all()
    assert NO_VALUE.n == 0 and np.isnan([NO_VALUE.mean, NO_VALUE.low, NO_VALUE.median, NO_VALUE.high]).all()


def test_a_change_of_unit_scales_the_numbers_and_not_their_count():
    found = interval_of(np.array([1e6, 2e6, 3e6])).at().scaled(1e-6)

    assert (found.mean, found.n) == (2.0, 3)
    assert (found.low, found.median, found.high) == pytest.approx((1.1, 2.0, 2.9))


def test_one_class_alone_holds_a_mean_with_its_two_ends():
    found = [f"{name_in(path)}: {node.name}" for path in MODULES for node in nodes_of(path)
             if isinstance(node, ast.ClassDef)
             if {"mean", "low", "high"} <= {part.target.id for part in node.body if isinstance(part, ast.AnnAssign)
                                            and isinstance(part.target, ast.Name)}]

    assert found == ["ground/intervals.py: Interval"]


def test_no_other_module_writes_the_ends_of_an_interval_as_numbers():
    found = [f"{name_in(path)}:{number}" for path in MODULES
             for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
             if "(5.0, 95.0)" in line or "(5, 95)" in line or "(5.0, 50.0, 95.0)" in line]

    assert found == []
