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
from qicsim.decide.targets import chance, share_interval, target_drivers
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
    """met = a + b / 2 > 0: the correlation with a is twice that with b."""
    parameters = normals(1024, 4)
    met = parameters[:, 0] + 0.5 * parameters[:, 1] > 0.0
    found = target_drivers(met, parameters, ["a", "b", "c", "d"])
    first, second = found.drivers.ranked[:2]

    assert found.named == ("a", "b")
    assert first.correlation == pytest.approx(2.0 * second.correlation, rel=0.1)
    assert first.lowest < 0.2
    assert first.highest > 0.8
    assert found.sentence == "The target hinges on a, b."


def test_few_draws_that_meet_a_target_are_not_taken_for_findings():
    """Three of 32 draws meet it: whatever they share by chance among 46 parameters is not found."""
    rng = np.random.default_rng(7)
    found = target_drivers(np.arange(32) < 3, rng.standard_normal((32, 46)), [f"p{place}" for place in range(46)])

    assert found.named == ()
    assert found.sentence == "No parameter alone decides it."


def test_shares_of_replicates_count_by_their_order():
    x = normals(512, 1)
    found = target_drivers(special.expit(x[:, 0]), x, ["x"])

    assert found.drivers.ranked[0].correlation == pytest.approx(1.0)
    assert 0.0 < found.drivers.ranked[0].lowest < 0.5 < found.drivers.ranked[0].highest < 1.0


def test_few_draws_are_too_few_to_say_what_a_target_hinges_on():
    found = target_drivers(np.arange(16) < 8, normals(16, 2), ["a", "b"])

    assert found.named == ()
    assert found.sentence == "16 draws are too few to say what it hinges on."


@pytest.mark.parametrize("always", [True, False])
def test_a_target_that_is_always_or_never_met_hinges_on_nothing(always):
    found = target_drivers(np.full(32, float(always)), normals(32, 2), ["a", "b"])

    assert found.drivers is None and found.named == ()
    assert found.sentence == (f"The target is met in {100.0 * always:.0f}\u00a0% of draws: too one-sided to say what "
                              "it hinges on.")
