"""Reading a CSV table that somebody else wrote: every fault at once, with line, column and what is allowed.

    table = read_table(path, layout, RegisterError)
    values = [row.number("population", low=0) for row in table.rows]
    table.refuse_faults()

A cell that is not usable gives a neutral value (nan or "") and a fault, so that reading goes on to the end.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qicsim.ground.errors import MOST_SHOWN, Fault, InputError, SettingError, nearest
from qicsim.ground.files import MEGABYTE, read_plain, write_text

MOST_COLUMNS = 1000
DATA_LIMIT = 20 * MEGABYTE
SHOWN = 60
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Layout:
    """The columns that a table must have, those that it may have, and its largest size in bytes.

    Columns whose names match `more` may stand there too; `alias` holds other names of columns.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    limit: int = DATA_LIMIT
    more: re.Pattern[str] | None = None
    alias: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the table may have."""
        return self.required + self.optional


@dataclass
class Row:
    """One line of a table; its methods read a cell, or note what is wrong with it."""

    line: int
    cells: dict[str, str]
    faults: list[Fault]

    def fault(self, column: str, found: str, *, allowed: str = "", hint: str = "") -> None:
        """Note a fault of one cell."""
        self.faults.append(Fault(f"line {self.line}, {column}", found, allowed, hint))

    def optional_text(self, column: str) -> str:
        """The text of a cell, "" when it is empty or the column is missing."""
        text = self.cells.get(column, "")
        if _CONTROL.search(text):
            self.fault(column, f"{text!r} holds a line break or another control character", allowed="one line of text")
            return ""
        return text

    def text(self, column: str) -> str:
        """The text of a cell that must not be empty."""
        text = self.optional_text(column)
        if self.cells.get(column) == "":
            self.fault(column, "is empty", allowed="text")
        return text

    def choice(self, column: str, allowed: Sequence[str]) -> str:
        """One of the allowed words, or "" with a fault."""
        word = self.text(column)
        if not word or word in allowed:
            return word
        self.fault(column, f'"{word}" is not known', allowed=listed(allowed),
                   hint=suggest(word, allowed) if len(self.faults) < MOST_SHOWN else "")
        return ""

    def number(self, column: str, *, low: float = -math.inf, high: float = math.inf) -> float:
        """A finite number from `low` to `high`, or nan with a fault."""
        text = self.text(column)
        if not text:
            return math.nan
        if not _NUMBER.fullmatch(text):
            self.fault(column, f'"{text[:SHOWN]}" is not a number', allowed=span(low, high), hint=_number_hint(text))
            return math.nan
        value = float(text)
        if not math.isfinite(value) or not low <= value <= high:
            self.fault(column, f"{text[:SHOWN]} is out of range", allowed=span(low, high))
            return math.nan
        return value

    def optional_number(self, column: str, *, low: float, high: float) -> float:
        """Like `number`, but nan without a fault when the cell is empty or the column is missing."""
        return self.number(column, low=low, high=high) if self.cells.get(column) else math.nan


@dataclass
class Table:
    """The rows of one file and the faults found so far."""

    source: str
    error: type[InputError]
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, place: str, found: str, *, allowed: str = "", hint: str = "") -> None:
        """Note a fault of the table as a whole."""
        self.faults.append(Fault(place, found, allowed, hint))

    def refuse_repeats(self, column: str) -> None:
        """Note each value of `column` that stands on an earlier line already."""
        first: dict[str, int] = {}
        for row in self.rows:
            value = row.cells.get(column, "")
            if value and value in first:
                row.fault(column, f'"{value}" stands on line {first[value]} already', allowed="each once")
            first.setdefault(value, row.line)

    def refuse_missing(self, column: str, expected: Iterable[str]) -> None:
        """Note each expected value that no row of `column` holds, unless the column itself is missing."""
        found = {row.cells[column] for row in self.rows if column in row.cells}
        if self.rows and not found:
            return
        for value in expected:
            if value not in found:
                self.fault(column, f'"{value}" is missing', allowed="one row for it")

    def refuse_faults(self) -> None:
        """Raise the table's error, with every fault, if there are any."""
        if self.faults:
            raise self.error(self.source, self.faults)


