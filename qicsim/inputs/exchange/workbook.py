"""XLSX workbooks of strangers: checked part by part before they are opened, read as text, row by row."""

from __future__ import annotations

import io
import re
import xml.parsers.expat
import zipfile
from bisect import bisect_left, bisect_right
from datetime import date, datetime, time
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from qicsim.ground.files import MEGABYTE

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
MOST_CELLS = 20_000_000
MOST_MERGED = 100_000
MOST_UNCALCULATED = 2_000_000
MOST_BETWEEN_ROWS = 500_000
"""Elements from the beginning of one row to that of the next, or to the end of a sheet."""
MOST_ELEMENTS = {"sst": 10_000_000} | dict.fromkeys(
    ("styleSheet", "workbook", "Relationships", "Types", "Properties", "coreProperties", "chartsheet"), 300_000)
"""Elements of the other parts that are read, by the name of their outermost element."""
HEAD_ROWS = 30
LARGEST_MERGE = 20_000
_RANGE = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_LONGEST_RANGE = 21
_LETTERS, _BEFORE = 26, ord("A") - 1
_LONGEST_ROW = 7


class Cell(NamedTuple):
    """A cell: its row from 1, its column from 0."""

    row: int
    column: int

    @property
    def name(self) -> str:
        """As a spreadsheet writes it."""
        number, letters = self.column + 1, ""
        while number:
            number, letter = divmod(number - 1, _LETTERS)
            letters = chr(letter + 1 + _BEFORE) + letters
        return f"{letters}{self.row}"


class Facts(NamedTuple):
    """First and last cells of merged ranges, cells of formulas that were never calculated, whether there is any."""

    merged: list[tuple[Cell, Cell]]
    uncalculated: list[Cell]
    formulas: bool


NOTHING = Facts([], [], formulas=False)


class Scan:
    """One pass over each part of a workbook; `cells` counts those of all its sheets."""

    def __init__(self) -> None:
        """Nothing was read yet."""
        self.cells = 0

    def facts(self, file: IO[bytes]) -> Facts:
        """The facts of a part, none if it is no sheet; ValueError for what is not safe or would fill the memory.

        A part that is not XML to its end gives what was found so far: whoever reads it next refuses it.
        """
        part = _Part(self)
        try:
            while chunk := file.read(MEGABYTE):
                part.parser.Parse(chunk, False)
            part.parser.Parse(b"", True)
        except xml.parsers.expat.ExpatError:
            pass
        return Facts(part.merged, part.uncalculated, part.formulas)

    def count_cell(self) -> None:
        """Note one more cell."""
        self.cells += 1
        if self.cells > MOST_CELLS:
            raise too_large()


def too_large() -> ValueError:
    """What is said of sheets with more cells than are read."""
    return ValueError(f"is too large: more than {MOST_ROWS:,} rows in a sheet, or {MOST_CELLS:,} cells in all")


