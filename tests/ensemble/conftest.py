"""A small country as a file, so that scenarios of it can be loaded under different names."""

from __future__ import annotations

import pytest

from qicsim.scenario import load_scenario
from tests.worlds import SCENARIO, register_text


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("small")
    (place / "register.csv").write_text(register_text())
    (place / "with-teams.toml").write_text(SCENARIO)
    (place / "without-teams.toml").write_text(SCENARIO.replace("recruiting = true", "recruiting = false"))
    return place


@pytest.fixture(scope="session")
def scenarios(folder):
    return [load_scenario(folder / "without-teams.toml"), load_scenario(folder / "with-teams.toml")]
