"""Countries of any size: the embedded one several times over, each copy in districts of its own."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from qicsim.inputs.scenario import load_scenario
from qicsim.inputs.world.register import Register, read_register, register_of, write_register
from qicsim.model.simulate import noise_key, simulate
from tests.bench.conftest import buffers
from tests.helpers import EMBEDDED
from tests.worlds import Country, country_of, parameters

SCENARIO = """\
title = "A large country"
description = "The plan for 2030 in many districts, for two years."
extends = "national-2030"
horizon = {start = "2018-01", end = "2019-12"}
data = {register = "register.csv"}
"""


def register_times(copies: int) -> Register:
    """The embedded register, `copies` times over."""
    rows = read_register(EMBEDDED["register"]).facilities
    return register_of(row._replace(id=f"{row.id}-{copy}", dhis2_uid="",
                                    operational_district=f"{row.operational_district}-{copy}")
                       for copy in range(copies) for row in rows)


def country_times(copies: int) -> Country:
    """The country of that register for two years, as written and read."""
    with TemporaryDirectory() as folder:
        write_register(register_times(copies), Path(folder) / "register.csv")
        (Path(folder) / "large.toml").write_text(SCENARIO)
        return country_of(load_scenario(Path(folder) / "large.toml"))


def lived(country: Country) -> tuple[float, np.ndarray]:
    """CPU seconds of the faster of two runs, and the true scores at the end."""
    state, *others = buffers(country)
    seconds = []
    for _ in range(2):
        began = time.thread_time()
        simulate(country.setting, country.levers, country.structure, parameters(), noise_key(1, 0, 0), state, *others,
                 0, country.setting.month.size)
        seconds.append(time.thread_time() - began)
    return min(seconds), state.facility["true_score"]


def measure(copies: int) -> dict[str, float]:
    """What a country of a size takes in this process: CPU seconds to build and to run, peak memory in bytes."""
    began = time.process_time()
    country = country_times(copies)
    built = time.process_time() - began
    seconds, _ = lived(country)
    return {"facilities": country.setting.facility.size, "build": built, "run": seconds,
            "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "degree": country.setting.peer.size / country.setting.facility.size}


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
