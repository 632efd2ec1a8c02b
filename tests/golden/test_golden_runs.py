"""Golden runs: three small runs give the numbers that are kept; and the comparison can fail."""

import copy

import pytest

from tests.golden.runs import INDICATORS, RELATIVE, SCENARIOS, differences, kept, numbers


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_golden_run_gives_the_numbers_that_are_kept(name):
    """If the change is meant: `python -m tests.golden.update`, and a line marked Regression in CHANGELOG.md."""
    assert differences(numbers(name), kept(name)) == []


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_golden_run_keeps_twelve_indicators_that_say_something(name):
    expected = kept(name)

    assert tuple(expected) == ("quarters", *INDICATORS)
    assert len(INDICATORS) == 12
    assert len({value for indicator in INDICATORS for value in expected[indicator]}) > 50


@pytest.mark.parametrize("indicator", INDICATORS)
def test_the_comparison_fails_for_a_change_of_any_indicator(indicator):
    expected = kept("everything")
    other = copy.deepcopy(expected)
    other[indicator][-1] = other[indicator][-1] * (1.0 + 10.0 * RELATIVE) + 1e-11

    assert [difference.split(":")[0] for difference in differences(other, expected)] == [indicator]


def test_the_comparison_fails_for_a_missing_indicator_or_quarter():
    expected = kept("everything")
    without = {name: values for name, values in expected.items() if name != "true"}
    shorter = expected | {"true": expected["true"][:-1]}

    assert differences(without, expected)
    assert differences(shorter, expected)


def test_other_parameters_give_other_numbers(monkeypatch):
    """The kept numbers notice the model: a hundredth of a thousandth more improvement is seen."""
    from tests.golden import runs

    usual = runs.parameters
    monkeypatch.setattr(runs, "parameters", lambda: usual({"pdsa.k_item": 0.14 * 1.00001}))
    changed = {
        difference.split(":")[0] for difference in differences(numbers("collaboratives"), kept("collaboratives"))
    }

    assert {"true", "recorded", "ledger_spillover"} <= changed
