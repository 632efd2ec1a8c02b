"""XLSX workbooks of strangers: checked before they are opened, read as text, row by row."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, NamedTuple

from qicsim.ground.files import MEGABYTE
from qicsim.inputs.exchange.workbook_parts import (
    MOST_CELLS,
    MOST_ROWS,
    NOTHING,
    Cell,
    Facts,
    Scan,
    fill_merged,
    mark,
    too_large,
)

if TYPE_CHECKING:
    import pandas as pd

MOST_UNPACKED = 1000 * MEGABYTE
MOST_PARTS = 2000
HIGHEST_RATIO = 300  # sheets of repeated rows shrink about 100 times, bombs 1,000 times
SMALL = 10 * MEGABYTE
MOST_SHEETS = 500
PERCENT_DIGITS = 10  # 0.57 * 100 is 56.99999999999999


class Sheet(NamedTuple):
    """A sheet as text: columns 0.., index the row numbers of the sheet.

    `filled` are merged ranges whose text stands in each of their cells now, `numbers` those with a number, which stands
    in the first cell only; `uncalculated` names cells of formulas without a value.
    """

    name: str
    rows: pd.DataFrame
    hidden: bool
    filled: list[str]
    numbers: list[str]
    uncalculated: list[str]


def sheets(content: bytes, uncalculated: str = "") -> tuple[list[Sheet], bool]:
    """The sheets of a workbook that are not empty, and whether it holds formulas; ValueError for what is not safe.

    `uncalculated` is the text of the cells of formulas without a value.
    """
    import openpyxl

    parts = _inspect(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        found = _Reading(parts, uncalculated).sheets(book.worksheets)
    except ValueError as reason:
        if str(reason).startswith("is too large"):
            raise
        raise ValueError("is not a workbook that can be read. Save it again as .xlsx") from None
    except Exception:  # noqa: BLE001 (whatever a broken workbook makes the library do)
        raise ValueError("is not a workbook that can be read. Save it again as .xlsx") from None
    return [sheet for sheet in found if sheet is not None], any(each.formulas for each in parts.values())


def _inspect(content: bytes) -> dict[str, Facts]:
    """The facts of every part by its name; ValueError for what would fill the memory, is not safe or no workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _refuse_bombs(parts)
            if "[Content_Types].xml" not in archive.namelist() or not any(
                    part.filename.startswith("xl/") for part in parts):
                raise ValueError("is not an XLSX workbook")
            scan = Scan()
            return {part.filename: _facts(archive, part, scan) for part in parts}
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
        raise ValueError("is not an XLSX workbook: it cannot be unpacked") from None
    except zipfile.zlib.error:  # type: ignore[attr-defined]
        raise ValueError("is not an XLSX workbook: it cannot be unpacked") from None


def _refuse_bombs(parts: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED:
        raise ValueError(f"is too large: it unpacks to {unpacked / MEGABYTE:,.0f} MB in {len(parts):,} parts; at most "
                         f"{MOST_UNPACKED // MEGABYTE:,} MB are read, in at most {MOST_PARTS:,} parts")
    for part in parts:
        if part.file_size > SMALL and part.file_size > HIGHEST_RATIO * max(part.compress_size, 1):
            ratio = part.file_size / max(part.compress_size, 1)
            raise ValueError(f"is too large: a part of it unpacks to {ratio:,.0f} times its size; at most "
                             f"{HIGHEST_RATIO} times are read")


def _facts(archive: zipfile.ZipFile, part: zipfile.ZipInfo, scan: Scan) -> Facts:
    with archive.open(part) as file:
        return scan.facts(file)


class _Reading:
    """The reading of one workbook: the facts of its parts by name, and how many cells were read so far.

    Sheets may lead to one and the same part again and again, so cells count wherever they are read.
    """

    def __init__(self, parts: dict[str, Facts], uncalculated: str) -> None:
        self.parts = parts
        self.uncalculated = uncalculated
        self.seen = 0

    def sheets(self, sheets: list[Any]) -> list[Sheet | None]:
        """Every sheet, None for each that is empty."""
        if len(sheets) > MOST_SHEETS:
            raise ValueError(f"is too large: it has {len(sheets):,} sheets; at most {MOST_SHEETS} are read")
        return [self._sheet(sheet) for sheet in sheets]

    def _sheet(self, sheet: Any) -> Sheet | None:
        rows = self._filled(sheet)
        known = self.parts.get(str(sheet._worksheet_path).lstrip("/"), NOTHING)  # noqa: SLF001 (no other way)
        cells = [cell for cell in known.uncalculated if not _text_of(rows, cell)]
        filled, numbers = fill_merged(rows, known.merged)
        if self.uncalculated:
            mark(rows, cells, self.uncalculated)
        if not rows:
            return None
        return Sheet(str(sheet.title), _table(rows), sheet.sheet_state != "visible", filled, numbers,
                     [cell.name for cell in cells])

    def _filled(self, sheet: Any) -> dict[int, list[str]]:
        """Cells of the rows that hold anything by row number, without empty cells at the end."""
        sheet.reset_dimensions()  # what a sheet says of its size may be wrong
        found: dict[int, list[str]] = {}
        percent: dict[Any, bool] = {}
        for number, row in enumerate(sheet.iter_rows(), start=1):
            self.seen += len(row) + 1
            if number > MOST_ROWS or self.seen > MOST_CELLS:
                raise too_large()
            cells = [_shown(cell, percent) for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                found[number] = cells
        return found


def _text_of(rows: dict[int, list[str]], cell: Cell) -> str:
    return "".join(rows.get(cell.row, [])[cell.column:cell.column + 1])


def _table(rows: dict[int, list[str]]) -> pd.DataFrame:
    import pandas as pd

    width = max(map(len, rows.values()))
    if width * len(rows) > MOST_CELLS:
        raise ValueError(f"is too large: {len(rows):,} rows, of which the widest has {width:,} cells; at most "
                         f"{MOST_CELLS:,} cells are read. A cell far to the right of the table may be the cause")
    numbers = sorted(rows)
    padded = [rows[number] + [""] * (width - len(rows[number])) for number in numbers]
    return pd.DataFrame(padded, index=numbers, dtype=str)


def _shown(cell: Any, percent: dict[Any, bool]) -> str:
    """A cell as text; a number that the workbook shows as a percentage gets its sign: 0.693 is 69.3%."""
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        style = cell._style_id  # noqa: SLF001 (the format itself is looked up once for each style)
        if style not in percent:
            percent[style] = "%" in (cell.number_format or "")
        if percent[style]:
            return f"{cell_text(float(round(value * 100, PERCENT_DIGITS)))}%"
    return cell_text(value)


def cell_text(value: Any) -> str:
    """A cell as text: whole numbers without a point, dates as YYYY-MM-DD."""
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004 (exact)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
