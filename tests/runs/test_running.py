"""Running: the same bytes whoever does the work, in whatever pieces and however often it is interrupted."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from concurrent.futures.process import BrokenProcessPool
from importlib.metadata import EntryPoint
from multiprocessing import get_context
from pathlib import Path

import distributed
import numpy as np
import pandas as pd
import pytest

from qicsim.analysis.study_kinds import make_study, read_study
from qicsim.ground.errors import SettingError
from qicsim.runs import branches, buffer, executors, schedule, worker
from qicsim.runs.design import design_of
from qicsim.runs.draws import names, prior_draws
from qicsim.runs.executors import Processes
from qicsim.runs.experiment import (
    extend_experiment,
    merge_experiment,
    open_experiment,
    run_experiment,
    sized,
    write_experiment,
)
from qicsim.runs.points import from_draws
from qicsim.runs.schedule import EngineError
from tests.runs.conftest import STUDY, run_and_write, table_bytes
from tests.runs.executors import DEADLY_DRAW
from tests.runs.killed import begin, experiment

ROOT = Path(__file__).parents[2]


def runs_made(study, folder, **choices):
    """How many runs a call makes."""
    counted = []
    run_experiment(study, folder, progress=lambda done, total: counted.append(done), **choices)
    return counted[-1] - counted[0]


# ------------------------------------------------------------------------------------------- whoever does the work


@pytest.mark.parametrize(("executor", "workers", "chunk"), [
    ("serial", None, 1), ("serial", None, 7), ("threads", 1, 5), ("threads", 4, 3), ("threads", 3, None),
    ("processes", 2, 3), ("loky", 2, 5), ("tests.runs.executors:threads_of_its_own", 2, 2)])
def test_any_executor_and_any_chunks_give_the_same_bytes(done, tmp_path, executor, workers, chunk):
    assert run_and_write(done.study, tmp_path, executor=executor, workers=workers, chunk=chunk) == done.bytes


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_bytes(done, tmp_path):
    """A local one of two processes; and one of two workers by its address, as if it were elsewhere."""
    assert run_and_write(done.study, tmp_path / "local", executor="dask", workers=2, chunk=3) == done.bytes
    with distributed.LocalCluster(n_workers=2, threads_per_worker=2, processes=False, protocol="tcp://",
                                  dashboard_address=None) as cluster:
        name = f"dask:{cluster.scheduler_address}"
        assert run_and_write(done.study, tmp_path / "far", executor=name, chunk=5) == done.bytes


@pytest.fixture
def impatient(monkeypatch):
    """The engine looks often, and a Dask cluster may be without workers for a moment only."""
    monkeypatch.setattr(schedule, "SECONDS_BETWEEN_LOOKS", 0.05)
    monkeypatch.setattr(executors, "SECONDS_WITHOUT_WORKERS", 0.2)


def test_a_dask_cluster_that_lost_its_workers_is_given_up_and_what_came_back_is_kept(done, tmp_path, impatient):
    words = r"every worker .* was lost, and none came back\. What came back is kept"
    with (distributed.LocalCluster(n_workers=1, processes=False, dashboard_address=None) as cluster,
          pytest.raises(EngineError, match=words)):
        run_experiment(done.study, tmp_path, executor=f"dask:{cluster.scheduler_address}", chunk=2,
                       progress=lambda done, total: cluster.scale(0 if done else 1))

    assert 0 < open_experiment(done.study, tmp_path).state().done < 16
    assert run_and_write(done.study, tmp_path, executor="serial") == done.bytes


def test_the_first_worker_of_a_dask_cluster_is_waited_for_and_that_is_said(done, tmp_path, impatient, capfd):
    """A queue may take hours to start it."""
    with distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=None) as cluster:
        timer = threading.Timer(0.6, cluster.scale, [1])
        timer.start()
        assert run_and_write(done.study, tmp_path, executor=f"dask:{cluster.scheduler_address}") == done.bytes
        timer.join()

    assert "waiting for the first" in capfd.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSTOP])
def test_a_dask_scheduler_that_answers_no_more_is_told_within_a_minute(done, tmp_path, sent):
    """Killed, or stopped so that its connection stays open."""
    file = tmp_path / "scheduler.json"
    scheduler = subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0",
                                  "--no-dashboard", "--scheduler-file", file], stderr=subprocess.DEVNULL)
    try:
        while not file.exists():
            time.sleep(0.1)
        name = f"dask:{json.loads(file.read_text())['address']}"
        timer = threading.Timer(5.0, scheduler.send_signal, [sent])
        timer.start()
        began = time.monotonic()
        with pytest.raises(EngineError, match="answers no more"):
            run_experiment(done.study, tmp_path / "study", executor=name)
    finally:
        scheduler.kill()
        scheduler.wait()

    assert time.monotonic() - began < 60.0


def test_where_there_is_no_forkserver_processes_are_spawned(monkeypatch):
    """As on Windows."""
    assert executors.processes(1)._mp_context.get_start_method() == "forkserver"
    monkeypatch.setattr(executors.multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    assert executors.processes(1)._mp_context.get_start_method() == "spawn"


@pytest.mark.slow
def test_spawned_processes_give_the_same_bytes(done, tmp_path, monkeypatch):
    monkeypatch.setattr(executors.multiprocessing, "get_all_start_methods", lambda: ["spawn"])

    assert run_and_write(done.study, tmp_path, executor="processes", workers=2, chunk=3) == done.bytes


def under_mpi(*words):
    """Runs Python under MPI with three ranks; None where MPI cannot start."""
    launcher = shutil.which("mpiexec", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    return launcher and subprocess.run([launcher, "-n", "3", sys.executable, *map(str, words)], capture_output=True,
                                       env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False, timeout=120)


def test_mpi_gives_the_same_bytes(done, place, tmp_path):
    started = under_mpi("-c", "import mpi4py.MPI")
    if not started or started.returncode:
        pytest.skip("MPI cannot start here")
    told = under_mpi("-m", "mpi4py.futures", "-m", "qicsim", "experiment", "run", place / "study.toml",
                     "--out", tmp_path, "--executor", "mpi")

    assert told.returncode == 0, told.stderr
    assert table_bytes(tmp_path) == done.bytes


def test_a_package_can_declare_an_executor(done, tmp_path, monkeypatch):
    entry = EntryPoint("mine", "tests.runs.executors:threads_of_its_own", executors.GROUP)
    monkeypatch.setattr(executors, "entry_points", lambda group: [entry] if group == executors.GROUP else [])

    assert run_and_write(done.study, tmp_path, executor="mine", workers=2) == done.bytes


@pytest.mark.parametrize(("name", "expected"), [
    ("thread", 'Did you mean "threads"?'), ("serial:8", '"serial:8" is not an executor'),
    ("tests.runs.nowhere:make", "cannot be loaded"), ("tests.runs.executors:nothing", "cannot be loaded")])
def test_what_is_no_executor_is_refused(done, tmp_path, name, expected):
    with pytest.raises(SettingError) as refusal:
        run_experiment(done.study, tmp_path, executor=name)

    assert expected in str(refusal.value)


@pytest.mark.parametrize("choices", [{"workers": 0}, {"chunk": 0}, {"shard": "3/2"}])
def test_settings_outside_their_range_are_refused(done, tmp_path, choices):
    with pytest.raises(SettingError):
        run_experiment(done.study, tmp_path, **choices)


# ------------------------------------------------------------------------------------------------ no run made twice


def test_a_finished_experiment_makes_no_run_again(done):
    assert runs_made(done.study, done.folder) == 0


@pytest.mark.parametrize("larger", [{"draws": 6}, {"replicates": 3}, {"draws": 5, "replicates": 4}])
def test_an_extended_experiment_reuses_its_runs_and_equals_a_fresh_larger_one(study_of, tmp_path, larger):
    small, fresh = study_of(), study_of(**larger)
    run_experiment(small, tmp_path / "grown")
    extended = extend_experiment(small, tmp_path / "grown", **larger)
    whole = run_and_write(fresh, tmp_path / "fresh")

    assert runs_made(small, tmp_path / "grown") == 2 * extended.draws * extended.replicates - 16
    write_experiment(open_experiment(small, tmp_path / "grown"), tmp_path / "grown")
    assert table_bytes(tmp_path / "grown") == whole


def test_a_longer_sobol_sequence_reuses_the_runs_of_the_shorter(study_of, tmp_path):
    short, long = (study_of(points=from_draws(prior_draws(n, 3))) for n in (4, 7))
    run_experiment(short, tmp_path / "grown")

    assert runs_made(long, tmp_path / "grown") == 2 * 3 * 2
    assert run_and_write(long, tmp_path / "grown") == run_and_write(long, tmp_path / "fresh")


def test_an_extension_is_remembered_and_cannot_shrink(study_of, tmp_path):
    extend_experiment(study_of(), tmp_path, replicates=5)

    assert sized(study_of(), tmp_path).replicates == 5
    assert sized(study_of(replicates=7), tmp_path).replicates == 7, "the file may have grown since"
    with pytest.raises(SettingError, match="3 is fewer than the experiment has"):
        extend_experiment(study_of(), tmp_path, replicates=3)
    with pytest.raises(SettingError, match="nothing to extend by"):
        extend_experiment(study_of(), tmp_path)


def test_a_wider_question_makes_what_is_missing_and_a_narrower_one_nothing(study_of, tmp_path):
    run_experiment(study_of(keep={"indicators": ["true", "trust"]}), tmp_path)

    for keep in ({"indicators": ["trust"]}, {"indicators": ["true"], "groups": ["ever", "never"]},
                 {"indicators": ["true"], "every": "year"}):
        assert runs_made(study_of(keep=keep), tmp_path) == 0, keep
    assert runs_made(study_of(keep={"indicators": ["true"]}, until="2018-12"), tmp_path) == 0
    assert runs_made(study_of(keep={"indicators": ["true", "recorded"]}), tmp_path) == 16
    assert runs_made(study_of(keep={"indicators": ["recorded", "trust"]}), tmp_path) == 0, "from two recordings"
    assert runs_made(study_of(keep={"indicators": ["true"]}, until="2020-12"), tmp_path) == 16


def test_what_is_read_from_a_wider_recording_is_what_a_narrow_one_would_have_read(study_of, tmp_path):
    narrow = study_of(keep={"indicators": ["true"], "every": "year"}, until="2018-12")
    run_experiment(study_of(keep={"indicators": ["true", "trust"]}), tmp_path / "wide")
    run_experiment(narrow, tmp_path / "narrow")

    wide = open_experiment(narrow, tmp_path / "wide")
    assert wide.state().missing == 0
    assert np.array_equal(wide.values("true"), open_experiment(narrow, tmp_path / "narrow").values("true"))


# --------------------------------------------------------------------------------------------------------- failures


def failing(monkeypatch, *, draws=(), spoil=()):
    """Lets runs of some draws raise, and of others give a sum that is not finite."""
    run = branches.simulate

    def simulate(setting, levers, structure, params, key, state, luck, recording, reading, *months):
        draw = int(key[1]) // 4096
        if draw in draws:
            raise FloatingPointError(f"draw {draw} cannot be simulated")
        run(setting, levers, structure, params, key, state, luck, recording, reading, *months)
        if draw in spoil:
            reading.nation[0, 0, 5] = np.nan
    monkeypatch.setattr(branches, "simulate", simulate)


def test_a_run_that_fails_is_a_record_with_its_cause_and_inputs_and_the_rest_goes_on(study_of, tmp_path, monkeypatch):
    failing(monkeypatch, draws=(1,), spoil=(3,))
    results = run_experiment(study_of(), tmp_path, executor="threads", workers=2, chunk=3)
    write_experiment(results, tmp_path)
    table = pd.read_csv(tmp_path / "failures.csv")

    assert results.state() == (16, 8, 8, 0, 0)
    assert np.isnan(results.values("true")[:, [1, 3]]).all()
    assert np.isfinite(results.values("true")[:, [0, 2]]).all()
    assert table[["point", "cause"]].drop_duplicates().to_numpy().tolist() == [
        [1, "FloatingPointError: draw 1 cannot be simulated"], [3, "a sum of the run is not finite"]]
    note, drawn = next(note for _, note in results.failures()), np.asarray(results.design.points.values)[1].tolist()
    assert (note["scenario"], note["draw"], note["replicate"], note["seed"]) == ("without", 1, 0, 1)
    assert note["parameters"] == dict(zip(names(), drawn, strict=True))


def test_failed_runs_are_tried_again_and_then_count_as_if_nothing_had_been(done, tmp_path, monkeypatch):
    with monkeypatch.context() as broken:
        failing(broken, draws=(1, 2))
        run_experiment(done.study, tmp_path, executor="serial")

    assert runs_made(done.study, tmp_path, executor="serial") == 8
    assert run_and_write(done.study, tmp_path, executor="serial") == done.bytes


def test_a_run_that_kills_its_worker_is_found_and_the_rest_goes_on(done, tmp_path):
    results = run_experiment(done.study, tmp_path, executor="tests.runs.executors:dying", chunk=3)

    failed = {point for run, _ in results.failures() for point in [int(results.design.places(np.array([run]))[1][0])]}
    assert failed == {DEADLY_DRAW}
    assert results.state() == (16, 12, 4, 0, 0)
    assert all(note["cause"] == "the worker was lost (BrokenProcessPool)" for _, note in results.failures())
    there = [point for point in range(4) if point != DEADLY_DRAW]
    assert np.array_equal(results.values("true")[:, there], done.results.values("true")[:, there])


def test_a_process_that_starts_while_the_pool_breaks_is_not_waited_for():
    """The pool of the standard library has ended the processes that it knew by then."""
    pool = Processes(2, mp_context=get_context("forkserver"))
    with pytest.raises(BrokenProcessPool):
        pool.submit(os._exit, 1).result(timeout=60)
    late = get_context("forkserver").Process(target=time.sleep, args=(600,))
    late.start()
    pool._processes[late.pid] = late

    pool.shutdown(wait=True)
    late.join(60)
    assert late.exitcode == -signal.SIGKILL


def test_an_executor_that_brings_nothing_back_is_given_up(done, tmp_path):
    with pytest.raises(EngineError, match=r"No run comes back .* \(ConnectionError: the network is down\)"):
        run_experiment(done.study, tmp_path, executor="tests.runs.executors:lossy")


def test_a_worker_with_other_code_is_refused(done, tmp_path, monkeypatch):
    worker._unpacked.cache_clear()
    monkeypatch.setattr(worker, "code_digest", lambda: "another version")

    with pytest.raises(worker.WorkerError, match="another version of qicsim"):
        run_experiment(done.study, tmp_path, executor="serial")
    worker._unpacked.cache_clear()


def test_a_data_file_that_changes_changes_the_runs_and_never_mixes_with_them(place, tmp_path):
    for name in ("register.csv", "with.toml"):
        (tmp_path / name).write_text((place / name).read_text())
    study = make_study(["with.toml"], folder=tmp_path, draws=2, until="2019-12", **{"from": "prior"})
    before = run_experiment(study, tmp_path / "out").values("true")
    design = design_of(study)
    task = design.task(np.arange(4))
    (tmp_path / "register.csv").write_text((place / "register.csv").read_text().replace("OD-KC1-H5,", "OD-KC1-H9,"))

    assert not np.array_equal(run_experiment(study, tmp_path / "out").values("true"), before)
    worker._unpacked.cache_clear()
    with pytest.raises(worker.WorkerError, match='a data file of "with" is not what it was'):
        worker.perform(task)


def test_scenarios_that_differ_in_levers_only_share_one_world(study_of, place, tmp_path, monkeypatch):
    built = []
    build = worker.unordered_world
    monkeypatch.setattr(worker, "unordered_world", lambda scenario: built.append(scenario.name) or build(scenario))
    worker._unpacked.cache_clear()
    worker._WORLDS.clear()
    run_experiment(study_of(seed=99), tmp_path, executor="threads", workers=2)

    assert len(built) == 1


# ---------------------------------------------------------------------------------------------- shards and merging


def test_shards_in_one_folder_make_the_whole(done, tmp_path):
    for number in (3, 1, 2):
        run_experiment(done.study, tmp_path, shard=f"{number}/3", executor="serial")
    write_experiment(merge_experiment(done.study, tmp_path), tmp_path)

    assert table_bytes(tmp_path) == done.bytes


def test_shards_in_folders_of_their_own_are_merged(done, tmp_path):
    made = [runs_made(done.study, tmp_path / str(number), shard=f"{number}/3", chunk=number) for number in (1, 2, 3)]
    merged = merge_experiment(done.study, tmp_path / "all", [tmp_path / str(number) for number in (2, 3, 1)])
    write_experiment(merged, tmp_path / "all")

    assert sum(made) == 16
    assert table_bytes(tmp_path / "all") == done.bytes


def test_a_folder_without_runs_cannot_be_merged_or_opened(done, tmp_path):
    with pytest.raises(SettingError, match="there is no experiment in"):
        merge_experiment(done.study, tmp_path, [tmp_path / "nowhere"])
    with pytest.raises(SettingError, match="there is no experiment in"):
        open_experiment(done.study, tmp_path / "nowhere")


# ---------------------------------------------------------------------------------------------------- interruptions

ALONE = """
import sys
from types import SimpleNamespace
from tests.runs.killed import experiment

