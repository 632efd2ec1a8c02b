"""`qicsim describe`: the declarations, as tables."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from qicsim.cli.options import take


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser("describe", help="tables of parameters, levers, areas, schedule and more",
                                  description="Prints what is declared in the code, as tables in Markdown.")
    take(command, "topic", "extend")
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Print the table."""
    from qicsim.report.describe import describe

    sys.stdout.write(describe(options.topic).rstrip("\n") + "\n")
    return 0
