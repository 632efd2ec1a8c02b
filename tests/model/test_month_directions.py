"""What a lever or a parameter pushes goes the way it should; runs are paired by their luck.

Exact for each facility: what acts on the record alone, and what acts through one channel once the choices of topics
are out of the way. Exact for each district: coaches and visits. Means only: whatever changes which topics teams choose
or which teams lapse, because then two effects oppose in single facilities.
"""

from itertools import pairwise

import numpy as np
import pytest

from qicsim.model.columns import PBF_PAYMENTS, SESSIONS
from qicsim.model.ledger import FADING
from qicsim.model.simulate import noise_key
from tests.worlds import busy_country, copied, parameters, small_country

KEYS = [noise_key(1, 0, replicate) for replicate in range(3)]
MANY = [noise_key(7, 0, replicate) for replicate in range(40)]
# The record moves money, and money moves the truth: without a response to payment the record is all that changes.
NO_PAYMENT_RESPONSE = {"pbf.res": 0.0, "pbf.att": 0.0, "pbf.inc": 0.0, "motivation.crowd": 0.0,
                       "topic.stakes_tilt": 0.0, "interaction.synergy": 0.0}
NOBODY_LAPSES = {"team.h_drop": 0.0}


def mean_truth(country, given=None, keys=MANY):
    """Mean true score at the end of each run (runs,)."""
    return np.array([country.run(given, key=key).facility["true_score"].mean() for key in keys])


def assert_never_lower(lesser, greater, columns, given=None, key=KEYS[0]):
    """In every month each of these columns of facilities is at least as high in the greater as in the lesser."""
    for (_, one), (_, other) in zip(lesser.months(given, key=key), greater.months(given, key=key), strict=True):
        for column in columns:
            assert np.all(other.facility[column] >= one.facility[column]), column


# ------------------------------------------------------------------------------------------ exact for each facility


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("parameter", ["assessment.lenient", "assessment.hawth"])
def test_more_inflation_never_lowers_a_record(parameter, key):
    """Exact for each facility in every month; the truth does not move."""
    less, more = (parameters(NO_PAYMENT_RESPONSE | {parameter: size, "assessment.game": 0.0}) for size in (2.0, 9.0))

    for (_, one), (_, other) in zip(busy_country().but(budget=1e12, order=0).months(less, key=key),
                                    busy_country().but(budget=1e12, order=0).months(more, key=key), strict=True):
        assert np.all(other.facility["score"] >= one.facility["score"])


def test_leniency_moves_only_the_record_where_nobody_responds_to_payment():
    country = small_country()
    one, other = (country.run(parameters(NO_PAYMENT_RESPONSE | {"assessment.lenient": size})) for size in (0.0, 9.0))

    assert np.array_equal(one.facility["quality"], other.facility["quality"])
    assert np.any(one.facility["score"] < other.facility["score"])


@pytest.mark.parametrize("key", KEYS)
def test_verification_and_separation_never_raise_a_record(key):
    """Exact for each facility; of gaming too, since where nobody games the last score cannot matter to the next."""
    given = parameters(NO_PAYMENT_RESPONSE | {"assessment.game": 0.0, "assessment.lenient": 9.0})
    country = small_country().but(verification=0.0, separated=0.0)

    assert_never_lower(country.but(verification=0.8), country, ["score"], given, key)
    assert_never_lower(country.but(separated=0.8), country, ["score"], given, key)


@pytest.mark.parametrize("key", KEYS)
def test_more_coaching_never_lowers_support_or_capability_of_a_facility_whose_team_stays(key):
    """Exact where teams do not lapse, so that the same teams are there in both runs and capacity does not bind."""
    given = parameters(NOBODY_LAPSES | {"coaching.visits_per_coach": 10.0})
    country = small_country().but(coaches=8.0, coach_training=1000.0)

    assert_never_lower(country.but(visits=0.3), country.but(visits=1.5), ["visits", "support", "capability"], given,
                       key)


