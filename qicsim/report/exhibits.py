"""Exhibits: a table is declared once, with typed cells, and rendered to a page, a workbook or a Word document.

    Table("value", say("Value for money"), (Column(say("Option")), Column(say("Cost"), MONEY)), rows)

A cell is text, a number, an interval, or a `Number` where its form is not that of its column. Papers that are read show
money in millions, shares as percentages and an interval in brackets; workbooks hold full numbers, with the two ends of
an interval in columns of their own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from qicsim.ground.intervals import Interval
from qicsim.ground.numbers import NONE, brief, millions, number, signed
from qicsim.plan.record import COUNT, MONEY, POINTS, RATE, SHARE
from qicsim.report.book.sheet import ASIDE, HEAD, HEAD_RIGHT, TENTH, WRAPPED, Sheet
from qicsim.report.elements import Markup, joined, tag
from qicsim.report.elements import table as html_table
from qicsim.report.formatting import interval
from qicsim.report.language import say
from qicsim.report.word import Lines, Word

TEXT, THOUSANDS, THOUSAND_USD, DOLLARS = "", "thousands", "thousand US$", "US$"
BRIEF, CORRELATION, MILLIONS = "brief", "correlation", "millions"
SCALE = {COUNT: 1.0, POINTS: 1.0, SHARE: 100.0, RATE: 1.0, MONEY: 1e-6, THOUSANDS: 1e-3, THOUSAND_USD: 1e-3,
         DOLLARS: 1.0, CORRELATION: 1.0}
DIGITS = {COUNT: 0, POINTS: 1, SHARE: 0, RATE: 2, MONEY: 1, THOUSANDS: 0, THOUSAND_USD: 0, DOLLARS: 0, CORRELATION: 2}
IN_CELLS = {THOUSANDS: COUNT, THOUSAND_USD: MONEY, DOLLARS: MONEY, BRIEF: TENTH, MILLIONS: MONEY}
"""Forms of numbers of a workbook where they are not called as in the papers that are read."""
AS_IN_TEXT = {BRIEF: brief, MILLIONS: millions}
"""Forms whose digits are those of running text; the title of a table in `MILLIONS` says US$ million."""


class Number(NamedTuple):
    """A number or an interval with a form of its own, and whether a plus is written."""

    value: float | Interval[float]
    form: str
    sign: bool = False


@dataclass(frozen=True)
class Column:
    """A column: its head, the form of its numbers, its share of a printed page's width, and how intervals stand.

    `stacked` puts an interval under its mean, for narrow columns; `sign` writes a plus.
    """

    head: str
    form: str = TEXT
    width: float = 2.0
    sign: bool = False
    stacked: bool = False


Cell = str | float | Interval[float] | Number


@dataclass(frozen=True)
class Table:
    """A table: its name in files, title, columns and rows, a note under it, and whether its last row adds up."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    total: bool = False

    def only(self, *columns: int) -> Table:
        """The table with some of its columns."""
        return replace(self, columns=tuple(self.columns[at] for at in columns),
                       rows=[[row[at] for at in columns] for row in self.rows])


def amount(value: float, form: str, *, sign: bool = False) -> str:
    """A number in the scale and digits of its form, without its unit; a dash where there is none."""
    if form in AS_IN_TEXT:
        return AS_IN_TEXT[form](value, sign=sign) if math.isfinite(value) else NONE
    return (signed if sign else number)(float(value) * SCALE[form], DIGITS[form])


def ends(known: Interval[float], form: str, *, sign: bool = False) -> str:
    """The two ends of an interval; a dash where there are none."""
    if form in AS_IN_TEXT:
        low, high = (amount(float(end), form, sign=sign) for end in (known.low, known.high))
        return NONE if NONE in (low, high) else say("{low} to {high}", low=low, high=high)
    return interval(float(known.low) * SCALE[form], float(known.high) * SCALE[form], DIGITS[form], sign=sign)


def spelled(known: Interval[float], form: str, *, sign: bool = False) -> str:
    """Mean and interval, such as `61.2 (55.0 to 66.1)`; a dash where no run has a value."""
    mean = amount(float(known.mean), form, sign=sign)
    return mean if mean == NONE else f"{mean} ({ends(known, form, sign=sign)})"


