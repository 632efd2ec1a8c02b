"""What is chosen: payments as transfers, ceilings, events, ties, other conventions, and what the first study is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qicsim.decide.currency import usd_words
from qicsim.decide.decision import decide
from qicsim.decide.decision_inputs import PAYMENT, frame
from qicsim.decide.frontier import ON
from qicsim.decide.information import Information, Perfect
from qicsim.decide.learning import first_study
from qicsim.decide.outcomes import outcomes
from qicsim.decide.reading import at_year_end, payment_factors
from qicsim.decide.rescore import AtWorth, Rescored, Valued, leading, sizes_of
from qicsim.decide.sensitivity import sensitivity
from qicsim.decide.settings import Settings, StudyPlan, Target
from qicsim.decide.studies import Study
from qicsim.decide.tables import tables
from qicsim.decide.value import point
from qicsim.ground.errors import SettingError
from qicsim.inputs.scenario import load_scenario
from qicsim.inputs.world.money import Payment
from qicsim.model.columns import PBF_PAYMENTS
from qicsim.runs.ensemble import run_ensemble
from qicsim.runs.posterior import posterior_draws
from tests.helpers import quick_decide
from tests.worlds import EVERYTHING, SCENARIO, register_text

SOME = Settings(first=2019, target=Target(0.5, 2020), study=StudyPlan(sizes=(5, 20)))
ROWS = (Payment("health_centre", 1000.0, 1000.0, 500.0, 3000.0, "s", "M"),
        Payment("referral_hospital", 4000.0, 4000.0, 2000.0, 12_000.0, "s", "M"))


def scenarios(place, end="2020-12", register=None):
    (place / "register.csv").write_text(register or register_text())
    texts = {"small": SCENARIO, "sessions and visits": SCENARIO + "coaches = 6\n", "shock-flood": EVERYTHING,
             "rich": EVERYTHING}
    for name, text in texts.items():
        (place / f"{name}.toml").write_text(text.replace("2020-12", end))
    return [load_scenario(place / f"{name}.toml") for name in texts]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return run_ensemble(scenarios(tmp_path_factory.mktemp("world")), posterior_draws(24), seed=3)


@pytest.fixture(scope="module")
def decision(runs):
    return decide(runs, "small", SOME)


# ------------------------------------------------------------------------------------------------------------ payments


def test_payments_are_left_out_of_costs_but_not_of_budgets(runs, decision):
    without = decide(runs, "small", replace(SOME, payments="left out"))
    paid = np.stack([one.only(line="pbf").by().total(decision.discounting) for one in decision.bill.lines.values()])

    assert paid.min() > 0.0
    assert without.bill.costs == pytest.approx(decision.bill.costs - paid)
    assert decision.bill.views["left out"] == pytest.approx(without.bill.costs)
    assert without.budget.spent["rich"] == pytest.approx(decision.budget.spent["rich"])
    assert decision.bill.payments == pytest.approx(paid.mean(axis=1) / decision.bill.costs.mean(axis=1))
    assert [row.name for row in without.value.frontier.rows] == [row.name for row in
                                                                decision.value.views["left out"].rows]
    assert PAYMENT not in without.learning.alone.names


def test_the_level_of_payments_has_its_range_and_is_one_for_all_scenarios():
    factors = payment_factors(ROWS, [1200, 110], 20_000, seed=1)

    low, middle, high = np.percentile(factors, (5.0, 50.0, 95.0))
    assert (low / middle, high / middle) == pytest.approx((0.25, 1.5), rel=0.03)
    assert factors.mean() == pytest.approx(1.0) and middle == pytest.approx(1.11, abs=0.01)
    assert payment_factors(ROWS, [1200, 110], 1) == pytest.approx(1.0)
    assert (payment_factors((replace(ROWS[0], grant=0.0, performance_pay=0.0),), [10], 5) == 1.0).all()


@pytest.mark.parametrize("how", ["as simulated", "by line"])
def test_every_scenario_pays_at_the_same_level_in_a_draw(runs, how):
    found = frame(runs, "small", replace(SOME, unit_costs=how))
    level = found.table[:, found.parameters.index(PAYMENT)]

    assert level.std() > 0.1
    for factors in found.factors.values():
        assert factors[:, PBF_PAYMENTS] == pytest.approx(level)


def test_payments_as_simulated_leave_money_as_it_is(runs):
    found = frame(runs, "small", replace(SOME, level="as simulated"))

    assert (found.level == 1.0).all() and PAYMENT not in found.parameters
    with pytest.raises(SettingError, match='level: "drown" is not known.*Did you mean "drawn"'):
        Settings(level="drown")


def test_payments_stand_among_unit_costs_with_range_source_and_grade(decision):
    row = tables(decision)["unit-costs"].set_index("key").loc["payment_to_a_health_centre"]

    assert (row["low"], row["usd"], row["high"], row["grade"]) == (500.0, 2000.0, 3000.0, "M")
    assert "H-EQIP" in row["source"]
    assert "US$ 1,000 of it is a fixed grant" in row["note"]


def test_grants_of_a_year_are_those_of_all_facilities(decision, runs):
    hospitals = int(runs.runners["small"].world.register.hospital.sum())
    centres = len(runs.runners["small"].world.register) - hospitals

    assert decision.bill.grants == pytest.approx(4.0 * (1000.0 * centres + 4000.0 * hospitals))


# -------------------------------------------------------------------------------------------------- what can be chosen


def test_events_stand_in_tables_and_are_never_chosen(decision):
    assert decision.options.events == ("shock-flood",)
    assert "shock-flood" not in {*decision.value.options, *decision.value.curves.names, *decision.robust.regret.names,
                                 *(row.name for row in decision.value.frontier.rows), decision.aim.likeliest}
    assert len(decision.value.net) == 3
    assert decision.value.plane.names == decision.names
    assert "shock-flood" in set(tables(decision)["effects"]["scenario"])


def test_events_alone_can_be_chosen(runs):
    assert quick_decide(runs, "small", replace(SOME, events=("*",))).options.events == ()


def test_what_asks_for_another_past_is_no_choice_unless_it_is_asked_for(runs):
    known = {name: replace(runner, scenario=replace(runner.scenario, known_until=runner.scenario.end - 3))
             for name, runner in runs.runners.items()}
    told = replace(runs, runners=known)
    asked = quick_decide(told, "small", replace(SOME, events=()))

    assert quick_decide(told, "small", SOME).options.events == tuple(name for name in known if name != "small")
    assert asked.options.events == ()
    assert sum("asks what if the past had been another" in said for said in asked.notes) == 3


def test_a_ceiling_forbids_and_what_is_left_is_weighed(runs, decision):
    peak = {name: float(np.percentile(usd.max(axis=1), 92.0)) for name, usd in decision.budget.spent.items()}
    held = quick_decide(runs, "small", replace(SOME, ceiling=0.5 * (peak["small"] + peak["rich"])))

    assert "rich" in held.options.forbidden and held.options.forbidden["rich"] > 0.1
    assert "small" in held.value.options and "rich" not in held.value.options
    assert held.options.fits
    assert held.value.best in held.value.options
    assert quick_decide(runs, "small", replace(SOME, ceiling=1.0)).value.options == decision.value.options
    assert quick_decide(runs, "small", replace(SOME, ceiling=1e12)).options.forbidden == {}


# ----------------------------------------------------------------------------------------------------------------- ties


def test_what_differs_by_less_than_its_error_is_a_tie():
    """A mean difference of 0.9 ties, one of 1.2 does not: the standard error of 100 paired differences of +-10 is 1."""
    luck = np.tile([-10.0, 10.0], 50)
    near, far = (point(outcomes(np.zeros((2, 100)), np.stack([np.zeros(100), apart + luck]), list("ab")), 1.0)
                 for apart in (0.9, 1.2))

    assert (near.best, near.tied) == ("b", ("a",))
    assert (far.best, far.tied) == ("b", ())
    assert near.evpi == pytest.approx(4.55)
    assert near.sure == 0.5


def test_key_numbers_stand_below_at_and_above_the_worth(decision):
    value = decision.value

    assert [one.worth for one in value.points] == pytest.approx([0.5 * value.worth, value.worth, 2.0 * value.worth])
    assert [one.evpi for one in value.points] == pytest.approx(
        [(net.max(axis=0).mean() - net.mean(axis=1).max()) for net in
         (value.held.net_benefit(one.worth) for one in value.points)])
    assert value.here.evpi == pytest.approx(decision.learning.perfect.value)


def test_information_is_given_over_worth_and_says_where_a_study_pays(decision):
    over = decision.learning.over

    assert over[4].worth == pytest.approx(decision.value.worth)
    assert over[4].evpi == pytest.approx(decision.learning.perfect.value)
    found = Rescored({}, (), (AtWorth(1.0, 9.0, 5, 3.0, 2.0, clear=False), AtWorth(2.0, 9.0, 5, 5.0, 2.0, clear=True),
                              AtWorth(3.0, 9.0, 5, 6.0, 1.0, clear=True)))
    assert found.pays == (2.0, 3.0)
    assert Rescored({}, (), found.over[:1]).pays == ()


def test_the_row_at_the_worth_is_that_of_the_study(decision):
    row, studies = decision.learning.over[4], decision.learning.studies

    assert row.net == pytest.approx(max(0.0, leading(studies).study.net.max()))
    assert row.clear == any(one.study.clear[one.study.place] for one in studies.values())


# ------------------------------------------------------------------------------------------------------- conventions


def test_other_conventions_are_worked_out_on_the_same_draws(runs, decision):
    cases = {str(case.words): case for case in decision.cases}
    undiscounted = quick_decide(runs, "small", replace(SOME, rate=0.0))

    assert list(cases) == ["as on this page", "costs and effects discounted at 0 % a year",
                           "costs and effects discounted at 6 % a year", "costs discounted, effects not",
                           "payments to facilities left out"]
    assert cases["as on this page"].steps == decision.value.steps
    own = [(row.name, row.icer) for row in undiscounted.value.steps]
    case = [(row.name, row.icer) for row in cases["costs and effects discounted at 0 % a year"].steps]
    assert [name for name, _ in case] == [name for name, _ in own]
    assert [icer for _, icer in case[1:]] == pytest.approx([icer for _, icer in own[1:]])


def test_a_nearer_end_counts_fewer_years(runs, monkeypatch):
    from qicsim.decide import sensitivity as module

    used = frame(runs, "small", replace(SOME, first=2018))
    whole = quick_decide(runs, "small", replace(SOME, first=2018))
    shorter = quick_decide(runs, "small", replace(SOME, first=2018, last=2019, base_year=2018,
                                                 target=Target(0.5, 2019)))
    monkeypatch.setattr(module, "EARLIER", 1)
    cases = sensitivity(used, whole.bill, whole.gains["facility_years_true_80"], whole.value)
    case = next(one for one in cases if one.words == "to 2019 only")

    assert [row.icer for row in case.steps[1:]] == pytest.approx([row.icer for row in shorter.value.steps[1:]])


# ------------------------------------------------------------------------------------------------- horizons, provinces


def test_a_last_year_that_was_simulated_in_part_is_left_out_and_named(tmp_path):
    runs = run_ensemble(scenarios(tmp_path, "2021-03")[:2], posterior_draws(20), seed=3)
    found = quick_decide(runs, "small", SOME)

    assert found.years == (2019, 2020)
    assert "Not counted, as it was not simulated to its end: 2021." in found.notes
    with pytest.raises(SettingError, match=r"last: 2021\. Allowed: 2018 to 2020, the whole years"):
        quick_decide(runs, "small", replace(SOME, last=2021))


def test_a_register_of_one_province_can_be_decided_on(tmp_path):
    one = "\n".join(line.replace("Kampong Cham", "Pursat").replace("Battambang", "Pursat")
                    for line in register_text().splitlines()) + "\n"
    some = scenarios(tmp_path, register=one)
    for name in ("small", "sessions and visits"):
        path = tmp_path / f"{name}.toml"
        path.write_text(path.read_text().replace('["Kampong Cham", "Battambang", "Pursat"]', '["Pursat"]').replace(
            "provinces = 3", "provinces = 1"))
    some = [load_scenario(tmp_path / f"{name}.toml") for name in ("small", "sessions and visits")]
    found = decide(run_ensemble(some, posterior_draws(20), seed=3), "small", SOME)

    assert set(found.robust.thresholds) == {"target"}
    assert (found.gains["slope_true"].plain == 0.0).all()


def test_both_measures_of_the_gap_must_hold_and_disagreement_is_named(decision):
    enough = decision.robust.enough
    slope, wide = (decision.gains[name].gained for name in ("slope_true", "range_true"))
    held = (slope <= 0.0) & (wide <= 0.0) & (decision.aim.meant.by_draw >= 0.5)

    assert enough.share == pytest.approx(held.mean(axis=1))
    assert decision.robust.disagree == tuple(
        name for name, one, other in zip(decision.names, slope.mean(axis=1), wide.mean(axis=1), strict=True)
        if one * other < 0.0)


def test_shares_reached_with_a_chance_are_quantiles(decision, runs):
    """One run of each draw: half of the runs are above the first, four fifths above the second."""
    share = at_year_end(runs, "true_80", 2020, "health_centre")[..., 0]

    for chance, reached in decision.aim.reached.items():
        assert ((share >= reached[:, None]).mean(axis=1) >= chance - 0.05).all()
        assert ((share > reached[:, None]).mean(axis=1) <= chance + 0.05).all()


# ----------------------------------------------------------------------------------------------------- the first study


def study(net, error, chance=0.01):
    one = np.array([1.0])
    return Valued("how good facilities truly are", Study(
        100.0 * one, (net + 10.0) * one, error * one, chance * one, one, one > 0, 10.0 * one, net * one, error * one,
        net + 10.0, np.zeros(99)))


def known(values, clear):
    return Information(("pdsa", "assessment"), np.array(values), np.ones(2), np.where(clear, 0.01, 0.9),
                       Perfect(100.0, 1.0, 0, ""))


def said(net=50.0, error=5.0, chance=0.01, values=(20.0, 10.0), clear=(True, True), draws=400):
    return first_study(1000.0, Perfect(100.0, 1.0, 0, ""), known(values, clear),
                       Rescored({"true": study(net, error, chance)}, (), ()), draws)


def test_a_study_that_no_other_could_beat_is_bought_first():
    told = said()

    assert told.startswith("Buy an independent re-scoring first: an independent re-scoring of 100 facilities")
    assert "the only study priced here" in told


def test_a_mechanism_that_could_be_worth_more_is_named_with_what_it_would_have_to_bring():
    told = said(values=(20.0, 70.0))

    assert told.startswith("Of the studies that are priced here, buy an independent re-scoring first")
    assert f"none is priced here: how the recorded score strays from the truth (at most {usd_words(70.0)}). " in told
    assert f"more than {usd_words(50.0)} beyond its cost" in told
    assert "(at most US$ 80); what a team's work adds, and how far it spills over (at most US$ 60)." in said(
        values=(60.0, 80.0))
    assert "could come before it" not in said(values=(20.0, 70.0), clear=(True, False))


def test_few_draws_name_no_study():
    assert said(draws=199).startswith("199 draws are too few to name a study (200 are needed). They hint that")
    assert "they hint at none" in said(draws=199, chance=0.4)
    assert "they hint at none" in said(draws=199, error=30.0)


def test_a_study_within_two_errors_of_its_cost_or_within_luck_is_not_named():
    assert said(error=30.0).startswith("No study can be named: ")
    assert said(chance=0.2).startswith("No study can be named: ")
    assert said(net=-5.0).startswith("No size of an independent re-scoring is worth its cost")


def test_the_mechanism_that_is_worth_most_is_taken_among_those_above_luck():
    told = said(net=-5.0, values=(90.0, 30.0), clear=(False, True))

    assert "most would be worth knowing how the recorded score strays from the truth" in told
    assert "No single mechanism's value" in said(net=-5.0, clear=(False, False))


def test_sizes_go_up_to_all_facilities():
    assert sizes_of(None, 1305) == [10, 20, 50, 100, 200, 400, 800, 1305]
    assert sizes_of(None, 41) == [10, 20, 41]
    assert sizes_of((5, 50), 41) == [5]
    assert sizes_of((50,), 41) == [41]


# ------------------------------------------------------------------------------------------------------------ settings


def test_what_is_no_number_is_refused_like_every_other_fault():
    with pytest.raises(SettingError) as caught:
        Settings(rate="3%", risk=None, worth="much", ceiling="plenty", payments="some")

    assert {fault.place for fault in caught.value.faults} == {"discount rate", "risk", "worth", "ceiling", "payments"}
    for broken in (lambda: Target("most"), lambda: StudyPlan(lost="half", sizes=("ten",)), lambda: Settings(first="x")):
        with pytest.raises(SettingError):
            broken()


def test_money_in_sentences_has_the_digits_of_tables():
    assert [str(usd_words(one)) for one in (12_526_425.0, 134_800_000.0, 3_560_000.0, 55_960.0, 999_999.0, 12.3)] == [
        "US$ 12.5 million", "US$ 134.8 million", "US$ 3.6 million", "US$ 56,000", "US$ 1.0 million", "US$ 12"]


def test_a_name_with_and_in_it_stays_one_name_in_the_tables(decision):
    table = tables(decision)["frontier"].set_index("scenario")

    assert "sessions and visits" in table.index
    assert (table["status"] == ON).sum() == len(decision.value.frontier.on)
