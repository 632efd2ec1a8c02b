"""Every column keeps its declared range, whatever the parameters and the levers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qicsim.ground.declare import declared, from_cube, parameter_sets
from qicsim.model.columns import Structure
from qicsim.model.levers import NO_CEILING, Levers, is_whole
from qicsim.model.parameters import Parameters
from qicsim.model.simulate import noise_key
from qicsim.model.state import TABLES
from tests.worlds import busy_country, copied, small_country

LEAVES = declared(Parameters)
LEVERS = {name: leaf.declaration for name, leaf in declared(Levers).items()}
ROUNDING = 1e-9
MONTHS = 36

ends_or_inside = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0.0, 1.0))


def outside(states):
    """Every column that ever holds a value outside its range or one that is not finite, with what it holds."""
    faults = []
    for name, record in TABLES.items():
        for column, leaf in declared(record).items():
            values, declared_as = np.stack([getattr(state, name)[column] for state in states]), leaf.declaration
            low, high = values.min(), values.max()
            kept = declared_as.low - ROUNDING <= low <= high <= declared_as.high + ROUNDING
            if not (kept and np.isfinite(values).all()):
                faults.append(f"{name}.{column}: {low} to {high}, declared {declared_as.low} to {declared_as.high}")
    return faults


@st.composite
def sets(draw):
    """A parameter set: from the priors, or at the ends of the declared ranges."""
    cube = np.array(draw(st.lists(ends_or_inside, min_size=len(LEAVES), max_size=len(LEAVES))))
    if draw(st.booleans()):
        return parameter_sets(Parameters, from_cube(Parameters, np.clip(cube, 1e-9, 1.0 - 1e-9)[None]))[0]
    low, high = (np.array([getattr(leaf.declaration, end) for leaf in LEAVES.values()]) for end in ("low", "high"))
    return parameter_sets(Parameters, (low + cube * (high - low))[None])[0]


def lever_values(name, lever):
    """Values that a lever may take; amounts that may be huge are small too."""
    low, high = (0, len(lever.choices) - 1) if lever.choices else (lever.low, lever.high)
    if is_whole(name):
        return st.integers(int(low), int(high))
    extremes = st.sampled_from([low, high, *([1e5] if high == NO_CEILING else [])])
    return st.one_of(extremes, st.floats(low, min(high, 1e6)))


@st.composite
def plans(draw):
    """A value for each lever, and another one from a month on."""
    since = draw(st.integers(1, MONTHS - 1))
    return {name: np.where(np.arange(MONTHS) < since, draw(lever_values(name, lever)), draw(lever_values(name, lever)))
            for name, lever in LEVERS.items()}


def structures():
    """A form of each structure by its name."""
    return st.fixed_dictionaries({name: st.integers(0, len(leaf.declaration.choices) - 1)
                                  for name, leaf in declared(Structure).items()})


any_run = given(given=sets(), plan=plans(), forms=structures(), replicate=st.integers(0, 4095))


@settings(max_examples=40)
@any_run
def test_every_column_keeps_its_declared_range(given, plan, forms, replicate):
    assert_ranges(given, plan, forms, replicate)


@pytest.mark.slow
@settings(max_examples=200)
@any_run
def test_every_column_keeps_its_declared_range_in_many_runs(given, plan, forms, replicate):
    assert_ranges(given, plan, forms, replicate)


def assert_ranges(given, plan, forms, replicate):
    country = small_country().but(**plan).shaped(**forms)

    states = [copied(state) for _, state in country.months(given, key=noise_key(1, 0, replicate))]

    assert outside(states) == []


@settings(max_examples=40)
@given(given=sets(), plan=plans(), replicate=st.integers(0, 4095))
def test_the_ledger_adds_up_and_fragile_gains_are_never_more_than_quality(given, plan, replicate):
    state = small_country().but(**plan).run(given, key=noise_key(1, 0, replicate))

    np.testing.assert_allclose(state.facility["ledger"].sum(axis=1), state.facility["true_score"], rtol=0, atol=1e-9)
    assert np.all(state.facility["fragile"] <= state.facility["quality"] + ROUNDING)
    assert np.all(state.facility["fragile"] >= -ROUNDING)


def test_what_is_read_is_finite():
    reading = busy_country().read()

    for part in (reading.nation, reading.programme, reading.places, reading.cost):
        assert part.size
        assert np.isfinite(part).all()


@pytest.mark.parametrize(("table", "column", "value"), [
    ("facility", "true_score", 100.5), ("facility", "motivation", -3.1), ("district", "coaches", float("nan")),
    ("facility", "status", 4), ("programme", "affordable", 1.5)])
def test_a_column_that_leaves_its_range_is_noticed(table, column, value):
    state = small_country().first(12).run()
    getattr(state, table)[column][0] = value

    assert [fault.split(":")[0] for fault in outside([state])] == [f"{table}.{column}"]
