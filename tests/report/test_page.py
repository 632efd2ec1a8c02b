"""The page says what the tables say, escapes what users write, and needs nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from dataclasses import replace

import numpy as np
import pytest

from qicsim.estimate.calibrate.outside_checks import Check, outside_checks
from qicsim.estimate.calibrate.parameter_status import ASSUMED, LEARNED, Learned
from qicsim.estimate.calibrate.reported_history import parameter_names
from qicsim.estimate.calibrate.shipped import shipped_rows
from qicsim.estimate.calibrate.zero_effect import ZeroEffect
from qicsim.ground import numbers
from qicsim.inputs.scenario import change, load_scenario
from qicsim.report import formatting
from qicsim.report.elements import escape, identifier, plain, tag
from qicsim.report.evidence import WEIGHTED, evidence, kind_of, zero_effect_sentence
from qicsim.report.page import render_page, render_sources, reported_table
from qicsim.report.results import Results
from qicsim.report.tables import headline_row
from qicsim.runs.draws import prior_draws
from qicsim.runs.posterior import posterior_draws
from qicsim.runs.readout import values
from tests.report.conftest import IMAGE, NASTY, PROVENANCE, show
from tests.report.counts import words_of_prose

PAGES = ("three", "alone", "uneven")


@pytest.fixture(params=PAGES)
def any_page(request):
    return request.getfixturevalue(request.param)


def test_nothing_is_loaded_from_elsewhere(any_page):
    links = re.findall(r'\s(?:src|href|srcset|action|poster|data)\s*=\s*"([^"]*)"', any_page.page)

    assert all(re.match(r"#|data:|[a-z]+(/[a-z]+)?\.csv$", link) for link in links), links
    assert not re.search(r"<(iframe|object|embed|img|video)\b|@import|url\((?!#)|\"refresh", any_page.page)
    assert "default-src 'none'" in any_page.page


def test_the_only_script_is_the_one_that_the_policy_names(any_page):
    (script,) = re.findall(r"<script>(.*?)</script>", any_page.page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()

    assert f"script-src 'sha256-{digest}';" in any_page.page
    assert re.findall(r"<script[^>]*>", any_page.page) == [
        '<script type="application/json" id="explore-data">', "<script>"]


def test_every_title_is_there_and_escaped(three):
    for runner in three.comparison.ensemble.runners.values():
        assert html.escape(plain(runner.scenario.title)) in three.page
    assert three.page.count("<script>") == 1 and "<script>alert" not in three.page
    assert "\u202e" not in three.page and "\u0007" not in three.page
    assert html.escape(IMAGE) in three.page


def test_few_runs_are_called_a_first_look_and_a_single_one_has_no_intervals_to_speak_of(three, alone):
    enough = replace(three.comparison.ensemble, draws=prior_draws(20), replicates=1)

    assert "A first look: n = 3 runs of each scenario (3 draws × 1 replicate)." in three.words
    assert "A first look" not in alone.words
    assert not Results(replace(three.comparison, ensemble=enough)).first_look


def test_text_loses_what_could_hide_or_turn_it():
    assert plain("a\u202eb\u0000c\ud800  d\n e") == "abc d e"
    assert plain("គុណ\u200bភាព 5\u00a0%") == "គុណ\u200bភាព 5\u00a0%"
    assert tag("p", "a & ", tag("b", "<c>"), " d", title='"') == '<p title="&quot;">a &amp; <b>&lt;c&gt;</b> d</p>'
    assert identifier("Every district, 2030!") == "every-district-2030" and identifier("គុណ") == "x"


def test_headline_numbers_are_those_of_the_tables(three):
    results = Results(three.comparison)
    table = three.comparison.headline.set_index(["scenario", "year", "indicator"])
    for name in results.names:
        for year in (2030, 2035):
            cells = headline_row(results, name, year)
            row = re.escape(str(cells[0])) + "".join(rf"</t[hd]><td[^>]*>{re.escape(escape(cell))}"
                                                     for cell in cells[1:7])

            assert re.search(row, three.page)
            assert cells[6] == f"{table.loc[(name, year, 'true'), 'mean']:.0f}"
            assert cells[5] == f"{100 * table.loc[(name, year, 'recorded_80'), 'mean']:.0f}\u00a0%"
            assert name == "reported" or cells[3].startswith(
                numbers.signed(table.loc[(name, year, "public_cost"), "difference_mean"] / 1e6))


def test_the_answer_is_read_off_the_same_numbers(three):
    results = Results(three.comparison)
    gain = results.difference("national-2030", 2035, "true")

    assert results.others[0] == "national-2030"
    assert f"{numbers.signed(gain.mean)} points" in three.words
    assert formatting.interval(gain.low, gain.high, sign=True) in three.words


def test_scenarios_like_the_reference_share_its_row(three):
    block = three.page[three.page.index("End of 2026"):three.page.index("End of 2030")]

    assert "The same in this year" in block and block.count("<tr") == 3


def test_every_figure_has_a_title_a_note_and_a_table(any_page):
    exhibits = re.split(r'<div class="exhibit">', any_page.page)[1:]

    assert len(exhibits) >= 6
    for exhibit in exhibits:
        note = re.search(r"<figcaption>(.*?)</figcaption>", exhibit, re.DOTALL)[1]
        assert re.search(r"<h3><span class=\"number\">Figure \d+", exhibit)
        assert exhibit.index("<table") > exhibit.index("</figure>")
        assert re.search(r"n = \d+ runs? of each scenario \(\d+ draws? × \d+ replicates?\)", note)
        assert "only one run" in note or ("intervals between runs" in note and "parameters" in note)


def test_every_drawing_can_be_read_aloud(any_page):
    drawings = re.findall(r"<svg\b[^>]*>(?:<title>.*?</title>)?", any_page.page)

    assert len(drawings) > 5
    for drawing in drawings:
        assert 'aria-hidden="true"' in drawing or re.search(r'aria-label="[^"]{10,}".*<title>.{10}', drawing)


def test_no_number_is_missing_in_words(any_page):
    assert not re.search(r"(?<![\w-])(nan|inf|None|NaN|−0|−0\.0|\+0\.0)(?![\w.])", any_page.words)


def test_ids_are_there_once_and_links_lead_somewhere(any_page):
    ids = re.findall(r'\sid="([^"]*)"', any_page.page)

    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', any_page.page)) <= set(ids)


def test_a_single_scenario_shows_no_differences_and_says_so(alone):
    assert "Only one scenario was run" in alone.words and "so this page shows no differences" in alone.words
    assert "How much better than the reference?" not in alone.words


def test_other_horizons_are_shown_as_far_as_they_go(uneven):
    results = Results(uneven.comparison)

    assert results.end == 2032 and results.years == (2026, 2028, 2030, 2032)
    assert "End of 2028: scenarios that end in this year" in uneven.words
    assert "No scenario lasts as long as the reference" in uneven.words


def test_only_files_beside_the_page_are_linked(three):
    assert 'href="headline.csv"' in three.page and 'href="tables/costs.csv"' in three.page
    assert "../outside.csv" in three.page and 'href="../outside.csv"' not in three.page
    assert "elsewhere.example/x.csv" in three.page and 'href="https' not in three.page


def test_the_limits_and_the_way_to_make_it_again_are_there(three):
    for said in ("What this page cannot say", "synthetic", "No deaths averted", "The coaches are the assessors",
                 "boundaries not authoritative", "qicsim compare --draws 3", "&lt;2&gt;", "ab" * 32):
        assert said in three.words
    assert three.comparison.ensemble.runners["national-2030"].scenario.digest[:16] in three.page


def test_the_page_is_small_and_always_the_same(three):
    again = render_page(three.comparison, provenance=PROVENANCE, choice=three.choice)

    assert again == three.page
    assert len(three.page.encode()) < 3_000_000


def test_sources_stand_on_a_page_beside_it(three):
    page = render_page(three.comparison, provenance=PROVENANCE, choice=three.choice, sources="beside.html")
    sources = render_sources(three.comparison, provenance=PROVENANCE, page="page.html")
    moved = ('id="assumed"', 'id="known"', 'id="reproduce"')

    assert all(part in sources and part not in page for part in moved)
    assert 'href="beside.html"' in page and 'href="page.html"' in sources
    assert all(part in three.page for part in moved), "without a page beside it the page holds all"


@pytest.mark.parametrize(("found", "holds"), [(0.9, False), (1.0, True), (2.0, True), (2.1, False)])
def test_a_check_holds_inside_its_range(found, holds):
    assert Check("name", "asked", "source", 1.0, 2.0, found, "points").holds is holds


def test_what_the_model_misses_is_named(three):
    missed = [one for one in outside_checks() if not one.holds]

    assert missed and all(html.escape(one.name) in three.page for one in missed)
    assert f"Of {len(outside_checks())} checks of what ships" in three.words


def test_prose_is_short_enough_to_be_read(three):
    page = render_page(three.comparison, provenance=PROVENANCE, choice=three.choice, sources="beside.html")
    sources = render_sources(three.comparison, provenance=PROVENANCE, page="page.html")

    assert words_of_prose(page) < 6000 and words_of_prose(sources) < 6000
    second = page[page.index('id="rests"'):page.index('id="explore"')]
    assert words_of_prose(second) + words_of_prose(page[page.index("<figure"):page.index('id="rests"')]) < 1500


def test_hostile_words_reach_the_page_in_full(three):
    assert html.escape(plain(NASTY)) == (
        "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; co. $x_1$ គុណភាព")
    assert "x_1" in three.page


def test_the_page_says_what_was_reported_and_what_the_reference_gives(three):
    told = three.comparison.ensemble
    held = values(told, "reported", "ever")[:, told.runners["reported"].quarters.index("2021Q4")]

    rows = re.findall(r"<tr[^>]*><th[^>]*>facilities that ever joined a QIC</th>(.*?)</tr>", three.page)

    assert re.findall(r"<td>(\d+)</td>", rows[0]) == ["2019", "52"]
    assert re.findall(r"<td>(\d+)</td>", rows[1]) == ["2021", "398"]
    assert f"{held.mean():.0f}" in rows[1]


def test_a_register_of_ones_own_is_not_held_against_the_reported_history(three, tmp_path):
    results = Results(three.comparison)
    own = replace(results.comparison.ensemble.runners["reported"].scenario, data={"register": tmp_path / "r.csv"})
    runners = {"reported": replace(results.comparison.ensemble.runners["reported"], scenario=own)}
    ensemble = replace(results.comparison.ensemble, runners=runners)

    assert not reported_table(Results(replace(three.comparison, ensemble=ensemble)))


def test_districts_launched_stand_beside_those_planned(three):
    ensemble = three.comparison.ensemble
    there = values(ensemble, "national-2030", "districts")
    launched = there[:, ensemble.runners["national-2030"].quarters.index("2030Q4")]

    (row,) = re.findall(r"<tr><th[^>]*>[^<]*Plan: every district by the end of 2030</th>(<td>100</td>.*?)</tr>",
                        three.page)

    assert row.startswith(f"<td>100</td><td>{launched.mean():.0f} ")
    assert f"<td>{numbers.percent(np.mean(launched >= 100))}</td>" in row


def test_the_fewest_coaching_visits_are_named_with_their_quarter(three):
    plan = next(name for name in Results(three.comparison).names if name == "national-2030")
    path = Results(three.comparison).path(plan, "visits")
    late = path.x > 2027
    lowest = np.nanmin(path.mean[late])
    when = formatting.quarter_of(float(path.x[late][np.nanargmin(path.mean[late])]))

    assert f"{numbers.number(lowest, 2)} in {when}" in three.page
    assert formatting.quarter_of(2027.25) == "Q1 of 2027" and formatting.quarter_of(2028.0) == "Q4 of 2027"
    assert formatting.quarter_named("2029Q3") == "Q3 of 2029"


def test_the_page_names_the_line_that_brings_most_and_says_that_breadth_is_not_measured(three):
    results = Results(three.comparison)
    ledger = three.comparison.ledger.query("scenario == 'national-2030' and year == 2035")
    most = ledger.sort_values("difference_mean").iloc[-1]

    assert results.others[0] == "national-2030"
    assert f"The largest part, {numbers.number(most.difference_mean, 1)} of " in three.words
    assert formatting.LEDGER_WORDS[most.line].lower() in html.unescape(three.words)
    assert "How far teams reach beyond their topic no study measured" in three.words


def test_what_pbf_alone_does_is_said_where_the_reference_ends_in_it(three, alone):
    ledger = three.comparison.ledger.query("scenario == 'reported' and line in ['resources', 'attention', 'incentive']")
    by_year = ledger.groupby("year")["mean"].sum()
    said = re.search(r"True quality goes from ([\d.]+) points at the end of 2026 to ([\d.]+) at the end of 2035: "
                     r"(\S+) points are booked to PBF, (\S+) to other change", three.words)
    start, end, pbf, other = (float(one.replace("−", "-")) for one in said.groups())

    assert "Would performance-based financing alone do? No: under “As reported, then nothing”" in three.words
    assert pbf == pytest.approx(by_year[2035] - by_year[2026], abs=0.1)
    assert start + pbf + other == pytest.approx(end, abs=1e-9), "what is printed adds up"
    assert "financing alone" not in alone.words


def test_calibrated_draws_come_with_what_was_learned(three):
    ensemble = replace(three.comparison.ensemble, draws=replace(three.comparison.ensemble.draws, source="posterior"))
    calibrated = evidence(Results(replace(three.comparison, ensemble=ensemble)))
    taught = [row for row in shipped_rows(Learned, "contraction.csv") if row.parameter in parameter_names()]

    assert taught
    assert calibrated.count(LEARNED) == 2 * sum(row.kind == LEARNED for row in taught)


def test_what_trials_weigh_is_not_called_assumed():
    trials, beforehand = posterior_draws(2), prior_draws(2)

    assert kind_of("pdsa.efficacy", trials) == WEIGHTED
    assert kind_of("pdsa.efficacy", beforehand) == kind_of("rollout.selection", trials) == ASSUMED
    assert kind_of("rollout.launch_rate", trials) == LEARNED


def test_the_zero_effect_question_is_answered_once_and_its_numbers_stand_where_evidence_is(three):
    known = three.words[three.words.index("uncertain parameters"):]

    assert three.words.count(zero_effect_sentence()) == 1 and "in about 4 of 5 cases" in zero_effect_sentence()
    share = {one.source: f"{100 * one.share_without:.0f} %" for one in shipped_rows(ZeroEffect, "zero_effect.csv")}
    said = f"in {share['posterior']} of calibrated draws ({share['prior']} before calibration)"
    assert said in known.replace("\u00a0", " ")


def test_a_score_that_no_round_renews_is_called_last_recorded():
    stopped = change(load_scenario("reported"), from_="2030-01", rounds=False, name="stopped")
    words = show([load_scenario("reported"), stopped], draws=2).words

    assert "holds no NQEM round from 2030Q1 to 2035Q4: what is called recorded there is the last recorded" in words
    assert "last recorded, Q4 of 2029" in words
    assert "of facilities were at 80 or more when scores were last recorded, in Q4 of 2029, and" in words


def test_a_scenario_that_ends_before_the_plans_begin_spoils_nothing():
    shown = show([load_scenario("reported"), load_scenario("national-2030"),
                  load_scenario("pbf-only", horizon_end="2024-12")], draws=2)

    assert "points at the end of 2026 to" in shown.words
    assert "End of 2024: scenarios that end in this year" in shown.words
    assert "“PBF only, no collaboratives ever” differs from “As reported, then nothing” in 2019-01" in shown.words
    assert "PBF only, no collaboratives ever pbf-only (another past)" in shown.words
    assert "Plan: every district by the end of 2030 national-2030 (another past)" not in shown.words