@pytest.mark.parametrize("key", KEYS)
def test_more_coaching_never_lowers_true_quality_of_any_facility(key):
    """Exact where teams neither lapse nor choose topics anew, and learn neither from peers nor in sessions.

    Nobody is lenient: coaches who come more often would record more, and a score above a step has a smaller stake.
    """
    given = parameters(NOBODY_LAPSES | {"peers.lambda_net": 0.0, "session.lambda_ls": 0.0, "luck.sigma": 0.0,
                                        "assessment.lenient": 0.0})
    country = small_country().but(cycle_months=60, programme_months=600)

    few, often = country.but(visits=0.3).run(given, key=key), country.but(visits=1.5).run(given, key=key)

    assert np.array_equal(few.facility["topic"], often.facility["topic"])
    assert np.all(often.facility["true_score"] >= few.facility["true_score"])
    assert np.any(often.facility["true_score"] > few.facility["true_score"] + 1.0)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("parameter", ["pbf.res", "pbf.att", "pbf.inc", "drift.trend0", "peers.lambda_net"])
def test_a_stronger_push_never_lowers_true_quality_of_any_facility(parameter, key):
    """Exact without collaboratives, where the payments do not depend on the record and luck is out of the way."""
    still = {"luck.sigma": 0.0, "pbf.res": 0.0, "pbf.att": 0.0, "pbf.inc": 0.0, "drift.trend0": 0.0,
             "peers.lambda_net": 0.0}
    country = small_country().but(recruiting=0, schedule=1, staff_share=1.0)

    less, more = (country.run(parameters(still | {parameter: size}), key=key) for size in (0.0, 0.05))

    assert np.all(more.facility["quality"] >= less.facility["quality"])
    assert np.any(more.facility["true_score"] > less.facility["true_score"])


@pytest.mark.parametrize("key", KEYS)
def test_the_longer_gains_last_the_less_has_faded_from_any_facility(key):
    """Exact: half a run with support, half without, and nothing but work on the topic moves quality."""
    country = small_country().but(support=np.repeat([1, 0], [18, 18]), recruiting=np.repeat([1, 0], [18, 18]))
    given = {"peers.lambda_net": 0.0, "pbf.res": 0.0, "pbf.att": 0.0, "pbf.inc": 0.0, "luck.sigma": 0.0,
             "drift.trend0": 0.0, "pdsa.spill": 0.0, "team.h_drop": 0.0}
    short, long = (country.run(parameters(given | {"fading.half_life": half}), key=key) for half in (3.0, 12.0))

    assert np.all(short.facility["ledger"][:, FADING] <= long.facility["ledger"][:, FADING])
    assert np.any(long.facility["ledger"][:, FADING] < 0.0)


@pytest.mark.parametrize("key", KEYS)
def test_maintenance_keeps_more_of_what_graduated_teams_gained_the_more_there_is_of_it(key):
    """Exact where nobody lapses, joins again or learns from peers: visits to graduated teams do nothing but keep."""
    given = parameters(NO_PAYMENT_RESPONSE | NOBODY_LAPSES | {"peers.lambda_net": 0.0})
    country = small_country().but(programme_months=6, coaches=8.0, coach_training=1000.0)
    runs = [country.but(maintenance=visits).run(given, key=key).facility for visits in (0.0, 0.01, 0.2, 1.0)]

    for less, more in pairwise(runs):
        assert np.all(more["true_score"] >= less["true_score"])
    assert np.mean(runs[1]["true_score"] - runs[0]["true_score"]) < 0.05 * np.mean(
        runs[3]["true_score"] - runs[0]["true_score"])


