"""`qicsim history`: why one facility's score moved, in one run."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from qicsim.cli.options import add_data, command_line, output_folder

FOLDER = "qicsim-history"


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "history", help="why one facility's score moved, month by month",
        description="Lives one run again and tells what moved a facility's true quality and its record between two "
                    "months, by the ledger. Writes a page and a table.")
    command.add_argument("facility", metavar="FACILITY", help="its id in the register")
    command.add_argument("--scenario", default="reported", metavar="NAME",
                         help="a shipped name or a TOML file (default reported)")
    command.add_argument("--draw", type=int, default=0, metavar="N", help="number of the draw, from 0 (default 0)")
    command.add_argument("--replicate", type=int, default=0, metavar="N", help="number of the run of it (default 0)")
    command.add_argument("--source", metavar="WHAT", help="where the draw comes from: prior, posterior or a posterior "
                                                          "file (default: the shipped posterior)")
    command.add_argument("--seed", type=int, default=1, help="fixes draws and luck (default 1)")
    command.add_argument("--from", dest="since", metavar="YYYY-MM", help="first month (default: when it opened)")
    command.add_argument("--to", dest="until", metavar="YYYY-MM", help="last month (default: the horizon's last)")
    add_data(command)
    command.add_argument("--out", default=FOLDER, metavar="FOLDER", help=f"where to write (default {FOLDER})")
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Live, tell, write."""
    from qicsim.analysis.history import history, history_moves
    from qicsim.inputs.observed.levels import ready
    from qicsim.inputs.scenario import load_scenario
    from qicsim.report.facility import write_history
    from qicsim.runs.provenance import scenario_facts, versions

    folder = output_folder(options.out)
    scenario = load_scenario(options.scenario, data=None if options.data is None else ready(options.data))
    found = history(options.facility, scenario, draw=options.draw, replicate=options.replicate, seed=options.seed,
                    source=options.source)
    moves = history_moves(found, options.since, options.until)
    facts = {"command": command_line(), **versions(), "scenario": scenario.name,
             "digest": scenario_facts(scenario)["digest"], "draw": options.draw, "replicate": options.replicate,
             "seed": options.seed}
    files = write_history(found, moves, folder, facts)
    told = "\n".join(moves.sentences())
    sys.stdout.write(f"{told}\nPage:  {files[0]}\nTable: {files[1]}\n")
    return 0
