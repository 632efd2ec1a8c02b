"""How starting values, dated changes and extended files become one value for each month."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qicsim.ground.calendar import parse_month
from qicsim.inputs.country import default_country
from qicsim.inputs.scenario import Scenario, ScenarioError, change, load_scenario
from qicsim.inputs.scenario.timeline import Change, paint
from qicsim.model.levers import MATCH_SIMILAR, SCHEDULE_LINEAR, SCHEDULE_TIERED

PROVINCES = default_country().by_people

HEAD = 'title = "A plan"\ndescription = "In plain words."\n'


@pytest.fixture
def scenario(tmp_path: Path):
    """Write scenario files, body by name, and load the last one."""
    def load(**bodies: str) -> Scenario:
        for name, body in bodies.items():
            (tmp_path / f"{name}.toml").write_text(HEAD + body, encoding="utf-8")
        return load_scenario(tmp_path / f"{name}.toml")
    return load


def at(scenario: Scenario, lever: str, month: str) -> float:
    """Value of a lever in a month."""
    return getattr(scenario.levers, lever)[parse_month(month) - scenario.start]


def test_an_empty_scenario_holds_the_defaults(scenario) -> None:
    """Eighteen years, every lever at its declared value, every province, the types that the model takes."""
    plan = scenario(plan="")

    assert (plan.start, plan.months) == (parse_month("2018-01"), 216)
    assert plan.provinces == PROVINCES
    assert plan.pbf_since == parse_month("2016-07")
    assert {values.shape for values in plan.levers} == {(216,)}
    assert plan.levers.coaches.dtype == np.float64
    assert plan.levers.schedule.dtype == plan.levers.support.dtype == plan.levers.sessions.dtype == np.int64
    assert set(plan.levers.coaches) == {2.0}
    assert all(values.flags.writeable and values.flags.c_contiguous for values in plan.levers)


def test_a_change_holds_from_its_month_on_and_the_later_month_wins(scenario) -> None:
    """Whatever the order of the blocks."""
    plan = scenario(plan='[levers]\ncoaches = 1\n[[change]]\nfrom = "2028-01"\ncoaches = 5\n'
                         '[[change]]\nfrom = "2027-01"\ncoaches = 3\nschedule = "linear"\nsupport = true')

    assert [at(plan, "coaches", month) for month in ("2018-01", "2026-12", "2027-01", "2027-12", "2028-01", "2035-12")
            ] == [1, 1, 3, 3, 5, 5]
    assert at(plan, "schedule", "2026-12") == SCHEDULE_TIERED
    assert at(plan, "schedule", "2027-01") == SCHEDULE_LINEAR
    assert at(plan, "support", "2027-01") == 1


def test_a_ramp_moves_in_equal_steps_and_whole_levers_round_down(scenario) -> None:
    """From the value of the month before to the new one, reached in the month of `ramp_to`."""
    plan = scenario(plan='[levers]\ncoaches = 2\nprovinces = 6\n[[change]]\nfrom = "2027-01"\nramp_to = "2027-04"\n'
                         'coaches = 4\nprovinces = 8\nsupport = true')

    months = ("2026-12", "2027-01", "2027-02", "2027-03", "2027-04", "2027-05")
    assert [at(plan, "coaches", month) for month in months] == [2, 2.5, 3, 3.5, 4, 4]
    assert [at(plan, "provinces", month) for month in months] == [6, 6, 7, 7, 8, 8]
    assert at(plan, "support", "2027-01") == 1


def test_a_later_change_breaks_a_ramp(scenario) -> None:
    """A ramp ends where somebody decides otherwise."""
    plan = scenario(plan='[levers]\ncoaches = 0\n[[change]]\nfrom = "2027-01"\nramp_to = "2027-10"\ncoaches = 10\n'
                         '[[change]]\nfrom = "2027-04"\ncoaches = 1')

    assert [at(plan, "coaches", month) for month in ("2027-03", "2027-04", "2027-10")] == [3, 1, 1]


def test_changes_may_fall_on_the_first_and_the_last_month(scenario) -> None:
    """And a ramp of one month is a change at once."""
    plan = scenario(plan='[horizon]\nstart = "2020-01"\nend = "2030-12"\n[[change]]\nfrom = "2020-01"\ncoaches = 3\n'
                         '[[change]]\nfrom = "2030-12"\nramp_to = "2030-12"\ncoaches = 5')

    assert [at(plan, "coaches", month) for month in ("2020-01", "2030-11", "2030-12")] == [3, 3, 5]


def test_a_ramp_may_reach_past_the_horizon(scenario) -> None:
    """Then the horizon shows its beginning."""
    plan = scenario(plan='[horizon]\nend = "2027-12"\n[levers]\ncoaches = 0\n'
                         '[[change]]\nfrom = "2027-01"\nramp_to = "2028-12"\ncoaches = 12')

    assert at(plan, "coaches", "2027-12") == 6


@given(before=st.integers(0, 600), value=st.integers(0, 600), first=st.integers(0, 30), steps=st.integers(1, 60))
def test_a_ramp_stays_between_its_ends_and_arrives(before: int, value: int, first: int, steps: int) -> None:
    """Amounts arrive exactly; whole numbers never overshoot."""
    for dtype in (np.int64, np.float64):
        values = np.full(100, before, dtype=dtype)
        paint(values, 0, Change("coaches", first, value, first + steps - 1))

        assert np.all((values >= min(before, value)) & (values <= max(before, value)))
        assert np.all(values[:first] == before)
        assert np.all(values[first + steps - 1:] == value)
        assert np.all(np.diff(values) * np.sign(value - before) >= 0)


def test_a_child_changes_the_starting_value_and_drops_nothing_else(scenario) -> None:
    """The parent's dated changes still apply."""
    plan = scenario(base='[levers]\ncoaches = 1\nvisits = 1\n[[change]]\nfrom = "2020-01"\ncoaches = 2',
                    plan='extends = "base.toml"\n[levers]\ncoaches = 3')

    assert [at(plan, "coaches", month) for month in ("2019-12", "2020-01")] == [3, 2]
    assert at(plan, "visits", "2018-01") == 1


