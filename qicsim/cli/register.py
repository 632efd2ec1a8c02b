"""`qicsim register`: build the embedded register, check one, export its network of peers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qicsim.cli.options import take
from qicsim.cli.request import output_of_files


def add(commands: Any) -> None:
    """Declare the commands."""
    command = commands.add_parser("register", help="build or check a facility register, export its network",
                                  description="The facility register: the embedded synthetic one, or your own.")
    acts = command.add_subparsers(metavar="act", required=True)
    build = acts.add_parser("build", help="write the invented register of the world (always the same bytes)")
    take(build, "csv", "only", "replace")
    build.set_defaults(command=execute_build)
    check = acts.add_parser("check", help="check a register and count what it holds, or name all its faults")
    take(check, "register_file")
    check.set_defaults(command=execute_check)
    network = acts.add_parser("network", help="export the network of peers (.graphml, .gexf or .csv)")
    take(network, "network", "register", "replace")
    network.set_defaults(command=execute_network)
    command.set_defaults(acts=acts.choices)


def execute_build(options: argparse.Namespace) -> int:
    """Write the synthetic register."""
    from qicsim.inputs.world.register import within, write_register
    from qicsim.inputs.world.synthetic import build_register

    register = build_register()
    if options.only:
        register = within(register, options.only)
    with _new_file(options):
        write_register(register, Path(options.file))
    sys.stdout.write(f"{len(register.facilities):,} synthetic facilities written to {options.file}\n")
    return 0


def execute_check(options: argparse.Namespace) -> int:
    """Count what a register holds."""
    from qicsim.inputs.world.register_check import summary_lines

    sys.stdout.write("\n".join(summary_lines(_read(options.file))) + "\n")
    return 0


def execute_network(options: argparse.Namespace) -> int:
    """Export the network of peers."""
    from qicsim.inputs.world.network import export_network

    register = _read(options.register)
    with _new_file(options):
        export_network(register, Path(options.file))
    sys.stdout.write(f"Network of peers written to {options.file}\n")
    return 0


@contextmanager
def _new_file(options: argparse.Namespace) -> Iterator[None]:
    """A place for the file: what may be replaced makes way for it."""
    file = Path(options.file)
    (output,) = output_of_files(options, [file])
    former = file.read_bytes() if file.is_file() else None
    file.unlink(missing_ok=True)
    try:
        yield
    except BaseException:
        if former is not None:
            file.write_bytes(former)
        raise
    output.keep([file])


def _read(file: str | None) -> Any:
    from qicsim.inputs.country import home
    from qicsim.inputs.world.build import country_table
    from qicsim.inputs.world.register import read_register

    return read_register(Path(file) if file else country_table(home(), "register"))
