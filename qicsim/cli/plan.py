"""`qicsim plan`: one scenario against a reference, as a workbook or a document for planners."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, NamedTuple

from qicsim.cli.options import ENSEMBLE, LANGUAGES, overrides_facts, take
from qicsim.cli.prepared import ensemble, gathered, money, resolved
from qicsim.cli.request import output_of_files
from qicsim.cli.written import command_line, say_draws, warn_of_scenarios, written

FILE = "qicsim-plan.xlsx"
WORKBOOK, DOCUMENT = ".xlsx", ".docx"
BESIDE = ("-annexes", "-brief")  # those of qicsim.report.chapter


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "plan", help="a plan for planners: a workbook, or a chapter in Word",
        description="Runs a scenario and a reference under the same draws and the same luck, and writes baseline and "
                    "yearly targets for the nation, every province and every operational district, the schedule of "
                    "launches, coach posts, the budget, how sure it all is, and where numbers come from, beside every "
                    "shipped plan. The ending of the file says what is written: a workbook, or a chapter with its "
                    "annexes and a brief of two pages.")
    take(command, "scenario", "reference", "option", "alone", "language", "out_files", "replace", "discount_rate",
         "money_year", "prices",
         *ENSEMBLE, out_files=[FILE], draws=64, replicates=2)
    command.set_defaults(prepare=prepare, command=execute)


def prepare(options: argparse.Namespace) -> dict[str, Any]:
    """The files, scenarios whose horizons hold a plan, and how they are run."""
    return gathered(options, _papers, _scenarios, money, ensemble)


def _scenarios(options: argparse.Namespace) -> dict[str, Any]:
    """What is planned, the reference, and the options: those that are named, and every shipped plan."""
    from qicsim.ground.calendar import format_month
    from qicsim.inputs.scenario import policy
    from qicsim.plan.alternatives import of_same_places
    from qicsim.plan.make import planned_years

    names = dict.fromkeys((options.reference, options.scenario, *options.option))
    reference, *others = resolved(options, names, until=options.until)
    scenario, *more = others if options.scenario != options.reference else [reference, *others]
    planned_years([scenario, *more], reference)
    if not options.alone:
        kept = {one.name for one in (reference, scenario, *more)}
        shipped = resolved(options, [name for name in policy() if name not in kept], until=format_month(scenario.end))
        more = [*more, *of_same_places(scenario, shipped)]
    return {"scenario": scenario, "reference": reference, "options": more}


def execute(options: argparse.Namespace) -> int:
    """Run, read, write."""
    from qicsim.ground.progress import Progress
    from qicsim.plan.make import make_plan

    how = dict(options.prepared)
    papers = how.pop("papers")
    written_files = [file for paper in papers for file in paper.files]
    outputs = output_of_files(options, written_files)
    plan = make_plan(**how, discount_rate=options.discount_rate, command=command_line(),
                     progress=Progress("Runs", quiet=options.quiet))
    facts = dict(plan.provenance) | overrides_facts(options)
    for paper in papers:
        paper.files[0].parent.mkdir(parents=True, exist_ok=True)
        _write(plan, paper, facts, (how["reference"], how["scenario"]))
    for output in outputs:
        output.keep([file for file in written_files if file.parent == output.folder])
    warn_of_scenarios([how["scenario"], *how["options"][:len(options.option)]], how["reference"])
    say_draws(how["draws"])
    sys.stdout.write(written(written_files))
    return 0


class Paper(NamedTuple):
    """A paper in one language: the files that it takes, the one that was asked for first."""

    files: tuple[Path, ...]
    language: str


def _papers(options: argparse.Namespace) -> dict[str, Any]:
    """The papers to write; SettingError, with every fault, for endings that are not known."""
    from qicsim.ground.errors import Fault, SettingError

    files = [Path(name) for name in dict.fromkeys(options.out)]
    faults = [Fault("--out", f'"{file}" is neither a workbook nor a document', f"{WORKBOOK} or {DOCUMENT}")
              for file in files if file.suffix.lower() not in (WORKBOOK, DOCUMENT)]
    if faults:
        raise SettingError("", faults)
    codes = LANGUAGES[:2] if options.language == LANGUAGES[2] else (options.language,)
    return {"papers": [_paper(file, code, both=len(codes) > 1) for file in files for code in codes]}


def _paper(file: Path, code: str, *, both: bool) -> Paper:
    """A paper under the name that was given; of two languages the second has its code in the name, as pages have."""
    named = file.with_name(f"{file.stem}.{code}{file.suffix}") if both and code != LANGUAGES[0] else file
    beside = [] if file.suffix.lower() == WORKBOOK else [named.with_name(f"{named.stem}{added}{named.suffix}")
                                                         for added in BESIDE]
    return Paper((named, *beside), code)


def _write(plan: Any, paper: Paper, facts: dict[str, Any], pair: tuple[Any, Any]) -> None:
    from qicsim.report.language import languages

    (language,) = languages(paper.language)
    if paper.files[0].suffix.lower() == WORKBOOK:
        from qicsim.report.workbook import write_workbook

        write_workbook(plan, paper.files[0], facts, language=language)
        return
    from qicsim.report.chapter import write_papers

    write_papers(plan, paper.files[0], facts, scenarios=pair, language=language)
