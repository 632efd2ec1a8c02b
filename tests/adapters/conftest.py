"""A small plan as a scenario file."""

from __future__ import annotations

import pytest

from qicsim.inputs.scenario import load_scenario
from tests.worlds import SCENARIO, register_text


@pytest.fixture(scope="session")
def plan(tmp_path_factory):
    place = tmp_path_factory.mktemp("plan")
    (place / "register.csv").write_text(register_text())
    (place / "plan.toml").write_text(SCENARIO)
    return load_scenario(place / "plan.toml")
