"""`qicsim plan`: one scenario against a reference, as a workbook or a document for planners."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qicsim.cli.options import ENSEMBLE, overrides_facts, take
from qicsim.cli.prepared import ensemble, gathered, money, resolved
from qicsim.cli.request import output_of_files
from qicsim.cli.written import command_line, warn_of_scenarios, written

FILE = "qicsim-plan.xlsx"
WORKBOOK, DOCUMENT = ".xlsx", ".docx"


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "plan", help="a plan for planners: a workbook, or a chapter in Word",
        description="Runs a scenario and a reference under the same draws and the same luck, and writes baseline and "
                    "yearly targets for the nation, every province and every operational district, the schedule of "
                    "launches, coach posts, the budget, how sure it all is, and where numbers come from. The ending of "
                    "the file says what is written.")
    take(command, "scenario", "reference", "option", "out_files", "replace", "discount_rate", "money_year", "prices",
         *ENSEMBLE, out_files=[FILE], draws=64, replicates=2)
    command.set_defaults(prepare=prepare, command=execute)


def prepare(options: argparse.Namespace) -> dict[str, Any]:
    """The files, scenarios whose horizons hold a plan, and how they are run."""
    return gathered(options, _files, _scenarios, money, ensemble)


def _scenarios(options: argparse.Namespace) -> dict[str, Any]:
    """What is planned, and the reference."""
    from qicsim.plan.make import planned_years

    names = dict.fromkeys((options.reference, options.scenario, *options.option))
    reference, *scenarios = resolved(options, names, until=options.until)
    scenarios = scenarios if options.scenario != options.reference else [reference, *scenarios]
    planned_years(scenarios, reference)
    return {"scenarios": scenarios, "reference": reference}


def execute(options: argparse.Namespace) -> int:
    """Run, read, write."""
    from qicsim.cli.progress import Progress
    from qicsim.plan.make import make_plans

    files, how = options.prepared["files"], {key: one for key, one in options.prepared.items() if key != "files"}
    outputs = output_of_files(options, files)
    writers = [(file, _writer(file)) for file in files]
    plan, *further = make_plans(**how, discount_rate=options.discount_rate, command=command_line(),
                                progress=Progress("Runs", quiet=options.quiet))
    for file, write in writers:
        file.parent.mkdir(parents=True, exist_ok=True)
        annexed = {"scenarios": (how["reference"], *how["scenarios"]), "further": further}
        more = annexed if file.suffix.lower() == DOCUMENT else {}
        write(plan, file, dict(plan.provenance) | overrides_facts(options), **more)
    for output in outputs:
        output.keep([file for file in files if file.parent == output.folder])
    warn_of_scenarios(how["scenarios"], how["reference"])
    sys.stdout.write(written(files))
    return 0


def _files(options: argparse.Namespace) -> dict[str, Any]:
    """The files to write; SettingError, with every fault, for endings that are not known."""
    from qicsim.ground.errors import Fault, SettingError

    files = [Path(name) for name in dict.fromkeys(options.out)]
    faults = [Fault("--out", f'"{file}" is neither a workbook nor a document', f"{WORKBOOK} or {DOCUMENT}")
              for file in files if file.suffix.lower() not in (WORKBOOK, DOCUMENT)]
    if faults:
        raise SettingError("", faults)
    return {"files": files}


def _writer(file: Path) -> Callable[..., Any]:
    """What writes a file of this ending."""
    if file.suffix.lower() == WORKBOOK:
        from qicsim.report.workbook import write_workbook

        return write_workbook
    from qicsim.report.document import write_document

    return write_document
