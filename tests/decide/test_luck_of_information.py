"""Values of information that are there by luck: among many parameters, near a tie, and in groups."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.decide.information import SHUFFLES, evppi
from qicsim.decide.studies import Rescoring, rescoring
from tests.decide.closed_forms import value_of_knowing

MANY = [f"p{place}" for place in range(81)]
GROUPS = {f"g{place}": MANY[place * 81 // 24:(place + 1) * 81 // 24] for place in range(24)}
DESIGN = Rescoring(between=8.0, noise=6.0, facilities=1400, each=0.0)
FEW = 19  # shuffles: the fewest with which anything can be clear, and then with a chance of 1 in 20 as well


def nothing(seed, draws=128):
    """Net benefit of three scenarios at a tie, and 81 parameters that have nothing to do with it."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((3, draws)), rng.standard_normal((draws, len(MANY)))


def tie(seed, draws, noise):
    """Two scenarios that are equally good in truth; the first parameter moves the difference by 1: worth 0.399."""
    rng = np.random.default_rng(seed)
    parameters = rng.standard_normal((draws, 3))
    return np.stack([np.zeros(draws), parameters[:, 0] + noise * rng.standard_normal(draws)]), parameters


def called_clear(decisions, groups, shuffles):
    """In how many decisions something is called clear that has nothing to do with the choice."""
    return sum(bool(evppi(*nothing(seed), MANY, groups=groups, seed=seed, shuffles=shuffles).clear.any())
               for seed in range(decisions))


together = pytest.mark.parametrize("groups", [None, GROUPS], ids=["parameters", "mechanisms"])


@together
def test_among_many_that_do_not_matter_hardly_ever_one_is_called_clear(groups):
    """3 decisions: 0.15 expected; 2 or more would have a chance of 0.7 %."""
    assert called_clear(3, groups, FEW) <= 1


@pytest.mark.slow
@together
def test_among_many_that_do_not_matter_one_is_called_clear_in_one_decision_of_twenty(groups):
    """40 decisions with as many shuffles as usual: 2 expected; 7 or more would have a chance of 0.3 %."""
    assert called_clear(40, groups, SHUFFLES) <= 6


@pytest.mark.slow
def test_a_study_of_nothing_is_called_clear_in_few_decisions_whatever_its_size():
    wrong = 0
    for seed in range(30):
        net, parameters = nothing(seed)
        found = rescoring(net, 3.0 * parameters[:, 0], DESIGN, [10, 50, 200, 1400], seed=seed, replicates=3)
        wrong += bool((found.chance <= 0.05).any())

    assert wrong <= 5


@pytest.mark.parametrize(("decisions", "shuffles"), [(3, FEW), pytest.param(10, SHUFFLES, marks=pytest.mark.slow)])
def test_a_parameter_that_matters_is_found_among_many(decisions, shuffles):
    found = 0
    for seed in range(decisions):
        net, parameters = nothing(seed, 200)
        net[1] += 1.5 * parameters[:, 0]
        information = evppi(net, parameters, MANY, seed=seed, shuffles=shuffles)
        found += bool(information.clear[0])
        assert information.order[0] == 0

    assert found >= 0.9 * decisions


@pytest.mark.parametrize(("draws", "noise"), [(128, 3.0), (48, 1.0), (400, 3.0)])
def test_nothing_is_taken_off_a_value_at_a_tie(draws, noise):
    """What can be found in a sample is the value around the sample's own mean; estimates lie on it on average."""
    values, expected = [], []
    for seed in range(40):
        net, parameters = tie(seed, draws, noise)
        values.append(evppi(net, parameters, list("abc"), seed=seed, shuffles=0).value[0])
        expected.append(value_of_knowing(net[1].mean(), 1.0))
    error = np.std(np.subtract(values, expected)) / np.sqrt(40.0)

    assert np.mean(values) == pytest.approx(np.mean(expected), abs=4.0 * error + 0.02)
    assert np.mean(values) > 0.85 * np.mean(expected)


@pytest.mark.slow
@pytest.mark.parametrize("decisions", [2, 8])
def test_a_group_is_worth_at_least_what_its_best_member_is(decisions):
    for seed in range(decisions):
        net, parameters = nothing(seed, 100)
        net[1] += 0.8 * parameters[:, 0]
        alone = evppi(net, parameters, MANY, seed=seed, shuffles=0)
        grouped = evppi(net, parameters, MANY, groups=GROUPS, seed=seed, shuffles=0)
        best = [max(alone.value[MANY.index(name)] for name in members) for members in GROUPS.values()]

        assert (grouped.value >= np.array(best) - 1e-12).all()


def test_a_group_of_nearly_as_many_parameters_as_draws_does_not_follow_noise():
    """30 of 40 draws: terms that are not shrunk would fit three quarters of the noise, and find nearly the EVPI."""
    shares = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        found = evppi(rng.standard_normal((2, 40)), rng.standard_normal((40, 30)), MANY[:30],
                      groups={"all": MANY[:30]}, seed=seed, shuffles=19)
        shares.append(found.value[0] / found.evpi.value)

    assert np.mean(shares) < 0.5


def test_chances_are_steps_of_the_shuffles_and_without_shuffles_nothing_is_clear():
    net, parameters = tie(1, 200, 0.5)
    found, none = (evppi(net, parameters, list("abc"), shuffles=shuffles) for shuffles in (SHUFFLES, 0))

    assert found.chance[0] == pytest.approx(1.0 / (1.0 + SHUFFLES))
    assert found.clear[0] and not none.clear.any()
    assert (none.chance == 1.0).all()
    assert none.value == pytest.approx(found.value)


def test_what_does_not_vary_is_worth_nothing_and_is_never_clear():
    net, parameters = tie(1, 200, 0.5)
    parameters[:, 2] = 1.0
    found = evppi(net, parameters, list("abc"))

    assert found.value[2] == 0.0
    assert found.chance[2] == 1.0
