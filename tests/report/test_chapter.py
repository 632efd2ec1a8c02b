"""A plan's papers in Word: numbers are those of the record, parts are real Word, no user's text breaks them."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from functools import partial
from io import BytesIO
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
from qicsim.report.chapter import chapter, names_of, write_papers
from qicsim.report.checklists import NAMES, filled
from qicsim.report.language import ENGLISH, khmer, speaking
from qicsim.report.plan_brief import annexes, brief
from qicsim.report.plan_risks import coach_surplus, donors, harm, slow_launches
from qicsim.report.plan_words import pace_words
from qicsim.report.word import KHMER, LATIN, Word, clean
from tests.report.plans import EMPTY, PLACES, option, small_plan, spread, words

NASTY = "<w:p>&amp; \u0007\u202e\ufffe\x00\ud800 =1+1 ]]> \"'`"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
PROVENANCE = {"command": "qicsim plan scaled --out plan.docx", "packages": {"numpy": "2.2"}}


@pytest.fixture(scope="module")
def plan():
    return small_plan()


@pytest.fixture(scope="module")
def papers(plan, tmp_path_factory):
    """Chapter, annexes and brief as files."""
    return write_papers(plan, tmp_path_factory.mktemp("plan") / "plan.docx", PROVENANCE)


@pytest.fixture(scope="module")
def written(papers):
    return papers[0]


@pytest.fixture(scope="module")
def document(papers):
    return Document(str(papers[0]))


@pytest.fixture(scope="module")
def annexed(papers):
    return Document(str(papers[1]))


@pytest.fixture(scope="module")
def short(papers):
    return Document(str(papers[2]))


def variant(plan, *parts, language=ENGLISH):
    """The chapter of another plan, or other parts of its papers, with empty figures and without checklists."""
    with mock.patch("qicsim.report.plan_figures.drawn", return_value=EMPTY), speaking(language):
        return [Document(BytesIO(part(plan).content())) for part in parts or (chapter,)]


ALL = (chapter, partial(annexes, provenance={}), brief)


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


def test_targets_are_those_of_the_record(plan, document):
    rows = table(document, "Baseline 2026 and targets to 2029, the nation")
    scales = {"share": (100.0, 0, "%"), "points": (1.0, 1, "points"), "rate": (1.0, 2, "visits/month"),
              "count": (1e-3, 0, "thousand people")}

    assert rows[0][2:5] == ["2026 baseline, simulated", "2027", "2029"]
    for row, target in zip(rows[1:], plan.targets, strict=True):
        scale, digits, unit = scales[target.form]
        told = [number(target.scenario.mean[0, at] * scale, digits) for at in (0, 1, 3)]
        assert row[:2] == [target.title, unit]
        assert [cell.removesuffix("\u00a0%") for cell in row[2:5]] == told
        assert row[6] == "34\u00a0%"


@pytest.mark.parametrize(("title", "share", "axes"), [("What the plan adds", 0.5, (1, 3)),
                                                      ("All spending with the plan", 1.0, (1, 3))])
def test_a_division_of_money_adds_up(plan, annexed, title, share, axes):
    names = [one.split(". ", 1)[1] for one in captions(annexed) if one.startswith("Table ")]
    at = [place for place, name in enumerate(names) if name.startswith(title)][1]  # by line
    rows = [[cell.text for cell in row.cells] for row in annexed.tables[at].rows]
    parts = share * plan.budget.own.mean.sum(axis=axes).T / 1e3
    told = np.array([[float(cell.replace(",", "").replace("+", "")) for cell in row[1:]] for row in rows[1:]])

    assert told[:-1, :-1] == pytest.approx(parts)
    assert told[:-1].sum(axis=0) == pytest.approx(told[-1], abs=2)


def test_the_gap_is_what_the_plan_adds(plan, document):
    rows = {row[0]: row[1:] for row in table(document, "Budget and gap by year")[1:]}
    told = [float(cell.replace(",", "").replace("+", "")) for cell in rows["All public money: gap"]]

    assert told[:-1] == pytest.approx(plan.budget.increment.by_year.mean / 1e3, abs=1)


def test_the_money_asked_for_is_split_into_the_programme_and_what_follows_from_scores(plan, document):
    more = plan.budget.increment.total.mean / 1e6
    rules = variant(replace(plan, levers=(replace(plan.levers[0], name="pbf"),)))[0]

    assert f"The plan adds US$ +{more[0]:,.1f} (" in text_of(document)
    own = f"+{more[1]:,.1f} (+{more[1] * 0.9:,.1f} to +{more[1] * 1.1:,.1f}) million for collaboratives"
    assert own in text_of(document)
    assert "are no budget line of the programme" in text_of(document)
    assert "because it changes their rules" in text_of(rules)


def test_sums_are_a_year_undiscounted_discounted_and_in_riel(plan, document):
    rows, held = table(document, "Spending 2027 to 2029"), plan.budget

    assert rows[1][1].startswith(f"{held.own.total.mean[0] / 3e6:,.1f}\n(")
    assert rows[1][2].startswith(f"{held.own.total.mean[0] / 1e6:,.1f}\n(")
    assert rows[1][3].startswith(f"{held.own.discounted.mean[0] / 1e6:,.1f}\n(")
    assert rows[1][5] == number(held.own.total.mean[0] * 4100.0 / 1e9, 1)
    assert rows[5][2].startswith(signed(held.increment.total.mean[0] / 1e6, 1))


def test_baseline_stands_with_its_interval(document):
    assert table(document, "Baseline 2026 (simulated), the nation")[1] == ["Mean true quality", "points",
                                                                          "41.5 (37.4 to 45.7)"]


def test_options_hold_the_reference_the_plan_and_the_others_with_harm_and_certainty(document):
    rows = table(document, "Options at the end of 2029")

    assert [row[0] for row in rows[1:]] == ["Without the plan: As it was", "Plan for all", "Plan for some"]
    assert rows[2][1:3] == ["+9.0\n(+8.1 to +9.9)", "41\n(37 to 45)"]
    assert rows[2][4:] == ["0.7\n(0.6 to 0.8)", "+2.0\n(+1.8 to +2.2)", "25\u00a0%",
                           "records run further ahead of care"]


def test_value_for_money_is_that_of_the_record(plan, document, annexed):
    for one in (document, annexed):
        rows = table(one, "Value for money of the choices")
        assert [row[:3] + row[4:] for row in rows[1:]] == [
            ["As it was", "20.0", "400", "–", "25\u00a0%", "3.0"],
            ["Plan for all", "40.0", "2,400", "10,000", "75\u00a0%", "1.0"]]
    assert "take US$ 12,000" in text_of(annexed)
    apart = table(annexed, "The same choices without PBF's payments")
    assert [row[0] for row in apart[1:]] == ["As it was", "Plan for all"]


def test_activities_stand_by_year_with_who_does_them_and_what_they_cost(plan, document):
    rows = {row[0]: row[1:] for row in table(document, "Activities by year")[1:]}

    assert rows["Coaching visits"][:4] == ["Operational district office", "100", "100", "100"]
    assert rows["Coaching visits"][4] == f"{plan.budget.own.by_line.mean[0].sum() / 1e6:,.1f}"


# ---------------------------------------------------------------------------------------------- verdict, what is said


def test_recommended_is_said_only_where_every_shipped_plan_was_compared_and_none_dominates(plan, document):
    beaten = tuple(replace(one, status="dominated", over=("Plan for some",)) for one in plan.value.options)
    dominated = variant(replace(plan, value=replace(plan.value, options=beaten)), *ALL)
    missing = variant(replace(plan, missing=("One", "Two")), *ALL)

    assert "Recommended path: Plan for all" in text_of(document)
    for documents in (dominated, missing):
        assert not any("Recommended" in text_of(one) for one in documents)
    assert all("“Plan for some” would bring as much or more true quality for less" in text_of(one)
               for one in (dominated[0], dominated[2]))
    assert "was not compared with 2 plans that come with the model" in text_of(missing[2])


def test_a_scenario_that_is_no_better_is_not_called_recommended(plan):
    first = plan.targets[0]
    down = replace(first.difference, mean=-first.difference.mean, low=-first.difference.high,
                   high=-first.difference.low)
    worse = replace(plan, targets=(replace(first, difference=down), *plan.targets[1:]), warnings=("It does worse.",))
    told = text_of(variant(worse)[0])

    assert "Not recommended: true quality is no higher" in told
    assert "with the whole interval, in mean true quality −9.0 (−9.9 to −8.1) points." in told
    assert told.index("It does worse.") < told.index("What Plan for all is.")


def test_harm_is_told_by_the_better_side_of_each_indicator(plan):
    lenient, neither = replace(plan.targets[1], direction=-1), replace(plan.targets[2], direction=0)
    told = list(harm(replace(plan, targets=(plan.targets[0], lenient, neither))))

    assert len(told) == 1
    assert told[0].endswith("in mean recorded NQEM score +12.0 (+10.8 to +13.2) points.")
    assert list(harm(plan)) == []


def test_a_scenario_that_is_its_own_reference_has_no_differences(plan):
    documents = variant(replace(plan, reference=plan.scenario, value=None, options=()), *ALL)

    assert "There is nothing to compare: the scenario is its own reference." in text_of(documents[0])
    assert not any(words in text_of(one) for one in documents for words in ("What the plan adds", "The plan adds"))


def test_a_register_of_the_users_own_is_not_called_the_nation(plan):
    own = replace(plan, whole="the register", known=Known(register=True, joins=True, scores=True), synthetic=False)
    document = variant(own)[0]

    assert any("the register" in one for one in captions(document))
    assert not any("the nation" in one for one in captions(document))
    assert "The facilities are invented" not in text_of(document)


def test_what_is_reported_names_its_sources(document):
    rows = table(document, "What was reported of the collaboratives")

    assert not any("same" in row[4] for row in rows)
    assert any(row[0] == "facilities that ever joined a QIC" and row[2] == "398" for row in rows)


def test_districts_are_launched_in_the_quarters_of_the_record(annexed):
    rows = table(annexed, "Launch and targets by operational district")

    assert rows[1][:5] == ["Battambang", "Moung", "2027Q3", "before 2027; not by 2029", "100\u00a0%"]
    assert rows[2][2:5] == ["not by 2029", "2028Q2; not by 2029", "25\u00a0%"]


def test_risks_are_told_with_the_numbers_of_the_plan(document):
    told = text_of(document)

    assert "6 (5 to 7) are at work where 9 (8 to 10) could make every planned visit" in told
    assert "10.0 points above true quality at the end of 2026 and 13.0 points above it at the end of 2029" in told
    assert "1 (1 to 2) of the 2 districts that it allows are launched; 1 are not launched by Q4 of 2029" in told


def test_what_the_plan_hinges_on_is_told_apart_from_chance(annexed):
    assert table(annexed, "What the results hinge on")[1] == ["gain of a cycle", "share/month", "+0.81", "−0.12"]


def test_donors_are_held_to_what_the_plan_adds(plan):
    own = plan.budget.own.by_payer_part.mean[1] / 1e6
    first, second = donors(plan)
    none = replace(plan.budget, own=replace(plan.budget.own, by_payer_part=spread(np.zeros((2, 4)))))

    assert f"US$ {own[1]:,.1f} (" in first
    assert "it is missing with or without the plan" in second
    assert len(list(donors(replace(plan, budget=none)))) == 1


def test_posts_that_nobody_needs_are_told_from_their_year_on(plan):
    over = np.ones((5, 4)) * np.array([9.0, 9.0, 7.0, 4.0])
    (told,) = coach_surplus(replace(plan, coaches=replace(plan.coaches, needed=spread(over))))

    assert told.startswith("Too many coach posts: from 2028 on")
    assert "at the end of 2029 8 (7 to 9) are planned where 4 (4 to 4) would do" in told
    assert list(coach_surplus(plan)) == []


def test_launches_that_keep_up_are_no_risk_and_the_ceiling_is_named(plan):
    kept = replace(plan, launches=replace(plan.launches, launched=spread(plan.launches.planned.astype(float))))
    still = replace(plan, launches=replace(plan.launches, recruiting=False))

    assert list(slow_launches(kept)) == list(slow_launches(still)) == []
    assert "the plan's own ceiling sets the pace" in pace_words(kept)
    assert "capacity and money set the pace in some quarters" in pace_words(plan)
    assert pace_words(still).startswith("The plan launches no district from 2027 on")


# ------------------------------------------------------------------------------------------------------------- Khmer


def test_papers_in_khmer_have_few_latin_words(plan):
    """Titles and sentences of this made-up plan are a user's and stay as they are written."""
    shipped = {name: load_scenario(name) for name in ("reported", "national-2030")}
    own = {name: replace(words(name, one.title), description=one.description, assumptions=one.assumptions)
           for name, one in shipped.items()}
    plain = replace(plan, reference=own["reported"], scenario=own["national-2030"], notes=(),
                    options=(replace(option("national-2030", ""), words=own["national-2030"]),),
                    value=replace(plan.value, options=tuple(replace(one, title=own["national-2030"].title, over=())
                                                            for one in plan.value.options)))
    documents = variant(plain, chapter, brief, language=khmer())
    for document in documents:
        told = re.sub(r"NQEM|PBF|US\$|docx|variant|annexes|meaning of|records of|NATION|"
                      r"Perry et al\.?|BMJ Glob Health|Table|[A-Z]\d*", "", text_of(document))
        latin = re.findall(r"[A-Za-z]{2,}", told)
        letters = len(re.findall(r"[\u1780-\u17ff]+", told))
        assert len(latin) < 0.1 * letters, latin[:40]
        assert "តារាង 1" in told.replace("\n", " ")


