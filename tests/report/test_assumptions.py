"""What the answer rests on: the section after the brief says what the runs under assumptions hold."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from qicsim.estimate.anchor.shipped import held_against
from qicsim.ground.numbers import percent, signed
from qicsim.inputs.scenario import load_scenario
from qicsim.report import assumptions
from qicsim.report.figures import beyond_studies, unstudied
from qicsim.report.results import Results
from qicsim.runs.assumptions import AS_SIMULATED
from qicsim.runs.draws import names
from tests.report.conftest import TRIED, show


@pytest.fixture(scope="module")
def results(three):
    return Results(three.comparison, three.choice)


@pytest.fixture(scope="module")
def untried(three):
    return Results(replace(three.comparison, tried=None), three.choice)


def bare(markup):
    return re.sub(r"\s+", " ", re.sub(r"<svg.*?</svg>|<[^>]*>", " ", str(markup), flags=re.DOTALL))


def test_the_section_stands_right_after_the_brief(three):
    ids = re.findall(r'<section[^>]* id="(\w+)"', three.page)

    assert ids[:3] == ["brief", "rests", "mind"]


def test_figures_are_numbered_on_through_the_section(three):
    numbers = [int(one) for one in re.findall(r'class="number">Figure (\d+)\. ', three.page)]

    assert numbers == list(range(1, len(numbers) + 1))


def test_the_table_says_every_assumption_for_every_plan(results):
    said = bare(assumptions.rests(results, 4))

    tried = results.comparison.tried
    assert tried.keys == TRIED
    for row in tried.rows:
        assert f"{signed(row.gain.mean)} ({signed(row.gain.low)} to {signed(row.gain.high)})" in said
    low, high = tried.range_of_means(results.best)
    assert f"mean gains from {signed(low)} to {signed(high)} points" in said


def test_what_was_without_spill_over_is_the_run_of_it(results, untried):
    row = results.under("breadth-none")
    said = bare(assumptions.rests(results, 4))

    assert row.plan == results.best
    assert f"with nothing beyond it the gain is {signed(row.gain.mean)}, with" in said
    assert "version 0.1" not in bare(assumptions.rests(untried, 4))
    assert "Without spill-over" not in said


def test_the_section_says_the_gain_as_far_as_studies_reach_and_how_often_it_is_small(results):
    row = results.gain
    said = bare(assumptions.rests(results, 4))

    assert row.key == AS_SIMULATED
    nothing = np.mean(results.comparison.ensemble.draws.values[:, names().index("pdsa.efficacy")] == 0.0)
    assert nothing > 0.0
    assert f"gains {signed(row.early.mean)} points by the end of 2029, as far as controlled studies reach" in said
    assert (f"In {percent(row.little)} of draws it ends below one point; in {percent(nothing)} collaboratives can do "
            "nothing").replace("\u00a0", " ") in said
    assert f"In the others it is {signed(row.works)} on average" in said


def test_which_plan_leads_is_said_by_assumption(results):
    tried = results.comparison.tried
    first, second = tried.plans
    turned = [row for row in tried.of(first) if row.rank > 1]
    said = bare(assumptions.rests(results, 4))

    assert f"“{results.title(first)}”" in said
    assert results.named(second) in assumptions.rests(results, 4)
    assert "gains more than" in said
    assert ("under these:" in said) == bool(turned)


def test_without_tried_assumptions_nothing_is_said_of_them(untried, results):
    said = bare(assumptions.rests(untried, 4))

    assert "Other assumptions" not in said
    assert "Gains under other assumptions" not in said
    assert len(assumptions.figures(untried)) == len(assumptions.figures(results)) - 1


def test_a_single_scenario_rests_on_nothing_here(alone):
    assert assumptions.rests(Results(alone.comparison, alone.choice), 1) == ""


def test_studies_stand_beside_the_models_simulated_trial():
    evidence = held_against()

    assert evidence.rule == "G"
    assert len(evidence.studies) == 15
    assert [one.effect for one in evidence.studies] == sorted((one.effect for one in evidence.studies), reverse=True)
    assert len(evidence.wanted) == len(evidence.found) == 5
    assert all(abs(one - other) < 2.0 for one, other in zip(evidence.wanted, evidence.found, strict=True))


def test_years_that_no_study_reached_are_shaded_on_every_figure_over_time(three, results):
    assert unstudied(results)[0][2] == "no controlled study reaches so far"
    assert three.page.count("no controlled study reaches so far") >= 5
    assert f'"beyond":{beyond_studies()}' in three.page
    for key in ("path-score-1", "path-share-1", "reach-coverage", "visits-1"):
        drawing = re.search(rf'<svg(?:(?!</svg>).)*?id="{key}-clip".*?</svg>', three.page, flags=re.DOTALL)
        assert drawing, key
        assert 'fill-opacity=".13"' in drawing[0], key


def test_runs_that_end_before_that_have_no_shade():
    short = show([load_scenario(name, horizon_end="2028-12") for name in ("reported", "national-2030")], draws=1)

    assert "no controlled study reaches so far" not in short.page
    assert 'fill-opacity=".13"' not in short.page
