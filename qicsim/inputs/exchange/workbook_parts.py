"""What the XML of a workbook says, part by part, before anything of it is kept.

How large it is, whether it is safe, which cells are merged, and which formulas were never calculated. Every part is
parsed once, from its beginning to its end, so that the work grows as the file does, whatever a stranger wrote into it.
"""

from __future__ import annotations

import re
import xml.parsers.expat
from bisect import bisect_left, bisect_right
from typing import IO, NamedTuple

from qicsim.ground.files import MEGABYTE

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
