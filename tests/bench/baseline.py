"""Runs in another process, of this version or of another checkout, timed by the CPU seconds that they take."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SERVE = """
import inspect, sys, time
try:
    from qicsim.inputs.scenario import load_scenario
except ImportError:
    from qicsim.scenario import load_scenario
from qicsim.model.simulate import noise_key, simulate
from tests.bench.conftest import buffers
from tests.worlds import country_of, parameters

country = country_of(load_scenario(sys.argv[1]))
arguments = [country.setting, country.levers, country.structure, parameters(), noise_key(1, 0, 0), *buffers(country)]
if "last" in inspect.signature(simulate.py_func).parameters:
    arguments += [0, country.setting.month.size]
    from qicsim.model.simulate import ready
    ready(arguments)
simulate(*arguments)
for _ in sys.stdin:
    began = time.thread_time()
    simulate(*arguments)
    print(time.thread_time() - began, flush=True)
"""


class Timed:
    """A process that runs a scenario whenever it is asked; its code comes from a checkout's folder."""

    def __init__(self, folder: Path, scenario: str) -> None:
        """Start the process; it compiles and runs once."""
        self.process = subprocess.Popen([sys.executable, "-c", SERVE, scenario], cwd=folder, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=os.environ | {"PYTHONPATH": str(folder)})

    def run(self) -> float:
        """CPU seconds of a run."""
        self.process.stdin.write("run\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
