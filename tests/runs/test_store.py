"""The store: whole files or none, damage found and said, two writers at once, runs found by what they recorded."""

from __future__ import annotations

import logging
import os
import time
from dataclasses import replace

import numpy as np
import pytest

from qicsim.inputs.scenario import load_scenario
from qicsim.inputs.scenario.forms import structure_of
from qicsim.runs.batches import Finished
from qicsim.runs.blocks import QUARTER, YEAR, Block
from qicsim.runs.keys import Keys, lever_key, world_key
from qicsim.runs.shared_store import clear, contents, keep_within
from qicsim.runs.store import Store
from qicsim.runs.worker import built_from

TRUE, EVER = Block("nation", "true", QUARTER), Block("nation", "ever", QUARTER)
START, MONTHS = 2018 * 12, 24


def levers(months=MONTHS, change=None):
    """A table of two levers, another from the month `change` on."""
    table = np.zeros(months, dtype=[("coaches", float), ("order", np.int64)])
    if change is not None:
        table["coaches"][change:] = 1.0
    return lever_key(table, START)


def keys(*numbers, table=None):
    return Keys(tuple(number.to_bytes(16, "big") for number in numbers), (table or levers(),) * len(numbers))


def finished(*numbers, blocks=(TRUE, EVER), table=None):
    """Runs whose quarters count up from their number; the second block is ten times the first."""
    quarters = (table or levers()).months // 3
    first = np.array([[[number + quarter] * 4 for quarter in range(quarters)] for number in numbers], dtype=float)
    return Finished(keys(*numbers, table=table), START, tuple(blocks),
                    tuple(first * 10.0**position for position in range(len(blocks))))


@pytest.fixture
def folder(tmp_path):
    store = Store.opened(tmp_path, "code", "this version")
    store.add(finished(5, 3, 256))
    store.write()
    store.add(finished(7))
    store.write()
    return tmp_path


def opened(folder, code="code"):
    return Store.opened(folder, code)


def read(store, *numbers, block=TRUE, table=None):
    """The first quarter of each run, None where it is not there."""
    found = store.find(keys(*numbers, table=table), (block,))
    if not found.complete.any():
        return [None] * len(numbers)
    (values,) = store.read(found)
    return [value if there else None for there, value in zip(found.complete, values[:, 0, 0].tolist(), strict=True)]


def largest_of(folder):
    return max(folder.glob("runs-*"), key=lambda path: path.stat().st_size)


def test_runs_are_found_by_their_keys(folder):
    assert read(opened(folder), 7, 4, 256, 3, 5, 1000) == [7.0, None, 256.0, 3.0, 5.0, None]
    assert read(opened(folder), 7, block=EVER) == [70.0]


@pytest.mark.parametrize("world", [{"pbf_bill": 14e6}, {"structure": structure_of({"nqem": "structural"})}])
def test_a_world_of_another_bill_or_other_weights_has_a_key_of_its_own_and_is_built_anew(world):
    scenario = load_scenario("reported")
    other = replace(scenario, **world)

    assert world_key(scenario, {}) != world_key(other, {})
    assert built_from(scenario) != built_from(other)


def test_an_empty_folder_and_none_hold_nothing(tmp_path):
    for place in (tmp_path, tmp_path / "nowhere", None):
        assert read(opened(place), 1) == [None]


def test_a_store_in_memory_holds_what_was_added(tmp_path):
    store = opened(None)
    store.add(finished(5, 3))
    store.write()

    assert read(store, 3, 4) == [3.0, None]


def test_numbers_come_back_as_they_were_whatever_their_type():
    dice = np.random.default_rng(1)
    blocks = (TRUE, Block("score", "true", QUARTER, 4), Block("reached", "true", QUARTER, 1),
              Block("launched", "month", "", 4), Block("cost", "all", YEAR, 4))
    values = (dice.normal(size=(2, 8, 4)), dice.normal(size=(2, 8, 5)).astype("f4"),
              dice.integers(0, 2, (2, 8, 5)).astype("u1"), dice.integers(-1, 99, (2, 3)).astype("f4"),
              dice.normal(size=(2, 2, 3, 2, 2, 2)).astype("f4"))
    values[1][0, 0, 0] = np.nan
    store = opened(None)
    store.add(Finished(keys(1, 2), START, blocks, values))

    for expected, got in zip(values, store.read(store.find(keys(1, 2), blocks)), strict=True):
        np.testing.assert_array_equal(got, expected)
        assert got.dtype == expected.dtype


