"""Incremental analysis, against published tables, and its invariances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qicsim.decide.discounting import Discounting, present_value
from qicsim.decide.frontier import DOMINATED, EXTENDED, ON, SAME, frontier
from qicsim.decide.outcomes import ONE_SCENARIO, outcomes
from qicsim.decide.plane import plane
from tests.helpers import PROPERTY

amounts = st.integers(0, 40).map(float)
some = st.lists(st.tuples(amounts, amounts), min_size=1, max_size=8)


def of(points):
    costs, effects = np.array(points).T
    return frontier(costs, effects, [f"s{place}" for place in range(len(points))])


def icers(found):
    return {row.name: row.icer for row in found.on[1:]}


def test_hiv_screening_of_paltiel_and_others():
    """Paltiel et al. 2006, Ann Intern Med 145:797-806, table 4 (high risk); ratios as in dampack's vignette."""
    found = frontier([26000, 27000, 28020, 28440, 29440], np.array([277.25, 277.57, 277.78, 277.83, 277.76]) / 12,
                     ["status quo", "one time", "5yr", "3yr", "annual"])

    assert {name: round(value, 2) for name, value in icers(found).items()} == {
        "one time": 37500.0, "5yr": 58285.71, "3yr": 100800.0}
    assert [(row.name, row.over) for row in found.rows if row.status == DOMINATED] == [("annual", ("3yr",))]


def test_the_sixth_stool_guaiac_of_neuhauser_and_lewicki():
    """Neuhauser and Lewicki 1975, N Engl J Med 293:226-8: the first three tests (later ones lose digits in print)."""
    found = frontier([0.0, 77511.0, 107690.0, 130199.0], [0.0, 65.9469, 71.4424, 71.9004], ["0", "1", "2", "3"])

    assert {name: round(value) for name, value in icers(found).items()} == pytest.approx(
        {"1": 1175, "2": 5492, "3": 49150}, abs=5)
    assert round(icers(found)["1"]) == 1175


def markov_hiv(treated_years, risk, added):
    """Cost and life years of the HIV model of Chancellor et al. 1997 (Briggs, Claxton and Sculpher 2006, chapter 2)."""
    counts = np.array([[1251.0, 350.0, 116.0, 17.0], [0.0, 731.0, 512.0, 15.0], [0.0, 0.0, 1312.0, 437.0],
                       [0.0, 0.0, 0.0, 1.0]])
    usual = counts / counts.sum(axis=1, keepdims=True)
    worse = np.triu(usual, 1) * risk
    treated = worse + np.diag(1.0 - worse.sum(axis=1))
    care = np.array([1701.0 + 1055.0, 1774.0 + 1278.0, 6948.0 + 2059.0])
    state, spent, lived = np.array([1.0, 0.0, 0.0, 0.0]), [], []
    for year in range(1, 21):
        state = state @ (treated if year <= treated_years else usual)
        drugs = 2278.0 + (added if year <= treated_years else 0.0)
        spent.append(state[:3] @ (care + drugs))
        lived.append(state[:3].sum())
    years = range(1, 21)
    return present_value(spent, years, Discounting(1, 0.06, "end")), present_value(lived, years)


def test_combination_therapy_of_chancellor_and_others():
    """Costs 44,663 and 50,602, life years 7.991 and 8.937, ICER 6,276 pounds (Briggs et al. 2006, table 2.3)."""
    costs, lived = np.transpose([markov_hiv(0, 1.0, 0.0), markov_hiv(2, 0.509, 2086.5)])
    found = frontier(costs, lived, ["monotherapy", "combination"])

    assert costs.round().tolist() == [44663.0, 50602.0]
    assert lived.round(3).tolist() == [7.991, 8.937]
    assert round(icers(found)["combination"]) == 6276


def test_dominance_on_a_table_made_by_hand():
    """B to D in one step costs 10 a unit, B to C 15: C is dominated by a mixture; E costs more than D for less."""
    found = frontier([0, 10, 40, 50, 60, 50], [0, 2, 4, 6, 5, 6], ["A", "B", "C", "D", "E", "F"])

    assert {row.name: row.status for row in found.rows} == {
        "A": ON, "B": ON, "C": EXTENDED, "D": ON, "E": DOMINATED, "F": SAME}
    assert {row.name: row.over for row in found.rows} == {
        "A": (), "B": ("A",), "C": ("B", "D"), "D": ("B",), "E": ("D",), "F": ("D",)}
    assert icers(found) == {"B": 5.0, "D": 10.0}
    assert [found.choice(worth) for worth in (0, 4.9, 5, 9.9, 10, 1e9)] == ["A", "A", "B", "B", "D", "D"]
    assert found.sentence == ("The cheapest choice is A; B over A for 5.00 a unit of effect; D over B for 10.0 a "
                              "unit of effect; C is extendedly dominated; F is same as another; E is dominated.")


