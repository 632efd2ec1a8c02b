"""Banks: what they hold, and what they survive."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qicsim.cli import main
from qicsim.estimate.calibrate.bank import FAILED, NOT_FINITE
from qicsim.estimate.calibrate.choice import choose
from qicsim.estimate.calibrate.fill import CubePoints, SimulatorError, fill_bank
from qicsim.ground.errors import SettingError
from qicsim.runs import buffer, shared_store
from qicsim.runs.draws import unit_points
from qicsim.runs.shared_store import contents, open_store
from qicsim.runs.store import Store, StoreError
from tests.estimate.known import linear_gaussian, normal_mean

ROOT = Path(__file__).resolve().parents[2]
KEPT = replace(linear_gaussian()[0], identity="kept")


class Killed(BaseException):
    """As a signal would."""


def assert_same(one, other):
    for name in ("cube", "values", "streams", "errors", "status"):
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True), name


def refusing(problem):
    """The problem with a simulator that must not be asked."""
    def refuse(theta, streams):
        raise AssertionError(f"{len(streams)} runs are simulated again")

    return replace(problem, simulate=refuse)


def let_go(folder):
    """As if this process had ended: it needs nothing of the folder any more."""
    lock = shared_store._HELD.pop(folder)
    lock.release()
    Path(lock.lock_file).unlink(missing_ok=True)


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


def kept_bank(folder, problem, runs, **rest):
    """A bank whose runs are kept in a folder, as a command makes it."""
    store = open_store(folder)
    with store.used():
        return fill_bank(problem.kept(store), runs, **rest)


def test_a_bank_is_the_same_in_memory_and_from_a_store_and_in_any_chunks(tmp_path):
    whole = fill_bank(KEPT, 300, chunk=1000)

    assert_same(fill_bank(KEPT, 300, chunk=37), whole)
    assert_same(kept_bank(tmp_path, KEPT, 300, chunk=64), whole)
    assert_same(kept_bank(tmp_path, refusing(KEPT), 300, chunk=100), whole)
    assert_same(kept_bank(False, KEPT, 300), whole)


def test_a_larger_bank_begins_with_the_smaller_and_simulates_only_the_rest(tmp_path):
    asked, told = [], []
    noting = replace(KEPT, simulate=lambda theta, streams: asked.extend(streams) or KEPT.simulate(theta, streams))
    kept_bank(tmp_path, noting, 100, chunk=64)
    larger = kept_bank(tmp_path, noting, 250, chunk=50, progress=lambda *how: told.append(how))

    assert asked == list(range(250))
    assert told == [(100, 250), (150, 250), (200, 250), (250, 250)]
    assert_same(larger, fill_bank(KEPT, 250))


def test_a_stopped_bank_goes_on_where_it_was(tmp_path):
    def kill(theta, streams):
        if streams[0] >= 128:
            raise Killed
        return KEPT.simulate(theta, streams)

    with pytest.raises(Killed):
        kept_bank(tmp_path, replace(KEPT, simulate=kill), 300, chunk=64)
    asked = []
    noting = replace(KEPT, simulate=lambda theta, streams: asked.extend(streams) or KEPT.simulate(theta, streams))

    assert_same(kept_bank(tmp_path, noting, 300, chunk=64), fill_bank(KEPT, 300))
    assert asked == list(range(128, 300))


KILLED = """\
import time
from dataclasses import replace
from qicsim.runs import buffer
from qicsim.runs.shared_store import open_store
from qicsim.estimate.calibrate.fill import fill_bank
from tests.estimate.known import linear_gaussian, normal_mean

