"""`qicsim calibrate --data FOLDER`: update a posterior by the scores of a data folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from qicsim.cli.prepared import store_of
from qicsim.cli.request import output_of
from qicsim.cli.written import command_line, output_folder, written

MOST_RUNS = 2**18
COMPARED = 200


def execute_data(options: argparse.Namespace, tell: Any) -> int:
    """Read the folder, update, judge, write; `tell` shows progress."""
    folder, place = output_folder(options.out), store_of(options)
    from qicsim.estimate.calibrate.data_world import DataWorld
    from qicsim.estimate.calibrate.update import Effort, update
    from qicsim.inputs.observed.levels import ready
    from qicsim.report.data_calibration import (
        FILES,
        contradictions,
        how_updated,
        keep_beside_data,
        lessons,
        update_provenance,
        write_update,
    )
    from qicsim.runs.shared_store import open_store

    output = output_of(options, FILES, own=(folder / "bank").is_dir())
    world = DataWorld.of(ready(options.data), workers=options.workers)
    prior = options.prepared
    effort = Effort(seed=options.seed) if options.runs is None else Effort(seed=options.seed).with_runs(options.runs)
    store = open_store(place)
    with output.alone(), store.used():
        updated = update(world, prior, effort=effort, discrepancy=options.discrepancy, store=store, progress=tell)
        lesson = judge(updated, store)
        files = write_update(lesson, folder, update_provenance(updated, command=command_line()),
                             language=options.language)
        output.keep(files)
        kept = keep_beside_data(files[0], Path(options.data))
    said = [how_updated(updated), lessons(lesson.taught), *contradictions(lesson.judged), lesson.before.verdict]
    sys.stdout.write("\n".join([*said, kept, written(files)]))
    return 0


def judge(updated: Any, store: Any = None) -> Any:
    """What the update teaches and contradicts, with the natural experiment before and after."""
    from qicsim.estimate.calibrate.fill import CubePoints
    from qicsim.estimate.calibrate.joining import compare_joining
    from qicsim.estimate.calibrate.posterior_changes import judged, taught
    from qicsim.report.data_calibration import Lesson

    prior, world = updated.prior, updated.world
    model = [not name.startswith("observation.") for name in prior.parameters]
    first = prior.quantile(CubePoints(len(prior.parameters), updated.effort.seed).next(COMPARED))[:, model]
    before = compare_joining(world, first, seed=updated.effort.seed, store=store)
    after = compare_joining(world, updated.values(COMPARED)[:, model], seed=updated.effort.seed, store=store)
    return Lesson(updated, taught(updated), judged(updated), before, after)


def read_prior(source: str | None) -> Any:
    """The prior of the update: a posterior file, "prior" for the declared priors, None for the shipped posterior."""
    from qicsim.estimate.calibrate.fill import CubePoints
    from qicsim.estimate.calibrate.posterior_as_prior import InformedPrior
    from qicsim.estimate.calibrate.reported_history import parameter_names, parameters_from_cube
    from qicsim.runs.posterior import read_posterior, shipped_posterior

    if source is None and shipped_posterior():
        return InformedPrior.shipped()
    if source in (None, "prior"):
        draws = parameters_from_cube(CubePoints(len(parameter_names()), 1).next(4096))
        return InformedPrior.of(parameter_names(), draws, "the declared priors")
    held = read_posterior(source)
    return InformedPrior.of(held.parameters, held.values, f"the posterior in {Path(source).name}")


def check(options: argparse.Namespace) -> None:
    """SettingError with every option that does not fit."""
    from qicsim.ground.errors import Fault, SettingError

    faults = [Fault(name, "goes with the reported history, not with --data") for name, given in
              (("--study", options.study), ("--targets", options.targets)) if given]
    if options.runs is not None and options.runs > MOST_RUNS:
        faults.append(Fault("--runs", f"{options.runs} runs", f"at most {MOST_RUNS} with --data"))
    if faults:
        raise SettingError("", faults)
