"""`qicsim decide`: value for money of scenarios, one page and the tables behind it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from qicsim.cli.options import (
    add_ensemble,
    add_language,
    add_scenarios,
    command_line,
    ensemble_options,
    output_folder,
)

FOLDER = "qicsim-decision"
PAYERS = ("all", "government", "donor")  # those of qicsim.decide.settings, without loading it for --help


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "decide", help="value for money: costs, what they buy, how sure that is, what to learn first",
        description="Runs scenarios under the same draws and the same luck and writes a page on what is worth buying, "
                    "with the tables behind it. Interrupted, the same command goes on where it was.")
    add_scenarios(command, FOLDER)
    _add_settings(command)
    add_language(command)
    add_ensemble(command, draws=64, replicates=2)
    command.set_defaults(command=execute)


def _add_settings(command: argparse.ArgumentParser) -> None:
    command.add_argument("--discount-rate", type=float, default=0.03, metavar="RATE",
                         help="a year, of costs and effects; 0.03 is 3 %% (default 0.03)")
    command.add_argument("--from", dest="first", type=int, metavar="YEAR",
                         help="first year that counts (default 2027)")
    command.add_argument("--perspective", default="all", metavar="PAYER",
                         help=f"whose money counts: {', '.join(PAYERS)} (default all)")
    command.add_argument("--ceiling", metavar="USD|YEAR=USD,...",
                         help="most that those may spend in a year, US$ of 2021: one amount, or by year")
    command.add_argument("--risk", type=float, default=0.1, metavar="SHARE",
                         help="share of draws in which a scenario may exceed the ceiling and still be chosen (default "
                              "0.1)")
    command.add_argument("--without-payments", action="store_true",
                         help="leave PBF's payments to facilities and staff out of costs, as transfers within society")
    command.add_argument("--worth", type=float, metavar="USD",
                         help="what a facility-year at 80 points is worth (default: the threshold of the last large "
                              "step of the frontier)")
    command.add_argument("--target", type=float, default=0.8, metavar="SHARE",
                         help="share of health centres that is to be at 80 points or more (default 0.8)")
    command.add_argument("--by", type=int, metavar="YEAR", help="by the end of this year (default 2030)")
    command.add_argument("--recorded", action="store_true", help="the target is of recorded scores, not of true ones")
    command.add_argument("--costs-by-line", action="store_true",
                         help="unit costs vary line by line within their ranges, instead of all together")
    command.add_argument("--structures", action="store_true",
                         help="run under the other form of contagion too, for regret across both (twice the time)")


def execute(options: argparse.Namespace) -> int:
    """Decide and write."""
    from qicsim.api import decision
    from qicsim.cli.progress import Progress
    from qicsim.ground.files import alone_in, refuse_folders
    from qicsim.report.decision_outputs import DECISION_FILES, write_decision

    settings = _settings(options)
    folder = output_folder(options.out)
    refuse_folders(folder, DECISION_FILES)
    if not options.quiet:
        sys.stderr.write("Preparing (the first run after an installation compiles for about half a minute) ...\n")
    with alone_in(folder):
        with named_as_typed():
            decided = decision(options.scenarios or None, reference=options.reference, settings=settings,
                               structures=options.structures, **ensemble_options(options),
                               progress=Progress("Runs", quiet=options.quiet))
        files = write_decision(decided.decision, folder, decided.provenance(command_line()),
                               language=options.language)
    pages = [str(file) for file in files if file.suffix == ".html"]
    rest = ", ".join(file.name for file in files if file.suffix != ".html")
    sys.stdout.write(f"{_choice(decided.decision)}\n\n{decided.decision.learning.first}\n\nPage:   {', '.join(pages)}\n"
                     f"Tables: {rest} in {folder}\n")
    return 0


def _choice(decision: Any) -> str:
    """What the ceiling says, if there is one, and the choice along the frontier, as plain text."""
    from qicsim.decide.currency import usd_words

    first, *later = decision.value.steps
    said = [f"Choice: {first.name}" if not later else f"Choice: {first.name} if a unit of effect is worth little",
            *(f"{row.name} from {usd_words(row.icer)} a unit on" for row in later)]
    fits = decision.budget.fits
    aside = "" if fits is None or decision.options.fits else " What follows sets it aside."
    return "\n".join(([f"{fits.sentence}{aside}"] if fits else []) + ["; ".join(said) + "."])


@contextmanager
def named_as_typed() -> Iterator[None]:
    """Faults of years carry the names of the options that they were typed with."""
    from qicsim.ground.errors import SettingError

    typed = {"first": "--from", "by": "--by"}
    try:
        yield
    except SettingError as error:
        raise SettingError("", [replace(one, place=typed.get(one.place, one.place)) for one in error.faults]) from None


def _settings(options: argparse.Namespace) -> Any:
    """The settings that the options say; SettingError, with every fault at once."""
    from qicsim.decide.settings import Settings, Target
    from qicsim.ground.errors import Fault, SettingError

    faults: list[Fault] = []
    given: dict[str, Any] = {
        "rate": options.discount_rate, "first": options.first, "perspective": options.perspective,
        "worth": options.worth, "risk": options.risk,
        "unit_costs": "by line" if options.costs_by_line else "as simulated",
        "payments": "left out" if options.without_payments else "counted"}
    try:
        given["ceiling"] = ceiling_of(options.ceiling)
    except SettingError as error:
        faults += error.faults
    try:
        given["target"] = Target(options.target, options.by, "recorded_80" if options.recorded else "true_80")
    except SettingError as error:
        faults += error.faults
    try:
        settings = Settings(**given)
    except SettingError as error:
        faults += error.faults
    if faults:
        raise SettingError("", faults)
    return settings


def ceiling_of(text: str | None) -> float | Mapping[int, float] | None:
    """What `--ceiling` says: an amount, or amounts by year; SettingError, with every fault, for anything else."""
    from qicsim.ground.errors import Fault, SettingError

    if text is None:
        return None
    parts = [part.strip().partition("=") for part in text.split(",")]
    if len(parts) == 1 and not parts[0][1]:
        return _amount(parts[0][0])
    faults = [Fault("--ceiling", f'"{"".join(part)}"', "YEAR=USD, such as 2028=8000000", "Amounts have no commas")
              for part in parts if not (part[1] and part[0].strip().isdecimal())]
    years = [part[0].strip() for part in parts if part[1]]
    faults += [Fault("--ceiling", f"{year} is there more than once", "each year once")
               for year in sorted(set(years)) if years.count(year) > 1]
    if faults:
        raise SettingError("", faults)
    return {int(year): _amount(amount) for year, _, amount in parts}


def _amount(text: str) -> float:
    from qicsim.ground.errors import Fault, SettingError

    try:
        return float(text)
    except ValueError:
        raise SettingError("", [Fault("--ceiling", f'"{text}" is no number',
                                      "US$ such as 8000000, or YEAR=USD,...")]) from None
