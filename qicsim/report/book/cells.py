"""Addresses of cells, as formulas and charts write them."""

from __future__ import annotations


def cell(row: int, column: int, *, fixed: bool = False) -> str:
    """The name of a cell, like C5 or $C$5."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    return str(xl_rowcol_to_cell(row, column, row_abs=fixed, col_abs=fixed))


def block(first: tuple[int, int], last: tuple[int, int], *, sheet: str = "", fixed: bool = False) -> str:
    """A range of cells, like C5:F5; with the sheet in front if one is named."""
    where = f"'{sheet}'!" if sheet else ""
    return f"{where}{cell(*first, fixed=fixed)}:{cell(*last, fixed=fixed)}"


def total(first: tuple[int, int], last: tuple[int, int]) -> str:
    """The formula of a sum over a range."""
    return f"=SUM({block(first, last)})"


def total_shown(first: tuple[int, int], last: tuple[int, int]) -> str:
    """The formula of a sum over the rows of a range that a filter leaves visible."""
    return f"=SUBTOTAL(109,{block(first, last)})"