@pytest.mark.parametrize("key", KEYS)
def test_gains_that_take_less_support_to_keep_fade_less(key):
    """Exact: nothing but work on topics moves quality, and what is kept does not feed back on it within a cycle."""
    given = {"peers.lambda_net": 0.0, "pbf.res": 0.0, "pbf.att": 0.0, "pbf.inc": 0.0, "luck.sigma": 0.0,
             "drift.trend0": 0.0, "pdsa.spill": 0.0, "team.h_drop": 0.0}
    hard, easy = (small_country().but(maintenance=0.2, programme_months=6).run(
        parameters(given | {"fading.keep": keep}), key=key).facility for keep in (1.5, 0.05))

    assert np.all(hard["ledger"][:, FADING] <= easy["ledger"][:, FADING])
    assert np.any(hard["ledger"][:, FADING] < easy["ledger"][:, FADING])


@pytest.mark.parametrize("key", KEYS)
def test_a_coach_who_comes_more_often_never_records_less(key):
    """Exact where nobody responds to payment and nothing is learnt from visits but by the assessor."""
    given = parameters(NO_PAYMENT_RESPONSE | NOBODY_LAPSES | {
        "assessment.game": 0.0, "assessment.lenient": 9.0, "coaching.visits_per_coach": 10.0, "pdsa.k_item": 0.0,
        "session.lambda_ls": 0.0, "exchange.lambda_ex": 0.0, "exchange.recognition": 0.0, "motivation.coached": 0.0})
    country = small_country().but(coaches=8.0, coach_training=1000.0)

    assert_never_lower(country.but(visits=0.1), country.but(visits=1.0), ["score"], given, key)


def test_the_presence_at_which_leniency_is_reached_moves_only_the_record_where_nobody_responds_to_payment():
    near, far = (small_country().run(parameters(NO_PAYMENT_RESPONSE | {"assessment.lenient": 9.0,
                                                                       "assessment.presence": presence}))
                 for presence in (0.02, 2.0))

    assert np.array_equal(near.facility["quality"], far.facility["quality"])
    assert near.facility["score"].mean() > far.facility["score"].mean()


# ------------------------------------------------------------------------------------------ exact for each district


@pytest.mark.parametrize("key", KEYS)
def test_more_visits_wanted_never_mean_fewer_visits_in_a_district(key):
    """Exact where teams do not lapse; capacity binds."""
    given = parameters(NOBODY_LAPSES)

    for (_, few), (_, many) in zip(small_country().but(visits=0.3).months(given, key=key),
                                   small_country().but(visits=3.0).months(given, key=key), strict=True):
        assert np.all(many.district["visits_active"] >= few.district["visits_active"])


def test_a_stronger_policy_never_weakens_leadership():
    for (_, without), (_, with_it) in zip(small_country().months(), small_country().but(institutionalised=1.0).months(),
                                          strict=True):
        assert np.all(with_it.district["leadership"] >= without.district["leadership"])


def test_more_training_never_means_fewer_coaches():
    for (_, few), (_, many) in zip(small_country().but(coach_training=2.0).months(),
                                   small_country().but(coach_training=20.0).months(), strict=True):
        assert np.all(many.district["coaches"] >= few.district["coaches"])


# ------------------------------------------------------------------------------------------------------- means only


@pytest.mark.parametrize(("lever", "low", "high"), [
    ("visits", 0.1, 1.5), ("coaches", 0.5, 4.0), ("mentoring", 0.0, 1.0), ("sessions", 0, 3), ("exchanges", 0.0, 20.0),
    ("cpd", 0.0, 1.0), ("institutionalised", 0.0, 1.0), ("recruiting", 0, 1), ("pbf_size", 0.5, 3.0),
])
def test_more_of_it_raises_mean_true_quality(lever, low, high):
    """The mean over forty paired runs; single facilities may lose, since they choose other topics."""
    country, given = small_country(), parameters({"exchange.lambda_ex": 0.3, "session.lambda_ls": 0.1})

    gained = mean_truth(country.but(**{lever: high}), given) - mean_truth(country.but(**{lever: low}), given)

    assert gained.mean() > 3.0 * gained.std(ddof=1) / np.sqrt(len(gained))


