"""A worksheet that cannot hold a formula by accident: text is text, numbers have a form, totals are formulas.

Whatever comes from a user goes through `Sheet.text`, which writes a string cell; where the text begins like a formula
the cell is also marked as quoted, so that it stays text when somebody edits it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from qicsim.ground.files import FORMULA_STARTS
from qicsim.plan.record import COUNT, MONEY, POINTS, RATE, SHARE
from qicsim.report.language import say

HEAD_COLOUR, TOTAL_COLOUR, RULE_COLOUR, SOFT_COLOUR = "#1F4E79", "#DDEBF7", "#BFBFBF", "#595959"
TENTH, YEAR, PERCENT = "tenth", "year", "percent"
FORMS = {COUNT: "#,##0", POINTS: "0.0", SHARE: "0.0%", RATE: "0.00", MONEY: "#,##0", "factor": "0.0000",
         "correlation": "0.00", "currency": "#,##0.00", "significant": "0.####", TENTH: "#,##0.0", YEAR: "0",
         PERCENT: "0.0##%", "price": "#,##0.00"}
PER_SHARE = 100.0  # percentage points
LONGEST_TEXT = 32_000  # a cell holds 32,767 characters
A4 = 9
MOST_PRINTED = 200  # rows of a table that print shows; longer ones are lists to filter
LINE_HEIGHT = 15.0  # points, of a line in the usual font
USUAL_WIDTH, WIDEST, SIGN_WIDTH, PADDING = 8.43, 60.0, 1.05, 2.0  # characters
SIGNS_IN_WIDTH = 1.1  # a width counts digits, and words have narrow letters

TEXT, WRAPPED, HEAD, TITLE, NOTE, TOTAL, STRONG = "text", "wrapped", "head", "title", "note", "total", "strong"
HEAD_RIGHT, HEAD_ASIDE, INPUT, WARNING = "head to the right", "head aside", "input", "warning"
# Aside: words to the right of numbers, kept off them.
STRONG_WRAPPED, ASIDE, SUM = "strong wrapped", "aside", "sum of a row"
_HEAD = {"bold": True, "font_color": "#FFFFFF", "bg_color": HEAD_COLOUR, "text_wrap": True, "valign": "vcenter",
         "border": 1, "border_color": RULE_COLOUR}
# Styles whose rows grow with their text.
_ROOM = {HEAD, HEAD_RIGHT, HEAD_ASIDE, WRAPPED, ASIDE, NOTE, WARNING, STRONG_WRAPPED, TOTAL}
_STYLES: dict[str, dict[str, Any]] = {
    TEXT: {"valign": "top"},
    WRAPPED: {"valign": "top", "text_wrap": True},
    ASIDE: {"valign": "top", "text_wrap": True, "align": "left", "indent": 1},
    HEAD: _HEAD,
    HEAD_RIGHT: _HEAD | {"align": "right"},
    HEAD_ASIDE: _HEAD | {"align": "left", "indent": 1},
    TITLE: {"bold": True, "font_size": 14},
    NOTE: {"italic": True, "font_color": SOFT_COLOUR, "valign": "top", "text_wrap": True},
    WARNING: {"bold": True, "bg_color": "#FCE4D6", "valign": "top", "text_wrap": True},
    TOTAL: {"bold": True, "bg_color": TOTAL_COLOUR, "top": 1, "valign": "top", "text_wrap": True},
    SUM: {"bold": True, "bg_color": TOTAL_COLOUR, "valign": "top"},
    INPUT: {"bold": True, "bg_color": "#FFF2CC", "border": 1, "border_color": RULE_COLOUR, "valign": "top"},
    STRONG: {"bold": True, "font_size": 12, "valign": "top"},
    STRONG_WRAPPED: {"bold": True, "valign": "top", "text_wrap": True},
}


def lines_of(text: str, width: float) -> int:
    """How many lines wrapped text takes in a column of a width in characters."""
    return sum(math.ceil(max(len(line), 1) / (width * SIGNS_IN_WIDTH)) for line in text.splitlines())


# --------------------------------------------------------------------------------------------------------- addresses


def cell(row: int, column: int, *, sheet: str = "", fixed: bool = False) -> str:
    """The name of a cell, like C5 or $C$5; with the sheet in front if one is named (in English)."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    where = f"'{say(sheet)}'!" if sheet else ""
    return f"{where}{xl_rowcol_to_cell(row, column, row_abs=fixed, col_abs=fixed)}"


