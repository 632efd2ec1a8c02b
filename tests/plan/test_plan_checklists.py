"""What a plan tells the checklists of its costs."""

from __future__ import annotations

import pytest

from qicsim.report.checklist_facts import Facts
from qicsim.report.checklist_inputs import costs_of, spending


def test_costs_of_a_plan_are_those_of_the_record(plan):
    usd = {}
    for row in costs_of(plan):
        usd[row["scenario"]] = usd.get(row["scenario"], 0.0) + row["mean"]

    assert usd[plan.scenario.name] == pytest.approx(plan.budget.own.mean.sum())
    assert usd[plan.reference.name] == pytest.approx(plan.budget.reference.mean.sum())


def test_costs_are_told_with_the_increment_over_the_reference(plan):
    told = spending(Facts((), plan.reference.name, costs=costs_of(plan)))
    more = plan.budget.own.mean.sum() - plan.budget.reference.mean.sum()

    assert f"{plan.reference.name} US$ " in told
    assert f"against the reference +{more / 1e6:.1f} million" in told
    assert spending(Facts((), "another", costs=costs_of(plan))) == ""
