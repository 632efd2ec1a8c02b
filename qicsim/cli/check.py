"""`qicsim check`: what the program understood of a scenario file, or every fault of it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
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
                    "fault is named and the exit code is 2. With --data the scenario is looked at on your own "
                    "register, and --propose writes one that is scaled to its places.")
    take(command, "checked", "data", "scaled", "extend")
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Resolve, build its world, print."""
    from qicsim.inputs.scenario import load_scenario
    from qicsim.inputs.scenario.consistency import senseless
    from qicsim.inputs.scenario.load import teller_of_past
    from qicsim.inputs.scenario.past import other_pasts
    from qicsim.inputs.world.build import build_world
    from qicsim.inputs.world.money import costs_said
    from qicsim.inputs.world.scaling import too_few_places

    plan = load_scenario(options.scenario)
    scenario = plan if options.data is None else load_scenario(options.scenario, data=_ready(options.data))
    world = build_world(scenario)
    teller = teller_of_past(options.scenario)
    reference = scenario if teller is None else load_scenario(teller)
    for said in (*too_few_places([scenario]), *other_pasts([scenario], reference), *senseless(scenario),
                 *costs_said([world.unit_costs])):
        sys.stderr.write(f"Warning: {said}\n")
    for gone in scenario.dropped:
        sys.stderr.write(f'Not inherited, because {" and ".join(gone.levers)} changed: "{gone.text}"\n')
    if scenario.parameters:
        paths = ", ".join(f"{path}={value:g}" for path, value in sorted(scenario.parameters.items()))
        sys.stderr.write(f"Warning: this scenario holds {paths}. It has another past than a reference that does not; "
                         "`--set` holds a parameter for all scenarios of a run.\n")
    for note in ceilings_said(scenario):
        sys.stderr.write(f"Note: {note}\n")
    if options.propose:
        _propose(options, plan, scenario)
    sys.stdout.write(scenario.to_json() + "\n")
    return 0


def _ready(folder: str) -> Path:
    """The data folder with its levels."""
    from qicsim.inputs.observed.levels import ready

    return ready(folder)


def _propose(options: argparse.Namespace, plan: Scenario, here: Scenario) -> None:
    """Write the plan, scaled to the register that it is checked on, and say how it is used."""
    from qicsim.ground.errors import Fault, SettingError
    from qicsim.ground.files import write_text
    from qicsim.inputs.scenario import shipped
    from qicsim.inputs.scenario.files import ENDINGS
    from qicsim.inputs.world.scaling import places_of, scaled_text

    file = Path(options.propose)
    base = options.scenario if options.scenario in shipped() else Path(options.scenario).name
    faults = [] if options.data else [Fault("--propose", "goes with --data", "--data FOLDER of your register")]
    if file.suffix.lower() not in ENDINGS[:1]:
        faults.append(Fault("--propose", f'"{file}" is no scenario file', "a name that ends in .toml"))
    if file.exists():
        faults.append(Fault("--propose", f'"{file}" is there already', "a new file: nothing is written over"))
    if base not in shipped() and file.absolute().parent.resolve() != Path(options.scenario).absolute().parent.resolve():
        faults.append(Fault("--propose", f'"{file}" does not stand beside "{options.scenario}", which it extends',
                            str(Path(options.scenario).parent / file.name)))
    if faults:
        raise SettingError("", faults)
    write_text(file, scaled_text(plan, base, places_of(here)))
    sys.stderr.write(f"Scaled to the register: {file}. Use it in place of {options.scenario}, with --data "
                     f"{options.data}.\n")


def ceilings_said(scenario: Scenario) -> list[str]:
    """What each ceiling of money that the scenario sets holds down, and what it leaves alone."""
    from qicsim.model.levers import NO_CEILING

    said = {"budget": "budget is the ceiling of what is spent on collaboratives; payments by performance are not in it "
                      "(pbf_envelope is theirs).",
            "pbf_envelope": "pbf_envelope is the ceiling of performance payments alone; grants, assessments and "
                            "collaboratives are not in it (budget is that of collaboratives)."}
    return [note for lever, note in said.items() if (getattr(scenario.levers, lever) < NO_CEILING).any()]
