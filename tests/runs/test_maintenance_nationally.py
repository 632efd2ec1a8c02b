"""Visits to graduated teams in the national plan: no cliff, and a trace of them changes next to nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import qicsim
from qicsim.runs.draws import prior_draws
from qicsim.runs.ensemble import run_ensemble
from qicsim.runs.readout import values

VISITS = (0.0, 0.01, 0.05, 0.10, 0.15, 0.20, 0.25, 0.30)
END = "2035-12"
DRAWS = 4


@pytest.fixture(scope="module")
def at_end():
    """Mean true and recorded score at the end by visits a month, (visits, draws) each; collaboratives work."""
    plan = qicsim.load_scenario("national-2030", horizon_end=END)
    plan = replace(plan, parameters={"pdsa.efficacy": 1.0})
    scenarios = [replace(qicsim.change(plan, from_="2027-01", maintenance=visits), name=f"visits-{place}")
                 for place, visits in enumerate(VISITS)]
    runs = run_ensemble(scenarios, prior_draws(DRAWS), store=False)
    return {name: np.array([values(runs, one.name, name)[:, -1] for one in scenarios]) for name in ("true", "recorded")}


def test_a_visit_in_eight_years_moves_neither_quality_nor_the_record(at_end):
    for found in at_end.values():
        assert np.abs(found[1] - found[0]).max() < 0.2


def test_quality_grows_smoothly_with_visits(at_end):
    """No step of a twentieth of a visit brings twice as much as the one before it, nor 0.1 points more."""
    steps = np.diff(np.delete(at_end["true"].mean(axis=1), 1))

    assert np.all(steps > 0.0)
    assert np.all(steps[1:] < 2.0 * steps[:-1])
    assert np.abs(np.diff(steps)).max() < 0.1
