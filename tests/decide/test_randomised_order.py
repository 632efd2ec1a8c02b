"""The worth of a random order of districts: at most that of knowing everything; with and without draws of no effect."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from qicsim.decide.randomised_order import randomised_order
from qicsim.ground.numbers import percent

NAMES = ("pdsa.efficacy", "pdsa.spill", "costs.collaborative")


def asked(draws=200, nothing=0.25, *, names=NAMES):
    """A choice between nothing and a plan that is worth its effect less its cost."""
    luck = np.random.default_rng(1)
    table = luck.uniform(0.5, 1.5, (draws, 3))
    table[luck.random(draws) < nothing, 0] = 0.0
    net = np.stack([np.zeros(draws), 1e6 * (table[:, 0] * (1.0 + table[:, 1]) - 1.2 * table[:, 2])])
    used = SimpleNamespace(table=table[:, [NAMES.index(name) for name in names]], parameters=names,
                           settings=SimpleNamespace(seed=1))
    return used, SimpleNamespace(net=net, worth=1000.0)


def test_it_is_worth_at_most_what_knowing_everything_is():
    found = randomised_order(*asked())

    assert 0.0 < found.whole.value <= found.whole.perfect
    assert found.whole.clear
    assert found.whole.draws == 200


def test_draws_without_any_effect_are_left_out_and_counted():
    used, held = asked()
    found = randomised_order(used, held)
    works = used.table[:, 0] > 0.0

    assert found.nothing == pytest.approx(1.0 - works.mean())
    assert found.works.draws == works.sum()
    assert found.works.perfect < found.whole.perfect
    assert f"Without the {percent(found.nothing)} of draws" in found.sentence


def test_without_such_draws_there_is_one_number():
    found = randomised_order(*asked(nothing=0.0))

    assert found.works is None
    assert "Without the" not in found.sentence


def test_too_few_draws_or_nothing_to_teach_give_none():
    assert randomised_order(*asked(draws=12)) is None
    assert randomised_order(*asked(names=("costs.collaborative",))) is None


def test_breadth_alone_can_be_taught_where_efficacy_is_fixed():
    assert randomised_order(*asked(names=("pdsa.spill", "costs.collaborative"))).works is None
