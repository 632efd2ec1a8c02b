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
DRAWS, REPLICATES = 64, 2
QUICK = {"draws": 8, "replicates": 1}


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "compare", help="compare scenarios; writes a page and tables",
        description="Runs scenarios under the same draws and the same luck and writes a page that opens by "
                    "double-click, with the tables behind it. Interrupted, the same command goes on where it was.")
    add_scenarios(command, FOLDER)
    add_language(command)
    add_ensemble(command, draws=DRAWS, replicates=REPLICATES)
    command.add_argument("--quick", action="store_true",
                         help="a first look: {draws} draws x {replicates} replicate, every part of the page; intervals "
                              "from so few runs are rough".format(**QUICK))
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Compare and write."""
    from qicsim.api import compare
    from qicsim.cli.progress import Progress
    from qicsim.ground.files import alone_in, refuse_folders
    from qicsim.report.outputs import COMPARISON_FILES, write_comparison
    from qicsim.report.value import value_for_money
    from qicsim.runs.provenance import provenance

    chosen = ensemble_options(options) | (_quick(options) if options.quick else {})
    folder = output_folder(options.out)
    refuse_folders(folder, COMPARISON_FILES)
    if not options.quiet:
        sys.stderr.write("Preparing (the first run after an installation compiles for about half a minute) ...\n")
    with alone_in(folder):
        comparison = compare(options.scenarios or None, reference=options.reference, **chosen,
                             progress=Progress("Runs", quiet=options.quiet))
        files = write_comparison(comparison, folder, provenance(comparison.ensemble, command=command_line()),
                                 language=options.language, extra=value_for_money(comparison))
    pages = [str(file) for file in files if file.suffix == ".html"]
    rest = ", ".join(file.name for file in files if file.suffix != ".html")
    if options.quick:
        sys.stdout.write(f"A first look: {chosen['draws']} draws x {chosen['replicates']} replicate of each scenario; "
                         f"without --quick {DRAWS} x {REPLICATES}\n")
    sys.stdout.write(f"Page:   {', '.join(pages)}\nTables: {rest} in {folder}\n")
    return 0


def _quick(options: argparse.Namespace) -> dict[str, int]:
    """The numbers of a first look; SettingError where others were asked for."""
    from qicsim.ground.errors import Fault, SettingError

    asked = {"--draws": "draws" in options.draws, "--replicates": options.replicates != REPLICATES}
    faults = [Fault(name, "is there beside --quick, which sets it", "one of the two")
              for name, there in asked.items() if there]
    if faults:
        raise SettingError("", faults)
    return QUICK
