"""US$ of other years: one factor on all amounts of a decision and of a plan, and on nothing else."""

from __future__ import annotations

import numpy as np
import pytest

import qicsim
from qicsim.analysis.compare import compare
from qicsim.decide.costs_by_scenario import bill
from qicsim.decide.decision_inputs import frame
from qicsim.decide.reading import spending
from qicsim.decide.settings import Settings
from qicsim.ground.errors import DataError, SettingError
from qicsim.inputs.country import default_country
from qicsim.inputs.scenario import load_scenario
from qicsim.inputs.world.prices import money_of, price_levels
from qicsim.plan.make import make_plan
from qicsim.plan.money import price_words
from qicsim.runs.draws import prior_draws
from qicsim.runs.ensemble import run_ensemble

HEADER = "year,change,source,grade\n"
OWN_PRICES = HEADER + "2022,0.10,a table of our own,A\n2023,-0.05,a table of our own,A\n"

SCENARIOS = [load_scenario(name, horizon_end="2029-12") for name in ("reported", "national-2030")]


@pytest.fixture(scope="module")
def ensemble():
    return run_ensemble(SCENARIOS, prior_draws(2), store=False)


def test_prices_begin_at_1_and_rise_by_3_percent_a_year_after_2024():
    levels = price_levels()

    assert levels[default_country().price_year] == 1.0
    assert levels[2022] == pytest.approx(1.053)
    assert levels[2030] / levels[2029] == pytest.approx(1.03)
    assert min(levels) == default_country().price_year


@pytest.fixture
def prices(tmp_path):
    file = tmp_path / "our-prices.csv"
    file.write_text(OWN_PRICES, encoding="utf-8")
    return file


def test_all_money_of_a_decision_is_in_the_prices_of_the_year(ensemble):
    old, new = (bill(frame(ensemble, "reported", Settings(money=money_of(year)))) for year in (2021, 2025))

    np.testing.assert_allclose(new.cost.mean, money_of(2025).factor * old.cost.mean)
    assert new.grants == pytest.approx(money_of(2025).factor * old.grants)
    assert [one.usd for one in new.unit_costs] == pytest.approx(
        [money_of(2025).factor * one.usd for one in old.unit_costs])
    assert {one.price_year for one in new.lines.values()} == {2025}


def test_a_decision_in_money_of_2021_is_as_it_was(ensemble):
    """To the last bit."""
    used = frame(ensemble, "reported", Settings())
    given = bill(used)
    simulated = spending(ensemble, "national-2030", ("line", "payer"), used.factors["national-2030"])

    assert np.array_equal(given.lines["national-2030"].usd, simulated.within(2027, 2029).usd)


def test_a_plan_is_in_the_prices_of_the_year_and_says_so():
    old, new = (make_plan(SCENARIOS[1], SCENARIOS[0], draws=2, replicates=1, money_year=year) for year in (2021, 2025))

    np.testing.assert_allclose(new.budget.own.mean, money_of(2025).factor * old.budget.own.mean)
    assert new.sources.unit_costs[0].usd == pytest.approx(money_of(2025).factor * old.sources.unit_costs[0].usd)
    assert (old.budget.price_year, new.budget.price_year) == (2021, 2025)
    assert "constant prices of 2025 (those of 2021 times 1." in new.budget.prices
    for one, other in zip(old.targets, new.targets, strict=True):
        assert np.array_equal(one.scenario.mean, other.scenario.mean, equal_nan=True)


def test_what_a_plan_says_of_2021_has_no_factor():
    from qicsim.decide.currency import usual_rate

    assert price_words(usual_rate()).startswith("US$ are in constant prices of 2021; riel")


def test_all_money_of_a_comparison_is_in_the_prices_of_the_year(ensemble):
    old, new = (compare(ensemble, "reported", money_of(year)) for year in (2021, 2025))
    money = old.headline["indicator"].isin(["qic_cost", "pbf_cost", "public_cost"])
    factor = np.where(money, money_of(2025).factor, 1.0)

    np.testing.assert_allclose(new.costs["mean"], money_of(2025).factor * old.costs["mean"])
    for column in ("mean", "p05", "difference_mean", "difference_p95"):
        np.testing.assert_allclose(new.headline[column], factor * old.headline[column])
    assert old.headline.loc[money, "mean"].max() > 0.0


def test_the_page_of_a_comparison_gives_and_names_one_year_everywhere(ensemble, tmp_path, prices):
    comparison = compare(ensemble, "reported", money_of(2023, prices))
    qicsim.write_comparison(comparison, tmp_path / "out", {}, language="both")
    page, khmer = ((tmp_path / "out" / f"compare{language}.html").read_text(encoding="utf-8")
                   for language in ("", ".km"))

    assert "prices of 2023: those of 2021 times 1.045, by the changes in the file our-prices.csv." in page
    assert "US$ million of 2023" in page
    assert "million of 2021" not in page
    assert "money of 2021" not in page
    assert "តម្លៃឆ្នាំ 2021" not in khmer.replace("តម្លៃឆ្នាំ 2021 គុណ", "")


def test_prices_of_a_file_stand_in_for_the_shipped_ones(ensemble, prices):
    old, new = (bill(frame(ensemble, "reported", Settings(money=money_of(year, table))))
                for year, table in ((2021, None), (2023, prices)))

    np.testing.assert_allclose(new.cost.mean, 1.10 * 0.95 * old.cost.mean)
    assert money_of(2022, prices).factor == pytest.approx(1.10)


def test_a_plan_by_prices_of_a_file_says_which(prices):
    plan = make_plan(SCENARIOS[1], SCENARIOS[0], draws=2, replicates=1, money_year=2023, prices=prices)

    assert "times 1.045, by the changes in the file our-prices.csv)" in plan.budget.prices
    assert "our-prices.csv" in " ".join(map(str, plan.notes))


@pytest.mark.parametrize(("lines", "fault"), [
    ("2022,5.3,a,A\n", "5.3 is out of range.*-0.5 to 1.*written 0.053"),
    ("2022,0.05,a,A\n2024,0.05,a,A\n", "2023 is missing"),
    ("2022,0.05,a,A\n2022,0.05,a,A\n", "stands on line 2 already"),
    ("2021,0.05,a,A\n", "2021 is out of range"),
    ("2022.5,0.05,a,A\n", "no year"),
    ("2022,0.05,,A\n", "source: is empty"),
    ("2022,much,a,A\n", '"much" is not a number'),
    ("", "there is none"),
])
def test_a_file_of_prices_is_refused_with_what_is_wrong(tmp_path, lines, fault):
    file = tmp_path / "prices.csv"
    file.write_text(HEADER + lines, encoding="utf-8")

    with pytest.raises(DataError, match=f"(?s){fault}"):
        price_levels(file)


def test_prices_beside_money_of_2021_and_years_that_they_lack_are_refused(prices):
    with pytest.raises(SettingError, match="do nothing in money of 2021"):
        money_of(2021, prices)
    with pytest.raises(SettingError, match="2021 to 2023.*our-prices.csv has no other years"):
        money_of(2025, prices)


@pytest.mark.parametrize("year", [2020, 2051, True])
def test_a_year_without_prices_is_refused(year):
    with pytest.raises(SettingError, match="money year.*2021 to 2050"):
        money_of(year)
