"""`qicsim decide`: value for money of scenarios, one page and the tables behind it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from qicsim.cli.options import ENSEMBLE, ensemble_options, overrides_facts, take
from qicsim.cli.request import output_of
from qicsim.cli.written import command_line, warn_of_own_pasts, written

FOLDER = "qicsim-decision"


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "decide", help="value for money: costs, what they buy, how sure that is, what to learn first",
        description="Runs scenarios under the same draws and the same luck and writes a page on what is worth buying, "
                    "with the tables behind it. Interrupted, the same command goes on where it was.")
    take(command, "scenarios", "reference", "out", "replace", "discount_rate", "first_year", "perspective", "ceiling",
         "risk", "without_payments", "worth", "target", "target_year", "recorded", "costs_by_line", "structures",
         "language", *ENSEMBLE, out=FOLDER, draws=64, replicates=2)
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Decide and write."""
    from qicsim.api import decision
    from qicsim.cli.progress import Progress
    from qicsim.report.decision_outputs import DECISION_FILES, write_decision

    settings = _settings(options)
    output = output_of(options, DECISION_FILES)
    folder = output.folder
    with output.alone():
        with named_as_typed():
            decided = decision(options.scenarios or None, reference=options.reference, settings=settings,
                               structures=options.structures, **ensemble_options(options),
                               progress=Progress("Runs", quiet=options.quiet))
        files = write_decision(decided.decision, folder, decided.provenance(command_line()) | overrides_facts(options),
                               language=options.language)
        output.keep(files)
    warn_of_own_pasts(decided.ensemble, decided.decision.reference)
    sys.stdout.write(f"{_choice(decided.decision)}\n\n{decided.decision.learning.first}\n\n{written(files)}")
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
        "worth": options.worth, "risk": options.risk, "ceiling": options.ceiling,
        "unit_costs": "by line" if options.costs_by_line else "as simulated",
        "payments": "left out" if options.without_payments else "counted"}
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
