"""How fast plans are searched: plans a second on the draws of a search, the overhead of the search itself, memory."""

from __future__ import annotations

import resource
import time

import numpy as np
import pytest

from qicsim.decide.search.best import SEARCH_DRAWS
from qicsim.decide.search.evolve import Scores, evolve, first_plans
from qicsim.decide.search.levers import space_of
from qicsim.decide.search.question import Question
from qicsim.decide.search.trials import Trials
from qicsim.inputs.scenario import load_scenario
from qicsim.runs.draws import prior_draws
from qicsim.runs.shared_store import open_store

pytestmark = pytest.mark.bench

MONEY, DISTRICTS, PLANS = 500_000.0, 100, 60
SECONDS, QUICK_SECONDS = 600.0, 120.0
"""The default search with its second look, and the quick one, on two idle cores."""
RUNS, QUICK_RUNS = 1500 * 8 + 250 * 8 + 30 * 64, 300 * 8 + 50 * 8 + 30 * 32


def test_plans_a_second(table):
    reference = load_scenario("reported")
    space = space_of(reference, DISTRICTS, year=2027, money=MONEY, counts_pbf=False)
    plans = space.repaired(first_plans(space.sizes, np.empty((0, len(space.sizes)), dtype=int), 1, PLANS))
    trials = Trials(Question(money=MONEY), space, prior_draws(SEARCH_DRAWS), np.arange(SEARCH_DRAWS), 1, None,
                    open_store(False))
    trials.measured(plans[:4])

    began = time.perf_counter()
    trials.measured(plans[4:])
    seconds = (time.perf_counter() - began) / len(plans[4:])

    table.add("best: plans searched a second, 8 draws each", f"{1.0 / seconds:.1f}")
    for what, runs, aim in (("default", RUNS, SECONDS), ("quick", QUICK_RUNS, QUICK_SECONDS)):
        taken = runs * seconds / SEARCH_DRAWS
        table.add(f"best: the {what} search, at that speed", f"{taken:.0f} s", f"{aim:.0f} s")
        assert taken <= aim


def test_the_search_itself_and_its_memory(table):
    sizes = np.array([2, 8, 6, 6, 4, 7, 4, 3, 4, 5, 4, 6, 5, 2, 3, 4, 10])
    first = first_plans(sizes, np.empty((0, len(sizes)), dtype=int), 1)
    began = time.perf_counter()
    evolve(sizes, lambda places: Scores(places[:, :3].astype(float), np.zeros(len(places))), first, plans=1500, seed=1)
    table.add("best: the search of 1,500 plans without their runs", f"{time.perf_counter() - began:.2f} s")
    table.add("best: most memory of the process, with tests",
              f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB")
