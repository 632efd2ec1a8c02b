"""The workbook opened again: numbers are the record's, totals are formulas that hold, strange text stays text."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from qicsim.errors import SettingError
from qicsim.plan.record import DISTRICT, PROVINCE
from qicsim.report import workbook as module
from qicsim.report.book.launches import quarter_words
from qicsim.report.workbook import write_workbook
from tests.plan.conftest import NASTY, TITLE
from tests.plan.spreadsheet import Program

SHEETS = ["Read me", "Assumptions", "Indicators nation", "Indicators province", "Indicators district", "Launches",
          "Launches by quarter", "Coaches nation", "Coaches province", "Coaches district", "Budget", "Budget detail",
          "Charts", "Uncertainty", "Sources", "Parameters"]
TABLES = [name for name in SHEETS if name not in ("Read me", "Charts")]
HEAD = 4  # the row of heads, counted from 1


@pytest.fixture(scope="module")
def path(plan, tmp_path_factory):
    return write_workbook(plan, tmp_path_factory.mktemp("book") / "plan.xlsx", plan.provenance)


@pytest.fixture(scope="module")
def program(path):
    return Program(path)


def rows(program, sheet, head=HEAD):
    """The rows below the heads as dictionaries, a head's second line behind a space."""
    lines = list(program.stored[sheet].iter_rows(min_row=head, values_only=True))
    heads = [str(one).replace("\n", " ") for one in lines[0]]
    return [dict(zip(heads, line, strict=True)) for line in lines[1:]]


# ---------------------------------------------------------------------------------------------------------- numbers


def test_every_sheet_is_there(program):
    assert program.stored.sheetnames == SHEETS


def test_national_numbers_are_those_of_the_record(plan, program):
    table = {(row["Indicator"], row["Statistic"]): row for row in rows(program, "Indicators nation")}
    for target in plan.targets:
        for statistic, values in (("Target (mean)", target.scenario.mean), ("Target, low", target.scenario.low),
                                  ("Target, high", target.scenario.high), ("Reference (mean)", target.reference.mean),
                                  ("Difference, high", target.difference.high),
                                  ("Runs with a value (n)", target.scenario.n)):
            row = table[target.title, statistic]
            there = [row["2026 baseline"], *(row[str(year)] for year in plan.years)]
            assert [np.nan if one is None else one for one in there] == pytest.approx(values[0], nan_ok=True)


@pytest.mark.parametrize(("level", "sheet"), [(PROVINCE, "Indicators province"), (DISTRICT, "Indicators district")])
def test_numbers_of_places_are_those_of_the_record(plan, program, level, sheet):
    table = {(row["Province ខេត្ត"], row["Operational district ស្រុកប្រតិបត្តិ"], row["Indicator"]): row
             for row in rows(program, sheet)}
    for target in plan.targets:
        for at in plan.rows(level):
            place = plan.places[at]
            row = table[place.province, place.name if level == DISTRICT else None, target.title]
            assert row["ខេត្ត"] == next(one.name_km for one in plan.places if one.name == place.province)
            for head, values in (("2026 baseline", target.scenario.mean[at, 0]), ("2029", target.scenario.mean[at, 3]),
                                 ("2028 low", target.scenario.low[at, 2]), ("2028 high", target.scenario.high[at, 2]),
                                 ("2029 n", target.scenario.n[at, 3]),
                                 ("2029 minus reference mean", target.difference.mean[at, 3])):
                assert (np.nan if row[head] is None else row[head]) == pytest.approx(values, nan_ok=True)


def test_launches_are_those_of_the_record(plan, program):
    table = rows(program, "Launches")
    for number, place in enumerate(plan.districts):
        row = table[number]
        assert row["Operational district ស្រុកប្រតិបត្តិ"] == place.name
        assert row["Median quarter"] == quarter_words(plan, plan.launches.quarter[number, 1])
        assert row["by end 2028"] == pytest.approx(plan.launches.by_year[number, 2])
        assert row["2028Q4"] == pytest.approx(plan.launches.by_quarter[number, 7])
    assert table[len(plan.districts)]["by end 2026"] == pytest.approx(plan.launches.by_year[:, 0].sum())


