"""Factors: from the unit cube to parameters and levers."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.analysis.factors import (
    DummyFactor,
    LeverFactor,
    ParameterFactor,
    check_factors,
    parameter_draws,
    parameter_factors,
    posterior_factors,
    steps,
)
from qicsim.analysis.levers import lever_settings, scenarios_of
from qicsim.ground.errors import SettingError
from qicsim.inputs.scenario import ScenarioError, load_scenario
from qicsim.model.mechanisms.pdsa import Pdsa
from qicsim.runs.draws import names, prior_draws

MIDDLE = np.array([[0.5, 0.5]])


@pytest.fixture(scope="module")
def plan():
    return load_scenario("national-2030")


def test_a_parameter_goes_through_its_prior_and_the_others_stay():
    factors = parameter_factors(["pdsa.k_item", "team.p_resp"])
    draws = parameter_draws(factors, np.array([[0.5, 0.1], [0.9, 0.1]]), base={"luck.sigma": 0.0})
    column = {name: draws.values[:, place] for place, name in enumerate(names())}

    assert column["pdsa.k_item"][0] == pytest.approx(0.14, rel=0.01)
    assert column["pdsa.k_item"][1] == pytest.approx(0.14 * np.exp(0.35 * 1.2816), rel=0.01)
    assert column["team.p_resp"][0] == column["team.p_resp"][1] < 0.55
    assert np.all(column["luck.sigma"] == 0.0)
    assert np.all(column["pdsa.spill"] == Pdsa().spill)


def test_a_posterior_factor_has_the_quantiles_of_its_draws():
    sample = prior_draws(64)
    factor = posterior_factors(sample, ["pdsa.k_item"])[0]
    values = sample.values[:, names().index("pdsa.k_item")]

    assert factor.at(np.array([0.0, 0.5, 1.0])) == pytest.approx([values.min(), np.median(values), values.max()])


def test_a_discrete_lever_takes_each_of_its_values_alike():
    factor = LeverFactor("matching", ("largest-gap", "random", "similar"), "2027-01")
    places = factor.at(np.linspace(0.0, 1.0, 3000, endpoint=False))

    assert np.bincount(places).tolist() == [1000, 1000, 1000]
    assert factor.at(np.array([1.0])) == 2


def test_levers_make_one_scenario_for_each_combination_that_occurs(plan):
    factors = (steps("coaches", 2.0, 4.0, 3, from_="2027-01"), ParameterFactor("pdsa.k_item"),
               LeverFactor("pbf", (False, True), "2028-01"))
    points = np.array([[0.1, 0.5, 0.1], [0.9, 0.5, 0.9], [0.2, 0.9, 0.2], [0.5, 0.1, 0.9]])
    scenarios, which = scenarios_of(plan, factors, points)
    start = plan.start

    assert len(scenarios) == 3
    assert which[0] == which[2]
    for row, (coaches, pbf) in enumerate([(2.0, 0), (4.0, 1), (2.0, 0), (3.0, 1)]):
        levers = scenarios[which[row]].levers
        assert levers.coaches[2027 * 12 - start] == coaches
        assert levers.pbf[2028 * 12 - start] == pbf
        assert levers.pbf[2027 * 12 - start] == 1
    assert len({scenario.name for scenario in scenarios}) == 3


def test_levers_can_be_given_by_number_and_mean_the_same(plan):
    factors = (LeverFactor("matching", ("largest-gap", "similar"), "2027-01"), ParameterFactor("pdsa.k_item"),
               LeverFactor("pbf", (False, True), "2027-01"))
    points = np.array([[0.1, 0.5, 0.9], [0.9, 0.5, 0.1]])
    told = lever_settings(factors, points)
    scenarios, which = scenarios_of(plan, factors, points)

    assert told.levers == ("matching", "pbf")
    assert told.values.tolist() == [[0.0, 1.0], [2.0, 0.0]]
    assert told.since == "2027-01"
    for row in range(2):
        levers = scenarios[which[row]].levers
        assert [levers.matching[-1], levers.pbf[-1]] == told.values[row].tolist()


def test_levers_by_number_begin_in_one_month_and_have_values_that_they_can_have():
    late = (LeverFactor("pbf", (False, True), "2027-01"), LeverFactor("coaches", (1.0, 2.0), "2028-01"))

    with pytest.raises(SettingError, match="one month for all"):
        lever_settings(late, MIDDLE)
    with pytest.raises(SettingError, match="coaches"):
        lever_settings((LeverFactor("coaches", (1.0, 99.0), "2027-01"),), MIDDLE[:, :1])
    assert lever_settings((DummyFactor(),), MIDDLE[:, :1]).values.shape == (1, 0)


def test_without_levers_the_scenario_stays_what_it_is(plan):
    scenarios, which = scenarios_of(plan, (ParameterFactor("pdsa.k_item"), DummyFactor()), MIDDLE)

    assert scenarios == [plan]
    assert which.tolist() == [0]


def test_a_value_that_the_lever_cannot_have_is_refused(plan):
    with pytest.raises(ScenarioError, match="coaches"):
        scenarios_of(plan, (LeverFactor("coaches", (2.0, 99.0), "2027-01"),), np.array([[0.9]]))


@pytest.mark.parametrize(("factors", "words"), [
    ((), "there is none"), ((DummyFactor(), DummyFactor()), "more than once"),
    ((LeverFactor("coches", (1, 2), "2027-01"),), 'Did you mean "coaches"'),
    ((LeverFactor("coaches", (1,), "2027-01"),), "two or more"),
    ((ParameterFactor("pdsa.k_itm"),), 'Did you mean "pdsa.k_item"'),
])
def test_factors_that_cannot_be_varied_are_refused(factors, words):
    with pytest.raises(SettingError, match=words):
        check_factors(factors)


def test_an_unknown_parameter_is_refused_by_name():
    with pytest.raises(SettingError, match='Did you mean "pdsa.k_item"'):
        parameter_factors(["pdsa.k_itm"])
    with pytest.raises(SettingError, match="not a parameter"):
        parameter_draws((DummyFactor(),), MIDDLE[:, :1], base={"nothing": 1.0})
