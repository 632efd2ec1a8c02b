"""`qicsim warm`: compile ahead, so that no later command waits for it."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from qicsim.cli.options import take


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "warm", help="compile ahead, so that the first run starts at once",
        description="Compiles the model for this kind of processor and these versions of numba, numpy and Python, and "
                    "keeps the code in the cache folder (QICSIM_CACHE_DIR, or the user's). Needed once after an "
                    "installation, for example in the image of a container or before an array of jobs; a "
                    "world with another number of care areas than the embedded one's needs its own.")
    take(command, "extend", "quiet")
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Compile, and say for what the code holds; 1 when it could not be kept."""
    import platform

    import numba
    import numpy as np

    from qicsim import __version__
    from qicsim.ground.compiled import FOLDER, processor
    from qicsim.model.simulate import ready

    def say(sentence: str) -> None:
        if not options.quiet:
            sys.stderr.write(f"{sentence}\n")

    began = time.monotonic()
    compiled = ready(_arguments(), say)
    what = f"Compiled in {time.monotonic() - began:.0f} s" if compiled else "Compiled code is there already"
    if FOLDER is None:
        sys.stdout.write("No cache folder can be written, so compiled code cannot be kept.\n")
        return 1
    sys.stdout.write(f"{what}: {FOLDER}\nIt holds for processors of the kind {processor()}, and for qicsim "
                     f"{__version__}, numba {numba.__version__}, numpy {np.__version__} and Python "
                     f"{platform.python_version()}; others compile anew.\n")
    return 0


def _arguments() -> tuple[Any, ...]:
    """What `simulate` is called with: any scenario of a world has the same types."""
    from qicsim.inputs.scenario import load_scenario
    from qicsim.model.simulate import noise_key, recording_of
    from qicsim.runs.branches import Buffers
    from qicsim.runs.draws import default_draw
    from qicsim.runs.runner import Runner

    runner = Runner.of(load_scenario("reported"))
    buffers = Buffers.of(runner.world.setting, recording_of(runner.world.setting), ())
    parameters = runner.parameter_sets(default_draw())[0]
    return buffers.arguments(runner.levers, (runner.scenario.structure, parameters, noise_key(1, 0, 0)), 0, 1)
