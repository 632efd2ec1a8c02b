"""How long the live page waits: seconds from a request to the first picture, and to 64 draws; memory of the pasts."""

from __future__ import annotations

import contextlib
import http.client
import json
import time
from pathlib import Path

import pytest

from qicsim.inputs.scenario import load_scenario
from tests.explore.conftest import SECRET, ask, serving

pytestmark = pytest.mark.bench

DRAWS = 64
OTHER = {"preset": "coaching-intensive"}
LEVERS, ASSUMED = [{"coaches": value} for value in (2.5, 3, 4)], ["habit-never", "habit-as-before"]


def resident():
    """MB of this process."""
    (line,) = (one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmRSS"))
    return int(line.split()[1]) / 1000.0


def waited(served, asked):
    """Seconds to the first line of the answer, and to the last."""
    body = json.dumps({"tab": "bench", "ask": asked})
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=600)) as connection:
        began = time.perf_counter()
        connection.request("POST", "/run", body, {"x-qicsim-secret": SECRET})
        answer = connection.getresponse()
        answer.readline()
        first = time.perf_counter() - began
        *_, last = answer.read().splitlines() or [b"{}"]
        assert json.loads(last).get("last", True)
        return first, time.perf_counter() - began


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with serving(load_scenario("reported"), tmp_path_factory.mktemp("bench"), DRAWS) as found:
        yield found


def test_memory_of_the_pasts(served, table):
    served.run(ask(None, OTHER))
    lived = served.site.runs.lived(())
    pasts = sum(part.nbytes for past in lived.pasts for part in past) / 1e6
    table.add("explore: pasts of 64 draws", f"{pasts:.0f} MB", "150 MB")
    table.add("explore: the whole process, with tests", f"{resident():.0f} MB")

    assert pasts <= 150.0


def told(table, what, times, aims):
    first, last = (min(one) for one in zip(*times, strict=True))
    table.add(f"explore: {what}, first picture", f"{first:.2f} s", f"{aims[0]} s")
    table.add(f"explore: {what}, 64 draws", f"{last:.2f} s", f"{aims[1]} s")
    assert first <= aims[0] and last <= aims[1]


def test_a_lever(served, table):
    told(table, "a lever", [waited(served, ask({"levers": one}, OTHER)) for one in LEVERS], (0.5, 2.0))


def test_an_assumption_that_changes_the_past(served, table):
    times = [waited(served, ask(None, OTHER, assumptions={"habit": key})) for key in ASSUMED]
    told(table, "an assumption that changes the past", times, (1.5, 5.0))


def test_a_unit_cost(served, table):
    taken = min(waited(served, ask(None, OTHER, costs={"coach_visit": factor}))[1] for factor in (1.5, 2.0, 3.0))
    table.add("explore: a unit cost, no run", f"{taken:.2f} s", "0.2 s")
    assert taken <= 0.2