def test_figures_in_khmer_are_set_in_a_font_of_the_package(plan):
    from matplotlib.font_manager import FontProperties, findfont

    from qicsim.report.plan_figures import families

    assert findfont(FontProperties(family=families()[1])).endswith("noto-sans-khmer-regular.ttf")
    with speaking(khmer()):
        from qicsim.report.plan_figures import coaches

        assert coaches(plan).caption.startswith("គ្រូបង្វឹក")


# -------------------------------------------------------------------------------------------------------- checklists


def test_checklists_stand_in_the_annexes_with_their_completeness(plan, annexed, document):
    rows = table(annexed, "Checklists: items that the code")

    assert [row[0] for row in rows[1:]] == [one.checklist.title for one in filled(plan, PROVENANCE)]
    assert "CHEERS" not in text_of(document)


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


def test_headings_are_real_and_the_contents_lead_to_them(document, annexed, short):
    heads = [[one.text for one in document.paragraphs if one.style.name.startswith("Heading 1")]
             for document in (document, annexed, short)]
    marks = {one.get(qn("w:name")) for one in document.element.body.iter(qn("w:bookmarkStart"))}
    links = [one.get(qn("w:anchor")) for one in document.element.body.iter(qn("w:hyperlink"))]

    assert heads[0] == ["In short", "The problem", "Options", "Recommended path: Plan for all", "Activities",
                        "Budget and gap", "Risks", "Monitoring", "What a reader must know"]
    assert heads[1] == ["Assumptions", "Provinces and operational districts", "Money by payer, line and province",
                        "What the plan hinges on", "Checklists", "Sources, and how to make this again"]
    assert heads[2] == ["Key messages", "Options", "How sure", "What to do", "Risks"]
    assert len(links) == len(heads[0])
    assert set(links) <= marks