if __name__ == "__main__":
    experiment(SimpleNamespace(send=lambda done: print(done, flush=True)), *sys.argv[1:])
"""


@pytest.fixture(scope="module")
def long(place, tmp_path_factory):
    """A study of 600 runs, and the bytes of its tables."""
    text = STUDY.replace("draws = 4", "draws = 100").replace("replicates = 2", "replicates = 3")
    (place / "long.toml").write_text(text)
    study, folder = read_study(place / "long.toml"), tmp_path_factory.mktemp("long")
    return study, run_and_write(study, folder, executor="threads", workers=2)


def test_killed_again_and_again_an_experiment_ends_with_the_same_bytes(place, long, tmp_path):
    study, whole = long
    done = [0]
    for more in (7, 140, 140):
        process, hear = begin(experiment, place / "long.toml", tmp_path, at_most=150)
        first = hear.recv()
        assert first >= done[-1], "what was written before a kill is there after it"
        while hear.recv() < first + more:
            pass
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        done.append(open_experiment(study, tmp_path).state().done)

    assert 100 < done[-1] < 600
    assert run_and_write(study, tmp_path, executor="threads") == whole


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
def test_processes_end_with_the_one_that_gave_them_work(place, long, tmp_path):
    command = [sys.executable, "-c", ALONE, str(place / "long.toml"), str(tmp_path), "processes"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True,
                          stderr=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": str(ROOT)}) as process:
        while int(process.stdout.readline()) < 20:
            pass
        process.kill()

    deadline = time.monotonic() + 10.0
    while living(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not living(process.pid)


def living(group):
    """Processes of a group that are not dead, as Linux tells it."""
    told = [stat.rpartition(")")[2].split() for stat in map(read_or_nothing, Path("/proc").glob("[0-9]*/stat")) if stat]
    return [state for state, _, of, *_ in told if int(of) == group and state != "Z"]


def read_or_nothing(path):
    """The text of a file that may be gone by now."""
    try:
        return path.read_text()
    except OSError:
        return ""


def test_two_processes_may_work_on_one_store(place, long, tmp_path, monkeypatch):
    study, whole = long
    monkeypatch.setattr(buffer, "SECONDS_BETWEEN_WRITES", 0.02)
    process, hear = begin(experiment, place / "long.toml", tmp_path, "serial")
    assert hear.recv() == 0, "the other process has begun when this one does"
    assert runs_made(study, tmp_path, executor="threads", workers=2, chunk=4) > 0
    process.join()
    assert process.exitcode == 0

    assert open_experiment(study, tmp_path).state() == (600, 600, 0, 0, 0)
    write_experiment(open_experiment(study, tmp_path), tmp_path)
    assert table_bytes(tmp_path) == whole


def test_an_interruption_keeps_what_came_back(done, tmp_path):
    def stop(finished, total):
        if finished >= 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_experiment(done.study, tmp_path, executor="threads", workers=2, chunk=2, progress=stop)

    assert open_experiment(done.study, tmp_path).state().done >= 6
    assert run_and_write(done.study, tmp_path) == done.bytes


def test_runs_of_another_version_are_counted_and_named(done, monkeypatch):
    monkeypatch.setattr("qicsim.runs.experiment.code_digest", lambda: "other code")
    results = open_experiment(done.study, done.folder)

    assert results.state().missing == 16
    ((made, number),) = results.made_by_others().items()
    assert number == 16
    assert made.startswith("qicsim 0.")


def test_a_damaged_file_is_found_and_its_runs_are_made_again(done, tmp_path):
    run_experiment(done.study, tmp_path, executor="serial")
    file = max((tmp_path / "runs").iterdir(), key=lambda path: path.stat().st_size)
    file.write_bytes(file.read_bytes()[:-7])

    state = open_experiment(done.study, tmp_path).state()
    assert state.damaged == 1
    assert state.missing > 0
    assert run_and_write(done.study, tmp_path) == done.bytes


# ------------------------------------------------------------------------------------------------------------ memory


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_runs(study_of, tmp_path):
    def peak(replicates):
        study = study_of(replicates=replicates)
        tracemalloc.start()
        run_experiment(study, tmp_path / str(replicates), executor="serial", chunk=16)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(2)
    few, many = peak(10), peak(110)

    assert many < few + 800 * 1500 + 1e6, f"{few:,} bytes for 80 runs, {many:,} for 880"


def test_no_executor_is_started_when_nothing_is_missing(done, monkeypatch):
    monkeypatch.setitem(executors.BUILT_IN, "processes", lambda *_: pytest.fail("an executor was started"))

    assert runs_made(done.study, done.folder, executor="processes") == 0
