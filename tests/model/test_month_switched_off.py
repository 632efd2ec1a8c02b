"""A mechanism that is switched off changes nothing at all: runs are paired by their luck, so equality is exact."""

from functools import cache

import numpy as np
import pytest

from qicsim.model.columns import ACTIVE, CONTINUING_GROWTH, LAPSED, NATIONAL_EFFICACY, PLATEAU_GROWTH
from qicsim.model.ledger import EXCHANGE, FADING, PDSA, SESSION, SPILLOVER
from qicsim.model.levers import TOPICS_SCORED, TOPICS_WAVE
from qicsim.model.simulate import noise_key
from tests.worlds import SCENARIO, build_country, busy_country, copied, parameters, register_text, small_country

KEYS = [noise_key(1, 0, 0), noise_key(5, 2, 3)]
NO_QIC = {"recruiting": 0, "reenrol": 0, "support": 0}

# A lenient assessor counts among the effects: a higher record brings more money, and money moves true quality.
NO_WORK = {"pdsa.k_item": 0.0, "session.lambda_ls": 0.0, "exchange.lambda_ex": 0.0, "exchange.recognition": 0.0,
           "motivation.coached": 0.0, "assessment.lenient": 0.0}
NO_PAYMENT_RESPONSE = {"pbf.res": 0.0, "pbf.att": 0.0, "pbf.inc": 0.0, "motivation.crowd": 0.0,
                       "motivation.delay_cost": 0.0, "topic.stakes_tilt": 0.0, "interaction.synergy": 0.0,
                       "turnover.pbf_ratio": 1.0}
NO_ERROR = {"assessment.hawth": 0.0, "assessment.lenient": 0.0, "assessment.game": 0.0, "assessment.dist_bias": 0.0,
            "assessment.noise": 0.0}
STILL = {"luck.sigma": 0.0, "drift.trend0": 0.0, "pbf.res": 0.0, "pbf.att": 0.0, "pbf.inc": 0.0,
         "peers.lambda_net": 0.0}
TRUTH = ("quality", "true_score", "satisfaction", "trust", "use")


def assert_same(one, other, columns):
    """Two states agree in these columns of facilities to the last bit."""
    for column in columns:
        assert np.array_equal(one.facility[column], other.facility[column]), column


NO_EFFICACY = {"pdsa.efficacy": 0.0, "exchange.recognition": 0.0, "motivation.coached": 0.0, "assessment.lenient": 0.0}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("off", [NO_WORK, NO_EFFICACY], ids=["no work", "no efficacy"])
@pytest.mark.parametrize("country", [small_country, busy_country])
def test_collaboratives_without_effect_leave_true_quality_as_it_would_be_without_them(country, off, key):
    """Teams join, are coached, meet and visit each other; luck, PBF, peers and drift are at work. Exact."""
    with_them = country().run(parameters(off), key=key)
    without = country().but(**NO_QIC).run(parameters(off), key=key)

    assert with_them.facility["ever"].sum() > 10
    assert without.facility["ever"].sum() == 0
    assert_same(with_them, without, TRUTH)


@pytest.mark.parametrize("key", KEYS)
def test_teams_that_do_not_respond_test_ideas_but_gain_nothing(key):
    state = busy_country().run(parameters({"team.p_resp": 0.0, "team.responds_again": 0.0}), key=key)

    assert state.facility["ideas"].any()
    assert not state.facility["ledger"][:, [PDSA, SPILLOVER]].any()


def test_leniency_alone_makes_collaboratives_look_good():
    """Where nobody responds to payment nothing true changes; the record of those that are coached rises."""
    country, given = small_country(), parameters(NO_WORK | NO_PAYMENT_RESPONSE | {"assessment.lenient": 10.0})

    with_them, without = country.run(given), country.but(**NO_QIC).run(given)

    coached, higher = with_them.facility["visits"] > 0.0, with_them.facility["score"] - without.facility["score"]
    assert_same(with_them, without, TRUTH)
    assert coached.any()
    assert higher[coached].mean() > 5.0


@pytest.mark.parametrize("threshold", [0, 1])
def test_without_learning_from_peers_the_network_is_irrelevant_to_what_facilities_do(threshold):
    """But for joining, which peers pull at: without that pull too, nothing at all depends on the network."""
    given = parameters({"peers.lambda_net": 0.0, "rollout.peer_pull": 0.0})
    country = busy_country().shaped(contagion=threshold)
    alone = country.setting.facility.copy()
    alone["first_peer"], alone["end_peer"] = 0, 0

    tied, untied = country.run(given), country.where(facility=alone).run(given)

    assert_same(tied, untied, [name for name in tied.facility.dtype.names if not name.startswith("peers")])


