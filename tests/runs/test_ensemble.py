"""Ensembles: the same numbers whatever the order, the threads and the interruptions."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from qicsim.ground.errors import SettingError
from qicsim.inputs.scenario import load_scenario
from qicsim.runs import buffer, schedule, store
from qicsim.runs import ensemble as module
from qicsim.runs.draws import prior_draws
from qicsim.runs.ensemble import Kept
from qicsim.runs.readout import values
from tests.runs import killed

run_ensemble = partial(module.run_ensemble, store=False)


def same(one, other):
    return all(np.array_equal(getattr(one.kept[name], part), getattr(other.kept[name], part))
               for name in one.kept for part in Kept._fields)


@pytest.fixture(scope="module")
def ensemble(scenarios):
    return run_ensemble(scenarios, prior_draws(4, 1), replicates=2, workers=1)


def test_one_thread_or_four_give_the_same_numbers(ensemble, scenarios):
    assert same(ensemble, run_ensemble(scenarios, prior_draws(4, 1), replicates=2, workers=4))


def test_a_scenario_has_the_same_numbers_alone_as_among_others(ensemble, scenarios):
    alone = run_ensemble(scenarios[1:], prior_draws(4, 1), replicates=2)

    assert same(alone, ensemble)


def test_more_draws_begin_with_the_runs_of_the_fewer(ensemble, scenarios):
    more = run_ensemble(scenarios, prior_draws(7, 1), replicates=2)

    for name in ensemble.kept:
        assert np.array_equal(more.kept[name].nation[:8], ensemble.kept[name].nation)


def test_more_replicates_keep_those_of_the_fewer(ensemble, scenarios):
    more = run_ensemble(scenarios, prior_draws(4, 1), replicates=3)

    for name in ensemble.kept:
        nation = more.kept[name].nation
        assert np.array_equal(nation.reshape(4, 3, *nation.shape[1:])[:, :2].reshape(8, *nation.shape[1:]),
                              ensemble.kept[name].nation)


def test_replicates_of_a_draw_differ_and_another_seed_differs(ensemble, scenarios):
    true = values(ensemble, "with-teams", "true")
    other = values(run_ensemble(scenarios, prior_draws(4, 1), replicates=2, seed=2), "with-teams", "true")

    assert not np.array_equal(true[0], true[1])
    assert not np.array_equal(true, other)


def test_scenarios_share_their_luck_until_the_first_team_joins(ensemble):
    first_quarter = [values(ensemble, name, "area_general_waste")[:, 0] for name in ensemble.kept]
    started = [values(ensemble, name, "ever")[:, 0].max() for name in ensemble.kept]

    assert started[0] == 0.0 < started[1]
    difference = np.abs(first_quarter[0] - first_quarter[1])
    assert difference.max() < 0.5, "pairing lost: unpaired luck moves this area by more"


def test_an_interrupted_ensemble_goes_on_where_it_was_and_ends_with_the_same_bytes(ensemble, scenarios, tmp_path):
    class StoppedError(Exception):
        pass

    def stop(done, total):
        if done >= 5:
            raise StoppedError

    with pytest.raises(StoppedError):
        run_ensemble(scenarios, prior_draws(4, 1), replicates=2, workers=1, store=tmp_path, progress=stop)
    counted = []
    resumed = run_ensemble(scenarios, prior_draws(4, 1), replicates=2, store=tmp_path,
                           progress=lambda done, total: counted.append(done))

    assert len(counted) <= 11
    assert same(ensemble, resumed)


def test_another_design_does_not_take_up_unfinished_runs(scenarios, tmp_path):
    run_ensemble(scenarios, prior_draws(2, 1), store=tmp_path)
    counted = []
    run_ensemble(scenarios, prior_draws(2, 1), seed=2, store=tmp_path, progress=lambda *a: counted.append(a))

    assert (counted[0], counted[-1]) == ((0, 4), (4, 4))


def test_a_killed_ensemble_goes_on_and_ends_with_the_same_bytes(folder, scenarios, tmp_path):
    process, hear = killed.begin(killed.ensemble, folder, tmp_path, draws=60, at_most=40)
    while hear.recv() < 40:
        pass
    process.kill()
    process.join()
    counted = []
    resumed = run_ensemble(scenarios, prior_draws(60, 1), replicates=2, store=tmp_path,
                           progress=lambda done, total: counted.append(done))

    assert 40 <= counted[0] < counted[-1] == 2 * 60 * 2
    assert same(resumed, run_ensemble(scenarios, prior_draws(60, 1), replicates=2))


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_runs_on_disk(scenarios, tmp_path, monkeypatch):
    """But for chunks under way, what waits to be written and the file that is merged; each has a size, small here."""
    import tracemalloc

    monkeypatch.setattr(schedule, "SECONDS_OF_A_CHUNK", 0.02)
    monkeypatch.setattr(buffer, "BYTES_BETWEEN_WRITES", 500_000)
    monkeypatch.setattr(store, "BYTES_OF_A_FILE", 500_000)

    def peak(draws, place):
        tracemalloc.start()
        run_ensemble(scenarios, prior_draws(draws, 1), store=place)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(2, tmp_path / "warm")
    few, many = peak(10, tmp_path / "few"), peak(250, tmp_path / "many")

    assert many < few + 4e6, f"{few:,} bytes for 10 draws, {many:,} for 250"


@pytest.mark.parametrize(("arguments", "expected"), [
    ({"replicates": 0}, "0 replicates. Allowed: 1 to 4096."), ({"seed": -1}, "seed -1. Allowed: 0 to 4294967295."),
    ({"workers": 0}, "0 threads. Allowed: 1 to 1024."),
])
def test_settings_outside_their_range_are_refused(scenarios, arguments, expected):
    with pytest.raises(SettingError) as refusal:
        run_ensemble(scenarios, prior_draws(1, 1), **arguments)

    assert expected in str(refusal.value)


def test_a_scenario_that_is_there_twice_is_refused_with_all_other_faults(scenarios):
    with pytest.raises(SettingError) as refusal:
        run_ensemble([scenarios[0], scenarios[0]], prior_draws(1, 1), replicates=0)

    assert len(refusal.value.faults) == 2


def test_progress_counts_every_run(scenarios):
    counted = []
    run_ensemble(scenarios, prior_draws(3, 1), progress=lambda done, total: counted.append((done, total)))

    assert counted[-1] == (6, 6)


def test_the_shipped_reference_runs():
    ensemble = run_ensemble([load_scenario("reported", horizon_end="2019-12")], prior_draws(1, 1))

    assert values(ensemble, "reported", "facilities")[0, 0] == pytest.approx(1324, abs=15)
