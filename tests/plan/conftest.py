"""A plan of the small country, made once: names and titles that a spreadsheet would take for formulas are in it."""

from __future__ import annotations

import pytest

from qicsim.inputs.scenario import load_scenario
from qicsim.plan.make import make_plan
from qicsim.runs.draws import prior_draws
from tests.worlds import SCENARIO, register_text

NASTY = {"OD-BA1": "=HYPERLINK(A1)", "OD-BA2": "+cmd", "OD-KC1": "@x", "OD-PU2": "-1+1"}
TITLE = '=HYPERLINK("http://elsewhere.example";"<b>&click</b>") គុណភាព'
LONGER = SCENARIO.replace('end = "2020-12"', 'end = "2029-12"') + """
[[change]]
from = "2026-01"
reenrol = true
[[change]]
from = "2027-01"
coaches = 3
donor_share = 0.4
"""


@pytest.fixture(scope="session")
def scenarios(tmp_path_factory):
    """A plan with a strange title, and a reference in which nothing is launched and nobody coached."""
    place = tmp_path_factory.mktemp("plan")
    register = register_text()
    for name, strange in NASTY.items():
        register = register.replace(f",{name},", f",{strange},")
    (place / "register.csv").write_text(register)
    (place / "strange.toml").write_text(LONGER.replace('"A small country"', f"'{TITLE}'"))
    (place / "nothing.toml").write_text(LONGER.replace("recruiting = true", "recruiting = false"))
    return load_scenario(place / "strange.toml"), load_scenario(place / "nothing.toml")


@pytest.fixture(scope="session")
def draws():
    """Six draws from the priors."""
    return prior_draws(6, 1)


@pytest.fixture(scope="session")
def plan(scenarios, draws):
    """The plan of the strange scenario."""
    return make_plan(*scenarios, draws=draws, replicates=2)
