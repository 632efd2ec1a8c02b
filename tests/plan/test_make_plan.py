"""A plan says what the ensemble's runs hold: nation as in a comparison, districts that add up, launches and coaches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qicsim.calendar import MONTHS_PER_QUARTER
from qicsim.ensemble.draws import names, prior_draws
from qicsim.ensemble.readout import province_values, values
from qicsim.ensemble.run import run_ensemble
from qicsim.errors import SettingError
from qicsim.experiment.compare import compare
from qicsim.plan.influence import influence_of, rank_correlations
from qicsim.plan.launches import launches_of, posts_of
from qicsim.plan.make import make_plan
from qicsim.plan.record import DISTRICT, NATION, PROVINCE
from qicsim.plan.schedule import AT_WORK, COLUMNS, TRAINED, follow_ensemble
from qicsim.plan.spreads import spread_of
from qicsim.scenario import change, load_scenario

HEADLINES = ("true", "recorded", "true_80", "recorded_80", "coverage", "active", "visits", "unscored", "inflation")


@pytest.fixture(scope="module")
def comparison(scenarios, draws):
    return compare(run_ensemble(scenarios[::-1], draws, replicates=2), scenarios[1].name)


@pytest.fixture(scope="module")
def followed(comparison, scenarios):
    return follow_ensemble(comparison.ensemble, scenarios[0].name, (2026, 2027, 2028, 2029))


# ------------------------------------------------------------------------------------------------ nation and places


@pytest.mark.parametrize("name", HEADLINES)
def test_the_nation_is_the_headline_of_a_comparison(plan, comparison, scenarios, name):
    table = comparison.headline
    chosen = table[(table["scenario"] == scenarios[0].name) & (table["indicator"] == name) & (table["year"] == 2026)]
    target = plan.target(name)
    there = [target.scenario.mean[0, 0], target.scenario.low[0, 0], target.scenario.high[0, 0],
             target.difference.mean[0, 0], target.difference.low[0, 0], target.difference.high[0, 0]]
    told = chosen[["mean", "p05", "p95", "difference_mean", "difference_p05", "difference_p95"]].to_numpy()[0]

    assert there == pytest.approx(told, rel=1e-5, abs=1e-5, nan_ok=True)
    runs = values(comparison.ensemble, scenarios[0].name, name)[:, -13]  # the end of 2026, of 48 quarters
    assert target.scenario.n[0, 0] == np.isfinite(runs).sum() > 0


def test_money_is_that_of_a_comparison(plan, comparison, scenarios):
    table = comparison.costs
    chosen = table[(table["scenario"] == scenarios[0].name) & (table["year"] >= 2027)]
    told = chosen.pivot_table("mean", "year", ["line", "payer"], sort=False)[list(plan.budget.lines)].to_numpy()

    assert plan.budget.mean.sum(axis=1).reshape(3, -1) == pytest.approx(told)
    assert plan.budget.by_year.mean.sum() == pytest.approx(told.sum())
    assert (told.sum() > 0.0) and plan.budget.extra_total.mean > 0.0


def test_provinces_are_those_that_the_ensemble_keeps(plan, comparison, scenarios):
    kept = province_values(comparison.ensemble, scenarios[0].name, "recorded_80")[:, -4:].mean(axis=0).T

    assert plan.target("recorded_80").scenario.mean[plan.rows(PROVINCE)] == pytest.approx(kept, abs=1e-6)


def test_counts_of_districts_add_up_to_provinces_and_the_nation(plan):
    for counted in (plan.target("ever").scenario.mean, plan.target("people_true_80").scenario.mean,
                    plan.coaches.posts.mean, plan.coaches.at_work.mean, plan.coaches.needed.mean):
        assert counted[plan.rows(DISTRICT)].sum(axis=0) == pytest.approx(counted[0])
        assert counted[plan.rows(PROVINCE)].sum(axis=0) == pytest.approx(counted[0])
        for row in plan.rows(PROVINCE):
            own = [at for at in plan.rows(DISTRICT) if plan.places[at].province == plan.places[row].name]
            assert counted[own].sum(axis=0) == pytest.approx(counted[row])


def test_places_are_named_in_both_languages(plan):
    nation, first = plan.places[0], plan.places[1]

    assert (nation.level, nation.name, nation.name_km) == (NATION, "Cambodia", "កម្ពុជា")
    assert (first.level, first.name, first.name_km) == (PROVINCE, "Battambang", "បាត់ដំបង")
    assert [place.name for place in plan.districts][:2] == ["+cmd", "=HYPERLINK(A1)"]


# ----------------------------------------------------------------------------------------------- launches and coaches


def test_districts_followed_are_the_runs_of_the_ensemble(followed, comparison, scenarios):
    kept = values(comparison.ensemble, scenarios[0].name, "coaches")
    ends = comparison.ensemble.runners[scenarios[0].name].year_ends[-4:]
    recorded = followed.sums[..., COLUMNS.index("recorded")].sum(axis=2)
    facilities = followed.sums[..., COLUMNS.index("facilities")].sum(axis=2)

    assert followed.coaches[..., AT_WORK].sum(axis=2) == pytest.approx(kept[:, ends], rel=1e-5)
    assert recorded / facilities == pytest.approx(
        values(comparison.ensemble, scenarios[0].name, "recorded")[:, ends], rel=1e-6)
    assert followed.coaches[..., TRAINED].sum() > 0.0


def test_launches_count_to_the_districts_of_the_ensemble(followed, comparison, scenarios):
    runner = comparison.ensemble.runners[scenarios[0].name]
    districts = values(comparison.ensemble, scenarios[0].name, "districts")
    for quarter in (0, 3, 7, len(runner.quarters) - 1):
        end = scenarios[0].start + (quarter + 1) * MONTHS_PER_QUARTER - 1
        launched = ((followed.launched >= 0) & (followed.launched <= end)).sum(axis=1)
        assert launched.tolist() == districts[:, quarter].tolist()


def test_the_quarter_of_launch_is_read_off_the_runs(comparison, scenarios):
    runner = comparison.ensemble.runners[scenarios[0].name]
    launched = np.array([[2026 * 12 + 11, 2027 * 12, -1], [2027 * 12 + 2, 2027 * 12 + 3, -1],
                         [2027 * 12 + 3, 2029 * 12 + 9, 2028 * 12]])
    found = launches_of(runner, launched, (2027, 2028, 2029))

    assert found.quarter.tolist() == [[-1.0, 0.0, 1.0], [0.0, 1.0, 11.0], [4.0, np.inf, np.inf]]
    assert found.by_year.round(3).tolist() == [[0.333, 1.0, 1.0, 1.0], [0.0, 0.667, 0.667, 1.0],
                                               [0.0, 0.0, 0.333, 0.333]]
    assert found.by_quarter[:, 0].round(3).tolist() == [0.667, 0.333, 0.0]
    assert found.launched.mean[:5].round(3).tolist() == [1.0, 1.667, 1.667, 1.667, 2.0]
    assert found.planned.tolist() == [7.0] * 12


def test_posts_follow_the_lever_where_districts_are_launched_and_supported(comparison, scenarios):
    runner = comparison.ensemble.runners[scenarios[0].name]
    launched = np.array([[-1, 2026 * 12, 2028 * 12 + 11, 2029 * 12, -1, -1, -1]])
    before = float(scenarios[0].levers.coaches[0])
    posts = posts_of(runner, launched, (2026, 2027, 2028))[0]

    assert posts[:, :4].tolist() == [[0.0, before, 0.0, 0.0], [0.0, 3.0, 0.0, 0.0], [0.0, 3.0, 3.0, 0.0]]
    stopped = replace(runner, scenario=change(scenarios[0], from_="2028-01", support=False))
    assert posts_of(stopped, launched, (2026, 2027, 2028))[0, 2].sum() == 0.0


# ------------------------------------------------------------------------------------------------- money, uncertainty


def test_the_parts_of_a_budget_add_up(plan):
    budget = plan.budget

    assert budget.collaboratives.mean + budget.pbf.mean == pytest.approx(budget.by_year.mean)
    assert budget.by_payer.mean.sum(axis=0) == pytest.approx(budget.by_year.mean)
    assert budget.by_line.mean.sum(axis=0) == pytest.approx(budget.by_year.mean)
    assert budget.by_province.mean.sum(axis=0) == pytest.approx(budget.by_year.mean)
    assert budget.discounted.mean[0] == pytest.approx(float(budget.by_year.mean @ budget.factors))
    assert budget.factors == pytest.approx(1.03 ** -np.array([0.5, 1.5, 2.5]))


def test_uncertain_unit_costs_widen_the_interval_of_spending_on_collaboratives(plan):
    used, drawn = plan.budget.total, plan.budget.uncertain

    assert drawn.high[1] - drawn.low[1] > used.high[1] - used.low[1]
    assert drawn.mean[2] != pytest.approx(used.mean[2])  # assessments have a range


def test_a_spread_leaves_out_runs_without_a_value():
    found = spread_of(np.array([[1.0, np.nan, 2.0], [3.0, np.nan, np.nan], [5.0, np.nan, 4.0]]))

    assert found.n.tolist() == [3, 0, 2]
    assert found.mean[[0, 2]].tolist() == [3.0, 3.0]
    assert np.isnan([found.mean[1], found.low[1], found.high[1]]).all()
    assert found.low[[0, 2]] == pytest.approx([1.2, 2.1])


def test_rank_correlation_is_one_for_any_rising_curve_and_none_without_variation():
    x = np.array([[0.1, 3.0, 1.0], [0.2, 2.0, 1.0], [0.5, 1.0, 1.0], [0.9, 0.0, 1.0]])

    assert rank_correlations(x, np.exp(9.0 * x[:, 0])).tolist()[:2] == pytest.approx([1.0, -1.0])
    assert np.isnan(rank_correlations(x, x[:, 0])[2])


def test_the_most_influential_parameter_comes_first():
    draws = prior_draws(32, 1)
    place = names().index("coaching.skill")
    found = influence_of(draws, {}, {"as skill": draws.values[:, place] ** 3, "flat": np.ones(32)})

    assert found.names[0] == "coaching.skill"
    assert found.rho[0, 0] == pytest.approx(1.0)
    assert np.isnan(found.rho[:, 1]).all()


def test_levers_that_differ_are_told_with_their_months(plan):
    (row,) = plan.levers

    assert row.name == "recruiting"
    assert (row.values, row.reference) == ((("2027-01", "yes"),), (("2027-01", "no"),))


def test_sources_name_every_parameter_unit_cost_and_file(plan, draws):
    assert [row.name for row in plan.sources.parameters] == list(names())
    assert all(row.source and row.grade for row in plan.sources.parameters)
    assert len(plan.sources.unit_costs) == 16
    assert {file.kind: file.shipped for file in plan.sources.data}["register"] is False
    assert plan.sources.parameters[0].low == pytest.approx(np.percentile(draws.values[:, 0], 5))


# ------------------------------------------------------------------------------------------------ progress and faults


def test_progress_counts_both_passes_and_workers_change_nothing(scenarios, draws, plan):
    told = []
    again = make_plan(*scenarios, draws=draws, replicates=2, workers=1, progress=lambda *step: told.append(step))

    assert told[-1] == (48, 48)
    assert [done for done, _ in told] == list(range(1, 49))
    assert np.array_equal(again.target("true").scenario.mean, plan.target("true").scenario.mean)
    assert np.array_equal(again.launches.quarter, plan.launches.quarter)


def test_a_plan_against_itself_differs_by_nothing(scenarios, draws):
    own = make_plan(scenarios[0], scenarios[0], draws=draws)

    assert not own.target("true").difference.mean.any()
    assert own.budget.extra_total.mean == 0.0
    assert own.levers == ()
    assert any("are the same" in note for note in own.notes)


@pytest.mark.parametrize(("until", "message"), [("2026-12", "horizon of national-2030.*2026.*whole years"),
                                                ("2027-09", "horizon of national-2030: 2018-01 to 2027-09")])
def test_a_horizon_without_a_whole_year_of_the_plan_is_refused(draws, until, message):
    scenario = load_scenario("national-2030", horizon_end=until)

    with pytest.raises(SettingError, match=message):
        make_plan(scenario, scenario, draws=draws)


def test_a_reference_that_ends_before_or_lies_elsewhere_is_refused(draws, scenarios):
    short = load_scenario("reported", horizon_end="2028-12")
    with pytest.raises(SettingError, match="horizon of the reference reported: 2018-01 to 2028-12"):
        make_plan(load_scenario("national-2030"), short, draws=draws)
    with pytest.raises(SettingError, match='"reported" has other provinces or districts'):
        make_plan(scenarios[0], load_scenario("reported", horizon_end="2029-12"), draws=draws)


def test_a_discount_rate_of_3_is_refused_before_anything_runs(scenarios, draws):
    with pytest.raises(SettingError, match=r"0\.03"):
        make_plan(*scenarios, draws=draws, discount_rate=3.0)
