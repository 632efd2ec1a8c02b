"""Regret, satisficing, the probability of a target and what it hinges on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from qicsim.decide.acceptability import acceptability
from qicsim.decide.outcomes import ONE_SCENARIO
from qicsim.decide.robustness import AtLeast, AtMost, regret, satisficing
from qicsim.decide.targets import _difference, chance, hinges, share_interval
from qicsim.ground.errors import SettingError
from tests.decide.closed_forms import normals
from tests.helpers import PROPERTY

# Three acts in four states: A is best on average, B never far from the best, C once far ahead.
PAYOFFS = np.array([[10.0, 10.0, 10.0, 0.0], [7.0, 7.0, 7.0, 7.0], [0.0, 0.0, 0.0, 11.0]])


def test_regret_of_a_table_made_by_hand():
    found = regret(PAYOFFS, ["A", "B", "C"])

    assert found.regret[0].tolist() == [[0.0, 0.0, 0.0, 11.0], [3.0, 3.0, 3.0, 4.0], [10.0, 10.0, 10.0, 0.0]]
    assert found.mean.tolist() == [2.75, 3.25, 7.5]
    assert found.largest.tolist() == [11.0, 4.0, 10.0]
    assert found.choices == {"mean": "A", "95 %": "B", "minimax": "B"}
    assert found.sentence == "Least regret: A (mean), B (95 %), B (minimax)."


def test_regret_is_within_a_structure():
    """The second structure pays everybody 100 more: nobody regrets the structure."""
    found = regret(np.stack([PAYOFFS, PAYOFFS + 100.0]), ["A", "B", "C"])

    assert found.mean == pytest.approx(regret(PAYOFFS, ["A", "B", "C"]).mean)
    assert found.by_structure.tolist() == [[2.75, 3.25, 7.5]] * 2


def test_what_costs_less_is_regretted_less_when_lower_is_better():
    assert regret([[1.0, 5.0], [2.0, 2.0]], ["A", "B"], higher_is_better=False).regret[0].tolist() == [[0, 3], [1, 0]]


def test_mean_regret_of_net_benefit_is_the_expected_loss():
    costs, effects = np.random.default_rng(1).uniform(0.0, 9.0, (2, 3, 50))

    assert regret(2.0 * effects - costs, ["A", "B", "C"]).mean == pytest.approx(
        acceptability(costs, effects, ["A", "B", "C"], 2.0).loss[0])


@PROPERTY
@given(order=st.permutations(range(3)), lift=st.floats(-50.0, 50.0))
def test_order_and_a_common_shift_do_not_move_regret(order, lift):
    found = regret(PAYOFFS[order] + lift, [("A", "B", "C")[place] for place in order])

    assert found.mean == pytest.approx(regret(PAYOFFS, ["A", "B", "C"]).mean[order])
    assert found.choices == regret(PAYOFFS, ["A", "B", "C"]).choices


def test_one_scenario_is_never_regretted():
    found = regret(PAYOFFS[:1], ["A"])

    assert found.largest.tolist() == [0.0]
    assert found.sentence == ONE_SCENARIO


def test_satisficing_counts_draws_in_which_everything_holds():
    found = satisficing({"share": [[0.9, 0.7, 0.8, 0.8]], "usd": [[5.0, 1.0, 4.0, 9.0]], "other": [[0.0]]},
                        {"share": AtLeast(0.8), "usd": AtMost(5.0)}, ["A"])

    assert found.share.tolist() == [0.5]
    assert found.each.tolist() == [[0.75], [0.75]]
    assert found.outcomes == ("share", "usd")


def test_the_interval_of_a_share_is_that_of_wilson():
    """Newcombe 1998, Stat Med 17:857-72, table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    counts = ((81, 263), (15, 148), (0, 20), (1, 29))
    found = [np.round(share_interval(np.float64(r / n), n), 4).tolist() for r, n in counts]

    assert found == [[0.2553, 0.3662], [0.0624, 0.1605], [0.0, 0.1611], [0.0061, 0.1718]]


def test_the_chance_of_a_target_is_by_draw_and_over_draws():
    found = chance([[[0.8, 0.7], [0.9, 0.9]]], 0.8, ["A"])

    assert found.by_draw.tolist() == [[0.5, 1.0]]
    assert found.probability.tolist() == [0.75]
    assert chance([[[0.8, 0.7], [0.9, 0.9]]], 0.8, ["A"], at_most=True).probability.tolist() == [0.5]


def test_a_target_that_is_no_number_is_refused():
    with pytest.raises(SettingError, match="target: nan"):
        chance([[[0.8]]], float("nan"), ["A"])


def test_a_target_hinges_on_what_decides_it():
    """met = a + b / 2 > 0: means of a differ by 2 phi(0) / sqrt(5 / 4) / Phi(0) = 1.4273 SD, of b by half of it."""
    parameters = normals(1024, 4)
    met = parameters[:, 0] + 0.5 * parameters[:, 1] > 0.0
    found = hinges(met, parameters, ["a", "b", "c", "d"])

    assert [row.name for row in found.ranked[:2]] == ["a", "b"]
    assert found.ranked[0].difference == pytest.approx(4.0 * 0.398942 / np.sqrt(1.25), abs=0.03)
    assert found.ranked[1].difference == pytest.approx(2.0 * 0.398942 / np.sqrt(1.25), abs=0.03)
    assert [row.found for row in found.ranked] == [True, True, False, False]
    assert found.ranked[0].chance_low < 0.2
    assert found.ranked[0].chance_high > 0.8
    assert found.sentence == "The target hinges on a, b."


def test_parameters_that_decide_nothing_are_rarely_found():
    """At a false discovery rate of 5 %, about one target in twenty has a false finding among 40 parameters."""
    rng = np.random.default_rng(3)
    wrong = sum(any(row.found for row in hinges(rng.random(60) < 0.4, rng.standard_normal((60, 40)),
                                                [f"p{place}" for place in range(40)]).ranked) for _ in range(25))

    assert wrong <= 5


def test_the_interval_of_a_difference_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(300):
        x = rng.standard_normal((200, 1))
        met = (x[:, 0] + rng.standard_normal(200) > 0.0).astype(float)
        difference, error = (float(one[0]) for one in _difference(met, x))
        held += abs(difference - 4.0 * 0.398942 / np.sqrt(2.0)) < 1.96 * error

    assert 0.90 <= held / 300.0 <= 0.99


def test_few_draws_that_meet_a_target_are_not_taken_for_findings():
    """Three of 32 draws meet it: whatever they share by chance among 46 parameters is not found."""
    rng = np.random.default_rng(7)
    found = hinges(np.arange(32) < 3, rng.standard_normal((32, 46)), [f"p{place}" for place in range(46)])

    assert not any(row.found for row in found.ranked)
    assert found.sentence == "No parameter alone decides it."


def test_shares_of_replicates_count_for_both_sides():
    x = normals(512, 1)
    found = hinges(special.expit(x[:, 0]), x, ["x"])

    assert found.ranked[0].low > 0.0
    assert found.ranked[0].difference < 2.0


@pytest.mark.parametrize("always", [True, False])
def test_a_target_that_is_always_or_never_met_hinges_on_nothing(always):
    found = hinges(np.full(32, float(always)), normals(32, 2), ["a", "b"])

    assert found.ranked == ()
    assert found.sentence == (f"The target is met in {100.0 * always:.0f}\u00a0% of draws: too one-sided to say what "
                              "it hinges on.")
