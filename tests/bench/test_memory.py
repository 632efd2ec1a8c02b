"""Memory: nothing is allocated in the month loop, and more runs need no more memory."""

from __future__ import annotations

import tracemalloc

import pytest
from numba.core.runtime import _nrt_python, rtsys

from qicsim.model.simulate import noise_key, simulate
from qicsim.runs.draws import default_draw
from qicsim.runs.ensemble import run_ensemble
from tests.bench.conftest import buffers
from tests.worlds import busy_country, parameters

A_WORD = 8  # bytes; of which a list of runs to do takes one for each


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
def test_more_runs_need_no_more_memory(three_facilities, tmp_path, table):
    """What is kept of runs goes to files; beside them a run leaves nothing behind."""
    def peak(replicates):
        tracemalloc.start()
        run_ensemble([three_facilities], default_draw(), replicates=replicates, workers=2,
                     folder=tmp_path / str(replicates))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(50)
    few, many = peak(100), peak(1100)
    table.add("memory for each further run", f"{(many - few) / 1000:.0f} bytes", "aim 0")
    assert many - few < 1000 * A_WORD