@pytest.mark.parametrize(("parameter", "low", "high", "sign"), [
    ("pdsa.k_item", 0.05, 0.3, 1), ("pdsa.efficacy", 0.1, 1.5, 1), ("coaching.skill", 0.4, 1.4, 1),
    ("team.p_resp", 0.1, 0.95, 1),
    ("team.tau", 0.0, 8.0, -1), ("team.h_drop", 0.0, 0.2, -1), ("turnover.annual", 0.01, 0.6, -1),
    ("fading.theta", 0.05, 0.9, 1), ("pdsa.spill", 0.0, 0.7, 1), ("pdsa.inputs", 20.0, 60.0, -1),
    ("capability.train_gain", 0.05, 0.7, 1), ("interaction.synergy", -0.6, 0.6, 1),
    ("rollout.join_hazard", 0.1, 2.0, 1),  # beyond that teams outrun their coaches and lapse
])
def test_parameters_of_collaboratives_push_mean_true_quality_the_way_they_should(parameter, low, high, sign):
    country = small_country()

    change = mean_truth(country, parameters({parameter: high})) - mean_truth(country, parameters({parameter: low}))

    assert sign * change.mean() > 3.0 * change.std(ddof=1) / np.sqrt(len(change))


@pytest.mark.parametrize(("parameter", "low", "high", "sign"), [
    ("team.returns", 0.0, 1.5, 1), ("team.responds_again", 0.0, 1.0, 1), ("team.fatigue", 0.0, 1.0, -1)])
def test_where_teams_may_join_again_returns_and_drive_raise_mean_true_quality(parameter, low, high, sign):
    country, given = small_country().but(reenrol=1), {"team.h_drop": 0.1, "team.returns": 0.7}

    change = (mean_truth(country, parameters(given | {parameter: high}))
              - mean_truth(country, parameters(given | {parameter: low})))

    assert sign * change.mean() > 3.0 * change.std(ddof=1) / np.sqrt(len(change))


def test_the_more_that_can_be_launched_the_more_is():
    """Exact: in no month are fewer districts launched."""
    few, many = ([np.sum(state.district["launched"] >= 0) for _, state in small_country().months(
        parameters({"rollout.launch_most": most, "rollout.launch_growth": 0.5}))] for most in (1.0, 20.0))

    assert np.all(np.array(few) <= many)
    assert few != many


def test_dearer_collaboratives_cost_more_in_proportion():
    one, double = (small_country().run(parameters({"costs.collaborative": scale})).province["cost"][:, :, :SESSIONS + 1]
                   for scale in (1.0, 2.0))

    np.testing.assert_allclose(double, 2.0 * one)


def test_costs_never_fall():
    before = None
    for _, state in busy_country().months():
        if before is not None:
            assert np.all(state.province["cost"] >= before.province["cost"])
        before = copied(state)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(("lever", "paying", "sparing"), [
    ("pay_standard", -10.0, 10.0), ("pbf_envelope", 60e3, 20e3), ("pbf_growth", 0.1, -0.1)])
def test_stricter_terms_never_pay_more_in_any_province_where_nobody_responds_to_them(lever, paying, sparing, key):
    given = parameters(NO_PAYMENT_RESPONSE | {"assessment.game": 0.0})
    more, less = (small_country().but(**{lever: value}).run(given, key=key).province["cost"][:, :, PBF_PAYMENTS]
                  for value in (paying, sparing))

    assert np.all(less <= more + 1e-9)
    assert less.sum() < more.sum()


def test_the_wider_efficacy_is_spread_the_further_districts_are_apart():
    """Exact for each run: the same normal number of each district, stretched."""
    narrow, wide = (np.log(small_country().run(parameters({"pdsa.efficacy_sd": sd})).district["efficacy"])
                    for sd in (0.2, 0.8))

    assert np.allclose(wide - wide.mean(), 4.0 * (narrow - narrow.mean()))
    assert wide.std() > 0.1