def test_the_brief_says_how_often_the_gain_is_next_to_nothing(short):
    said = text_of(short).replace("\u00a0", " ")

    assert "rises by less than one point in 25 % of draws. In 20 % collaboratives can do nothing" in said
    assert "in the others it rises by +11.3 on average" in said
    assert "of the runs" not in said[said.index("How sure"):said.index("What to do")]


def test_no_command_line_stands_in_the_chapter_or_the_brief(document, short):
    assert not any(re.search(r"`|qicsim |--[a-z]", text_of(one)) for one in (document, short))


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

    assert len(told) == len(pictures) == 4
    assert all("n = 12" in one and "intervals between runs" in one for one in told)
    assert all(re.search(r"\d", one.get("descr")) for one in pictures)
    assert len({one.get("id") for one in pictures}) == len(pictures)
    assert "50.5 (45.5 to 55.6) with the plan" in pictures[0].get("descr")


def test_pages_are_numbered_and_wide_tables_lie_across(document):
    footer = document.sections[0].footer.paragraphs[0]._p
    wide = [section.page_width > section.page_height for section in document.sections]

    assert [field.get(qn("w:instr")).strip() for field in footer.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]
    assert wide == [False, True, False, True, False]


def test_no_empty_paragraph_makes_a_page_of_its_own_before_a_new_section(document):
    body = list(document.element.body)
    breaks = [at for at, one in enumerate(body) if one.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None]

    assert len(breaks) == 4
    assert not any(body[at - 1].tag == qn("w:p") and not "".join(body[at - 1].itertext())
                   and not list(body[at - 1].iter(DRAWING)) for at in breaks)


