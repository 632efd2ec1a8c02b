"""`qicsim experiment`: run a study, go on with it, extend it, look at it, merge what its shards made, report."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from qicsim.cli.options import command_line, output_folder

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
    extend.add_argument("--draws", type=int, metavar="N", help="draws of the larger study")
    extend.add_argument("--replicates", type=int, metavar="N", help="replicates of the larger study")
    status = add_act(acts, "status", "say how far a study is")
    status.set_defaults(command=execute_status)
    merge = add_act(acts, "merge", "bring the runs of other folders into one, and write the tables")
    merge.add_argument("folders", nargs="*", metavar="FOLDER", help="folders of shards that wrote apart")
    merge.set_defaults(command=execute_merge)
    report = add_act(acts, "report", "analyse a study as far as it is, and write the page and its tables")
    report.set_defaults(command=execute_report)


def add_act(acts: Any, name: str, what: str) -> argparse.ArgumentParser:
    """An act on a study in a folder."""
    act: argparse.ArgumentParser = acts.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".")
    act.add_argument("study", metavar="FILE", help="a TOML file")
    act.add_argument("--out", metavar="FOLDER", help=f"where the experiment is (default {FOLDER}/ and the file's name)")
    return act


def add_run(acts: Any, name: str, what: str, execute: Any) -> argparse.ArgumentParser:
    """An act that does runs."""
    act = add_act(acts, name, what)
    act.add_argument("--executor", default="threads", metavar="NAME",
                     help="serial, threads, processes, loky, dask, dask:tcp://host:port, mpi, or "
                          "package.module:factory (default threads)")
    act.add_argument("--workers", type=int, metavar="N", help="how many (default: as many as there are)")
    act.add_argument("--shard", metavar="i/n", help="do part i of n only, and write no tables (see merge)")
    act.add_argument("--quiet", action="store_true", help="no progress")
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


def _run(options: argparse.Namespace, study: Any) -> int:
    from qicsim.cli.progress import Progress
    from qicsim.runs.experiment import run_experiment

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
    names = ", ".join(file.name for file in files)
    sys.stdout.write(f"{_counts(results.state())}\nTables: {names} in {_folder(options)}\n")
    return _report(options, results) if results.design.study.kind else 0


def _report(options: argparse.Namespace, results: Any) -> int:
    from qicsim.analysis.study_kinds import analyse_experiment
    from qicsim.report.experiment import write_report
    from qicsim.runs.experiment import experiment_facts

    findings = analyse_experiment(results)
    files = write_report(results, findings, _folder(options), experiment_facts(results, command_line()))
    told = "\n".join(findings.sentences)
    sys.stdout.write(f"{told}\nReport: {', '.join(file.name for file in files)} in {_folder(options)}\n")
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
