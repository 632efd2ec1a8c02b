"""The ledger adds up: for every facility, in every month, whatever is changed on the way."""

from itertools import pairwise

import numpy as np
import pytest

from qicsim.model.ledger import INITIAL, LEDGER, WEIGHTS
from qicsim.model.simulate import noise_key
from tests.worlds import busy_country, copied, parameters, small_country

EXACT = {"rtol": 0.0, "atol": 1e-9}
LATE = ("OD-BA1-H2", "OD-KC1-H5", "OD-PU1-R1")


@pytest.mark.parametrize("country", [small_country, busy_country])
@pytest.mark.parametrize("key", [noise_key(1, 0, 0), noise_key(3, 1, 4)])
def test_the_lines_of_every_facility_add_up_to_its_true_score_in_every_month(country, key):
    for _, state in country().months(key=key):
        np.testing.assert_allclose(state.facility["ledger"].sum(axis=1), state.facility["true_score"], **EXACT)


def test_the_national_change_of_a_month_is_the_sum_of_the_lines_changes():
    states = [copied(state) for _, state in busy_country().months()]

    for before, after in pairwise(states):
        change = after.facility["true_score"].mean() - before.facility["true_score"].mean()
        lines = after.facility["ledger"].mean(axis=0) - before.facility["ledger"].mean(axis=0)
        np.testing.assert_allclose(lines.sum(), change, **EXACT)


def test_every_line_is_used():
    *_, (_, state) = busy_country().but(budget=1e12).months(parameters({"peers.lambda_net": 0.05}))

    unused = [name for name, total in zip(LEDGER, np.abs(state.facility["ledger"]).sum(axis=0), strict=True)
              if total == 0.0]
    assert unused == []


def test_a_change_of_weights_is_booked_once_and_only_as_that():
    booked = [state.facility["ledger"][:, WEIGHTS].copy() for _, state in busy_country().months()]
    entered = [busy_country().world.register.id.index(name) for name in LATE]
    there = np.setdiff1d(np.arange(len(booked[0])), entered)

    assert np.all(booked[11] == 0.0)
    assert np.all(booked[12][there] != 0.0)
    assert np.array_equal(booked[12], booked[-1])


def test_a_facility_that_opens_late_enters_with_the_weights_of_that_month():
    """One opened before the weights changed, one in the very month, one after: only the first ever books a change."""
    rows = [busy_country().world.register.id.index(name) for name in LATE]

    *_, (_, state) = busy_country().months()

    assert (state.facility["ledger"][rows, WEIGHTS] != 0.0).tolist() == [True, False, False]
    assert np.all(state.facility["ledger"][rows, INITIAL] > 0.0)


def test_weights_that_return_cancel_in_the_ledger_of_a_world_at_rest():
    still = parameters({"luck.sigma": 0.0, "drift.trend0": 0.0, "pbf.res": 0.0, "pbf.att": 0.0, "pbf.inc": 0.0,
                        "peers.lambda_net": 0.0})
    country = small_country().but(recruiting=0, weights=np.repeat([0, 1, 0], 12))

    for _, state in country.months(still):
        np.testing.assert_allclose(state.facility["ledger"].sum(axis=1), state.facility["true_score"], **EXACT)
    there = country.setting.facility["opened"] == 0
    np.testing.assert_allclose(state.facility["ledger"][there, WEIGHTS], 0.0, atol=1e-9)
