"""`qicsim plan`: one scenario against a reference, as a workbook or a document for planners."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qicsim.cli.options import ENSEMBLE, ensemble_options, overrides_facts, take
from qicsim.cli.request import output_of_files
from qicsim.cli.written import command_line, written

if TYPE_CHECKING:
    from qicsim.ground.outputs import Output

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
    take(command, "scenario", "reference", "option", "out_files", "replace", "discount_rate", *ENSEMBLE,
         out_files=[FILE], draws=64, replicates=2)
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Run, read, write."""
    from qicsim.api import resolve
    from qicsim.cli.progress import Progress
    from qicsim.plan.make import make_plans
    from qicsim.runs.posterior import draws_from

    files, outputs = _files(options)
    writers = [(file, _writer(file)) for file in files]
    how = ensemble_options(options)
    reference, *scenarios = (resolve(name, how["until"], how["data"], how["set"], how["costs"])
                             for name in dict.fromkeys((options.reference, options.scenario, *options.option)))
    scenarios = scenarios if options.scenario != options.reference else [reference, *scenarios]
    plan, *further = make_plans(scenarios, reference, draws=draws_from(how.get("source"), how["draws"], how["seed"]),
                                replicates=how["replicates"], seed=how["seed"], workers=how["workers"],
                                store=how["store"], discount_rate=options.discount_rate, command=command_line(),
                                progress=Progress("Runs", quiet=options.quiet))
    for file, write in writers:
        file.parent.mkdir(parents=True, exist_ok=True)
        more = {"scenarios": (reference, *scenarios), "further": further} if file.suffix.lower() == DOCUMENT else {}
        write(plan, file, dict(plan.provenance) | overrides_facts(options), **more)
    for output in outputs:
        output.keep([file for file in files if file.parent == output.folder])
    sys.stdout.write(written(files))
    return 0


def _files(options: argparse.Namespace) -> tuple[list[Path], list[Output]]:
    """The files to write, and their outputs by folder; SettingError, with every fault, for endings that are not known.

    What may not be replaced is refused here.
    """
    from qicsim.ground.errors import Fault, SettingError

    files = [Path(name) for name in dict.fromkeys(options.out)]
    faults = [Fault("--out", f'"{file}" is neither a workbook nor a document', f"{WORKBOOK} or {DOCUMENT}")
              for file in files if file.suffix.lower() not in (WORKBOOK, DOCUMENT)]
    if faults:
        raise SettingError("", faults)
    return files, output_of_files(options, files)


def _writer(file: Path) -> Callable[..., Any]:
    """What writes a file of this ending."""
    if file.suffix.lower() == WORKBOOK:
        from qicsim.report.workbook import write_workbook

        return write_workbook
    from qicsim.report.document import write_document

    return write_document
