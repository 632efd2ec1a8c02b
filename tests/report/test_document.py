"""The plan chapter: its numbers are those of the record, its parts are real Word, and no text of a user breaks it."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from unittest import mock
from xml.etree import ElementTree

import numpy as np
import pytest
from docx import Document
from docx.oxml.ns import qn

from qicsim.ground.errors import SettingError
from qicsim.ground.numbers import number, signed
from qicsim.inputs.scenario import load_scenario
from qicsim.plan.record import Known
from qicsim.report.checklists import NAMES
from qicsim.report.document import filled, write_document
from qicsim.report.document_money import pace_words
from qicsim.report.document_risks import _delay_risk, _harm, _payer_risk, _surplus
from qicsim.report.word import KHMER, LATIN, Word, clean
from tests.report.plans import EMPTY, PLACES, YEARS, small_plan, spread, words

NASTY = "<w:p>&amp; \u0007\u202e\ufffe\x00\ud800 =1+1 ]]> \"'`"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
PROVENANCE = {"command": "qicsim plan scaled --out plan.docx", "packages": {"numpy": "2.2"}}


@pytest.fixture(scope="module")
def plan():
    return small_plan()


@pytest.fixture(scope="module")
def written(plan, tmp_path_factory):
    return write(plan, tmp_path_factory.mktemp("plan"))


def write(plan, folder):
    """The chapter of the plan beside another one."""
    return write_document(plan, folder / "plan.docx", PROVENANCE,
                          further=[small_plan(scenario=words("slow", "Plan for some"))])


@pytest.fixture(scope="module")
def document(written):
    return Document(str(written))


def variant(plan, folder):
    """Another plan as it reads when it is written, with empty figures and without checklists: half of the time."""
    with (mock.patch("qicsim.report.document_figures.drawn", return_value=EMPTY),
          mock.patch("qicsim.report.document.filled", return_value=())):
        return Document(str(write_document(plan, folder / "variant.docx")))


@pytest.fixture(scope="module")
def changed(plan, tmp_path_factory):
    """A plan that is another one in several sections, none of which knows of the others."""
    spent, planned = plan.budget.own.by_line.mean.copy(), np.minimum(np.arange(12), 5).astype(float)
    spent[1] = 0.0
    own = replace(plan.budget.own, by_line=replace(plan.budget.own.by_line, mean=spent))
    return variant(replace(
        plan, budget=replace(plan.budget, own=own), levers=(replace(plan.levers[0], name="pbf"),), value=None,
        whole="the register", known=Known(register=True, joins=True, scores=True), synthetic=False,
        launches=replace(plan.launches, planned=planned, launched=spread(planned), due=5),
        influence=replace(plan.influence, rho=np.array([[0.4, -0.12]]))), tmp_path_factory.mktemp("changed"))


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
    scales = {"share": (100.0, 0, "%"), "points": (1.0, 1, "points"), "rate": (1.0, 2, "visits/month"),
              "count": (1e-3, 0, "thousand people")}

    assert rows[0] == ["Indicator", "Baseline 2026 (simulated)", "2027", "2028", "2029", "Responsible level"]
    for row, target in zip(rows[1:], plan.targets, strict=False):
        scale, digits, unit = scales[target.form]
        level = target.scenario
        told = [f"{number(level.mean[0, at] * scale, digits)}\n({number(level.low[0, at] * scale, digits)} to "
                f"{number(level.high[0, at] * scale, digits)})" for at in range(4)]
        assert row == [f"{target.title} ({unit})", *told, target.responsible]


def test_the_path_ends_with_what_each_year_costs_the_baseline_too(plan, document):
    rows = table(document, "Indicators with baseline and yearly targets")
    whole, own, extra = rows[-3], rows[-2], rows[-1]

    assert whole[0] == "Cost of the year, all (US$ million)"
    assert [row[1].split("\n")[0] for row in (whole, own, extra)] == ["20.0", "2.0", "–"]
    for at in range(len(YEARS)):
        assert whole[2 + at].startswith(f"{plan.budget.own.by_year.mean[at] / 1e6:,.1f}\n(")
        assert own[2 + at].startswith(f"{plan.budget.own.by_part.mean[1, at] / 1e6:,.1f}\n(")
        assert extra[2 + at].startswith(f"+{plan.budget.increment.by_year.mean[at] / 1e6:,.1f}\n(")


@pytest.mark.parametrize(("kind", "axes"), [("payer", (1, 2)), ("line", (1, 3)), ("province", (2, 3))])
@pytest.mark.parametrize(("title", "share"), [("What the plan adds (plan minus reference)", 0.5),
                                              ("All spending with the plan", 1.0)])
def test_every_division_of_money_adds_up(plan, document, title, share, kind, axes):
    rows = table(document, f"{title}, by year and {kind}, thousand US$")
    parts = share * plan.budget.own.mean.sum(axis=axes).T / 1e3
    told = np.array([[float(cell.replace(",", "")) for cell in row[1:]] for row in rows[1:]])

    assert told[:-1, :-1] == pytest.approx(parts)
    assert told[:-1].sum(axis=0) == pytest.approx(told[-1], abs=2)
    assert told[:, :-1].sum(axis=1) == pytest.approx(told[:, -1], abs=2)


def test_lines_on_which_nothing_is_spent_are_left_out(changed):
    rows = table(changed, "All spending with the plan, by year and line")

    assert [row[0] for row in rows[1:]] == ["Coaching visits", "PBF payments", "All"]


def test_the_money_asked_for_is_split_into_the_programme_and_what_follows_from_scores(plan, document):
    more, whole = plan.budget.increment.total.mean / 1e6, plan.budget.reference.total.mean / 1e6
    told = text_of(document)

    assert f"Money, against no plan, 2027 to 2029: US$ +{more[0]:,.1f} (" in told
    assert f"+{more[1]:,.1f} (+{more[1] * 0.9:,.1f} to +{more[1] * 1.1:,.1f}) million for collaboratives" in told
    assert f"million for PBF payments, {100.0 * more[3] / more[0]:.0f}\u00a0% of the whole. PBF pays facilities" in told
    assert "because recorded scores do, and are no budget line of the programme" in told
    assert f"million with the plan, {whole[0]:,.1f} (" in told
    assert told.count("Money, against no plan") == 2  # in short, and with the budget


def test_a_plan_that_changes_how_payments_are_made_says_so(changed):
    assert "because the plan changes their rules" in text_of(changed)


def test_both_prices_stand_in_one_line(document):
    assert "US$ of 2021, riel at a rate of another year. Discounted at 3 % a year" in text_of(document)


def test_sums_are_undiscounted_discounted_and_in_riel(plan, document):
    rows = table(document, "Spending 2027 to 2029")
    held = plan.budget
    assert rows[0][1:4] == ["Unit costs scaled as drawn", "The same, discounted", "Each unit cost drawn from its range"]

    assert rows[1][1].startswith(f"{held.own.total.mean[0] / 1e6:,.1f} (")
    assert rows[1][2].startswith(f"{held.own.discounted.mean[0] / 1e6:,.1f} (")
    assert rows[1][4] == number(held.own.total.mean[0] * 4100.0 / 1e9, 1)
    assert rows[5][1].startswith(signed(held.increment.total.mean[0] / 1e6, 1))


def test_baseline_stands_with_interval_and_n(document):
    rows = table(document, "Baseline 2026 (simulated), the nation")

    assert rows[1] == ["Mean true quality", "points", "41.5", "37.4 to 45.7", "12"]


def test_options_hold_the_reference_the_plan_and_further_scenarios(document):
    rows = table(document, "Options at the end of 2029")

    assert rows[0] == ["Indicator", "Unit", "As it was", "Plan for all", "Plan for some"]
    assert rows[1][2:] == ["41.5 (37.4 to 45.7)", "50.5 (45.5 to 55.6)", "50.5 (45.5 to 55.6)"]
    assert rows[2][2:] == ["–", "+9.0 (+8.1 to +9.9)", "+9.0 (+8.1 to +9.9)"]
    assert [row[1] for row in rows[5:7]] == ["%", "percentage points"]


def test_options_hold_what_the_reference_costs_and_what_each_adds_by_part(plan, document):
    rows = {row[0]: row for row in table(document, "Options at the end of 2029")}
    held = plan.budget

    for part, title in enumerate(("all", "collaboratives", "assessment and verification", "PBF payments")):
        cost, more = rows[f"Cost, {title}"], rows[f"More than the reference, {title}"]
        assert cost[2].startswith(f"{held.reference.total.mean[part] / 1e6:,.1f} (")
        assert cost[3].startswith(f"{held.own.total.mean[part] / 1e6:,.1f} (")
        assert more[2] == "–"
        assert more[3].startswith(f"{signed(held.increment.total.mean[part] / 1e6, 1)} (")


def test_value_for_money_is_that_of_the_record(document, changed):
    rows = table(document, "Value for money of the options")

    assert rows[1:] == [["As it was", "20.0", "400", "–", "on the frontier", "25\u00a0%", "3.0"],
                        ["Plan for all", "40.0", "2,400", "10,000", "on the frontier", "75\u00a0%", "1.0"]]
    assert "take US$ 12,000" in text_of(document)
    assert table(document, "The same options without PBF's payments to facilities")[1:] == [
        ["As it was", "1.0", "–", "on the frontier"], ["Plan for all", "5.0", "2,000", "on the frontier"]]
    assert "Value for money" not in text_of(changed)


# ------------------------------------------------------------------------------------------- chances, and what is said


def test_chances_hold_median_share_of_runs_and_a_level_that_most_reach(plan, document):
    rows = table(document, "Chances of the targets, the nation, ends of 2029")
    share = plan.targets[2]

    assert rows[0][1:5] == ["Target 2029 (mean)", "Median 2029", "Runs that reach the target",
                            "Level that 80\u00a0% reach"]
    assert rows[1] == ["Mean true quality (points)", "50.5", "49.5", "34\u00a0%", "48.5", "records of true"]
    assert rows[3][1] == f"{100.0 * share.scenario.mean[0, -1]:.0f}"
    assert ("Targets are means between runs, and can be missed: the target of 2029 for mean true quality, 50.5 "
            "points, is reached in 34\u00a0% of the runs; 48.5 points is reached in 80\u00a0% of them.") in text_of(
                document)


def test_what_is_reported_names_topics_sources_and_signs(document):
    rows = table(document, "Reported history")
    by_name = {row[0]: row for row in rows[1:]}

    assert by_name["hand hygiene: change in % correct, teams on the topic"][2] == "+34"
    assert by_name["general waste: change in % correct, teams on the topic"][2] == "−13"
    assert by_name["TB screening: change in % screened, teams on the topic"][2] == "+11.3"
    assert not any("same" in row[4] for row in rows)
    assert by_name["medical waste: change in % correct, teams on the topic"][4] == (
        "Perry et al. 2022, BMJ Glob Health 7:e008245, Table 2")


def test_a_scenario_that_is_no_better_is_not_called_recommended(plan, tmp_path):
    first = plan.targets[0]
    up = first.difference
    down = replace(up, mean=-up.mean, low=-up.high, high=-up.low)
    worse = replace(plan, targets=(replace(first, difference=down), *plan.targets[1:]), warnings=("It does worse.",))
    document = variant(worse, tmp_path)
    told = text_of(document)

    assert "Path of the scenario: Plan for all" in told
    assert "Recommended path" not in told
    assert "The runs do not recommend this scenario" in told
    assert "with the whole interval of the difference: mean true quality −9.0 (−9.9 to −8.1) points." in told
    assert told.index("It does worse.") < told.index("What Plan for all is.")


def test_harm_is_told_by_the_better_side_of_each_indicator(plan):
    lenient = replace(plan.targets[1], direction=-1)
    neither = replace(plan.targets[2], direction=0)
    told = _harm(replace(plan, targets=(plan.targets[0], lenient, neither)))

    assert told == [("Worse than without the plan at the end of 2029, with the whole interval of the difference: mean "
                     "recorded NQEM score +12.0 (+10.8 to +13.2) points.")]
    assert _harm(plan) == []


def test_a_scenario_that_is_its_own_reference_has_no_differences(plan, tmp_path):
    same = replace(plan, reference=plan.scenario, value=None)
    document = variant(same, tmp_path)
    told, heads = text_of(document), [one.text for one in document.paragraphs if one.style.name == "Heading 2"]

    assert "There is nothing to compare: the scenario is its own reference." in told
    assert heads.count("Plan for all") == 2  # among the options, and among the assumptions
    assert not any(words in told for words in ("What the plan adds", "Money, against no plan", "More than without",
                                               "million with the plan"))


def test_a_register_of_the_users_own_is_not_called_the_nation(changed):
    assert any("the register" in one for one in captions(changed))
    assert not any("the nation" in one for one in captions(changed) if "Reported history" not in one)
    assert "the register, the scores and the months of joining that were given" in text_of(changed)




def test_districts_are_launched_in_the_quarters_of_the_record(document):
    rows = table(document, "Launch and targets by operational district")

    assert rows[1][:5] == ["Battambang", "Moung", "2027Q3", "before the plan; later or never", "100\u00a0%"]
    assert rows[2][2:5] == ["later or never", "2028Q2; later or never", "25\u00a0%"]


def test_risks_are_told_with_the_numbers_of_the_plan(document):
    told = text_of(document)

    assert "6 (5 to 7) are at work where 9 (8 to 10) could make every planned visit" in told
    assert "10.0 points above the mean true quality at the end of 2026 and 13.0 points above it" in told
    assert "Slow launches" in told
    assert "by the end of 2029Q1, the plan's own date, 1 (1 to 2) of the 2 districts" in told
    assert "1 district is not launched by 2029Q4 in half of the runs or more" in told
    assert "Rank correlations of 1 uncertain parameter with 2 outcomes were looked at over 6 draws" in told
    assert "(more than 0.50, up or down)" in told
    assert table(document, "What the plan hinges on")[1] == ["gain of a cycle", "share/month", "+0.81", "(−0.12)"]


def test_donors_are_held_to_what_the_plan_adds(plan, document):
    own, standing = (spent.by_payer_part.mean[1] / 1e6 for spent in (plan.budget.own, plan.budget.reference))
    told = text_of(document)

    share = 100.0 * own[1] / (plan.budget.own.total.mean[1] / 1e6)
    assert f"Exit of donors: they pay {share:.0f}\u00a0% of the collaboratives, US$ {own[1]:,.1f} (" in told
    assert f"and US$ +{plan.budget.increment.by_payer_part.mean[1, 0] / 1e6:,.1f} (" in told
    assert f"Money of donors without the plan: US$ {standing[0]:,.1f} (" in told
    assert f"million in the reference, {standing[3]:,.1f} million of it for PBF payments" in told
    assert "assumption; where it ends, it is missing with or without the plan" in told


def test_a_scenario_that_asks_donors_for_nothing_has_no_exit(plan):
    held = plan.budget
    none = replace(held.own, by_payer_part=spread(np.zeros((2, 4))))
    told = _payer_risk(replace(plan, budget=replace(held, own=none)))

    assert len(told) == 1
    assert told[0].startswith("Money of donors without the plan")
    assert "with or without" not in told[0]


def test_posts_that_nobody_needs_are_told_from_their_year_on(plan):
    over = np.ones((5, 4)) * np.array([9.0, 9.0, 7.0, 4.0])
    told = _surplus(replace(plan, coaches=replace(plan.coaches, needed=spread(over))))

    assert len(told) == 1
    assert told[0].startswith("Surplus of coaches: from 2028 on")
    assert "At the end of 2029 8 (7 to 9) posts are planned where 4 (4 to 4) would do" in told[0]
    assert _surplus(plan) == []


def test_launches_that_keep_up_are_no_risk_and_the_ceiling_is_named(plan):
    ready = replace(plan.launches, launched=spread(plan.launches.planned.astype(float)))
    kept = replace(plan, launches=ready)
    still = replace(plan, launches=replace(plan.launches, recruiting=False))

    assert _delay_risk(kept) == _delay_risk(still) == []
    assert "The plan's own ceiling sets the pace" in pace_words(kept)
    assert "Capacity and money set the pace in some quarters" in pace_words(plan)
    assert pace_words(still).startswith("The scenario launches no district from 2027 on")


def test_the_schedule_stops_when_nothing_changes(changed):
    rows = table(changed, "Operational districts launched by the end of each quarter, up to the last change")

    assert [rows[1][0], rows[-1][0]] == ["2027Q1", "2028Q2"]
    assert "From 2028Q2 to 2029Q4 nothing changes." in text_of(changed)


def test_correlations_that_chance_gives_are_no_table(changed):
    assert not any("What the plan hinges on: rank" in one for one in captions(changed))
    assert "None is: with so few draws nothing can be said" in text_of(changed)


def test_provinces_stand_with_their_khmer_names_in_a_khmer_font(document):
    rows = table(document, "Provinces: baseline and target")
    runs = [run for run in document.element.body.iter(qn("w:r")) if "បាត់ដំបង" in "".join(run.itertext())]
    fonts = {run.find(qn("w:rPr")).find(qn("w:rFonts")).get(qn(f"w:{side}"))
             for run in runs for side in ("ascii", "hAnsi", "cs")}

    assert [row[0] for row in rows[1:]] == [f"{place.name} {place.name_km}" for place in PLACES[1:3]]
    assert fonts == {KHMER}


def test_invented_facilities_are_told_at_the_top(document, changed):
    assert "The facilities of this plan are synthetic" in text_of(document)
    assert "The facilities of this plan are synthetic" not in text_of(changed)


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

    assert heads == ["In short", "Situation", "Options compared", "Recommended path: Plan for all",
                     "Launch schedule", "Coaches", "Budget", "Risks", "Annex A. Assumptions",
                     "Annex B. Operational districts", "Annex C. Checklists",
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


def test_no_empty_paragraph_makes_a_page_of_its_own_before_a_new_section(document):
    body = list(document.element.body)
    breaks = [at for at, one in enumerate(body) if one.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None]

    assert len(breaks) == 6
    assert not any(body[at - 1].tag == qn("w:p") and not "".join(body[at - 1].itertext())
                   and not list(body[at - 1].iter(DRAWING)) for at in breaks)


def test_numbers_and_intervals_stand_to_the_right(document):
    rows = document.tables[1].rows  # the baseline: indicator, unit, mean, interval, n
    sides = [cell.paragraphs[0].alignment for cell in rows[1].cells]

    assert sides == [None, None, 2, 2, 2]
    assert [cell.paragraphs[0].alignment for cell in rows[0].cells] == sides


def test_the_file_has_no_leftovers_of_a_template_and_a_zoom_as_the_schema_asks(written):
    with zipfile.ZipFile(written) as held:
        names, settings = held.namelist(), held.read("word/settings.xml").decode()

    assert not any("thumbnail" in name for name in names)
    assert re.search(r'<w:zoom[^>]* w:percent="100"', settings)


def test_every_run_of_text_names_its_fonts_and_languages(document):
    for run in document.element.body.iter(qn("w:r")):
        if "".join(run.itertext()).strip() and run.find(qn("w:instrText")) is None:
            fonts = run.find(qn("w:rPr")).find(qn("w:rFonts"))
            assert fonts.get(qn("w:ascii")) == fonts.get(qn("w:hAnsi")) in (LATIN, KHMER)
            assert fonts.get(qn("w:cs")) == KHMER
            assert run.find(qn("w:rPr")).find(qn("w:lang")).get(qn("w:bidi")) == "km-KH"


def test_the_same_plan_gives_the_same_bytes_and_no_date_of_today(plan, written, tmp_path):
    again = write(plan, tmp_path)
    with zipfile.ZipFile(again) as held:
        dates = {entry.date_time for entry in held.infolist()}

    assert again.read_bytes() == written.read_bytes()
    assert dates == {(1980, 1, 1, 0, 0, 0)}
    assert Document(str(again)).core_properties.created.year == 2000
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

    assert table(told, "Baseline 2026 (simulated)")[1] == ["Mean true quality", "points", "–", "–", "0"]
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
    (tmp_path / "empty.docx").write_bytes(word.content())
    (found,) = Document(str(tmp_path / "empty.docx")).tables

    assert [[cell.text for cell in row.cells] for row in found.rows] == [["One", "Two"], ["None", ""]]
