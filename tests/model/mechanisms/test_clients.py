"""What clients experience, trust and use."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qicsim.model.mechanisms.clients import Clients, satisfaction_of, trust_after, use_of_services
from tests.helpers import PROPERTY, anywhere, plain, points, shares


def test_ten_points_of_quality_move_satisfaction_by_one_percent():
    """Perceived quality (70 + 50) / 2 = 60: 86 + 0.1 x 10 = 87 %. A ninth of the way from 86 is 86.11."""
    satisfaction = satisfaction_of(70.0, 50.0, Clients())

    assert satisfaction == pytest.approx(87.0)
    assert trust_after(86.0, satisfaction, Clients()) == pytest.approx(86.0 + 1.0 / 9.0)


def test_use_follows_trust_with_its_elasticity_and_falls_in_a_shock():
    """Trust a tenth higher: 1.1^0.3 = 1.02901; at half the full shock 1 - 0.15 x 0.5 = 0.925 of it."""
    assert use_of_services(94.6, 86.0, 0.5, Clients()) == pytest.approx(1.1**0.3 * 0.925)


def test_satisfaction_is_a_percentage():
    assert satisfaction_of(100.0, 100.0, Clients(sat0=96.0, sat_slope=0.5)) == 100.0
    assert satisfaction_of(0.0, 0.0, Clients(sat0=70.0, sat_slope=2.0)) == 0.0


def test_where_clients_do_not_respond_nothing_moves():
    deaf = Clients(sat_slope=0.0, util_el=0.0, use_shock=0.0)

    assert satisfaction_of(5.0, 95.0, deaf) == deaf.sat0
    assert use_of_services(70.0, 86.0, 1.0, deaf) == 1.0
    assert use_of_services(86.0, 86.0, 0.0, Clients()) == 1.0
    assert trust_after(86.0, 86.0, Clients()) == 86.0


@given(client=points, composite=points, trust=st.floats(1.0, 100.0), start=st.floats(45.0, 100.0), shock=shares,
       clients=anywhere(Clients))
@PROPERTY
def test_satisfaction_and_trust_are_percentages_and_use_is_positive(client, composite, trust, start, shock, clients):
    satisfaction = plain(satisfaction_of)(client, composite, clients)
    later = plain(trust_after)(trust, satisfaction, clients)

    assert 0.0 <= satisfaction <= 100.0
    assert min(trust, satisfaction) - 1e-9 <= later <= max(trust, satisfaction) + 1e-9
    assert 0.0 < plain(use_of_services)(later, start, shock, clients) < 10.0


@given(client=points, worse=points, composite=points, clients=anywhere(Clients))
@PROPERTY
def test_better_quality_never_satisfies_less(client, worse, composite, clients):
    assume(worse <= client)

    assert (plain(satisfaction_of)(worse, composite, clients) <= plain(satisfaction_of)(client, composite, clients))
