"""A spreadsheet program in small: works out the formulas that the workbook uses, so that totals can be checked."""

from __future__ import annotations

import re

from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries

CELL = r"\$?[A-Z]{1,3}\$?\d+"
TEXT = r'"[^"]*"'
NUMBER = r"\d+(?:\.\d+)?(?:e-?\d+)?"
TOKEN = re.compile(rf"\s*({TEXT}|(?:'[^']+'!)?{CELL}(?::{CELL})?(?![\w(])|{NUMBER}|[A-Za-z_]\w*|[-+*/^(),])")
SUM_OF_VISIBLE = 109


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

    def column(self, sheet, text):
        """The stored values of a range, row by row; 0 where a cell is empty."""
        name, _, cells = text.rpartition("!")
        there = self.stored[name.strip("'") or sheet]
        left, top, right, bottom = range_boundaries(cells.replace("$", ""))
        return [there.cell(row, column).value or 0.0 for row in range(top, bottom + 1)
                for column in range(left, right + 1)]

    def evaluate(self, sheet, formula):
        """The value of a formula, from the stored values of the cells it names; ValueError for what is not known."""
        return Formula(self, sheet, formula).value()


class Formula:
    """A formula that is read from the left: sums, products, powers and a few functions."""

    def __init__(self, program, sheet, formula):
        self.program, self.sheet, self.formula = program, sheet, formula
        body = formula.removeprefix("=")
        self.tokens = TOKEN.findall(body)
        if "".join(self.tokens) != body.replace(" ", "") and "'" not in body:
            raise ValueError(formula)

    def value(self):
        found = self.sum()
        if self.tokens:
            raise ValueError(self.formula)
        return found

    def next(self, *wanted):
        """Take the next token, if it is one of those wanted."""
        if self.tokens and (not wanted or self.tokens[0] in wanted):
            return self.tokens.pop(0)
        return ""

    def sum(self):
        found = self.product()
        while sign := self.next("+", "-"):
            more = self.product()
            found = found + more if sign == "+" else found - more
        return found

    def product(self):
        found = self.power()
        while sign := self.next("*", "/"):
            more = self.power()
            found = found * more if sign == "*" else found / more
        return found

    def power(self):
        found = self.one()
        return found ** self.one() if self.next("^") else found

    def one(self):
        if self.next("-"):
            return -self.one()
        if self.next("("):
            found = self.sum()
            self.close()
            return found
        token = self.next()
        if self.next("("):
            return self.function(token)
        return self.operand(token)

    def close(self):
        if not self.next(")"):
            raise ValueError(self.formula)

    def operand(self, token):
        """A number, a cell, a range (a list), or a name for one of them."""
        if re.fullmatch(r"\d.*", token):
            return float(token)
        if token.startswith('"'):
            return token.strip('"')
        if token in self.program.formulas.defined_names:
            token = self.program.formulas.defined_names[token].attr_text
        elif not re.search(r"\d", token):
            raise ValueError(self.formula)
        held = self.program.column(self.sheet, token)
        return held if ":" in token else held[0]

    def function(self, name):
        given = [self.sum()]
        while self.next(","):
            given.append(self.sum())
        self.close()
        return FUNCTIONS[name](*given)


def _sum_where(values, *conditions):
    pairs = list(zip(conditions[::2], conditions[1::2], strict=True))
    return sum(value for at, value in enumerate(values) if all(column[at] == wanted for column, wanted in pairs))


def _visible(kind, values):
    assert kind == SUM_OF_VISIBLE
    return sum(values)


FUNCTIONS = {
    "MAX": max, "SUM": sum, "SUMIFS": _sum_where, "SUBTOTAL": _visible,
    "SUMPRODUCT": lambda one, other: sum(a * b for a, b in zip(one, other, strict=True)),
    "INDEX": lambda values, row, column: values[int(column) - 1]}
