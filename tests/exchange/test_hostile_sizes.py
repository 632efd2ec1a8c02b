"""Small files that mean much work or much memory: read in a time that grows as they do, or refused in words."""

import io
import random
import re
import time
import tomllib
import tracemalloc
import warnings
import zipfile
from difflib import get_close_matches
from unittest import mock

import pytest

from qicsim.ground import calendar, table
from qicsim.ground import files as ground_files
from qicsim.ground.files import MOST_KEY_PARTS, toml_of
from qicsim.inputs.exchange import dates, dhis2, folder, headings, register_checks, words
from qicsim.inputs.exchange import keys as keys_module
from qicsim.inputs.exchange import register as exchange_register
from qicsim.inputs.exchange import workbook as parts
from qicsim.inputs.exchange.files import csv_rows
from qicsim.inputs.exchange.findings import Findings
from qicsim.inputs.exchange.keys import Keys
from qicsim.inputs.exchange.register_checks import MOST_DISTRICTS, Placed, check_register
from qicsim.inputs.exchange.words import normal, without_brackets
from qicsim.inputs.exchange.workbook import Cell, Scan, fill_merged, sheets
from qicsim.inputs.scenario import ScenarioError, files, levers, load_scenario, values
from qicsim.inputs.world import register, shock
from qicsim.inputs.world.register import Facility
from tests.exchange.test_safety import book_of, refusal
from tests.helpers import growth

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet_of(rows, after="", prefix=""):
    """The XML of a sheet; `after` follows its data."""
    space = f'xmlns{":" if prefix else ""}{prefix.rstrip(":")}="{MAIN}"'
    return (f"<{prefix}worksheet {space}><{prefix}sheetData>{rows}</{prefix}sheetData>{after}"
            f"</{prefix}worksheet>").encode()


def facts_of(content):
    return Scan().facts(io.BytesIO(content))


# ------------------------------------------------------------------------------------------- formulas of workbooks


@pytest.mark.parametrize("part", [
    "<!-- <f>{0} -->", '<row r="1">{1}</row>', '<row r="1"><c r="A1"><f>{2}</f></c></row>', '<c r="A1">{2}<f/>{2}</c>',
    '<row r="1"><c {3}><f/></c></row>'], ids=["comment", "cells", "text", "spaces", "attributes"])
def test_uncalculated_formulas_are_looked_for_in_one_pass(part):
    def work(size):
        facts_of(sheet_of(part.format('<c r="A1" ' * size, '<c r="A1"><f/>' * size + "</c>" * size, " " * size * 10,
                                      " ".join(f'a{each}="r"' for each in range(size)))))

    assert growth(work, 3000) < 24.0


def test_the_workbook_that_hung_an_import_is_refused_or_read_at_once(tmp_path):
    def commented(size):
        comment = b"<!-- " + b'<c r="A1" ' * size + b"--><sheetData>"
        return book_of([["name"], ["=1+1"]], lambda xml: xml.replace(b"<sheetData>", comment))

    content = commented(60_000)

    assert len(content) < 10_000
    assert growth(lambda size: refusal(tmp_path, commented(size)), 7_500) < 24.0
    assert refusal(tmp_path, content)


@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize(("cell", "uncalculated"), [
    ('<c r="B2"><f>1+1</f></c>', True), ('<c r="B2"><f>1+1</f><v/></c>', True), ('<c r="B2"><f/><v> </v></c>', True),
    ('<c a="&gt;" r="B2" s="1"><f t="shared" si="0"/><v></v></c>', True), ('<c r="B2"><f>1+1</f><v>2</v></c>', False),
    ('<c r="B2"><f>1+1</f><v>0</v></c>', False), ('<c r="B2"><v>2</v></c>', False), ('<c r="B9"><f/></c>', False),
    ('<c r="XFDZZ2"><f/></c>', False), ("<c><f/></c>", False)])
def test_a_formula_without_a_value_is_named_whatever_the_xml_looks_like(cell, uncalculated, prefix):
    row = f'<row r="2"><c r="A2"><v>1</v></c>{cell}</row>'

    found = facts_of(sheet_of(re.sub(r"<(/?)(?=[a-z])", rf"<\g<1>{prefix}", row), prefix=prefix))

    assert [each.name for each in found.uncalculated] == (["B2"] if uncalculated else [])
    assert found.formulas == ("<f" in cell)


# ---------------------------------------------------------------------------------------- sizes that a file declares


def test_a_merged_range_is_counted_before_it_is_filled():
    rows = {number: ["a"] for number in range(1, 20_001)}
    tracemalloc.start()

    with pytest.raises(ValueError, match="is too large: its merged cells take more than 20,000,000 cells"):
        fill_merged(rows, [(Cell(1, 0), Cell(20_000, 16_383))])

    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()
    assert rows == {number: ["a"] for number in range(1, 20_001)}


def test_ranges_that_lie_on_each_other_are_counted_together(monkeypatch):
    monkeypatch.setattr(parts, "MOST_CELLS", 100)
    rows = {number: ["a", "b"] for number in range(1, 11)}
    ranges = [(Cell(1, 0), Cell(10, 1))] * 5

    fill_merged(rows, ranges)
    with pytest.raises(ValueError, match="too large"):
        fill_merged(rows, [*ranges, ranges[0]])


