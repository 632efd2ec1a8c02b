"""What sharing runs saves: branches, the size of a run, the default comparison beside that of an earlier version."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qicsim.inputs.country import default_country
from qicsim.inputs.scenario import load_scenario
from qicsim.model.levers import lever_table
from qicsim.model.simulate import noise_key
from qicsim.runs.blocks import Recorder, standard
from qicsim.runs.branches import Buffers, branches_of, months_of
from qicsim.runs.draws import default_draw
from qicsim.runs.ensemble import run_ensemble
from qicsim.runs.posterior import draws_from
from qicsim.runs.runner import Runner
from tests.bench.table import seconds

POLICY = default_country().policy

pytestmark = pytest.mark.bench

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def runners():
    """The shipped policy scenarios."""
    return [Runner.of(load_scenario(name)) for name in dict.fromkeys(("reported", *POLICY))]


def test_scenarios_that_share_their_past(runners, table):
    first, levers = runners[0], [lever_table(runner.scenario.levers) for runner in runners]
    areas = first.world.areas.keys
    recorder = Recorder(first.world.setting, first.scenario.start, areas, standard(areas))
    buffers = Buffers.of(first.world.setting, recorder.recording, recorder.asked)
    fixed = first.scenario.structure, first.parameter_sets(default_draw())[0], noise_key(1, 0, 0)
    tree = branches_of(levers)
    together = seconds(lambda: buffers.run_all(tree, levers, fixed, lambda *_: None), rounds=3)
    alone = seconds(lambda: [buffers.run(one, fixed) for one in levers], rounds=3)

    many = f"{len(levers)} scenarios of one draw"
    table.add(f"{many}: months that are lived", f"{months_of(tree):,}",
              f"{len(levers) * len(levers[0]):,} if each alone")
    table.add(f"{many}, branched against each alone", f"{alone / together:.2f} times")
    table.add(f"{many} against one scenario", f"{together / (alone / len(levers)):.1f} times")
    assert together < alone


def test_the_size_of_a_run(runners, table, tmp_path):
    scenarios = [runner.scenario for runner in runners]
    run_ensemble(scenarios, draws_from(None, 2), store=tmp_path)
    size = sum(path.stat().st_size for path in tmp_path.glob("runs-*")) / (2 * len(scenarios))

    table.add("a national run in the store, for compare, plan and decide", f"{size / 1e3:.0f} kB", "at most 200")
    assert size <= 200_000


@pytest.mark.parametrize(("words", "aim"), [((), 0.75), (("--assumptions", "none"), 0.45), (("--quick",), None)],
                         ids=["default", "without assumptions", "quick"])
def test_the_default_comparison(table, tmp_path, words, aim):
    """Beside that of the version in the folder QICSIM_BASELINE, if one is named."""
    own = _compared(tmp_path, ROOT, words)  # in a folder without a package, so that PYTHONPATH says which version runs
    table.add(" ".join(("qicsim compare", *words)), f"{own:.1f} s")
    baseline = os.environ.get("QICSIM_BASELINE")
    if baseline and aim:
        other = _compared(tmp_path, Path(baseline), ())  # that version has no assumptions to leave out
        table.add("the same against the baseline", f"{own / other:.2f} times", f"at most {aim}")
        assert own / other <= aim


def _compared(folder: Path, version: Path, words: tuple[str, ...]) -> float:
    """Seconds of a comparison by the clock, compiled before, with an empty store."""
    environment = os.environ | {"PYTHONPATH": str(version), "QICSIM_STORE": str(folder / "empty")}
    command = [sys.executable, "-m", "qicsim", "compare", *words, "--quiet", "--out"]
    few = [*command[:4], "reported", "--draws", "1", "--replicates", "1", "--quiet", "--out", str(folder / "warm")]
    subprocess.run([word for word in few if word != "--quick"], env=environment, check=True, capture_output=True,
                   cwd=folder)
    began = time.perf_counter()
    subprocess.run([*command, str(folder / f"{version.name}{len(words)}")], env=environment, check=True,
                   capture_output=True, cwd=folder)
    return time.perf_counter() - began
