"""The brief: what comes first, figures that say their numbers, what would change our mind, and risks, all computed."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import spearmanr

from qicsim.ensemble.draws import names
from qicsim.ensemble.readout import province_values, values
from qicsim.report import decisive, explorer, words
from qicsim.report.brief import brief
from qicsim.report.colours import PAPER, RECORDED, REFERENCE, SOFT, TRUE, contrast
from qicsim.report.elements import Markup
from qicsim.report.hinges import by_draw, chance_limit, correlations, gains, hinges, overtaken, overtaking
from qicsim.report.language import khmer, say
from qicsim.report.mind import change_of_mind
from qicsim.report.money import Money
from qicsim.report.page import SCRIPT, STYLE, render_page
from qicsim.report.results import Results
from qicsim.report.risks import counterpart, left_after, risks, visits_share
from qicsim.report.strokes import Axis
from qicsim.scenario import load_scenario
from tests.report.conftest import PROVENANCE, show

BEST = "national-2030"


@pytest.fixture(scope="module")
def several():
    """Enough draws for hinges, and a scenario in which the donors leave."""
    return show([load_scenario("reported"), load_scenario(BEST), load_scenario("donor-exit-2029")], draws=16)


@pytest.fixture(scope="module")
def results(several):
    return Results(several.comparison)


def bare(markup: str) -> str:
    return html.unescape(re.sub(r"[^\S\u00a0]+", " ", re.sub(r"<[^>]*>", " ", markup)))


# ----------------------------------------------------------------------------------------------------- order


def test_the_page_goes_from_the_answer_to_the_details(three):
    heads = re.findall(r"<h2>(.*?)</h2>", three.page)

    assert heads == ["In brief", "What would change our mind", "Risks", "Choose and look", "The answer in full",
                     "Headline", "Differences", "Over time", "The programme", "Provinces", "Where points come from",
                     "Costs", "What is assumed", "How well it is known", "Reproduce"]
    first = three.page[three.page.index('id="brief"'):three.page.index('id="mind"')]
    assert first.count('class="answer"><p>') == 1 and first.count("<table") == 1 and first.count("<figure") == 3
    assert first.index('class="answer"') < first.index("<table") < first.index("<figure") < first.index('id="limits"')


def test_headings_never_skip_a_level(several, alone):
    for shown in (several, alone):
        levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", shown.page)]

        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


def test_more_sections_stand_after_the_costs_and_in_the_contents(three):
    extra = [("value", "Value for <money>", Markup("<p>dear</p>"))]
    page = render_page(three.comparison, provenance=PROVENANCE, extra=lambda: extra)

    assert '<section id="value"><h2>Value for &lt;money&gt;</h2><p>dear</p></section>' in page
    assert page.index('id="costs"') < page.index('id="value"') < page.index('id="assumed"')
    assert '<a href="#value">Value for &lt;money&gt;</a>' in page


def test_more_sections_are_made_in_the_language_of_the_page(three):
    page = render_page(three.comparison, provenance=PROVENANCE, language=khmer(),
                       extra=lambda: [("value", say("Scenario"), Markup(say("Sum")))])

    assert f'<section id="value"><h2>{khmer().texts["Scenario"]}</h2>{khmer().texts["Sum"]}</section>' in page


def test_a_page_holds_as_many_scenarios_as_it_can_and_counts_the_others(results, monkeypatch):
    monkeypatch.setattr(decisive, "SHOWN", 1)

    assert decisive.shown(results) == (BEST,)
    assert "1 other scenario stands in the details." in bare(brief(results))


# --------------------------------------------------------------------------------------------------- figures


def test_every_mark_says_its_number_interval_and_runs(several, results):
    gain = results.difference(BEST, results.end, "true")
    marks = [html.unescape(label) for label in re.findall(r'class="mark" tabindex="0" role="img" aria-label="([^"]*)"',
                                                          several.page)]

    assert len(marks) == 2 * 2 + 2 + 2 * 3
    assert all("n\u00a0=\u00a016" in label for label in marks)
    assert (f"Plan: every district by the end of 2030, true quality, points more than the reference: "
            f"{words.signed(gain.mean)}, {words.LEVEL} interval {words.signed(gain.low)} to {words.signed(gain.high)}; "
            "n\u00a0=\u00a016") in marks


def test_an_axis_holds_its_values_between_round_steps():
    axis = Axis(-0.7, 11.2, 10.0, 110.0)

    assert axis.ticks() == [-2.0, 0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0]
    assert axis.at(-2.0) == 10.0 and axis.at(12.0) == 110.0
    assert Axis(3.0, 3.0, 0.0, 1.0).ticks()[1] == pytest.approx(3.0)


# ---------------------------------------------------------------------------------------------- change of mind


def test_gains_are_paired_and_averaged_over_replicates(results):
    gain = values(results.comparison.ensemble, BEST, "true")[:, -1]
    other = values(results.comparison.ensemble, "reported", "true")[:, -1]

    assert gains(results, BEST) == pytest.approx(gain - other)
    two = replace(results.comparison.ensemble.draws, values=results.comparison.ensemble.draws.values[:2])
    halved = Results(replace(results.comparison, ensemble=replace(results.comparison.ensemble, draws=two)))
    assert by_draw(halved, np.array([1.0, 3.0, 5.0, 9.0])) == pytest.approx([2.0, 7.0])


def test_correlations_are_spearmans():
    rng = np.random.default_rng(3)
    columns = np.column_stack((rng.normal(size=(20, 2)), rng.integers(0, 3, 20), np.full(20, 4.0)))
    gain = np.exp(2.0 * columns[:, 0]) + rng.normal(size=20)
    found = correlations(columns, gain)

    assert found[:3] == pytest.approx([spearmanr(column, gain).statistic for column in columns.T[:3]])
    assert np.isnan(found[3]) and np.isnan(correlations(columns, np.ones(20))).all()


def test_hinges_are_the_strongest_correlations_with_the_means_of_the_outer_thirds(results):
    drawn = results.comparison.ensemble.draws.values
    found = correlations(drawn, gains(results, BEST))
    first = hinges(results, BEST)[0]
    at = names().index(first.parameter)
    low = np.argsort(drawn[:, at])[:5]

    assert abs(first.correlation) == pytest.approx(np.nanmax(np.abs(found)))
    assert first.low == pytest.approx(gains(results, BEST)[low].mean())


def test_chance_alone_stays_under_its_limit_in_nineteen_of_twenty_cases():
    rng = np.random.default_rng(5)
    largest = [np.abs(correlations(rng.random((40, 30)), rng.random(40))).max() for _ in range(400)]

    assert np.mean(np.array(largest) < chance_limit(40, 30)) == pytest.approx(0.95, abs=0.035)
    assert chance_limit(1, 5) == np.inf and chance_limit(10, 80) > 1.0


def test_what_would_change_our_mind_is_read_off_the_draws(several, results):
    gain = gains(results, BEST)
    said = bare(change_of_mind(results))

    assert f"In {words.percent(np.mean(gain <= 0))} of 16 draws it is not better" in said
    assert f"in {words.percent(np.mean(gain < 1))} it gains less than 1 point" in said
    assert hinges(results, BEST)[0].parameter in said and f"{words.signed(hinges(results, BEST)[4].high)}" in said
    assert said.strip().startswith("The plan in question is Plan: every district by the end of 2030")


def test_a_plan_that_is_overtaken_says_by_whom_and_how_often(results):
    weaker = "donor-exit-2029"
    ahead = gains(results, BEST) > gains(results, weaker)

    assert overtaking(results, weaker) == {BEST: np.mean(ahead)}
    assert overtaken(results, weaker) == np.mean(ahead) > 0.5


def test_few_draws_tell_no_hinges(three, alone):
    assert "3 draws are too few to tell which assumptions the gain hinges on" in three.words
    assert change_of_mind(Results(alone.comparison)) == ""


# --------------------------------------------------------------------------------------------------------- risks


def test_risks_carry_numbers_of_the_runs(results):
    said = bare(risks(results))
    got = visits_share(results, BEST)
    gap = results.level(BEST, results.end, "inflation")
    exit_ = results.difference("donor-exit-2029", results.end, "true").mean
    spent = Money(results).collaboratives(BEST)

    assert f"Teams get {words.percent(got.mean())} of the coaching visits" in said
    assert f"{words.percent(got.mean(axis=0).min())} in the worst quarter" in said
    assert f"in {words.percent(np.mean(got.mean(axis=1) < 0.8))} of runs they get less than 80\u00a0%" in said
    assert f"is {words.against(gap.mean)} true quality" in said
    assert f"Donors pay {words.percent(spent[:, 1].sum() / spent.sum())} of its" in said
    assert "Where donors leave after 2029, Donors leave after 2029" in said
    assert f"is {words.signed(exit_)} points; where the same plan goes on" in said
    assert f"it is {words.signed(results.difference(BEST, results.end, 'true').mean)}." in said


def test_donors_leave_where_their_money_stops_before_the_end(results):
    money = Money(results)

    assert left_after(money, "donor-exit-2029") == 2029
    assert left_after(money, BEST) is None and left_after(money, "reported") is None
    assert counterpart(results, money, "donor-exit-2029", 2029) == BEST
    assert counterpart(results, money, BEST, 2035) is None


def test_a_page_without_an_exit_names_the_scenario_that_has_one(three, alone):
    assert "the shipped scenario donor-exit-2029 does" in three.words
    assert "It has no coached teams from 2027 on" in alone.words


# ------------------------------------------------------------------------------------------------------ explorer


def embedded(page: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="explore-data">(.*?)</script>', page)[1])


def test_the_numbers_to_choose_from_are_those_of_the_runs(several):
    data, ensemble = embedded(several.page), several.comparison.ensemble
    runner = ensemble.runners[BEST]
    scenario = next(at for at, said in enumerate(data["scenarios"]) if "end of 2030" in said)
    year, place = data["years"].index(2031), data["places"].index("Kampot")
    indicator = [key for key, *_ in explorer.INDICATORS].index("recorded_80")
    here, there = (100.0 * province_values(ensemble, name, "recorded_80")[:, runner.years.index(2031),
                                                                         runner.world.provinces.index("Kampot")]
                   for name in (BEST, "reported"))
    found = data["values"][scenario][indicator][place][6 * year:6 * year + 6]
    expected = [write for sample in (here, here - there)
                for write in (sample.mean(), *np.percentile(sample, (5.0, 95.0)))]

    assert found == pytest.approx([10.0 * value for value in expected], abs=0.51)
    assert data["n"] == 16 and data["places"][0] == "Cambodia" and len(data["tiles"]) == 25


def test_other_horizons_leave_gaps(uneven):
    data = embedded(uneven.page)
    short = data["values"][1][0][0]

    assert short[6 * data["years"].index(2030)] is None and short[6 * data["years"].index(2028)] is not None


def test_hostile_words_stay_inside_the_numbers(three):
    raw = re.search(r'id="explore-data">(.*?)</script>', three.page)[1]

    assert "<" not in raw and "\\u003cscript\\u003e" in raw


# -------------------------------------------------------------------------------------------------- accessibility


def test_colours_of_text_and_signs_have_enough_contrast():
    style = STYLE.read_text(encoding="utf-8")
    root = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", style))
    grounds = (PAPER, root["tint"], root["mark"])

    assert all(contrast(root[ink], ground) >= 4.5 for ink in ("ink", "soft", "blue") for ground in grounds)
    assert contrast(PAPER, root["ink"]) >= 4.5, "the tip"
    assert all(contrast(colour, PAPER) >= 3.0 for colour in (TRUE, RECORDED, REFERENCE, SOFT, "#0072b2", "#767676"))
    assert set(re.findall(r"color: (#[0-9a-f]{3,6})", style)) <= {"#fff"}


def test_the_script_is_small_and_plain():
    lines = SCRIPT.read_text(encoding="utf-8").splitlines()

    assert len(lines) < 250
    assert not re.search(r"\beval\b|Function\(|innerHTML|fetch\(|XMLHttp|localStorage|https?://(?!www\.w3\.org)",
                         "\n".join(lines))
