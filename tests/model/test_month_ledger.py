"""The ledger adds up: for every facility, in every month, whatever is changed on the way."""

from itertools import pairwise

import numpy as np
import pytest

from qicsim.model.ledger import INITIAL, LEDGER
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


def test_a_facility_that_opens_late_enters_with_its_own_quality():
    rows = [busy_country().world.register.id.index(name) for name in LATE]

    *_, (_, state) = busy_country().months()

    assert np.all(state.facility["ledger"][rows, INITIAL] > 0.0)


def test_a_change_of_what_is_scored_moves_the_record_and_not_the_truth_of_a_world_at_rest():
    still = parameters({"luck.sigma": 0.0, "drift.trend0": 0.0, "pbf.res": 0.0, "pbf.att": 0.0, "pbf.inc": 0.0,
                        "peers.lambda_net": 0.0, "assessment.noise": 0.0})
    country = small_country().but(recruiting=0, weights=np.repeat([0, 1, 0], 12), pbf=0)
    months = [(state.facility["true_score"].copy(), state.facility["score"].copy())
              for _, state in country.months(still)]
    there = country.setting.facility["opened"] == 0

    for true, _ in months:
        np.testing.assert_array_equal(true[there], months[0][0][there])
    assert np.all(months[14][1][there] != months[11][1][there])
    np.testing.assert_allclose(months[26][1][there], months[11][1][there], **EXACT)
