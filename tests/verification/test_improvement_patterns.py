"""How fast teams improve, who responds and what stays: patterns of trials elsewhere, on draws from the priors."""

import numpy as np
import pytest

from experiments.verification import composite, sustain, topics

pytestmark = pytest.mark.slow


@pytest.mark.xfail(strict=True, reason="median draw 13.0 months (5-95 % 7-22): half a month beyond the band 5.9-12.5")
def test_a_low_baseline_topic_passes_80_in_about_nine_months():
    """Franco and Marquez 2011: 9.2 months, SD 8.5, over 27 collaboratives; band of two standard errors, 9.2 +- 3.3.

    With constant traction x the headroom closes as (1 - k x)^n: from 35 points and a ceiling of 98.5, ln(63.5 /
    18.5) = 1.23 = k x n, so k = 0.14 and x = 1 give 8.8 months, and a lag of two more.
    """
    low, high = topics.BAND_80

    assert low <= np.median(topics.measure().to_80) <= high


def test_a_low_baseline_topic_passes_90_in_about_fourteen_months():
    """14.4 months, SD 12.0, over 27 collaboratives: 14.4 +- 4.6; by the closed form ln(63.5 / 8.5) / 0.14 = 14.4."""
    low, high = topics.BAND_90

    assert low <= np.median(topics.measure().to_90) <= high


def test_the_reported_times_to_80_and_90_are_within_reach_of_the_priors():
    """9.2 and 14.4 months lie between the 5 and 95 % quantiles of draws, late teams counted as 31 months."""
    found = topics.measure()

    for months, reported in ((found.to_80, 9.2), (found.to_90, 14.4)):
        low, high = np.quantile(topics.finite(months), [0.05, 0.95])
        assert low <= reported <= high


def test_the_gain_on_a_topic_falls_with_where_it_began():
    """In a year the gain is (C - Q)(1 - (1 - k x)^10): its slope on Q is about -(1 - 0.9^10) = -0.65 for x = 0.7."""
    assert np.mean(topics.measure().slope < 0.0) >= 0.95


@pytest.mark.xfail(strict=True, reason="negative in most draws but fewer than 90 %: poor structure takes traction away")
def test_the_gain_of_the_composite_falls_with_the_facilitys_baseline():
    """Headroom alone makes it negative; the inputs' factor E works against it (with `inputs` 15 points lower: 94 %)."""
    assert np.mean(composite.measure().slope < 0.0) >= 0.9


def test_the_reference_trial_moves_the_composite_four_to_twelve_points_a_year():
    """Rowe et al. 2018: 12.1 points for group problem solving, EQUIP and India 0-7; all enrolled facilities count."""
    low, high = composite.BAND

    assert low <= np.median(composite.measure().excess) <= high


def test_four_to_twelve_points_a_year_are_within_reach_of_the_priors():
    """At least a quarter of the draws lies inside, and none of the central nine tenths moves backwards."""
    excess, (low, high) = composite.measure().excess, composite.BAND

    assert np.mean((excess >= low) & (excess <= high)) >= 0.25
    assert np.quantile(excess, 0.05) > 0.0


def test_about_half_of_teams_respond():
    """Glasgow et al. 2012: 35 and 46 % of 130 hospitals; Wells et al. 2018: 83 % of studies.

    p_resp ~ Beta(8, 6.5), mean 0.55.
    Measured both ways: teams with a rate above zero, and teams more than 2 points over comparison after a year.
    """
    found = composite.measure()

    assert 0.45 <= np.median(found.responders) <= 0.65
    assert 0.35 <= np.median(found.improved) <= 0.65


def test_about_43_percent_of_the_excess_fades_within_four_to_ten_months():
    """Semrau et al. 2017: excess 31.1 -> 17.8 points (43 % lost), 4 or 10 months on, by how one counts.

    Lost after n months: (1 - theta)(1 - 2^(-n / hl)); theta = 0.43, hl = 4.5: 0.26 after 4, 0.45 after 10. The
    comparison catches up a little besides.
    """
    found = sustain.measure()

    assert np.median(found.fallen(4)) < 0.40 <= np.median(found.fallen(10)) <= 0.50


def test_a_third_to_a_half_of_the_excess_lasts_for_years():
    """Ament et al. 2015: 39 % sustained after 2.6 years; Glasgow et al. 2012: 32 and 60 %. In the model: theta."""
    found = sustain.measure()

    for months in (30, 48):
        assert 1 / 3 <= np.median(found.share[:, months]) <= 1 / 2
