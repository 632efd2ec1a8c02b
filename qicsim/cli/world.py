"""`qicsim world`: the world of a country, begun, checked and described."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from qicsim.cli.options import take
from qicsim.cli.prepared import all_at_once
from qicsim.cli.written import output_folder, written


def add(commands: Any) -> None:
    """Declare the commands."""
    command = commands.add_parser(
        "world", help="the world of a country: begin one, check it, describe it",
        description="A world is a folder of plain files that says what is of one country: places, kinds of facility, "
                    "care areas, money, history, words. `--world FOLDER` runs every command in it (docs/worlds.md).")
    acts = command.add_subparsers(metavar="act", required=True)
    new = acts.add_parser("new", help="write the folder of a new world, with everything explained in its files")
    take(new, "world_folder")
    new.set_defaults(command=execute_new)
    check = acts.add_parser("check", help="read everything in a world and build it, or name all its faults")
    take(check, "world_folder")
    check.set_defaults(command=execute_check)
    describe = acts.add_parser("describe", help="what a world holds; without a folder, the worlds of the package")
    take(describe, "world_if_any")
    describe.set_defaults(command=execute_describe)
    command.set_defaults(acts=acts.choices)


def execute_new(options: argparse.Namespace) -> int:
    """Write the folder, and say how to go on."""
    from qicsim.inputs.country.skeleton import write_skeleton

    files = write_skeleton(output_folder(options.folder, "folder"))
    folder = Path(options.folder)
    sys.stdout.write(f"{written(files)}Fill in world.toml and provinces.csv, then: qicsim world check {folder}\n")
    return 0


def execute_check(options: argparse.Namespace) -> int:
    """Read all of it, and count."""
    from qicsim.estimate.calibrate.targets import read_targets
    from qicsim.inputs.country import country_of, in_country
    from qicsim.inputs.world.whole import checked_lines
    from qicsim.runs.posterior import read_posterior, shipped_posterior

    with in_country(country_of(options.folder)) as country:
        with all_at_once() as attempt:
            lines = attempt(checked_lines, country)
            if country.counts is not None:
                attempt(read_targets)
            if (fitted := shipped_posterior()) is not None:
                attempt(read_posterior, fitted)
        sys.stdout.write("\n".join(lines) + "\n")
    return 0


def execute_describe(options: argparse.Namespace) -> int:
    """Say what there is."""
    from qicsim.inputs.country import country_of, in_country, packaged
    from qicsim.inputs.world.whole import described_lines

    if options.folder is None:
        found = [f"{name}: {country_of(name).name}" for name in packaged()]
    else:
        with in_country(country_of(options.folder)) as country:
            found = described_lines(country)
    sys.stdout.write("\n".join(found) + "\n")
    return 0
