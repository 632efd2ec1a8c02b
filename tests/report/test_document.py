"""The plan chapter: its numbers are those of the record, its parts are real Word, and no text of a user breaks it."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from docx import Document
from docx.oxml.ns import qn

from qicsim.errors import SettingError
from qicsim.report.checklists import NAMES
from qicsim.report.document import filled, write_document
from qicsim.report.word import KHMER, LATIN, Word, clean
from qicsim.report.words import number, signed
from qicsim.scenario import load_scenario
from tests.report.plans import PLACES, YEARS, small_plan, words

NASTY = "<w:p>&amp; \u0007\u202e\ufffe\x00\ud800 =1+1 ]]> \"'`"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
PROVENANCE = {"command": "qicsim plan scaled --out plan.docx", "packages": {"numpy": "2.2"}}


@pytest.fixture(scope="module")
def plan():
    return small_plan()


@pytest.fixture(scope="module")
def written(plan, tmp_path_factory):
    return write_document(plan, tmp_path_factory.mktemp("plan") / "plan.docx", PROVENANCE,
                          further=[small_plan(scenario=words("slow", "Plan for some"))])


@pytest.fixture(scope="module")
def document(written):
    return Document(str(written))


def text_of(document) -> str:
    return "\n".join("".join(part.text or "" for part in paragraph.iter(qn("w:t")))
                     for paragraph in document.element.body.iter(qn("w:p")))


def captions(document) -> list[str]:
    return ["".join(part.text or "" for part in paragraph._p.iter(qn("w:t"))) for paragraph in document.paragraphs
            if paragraph.style.name == "Caption"]


def table(document, caption) -> list[list[str]]:
    """The cells of the table under the caption that begins so (after its number)."""
    names = [one.split(". ", 1)[1] for one in captions(document) if one.startswith("Table ")]
    (at,) = [place for place, name in enumerate(names) if name.startswith(caption)]
    return [[cell.text for cell in row.cells] for row in document.tables[at].rows]


# ----------------------------------------------------------------------------------------------------------- numbers


def test_targets_by_year_are_those_of_the_record(plan, document):
    rows = table(document, "Indicators with baseline and yearly targets")
    scales = {"share": (100.0, 0), "points": (1.0, 1), "count": (1.0, 0), "rate": (1.0, 2)}

    assert rows[0] == ["Indicator", "Unit", "Baseline 2026", "2027", "2028", "2029", "Responsible level"]
    for row, target in zip(rows[1:], plan.targets, strict=False):
        scale, digits = scales[target.form]
        level = target.scenario
        told = [f"{number(level.mean[0, at] * scale, digits)} ({number(level.low[0, at] * scale, digits)} to "
                f"{number(level.high[0, at] * scale, digits)})" for at in range(4)]
        assert row == [target.title, {"share": "%"}.get(target.form, target.unit), *told, target.responsible]


def test_the_path_ends_with_what_each_year_costs(plan, document):
    rows = table(document, "Indicators with baseline and yearly targets")
    whole, extra = rows[-3], rows[-1]

    assert whole[0] == "Cost of the year, all"
    assert whole[2] == "–"
    for at in range(len(YEARS)):
        assert whole[3 + at].startswith(f"{plan.budget.by_year.mean[at] / 1e6:,.2f} (")
        assert extra[3 + at].startswith(f"+{plan.budget.extra.mean[at] / 1e6:,.2f} (")


@pytest.mark.parametrize(("kind", "axes"), [("payer", (1, 2)), ("line", (1, 3)), ("province", (2, 3))])
def test_every_division_of_the_budget_adds_up(plan, document, kind, axes):
    rows = table(document, f"Spending by year and {kind}, US$")
    parts = plan.budget.mean.sum(axis=axes).T / 1e6
    told = np.array([[float(cell.replace(",", "")) for cell in row[1:]] for row in rows[1:]])

    assert told[:-1, :-1] == pytest.approx(parts)
    assert told[:-1].sum(axis=0) == pytest.approx(told[-1], abs=0.02)
    assert told[:, :-1].sum(axis=1) == pytest.approx(told[:, -1], abs=0.02)


def test_sums_are_undiscounted_discounted_and_in_riel(plan, document):
    rows = table(document, "Spending 2027 to 2029")
    held = plan.budget

    assert rows[1][1].startswith(f"{held.total.mean[0] / 1e6:,.2f} (")
    assert rows[1][2].startswith(f"{held.discounted.mean[0] / 1e6:,.2f} (")
    assert rows[1][4] == number(held.total.mean[0] * 4100.0 / 1e9, 1)
    assert rows[4][1].startswith(signed(held.extra_total.mean / 1e6, 2))


def test_baseline_stands_with_interval_and_n(document):
    rows = table(document, "Baseline at the end of 2026")

    assert rows[1] == ["Mean true quality", "points", "41.5", "37.4 to 45.7", "12"]


def test_options_hold_the_reference_the_plan_and_further_scenarios(document):
    rows = table(document, "Options at the end of 2029")

    assert rows[0] == ["Indicator", "Unit", "As it was", "Plan for all", "Plan for some"]
    assert rows[1][2:] == ["41.5 (37.4 to 45.7)", "50.5 (45.5 to 55.6)", "50.5 (45.5 to 55.6)"]
    assert rows[2][2:] == ["–", "+9.0 (+8.1 to +9.9)", "+9.0 (+8.1 to +9.9)"]


def test_districts_are_launched_in_the_quarters_of_the_record(document):
    rows = table(document, "Launch and targets by operational district")

    assert rows[1][:5] == ["Battambang", "Moung", "2027Q3", "before the plan; later or never", "100\u00a0%"]
    assert rows[2][2:5] == ["later or never", "2028Q2; later or never", "25\u00a0%"]


def test_risks_are_told_with_the_numbers_of_the_plan(document):
    told = text_of(document)

    assert "6 (5 to 7) are at work where 9 (8 to 10) could make every planned visit" in told
    assert "10.0 points above the mean true quality at the end of 2026 and 13.0 points above it" in told
    assert "1 district is not launched by then" in told
    assert "not told from chance (nearer to 0 than 0.50)" in told
    assert table(document, "What the plan hinges on")[1] == ["gain of a cycle", "share/month", "+0.81", "(−0.12)"]


def test_provinces_stand_with_their_khmer_names_in_a_khmer_font(document):
    rows = table(document, "Provinces: baseline and target")
    runs = [run for run in document.element.body.iter(qn("w:r")) if "បាត់ដំបង" in "".join(run.itertext())]
    fonts = {run.find(qn("w:rPr")).find(qn("w:rFonts")).get(qn(f"w:{side}"))
             for run in runs for side in ("ascii", "hAnsi", "cs")}

    assert [row[0] for row in rows[1:]] == [f"{place.name} {place.name_km}" for place in PLACES[1:3]]
    assert fonts == {KHMER}


def test_invented_facilities_are_told_at_the_top(plan, document, tmp_path):
    real = write_document(replace(plan, synthetic=False), tmp_path / "real.docx")

    assert "The facilities of this plan are synthetic" in text_of(document)
    assert "The facilities of this plan are synthetic" not in text_of(Document(str(real)))


# -------------------------------------------------------------------------------------------------------- checklists


def test_checklists_stand_with_their_completeness(plan, document):
    rows = table(document, "Checklists: items that the code")
    lists = filled(plan, PROVENANCE)

    assert [row[0] for row in rows[1:]] == [one.checklist.title for one in lists]
    assert [row[2] for row in rows[1:]] == [str(one.published("filled")) for one in lists]
    assert [row[4] for row in rows[1:]] == [f"{100 * one.score:.0f} % ({one.checklist.checked})" for one in lists]
    assert len(table(document, "CHEERS 2022, item by item")) == 1 + 28


def test_the_plan_itself_answers_discounting_runs_and_results(plan):
    cheers = filled(plan, PROVENANCE)[NAMES.index("cheers")]
    told = {one.item.number: one for one in cheers.answers}

    assert told["10"].text.startswith("Costs and effects are discounted at 3 % a year to the start of 2027.")
    assert "6 draws" in told["20"].text
    assert "mean true quality 50.5 (" in told["23"].text
    assert "mean true quality 9.0 (" in told["24"].text


def test_scenarios_are_given_or_shipped_under_their_name_and_digest(plan):
    shipped = [load_scenario(name) for name in ("reported", "national-2030")]
    names = {one.name: replace(words(one.name, one.title), digest=one.digest) for one in shipped}
    told = replace(plan, reference=names["reported"], scenario=names["national-2030"])
    other = replace(told, scenario=replace(names["national-2030"], digest="cd" * 32))

    assert filled(told, {})[0].scenarios == ("reported", "national-2030")
    assert filled(other, {})[0].scenarios == ("reported",)
    assert filled(plan, {}, shipped)[0].scenarios == ("reported", "national-2030")


# -------------------------------------------------------------------------------------------------------------- form


def test_headings_are_real_and_the_contents_lead_to_them(document):
    heads = [one.text for one in document.paragraphs if one.style.name.startswith("Heading 1")]
    marks = {one.get(qn("w:name")) for one in document.element.body.iter(qn("w:bookmarkStart"))}
    links = [one.get(qn("w:anchor")) for one in document.element.body.iter(qn("w:hyperlink"))]

    assert heads == ["In short", "Situation", "Options compared", "Recommended path", "Launch schedule", "Coaches",
                     "Budget", "Risks", "Annex A. Assumptions", "Annex B. Operational districts", "Annex C. Checklists",
                     "Annex D. Sources, and how to make this again"]
    assert len(links) >= len(heads)
    assert set(links) <= marks


def test_every_table_has_a_caption_a_repeated_head_row_and_rows_that_hold_together(document):
    numbers = [int(re.match(r"Table (\d+)\. ", one)[1]) for one in captions(document) if one.startswith("Table")]

    assert numbers == list(range(1, len(document.tables) + 1))
    for one in document.tables:
        assert one.style.name == "qicsim table"
        heads = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in one.rows]
        assert heads == [True] + [False] * (len(one.rows) - 1)
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in one.rows)


def test_every_figure_has_a_caption_with_n_and_interval_and_an_alternative_text_with_numbers(document):
    told = [one for one in captions(document) if one.startswith("Figure")]
    pictures = list(document.element.body.iter(DRAWING))

    assert len(told) == len(pictures) == 6
    assert all("n = 12" in one and "intervals between runs (draws and chance)" in one for one in told)
    assert all(re.search(r"\d", one.get("descr")) for one in pictures)
    assert len({one.get("id") for one in pictures}) == len(pictures)
    assert "50.5 (45.5 to 55.6) points with the plan" in pictures[0].get("descr")


def test_pages_are_numbered_and_wide_tables_lie_across(document):
    footer = document.sections[0].footer.paragraphs[0]._p
    wide = [section.page_width > section.page_height for section in document.sections]

    assert [field.get(qn("w:instr")).strip() for field in footer.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]
    assert wide == [False, True, False, True, False, True, False]


def test_every_run_of_text_names_its_fonts_and_languages(document):
    for run in document.element.body.iter(qn("w:r")):
        if "".join(run.itertext()).strip() and run.find(qn("w:instrText")) is None:
            fonts = run.find(qn("w:rPr")).find(qn("w:rFonts"))
            assert fonts.get(qn("w:ascii")) == fonts.get(qn("w:hAnsi")) in (LATIN, KHMER)
            assert fonts.get(qn("w:cs")) == KHMER
            assert run.find(qn("w:rPr")).find(qn("w:lang")).get(qn("w:bidi")) == "km-KH"


def test_the_same_plan_gives_the_same_bytes_and_no_date_of_today(plan, tmp_path):
    one, two = (write_document(plan, tmp_path / name, PROVENANCE).read_bytes() for name in ("one.docx", "two.docx"))
    with zipfile.ZipFile(tmp_path / "one.docx") as held:
        dates = {entry.date_time for entry in held.infolist()}

    assert one == two
    assert dates == {(1980, 1, 1, 0, 0, 0)}
    assert Document(str(tmp_path / "one.docx")).core_properties.created.year == 2000
    assert list(tmp_path.glob(".*")) == []


# ------------------------------------------------------------------------------------------------------------- input


def test_what_users_write_stays_text(plan, tmp_path):
    hostile = replace(words("nasty", NASTY), description=NASTY, assumptions=(NASTY,))
    places = tuple(replace(place, name=NASTY) for place in PLACES)
    path = write_document(replace(plan, scenario=hostile, places=places, notes=(NASTY,)), tmp_path / "nasty.docx",
                          {"command": NASTY})
    with zipfile.ZipFile(path) as held:
        for name in held.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(held.read(name))

    assert "<w:p>&amp; =1+1 ]]> \"'`" in text_of(Document(str(path)))


def test_a_number_that_is_missing_is_a_dash(plan, tmp_path):
    target = plan.targets[0]
    empty = replace(target.scenario, mean=np.full((5, 4), np.nan), low=np.full((5, 4), np.nan),
                    high=np.full((5, 4), np.nan), n=np.zeros((5, 4), dtype=np.int64))
    lacking = replace(plan, targets=(replace(target, scenario=empty, difference=empty), *plan.targets[1:]))
    told = Document(str(write_document(lacking, tmp_path / "lacking.docx")))

    assert table(told, "Baseline at the end of 2026")[1] == ["Mean true quality", "points", "–", "–", "0"]
    assert "nan" not in text_of(told).lower().replace("finan", "").replace("nanc", "")


def test_what_cannot_be_written_is_refused_with_every_fault(plan, tmp_path):
    other = small_plan(reference=replace(words("other", "Other"), digest="ef" * 32))

    with pytest.raises(SettingError) as caught:
        write_document(plan, tmp_path / "none" / "plan.odt", further=[other])
    assert [fault.place for fault in caught.value.faults] == ["--out", "--out", "further"]
    (tmp_path / "taken.docx").mkdir()
    with pytest.raises(SettingError, match="is a folder"):
        write_document(plan, tmp_path / "taken.docx")


def test_text_is_cleaned_of_what_xml_cannot_hold():
    assert clean("a\x00b\ufffec\ud800 d\n\te") == "abc d e"
    assert len(clean("x" * 100_000)) == 30_000


def test_a_table_without_rows_says_so(tmp_path):
    word = Word("Empty")
    word.table("Nothing", ("One", "Two"), [])
    word.save(tmp_path / "empty.docx")
    (found,) = Document(str(tmp_path / "empty.docx")).tables

    assert [[cell.text for cell in row.cells] for row in found.rows] == [["One", "Two"], ["None", ""]]
