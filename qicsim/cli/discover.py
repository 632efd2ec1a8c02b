"""`qicsim discover`: when does a plan fail, and which early sign tells?"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from qicsim.cli.options import ENSEMBLE, overrides_facts, take
from qicsim.cli.prepared import ensemble, gathered, resolved
from qicsim.cli.request import output_of
from qicsim.cli.written import command_line, say_draws, warn_of_scenarios, written

FOLDER = "qicsim-discovery"


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "discover", help="when does a plan fail, and which early sign tells?",
        description="Runs a scenario and the reference under many draws, finds the ranges of few parameters in which "
                    "the scenario fails most (scenario discovery, PRIM), judges them on draws that they were not found "
                    "on, and looks for what a ministry would see early. Interrupted, the same command goes on where it "
                    "was.")
    take(command, "scenario", "reference", "fails", "out", "replace", "language", *ENSEMBLE, out=FOLDER, draws=512,
         replicates=1)
    command.set_defaults(prepare=prepare, command=execute)


def prepare(options: argparse.Namespace) -> dict[str, Any]:
    """Scenario, reference and question, as arguments of `qicsim.discover`; SettingError for what cannot be meant."""
    return gathered(options, _question, _pair, ensemble)


def _question(options: argparse.Namespace) -> dict[str, Any]:
    from qicsim.decide.discovery import failure_of

    failure_of(options.fails)
    return {"fails": options.fails}


def _pair(options: argparse.Namespace) -> dict[str, Any]:
    plan, reference = resolved(options, (options.scenario, options.reference), until=options.until)
    return {"scenario": plan, "reference": reference}


def execute(options: argparse.Namespace) -> int:
    """Run, look for it, and write."""
    from qicsim.api import discover
    from qicsim.decide.discovery_words import answer
    from qicsim.ground.progress import Progress
    from qicsim.report.discovery import DISCOVERY_FILES, write_discovery

    output = output_of(options, DISCOVERY_FILES)
    with output.alone():
        found = discover(**options.prepared, progress=Progress("Runs", quiet=options.quiet))
        files = write_discovery(found, output.folder, {"command": command_line()} | overrides_facts(options),
                                language=options.language)
        output.keep(files)
    warn_of_scenarios([options.prepared["scenario"]], options.prepared["reference"])
    say_draws(options.prepared["draws"])
    sys.stdout.write("\n".join(answer(found)) + f"\n\n{written(files)}")
    return 0