def test_numbers_and_intervals_stand_to_the_right(document):
    rows = document.tables[1].rows  # the baseline: indicator, unit, mean and interval

    assert [cell.paragraphs[0].alignment for cell in rows[1].cells] == [None, None, 2]
    assert [cell.paragraphs[0].alignment for cell in rows[0].cells] == [None, None, 2]


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


def test_the_same_plan_gives_the_same_bytes_and_no_date_of_today(plan, papers, tmp_path):
    again, *beside = write_papers(plan, tmp_path / "plan.docx", PROVENANCE)
    with zipfile.ZipFile(again) as held:
        dates = {entry.date_time for entry in held.infolist()}

    assert [path.read_bytes() for path in (again, *beside)] == [path.read_bytes() for path in papers]
    assert [path.name for path in papers] == [path.name for path in names_of(again)]
    assert dates == {(1980, 1, 1, 0, 0, 0)}
    assert Document(str(again)).core_properties.created.year == 2000
    assert list(tmp_path.glob(".*")) == []


# ------------------------------------------------------------------------------------------------------------- input


def test_what_users_write_stays_text(plan, tmp_path):
    hostile = replace(words("nasty", NASTY), description=NASTY, assumptions=(NASTY,))
    places = tuple(replace(place, name=NASTY) for place in PLACES)
    paths = write_papers(replace(plan, scenario=hostile, places=places, notes=(NASTY,)), tmp_path / "nasty.docx",
                         {"command": NASTY})
    for path in paths:
        with zipfile.ZipFile(path) as held:
            for name in held.namelist():
                if name.endswith((".xml", ".rels")):
                    ElementTree.fromstring(held.read(name))

    assert "<w:p>&amp; =1+1 ]]> \"'`" in re.sub(r" +", " ", text_of(Document(str(paths[0]))))


