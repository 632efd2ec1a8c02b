"""Payment by performance: when stakes move, what gaming clusters at, what reforms and envelopes do."""

import numpy as np
import pytest

from qicsim.model.levers import SCHEDULE_LINEAR, SCHEDULE_NONE, SCHEDULE_THRESHOLD, SCHEDULE_TIERED
from qicsim.model.simulate import noise_key
from qicsim.model.state import allocate_state
from qicsim.model.steps.begin import begin, gamed, stake_at
from tests.worlds import busy_country, observed_country, parameters, small_country

KEYS = [noise_key(1, 0, replicate) for replicate in range(3)]
MONTHS = np.arange(36)


def from_month(month, value, before):
    """A lever that has one value before a month of the three years and another from it on."""
    return np.where(month <= MONTHS, value, before)


def gaming_at(scores, schedule, pay_standard=0.0, stake=1.0):
    """Points that gaming adds at honest scores under a shipped schedule, without verification."""
    country = small_country().but(schedule=schedule, pay_standard=pay_standard)
    return np.array([gamed(score, stake, country.setting, country.levers[0], 1.0, parameters()) for score in scores])


# ---------------------------------------------------------------------------------------------------------- stakes


@pytest.mark.parametrize("month", [9, 10, 11, 12])
def test_from_the_month_in_which_pbf_ends_the_stake_is_0(month):
    stakes = np.array([state.facility["stake"].copy()
                       for _, state in small_country().but(pbf=from_month(month, 0, 1)).months()])

    assert stakes[month - 1].max() > 0.5
    assert not stakes[month:].any()


@pytest.mark.parametrize(("lever", "value", "before"), [
    ("pbf", 1, 0), ("pbf_size", 3.0, 1.0), ("staff_share", 0.1, 0.6), ("schedule", SCHEDULE_LINEAR, SCHEDULE_TIERED),
    ("pay_standard", 10.0, 0.0)])
def test_a_stake_follows_the_terms_of_payment_in_the_month_in_which_they_change(lever, value, before):
    """In the middle of a quarter; for facilities that were open."""
    stakes = [state.facility["stake"].copy()
              for _, state in small_country().but(**{lever: from_month(13, value, before)}).months()]
    opened = small_country().setting.facility["opened"] <= 12

    assert np.all(stakes[13][opened] != stakes[12][opened])
    assert np.array_equal(stakes[14], stakes[13])


def test_a_stake_waits_for_the_next_quarter_while_the_terms_stay():
    stakes = [state.facility["stake"].copy() for _, state in small_country().months()]

    assert all(np.array_equal(stakes[month], stakes[month - 1]) for month in range(1, 7) if month % 3)
    assert np.any(stakes[3] != stakes[2])


def test_a_shifted_standard_gives_the_stake_of_a_score_as_far_below():
    country = small_country()
    state = allocate_state(country.setting)
    begin(country.setting, country.levers, parameters(), state, KEYS[0])
    levers = country.but(pay_standard=from_month(1, 7.25, 0.0)).levers
    programme = state.programme[0]

    for score in (20.0, 61.5, 79.0):
        assert stake_at(score + 7.25, programme, levers[1]) == pytest.approx(stake_at(score, programme, levers[0]))


@pytest.mark.parametrize("key", KEYS)
def test_a_higher_standard_never_raises_what_a_first_payment_brings(key):
    country = small_country()
    money = [next(country.but(pay_standard=standard, pay_delay=4).months(parameters({"assessment.game": 0.0}), key=key)
                  )[1].facility["in_hand"].sum() for standard in (-20.0, 0.0, 20.0)]

    assert money[0] > money[1] > money[2]


@pytest.mark.parametrize("delay", [1, 2, 3, 5, 12])
def test_money_arrives_so_many_months_after_the_round(delay):
    """A month without money leaves two thirds of what was in hand; before the run rounds were held too."""
    country = small_country().but(pay_delay=delay, recruiting=0)
    state = allocate_state(country.setting)
    begin(country.setting, country.levers, parameters(), state, KEYS[0])
    in_hand, arrived = float(state.facility["in_hand"][0]), []
    for _, lived in country.months(key=KEYS[0]):
        arrived.append(bool(lived.facility["in_hand"][0] > in_hand * 2.0 / 3.0 * (1.0 + 1e-9)))
        in_hand = float(lived.facility["in_hand"][0])

    assert arrived == [(month - delay) % 3 == 2 for month in range(36)]


@pytest.mark.parametrize("delay", [1, 3, 5, 12])
def test_late_payment_demotivates_by_each_month_beyond_three_and_only_where_there_is_pbf(delay):
    """Two months late, 0.03 SD each: motivation heads for -0.06 and goes a tenth of the way each month."""
    given = parameters({"motivation.crowd": 0.0, "motivation.coached": 0.0})
    country = small_country().but(pay_delay=delay, pbf=from_month(18, 0, 1))
    seen = [float(state.facility["motivation"][0]) for _, state in country.months(given)]
    target = -0.03 * max(delay - 3, 0)

    assert seen[17] == pytest.approx(target * (1.0 - 0.9**18))
    assert seen[35] == pytest.approx(seen[17] * 0.9**18)


# ---------------------------------------------------------------------------------------------------------- gaming


def test_facilities_game_just_below_each_step_that_pays_and_not_above_the_last():
    """Tiers at 60, 70 and 80: two points below a step exp(-(2/5)^2 / 2) = 92 % of the most, 3; at 80 nothing."""
    below = gaming_at([58.0, 68.0, 78.0], SCHEDULE_TIERED)

    assert below == pytest.approx(3.0 * np.exp(-0.08))
    assert gaming_at([60.0, 70.0], SCHEDULE_TIERED) == pytest.approx(3.0 * np.exp(-2.0))
    assert not gaming_at([80.0, 81.0, 95.0], SCHEDULE_TIERED).any()


def test_without_steps_gaming_is_the_same_everywhere_and_without_payment_there_is_none():
    assert gaming_at([5.0, 50.0, 99.0], SCHEDULE_LINEAR) == pytest.approx(3.0)
    assert not gaming_at([5.0, 50.0, 99.0], SCHEDULE_NONE).any()


def test_gaming_moves_with_the_standard_of_payment():
    assert gaming_at([78.0], SCHEDULE_THRESHOLD) == gaming_at([88.0], SCHEDULE_THRESHOLD, pay_standard=10.0)
    assert gaming_at([78.0], SCHEDULE_THRESHOLD, pay_standard=-10.0) == 0.0


@pytest.mark.parametrize("country", [busy_country, observed_country])
def test_the_score_called_acceptable_moves_nothing_but_what_is_read(country):
    one, other = (country().but(threshold=threshold).run() for threshold in (60.0, 95.0))

    for table in one._fields:
        for name in getattr(one, table).dtype.names:
            assert np.array_equal(getattr(one, table)[name], getattr(other, table)[name]), name
