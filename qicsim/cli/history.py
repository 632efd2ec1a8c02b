"""`qicsim history`: why one facility's score moved, in one run."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from qicsim.cli.options import overrides_facts, take
from qicsim.cli.prepared import resolved
from qicsim.cli.request import output_of
from qicsim.cli.written import command_line, written

FOLDER = "qicsim-history"


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "history", help="why one facility's score moved, month by month",
        description="Lives one run again and tells what moved a facility's true quality and its record between two "
                    "months, by the ledger. Writes a page and a table.")
    take(command, "facility", "of_scenario", "draw", "replicate", "source", "seed", "moves_from", "moves_to",
         "language", "data", "set", "costs", "extend", "out", "replace", out=FOLDER)
    command.set_defaults(prepare=prepare, command=execute)


def prepare(options: argparse.Namespace) -> Any:
    """The facility's history, one run: what is asked of its months is known before the folder is looked at."""
    from qicsim.analysis.history import history, history_moves

    (scenario,) = resolved(options, [options.scenario])
    lived = history(options.facility, scenario, draw=options.draw, replicate=options.replicate, seed=options.seed,
                    source=options.source, data=options.data)
    return scenario, lived, history_moves(lived, options.since, options.until)


def execute(options: argparse.Namespace) -> int:
    """Live, tell, write."""
    from qicsim.report.facility import PAGES, TABLE, write_history
    from qicsim.runs.provenance import scenario_facts, versions

    output = output_of(options, (*PAGES.values(), TABLE))
    scenario, lived, moves = options.prepared
    facts = {"command": command_line(), **versions(), "scenario": scenario.name,
             "digest": scenario_facts(scenario)["digest"], "draw": options.draw, "replicate": options.replicate,
             "seed": options.seed, **overrides_facts(options)}
    with output.alone():
        files = write_history(lived, moves, output.folder, facts, language=options.language)
        output.keep(files)
    told = "\n".join(moves.sentences())
    sys.stdout.write(f"{told}\n{written(files)}")
    return 0
