"""Payment by performance: when stakes move, what gaming clusters at, what reforms and envelopes do."""

import dataclasses
import random

import numpy as np
import pytest

from qicsim.inputs.scenario.forms import structure_of
from qicsim.model.columns import PBF_PAYMENTS
from qicsim.model.ledger import ATTENTION, INCENTIVE
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


# ---------------------------------------------------------------------------------------------------- habit, reforms

HAB = 0.25
AT_THE_START = np.exp(-HAB * 1.5)  # PBF began in July 2016, the runs in January 2018


def shaped(country, habit):
    """The country under a form of habit."""
    return dataclasses.replace(country, structure=structure_of({"habit": habit}, country.structure))


def novelty(of, habit="reform", **levers):
    """What habit leaves in each month `of` "measuring" or "paying"."""
    country = shaped(small_country().but(**levers), habit)
    return np.array([float(state.programme[f"novelty_of_{of}"][0])
                     for _, state in country.months(parameters({"pbf.hab": HAB}))])


WHOLLY_OTHER_TERMS = [
    {"schedule": from_month(7, SCHEDULE_LINEAR, SCHEDULE_TIERED)}, {"pbf_size": from_month(7, 2.0, 1.0)},
    {"staff_share": from_month(7, 0.1, 0.0)}, {"pay_standard": from_month(7, -10.0, 0.0)}]
PAUSE = np.where((MONTHS > 3) & (MONTHS < 7), 0, 1)


@pytest.mark.parametrize("of", ["measuring", "paying"])
@pytest.mark.parametrize("habit", ["reform", "as-before"])
def test_without_a_reform_habit_is_that_of_one_clock(of, habit):
    assert novelty(of, habit) == pytest.approx(AT_THE_START * np.exp(-HAB * MONTHS / 12))


@pytest.mark.parametrize("of", ["measuring", "paying"])
def test_under_the_form_never_nothing_becomes_habit(of):
    assert np.all(novelty(of, "never", pbf_size=from_month(7, 2.0, 1.0)) == 1.0)


@pytest.mark.parametrize(("of", "terms"), [
    *(("paying", terms) for terms in WHOLLY_OTHER_TERMS), ("paying", {"pbf": PAUSE}), ("measuring", {"pbf": PAUSE}),
    ("measuring", {"rounds": PAUSE})])
def test_a_whole_reform_starts_the_clock_anew_and_only_under_the_form_that_says_so(of, terms):
    assert novelty(of, **terms)[7:] == pytest.approx(np.exp(-HAB * (MONTHS[7:] - 7) / 12))
    assert novelty(of, "as-before", **terms) == pytest.approx(novelty(of, "as-before"))


@pytest.mark.parametrize("terms", WHOLLY_OTHER_TERMS)
def test_other_rules_of_payment_renew_no_attention(terms):
    """Exact for the ledger where neither money nor the bonus moves quality, so that all gaps are the same."""
    given, country = parameters({"pbf.res": 0.0, "pbf.inc": 0.0}), small_country().but(recruiting=0)
    one, other = (each.run(given).facility["ledger"][:, ATTENTION] for each in (country, country.but(**terms)))

    assert novelty("measuring", **terms) == pytest.approx(novelty("measuring"))
    assert one.max() > 0.1 and np.array_equal(one, other)


def test_rounds_that_begin_again_are_no_new_rules_of_payment():
    assert novelty("paying", rounds=PAUSE) == pytest.approx(novelty("paying"))


@pytest.mark.parametrize("of", ["measuring", "paying"])
@pytest.mark.parametrize("back", [False, True])
def test_other_weights_renew_the_share_of_weight_that_they_move(of, back):
    """A tenth of the weight goes to TB, HIV and GBV, or comes back from there."""
    weight, before = small_country().setting.area[0]["weight"], novelty(of)[7]
    moved = np.abs(weight[1] - weight[0]).sum(axis=1) / 2.0

    assert moved == pytest.approx(0.1)
    assert novelty(of, weights=from_month(7, 1 - back, back))[7] == pytest.approx(before + 0.1 * (1.0 - before))


@pytest.mark.parametrize("terms", [{"pbf_size": from_month(7, 1.2, 1.0)}, {"staff_share": from_month(7, 0.72, 0.6)},
                                   {"pay_standard": from_month(7, 2.0, 0.0)},
                                   {"pay_standard": from_month(7, -2.0, 0.0)}])
def test_a_reform_of_a_fifth_gives_a_fifth_of_what_habit_has_taken(terms):
    """Smooth in its size: no change is too small to count, and none of a fraction counts for all."""
    before = novelty("paying")[7]

    assert novelty("paying", **terms)[7] == pytest.approx(before + 0.2 * (1.0 - before))


@pytest.mark.parametrize("terms", [
    {"pbf_size": from_month(7, 0.5, 1.0)}, {"staff_share": from_month(7, 0.0, 0.6)},
    {"schedule": from_month(7, SCHEDULE_NONE, SCHEDULE_TIERED)},
    {"pbf_size": from_month(7, 10.0, 1.0), "pbf_envelope": from_month(7, 2e4, 1e12)}])
def test_paying_less_and_paying_no_more_in_all_renews_nothing(terms):
    for of in ("measuring", "paying"):
        assert novelty(of, **terms) == pytest.approx(novelty(of))


@pytest.mark.parametrize("of", ["measuring", "paying"])
def test_growth_an_envelope_and_what_changes_while_pbf_is_off_are_no_reforms(of):
    off = np.where(MONTHS > 3, 0, 1)
    changed = {"pbf_growth": 0.2, "pbf_envelope": from_month(7, 1e4, 1e12), "threshold": from_month(7, 60.0, 80.0)}

    assert novelty(of, **changed) == pytest.approx(novelty(of))
    assert novelty(of, pbf=off, pbf_size=from_month(7, 3.0, 1.0)) == pytest.approx(novelty(of))
    assert novelty(of, pbf=off, weights=from_month(7, 1, 0)) == pytest.approx(novelty(of))


