"""`qicsim checklist`: ODD, CHEERS 2022 or STRESS, filled from the code and from runs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from qicsim.cli.options import take
from qicsim.cli.request import output_of_files
from qicsim.cli.written import written


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "checklist", help="a reporting checklist, filled from the code and from runs",
        description="Fills a checklist for reporting: odd (the model), cheers (economic evaluation) or stress "
                    "(simulation study). What the code or a run can answer is answered from there; what a person must "
                    "write is listed as open.")
    take(command, "checklist", "reported", "run_folder", "reference", "costs", "out_file", "replace")
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Fill, and print or write."""
    from qicsim.report.checklists import checklist, text, write_checklist

    outputs = output_of_files(options, [Path(options.out)]) if options.out else None
    filled = checklist(options.name, options.scenarios or None, run=options.run, reference=options.reference,
                       costs=options.costs)
    if outputs is None:
        sys.stdout.write(text(filled))
        return 0
    path = write_checklist(filled, Path(options.out))
    outputs[0].keep([path])
    sys.stdout.write(f"{filled.words}\n{written([path])}")
    return 0
