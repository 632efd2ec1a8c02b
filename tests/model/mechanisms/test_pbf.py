"""Performance-based financing: money, attention, incentive, schedules and stakes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qicsim.model.columns import NO_PIECE
from qicsim.model.mechanisms.pbf import (
    LINEAR_SLOPE,
    Pbf,
    attention_gain,
    distance_to_rise,
    habit,
    incentive_gain,
    jump,
    marginal_payment,
    motivated_effort,
    moved_share,
    reference_spending,
    renewed,
    resources_gain,
    schedule_payment,
    share_paid,
    size_of_reform,
    spent,
    stake_effect,
    stake_of,
)
from tests.helpers import PROPERTY, anywhere, motivations, plain, points, shares, stakes, within

LINEAR = np.array([0.0, NO_PIECE]), np.array([0.0, 0.0]), np.array([LINEAR_SLOPE, 0.0])
THRESHOLD = np.array([0.0, 80.0, NO_PIECE]), np.array([0.0, 1.0, 0.0]), np.zeros(3)
TIERED = np.array([0.0, 60.0, 80.0, NO_PIECE]), np.array([0.0, 0.4, 1.0, 0.0]), np.array([0.0, 0.02, 0.0, 0.0])
ENDLESS = np.array([0.0, 50.0]), np.array([0.2, 0.2]), np.array([0.0, 0.01])
NONE = np.array([0.0, NO_PIECE]), np.zeros(2), np.zeros(2)
TIERS = np.array([0.0, 60.0, 70.0, 80.0, NO_PIECE]), np.array([0.0, 0.4, 0.7, 1.0, 0.0]), np.zeros(5)
PAYS_ALL = np.array([0.0, NO_PIECE]), np.array([0.5, 0.0]), np.zeros(2)
FALLING = np.array([0.0, 50.0]), np.array([0.0, 1.0]), np.array([0.0, -0.02])


def test_the_three_routes_add_up_to_a_third_of_a_point_a_month_at_mid_gap():
    """Half a point of reference funds 0.15 x 0.5; attention 0.10 and incentive 0.05 after four years: x exp(-1)."""
    left = habit(4.0, Pbf())

    assert left == pytest.approx(math.exp(-1.0))
    assert resources_gain(0.5, 1.0, Pbf()) == pytest.approx(0.075)
    assert attention_gain(left, 1.0, Pbf()) == pytest.approx(0.10 * math.exp(-1.0))
    assert incentive_gain(left, 1.0, 1.0, 1.0, Pbf()) == pytest.approx(0.05 * math.exp(-1.0))
    assert incentive_gain(1.0, 2.0, 1.5, 0.5, Pbf()) == pytest.approx(0.05 * 2.0 * 1.5 * 0.5)


def test_the_bonus_at_equal_money_is_worth_at_most_a_fifth_of_a_standard_deviation_in_two_years():
    """Rwanda found 0.157 SD in 23 months (Basinga et al. 2011); a standard deviation is about 12 points here."""
    gained = sum(incentive_gain(habit(month / 12.0, Pbf()), 1.0, 1.0, 1.0, Pbf()) for month in range(24))

    assert 0.05 * 12.0 < gained < 0.2 * 12.0


def test_a_schedule_pays_what_its_piece_says_from_its_first_point_on():
    """Tiers: nothing below 60, 0.4 and 0.02 a point from there, 1 from 80; 70 earns 0.4 + 10 x 0.02."""
    assert [schedule_payment(score, *TIERED) for score in (59.9, 60.0, 70.0, 80.0, 100.0)] == pytest.approx(
        [0.0, 0.4, 0.6, 1.0, 1.0])


def test_a_payment_jumps_by_what_a_piece_pays_more_than_the_one_before_it_has_reached():
    """At 60 from nothing to 0.4; at 80 from 0.4 + 20 x 0.02 = 0.8 to 1."""
    assert [jump(i, *TIERED) for i in range(3)] == pytest.approx([0.0, 0.4, 0.2])
    assert jump(0, *PAYS_ALL) == 0.5


def test_one_more_point_is_worth_most_at_a_threshold_and_the_same_everywhere_on_a_line():
    """At the threshold the next score, normal with SD 8 around this one, passes it with density 1 / (8 sqrt(2 pi))."""
    assert marginal_payment(80.0, *THRESHOLD, 8.0) == pytest.approx(1.0 / (8.0 * math.sqrt(2.0 * math.pi)))
    assert marginal_payment(30.0, *THRESHOLD, 8.0) < 1e-9
    assert marginal_payment(60.0, *LINEAR, 8.0) == pytest.approx(LINEAR_SLOPE, rel=1e-12)
    assert marginal_payment(90.0, *LINEAR, 8.0) == pytest.approx(LINEAR_SLOPE, rel=1e-12)


def test_nothing_is_paid_below_the_first_piece_so_that_a_point_there_is_worth_less():
    """At the foot of the line half of the scores expected lie where nothing is paid; two SD below it 2.3 % do not."""
    assert schedule_payment(-0.1, *LINEAR) == schedule_payment(-5.0, *PAYS_ALL) == 0.0
    assert schedule_payment(0.0, *PAYS_ALL) == 0.5
    assert marginal_payment(0.0, *LINEAR, 8.0) == pytest.approx(LINEAR_SLOPE / 2.0)
    assert marginal_payment(-16.0, *LINEAR, 8.0) == pytest.approx(LINEAR_SLOPE * 0.02275, rel=1e-3)
    assert schedule_payment(120.0, *FALLING) == 0.0


@pytest.mark.parametrize(("schedule", "score", "distance"), [
    (LINEAR, 40.0, 0.0), (LINEAR, -3.0, 3.0), (THRESHOLD, 72.0, 8.0), (THRESHOLD, 79.9, 0.1), (TIERED, 40.0, 20.0),
    (TIERED, 60.0, 0.0), (TIERS, 40.0, 20.0), (TIERS, 60.0, 10.0), (TIERS, 79.0, 1.0), (FALLING, 40.0, 10.0)])
def test_the_next_rise_of_the_payment_is_a_step_up_or_where_it_begins_to_rise(schedule, score, distance):
    assert distance_to_rise(score, *schedule) == pytest.approx(distance)


@pytest.mark.parametrize(("schedule", "score"), [
    (THRESHOLD, 80.0), (THRESHOLD, 99.0), (TIERED, 80.0), (TIERS, 80.0), (NONE, 50.0), (FALLING, 51.0)])
def test_beyond_the_last_rise_nothing_is_near(schedule, score):
    assert distance_to_rise(score, *schedule) == NO_PIECE


def test_the_linear_schedule_pays_one_on_average_over_typical_scores():
    """Scores normal with mean 60 and SD 12, cut to 0-100: their mean is 60 - 12 (phi(10/3) - phi(5)) / 0.99957."""
    scores = np.arange(0.005, 100.0, 0.01)
    weights = np.exp(-0.5 * ((scores - 60.0) / 12.0) ** 2)

    assert LINEAR_SLOPE * float(weights @ scores / np.sum(weights)) == pytest.approx(1.0, abs=1e-6)


def test_the_stake_is_one_on_the_linear_schedule_and_its_effect_saturates_at_two():
    assert stake_of(LINEAR_SLOPE, 0.6, 1.0) == pytest.approx(1.0)
    assert stake_of(LINEAR_SLOPE, 0.3, 2.0) == pytest.approx(1.0)
    assert stake_effect(1.0) == 1.0
    assert stake_effect(99.0) == pytest.approx(2.0)


def test_a_reform_is_as_large_as_the_bonus_or_the_standard_changes():
    """A fifth more is a fifth, twice is all, and less is nothing; 5 of 10 points are a half; the larger one counts."""
    assert size_of_reform(0.6, 0.6, 0.0, 0.0) == size_of_reform(0.0, 0.0, 3.0, 3.0) == 0.0
    assert size_of_reform(0.72, 0.6, 0.0, 0.0) == pytest.approx(0.2)
    assert size_of_reform(0.48, 0.6, 0.0, 0.0) == size_of_reform(0.0, 0.6, 0.0, 0.0) == 0.0
    assert size_of_reform(6.0, 0.6, 0.0, 0.0) == size_of_reform(0.1, 0.0, 0.0, 0.0) == 1.0
    assert size_of_reform(0.6, 0.6, 5.0, 0.0) == size_of_reform(0.66, 0.6, 0.0, 5.0) == 0.5
    assert size_of_reform(0.6, 0.6, -30.0, 20.0) == 1.0


def test_a_reform_gives_back_its_share_of_what_habit_has_taken():
    assert renewed(0.2, 0.0) == 0.2
    assert renewed(0.2, 0.25) == pytest.approx(0.4)
    assert renewed(0.2, 1.0) == 1.0


def test_the_weight_moved_is_that_of_the_kind_with_more_of_it():
    """Of 0.5, 0.3 and 0.2 to 0.4, 0.3 and 0.3 a tenth moves; to none, none, and all, four fifths; back as much."""
    before = np.array([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]])
    one, most = np.array([0.4, 0.3, 0.3]), np.array([0.0, 0.0, 1.0])

    assert moved_share(before, before) == 0.0
    assert moved_share(np.array([one, before[1]]), before) == pytest.approx(0.1)
    assert moved_share(np.array([one, most]), before) == pytest.approx(0.8)
    assert moved_share(before, np.array([most, one])) == pytest.approx(0.8)
    assert moved_share(np.array([most, most]), np.array([most, [1.0, 0.0, 0.0]])) == 1.0


def test_an_envelope_is_spread_over_the_rounds_that_are_left():
    """Of 1,000 a year 250 for the first of four rounds; 800 are asked, so 31 %. After 900 the last round has 100."""
    assert share_paid(1000.0, 0.0, 4, 800.0) == pytest.approx(0.3125)
    assert share_paid(1000.0, 900.0, 1, 800.0) == pytest.approx(0.125)
    assert share_paid(1000.0, 0.0, 4, 200.0) == 1.0
    assert share_paid(1000.0, 1200.0, 2, 800.0) == share_paid(0.0, 0.0, 4, 1.0) == 0.0
    assert share_paid(0.0, 0.0, 4, 0.0) == 1.0


def test_a_third_of_the_money_in_hand_is_spent_each_month():
    """Grant 1,000 and the 40 % of 1,000 that is not the staff's make 1,400 a quarter."""
    assert reference_spending(1000.0, 1000.0) == pytest.approx(1400.0 / 3.0)
    assert spent(1400.0) == pytest.approx(1400.0 / 3.0)
    assert spent(0.0) == 0.0


