"""`qicsim check`: what the program understood of a scenario file, or every fault of it."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from qicsim.cli.options import take


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "check", help="print a resolved scenario, or all its faults",
        description="Prints the resolved scenario as JSON: every field explicit, as it is stored beside results. If "
                    "the file cannot be used, every fault is named and the exit code is 2.")
    take(command, "checked")
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Resolve, build its world, print."""
    from qicsim.inputs.scenario import load_scenario
    from qicsim.inputs.world.build import build_world

    scenario = load_scenario(options.scenario)
    build_world(scenario)
    if scenario.parameters:
        paths = ", ".join(f"{path}={value:g}" for path, value in sorted(scenario.parameters.items()))
        sys.stderr.write(f"Warning: this scenario holds {paths}. It has another past than a reference that does not; "
                         "`--set` holds a parameter for all scenarios of a run.\n")
    sys.stdout.write(scenario.to_json() + "\n")
    return 0
