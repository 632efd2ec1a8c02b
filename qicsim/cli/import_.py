"""`qicsim import`: registers, scores and histories of a planner into a data folder, with a report on their quality."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from qicsim.cli.options import command_line, output_folder


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "import", help="your facilities and scores, from spreadsheets or DHIS2, into a data folder",
        description="Reads a facility register, scores and the history of joining from CSV, XLSX or DHIS2 files, and "
                    "writes a data folder with a report on the quality of the data. Nothing leaves this machine.")
    command.add_argument("--register", nargs="+", required=True, metavar="FILE",
                         help="tables of facilities, or DHIS2 organisation units (CSV, or JSON with all its pages)")
    command.add_argument("--scores", nargs="+", default=[], metavar="FILE",
                         help="tables of scores, long or wide, or DHIS2 data value sets (CSV, JSON)")
    command.add_argument("--joined", nargs="+", default=[], metavar="FILE", help="who joined a collaborative when")
    command.add_argument("--population", nargs="+", default=[], metavar="FILE",
                         help="people of each facility, where the register does not say it")
    command.add_argument("--levels", metavar="LEVELS",
                         help="levels of DHIS2 units (default country=1,province=2,district=3,facility=4)")
    command.add_argument("--types", metavar="FILE",
                         help="table of two columns (CSV, XLSX) or TOML: text or group, and health_centre, CPA1, CPA2, "
                              "CPA3 or leave out")
    command.add_argument("--elements", nargs="+", default=[], metavar="ELEMENT",
                         help="DHIS2 data elements: CODE=total, or a file of two columns")
    command.add_argument("--leave-out", default="", metavar="WORDS",
                         help="leave out facilities of these types, groups or owners, like private,ngo")
    command.add_argument("--scale", choices=("auto", "1", "100"), default="auto",
                         help="highest score as written (default: recognised for each file)")
    command.add_argument("--periods", choices=("auto", "quarter", "month"), default="auto",
                         help="what 1/2023 is, a quarter or a month (default: a month, unless that is not clear)")
    command.add_argument("--skip-faulty", action="store_true",
                         help="leave out rows with errors, with a warning for each, instead of stopping")
    command.add_argument("--out", required=True, metavar="FOLDER", help="the data folder to write")
    command.add_argument("--report", metavar="FILE",
                         help="write the page on quality here too, also when there are errors")
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Import and say what was found."""
    from qicsim.inputs.exchange.folder import QUALITY_PAGE
    from qicsim.report.imported import import_data

    folder = output_folder(options.out)
    data = import_data(
        options.register, options.scores, out=folder, joined=options.joined, population=options.population,
        levels=options.levels, types=options.types, elements=options.elements,
        leave_out=options.leave_out.split(","), scale=options.scale, skip_faulty=options.skip_faulty,
        periods=options.periods,        report=Path(options.report) if options.report else None, command=command_line())
    scored = f", quarters {data.quarters[0]} to {data.quarters[-1]}" if data.quarters else ""
    joined = int((data.joined >= 0).sum())
    members = f", {joined:,} that joined a collaborative" if joined else ""
    sys.stdout.write(f"{len(data.register):,} facilities{scored}{members}\nData:    {folder}\n"
                     f"Quality: {folder / QUALITY_PAGE}\n")
    return 0
