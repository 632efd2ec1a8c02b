"""How fast teams improve, who responds and what stays: patterns of trials elsewhere, on draws from the priors."""

import numpy as np
import pytest

from experiments.verification import composite, sustain, topics

pytestmark = pytest.mark.slow


def test_the_median_draw_is_slower_than_teams_own_charts():
    """Franco and Marquez 2011: 9.2 and 14.4 months to 80 and 90, on charts that teams drew of themselves.

    Trials found a fraction of what such charts claim, so true quality has to be slower than they are; with constant
    traction x, ln(63.5 / 18.5) = 1.23 = k x n gives 8.8 months for k = 0.14 and x = 1, before efficacy.
    """
    found = topics.measure()

    assert np.median(topics.finite(found.to_80)) > 9.2
    assert np.median(topics.finite(found.to_90)) > 14.4


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


def test_about_half_of_teams_respond():
    """Glasgow et al. 2012: 35 and 46 % of 130 hospitals; Wells et al. 2018: 83 % of studies.

    p_resp ~ Beta(8, 6.5), mean 0.55: teams with a rate above zero. How many *gain* depends on what a programme can do.
    """
    assert 0.45 <= np.median(composite.measure().responders) <= 0.65


@pytest.mark.xfail(strict=True, reason="39 % lost after 10 months in the median draw: theta is as wide as trials are")
def test_about_43_percent_of_the_excess_fades_within_four_to_ten_months():
    """Semrau et al. 2017: excess 31.1 -> 17.8 points (43 % lost), 4 or 10 months on, by how one counts.

    Lost after n months: (1 - theta)(1 - 2^(-n / hl)); theta = 0.43, hl = 4.5: 0.26 after 4, 0.45 after 10. Draws
    that had an effect to lose; the trial that it comes from is used for effect, and so not for fading.
    """
    found = sustain.measure()

    assert np.median(found.fallen(4)) < 0.40 <= np.median(found.fallen(10)) <= 0.50


def test_a_third_to_a_half_of_the_excess_lasts_for_years():
    """Ament et al. 2015: 39 % sustained after 2.6 years; Glasgow et al. 2012: 32 and 60 %. In the model: theta."""
    found = sustain.measure()

    for months in (30, 48):
        assert 1 / 3 <= np.median(found.share[:, months]) <= 1 / 2