buffer.SECONDS_BETWEEN_WRITES = 0.0
plain = linear_gaussian()[0]
slow = replace(plain, identity="kept", simulate=lambda *given: time.sleep(0.05) or plain.simulate(*given))
fill_bank(slow.kept(open_store()), 4000, chunk=40)
"""


def test_a_bank_that_was_killed_goes_on_and_ends_with_the_same_numbers(tmp_path):
    folder = tmp_path / "runs"
    environment = os.environ | {"QICSIM_STORE": str(folder), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", KILLED], env=environment)
    deadline = time.monotonic() + 120.0
    while len(list(folder.glob("runs-*"))) < 3:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (folder / "half.part").write_bytes(b"half a file")
    there = sum(contents(folder).runs.values())
    asked = []
    noting = replace(KEPT, simulate=lambda theta, streams: asked.extend(streams) or KEPT.simulate(theta, streams))

    assert 80 <= there < 4000
    assert_same(kept_bank(folder, noting, 4000), fill_bank(KEPT, 4000))
    assert asked == list(range(there, 4000))


def test_runs_of_a_damaged_file_are_simulated_again_and_that_is_said(tmp_path, caplog):
    kept_bank(tmp_path, KEPT, 100)
    kept_bank(tmp_path, KEPT, 150)
    damaged = max(tmp_path.glob("runs-*"), key=lambda path: path.stat().st_size)
    damaged.write_bytes(damaged.read_bytes()[:-7])
    asked = []
    noting = replace(KEPT, simulate=lambda theta, streams: asked.extend(streams) or KEPT.simulate(theta, streams))

    assert_same(kept_bank(tmp_path, noting, 150), fill_bank(KEPT, 150))
    assert asked == list(range(100))
    assert [f"{damaged} is damaged" in record.getMessage() for record in caplog.records] == [True]
    assert_same(kept_bank(tmp_path, refusing(KEPT), 150), fill_bank(KEPT, 150))


def test_failed_runs_are_noted_with_their_draw_and_weigh_nothing(tmp_path):
    problem = replace(KEPT, simulate=failing)
    bank = kept_bank(tmp_path, problem, 256, chunk=64)
    (file,) = tmp_path.glob("failed-*")
    notes = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]

    assert bank.failed.tolist() == [5, 9, 70]
    assert bank.status[[5, 9, 70]].tolist() == [FAILED, NOT_FINITE, FAILED]
    assert [(note["stream"], note["cause"], note["simulator"]) for note in notes] == [
        (stream, "ZeroDivisionError: no facilities", "simulator kept") for stream in (5, 70)]
    assert notes[0]["values"] == problem.quantile(bank.cube[5:6])[0].tolist()
    assert not np.isin([5, 9, 70], choose(problem, bank).members).any()
    assert_same(kept_bank(tmp_path, problem, 256), bank)
    assert_same(fill_bank(problem, 256, chunk=64), bank)


def test_a_simulator_that_always_fails_stops_the_filling_with_its_reason(tmp_path):
    problem = replace(KEPT, simulate=lambda theta, streams: theta[:, :2])

    with pytest.raises(SimulatorError, match=r"every run of a chunk of 64 failed.*shape \(64, 2\); expected \(64, 6\)"):
        kept_bank(tmp_path, problem, 256, chunk=64)
    assert contents(tmp_path).runs == {}


@pytest.mark.parametrize("there", [0, 30])
def test_a_full_disk_stops_the_filling_and_is_no_failure_of_runs(tmp_path, monkeypatch, there):
    if there:
        kept_bank(tmp_path, KEPT, there)

    def full(_store):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "runs-0.zip")

    monkeypatch.setattr(buffer, "SECONDS_BETWEEN_WRITES", 0.0)
    monkeypatch.setattr(Store, "write", full)
    with pytest.raises(StoreError, match=r"runs-0.zip: cannot be used \(No space left on device\)"):
        fill_bank(KEPT.kept(open_store(tmp_path)), 64, chunk=20)


def test_a_file_that_goes_while_it_is_needed_is_no_failure_of_runs(tmp_path):
    kept_bank(tmp_path, KEPT, 30)
    store = open_store(tmp_path)
    kept = KEPT.kept(store)
    assert kept.there(KEPT.quantile(CubePoints(5, 1).next(30)), np.arange(30)).all()
    next(tmp_path.glob("runs-*")).unlink()

    with pytest.raises(StoreError, match="the file was removed while it was read"):
        fill_bank(kept, 64, chunk=64)
    assert_same(kept_bank(tmp_path, KEPT, 64), fill_bank(KEPT, 64))


def test_runs_of_other_simulators_seeds_and_priors_are_others(tmp_path):
    kept_bank(tmp_path, KEPT, 64)
    for other, seed in ((replace(KEPT, identity="another"), 1), (KEPT, 2),
                        (replace(KEPT, quantile=lambda cube: 2.0 * KEPT.quantile(cube)), 1)):
        asked = []
        noting = replace(other, simulate=lambda theta, streams, asked=asked, other=other: asked.extend(streams)
                         or other.simulate(theta, streams))
        assert_same(kept_bank(tmp_path, noting, 64, seed=seed), fill_bank(other, 64, seed=seed))
        assert asked == list(range(64))


def test_runs_are_kept_only_of_a_simulator_that_can_be_told_from_others():
    with pytest.raises(SettingError, match="identity: is missing"):
        linear_gaussian()[0].kept(open_store(False))


def test_runs_of_a_foreign_simulator_are_listed_cleared_and_used_whatever_code_qicsim_has(tmp_path, capsys):
    kept_bank(tmp_path, KEPT, 64)
    later = Store.opened(tmp_path, "code of a later version")

    assert_same(fill_bank(refusing(KEPT).kept(later), 64), fill_bank(KEPT, 64))
    assert main(["runs", "list", "--store", str(tmp_path)]) == 0
    assert "64 runs of simulator kept" in capsys.readouterr().out
    assert main(["runs", "clear", "--others", "--store", str(tmp_path)]) == 0
    assert contents(tmp_path).runs == {"simulator kept": 64}
    assert main(["runs", "clear", "--store", str(tmp_path)]) == 0
    assert contents(tmp_path).runs == {}


def test_beyond_the_limit_a_bank_is_evicted_when_no_command_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("QICSIM_STORE_LIMIT", "0")
    whole = fill_bank(KEPT, 64)
    assert_same(kept_bank(tmp_path, KEPT, 64), whole)
    assert contents(tmp_path).runs == {"simulator kept": 64}, "this process may need them again"

    ended = "from qicsim.runs.shared_store import open_store\nwith open_store().used():\n    pass\n"
    let_go(tmp_path)
    environment = os.environ | {"QICSIM_STORE": str(tmp_path), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", ended], env=environment, check=True)
    assert contents(tmp_path).runs == {}


def test_settings_out_of_range_come_at_once():
    with pytest.raises(SettingError) as caught:
        fill_bank(linear_gaussian()[0], 0, seed=-1, chunk=0)

    assert len(caught.value.faults) == 3


def test_progress_counts_to_the_end():
    seen = []
    fill_bank(linear_gaussian()[0], 100, chunk=40, progress=lambda done, total: seen.append((done, total)))

    assert seen == [(0, 100), (40, 100), (80, 100), (100, 100)]


def test_a_quantile_function_of_another_shape_is_refused():
    problem = replace(normal_mean()[0], quantile=lambda cube: np.concatenate([cube, cube], axis=1))

    with pytest.raises(SettingError, match=r"gave values of shape \(20, 2\). Allowed: \(20, 1\), as it got"):
        fill_bank(problem, 20)


def test_a_simulator_with_luck_of_its_own_is_refused():
    dice = np.random.default_rng(1)
    problem = replace(normal_mean()[0], simulate=lambda theta, _: theta + dice.normal(size=theta.shape))

    with pytest.raises(SettingError, match="the same values and streams gave other summaries"):
        fill_bank(problem, 20)
