"""`qicsim best`: the best plan for the money, what more or less buys, and the least money for a target."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from qicsim.cli.options import overrides, overrides_facts, take
from qicsim.cli.prepared import money, store_of
from qicsim.cli.request import output_of
from qicsim.cli.written import command_line, written
from qicsim.inputs.country import plan_start

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qicsim.decide.search.best import Best, SoFar
    from qicsim.ground.progress import Progress

FOLDER = "qicsim-best"


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "best", help="the best plan for the money, the order of districts, the least money for a target",
        description="Searches levers for the plan that gains most within the money, looks at what it found again on "
                    "draws that the search never had, and writes that plan as a scenario file, a page, and the tables "
                    "behind it. Interrupted, the same command goes on where it was.")
    take(command, "money", "money_is", "perspective", "goal", "reach", "money_risk", "money_year", "prices",
         "plans_from", "fixed", "free", "quick_search", "assumptions", "out", "replace", "language", "seed", "data",
         "set", "costs", "extend", "store", "no_store", "workers", "quiet", out=FOLDER,
         plans_from=plan_start())
    command.set_defaults(prepare=prepare, command=execute)


def prepare(options: argparse.Namespace) -> dict[str, Any]:
    """What is asked, as arguments of `qicsim.best`; SettingError for what cannot be meant."""
    from qicsim.decide.search.question import Question, reach_of
    from qicsim.runs.assumptions import NONE, USUAL, chosen

    Question(options.goal, options.money, options.money_is, options.risk,
             None if options.reach is None else reach_of(options.reach), options.year, options.perspective)
    wanted = options.assumptions or (NONE if options.quick else USUAL)
    return {"money": options.money, "money_is": options.money_is, "perspective": options.perspective,
            "goal": options.goal, "reach": options.reach, "risk": options.risk, "year": options.year,
            "fix": dict(options.fix), "free": options.free or None, "quick": options.quick,
            "assumptions": tuple(one.key for one in chosen(wanted)), "data": options.data, **overrides(options),
            **money(options), "seed": options.seed, "workers": options.workers, "store": store_of(options)}


def execute(options: argparse.Namespace) -> int:
    """Search and write; 2 where no plan that was found answers what was asked."""
    from qicsim.decide.search.words import answer
    from qicsim.ground.progress import Progress
    from qicsim.report.best import BEST_FILES, SO_FAR, write_best, write_so_far

    output = output_of(options, BEST_FILES)
    progress = Progress("Search", quiet=options.quiet)

    def show(so_far: SoFar) -> None:
        progress.what = f"Best of {so_far.plans:,}: +{so_far.gain:.2f} for US$ {so_far.money:,.0f}"
        write_so_far(so_far, output.folder)

    with output.alone():
        found = _searched(options, progress, show, output.folder / SO_FAR)
        files = write_best(found, output.folder, {"command": command_line()} | overrides_facts(options),
                           language=options.language)
        output.keep(files)
    sys.stdout.write("\n".join(answer(found)) + f"\n\n{written(files)}")
    return 0 if found.choice.best is not None else 2


def _searched(options: argparse.Namespace, progress: Progress, show: Callable[[SoFar], None], file: Path) -> Best:
    """The search; interrupted, it says where the best plan so far stands."""
    from qicsim.api import best

    if not options.quiet:
        sys.stderr.write(f"The best plan so far stands in {file} while the search goes on.\n")
    try:
        return best(**options.prepared, progress=progress, watch=show)
    except KeyboardInterrupt:
        if file.exists():
            sys.stderr.write(f"\n{progress.what} a year, on few draws. The plan is {file}: check, compare and plan "
                             "take it.")
        raise