def test_a_range_over_empty_rows_costs_nothing():
    rows = {1: ["a"], 3: ["", "x"]}

    assert fill_merged(rows, [(Cell(1, 0), Cell(1_048_576, 5000))]) == (["A1:GJI1048576"], [])
    assert rows[3][:3] == ["a", "x", "a"] and len(rows) == 2


def test_the_workbook_that_filled_the_memory_is_refused(tmp_path):
    content = book_of([["x"]] * 20_000, lambda xml: xml.replace(
        b"</sheetData>", b'</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD20000"/></mergeCells>'))

    assert len(content) < 200_000
    assert "its merged cells take more than 20,000,000 cells" in refusal(tmp_path, content)


def test_one_cell_far_to_the_right_does_not_widen_every_row(tmp_path):
    content = book_of([["x"]] * 2000 + [["x"] * 2], lambda xml: xml.replace(b'r="B2001"', b'r="XFD2001"'))

    assert "2,001 rows, of which the widest has 16,384 cells" in refusal(tmp_path, content)


@pytest.mark.parametrize(("limit", "part", "expected"), [
    ("MOST_BETWEEN_ROWS", sheet_of('<row r="1">' + '<c r="A1"/>' * 60 + "</row>"), "more than 50 entries in a part"),
    ("MOST_BETWEEN_ROWS", sheet_of("", "<mergeCell/>" * 60), "more than 50 entries in a part"),
    ("MOST_ROWS", sheet_of('<row r="1"/>' * 60), "more than 50 rows"),
    ("MOST_CELLS", sheet_of('<row><c r="A1"/></row>' * 60), "or 50 cells in all"),
    ("MOST_UNCALCULATED", sheet_of('<row r="1"><c r="A1"><f/></c></row>' * 60), "more than 50 formulas without"),
], ids=["cells of a row", "after the rows", "rows", "cells", "formulas"])
def test_what_a_sheet_repeats_is_counted_before_it_is_kept(limit, part, expected, monkeypatch):
    monkeypatch.setattr(parts, limit, 50)

    with pytest.raises(ValueError, match=f"^is too large: .*{expected}"):
        facts_of(part)


@pytest.mark.parametrize("outermost", ["sst", "styleSheet", "workbook", "Relationships"])
def test_shared_strings_styles_and_lists_of_parts_are_counted_too(outermost, monkeypatch):
    monkeypatch.setitem(parts.MOST_ELEMENTS, outermost, 50)

    facts_of(f"<{outermost}>{'<si/>' * 50}</{outermost}>".encode())
    with pytest.raises(ValueError, match="is too large: more than 50 entries in a part of it"):
        facts_of(f"<{outermost}>{'<si/>' * 51}</{outermost}>".encode())


