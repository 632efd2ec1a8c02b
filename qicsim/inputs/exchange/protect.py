"""What an import must never write over: the files that it reads, and files that another program or person made."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.files import from_json
from qicsim.inputs.exchange.folder import (
    ACCOUNTS,
    JOINED,
    LEVELS,
    PROVENANCE,
    QUALITY,
    QUALITY_PAGES,
    REGISTER,
    SCORES,
    UNITS,
)
from qicsim.inputs.scenario.estimated import RECORD

FILES = (REGISTER, SCORES, JOINED, UNITS, PROVENANCE, QUALITY, *QUALITY_PAGES.values(), ACCOUNTS)
TOUCHED = (*FILES, LEVELS, RECORD)
"""Every name that an import writes or removes in its folder."""
_FACTS = {"qicsim", "files", "counts"}
_PAGES = (b"<title>Quality of the data", "<title>គុណភាពនៃទិន្នន័យ".encode())
"""How a page of an import begins, in English and in Khmer."""
_LOOKED_AT = 20_000


def refuse_harm(inputs: Iterable[Path | str], folder: Path, report: Path | None = None,
                propose: Path | None = None) -> None:
    """SettingError, before anything is read, where the import would write over or remove what is not its own.

    That is an input file (under any path that leads to it), a file of the folder when no earlier import wrote that
    folder, a `report` that is another file than such a page, and a `propose` that is there: it may have been corrected.
    """
    targets = [folder / name for name in TOUCHED]
    faults = [Fault(str(each), f"is an input file, and the import would write over it or remove it at {target}", "",
                    "Choose another folder for --out, or another file for --report")
              for each in inputs for target in (*targets, *([report] if report else [])) if _same(Path(each), target)]
    if not faults:
        faults = _foreign(folder, targets) + ([] if report is None else _report(folder, report))
    if propose is not None and (propose.exists() or not propose.absolute().parent.is_dir()):
        faults.append(Fault(str(propose), "is there already" if propose.exists() else
                            "there is no such folder to write the crosswalk into", "a new file for --propose"))
    if faults:
        raise SettingError("", faults)


def _same(one: Path, other: Path) -> bool:
    """Whether two paths lead to the same file, by links or by another spelling of the name too."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def _foreign(folder: Path, targets: Iterable[Path]) -> list[Fault]:
    """A fault where the folder holds such names and no import wrote it; folders of these names are refused later."""
    there = [each.name for each in targets if each.is_file()]
    if not there or _imported(folder / PROVENANCE):
        return []
    return [Fault(str(folder), f"holds {', '.join(there)}, and no import wrote this folder: it has no {PROVENANCE} of "
                               "`qicsim import`", "a new folder, or one of an earlier import",
                  "Choose another folder, or move these files away")]


def _imported(path: Path) -> bool:
    try:
        facts = from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(facts, dict) and set(facts) >= _FACTS


def _report(folder: Path, report: Path) -> list[Fault]:
    """Faults of the place of the page."""
    if report.is_dir():
        return [Fault(str(report), "is a folder; a file is to be written there")]
    if not report.absolute().parent.is_dir():
        return [Fault(str(report), "there is no such folder to write the page into")]
    if any(report.resolve() == (folder / name).resolve() for name in TOUCHED if name not in QUALITY_PAGES.values()):
        return [Fault(str(report), "is the name of another file of the data folder", "", "Choose another --report")]
    if report.exists() and not _is_page(report):
        return [Fault(str(report), "is there and is not a page of `qicsim import`", "a new file, or an earlier page",
                      "Choose another --report, or move this file away")]
    return []


def _is_page(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            begins = file.read(_LOOKED_AT)
        return any(page in begins for page in _PAGES)
    except OSError:
        return False