class _Part:
    """The state of one part while it is parsed."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.merged: list[tuple[Cell, Cell]] = []
        self.uncalculated: list[Cell] = []
        self.formulas = False
        self.rows = self.row = self.elements = 0
        self.most: int | None = None
        self.cell, self.formula, self.valued = "", False, False
        self.parser = xml.parsers.expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = _refuse_declarations
        self.parser.StartElementHandler = self.outermost

    def outermost(self, tag: str, _attributes: dict[str, str]) -> None:
        """The first element says what the part is."""
        kind = _local(tag)
        if kind == "worksheet":
            self.most = MOST_BETWEEN_ROWS
            self.parser.StartElementHandler = self.of_sheet
        else:
            self.most = MOST_ELEMENTS.get(kind)
            self.parser.StartElementHandler = None if self.most is None else self.of_another

    def of_another(self, _tag: str, _attributes: dict[str, str]) -> None:
        """An element of a part that is no sheet."""
        self.elements += 1
        if self.most is not None and self.elements > self.most:
            raise ValueError(f"is too large: more than {self.most:,} entries in a part of it")

    def of_sheet(self, tag: str, attributes: dict[str, str]) -> None:
        """An element of a sheet."""
        self.of_another(tag, attributes)
        kind = _local(tag)
        if kind == "c":
            self.scan.count_cell()
            self.cell, self.formula, self.valued = attributes.get("r", ""), False, False
        elif kind == "row":
            self._begin_row(attributes.get("r", ""))
        elif kind == "f":
            self.formula = self.formulas = True
            self.parser.EndElementHandler = self.ended
        elif kind == "v" and self.formula:
            self.parser.CharacterDataHandler = self.value
        elif kind == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def ended(self, tag: str) -> None:
        """The end of an element of a cell that holds a formula."""
        kind = _local(tag)
        if kind == "v":
            self.parser.CharacterDataHandler = None
        elif kind == "c":
            self.parser.EndElementHandler = self.parser.CharacterDataHandler = None
            if self.formula and not self.valued:
                self._note_uncalculated()
            self.formula = False

    def value(self, text: str) -> None:
        """Text of the value of a formula."""
        self.valued = self.valued or not text.isspace()

    def _begin_row(self, number: str) -> None:
        self.rows, self.elements = self.rows + 1, 0
        if self.rows > MOST_ROWS:
            raise too_large()
        self.row = int(number) if number.isdecimal() and len(number) <= _LONGEST_ROW else self.row + 1

    def _note_uncalculated(self) -> None:
        """Note the cell, if it stands in the row that its name says."""
        match = _REFERENCE.fullmatch(self.cell[:_LONGEST_RANGE])
        if match and int(match[2]) == self.row:
            self.uncalculated.append(_cell(match[1], match[2]))
            if len(self.uncalculated) > MOST_UNCALCULATED:
                raise ValueError(f"is too large: more than {MOST_UNCALCULATED:,} formulas without a value in a sheet")

    def _merge(self, cells: str) -> None:
        match = _RANGE.fullmatch(cells) if len(cells) <= _LONGEST_RANGE else None
        if match and len(self.merged) < MOST_MERGED:
            self.merged.append((_cell(match[1], match[2]), _cell(match[3], match[4])))


def _local(tag: str) -> str:
    """The name of an element without its prefix."""
    return tag.rpartition(":")[2]


def _refuse_declarations(*_parts: object) -> None:
    raise ValueError("is not a safe XLSX workbook: its XML holds declarations of its own")


def _cell(letters: str, row: str) -> Cell:
    column = 0
    for letter in letters:
        column = column * _LETTERS + ord(letter) - _BEFORE
    return Cell(int(row), column - 1)


# --------------------------------------------------------------------------------------------------- merged cells


def fill_merged(rows: dict[int, list[str]], merged: list[tuple[Cell, Cell]]) -> tuple[list[str], list[str]]:
    """Write the text of merged cells into each of them: down a column, and along a row of the head.

    Gives the ranges that were filled down, and those that were not because a number stands there, which nobody could
    give to one row rather than to all. ValueError, before a range is filled, if the ranges have too many cells.
    """
    filled, numbers, touched = [], [], 0
    known = sorted(rows)
    for first, last in merged:
        text = _text(rows, first)
        down = last.row > first.row
        if not text or (not down and first.row > HEAD_ROWS):
            continue
        if down and text.replace(".", "").replace("%", "").isdecimal():
            numbers.append(f"{first.name}:{last.name}")
            continue
        end = min(last.row, first.row + LARGEST_MERGE)
        within = known[bisect_left(known, first.row):bisect_right(known, end)]
        touched += len(within) * (last.column + 1)
        if touched > MOST_CELLS or last.column >= MOST_COLUMNS:
            raise ValueError(f"is too large: its merged cells take more than {MOST_CELLS:,} cells")
        for row in within:
            cells = rows[row]
            cells += [""] * (last.column + 1 - len(cells))
            cells[first.column:last.column + 1] = [cell or text for cell in cells[first.column:last.column + 1]]
        if down:
            filled.append(f"{first.name}:{last.name}")
    return filled, numbers


def _text(rows: dict[int, list[str]], cell: Cell) -> str:
    cells = rows.get(cell.row, [])
    return cells[cell.column] if cell.column < len(cells) else ""


def mark(rows: dict[int, list[str]], cells: list[Cell], text: str) -> None:
    """Write a text into cells that are empty."""
    for row, column in cells:
        known = rows.setdefault(row, [])
        known += [""] * (column + 1 - len(known))
        known[column] = known[column] or text


# ------------------------------------------------------------------------------------------------------------ workbooks

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
