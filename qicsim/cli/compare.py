"""`qicsim compare`: paired scenarios, one page and the tables behind it."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from qicsim.cli.options import (
    add_ensemble,
    add_language,
    add_scenarios,
    command_line,
    ensemble_options,
    output_folder,
)

FOLDER = "qicsim-results"


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "compare", help="compare scenarios; writes a page and tables",
        description="Runs scenarios under the same draws and the same luck and writes a page that opens by "
                    "double-click, with the tables behind it. Interrupted, the same command goes on where it was.")
    add_scenarios(command, FOLDER)
    add_language(command)
    add_ensemble(command, draws=64, replicates=2)
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Compare and write."""
    from qicsim.api import compare, write_comparison
    from qicsim.cli.progress import Progress
    from qicsim.ground.files import alone_in, refuse_folders
    from qicsim.report.outputs import COMPARISON_FILES
    from qicsim.runs.provenance import provenance

    folder = output_folder(options.out)
    refuse_folders(folder, COMPARISON_FILES)
    if not options.quiet:
        sys.stderr.write("Preparing (the first run after an installation compiles for about half a minute) ...\n")
    with alone_in(folder):
        comparison = compare(options.scenarios or None, reference=options.reference, **ensemble_options(options),
                             progress=Progress("Runs", quiet=options.quiet))
        files = write_comparison(comparison, folder, provenance(comparison.ensemble, command=command_line()),
                                 language=options.language)
    pages = [str(file) for file in files if file.suffix == ".html"]
    rest = ", ".join(file.name for file in files if file.suffix != ".html")
    sys.stdout.write(f"Page:   {', '.join(pages)}\nTables: {rest} in {folder}\n")
    return 0
