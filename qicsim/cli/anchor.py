"""`qicsim anchor`: effects of collaboratives held against trials, by simulating trials."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from qicsim.cli.calibrate import Parts
from qicsim.cli.options import take
from qicsim.cli.prepared import store_of
from qicsim.cli.request import output_of
from qicsim.cli.written import written

FOLDER = "qicsim-anchor"
SIMULATED = "Trials are simulated under draws of all priors; hold parameters at one value in the runs that follow it"


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "anchor", help="hold the effects of collaboratives against trials; writes rows of effects",
        description="Simulates reference trials under draws of the priors, reads each study at its own month, dose and "
                    "end of support, joins the studies, and weights rows of parameters so that simulated trials find "
                    "what the studies predict. Interrupted, the same command goes on where it was.")
    take(command, "rule", "without", "trials", "trial_runs", "proof", "seed", "out", "replace", "store", "no_store",
         "workers", "quiet", out=FOLDER)
    command.set_defaults(prepare=prepare, command=execute, refused=dict.fromkeys(("--set", "--costs"), SIMULATED))


def prepare(options: argparse.Namespace) -> Any:
    """The studies that are left, so that faults of the table are told before anything is run."""
    from qicsim.estimate.evidence.rules import enough, readings, rule_named
    from qicsim.estimate.evidence.trials import read_trials, struck

    trials = read_trials(options.trials)
    enough(readings(rule_named(options.rule), struck(trials, options.without)))
    return trials


def execute(options: argparse.Namespace) -> int:
    """Simulate, read, join, weigh, check, write."""
    from qicsim.estimate.anchor.anchored import anchor
    from qicsim.estimate.anchor.proof import prove
    from qicsim.report.anchor import FILES, PROOF, answer, calibrated, write_anchor
    from qicsim.runs.shared_store import open_store

    place = store_of(options)
    output, store = output_of(options, [*FILES, *([PROOF] if options.proof else [])]), open_store(place)
    progress = Parts(quiet=options.quiet)
    with output.alone(), store.used():
        found = anchor(store, rule=options.rule, without=options.without, trials=options.prepared, runs=options.runs,
                       seed=options.seed, workers=options.workers, progress=progress)
        proof = prove(found, store=place, workers=options.workers, progress=progress) if options.proof else None
        files = write_anchor(found, output.folder, proof)
        output.keep(files)
    said = "\n".join([*answer(found), *([] if proof is None else ["", *calibrated(proof)])])
    sys.stdout.write(f"{said}\n{written(files, rest='Rows and tables')}")
    return 0