def test_motivation_of_one_standard_deviation_raises_effort_by_sixteen_percent():
    assert motivated_effort(1.0) == pytest.approx(math.exp(0.15))
    assert motivated_effort(0.0) == 1.0


def test_without_a_schedule_money_measurement_or_effects_nothing_moves():
    off = Pbf(res=0.0, att=0.0, inc=0.0)

    assert stake_effect(stake_of(marginal_payment(70.0, *NONE, 8.0), 0.6, 1.0)) == 0.0
    assert resources_gain(0.0, 1.0, Pbf()) == incentive_gain(1.0, 0.0, 1.0, 1.0, Pbf()) == 0.0
    assert resources_gain(1.0, 1.0, off) == attention_gain(1.0, 1.0, off) == 0.0
    assert incentive_gain(1.0, 2.0, 1.0, 1.0, off) == 0.0
    assert habit(10.0, Pbf(hab=0.0)) == 1.0


@given(room=points, spent_ratio=st.floats(0.0, 10.0), years=st.floats(0.0, 40.0), stake=stakes, motivation=motivations,
       pbf=anywhere(Pbf))
@PROPERTY
def test_pbf_never_lowers_quality_nor_leads_past_the_ceiling(room, spent_ratio, years, stake, motivation, pbf):
    gap, left = room / (85.0 - 50.0), plain(habit)(years, pbf)
    gained = (plain(resources_gain)(spent_ratio, gap, pbf) + plain(attention_gain)(left, gap, pbf)
              + plain(incentive_gain)(left, stake, plain(motivated_effort)(motivation), gap, pbf))

    assert 0.0 < left <= 1.0
    assert 0.0 <= gained <= room


