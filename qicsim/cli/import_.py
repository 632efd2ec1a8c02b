"""`qicsim import`: registers, scores and histories of a planner into a data folder, with a report on their quality."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from qicsim.cli.options import take
from qicsim.cli.request import output_of
from qicsim.cli.written import command_line, written


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "import", help="your facilities and scores, from spreadsheets or DHIS2, into a data folder",
        description="Reads a facility register, scores and the history of joining from CSV, XLSX or DHIS2 files, and "
                    "writes a data folder with a report on the quality of the data. Nothing leaves this machine.")
    take(command, "registers", "scores", "joined", "population", "unit_levels", "types", "elements", "leave_out",
         "scale", "periods", "accept", "crosswalk", "skip_faulty", "out_of_import", "replace", "report", "propose")
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Import and say what was found."""
    from qicsim.inputs.exchange.folder import QUALITY_PAGE
    from qicsim.inputs.exchange.protect import FILES
    from qicsim.inputs.exchange.row_audit import RefusedImportError
    from qicsim.inputs.exchange.summary import refusal, warned
    from qicsim.inputs.scenario.estimated import LEVELS, record_of
    from qicsim.report.imported import import_data

    place = Path(options.out)
    by_hand = (place / LEVELS).is_file() and not record_of(place)
    output = output_of(options, (*FILES, LEVELS) if by_hand else FILES, own=not by_hand)
    folder = output.folder
    try:
        data = import_data(
            options.register, options.scores, out=folder, joined=options.joined, population=options.population,
            levels=options.levels, types=options.types, elements=options.elements,
            leave_out=options.leave_out, scale=options.scale, skip_faulty=options.skip_faulty,
            periods=options.periods, accept=options.accept, crosswalk=options.crosswalk,
            report=Path(options.report) if options.report else None,
            propose=Path(options.propose) if options.propose else None, command=command_line())
    except RefusedImportError as refused:
        sys.stderr.write(refusal(refused.findings, report=options.report or "", proposal=options.propose or ""))
        return 2
    output.keep([folder / name for name in FILES if (folder / name).is_file()])
    scored = f", quarters {data.quarters[0]} to {data.quarters[-1]}" if data.quarters else ""
    joined = int((data.joined >= 0).sum())
    members = f", {joined:,} that joined a collaborative" if joined else ""
    sys.stdout.write(f"{len(data.register):,} facilities{scored}{members}\nData: {folder}\n"
                     f"{written([folder / QUALITY_PAGE])}")
    sys.stderr.write(warned(data.findings, str(folder / QUALITY_PAGE)))
    return 0
