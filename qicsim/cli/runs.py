"""`qicsim runs`: what is in the store that all commands share, and how to empty it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from qicsim.cli.options import take


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "runs", help="what is kept of runs, so that no command makes them again",
        description="Commands keep every run that they make, and find it again. `list` says what is there, `clear` "
                    "removes it. A folder keeps within its limit by itself (QICSIM_STORE_LIMIT, in GB; 5 by default): "
                    "the runs that were used longest ago go first.")
    take(command, "action", "store", "others")
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """List or clear."""
    from qicsim.ground.errors import Fault, SettingError
    from qicsim.runs.shared_store import clear, contents, default_folder, limit

    folder = Path(options.store) if options.store else default_folder()
    if options.store and not folder.is_dir():
        raise SettingError("", [Fault("--store", f'there is no folder "{folder}"')])
    if options.action == "clear":
        gone = clear(folder, others=options.others)
        sys.stdout.write(f"{gone:,} file{'' if gone == 1 else 's'} of runs removed from {folder}\n")
        return 0
    held = contents(folder)
    lines = [f"{number:>10,} runs of {made}" for made, number in sorted(held.runs.items())] or ["No runs."]
    if held.damaged:
        lines.append(f"{held.damaged:>10,} damaged files, which do not count")
    size = f"{held.bytes / 1e6:,.1f} MB in {held.files:,} files; the limit is {limit() / 1e9:g} GB"
    sys.stdout.write("\n".join([str(folder), *lines, size]) + "\n")
    return 0