@pytest.mark.parametrize("schedule", [0, 1, 2, 3])
@pytest.mark.parametrize("key", KEYS)
def test_where_nobody_responds_to_payment_the_schedule_is_irrelevant_to_true_quality(schedule, key):
    given, country = parameters(NO_PAYMENT_RESPONSE), small_country()

    as_it_is = country.run(given, key=key)
    otherwise = country.but(schedule=schedule, pbf_size=3.0, staff_share=0.1, pay_delay=9).run(given, key=key)
    never = country.but(pbf=0).run(given, key=key)

    assert_same(as_it_is, otherwise, (*TRUTH, "capability", "motivation", "status", "topic"))
    assert_same(as_it_is, never, (*TRUTH, "capability", "motivation", "status", "topic"))


def test_where_payment_matters_the_schedule_does_too():
    """The test above can fail."""
    assert np.any(small_country().run().facility["true_score"]
                  != small_country().but(schedule=0).run().facility["true_score"])


@pytest.mark.parametrize("country", [small_country, busy_country])
def test_without_error_the_record_is_the_truth(country):
    for month, state in country().but(weights=0).months(parameters(NO_ERROR)):
        if month % 3 == 2:
            opened = country().setting.facility["opened"] <= month
            assert np.array_equal(state.facility["score"][opened], state.facility["true_score"][opened])


def test_the_record_waits_for_the_next_round():
    seen = [state.facility["score"].copy() for _, state in small_country().but(rounds=0).months()]

    assert np.array_equal(seen[0], seen[-1])


def test_without_luck_drift_payment_peers_and_collaboratives_true_quality_stands_still():
    first, last = (small_country().but(**NO_QIC).first(months).run(parameters(STILL)) for months in (1, 36))

    assert_same(first, last, ("quality", "true_score"))


def test_without_recruiting_nobody_joins_and_nothing_is_spent_on_collaboratives():
    state = small_country().but(**NO_QIC).run()

    assert not state.facility["ever"].any()
    assert np.all(state.district["launched"] == -1)
    assert not state.province["cost"][:, :, :7].any()


def test_without_pbf_no_stake_no_payment_no_turnover_effect():
    state = small_country().but(pbf=0).run()
    other = small_country().but(pbf=0).run(parameters({"turnover.pbf_ratio": 0.5}))

    assert not state.facility["stake"].any()
    assert_same(state, other, state.facility.dtype.names)


def test_without_turnover_capability_never_falls():
    before = np.zeros(small_country().setting.facility.size)
    for _, state in small_country().months(parameters({"turnover.annual": 0.0})):
        assert np.all(state.facility["capability"] >= before)
        before = state.facility["capability"].copy()


def test_gains_that_are_locked_in_never_fade():
    state = small_country().run(parameters({"fading.theta": 1.0}))

    assert not state.facility["fragile"].any()
    assert np.all(state.facility["ledger"][:, FADING] == 0.0)
    assert state.facility["ledger"][:, PDSA].sum() > 0.0


def test_without_a_shock_the_parameters_of_its_effects_are_idle():
    """Every effect of the pandemic goes through the index."""
    country = small_country()
    calm = country.setting.month.copy()
    calm["shock"] = 0.0

    one, other = (country.where(month=calm).run(parameters({"clients.use_shock": use, "rollout.launch_shock": launch}))
                  for use, launch in ((0.0, 0.0), (0.6, 1.0)))

    assert_same(one, other, one.facility.dtype.names)


def test_where_nobody_comes_back_and_nobody_graduates_enrolling_again_is_idle():
    country, given = small_country().but(programme_months=600), parameters({"team.returns": 0.0})

    without, with_it = country.run(given), country.but(reenrol=1).run(given)

    assert (without.facility["status"] == LAPSED).any()
    assert_same(without, with_it, [name for name in without.facility.dtype.names if name != "sort_key"])


def test_without_selection_who_joins_does_not_depend_on_the_score():
    """Other noise of assessment, other scores, the same joiners, where nobody responds to payment."""
    given = NO_PAYMENT_RESPONSE | {"assessment.game": 0.0}
    ever = {(noise, selection): small_country().run(parameters(given | {
        "assessment.noise": noise, "rollout.selection": selection, "rollout.join_hazard": 0.3})).facility["ever"]
        for noise in (0.0, 14.0) for selection in (0.0, 1.0)}

    assert np.array_equal(ever[0.0, 0.0], ever[14.0, 0.0])
    assert not np.array_equal(ever[0.0, 1.0], ever[14.0, 1.0])


def test_a_bound_of_launches_that_is_not_reached_is_idle():
    one, other = (small_country().run(parameters({"rollout.launch_most": most})) for most in (8.0, 40.0))

    assert_same(one, other, one.facility.dtype.names)


def test_under_a_plateau_nothing_is_gained_by_work_after_36_months_and_all_before():
    """Exact for each facility: the ledger's four lines of teams stand still, and until then the forms are one."""
    country = five_years().shaped(growth=CONTINUING_GROWTH)
    plateau, given = country.shaped(growth=PLATEAU_GROWTH), parameters({"team.h_drop": 0.0, "team.fatigue": 0.0})
    work, before = [PDSA, SPILLOVER, SESSION, EXCHANGE], None

    for (month, state), (_, free) in zip(plateau.months(given), country.months(given), strict=True):
        done = state.facility["months_active"] > 36
        if before is not None:
            assert np.array_equal(state.facility["ledger"][done][:, work], before[done][:, work])
        if month <= 36:
            assert_same(state, free, state.facility.dtype.names)
        before = state.facility["ledger"].copy()
    assert done.any()
    assert np.any(free.facility["ledger"][done, PDSA] > before[done, PDSA])


