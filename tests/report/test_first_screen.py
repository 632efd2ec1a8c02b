"""The first screen: short, in truth alone, and the numbers that the tables have."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from qicsim.decide.answer import FIXED, GROWS, HIGH, LOW, MODERATE, VERY_LOW, VIEWS, confidence
from qicsim.decide.value import large_steps
from qicsim.ground.numbers import MILLION, number, percent, signed
from qicsim.report.decision_words import money
from qicsim.report.first_screen import CONFIDENCE, HEADS, first_screen
from qicsim.report.results import Results
from qicsim.runs.readout import values
from tests.report.conftest import show
from tests.report.counts import before_the_figure, plain
from tests.worlds import on_small

MOST_WORDS, MOST_NUMBERS = 110, 20


@pytest.fixture(scope="module")
def several():
    return show([on_small(name) for name in ("reported", "national-2030", "pbf-reform", "national-continuous")],
                draws=24)


@pytest.fixture(scope="module")
def results(several):
    return Results(several.comparison, several.choice)


@pytest.fixture(scope="module")
def said(results):
    return plain(first_screen(results, results.answer, ""))


def test_it_is_short(several):
    words, numbers = before_the_figure(several.page)

    assert words <= MOST_WORDS and numbers <= MOST_NUMBERS, (words, numbers)


def test_its_numbers_are_those_of_the_tables(said, results):
    answer = results.answer
    rows = results.comparison.headline.query("scenario == @answer.plan and year == 2035").set_index("indicator")
    years, ensemble = 2035 - 2026, results.comparison.ensemble
    gained = (values(ensemble, answer.plan, "true") - values(ensemble, "reported", "true"))[:, -1]

    assert f"{signed(rows.difference_mean['true'])} points" in said
    assert f"US$ {number(rows.difference_mean['qic_cost'] / years / MILLION, 1)} million" in said
    assert f"all public money {signed(rows.difference_mean['public_cost'] / years / MILLION, 1)} million" in said
    assert f"{percent(float((gained < 1.0).mean()))} chance".replace("\u00a0", " ") in said


def test_each_view_has_its_choice_and_its_price(said, results):
    decision = results.choice.decision

    for view in results.answer.views:
        assert HEADS[view.view] in said
        assert results.title(view.plan) in said
        assert view.price is None or money(view.price).replace("\u00a0", " ") in said
        assert view.plan in decision.options.names
        last = large_steps(decision.value.views[VIEWS[view.view]])[-1]
        assert (view.plan, view.price) == (last.name, last.icer), "all of these plans keep PBF"
    assert [view.view for view in results.answer.views] == [FIXED, GROWS]
    assert len({view.price for view in results.answer.views}) == len(VIEWS)


def test_the_page_goes_on_about_the_plan_that_it_names(several, results):
    """In what follows as on the first screen, also where another plan gains more."""
    assert results.plan == results.answer.plan == results.gain.plan
    shown = show([on_small(name) for name in ("reported", "national-2030", "pbf-reform")], draws=24)
    other = Results(shown.comparison, shown.choice)
    title = other.title(other.plan)

    assert other.plan == "national-2030" and other.best == "pbf-reform"
    for part, following in (("rests", "mind"), ("mind", "risks"), ("risks", "explore")):
        section = shown.page[shown.page.index(f'id="{part}"'):shown.page.index(f'id="{following}"')]
        assert section.index(title) < (section.index(other.title("pbf-reform")) if other.title("pbf-reform") in section
                                       else len(section)), part


def test_the_record_is_not_on_it(said):
    assert "record" not in said


def test_it_says_how_good_the_evidence_is(said, results):
    assert set(CONFIDENCE) == {VERY_LOW, LOW, MODERATE, HIGH}
    assert results.answer.confidence in (VERY_LOW, LOW)
    assert CONFIDENCE[results.answer.confidence] in said


@pytest.mark.parametrize(("source", "leading", "rated"), [
    ("calibration/effects.npz", ["a", "a"], LOW), ("calibration/effects.npz", ["a", "b"], VERY_LOW),
    ("prior", ["a", "a"], VERY_LOW), ("calibration/effects.npz", [], LOW)])
def test_confidence_follows_the_evidence_and_falls_where_another_plan_leads(source, leading, rated):
    modules = (SimpleNamespace(module="effects", source=source),)
    tried = SimpleNamespace(rows=[SimpleNamespace(plan=plan, rank=1) for plan in leading]) if leading else None

    assert confidence(SimpleNamespace(
        ensemble=SimpleNamespace(draws=SimpleNamespace(modules=modules)), tried=tried)) == rated


def test_plans_that_end_pbf_are_not_recommended():
    shown = show([on_small(name) for name in ("reported", "national-2030", "neither", "qic-without-pbf")], draws=4)
    answer = Results(shown.comparison, shown.choice).answer

    assert {view.plan for view in answer.views} | {view.below for view in answer.views} <= {
        "reported", "national-2030", None}
