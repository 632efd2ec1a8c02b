"""Limits with an answer: one mechanism acts, and paper says what must come out."""

import numpy as np
import pytest

from experiments.verification import limits
from tests.helpers import assert_mean
from tests.worlds import parameters, small_country

pytestmark = pytest.mark.slow


def test_constant_support_closes_the_headroom_geometrically_and_fragile_gains_then_halve():
    """C - Q_n = (C - Q_0)(1 - k)^n while k is constant; after support Q_n = Q_0 + G (theta + (1 - theta) 2^(-n /
    hl))."""
    quality = limits.topic_quality()

    assert quality.shape[1] >= 30
    assert np.allclose(quality, limits.expected_quality(quality[0], len(quality)), rtol=0.0, atol=1e-9)


def test_support_matters_to_the_closed_form():
    """The comparison above can fail: a rate of one part in a thousand more is seen."""
    quality = limits.topic_quality()
    ahead = limits.CEILING - (limits.CEILING - quality[0]) * (1.0 - 1.001 * limits.closing()) ** 10

    assert np.abs(quality[10] - ahead).max() > 1e-4


def test_trust_approaches_satisfaction_exponentially():
    """t_n - s = (t_0 - s)(1 - 1/lag)^n when satisfaction jumps once and then stays."""
    trust, satisfaction = limits.trust_path()
    n = np.arange(1, len(trust) - 11)[:, None]
    expected = satisfaction[12] + (trust[11] - satisfaction[12]) * (1.0 - 1.0 / limits.TRUST_LAG) ** n

    assert np.ptp(satisfaction[12:], axis=0).max() < 1e-9
    assert np.abs(satisfaction[12] - satisfaction[11]).max() > 1.0
    assert np.allclose(trust[12:], expected, rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("training", [1.5, 6.0])
def test_coaches_settle_where_losses_equal_what_can_be_trained(training):
    """c_n = (t / p)(1 - (1 - p)^n) with t coaches trained and the share p lost each month; t / p in the long run."""
    annual = 0.9
    monthly, loss = training / 3.0, 1.0 - (1.0 - annual) ** (1.0 / 12.0)
    coaches = limits.coaches_path(training=training, annual=annual)
    n = np.arange(1, len(coaches) + 1)

    assert np.allclose(coaches, monthly / loss * (1.0 - (1.0 - loss) ** n), rtol=1e-9)
    assert abs(coaches[-1] / (monthly / loss) - 1.0) < 0.002


@pytest.mark.parametrize("quarter", [0, 1, 3])
def test_eligible_health_centres_join_at_their_hazard(quarter):
    """Without peers' pull and spread of leadership the share not yet in after n quarters is exp(-hazard * n)."""
    left = [limits.not_joined(0.5, replicate)[3 * quarter] for replicate in range(100)]

    assert_mean(left, np.exp(-0.5 * (quarter + 1)))


def test_mean_capability_follows_the_mean_field_recursion():
    """Both steps are linear in c, so the mean obeys m <- m - p loss (m - 0.1), then m <- m + learn s (1 - m), from
    the month after training; p is the monthly probability of losing a key member, s = 1 at the reference dose and
    skill."""
    overrides = limits.PLAIN_TEAMS | {
        "turnover.annual": 0.3,
        "turnover.loss": 0.5,
        "turnover.pbf_ratio": 1.0,
        "coaching.skill": 1.0,
        "capability.train_gain": 0.3,
        "capability.learn": 0.03,
        "team.lead_leaves": 0.0,
    }
    country = small_country().but(**limits.WELL_COACHED | {"coaches": 1000.0}).first(24)
    leaving, mean = 1.0 - 0.7 ** (1.0 / 12.0), 0.1 + 0.3 * 0.9
    for _ in range(24):
        mean -= leaving * 0.5 * (mean - 0.1)
        mean += 0.03 * (1.0 - mean)
    found = [_mean_capability(country, overrides, replicate) for replicate in range(40)]

    assert_mean(found, mean)


def _mean_capability(country, overrides, replicate):
    """Mean capability after the horizon of facilities that joined in its first month."""
    state = country.run(parameters(overrides), key=limits.noise_key(1, 0, replicate))
    first = state.facility["months_in"] == country.setting.month.size - 1
    return state.facility["capability"][first].mean()