def test_a_childs_starting_value_stands_against_the_parents_change_of_the_first_month(scenario) -> None:
    """The child has the last word on the month in which the horizon begins."""
    plan = scenario(base='[[change]]\nfrom = "2018-01"\ncoaches = 5',
                    plan='extends = "base.toml"\n[levers]\ncoaches = 3')

    assert set(plan.levers.coaches) == {3.0}


def test_an_earlier_end_does_not_make_a_sensible_plan_senseless(tmp_path: Path) -> None:
    """The plan is judged over its own horizon."""
    path = tmp_path / "plan.toml"
    path.write_text(HEAD + '[levers]\nrecruiting = true\nprovinces = 6\n[[change]]\nfrom = "2020-01"\ndistricts = 9',
                    encoding="utf-8")

    assert load_scenario(path, horizon_end="2019-12").months == 24


def test_a_childs_change_ends_the_parents_later_plans_for_that_lever(scenario) -> None:
    """Earlier ones stay, and other levers are left alone."""
    plan = scenario(base='[[change]]\nfrom = "2020-01"\ncoaches = 2.5\n'
                         '[[change]]\nfrom = "2025-01"\ncoaches = 5\nvisits = 2',
                    plan='extends = "base.toml"\n[[change]]\nfrom = "2023-01"\ncoaches = 3')

    assert [at(plan, "coaches", month) for month in ("2019-12", "2022-12", "2023-01", "2025-01")] == [2, 2.5, 3, 3]
    assert at(plan, "visits", "2025-01") == 2


def test_a_childs_ramp_begins_at_the_parents_value(scenario) -> None:
    """The parent's ramp is in progress when the child decides otherwise."""
    plan = scenario(base='[levers]\ncoaches = 0\n[[change]]\nfrom = "2020-01"\nramp_to = "2020-10"\ncoaches = 10',
                    plan='extends = "base.toml"\n[[change]]\nfrom = "2020-06"\nramp_to = "2020-07"\ncoaches = 7')

    assert [at(plan, "coaches", f"2020-{month:02d}") for month in (5, 6, 7, 10)] == [5, 6, 7, 7]


def test_a_later_horizon_inherits_what_was_decided_before_it(scenario) -> None:
    """The parent's earlier changes are in force from the first month; the child's starting values go before them."""
    base = '[[change]]\nfrom = "2020-01"\ncoaches = 5\nvisits = 2\n[[change]]\nfrom = "2028-01"\ncoaches = 6'
    plan = scenario(base=base, plan='extends = "base.toml"\n[horizon]\nstart = "2025-01"\n[levers]\nvisits = 1')

    assert (plan.start, plan.months) == (parse_month("2025-01"), 132)
    assert [at(plan, "coaches", month) for month in ("2025-01", "2028-01")] == [5, 6]
    assert at(plan, "visits", "2025-01") == 1