def read_table(path: Path | str, layout: Layout, error: type[InputError]) -> Table:
    """The rows of a CSV file; raises `error` at once when it cannot be read as a table at all."""
    table = Table(str(path), error)
    try:
        lines = _lines(_decoded(Path(path), layout.limit))
    except ValueError as reason:
        raise error(table.source, [Fault("", str(reason))]) from None
    header = [layout.alias.get(cell.strip(), cell.strip()) for cell in lines[0][1]]
    _check_header(table, header, layout)
    for line, cells in lines[1:]:
        if len(cells) == len(header):
            table.rows.append(Row(line, dict(zip(header, map(str.strip, cells), strict=True)), table.faults))
        else:
            table.fault(f"line {line}", f"has {len(cells)} cells where the header has {len(header)}",
                        hint="A comma inside a text needs double quotes around the text.")
    return table


def _decoded(path: Path, limit: int) -> str:
    """The text of a file; ValueError with a plain sentence when there is none."""
    try:
        return read_plain(path, limit).decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        line = reason.object.count(b"\n", 0, reason.start) + 1
        raise ValueError(f'is not UTF-8 text (line {line}). In a spreadsheet, save it as "CSV UTF-8"') from None


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Line number and cells of every line that is not blank, header first; ValueError when there is none."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as reason:
        raise ValueError(f"line {reader.line_num}: is not CSV ({reason})") from None
    if not lines:
        raise ValueError("is empty")
    return lines


def _check_header(table: Table, header: list[str], layout: Layout) -> None:
    """Note unknown, repeated and missing columns; raise at once when no column is known."""
    known, earlier = set(layout.columns), set[str]()
    if len(header) > MOST_COLUMNS:
        raise table.error(table.source, [Fault("line 1", f"has {len(header):,} columns", f"at most {MOST_COLUMNS:,}")])
    if known.isdisjoint(header):
        hint = "Columns are separated by commas, not by semicolons." if ";" in header[0] else ""
        table.fault("line 1", "is not a header", allowed=listed(layout.columns), hint=hint)
        table.refuse_faults()
    for column in header:
        if column not in known and not (layout.more and layout.more.fullmatch(column)):
            table.fault("line 1", f'"{column}" is not a column', allowed=listed(layout.columns),
                        hint=suggest(column, known.difference(header)))
        elif column in earlier:
            table.fault("line 1", f'the column "{column}" stands twice')
        earlier.add(column)
    for column in layout.required:
        if column not in header:
            table.fault("line 1", f'the column "{column}" is missing')


def _number_hint(text: str) -> str:
    """What a spreadsheet may have done to a number."""
    if not re.fullmatch(r"[\d.,'\s]+", text):
        return ""
    return "Write numbers with a decimal point and no separators, like 1250.5."


def suggest(word: str, allowed: Iterable[str]) -> str:
    """The nearest allowed word, whatever its capitals."""
    allowed = sorted(allowed)
    return next(filter(None, (nearest(form, allowed) for form in (word, word.lower(), word.title(), word.upper()))), "")


def listed(words: Iterable[str]) -> str:
    """Words in one line."""
    return ", ".join(words)


def span(low: float, high: float) -> str:
    """A range in words."""
    if math.isinf(high):
        return "a finite number" if math.isinf(low) else f"{low:,.10g} or more"
    return f"{low:,.10g} to {high:,.10g}"


def write_new(path: Path | str, text: str) -> None:
    """Write UTF-8 text; SettingError if it cannot be, or if a file with another text is there."""
    place = Path(path)
    try:
        if place.exists() and place.read_bytes() != text.encode():
            raise SettingError(str(path), [Fault("", "is there already and holds something else", "a new name",
                                                 "Move it away if it is not needed")])
        write_text(place, text)
    except OSError as reason:
        raise SettingError(str(path), [Fault("", f"cannot be written: {reason.strerror}")]) from None