@given(score=points, width=within(Pbf, "bunch_w"),
       schedule=st.sampled_from([LINEAR, THRESHOLD, TIERED, TIERS, ENDLESS, PAYS_ALL, NONE]))
@PROPERTY
def test_the_marginal_payment_is_the_derivative_of_the_expected_payment(score, width, schedule):
    """By Stein's identity, d/ds E[pay(s + w z)] = E[z pay(s + w z)] / w; the mean by midpoints 0.01 SD apart."""
    z = np.arange(-8.0, 8.0, 0.01) + 0.005
    weights = np.exp(-0.5 * z * z) / np.sum(np.exp(-0.5 * z * z))
    pays = np.array([plain(schedule_payment)(score + width * deviation, *schedule) for deviation in z])

    marginal = plain(marginal_payment)(score, *schedule, width)

    assert marginal == pytest.approx(float(np.sum(weights * z * pays)) / width, abs=2e-3 / width)
    assert marginal >= 0.0


@given(stake=st.floats(0.0, 1e6), more=st.floats(0.0, 1e6))
@PROPERTY
def test_a_higher_stake_never_has_a_smaller_effect_and_none_above_two(stake, more):
    assert 0.0 <= plain(stake_effect)(stake) <= plain(stake_effect)(stake + more) <= 2.0


@given(novelty=shares, bonus=st.floats(0.0, 10.0), before=st.floats(0.0, 10.0), standard=st.floats(-30.0, 20.0))
@PROPERTY
def test_a_reform_never_takes_novelty_away_and_gives_at_most_all_of_it(novelty, bonus, before, standard):
    size = plain(size_of_reform)(bonus, before, standard, 0.0)

    assert 0.0 <= size <= 1.0
    assert novelty - 1e-12 <= plain(renewed)(novelty, size) <= 1.0 + 1e-12


@given(envelope=st.floats(0.0, 1e9), paid=st.floats(0.0, 1e9), rounds=st.integers(1, 4), bill=st.floats(0.0, 1e9))
@PROPERTY
def test_no_round_is_paid_more_than_is_left_of_the_envelope(envelope, paid, rounds, bill):
    share = plain(share_paid)(envelope, paid, rounds, bill)

    assert 0.0 <= share <= 1.0
    assert share * bill <= max(envelope - paid, 0.0) / rounds * (1.0 + 1e-12)