@pytest.mark.parametrize("staff_share", [0.6, 1.0])
def test_ten_times_the_bonus_after_a_reform_moves_true_quality_up(staff_share):
    """Also where all of it goes to staff, so that less is left for supplies."""
    country = small_country().but(recruiting=0)
    reformed = country.but(pbf_size=from_month(12, 10.0, 1.0), staff_share=from_month(12, staff_share, 0.6))
    one, other = (each.run().facility for each in (country, reformed))

    assert other["true_score"].mean() > one["true_score"].mean() + 0.1
    assert np.all(other["ledger"][:, INCENTIVE] >= one["ledger"][:, INCENTIVE])


# --------------------------------------------------------------------------------------------- envelope, level, bill


def paid_by_round(country, key=KEYS[0]):
    """US$ of performance payments fixed in each month, and the envelope in force times the level of payments."""
    paid, before, allowed = [], 0.0, []
    for month, state in country.months(key=key):
        booked = float(state.province["cost"][:, :, PBF_PAYMENTS].sum())
        paid.append(booked - before)
        before = booked
        allowed.append(float(country.levers["pbf_envelope"][month]) * float(state.programme["pbf_level"][0]))
    return np.array(paid), np.array(allowed)


@pytest.mark.parametrize("roll", range(100))
def test_no_envelope_is_exceeded_in_any_year(roll):
    """Envelopes, rounds, sizes and schedules by chance; an envelope holds for calendar years."""
    dice = random.Random(roll)
    envelope = np.repeat([dice.choice((0.0, 5e3, 3e4, 8e4, 3e5)) for _ in range(3)], 12)
    country = small_country().but(
        pbf_envelope=envelope, pbf_growth=dice.uniform(-0.2, 0.3), pbf_size=dice.uniform(0.0, 10.0),
        schedule=np.repeat([dice.randrange(4) for _ in range(6)], 6), rounds=np.array(dice.choices((0, 1, 1, 1), k=36)),
        pbf=np.repeat(dice.choices((0, 1, 1, 1), k=9), 4), pay_standard=dice.uniform(-30.0, 20.0))
    paid, allowed = paid_by_round(country)

    assert np.all(paid.reshape(3, 12).sum(axis=1) <= allowed[::12] + 0.005)


def test_an_envelope_that_binds_in_every_round_is_paid_out_to_the_dollar_in_equal_parts():
    paid, _ = paid_by_round(small_country().but(pbf_envelope=40e3, pbf_size=5.0))

    assert paid.reshape(12, 3).sum(axis=1) == pytest.approx(10e3)


def test_what_a_suspended_round_leaves_goes_to_the_others():
    rounds = np.where(MONTHS % 12 < 3, 0, 1)
    paid, _ = paid_by_round(small_country().but(pbf_envelope=30e3, pbf_size=5.0, rounds=rounds))

    assert paid.reshape(3, 4, 3).sum(axis=2)[0] == pytest.approx([0.0, 10e3, 10e3, 10e3])


def test_an_envelope_larger_than_the_bill_changes_nothing():
    one, other = small_country().run(), small_country().but(pbf_envelope=1e9).run()

    for table in one._fields:
        for name in set(getattr(one, table).dtype.names):
            assert np.array_equal(getattr(one, table)[name], getattr(other, table)[name]), name


def test_stakes_follow_what_is_really_paid():
    """A bonus five times as large from a pool that pays a fifth of it is no larger."""
    paid, _ = paid_by_round(small_country())
    last = [state for _, state in small_country().but(pbf_envelope=sum(paid[:12]) / 2.0).months()][-1]
    free = small_country().run()

    assert last.programme["paid_share"][0] < 0.9
    assert last.facility["stake"].mean() < 0.9 * free.facility["stake"].mean()


def test_where_the_envelope_is_lifted_everything_is_paid_at_once():
    country = small_country().but(pbf_envelope=from_month(13, 1e12, 5e3))
    seen = [(float(state.programme["paid_share"][0]), state.facility["stake"].copy()) for _, state in country.months()]

    assert seen[12][0] < 0.5 and seen[13][0] == 1.0
    assert np.all(seen[13][1] >= seen[12][1]) and np.any(seen[13][1] > seen[12][1])


def test_growth_moves_grants_payments_and_envelope_each_january():
    country = small_country().but(recruiting=0, pbf_growth=-0.1, schedule=SCHEDULE_LINEAR)
    levels = np.array([float(state.programme["pbf_level"][0]) for _, state in country.months()])
    paid, _ = paid_by_round(country.but(pbf_envelope=20e3, pbf_size=10.0))

    assert levels == pytest.approx(np.repeat([1.0, 0.9, 0.81], 12))
    assert paid.reshape(3, 12).sum(axis=1) == pytest.approx([20e3, 18e3, 16.2e3])


@pytest.mark.parametrize("key", KEYS)
def test_money_that_prices_eat_up_never_raises_true_quality(key):
    """Exact without collaboratives, luck, peers and gaming, where only money and stakes differ."""
    given = parameters({"luck.sigma": 0.0, "peers.lambda_net": 0.0, "assessment.game": 0.0, "motivation.crowd": 0.0})
    country = small_country().but(recruiting=0, schedule=SCHEDULE_LINEAR)
    one, other = (country.but(pbf_growth=growth).run(given, key=key).facility["quality"] for growth in (-0.1, 0.0))

    assert np.all(one <= other) and np.any(one < other)