def unit_of(form: str, *, cells: bool = False) -> str:
    """What a column's head says of its unit; "" where the head says it itself."""
    if form == MONEY:
        return say("US$") if cells else say("US$ million")
    return {THOUSAND_USD: say("thousand US$"), THOUSANDS: say("thousands"), DOLLARS: say("US$")}.get(form, "")


def _typed(cell: Cell, column: Column) -> Number | str:
    if isinstance(cell, str | Number):
        return cell
    return Number(cell, column.form, column.sign)


def _head(column: Column, *, cells: bool = False) -> str:
    unit = unit_of(column.form, cells=cells)
    return f"{column.head}, {unit}" if unit else column.head


def _read(cell: Number | str, *, stacked: bool) -> object:
    """A cell for a reader of words."""
    if isinstance(cell, str):
        return cell
    value, form, sign = cell
    if not isinstance(value, Interval):
        percent = "\u00a0%" if form == SHARE and not sign and math.isfinite(value) else ""
        return amount(float(value), form, sign=sign) + percent
    if stacked and math.isfinite(value.mean):
        return Lines((amount(float(value.mean), form, sign=sign), f"({ends(value, form, sign=sign)})"))
    return spelled(value, form, sign=sign)


# ----------------------------------------------------------------------------------------------------------- renderers


def to_word(word: Word, table: Table) -> None:
    """A table of a document, with its note under it."""
    word.table(table.title, [_head(one) for one in table.columns],
               [[_read(_typed(cell, column), stacked=column.stacked)
                 for cell, column in zip(row, table.columns, strict=True)] for row in table.rows],
               widths=[one.width for one in table.columns], total=table.total)
    if table.note:
        word.paragraph(table.note)


def to_html(table: Table, marked: frozenset[int] = frozenset(), *, class_: str = "") -> Markup:
    """A table of a page; intervals are small."""
    rows = [[_markup(_typed(cell, column)) for cell, column in zip(row, table.columns, strict=True)]
            for row in table.rows]
    return html_table(table.title, [_head(one) for one in table.columns], rows, class_=class_, marked=marked)


def _markup(cell: Number | str) -> object:
    if isinstance(cell, str) or not isinstance(cell.value, Interval) or cell.value.n <= 1:
        bare = cell if isinstance(cell, str) or not isinstance(cell.value, Interval) else cell._replace(
            value=float(cell.value.mean))
        return _read(bare, stacked=False)
    small = tag("span", ends(cell.value, cell.form, sign=cell.sign), class_="interval")
    return joined((amount(float(cell.value.mean), cell.form, sign=cell.sign), small), " ")


def to_sheet(sheet: Sheet, table: Table, row: int) -> int:
    """Heads in a row of a worksheet and the table under them; returns its last row."""
    at = 0
    for place, column in enumerate(table.columns):
        cells = [_typed(one[place], column) for one in table.rows]
        spread = any(isinstance(one, Number) and isinstance(one.value, Interval) for one in cells)
        words = all(isinstance(one, str) for one in cells) and column.form == TEXT
        names = [_head(column, cells=True)]
        if spread:
            names += [f"{names[0]}\n{say('low')}", f"{names[0]}\n{say('high')}"]
        for offset, name in enumerate(names):
            sheet.text(row, at + offset, name, HEAD if words else HEAD_RIGHT)
        for line, one in enumerate(cells, start=row + 1):
            _fill(sheet, one, (line, at), aside=place > 0 and not words)
        at += len(names)
    return row + len(table.rows)


def _fill(sheet: Sheet, cell: Number | str, where: tuple[int, int], *, aside: bool) -> None:
    line, at = where
    if isinstance(cell, str):
        sheet.text(line, at, cell, ASIDE if aside else WRAPPED)
        return
    value, form = cell.value, IN_CELLS.get(cell.form, cell.form)
    held = (value.mean, value.low, value.high) if isinstance(value, Interval) else (value,)
    scale = SCALE[cell.form] if cell.form in (THOUSANDS, THOUSAND_USD) else 1.0
    sheet.numbers(line, at, [scale * float(one) for one in held], form, WRAPPED)


def width_in_cells(table: Table) -> int:
    """How many columns a table takes in a worksheet."""
    return sum(1 + 2 * any(isinstance(cell, Interval) or (isinstance(cell, Number) and isinstance(cell.value, Interval))
                           for cell in (row[place] for row in table.rows)) for place in range(len(table.columns)))
