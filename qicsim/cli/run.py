"""`qicsim run`: one scenario, its trajectories."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from qicsim.cli.options import ENSEMBLE, overrides_facts, take
from qicsim.cli.prepared import ensemble, gathered, resolved
from qicsim.cli.request import output_of
from qicsim.cli.written import command_line, warn_of_scenarios, written

LARGE = 100.0
SHOWN = ("facilities", "ever", "active", "true", "recorded", "true_80", "recorded_80")


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "run", help="run one scenario; prints a table, writes trajectories",
        description="Runs one scenario and prints what happens by the ends of years (mean between runs, and their "
                    "5-95 % interval). With --out it writes the trajectories by quarter, every run and its draws "
                    "as CSV, arrays and provenance.")
    take(command, "scenario", "defaults", "out_if_wanted", "replace", *ENSEMBLE, draws=20, replicates=1)
    command.set_defaults(prepare=prepare, command=execute)


def prepare(options: argparse.Namespace) -> dict[str, Any]:
    """The scenario, and how it is run."""
    from qicsim.runs.draws import default_draw

    def scenario(options: argparse.Namespace) -> dict[str, Any]:
        return {"scenario": resolved(options, [options.scenario], until=options.until)[0]}

    return gathered(options, scenario, ensemble) | ({"draws": default_draw()} if options.defaults else {})


def execute(options: argparse.Namespace) -> int:
    """Run, print, write."""
    from qicsim.api import run
    from qicsim.ground.progress import Progress
    from qicsim.report.outputs import RUN_FILES, write_run
    from qicsim.runs.provenance import provenance

    output = output_of(options, RUN_FILES) if options.out else None
    runs = run(**options.prepared, progress=Progress("Runs", quiet=options.quiet))
    summary = runs.summary()
    scenario = runs.ensemble.runners[runs.name].scenario
    warn_of_scenarios([scenario], scenario)
    sys.stdout.write(_year_ends(summary, runs.ensemble.runs))
    if output is not None:
        facts = provenance(runs.ensemble, command=command_line()) | overrides_facts(options)
        with output.alone():
            files = write_run(runs.ensemble, summary, runs.frame(), output.folder, facts)
            output.keep(files)
        sys.stdout.write(written(files))
    return 0


def _year_ends(summary: Any, runs: int) -> str:
    """The main indicators at the ends of years, as text."""
    title = "One run." if runs == 1 else f"Mean of {runs} runs; in brackets the 5-95 % interval between runs."
    lines = [f"{title} End of year.", ""]
    table = summary[summary["quarter"].str.endswith("Q4") & summary["indicator"].isin(SHOWN)]
    lines.append("year  " + "  ".join(f"{name:>20}" for name in SHOWN))
    for quarter, rows in table.groupby("quarter", sort=True):
        by_name = rows.set_index("indicator")
        cells = [_cell(by_name.loc[name], percent=name.endswith("_80"), single=runs == 1) for name in SHOWN]
        lines.append(f"{quarter[:4]}  " + "  ".join(f"{cell:>20}" for cell in cells))
    return "\n".join(lines) + "\n"


def _cell(row: Any, *, percent: bool, single: bool) -> str:
    scale, unit = (100.0, " %") if percent else (1.0, "")
    digits = 0 if row["mean"] * scale >= LARGE else 1
    mean, low, high = (f"{row[key] * scale:,.{digits}f}" for key in ("mean", "p05", "p95"))
    return f"{mean}{unit}" if single else f"{mean}{unit} ({low}-{high})"
