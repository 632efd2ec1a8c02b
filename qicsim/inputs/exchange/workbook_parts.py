"""What a sheet's own XML says and the reader of values does not: merged cells, and formulas without a value."""

from __future__ import annotations

import re
import zipfile
from typing import NamedTuple

MOST_MERGED = 100_000
HEAD_ROWS = 30
LARGEST_MERGE = 20_000
_MERGED = re.compile(rb'<mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_FORMULA = re.compile(rb'<c\s[^>]*?r="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*'
                      rb"(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
_END = b"</sheetData>"
_LETTERS, _BEFORE = 26, ord("A") - 1


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
    """First and last cells of merged ranges, and the cells of formulas that were never calculated."""

    merged: list[tuple[Cell, Cell]]
    uncalculated: list[Cell]


def facts(archive: zipfile.ZipFile, part: str, *, formulas: bool) -> Facts:
    """The facts of a sheet; formulas are looked for only where the workbook has any."""
    content = archive.read(part)
    tail = content[max(content.rfind(_END), 0):]
    merged = [(_cell(one[0], one[1]), _cell(one[2], one[3])) for one in _MERGED.findall(tail)[:MOST_MERGED]]
    return Facts(merged, [_cell(*one) for one in _FORMULA.findall(content)] if formulas else [])


def _cell(letters: bytes, row: bytes) -> Cell:
    column = 0
    for letter in letters:
        column = column * _LETTERS + letter - _BEFORE
    return Cell(int(row), column - 1)


def fill_merged(rows: dict[int, list[str]], merged: list[tuple[Cell, Cell]]) -> tuple[list[str], list[str]]:
    """Write the text of merged cells into each of them: down a column, and along a row of the head.

    Gives the ranges that were filled down, and those that were not because a number stands there, which nobody could
    give to one row rather than to all.
    """
    filled, numbers = [], []
    for first, last in merged:
        text = _text(rows, first)
        down = last.row > first.row
        if not text or (not down and first.row > HEAD_ROWS):
            continue
        if down and text.replace(".", "").replace("%", "").isdecimal():
            numbers.append(f"{first.name}:{last.name}")
            continue
        for row in range(first.row, min(last.row, first.row + LARGEST_MERGE) + 1):
            if row in rows:
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
        there = rows.setdefault(row, [])
        there += [""] * (column + 1 - len(there))
        there[column] = there[column] or text
