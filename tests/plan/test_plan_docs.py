"""The table in docs/plan.md is what the command above it gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from qicsim.inputs.scenario import load_scenario
from qicsim.plan.make import make_plan
from qicsim.plan.record import ALL, COLLABORATIVES

DOCS = Path(__file__).parents[2] / "docs" / "plan.md"
HEAD = "| | 2026 | 2027 | 2030 | 2035 |"
YEARS = (2026, 2027, 2030, 2035)


def table() -> dict[str, list[str]]:
    """The rows of the table by their first cell."""
    rows = {}
    for line in DOCS.read_text(encoding="utf-8").split(HEAD)[1].splitlines()[2:]:
        if not line.startswith("|"):
            break
        first, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        rows[first] = cells
    return rows


def test_the_example_in_the_documentation_is_what_the_runs_give():
    plan = make_plan(load_scenario("national-2030"), load_scenario("reported"), draws=8, replicates=2)
    held, coaches = plan.budget, plan.coaches
    at = [plan.axis.index(year) for year in YEARS]
    many, true = plan.target("recorded_80"), plan.target("true")

    def money(base: float, later: np.ndarray) -> list[str]:
        told = [f"{later[held.years.index(year)]:,.0f}" for year in YEARS[1:]]
        return ["" if np.isnan(base) else f"{base:,.0f}", *told]

    assert table() == {
        "Mean recorded NQEM score": [f"{one:.1f}" for one in plan.target("recorded").scenario.mean[0, at]],
        "Mean true quality": [f"{one:.1f}" for one in true.scenario.mean[0, at]],
        "Mean true quality, difference from the reference": [f"{one:.1f}" for one in true.difference.mean[0, at]],
        "Facilities recorded at 80 or more": [f"{100 * one:.1f} %" for one in many.scenario.mean[0, at]],
        "Runs that reach that target": [f"{100 * one:.0f} %" for one in many.reached[0, at]],
        "Share that 80 % of the runs reach": [f"{100 * one:.1f} %" for one in many.sure[0, at]],
        "Facilities that ever joined": [f"{one:,.0f}" for one in plan.target("ever").scenario.mean[0, at]],
        "Coach posts planned": [f"{one:,.0f}" for one in coaches.posts.mean[0, at]],
        "Coaches at work": [f"{one:,.0f}" for one in coaches.at_work.mean[0, at]],
        "Coaches needed for every visit": [f"{one:,.0f}" for one in coaches.needed.mean[0, at]],
        "Spending on collaboratives, US$ of 2021": money(held.baseline.mean[COLLABORATIVES],
                                                         held.own.by_part.mean[COLLABORATIVES]),
        "All spending, US$ of 2021": money(held.baseline.mean[ALL], held.own.by_year.mean),
        "More than the reference, US$ of 2021": money(np.nan, held.increment.by_year.mean)}
