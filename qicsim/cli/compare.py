"""`qicsim compare`: paired scenarios, one page and the tables behind it."""

from __future__ import annotations

import argparse
import shutil
import sys
from typing import Any

from qicsim.cli.options import ENSEMBLE, ensemble_options, overrides_facts, take
from qicsim.cli.request import output_of
from qicsim.cli.written import command_line, warn_of_own_pasts, written

FOLDER = "qicsim-results"
UNFINISHED = ".unfinished-runs"


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "compare", help="compare scenarios; writes a page and tables",
        description="Runs scenarios under the same draws and the same luck and writes a page that opens by "
                    "double-click, with the tables behind it. Interrupted, the same command goes on where it was.")
    take(command, "scenarios", "reference", "out", "replace", "language", *ENSEMBLE, out=FOLDER, draws=64, replicates=2)
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Compare and write."""
    from qicsim.api import compare
    from qicsim.cli.progress import Progress
    from qicsim.report.outputs import COMPARISON_FILES, write_comparison
    from qicsim.report.value import value_for_money
    from qicsim.runs.provenance import provenance

    output = output_of(options, COMPARISON_FILES)
    folder = output.folder
    unfinished = folder / UNFINISHED
    if not options.quiet:
        sys.stderr.write("Preparing (the first run after an installation compiles for about half a minute) ...\n")
    with output.alone():
        comparison = compare(options.scenarios or None, reference=options.reference, **ensemble_options(options),
                             folder=unfinished, progress=Progress("Runs", quiet=options.quiet))
        facts = provenance(comparison.ensemble, command=command_line()) | overrides_facts(options)
        files = write_comparison(comparison, folder, facts, language=options.language,
                                 extra=value_for_money(comparison))
        shutil.rmtree(unfinished)
        output.keep(files)
    warn_of_own_pasts(comparison.ensemble, comparison.reference)
    sys.stdout.write(written(files))
    return 0
