"""What all commands say of themselves and of what they wrote, in one form."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

KINDS = {".html": "Page", ".xlsx": "Workbook", ".docx": "Document"}
"""What a file that people open is called, by its ending."""


def written(files: Iterable[Path | str], *, rest: str = "Tables") -> str:
    """Lines on the files that were written: what people open by its path, the rest by name and folder."""
    opened: dict[str, list[str]] = {kind: [] for kind in KINDS.values()}
    others: dict[Path, list[str]] = {}
    for path in map(Path, files):
        if path.suffix.lower() in KINDS:
            opened[KINDS[path.suffix.lower()]].append(str(path))
        else:
            others.setdefault(path.parent, []).append(path.name)
    said = [f"{kind}: {', '.join(paths)}\n" for kind, paths in opened.items() if paths]
    said += [f"{rest}: {', '.join(names)} in {folder}\n" for folder, names in others.items()]
    return "".join(said)


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


def say_draws(draws: Any) -> None:
    """Say on stderr that draws come from the data folder, or why they do not."""
    from qicsim.runs.posterior import FITTED

    for said in draws.notes:
        sys.stderr.write(f"{'Note' if said.template == FITTED else 'Warning'}: {said}\n")


def warn_of_runs(ensemble: Any, reference: str) -> None:
    """Say on stderr what to know of scenarios that were run, where parameters come from, and what costs lack."""
    from qicsim.inputs.world.money import costs_said
    from qicsim.runs.forks import forks_said
    from qicsim.runs.posterior import FITTED, OF_MODULES, draws_said

    scenarios = {name: runner.scenario for name, runner in ensemble.runners.items()}
    warn_of_scenarios(scenarios.values(), scenarios[reference])
    for said in forks_said(ensemble):
        sys.stderr.write(f"Note: {said}\n")
    for said in (*draws_said(ensemble.draws), *costs_said(one.world.unit_costs for one in ensemble.runners.values())):
        sys.stderr.write(f"{'Note' if said.template in (FITTED, *OF_MODULES) else 'Warning'}: {said}\n")


def warn_of_scenarios(scenarios: Iterable[Any], reference: Any) -> None:
    """Say on stderr what to know of scenarios before comparing them with their reference."""
    from qicsim.inputs.scenario.overrides import OWN_PAST
    from qicsim.inputs.world.scaling import cautions_here

    for said in cautions_here(list(scenarios), reference):
        hint = " `--set` holds a parameter for all scenarios." if said.template == OWN_PAST else ""
        sys.stderr.write(f"Warning: {said}{hint}\n")
