"""Input files, opened: tables of text from CSV and XLSX, objects from JSON, whatever the name of the file says."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from qicsim.ground.files import MEGABYTE, read_plain
from qicsim.inputs.exchange.row_audit import Findings
from qicsim.inputs.exchange.synonyms import counted
from qicsim.inputs.exchange.text import csv_rows, decoded
from qicsim.inputs.exchange.workbook import Sheet, sheets

if TYPE_CHECKING:
    import pandas as pd

MOST_BYTES = 500 * MEGABYTE
UNCALCULATED = "formula never calculated"
SHOWN = 10
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class Grid(NamedTuple):
    """A table of text as it stands in a file: columns 0.., index the row numbers; `sheet` is "" for CSV."""

    file: str
    sheet: str
    rows: pd.DataFrame


class Opened(NamedTuple):
    """One input file: its name, role, size in bytes, sha256, form in words; tables, or the object of a JSON file.

    `aside` are the tables of hidden sheets, which are not read.
    """

    name: str
    role: str
    size: int
    sha256: str
    form: str
    grids: tuple[Grid, ...]
    value: Any
    aside: tuple[Grid, ...] = ()


def open_files(paths: Iterable[Path | str], role: str, findings: Findings, taken: Iterable[str] = ()) -> list[Opened]:
    """The files that can be opened; an error in `findings` for each that cannot. No two have the same name."""
    used, found = set(taken), []
    for path in paths:
        name = _name(Path(path).name, used)
        used.add(name)
        try:
            found.append(_opened(name, role, read_plain(path, MOST_BYTES), findings))
        except ValueError as reason:
            findings.error("unreadable file", str(path), str(reason))
    return found


def _name(name: str, used: set[str]) -> str:
    return next(each for number in range(1, len(used) + 2)
                if (each := name if number == 1 else f"{name} ({number})") not in used)


def _opened(name: str, role: str, content: bytes, findings: Findings) -> Opened:
    grids: tuple[Grid, ...] = ()
    aside: tuple[Grid, ...] = ()
    value = None
    if content.startswith(_OLD_EXCEL):
        raise ValueError("is a workbook of an old Excel or is locked by a password. Save it as .xlsx without one")
    if content.startswith(_ZIP):
        form = "XLSX"
        found, formulas = sheets(content, UNCALCULATED if role == "scores" else "")
        grids, aside = (tuple(Grid(name, sheet.name, sheet.rows) for sheet in found if sheet.hidden == hidden)
                        for hidden in (False, True))
        _say_sheets(name, found, findings)
        if formulas:
            findings.note("formulas", name, "holds formulas; their last calculated values are read, and one that was "
                                            "never calculated is read as empty")
    else:
        text, encoding = decoded(content)
        if encoding == "Windows-1252":
            findings.warning("encoding", name, "is not UTF-8; it is read as Windows-1252",
                             hint="Check names with accents; Khmer text needs UTF-8")
        form = f"CSV, {encoding}"
        if text.lstrip()[:1] in ("{", "["):
            form, value = f"JSON, {encoding}", _json(text)
        else:
            grids = (Grid(name, "", csv_rows(text)),)
    if value is None and not grids:
        raise ValueError("has only hidden sheets" if aside else "is empty")
    return Opened(name, role, len(content), sha256(content).hexdigest(), form, grids, value, aside)


def _say_sheets(name: str, found: Iterable[Sheet], findings: Findings) -> None:
    """What is special about the sheets of a workbook."""
    for sheet in found:
        where = f"{name}, sheet {sheet.name}"
        if sheet.hidden:
            findings.warning("hidden sheet", where,
                             f"is hidden; its {counted(len(sheet.rows), 'row is', 'rows are')} not read",
                             hint="Unhide it in the workbook to have it read", count=len(sheet.rows))
            continue
        if sheet.filled:
            findings.note("merged cells", where, f"the text of merged cells is taken for each of their rows: "
                          f"{', '.join(sheet.filled[:SHOWN])}", count=len(sheet.filled))
        if sheet.numbers:
            findings.warning("merged cells", where, "numbers in cells that are merged over several rows count for the "
                             f"first row only: {', '.join(sheet.numbers[:SHOWN])}", count=len(sheet.numbers))
        if sheet.uncalculated:
            count = len(sheet.uncalculated)
            number = counted(count, "cell holds a formula", "cells hold formulas")
            findings.warning("formulas without a value", where, f"{number} without a value, the first is "
                             f"{sheet.uncalculated[0]}; never calculated, read as empty",
                             hint="Open the workbook in a spreadsheet program, and save it", count=count)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as reason:
        where = f" (line {reason.lineno})" if isinstance(reason, json.JSONDecodeError) else ""
        raise ValueError(f"is not JSON{where}") from None
