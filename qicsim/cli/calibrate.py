"""`qicsim calibrate`: fit the reported history, and prove that the fit can be trusted."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any, Self

from qicsim.cli.options import take
from qicsim.cli.prepared import all_at_once, store_of
from qicsim.cli.request import output_of
from qicsim.cli.written import command_line, output_folder, written

FOLDER = "qicsim-calibration"
BANK = "bank"  # where version 0.1 kept runs in the folder of its results
LEARNED = "A calibration learns parameters from what was reported; hold them at one value in the runs that follow it"


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "calibrate", help="fit the model to what was reported; writes a posterior and its proof",
        description="Simulates draws of the priors, weighs them by what was reported, checks the result, and writes "
                    "the posterior with tables and a page. Interrupted, the same command goes on where it was.")
    take(command, "study_file", "targets", "out", "replace", "language", "bank_runs", "own_data", "prior",
         "discrepancy", "seed", "store_of_bank", "no_store", "workers", "quiet", out=FOLDER)
    command.set_defaults(prepare=prepare, command=execute, refused=dict.fromkeys(("--set", "--costs"), LEARNED))


def prepare(options: argparse.Namespace) -> Any:
    """Study, reports and targets; with `--data`, the prior that is updated."""
    if options.data is None:
        return read_inputs(options)
    from qicsim.cli.calibrate_data import check, read_prior

    check(options)
    return read_prior(options.prior)


def execute(options: argparse.Namespace) -> int:
    """Fit, prove, write; with `--data`, update instead."""
    if options.data is not None:
        from qicsim.cli.calibrate_data import execute_data

        return execute_data(options, Parts(quiet=options.quiet))
    study, reports, targets = options.prepared
    folder, place = output_folder(options.out), store_of(options)
    from qicsim.estimate.calibrate.fitting import fit
    from qicsim.estimate.calibrate.proof_report import prove
    from qicsim.estimate.calibrate.reported_history import History
    from qicsim.estimate.calibrate.shipped import posterior_provenance
    from qicsim.report.calibration import FILES, write_calibration
    from qicsim.report.calibration_words import headline, how
    from qicsim.runs.shared_store import open_store

    output = output_of(options, FILES, own=(folder / BANK).is_dir())
    tell, store = Parts(quiet=options.quiet), open_store(place)
    history = History.of(workers=options.workers, store=store)
    with output.alone(), store.used(), Spent(folder) as spent:
        fitted = fit(study, reports, history=history, progress=tell)
        proof = prove(fitted, progress=tell)
        facts = posterior_provenance(fitted, targets=targets, command=command_line())
        facts |= {"minutes": spent.minutes, "workers": history.workers}
        files = write_calibration(fitted, proof, folder, facts, language=options.language)
        output.keep(files)
    sys.stdout.write(f"{how(fitted)}\n{headline(proof)}\n{written(files)}")
    return 0


def read_inputs(options: argparse.Namespace) -> tuple[Any, Any, dict[str, str]]:
    """Study, reports, and name and digest of the targets' file; faults of both files at once."""
    import hashlib

    from qicsim.estimate.calibrate.study import read_study
    from qicsim.estimate.calibrate.targets import read_targets, targets_file

    with all_at_once() as attempt:
        reports = attempt(read_targets, options.targets)
        study = attempt(read_study, options.study, reports or read_targets())
    path = Path(options.targets or targets_file())
    facts = {"file": path.name, "digest": hashlib.sha256(path.read_bytes()).hexdigest()}
    return study.with_runs(options.runs) if options.runs else study, reports, facts


class Spent:
    """Minutes that all calls have spent on a folder of results, kept there, interrupted ones too."""

    def __init__(self, folder: Path) -> None:
        """Begin to count."""
        self.file = folder / ".qicsim-minutes"
        self.before = float(self.file.read_text(encoding="utf-8")) if self.file.exists() else 0.0
        self.began = time.monotonic()

    @property
    def minutes(self) -> float:
        """Minutes until now."""
        return self.before + (time.monotonic() - self.began) / 60.0

    def __enter__(self) -> Self:
        """The count."""
        return self

    def __exit__(self, *_: object) -> None:
        """Keep the count."""
        from qicsim.ground.files import write_text

        write_text(self.file, f"{self.minutes:.3f}\n")


class Parts:
    """Progress of several parts of the work, one after the other."""

    def __init__(self, *, quiet: bool) -> None:
        """Begin with no part."""
        self.quiet = quiet
        self.parts: dict[str, Any] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show how far a part is."""
        from qicsim.ground.progress import Progress

        self.parts.setdefault(what, Progress(what, quiet=self.quiet))(done, max(total, 1))