def test_a_quarter_is_told_in_words(plan):
    assert [quarter_words(plan, one) for one in (-1.0, 0.0, 11.0, np.inf)] == [
        "before 2027", "2027Q1", "2029Q4", "not by 2029"]


def test_coaches_and_budget_are_those_of_the_record(plan, program):
    coaches = {(row["Coaches"], row["Statistic"]): row for row in rows(program, "Coaches nation")}
    assert coaches["Coach posts planned", "mean"]["2028"] == pytest.approx(plan.coaches.posts.mean[0, 2])
    vacant = coaches["Posts that are vacant (planned minus at work)", "mean"]["2028"]
    assert vacant == pytest.approx(plan.coaches.posts.mean[0, 2] - plan.coaches.at_work.mean[0, 2])

    money = {(row["US$ by year"], row["None"]): row for row in rows(program, "Budget", head=6)}
    assert money["Donors", None]["2028"] == pytest.approx(plan.budget.by_payer.mean[1, 1])
    assert money["Collaboratives", "high"]["2029"] == pytest.approx(plan.budget.collaboratives.high[2])
    assert money["Battambang", "បាត់ដំបង"]["Total សរុប"] == pytest.approx(plan.budget.by_province.mean[0].sum())
    discounted = money[f"US$, {plan.budget.discounting}", None]["Total សរុប"]
    assert discounted == pytest.approx(plan.budget.discounted.mean[0])
    riel = money["Riel, not discounted", None]["Total សរុប"]
    assert riel == pytest.approx(plan.budget.total.mean[0] * plan.budget.riel_per_usd)


def test_parameters_and_unit_costs_are_listed(plan, program):
    listed = {row["Parameter"]: row for row in rows(program, "Parameters")}
    assert set(listed) == {row.name for row in plan.sources.parameters}
    cost = next(row for row in rows(program, "Sources") if row["Unit cost"] == "coach_visit")
    assert (cost["US$"], cost["Low"], cost["High"], cost["Grade"]) == (35.0, 15.0, 90.0, "A")


# --------------------------------------------------------------------------------------------------------- formulas


def test_every_formula_gives_the_value_that_is_stored(program):
    counts = {}
    for sheet, _, formula, stored in program.all_formulas():
        assert program.evaluate(sheet, formula) == pytest.approx(stored, rel=1e-9, abs=1e-6), (sheet, formula)
        counts[sheet] = counts.get(sheet, 0) + 1

    assert counts.keys() == {"Indicators nation", "Indicators province", "Indicators district", "Launches",
                             "Launches by quarter", "Coaches nation", "Coaches province", "Coaches district", "Budget",
                             "Budget detail"}
    assert min(counts.values()) > 8


def test_totals_of_sections_of_the_budget_agree(plan, program):
    ends = [row["2027"] for row in rows(program, "Budget", head=6) if row["US$ by year"] == "Total សរុប"]

    assert len(ends) == 4
    assert ends[0] == pytest.approx(plan.budget.by_year.mean[0])
    assert ends[1] + ends[2] == pytest.approx(ends[0])
    assert ends[3] == pytest.approx(ends[0])


# ------------------------------------------------------------------------------------------------------ strange text


def test_strange_names_and_titles_are_text_and_stay_text_when_edited(program):
    found = {}
    for sheet in program.formulas.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "s" and str(cell.value).startswith(("=", "+", "-", "@")):
                    found[cell.value] = cell
    names = {*NASTY.values(), TITLE}

    assert names <= found.keys()
    assert all(found[name].quotePrefix for name in names)
    assert not any(formula.startswith(tuple(names)) for _, _, formula, _ in program.all_formulas())


def test_nothing_links_or_looks_outside(path):
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode("utf-8", "replace")
            assert "<hyperlink" not in text
            assert 'TargetMode="External"' not in text
            assert not re.search(r"<f>[^<]*(HYPERLINK|DDE|cmd\||elsewhere)", text)


# --------------------------------------------------------------------------------------------------- form and printing


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_frozen_landscape_and_prints_on_a_page_across(program, name):
    sheet = program.formulas[name]

    assert sheet.freeze_panes is not None
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)  # one across, any number down
    assert sheet.print_area
    assert sheet.print_title_rows


