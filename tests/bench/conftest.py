"""The worlds that benches run, and the table that they fill."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator

import numpy as np
import pytest

from qicsim.inputs.scenario import Scenario, load_scenario
from qicsim.model.luck import Luck, allocate_luck
from qicsim.model.simulate import Reading, Recording, allocate_reading
from qicsim.model.state import State, allocate_state
from qicsim.runs.blocks import Recorder, standard
from tests.bench.table import Table
from tests.worlds import HEADER, Country, country_of

TINY_REGISTER = HEADER + "".join(f"F{n},F{n},health_centre,Pursat,OD-PU1,9000,\n" for n in range(3))
TINY_SCENARIO = """\
title = "Three facilities"
description = "A year: next to nothing to compute."
horizon = {start = "2018-01", end = "2018-12"}
data = {register = "register.csv"}
"""


@pytest.fixture(scope="session")
def table() -> Iterator[Table]:
    """Printed when the last bench is done."""
    lines = Table()
    yield lines
    print(f"\n\n{os.cpu_count()} cores, {platform.processor() or platform.machine()}, "
          f"Python {platform.python_version()}\n{lines}")


@pytest.fixture(scope="session")
def nation() -> Country:
    """All facilities from 2018 to 2035 under a plan that has every mechanism at work."""
    return country_of(load_scenario("best-package"))


@pytest.fixture(scope="session")
def facility_months(nation) -> int:
    """How many months facilities live in a run of the nation."""
    site = nation.setting.facility
    return int((nation.setting.month.size - np.maximum(site["opened"], 0)).sum())


@pytest.fixture
def three_facilities(tmp_path) -> Scenario:
    """A scenario with next to nothing to compute."""
    (tmp_path / "register.csv").write_text(TINY_REGISTER)
    (tmp_path / "tiny.toml").write_text(TINY_SCENARIO)
    return load_scenario(tmp_path / "tiny.toml")


def buffers(country: Country) -> tuple[State, Luck, Recording, Reading]:
    """What a run writes to, recorded as the ensemble records."""
    recorder = Recorder(country.setting, country.scenario.start, country.world.areas.keys,
                        standard(country.world.areas.keys))
    reading = allocate_reading(country.setting, recorder.recording, recorder.asked)
    return allocate_state(country.setting), allocate_luck(country.setting, kept=False), recorder.recording, reading
