"""Drivers: one statistic, one limit of chance, and the same answer on every paper of one set of runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom, spearmanr

from qicsim.analysis.compare import compare
from qicsim.analysis.drivers import (
    FEWEST_DRAWS,
    Outcome,
    chance_limit,
    drivers,
    drivers_of,
    movers,
    rank_correlations,
)
from qicsim.decide.decision import decide
from qicsim.decide.settings import Settings, Target
from qicsim.inputs.scenario import load_scenario
from qicsim.plan.drivers import influence_of
from qicsim.runs.draws import names, prior_draws
from qicsim.runs.ensemble import run_ensemble
from tests.worlds import on_small

DRAWS, PARAMETERS = 64, 80
PLAN, REFERENCE = "national-2030", "reported"


def labels(count=PARAMETERS):
    return tuple(f"p{number:02}" for number in range(count))


# ------------------------------------------------------------------------------------------------------ the statistic


def test_the_statistic_is_spearmans_also_with_ties():
    rng = np.random.default_rng(3)
    columns = np.column_stack((rng.normal(size=(20, 2)), rng.integers(0, 3, 20), np.full(20, 4.0)))
    outcome = np.exp(2.0 * columns[:, 0]) + rng.normal(size=20)
    found = rank_correlations(columns, outcome)

    assert found[:3] == pytest.approx([spearmanr(column, outcome).statistic for column in columns.T[:3]])
    assert np.isnan(found[3]) and np.isnan(rank_correlations(columns, np.ones(20))).all()


def test_planted_drivers_are_named_the_stronger_first_and_no_other():
    """Of 80 parameters one lifts the outcome by twice what another lowers it by; the rest do nothing."""
    rng = np.random.default_rng(11)
    values = rng.random((200, PARAMETERS))
    outcome = np.exp(2.0 * values[:, 17] - values[:, 40]) + 0.1 * rng.normal(size=200)
    found = drivers(outcome, values, labels())

    assert [driver.parameter for driver in found.named] == ["p17", "p40"]
    assert found.named[0].correlation > found.limit > 0.0 > found.named[1].correlation
    assert found.named[0].highest > found.named[0].lowest and found.named[1].highest < found.named[1].lowest
    assert (found.draws, found.tested, len(found.ranked)) == (200, PARAMETERS, PARAMETERS)


def test_the_ends_are_means_over_the_outer_thirds():
    values = np.arange(30.0)[::-1, None]
    found = drivers(np.arange(30.0) ** 2, values, ("x",)).of("x")

    assert (found.lowest, found.highest) == (np.mean(np.arange(20, 30) ** 2), np.mean(np.arange(10) ** 2))
    assert found.correlation == pytest.approx(-1.0)


# -------------------------------------------------------------------------------------------------- the limit of chance


KINDS = pytest.mark.parametrize("kind", ["smooth", "share met", "alike parameters"])


def named_by_luck(kind, outcomes):
    """How many of so many outcomes that nothing moves name a driver."""
    rng = np.random.default_rng(7)
    wrong = 0
    for _ in range(outcomes):
        values = rng.normal(size=(DRAWS, 40))
        if kind == "alike parameters":
            values = values[:, :1] + 0.5 * values
        outcome = rng.normal(size=DRAWS) if kind != "share met" else (rng.random(DRAWS) < 0.3).astype(float)
        wrong += bool(drivers(outcome, values, labels(40)).named)
    return wrong


@KINDS
def test_of_sixty_outcomes_that_nothing_moves_few_name_a_driver(kind):
    """About 3 are expected; more than 9 would be the luck of one case in a thousand."""
    assert named_by_luck(kind, 60) <= binom.ppf(0.999, 60, 0.05)


@pytest.mark.slow
@KINDS
def test_of_two_hundred_outcomes_that_nothing_moves_one_in_twenty_names_a_driver(kind):
    """About 10 of 200 are expected; more than 20, or fewer than 3, would be the luck of one case in a thousand."""
    wrong = named_by_luck(kind, 200)

    assert wrong <= binom.ppf(0.999, 200, 0.05)
    assert wrong >= binom.ppf(0.001, 200, 0.05)


def test_outcomes_without_ties_have_one_limit_and_more_parameters_a_higher_one():
    rng = np.random.default_rng(5)
    values = rng.random((DRAWS, PARAMETERS))
    first, second = (chance_limit(values, rng.normal(size=DRAWS)) for _ in range(2))

    assert first == second
    assert first > chance_limit(values[:, :10], rng.normal(size=DRAWS)) > 1.96 / DRAWS**0.5


def test_few_draws_name_nothing_however_large_the_correlation():
    values = np.random.default_rng(2).random((FEWEST_DRAWS - 1, 3))
    few = drivers(values[:, 0], values, labels(3))

    assert few.of("p00").correlation == pytest.approx(1.0)
    assert (few.limit, few.named) == (1.0, ())


def test_an_outcome_that_does_not_vary_has_no_drivers():
    found = drivers(np.ones(DRAWS), np.random.default_rng(2).random((DRAWS, 3)), labels(3))

    assert (found.ranked, found.named, found.of("p00"), found.tested) == ((), (), None, 3)


# ------------------------------------------------------------------------------------------------ what can move what


def test_unit_costs_move_money_and_other_outcomes_only_under_a_ceiling():
    free = load_scenario(PLAN)
    short = replace(free, levers=free.levers._replace(budget=np.full_like(free.levers.budget, 1e5)))
    draws = prior_draws(4, 1)
    costs = {name for name in names() if name.startswith("costs.")}

    assert costs & set(movers(draws, [free])[1]) == set()
    assert costs <= set(movers(draws, [free], money=True)[1]) and costs <= set(movers(draws, [free, short])[1])


def test_a_parameter_that_only_one_of_two_scenarios_fixes_may_move_their_difference():
    draws, free = prior_draws(4, 1), load_scenario(PLAN)
    fixed = replace(free, parameters={"pdsa.spill": 0.1})

    assert "pdsa.spill" not in movers(draws, [fixed])[1]
    assert "pdsa.spill" in movers(draws, [fixed, free])[1]


# --------------------------------------------------------------------------------------------- one answer on all papers


@pytest.fixture(scope="module")
def ensemble():
    scenarios = [on_small(name, horizon_end="2031-12") for name in (REFERENCE, PLAN)]
    return run_ensemble(scenarios, prior_draws(DRAWS, 1))


def test_page_and_plan_name_the_same_drivers_of_the_gain(ensemble):
    gain = compare(ensemble, REFERENCE).gain(PLAN)
    outcome = Outcome(gain.points, tuple(ensemble.runners[name].scenario for name in (PLAN, REFERENCE)))
    plan = influence_of(ensemble.draws, {"gain": outcome})

    assert gain.name == PLAN
    assert {driver.parameter for driver in gain.drivers.named} == {
        name for name, is_driver in zip(plan.names, plan.drivers[:, 0], strict=True) if is_driver}
    assert gain.drivers.named
    assert plan.limits.tolist() == [gain.drivers.limit]


def test_decision_and_plan_name_the_same_drivers_of_the_target(ensemble):
    settings = Settings(target=Target(0.2, 2031, "recorded_80"), level="as simulated")
    aim = decide(ensemble, REFERENCE, settings).aim
    met = aim.meant.by_draw[aim.names.index(PLAN)]
    scenario = ensemble.runners[PLAN].scenario
    plan = influence_of(ensemble.draws, {"met": Outcome(met, (scenario,))})

    assert 3.0 <= met.sum() <= DRAWS - 3.0, "the target is met in some draws and missed in others"
    assert set(aim.drivers[PLAN].named) == {
        name for name, is_driver in zip(plan.names, plan.drivers[:, 0], strict=True) if is_driver}
    assert set(aim.drivers[PLAN].named) == {
        driver.parameter for driver in drivers_of(Outcome(met, (scenario,)), ensemble.draws).named}
    assert aim.drivers[PLAN].named
