"""`qicsim warm`: compile ahead, so that no later command waits for it."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SECONDS_BETWEEN = 5.0


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "warm", help="compile ahead, so that the first run starts at once",
        description="Compiles the model for this kind of processor and these versions of numba, numpy and Python, and "
                    "keeps the code in the cache folder (QICSIM_CACHE_DIR, or the user's). Needed once after an "
                    "installation, for example in the image of a container or before an array of jobs.")
    command.add_argument("--quiet", action="store_true", help="show no progress")
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
    with _ticking(quiet=options.quiet):
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
    """What `simulate` is called with: any scenario of the embedded country has the same types."""
    from qicsim.inputs.scenario import load_scenario
    from qicsim.model.luck import allocate_luck
    from qicsim.model.simulate import allocate_reading, allocate_state, noise_key
    from qicsim.runs.draws import default_draw
    from qicsim.runs.runner import Runner

    runner = Runner.of(load_scenario("reported"))
    setting = runner.world.setting
    return (setting, runner.levers, runner.scenario.structure, runner.parameter_sets(default_draw())[0],
            noise_key(1, 0, 0), allocate_state(setting), allocate_luck(setting, kept=False), runner.recording,
            allocate_reading(setting, runner.recording))


@contextmanager
def _ticking(*, quiet: bool) -> Iterator[None]:
    """Seconds so far, now and then, while something takes its time."""
    done, began = threading.Event(), time.monotonic()

    def tick() -> None:
        while not done.wait(SECONDS_BETWEEN):
            sys.stderr.write(f"{time.monotonic() - began:.0f} s ...\n")

    ticker = threading.Thread(target=tick, daemon=True)
    if not quiet:
        ticker.start()
    try:
        yield
    finally:
        done.set()