def test_a_number_that_is_missing_is_a_dash(plan):
    target = plan.targets[0]
    empty = replace(target.scenario, mean=np.full((5, 4), np.nan), low=np.full((5, 4), np.nan),
                    high=np.full((5, 4), np.nan), n=np.zeros((5, 4), dtype=np.int64))
    lacking = replace(plan, targets=(replace(target, scenario=empty, difference=empty), *plan.targets[1:]))
    document = variant(lacking)[0]

    assert table(document, "Baseline 2026 (simulated)")[1] == ["Mean true quality", "points", "–"]
    assert not re.search(r"\bnan\b", text_of(document).lower())


def test_what_cannot_be_written_is_refused_with_every_fault(plan, tmp_path):
    with pytest.raises(SettingError) as caught:
        write_papers(plan, tmp_path / "none" / "plan.odt")
    assert [fault.place for fault in caught.value.faults] == ["--out", "--out"]
    (tmp_path / "taken-brief.docx").mkdir()
    with pytest.raises(SettingError, match="is a folder"):
        write_papers(plan, tmp_path / "taken.docx")


def test_text_is_cleaned_of_what_xml_cannot_hold():
    assert clean("a\x00b\ufffec\ud800 d\n\te") == "abc d e"
    assert len(clean("x" * 100_000)) == 30_000


def test_a_table_without_rows_says_so(tmp_path):
    word = Word("Empty")
    word.table("Nothing", ("One", "Two"), [])
    (tmp_path / "empty.docx").write_bytes(word.content())
    (found,) = Document(str(tmp_path / "empty.docx")).tables

    assert [[cell.text for cell in row.cells] for row in found.rows] == [["One", "Two"], ["none", ""]]
