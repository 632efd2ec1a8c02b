"""Contrasts and nested estimates against samples whose components are known."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.analysis.contrasts import contrast
from qicsim.analysis.nested import nested
from qicsim.ground.errors import SettingError
from qicsim.ground.intervals import interval_of
from tests.helpers import assert_mean

BETWEEN, WITHIN = 4.0, 2.25


def sample(rng, draws, replicates, times=400):
    """Draws of variance 4 with chance of 2.25 on average, larger in some draws than in others; mean 10."""
    levels = 10.0 + 2.0 * rng.standard_normal((draws, 1, times))
    sd = np.where(rng.random((draws, 1, times)) < 0.5, 0.5, np.sqrt(2.0 * WITHIN - 0.25))
    return levels + sd * rng.standard_normal((draws, replicates, times))


@pytest.mark.parametrize("replicates", [2, 5])
def test_components_are_unbiased_also_where_chance_differs_between_draws(replicates):
    found = nested(sample(np.random.default_rng(1), 12, replicates, 4000))

    assert_mean(found.between_raw, BETWEEN)
    assert_mean(found.within, WITHIN)
    assert_mean(found.error**2, (BETWEEN + WITHIN / replicates) / 12)
    assert_mean(found.error_chance**2, WITHIN / replicates / 12)
    assert_mean(found.total, BETWEEN + WITHIN)


def test_components_are_unbiased_where_runs_are_missing():
    rng = np.random.default_rng(2)
    values = sample(rng, 12, 4, 4000)
    values[rng.random(values.shape) < 0.3] = np.nan

    found = nested(values)

    assert_mean(found.between_raw[np.isfinite(found.between_raw)], BETWEEN)
    assert_mean(found.mean, 10.0)
    assert found.runs.max() < 48


def test_a_negative_component_is_reported_as_zero_and_kept_raw():
    values = np.array([[1.0, -1.0], [-1.0, 1.0], [2.0, -2.0]])

    found = nested(values)

    assert found.between == 0.0
    assert found.between_raw == pytest.approx(0.0 - (2.0 + 2.0 + 8.0) / 3.0 / 2.0)
    assert np.array_equal(found.draw_levels(), np.zeros(3))


def test_draw_levels_have_the_variance_between_draws():
    values = sample(np.random.default_rng(3), 40, 3, 5)

    found = nested(values)

    assert np.allclose(found.draw_levels().var(axis=0, ddof=1), found.between)
    assert np.allclose(found.draw_levels().mean(axis=0), found.mean)


def test_the_interval_is_that_of_draws_once_noise_is_removed():
    """Normal draws: 5-95 % is 10 -+ 1.645 * 2, while the noisy means reach further."""
    found = contrast(sample(np.random.default_rng(4), 400, 2, 200), np.zeros((400, 2, 200)))

    assert_mean(found.low, 10.0 - 1.6449 * 2.0, z=6.0)
    assert_mean(found.high, 10.0 + 1.6449 * 2.0, z=6.0)
    assert found.noisy_high.mean() > found.high.mean() + 0.3


def test_with_one_replicate_nothing_is_split_and_the_interval_is_the_noisy_one():
    found = contrast(np.array([[1.0], [2.0], [4.0]]), np.zeros((3, 1)))

    assert np.isnan(found.within)
    assert np.isnan(found.between)
    assert (found.low, found.high) == (found.noisy_low, found.noisy_high)
    assert found.error == pytest.approx(np.std([1, 2, 4], ddof=1) / np.sqrt(3))
    assert np.isnan(found.saved_within)
    assert found.saved_total == pytest.approx(1.0)


def test_pairing_by_shared_luck_saves_what_it_should():
    """A = draw + luck, B = A + effect of the draw + some luck of its own: variances 5 and 5.5; paired 0.25 + 0.25."""
    rng = np.random.default_rng(5)
    draw, luck = 2.0 * rng.standard_normal((4000, 1)), rng.standard_normal((4000, 4))
    own = 0.5 * rng.standard_normal((4000, 4))
    effect = 0.5 * rng.standard_normal((4000, 1))

    found = contrast(draw + luck + 3.0 + effect + own, draw + luck)

    assert found.saved_total == pytest.approx((5.0 + 5.5) / 0.5, rel=0.1)
    assert found.saved_within == pytest.approx((1.0 + 1.25) / 0.25, rel=0.1)
    assert abs(found.mean - 3.0) < 5.0 * found.error
    assert found.above == pytest.approx(1.0, abs=0.01)


def test_a_scenario_against_itself_differs_by_nothing_and_saves_everything():
    values = sample(np.random.default_rng(6), 5, 2, 1)

    found = contrast(values, values)

    assert found.mean == 0.0
    assert np.isposinf(found.saved_total)
    assert found.sign == 0


def test_an_effect_of_nothing_is_rarely_called_one_though_its_interval_is_narrow():
    """No draw has an effect, so the interval shrinks to a point beside zero: two standard errors, about one in 20."""
    found = contrast(np.random.default_rng(7).standard_normal((10, 20, 4000)), np.zeros((10, 20, 4000)))

    assert np.mean((found.low > 0.0) | (found.high < 0.0)) > 0.2
    assert 0.005 < np.mean(found.sign != 0) < 0.07


def test_an_effect_in_every_draw_is_seen_with_its_sign():
    luck = 0.1 * np.random.default_rng(8).standard_normal((10, 20))

    assert contrast(1.0 + luck, np.zeros((10, 20))).sign == 1
    assert contrast(-1.0 + luck, np.zeros((10, 20))).sign == -1


def test_pairs_without_a_value_are_left_out_from_both():
    one, other = np.arange(8.0).reshape(4, 2), np.zeros((4, 2))
    one[0, 0], other[1, 1] = np.nan, np.nan

    found = contrast(one, other)

    assert found.pairs == 6
    assert found.mean == pytest.approx(np.mean([1.0, 2.0, 4.5, 6.5]))


def test_a_draw_without_any_pair_does_not_count():
    one = np.array([[np.nan, np.nan], [1.0, 2.0], [3.0, 5.0]])

    found = contrast(one, np.zeros((3, 2)))

    assert found.parts.draws == 2
    assert found.mean == pytest.approx(2.75)


def test_where_nothing_has_a_value_nothing_is_said():
    found = contrast(np.full((3, 2, 2), np.nan), np.zeros((3, 2, 2)))

    for part in (found.mean, found.low, found.between, found.error, found.above, found.saved_total):
        assert np.isnan(part).all()


@pytest.mark.parametrize(("values", "words"), [
    (np.zeros(3), "shape"), (np.zeros((1, 4)), "shape"), (np.array([[1.0, np.inf], [0.0, 0.0]]), "draw 0, replicate 1"),
])
def test_what_is_no_sample_of_draws_is_refused(values, words):
    with pytest.raises(SettingError, match=words):
        nested(values)


def test_values_of_other_shapes_cannot_be_paired():
    with pytest.raises(SettingError, match="one shape"):
        contrast(np.zeros((3, 2)), np.zeros((3, 3)))


def test_a_level_outside_its_range_is_refused():
    with pytest.raises(SettingError, match="level"):
        contrast(np.zeros((3, 2)), np.zeros((3, 2)), level=95.0)


def test_an_interval_of_nothing_is_nothing():
    assert np.isnan(interval_of(np.full((3, 1), np.nan)).low)


def test_draws_that_are_exactly_zero_are_on_no_side():
    """Nine draws in ten do nothing at all; taking the noise of the tenth out of all would move them off zero."""
    values = np.zeros((40, 2))
    values[:4] = [[9.0, 3.0], [2.0, 8.0], [7.0, 1.0], [4.0, 10.0]]

    found = contrast(values, np.zeros((40, 2)))

    assert found.mean > 0.0
    assert found.sign == 0
