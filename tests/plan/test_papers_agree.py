"""Chapter, annexes, brief and workbook of a plan are read back: what they share is the same number on each."""

from __future__ import annotations

import re
from unittest import mock

import openpyxl
import pytest
from docx import Document

from qicsim.report import plan_tables
from qicsim.report.chapter import write_papers
from qicsim.report.exhibits import (
    AS_IN_TEXT,
    DIGITS,
    SCALE,
    THOUSAND_USD,
    THOUSANDS,
    Column,
    Number,
    Table,
    unit_of,
    width_in_cells,
)
from qicsim.report.workbook import ACTIVITIES, HEAD_ROW, OPTIONS, TARGETS, VALUE, write_workbook
from tests.report.plans import EMPTY

NUMBER = re.compile(r"[+−-]?\d[\d,]*\.?\d*")
SHEETS = {TARGETS: plan_tables.targets, OPTIONS: plan_tables.options, VALUE: plan_tables.value,
          ACTIVITIES: plan_tables.activities}


@pytest.fixture(scope="module")
def papers(plan, tmp_path_factory):
    folder = tmp_path_factory.mktemp("papers")
    with (mock.patch("qicsim.report.plan_figures.drawn", return_value=EMPTY),
          mock.patch("qicsim.report.chapter.filled", return_value=())):
        chapter, annexes, brief = write_papers(plan, folder / "plan.docx", plan.provenance)[:3]
    return [Document(str(file)) for file in (chapter, annexes, brief)]


@pytest.fixture(scope="module")
def book(plan, tmp_path_factory):
    return openpyxl.load_workbook(write_workbook(plan, tmp_path_factory.mktemp("book") / "plan.xlsx", plan.provenance),
                                  data_only=True)


@pytest.mark.parametrize("sheet", SHEETS)
def test_words_and_workbook_hold_the_same_numbers(plan, papers, book, sheet):
    exhibit, compared = SHEETS[sheet](plan), 0
    at = [sum(width_in_cells(exhibit.only(before)) for before in range(column))
          for column in range(len(exhibit.columns))]
    columns = {head_of(column): place for place, column in enumerate(exhibit.columns)}
    names = [str(row[0]) for row in exhibit.rows]
    of_numbers = [head for head, place in columns.items() if not place or not isinstance(exhibit.rows[0][place], str)]
    for table in filter(None, (first_of(document, of_numbers, names) for document in papers)):
        heads = [cell.text for cell in table.rows[0].cells]
        for place, row in enumerate(exhibit.rows):
            for head, told in zip(heads, table.rows[place + 1].cells, strict=True):
                column = columns.get(head, 0)
                held = book[sheet].cell(HEAD_ROW + 2 + place, at[column] + 1).value
                if column and not isinstance(row[column], str) and isinstance(held, int | float):
                    assert said(told.text) == pytest.approx(*expected(exhibit, column, row[column], held)), told.text
                    compared += 1
    assert compared >= len(names), f"{exhibit.title} stands in no document"


def first_of(document, columns, names):
    """The first table of a document with these rows and some of the columns; None where there is none."""
    for table in document.tables:
        first, *others = (cell.text for cell in table.rows[0].cells)
        if first == columns[0] and set(others) & set(columns) and [
                row.cells[0].text for row in table.rows[1:]] == names:
            return table
    return None


def head_of(column: Column) -> str:
    unit = unit_of(column.form)
    return f"{column.head}, {unit}" if unit else column.head


def said(text: str) -> float:
    """The first number of a cell of a document."""
    return float(NUMBER.search(text)[0].replace(",", "").replace("−", "-"))


def expected(exhibit: Table, column: int, cell, held: float):
    """The number of the workbook in the scale of the document, and half of the last digit that is printed."""
    form = cell.form if isinstance(cell, Number) else exhibit.columns[column].form
    if form in AS_IN_TEXT:
        return held, 0.02, 0.06
    scale = 1.0 if form in (THOUSANDS, THOUSAND_USD) else SCALE[form]
    return held * scale, 0.0, 0.5 * 10.0**-DIGITS[form] + 1e-9


def test_the_brief_repeats_rows_of_the_chapter(plan, papers):
    """What the brief says of an option stands in the chapter in the same words."""
    chapter, _, brief = papers
    rows = [{cell.text for cell in row.cells} for table in chapter.tables for row in table.rows]
    options = plan_tables.options(plan)
    shared = [[cell.text for cell in row.cells] for table in brief.tables for row in table.rows[1:]
              if row.cells[0].text in {str(one[0]) for one in options.rows}]

    assert shared
    for row in shared:
        assert any(set(row) <= told for told in rows), row
