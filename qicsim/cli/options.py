"""Options that several commands share."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "km", "both")  # those of qicsim.report.language, without loading it for --help


def add_scenarios(command: argparse.ArgumentParser, folder: str) -> None:
    """Scenarios against a reference, and the folder of what is written."""
    command.add_argument("scenarios", nargs="*", metavar="SCENARIO",
                         help="shipped names or TOML files (default: the shipped policy scenarios)")
    command.add_argument("--reference", default="reported", metavar="SCENARIO",
                         help="what the others are compared with (default reported)")
    command.add_argument("--out", default=folder, metavar="FOLDER", help=f"where to write (default {folder})")


def add_language(command: argparse.ArgumentParser) -> None:
    """The language of a page."""
    command.add_argument("--language", choices=LANGUAGES, default="en", metavar="CODE",
                         help="of the page: en (default), km (Khmer, a draft translation) or both")


def add_ensemble(command: argparse.ArgumentParser, *, draws: int, replicates: int) -> None:
    """Options of an ensemble."""
    command.add_argument("--draws", type=drawn, default={}, metavar="WHAT",
                         help=f"how many parameter sets (default {draws}), or where they come from (prior, posterior "
                              "or a posterior file; default the shipped posterior), or both, like prior:200")
    command.set_defaults(usual_draws=draws)
    command.add_argument("--replicates", type=int, default=replicates, metavar="N",
                         help=f"runs of each draw with luck of their own (default {replicates})")
    command.add_argument("--seed", type=int, default=1, help="fixes draws and luck (default 1)")
    command.add_argument("--until", metavar="YYYY-MM", help="last month of the horizon (default: the scenario's)")
    add_data(command)
    add_store(command)
    command.add_argument("--workers", type=int, metavar="N", help="threads (default: one for each core)")
    command.add_argument("--quiet", action="store_true", help="no progress")


def add_store(command: argparse.ArgumentParser) -> None:
    """Where runs are kept, so that no command makes them again."""
    where = command.add_mutually_exclusive_group()
    where.add_argument("--store", metavar="FOLDER",
                       help="where runs are kept and found again (default: QICSIM_STORE, or the user's cache folder; "
                            "`qicsim runs` says what is there)")
    where.add_argument("--no-store", action="store_true", help="keep no runs: they are gone when the command ends")


def add_data(command: argparse.ArgumentParser) -> None:
    """The option that names a data folder."""
    command.add_argument("--data", metavar="FOLDER",
                         help="a data folder made by `qicsim import`: its facilities, with the levels of their scores "
                              "and who joined when (default: the scenario's own register)")


def drawn(text: str) -> dict[str, Any]:
    """What `--draws` says, a number, a source or source:number, as arguments of `qicsim.run`."""
    source, _, number = text.rpartition(":")
    if not number.isdecimal():
        if number.lstrip("+-").replace(".", "").replace("e", "").isdecimal() and not source:
            raise argparse.ArgumentTypeError(f"{text} is not a whole number of draws, 1 or more")
        return {"source": text}
    return {"draws": int(number)} | ({"source": source} if source else {})


def ensemble_options(options: argparse.Namespace) -> dict[str, Any]:
    """The options of an ensemble as arguments of `qicsim.run` and `qicsim.compare`."""
    return {"draws": options.usual_draws, "replicates": options.replicates, "seed": options.seed,
            "until": options.until, "data": options.data, "workers": options.workers,
            "store": False if options.no_store else options.store} | options.draws


def command_line() -> str:
    """The command as the user typed it."""
    return shlex.join(["qicsim", *sys.argv[1:]])


def output_folder(text: str, option: str = "--out") -> Path:
    """A folder that can be written, not made yet; SettingError if it is a file or could not be made."""
    from qicsim.ground.errors import Fault, SettingError

    folder = Path(text)
    there = next(place for place in [folder, *folder.absolute().parents] if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise SettingError("", [Fault(option, f'"{text}" cannot be written', "a folder, or a name for a new one")])
    return folder
