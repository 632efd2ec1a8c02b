"""What payment does, what the record shows, what clients say and what small trials read: on draws from the priors."""

import numpy as np
import pytest

from experiments.verification import attrition, clients, incentive, order, record

pytestmark = pytest.mark.slow

RWANDA_UPPER = 0.289


def share_error(share, n):
    """Standard error of a share of `n` draws."""
    return np.sqrt(share * (1.0 - share) / n)


def test_the_incentive_at_equal_money_moves_true_quality_by_little():
    """Basinga et al. 2011: 0.157 SD (95 % interval 0.026-0.289) in 23 months; Nigeria about nothing.

    inc * habit * gap * 24 months = 0.06 * 0.88 * 1.0 * 24 = 1.3 points at the prior median, 0.1 SD of 12 points.
    """
    effect = incentive.measure().true_sd

    assert np.median(effect) <= incentive.BOUND
    assert np.mean(effect <= incentive.BOUND) >= 0.75
    assert np.mean(effect <= RWANDA_UPPER) >= 0.90


def test_the_record_rises_more_than_true_quality_under_the_incentive():
    """Gaming adds game * stake_eff * kernel; visit-day inflation loses a little as headroom shrinks."""
    found = incentive.measure()

    assert np.mean(found.recorded > found.true) >= 0.95


def test_one_in_six_facilities_at_75_is_recorded_at_80_from_noise_alone():
    """P(75 + 5 z >= 80) = P(z >= 1) = 0.159; with bias 4, P(z >= 5 / 6.40) = 0.217; with visit-day inflation of
    13 * sum of w * watched * h / 30 = 2.5 points for a health centre, P(z >= 2.5 / 6.40) = 0.348."""
    assert np.allclose(record.on_paper(), (0.159, 0.217, 0.348), atol=0.0006)


def test_the_models_own_assessment_gives_the_shares_on_paper():
    for found, expected in zip(record.measure(), record.on_paper(), strict=True):
        assert abs(found - expected) < 5.0 * share_error(expected, record.FACILITIES)


def test_client_satisfaction_is_high():
    """Perry et al. 2022: 88 % of 362 patients. sat0 ~ N(86, 3.5) at mid quality."""
    level = clients.measure().level

    assert np.mean((level >= clients.LEVELS[0]) & (level <= clients.LEVELS[1])) >= 0.95


def test_client_satisfaction_is_flat():
    """Ten points of composite move perceived quality by about ten, satisfaction by 10 * sat_slope: median 0.8."""
    assert np.mean(clients.measure().per_ten < clients.FLAT) >= 0.95


def test_trials_with_high_attrition_read_null_more_often():
    """At a hazard of 10 % a month (1 - 0.9^18) = 85 % of teams lapse within 18 months, at 2 % 30 %; a team that
    lapses after 9 of 18 months keeps less than half of the effect. Small trials of a composite are often null anyway
    (two thirds without any lapse, as effects are those of trials): attrition takes a fifth more."""
    found = attrition.measure()
    null = found.null.mean(axis=1)

    assert np.all(np.diff(found.effect, axis=0) < 0.0)
    assert np.all(np.diff(null) > 0.0)
    assert null[-1] - null[0] > 0.15


def test_without_any_effect_collaboratives_still_show_the_larger_share_at_80_in_most_draws():
    """Leniency of coaches who assess shifts the coached, by more the more they visit: well over half of draws."""
    found = order.measure().no_effect

    assert order.positive(found) > 0.5 + 3.0 * share_error(0.5, found.size)


def test_without_effect_and_without_leniency_the_order_of_the_groups_is_chance():
    """What is left is district bias and who joined, both symmetric: one half."""
    found = order.measure().no_leniency

    assert abs(order.positive(found) - 0.5) < 3.0 * share_error(0.5, found.size)
