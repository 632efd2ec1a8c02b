"""`qicsim check`: what the program understood of a scenario file, or every fault of it."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from qicsim.cli.options import take

if TYPE_CHECKING:
    from qicsim.inputs.scenario import Scenario


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "check", help="print a resolved scenario, or all its faults",
        description="Prints the resolved scenario as JSON: every field explicit, as it is stored beside results. "
                    "Warns of levers that make no sense together, and of a past other than the one that the extended "
                    "file tells; says which assumptions of that file do not hold here. If a file cannot be used, every "
                    "fault is named and the exit code is 2.")
    take(command, "checked", "extend")
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Resolve, build its world, print."""
    from qicsim.inputs.scenario import load_scenario
    from qicsim.inputs.scenario.consistency import senseless
    from qicsim.inputs.scenario.load import teller_of_past
    from qicsim.inputs.scenario.past import other_pasts
    from qicsim.inputs.world.build import build_world
    from qicsim.inputs.world.money import costs_said

    scenario = load_scenario(options.scenario)
    world = build_world(scenario)
    teller = teller_of_past(options.scenario)
    reference = scenario if teller is None else load_scenario(teller)
    for said in (*other_pasts([scenario], reference), *senseless(scenario), *costs_said([world.unit_costs])):
        sys.stderr.write(f"Warning: {said}\n")
    for gone in scenario.dropped:
        sys.stderr.write(f'Not inherited, because {" and ".join(gone.levers)} changed: "{gone.text}"\n')
    if scenario.parameters:
        paths = ", ".join(f"{path}={value:g}" for path, value in sorted(scenario.parameters.items()))
        sys.stderr.write(f"Warning: this scenario holds {paths}. It has another past than a reference that does not; "
                         "`--set` holds a parameter for all scenarios of a run.\n")
    for note in ceilings_said(scenario):
        sys.stderr.write(f"Note: {note}\n")
    sys.stdout.write(scenario.to_json() + "\n")
    return 0


def ceilings_said(scenario: Scenario) -> list[str]:
    """What each ceiling of money that the scenario sets holds down, and what it leaves alone."""
    from qicsim.model.levers import NO_CEILING

    said = {"budget": "budget is the ceiling of what is spent on collaboratives; payments by performance are not in it "
                      "(pbf_envelope is theirs).",
            "pbf_envelope": "pbf_envelope is the ceiling of performance payments alone; grants, assessments and "
                            "collaboratives are not in it (budget is that of collaboratives)."}
    return [note for lever, note in said.items() if (getattr(scenario.levers, lever) < NO_CEILING).any()]
