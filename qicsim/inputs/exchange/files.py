"""Input files, opened: tables of text from CSV and XLSX, objects from JSON, whatever the name of the file says."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterable
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from qicsim.ground.files import MEGABYTE, read_plain
from qicsim.ground.translatable import tell
from qicsim.inputs.exchange.findings import Findings
from qicsim.inputs.exchange.words import counted
from qicsim.inputs.exchange.workbook import Sheet, sheets

if TYPE_CHECKING:
    import pandas as pd

SEPARATORS = (",", ";", "\t", "|")
HEAD = 50
MOST_COLUMNS = 1000
MOST_CELLS = 50_000_000
_BOMS = ((codecs.BOM_UTF8, "utf-8", "UTF-8 with a byte-order mark"), (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
         (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"))


def decoded(content: bytes) -> tuple[str, str]:
    """The text of a file and the name of its encoding; ValueError, in plain words, when it is no text."""
    for mark, encoding, name in _BOMS:
        if content.startswith(mark):
            return _strict(content[len(mark):], encoding), name
    for encoding in _wide(content):
        return _strict(content, encoding), "UTF-16"
    try:
        return _no_binary(content.decode("utf-8")), "UTF-8"
    except UnicodeDecodeError:
        return _strict(content, "cp1252"), "Windows-1252"


def _wide(content: bytes) -> list[str]:
    """UTF-16 without a mark: in a header of Latin letters every other byte is 0."""
    head = content[:200]
    if len(head) < 4 or len(content) % 2:  # noqa: PLR2004 (two characters)
        return []
    even, odd = (head[start::2].count(0) / len(head[start::2]) for start in (0, 1))
    most = 0.7
    if even > most and not odd:
        return ["utf-16-be"]
    return ["utf-16-le"] if odd > most and not even else []


def _strict(content: bytes, encoding: str) -> str:
    try:
        return _no_binary(content.decode(encoding))
    except UnicodeDecodeError:
        raise ValueError("is not text in UTF-8, UTF-16 or Windows-1252. In a spreadsheet, save it as CSV UTF-8"
                         ) from None


def _no_binary(text: str) -> str:
    if "\x00" in text:
        raise ValueError("is not text: it holds bytes that are 0")
    return text


def csv_rows(text: str) -> pd.DataFrame:
    """The cells of a CSV table as text, columns 0.., index 1..; ValueError, in plain words, when it is none.

    The separator is found from the first lines. Rows that are shorter than the longest one end in empty cells.
    """
    import pandas as pd

    if not text.strip():
        raise ValueError("is empty")
    if text.lstrip()[:1] == "<":
        raise ValueError("is XML or a page of the web, which is not read. Download it as CSV, JSON or XLSX")
    separator, width = _form(text)
    lines = 1 + max(text.count("\n"), text.count("\r"))
    if lines * width > MOST_CELLS:
        raise ValueError(f"is too large: {lines:,} lines of {width:,} cells; at most {MOST_CELLS:,} cells are read")
    try:
        frame = pd.read_csv(io.BytesIO(text.encode()), header=None, names=range(width), index_col=False, dtype=str,
                            na_filter=False, skip_blank_lines=False, sep=separator, on_bad_lines="error",
                            low_memory=False, skipinitialspace=_spaced(text, separator))
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as reason:
        raise ValueError(_refusal(str(reason))) from None
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return frame.fillna("")


def _spaced(text: str, separator: str) -> bool:
    """Whether spaces stand between separators and quotation marks in the first row, as some programs write them."""
    first = text[:10_000].split("\n", 1)[0]
    return first.count(f'{separator} "') > 1 and first.lstrip().startswith('"')


def _form(text: str) -> tuple[str, int]:
    """Separator and number of columns: the separator that cuts the first lines into most cells."""
    best = max(SEPARATORS, key=lambda separator: _cells(text, separator)[0])
    return best, _cells(text, best)[1]


def _cells(text: str, separator: str) -> tuple[int, int]:
    """How many rows of the head are cut in two or more, weighed by cells, and the width of the widest row."""
    head = io.StringIO(text[:1_000_000], newline="")
    try:
        reader = csv.reader(head, delimiter=separator, skipinitialspace=_spaced(text, separator))
        widths = [len(cells) for cells in islice(reader, HEAD)]
    except csv.Error:
        widths = [line.count(separator) + 1 for line in text[:100_000].splitlines()[:HEAD]]
    width = max(widths, default=1)
    if width > MOST_COLUMNS:
        raise ValueError(f"has {width:,} columns; at most {MOST_COLUMNS:,} are read")
    return sum(each - 1 for each in widths), max(width, 1)


def _refusal(reason: str) -> str:
    """What pandas says, in words of a planner."""
    if "Expected" in reason and "saw" in reason:
        words = reason[reason.index("Expected"):].replace("Expected", "is not a table: expected").replace(
            "fields in line", "cells in row").replace("saw", "found").strip()
        return f"{words}. A comma inside a text needs double quotes around the text"
    if "EOF inside string" in reason:
        return "is not a CSV table: double quotes are opened and not closed"
    return "is not a CSV table"


# ---------------------------------------------------------------------------------------------------------------- files

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
            findings.note("formulas", name, tell(
                "holds formulas; their last calculated values are read, and one that was never calculated is read as "
                "empty"))
    else:
        text, encoding = decoded(content)
        if encoding == "Windows-1252":
            findings.warning("encoding", name, tell("is not UTF-8; it is read as Windows-1252"),
                             hint=tell("Check names with accents; Khmer text needs UTF-8"))
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
                             counted(len(sheet.rows), "is hidden; its {count} row is not read",
                                     "is hidden; its {count} rows are not read"),
                             hint=tell("Unhide it in the workbook to have it read"), count=len(sheet.rows))
            continue
        if sheet.filled:
            findings.note("merged cells", where, tell(
                "the text of merged cells is taken for each of their rows: {cells}",
                cells=", ".join(sheet.filled[:SHOWN])), count=len(sheet.filled))
        if sheet.numbers:
            findings.warning("merged cells", where, tell(
                "numbers in cells that are merged over several rows count for the first row only: {cells}",
                cells=", ".join(sheet.numbers[:SHOWN])), count=len(sheet.numbers))
        if sheet.uncalculated:
            count = len(sheet.uncalculated)
            findings.warning("formulas without a value", where, counted(
                count, "{count} cell holds a formula without a value, the first is {cell}; never calculated, read as "
                "empty",
                "{count} cells hold formulas without a value, the first is {cell}; never calculated, read as empty",
                cell=sheet.uncalculated[0]),
                             hint=tell("Open the workbook in a spreadsheet program, and save it"), count=count)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as reason:
        where = f" (line {reason.lineno})" if isinstance(reason, json.JSONDecodeError) else ""
        raise ValueError(f"is not JSON{where}") from None
