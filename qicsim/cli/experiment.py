"""`qicsim experiment`: run a study, go on with it, extend it, look at it, merge what its shards made, report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qicsim.cli.options import overrides, overrides_facts, take
from qicsim.cli.written import command_line, output_folder, written
from qicsim.ground.errors import Fault, QicsimError, SettingError
from qicsim.ground.outputs import Output, Request, digest_of, recorded_requests

FOLDER, NAME = "qicsim-experiments", "experiment"
TABLES = ("summary.csv", "runs.csv", "points.csv", "failures.csv")
SHAPING = ("scenarios", "data", "from", "seed", "until", "points")
"""Keys of a study file that shape its runs; draws and replicates only say how many there are."""


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
    take(merge, "folders", "replace")
    merge.set_defaults(command=execute_merge)
    report = add_act(acts, "report", "analyse a study as far as it is, and write the page and its tables")
    take(report, "replace")
    report.set_defaults(command=execute_report)
    command.set_defaults(acts=acts.choices)


def add_act(acts: Any, name: str, what: str) -> argparse.ArgumentParser:
    """An act on a study in a folder."""
    act: argparse.ArgumentParser = acts.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".")
    take(act, "study", "out_of_study", "set", "costs")
    return act


def add_run(acts: Any, name: str, what: str, execute: Any) -> argparse.ArgumentParser:
    """An act that does runs."""
    act = add_act(acts, name, what)
    take(act, "replace", "executor", "workers", "shard", "quiet")
    act.set_defaults(command=execute)
    return act


def execute_run(options: argparse.Namespace) -> int:
    """Do what is missing, write."""
    return _run(options, _study(options, begun=False))


def execute_resume(options: argparse.Namespace) -> int:
    """As `run`, for an experiment that is there."""
    from qicsim.runs.experiment import open_experiment

    study = _study(options)
    open_experiment(study, _folder(options))
    return _run(options, study)


def execute_extend(options: argparse.Namespace) -> int:
    """Record the larger size, then as `run`."""
    from qicsim.runs.experiment import extend_experiment

    _output(options, _study(options))
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
    for made, number in results.made_by_others().items():
        sys.stdout.write(f"{number:,} of the missing are there, but were made by {made}: they are not used, since "
                         "other code may give other numbers.\n")
    return 0


def execute_merge(options: argparse.Namespace) -> int:
    """Bring runs together, write."""
    from qicsim.runs.experiment import merge_experiment

    study = _study(options)
    output = _output(options, study)
    return _write(options, output, merge_experiment(study, _folder(options), options.folders))


def execute_report(options: argparse.Namespace) -> int:
    """Analyse what is there, write the page."""
    from qicsim.runs.experiment import open_experiment

    study = _study(options)
    results = open_experiment(study, _folder(options))
    output = _output(options, study)
    sys.stdout.write(f"{_counts(results.state())}\n")
    return _report(options, output, results)


@contextmanager
def executor_named(name: str) -> Iterator[None]:
    """What an executor of the user's own, or a cluster at an address, does wrong is told in words."""
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
    from qicsim.runs.executors import factory_of
    from qicsim.runs.experiment import run_experiment

    output = _output(options, study)
    with executor_named(options.executor), output.begun():
        factory_of(options.executor, options.workers)
        results = run_experiment(study, _folder(options), executor=options.executor, workers=options.workers,
                                 shard=options.shard, progress=Progress("Runs", quiet=options.quiet))
    if options.shard is None:
        return _write(options, output, results)
    sys.stdout.write(f"Shard {options.shard} is done. {_counts(results.state())}\n"
                     f"When all are, `qicsim experiment merge {options.study}` writes the tables.\n")
    return 0


def _write(options: argparse.Namespace, output: Output, results: Any) -> int:
    from qicsim.runs.experiment import write_experiment

    files = write_experiment(results, output.folder, command_line())
    sys.stdout.write(f"{_counts(results.state())}\n{written(files)}")
    if results.design.study.kind:
        return _report(options, output, results, files)
    output.keep(files)
    return 0


def _report(options: argparse.Namespace, output: Output, results: Any, beside: Sequence[Path] | None = None) -> int:
    from qicsim.analysis.study_kinds import analyse_experiment
    from qicsim.report.experiment import write_report
    from qicsim.runs.experiment import experiment_facts

    findings = analyse_experiment(results)
    facts = experiment_facts(results, command_line()) | overrides_facts(options)
    files = write_report(results, findings, output.folder, facts)
    output.keep([*(beside or ()), *files], others=beside is None)
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


def _study(options: argparse.Namespace, *, begun: bool = True) -> Any:
    """The study with what is set for all its scenarios; what `run` was told of that is known to the other acts."""
    from qicsim.analysis.study_kinds import read_study

    former = [one["options"] for one in recorded_requests(_folder(options)) if one["command"] == NAME] if begun else []
    if former and not options.set:
        options.set = [tuple(pair) for pair in former[-1].get("set", ())]
    if former and former[-1].get("costs") and options.costs is None:
        raise SettingError("", [Fault("--costs", "is missing", f'the file "{former[-1]["costs"]}", which this '
                                      "experiment was begun with")])
    return read_study(options.study, **overrides(options))


def _output(options: argparse.Namespace, study: Any) -> Output:
    """The output of an experiment. Its request is what no run of it can do without: a larger size is the same one."""
    import tomllib

    from qicsim.report.experiment import PAGE
    from qicsim.runs.experiment import PROVENANCE, RUNS

    document = tomllib.loads(Path(options.study).read_text(encoding="utf-8-sig"))
    shaping = {key: value for key, value in document.items() if key in SHAPING}
    inputs = {scenario.name: scenario.digest for scenario in study.scenarios}
    if isinstance(shaping.get("points"), dict):
        inputs["points"] = digest_of(Path(options.study).parent / str(shaping["points"].get("file", "")))
    asked = {"study": study.name, **shaping, "set": sorted(options.set),
             "costs": Path(options.costs).name if options.costs else None}
    folder = _folder(options)
    return Output(folder, (*TABLES, PROVENANCE, PAGE), Request(NAME, asked, inputs), replace=options.replace,
                  own=(folder / RUNS).is_dir())


def _folder(options: argparse.Namespace) -> Path:
    return output_folder(options.out or str(Path(FOLDER) / Path(options.study).stem))
