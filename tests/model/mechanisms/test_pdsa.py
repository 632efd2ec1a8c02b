"""PDSA: a team works on its topic, and its way of working spills over."""

import math

import numpy as np
import pytest
from hypothesis import given

from qicsim.model.mechanisms.pdsa import (
    Pdsa,
    closing_rate,
    district_part,
    gain,
    ideas_tested,
    spill_rate,
    traction,
)
from tests.helpers import (
    PROPERTY,
    anywhere,
    leaderships,
    motivations,
    plain,
    points,
    shares,
    supports,
)


def months_until(target, *, start, ceiling, rate):
    """Months of work until an area passes `target`, when the share `rate` of its headroom is closed each month."""
    quality, months = start, 0
    while quality < target:
        quality += gain(rate, ceiling - quality)
        months += 1
    return months


def test_a_well_supported_team_passes_80_percent_in_about_nine_months_and_90_in_about_fourteen():
    """From 35 under a ceiling of 98.5, ln(63.5 / 18.5) / -ln(1 - 0.14) = 8.2 and ln(63.5 / 8.5) / 0.151 = 13.3 months
    (Franco and Marquez 2011: 9.2 and 14.4, with the lag).
    """
    rate = closing_rate(1.0, 1.0, 1.0, 1.0, Pdsa())

    assert months_until(80.0, start=35.0, ceiling=98.5, rate=rate) == 9
    assert months_until(90.0, start=35.0, ceiling=98.5, rate=rate) == 14


def test_traction_is_one_for_a_capable_team_with_full_support_and_the_inputs_it_needs():
    """c = 0.475 gives g = 1; structure 15 points above `inputs` gives E = 1. At `inputs` itself E is a half."""
    assert traction(1.0, 1.0, 0.475, 0.0, 40.0, Pdsa()) == pytest.approx(1.0)
    assert traction(1.0, 1.0, 0.475, 0.0, 25.0, Pdsa()) == pytest.approx(0.5)
    assert traction(1.0, 1.0, 0.475, 0.0, 90.0, Pdsa()) == pytest.approx(1.0)
    skilled = 0.5 + 0.5 * 0.3 / 0.475
    assert traction(0.5, 1.2, 0.3, 1.0, 50.0, Pdsa()) == pytest.approx(0.5 * 1.2 * skilled * math.exp(0.15))


def test_the_rate_multiplies_the_teams_own_rate_traction_interaction_and_efficacy():
    assert closing_rate(1.2, 0.5, 1.5, 0.6, Pdsa()) == pytest.approx(0.14 * 1.2 * 0.5 * 1.5 * 0.6)
    assert closing_rate(9.0, 2.0, 1.5, 6.0, Pdsa()) == 1.0


def test_districts_differ_about_the_nations_efficacy_with_mean_one():
    """exp(0.4 z - 0.08): the mean over z by quadrature; nobody differs where the spread is 0."""
    z, weights = np.polynomial.hermite_e.hermegauss(20)

    parts = np.array([district_part(each, Pdsa(efficacy_sd=0.4)) for each in z])

    assert parts @ weights / weights.sum() == pytest.approx(1.0)
    assert district_part(1.0, Pdsa(efficacy_sd=0.4)) == pytest.approx(math.exp(0.4 - 0.08))
    assert district_part(-3.0, Pdsa(efficacy_sd=0.0)) == 1.0


def test_other_areas_move_at_a_share_of_the_rate_and_structure_at_a_third_of_that():
    assert spill_rate(0.14, 0, Pdsa(spill=0.2)) == pytest.approx(0.028)
    assert spill_rate(0.14, 1, Pdsa(spill=0.2)) == pytest.approx(0.0084)


def test_without_support_inputs_response_or_spill_over_nothing_moves():
    assert traction(0.0, 1.0, 0.475, 0.0, 50.0, Pdsa()) == 0.0
    assert traction(1.0, 1.0, 0.475, 0.0, 10.0, Pdsa()) == 0.0
    assert closing_rate(0.0, 1.0, 1.0, 1.0, Pdsa()) == 0.0
    assert closing_rate(1.0, 1.0, 1.0, 0.0, Pdsa()) == 0.0
    assert spill_rate(0.14, 0, Pdsa(spill=0.0)) == 0.0
    assert gain(0.14, 0.0) == 0.0


@given(support=supports, leadership=leaderships, capability=shares, motivation=motivations, structure=points,
       room=points, pdsa=anywhere(Pdsa))
@PROPERTY
def test_a_team_never_lowers_quality_nor_passes_the_ceiling_and_does_most_for_its_topic(
        support, leadership, capability, motivation, structure, room, pdsa):
    working = plain(traction)(support, leadership, capability, motivation, structure, pdsa)
    closing = plain(closing_rate)(100.0, working, 1.8, pdsa.efficacy, pdsa)

    assert 0.0 <= working <= 2.0
    assert 0.0 <= plain(gain)(closing, room) <= room
    assert plain(spill_rate)(closing, 1, pdsa) <= plain(spill_rate)(closing, 0, pdsa) <= closing


def test_a_team_with_half_of_the_reference_support_tests_all_its_ideas():
    assert ideas_tested(0.5, Pdsa()) == ideas_tested(2.0, Pdsa()) == 0.25
    assert ideas_tested(0.25, Pdsa()) == 0.125
    assert ideas_tested(0.0, Pdsa()) == 0.0
