"""Branches: scenarios that share a past live it once, and end as if each had lived it alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qicsim.model.levers import ORDER_LISTED
from qicsim.model.simulate import noise_key
from qicsim.runs.blocks import Recorder, scores_from, standard
from qicsim.runs.branches import Buffers, branches_of, months_of
from tests.worlds import busy_country, copied, differing, parameters

CHANGES = {"coaches": (1.0, 3.0), "visits": (0.0, 0.5, 2.0), "districts": (2.0, 7.0), "pbf": (0.0, 1.0),
           "maintenance": (0.0, 1.0), "sessions": (0, 1, 3), "support": (0, 1), "recruiting": (0, 1),
           "budget": (80_000.0, 1e12), "rounds": (0, 1)}
MONTHS = (0, 1, 4, 7, 12, 13, 20, 35)
KEY = noise_key(3, 1, 2)


def tables(dice, country):
    """Lever tables of some scenarios: each the country's own with up to three changes, some like another's."""
    several = []
    for _ in range(dice.integers(2, 7)):
        table = (several[-1] if several and dice.random() < 0.5 else country.levers).copy()
        for name in dice.choice(list(CHANGES), dice.integers(0, 4), replace=False):
            table[name][dice.choice(MONTHS):] = dice.choice(CHANGES[name])
        several.append(table)
    return several


def buffers_of(country):
    areas = country.world.areas.keys
    recorder = Recorder(country.setting, country.scenario.start, areas, (*standard(areas), *scores_from(3)))
    return recorder, Buffers.of(country.setting, recorder.recording, recorder.asked, quarters=recorder.quarters)


@pytest.mark.parametrize("seed", range(20))
def test_branched_and_unbranched_runs_end_in_the_same_state_and_were_read_alike(seed):
    country, dice = busy_country(), np.random.default_rng(seed)
    several, fixed = tables(dice, country), (country.structure, parameters(), KEY)
    recorder, buffers = buffers_of(country)
    ends = {}

    def finish(scenarios, reading):
        for number in scenarios:
            ends[number] = copied(buffers.state), recorder.copies(reading)

    buffers.run_all(branches_of(several), several, fixed, finish)
    assert sorted(ends) == list(range(len(several)))
    for number, levers in enumerate(several):
        reading = recorder.copies(buffers.run(levers, fixed))
        state, read = ends[number]

        assert differing(state, buffers.state) == []
        for block, one, other in zip(recorder.blocks, read, reading, strict=True):
            assert one.tobytes() == other.tobytes(), block


def test_scenarios_with_orders_of_their_own_share_the_months_before_they_go_by_them():
    country, fixed = busy_country(), (busy_country().structure, parameters(), KEY)
    listed, levers = country.levers.copy(), country.levers
    listed["order"][20:] = ORDER_LISTED
    settings = [country.world.in_order(replace(country.scenario, districts=names)).setting
                for names in ((), ("OD-PU2",), ("OD-PU1", "OD-BA3"), ("OD-PU2",))]
    several, ends = [levers, listed, listed, listed], {}
    _, buffers = buffers_of(country)
    tree = branches_of(several, settings)

    buffers.run_all(tree, several, fixed, lambda some, _: ends.update(dict.fromkeys(some, copied(buffers.state))),
                    settings=settings)

    assert [branch.scenarios for branch in tree.following] == [(0,), (1, 3), (2,)]
    assert tree.last == 20
    for number, (table, setting) in enumerate(zip(several, settings, strict=True)):
        buffers.live(table, fixed, 0, 36, setting)
        assert differing(ends[number], buffers.state) == []


def test_the_months_that_scenarios_share_are_lived_once():
    levers = busy_country().levers
    late, later, early = levers.copy(), levers.copy(), levers.copy()
    late["coaches"][30:], later["coaches"][30:], early["coaches"][0:] = 1.0, 1.0, 1.0
    later["visits"][33:] = 9.0
    tree = branches_of([levers, late, later, early, levers])

    assert months_of(tree) == 36 + 30 + 6 + 3 + 3 + 3
    assert tree.last == 0, "the first month differs already"
    assert {len(branch.scenarios) for branch in tree.following} == {1, 4}


def test_scenarios_that_never_differ_are_one_run():
    levers = busy_country().levers

    assert branches_of([levers, levers.copy()]) == (0, 36, (0, 1), ())
