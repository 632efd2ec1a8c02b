"""The brief: what comes first, figures that say their numbers, what would change our mind, and risks, all computed."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from qicsim.analysis.drivers import drivers
from qicsim.analysis.gains import gain_by_draw, mean_by_draw
from qicsim.analysis.programme import visits_share
from qicsim.analysis.spending import MeanSpending
from qicsim.decide.choice import Choice
from qicsim.decide.targets import share_interval
from qicsim.ground import numbers
from qicsim.model.columns import COST_LINES, PAYERS, PBF_LINES
from qicsim.report import explorer, formatting, headline_figures
from qicsim.report.colours import PAPER, RECORDED, REFERENCE, SOFT, TRUE, contrast
from qicsim.report.elements import Markup
from qicsim.report.headline_figures import Axis
from qicsim.report.language import khmer, say
from qicsim.report.page import SCRIPT, STYLE, brief, render_page
from qicsim.report.results import Results
from qicsim.report.risks import risks
from qicsim.report.sensitivity_of_choice import SPILL, change_of_mind
from qicsim.runs.draws import names
from qicsim.runs.readout import province_values, values, yearly_cost
from tests.report.conftest import PROVENANCE, show
from tests.worlds import on_small

BEST = "national-2030"
DRAWS = 24  # the fewest that tell shares and hinges, and a few more


@pytest.fixture(scope="module")
def several():
    """Enough draws for hinges, and a scenario in which the donors leave."""
    return show([on_small(name) for name in ("reported", BEST, "donor-exit-2029")], draws=DRAWS)


@pytest.fixture(scope="module")
def results(several):
    return Results(several.comparison)


def bare(markup: str) -> str:
    return html.unescape(re.sub(r"[^\S\u00a0]+", " ", re.sub(r"<[^>]*>", " ", markup)))


FOLDED = '<details class="chapter"><summary>'


# ----------------------------------------------------------------------------------------------------- order


def test_the_page_goes_from_the_answer_to_the_details(three):
    heads = re.findall(r"<h2>(.*?)</h2>", three.page)

    assert heads == ["In brief", "What the answer rests on", "What would change our mind", "Risks",
                     "Choose and look", "The answer in full", "Headline", "Differences", "Over time",
                     "The programme", "Provinces", "Where points come from", "Costs", "What is assumed",
                     "How well it is known", "Reproduce"]
    first = three.page[three.page.index('id="brief"'):three.page.index('id="rests"')]
    assert first.count('class="answer"><p>') == 1 and first.count("<table") == 1 and first.count("<figure") == 3
    assert first.index('class="answer"') < first.index('class="four"') < first.index("<figure") < first.index("<table")


def test_headings_never_skip_a_level(several, alone):
    for shown in (several, alone):
        levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", shown.page)]

        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


def test_more_sections_stand_after_the_costs_and_in_the_contents(three):
    extra = [("value", "Value for <money>", Markup("<p>dear</p>"))]
    page = render_page(three.comparison, provenance=PROVENANCE, extra=lambda: extra)

    assert f'<section id="value">{FOLDED}<h2>Value for &lt;money&gt;</h2></summary><p>dear</p>' in page
    assert page.index('id="costs"') < page.index('id="value"') < page.index('id="assumed"')
    assert '<a href="#value">Value for &lt;money&gt;</a>' in page


def test_more_sections_are_made_in_the_language_of_the_page(three):
    page = render_page(three.comparison, provenance=PROVENANCE, language=khmer(),
                       extra=lambda: [("value", say("Scenario"), Markup(say("Sum")))])

    scenario, total = (khmer().translated(one)[0] for one in ("Scenario", "Sum"))
    assert f'<section id="value">{FOLDED}<h2>{scenario}</h2></summary>{total}</details>' in page


def test_a_page_holds_as_many_scenarios_as_it_can_and_counts_the_others(results, monkeypatch):
    monkeypatch.setattr(headline_figures, "SHOWN", 1)
    monkeypatch.setattr(Choice, "picks", lambda *_: (BEST,))

    assert headline_figures.shown(results) == (BEST,)
    assert "1 other scenario stands in the details." in bare(brief(results))


# --------------------------------------------------------------------------------------------------- figures


def test_every_mark_says_its_number_interval_and_runs(several, results):
    gain = results.difference(BEST, results.end, "true")
    marks = [html.unescape(label) for label in re.findall(r'class="mark" tabindex="0" role="img" aria-label="([^"]*)"',
                                                          several.page)]

    assert len(marks) == 2 + 2 + 2 * 3
    assert all(f"n\u00a0=\u00a0{DRAWS}" in label for label in marks)
    assert any(
        label.startswith(
            "Plan: every district by the end of 2030, true quality, points more than the reference: "
            f"{numbers.signed(gain.mean)}, {formatting.LEVEL} interval "
            f"{numbers.signed(gain.low)} to {numbers.signed(gain.high)}; "
            f"n\u00a0=\u00a0{DRAWS}"
        )
        for label in marks
    )


def test_marks_are_high_enough_for_a_finger(several):
    boxes = re.findall(r'class="mark" [^>]*><title>[^<]*</title><rect [^>]*height="([\d.]+)"', several.page)

    assert len(boxes) == 10 and min(map(float, boxes)) >= headline_figures.MET


def test_an_axis_holds_its_values_between_round_steps():
    axis = Axis(-0.7, 11.2, 10.0, 110.0)

    assert axis.ticks() == [-2.0, 0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0]
    assert axis.at(-2.0) == 10.0 and axis.at(12.0) == 110.0
    assert Axis(3.0, 3.0, 0.0, 1.0).ticks()[1] == pytest.approx(3.0)


# ---------------------------------------------------------------------------------------------- change of mind


def test_gains_are_paired_and_averaged_over_replicates(results):
    ensemble = results.comparison.ensemble
    gain, other = (values(ensemble, name, "true")[:, -1] for name in (BEST, "reported"))
    halved = replace(ensemble, draws=replace(ensemble.draws, values=ensemble.draws.values[:2]))

    assert results.comparison.gain(BEST).name == BEST
    assert results.comparison.gain(BEST).points == pytest.approx(gain - other)
    assert mean_by_draw(halved, np.array([1.0, 3.0, 5.0, 9.0])) == pytest.approx([2.0, 7.0])


def test_the_table_lists_the_drivers_of_the_gain_and_spill_over(results):
    gain, drawn = results.comparison.gain(BEST), results.comparison.ensemble.draws.values
    varied = [number for number, name in enumerate(names()) if not name.startswith("costs.")]
    expected = drivers(gain.points, drawn[:, varied], [names()[number] for number in varied])
    low = np.argsort(drawn[:, names().index(SPILL)])[:DRAWS // 3]
    listed = re.findall(r'<span class="name">([\w.]+)</span>', change_of_mind(results))

    assert gain.drivers.named == expected.named
    assert gain.drivers.of(SPILL).lowest == pytest.approx(gain.points[low].mean())
    assert listed == list(dict.fromkeys([*(driver.parameter for driver in expected.named[:5]), SPILL]))


def test_what_would_change_our_mind_is_read_off_the_draws(several, results):
    gain = results.comparison.gain(BEST).points
    said = bare(change_of_mind(results))

    low, high = share_interval(np.mean(gain < 1.0), DRAWS)

    assert f"In {numbers.percent(np.mean(gain < 1.0))} of {DRAWS} draws the gain is below 1 point" in said
    assert f"(95 % interval: {numbers.percent(low)} to {numbers.percent(high)})" in said
    assert f"{SPILL} assumed: no figure was found" in re.sub(r"\s+", " ", said)
    assert said.strip().startswith("The plan in question is “Plan: every district by the end of 2030”")


def test_where_every_draw_gains_the_share_that_so_many_draws_leave_is_told(results, monkeypatch):
    monkeypatch.setattr("qicsim.report.sensitivity_of_choice.SMALL", -1e3)

    assert "No draw of 24 shows a gain below 1 point (95 % interval of that share: 0\u00a0% to 14\u00a0%)." in bare(
        change_of_mind(results))


def test_a_plan_that_is_overtaken_says_by_whom_and_how_often(results):
    weaker = gain_by_draw(results.comparison.ensemble, "donor-exit-2029", "reported", results.end)
    ahead = results.comparison.gain(BEST).points > weaker.points

    assert weaker.rivals == {BEST: np.mean(ahead)}
    assert weaker.overtaken == np.mean(ahead) > 0.5


def test_few_draws_tell_no_shares_and_no_hinges(three, alone):
    assert "3 draws are too few to say how often the plan is no better than the reference" in three.words
    assert 'class="list hinges"' not in three.page
    assert change_of_mind(Results(alone.comparison)) == ""


# --------------------------------------------------------------------------------------------------------- risks


def test_risks_carry_numbers_of_the_runs(results):
    said = bare(risks(results))
    got = visits_share(results.comparison.ensemble, BEST)
    gap = results.level(BEST, results.end, "inflation").mean
    exit_ = results.difference("donor-exit-2029", results.end, "true").mean
    spent = MeanSpending(results.comparison).collaboratives(BEST)

    assert f"Teams get {numbers.percent(got.mean())} of the coaching visits" in said
    assert f"{numbers.percent(got.mean(axis=0).min())} in the worst quarter" in said
    assert f"in {numbers.percent(np.mean(got.mean(axis=1) < 0.8))} of runs they get less than 80\u00a0%" in said
    assert f"is {numbers.number(gap, 1)} points above true quality" in said
    assert f"Donors pay {numbers.percent(spent[:, 1].sum() / spent.sum())} of its" in said
    assert "If the donors of “Plan: every district by the end of 2030” leave after 2029 and nobody follows" in said
    assert f"its gain at the end of 2035 is {numbers.signed(exit_)} points instead of" in said
    assert f"{numbers.signed(results.difference(BEST, results.end, 'true').mean)}." in said


def test_donors_pay_their_share_of_the_pbf_money_that_the_plan_adds(results):
    lines = [COST_LINES.index(line) for line in PBF_LINES]
    extra = (yearly_cost(results.comparison.ensemble, BEST) - yearly_cost(results.comparison.ensemble, "reported"))
    donor, government = (extra[..., lines, PAYERS.index(payer)].sum() for payer in ("donor", "government"))

    assert f"They pay {numbers.percent(donor / (donor + government))} of the PBF money" in bare(risks(results))


def test_donors_leave_where_their_money_stops_before_the_end(results):
    money = MeanSpending(results.comparison)

    assert money.donors_leave_after("donor-exit-2029") == 2029
    assert money.donors_leave_after(BEST) is None and money.donors_leave_after("reported") is None
    assert money.same_until("donor-exit-2029", BEST, 2029) and not money.same_until("reported", BEST, 2029)
    assert not money.same_until(BEST, "donor-exit-2029", 2029)


def test_a_page_without_an_exit_of_the_plan_says_so(three, alone):
    assert "without its donors is not on this page" in three.words
    assert "It has no coached teams from 2027 on" in alone.words


# ------------------------------------------------------------------------------------------------------ explorer


def embedded(page: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="explore-data">(.*?)</script>', page)[1])


def test_the_numbers_to_choose_from_are_those_of_the_runs(several):
    data, ensemble = embedded(several.page), several.comparison.ensemble
    runner = ensemble.runners[BEST]
    scenario = next(at for at, said in enumerate(data["scenarios"]) if "end of 2030" in said)
    year, place = data["years"].index(2031), data["places"].index("Pursat")
    indicator = [key for key, *_ in explorer.INDICATORS].index("recorded_80")
    here, there = (100.0 * province_values(ensemble, name, "recorded_80")[:, runner.years.index(2031),
                                                                         runner.world.provinces.index("Pursat")]
                   for name in (BEST, "reported"))
    found = data["values"][scenario][indicator][place][6 * year:6 * year + 6]
    expected = [write for sample in (here, here - there)
                for write in (sample.mean(), *np.percentile(sample, (5.0, 95.0)))]

    assert found == pytest.approx([10.0 * value for value in expected], abs=0.51)
    assert data["n"] == DRAWS and data["places"][0] == "Cambodia" and len(data["tiles"]) == 3


def test_money_is_of_the_nation_and_teams_of_every_place(several):
    data, ensemble = embedded(several.page), several.comparison.ensemble
    cost, active = ([key for key, *_ in explorer.INDICATORS].index(name) for name in ("cost", "active"))
    spent = yearly_cost(ensemble, "reported").sum(axis=(2, 3, 4, 5))[:, data["years"].index(2030)] / 1e6

    assert data["values"][0][cost][0][6 * data["years"].index(2030)] == pytest.approx(10.0 * spent.mean(), abs=0.51)
    assert all(not block for block in data["values"][0][cost][1:])
    assert all(len(block) == 6 * len(data["years"]) for block in data["values"][0][active])


def test_the_provinces_of_the_project_are_said_to_be_assumed(three):
    said = ("6 provinces stand out only because they are taken to be those of the project: sources name Battambang and "
            "Kampong Cham; Pursat, Pailin, Kampong Speu and Siem Reap are assumed.")

    assert three.words.count(said) == 2


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

    assert len(lines) < 340  # it draws the live page too
    assert not re.search(r"\beval\b|Function\(|innerHTML|fetch\(|XMLHttp|localStorage|https?://(?!www\.w3\.org)",
                         "\n".join(lines))
