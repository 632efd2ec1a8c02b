"""Money and doubt in the brief: all public money, one rule for the choice, and the gain held against other evidence."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import numpy as np
import pytest

from qicsim.analysis.places import gap_between_provinces, province_range
from qicsim.analysis.quarters import at_quarter
from qicsim.analysis.spending import PAYMENTS, MeanSpending
from qicsim.decide.choice import NO_CHOICE, Choice, choice_of
from qicsim.decide.decision import decide
from qicsim.decide.settings import Settings
from qicsim.decide.value import large_steps
from qicsim.ground import numbers
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.numbers import adding
from qicsim.inputs.scenario import load_scenario
from qicsim.model.columns import COST_LINES, PAYERS
from qicsim.model.ledger import LEDGER
from qicsim.report import detailed_findings, headline_figures
from qicsim.report import risks as risks_module
from qicsim.report.detailed_findings import in_full
from qicsim.report.page import render_page
from qicsim.report.results import Results
from qicsim.report.risks import risks
from qicsim.runs.readout import province_values, values, yearly_cost
from tests.report.conftest import PROVENANCE, show

PLAN, REFORM = "national-2030", "pbf-reform"


@pytest.fixture(scope="module")
def shown():
    return show([load_scenario(name) for name in ("reported", PLAN, REFORM, "national-continuous", "donor-exit-2029")],
                draws=6)


@pytest.fixture(scope="module")
def results(shown):
    return Results(shown.comparison, shown.choice)


@pytest.fixture(scope="module")
def early():
    """Runs that end before the plans begin."""
    return show([load_scenario(name, horizon_end="2024-12") for name in ("reported", PLAN)], draws=2)


def bare(markup: str) -> str:
    return html.unescape(re.sub(r"[^\S\u00a0]+", " ", re.sub(r"<[^>]*>", " ", markup)))


# ---------------------------------------------------------------------------------------------------------- adding up


@pytest.mark.parametrize("parts", [[0.04, 0.04, 0.04], [4.449, 30.549], [-1.26, 3.33, 0.07], [2.0], []])
def test_rounded_parts_add_up_to_their_rounded_sum(parts):
    found = adding(parts)

    assert sum(found) == pytest.approx(round(sum(parts) + 1e-12, 1))
    assert all(abs(rounded - part) < 0.1 for rounded, part in zip(found, parts, strict=True))


def test_what_is_not_finite_stays_as_it_is():
    assert np.isnan(adding([1.0, float("nan")])[1])


@pytest.mark.parametrize("caption", ["Points by line, difference from the reference", "Collaboratives, 2027 to 2035"])
def test_columns_of_tables_add_up_as_they_are_printed(shown, caption):
    table = re.search(rf'<table[^>]*><caption><span class="held">{caption}.*?</table>', shown.page, re.DOTALL)[0]
    rows = [[float(cell.replace("−", "-")) for cell in re.findall(r"<td>([^<]*)</td>", row)]
            for row in re.findall(r"<tr.*?</tr>", table)[1:]]

    assert len(rows) > 8 and rows[-1] != [0.0] * len(rows[-1])
    assert np.sum(rows[:-1], axis=0) == pytest.approx(np.array(rows[-1]), abs=1e-9)


# -------------------------------------------------------------------------------------------------------------- money


def test_all_public_money_is_every_line_from_the_plans_start_on(shown, results):
    ensemble = shown.comparison.ensemble
    late = [place for place, year in enumerate(ensemble.runners[PLAN].years) if year >= 2027]
    usd = {name: yearly_cost(ensemble, name)[:, late].sum(axis=(1, 2, 3, 4, 5)) for name in (PLAN, "reported")}
    cell = results.difference(PLAN, 2035, "public_cost")
    both = [results.difference(PLAN, 2035, name).mean for name in ("qic_cost", "pbf_cost")]

    assert cell.mean == pytest.approx(np.mean(usd[PLAN] - usd["reported"]))
    assert cell.high == pytest.approx(np.percentile(usd[PLAN] - usd["reported"], 95.0))
    assert sum(both) == pytest.approx(cell.mean)


def test_the_details_say_all_public_money_and_who_pays(results):
    best = results.best
    said = bare(in_full(results))
    public = results.difference(best, 2035, "public_cost").mean / 1e6
    own, more = (float(re.search(pattern, said)[1]) for pattern in
                 (r"spends on some too, that is US\$ \+([\d.]+) million", r"with assessments by US\$ ([\d.]+) million"))
    together, government, donors = (float(one) for one in re.search(
        r"Together that is US\$ ([\d.]+) million more of public money[^:]*: government ([\d.]+), donors ([\d.]+)\.",
        said).groups())

    assert together == pytest.approx(public, abs=0.051) and own + more == pytest.approx(together, abs=1e-9)
    assert government + donors == pytest.approx(together, abs=1e-9)


def test_payers_and_lines_of_the_extra_money(shown, results):
    ensemble = shown.comparison.ensemble
    extra = (yearly_cost(ensemble, PLAN) - yearly_cost(ensemble, "reported")).mean(axis=0)
    late = [place for place, year in enumerate(ensemble.runners[PLAN].years) if year >= 2027]
    money = MeanSpending(shown.comparison)
    payments = extra[late][..., COST_LINES.index("pbf"), :].sum(axis=(0, 1, 2))

    assert money.extra_by_payer(PLAN) == pytest.approx(extra[late].sum(axis=(0, 1, 2, 3)), rel=1e-5)
    assert money.extra_by_payer(PLAN, slice(PAYMENTS, PAYMENTS + 1)) == pytest.approx(
        payments, rel=1e-5)
    assert f"limit, by US$ {numbers.number(payments.sum() / 1e6, 1)} million" in detailed_findings.without_ceiling(
        results, PLAN)
    assert PAYERS == ("government", "donor")


def test_the_second_figure_holds_gains_against_all_public_money(shown, results):
    cost = results.difference(REFORM, 2035, "public_cost").mean / 1e6
    label = html.unescape(re.search(r'id="decide-price".*?aria-label="(Points gained[^"]*)"', shown.page, re.DOTALL)[1])

    assert abs(cost) > 0.1
    assert (
        f"PBF reform, no collaboratives: {numbers.signed(results.difference(REFORM, 2035, 'true').mean)} points for "
        f"US$ {numbers.signed(cost)} million"
    ) in label


def test_the_cost_of_a_facility_is_money_over_facilities_and_years(results):
    facilities = at_quarter(results.comparison.ensemble, PLAN, "facilities", "2035Q4").mean()
    each = results.level(PLAN, 2035, "qic_cost").mean / facilities / 9

    assert f"that is US$ {numbers.number(each)} a year for collaboratives" in detailed_findings.for_each_facility(
        results, PLAN)


# --------------------------------------------------------------------------------------------------------- one choice


def test_the_choice_of_a_comparison_is_the_decision_by_the_usual_settings(shown):
    again = decide(shown.comparison.ensemble, "reported", Settings(level="as simulated"))

    assert [row.name for row in shown.choice.decision.value.frontier.on] == [
        row.name for row in again.value.frontier.on]
    assert shown.choice.decision.value.worth == again.value.worth


def test_a_choice_that_is_refused_says_why_and_a_scenario_alone_has_none(shown, alone, monkeypatch):
    def refuse(*_):
        raise SettingError("", [Fault("by", "2040", "2018 to 2035")])

    monkeypatch.setattr("qicsim.decide.choice.decide", refuse)

    assert choice_of(shown.comparison).decision is None
    assert choice_of(shown.comparison).refusal == "by: 2040. Allowed: 2018 to 2035."
    assert choice_of(alone.comparison) is NO_CHOICE


def test_a_page_without_a_choice_says_nothing_of_it(shown, results):
    told = Results(shown.comparison)

    assert detailed_findings.rule(told) == detailed_findings.target(told) == ""
    assert detailed_findings.rule(results)
    assert told.choice.picks(told.best, "reported") == (told.best,)


def test_the_brief_and_the_chapters_of_money_say_one_sum(results):
    impact = results.choice.decision.budget.impact

    for name, one in impact.items():
        headline = results.difference(name, 2035, "public_cost")
        assert headline.mean == pytest.approx(one.total.mean, rel=1e-4)
        assert (headline.low, headline.high) == pytest.approx((one.total.low, one.total.high), rel=1e-4)


def test_the_brief_shows_best_gain_frontier_and_least_regret(results, monkeypatch):
    monkeypatch.setattr(headline_figures, "SHOWN", 2)
    decision = results.choice.decision
    wanted = {results.best, decision.robust.regret.choices["mean"],
              decision.value.frontier.choice(decision.value.worth),
              *(row.name for row in decision.value.frontier.on)} - {"reported"}

    assert set(results.choice.picks(results.best, "reported")) == wanted
    assert results.best in headline_figures.shown(results) and set(headline_figures.shown(results)) <= wanted
    assert len(headline_figures.shown(results)) <= 2


def test_the_rule_names_the_steps_of_the_frontier_and_their_worth(results):
    steps = results.choice.decision.value.steps
    said = bare(detailed_findings.rule(results))

    assert len(steps) > 1
    assert all(results.title(row.name) in said for row in steps)
    assert f"if more than {detailed_findings.money(steps[-1].icer)}".replace("\u00a0", " ") in re.sub(r"\s+", " ", said)
    assert ("two answers differ" in said) == (steps[-1].name != results.best)


def test_the_rule_is_told_without_payments_too(results):
    steps = large_steps(results.choice.decision.value.views["left out"])
    said = re.sub(r"\s+", " ", bare(detailed_findings.rule(results)))
    apart = said[said.index("With PBF's payments to facilities left out"):]

    assert len(steps) == 1 or f"if more than {detailed_findings.money(steps[-1].icer)}".replace("\u00a0", " ") in apart
    assert all(results.title(row.name) in apart for row in (steps[0], steps[-1]))


def test_two_answers_that_differ_are_said_to_differ(results):
    decision = results.choice.decision
    first = decision.value.steps[:1]
    other = replace(decision, value=replace(decision.value, steps=(*first, replace(decision.value.steps[-1],
                                                                                  name=REFORM))))
    told = replace(results, choice=Choice(other))

    assert f"So the two answers differ: “{results.title(results.best)}”" in re.sub(r"\s+", " ", bare(
        detailed_findings.rule(told))).replace(" ,", ",").replace("“ ", "“").replace(" ”", "”")


def test_the_chance_of_the_target_stands_in_the_details(results):
    met = values(results.comparison.ensemble, "national-continuous", "true_80", "health_centre")
    at = results.comparison.ensemble.runners["national-continuous"].quarters.index("2030Q4")

    assert (
        f"truly at 80 or more by the end of 2030, is met in {numbers.percent(np.mean(met[:, at] >= 0.8))} of runs"
        in bare(in_full(results))
    )


def test_another_plan_that_loses_its_donors_says_nothing_of_the_leading_one(results):
    said = bare(risks(results))

    assert results.best == "national-continuous"
    assert "without its donors is not on this page" in said and "leave after 2029" not in said


# -------------------------------------------------------------------------------------------------------------- doubt


def test_the_ledger_adds_up_to_the_gain(results):
    best = results.best
    lines = risks_module.lines_of(results, best)
    gain = results.difference(best, 2035, "true").mean
    said = bare(risks_module.source(results, best))
    part, gained, lost = (float(one) for one in re.search(
        r"The largest part, ([\d.]+) of ([\d.]+) points gained \(less ([\d.]+) for", said).groups())

    assert set(lines) == set(LEDGER) and sum(lines.values()) == pytest.approx(gain, abs=0.06)
    assert gained - lost == pytest.approx(sum(lines.values()), abs=1e-9) and part == max(lines.values())


def test_a_gain_beyond_trials_elsewhere_is_flagged(results, monkeypatch):
    best = results.best
    points = risks_module.by_collaboratives(results, best)
    monkeypatch.setattr(risks_module, "ELSEWHERE", points - 0.1)
    above = risks_module.exceeding(results, best)
    monkeypatch.setattr(risks_module, "ELSEWHERE", points + 0.1)

    assert f"{numbers.signed(points)} points, is more than the median of such trials elsewhere" in above
    assert risks_module.exceeding(results, best) == ""
    assert "Rowe et al. 2018" in risks_module.beside_trials(results, best)


def test_the_gap_between_provinces_is_told_with_the_reference(shown, results):
    ensemble = shown.comparison.ensemble
    ends = {name: province_range(province_values(ensemble, name, "true")[:, -1]) for name in (results.best, "reported")}
    said = bare(in_full(results))

    assert gap_between_provinces(ensemble, results.best, 2035) == pytest.approx(ends[results.best])
    assert f"are {numbers.number(ends[results.best].mean(), 1)} points apart" in said
    assert f"{numbers.signed((ends[results.best] - ends['reported']).mean())}\u00a0(" in said


# -------------------------------------------------------------------------------------------------------- early, alone


def test_runs_that_end_before_the_plans_say_so_and_nothing_about_plans(early):
    results = Results(early.comparison, early.choice)
    page = render_page(early.comparison, provenance=PROVENANCE, extra=lambda: [("value", "Value", "x")])

    assert results.end == 2024 and results.early
    assert "The runs end with 2024, before the plans begin in 2027: this page can say nothing about the plans." in \
           early.words
    assert not {"mind", "risks", "answer", "value"} & set(re.findall(r'<section id="(\w+)"', page))


def test_a_single_draw_speaks_of_one_draw_and_of_no_shares():
    said = show([load_scenario("reported"), load_scenario(PLAN)], draws=1).words

    assert "1 draw is too few to say how often the plan is no better than the reference" in said
    assert "1 draws" not in said and "1 runs" not in said and "of 1 draw" not in said.replace("1 draw ×", "")
