"""`qicsim compare`: paired scenarios, one page and the tables behind it."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from qicsim.cli.options import ENSEMBLE, overrides_facts, take
from qicsim.cli.prepared import assumptions, ensemble, gathered, money, paired
from qicsim.cli.request import output_of
from qicsim.cli.written import command_line, warn_of_runs, written

FOLDER = "qicsim-results"
DRAWS, REPLICATES = 64, 2
QUICK_DRAWS, QUICK_REPLICATES = 8, 1


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "compare", help="compare scenarios; writes a page and tables",
        description="Runs scenarios under the same draws and the same luck and writes a page that opens by "
                    "double-click, with the tables behind it. Interrupted, the same command goes on where it was.")
    take(command, "scenarios", "reference", "out", "replace", "language", "money_year", "prices", "quick",
         "assumptions", *ENSEMBLE, out=FOLDER, draws=DRAWS, replicates=REPLICATES)
    command.set_defaults(prepare=prepare, command=execute)


def prepare(options: argparse.Namespace) -> dict[str, Any]:
    """What is compared, and how it is run."""
    if options.quick:
        _refuse_beside_quick(options)
        options.draws = (options.draws if isinstance(options.draws, dict) else {}) | {"draws": QUICK_DRAWS}
        options.replicates = QUICK_REPLICATES
    return gathered(options, paired, money, ensemble, assumptions)


def execute(options: argparse.Namespace) -> int:
    """Compare and write."""
    from qicsim.api import compare, write_comparison
    from qicsim.ground.progress import Progress
    from qicsim.report.outputs import COMPARISON_FILES
    from qicsim.runs.provenance import provenance

    output = output_of(options, COMPARISON_FILES)
    folder = output.folder
    with output.alone():
        comparison = compare(**options.prepared, progress=Progress("Runs", quiet=options.quiet))
        facts = provenance(comparison.ensemble, command=command_line()) | overrides_facts(options)
        files = write_comparison(comparison, folder, facts, language=options.language)
        output.keep(files)
    warn_of_runs(comparison.ensemble, comparison.reference)
    if options.quick:
        sys.stdout.write(f"A first look: {QUICK_DRAWS} draws x {QUICK_REPLICATES} replicate of each scenario; "
                         f"without --quick {DRAWS} x {REPLICATES}\n")
    sys.stdout.write(written(files))
    return 0


def _refuse_beside_quick(options: argparse.Namespace) -> None:
    """SettingError where other numbers than those of a first look were asked for."""
    from qicsim.ground.errors import Fault, SettingError

    asked = {"--draws": isinstance(options.draws, dict) and "draws" in options.draws,
             "--replicates": options.replicates != REPLICATES}
    faults = [Fault(name, "is there beside --quick, which sets it", "one of the two")
              for name, there in asked.items() if there]
    if faults:
        raise SettingError("", faults)
