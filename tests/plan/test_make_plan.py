"""A plan says what the ensemble's runs hold: nation as in a comparison, districts that add up, launches and coaches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qicsim.analysis.compare import compare
from qicsim.analysis.drivers import Outcome
from qicsim.decide.decision_inputs import frame
from qicsim.decide.reading import line_factors, spending
from qicsim.decide.settings import Settings
from qicsim.ground.calendar import MONTHS_PER_QUARTER
from qicsim.ground.errors import SettingError
from qicsim.ground.intervals import interval_of
from qicsim.inputs.country import default_country
from qicsim.inputs.scenario import change, load_scenario
from qicsim.model.columns import COST_LINES, UNIT_COSTS
from qicsim.model.recording import AT_WORK, TRAINED
from qicsim.plan.alternatives import shipped_beside
from qicsim.plan.basis import lever_rows
from qicsim.plan.drivers import influence_of
from qicsim.plan.launches import due_of, launches_of, posts_of, whole_districts
from qicsim.plan.make import make_plan
from qicsim.plan.record import ALL, DISTRICT, NATION, PAYMENTS, PROVINCE
from qicsim.plan.targets import chances
from qicsim.plan.warnings import reported_words
from qicsim.runs.blocks import DISTRICT_COLUMNS as COLUMNS
from qicsim.runs.draws import names, prior_draws
from qicsim.runs.ensemble import Districts, run_ensemble
from qicsim.runs.readout import province_values, values
from tests.plan.conftest import LONGER

POLICY = default_country().policy

HEADLINES = ("true", "recorded", "true_80", "recorded_80", "coverage", "active", "visits", "unscored", "inflation")


@pytest.fixture(scope="module")
def comparison(scenarios, draws):
    return compare(run_ensemble(scenarios[::-1], draws, replicates=2), scenarios[1].name)


@pytest.fixture(scope="module")
def followed(comparison, scenarios):
    sums, coaches, launched = comparison.ensemble.districts(scenarios[0].name)
    return Districts(sums[:, -4:].astype(float), coaches[:, -4:].astype(float), launched)


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

    assert plan.budget.own.mean.sum(axis=1).reshape(3, -1) == pytest.approx(told)
    assert plan.budget.own.by_year.mean.sum() == pytest.approx(told.sum())
    assert (told.sum() > 0.0) and plan.budget.increment.total.mean[ALL] > 0.0


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

    assert (nation.level, nation.name, nation.name_km) == (NATION, "The register", "")
    assert plan.whole == "the register"
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
    budget = plan.budget.own

    assert budget.by_part.mean[1:].sum(axis=0) == pytest.approx(budget.by_year.mean)
    assert budget.by_payer.mean.sum(axis=0) == pytest.approx(budget.by_year.mean)
    assert budget.by_line.mean.sum(axis=0) == pytest.approx(budget.by_year.mean)
    assert budget.by_province.mean.sum(axis=0) == pytest.approx(budget.by_year.mean)
    assert budget.discounted.mean[0] == pytest.approx(float(budget.by_year.mean @ plan.budget.factors))
    assert plan.budget.factors == pytest.approx(1.03 ** -np.array([0.5, 1.5, 2.5]))


def test_what_the_plan_adds_is_the_scenario_minus_the_reference_in_every_division(plan):
    held = plan.budget

    assert held.own.mean - held.reference.mean == pytest.approx(held.increment.mean)
    for name in ("by_year", "by_payer", "by_line", "by_province", "by_part", "by_payer_part", "total", "discounted"):
        own, other, more = (getattr(part, name).mean for part in (held.own, held.reference, held.increment))
        assert own - other == pytest.approx(more, abs=1e-6), name
    assert held.increment.total.mean[ALL] == pytest.approx(float(held.increment.by_year.mean.sum()))
    assert held.increment.total.mean[1:].sum() == pytest.approx(held.increment.total.mean[ALL])
    assert held.increment.by_payer_part.mean.sum(axis=0) == pytest.approx(held.increment.total.mean)
    assert held.increment.total.mean[PAYMENTS] > 0.0


def test_the_baseline_year_has_a_cost_too(plan, comparison, scenarios):
    table = comparison.costs
    told = table[(table["scenario"] == scenarios[0].name) & (table["year"] == 2026)]["mean"].sum()

    assert plan.budget.baseline.mean[ALL] == pytest.approx(told) != 0.0
    assert plan.budget.baseline.mean[1:].sum() == pytest.approx(told)


def test_uncertain_unit_costs_are_those_of_a_decision_and_count_nothing_twice(plan, comparison, scenarios):
    ensemble, name = comparison.ensemble, scenarios[0].name
    factors = frame(ensemble, name, Settings(unit_costs="by line", seed=ensemble.seed)).factors[name]
    told = spending(ensemble, name, ("line",), factors).within(2027, 2029).by().total()
    scale = ensemble.draws.values[:, names().index("costs.collaborative")]

    assert plan.budget.uncertain.mean[0] == pytest.approx(told.mean())
    assert plan.budget.uncertain.mean[1] != pytest.approx(plan.budget.own.total.mean[1])
    assert np.ptp(scale) > 0.0
    assert (factors * scale[:, None])[:, COST_LINES.index("coach_visits")] == pytest.approx(
        line_factors(ensemble.runners[name].world.unit_costs, len(scale), seed=1)[:, COST_LINES.index("coach_visits")])


# --------------------------------------------------------------------------------------------------------- chances


def test_a_target_says_how_many_runs_reach_it_and_what_most_of_them_reach():
    sample = np.array([[0.0, 5.0, np.nan], [1.0, 5.0, 2.0], [1.0, 5.0, np.nan], [8.0, 5.0, 4.0], [10.0, 5.0, np.nan]])
    reached, sure = chances(sample, 1)
    below, least = chances(sample, -1)

    assert reached.tolist() == [0.4, 1.0, 0.5]
    assert sure == pytest.approx([0.8, 5.0, 2.4])
    assert below.tolist() == [0.6, 1.0, 0.5]
    assert least == pytest.approx([8.4, 5.0, 3.6])
    assert all(np.isnan(part).all() for part in chances(np.full((3, 2), np.nan), 1))


def test_targets_of_a_plan_hold_their_chance_and_their_means_of_verification(plan):
    target = plan.target("recorded_80")

    assert (target.sure <= target.median + 1e-12).all()
    assert ((target.reached > 0.0) & (target.reached <= 1.0)).all()
    assert (target.shown_unit, target.difference_unit) == ("%", "percentage points")
    assert (plan.target("true").shown_unit, plan.target("true").difference_unit) == ("points", "points")
    assert {one.name for one in plan.targets if not one.observed} == {
        "true", "true_80", "people_true_80", "unscored", "inflation"}
    assert all(one.verified for one in plan.targets)
    assert not any("Facility teams" in one.responsible for one in plan.targets if not one.observed)


# -------------------------------------------------------------------------------------------------------- warnings


def test_a_register_smaller_than_the_plan_is_warned_of(plan):
    assert not any("not made for this register" in one for one in plan.warnings)  # seven of seven districts
    assert any("simulated, not known" in one for one in plan.warnings)
    assert (plan.known.register, plan.known.joins, plan.known.scores) == (True, False, False)


@pytest.mark.parametrize(("districts", "provinces", "told"), [
    (8, 3, "allows 8 operational districts in 3 provinces, and the register has 7 in 3."),
    (7, 4, "allows 7 operational districts in 4 provinces, and the register has 7 in 3"), (6, 3, ""), (1000, 3, "")])
def test_one_place_too_few_is_enough_for_the_warning(scenarios, tmp_path, districts, provinces, told):
    (tmp_path / "register.csv").write_text(scenarios[0].data["register"].read_text())
    (tmp_path / "own.toml").write_text(LONGER.replace("districts = 7", "districts = 6").replace("provinces = 3", "") + (
        f"provinces = {provinces}\ndistricts = {districts}\n"))
    plan = make_plan(load_scenario(tmp_path / "own.toml"), scenarios[1], draws=prior_draws(2, 1), replicates=1)
    (found,) = [one for one in plan.warnings if "not made for this register" in one] or [""]

    assert bool(found) == bool(told)
    assert told in found


def test_a_national_roll_out_on_a_small_register_is_warned_of_with_both_numbers(scenarios, draws, tmp_path):
    (tmp_path / "register.csv").write_text(scenarios[0].data["register"].read_text())
    text = LONGER.replace("districts = 7", "districts = 29").replace("provinces = 3", "provinces = 25")
    (tmp_path / "large.toml").write_text(text + "districts = 100\n")
    plan = make_plan(load_scenario(tmp_path / "large.toml"), scenarios[1], draws=prior_draws(1, 1), replicates=1)

    assert "it allows 100 operational districts in 25 provinces, and the register has 7 in 3" in plan.warnings[1]
    assert "as 29 are allowed already at the end of 2026" in plan.warnings[1]
    assert plan.warnings[0].startswith("There is one run only")


def test_a_plan_that_does_worse_is_warned_of(scenarios):
    worse = make_plan(scenarios[1], scenarios[0], draws=prior_draws(4, 1), replicates=1)
    better = make_plan(*scenarios, draws=prior_draws(4, 1), replicates=1)
    lower = [-worse.target(name).difference.mean[0, -1] for name in ("recorded", "true")]

    assert (f"does worse than the reference at the end of 2029: mean recorded NQEM score {lower[0]:.1f} points and "
            f"mean true quality {lower[1]:.1f} points lower") in worse.warnings[-1]
    assert not any("worse" in one for one in better.warnings)
    complete = replace(better, missing=())
    beaten = replace(complete.value, options=tuple(replace(one, status="extendedly dominated")
                                                   for one in complete.value.options))

    assert (complete.recommended, replace(worse, missing=()).recommended) == (True, False)
    assert not replace(complete, value=beaten).recommended


def test_what_was_not_compared_with_every_shipped_plan_is_not_recommended(scenarios):
    alone = make_plan(*scenarios, draws=prior_draws(2, 1), replicates=1)

    assert alone.better and not alone.dominated
    assert alone.missing and not alone.recommended


def test_national_2030_is_not_recommended_where_a_shipped_plan_dominates_it():
    plan, reference = load_scenario("national-2030"), load_scenario("reported")
    alone = make_plan(plan, reference, draws=4, replicates=1)
    beside = make_plan(plan, reference, shipped_beside(plan, (plan.name, reference.name)), draws=4, replicates=1)

    assert "dominated" not in alone.standing.status  # what the reference alone would say
    assert not alone.recommended
    assert "Plan: every district by 2030, with PBF reform" in alone.missing
    assert beside.missing == ()
    assert beside.dominated and not beside.recommended
    assert {one.words.name for one in beside.options} == {*POLICY} - {reference.name}
    assert not any(one.name in ("pbf-only", "donor-exit-2029") for one in beside.value.options)


def test_what_an_option_brings_is_the_difference_of_the_runs(scenarios, draws, plan):
    (own,) = plan.options
    target = plan.target("true")

    assert own.words == plan.scenario
    assert own.gain["true"].mean == pytest.approx(target.difference.mean[0, -1], rel=1e-5)
    assert own.level["true"].high == pytest.approx(target.scenario.high[0, -1], rel=1e-5)
    assert own.programme.mean == pytest.approx(plan.budget.own.total.mean[1] / 3)
    assert own.public.mean == pytest.approx(plan.budget.increment.total.mean[0] / 3)


def test_quantities_are_what_runs_count(plan, comparison, scenarios):
    """Districts are managed and coaches are paid every month that they are there."""
    held, last = plan.budget, 3
    rows = {line: at for at, line in enumerate(held.lines)}
    scale = comparison.ensemble.draws.values[:, names().index("costs.collaborative")].repeat(2)
    booked = spending(comparison.ensemble, scenarios[0].name, ("line",)).within(2027, 2029).usd
    unit = comparison.ensemble.runners[scenarios[0].name].world.unit_costs.usd[UNIT_COSTS.index("district_overhead")]
    counted = booked[:, last - 1, rows["overhead"]] / (unit * scale[::2])

    managed = held.quantities.own[rows["overhead"], last - 1]
    assert managed == pytest.approx(12 * plan.launches.by_year[:, last].sum(), rel=1e-4)
    assert managed == pytest.approx(counted.mean(), rel=1e-4)
    assert held.quantities.units[rows["coach_posts"]] == "post-month"
    assert 0.0 < held.quantities.own[rows["coach_posts"]].max() <= 12.5 * plan.coaches.at_work.mean[0].max() + 12.0
    assert (held.quantities.own[rows["programme_staff"]] == 12.0).all()


def test_the_baseline_of_the_shipped_register_stands_beside_the_report():
    ever = interval_of(np.array([[[380.0]], [[390.0]], [[400.0]]]))

    assert "398 facilities were reported to have joined by 2021-12; in the runs 390 (381 to 399)" in reported_words(
        ever, 2026, default_country())
    assert "lies inside" in reported_words(ever, 2026, default_country())
    assert "lies outside" in reported_words(interval_of(np.array([[[380.0]], [[390.0]]])), 2026, default_country())


# --------------------------------------------------------------------------------------------------------- options


def test_options_come_from_one_ensemble_and_are_held_against_each_other(scenarios, draws, plan):
    third = replace(change(scenarios[0], from_="2027-01", coaches=1), name="fewer")
    first = make_plan(*scenarios, [third], draws=draws, replicates=2)
    costs = [option.cost for option in first.value.options]

    assert np.array_equal(first.target("true").scenario.mean, plan.target("true").scenario.mean)
    assert [one.words.name for one in first.options] == [scenarios[0].name, "fewer"]
    assert {option.name for option in first.value.options} == {scenarios[0].name, scenarios[1].name, "fewer"}
    assert costs == sorted(costs)
    assert sum(option.best for option in first.value.options) == pytest.approx(1.0)
    assert plan.value is not None
    by_name = {option.name: option for option in plan.value.options}
    assert by_name[scenarios[0].name].cost == pytest.approx(float(plan.budget.own.discounted.mean[0]))
    apart = {step.title: step.cost for step in plan.value.without}
    assert len(apart) == len(by_name)
    assert all(apart[option.title] < option.cost for option in plan.value.options)


def test_options_that_do_not_fit_are_refused_together(scenarios, draws):
    short = load_scenario("national-2030", horizon_end="2028-12")
    twin = replace(scenarios[1], name=scenarios[0].name)

    with pytest.raises(SettingError, match="horizon of national-2030") as caught:
        make_plan(*scenarios, [short, twin], draws=draws)
    assert "two scenarios are called" in str(caught.value)


def test_the_most_influential_parameter_comes_first():
    draws, scenario = prior_draws(32, 1), load_scenario("reported")
    place = names().index("coaching.skill")
    outcomes = {"as skill": draws.values[:, place] ** 3, "flat": np.ones(32)}
    found = influence_of(draws, {name: Outcome(outcome, (scenario,)) for name, outcome in outcomes.items()})

    assert found.names[0] == "coaching.skill"
    assert found.rho[0, 0] == pytest.approx(1.0)
    assert found.drivers[0, 0] and not found.drivers[:, 1].any()
    assert np.isnan(found.rho[:, 1]).all()


def test_costs_are_no_cause_of_what_they_cannot_move():
    draws, scenario = prior_draws(32, 1), load_scenario("reported")
    usd = draws.values[:, names().index("costs.assessment")]
    found = influence_of(draws, {"quality": Outcome(usd, (scenario,)),
                                 "spending": Outcome(usd, (scenario,), money=True)})
    row = found.names.index("costs.assessment")

    assert np.isnan(found.rho[row, 0])
    assert found.rho[row, 1] == pytest.approx(1.0)
    assert found.limits[1] > found.limits[0]



def test_levers_that_differ_are_told_with_their_months(plan):
    (row,) = plan.levers

    assert row.name == "recruiting"
    assert (row.values, row.reference) == ((("2027-01", "yes"),), (("2027-01", "no"),))


def test_a_ramp_is_told_as_one_with_whole_districts():
    rows = {row.name: row for row in lever_rows(load_scenario("national-2030"), load_scenario("reported"),
                                                tuple(range(2027, 2036)))}

    assert rows["districts"].values == (("2027-01 to 2030-09", "29 to 100 in equal steps"),)
    assert rows["districts"].reference == (("2027-01", "29"),)
    assert rows["reenrol"].values == (("2027-01", "yes"), ("2028-01", "no"))


def test_districts_are_whole_as_in_the_runs():
    assert whole_districts(np.array([30.5778, 99.9999999999, 29.0])).tolist() == [30.0, 100.0, 29.0]
    assert due_of(np.array([30.0, 40.0, 100.0, 100.0])) == 2
    assert due_of(np.array([29.0, 29.0])) == 0


def test_sources_name_every_parameter_unit_cost_and_file(plan, draws):
    assert [row.name for row in plan.sources.parameters] == list(names())
    assert all(row.source and row.grade for row in plan.sources.parameters)
    assert len(plan.sources.unit_costs) == len(UNIT_COSTS)
    assert {file.kind: file.shipped for file in plan.sources.data}["register"] is False
    assert plan.sources.parameters[0].low == pytest.approx(np.percentile(draws.values[:, 0], 5))


# ------------------------------------------------------------------------------------------------ progress and faults


def test_progress_counts_runs_and_workers_change_nothing(scenarios, draws, plan):
    told = []
    again = make_plan(*scenarios, draws=draws, replicates=2, workers=1, store=False,
                      progress=lambda *step: told.append(step))

    assert told[-1] == (24, 24)
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert np.array_equal(again.target("true").scenario.mean, plan.target("true").scenario.mean)
    assert np.array_equal(again.launches.quarter, plan.launches.quarter)


def test_a_plan_against_itself_differs_by_nothing(scenarios, draws):
    own = make_plan(scenarios[0], scenarios[0], draws=draws)

    assert not own.target("true").difference.mean.any()
    assert own.budget.increment.total.mean[ALL] == 0.0
    assert own.levers == ()
    assert any("are the same" in warning for warning in own.warnings)
    assert own.value is None


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