def test_a_shorter_horizon_keeps_the_first_months() -> None:
    """The caller may end earlier or later than the file; changes after the end do not matter."""
    whole, short = load_scenario("national-2030"), load_scenario("national-2030", horizon_end="2026-12")
    longer = load_scenario("national-2030", horizon_end="2040-12")

    assert (short.months, longer.months) == (108, 276)
    for name in whole.levers._fields:
        assert np.array_equal(getattr(short.levers, name), getattr(whole.levers, name)[:108])
        assert np.array_equal(getattr(longer.levers, name)[:216], getattr(whole.levers, name))


def test_other_keys_of_a_child_override_and_assumptions_are_added(scenario) -> None:
    """Title and description are the child's; an assumption that both make is listed once."""
    plan = scenario(
        base='assumptions = ["One.", "Two."]\n[pbf]\nsince = "2015-01"\n[rollout]\nprovinces = ["Kep"]\n'
             '[structure]\ncontagion = "threshold"\n[parameters]\nteam = { h_drop = 0.01, returns = 0.1 }',
        plan='extends = "base.toml"\nassumptions = ["Two.", "Three."]\n[parameters]\n"team.h_drop" = 0')

    assert plan.assumptions == ("One.", "Two.", "Three.")
    assert plan.pbf_since == parse_month("2015-01")
    assert (plan.provinces[:2], len(plan.provinces)) == (("Kep", "Phnom Penh"), 25)
    assert plan.structure.contagion == 1
    assert plan.parameters == {"team.h_drop": 0.0, "team.returns": 0.1}


def test_a_shipped_scenario_can_be_extended_from_anywhere(scenario) -> None:
    """By its name."""
    plan = scenario(plan='extends = "national-2030"\n[[change]]\nfrom = "2027-01"\ncoaches = 3\nmatching = "similar"')
    parent = load_scenario("national-2030")

    assert [at(plan, "coaches", month) for month in ("2026-12", "2027-01")] == [2, 3]
    assert at(plan, "matching", "2027-01") == MATCH_SIMILAR
    assert np.array_equal(plan.levers.districts, parent.levers.districts)


def test_names_of_a_register_of_ones_own_are_left_to_the_register(scenario, tmp_path: Path) -> None:
    """They are checked where the register is read."""
    (tmp_path / "mine.csv").write_text("id\n", encoding="utf-8")

    plan = scenario(plan='[rollout]\nprovinces = ["North", "South"]\n[data]\nregister = "mine.csv"')

    assert plan.provinces == ("North", "South")
    assert plan.data == {"register": (tmp_path / "mine.csv").resolve()}


def test_the_api_changes_levers_as_a_file_would(scenario) -> None:
    """Same values, same checks; the scenario itself is left alone."""
    base = load_scenario("reported")
    by_file = scenario(plan='extends = "reported"\n[[change]]\nfrom = "2027-01"\nramp_to = "2028-12"\n'
                            'visits = 2\nsupport = true')
    by_call = change(base, from_="2027-01", ramp_to="2028-12", visits=2, support=True)

    assert by_call.digest == by_file.digest != base.digest == load_scenario("reported").digest
    assert by_call.name == change(by_call, from_="2029-01", coaches=3).name == "reported-changed"
    assert change(base, from_="2027-01", name="mine", coaches=3).name == "mine"
    assert "from 2027-01 to 2028-12: visits = 2, support = True" in by_call.assumptions[-1]


@pytest.mark.parametrize(("levers", "expected"), [
    ({"from_": "2027-01", "coachs": 3}, 'Did you mean "coaches"?'),
    ({"from_": "2027-01", "visits": 75}, "visits: 75 is out of range"),
    ({"from_": "2017-01", "visits": 1}, "before the horizon begins"),
    ({"from_": "2036-01", "visits": 1}, "after the horizon ends"),
    ({"from_": "2027Q1", "visits": 1}, 'did you mean "2027-01"?'),
    ({"from_": "2027-01"}, "no lever is changed"),
])
def test_the_api_refuses_what_a_file_would_be_refused(levers: dict, expected: str) -> None:
    """With the same words."""
    with pytest.raises(ScenarioError, match=expected.replace("?", r"\?")):
        change(load_scenario("reported"), **levers)