def test_a_topic_brings_nothing_after_18_months_and_the_next_one_begins_anew():
    """Cycles of 30 months: exact for each facility in the ledger's lines of work; until month 18 the forms are one."""
    country = five_years().but(cycle_months=30, exchanges=0)
    given, work, before, changed = parameters({"team.h_drop": 0.0}), [PDSA, SPILLOVER, SESSION], None, False

    for (month, state), (_, free) in zip(country.months(given), country.shaped(growth=CONTINUING_GROWTH).months(given),
                                         strict=True):
        now = copied(state)
        done = now.facility["topic_months"] > 18
        if before is not None:
            assert np.array_equal(now.facility["ledger"][done][:, work], before.facility["ledger"][done][:, work])
            fresh = (before.facility["topic_months"] > 18) & (now.facility["topic_months"] == 1)
            changed |= bool(fresh.any())
            assert np.array_equal(fresh, (before.facility["topic_months"] > 18) & (now.facility["status"] == ACTIVE)
                                  & (now.facility["topic"] != before.facility["topic"]))
        if month < 18:
            assert_same(now, free, now.facility.dtype.names)
        before = now
    assert done.any()
    assert changed
    assert now.facility["ledger"][:, PDSA].sum() < free.facility["ledger"][:, PDSA].sum()


@pytest.mark.parametrize(("given", "levers", "parameter", "low", "high"), [
    ({"fading.theta": 1.0}, {"programme_months": 6, "maintenance": 0.2}, "fading.keep", 0.05, 1.5),
    ({}, {"visits": 0.0, "maintenance": 0.0}, "assessment.presence", 0.02, 2.0)])
def test_what_keeps_gains_or_makes_lenient_is_idle_where_nothing_fades_or_nobody_visits(given, levers, parameter, low,
                                                                                       high):
    country = small_country().but(**levers)

    one, other = (country.run(parameters(given | {parameter: value})) for value in (low, high))

    assert_same(one, other, one.facility.dtype.names)


def test_without_a_spread_districts_have_the_nations_efficacy():
    country, alike = small_country(), parameters({"pdsa.efficacy_sd": 0.0})

    one, other = country.run(alike), country.shaped(efficacy=NATIONAL_EFFICACY).run(alike)
    differing = country.run()

    assert_same(one, other, one.facility.dtype.names)
    assert_same(country.shaped(efficacy=NATIONAL_EFFICACY).run(), other, one.facility.dtype.names)
    assert not np.array_equal(differing.facility["quality"], one.facility["quality"])


@cache
def five_years():
    """The small country for five years, with exchange visits."""
    return build_country(register_text(), SCENARIO.replace("2020-12", "2022-12").replace(
        "launch_boost = 2", "launch_boost = 20\nexchanges = 6\nsessions = 3\nprogramme_months = 600"))


def topics_chosen(country, given=None):
    """The topics of teams in all months."""
    return {int(topic) for _, state in country.months(given) for topic in state.facility["topic"] if topic >= 0}


def test_teams_that_may_choose_scored_topics_only_choose_no_other():
    country = small_country()
    tb = country.world.areas.keys.index("tb_screening")

    assert tb in topics_chosen(country)
    assert tb not in topics_chosen(country.but(topics=TOPICS_SCORED))


def test_teams_work_on_the_topics_of_the_wave_and_on_nothing_else():
    country = small_country().but(topics=TOPICS_WAVE, wave_topics=1 << 1 | 1 << 8)

    assert topics_chosen(country) == {1, 8}


def test_the_topics_of_the_wave_are_irrelevant_where_teams_choose_freely():
    one, other = small_country().run(), small_country().but(wave_topics=3).run()

    assert_same(one, other, one.facility.dtype.names)


@pytest.mark.parametrize("rule", [TOPICS_WAVE, TOPICS_SCORED])
def test_no_programme_sets_a_topic_near_its_ceiling_but_where_no_other_is_allowed(rule):
    """General waste begins at 97 %: free teams choose it all the same, under a rule only where it is all there is."""
    country, alike = small_country(), parameters({"start.q0_sd": 0.0, "start.area_sd": 0.0})
    waste = country.world.areas.keys.index("general_waste")
    every = 2 ** len(country.world.areas.keys) - 1

    assert waste in topics_chosen(country, alike)
    assert waste not in topics_chosen(country.but(topics=rule, wave_topics=every), alike)
    assert topics_chosen(country.but(topics=TOPICS_WAVE, wave_topics=1 << waste), alike) == {waste}