def test_numbers_have_formats(plan, program):
    sheet = program.formulas["Indicators nation"]
    formats = {target.name: sheet.cell(HEAD + 1 + 8 * place, 5).number_format
               for place, target in enumerate(plan.targets)}

    assert (formats["recorded"], formats["recorded_80"], formats["ever"], formats["visits"]) == (
        "0.0", "0.0%", "#,##0", "0.00")
    assert program.formulas["Indicators district"].auto_filter.ref.startswith("A4:")


def test_charts_read_cells_that_hold_what_they_say(plan, path, program):
    with zipfile.ZipFile(path) as archive:
        charts = [archive.read(name).decode() for name in sorted(archive.namelist()) if "charts/chart" in name]
    series = {}
    for chart in charts:
        for part in re.findall(r"<c:ser>.*?</c:ser>", chart, re.DOTALL):
            (values,) = re.findall(r"<c:val>.*?<c:f>(.*?)</c:f>", part, re.DOTALL)
            heads = re.findall(r"<c:cat>.*?<c:f>(.*?)</c:f>", part, re.DOTALL)[0]
            series[re.search(r"<c:v>(.*?)</c:v>", part)[1]] = program.column("", values), program.column("", heads)

    assert len(charts) == 6
    assert series["Recorded score"][0] == pytest.approx(plan.target("recorded").scenario.mean[0])
    assert [str(head)[:4] for head in series["Recorded score"][1]] == ["2026", "2027", "2028", "2029"]
    assert series["Needed for every visit"][0] == pytest.approx(plan.coaches.needed.mean[0])
    assert series["Launched"][0] == pytest.approx(plan.launches.launched.mean)
    assert series["Government"][0] == pytest.approx(plan.budget.by_payer.mean[0])


# ------------------------------------------------------------------------------------------------------------ files


def test_the_same_plan_gives_the_same_bytes(plan, path, tmp_path):
    again = write_workbook(plan, tmp_path / "again.xlsx", plan.provenance)

    assert again.read_bytes() == path.read_bytes()


def test_a_failure_leaves_nothing_and_keeps_the_old_file(plan, tmp_path, monkeypatch):
    (tmp_path / "plan.xlsx").write_text("old")

    def fail(book, plan):
        raise RuntimeError("in the middle")

    monkeypatch.setattr(module, "write_sources", fail)
    with pytest.raises(RuntimeError, match="in the middle"):
        write_workbook(plan, tmp_path / "plan.xlsx")

    assert [file.name for file in tmp_path.iterdir()] == ["plan.xlsx"]
    assert (tmp_path / "plan.xlsx").read_text() == "old"


def test_a_folder_of_that_name_is_refused(plan, tmp_path):
    (tmp_path / "plan.xlsx").mkdir()

    with pytest.raises(SettingError, match="is a folder"):
        write_workbook(plan, tmp_path / "plan.xlsx")


def test_a_plan_in_which_nothing_is_spent_and_words_are_very_long_is_still_written(plan, tmp_path):
    free = replace(plan.budget, mean=np.zeros_like(plan.budget.mean))
    wordy = replace(plan.scenario, title="=" + "word " * 9000, description="+1")
    program = Program(write_workbook(replace(plan, budget=free, scenario=wordy), tmp_path / "free.xlsx"))

    assert rows(program, "Budget", head=6)[1]["2027"] == 0.0
    assert "+1" in {cell.value for row in program.stored["Assumptions"].iter_rows() for cell in row}


@pytest.mark.parametrize("name", ["Read me", "Sources", "Parameters"])
def test_rows_are_high_enough_for_their_wrapped_text(program, name):
    sheet = program.stored[name]
    wide = {letter: column.width for letter, column in sheet.column_dimensions.items()}
    wrapped = [cell for row in sheet.iter_rows() for cell in row
               if cell.alignment.wrap_text and cell.column_letter in wide and not cell.font.bold]
    long = [cell for cell in wrapped if len(str(cell.value)) > 1.2 * wide[cell.column_letter]]

    assert long
    for cell in long:
        assert sheet.row_dimensions[cell.row].height >= 30.0
