"""The command line: one small module for each command, heavy imports inside."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword

from qicsim import __version__
from qicsim.ground.errors import QicsimError

COMMANDS = ("compare", "decide", "plan", "export", "run", "check", "checklist", "describe", "register", "import",
            "calibrate", "experiment", "sensitivity", "history", "warm")
GO_ON = ("compare", "decide", "calibrate", "experiment", "sensitivity")
EPILOG = """examples:
  qicsim compare                              compare the shipped policy scenarios; writes qicsim-results/compare.html
  qicsim compare national-2030 my-plan.toml   compare two against the reference
  qicsim decide --ceiling 16000000            what is worth buying, at what cost, how sure, what to learn first
  qicsim run national-2030 --out results      one scenario, its table of trajectories
  qicsim check my-plan.toml                   what the program understood, or every fault at once
  qicsim experiment run my-study.toml         many scenarios, points and replicates; resumed, extended, in shards
  qicsim sensitivity national-2030            which uncertain parameters move its results
  qicsim history SYN-0101-H01                 why one facility's score moved
  qicsim plan national-2030 --out plan.xlsx   targets, launches, coach posts and budget for planners
  qicsim warm                                 compile ahead, so that the first run starts at once
  qicsim describe parameters                  every parameter with its prior, source and grade
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when done, 2 when the input cannot be used, 130 when interrupted."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = parser().parse_args(words)
    try:
        return int(options.command(options))
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
        sys.stderr.write(f"{error.filename or 'a file'}: cannot be used ({error.strerror or error}).\n")
        return 2


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = argparse.ArgumentParser(
        prog="qicsim", epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Simulates quality improvement collaboratives and performance-based financing in Cambodia's "
                    "public facilities.")
    top.add_argument("--version", action="version", version=f"qicsim {__version__}")
    commands = top.add_subparsers(metavar="command", required=True)
    for name in COMMANDS:
        import_module(f"qicsim.cli.{name}{'_' if iskeyword(name) else ''}").add(commands)
    return top
