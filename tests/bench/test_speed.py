"""How fast the faces are, against each other and against the aims; on a machine that does nothing else.

The interpreter's figure comes from the same code in the same process, imported a second time without compilation.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import numba
import pytest

from qicsim.agents import QicModel
from qicsim.model.luck import Luck, allocate_luck
from qicsim.model.simulate import noise_key, simulate
from qicsim.runs.blocks import Recorder, standard
from qicsim.runs.branches import Buffers
from qicsim.runs.draws import default_draw
from qicsim.runs.ensemble import run_ensemble
from qicsim.runs.runner import Runner
from tests.bench.baseline import Timed
from tests.bench.conftest import buffers
from tests.bench.interpreter import interpreted
from tests.bench.table import cpu_seconds, seconds
from tests.verification.rebuild import rebuilt_run
from tests.worlds import busy_country, country_of, parameters

pytestmark = pytest.mark.bench

KEY = noise_key(1, 0, 0)
NANO, MICRO = 1e9, 1e6


def run_of(country):
    """A run of a country with buffers of its own, ready to be called again and again."""
    state, luck, recording, reading = buffers(country)
    return partial(simulate, country.setting, country.levers, country.structure, parameters(), KEY, state, luck,
                   recording, reading, 0, len(country.levers))


@pytest.fixture(scope="module")
def compiled_seconds(nation):
    return seconds(run_of(nation), rounds=10)


def test_a_national_run(benchmark, nation, facility_months, table):
    benchmark.pedantic(run_of(nation), rounds=10, warmup_rounds=1)
    fastest = benchmark.stats.stats.min

    table.add(f"national run of {nation.setting.month.size} months, {nation.setting.facility.size} facilities",
              f"{fastest * 1e3:.0f} ms")
    table.add("a facility-month, compiled", f"{fastest / facility_months * NANO:.0f} ns", "aim 200")
    assert fastest / facility_months * NANO < 300


def test_the_mesa_face(nation, compiled_seconds, facility_months, table):
    """Only the facilities' steps in shuffled order; reading and collecting come on top."""
    with closing(QicModel(nation.world, nation.scenario)) as model:
        for _ in range(120):
            model.step()
        agents = len(model.facilities)
        each = seconds(partial(model.facilities.shuffle_do, "step"), rounds=5) / agents

    ratio = each / (compiled_seconds / facility_months)
    table.add("a facility-month, Mesa's shuffled steps", f"{each * NANO:.0f} ns")
    table.add("compiled run against Mesa's shuffled steps", f"{ratio:.0f} times", "aim 25")
    assert ratio >= 25


def test_the_interpreter(table):
    country = busy_country()
    compiled_run = run_of(country)
    fast = seconds(compiled_run, rounds=20)
    with interpreted() as plain:
        slow = seconds(partial(plain.simulate, *compiled_run.args), rounds=1)

    months = country.setting.facility.size * country.setting.month.size
    table.add("a facility-month of a small, busy country, compiled", f"{fast / months * NANO:.0f} ns")
    table.add("the same in the interpreter", f"{slow / months * NANO:.0f} ns")
    table.add("compiled run against the interpreter", f"{slow / fast:.0f} times", "aim 150")
    assert slow / fast >= 150


def test_the_rebuild_in_numpy(nation, facility_months, table):
    """CPU time of whole runs; the compiled one also reads the provinces at the end of each year."""
    rebuilt_nation = partial(rebuilt_run, nation.setting, nation.levers, nation.structure, parameters(), 1, 0, 0)
    compiled, rebuilt = cpu_seconds(run_of(nation), rebuilt_nation, rounds=7)

    table.add("a facility-month, rebuilt in numpy (CPU time)", f"{rebuilt / facility_months * NANO:.0f} ns")
    table.add("the same, compiled (CPU time)", f"{compiled / facility_months * NANO:.0f} ns")
    table.add("compiled run against the rebuild in numpy", f"{rebuilt / compiled:.1f} times", "aim 5")
    assert rebuilt / compiled >= 4


