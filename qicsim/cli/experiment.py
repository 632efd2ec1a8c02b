"""`qicsim experiment`: run a study, go on with it, extend it, look at it, merge what its shards made, report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qicsim.cli.options import overrides, overrides_facts, take
from qicsim.cli.request import add_scenarios, named
from qicsim.cli.written import command_line, output_folder, written
from qicsim.ground.errors import Fault, QicsimError, SettingError
from qicsim.ground.outputs import Output, Request, recorded_requests

FOLDER, NAME = "qicsim-experiments", "experiment"
TABLES = ("summary.csv", "runs.csv", "points.csv", "failures.csv")
SHAPING = ("scenarios", "data", "from", "seed", "until", "costs", "points", "set")
"""Keys of a study file that tell experiments apart; the others say how many runs there are and what is read of them."""
SAME = ("Draws, replicates, title, [keep] and [analysis] of a study may change in its folder; for other edits "
        "`--replace` keeps the runs that stay the same, and makes tables and page anew")


def add(commands: Any) -> None:
    """Declare the command and its acts."""
    command = commands.add_parser(
        "experiment", help="run a study of scenarios, points and replicates; resume, extend, merge it; report",
        description="A study is a TOML file: scenarios, draws or a table of points, replicates, what is kept. Every "
                    "finished run is kept at once, and no run is ever made twice.")
    acts = command.add_subparsers(metavar="act", required=True)
    run = add_run(acts, "run", "do the runs of a study; writes tables", execute_run)
    run.set_defaults(prepare=_new_study)
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
    take(act, "study", "out_of_study", "set", "costs", "extend", "language")
    act.set_defaults(prepare=_begun_study)
    return act


def add_run(acts: Any, name: str, what: str, execute: Any) -> argparse.ArgumentParser:
    """An act that does runs."""
    act = add_act(acts, name, what)
    take(act, "replace", "executor", "workers", "shard", "quiet")
    act.set_defaults(command=execute)
    return act


def execute_run(options: argparse.Namespace) -> int:
    """Do what is missing, write."""
    return _run(options, options.prepared)


def execute_resume(options: argparse.Namespace) -> int:
    """As `run`, for an experiment that is there."""
    from qicsim.runs.experiment import open_experiment

    open_experiment(options.prepared, _folder(options))
    return _run(options, options.prepared)


def execute_extend(options: argparse.Namespace) -> int:
    """Record the larger size, then as `run`."""
    from qicsim.runs.experiment import extend_experiment

    if options.draws is None and options.replicates is None:
        raise SettingError("", [Fault("", "there is nothing to extend by", "--draws, --replicates, or both")])
    _output(options)
    study = extend_experiment(options.prepared, _folder(options), draws=options.draws, replicates=options.replicates)
    return _run(options, study)


def execute_status(options: argparse.Namespace) -> int:
    """Say how far it is."""
    from qicsim.runs.experiment import open_experiment

    results = open_experiment(options.prepared, _folder(options))
    scenarios, points, replicates = results.design.shape
    state = results.state()
    sys.stdout.write(f"{results.design.study.title}\n{scenarios} scenarios x {points:,} points x {replicates} "
                     f"replicates = {state.runs:,} runs\n{_counts(state)}\n")
    for made, number in results.made_by_others().items():
        sys.stdout.write(f"{number:,} of the missing are there, but were made by {made}: they are not used, since "
                         "other code may give other numbers.\n")
    try:
        _output(options)
    except SettingError as refused:
        sys.stdout.write(f"`qicsim experiment run` will refuse this study in this folder:\n{refused}\n")
    return 0


def execute_merge(options: argparse.Namespace) -> int:
    """Bring runs together, write."""
    from qicsim.runs.experiment import merge_experiment

    output = _output(options)
    return _write(options, output, merge_experiment(options.prepared, _folder(options), options.folders))


def execute_report(options: argparse.Namespace) -> int:
    """Analyse what is there, write the page."""
    from qicsim.runs.experiment import open_experiment

    results = open_experiment(options.prepared, _folder(options))
    output = _output(options)
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
    from qicsim.ground.progress import Progress
    from qicsim.runs.executors import factory_of
    from qicsim.runs.experiment import run_experiment

    output = _output(options)
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
    files = write_report(results, findings, output.folder, facts, language=options.language)
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


def _new_study(options: argparse.Namespace) -> Any:
    """The study with what is set for all its scenarios."""
    from qicsim.analysis.study_kinds import read_study

    return read_study(options.study, **overrides(options))


def _begun_study(options: argparse.Namespace) -> Any:
    """The study; what `run` was told of all its scenarios is known to the other acts."""
    former = [one["options"] for one in recorded_requests(_folder(options)) if one["command"] == NAME]
    if former and not options.set:
        options.set = [tuple(pair) for pair in former[-1].get("--set", ())]
    if former and former[-1].get("--costs") and options.costs is None:
        raise SettingError("", [Fault("--costs", "is missing", f'the file "{former[-1]["--costs"]}", which this '
                                      "experiment was begun with")])
    return _new_study(options)


def _output(options: argparse.Namespace) -> Output:
    """The output of an experiment; SettingError for what must not be replaced."""
    from qicsim.report.experiment import PAGES
    from qicsim.runs.experiment import PROVENANCE, RUNS

    folder = _folder(options)
    return Output(folder, (*TABLES, PROVENANCE, *PAGES.values()), _request(options),
                  replace=getattr(options, "replace", False), own=(folder / RUNS).is_dir(), same=SAME)


def _request(options: argparse.Namespace) -> Request:
    """What no run of an experiment can do without: a larger size, or other tables, are the same request.

    Scenarios are noted as their own files say them: what the study says of all of them is noted once, by its key.
    """
    import tomllib

    file = Path(options.study)
    document = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    asked = {("[set]" if key == "set" else key): document[key] for key in SHAPING if key in document}
    inputs: dict[str, str] = {}
    add_scenarios(inputs, [str(file.parent / name) if "." in name else name for name in document["scenarios"]])
    for key in ("data", "from", "costs"):
        if key in document:
            named(str(file.parent / str(document[key])), inputs)
    if isinstance(document.get("points"), dict):
        named(str(file.parent / str(document["points"].get("file", ""))), inputs)
    if options.costs:
        named(options.costs, inputs)
    asked |= {"study": file.stem, "--set": sorted(options.set),
              "--costs": Path(options.costs).name if options.costs else None}
    return Request(NAME, asked, inputs)


def _folder(options: argparse.Namespace) -> Path:
    return output_folder(options.out or str(Path(FOLDER) / Path(options.study).stem))
