"""`qicsim sensitivity`: which parameters and levers move the results of a scenario, without a study file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from qicsim.cli.experiment import executor_named
from qicsim.cli.options import overrides, overrides_facts, take
from qicsim.cli.request import output_of
from qicsim.cli.written import command_line, written

FOLDER = "qicsim-sensitivity"
SAME = "A larger `--size` is the same request; for others `--replace` keeps the runs that stay the same"


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "sensitivity", help="which parameters and levers move the results of a scenario",
        description="Varies parameters over their priors or the posterior, and levers over lists of values, and says "
                    "which of them move the results, with intervals and the share of luck. Writes a page and tables. "
                    "Interrupted, the same command goes on where it was; a larger --size keeps all runs.")
    take(command, "usual_scenario", "against", "method", "parameters", "lever", "levers_from", "indicators", "times",
         "size", "replicates", "source", "seed", "until", "data", "set", "costs", "extend", "tolerance", "second_order",
         "luck", "sample", "dummy", "group", "correlated", "within", "match", "language", "out", "replace", "executor",
         "workers", "quiet", usual_scenario=None, replicates=2, out=FOLDER)
    command.set_defaults(prepare=prepare, command=execute)


def _design(options: argparse.Namespace) -> dict[str, Any]:
    """The choices of the design that were made, as a study file has them."""
    chosen = {"luck": options.luck, "sample": options.sample, "dummy": options.dummy, "correlated": options.correlated,
              "second_order": options.second_order, "groups": dict(options.group), "within": options.within,
              "match": dict(options.match)}
    return {name: value for name, value in chosen.items() if value}


def prepare(options: argparse.Namespace) -> Any:
    """The study."""
    from qicsim.analysis.quick import sensitivity_study

    return sensitivity_study(
        options.scenario, against=options.against, method=options.method, parameters=options.parameters,
        levers=dict(options.lever), since=options.since,
        indicators=options.indicators, times=options.times, size=options.size,
        replicates=options.replicates, source=options.source, seed=options.seed, until=options.until,
        data=options.data, tolerance=options.tolerance, **_design(options), **overrides(options))


def execute(options: argparse.Namespace) -> int:
    """Run what is missing, analyse, write."""
    from qicsim.analysis.study_kinds import analyse_experiment
    from qicsim.ground.progress import Progress
    from qicsim.report.experiment import PAGES, write_report
    from qicsim.runs.experiment import RUNS, experiment_facts, run_experiment

    output = output_of(options, (*PAGES.values(),), own=(Path(options.out) / RUNS).is_dir(), same=SAME)
    folder = output.folder
    with executor_named(options.executor):
        results = run_experiment(options.prepared, folder, executor=options.executor, workers=options.workers,
                                 progress=Progress("Runs", quiet=options.quiet))
    findings = analyse_experiment(results)
    facts = experiment_facts(results, command_line()) | overrides_facts(options)
    files = write_report(results, findings, folder, facts, language=options.language)
    output.keep(files)
    told = "\n".join((*findings.sentences, *findings.notes))
    sys.stdout.write(f"{told}\n{written(files)}")
    return 0
