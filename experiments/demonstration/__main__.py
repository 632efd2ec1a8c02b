"""The demonstration: `python -m experiments.demonstration export FOLDER`, or `recovery` with its options."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def main(arguments: list[str]) -> int:
    """Export a country in every input form, or study how well known parameters are found."""
    parser = argparse.ArgumentParser(prog="python -m experiments.demonstration", description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    export = parts.add_parser("export", help="a made country in each form that `qicsim import` reads, with faults")
    export.add_argument("folder", type=Path)
    export.add_argument("--seed", type=int, default=1)
    recovery = parts.add_parser("recovery", help="how often intervals hold the known parameters")
    recovery.add_argument("--countries", type=int, default=40)
    recovery.add_argument("--workers", type=int, default=None)
    recovery.add_argument("--out", type=Path, default=RESULTS)
    chosen = parser.parse_args(arguments)
    return _export(chosen) if chosen.part == "export" else _recovery(chosen)


def _export(chosen: argparse.Namespace) -> int:
    from experiments.demonstration.forms import export_country

    for path in export_country(chosen.folder, seed=chosen.seed):
        sys.stdout.write(f"{path}\n")
    return 0


def _recovery(chosen: argparse.Namespace) -> int:
    from experiments.demonstration.recovery import coverage_rows, study, write_rows
    from qicsim.estimate.calibrate.reported_history import parameter_names

    records = study(chosen.countries, chosen.out, workers=chosen.workers,
                    progress=lambda done, total: sys.stderr.write(f"{done} of {total} countries\n"))
    path = write_rows(coverage_rows(records, parameter_names()), chosen.out / "recovery.csv")
    sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
