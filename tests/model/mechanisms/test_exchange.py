"""Exchange visits."""

import pytest
from hypothesis import given

from qicsim.model.mechanisms.exchange import ADOPTION_MONTHS, Exchange, exchange_gain
from tests.helpers import PROPERTY, anywhere, plain, points


def test_a_visit_closes_a_tenth_of_the_gap_over_two_months():
    """A host 20 points ahead: 0.1 x 20 = 2 points, one in each of the two months after the visit."""
    assert exchange_gain(20.0, Exchange()) == pytest.approx(1.0)
    assert ADOPTION_MONTHS == 2


def test_nothing_is_brought_home_from_a_host_that_is_not_ahead_or_when_switched_off():
    assert exchange_gain(0.0, Exchange()) == 0.0
    assert exchange_gain(20.0, Exchange(lambda_ex=0.0)) == 0.0


@given(reach=points, exchange=anywhere(Exchange))
@PROPERTY
def test_a_visit_never_takes_the_visitor_past_the_host(reach, exchange):
    gained = ADOPTION_MONTHS * plain(exchange_gain)(reach, exchange)

    assert 0.0 <= gained <= reach
