"""The workbook opened again: numbers are the record's, totals are formulas that hold, strange text stays text."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import xlsxwriter
from openpyxl.utils.cell import range_boundaries

from qicsim.ground.errors import SettingError
from qicsim.ground.numbers import millions
from qicsim.plan.record import ALL, COLLABORATIVES, DISTRICT, PAYMENTS, PROVINCE, SHARE
from qicsim.report import workbook as module
from qicsim.report.book.nation import STATISTICS
from qicsim.report.book.sheet import Book
from qicsim.report.formatting import COST_WORDS
from qicsim.report.plan_words import quarter_words
from qicsim.report.workbook import write_workbook
from tests.plan.conftest import NASTY, TITLE
from tests.plan.spreadsheet import Program

SHEETS = ["Read me", "Targets", "Options", "Value for money", "Activities", "Inputs", "Quantities", "Coach posts",
          "Budget and envelope",
          "Budget", "Plan minus reference", "Indicators nation", "Indicators province", "Indicators district",
          "Launches",
          "Launches by quarter", "Coaches province", "Coaches district", "Quantities reference", "Budget detail",
          "Reference detail", "Charts", "Assumptions", "Uncertainty", "Sources", "Data files",
          "Parameters"]
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
    return [dict(reversed(list(zip(heads, line, strict=True)))) for line in lines[1:]]  # of two alike, the first


# ---------------------------------------------------------------------------------------------------------- numbers


def test_every_sheet_is_there(program):
    assert program.stored.sheetnames == SHEETS


def test_national_numbers_are_those_of_the_record(plan, program):
    table = {(row["Indicator"], row["Statistic"]): row for row in rows(program, "Indicators nation")}
    for target in plan.targets:
        points = 100.0 if target.form == SHARE else 1.0  # percentage points
        known = target.direction != 0
        for statistic, values in (("Target (mean)", target.scenario.mean), ("Projection, low", target.scenario.low),
                                  ("Projection, high", target.scenario.high),
                                  ("Reference (mean)", target.reference.mean),
                                  ("Projection, median", target.median),
                                  ("Runs that reach the target", target.reached if known else None),
                                  ("Level that 80 % of runs reach", target.sure if known else None),
                                  ("Difference (mean)", points * target.difference.mean),
                                  ("Difference, low", points * target.difference.low),
                                  ("Difference, high", points * target.difference.high),
                                  ("Runs with a value (n)", target.scenario.n)):
            row = table[target.title, statistic]
            there = [row["2026 baseline, simulated"], *(row[str(year)] for year in plan.years)]
            wanted = np.full(len(there), np.nan) if values is None else values[0]
            assert [np.nan if one is None else one for one in there] == pytest.approx(wanted, nan_ok=True)


@pytest.mark.parametrize(("level", "sheet"), [(PROVINCE, "Indicators province"), (DISTRICT, "Indicators district")])
def test_numbers_of_places_are_those_of_the_record(plan, program, level, sheet):
    table = {(row["Province"], row["Operational district"], row["Indicator"]): row
             for row in rows(program, sheet)}
    for target in plan.targets:
        for at in plan.rows(level):
            place = plan.places[at]
            row = table[place.province, place.name if level == DISTRICT else None, target.title]
            points = 100.0 if target.form == SHARE else 1.0
            for head, values in (("2026 baseline, simulated", target.scenario.mean[at, 0]),
                                 ("2029", target.scenario.mean[at, 3]),
                                 ("2028 low", target.scenario.low[at, 2]), ("2028 high", target.scenario.high[at, 2]),
                                 ("2029 n", target.scenario.n[at, 3]),
                                 ("2029, median", target.median[at, 3]),
                                 ("2029 minus reference, mean", points * target.difference.mean[at, 3])):
                assert (np.nan if row[head] is None else row[head]) == pytest.approx(values, nan_ok=True)


def test_launches_are_those_of_the_record(plan, program):
    table = rows(program, "Launches")
    for number, place in enumerate(plan.districts):
        row = table[number]
        assert row["Operational district"] == place.name
        assert row["Median quarter"] == quarter_words(plan, plan.launches.quarter[number, 1])
        assert row["by end 2028"] == pytest.approx(plan.launches.by_year[number, 2])
        assert row["2028Q4"] == pytest.approx(plan.launches.by_quarter[number, 7])
    assert not any(table[len(plan.districts)].values())  # the filter ends here
    assert table[len(plan.districts) + 1]["by end 2026"] == pytest.approx(plan.launches.by_year[:, 0].sum())


def test_a_quarter_is_told_in_words(plan):
    assert [quarter_words(plan, one) for one in (-1.0, 0.0, 11.0, np.inf)] == [
        "before 2027", "2027Q1", "2029Q4", "not by 2029"]


def test_coaches_and_budget_are_those_of_the_record(plan, program):
    coaches = {(row["Coaches"], row["Statistic"]): row for row in rows(program, "Coach posts")}
    assert coaches["Coach posts planned", "mean"]["2028"] == pytest.approx(plan.coaches.posts.mean[0, 2])
    vacant = coaches["Posts that are vacant (planned minus at work)", "mean"]["2028"]
    assert vacant == pytest.approx(plan.coaches.posts.mean[0, 2] - plan.coaches.at_work.mean[0, 2])

    money = {(row["US$ by year"], row["None"]): row for row in rows(program, "Budget")}
    assert money["Donors", None]["2028"] == pytest.approx(plan.budget.own.by_payer.mean[1, 1])
    paid = plan.budget.own.by_payer_part.mean
    assert money["Donors", "PBF payments"]["Total"] == pytest.approx(paid[1, PAYMENTS])
    assert money["collaboratives", "high"]["2029"] == pytest.approx(plan.budget.own.by_part.high[COLLABORATIVES, 2])
    assert money["Battambang", None]["Total"] == pytest.approx(plan.budget.own.by_province.mean[0].sum())
    discounted = money["US$, discounted", None]["Total"]
    assert discounted == pytest.approx(plan.budget.own.discounted.mean[0])
    riel = money["Million riel, not discounted", None]["Total"]
    assert riel == pytest.approx(plan.budget.own.total.mean[0] * plan.budget.per_usd / 1e6)


def test_what_the_plan_adds_is_shown_by_year_payer_purpose_line_and_province(plan, program):
    more, last = plan.budget.increment, "Total"
    table = {(row["US$ by year"], row["None"]): row for row in rows(program, "Plan minus reference")}

    assert table["Government", None]["2028"] == pytest.approx(more.by_payer.mean[0, 1])
    assert table["Government", "Collaboratives"][last] == pytest.approx(more.by_payer_part.mean[0, COLLABORATIVES])
    assert table["Donors", "PBF payments"][last] == pytest.approx(more.by_payer_part.mean[1, PAYMENTS])
    assert table["Learning sessions", None]["2029"] == pytest.approx(
        more.by_line.mean[plan.budget.lines.index("sessions"), 2])
    assert table["Battambang", None][last] == pytest.approx(more.by_province.mean[0].sum())
    assert table["US$, discounted", None][last] == pytest.approx(more.discounted.mean[ALL])
    assert table["all spending", "low"]["2027"] == pytest.approx(more.by_year.low[0])
    assert table["PBF payments", "high"][last] == pytest.approx(more.total.high[PAYMENTS])
    assert f"+{millions(more.total.mean[COLLABORATIVES])} (" in program.stored[
        "Plan minus reference"]["A2"].value


def test_options_are_those_of_the_record(plan, program, tmp_path):
    lines = [list(row) for row in program.stored["Options"].iter_rows(min_row=HEAD + 1, values_only=True)]
    value = [list(row) for row in program.stored["Value for money"].iter_rows(min_row=HEAD + 1, values_only=True)]
    nothing = Program(write_workbook(replace(plan, reference=plan.scenario, options=(), value=None),
                                     tmp_path / "a.xlsx"))
    own = plan.options[0]

    assert lines[1][1:4] == pytest.approx([own.gain["true"].mean, own.gain["true"].low, own.gain["true"].high])
    assert lines[1][10:13] == pytest.approx([own.programme.mean, own.programme.low, own.programme.high])
    for row, option in zip(value, plan.value.options, strict=False):
        assert (row[0], row[1], row[2]) == (option.title, pytest.approx(option.cost), pytest.approx(option.effect))
        assert row[5:7] == pytest.approx([option.best, option.regret])
    assert "nothing to compare" in nothing.stored["Options"]["A2"].value


def test_quantity_times_price_is_the_mean_of_the_runs_to_the_cent(plan, program):
    for name, spent in (("Quantities", plan.budget.own), ("Quantities reference", plan.budget.reference)):
        table = {(row["Line"], row["What"]): row for row in rows(program, name)}
        for at, line in enumerate(plan.budget.lines):
            if (COST_WORDS[line], "amount") not in table:
                assert not spent.by_line.mean[at].any()
                continue
            for place, year in enumerate(plan.years):
                quantity, price = (table[COST_WORDS[line], what][str(year)] for what in ("quantity", "price"))
                assert quantity * price == pytest.approx(spent.by_line.mean[at, place], abs=0.005), (name, line, year)


def test_inputs_are_styled_as_inputs_and_named(plan, program):
    names = program.formulas.defined_names
    for name in ("price_coach_visits", "price_coach_posts", "known_pbf_bill", "currency_per_usd", "discount_rate"):
        sheet, _, address = names[name].attr_text.rpartition("!")
        held = program.formulas[sheet.strip("'")][address.replace("$", "")]
        assert held.fill.fgColor.rgb == "FFFFF2CC"
        assert held.data_type == "n"
    posts = program.formulas["Coach posts"].cell(HEAD + 1, 5)
    assert (posts.value, posts.fill.fgColor.rgb) == (pytest.approx(plan.coaches.posts.mean[0, 1]), "FFFFF2CC")


def test_the_gap_is_cost_minus_what_is_spent_without_the_plan(plan, program):
    table = {(row["US$ by year"], row["None"]): row for row in rows(program, "Budget and envelope")}

    for name, at in (("Government", 0), ("Donors", 1)):
        assert table[name, "gap"]["2028"] == pytest.approx(plan.budget.increment.by_payer.mean[at, 1])
    assert table["All public money", "gap"]["Total"] == pytest.approx(plan.budget.increment.total.mean[ALL])
    assert table["Collaboratives", "envelope"]["Total"] == pytest.approx(
        plan.budget.reference.total.mean[COLLABORATIVES], abs=1e-6)


def test_posts_have_their_pay_and_those_that_nobody_needs_a_price(plan, program):
    table = {row["Coaches"]: row for row in rows(program, "Coach posts")}
    at, year = plan.budget.lines.index("coach_posts"), 2
    pay = plan.budget.own.by_line.mean[at, year - 1] / plan.budget.quantities.own[at, year - 1]
    idle = max(plan.coaches.posts.mean[0, year] - plan.coaches.needed.mean[0, year], 0.0)

    assert table["Pay of a post and month"]["2028"] == pytest.approx(pay)
    assert table["Pay of posts nobody needs, a year"]["2028"] == pytest.approx(12.0 * idle * pay)


def test_targets_stand_on_one_page_with_chances_responsible_and_means_of_verification(plan, program):
    table = {row["Indicator"]: row for row in rows(program, "Targets")}
    for target in plan.targets:
        row, people = table[target.title], target.unit == "people" and target.form != SHARE
        scale = 1e-3 if people else 1.0  # thousands
        assert (row["2026 baseline, simulated"], row["2029"]) == (
            pytest.approx(scale * target.scenario.mean[0, 0]), pytest.approx(scale * target.scenario.mean[0, -1]))
        other = row["Without the plan, 2029"]
        assert (np.nan if other is None else other) == pytest.approx(
            scale * target.reference.mean[0, -1], nan_ok=True)
        assert row["Runs that reach the target of 2029"] == (
            pytest.approx(target.reached[0, -1]) if target.direction else None)
        assert row["Level that 80\u00a0% of runs reach in 2029"] == (
            pytest.approx(scale * target.sure[0, -1]) if target.direction else None)
        assert (row["Unit"], row["Responsible (a proposal)"], row["Means of verification"]) == (
            "thousand people" if people else target.shown_unit, target.responsible, target.verified)


def test_warnings_stand_first(plan, tmp_path):
    told = Program(write_workbook(replace(plan, warnings=("=1+1 is odd.", "Few runs.")), tmp_path / "plan.xlsx"))
    calm = Program(write_workbook(replace(plan, warnings=()), tmp_path / "calm.xlsx"))
    cells = [told.stored["Read me"].cell(row, column).value for row in (4, 5, 6) for column in (1, 2)]

    assert cells == ["Warnings", None, None, "=1+1 is odd.", None, "Few runs."]
    assert told.formulas["Read me"]["B5"].quotePrefix
    assert calm.stored["Read me"]["A4"].value == "How to use it"


# ------------------------------------------------------------------------------------------------------- whole numbers


def test_districts_are_whole_and_posts_are_whole_but_for_districts(plan, program):
    quarters = program.stored["Launches by quarter"]
    form = {name: program.formulas[name].cell(HEAD + 1, 7).number_format for name in (
        "Coach posts", "Coaches province", "Coaches district")}

    assert {quarters.cell(HEAD + 1, column).number_format for column in range(2, 6)} == {"#,##0"}
    assert [quarters.cell(HEAD + 1 + at, 2).value for at in range(4)] == [
        int(one) for one in plan.launches.planned[:4]]
    assert program.formulas["Launches"].cell(HEAD + len(plan.districts) + 2, 6).number_format == "#,##0"
    assert form == {"Coach posts": "#,##0", "Coaches province": "#,##0", "Coaches district": "#,##0.0"}


def test_differences_of_shares_are_percentage_points(plan, program):
    table = {(row["Indicator"], row["Statistic"]): row for row in rows(program, "Indicators nation")}
    share = plan.target("recorded_80")
    change = table[share.title, "Target (mean)"]["Change since the baseline"]

    assert table[share.title, "Target (mean)"]["Unit"] == "%"
    assert table[share.title, "Difference (mean)"]["Unit"] == "percentage points"
    assert change == pytest.approx(100 * (share.scenario.mean[0, -1] - share.scenario.mean[0, 0]))
    assert not any(row["Unit"] == "share" for row in table.values())


def test_parameters_and_unit_costs_are_listed(plan, program):
    listed = {row["Parameter"]: row for row in rows(program, "Parameters")}
    assert set(listed) == {row.name for row in plan.sources.parameters}
    cost = next(row for row in rows(program, "Sources") if row["Unit cost"] == "Coach visit")
    assert (cost["US$"], cost["Low"], cost["High"], cost["Grade"]) == (21.0, 9.0, 54.0, "A")


# --------------------------------------------------------------------------------------------------------- formulas


def test_every_formula_gives_the_value_that_is_stored(program):
    counts = {}
    for sheet, _, formula, stored in program.all_formulas():
        assert program.evaluate(sheet, formula) == pytest.approx(stored, rel=1e-9, abs=1e-6), (sheet, formula)
        counts[sheet] = counts.get(sheet, 0) + 1

    assert counts.keys() == {"Indicators nation", "Indicators province", "Indicators district", "Launches",
                             "Coaches province", "Coaches district", "Coach posts", "Budget", "Budget and envelope",
                             "Plan minus reference", "Quantities", "Quantities reference", "Budget detail",
                             "Reference detail"}
    assert min(counts.values()) > 8


def test_rates_are_cells_that_everything_follows(plan, path):
    program = Program(path)
    sheet, _, address = program.formulas.defined_names["discount_rate"].attr_text.rpartition("!")
    rate = program.stored[sheet.strip("'")][address.replace("$", "")]
    row = next(cells[0].row for cells in program.stored["Budget"].iter_rows()
               if cells[0].value == "Worth today of US$ 1")
    formula = program.formulas["Budget"].cell(row, 3).value

    assert rate.value == pytest.approx(0.03)
    assert program.stored["Budget"].cell(row, 3).value == pytest.approx(1.03**-0.5)
    rate.value = 0.10
    assert program.evaluate("Budget", formula) == pytest.approx(1.10**-0.5)


def test_no_formula_holds_a_number_of_the_runs(program):
    for sheet, address, formula, _ in program.all_formulas():
        assert not re.search(r"\d\.\d", formula), (sheet, address, formula)


def test_totals_stand_below_the_filter_and_follow_it(plan, program):
    for name in ("Indicators province", "Indicators district", "Launches", "Coaches province", "Coaches district",
                 "Budget detail", "Reference detail"):
        sheet = program.formulas[name]
        last = int(re.search(r"(\d+)$", sheet.auto_filter.ref)[1])
        totals = [row[0].row for row in sheet.iter_rows(min_row=HEAD + 1) if str(row[0].value).startswith((
            "Total of", "Districts launched"))]
        inside = [cell.value for row in sheet.iter_rows(min_row=HEAD + 1, max_row=last) for cell in row
                  if cell.data_type == "f" and "SUBTOTAL" in cell.value]

        assert min(totals) == last + 2, name  # an empty row keeps them out when the filter is set again
        assert inside == []
        assert all(cell.value.startswith("=SUBTOTAL(109,") for row in totals for cell in sheet[row]
                   if cell.data_type == "f")


def test_totals_of_sections_of_the_budget_agree(plan, program):
    for sheet, usd in (("Budget", plan.budget.own.by_year), ("Plan minus reference", plan.budget.increment.by_year)):
        ends = [row["2027"] for row in rows(program, sheet) if row["US$ by year"] == "Total"]

        assert len(ends) == 5
        assert ends[0] == pytest.approx(usd.mean[0])
        assert ends[1] == pytest.approx(ends[0])
        assert ends[2] + ends[3] == pytest.approx(ends[0])
        assert ends[4] == pytest.approx(ends[0])


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


def test_text_over_several_columns_is_text_too(tmp_path):
    workbook = xlsxwriter.Workbook(tmp_path / "one.xlsx", module.SAFE)
    sheet = Book(workbook).sheet("One", "Title")
    sheet.widths((0, 2, 10))
    sheet.merged(3, (0, 2), "=1+1")
    sheet.merged(4, (1, 1), "@SUM(A1) " + "word " * 10)
    sheet.merged(5, (0, 2), "")
    workbook.close()
    there = Program(tmp_path / "one.xlsx").formulas["One"]

    assert [(there[cell].data_type, there[cell].quotePrefix) for cell in ("A4", "B5")] == [("s", True), ("s", True)]
    assert [str(area) for area in there.merged_cells.ranges] == ["A4:C4"]
    assert there.row_dimensions[5].height >= 75.0  # 59 signs in a column of 10


def test_nothing_links_or_looks_outside(path):
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode("utf-8", "replace")
            assert "<hyperlink" not in text
            assert 'TargetMode="External"' not in text
            assert not re.search(r"<f>[^<]*(HYPERLINK|DDE|cmd\||elsewhere)", text)


# --------------------------------------------------------------------------------------------------- form and printing


@pytest.mark.parametrize("name", TABLES)
def test_a_page_is_printed_at_a_size_that_can_be_read(program, name):
    """Type of 11 points on a page across: at most so many characters that 7 points remain."""
    sheet = program.formulas[name]
    last = range_boundaries(sheet.print_area.rpartition("!")[2].replace("$", ""))[2]
    wide = {at: column.width for letter, column in sheet.column_dimensions.items()
            for at in range(column.min, column.max + 1)}
    paper = 1.41 if int(sheet.page_setup.paperSize) == 8 else 1.0

    assert sum(wide.get(at, 8.43) for at in range(1, last + 1)) <= 235.0 * paper


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_frozen_landscape_and_prints_on_a_page_across(program, name):
    sheet = program.formulas[name]

    assert sheet.freeze_panes is not None
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)  # one across, any number down
    assert sheet.print_area
    assert sheet.print_title_rows


def test_long_lists_are_left_out_of_print_and_say_so(program):
    """What is to be read prints whole; a list of every district or parameter prints its title alone."""
    area = {name: range_boundaries(program.formulas[name].print_area.rpartition("!")[2].replace("$", ""))[3]
            for name in TABLES}
    left_out = {name for name in TABLES if "left out of print" in str(program.formulas[name]["A2"].value)}

    assert {name for name, last in area.items() if last == 2} == left_out
    assert {"Uncertainty", "Parameters"} <= left_out
    assert not left_out & {"Targets", "Options", "Quantities", "Budget", "Indicators nation"}
    assert all(program.formulas[name].max_row > 2 for name in left_out)


def test_the_wide_sheet_of_targets_prints_on_a3(program):
    assert int(program.formulas["Targets"].page_setup.paperSize) == 8


def test_numbers_have_formats(plan, program):
    sheet = program.formulas["Indicators nation"]
    formats = {target.name: sheet.cell(HEAD + 1 + len(STATISTICS) * place, 4).number_format
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
    assert series["Recorded score"][1] == [2026, 2027, 2028, 2029]
    assert series["Needed for every planned visit"][0] == pytest.approx(plan.coaches.needed.mean[0])
    assert series["Launched"][0] == pytest.approx(plan.launches.launched.mean)
    assert series["Government"][0] == pytest.approx(plan.budget.own.by_payer.mean[0])


def test_charts_have_names_for_axes_words_for_the_blind_and_series_named_by_cells(plan, path, program):
    with zipfile.ZipFile(path) as archive:
        charts = [archive.read(name).decode() for name in sorted(archive.namelist()) if "charts/chart" in name]
        drawing = next(archive.read(name).decode() for name in archive.namelist() if "drawings/drawing" in name)
    said = re.findall(r'descr="([^"]*)"', drawing)
    recorded = plan.target("recorded").scenario.mean[0, -1]

    assert all(len(re.findall(r"<c:(?:cat|val)Ax>.*?<c:title>", chart, re.DOTALL)) == 2 for chart in charts)
    assert "points (axis begins at " in charts[0]
    least = float(re.search(r'<c:min val="([^"]*)"', charts[0])[1])
    assert 0.0 < least <= plan.target("recorded").scenario.low[0].min()
    for part in re.findall(r"<c:ser>.*?</c:ser>", "".join(charts), re.DOTALL):
        name, shown = re.search(r"<c:tx><c:strRef><c:f>(.*?)</c:f>.*?<c:v>(.*?)</c:v>", part, re.DOTALL).groups()
        assert program.column("", name) == [shown]
    assert len(said) == len(charts)
    assert f"{recorded:.1f} at the end of 2029" in said[0]


# ------------------------------------------------------------------------------------------------------------ files


def test_the_same_plan_gives_the_same_bytes(plan, path, tmp_path):
    again = write_workbook(plan, tmp_path / "again.xlsx", plan.provenance)

    assert again.read_bytes() == path.read_bytes()


def test_a_failure_leaves_nothing_and_keeps_the_old_file(plan, tmp_path, monkeypatch):
    (tmp_path / "plan.xlsx").write_text("old")

    def fail(book, plan):
        raise RuntimeError("in the middle")

    monkeypatch.setattr(module, "write_charts", fail)
    with pytest.raises(RuntimeError, match="in the middle"):
        write_workbook(plan, tmp_path / "plan.xlsx")

    assert [file.name for file in tmp_path.iterdir()] == ["plan.xlsx"]
    assert (tmp_path / "plan.xlsx").read_text() == "old"


def test_a_folder_of_that_name_is_refused(plan, tmp_path):
    (tmp_path / "plan.xlsx").mkdir()

    with pytest.raises(SettingError, match="is a folder"):
        write_workbook(plan, tmp_path / "plan.xlsx")


def test_a_plan_in_which_nothing_is_spent_and_words_are_very_long_is_still_written(plan, tmp_path):
    nothing = replace(plan.budget.own, mean=np.zeros_like(plan.budget.own.mean))
    free = replace(plan.budget, own=nothing, reference=nothing)
    wordy = replace(plan.scenario, title="=" + "word " * 9000, description="+1")
    program = Program(write_workbook(replace(plan, budget=free, scenario=wordy), tmp_path / "free.xlsx"))

    assert {row["US$ by year"]: row for row in rows(program, "Budget")}["Government"]["2027"] == 0.0
    assert "+1" in {cell.value for row in program.stored["Assumptions"].iter_rows() for cell in row}


def test_no_text_is_cut_by_its_column(program):
    for sheet in program.stored.worksheets:
        wide = {letter: column.width for letter, column in sheet.column_dimensions.items()}
        merged = {cell for area in sheet.merged_cells.ranges for cell in (area.start_cell.coordinate,)}
        for row in sheet.iter_rows(min_row=HEAD):
            for cell, beside in zip(row, (*row[1:], None), strict=True):
                if isinstance(cell.value, str) and beside is not None and beside.value is not None:
                    room = wide.get(cell.column_letter, 60.0) * 1.1
                    assert len(cell.value) <= room or cell.alignment.wrap_text or cell.coordinate in merged, (
                        sheet.title, cell.coordinate, cell.value)


def test_a_note_is_spread_over_the_page_in_a_row_that_holds_it(program):
    for name in (*TABLES, "Read me"):
        sheet = program.stored[name]
        if sheet["A2"].value is None:
            continue
        assert any(area.start_cell.coordinate == "A2" for area in sheet.merged_cells.ranges), name
        assert sheet["A2"].alignment.wrap_text


def test_heads_of_numbers_are_numbers_to_the_right_and_no_hole_is_in_their_band(plan, program):
    sheet = program.stored["Budget"]
    heads = sheet[HEAD][:3 + len(plan.years)]

    assert [cell.value for cell in heads[2:2 + len(plan.years)]] == list(plan.years)
    assert all(cell.alignment.horizontal == "right" for cell in heads[2:])
    assert len({cell.fill.fgColor.rgb for cell in heads}) == 1


@pytest.mark.parametrize("name", ["Read me", "Sources", "Parameters"])
def test_rows_are_high_enough_for_their_wrapped_text(program, name):
    sheet = program.stored[name]
    wide = {letter: column.width for letter, column in sheet.column_dimensions.items()}
    wrapped = [cell for row in sheet.iter_rows(min_row=HEAD) for cell in row
               if cell.alignment.wrap_text and cell.column_letter in wide and not cell.font.bold]
    long = [cell for cell in wrapped if len(str(cell.value)) > 1.2 * wide[cell.column_letter]]

    assert long
    for cell in long:
        assert sheet.row_dimensions[cell.row].height >= 30.0
