"""The store: whole files or none, damage found, two writers at once, runs found by their address."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest

from qicsim.runs.store import NOWHERE, Store

SIZE = 3


def addresses(*numbers):
    return np.array([number.to_bytes(16, "big") for number in numbers], dtype="S16")


def values(*numbers):
    return np.array([[number, number / 3.0, np.nan] for number in numbers], dtype=float)


@pytest.fixture
def folder(tmp_path):
    store = Store.opened(tmp_path, "form", SIZE)
    store.write(addresses(5, 3, 256), values(5, 3, 256))
    store.write(addresses(7), values(7))
    return tmp_path


def opened(folder):
    return Store.opened(folder, "form", SIZE)


def read(store, *numbers):
    return [None if file == NOWHERE else store.records(store.files[file])["values"][row].tolist()[0]
            for file, row in store.find(addresses(*numbers))]


def test_runs_are_found_by_their_address(folder):
    assert read(opened(folder), 7, 4, 256, 3, 5, 1000) == [7.0, None, 256.0, 3.0, 5.0, None]


def test_an_empty_folder_and_none_hold_nothing(tmp_path):
    for place in (tmp_path, tmp_path / "nowhere"):
        assert read(opened(place), 1) == [None]


@pytest.mark.parametrize("spoil", [
    lambda content: content[:-1], lambda content: content[:40], lambda content: b"",
    lambda content: content[:-9] + bytes([content[-9] ^ 1]) + content[-8:], lambda content: content + b"\n"])
def test_a_truncated_or_changed_file_does_not_count(folder, spoil):
    largest = max(folder.iterdir(), key=lambda path: path.stat().st_size)
    largest.write_bytes(spoil(largest.read_bytes()))
    store = opened(folder)

    assert store.damaged == [largest]
    assert read(store, 5, 7) == [None, 7.0]


def test_what_is_damaged_or_unfinished_is_removed_only_when_old(folder):
    largest = max(folder.iterdir(), key=lambda path: path.stat().st_size)
    largest.write_bytes(b"")
    (folder / "young.part").write_bytes(b"")
    (folder / "old.part").write_bytes(b"")
    opened(folder).tidy()
    assert largest.exists()

    for path in (largest, folder / "old.part"):
        os.utime(path, (time.time() - 4000, time.time() - 4000))
    opened(folder).tidy()
    assert {path.suffix for path in folder.iterdir()} == {".npy", ".part"}
    assert not largest.exists()
    assert (folder / "young.part").exists()


def test_runs_that_were_made_twice_count_once(folder):
    before = sorted(folder.iterdir())
    opened(folder).write(addresses(7), values(7))
    assert sorted(folder.iterdir()) == before, "the same content has the same name"

    opened(folder).write(addresses(7, 8), values(7, 8))
    store = opened(folder)
    assert len(store) == 5
    assert read(store, 7, 8) == [7.0, 8.0]


def test_a_store_of_another_form_does_not_see_the_runs(folder):
    assert len(Store.opened(folder, "other", SIZE)) == 0


def test_failures_are_kept_with_their_inputs_and_the_same_one_counts_in_any_order(tmp_path):
    notes = [{"address": "00" * 15 + "07", "cause": cause} for cause in ("b", "a")]
    for place, order in (("one", (0, 1)), ("other", (1, 0))):
        for number in order:
            Store.opened(tmp_path / place, "form", SIZE).write_failures([notes[number]])

    found = [opened(tmp_path / place).failures for place in ("one", "other")]
    assert found[0] == found[1] == {bytes(15) + b"\x07": notes[1]}


def test_files_of_another_folder_are_taken_when_they_are_whole(folder, tmp_path):
    largest = max(folder.iterdir(), key=lambda path: path.stat().st_size)
    largest.write_bytes(largest.read_bytes()[:-1])
    store = opened(tmp_path / "mine")

    assert store.take_from(folder) == 1
    assert store.take_from(folder) == 0
    store.reread()
    assert read(store, 5, 7) == [None, 7.0]