def test_rows_of_sixty_thousand_cells_of_all_sheets_count_together(monkeypatch):
    content = book_of([["a", "b"]] * 30)
    assert len(sheets(content)[0]) == 1
    monkeypatch.setattr(parts, "MOST_CELLS", 59)

    with pytest.raises(ValueError, match="is too large: more than"):
        sheets(content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/sheet1.bin", "docProps/x"])
def test_xml_with_declarations_is_refused_under_any_name_and_in_any_encoding(name, encoding, tmp_path):
    evil = '<!DOCTYPE a [<!ENTITY b "Pwned">]><a>&b;</a>'.encode(encoding)
    content = io.BytesIO(book_of([["name"]]))
    with zipfile.ZipFile(content, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the archive has two parts of one name, as a stranger's may
        archive.writestr(name, evil)

    assert "its XML holds declarations of its own" in refusal(tmp_path, content.getvalue())


def test_lines_of_a_wide_csv_table_are_counted_before_they_are_filled_out():
    table = "a" + ",a" * 999 + "\n" * 60_000
    tracemalloc.start()

    with pytest.raises(ValueError, match=r"is too large: 60,001 lines of 1,000 cells; at most 50,000,000 cells"):
        csv_rows(table)

    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()


def test_quarters_of_other_centuries_do_not_make_columns():
    assert not any(folder._QUARTER.fullmatch(quarter) for quarter in ("0001Q1", "9999Q4", "2021Q5"))
    assert all(folder._QUARTER.fullmatch(quarter) for quarter in ("1999Q4", "2021Q2"))


# -------------------------------------------------------------------------------------------------- other searches


def a_facility(number, name="", district="OD"):
    return Facility(id=f"F{number}", name=name or f"Name {number}", type="HC", province="Battambang",
                    operational_district=district, population=9000.0, opened=0)


def test_thousands_of_districts_are_not_all_compared_with_each_other():
    placed = [Placed(a_facility(number, district=f"District {number} of the far east"), f"r.csv, row {number}")
              for number in range(3000)]
    findings = Findings()

    check_register(placed, findings)

    assert growth(lambda size: check_register(placed[:size], Findings()), 375) < 24.0
    assert any(f"Battambang has 3,000 operational districts; the names of the first {MOST_DISTRICTS}" in str(each)
               for each in findings)


def test_the_nearest_names_are_searched_for_the_first_strangers_only():
    names = [f"Health centre {number}" for number in range(300)]

    class Known:
        id, name = tuple(map(str, range(300))), tuple(names)
        dhis2_uid = code = ("",) * 300

    keys = Keys(Known())
    with mock.patch("qicsim.inputs.exchange.keys.get_close_matches", wraps=get_close_matches) as searched:
        hints = [keys.nearest(f"Helth center {number}") for number in range(5000)]

    assert searched.call_count <= keys_module._MOST_ASKED + 1
    assert hints[0].startswith('Did you mean "Health centre') and hints[-1] == ""


@pytest.mark.parametrize("text", ["(" * 2000, "(" * 1999 + ")", "(a" * 1000, "[(" * 900 + "\n)" * 90])
def test_brackets_are_taken_out_as_before(text):
    assert without_brackets(text) == re.sub(r"[(\[].*?[)\]]", " ", text)


def test_brackets_of_headings_are_looked_at_once():
    assert growth(lambda size: without_brackets("(" * size), 100_000) < 24.0


@pytest.mark.parametrize("content", ["{dots} = 1", "[{dots}]", "x = {{ {dots} = 1 }}", "[[{dots}]]", "{quotes} = 1"])
def test_a_key_of_very_many_parts_is_refused_before_it_is_parsed(content, tmp_path, monkeypatch):
    hostile = 'title = "x"\n' + content.format(dots=".".join("a" * 100_000), quotes=" . ".join(['"a"'] * 100_000))
    path = tmp_path / "plan.toml"
    path.write_text(hostile, encoding="utf-8")
    monkeypatch.setattr(tomllib, "loads", lambda text: pytest.fail("it was parsed"))

    with pytest.raises(ScenarioError, match=r"line 2: a key has more than 100 parts"):
        load_scenario(path)
    with pytest.raises(ValueError, match="line 2 has a key of more than 100 parts"):
        toml_of(hostile.encode())


def test_texts_with_many_points_and_keys_of_a_few_parts_are_read_as_before():
    deep = ".".join("a" * MOST_KEY_PARTS)
    content = f'{deep} = 1\nb = "{"word. " * 500}"\nc = "{".".join("abc" * 200)}"\nd = """\n{"." * 500}\n"""\n'

    assert set(toml_of(content.encode())) == {"a", "b", "c", "d"}


# -------------------------------------------------------------------------------- every expression that reads a file


MODULES = (ground_files, calendar, dates, dhis2, exchange_register, headings, register_checks,
           folder, words, parts, files, levers, values, register, shock, table)
EXPRESSIONS = sorted(((module.__name__.removeprefix("qicsim.").removeprefix("inputs."), name, expression)
                      for module in MODULES for name, value in vars(module).items()
                      for expression in (value if isinstance(value, list | tuple) else [value])
                      if isinstance(expression, re.Pattern)), key=lambda each: (*each[:2], str(each[2].pattern)))
SEARCHED = ("_BARE_MONTH", "_CONTROL", "_HEADING", "_INVISIBLE", "_KAMPONG", "_SIGNS", "_SPACES", "_DOTTED",
            "_KEY_PART", "_DATE_TIME", "_QUOTED")
"""Those that are looked for inside of a text; the others must fit all of it."""
PIECES = ("(", "[", " ", "1", "a", "0.", "1,", "1 ", "_years", "_", '"', "=", "= ", "=2027-01 ", "kg ", "\t", ":",
          "A1:", "2021 ", "q ", "e", "#", "ខែ ", "\u200b", "2021-01-01T", "%")


@pytest.mark.parametrize(("module", "name", "expression"), EXPRESSIONS,
                         ids=[f"{module}.{name}" for module, name, _ in EXPRESSIONS])
def test_no_expression_that_reads_a_file_of_a_stranger_is_slower_than_the_text_is_long(module, name, expression):
    """Repeated pieces and mixtures of them: a text of 4 times the length may take 9 times the time, not 16."""
    if expression is words._BRACKETS:
        pytest.skip("is given text that ends in a bracket (see the tests of brackets)")
    drawn = random.Random(1)
    mixtures = [piece + other for piece, other in (drawn.sample(PIECES, 2) for _ in range(15))]
    for piece in (*PIECES, *mixtures):
        for end in ("", "!"):
            def work(size, piece=piece, end=end):
                content = piece * (size // len(piece)) + end
                expression.fullmatch(content)
                if name in SEARCHED:
                    expression.sub(" ", content)

            begun = time.process_time()
            work(8000)
            if time.process_time() - begun > 0.02:
                assert growth(work, 1000) < 24.0, (piece, end)


def test_a_quadratic_expression_would_be_noticed():
    def work(size):
        re.sub(r"[(\[].*?[)\]]", " ", "(" * size)

    assert growth(work, 750) > 32.0


def test_normal_text_is_cut_before_it_is_searched():
    assert growth(lambda size: normal("(" * size), 250_000) < 24.0
