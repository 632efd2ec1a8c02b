"""Bad input: every fault at once, and plain statements where there is nothing wrong."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.decide.acceptability import acceptability
from qicsim.decide.budget import against, what_fits
from qicsim.decide.costing import Spending, totals
from qicsim.decide.effects import gained
from qicsim.decide.frontier import frontier
from qicsim.decide.inequality import slope_index
from qicsim.decide.information import evpi, evppi
from qicsim.decide.ingredients import cost_factors
from qicsim.decide.outcomes import outcomes
from qicsim.decide.plane import plane
from qicsim.decide.robustness import AtLeast, regret, satisficing
from qicsim.decide.studies import Rescoring, evsi, rescoring
from qicsim.decide.targets import chance, target_drivers
from qicsim.ground.errors import SettingError

FINE = np.ones((2, 30))
AB = ["A", "B"]
PAYERS = {"payer": ("government", "donor")}


def faults_of(call):
    with pytest.raises(SettingError) as caught:
        call()
    return str(caught.value).splitlines()


def test_every_fault_of_outcomes_is_told_at_once():
    costs, effects = FINE.copy(), FINE[:, :20].copy()
    costs[1, 17] = -3.0
    effects[0, 4] = np.nan
    effects[1, 5] = np.inf

    assert faults_of(lambda: outcomes(costs, effects, ["A", "A"])) == [
        'effects: scenario "A", draw 4 is nan (2 such values). Allowed: finite numbers.',
        "effects: have the shape (2, 20), costs (2, 30). Allowed: one shape.",
        "costs: -3 is negative. Allowed: 0 or more. Give the cost of each scenario, not its difference from another.",
        'names: "A" is there more than once. Allowed: each name once.']


@pytest.mark.parametrize("call", [
    lambda: frontier([], [], []), lambda: plane([], [], [], "A"), lambda: acceptability([], [], [], 1.0),
    lambda: evpi(np.empty((0, 5))), lambda: regret(np.empty((0, 5)), []), lambda: chance(np.empty((0, 5, 2)), 0.8, [])])
def test_an_empty_set_of_scenarios_is_refused(call):
    assert "have no scenario. Allowed: one scenario or more." in " ".join(faults_of(call))


def test_an_empty_set_of_plans_is_refused():
    assert faults_of(lambda: totals({})) == ["scenarios: there is no scenario. Allowed: one or more."]
    assert faults_of(lambda: what_fits({}, (2027,), 1.0)) == ["scenarios: there is no scenario. Allowed: one or more."]


def test_values_that_are_not_finite_are_named_by_draw():
    broken = FINE.copy()
    broken[1, 12] = np.nan

    for call in (lambda: evpi(broken), lambda: regret(broken, AB), lambda: evsi(broken, np.ones(30)),
                 lambda: evppi(broken, np.ones((30, 1)), ["p"])):
        assert "draw 12 is nan" in faults_of(call)[0]
    assert 'parameter "p" is nan' in faults_of(lambda: evppi(FINE, np.full((30, 1), np.nan), ["p"]))[0]


def test_spending_names_draw_year_and_payer_and_refuses_unknown_payers():
    usd = np.ones((3, 2, 2))
    usd[2, 1, 0] = np.nan

    assert faults_of(lambda: Spending(usd, (2027, 2028), PAYERS)) == [
        'costs: draw 2, year "2028", payer "government" is nan. Allowed: finite numbers.']
    assert faults_of(lambda: Spending(-np.ones((3, 2, 2)), (2027,), PAYERS)) == [
        "costs: have the shape (3, 2, 2). Allowed: (3, 1, 2), after years and labels.",
        "costs: -1 is negative. Allowed: 0 or more."]
    fine = Spending(np.ones((3, 2, 2)), (2027, 2028), PAYERS)
    assert faults_of(lambda: fine.only(payer=["goverment", "patients"])) == [
        'payer: "goverment" is not known. Allowed: government, donor. Did you mean "government"?',
        'payer: "patients" is not known. Allowed: government, donor.']
    assert faults_of(lambda: fine.only(funder="donor"))[0].startswith('only: "funder" is not known')
    assert faults_of(lambda: fine.by("line")) == ['by: "line" is not known. Allowed: payer.']
    assert faults_of(lambda: fine.within(2040, 2045)) == ["years: 2040 to 2045. Allowed: some of 2027 to 2028."]


def test_plans_of_different_years_and_draws_are_not_added_up():
    one = Spending(np.ones((3, 2, 2)), (2027, 2028), PAYERS)
    other = Spending(np.ones((2, 1, 2)), (2027,), PAYERS)

    assert faults_of(lambda: totals({"one": one, "other": other})) == [
        ("scenario other: has the years 2027 to 2027. Allowed: 2027 to 2028, as the first. Choose common years with "
         "within()."), "scenario other: has 2 draws. Allowed: 3, as the first."]


def test_every_fault_of_a_ceiling_is_told_at_once():
    assert faults_of(lambda: against([[1.0, -2.0]], (2027, 2028), {2026: 5.0, 2027: float("nan")})) == [
        "usd: -2 is negative. Allowed: 0 or more.", "ceiling: names 2026. Allowed: 2027 to 2028.",
        "ceiling: nan in 2027. Allowed: a finite amount, 0 or more."]
    assert faults_of(lambda: against([[1.0, 2.0]], (2027,), 5.0)) == [
        "usd: have the shape (1, 2). Allowed: (draws, 1), for the years given."]


def test_every_fault_of_information_is_told_at_once():
    assert faults_of(lambda: evppi(FINE, np.ones((19, 2)), ["p"], groups={"g": ["q"], "none": []})) == [
        "names: 1 names for 2 parameters. Allowed: one name each.",
        "parameters: 19 draws for 30 of net benefit. Allowed: the same draws.",
        "parameters: 19 draws. Allowed: 20 or more, to regress on.",
        'groups g: "q" is not known. Allowed: p.', "groups none: has no parameter. Allowed: one or more."]


def test_every_fault_of_a_study_is_told_at_once():
    assert [line.split(":")[0] for line in faults_of(lambda: Rescoring(-1.0, float("nan"), 0, lost=2.0))] == [
        "between", "noise", "facilities", "lost"]
    assert faults_of(lambda: rescoring(FINE, np.ones(10), Rescoring(8.0, 6.0, 100), [0, 500])) == [
        "sizes: 0, 500 facilities. Allowed: rising, 1 to 100.",
        "measured: 10 draws for 30 of net benefit. Allowed: the same draws.",
        "measured: 10 draws. Allowed: 20 or more, to regress on."]


def test_faults_of_the_other_analyses():
    assert faults_of(lambda: plane(FINE, FINE, AB, "C")) == ['reference: "C" is not known. Allowed: A, B.']
    assert faults_of(lambda: gained(FINE, AB, "C")) == ['reference: "C" is not known. Allowed: A, B.']
    assert faults_of(lambda: acceptability(FINE, FINE, AB, [-1.0])) == ["worth: -1 is negative. Allowed: 0 or more."]
    assert faults_of(lambda: satisficing({"a": FINE}, {"b": AtLeast(1.0)}, AB))[0].startswith('thresholds: "b" is not')
    assert faults_of(lambda: satisficing({"a": FINE}, {}, AB)) == ["thresholds: there is none. Allowed: one or more."]
    assert faults_of(lambda: target_drivers([0.0, 2.0], np.ones((3, 1)), ["p"])) == [
        "parameters: 3 draws for 2 of the target. Allowed: the same draws.",
        "met: has shares outside 0 to 1. Allowed: 0 to 1."]
    assert faults_of(lambda: slope_index([1.0, 2.0], [0.0, 1.0], [1.0])) == [
        "rank_by: have the shape (1,). Allowed: (2,), or its last axis.",
        "weights: are not all above 0. Allowed: above 0."]
    assert faults_of(lambda: cost_factors([5.0], [6.0], [9.0], 3)) == [
        "usd: a unit cost is outside its own range, or its range begins at 0. Allowed: 0 < low <= usd <= high."]


def test_what_is_no_array_of_numbers_is_refused():
    assert faults_of(lambda: evpi([["much", "little"]])) == [
        "net_benefit: are not an array of numbers. Allowed: numbers by scenario, draw."]
    assert faults_of(lambda: evpi(5.0)) == ["net_benefit: have the shape (). Allowed: 2 axes: (scenario, draw)."]
    assert faults_of(lambda: regret([[1.0, 2.0], [3.0]], AB))[0].startswith("values: are not an array of numbers")