def test_twins_off_the_frontier_have_the_status_of_their_point():
    """C and its twin are both dominated by a mixture of B and D; E and its twin both by D."""
    found = frontier([0, 10, 40, 40, 50, 60, 60], [0, 2, 4, 4, 6, 5, 5], ["A", "B", "C", "C2", "D", "E", "E2"])

    assert [(row.name, row.status, row.over) for row in found.rows if row.status != ON] == [
        ("C", EXTENDED, ("B", "D")), ("C2", EXTENDED, ("B", "D")), ("E", DOMINATED, ("D",)),
        ("E2", DOMINATED, ("D",))]


def test_a_name_with_and_in_it_stays_one_name():
    found = frontier([0.0, 5.0, 4.0], [0.0, 1.0, 0.5], ["none", "sessions and visits", "half and half"])

    assert {row.name: row.over for row in found.rows} == {
        "none": (), "half and half": ("none", "sessions and visits"), "sessions and visits": ("none",)}


def test_means_over_draws_decide():
    found = frontier([[0.0, 2.0], [1.0, 5.0]], [[0.0, 2.0], [1.0, 3.0]], ["A", "B"])

    assert icers(found) == {"B": 2.0}


def test_one_scenario_is_a_plain_statement():
    assert frontier([1.0], [1.0], ["only"]).sentence == ONE_SCENARIO


@PROPERTY
@given(points=some, data=st.data())
def test_the_order_of_scenarios_is_irrelevant(points, data):
    order = data.draw(st.permutations(range(len(points))))
    names = [f"s{place}" for place in range(len(points))]
    costs, effects = np.array(points).T

    assert frontier(costs[order], effects[order], [names[place] for place in order]) == frontier(costs, effects, names)


@PROPERTY
@given(points=some)
def test_the_frontier_is_convex_and_nothing_lies_beyond_it(points):
    found = of(points)
    costs, effects = (np.array([getattr(row, name) for row in found.on]) for name in ("cost", "effect"))
    slopes = np.diff(costs) / np.diff(effects)

    assert (slopes >= 0.0).all()
    assert (np.diff(slopes) >= -1e-9 * np.abs(slopes[1:])).all()
    for row in found.rows:
        reach = np.interp(row.effect, effects, costs, left=costs[0])
        assert row.cost >= reach - 1e-9


@PROPERTY
@given(points=some, worse=st.tuples(amounts, amounts))
def test_a_dominated_scenario_changes_nothing(points, worse):
    cost, effect = points[0]
    found = of([*points, (cost + 1.0 + worse[0], effect - min(worse[1], effect))])

    assert found.on == of(points).on
    assert found.rows[[row.name for row in found.rows].index(f"s{len(points)}")].status == DOMINATED


@PROPERTY
@given(points=some, worth=st.floats(0.0, 100.0))
def test_the_choice_of_the_frontier_has_the_highest_net_benefit(points, worth):
    found = of(points)
    benefit = {row.name: worth * row.effect - row.cost for row in found.rows}

    assert benefit[found.choice(worth)] == pytest.approx(max(benefit.values()), abs=1e-6)


def test_net_benefit_is_worth_times_effect_less_cost():
    assert outcomes([[10.0, 20.0]], [[3.0, 4.0]], ["A"]).net_benefit(5.0).tolist() == [[5.0, 0.0]]


def test_the_plane_counts_quadrants_and_divides_means():
    found = plane([[1.0, 1.0, 1.0, 1.0], [2.0, 3.0, 0.5, 0.5]], [[1.0, 1.0, 1.0, 1.0], [2.0, 0.0, 0.0, 4.0]],
                  ["A", "B"], "A")

    assert found.quadrants[1].tolist() == [0.25, 0.25, 0.25, 0.25]
    assert found.ratio[1] == pytest.approx(0.5 / 0.5)
    assert np.isnan(found.ratio[0])
    assert found.extra_costs[1].tolist() == [1.0, 2.0, -0.5, -0.5]
