"""The folder of a new world, to be filled in: every file explained, everything that can be left as it is filled in."""

from __future__ import annotations

from pathlib import Path

from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.files import write_bytes
from qicsim.inputs.country.files import SKELETON as NAME
from qicsim.inputs.country.files import WORLDS

SKELETON = WORLDS / NAME


def write_skeleton(folder: Path) -> list[Path]:
    """Write the files of a new world into a folder that has none of them; SettingError, and nothing written, else."""
    files = sorted(path.relative_to(SKELETON) for path in SKELETON.rglob("*") if path.is_file())
    there = [Fault(str(folder / name), "is there already", "a new folder")
             for name in files if (folder / name).exists()]
    if there or (folder.exists() and any(folder.iterdir())):
        raise SettingError("", there or [Fault(str(folder), "is not empty", "a new folder")])
    for name in files:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(target, (SKELETON / name).read_bytes())
    return [folder / name for name in files]
