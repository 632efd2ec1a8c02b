"""The roll-out as reported, and what chance does to national numbers."""

import numpy as np
import pytest

from experiments.verification import luck, rollout

pytestmark = pytest.mark.slow

WERDENBERG = 118 / (26 * 18)
WERDENBERG_ERROR = np.sqrt(118) / (26 * 18)


def test_every_reported_count_of_the_roll_out_lies_within_the_central_nine_tenths_of_the_priors():
    found = rollout.measure()

    missed = [count.label for count, inside in zip(rollout.COUNTS, rollout.within(found), strict=True) if not inside]
    assert missed == []


def test_about_thirteen_exchange_visits_were_held_by_mid_2021():
    """Perry et al. 2022: 13 visits in about 30 months."""
    low, high = np.quantile(rollout.measure().exchanges, [0.05, 0.95])

    assert low <= rollout.EXCHANGES <= high


def test_a_quarter_of_a_change_idea_is_tested_by_each_team_and_month():
    """Werdenberg et al. 2018: 118 ideas in 26 facilities and 18 months, 0.252 +- 0.023 (Poisson); two errors."""
    ideas = np.median(rollout.measure().ideas)

    assert abs(ideas - WERDENBERG) < 2.0 * WERDENBERG_ERROR


def test_paired_luck_cuts_the_variance_of_national_contrasts_at_least_five_fold():
    """Unpaired, Var(A - B) = Var A + Var B; paired, 2 Cov(A, B) is taken off. What is left is luck that only one of the
    scenarios meets, such as who responds among teams that the other never has."""
    pooled = luck.measure().pooled

    assert pooled.min() >= 5.0, dict(zip(luck.CONTRASTS, pooled, strict=True))


def test_replicates_differ_nationally_as_the_prototype_found():
    """True mean 0.3, recorded 0.55, share at 80 or more 1.5 points. A pooled SD with 8 * 11 = 88 degrees of freedom
    has a relative standard error of 1 / sqrt(2 * 88) = 7.5 %; three of them."""
    found = dict(zip(luck.LEVELS, luck.measure().level_sd, strict=True))

    for name, expected in (("true", 0.3), ("recorded", 0.55), ("recorded_80", 0.015)):
        assert abs(found[name] / expected - 1.0) < 3.0 * 0.075, (name, found[name])
