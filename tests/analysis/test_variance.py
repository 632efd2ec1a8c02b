"""The split of uncertainty and the advice, on a toy whose components are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from qicsim.analysis.advice import advise_interval, advise_mean, replicates_for_a_draw
from qicsim.analysis.nested import nested
from qicsim.analysis.variance import FAMILIES, SOURCES, split
from qicsim.ground.errors import SettingError
from tests.helpers import assert_mean

STRUCTURE, SCENARIO = np.array([-0.5, 0.5]), np.array([-2.0, 0.5, 1.5])
BOTH = np.array([[0.3, -0.3, 0.0], [-0.3, 0.3, 0.0]])
TRUTH = {
    "structure": np.mean(STRUCTURE**2), "scenario": np.mean(SCENARIO**2), "structure x scenario": np.mean(BOTH**2),
    "parameters": 1.2**2, "parameters x structure": 0.6**2, "parameters x scenario": 0.8**2 * np.mean(SCENARIO**2),
    "parameters x structure x scenario": 0.25 * np.mean(BOTH**2) * 16.0, "chance": 0.9**2 + 0.4**2}


def toy(rng, draws=8, replicates=3):
    """Each draw has a level, an own response to structure, to scenario and to both; luck is shared and own."""
    level, by_structure, by_scenario, by_both = rng.standard_normal((4, 1, 1, draws, 1))
    sign = np.array([-1.0, 1.0])[:, None, None, None]
    shared = rng.standard_normal((1, 1, draws, replicates))
    own = rng.standard_normal((2, 3, draws, replicates))
    effects = SCENARIO[None, :, None, None]
    return (STRUCTURE[:, None, None, None] + effects + BOTH[:, :, None, None] + 1.2 * level + 0.6 * sign * by_structure
            + 0.8 * effects * by_scenario + 2.0 * BOTH[:, :, None, None] * by_both + 0.9 * shared + 0.4 * own)


def repeated(times, **sizes):
    rng = np.random.default_rng(11)
    return [split(toy(rng, **sizes)) for _ in range(times)]


def test_every_component_is_unbiased_under_shared_luck():
    found = np.stack([one.raw for one in repeated(1500)])

    for place, source in enumerate(SOURCES):
        assert_mean(found[:, place], TRUTH[source])


def test_components_add_up_to_the_variance_of_a_run_picked_at_random():
    found = np.array([one.total for one in repeated(1500)])

    assert_mean(found, sum(TRUTH.values()))


def test_the_standard_errors_are_those_of_repetitions():
    """The jackknife is a little too large, as it must be (Efron and Stein 1981), and not by half."""
    found = repeated(600, draws=20)
    told = np.sqrt(np.mean([one.error**2 for one in found], axis=0))
    seen = np.std([one.raw for one in found], axis=0, ddof=1)

    assert np.all(told > 0.85 * seen)
    assert np.all(told < 1.5 * seen)


def test_a_negative_component_counts_as_none_and_shares_add_up_to_one():
    found = split(np.random.default_rng(3).standard_normal((2, 2, 4, 3, 50)))

    assert (found.raw < 0.0).any()
    assert np.allclose(found.shares.sum(axis=0), 1.0)
    assert np.allclose(found.families().sum(axis=0), 1.0)
    assert found.families().shape == (len(FAMILIES), 50)


def test_one_scenario_under_one_structure_leaves_parameters_and_chance():
    values = np.random.default_rng(4).standard_normal((1, 1, 30, 4, 2)) + np.arange(30.0)[:, None, None]
    alone, parts = split(values), nested(values[0, 0])

    assert np.allclose(alone.raw[SOURCES.index("parameters")], parts.between_raw)
    assert np.allclose(alone.raw[SOURCES.index("chance")], parts.within)
    for source in ("structure", "scenario", "parameters x scenario"):
        assert np.all(alone.raw[SOURCES.index(source)] == 0.0)


def test_a_time_without_values_has_no_split_and_leaves_the_others_alone():
    values = np.random.default_rng(5).standard_normal((1, 2, 5, 2, 3))
    holed = values.copy()
    holed[0, 1, 2, 0, 1] = np.nan

    assert np.isnan(split(holed).raw[:, 1]).all()
    assert np.array_equal(split(holed).raw[:, [0, 2]], split(values).raw[:, [0, 2]])


@pytest.mark.parametrize(("shape", "words"), [((2, 2, 5), "shape"), ((1, 1, 2, 2), "2 draws"),
                                              ((1, 1, 5, 1), "1 replicates")])
def test_too_little_to_split_is_refused(shape, words):
    with pytest.raises(SettingError, match=words):
        split(np.zeros(shape))


def test_infinite_values_cannot_be_split():
    with pytest.raises(SettingError, match="infinite"):
        split(np.full((1, 1, 3, 2), np.inf))


# ------------------------------------------------------------------------------------------------------------ advice


def test_advice_for_a_mean_by_hand():
    """between 4, within 9: with 3 replicates a draw counts 7; for an error of 0.5 it takes 28 draws."""
    found = advise_mean(4.0, 9.0, error=0.5, fewest_replicates=3)

    assert (found.draws, found.replicates, found.runs) == (28, 3, 84)
    assert found.error == pytest.approx(0.5)
    assert "28 draws with 3 replicates each" in found.sentence


def test_no_design_of_the_same_error_is_cheaper_by_more_than_a_draw():
    found = advise_mean(1.0, 30.0, error=0.2, draw_cost=5.0, run_cost=1.0, fewest_replicates=1)
    others = [np.ceil((1.0 + 30.0 / r) / 0.2**2) * (5.0 + r) for r in range(1, 60)]

    assert found.replicates == 12
    assert found.cost <= min(others) + 5.0 + 12.0


def test_where_draws_cost_nothing_as_few_replicates_as_allowed_are_best():
    assert advise_mean(1.0, 30.0, error=0.2, fewest_replicates=1).replicates == 1


def test_the_advised_number_of_draws_gives_the_wanted_error():
    """Repeated experiments of the advised size: the standard deviation of their means is the error."""
    found = advise_mean(4.0, 9.0, error=0.5)
    rng = np.random.default_rng(6)
    draws = 2.0 * rng.standard_normal((found.draws, 1, 4000))
    means = (draws + 3.0 * rng.standard_normal((found.draws, found.replicates, 4000))).mean(axis=(0, 1))

    assert_mean(means**2, found.error**2)


def test_the_advised_number_of_draws_gives_the_wanted_error_of_an_interval():
    found = advise_interval(4.0, 2.0, error=0.2)
    values = np.sqrt(5.0) * np.random.default_rng(7).standard_normal((found.draws, 2000))
    ends = np.quantile(values, 0.05, axis=0)

    assert ends.mean() == pytest.approx(np.sqrt(5.0) * special.ndtri(0.05), abs=0.03)
    assert ends.std() == pytest.approx(found.error, rel=0.08)


def test_one_draw_needs_replicates_only():
    assert replicates_for_a_draw(0.09, error=0.1) == 9


@pytest.mark.parametrize("settings", [{"error": 0.0}, {"error": 1e-9}, {"error": 0.1, "run_cost": 0.0}])
def test_impossible_wishes_are_refused(settings):
    with pytest.raises(SettingError):
        advise_mean(1.0, 1.0, **settings)
