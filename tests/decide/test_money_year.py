"""US$ of other years: one factor on all amounts of a decision and of a plan, and on nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.decide.costs_by_scenario import bill
from qicsim.decide.currency import PRICE_YEAR, price_factor, price_levels
from qicsim.decide.decision_inputs import frame
from qicsim.decide.reading import spending
from qicsim.decide.settings import Settings
from qicsim.ground.errors import SettingError
from qicsim.inputs.scenario import load_scenario
from qicsim.plan.make import make_plan
from qicsim.plan.money import price_words
from qicsim.runs.draws import prior_draws
from qicsim.runs.ensemble import run_ensemble

SCENARIOS = [load_scenario(name, horizon_end="2029-12") for name in ("reported", "national-2030")]


@pytest.fixture(scope="module")
def ensemble():
    return run_ensemble(SCENARIOS, prior_draws(2), store=False)


def test_prices_begin_at_1_and_rise_by_3_percent_a_year_after_2024():
    levels = price_levels()

    assert levels[PRICE_YEAR] == 1.0
    assert levels[2022] == pytest.approx(1.053)
    assert levels[2030] / levels[2029] == pytest.approx(1.03)
    assert min(levels) == PRICE_YEAR


def test_all_money_of_a_decision_is_in_the_prices_of_the_year(ensemble):
    old, new = (bill(frame(ensemble, "reported", Settings(money_year=year))) for year in (2021, 2025))

    np.testing.assert_allclose(new.cost.mean, price_factor(2025) * old.cost.mean)
    assert new.grants == pytest.approx(price_factor(2025) * old.grants)
    assert [one.usd for one in new.unit_costs] == pytest.approx(
        [price_factor(2025) * one.usd for one in old.unit_costs])
    assert {one.price_year for one in new.lines.values()} == {2025}


def test_a_decision_in_money_of_2021_is_as_it_was(ensemble):
    """To the last bit."""
    used = frame(ensemble, "reported", Settings())
    given = bill(used)
    simulated = spending(ensemble, "national-2030", ("line", "payer"), used.factors["national-2030"])

    assert np.array_equal(given.lines["national-2030"].usd, simulated.within(2027, 2029).usd)


def test_a_plan_is_in_the_prices_of_the_year_and_says_so():
    old, new = (make_plan(SCENARIOS[1], SCENARIOS[0], draws=2, replicates=1, money_year=year) for year in (2021, 2025))

    np.testing.assert_allclose(new.budget.own.mean, price_factor(2025) * old.budget.own.mean)
    assert new.sources.unit_costs[0].usd == pytest.approx(price_factor(2025) * old.sources.unit_costs[0].usd)
    assert (old.budget.price_year, new.budget.price_year) == (2021, 2025)
    assert "constant prices of 2025 (those of 2021 times 1." in new.budget.prices
    for one, other in zip(old.targets, new.targets, strict=True):
        assert np.array_equal(one.scenario.mean, other.scenario.mean, equal_nan=True)


def test_what_a_plan_says_of_2021_has_no_factor():
    from qicsim.decide.currency import RATE_2024

    assert price_words(RATE_2024).startswith("US$ are in constant prices of 2021; riel")


@pytest.mark.parametrize("year", [2020, 2051, True])
def test_a_year_without_prices_is_refused(year):
    with pytest.raises(SettingError, match="money year.*2021 to 2050"):
        Settings(money_year=year)
