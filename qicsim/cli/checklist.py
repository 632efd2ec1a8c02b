"""`qicsim checklist`: ODD, CHEERS 2022 or STRESS, filled from the code and from runs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

NAMES = ("odd", "cheers", "stress")  # those of report.checklists, without loading it for --help


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "checklist", help="a reporting checklist, filled from the code and from runs",
        description="Fills a checklist for reporting: odd (the model), cheers (economic evaluation) or stress "
                    "(simulation study). What the code or a run can answer is answered from there; what a person must "
                    "write is listed as open.")
    command.add_argument("name", choices=NAMES, metavar="CHECKLIST", help=", ".join(NAMES))
    command.add_argument("scenarios", nargs="*", metavar="SCENARIO",
                         help="shipped names or TOML files (default: those of the run, or the shipped policies)")
    command.add_argument("--run", metavar="FOLDER", help="what qicsim compare or qicsim decide wrote")
    command.add_argument("--reference", default="reported", metavar="SCENARIO",
                         help="what the others are compared with (default reported)")
    command.add_argument("--out", metavar="FILE", help="write .html, .csv or .docx instead of printing")
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Fill, and print or write."""
    from qicsim.report.checklist_outputs import text, write_checklist
    from qicsim.report.checklist_reading import checklist

    filled = checklist(options.name, options.scenarios or None, run=options.run, reference=options.reference)
    if options.out is None:
        sys.stdout.write(text(filled))
        return 0
    path = write_checklist(filled, Path(options.out))
    sys.stdout.write(f"{filled.words}\nChecklist: {path}\n")
    return 0
