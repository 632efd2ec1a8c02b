"""`qicsim experiment`: run a study, go on with it, extend it, look at it, merge what its shards made, report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qicsim.cli.options import take
from qicsim.cli.written import command_line, output_folder, written

FOLDER = "qicsim-experiments"


def add(commands: Any) -> None:
    """Declare the command and its acts."""
    command = commands.add_parser(
        "experiment", help="run a study of scenarios, points and replicates; resume, extend, merge it; report",
        description="A study is a TOML file: scenarios, draws or a table of points, replicates, what is kept. Every "
                    "finished run is kept at once, and no run is ever made twice.")
    acts = command.add_subparsers(metavar="act", required=True)
    add_run(acts, "run", "do the runs of a study; writes tables", execute_run)
    add_run(acts, "resume", "go on with a study that was begun", execute_resume)
    extend = add_run(acts, "extend", "make a study larger, and do the runs that are missing", execute_extend)
    take(extend, "more_draws", "more_replicates")
    status = add_act(acts, "status", "say how far a study is")
    status.set_defaults(command=execute_status)
    merge = add_act(acts, "merge", "bring the runs of other folders into one, and write the tables")
    take(merge, "folders")
    merge.set_defaults(command=execute_merge)
    report = add_act(acts, "report", "analyse a study as far as it is, and write the page and its tables")
    report.set_defaults(command=execute_report)
    command.set_defaults(acts=acts.choices)


def add_act(acts: Any, name: str, what: str) -> argparse.ArgumentParser:
    """An act on a study in a folder."""
    act: argparse.ArgumentParser = acts.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".")
    take(act, "study", "out_of_study")
    return act


def add_run(acts: Any, name: str, what: str, execute: Any) -> argparse.ArgumentParser:
    """An act that does runs."""
    act = add_act(acts, name, what)
    take(act, "executor", "workers", "shard", "quiet")
    act.set_defaults(command=execute)
    return act


def execute_run(options: argparse.Namespace) -> int:
    """Do what is missing, write."""
    return _run(options, _study(options))


def execute_resume(options: argparse.Namespace) -> int:
    """As `run`, for an experiment that is there."""
    from qicsim.runs.experiment import open_experiment

    study = _study(options)
    open_experiment(study, _folder(options))
    return _run(options, study)


def execute_extend(options: argparse.Namespace) -> int:
    """Record the larger size, then as `run`."""
    from qicsim.runs.experiment import extend_experiment

    study = extend_experiment(_study(options), _folder(options), draws=options.draws, replicates=options.replicates)
    return _run(options, study)


def execute_status(options: argparse.Namespace) -> int:
    """Say how far it is."""
    from qicsim.runs.experiment import open_experiment

    results = open_experiment(_study(options), _folder(options))
    scenarios, points, replicates = results.design.shape
    state = results.state()
    sys.stdout.write(f"{results.design.study.title}\n{scenarios} scenarios x {points:,} points x {replicates} "
                     f"replicates = {state.runs:,} runs\n{_counts(state)}\n")
    return 0


def execute_merge(options: argparse.Namespace) -> int:
    """Bring runs together, write."""
    from qicsim.runs.experiment import merge_experiment

    return _write(options, merge_experiment(_study(options), _folder(options), options.folders))


def execute_report(options: argparse.Namespace) -> int:
    """Analyse what is there, write the page."""
    from qicsim.runs.experiment import open_experiment

    results = open_experiment(_study(options), _folder(options))
    sys.stdout.write(f"{_counts(results.state())}\n")
    return _report(options, results)


@contextmanager
def executor_named(name: str) -> Iterator[None]:
    """What an executor of the user's own, or a cluster at an address, does wrong is told in words."""
    from qicsim.ground.errors import Fault, QicsimError, SettingError

    try:
        yield
    except QicsimError:
        raise
    except Exception as error:
        if ":" not in name:
            raise
        fault = Fault("--executor", f'"{name}" cannot be used ({type(error).__name__}: {error})',
                      "what gives a concurrent.futures.Executor, or a cluster that answers")
        raise SettingError("", [fault]) from error


def _run(options: argparse.Namespace, study: Any) -> int:
    from qicsim.cli.progress import Progress
    from qicsim.runs.experiment import run_experiment

    with executor_named(options.executor):
        results = run_experiment(study, _folder(options), executor=options.executor, workers=options.workers,
                                 shard=options.shard, progress=Progress("Runs", quiet=options.quiet))
    if options.shard is None:
        return _write(options, results)
    sys.stdout.write(f"Shard {options.shard} is done. {_counts(results.state())}\n"
                     f"When all are, `qicsim experiment merge {options.study}` writes the tables.\n")
    return 0


def _write(options: argparse.Namespace, results: Any) -> int:
    from qicsim.runs.experiment import write_experiment

    files = write_experiment(results, _folder(options), command_line())
    sys.stdout.write(f"{_counts(results.state())}\n{written(files)}")
    return _report(options, results) if results.design.study.kind else 0


def _report(options: argparse.Namespace, results: Any) -> int:
    from qicsim.analysis.study_kinds import analyse_experiment
    from qicsim.report.experiment import write_report
    from qicsim.runs.experiment import experiment_facts

    findings = analyse_experiment(results)
    files = write_report(results, findings, _folder(options), experiment_facts(results, command_line()))
    told = "\n".join(findings.sentences)
    sys.stdout.write(f"{told}\n{written(files)}")
    return 0


def _counts(state: Any) -> str:
    """How far an experiment is, in words."""
    parts = [f"{state.done:,} of {state.runs:,} runs are done"]
    parts += [f"{state.failed:,} failed (failures.csv; `resume` tries them again)"] if state.failed else []
    parts += [f"{state.missing:,} are missing"] if state.missing else []
    if state.damaged:
        parts.append(f"{state.damaged:,} damaged files do not count (`resume` makes their runs again)")
    return "; ".join(parts) + "."


def _study(options: argparse.Namespace) -> Any:
    from qicsim.analysis.study_kinds import read_study

    return read_study(options.study)


def _folder(options: argparse.Namespace) -> Path:
    return output_folder(options.out or str(Path(FOLDER) / Path(options.study).stem))
