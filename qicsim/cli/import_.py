"""`qicsim import`: registers, scores and histories of a planner into a data folder, with a report on their quality."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from qicsim.cli.options import take
from qicsim.cli.request import output_of
from qicsim.cli.written import command_line, output_folder, written
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.numbers import plural


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "import", help="your facilities and scores, from spreadsheets or DHIS2, into a data folder",
        description="Reads a facility register, scores and the history of joining from CSV, XLSX or DHIS2 files, and "
                    "writes a data folder with a report on the quality of the data. Nothing leaves this machine.")
    take(command, "template", "sample_set", "registers", "scores", "joined", "population", "unit_levels", "types",
         "elements", "leave_out", "scale", "periods", "accept", "crosswalk", "skip_faulty", "out_of_import", "replace",
         "report", "propose", "language")
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Import and say what was found."""
    from qicsim.inputs.exchange.findings import RefusedImportError, refusal, warned
    from qicsim.inputs.exchange.folder import QUALITY_PAGES
    from qicsim.inputs.exchange.importing import FILES
    from qicsim.inputs.exchange.templates import sample_files
    from qicsim.inputs.scenario.estimated import LEVELS, record_of
    from qicsim.report.imported import import_data

    if options.template:
        return _template(options)
    _refuse_missing(options)
    if options.sample:
        options.register, options.scores, options.joined = ([str(file)] for file in sample_files().values())
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
            propose=Path(options.propose) if options.propose else None, command=command_line(),
            language=options.language)
    except RefusedImportError as refused:
        sys.stderr.write(refusal(refused.findings, report=options.report or "", proposal=options.propose or ""))
        return 2
    output.keep([folder / name for name in FILES if (folder / name).is_file()])
    pages = [folder / name for code, name in QUALITY_PAGES.items() if options.language in (code, "both")]
    scored = f", quarters {data.quarters[0]} to {data.quarters[-1]}" if data.quarters else ""
    joined = int((data.joined >= 0).sum())
    members = f", {joined:,} that joined a collaborative" if joined else ""
    sys.stdout.write(f"{plural(len(data.register), 'facility', 'facilities')}{scored}{members}\nData: {folder}\n"
                     f"{written(pages)}")
    sys.stderr.write(warned(data.findings, str(pages[0])))
    return 0


def _refuse_missing(options: argparse.Namespace) -> None:
    """SettingError where it is not said what to read or where to write it."""
    faults = [Fault("", "the following arguments are required: --out")] if not options.out else []
    if options.sample and (options.register or options.scores or options.joined):
        faults.append(Fault("--sample", "brings its own register, scores and joining", "no other files"))
    elif not options.sample and not options.register:
        faults.append(Fault("", "the following arguments are required: --register", "",
                            "--template FOLDER writes files to fill in, --sample reads invented facilities"))
    if faults:
        raise SettingError("", faults)


def _template(options: argparse.Namespace) -> int:
    """Write the templates, and say how to go on."""
    from qicsim.inputs.exchange.templates import README, write_templates

    folder = output_folder(options.template, "--template")
    files = write_templates(folder)
    sys.stdout.write(f"{written(files)}Fill them in; {folder / README} says how to import them.\n")
    return 0
