"""`qicsim evidence`: what controlled studies of other programmes say of a new one."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from qicsim.cli.options import take
from qicsim.cli.request import output_of
from qicsim.cli.written import written
from qicsim.ground.files import shipped_path

USED = "The model's effects rest on them: `qicsim anchor` holds simulated trials against the studies."
NOT_USED = ("The model does not use these numbers: no effects are shipped (`qicsim anchor` makes them), so that they "
            "are the priors of `qicsim describe parameters`.")


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "evidence", help="what controlled studies of other programmes say of a new one",
        description="Joins controlled studies of collaboratives, coaching and the like into a mean and a prediction "
                    "for a new programme, under several ways of reading them. With --out it writes tables and a "
                    "forest plot.")
    take(command, "rule", "without", "trials", "out_if_wanted", "replace")
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Read, join, say, write."""
    from qicsim.estimate.evidence.summary import evidence
    from qicsim.report.trials import FILES, answer, others, table, write_evidence

    output = None if options.out is None else output_of(options, FILES)
    found = evidence(options.rule, without=options.without, trials=options.trials)
    used = USED if shipped_path("calibration", "effects.npz").exists() else NOT_USED
    said = "\n".join([*answer(found), used, "", *table(found), "", *others(found)])
    files = []
    if output is not None:
        with output.alone():
            files = write_evidence(found, output.folder)
            output.keep(files)
    sys.stdout.write(f"{said}\n{written(files, rest='Tables and figure')}")
    return 0
