"""`qicsim sensitivity`: which parameters and levers move the results of a scenario, without a study file."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from qicsim.cli.options import add_data, command_line, output_folder

FOLDER = "qicsim-sensitivity"
METHODS = ("screening", "sobol", "shapley-effects", "pawn")
FLAGS = {"true": True, "false": False}


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "sensitivity", help="which parameters and levers move the results of a scenario",
        description="Varies parameters over their priors or the posterior, and levers over lists of values, and says "
                    "which of them move the results, with intervals and the share of luck. Writes a page and tables. "
                    "Interrupted, the same command goes on where it was; a larger --size keeps all runs.")
    command.add_argument("scenario", nargs="?", default="national-2030", metavar="SCENARIO",
                         help="a shipped name or a TOML file (default national-2030)")
    command.add_argument("--against", metavar="SCENARIO", help="analyse the paired difference from this one")
    command.add_argument("--method", default=METHODS[0], metavar="NAME",
                         help=f"{', '.join(METHODS)} (default {METHODS[0]})")
    command.add_argument("--parameters", default="all", metavar="WHAT",
                         help="all, none, names with commas, or the first N of a screening: ranking.csv:N (default "
                              "all)")
    command.add_argument("--lever", action="append", default=[], metavar="NAME=V,V",
                         help="a lever with the values that it takes, like coaches=1,2,4; may be repeated; with "
                              "--against it is set in both scenarios")
    command.add_argument("--from", dest="since", metavar="YYYY-MM", help="month from which the levers hold")
    command.add_argument("--indicators", default="true,recorded", metavar="NAMES",
                         help="what is looked at, with commas (default true,recorded)")
    command.add_argument("--times", default="last", metavar="WHAT",
                         help="last, all (over time, by year), or years with commas (default last)")
    command.add_argument("--size", type=int, metavar="N",
                         help="trajectories, base points or points (default by method: 16, 256, 128, 512)")
    _add_design(command)
    _add_rest(command)
    command.set_defaults(command=execute)


def _add_design(command: argparse.ArgumentParser) -> None:
    """Options on which points are run, and with whose luck."""
    command.add_argument("--luck", metavar="WHOSE",
                         help="shared along a trajectory or base point, so that a factor that does nothing shows 0, or "
                              "own, for each point (default shared)")
    command.add_argument("--sample", metavar="HOW",
                         help="base points of a Sobol sequence, or latin-hypercube (default sequence)")
    command.add_argument("--dummy", action="store_true", help="a factor besides that moves nothing")
    command.add_argument("--group", action="append", default=[], metavar="NAME=F,F",
                         help="factors that move together and have one index, like peers=pdsa.spill,peers.lambda_net; "
                              "may be repeated")
    command.add_argument("--correlated", action="store_true",
                         help="parameters keep the rank correlations of the posterior (not of screening)")
    command.add_argument("--within", metavar="CONDITION",
                         help="only points where an indicator lies above or below a value, like 'recorded>80' (pawn)")


def _add_rest(command: argparse.ArgumentParser) -> None:
    """Options on how it is run."""
    command.add_argument("--replicates", type=int, default=2, metavar="N",
                         help="runs of each point; two or more to know the noise (default 2)")
    command.add_argument("--source", metavar="WHAT",
                         help="where parameters vary: prior, posterior or a posterior file (default: the shipped "
                              "posterior)")
    command.add_argument("--seed", type=int, default=1, help="fixes design and luck (default 1)")
    command.add_argument("--until", metavar="YYYY-MM", help="last month of the horizon (default: the scenario's)")
    add_data(command)
    command.add_argument("--tolerance", type=float, default=0.05, metavar="T",
                         help="half-width at which an index is called converged (default 0.05)")
    command.add_argument("--second-order", action="store_true", help="pairs of factors too, of method sobol")
    command.add_argument("--out", default=FOLDER, metavar="FOLDER", help=f"where to write (default {FOLDER})")
    command.add_argument("--executor", default="threads", metavar="NAME", help="as in `qicsim experiment run`")
    command.add_argument("--workers", type=int, metavar="N", help="how many (default: as many as there are)")
    command.add_argument("--quiet", action="store_true", help="no progress")


def execute(options: argparse.Namespace) -> int:
    """Run what is missing, analyse, write."""
    from qicsim.analysis.quick import sensitivity_study
    from qicsim.analysis.study_kinds import analyse_experiment
    from qicsim.cli.progress import Progress
    from qicsim.report.experiment import write_report
    from qicsim.runs.experiment import experiment_facts, run_experiment

    folder = output_folder(options.out)
    study = sensitivity_study(
        options.scenario, against=options.against, method=options.method, parameters=parameters(options.parameters),
        levers=dict(lever(text) for text in options.lever), since=options.since,
        indicators=options.indicators.split(","),
        times=options.times if options.times in ("last", "all") else options.times.split(","), size=options.size,
        replicates=options.replicates, source=options.source, seed=options.seed, until=options.until,
        data=options.data, tolerance=options.tolerance, **_design(options))
    results = run_experiment(study, folder, executor=options.executor, workers=options.workers,
                             progress=Progress("Runs", quiet=options.quiet))
    findings = analyse_experiment(results)
    files = write_report(results, findings, folder, experiment_facts(results, command_line()))
    told = "\n".join((*findings.sentences, *findings.notes))
    sys.stdout.write(f"{told}\nPage:   {files[0]}\nTables: {', '.join(file.name for file in files[1:])} in {folder}\n")
    return 0


def _design(options: argparse.Namespace) -> dict[str, Any]:
    """The choices of the design that were made, as a study file has them."""
    chosen = {"luck": options.luck, "sample": options.sample, "dummy": options.dummy, "correlated": options.correlated,
              "second_order": options.second_order, "groups": dict(group(text) for text in options.group),
              "within": None if options.within is None else within(options.within)}
    return {name: value for name, value in chosen.items() if value}


def parameters(text: str) -> Any:
    """What `--parameters` says, as a study file has it."""
    ranking, _, number = text.rpartition(":")
    if ranking and number.isdecimal():
        return {"screening": ranking, "number": int(number)}
    return "all" if text == "all" else [] if text == "none" else text.split(",")


def lever(text: str) -> tuple[str, list[Any]]:
    """A lever and its values from `name=value,value`."""
    name, _, values = text.partition("=")
    return name, [_value(word) for word in values.split(",")]


def group(text: str) -> tuple[str, list[str]]:
    """A group and its factors from `name=factor,factor`."""
    name, _, members = text.partition("=")
    return name, members.split(",")


def within(text: str) -> dict[str, Any]:
    """A condition as a study file has it, from `indicator>number` or `indicator<number`."""
    for sign, key in ((">", "above"), ("<", "below")):
        name, found, number = text.partition(sign)
        if found:
            return {"indicator": name.strip(), key: _value(number.strip())}
    return {"indicator": text}


def _value(word: str) -> Any:
    """A flag, a number, or a word."""
    try:
        return FLAGS[word] if word in FLAGS else float(word)
    except ValueError:
        return word
