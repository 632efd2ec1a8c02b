"""Workbooks: tables as sheets of an XLSX file in which text stays text, whatever it looks like."""

from __future__ import annotations

import datetime
import io
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.files import write_bytes

if TYPE_CHECKING:
    import pandas as pd

LONGEST_CELL = 32_767
MOST_ROWS = 1_048_576
WIDEST, NARROWEST = 40, 8
LOOKED_AT = 200
MADE = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)  # noqa: UP017 the same bytes at any time
_AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
            "remove_timezone": True, "nan_inf_to_errors": False, "in_memory": True}


def write_sheets(tables: Mapping[str, pd.DataFrame], path: Path) -> Path:
    """Write a sheet for each table, with a frozen head and filters; empty cells for missing numbers.

    Text is never a formula or a link; a text that is too long for a cell is cut. SettingError for too many rows.
    """
    import xlsxwriter

    faults = [Fault(name, f"{len(table):,} rows", f"at most {MOST_ROWS - 1:,} in a sheet", "CSV has no such limit")
              for name, table in tables.items() if len(table) >= MOST_ROWS]
    if faults:
        raise SettingError(str(path), faults)
    content = io.BytesIO()  # the library prints a traceback of its own when a disk is full
    book = xlsxwriter.Workbook(content, _AS_TEXT)
    book.set_properties({"created": MADE})
    head = book.add_format({"bold": True, "bottom": 1})
    for name, table in tables.items():
        _write_sheet(book.add_worksheet(name), table, head)
    book.close()
    write_bytes(path, content.getbuffer())
    return path


def _write_sheet(sheet: Any, table: pd.DataFrame, head: Any) -> None:
    for place, column in enumerate(table.columns):
        values = table[column].tolist()
        sheet.set_column(place, place, _width(str(column), values))
        sheet.write_string(0, place, str(column), head)
        for row, value in enumerate(values, start=1):
            _write_cell(sheet, row, place, value)
    sheet.freeze_panes(1, 0)
    if len(table):
        sheet.autofilter(0, 0, len(table), len(table.columns) - 1)


def _write_cell(sheet: Any, row: int, place: int, value: Any) -> None:
    if isinstance(value, str):
        if value:
            sheet.write_string(row, place, value[:LONGEST_CELL])
    elif value is not None and math.isfinite(value):
        sheet.write_number(row, place, value)


def _width(head: str, values: list[Any]) -> int:
    """Characters of the widest of the first cells, within reason; numbers take what their head takes."""
    texts = [len(value) for value in values[:LOOKED_AT] if isinstance(value, str)]
    return min(max([len(head) + 3, NARROWEST, *texts]), WIDEST)
