"""The command line: one small module for each command, heavy imports inside."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword
from typing import Any, TextIO

from qicsim import __version__
from qicsim.cli.options import take
from qicsim.cli.parsing import Parser, as_typed, choose, options_of, understood
from qicsim.ground.errors import InputError, QicsimError, SettingError, shown
from qicsim.inputs.country import Country, country_of, default_country, in_country

COMMANDS = ("compare", "decide", "best", "discover", "explore", "plan", "export", "run", "check", "checklist",
            "describe", "register", "import", "world", "calibrate", "evidence", "anchor", "experiment", "sensitivity",
            "history", "runs", "warm")
GO_ON = ("compare", "decide", "best", "discover", "plan", "export", "run", "calibrate", "anchor", "experiment",
         "sensitivity")
WORLD, WORLDLESS = "--world", ("world", "runs")
HELP = ("help", "-h", "--help")
EPILOG = """examples:
  qicsim compare                              compare the shipped policy scenarios; writes qicsim-results/compare.html
  qicsim compare national-2030 my-plan.toml   compare two against the reference
  qicsim decide --discount-rate 0.05          what is worth buying, at what cost, how sure, what to learn first
  qicsim best --money 500000                  the best plan for US$ 500,000 a year, and what more or less buys
  qicsim discover national-2030               when the plan fails, and which early sign tells
  qicsim explore                              what if? a page whose sliders run the model
  qicsim run national-2030 --out results      one scenario, its table of trajectories
  qicsim check my-plan.toml                   what the program understood, or every fault at once
  qicsim experiment run my-study.toml         many scenarios, points and replicates; resumed, extended, in shards
  qicsim sensitivity national-2030            which uncertain parameters move its results
  qicsim history SYN-0201-H01                 why one facility's score moved
  qicsim plan national-2030 --out plan.xlsx   targets, launches, coach posts and budget for planners
  qicsim warm                                 compile ahead, so that the first run starts at once
  qicsim world new my-country                 the world of another country, to fill in; then --world my-country
  qicsim describe parameters                  every parameter with its prior, source and grade

Options may stand anywhere after the command; `qicsim help COMMAND` lists them.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when done, 2 when the input cannot be used, 130 when interrupted."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not _can_be_heard():
        return 2
    warnings.showwarning = _shown
    try:
        with in_country(_country(words)):
            options = _asked(words)
            return _ended(0 if options is None else _done(options))
    except QicsimError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        kept = " What was finished is kept: the same command goes on from there." if words[0] in GO_ON else ""
        sys.stderr.write(f"\nInterrupted.{kept}\n")
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as error:
        sys.stderr.write(f"{_said(error)}\n")
        return 2


def _country(words: Sequence[str]) -> Country:
    """The country of the option --world, which is looked for before anything else is understood; else the usual one."""
    for place, word in enumerate(words):
        name, equals, value = word.partition("=")
        if word == "--":
            break
        if name == WORLD and (equals or place + 1 < len(words)):
            return country_of(value if equals else words[place + 1])
    return default_country()


def _done(options: argparse.Namespace) -> int:
    """The code of a command; faults of arguments carry the options that were typed for them."""
    try:
        return int(options.command(options))
    except InputError as error:
        if error.source:
            raise
        raise SettingError("", as_typed(options.taken.values(), error.faults)) from error


def _shown(message: Warning | str, category: type[Warning], filename: str, lineno: int,  # noqa: PLR0917 Python's order
           file: TextIO | None = None, line: str | None = None) -> None:
    """What users are warned of, without the place in the program; other warnings as Python writes them."""
    to = sys.stderr if file is None else file
    to.write(f"{message}\n" if issubclass(category, FutureWarning)
             else warnings.formatwarning(message, category, filename, lineno, line))


def _ended(code: int) -> int:
    """The code, after what was said has gone out, which may fail as well."""
    if sys.stdout is not None:
        sys.stdout.flush()
    return code


def _said(error: OSError) -> str:
    """What the system refused, in a line: of a file by its name, of anything else in the system's own words."""
    reason = str(error.strerror or error).rstrip(".")
    if error.filename is None:
        return f"The system refused something: {reason}."
    name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else str(error.filename)
    return f"{shown(name)}: cannot be used ({reason})."


def _can_be_heard() -> bool:
    """Whether there is a standard output; where there is no standard error, what is said there is lost."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - as long as the process lives
    if sys.stdout is None:
        sys.stderr.write("Standard output is closed, so that nothing can be printed. Nothing was done.\n")
        return False
    return True


def _asked(words: list[str]) -> argparse.Namespace | None:
    """What the words ask of a command; None when help was shown instead."""
    if words[:1] == ["--version"]:
        sys.stdout.write(f"qicsim {__version__}\n")
        return None
    helped = not words or words[0] in HELP
    words = [word for word in words if word not in HELP] if helped else words
    if not words:
        parser().print_help()
        return None
    name = choose(COMMANDS, words[0], "qicsim")
    command, rest = _command(name), words[1:]
    acts = command.get_default("acts")
    if acts is not None and rest and rest[0] not in HELP:
        command, rest = acts[choose(acts, rest[0], command.prog)], rest[1:]
    elif acts is not None:
        helped = True
    if helped or {"-h", "--help"} & set(options_of(rest)):
        command.print_help()
        return None
    _extend(command, rest)
    options = understood(command, rest)
    options.asked = command.prog.removeprefix("qicsim ")
    return options


def _extend(command: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the extensions that words name to the model, which commands load when they read the rest of the words."""
    if "extend" not in (command.get_default("taken") or {}):
        return
    end = words.index("--") if "--" in words else len(words)
    for at, word in enumerate(words[:end]):
        name, equals, value = word.partition("=")
        value = value if equals else "".join(words[at + 1:at + 2])
        if name == "--extend" and value:
            from qicsim.ground.extension import use_extension

            use_extension(value)


def _command(name: str) -> argparse.ArgumentParser:
    """The parser of one command; the others are not loaded."""
    commands = _top().add_subparsers()
    _add(name, commands)
    return commands.choices[name]


def _add(name: str, commands: Any) -> None:
    import_module(f"qicsim.cli.{name}{'_' if iskeyword(name) else ''}").add(commands)
    command = commands.choices[name]
    for one in (command.get_default("acts") or {"": command}).values() if name not in WORLDLESS else ():
        take(one, "world")


def _top() -> argparse.ArgumentParser:
    top = Parser(
        prog="qicsim", epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Simulates quality improvement collaboratives and performance-based financing in the public "
                    "facilities of a country (`--world`).")
    top.add_argument("--version", action="store_true", help="the version of this program")
    return top


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = _top()
    commands = top.add_subparsers(metavar="command", required=True)
    for name in COMMANDS:
        _add(name, commands)
    return top
