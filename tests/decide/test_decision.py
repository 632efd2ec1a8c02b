"""A decision read from an ensemble: what it adds up to, what it says when there is little to say, what it refuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qicsim.decide.decision import decide, plans_to_try
from qicsim.decide.decision_inputs import PAYMENT, check_horizons, frame
from qicsim.decide.effects import OUTCOMES
from qicsim.decide.frontier import frontier
from qicsim.decide.outcomes import ONE_SCENARIO
from qicsim.decide.settings import Settings, StudyPlan, Target
from qicsim.decide.tables import TABLES, tables
from qicsim.decide.value import large_steps
from qicsim.ground.errors import SettingError
from qicsim.inputs.scenario import load_scenario
from qicsim.model.columns import COST_LINES, PBF_LINES, PBF_PAYMENTS
from qicsim.runs.assumptions import named, run_assumptions
from qicsim.runs.ensemble import Ensemble, run_ensemble
from qicsim.runs.posterior import draws_said, posterior_draws
from tests.helpers import quick_decide
from tests.worlds import EVERYTHING, SCENARIO, register_text

DRAWS = 24
SOME = Settings(first=2019, target=Target(0.5, 2020), study=StudyPlan(sizes=(5, 20)))


@pytest.fixture(scope="module")
def scenarios(tmp_path_factory):
    place = tmp_path_factory.mktemp("world")
    (place / "register.csv").write_text(register_text())
    coached = SCENARIO.replace("A small country", "More coaches") + "coaches = 6\n"
    texts = {"small": SCENARIO, "coached": coached, "rich": EVERYTHING.replace("A small country", "Everything")}
    for name, text in texts.items():
        (place / f"{name}.toml").write_text(text)
    return [load_scenario(place / f"{name}.toml") for name in texts]


@pytest.fixture(scope="module")
def runs(scenarios):
    return run_ensemble(scenarios, posterior_draws(DRAWS), seed=3)


@pytest.fixture(scope="module")
def decision(runs):
    return decide(runs, "small", SOME)


def levels(runs, settings=SOME):
    """What payments are over what they were in the simulation, by draw."""
    found = frame(runs, "small", settings)
    return found.table[:, found.parameters.index(PAYMENT)]


def only(runs: Ensemble, *names: str) -> Ensemble:
    """The ensemble with some scenarios."""
    return replace(runs, runners={name: runs.runners[name] for name in names},
                   kept={name: runs.kept[name] for name in names})


# --------------------------------------------------------------------------------------------------- what it adds up to


def test_costs_are_the_sum_of_years_lines_and_payers(decision, runs):
    spent = np.diff(runs.kept["rich"].cost.sum(axis=(2, 3), dtype=float), axis=1)[:, -2:]

    assert decision.years == (2019, 2020)
    spent[:, :, PBF_PAYMENTS] *= levels(runs)[:, None, None]
    assert decision.bill.plain[2] == pytest.approx(spent.sum(axis=(1, 2, 3)), rel=1e-6)
    assert decision.bill.lines["rich"].total() == pytest.approx(spent.sum(axis=1), rel=1e-5, abs=1e-2)
    assert decision.bill.places["rich"].yearly() == pytest.approx(decision.bill.lines["rich"].yearly())


def test_money_is_discounted_from_the_middle_of_its_year(decision):
    yearly = decision.budget.spent["rich"]

    assert decision.bill.costs[2] == pytest.approx(yearly @ np.array([1.03**-0.5, 1.03**-1.5]))


def test_perspectives_part_the_money(decision, runs):
    government, donor = (quick_decide(runs, "small", replace(SOME, perspective=who)) for who in ("government", "donor"))

    assert government.bill.costs + donor.bill.costs == pytest.approx(decision.bill.costs)
    assert donor.bill.costs[2].mean() > 0.0
    assert decision.bill.lines["rich"].usd == pytest.approx(government.bill.lines["rich"].usd)


def test_every_outcome_is_there_and_the_reference_gains_nothing(decision):
    assert list(decision.gains) == [outcome.name for outcome in OUTCOMES]
    assert all((gain.gained[0] == 0.0).all() for gain in decision.gains.values())
    assert decision.gains["points_true"].plain[1] == pytest.approx(
        decision.gains["points_true"].yearly[1].sum(axis=1))


def test_the_worth_is_where_the_last_large_step_pays_unless_it_is_given(decision, runs):
    last = decision.value.steps[-1].icer
    given = quick_decide(runs, "small", replace(SOME, worth=1234.0))

    assert decision.value.worth == pytest.approx(last, rel=0.05)
    assert not decision.value.given
    assert given.value.worth == 1234.0
    assert given.value.net[1] == pytest.approx(1234.0 * given.gains["facility_years_true_80"].discounted[1]
                                               - given.bill.costs[1])


def test_a_step_that_brings_next_to_nothing_sets_no_worth():
    table = frontier(np.array([1.0, 2.0, 4.0, 9.0])[:, None], np.array([0.0, 5.0, 10.0, 10.5])[:, None], list("abcd"))

    assert [row.name for row in table.on] == ["a", "b", "c", "d"]
    assert [row.name for row in large_steps(table)] == ["a", "b", "c"]


def test_worse_outcomes_count_against_a_scenario(runs):
    less = quick_decide(runs, "small", replace(SOME, outcome="slope_true"))

    assert less.value.plane.extra_effects == pytest.approx(-less.gains["slope_true"].gained)


def test_the_study_is_of_the_facilities_that_there_are(decision):
    assert list(decision.learning.studies) == ["true", "gap"]
    assert decision.learning.studies["true"].study.sizes.tolist() == [5.0, 20.0]
    assert "at the end of 2018 among 41" in decision.learning.assumptions[0]
    assert decision.learning.studies["true"].study.cost == pytest.approx(20_000.0 + 180.0 * np.array([5.0, 20.0]))
    assert decision.learning.first.startswith(("24 draws are too few to name a study", "No s"))


def test_studies_of_both_measures_are_judged_together(decision):
    luck = np.max([one.study.luck for one in decision.learning.studies.values()], axis=0)

    for one in decision.learning.studies.values():
        assert one.study.chance == pytest.approx([(1 + (luck >= value).sum()) / 100 for value in one.study.value])


# ------------------------------------------------------------------------------------------------------------- budget


def test_a_budget_that_nothing_fits_is_said_plainly(runs):
    poor = quick_decide(runs, "small", replace(SOME, ceiling=1.0)).budget

    assert poor.fits.fitting == ()
    assert poor.sentence.startswith("No scenario fits the ceiling with a risk of at most 10\u00a0%")
    assert poor.excess["rich"].ever == 1.0


def test_a_ceiling_by_year_limits_its_year(runs):
    held = quick_decide(runs, "small", replace(SOME, ceiling={2020: 1.0})).budget

    assert held.excess["rich"].probability.tolist() == [0.0, 1.0]
    assert held.impact["rich"].by_year.mean == pytest.approx((held.spent["rich"] - held.spent["small"]).mean(axis=0))


def test_a_ceiling_counts_what_it_is_said_to_count(runs):
    lines = decide(runs, "small", SOME).bill.lines
    names = ("small", "coached", "rich")
    whole = {name: lines[name].yearly() for name in names}
    bought = [line for line in COST_LINES if line not in PBF_LINES]
    counted = {"all": whole, "programme": {name: lines[name].only(line=bought).yearly() for name in names},
               "added": {name: np.maximum(whole[name] - whole["small"], 0.0) for name in names}}
    ceiling = float(np.median(counted["programme"]["coached"]))

    for which, usd in counted.items():
        held = quick_decide(runs, "small", replace(SOME, ceiling=ceiling, ceiling_is=which)).budget

        assert {name: held.excess[name].ever for name in names} == {
            name: (usd[name] > ceiling).any(axis=1).mean() for name in names}
        assert held.by_year["rich"].total.mean == pytest.approx(whole["rich"].sum(axis=1).mean())
    mine = {name: lines[name].only(line=bought, payer=["donor"]).yearly() for name in names}
    donors = replace(SOME, ceiling=0.5 * ceiling, ceiling_is="programme", perspective="donor")
    held = quick_decide(runs, "small", donors)
    assert {name: held.budget.excess[name].ever for name in names} == {
        name: (mine[name] > 0.5 * ceiling).any(axis=1).mean() for name in names}
    with pytest.raises(SettingError, match="programme, added, all"):
        Settings(ceiling_is="mine")


def test_without_a_ceiling_none_is_tested(decision):
    assert decision.budget.excess == {}
    assert decision.budget.sentence == "No ceiling was given, so none is tested."
    assert set(decision.robust.thresholds) == {"target", "slope_true", "range_true"}


# -------------------------------------------------------------------------------------------------- unit costs by line


def test_unit_costs_by_line_take_the_place_of_the_scales(runs, decision):
    by_line = decide(runs, "small", replace(SOME, unit_costs="by line"))
    found, names = by_line.bill.lines["small"], by_line.learning.alone.names
    scale = runs.draws.values[:, list(_parameters()).index("costs.collaborative")]
    ratio = found.only(line="overhead").yearly() / decision.bill.lines["small"].only(line="overhead").yearly()
    factor = ratio[:, 0] * scale

    assert not [name for name in names if name.startswith("costs.")]
    assert "unit_costs.overhead" in names
    assert ratio[:, 0] == pytest.approx(ratio[:, 1])
    assert np.corrcoef(np.log(factor), np.log(scale))[0, 1] < 0.5
    assert found.only(line="pbf").usd == pytest.approx(decision.bill.lines["small"].only(line="pbf").usd)
    assert names[-1] == PAYMENT
    assert "rich: held by a budget in the simulation" in by_line.notes[-1]


def _parameters():
    from qicsim.runs.draws import names

    return names()


# ---------------------------------------------------------------------------------------------------------- robustness


def test_the_target_has_a_chance_between_always_and_never(runs):
    sure, never = (quick_decide(runs, "small", replace(SOME, target=Target(share, 2020))).aim for share in (0.0, 1.0))

    assert (sure.meant.probability == 1.0).all()
    assert never.meant.probability.max() < 0.2
    assert "too one-sided" in never.drivers[never.likeliest].sentence
    line, middle = never.middle[never.likeliest]
    assert 0.0 <= line < 1.0
    assert middle.sentence


# -------------------------------------------------------------------------------------------------------- assumptions


@pytest.fixture(scope="module")
def others(runs):
    scenarios = [runner.scenario for runner in runs.runners.values()]
    return run_assumptions([named("breadth-none"), named("charts")], scenarios, runs.draws, seed=3)


@pytest.fixture(scope="module")
def tried(runs, others):
    return quick_decide(runs, "small", SOME, others=others)


def test_the_choice_as_simulated_stands_first_and_is_that_of_the_decision(tried, decision):
    own = tried.assumed.choices[0]

    assert [one.key for one in tried.assumed.choices] == ["as simulated", "breadth-none", "charts"]
    assert own.net == pytest.approx(decision.value.net.mean(axis=1))
    assert own.best == decision.value.best
    assert own.regret == pytest.approx(decision.robust.regret.mean)
    assert [row.icer for row in own.steps] == pytest.approx([row.icer for row in decision.value.steps], nan_ok=True)


def test_under_an_assumption_the_choice_is_that_of_a_decision_made_of_its_runs(tried, others, decision):
    for one in tried.assumed.choices[1:]:
        alone = quick_decide(others[one.key], "small", replace(SOME, worth=decision.value.worth))

        assert one.net == pytest.approx(alone.value.net.mean(axis=1))
        assert one.best == alone.value.best
        assert [(row.name, row.icer) for row in one.steps] == [(row.name, row.icer) for row in alone.value.steps]


def test_prices_of_a_point_are_of_one_facility_for_a_year(tried, runs):
    by_points = quick_decide(runs, "small", replace(SOME, outcome="points_true"))
    facilities = len(runs.runners["small"].world.register)

    own = tried.assumed.choices[0].by_point
    assert [row.name for row in own] == [row.name for row in by_points.value.steps]
    assert [row.icer for row in own[1:]] == pytest.approx([row.icer / facilities for row in by_points.value.steps[1:]])
    low, high = tried.assumed.prices
    assert low <= own[-1].icer <= high


def test_the_least_regret_is_the_smallest_of_the_largest_under_any_assumption(tried):
    assumed = tried.assumed
    worst = np.max([one.regret for one in assumed.choices], axis=0)

    assert worst[assumed.plans.index(assumed.least_regret)] == worst.min()


def test_the_table_says_from_which_price_each_plan_is_the_choice(tried):
    table = tables(tried)["assumptions"]

    assert len(table) == 3 * 3
    assert table.groupby("assumption")["best"].sum().tolist() == [1, 1, 1]
    assert (table["chosen_from"].dropna() >= 0.0).all()
    assert len(tables(tried)["assumptions"].query("assumption == 'charts'")["regret"].unique()) == 3


def test_other_draws_seeds_or_scenarios_are_refused(runs, others):
    few, sown = replace(runs, draws=posterior_draws(DRAWS - 1)), replace(runs, seed=4)
    for wrong, said in ((few, "has draws 23"), (sown, "has seed 4"), (only(runs, "small"), "has the scenarios small")):
        with pytest.raises(SettingError, match=f"assumption W: {said}"):
            decide(runs, "small", SOME, others={"charts": others["charts"], "W": wrong})


def test_plans_to_try_are_the_reference_and_those_that_are_not_dominated(runs, decision):
    plans = plans_to_try(runs, "small", SOME)

    tables_ = (decision.value.frontier, *decision.value.views.values())
    assert set(plans) == {"small", *(row.name for table in tables_ for row in table.on)}


# ----------------------------------------------------------------------------------------------- little to say, faults


def test_one_scenario_gives_plain_statements_instead_of_increments(runs):
    alone = decide(only(runs, "rich"), "rich", SOME)
    found = tables(alone)

    assert alone.learning.first == ONE_SCENARIO
    assert alone.robust.sentence == ONE_SCENARIO
    assert alone.budget.impact == {}
    assert not len(found["studies"])
    assert not len(found["plane"])
    assert found["frontier"]["status"].tolist() == ["on the frontier"]


def test_few_draws_say_that_they_are_few(scenarios):
    draws = posterior_draws(3)
    few = decide(run_ensemble(scenarios[:2], draws), "small", SOME)

    assert few.learning.alone is None
    assert few.learning.first.startswith("3 draws are too few to say what a study would be worth")
    assert few.notes == (*draws_said(draws),
                         "3 draws are few: values of information and chances are rough below 200.")


def test_a_study_needs_a_year_before_the_choice(runs):
    found = decide(runs, "small", replace(SOME, first=2018)).learning

    assert found.studies == {}
    assert "No year before 2018 was simulated" in found.assumptions[0]
    assert found.first.startswith("A re-scoring before the choice could not be valued.")


def test_settings_tell_every_fault_at_once():
    with pytest.raises(SettingError) as caught:
        Settings(rate=3.0, perspective="goverment", outcome="deaths", ceiling={2030: -5.0, 2031: float("nan")},
                 worth=-1.0, first=2031, last=2030)

    assert [fault.place for fault in caught.value.faults] == [
        "discount rate", "perspective", "outcome", "first, last", "worth", "ceiling of 2030", "ceiling of 2031"]
    assert "A rate of 3 % is written 0.03." in str(caught.value)
    assert 'Did you mean "government"?' in str(caught.value)


def test_a_target_in_per_cent_is_refused_with_the_share():
    with pytest.raises(SettingError, match=r"target: 80\. Allowed: 0 to 1\. A share of 80 % is written 0\.8\."):
        Target(80.0)


def test_a_study_outside_its_ranges_is_refused():
    with pytest.raises(SettingError) as caught:
        StudyPlan(sizes=(), lost=2.0, setup=-1.0)

    assert [fault.place for fault in caught.value.faults] == ["study sizes", "study setup", "study lost"]


def test_what_does_not_fit_the_ensemble_is_told_at_once(runs):
    with pytest.raises(SettingError) as caught:
        decide(runs, "smal", replace(SOME, last=2040, target=Target(0.8, 2031)))

    assert [fault.place for fault in caught.value.faults] == ["reference", "last", "by"]
    assert 'Did you mean "small"?' in str(caught.value)


def test_years_are_refused_before_anything_runs(scenarios):
    with pytest.raises(SettingError, match=r"ceiling: names 2030\. Allowed: 2019 to 2020"):
        check_horizons(scenarios, replace(SOME, ceiling={2030: 1.0}))


def test_no_scenario_is_refused(runs):
    with pytest.raises(SettingError, match="there is no scenario to decide on"):
        decide(only(runs), "small", SOME)


def test_results_that_are_not_finite_are_refused_by_draw_and_year(runs):
    kept = runs.kept["coached"]
    cost = np.array(kept.cost)
    cost[5, 2] = np.nan
    broken = replace(runs, kept=dict(runs.kept) | {"coached": kept._replace(cost=cost)})

    with pytest.raises(SettingError, match=r"costs: draw 5, year \"2020\""):
        decide(broken, "small", SOME)


def test_every_table_has_rows_and_no_number_that_is_missing_by_accident(decision):
    found = tables(decision)

    assert set(found) == set(TABLES)
    assert [name for name, table in found.items() if not len(table)] == ["assumptions"]  # none was tried
    assert found["costs"]["usd"].sum() == pytest.approx(
        sum(decision.bill.lines[name].total().sum(axis=(1, 2)).mean() for name in decision.names))
    assert np.isfinite(found["effects"].select_dtypes("number")).all(axis=None)
    assert set(found["cost-places"].columns) >= {"province", "kind", "payer", "usd", "riel"}


def test_papers_put_first_the_choice_that_the_worth_turns_to_unless_the_worth_is_given(runs):
    """Where two choices are equally good on average, which one is called best is a matter of rounding."""
    free = decide(runs, "small", SOME).value
    given = decide(runs, "small", replace(SOME, worth=free.worth * 100.0)).value

    assert free.turned_to == (free.steps[-1].name if free.steps[-1].name in free.here.tied else free.best)
    assert given.turned_to == given.best
    assert free.sure_of(free.best) == pytest.approx(free.sure)