def test_luck_that_is_there_already(nation, facility_months, table):
    """The second scenario of a draw and replicate finds the luck that the first drew."""
    run, luck = run_of(nation), allocate_luck(nation.setting, kept=True)
    again = partial(simulate, *(luck if isinstance(part, Luck) else part for part in run.args))
    alone, shared = cpu_seconds(run, again, rounds=10)

    table.add("a facility-month, compiled (CPU time)", f"{alone / facility_months * NANO:.0f} ns")
    table.add("the same where its luck was drawn before (CPU time)", f"{shared / facility_months * NANO:.0f} ns")
    assert shared < 0.95 * alone


@pytest.mark.skipif("QICSIM_BASELINE" not in os.environ, reason="QICSIM_BASELINE names no folder of another version")
@pytest.mark.parametrize("name", ["national-2030", "reported"])
def test_against_a_baseline(name, table):
    """CPU seconds of a run here and in another checkout, in processes of their own that take turns."""
    here, there = (Timed(folder, name) for folder in (Path(__file__).parents[2], Path(os.environ["QICSIM_BASELINE"])))
    with closing(here), closing(there):
        taken = [(here.run(), there.run()) for _ in range(12)]
    ours, theirs = (min(column) for column in zip(*taken, strict=True))

    table.add(f"{name}: the baseline against this version", f"{theirs / ours:.2f} times", "aim 1.4")
    assert theirs / ours >= 1.3


def test_two_threads(nation, table):
    runs = [run_of(nation) for _ in range(2)]

    def share(of, pool):
        list(pool.map(lambda run: [run() for _ in range(4)], of))

    with ThreadPoolExecutor(2) as pool:
        together = seconds(partial(share, runs, pool))
        in_turn = seconds(partial(share, runs[:1], pool)) * 2

    table.add("two threads against one", f"{in_turn / together:.2f} times", "aim 1.8")
    assert in_turn / together >= 1.8


@numba.njit(nogil=True)
def nothing(setting, levers, structure, params, key, state, luck, recording, reading, first, last):
    """What it takes to hand the arguments of a run to compiled code and back."""


def test_what_the_framework_adds_to_a_run(three_facilities, table):
    """The way into compiled code, the copies of some hundred columns that are kept, threads and the store around it.

    In 0.1 this took 15 microseconds, for four arrays in a memory-mapped file; columns that any command finds again take
    more. The aim is a hundredth of a national run.
    """
    runner = Runner.of(three_facilities)
    draw = default_draw()
    arguments = run_of(country_of(three_facilities)).args
    entering = seconds(partial(nothing, *arguments), rounds=20, calls=500)
    bare = seconds(partial(simulate, *arguments), rounds=20, calls=500)
    recorder = Recorder(runner.world.setting, runner.scenario.start, runner.world.areas.keys,
                        standard(runner.world.areas.keys))
    buffers = Buffers.of(runner.world.setting, recorder.recording, recorder.asked)
    fixed = runner.scenario.structure, runner.parameter_sets(draw)[0], KEY
    within = seconds(lambda: recorder.copies(buffers.run(runner.levers, fixed)), rounds=20, calls=500)

    def ensemble(replicates):
        return seconds(lambda: run_ensemble([three_facilities], draw, replicates=replicates, workers=1, store=False),
                       rounds=7)

    around = (ensemble(2000) - ensemble(1000)) / 1000 - within
    added = entering + (within - bare) + around
    table.add("added to a run: the way into compiled code", f"{entering * MICRO:.1f} us")
    table.add("added to a run: buffers, key, folding what is kept", f"{(within - bare) * MICRO:.1f} us")
    table.add("added to a run: threads, store, progress", f"{around * MICRO:.1f} us")
    table.add("added to a run in all", f"{added * MICRO:.1f} us", "aim 480, a hundredth of a national run")
    assert added * MICRO <= 480
