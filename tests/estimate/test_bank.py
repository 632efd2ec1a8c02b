"""Banks: what they hold, and what they survive."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from qicsim.estimate.calibrate.bank import FAILED, NOT_FINITE, read_bank
from qicsim.estimate.calibrate.choice import choose
from qicsim.estimate.calibrate.fill import CubePoints, SimulatorError, fill_bank
from qicsim.ground.errors import DataError, SettingError
from qicsim.runs.draws import unit_points
from tests.estimate.known import linear_gaussian


class Killed(BaseException):
    """As a signal would."""


def assert_same(one, other):
    for name in ("cube", "values", "streams", "errors", "status"):
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True), name


def failing(theta, streams):
    """Runs 5 and 70 raise, run 9 is not finite."""
    if np.isin(streams, [5, 70]).any():
        raise ZeroDivisionError("no facilities")
    summaries = linear_gaussian()[0].simulate(theta, streams)
    summaries[streams == 9, 2] = np.nan
    return summaries


def test_points_are_those_of_the_ensembles_wherever_one_begins():
    points = unit_points(300, 7, 3)

    assert np.array_equal(CubePoints(7, 3).next(300), points)
    assert np.array_equal(CubePoints(7, 3, 100).next(200), points[100:])


def test_a_bank_is_the_same_in_memory_and_on_disk_and_in_any_chunks(tmp_path):
    problem, _, _ = linear_gaussian()
    whole = fill_bank(problem, 300, chunk=1000)

    assert_same(fill_bank(problem, 300, chunk=37), whole)
    assert_same(fill_bank(problem, 300, folder=tmp_path, chunk=64), whole)
    assert_same(read_bank(tmp_path), whole)


def test_a_larger_bank_begins_with_the_smaller_and_simulates_only_the_rest(tmp_path):
    problem, _, _ = linear_gaussian()
    asked = []
    noting = replace(problem, simulate=lambda theta, streams: asked.extend(streams) or problem.simulate(theta, streams))
    fill_bank(noting, 100, folder=tmp_path, chunk=64)
    larger = fill_bank(noting, 250, folder=tmp_path, chunk=50)

    assert asked == list(range(250))
    assert_same(larger, fill_bank(problem, 250))


def test_a_killed_bank_goes_on_where_it_was(tmp_path):
    problem, _, _ = linear_gaussian()

    def kill(theta, streams):
        if streams[0] >= 128:
            raise Killed
        return problem.simulate(theta, streams)

    with pytest.raises(Killed):
        fill_bank(replace(problem, simulate=kill), 300, folder=tmp_path, chunk=64)
    (tmp_path / "chunk-00000128-00000192.npy.part").write_bytes(b"half a chunk")

    assert len(read_bank(tmp_path)) == 128
    assert_same(fill_bank(problem, 300, folder=tmp_path, chunk=64), fill_bank(problem, 300))


def test_failed_runs_are_recorded_with_their_draw_and_weigh_nothing(tmp_path):
    problem = replace(linear_gaussian()[0], simulate=failing)
    bank = fill_bank(problem, 256, folder=tmp_path, chunk=64)
    notes = [json.loads(line) for line in (tmp_path / "failures.jsonl").read_text(encoding="utf-8").splitlines()]

    assert bank.failed.tolist() == [5, 9, 70]
    assert bank.status[[5, 9, 70]].tolist() == [FAILED, NOT_FINITE, FAILED]
    assert [note["stream"] for note in notes] == [5, 9, 70]
    assert notes[0]["fault"] == "ZeroDivisionError: no facilities" and notes[1]["summaries"] == ["s2"]
    assert notes[0]["cube"] == bank.cube[5].tolist()
    assert not np.isin([5, 9, 70], choose(problem, bank).members).any()


def test_a_simulator_that_always_fails_stops_the_filling_with_its_reason(tmp_path):
    problem = replace(linear_gaussian()[0], simulate=lambda theta, streams: theta[:, :2])

    with pytest.raises(SimulatorError, match=r"every run of a chunk of 64 failed.*shape \(64, 2\); expected \(64, 6\)"):
        fill_bank(problem, 256, folder=tmp_path, chunk=64)


def test_a_bank_of_another_problem_is_refused_and_kept(tmp_path):
    problem, _, _ = linear_gaussian()
    fill_bank(problem, 64, folder=tmp_path)

    with pytest.raises(DataError, match="seed: the bank was made with 1. Allowed: 2. Choose another folder"):
        fill_bank(problem, 64, folder=tmp_path, seed=2)
    with pytest.raises(DataError, match="identity"):
        read_bank(tmp_path, replace(problem, identity="another model"))
    assert len(read_bank(tmp_path, problem)) == 64


def test_settings_out_of_range_come_at_once():
    with pytest.raises(SettingError) as caught:
        fill_bank(linear_gaussian()[0], 0, seed=-1, chunk=0)

    assert len(caught.value.faults) == 3


def test_a_folder_without_a_bank_says_so(tmp_path):
    with pytest.raises(DataError, match="there is no bank.json"):
        read_bank(tmp_path)


def test_progress_counts_to_the_end():
    seen = []
    fill_bank(linear_gaussian()[0], 100, chunk=40, progress=lambda done, total: seen.append((done, total)))

    assert seen == [(40, 100), (80, 100), (100, 100)]
