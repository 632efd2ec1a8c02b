"""Memory: nothing is allocated in the month loop, and more runs need no more memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from numba.core.runtime import _nrt_python, rtsys

from qicsim.model.simulate import noise_key, simulate
from qicsim.runs import buffer, schedule, store
from qicsim.runs.draws import default_draw
from qicsim.runs.ensemble import run_ensemble
from tests.bench.conftest import buffers
from tests.worlds import busy_country, parameters


@pytest.fixture
def allocations():
    """How often compiled code has asked for memory so far."""
    counted = _nrt_python.memsys_stats_enabled()
    _nrt_python.memsys_enable_stats()
    yield lambda: rtsys.get_allocation_stats().alloc
    if not counted:
        _nrt_python.memsys_disable_stats()


def test_months_allocate_nothing(allocations):
    """What a run allocates (handles of the arrays that it is given) is the same for three months as for all of them."""
    country = busy_country()

    def allocated(months):
        shorter = country.first(months)
        state, luck, recording, reading = buffers(shorter)
        before = allocations()
        simulate(shorter.setting, shorter.levers, shorter.structure, parameters(), noise_key(1, 0, 0), state,
                 luck, recording, reading, 0, months)
        return allocations() - before

    allocated(3)
    assert allocated(3) == allocated(country.setting.month.size)


@pytest.mark.bench
def test_more_runs_need_little_more_memory(three_facilities, tmp_path, table, monkeypatch):
    """What is kept of runs goes to files; beside them stays where each run stands: its key, its place in a batch."""
    monkeypatch.setattr(schedule, "SECONDS_OF_A_CHUNK", 0.01)
    monkeypatch.setattr(buffer, "BYTES_BETWEEN_WRITES", 200_000)
    monkeypatch.setattr(store, "BYTES_OF_A_FILE", 200_000)

    def peak(replicates):
        tracemalloc.start()
        run_ensemble([three_facilities], default_draw(), replicates=replicates, workers=2,
                     store=tmp_path / str(replicates))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(50)
    few, many = peak(100), peak(1100)
    table.add("memory for each further run", f"{(many - few) / 1000:.0f} bytes", "aim 2,000")
    assert many - few < 1000 * 2000


@pytest.mark.bench
@pytest.mark.parametrize("copies", [1, 14, 140])
def test_memory_by_register_size(copies, table):
    """What a thread and a world hold for each facility."""
    from tests.world.any_size import country_times

    country = country_times(copies)
    state, luck, _, reading = buffers(country)
    held = sum(part.nbytes for whole in (country.setting, state, luck, reading) for part in whole
               if isinstance(part, np.ndarray))
    facilities = country.setting.facility.size

    table.add(f"memory of {facilities:,} facilities, one thread", f"{held / 1e6:.1f} MB")
    assert held / facilities < 2000.0
