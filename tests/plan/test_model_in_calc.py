"""The workbook as a model in LibreOffice Calc: a price or a bill is changed, and totals follow."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from openpyxl import load_workbook

from qicsim.report.workbook import write_workbook

CALC = shutil.which("soffice") or shutil.which("libreoffice")
MORE = 1.1
MODEL = ("Quantities", "Budget", "Plan minus reference", "Budget and envelope", "Budget detail", "Coach posts")
FORMAT = "xlsx:Calc MS Excel 2007 XML"
pytestmark = pytest.mark.skipif(CALC is None and not os.environ.get("CI"), reason="LibreOffice Calc is not installed")


CHANGES = {"unchanged": {}, "dearer": {"price_coach_visits": MORE}, "billed": {"known_pbf_bill": 0.5}}
"""Cells, by their defined names, that are multiplied."""


@pytest.fixture(scope="module")
def path(plan, tmp_path_factory):
    return write_workbook(plan, tmp_path_factory.mktemp("model") / "plan.xlsx")


@pytest.fixture(scope="module")
def delivered(path):
    return load_workbook(path, data_only=True)


@pytest.fixture(scope="module")
def in_calc(path, tmp_path_factory):
    """The workbook after each of the changes, worked out by LibreOffice, which is started once; values only."""
    folder = tmp_path_factory.mktemp("calc")
    for change, cells in CHANGES.items():
        book = load_workbook(path)
        for name, factor in cells.items():
            sheet, _, cell = book.defined_names[name].attr_text.rpartition("!")
            there = book[sheet.strip("'")][cell.replace("$", "")]
            there.value *= factor
        book.save(folder / f"{change}.xlsx")
    subprocess.run([CALC, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", FORMAT,
                    "--outdir", str(folder / "out"), *(str(folder / f"{change}.xlsx") for change in CHANGES)],
                   check=True, capture_output=True, timeout=300)
    return {change: load_workbook(folder / "out" / f"{change}.xlsx", data_only=True) for change in CHANGES}


@pytest.fixture(scope="module")
def dearer(delivered, in_calc):
    """What stands in the workbook as delivered, and after coaching visits became dearer by a tenth."""
    return delivered, in_calc["dearer"]


def numbers(book, sheet):
    """The numbers of a sheet by cell, without those beyond the printed page."""
    there = book[sheet]
    last = there.max_column if not there.print_area else _last_column(there)
    return {cell.coordinate: float(cell.value) for row in there.iter_rows(max_col=last) for cell in row
            if isinstance(cell.value, int | float) and not isinstance(cell.value, bool)}


def _last_column(sheet):
    from openpyxl.utils.cell import range_boundaries

    area = sheet.print_area if isinstance(sheet.print_area, str) else sheet.print_area[0]
    return range_boundaries(area.rpartition("!")[2].replace("$", ""))[2]


def rows(book, sheet, head=4):
    """Rows below the heads, as lists."""
    return [list(row) for row in book[sheet].iter_rows(min_row=head + 1, values_only=True)]


def of_visits(plan):
    """US$ of coaching visits by year of the plan, and of the reference."""
    at = plan.budget.lines.index("coach_visits")
    return (plan.budget.own.by_line.mean[at], plan.budget.reference.by_line.mean[at])


def test_calc_works_out_what_was_delivered(delivered, in_calc):
    book = in_calc["unchanged"]

    for sheet in MODEL:
        assert numbers(book, sheet) == pytest.approx(numbers(delivered, sheet), rel=1e-9, abs=1e-6), sheet


def test_a_dearer_visit_moves_every_total_by_exactly_its_share(plan, dearer):
    before, after = dearer
    own, reference = of_visits(plan)
    assert own.sum() > 0.0

    def moved(sheet, name, second=None):
        found = [next(row[2:2 + len(plan.years) + 1] for row in rows(book, sheet) if row[0] == name
                  and (second is None or row[1] == second)) for book in (before, after)]
        return [later - sooner for sooner, later in zip(*found, strict=True)]

    tenth = [*(0.1 * own), 0.1 * own.sum()]
    more = [*(0.1 * (own - reference)), 0.1 * (own - reference).sum()]
    assert moved("Budget", "Coaching visits") == pytest.approx(tenth, rel=1e-9)
    assert moved("Budget", "Total") == pytest.approx(tenth, rel=1e-9)
    assert moved("Budget", "collaboratives", "mean") == pytest.approx(tenth, rel=1e-9)
    assert moved("Plan minus reference", "Total") == pytest.approx(more, rel=1e-6, abs=1e-6)
    assert moved("Budget and envelope", "All public money", "cost") == pytest.approx(tenth, rel=1e-9)
    assert moved("Budget and envelope", "All public money", "gap") == pytest.approx(more, rel=1e-6, abs=1e-6)


def test_what_no_visit_is_in_does_not_move_and_intervals_keep_their_ratio(plan, dearer):
    before, after = dearer
    held = plan.budget.own

    for sheet in ("Indicators nation", "Launches", "Coach posts"):
        assert numbers(after, sheet) == pytest.approx(numbers(before, sheet), rel=1e-12), sheet
    lines = [[row for row in rows(book, "Budget") if row[0] == "collaboratives"] for book in dearer]
    for sooner, later in zip(*lines, strict=True):
        share = 1.0 + 0.1 * of_visits(plan)[0][0] / held.by_part.mean[1, 0]
        assert later[2] == pytest.approx(sooner[2] * share, rel=1e-9)


def test_a_known_bill_scales_the_payments_of_plan_and_reference(plan, delivered, in_calc):
    before, after = delivered, in_calc["billed"]
    at = plan.budget.lines.index("pbf")
    paid = [one.by_line.mean[at].sum() for one in (plan.budget.own, plan.budget.reference)]
    totals = [next(row[2 + len(plan.years)] for row in rows(book, "Budget and envelope")
                   if row[:2] == ["All public money", what]) for what in ("cost", "envelope") for book in (before,
                                                                                                           after)]

    assert totals[0] - totals[1] == pytest.approx(0.5 * paid[0], rel=1e-9)
    assert totals[2] - totals[3] == pytest.approx(0.5 * paid[1], rel=1e-9)
