"""`qicsim decide`: value for money of scenarios, one page and the tables behind it."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from qicsim.cli.options import ENSEMBLE, overrides_facts, take
from qicsim.cli.prepared import all_at_once, assumptions, ensemble, gathered, paired
from qicsim.cli.request import output_of
from qicsim.cli.written import command_line, warn_of_runs, written

FOLDER = "qicsim-decision"


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "decide", help="value for money: costs, what they buy, how sure that is, what to learn first",
        description="Runs scenarios under the same draws and the same luck and writes a page on what is worth buying, "
                    "with the tables behind it. Interrupted, the same command goes on where it was.")
    take(command, "scenarios", "reference", "out", "replace", "discount_rate", "first_year", "perspective", "ceiling",
         "ceiling_is", "risk", "money_year", "prices", "without_payments", "worth", "target", "target_year", "recorded",
         "costs_by_line", "assumptions", "language", *ENSEMBLE, out=FOLDER, draws=64, replicates=2)
    command.set_defaults(prepare=prepare, command=execute)


def prepare(options: argparse.Namespace) -> dict[str, Any]:
    """Scenarios, settings that fit their horizons, and how they are run."""
    from qicsim.decide.decision_inputs import check_horizons

    ready = gathered(options, paired, _settings, ensemble, assumptions)
    check_horizons([ready["reference"], *ready["scenarios"]], ready["settings"])
    return ready


def execute(options: argparse.Namespace) -> int:
    """Decide and write."""
    from qicsim.api import decision
    from qicsim.ground.progress import Progress
    from qicsim.report.decision import DECISION_FILES, write_decision
    from qicsim.report.decision_words import drawn

    output = output_of(options, DECISION_FILES)
    folder = output.folder
    with output.alone():
        decided = decision(**options.prepared, progress=Progress("Runs", quiet=options.quiet))
        files = write_decision(decided.decision, folder, decided.provenance(command_line()) | overrides_facts(options),
                               language=options.language)
        output.keep(files)
    warn_of_runs(decided.ensemble, decided.decision.reference)
    sys.stdout.write(f"{_choice(decided.decision)}\n{drawn(decided.decision)}\n\n{_study(decided.decision)}\n\n{written(files)}")
    return 0


def _study(decision: Any) -> str:
    """Which study to buy first, and what a random order of districts is worth."""
    order = decision.learning.order
    return str(decision.learning.first) if order is None else f"{decision.learning.first}\n{order.sentence}"


def _choice(decision: Any) -> str:
    """What the ceiling says, if there is one, and the choice along the frontier, as plain text."""
    from qicsim.decide.currency import usd_words

    first, *later = decision.value.steps
    said = [f"Choice: {first.name}" if not later else f"Choice: {first.name} if a unit of effect is worth little",
            *(f"{row.name} from {usd_words(row.icer)} a unit on" for row in later)]
    fits = decision.budget.fits
    aside = "" if fits is None or decision.options.fits else " What follows sets it aside."
    return "\n".join([*([f"{fits.sentence}{aside}", *_counts(decision)] if fits else []), "; ".join(said) + "."])


def _counts(decision: Any) -> list[str]:
    """What the ceiling counts, and where none fits who finds what fits."""
    from qicsim.decide.budget import MONEY_WORDS
    from qicsim.decide.settings import EVERYONE

    used = decision.settings
    which, ceiling, payer = used.ceiling_is, used.ceiling, used.perspective
    said = [f"The ceiling counts {MONEY_WORDS[which]}, {used.perspective_words}."]
    if not decision.options.fits and isinstance(ceiling, int | float):
        whose = "" if payer == EVERYONE else f" --perspective {payer}"
        said.append(f"`qicsim best --money {ceiling:.0f} --money-is {which}{whose}` searches a plan that fits it, and "
                    "says what each step of money buys.")
    return said


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that the options say; SettingError, with every fault at once."""
    from qicsim.decide.settings import Settings, Target
    from qicsim.inputs.world.prices import money_of

    given: dict[str, Any] = {
        "rate": options.discount_rate, "first": options.first, "perspective": options.perspective,
        "worth": options.worth, "risk": options.risk, "ceiling": options.ceiling, "ceiling_is": options.ceiling_is,
        "unit_costs": "by line" if options.costs_by_line else "as simulated",
        "payments": "left out" if options.without_payments else "counted"}
    with all_at_once() as attempt:
        target = attempt(Target, options.target, options.by, "recorded_80" if options.recorded else "true_80")
        money = attempt(money_of, options.money_year, options.prices)
        given |= {name: one for name, one in (("target", target), ("money", money)) if one}
        settings = attempt(lambda: Settings(**given))
    return {"settings": settings}