def test_a_wide_recording_serves_a_narrow_question_and_not_the_other_way_round(folder):
    store = opened(folder)
    yearly, small = Block("nation", "true", YEAR), Block("nation", "true", QUARTER, 4)

    (ends,) = store.read(store.find(keys(5), (yearly,)))
    assert ends[0, :, 0].tolist() == [8.0, 12.0], "the fourth and the eighth quarter"
    (few,) = store.read(store.find(keys(5), (small,)))
    assert few.dtype == np.float32
    for other in (Block("nation", "recorded", QUARTER), Block("district", "true", YEAR)):
        assert not store.find(keys(5), (other,)).complete.any()

    narrow = opened(None)
    narrow.add(finished(5, blocks=(small,)))
    assert not narrow.find(keys(5), (TRUE,)).complete.any(), "eight bytes are not in four"


def test_blocks_of_one_run_may_stand_in_several_files(folder):
    store = opened(folder)
    more = Block("nation", "active", QUARTER)
    store.add(finished(5, 7, blocks=(more,)))
    store.write()

    found = opened(folder).find(keys(5, 7, 3), (TRUE, more))
    assert found.complete.tolist() == [True, True, False]


def test_a_longer_run_serves_a_shorter_horizon_that_ends_with_a_year(folder):
    for months, there in ((12, True), (18, False), (24, True), (36, False)):
        found = opened(folder).find(keys(5, table=levers(months)), (TRUE,))
        assert found.complete.tolist() == [there], months
        if there:
            assert opened(folder).read(found)[0].shape == (1, months // 3, 4)


def test_a_run_is_found_under_other_levers_only_where_they_do_not_differ_yet(folder):
    changed = levers(change=12)
    store = opened(folder)

    assert read(store, 5, table=changed) == [None]
    assert read(store, 5, table=levers(12, change=12)) == [5.0]
    assert read(store, 5, table=levers(12, change=11)) == [None]


@pytest.mark.parametrize("spoil", [
    lambda content: content[:-1], lambda content: content[:40], lambda content: b"",
    lambda content: content[:-9] + bytes([content[-9] ^ 1]) + content[-8:], lambda content: content + b"\n"])
def test_a_truncated_or_changed_file_does_not_count_is_said_and_goes(folder, spoil, caplog):
    largest = largest_of(folder)
    largest.write_bytes(spoil(largest.read_bytes()))
    with caplog.at_level(logging.WARNING):
        store = opened(folder)
        assert read(store, 5, 7) == [None, 7.0]

    assert store.damaged == [largest]
    assert [str(largest) in record.getMessage() for record in caplog.records] == [True]
    store.tidy()
    assert not largest.exists()


def test_a_folder_with_the_name_of_a_file_of_runs_is_in_nobodys_way(folder):
    (folder / f"runs-{32 * '0'}.zip").mkdir()
    store = opened(folder)
    store.tidy()

    assert read(store, 5, 7) == [5.0, 7.0]
    assert contents(folder).files == 2
    assert clear(folder) == 2


def test_what_dead_writers_left_is_removed_when_it_is_old(folder):
    for name in ("young.part", "old.part"):
        (folder / name).write_bytes(b"")
    os.utime(folder / "old.part", (time.time() - 4000, time.time() - 4000))
    opened(folder).tidy()

    assert [path.name for path in folder.glob("*.part")] == ["young.part"]


def test_runs_that_were_made_twice_count_once(folder):
    before = sorted(folder.iterdir())
    store = Store.opened(folder, "code", "this version")
    store.add(finished(7))
    store.write()
    assert sorted(folder.iterdir()) == before, "the same content has the same name"

    store.add(finished(7, 8))
    store.write()
    assert read(opened(folder), 7, 8) == [7.0, 8.0]


def test_small_files_of_a_command_are_merged_and_another_reader_finds_its_runs_again(folder):
    reader, store = opened(folder), opened(folder)
    for number in range(20, 30):
        store.add(finished(number))
        store.write()
    reader.reread()
    found = reader.find(keys(*range(20, 30)), (TRUE,))
    store.merge()

    assert len(list(folder.glob("runs-*"))) == 3
    assert read(opened(folder), 20, 29, 5) == [20.0, 29.0, 5.0]
    assert reader.read(found)[0][:, 0, 0].tolist() == [float(number) for number in range(20, 30)]


def test_runs_of_other_code_are_not_used_and_their_maker_is_named(folder):
    store = opened(folder, "other code")

    assert len(store) == 0
    assert read(store, 5, 7) == [None, None]
    assert store.made_by_others(keys(5, 7, 8)) == {"this version": 2}
    assert opened(folder).made_by_others(keys(5, 7, 8)) == {}


def test_failures_are_kept_with_their_inputs_and_the_same_one_counts_in_any_order(tmp_path):
    notes = [{"address": "00" * 23 + "07", "cause": cause} for cause in ("b", "a")]
    for place, order in (("one", (0, 1)), ("other", (1, 0))):
        for number in order:
            opened(tmp_path / place).write_failures([notes[number]])

    found = [opened(tmp_path / place).failures for place in ("one", "other")]
    assert found[0] == found[1] == {bytes(23) + b"\x07": notes[1]}


def test_files_of_another_folder_are_taken_when_they_are_whole(folder, tmp_path):
    largest = largest_of(folder)
    largest.write_bytes(largest.read_bytes()[:-1])
    store = opened(tmp_path / "mine")

    assert store.take_from(folder) == 1
    assert store.take_from(folder) == 0
    store = opened(tmp_path / "mine")
    assert read(store, 5, 7) == [None, 7.0]


def test_beyond_the_limit_the_files_that_were_used_longest_ago_go(folder):
    old, young = sorted(folder.glob("runs-*"), key=lambda path: path.stat().st_size, reverse=True)
    os.utime(old, (time.time() - 100, time.time() - 100))

    assert keep_within(folder, 10**9) == []
    assert keep_within(folder, old.stat().st_size + young.stat().st_size - 1) == [old]
    assert read(opened(folder), 7) == [7.0]


def test_what_a_running_command_has_used_is_spared(folder):
    from filelock import FileLock

    files = list(folder.glob("runs-*"))
    lock = FileLock(folder / "command-alive.lock")
    (folder / "command-dead.lock").touch()
    with lock:
        os.utime(lock.lock_file, (time.time() - 50, time.time() - 50))
        os.utime(files[0], (time.time() - 100, time.time() - 100))

        assert keep_within(folder, 0) == [files[0]]
    assert not (folder / "command-dead.lock").exists()
    assert keep_within(folder, 0) == [files[1]]


def test_a_whole_file_under_a_name_that_is_not_its_digest_counts_for_nothing(folder, caplog):
    largest = largest_of(folder)
    copy = folder / f"runs-{32 * 'f'}.zip"
    copy.write_bytes(largest.read_bytes())

    held = contents(folder)
    assert (held.runs, held.files, held.damaged) == ({"this version": 4}, 3, 1)
    assert read(opened(folder), 5) == [5.0], "the right file is used, whichever is met last"
    assert caplog.records == []

    largest.unlink()
    held = contents(folder)
    assert (held.runs, held.files, held.damaged) == ({"this version": 1}, 2, 1)
    assert read(opened(folder), 5) == [None]
    assert "is damaged" in caplog.text


def test_looking_at_what_is_there_is_no_use_of_it(folder):
    before = {path: path.stat().st_mtime_ns for path in folder.glob("runs-*")}
    contents(folder)

    assert {path: path.stat().st_mtime_ns for path in folder.glob("runs-*")} == before


def test_runs_of_a_simulator_that_is_not_qicsims_serve_whatever_code_there_is(folder):
    store = opened(folder)
    store.add(finished(20), "simulator x")
    store.write()

    assert read(opened(folder, "other code"), 20, 5) == [20.0, None]
    assert contents(folder).runs == {"this version": 4, "simulator x": 1}
    assert clear(folder, others=True) == 2
    assert contents(folder).runs == {"simulator x": 1}


def test_contents_are_counted_by_the_code_that_made_them_and_cleared(folder):
    held = contents(folder)

    assert (held.runs, held.files, held.damaged) == ({"this version": 4}, 2, 0)
    assert clear(folder) == 2
    assert contents(folder).runs == {}
