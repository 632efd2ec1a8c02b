"""Options that several commands share."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

Commands = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_ensemble(command: argparse.ArgumentParser, *, draws: int, replicates: int) -> None:
    """Options of an ensemble."""
    command.add_argument("--draws", type=int, default=draws, metavar="N",
                         help=f"how many parameter sets (default {draws})")
    command.add_argument("--from", dest="source", metavar="WHERE",
                         help="prior, posterior or a posterior file (default: the shipped posterior, or the prior "
                              "where none is shipped)")
    command.add_argument("--replicates", type=int, default=replicates, metavar="N",
                         help=f"runs of each draw with luck of their own (default {replicates})")
    command.add_argument("--seed", type=int, default=1, help="fixes draws and luck (default 1)")
    command.add_argument("--until", metavar="YYYY-MM", help="last month of the horizon (default: the scenario's)")
    command.add_argument("--workers", type=int, metavar="N", help="threads (default: one for each core)")
    command.add_argument("--quiet", action="store_true", help="no progress")


def command_line() -> str:
    """The command as the user typed it."""
    return shlex.join(["qicsim", *sys.argv[1:]])


def output_folder(text: str, option: str = "--out") -> Path:
    """A folder that can be written, not made yet; SettingError if it is a file or could not be made."""
    from qicsim.errors import Fault, SettingError

    folder = Path(text)
    there = next(place for place in [folder, *folder.absolute().parents] if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise SettingError("", [Fault(option, f'"{text}" cannot be written', "a folder, or a name for a new one")])
    return folder