def block(first: tuple[int, int], last: tuple[int, int], *, sheet: str = "", fixed: bool = False) -> str:
    """A range of cells, like C5:F5; with the sheet in front if one is named."""
    where = f"'{say(sheet)}'!" if sheet else ""
    return f"{where}{cell(*first, fixed=fixed)}:{cell(*last, fixed=fixed)}"


def total(first: tuple[int, int], last: tuple[int, int]) -> str:
    """The formula of a sum over a range."""
    return f"=SUM({block(first, last)})"


def total_shown(first: tuple[int, int], last: tuple[int, int]) -> str:
    """The formula of a sum over the rows of a range that a filter leaves visible."""
    return f"=SUBTOTAL(109,{block(first, last)})"


# ------------------------------------------------------------------------------------------------------------- sheets


class Book:
    """An xlsxwriter workbook with its formats, each made once."""

    def __init__(self, workbook: Any) -> None:
        """Take over a workbook."""
        self.workbook = workbook
        self._formats: dict[tuple[str, str, bool], Any] = {}

    def format(self, style: str = TEXT, form: str = "", *, quoted: bool = False) -> Any:
        """The format of a style and a form of number."""
        key = (style, form, quoted)
        if key not in self._formats:
            said = _STYLES[style] | ({"num_format": FORMS[form]} if form else {}) | (
                {"quote_prefix": True} if quoted else {})
            self._formats[key] = self.workbook.add_format(said)
        return self._formats[key]

    def sheet(self, name: str, title: str, note: str = "") -> Sheet:
        """A new sheet, by its English name, with a title and a note in its first two rows."""
        return Sheet(self, say(name), title, note)

    def name(self, name: str, row: int, column: int, sheet: str) -> None:
        """Give a cell a name that formulas use."""
        self.workbook.define_name(name, f"={cell(row, column, sheet=sheet, fixed=True)}")


