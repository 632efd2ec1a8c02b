"""A spreadsheet program in small: works out the formulas that the workbook uses, so that totals can be checked."""

from __future__ import annotations

import re

from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries

NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
CELL = r"[A-Z]+\d+"


class Program:
    """A workbook twice: with its formulas, and with the values that were stored beside them."""

    def __init__(self, path):
        self.formulas, self.stored = load_workbook(path), load_workbook(path, data_only=True)

    def all_formulas(self):
        """Every cell with a formula: sheet, name, formula, stored value."""
        for sheet in self.formulas.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        yield sheet.title, cell.coordinate, cell.value, self.stored[sheet.title][cell.coordinate].value

    def value(self, sheet, address):
        """The value of a cell, worked out where it is a formula; 0 where it is empty."""
        held = self.formulas[sheet][address.replace("$", "")]
        if held.data_type == "f":
            return self.evaluate(sheet, held.value)
        return held.value or 0.0

    def column(self, sheet, text):
        """The stored values of a range, row by row."""
        name, _, cells = text.rpartition("!")
        there = self.stored[name.strip("'") or sheet]
        left, top, right, bottom = range_boundaries(cells.replace("$", ""))
        return [there.cell(row, column).value or 0.0 for row in range(top, bottom + 1)
                for column in range(left, right + 1)]

    def evaluate(self, sheet, formula):
        """The value of a formula; ValueError for one that the workbook should not hold."""
        body = formula.removeprefix("=")
        if match := re.fullmatch(r"SUM\(([^,()]+)\)", body):
            return sum(self.column(sheet, match[1]))
        if match := re.fullmatch(r"SUMPRODUCT\(([^,()]+),([^,()]+)\)", body):
            return sum(a * b for a, b in zip(self.column(sheet, match[1]), self.column(sheet, match[2]), strict=True))
        if match := re.fullmatch(r"SUMIFS\(([^,()]+),([^,()]+),([^,()]+)\)", body):
            wanted = self.value(sheet, match[3])
            return sum(value for value, name in zip(self.column(sheet, match[1]), self.column(sheet, match[2]),
                                                    strict=True) if name == wanted)
        if match := re.fullmatch(rf"({CELL})([-*])({CELL}|{NUMBER}|riel_per_usd)", body):
            left, right = self.value(sheet, match[1]), self.operand(sheet, match[3])
            return left - right if match[2] == "-" else left * right
        if body == "0":
            return 0.0
        raise ValueError(formula)

    def operand(self, sheet, text):
        """A cell, a number, or a name."""
        if text in self.formulas.defined_names:
            place, _, cell = self.formulas.defined_names[text].attr_text.rpartition("!")
            return self.value(place.strip("'"), cell)
        return self.value(sheet, text) if re.fullmatch(CELL, text) else float(text)
