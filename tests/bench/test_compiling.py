"""How long the first compilation takes, and that nothing is compiled twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.bench

ROOT = Path(__file__).parents[2]
COMPILE = """
import json, time
from collections import Counter
import numba
from numba.core import event
from qicsim.cli.warm import _arguments
from qicsim.model.simulate import ready

arguments, recorded = _arguments(), event.RecordingListener()
event.register("numba:compile", recorded)
began = time.process_time()
ready(arguments)
taken = time.process_time() - began
names = Counter(f"{part.data['dispatcher'].py_func.__module__}.{part.data['dispatcher'].py_func.__qualname__}"
                for _, part in recorded.buffer if part.is_start)
twice = [name for name, count in names.items() if count > 1 and name.startswith("qicsim")]
print(json.dumps([taken, twice, len(names)]))
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """CPU seconds, functions of ours compiled more than once, number of functions, in a process with an empty cache."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "QICSIM_CACHE_DIR": str(tmp_path_factory.mktemp("cache"))}
    done = subprocess.run([sys.executable, "-c", COMPILE], env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_the_first_compilation(compiled, table):
    taken, _, functions = compiled

    table.add(f"first compilation, CPU, {functions} functions", f"{taken:.0f} s", "aim 35")
    assert taken <= 35.0


def test_no_function_is_compiled_twice(compiled):
    """A whole number given by name, a number where another caller has an amount, or a read-only array would do it."""
    assert compiled[1] == []