class Sheet:
    """One worksheet; rows and columns count from 0."""

    def __init__(self, book: Book, name: str, title: str, note: str) -> None:
        """Begin with title and note; landscape A4, one page wide."""
        self.book, self.name = book, name
        self._width: dict[int, float] = {}
        self._height: dict[int, float] = {}
        self.note, self.long = note, False
        self.sheet = book.workbook.add_worksheet(name)
        self.text(0, 0, title, TITLE)
        self.text(1, 0, note, NOTE)
        self.sheet.set_landscape()
        self.sheet.set_paper(A4)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        self.sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})  # years in heads are words
        self.sheet.set_footer(f"&L{name}&R{say('Page {page} of {pages}', page='&P', pages='&N')}")

    def text(self, row: int, column: int, text: str, style: str = TEXT) -> None:
        """Text, whatever it looks like; nothing for empty text."""
        if text:
            quoted = text.startswith(FORMULA_STARTS)
            self.sheet.write_string(row, column, text[:LONGEST_TEXT], self.book.format(style, quoted=quoted))
            if style in _ROOM and column in self._width:
                self._make_room(row, lines_of(text, self._width[column]))

    def merged(self, row: int, columns: tuple[int, int], text: str, style: str = NOTE) -> None:
        """Text over the columns (first, last) of a row, whose widths are known, so that it can be read whole."""
        first, last = columns
        if not text:
            return
        held = self.book.format(style, quoted=text.startswith(FORMULA_STARTS))
        if last > first:
            self.sheet.merge_range(row, first, row, last, "", held)
        self.sheet.write_string(row, first, text[:LONGEST_TEXT], held)
        self._make_room(row, lines_of(text, sum(self._width.get(at, USUAL_WIDTH) for at in range(first, last + 1))))

    def _make_room(self, row: int, lines: int) -> None:
        """A row high enough for wrapped text: not every program works heights out when it opens a file."""
        if lines * LINE_HEIGHT > self._height.get(row, LINE_HEIGHT):
            self._height[row] = lines * LINE_HEIGHT
            self.sheet.set_row(row, self._height[row])

    def blank(self, row: int, column: int, style: str = TOTAL) -> None:
        """An empty cell in a style."""
        self.sheet.write_blank(row, column, None, self.book.format(style))

    def number(self, row: int, column: int, value: float, form: str, style: str = TEXT) -> None:
        """A number in a form; an empty cell where there is none."""
        if math.isfinite(value):
            self.sheet.write_number(row, column, float(value), self.book.format(style, form))
        else:
            self.sheet.write_blank(row, column, None, self.book.format(style, form))

    def texts(self, row: int, texts: Iterable[str], style: str = WRAPPED, column: int = 0) -> None:
        """Texts side by side."""
        for place, text in enumerate(texts):
            self.text(row, column + place, text, style)

    def numbers(self, row: int, column: int, values: Sequence[float] | np.ndarray, form: str, style: str = TEXT
                ) -> None:
        """Numbers side by side."""
        for place, value in enumerate(values):
            self.number(row, column + place, float(value), form, style)

    def formula(self, row: int, column: int, formula: str, value: float, form: str,  # noqa: PLR0917 a cell of a table
                style: str = TOTAL) -> None:
        """A formula of our own with the value that it has."""
        held = float(value) if math.isfinite(value) else 0.0
        self.sheet.write_formula(row, column, formula, self.book.format(style, form), held)

    def heads(self, row: int, heads: Sequence[str | int], column: int = 0, *, numbers: int | None = None) -> None:
        """A row of heads, years as numbers; those from column `numbers` on stand over numbers, to the right.

        Heads that do not begin the row stand over words beside numbers.
        """
        words = HEAD_ASIDE if column else HEAD
        for place, head in enumerate(heads):
            at = column + place
            style = words if numbers is None or at < numbers else HEAD_RIGHT
            if isinstance(head, int):
                self.number(row, at, head, YEAR, style)
            elif head:
                self.text(row, at, head, style)
            else:
                self.blank(row, at, style)

    def widths(self, *widths: tuple[int, int, float]) -> None:
        """Widths of columns: first, last, characters; before their texts, so that rows are as high as those need."""
        for first, last, width in widths:
            self.sheet.set_column(first, last, width)
            self._width |= dict.fromkeys(range(first, last + 1), width)

    def behind(self, first: int, last: int, width: float = 9.0) -> None:
        """Columns beyond the printed page, which can be folded."""
        self.widths((first, last, width))
        self.sheet.set_column(first, last, width, None, {"level": 1})

    def fit(self, column: int, texts: Iterable[str], *, least: float = 8.0, most: float = WIDEST) -> None:
        """A column as wide as its longest line of text, within limits."""
        longest = max((len(line) for text in texts for line in text.splitlines()), default=0)
        self.widths((column, column, min(max(least, longest * SIGN_WIDTH + PADDING), most)))

    def printed(self, last_row: int, last_column: int) -> None:
        """What a print shows: everything down to a row, or only the title and the note of a long list."""
        self.sheet.print_area(0, 0, 1 if self.long else last_row, last_column)

    def table(self, head: int, last_row: int, last_column: int, *, kept: int = 0,
              filtered: bool = True, noted: int | None = None, listed: bool = False) -> None:
        """Freeze the head row and `kept` columns, filter, and print the table with its head on every page.

        The note of the sheet is spread over the columns up to `noted`, by default the last. A long table, and one that
        is `listed`, is left out of print.
        """
        self.long = listed or last_row - head > MOST_PRINTED
        left_out = say("This list is left out of print: filter it to the rows that you need, and clear the print area "
                       "(page layout) to print them.") if self.long else ""
        self.merged(1, (0, last_column if noted is None else noted), " ".join(filter(None, (self.note, left_out))))
        self.sheet.freeze_panes(head + 1, kept)
        self.sheet.repeat_rows(head)
        self.printed(last_row, last_column if noted is None else noted)
        if filtered and last_row > head:
            self.sheet.autofilter(head, 0, last_row, last_column)
