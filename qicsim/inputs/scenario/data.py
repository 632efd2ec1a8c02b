"""A scenario on a data folder of `qicsim import`: its facilities, levels of their scores, who joined when."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from qicsim.ground.errors import DataError, Fault
from qicsim.ground.files import from_json
from qicsim.ground.translatable import Told, tell
from qicsim.inputs.country import Country, default_country
from qicsim.inputs.scenario.estimated import LEVELS, REGISTER, SCORES, notes_of
from qicsim.inputs.scenario.record import Scenario

JOINED, PROVENANCE = "joined.csv", "provenance.json"
IN_FOLDER = {"register": REGISTER, "joined": JOINED, "levels": LEVELS}
"""The data files of a scenario that a data folder may hold, by kind."""


def with_data(scenario: Scenario, folder: Path | str) -> Scenario:
    """The scenario with the register, the levels and the roll-out history of a data folder in place of its own.

    DataError when the folder cannot be used, or when it holds scores whose levels were never estimated.
    """
    files = folder_files(folder)
    refuse_other_world(Path(folder), scenario.country)
    kept = {kind: path for kind, path in scenario.data.items() if kind not in IN_FOLDER}
    return replace(scenario, data={**kept, **files},
                   assumptions=(*scenario.assumptions, _said(Path(folder), files), *notes_of(Path(folder))))


def world_of(folder: Path) -> str:
    """The name of the world that a data folder was imported for; that of the default one where it does not say.

    DataError where the file that says it is damaged.
    """
    file = folder / PROVENANCE
    if not file.is_file():
        return default_country().key
    try:
        said = from_json(file.read_text(encoding="utf-8"))
        return str(said.get("world", {"name": default_country().key})["name"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        way = f'Import into a new folder; or delete it, and the folder counts as one of "{default_country().key}"'
        raise DataError(str(file), [Fault("", "is damaged: it does not say what the folder was imported from", "", way)
                                    ]) from None


def refuse_other_world(folder: Path, country: Country) -> None:
    """DataError where a data folder was imported for another world than the one that is simulated."""
    said = world_of(folder)
    if said != country.key:
        raise DataError(str(folder), [Fault("", f'was imported for the world "{said[:60]}", and "{country.key}" is '
                                            "simulated", f"--world {said[:60]}, or a folder imported with "
                                            f"--world {country.key}")])


def folder_files(folder: Path | str) -> dict[str, Path]:
    """The data files of a folder by kind; DataError when it has no register, or scores without levels."""
    place = Path(folder)
    files = {kind: place / name for kind, name in IN_FOLDER.items() if (place / name).is_file()}
    if not place.is_dir():
        raise DataError(os.fspath(folder), [Fault("", "is no folder", "a data folder, as `qicsim import` writes it")])
    if "register" not in files:
        raise DataError(os.fspath(folder), [Fault("", f"holds no {REGISTER}", "a data folder, as `qicsim import` "
                                                                              "writes it")])
    if (place / SCORES).is_file() and "levels" not in files:
        raise DataError(os.fspath(folder), [Fault("", f"holds {SCORES} but no {LEVELS}", hint=(
            "qicsim.inputs.observed.levels.write_levels(folder) estimates it"))])
    return {kind: path.resolve() for kind, path in files.items()}


SAID = {
    (False, False): 'Facilities are those of the data folder "{folder}".',
    (True, False): 'Facilities are those of the data folder "{folder}"; their recorded scores start from the levels '
                   "estimated from its scores.",
    (False, True): 'Facilities are those of the data folder "{folder}"; who joined when is as it says, and nobody else '
                   "joins until its last month.",
    (True, True): 'Facilities are those of the data folder "{folder}"; their recorded scores start from the levels '
                  "estimated from its scores; who joined when is as it says, and nobody else joins until its last "
                  "month."}
"""What is taken from a folder, by whether there are levels, and who joined, as an assumption of the scenario."""


def _said(folder: Path, files: dict[str, Path]) -> Told:
    return tell(SAID["levels" in files, "joined" in files], folder=folder.resolve().name)
